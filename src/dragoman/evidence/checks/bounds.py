"""Compare the bounds of equal figures: “more than 120” in the source is not “at most 120”, and not 120.

Only figures with exactly the same value are compared: a rounded figure has another bound than the exact one (1,234 is
“more than 1,200”). A finding needs that no figure of the source with that value has a bound that the English renders.

People translate bounds freely. So these pairs are the same: “at least” and “more than” (100人以上 is usually “more than
100”), “at most” and “less than”, and “less than” and “about” (“just under”). A word near a figure may be its bound
without being read as one (“exceeded the mark of 120”); where either text has such a word, there is no finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Literal

from dragoman.core.bounds import BOUND_WORDS, Bound
from dragoman.core.language_tags import primary
from dragoman.core.record import Severity
from dragoman.evidence.checks.quantities import Observation, TextQuantities, is_small
from dragoman.evidence.cue_words import pattern
from dragoman.evidence.figures import Quantity
from dragoman.evidence.figures.folding import word_key
from dragoman.evidence.figures.lexicon import lexicon

Side = Literal["exact", "about", "low", "high"]
"""Which side of a figure a bound leaves open: none, both, only more than it (``low``: the figure is the lower bound),
or only less (``high``)."""

REACH = 40
"""Characters on either side of a figure in which an unread word may be its bound: "zaidi ya watu wazima 4,000"."""

_SIDES: dict[Bound, Side] = {
    "exact": "exact", "about": "about", "at_least": "low", "more_than": "low", "at_most": "high", "less_than": "high"
}  # fmt: skip
_MEANINGS: dict[str, Side] = {
    "about": "about", "more": "low", "atleast": "low", "less": "high", "atmost": "high"
}  # fmt: skip

_ENGLISH_WORDS = {
    "about": re.compile(
        r"\b(?:about|around|approx\w*|roughly|circa|some|nearly|almost|virtually|close to|near|or so|estimate[sd]?|"
        r"region|order of|more or less|barely|hardly|scarcely)\b"
    ),
    "low": re.compile(
        r"\b(?:more|over|above|beyond|past|least|minimum|exceed\w*|surpass\w*|pass(?:ed|es|ing)|top(?:s|ped|ping)|"
        r"greater|higher|larger|longer|older|upwards?|plus|odd|multiple|break\w*|broke)\b"
    ),
    "high": re.compile(
        r"\b(?:up to|most|max\w*|less|fewer|under|below|lower|within|until|till|as (?:many|much) as|exceed\w*|limit\w*|"
        r"cap(?:ped)?|ceiling|reach\w*|peak\w*|top|high(?:est)?|shy|short of|barely|even|smaller|younger|shorter)\b"
    ),
}
"""English words that may be the bound of a figure."""

_EMPHATIC = re.compile(r"\bas (?:many|much) as\W*$", re.IGNORECASE)
"""People also write "as many as 300" for a large number that is not an upper bound."""


_TO_AFTER = ("까지", "तक", "تک", "পর্যন্ত", "सम्म", "வரை")
"""Words after a figure that mean both "up to" and "to"."""


def check_bounds(english: TextQuantities, scopes: Sequence[TextQuantities]) -> Iterator[Observation]:
    """``value.bound``: an error if the bounds contradict each other (“more than” and “at most”), a warning if one is
    lost, gained or blurred (“more than 120” as 120 or as “about 120”, and the other way round), a note for “about” that
    is lost or gained, and for “at most” that is gained. ``scopes`` go from the narrowest to the widest."""
    figures = [figure for figure in english.quantities if _is_compared(figure) and not is_small(figure)]
    if not figures:
        return
    by_value: dict[Decimal | None, list[tuple[Quantity, TextQuantities]]] = {figure.value: [] for figure in figures}
    for scope in scopes:
        for source_figure in scope.quantities:
            if source_figure.value in by_value and _is_compared(source_figure):
                by_value[source_figure.value].append((source_figure, scope))
    for figure in figures:
        equal = by_value[figure.value]
        if not equal or any(_may_render(*pair, figure.bound) for pair in equal):
            continue
        severity = max((_severity(*pair, figure, english) for pair in equal), key=_MILDEST.index)
        if severity is not None:
            source_figure, scope = equal[0]
            source_words = scope.printed(source_figure)
            message = (
                f"“{english.printed(figure)}” is {_named(figure.bound)} in the English; "
                f"“{source_words}” is {_named(source_figure.bound)} in the source"
            )
            yield Observation("value.bound", severity, message, source_words, english.printed(figure))


def _is_compared(figure: Quantity) -> bool:
    return figure.value is not None and figure.kind not in ("date", "ordinal")


_MILDEST: Sequence[Severity | None] = ("error", "warning", "note", None)


def _may_render(source_figure: Quantity, scope: TextQuantities, english: Bound) -> bool:
    """Whether a figure of the source is usually translated with that bound."""
    source = source_figure.bound
    if _SIDES[source] == _SIDES[english] or {source, english} == {"less_than", "about"}:
        return True
    return english == "about" and source == "more_than" and _is_odd(source_figure, scope)


def _is_odd(figure: Quantity, text: TextQuantities) -> bool:
    """Whether a word inside the figure makes it "120-odd": 120余人, 120여 명. It is also translated as "some 120"."""
    printed = word_key(text.printed(figure), primary(text.language))
    return any(word in printed for word in lexicon(text.language).of_kind("run", "inside"))


def _severity(
    source_figure: Quantity, scope: TextQuantities, figure: Quantity, english: TextQuantities
) -> Severity | None:
    source_side, side = _SIDES[source_figure.bound], _SIDES[figure.bound]
    if {source_side, side} == {"low", "high"}:
        if _is_negated(source_figure, scope) or _is_negated(figure, english):
            return None
        return "warning" if _EMPHATIC.search(english.text, 0, figure.start) else "error"
    if _has_word(source_side, english, figure) or _has_word(side, scope, source_figure):
        return None
    if {source_figure.bound, figure.bound} == {"exact", "at_most"}:
        if _may_mean_to(source_figure, scope):
            return None
        return "warning" if side == "exact" else "note"
    return "note" if {source_side, side} == {"exact", "about"} else "warning"


def _near(figure: Quantity, text: TextQuantities) -> tuple[str, str]:
    """The words before and after a figure, in the folded spelling of the tables."""
    language = primary(text.language)
    before = text.text[max(0, figure.start - REACH) : figure.start].rstrip().lower()
    after = text.text[figure.end : figure.end + REACH].lstrip().lower()
    return word_key(before, language), word_key(after, language)


def _has_word(side: Side, text: TextQuantities, figure: Quantity) -> bool:
    """Whether a word near the figure may say that it is a bound of that side, though it was not read so."""
    if side == "exact":
        return False
    near = " ".join(_near(figure, text))
    if text.language == "en":
        return bool(_ENGLISH_WORDS[side].search(near))
    return any(word in near for word in _hedges(text.language)[side])


@lru_cache(maxsize=64)
def _hedges(language: str) -> dict[Side, tuple[str, ...]]:
    """The hedges of a language by side, in their folded spelling."""
    words: dict[Side, list[str]] = {"about": [], "low": [], "high": []}
    for place in ("before", "after"):
        for word, entry in lexicon(language).of_kind(place, "hedge", "hedge-after").items():
            side = _MEANINGS.get(entry.meaning)
            if side and len(word) > 1:  # a single letter such as כ or 上 is part of many other words
                words[side].append(word.rstrip("*"))
    return {side: tuple(found) for side, found in words.items()}


def _is_negated(figure: Quantity, text: TextQuantities) -> bool:
    """Whether a negation near the figure may turn its bound round: 100'den fazla değil. One that is part of a hedge
    ("no more than") does not count."""
    near = " ".join(_near(figure, text))
    for word in sorted(chain(*_hedges(text.language).values()), key=len, reverse=True):
        near = near.replace(word, " ")
    negation = pattern(text.language, "not")
    return negation is not None and bool(negation.search(near))


def _may_mean_to(figure: Quantity, text: TextQuantities) -> bool:
    """Whether the word of an upper bound also means "to": вырос до 100, subió hasta 100, 100까지 늘었다."""
    before, after = _near(figure, text)
    words = {word for word in lexicon(text.language).place("join") if word.isalpha()}
    is_before = not words.isdisjoint(before.split()[-2:]) or any(map(before.endswith, words))  # hasta el 9,6 %
    return is_before or after.startswith(_TO_AFTER)


def _named(bound: Bound) -> str:
    return f"“{BOUND_WORDS[bound]}”" if bound != "exact" else "without a bound"
