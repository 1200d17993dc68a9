"""Signals, and streams that are closed: what was paid for is stored, the exit code says what happened."""

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

from tests.support.commands import REPLAY, SAMPLES, articles, ended, environment, files, here, records, stored, to
from tests.support.service import Behaviour, Hang, Service

from .amount import ALL, only_all, seeds, some
from .odd import wait_for, with_prelude

MANY = 10
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


def begun(tmp_path: Path, service: Service, store: Path, **more: Any) -> subprocess.Popen[bytes]:
    """A run of three at once, in a process of its own."""
    command = ("run", tmp_path / "in", "-o", tmp_path / "out", *to(service, store), "--concurrency", "3")
    return with_prelude("", *command, home=tmp_path, **more)


def goes_on(tmp_path: Path, service: Service, store: Path, twice: int) -> None:
    """The same command again ends well, and no more than ``twice`` articles have been paid twice."""
    done = here("run", tmp_path / "in", "-o", tmp_path / "out", *to(service, store))
    assert done.code == 0, done.stderr
    assert service.paid <= MANY + twice
    assert [record["status"] for record in records(tmp_path / "out")] == ["ok"] * MANY
    assert here("store", "verify", "--store", store).code == 0


@pytest.mark.parametrize("number", some([signal.SIGHUP, signal.SIGINT, signal.SIGTERM], few=1))
@pytest.mark.parametrize("seed", seeds(8, few=1))
def test_a_signal_at_any_moment_of_asking_lets_what_is_in_flight_arrive(
    seed: int, number: signal.Signals, tmp_path: Path, store_path: Path
) -> None:
    """All that was answered is stored, nothing further is sent, every file is whole, the code is 128 + signal."""
    chance = random.Random(seed)
    articles(tmp_path / "in", MANY)
    with Service(latency=0.25) as service:
        process = begun(tmp_path, service, store_path)
        after = chance.randint(1, MANY - 4)
        wait_for(lambda: len(service.ledger) >= after)
        time.sleep(chance.random() * 0.2)
        before = len(service.ledger)
        process.send_signal(number)
        done = ended(process)
        assert done.code == CODES[number], done.stderr
        assert "Traceback" not in done.stderr
        assert "stopping: finishing" in done.stderr
        # A worker may have been on its way to send when the signal came.
        assert len(service.ledger) <= before + 3
        assert stored(store_path)["exchanges"] == service.paid
        assert len(records(tmp_path / "out")) == MANY
        assert not [name for name in files(tmp_path / "out") if name.endswith(".part")]
        goes_on(tmp_path, service, store_path, twice=0)


@only_all
def test_a_run_under_nohup_does_not_end_with_its_terminal(tmp_path: Path, store_path: Path) -> None:
    """SIGHUP that was ignored when the run began stays ignored."""
    articles(tmp_path / "in", MANY)
    with Service(latency=0.15) as service:
        process = begun(tmp_path, service, store_path, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        wait_for(lambda: len(service.ledger) >= 2)
        process.send_signal(signal.SIGHUP)
        assert ended(process).code == 0
        assert service.paid == MANY


@pytest.mark.parametrize("seed", seeds(20, few=1))
@only_all
def test_the_second_ctrl_c_abandons_at_most_what_was_in_flight(seed: int, tmp_path: Path, store_path: Path) -> None:
    """It does not wait for answers, says how many are abandoned, and the next run goes on at once."""
    chance = random.Random(seed)
    articles(tmp_path / "in", MANY)
    slow = {"on": True}

    def script(number: int, _: dict[str, Any]) -> Behaviour | None:
        return Hang(60) if slow["on"] and number > 3 else None

    with Service(script=script, latency=0.1) as service:
        process = begun(tmp_path, service, store_path)
        wait_for(lambda: len(service.ledger) >= 6)
        first = chance.choice([signal.SIGINT, signal.SIGTERM])
        process.send_signal(first)
        time.sleep(chance.random() * 0.3)
        if process.poll() is None:
            process.send_signal(first)
        done = ended(process)
        assert done.code == CODES[first]
        assert "Traceback" not in done.stderr
        assert service.paid - stored(store_path)["exchanges"] <= 3
        slow["on"] = False
        goes_on(tmp_path, service, store_path, twice=3)


# Streams that are closed. Closed by a reader (a pipe), or closed from the start (`2>&-`).


@pytest.mark.parametrize(
    "command",
    some(
        [
            ("prompts", "show", "summary/v1"),
            ("schema",),
            ("summarize", str(SAMPLES / "es-embalse.md"), *REPLAY),
            ("inspect", str(SAMPLES / "es-embalse.md"), "--json"),
            ("plan", str(SAMPLES), "--json"),
            ("--help",),
        ],
        few=3,
    ),
    ids=lambda command: command[0],
)
def test_a_reader_that_takes_one_line_ends_the_command_quietly(command: tuple[str, ...], tmp_path: Path) -> None:
    """`… | head -1`, and a reader that takes nothing at all: no message, no traceback."""
    for reader in ("head -1", "true"):
        line = f'{sys.executable} -m dragoman "$@" 2>errors | {reader} > /dev/null; cat errors'
        done = subprocess.run(
            ["sh", "-c", line, "sh", *command], env=environment(tmp_path), cwd=tmp_path, capture_output=True, check=True
        )
        said = [line for line in done.stdout.splitlines() if not line.startswith(b"there is no store")]
        assert said == []


@pytest.mark.parametrize("closed", some(["2", "0 1 2", "1", "0"], few=1))
def test_a_stream_that_is_closed_from_the_start_is_no_bug(closed: str, tmp_path: Path, store_path: Path) -> None:
    """`2>&-`: the run does its work, is paid once, and keeps its exit code; nothing is written into other files."""
    articles(tmp_path / "in", 3)
    numbers = [int(number) for number in closed.split()]

    def close() -> None:
        for number in numbers:
            os.close(number)

    with Service() as service:
        command = ("run", tmp_path / "in", "-o", tmp_path / "out", *to(service, store_path))
        process = with_prelude("", *command, home=tmp_path, preexec_fn=close)
        done = ended(process)
        assert (done.code, done.stdout) == (0, ""), done.stderr
        assert service.paid == 3
        assert [record["status"] for record in records(tmp_path / "out")] == ["ok"] * 3
        if ALL or closed == "2":
            one = with_prelude("", "summarize", tmp_path / "in/a00.txt", *to(service, store_path), home=tmp_path,
                               preexec_fn=close)  # fmt: skip
            told = ended(one)
            # A record that cannot be printed is no success; one that can is.
            assert told.code == (7 if 1 in numbers else 0), told.stderr
            assert "Traceback" not in told.stderr
        assert here("store", "verify", "--store", store_path).code == 0
        assert service.paid == 3


@only_all
def test_a_signal_with_a_closed_stderr_writes_into_no_other_file(tmp_path: Path, store_path: Path) -> None:
    """With descriptor 2 closed, another file or connection may have its number: the line must not go there."""
    articles(tmp_path / "in", MANY)
    with Service(latency=0.25) as service:
        process = begun(tmp_path, service, store_path, preexec_fn=lambda: os.close(2))
        wait_for(lambda: len(service.ledger) >= 3)
        process.send_signal(signal.SIGINT)
        assert ended(process).code == 130
        assert stored(store_path)["exchanges"] == service.paid == len(service.ledger)
        found = [name for name, content in files(tmp_path).items() if b"stopping: finishing" in content]
        assert found == []
        assert {entry.answered for entry in service.ledger} == {200}
        goes_on(tmp_path, service, store_path, twice=0)


def test_a_stderr_that_nobody_reads_any_more_does_not_end_a_run(tmp_path: Path, store_path: Path) -> None:
    """`2> >(head -0)`: lines for people are lost, the work is not, and the exit code is that of the work."""
    articles(tmp_path / "in", 3)
    reader, writer = os.pipe()
    os.close(reader)
    with Service() as service:
        process = begun(tmp_path, service, store_path, stderr=writer)
        os.close(writer)
        assert ended_code(process) == 0
        assert service.paid == 3
    assert [record["status"] for record in records(tmp_path / "out")] == ["ok"] * 3


def ended_code(process: subprocess.Popen[bytes]) -> int:
    """The exit code of a process whose streams are not all ours; fails after a minute."""
    process.communicate(timeout=60)
    return process.returncode
