"""Ctrl-C, SIGTERM and SIGHUP while a command sends requests."""

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
"""Moves to the start of the line and clears it; the bar is drawn again below."""


def stopping(requests: int | None) -> str:
    """The response to the first signal; ``requests`` are in flight, None when they are not counted."""
    work = "the current request" if requests is None else f"{counted(requests, 'request')} in flight"
    return f"stopping: finishing {work} (interrupt again to abandon). The same command continues"


def abandoned(requests: int | None) -> str:
    """The response to the second signal."""
    if requests == 0:
        return "abandoned: no request was in flight. The same command continues"
    work = "abandoned" if requests is None else f"abandoned {counted(requests, 'request')} in flight"
    return f"{work}: the answers may be charged and are not stored. The same command continues"


class Signals:
    """Handlers of the signals: the first signal lets requests in flight finish, the second ends the process at once.

    ``watch`` is the progress bar or log of the run, if it has one.
    """

    def __init__(self, stop: Stop, watch: Screen | JsonLog | None = None) -> None:
        self._stop = stop
        self._watch = watch
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                    continue  # nohup: the run is to outlive its terminal
                self._previous[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        session = self._watch.session if self._watch is not None else None
        # Without the lock of the counters: this thread may hold it.
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
        # Not through sys.stderr: the signal may have interrupted a write to it.
        with suppress(OSError):
            os.write(2, f"{text}\n".encode())
