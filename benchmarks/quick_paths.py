"""What each quick check before a real one saves, and what the garbage collector settings do.

    python benchmarks/quick_paths.py [TIMES]

Each check is measured over the texts of the samples: with the quick check, and by the real check alone.
CPU time of this process, the lowest of TIMES interleaved rounds (default 7); only the ratio can be compared between
machines. Collector settings are measured over whole processes. `tests/unit/test_quick_paths.py` checks that both checks
of each pair give the same answer.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from dragoman import Settings, run
from dragoman.__main__ import YOUNG
from dragoman.core import visible
from dragoman.core.record import Record
from dragoman.core.text import caseless
from dragoman.evidence import cue_words
from dragoman.evidence.quotes import boundaries, locate
from dragoman.evidence.quotes.quick_boundaries import has_clean_ends
from dragoman.output import markdown, records_file
from dragoman.output.read import read_records, read_source
from dragoman.output.tables import sanitize
from dragoman.output.terminal import cells

Work = Callable[[], object]


def cpu(work: Work) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def _cpu_of(program: str, environment: dict[str, str]) -> float:
    """CPU seconds of a new Python process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def row(name: str, quick: Callable[[], float], real: Callable[[], float], times: int) -> None:
    """Print milliseconds of both, and their ratio."""
    rounds = [(quick(), real()) for _ in range(times)]
    with_check, without = (min(pair[which] for pair in rounds) * 1_000 for which in (0, 1))
    print(f"{name:44} {with_check:9.2f} ms {without:9.2f} ms   {with_check / without:5.2f}")


def _has_clean_ends(quote: str, text: str) -> bool:
    start = text.find(quote)
    return has_clean_ends(text, start, start + len(quote))


def whole_by_normal_form(quote: str, text: str) -> bool:
    """Whether the first occurrence of a quote is whole, by `boundaries` alone."""
    start = text.find(quote)
    left, right = locate._around(text, start, start + len(quote))
    return boundaries.is_whole(left, locate.normalise(quote).text, right)


def fresh(work: Work) -> Callable[[], float]:
    """CPU seconds of ``work`` with an empty cache of normal forms."""

    def timed() -> float:
        locate.normalise.cache_clear()
        return cpu(work)

    return timed


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    print(f"{'':44} {'with':>12} {'without':>12}   ratio")
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "out"
        settings = Settings(
            provider="replay", recordings=ROOT / "samples" / "recordings", tasks=("summary", "translation")
        )
        with contextlib.redirect_stderr(io.StringIO()):
            run([str(ROOT / "samples" / "articles")], str(out), settings)
        records = list(read_records(out))
        _texts(records, out, times)
        _lines(out / "records.jsonl", times)
        _collector(out, times)


def _texts(records: list[Record], out: Path, times: int) -> None:
    located = []
    for record in records:
        source = read_source(out, record)
        assert source is not None
        assert record.summary is not None
        located += [(claim.quote, source.text) for claim in record.summary.claims if claim.quote in source.text]
    english = [claim.text_en for record in records if record.summary for claim in record.summary.claims] * 20
    row(
        f"quick_boundaries before boundaries, {len(located)} quotes",
        fresh(lambda: [_has_clean_ends(q, t) or whole_by_normal_form(q, t) for q, t in located]),
        fresh(lambda: [whole_by_normal_form(q, t) for q, t in located]),
        times,
    )
    order = cue_words.pattern("en", "order")
    assert order is not None
    texts = ["\n".join(english)] * 5
    row(
        "cue_words.may_have before the pattern",
        lambda: cpu(lambda: [cue_words.may_have(caseless(t), "en", "order") and order.search(t) for t in texts]),
        lambda: cpu(lambda: [order.search(t) for t in texts]),
        times,
    )
    row(
        "visible.is_certainly_clean before the pattern",
        lambda: cpu(lambda: [visible.make_visible(t) for t in english]),
        lambda: cpu(lambda: [visible._pattern(t).sub("", t) for t in english]),
        times,
    )
    row(
        "tables.sanitize: plain text",
        lambda: cpu(lambda: [sanitize.sanitize(t) for t in english]),
        lambda: cpu(lambda: [sanitize.disarm(visible.make_visible(t, keep="\t\r\n")) for t in english]),
        times,
    )
    row(
        "markdown.escape: plain text",
        lambda: cpu(lambda: [markdown.escape(t) for t in english]),
        lambda: cpu(lambda: [markdown._escape_all(t) for t in english]),
        times,
    )
    single = cells._SINGLE
    row(
        "cells.width: text of single cells",
        lambda: cpu(lambda: [cells.width(t) for t in english]),
        lambda: cpu(lambda: [_without(cells, "_SINGLE", single, cells.width, t) for t in english]),
        times,
    )


def _without(module: object, name: str, pattern: re.Pattern[str], real: Callable[[str], object], text: str) -> object:
    """``real(text)`` where the quick pattern of a module finds nothing."""
    setattr(module, name, re.compile(r"(?!)"))
    try:
        return real(text)
    finally:
        setattr(module, name, pattern)


def _lines(path: Path, times: int) -> None:
    digest = records_file.digest_of(path.open("rb"))
    row(
        "records_file: ids of an unchanged records.jsonl",
        lambda: cpu(lambda: records_file.RecordLines.read(path, digest).close()),
        lambda: cpu(lambda: records_file.RecordLines.read(path).close()),
        times,
    )


def _collector(out: Path, times: int) -> None:
    """Collector settings at the end and at the start of a process, compared with Python's defaults."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    show = f"import sys; sys.argv = ['dragoman', 'show', {str(out)!r}]; from dragoman import __main__ as m; m.main()"
    sdk = "import gc; gc.set_threshold({}, 10, 10); import anthropic; gc.freeze()"
    for title, quick, real in (
        ("gc.freeze at the end (show)", show, show.replace("m.main", "m.gc.freeze = int; m.main")),
        ("fewer collections (import anthropic)", sdk.format(YOUNG), sdk.format(700)),
    ):
        row(title, partial(_cpu_of, quick, environment), partial(_cpu_of, real, environment), times)


if __name__ == "__main__":
    main()
