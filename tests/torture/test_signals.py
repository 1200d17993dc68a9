"""Signals and closed streams: paid replies are stored, and the exit code says what happened."""

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
    """Start a run with three concurrent requests in a separate process."""
    command = ("run", tmp_path / "in", "-o", tmp_path / "out", *to(service, store), "--concurrency", "3")
    return with_prelude("", *command, home=tmp_path, **more)


def goes_on(tmp_path: Path, service: Service, store: Path, twice: int) -> None:
    """Check that the same command completes and that at most ``twice`` articles were paid twice."""
    done = here("run", tmp_path / "in", "-o", tmp_path / "out", *to(service, store))
    assert done.code == 0, done.stderr
    assert service.paid <= MANY + twice
    assert [record["status"] for record in records(tmp_path / "out")] == ["ok"] * MANY
    assert here("store", "verify", "--store", store).code == 0


@pytest.mark.parametrize("number", some([signal.SIGHUP, signal.SIGINT, signal.SIGTERM], few=1))
@pytest.mark.parametrize("seed", seeds(8, few=1))
def test_a_signal_at_any_moment_lets_requests_in_flight_finish(
    seed: int, number: signal.Signals, tmp_path: Path, store_path: Path
) -> None:
    """All replies are stored, no further request is sent, every file is complete, and the exit code is 128 + signal."""
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
        # A worker may have been about to send a request when the signal came.
        assert len(service.ledger) <= before + 3
        assert stored(store_path)["exchanges"] == service.paid
        assert len(records(tmp_path / "out")) == MANY
        assert not [name for name in files(tmp_path / "out") if name.endswith(".part")]
        goes_on(tmp_path, service, store_path, twice=0)


@only_all
def test_a_run_under_nohup_does_not_end_with_its_terminal(tmp_path: Path, store_path: Path) -> None:
    """If SIGHUP was ignored when the run began, it stays ignored."""
    articles(tmp_path / "in", MANY)
    with Service(latency=0.15) as service:
        process = begun(tmp_path, service, store_path, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        wait_for(lambda: len(service.ledger) >= 2)
        process.send_signal(signal.SIGHUP)
        assert ended(process).code == 0
        assert service.paid == MANY


@pytest.mark.parametrize("seed", seeds(20, few=1))
@only_all
def test_the_second_ctrl_c_abandons_at_most_the_requests_in_flight(seed: int, tmp_path: Path, store_path: Path) -> None:
    """The run does not wait for answers, reports how many requests are abandoned, and the next run continues at
    once.
    """
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


# Streams that a reader closes (a pipe) or that are closed from the start (`2>&-`).


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
    """`… | head -1`, and a reader that reads nothing: no message, no traceback."""
    for reader in ("head -1", "true"):
        line = f'{sys.executable} -m dragoman "$@" 2>errors | {reader} > /dev/null; cat errors'
        done = subprocess.run(
            ["sh", "-c", line, "sh", *command], env=environment(tmp_path), cwd=tmp_path, capture_output=True, check=True
        )
        error_lines = [line for line in done.stdout.splitlines() if not line.startswith(b"there is no store")]
        assert error_lines == []


@pytest.mark.parametrize("closed", some(["2", "0 1 2", "1", "0"], few=1))
def test_a_stream_that_is_closed_from_the_start_is_no_bug(closed: str, tmp_path: Path, store_path: Path) -> None:
    """With `2>&-` the run works, is paid once, and has its usual exit code. Nothing is written into other files."""
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
            result = ended(one)
            # The command succeeds only if its record can be printed.
            assert result.code == (7 if 1 in numbers else 0), result.stderr
            assert "Traceback" not in result.stderr
        assert here("store", "verify", "--store", store_path).code == 0
        assert service.paid == 3


@only_all
def test_a_signal_with_a_closed_stderr_writes_into_no_other_file(tmp_path: Path, store_path: Path) -> None:
    """With descriptor 2 closed, another file or connection may get its number, and the message must not go there."""
    articles(tmp_path / "in", MANY)
    with Service(latency=0.25) as service:
        process = begun(tmp_path, service, store_path, preexec_fn=lambda: os.close(2))
        wait_for(lambda: len(service.ledger) >= 3)
        process.send_signal(signal.SIGINT)
        assert ended(process).code == 130
        assert stored(store_path)["exchanges"] == service.paid == len(service.ledger)
        leaked_into = [name for name, content in files(tmp_path).items() if b"stopping: finishing" in content]
        assert leaked_into == []
        assert {entry.answered for entry in service.ledger} == {200}
        goes_on(tmp_path, service, store_path, twice=0)


def test_a_run_continues_when_the_reader_of_stderr_is_gone(tmp_path: Path, store_path: Path) -> None:
    """With `2> >(head -0)` messages are lost, the results are not, and the exit code is that of the run."""
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
    """Return the exit code of a process whose streams this test does not all read. Fails after a minute."""
    process.communicate(timeout=60)
    return process.returncode
