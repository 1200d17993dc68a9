"""What the measurements and the pictures of the report share: the records of the samples and a headless browser."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.conftest import NO_CHROMIUM, chromium, launched

from dragoman import Settings, run
from dragoman.core.record import Record
from dragoman.core.source import Source
from dragoman.output.read import read_records, read_source


def samples(folder: Path) -> list[tuple[Record, Source]]:
    """Records and sources of the samples, replayed into ``folder``."""
    settings = Settings(provider="replay", recordings=ROOT / "samples" / "recordings", tasks=("summary", "translation"))
    run([str(ROOT / "samples" / "articles")], str(folder), settings)
    pairs = []
    for record in read_records(folder):
        source = read_source(folder, record)
        assert source is not None
        pairs.append((record, source))
    return pairs


@contextmanager
def browser() -> Iterator[Browser]:
    """The Chromium of this machine. Exits with a message if there is none."""
    executable = chromium()
    if executable is None:
        sys.exit(NO_CHROMIUM)
    with launched(executable) as running:
        yield running


def opened(running: Browser, report: Path, place: str = "", **context: Any) -> Any:
    """Open ``report`` at ``place`` and return the page when all claims have been read."""
    page = running.new_context(
        **{"viewport": {"width": 1400, "height": 900}, "reduced_motion": "reduce", **context}
    ).new_page()
    page.goto(report.as_uri() + place)
    page.wait_for_selector("html[data-read=all]", state="attached", timeout=120_000)
    return page
