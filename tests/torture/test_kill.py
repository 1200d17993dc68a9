"""`kill -9` at any moment: committed replies are never bought again, and replies in flight at most once more."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from dragoman.store.owner import Owner
from tests.support.commands import articles, dragoman, here, records, stored, to
from tests.support.service import Answer, Behaviour, Service, answer
from tests.support.service.mechanical import slipped, user_text

from .amount import ALL, only_all, seeds, spread
from .odd import traced, wait_for, with_prelude

MANY = 16
CONCURRENCY = 5
LATENCY = 0.08
SLIPS = range(0, MANY, 4)
"""Articles whose first answer needs a repair."""
NEEDED = MANY + len(SLIPS)
"""Requests of an undisturbed run."""


def slip(_: int, body: dict[str, Any]) -> Behaviour | None:
    """Answer one article in four with a quote that is not in it."""
    request_text = user_text(body)
    if '{"item": ' not in request_text and any(f"bài số {number}\n" in request_text for number in SLIPS):
        return Answer(slipped(answer(body)))
    return None


def rows(store: Path) -> int:
    """Return the number of replies committed to a store; 0 when the process died before it created one."""
    return int(stored(store)["exchanges"]) if store.exists() else 0


def command_for(folder: Path, out: Path, service: Service, store: Path) -> tuple[object, ...]:
    return ("run", folder, "-o", out, *to(service, store), "--concurrency", CONCURRENCY)


def leases_of(seconds: float) -> str:
    """Return a prelude: leases of this process last this long after its last heartbeat."""
    return (
        "import dataclasses\nfrom dragoman import leases\nreal = leases.Owner.of_this_process\n"
        f"leases.Owner.of_this_process = classmethod(lambda _: dataclasses.replace(real(), lease_seconds={seconds}))\n"
    )


WAITED_FOR = leases_of(3600)
"""A run that waited for a lease of such a process would not end within any test."""


@pytest.mark.parametrize("seed", seeds(50, few=3))
def test_a_run_that_is_killed_anywhere_loses_at_most_what_was_in_flight(
    seed: int, tmp_path: Path, store_path: Path
) -> None:
    """The difference between answered and stored is at most what was in flight. The next run sends no more than that,
    at once.
    """
    chance = random.Random(seed)
    folder, out = articles(tmp_path / "in", MANY), tmp_path / "out"
    with Service(script=slip, latency=LATENCY) as service:
        command = command_for(folder, out, service, store_path)
        process = with_prelude(WAITED_FOR, *command, home=tmp_path)
        after = chance.randint(0, NEEDED)
        wait_for(lambda: len(service.ledger) >= after or process.poll() is not None)
        # Long intervals come before the first request and after the last one.
        time.sleep(chance.random() * (1.2 if after in (0, NEEDED) else 2 * LATENCY))
        process.kill()
        process.communicate()
        time.sleep(0.05)  # requests that it had sent must arrive

        answered, kept = service.paid, rows(store_path)
        assert 0 <= answered - kept <= CONCURRENCY
        sent = len(service.ledger)
        done = dragoman(*command, home=tmp_path)  # this fails after a minute
        assert done.code == 0, done.stderr
        assert len(service.ledger) - sent == NEEDED - kept
        assert service.paid == NEEDED + answered - kept
        assert max(service.generated.values()) <= 2
        assert rows(store_path) == NEEDED
        assert [record["status"] for record in records(out)] == ["ok"] * MANY
        assert here("store", "verify", "--store", store_path).code == 0
        assert here(*command).code == 0
        assert service.paid == NEEDED + answered - kept


OWNER = """
import sys
from dragoman.store.owner import Owner
print(Owner.of_this_process(), flush=True)
sys.stdin.read()
"""


def test_a_zombie_process_counts_as_dead() -> None:
    """Its parent has not yet asked for its exit code. Such a process holds no lease."""
    command = [sys.executable, "-c", OWNER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        owner = Owner.parse(process.stdout.readline().strip())
        assert owner.may_live()
        os.kill(process.pid, signal.SIGKILL)  # not `process.kill`, which would check whether it has ended
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not owner.may_live()


def traced_run(service: Service, tmp_path: Path, inject: str, label: str) -> tuple[subprocess.Popen[bytes], Path]:
    """Start a small run whose writes are traced; returns it with its store."""
    store = tmp_path / f"{label}.sqlite"
    command = command_for(tmp_path / "in", tmp_path / label, service, store)
    return with_prelude("", *command, home=tmp_path, before=traced("-e", inject)), store


def writes_of(service: Service, tmp_path: Path) -> int:
    """Return how many times a run writes to its store."""
    log = tmp_path / "trace"
    store = tmp_path / "counted.sqlite"
    before = traced("-e", "trace=pwrite64", log=log)
    process = with_prelude(
        "", *command_for(tmp_path / "in", tmp_path / "counted", service, store), home=tmp_path, before=before
    )
    _, output = process.communicate(timeout=120)
    assert process.returncode == 0, output
    return log.read_bytes().count(b"pwrite64(")


def test_a_run_that_is_killed_at_a_write_leaves_a_sound_store(tmp_path: Path) -> None:
    """After a kill at any write to the store (in the sample, at one) the store opens, has the committed replies, and
    works.
    """
    articles(tmp_path / "in", 4)
    with Service() as counted:
        numbers = spread(writes_of(counted, tmp_path), most=40, few=1) if ALL else [20]
    for number in numbers:
        label = f"write{number}"
        with Service() as service:
            process, store = traced_run(service, tmp_path, f"inject=pwrite64:signal=KILL:when={number}", label)
            process.communicate(timeout=120)
            kept, answered = rows(store), service.paid
            assert 0 <= answered - kept <= CONCURRENCY, number
            done = here(*command_for(tmp_path / "in", tmp_path / label, service, store))
            assert done.code == 0, (number, done.stderr)
            assert service.paid == 4 + answered - kept, number
            assert here("store", "verify", "--store", store).code == 0, number


@only_all
def test_replies_of_a_suspended_process_are_stored_late_and_delay_no_other_run(
    tmp_path: Path, store_path: Path
) -> None:
    """A process is suspended (SIGSTOP) for longer than its lease, and another run takes over. When the first continues,
    both end with all records.
    """
    folder = articles(tmp_path / "in", 4)
    with Service(latency=0.3) as service:

        def run(name: str) -> subprocess.Popen[bytes]:
            command = ("run", folder, "-o", tmp_path / name, *to(service, store_path), "--concurrency", 2)
            return with_prelude(leases_of(0.6), *command, home=tmp_path)

        first = run("one")
        wait_for(lambda: len(service.ledger) >= 2)
        first.send_signal(signal.SIGSTOP)
        try:
            second = run("two")
            assert second.wait(timeout=60) == 0
            second.communicate()
        finally:
            first.send_signal(signal.SIGCONT)
        first.communicate(timeout=60)
        assert first.returncode == 0
        assert service.paid <= 4 + 2
    assert (tmp_path / "one/records.jsonl").exists()
    assert [record["status"] for record in records(tmp_path / "one")] == ["ok"] * 4
    assert [record["status"] for record in records(tmp_path / "two")] == ["ok"] * 4
