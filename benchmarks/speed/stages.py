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

from dragoman.core.once import once

STAGES: tuple[tuple[str, str, str], ...] = (
    # (stage, module, function or Class.method)
    ("find and read files", "dragoman.reading.discover", "find"),
    ("find and read files", "dragoman.reading.discover", "read"),
    ("prepare: decode, steps, paragraphs", "dragoman.reading.prepare", "prepare"),
    ("prepare: language", "dragoman.reading.language", "identify"),
    ("prepare: language", "dragoman.reading.language", "looks_english"),
    ("memo of sources", "dragoman.store.sqlite.caches", "Caches.source"),
    ("memo of sources", "dragoman.store.sqlite.caches", "Caches.save_source"),
    ("build the request", "dragoman.tasks.answering", "parts"),
    ("request key", "dragoman.core.exchange", "Request.key"),
    ("estimate tokens", "dragoman.core.tokens", "estimate"),
    ("estimate tokens", "dragoman.tasks.answering", "prompt_tokens"),
    ("store: look up", "dragoman.store.sqlite.store", "Store.find"),
    ("store: lease and release", "dragoman.store.sqlite.store", "Store.lease"),
    ("store: lease and release", "dragoman.store.sqlite.store", "Store.release"),
    ("store: save and settle", "dragoman.store.sqlite.store", "Store.save"),
    ("store: save and settle", "dragoman.store.sqlite.store", "Store.settle"),
    ("send: SDK and socket", "dragoman.asking.providers.sdk", "SdkProvider.send"),
    ("send: body", "dragoman.asking.providers.messages_api", "body"),
    ("read the reply", "dragoman.core.exchange", "Reply.read"),
    ("parse: pydantic", "dragoman.tasks.parse", "parse"),
    ("locate quotes", "dragoman.evidence.assess", "locate_quotes"),
    ("checks: quotes", "dragoman.evidence.checks.quotes", "check"),
    ("checks: values", "dragoman.evidence.checks.figures", "check"),
    ("checks: attribution", "dragoman.evidence.checks.speakers", "check"),
    ("checks: inside", "dragoman.evidence.checks.source_arithmetic", "check_source"),
    ("checks: instructions", "dragoman.evidence.checks.injection", "check_source"),
    ("memo of records", "dragoman.runs.finished", "FinishedRecords.find"),
    ("memo of records", "dragoman.runs.finished", "FinishedRecords.save"),
    ("out: tables", "dragoman.output.tables", "TableWriter.add"),
    ("wait at the limiter", "dragoman.asking.limiter", "RateLimiter.acquire"),
    ("wait at the limiter", "dragoman.asking.limiter", "RateLimiter.release"),
    ("checks: polarity", "dragoman.evidence.checks.negation", "check"),
    ("checks: shape", "dragoman.evidence.checks.shape", "check"),
    ("checks: coverage", "dragoman.evidence.checks.coverage", "check"),
    ("checks: language", "dragoman.evidence.checks.language", "check"),
    ("checks: instructions", "dragoman.evidence.checks.injection", "check_answer"),
    ("build the record", "dragoman.runs.record_builder", "record_of"),
    ("out: record to JSON", "dragoman.core.record", "Record.to_line"),
    ("out: Markdown pages", "dragoman.output.markdown", "article_page"),
    ("out: Markdown pages", "dragoman.output.markdown", "index_page"),
    ("out: files, written whole", "dragoman.core.files", "write_whole"),
    ("out: spool", "dragoman.output.folder", "OutputFolder.add"),
    ("out: finish", "dragoman.output.folder", "OutputFolder.finish"),
    ("pipeline, all else", "dragoman.runs.article", "Pipeline.process"),
    ("pool", "dragoman.runs.engines.threads", "Pool._work"),
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
