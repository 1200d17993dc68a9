"""What Dragoman knows of each language: which figures, dates and words its checks read (``data/languages.tsv``).

A check that needs something that is not known for a language is silent there. A language without a row has the checks
that need no words: quotes are located, digits with signs and ISO codes are compared, and paragraphs of a translation
are compared by their length, figures, names and signs.
"""

from __future__ import annotations

from typing import NamedTuple

from dragoman.core.data_tables import table_rows


class LanguageSupport(NamedTuple):
    """A row of the table. Each of ``figures`` to ``speakers`` is ``yes``, ``partly`` or ``no``."""

    tag: str
    """BCP-47, without a script or region."""
    name: str
    figures: str
    """Amounts in digits: scales, currencies, percentages, units."""
    words: str
    """Numbers in words."""
    dates: str
    negation: str
    """Whether a denial in the source can be compared with one in the English."""
    speakers: str
    """Whether a named speaker of a claim can be compared with the words that introduce speech."""
    reviewed: str
    """How the words were reviewed."""


def languages() -> tuple[LanguageSupport, ...]:
    """Every language with a row, by tag."""
    return tuple(sorted(LanguageSupport(*cells) for cells in table_rows("languages.tsv")))
