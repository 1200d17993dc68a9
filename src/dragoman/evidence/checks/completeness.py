"""Whether the page has the whole article. What it says about that was found when it was read (`reading/walls.py`)."""

from __future__ import annotations

from dragoman.core.field_paths import SOURCE
from dragoman.core.record import Finding
from dragoman.core.source import Source
from dragoman.evidence.checks.finding import finding


def check_source(source: Source) -> list[Finding]:
    """``source.cut``, a warning, if the page says that the rest of the article is only for some readers."""
    cut = source.cut
    if cut is None:
        return []
    place = None if cut.start is None or cut.end is None else (cut.start, cut.end)
    number = None if place is None else source.paragraph_at(place[0])
    where = "beside the text" if number is None else f"in paragraph {number}"
    return [
        finding(
            "source.cut",
            "warning",
            SOURCE,
            f'the page says {where} that it does not have the whole article: "{cut.words[:160]}"; the answer covers '
            "only what is there",
            paragraph=number,
            place=place,
            expected=cut.words,
        )
    ]
