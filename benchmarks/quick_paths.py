"""What each quick check in front of a real one buys, and what ending a process early does.

    python benchmarks/quick_paths.py [TIMES]

Each check is measured over the texts that it meets in the samples: with the quick check, and by the real one alone.
CPU of this process, the least of TIMES rounds (default 7), in interleaved rounds; the ratio is what can be compared
between machines. Ends of a process are whole processes. `tests/unit/test_quick_paths.py` holds each pair to one answer.
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
from dragoman.output.tables import sanitize as table_text
from dragoman.output.terminal import cells

Work = Callable[[], object]


def cpu(work: Work) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def _cpu_of(program: str, environment: dict[str, str]) -> float:
    """CPU seconds of a process of Python."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def row(name: str, quick: Callable[[], float], real: Callable[[], float], times: int) -> None:
    """Print milliseconds of both, and their ratio."""
    rounds = [(quick(), real()) for _ in range(times)]
    with_it, without = (min(pair[which] for pair in rounds) * 1_000 for which in (0, 1))
    print(f"{name:44} {with_it:9.2f} ms {without:9.2f} ms   {with_it / without:5.2f}")


def _stands_free(quote: str, text: str) -> bool:
    start = text.find(quote)
    return has_clean_ends(text, start, start + len(quote))


def whole_by_normal_form(quote: str, text: str) -> bool:
    """`quotes._exact` at the first place, by `boundaries` alone."""
    start = text.find(quote)
    left, right = locate._around(text, start, start + len(quote))
    return boundaries.is_whole(left, locate.normalise(quote).text, right)


def fresh(work: Work) -> Callable[[], float]:
    """CPU of ``work`` without what `quotes` remembers."""

    def timed() -> float:
        locate.normalise.cache_clear()
        return cpu(work)

    return timed


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    print(f"{'':44} {'with it':>12} {'without':>12}   ratio")
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
        _ends(out, times)


def _texts(records: list[Record], out: Path, times: int) -> None:
    located = []
    for record in records:
        source = read_source(out, record)
        assert source is not None
        assert record.summary is not None
        located += [(claim.quote, source.text) for claim in record.summary.claims if claim.quote in source.text]
    english = [claim.text_en for record in records if record.summary for claim in record.summary.claims] * 20
    row(
        f"ends before boundaries ({len(located)} quotes)",
        fresh(lambda: [_stands_free(q, t) or whole_by_normal_form(q, t) for q, t in located]),
        fresh(lambda: [whole_by_normal_form(q, t) for q, t in located]),
        times,
    )
    order = cue_words.pattern("en", "order")
    assert order is not None
    together = ["\n".join(english)] * 5
    row(
        "cues.may_have before cues.pattern",
        lambda: cpu(lambda: [cue_words.may_have(caseless(t), "en", "order") and order.search(t) for t in together]),
        lambda: cpu(lambda: [order.search(t) for t in together]),
        times,
    )
    row(
        "visible.is_plain before the pattern",
        lambda: cpu(lambda: [visible.make_visible(t) for t in english]),
        lambda: cpu(lambda: [visible._pattern(t).sub("", t) for t in english]),
        times,
    )
    row(
        "tables.sanitize: plain text",
        lambda: cpu(lambda: [table_text.sanitize(t) for t in english]),
        lambda: cpu(lambda: [table_text.disarm(visible.make_visible(t, keep="\t\r\n")) for t in english]),
        times,
    )
    row(
        "markdown.safe: plain text",
        lambda: cpu(lambda: [markdown.escape(t) for t in english]),
        lambda: cpu(lambda: [markdown._escape_all(t) for t in english]),
        times,
    )
    single = cells._SINGLE
    row(
        "cells: text of single cells",
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
    known = records_file.digest_of(path.open("rb"))
    row(
        "lines: ids of a known records.jsonl",
        lambda: cpu(lambda: records_file.RecordLines.read(path, known).close()),
        lambda: cpu(lambda: records_file.RecordLines.read(path).close()),
        times,
    )


def _ends(out: Path, times: int) -> None:
    """The end of a process, and the collector while it begins, beside Python's own."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    show = f"import sys; sys.argv = ['dragoman', 'show', {str(out)!r}]; from dragoman import __main__ as m; m.main()"
    sdk = "import gc; gc.set_threshold({}, 10, 10); import anthropic; gc.freeze()"
    for title, quick, real in (
        ("gc.freeze at the end (show)", show, show.replace("m.main", "m.gc.freeze = int; m.main")),
        ("collector held back (import anthropic)", sdk.format(YOUNG), sdk.format(700)),
    ):
        row(title, partial(_cpu_of, quick, environment), partial(_cpu_of, real, environment), times)


if __name__ == "__main__":
    main()
