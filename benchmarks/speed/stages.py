"""CPU seconds by stage, measured from outside: Dragoman's functions are wrapped in timers of the CPU of their thread.

If a timed function calls another timed function, the time of the inner one counts only there. A stage whose function
does not exist, or is defined in another module, is an error (`tests/unit/test_stages.py` finds it first).
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
    ("cache of sources", "dragoman.store.sqlite.caches", "Caches.source"),
    ("cache of sources", "dragoman.store.sqlite.caches", "Caches.save_source"),
    ("build the request", "dragoman.tasks.requests", "parts"),
    ("request key", "dragoman.core.request", "Request.key"),
    ("estimate tokens", "dragoman.core.tokens", "estimate"),
    ("estimate tokens", "dragoman.tasks.requests", "prompt_tokens"),
    ("store: look up", "dragoman.store.sqlite.store", "Store.find"),
    ("store: lease and release", "dragoman.store.sqlite.store", "Store.lease"),
    ("store: lease and release", "dragoman.store.sqlite.store", "Store.release"),
    ("store: save and settle", "dragoman.store.sqlite.store", "Store.save"),
    ("store: save and settle", "dragoman.store.sqlite.store", "Store.settle"),
    ("send: SDK and socket", "dragoman.asking.providers.sdk", "SdkProvider.send"),
    ("send: body", "dragoman.asking.providers.messages_api", "body"),
    ("read the reply", "dragoman.core.exchange", "Reply.read"),
    ("parse: JSON and pydantic", "dragoman.tasks.parse", "parse"),
    ("locate quotes", "dragoman.evidence.assess", "locate_quotes"),
    ("checks: quotes", "dragoman.evidence.checks.quotes", "check"),
    ("checks: figures", "dragoman.evidence.checks.figures", "check"),
    ("checks: speakers", "dragoman.evidence.checks.speakers", "check"),
    ("checks: source arithmetic", "dragoman.evidence.checks.source_arithmetic", "check_source"),
    ("checks: injection", "dragoman.evidence.checks.injection", "check_source"),
    ("cache of records", "dragoman.runs.finished", "FinishedRecords.find"),
    ("cache of records", "dragoman.runs.finished", "FinishedRecords.save"),
    ("out: tables", "dragoman.output.tables", "TableWriter.add"),
    ("wait at the limiter", "dragoman.asking.limiter", "RateLimiter.acquire"),
    ("wait at the limiter", "dragoman.asking.limiter", "RateLimiter.release"),
    ("checks: negation", "dragoman.evidence.checks.negation", "check"),
    ("checks: shape", "dragoman.evidence.checks.shape", "check"),
    ("checks: coverage", "dragoman.evidence.checks.coverage", "check"),
    ("checks: language", "dragoman.evidence.checks.language", "check"),
    ("checks: injection", "dragoman.evidence.checks.injection", "check_answer"),
    ("build the record", "dragoman.runs.record_builder", "record_of"),
    ("out: record to JSON", "dragoman.core.record", "Record.to_line"),
    ("out: Markdown pages", "dragoman.output.markdown", "article_page"),
    ("out: Markdown pages", "dragoman.output.markdown", "index_page"),
    ("out: files, written whole", "dragoman.core.files", "write_whole"),
    ("out: spool", "dragoman.output.folder", "OutputFolder.add"),
    ("out: finish", "dragoman.output.folder", "OutputFolder.finish"),
    ("one article: all else", "dragoman.runs.article", "Pipeline.process"),
    ("threads of a run", "dragoman.runs.engines.threads", "Pool._work"),
)


def defined(module: str, name: str) -> tuple[Any, Any]:
    """The module or class that defines a function of Dragoman, and the function as it is stored there.

    Raises LookupError if there is no such function, or if the module only imports it.
    """
    class_name = name.rpartition(".")[0]
    try:
        place = importlib.import_module(module)
        owner = vars(place)[class_name] if class_name else place
        original = vars(owner)[name.rpartition(".")[2]]
    except (ImportError, KeyError) as error:
        raise LookupError(f"{module} has no {name}: correct STAGES in benchmarks/speed/stages.py") from error
    home = owner.__module__ if class_name else getattr(original, "__module__", module)
    if home != module:
        raise LookupError(f"{name} is defined in {home}, not in {module}: correct STAGES in benchmarks/speed/stages.py")
    return owner, original


class Timers:
    """Wraps every function of `STAGES`; ``seconds`` has the CPU time of each stage so far."""

    def __init__(self) -> None:
        self._per_thread: list[dict[str, float]] = []
        self._local = threading.local()
        self._lock = threading.Lock()
        for stage, module, name in STAGES:
            self._wrap(stage, module, name)

    @property
    def seconds(self) -> dict[str, float]:
        """CPU seconds by stage, all threads together."""
        total: dict[str, float] = {}
        for counts in list(self._per_thread):
            for stage, seconds in list(counts.items()):
                total[stage] = total.get(stage, 0.0) + seconds
        return total

    def _wrap(self, stage: str, module: str, name: str) -> None:
        owner, original = defined(module, name)
        last = name.rpartition(".")[2]
        if isinstance(original, once):
            setattr(owner, last, once(self._timed(stage, original.func)))
        elif isinstance(original, classmethod):
            setattr(owner, last, classmethod(self._timed(stage, original.__func__)))
        elif isinstance(owner, type):
            setattr(owner, last, self._timed(stage, original))
        else:
            timed = self._timed(stage, original)
            # Other modules may have imported the function by name.
            for importer in [loaded for path, loaded in sys.modules.items() if path.startswith("dragoman")]:
                for key, value in list(vars(importer).items()):
                    if value is original:
                        setattr(importer, key, timed)

    def _timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            counts, inner = self._of_thread()
            inner.append(0.0)
            start = time.thread_time()
            try:
                return function(*args, **kwargs)
            finally:
                seconds = time.thread_time() - start
                counts[stage] = counts.get(stage, 0.0) + seconds - inner.pop()
                if inner:
                    inner[-1] += seconds

        return timed

    def _of_thread(self) -> tuple[dict[str, float], list[float]]:
        if not hasattr(self._local, "counts"):
            self._local.counts, self._local.inner = {}, []
            with self._lock:
                self._per_thread.append(self._local.counts)
        return self._local.counts, self._local.inner
