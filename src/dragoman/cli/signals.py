"""Ctrl-C, SIGTERM and SIGHUP while a command asks."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from types import FrameType
from typing import Any

from dragoman.cli.console import counted
from dragoman.cli.json_log import JsonLog, event_line
from dragoman.cli.progress_bar import Screen
from dragoman.runs.engines.threads import Stop

_OVER_THE_BAR = "\r\x1b[2K"
"""To the line's start, and empty it: the bar is drawn again below."""


def stopping(requests: int | None) -> str:
    """What the first signal is answered with; ``requests`` are on their way now, None when nobody counts them."""
    what = "what is begun" if requests is None else f"{counted(requests, 'request')} in flight"
    return f"stopping: finishing {what} (once more to abandon); the same command goes on"


def abandoned(requests: int | None) -> str:
    """What the second is answered with."""
    if requests == 0:
        return "abandoned: no request was in flight; run again"
    what = "abandoned" if requests is None else f"abandoned {counted(requests, 'request')} in flight"
    return f"{what}: answers may be paid for and are not stored; run again"


class Signals:
    """The first finishes what is in flight, the second leaves at once. ``watch`` is what the run is watched by."""

    def __init__(self, stop: Stop, watch: Screen | JsonLog | None = None) -> None:
        self._stop = stop
        self._watch = watch
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                    continue  # nohup: the run is meant to outlive its terminal
                self._before[number] = signal.signal(number, self._asked)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _asked(self, number: int, _: FrameType | None) -> None:
        session = self._watch.session if self._watch is not None else None
        # Read without a lock: this thread may hold it.
        requests = session.asker.counters.in_flight if session is not None else None
        if self._stop.is_set():
            self._line(abandoned(requests), number, requests)
            os._exit(128 + number)
        self._stop.signal = number
        self._stop.set()
        self._line(stopping(requests), number, requests)

    def _line(self, text: str, number: int, requests: int | None) -> None:
        if isinstance(self._watch, JsonLog):
            text = event_line("signal", signal=number, in_flight=requests, message=text)
        elif isinstance(self._watch, Screen) and self._watch.drawing:
            text = _OVER_THE_BAR + text
        # Not through sys.stderr: the signal may have come while it was being written to.
        with suppress(OSError):
            os.write(2, f"{text}\n".encode())
