"""The responses to Ctrl-C, SIGTERM and SIGHUP, and that handlers are put back."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from dragoman.cli.signals import Signals, abandoned, stopping
from dragoman.runs.engines.threads import Stop


@pytest.mark.parametrize(
    ("requests", "text"),
    [(None, "finishing the current request ("), (0, "finishing 0 requests in flight ("), (1, "finishing 1 request in")],
)
def test_the_first_signal_is_answered_with_what_is_finished_and_how_to_abandon_it(
    requests: int | None, text: str
) -> None:
    """None stands for a command that does not count its requests."""
    assert stopping(requests).startswith(f"stopping: {text}")
    assert stopping(requests).endswith("(interrupt again to abandon). The same command continues")


def test_the_second_signal_is_answered_with_what_may_be_charged() -> None:
    """Nothing, when no request was in flight."""
    assert abandoned(0) == "abandoned: no request was in flight. The same command continues"
    assert abandoned(3).startswith("abandoned 3 requests in flight: the answers may be charged and are not stored")
    assert abandoned(None).startswith("abandoned: the answers may be charged")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_sets_the_stop_with_its_number_and_the_handlers_are_put_back(
    number: signal.Signals, capfd: pytest.CaptureFixture[str]
) -> None:
    """Within the block only; afterwards the handlers are those from before."""
    before = signal.getsignal(number)
    with Signals(stop := Stop()):
        os.kill(os.getpid(), number)
        assert stop.wait(5)
    assert stop.signal == number
    assert signal.getsignal(number) == before
    assert capfd.readouterr().err == stopping(None) + "\n"


def test_a_run_under_nohup_outlives_its_terminal() -> None:
    """SIGHUP stays ignored where it was ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Signals(stop := Stop()):
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        assert not stop.is_set()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_handlers_are_set_in_the_main_thread_only() -> None:
    """Python allows it nowhere else; a run in another thread of a program leaves its signals alone."""
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def run() -> None:
        with Signals(Stop()):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [before]
