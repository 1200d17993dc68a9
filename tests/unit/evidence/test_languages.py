"""The table of languages says what the data holds: no more and no less."""

from __future__ import annotations

import pytest

from dragoman.evidence import cue_words
from dragoman.evidence.figures import spelled
from dragoman.evidence.figures.lexicon import languages as languages_with_figures
from dragoman.evidence.figures.lexicon import lexicon
from dragoman.evidence.languages import LanguageSupport, languages

ROWS = languages()


def test_each_language_with_words_for_figures_has_a_row() -> None:
    assert [row.tag for row in ROWS] == languages_with_figures()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.tag)
def test_a_row_says_what_the_tables_hold(row: LanguageSupport) -> None:
    """``no`` where a table has nothing; ``yes`` or ``partly`` where it has something."""
    words = lexicon(row.tag)
    held = {
        "figures": words.of_kind("run", "scale") or row.tag == "sw",
        "words": spelled.words(row.tag) or words.of_kind("run", "han"),
        "dates": words.place("month") or words.place("month-number") or row.tag in ("zh", "ja", "ko"),
        "negation": cue_words.pattern(row.tag, "not") or cue_words.pattern(row.tag, "turn"),
        "speakers": cue_words.pattern(row.tag, "says"),
    }
    for name, holds in held.items():
        said = getattr(row, name)
        assert said in ("yes", "partly", "no"), name
        assert (said != "no") == bool(holds), name
    assert row.reviewed


def test_tags_and_names_are_unique() -> None:
    assert len({row.tag for row in ROWS}) == len({row.name for row in ROWS}) == len(ROWS)
