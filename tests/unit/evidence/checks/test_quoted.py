"""Checks read the words of the source, without the mark-up that the model put into a quote."""

from __future__ import annotations

import pytest

from dragoman.evidence.assess import locate_quotes
from dragoman.evidence.checks.quoted import quoted_words
from tests.unit.evidence.answers import SOURCE, claim, findings, quantity, source_of, summary


@pytest.mark.parametrize(
    ("quote", "words"),
    [
        ("hat wieder 14 Leute", "hat wieder 14 Leute"),
        ("hat wieder **14** Leute", "hat wieder 14 Leute"),
        ("hat\u00a0wieder 14 Leute", "hat wieder 14 Leute"),
        ("stieg … auf 1,2 Millionen Euro", "stieg … auf 1,2 Millionen Euro"),
        ("stieg ... auf **1,2** Millionen Euro", "stieg … auf 1,2 Millionen Euro"),
        ("hat **wieder** 15 Leute", "hat **wieder** 15 Leute"),
    ],
)
def test_a_located_quote_is_read_in_the_words_of_the_source(quote: str, words: str) -> None:
    """An absent quote has no other words than its own."""
    (checked,) = locate_quotes(summary(claim(quote=quote)), SOURCE).claims
    assert quoted_words(SOURCE, checked) == words


@pytest.mark.parametrize(
    ("text", "quote", "words"),
    [
        ("sind 2,4 Milli-\narden Euro", "2,4 Milliarden Euro", "2,4 Milliarden Euro"),
        ("ist rot-\ngrün regiert", "rot-grün regiert", "rot-grün regiert"),
        ("hat Vor- und Nachteile", "Vor- und  Nachteile", "Vor- und Nachteile"),
    ],
)
def test_a_word_broken_at_a_line_end_is_read_as_the_quote_has_it(text: str, quote: str, words: str) -> None:
    """Otherwise its figure would lose its scale."""
    source = source_of(text)
    (checked,) = locate_quotes(summary(claim(quote=quote)), source).claims
    assert quoted_words(source, checked) == words


@pytest.mark.parametrize("figure", ["14 Leute", "**14** Leute", "**14 Leute**"])
def test_a_figure_in_emphasis_is_a_complete_figure_of_its_quote(figure: str) -> None:
    assert findings(summary(claim(quote="hat wieder **14** Leute", quantities=[quantity(figure)]))) == []
