"""CPU seconds by stage, measured from outside: Dragoman's functions are wrapped in timers of the CPU of their thread.

If a timed function calls another timed function, the time of the inner one counts only there. A name that no longer
exists in Dragoman is listed as missing instead of failing.
"""

from __future__ import annotations

import functools
import importlib
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from dragoman.once import once

STAGES: tuple[tuple[str, str, str], ...] = (
    # (stage, module, function or Class.method)
    ("find and read files", "dragoman.articles", "find"),
    ("find and read files", "dragoman.articles", "read"),
    ("prepare: decode, steps, paragraphs", "dragoman.prepare", "prepare"),
    ("prepare: language", "dragoman.language", "identify"),
    ("prepare: language", "dragoman.language", "looks_english"),
    ("memo of sources", "dragoman.store_memos", "Memos.source"),
    ("memo of sources", "dragoman.store_memos", "Memos.remember"),
    ("build the request", "dragoman.tasks", "parts"),
    ("request key", "dragoman.exchange", "Request.key"),
    ("estimate tokens", "dragoman.tokens", "estimate"),
    ("estimate tokens", "dragoman.tasks", "prompt_tokens"),
    ("store: look up", "dragoman.store", "Store.find"),
    ("store: lease and release", "dragoman.store", "Store.lease"),
    ("store: lease and release", "dragoman.store", "Store.release"),
    ("store: save and settle", "dragoman.store", "Store.save"),
    ("store: save and settle", "dragoman.store", "Store.settle"),
    ("send: SDK and socket", "dragoman.providers.sdk", "SdkProvider.send"),
    ("send: body", "dragoman.providers.wire", "body"),
    ("read the reply", "dragoman.exchange", "Reply.read"),
    ("parse: pydantic", "dragoman.parse", "parse"),
    ("locate quotes", "dragoman.review", "located"),
    ("checks: quotes", "dragoman.checks.quotes", "check"),
    ("checks: values", "dragoman.checks.values", "check"),
    ("checks: attribution", "dragoman.checks.attribution", "check"),
    ("checks: inside", "dragoman.checks.inside", "about"),
    ("checks: instructions", "dragoman.checks.instructions", "about"),
    ("memo of records", "dragoman.memo", "Memo.recall"),
    ("memo of records", "dragoman.memo", "Memo.keep"),
    ("out: tables", "dragoman.reports.tables", "write"),
    ("wait at the gate", "dragoman.gate", "Gate.enter"),
    ("wait at the gate", "dragoman.gate", "Gate.leave"),
    ("checks: polarity", "dragoman.checks.polarity", "check"),
    ("checks: shape", "dragoman.checks.shape", "check"),
    ("checks: coverage", "dragoman.checks.coverage", "check"),
    ("checks: language", "dragoman.checks.language", "check"),
    ("checks: instructions", "dragoman.checks.instructions", "check"),
    ("build the record", "dragoman.pipeline", "record_of"),
    ("out: record to JSON", "dragoman.records", "Record.to_line"),
    ("out: Markdown pages", "dragoman.reports.markdown", "article"),
    ("out: Markdown pages", "dragoman.reports.markdown", "index"),
    ("out: files, written whole", "dragoman.files", "write_whole"),
    ("out: spool", "dragoman.reports.out", "Out.add"),
    ("out: finish", "dragoman.reports.out", "Out.finish"),
    ("pipeline, all else", "dragoman.pipeline", "Pipeline.process"),
    ("pool", "dragoman.jobs", "Pool._work"),
)


class Timers:
    """Wraps every function of `STAGES`; ``seconds`` has the CPU time of each stage so far."""

    def __init__(self) -> None:
        self._per_thread: list[dict[str, float]] = []
        self._local = threading.local()
        self._lock = threading.Lock()
        self.missing = [f"{module}.{name}" for stage, module, name in STAGES if not self._wrap(stage, module, name)]

    @property
    def seconds(self) -> dict[str, float]:
        """CPU seconds by stage, all threads together."""
        total: dict[str, float] = {}
        for counts in list(self._per_thread):
            for stage, seconds in list(counts.items()):
                total[stage] = total.get(stage, 0.0) + seconds
        return total

    def _wrap(self, stage: str, module: str, name: str) -> bool:
        try:
            place: Any = importlib.import_module(module)
            owner, _, last = name.rpartition(".")
            place = getattr(place, owner) if owner else place
            original = place.__dict__[last]
        except (ImportError, AttributeError, KeyError):
            return False
        if isinstance(original, once):
            setattr(place, last, once(self._timed(stage, original.func)))
        elif isinstance(original, classmethod):
            setattr(place, last, classmethod(self._timed(stage, original.__func__)))
        elif owner:
            setattr(place, last, self._timed(stage, original))
        else:
            timed = self._timed(stage, original)
            # A function may have been imported by name elsewhere.
            for known in [m for n, m in sys.modules.items() if n.startswith("dragoman")]:
                for key, value in list(vars(known).items()):
                    if value is original:
                        setattr(known, key, timed)
        return True

    def _timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            counts, inner = self._of_thread()
            inner.append(0.0)
            start = time.thread_time()
            try:
                return function(*args, **kwargs)
            finally:
                took = time.thread_time() - start
                counts[stage] = counts.get(stage, 0.0) + took - inner.pop()
                if inner:
                    inner[-1] += took

        return timed

    def _of_thread(self) -> tuple[dict[str, float], list[float]]:
        if not hasattr(self._local, "counts"):
            self._local.counts, self._local.inner = {}, []
            with self._lock:
                self._per_thread.append(self._local.counts)
        return self._local.counts, self._local.inner
