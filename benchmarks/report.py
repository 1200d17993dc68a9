"""Measure the size and speed of the report of 2,000 articles in a real browser.

    python benchmarks/report.py [ARTICLES]

The articles are copies of the samples in which words are swapped with others of the same length, differently in each
copy. They have the length and the claims of the samples, but no two are alike, because identical copies would compress
too well. Prints the size of the file; the seconds until the first paint, until the list is shown and until everything
can be searched; and the milliseconds of a search including drawing the results. The bars:
under 30 MB, painted in under 2 s, a search in under 100 ms.
"""

from __future__ import annotations

import random
import re
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from browsing import browser, opened, samples
from tests.support.report_builders import write_report

from dragoman.core.record import Record
from dragoman.core.source import Source, numbered
from dragoman.core.text import sha256

_WORD = re.compile(r"[^\W\d_]{3,}")
# Fields that identify something or are counted stay; words in all other texts are swapped.
_FIXED = {"id", "field", "check", "severity", "kind", "modality", "match", "status", "key", "model", "prompt", "unit",
         "value", "event_date", "published", "created_at", "language", "script", "sha256", "encoding", "schema", "task",
         "encoding_from", "media_type", "origin", "endpoint", "role", "structured", "stop_reason", "prompt_sha256",
         "cost_usd", "price_table", "model_answered", "dragoman", "tasks", "file"}  # fmt: skip
QUERIES = ("e", "million", "lang:ru severity:note", "the price", "speaker:director", "2026-11", "zzz", "1,9", "банк")
TIMES = 3


def variants(originals: list[tuple[Record, Source]], number: int) -> Iterator[tuple[Record, Source]]:
    """``number`` records, each similar to one of the samples and different from all others."""
    words = [sorted(set(_WORD.findall(source.text + record.to_json()))) for record, source in originals]
    for n in range(number):
        record, source = originals[n % len(originals)]
        exchange = _exchange(words[n % len(originals)], random.Random(n))
        text = exchange(source.text)
        value = _exchanged(record.model_dump(by_alias=True), exchange)
        value["article"] |= {"id": f"{n:05}-{record.article.id}", "sha256": sha256(f"{n}")}
        yield (
            Record.model_validate(value),
            Source(text, numbered(record.source.paragraphs), source.language, source.script, "utf-8", "utf-8", text),  # type: ignore[union-attr]
        )


def _exchange(words: list[str], dice: random.Random) -> Callable[[str], str]:
    """Return a function that replaces each word by another of the same length, so that offsets stay correct."""
    by_length = defaultdict(list)
    for word in words:
        by_length[len(word)].append(word)
    replacements = {}
    for same in by_length.values():
        replacements.update(zip(same, dice.sample(same, len(same)), strict=True))
    return lambda text: _WORD.sub(lambda word: replacements.get(word[0], word[0]), text)


def _exchanged(value: Any, exchange: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return exchange(value)
    if isinstance(value, list | tuple):
        return [_exchanged(item, exchange) for item in value]
    if isinstance(value, dict):
        return {name: item if name in _FIXED else _exchanged(item, exchange) for name, item in value.items()}
    return value


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with tempfile.TemporaryDirectory() as name, browser() as running:
        folder = Path(name)
        made = list(variants(samples(folder / "samples"), number))
        start = time.perf_counter()
        report = write_report(folder, made)
        written = time.perf_counter() - start
        print(f"{number} articles, {sum(len(r.summary.claims) for r, _ in made if r.summary)} claims")
        print(f"file           {report.stat().st_size / 1e6:.1f} MB, written in {written:.1f} s")
        for line in _measured(running, report, made[number // 2][0].article.id):
            print(line)


def _measured(running: Any, report: Path, article: str) -> Iterator[str]:
    openings = []
    for _ in range(TIMES):
        page = opened(running, report)
        openings.append(
            page.evaluate(
                "[performance.getEntriesByName('first-contentful-paint')[0].startTime,"
                " ...['shown', 'ready'].map(name => performance.getEntriesByName('dragoman-' + name)[0].startTime)]"
            )
        )
    paint, shown, ready = (statistics.median(column) / 1000 for column in zip(*openings, strict=True))
    yield f"first paint    {paint:.2f} s; list {shown:.2f} s; all claims searchable {ready:.2f} s (medians of {TIMES})"
    page.click("#tab-claims")
    for query in QUERIES:
        page.evaluate("performance.clearMeasures()")
        for _ in range(TIMES):
            page.fill("#query", "")
            page.fill("#query", query)
        # Every second measure is of the empty query.
        times = page.evaluate("performance.getEntriesByName('dragoman-search').map(measure => measure.duration)")[1::2]
        hits = page.locator("#tab-claims span").inner_text()
        yield f"search         {statistics.median(times):5.0f} ms (longest {max(times):.0f})  {query!r}, {hits} claims"
    start = time.perf_counter()
    page.evaluate(f"location.hash = '#/a/{article}/c3'")
    page.wait_for_selector("#source .lit")
    yield f"open article   {(time.perf_counter() - start) * 1000:.0f} ms until its words are lit, driver included"


if __name__ == "__main__":
    main()
