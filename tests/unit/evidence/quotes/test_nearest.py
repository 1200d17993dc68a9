"""An absent quote is shown beside the most similar text of the source, with the words that differ."""

from __future__ import annotations

import pytest

from dragoman.evidence.quotes.nearest import nearest
from dragoman.reading.prepare import prepare_text

CASES = {
    "a verb in Spanish": (
        "La presa está casi vacía. El alcalde cifra en unos 240 millones las pérdidas de esta campaña.",
        "estima en unos 240 millones las pérdidas de esta campaña",
        ("cifra", "estima"),
    ),
    "a figure in Chinese": (
        "该厂去年产值达90亿元，同比增长4.8%，创下新高。",
        "同比增长5.8%，创下新高",
        ("4.8", "5.8"),
    ),
    "a dropped negation in Russian": (
        "Министр заявил, что завод не будет закрыт до конца года, и уехал.",
        "завод будет закрыт до конца года",
        ("не", ""),
    ),
    "an added word in Hindi": (
        "नगर निगम ने कहा कि नई बस सेवा अगले महीने से शुरू होगी।",
        "नई सरकारी बस सेवा अगले महीने से शुरू होगी",
        ("", "सरकारी"),
    ),
    "a year in Arabic": (
        "قال المدير إن المحطة ستعمل بكامل طاقتها في عام ٢٠٢٨ إذا اكتمل التمويل.",
        "ستعمل بكامل طاقتها في عام ٢٠٢٩ إذا اكتمل التمويل",
        ("2028", "2029"),
    ),
}


@pytest.mark.parametrize(("text", "quote", "difference"), CASES.values(), ids=CASES)
def test_the_words_that_differ_are_named(text: str, quote: str, difference: tuple[str, str]) -> None:
    """One change gives one difference: (words of the source, words of the quote)."""
    near = nearest(quote, prepare_text(text))
    assert near is not None
    assert near.differences == (difference,)


def test_an_invented_quote_has_no_nearest_text() -> None:
    """An invented quote has no nearest text, which would mislead the reader."""
    source = prepare_text("La presa está casi vacía.\nEl alcalde habló ayer en la plaza.")
    assert nearest("The committee rejected every proposal of the union", source) is None
    assert nearest("委员会否决了全部提案", source) is None
    assert nearest("", source) is None


def test_the_stated_paragraph_wins_a_tie() -> None:
    """Of two equally similar texts, the one in the stated paragraph is shown."""
    line = "El alcalde cifra en unos 240 millones las pérdidas"
    source = prepare_text(f"{line} de enero.\nOtra cosa fue dicha entonces.\n{line} de marzo.")
    for stated in (1, 3):
        near = nearest("estima en unos 240 millones las pérdidas", source, stated)
        assert near is not None
        assert source.paragraph_at(near.start) == stated


def test_a_finding_names_three_differences() -> None:
    source = prepare_text("Der Turm ist sehr alt und steht noch immer am rechten Ufer der Elbe in Dresden.")
    near = nearest("Das Turm ist ganz alt und stand noch immer am linken Ufer der Elbe in Dresden.", source)
    assert near is not None
    assert near.differences == (("Der", "Das"), ("sehr", "ganz"), ("steht", "stand"))


@pytest.mark.parametrize(
    ("quote", "is_near"),
    [
        pytest.param("abcdefghijklmnop" + "x" * 14, True, id="more than half of the letters"),
        pytest.param("abcdefghijklmn" + "x" * 16, False, id="fewer than half"),
    ],
)
def test_a_text_with_half_of_the_letters_is_near(quote: str, is_near: bool) -> None:
    assert (nearest(quote, prepare_text("abcdefghijklmnopqrstuvwz")) is not None) is is_near


@pytest.mark.parametrize(("length", "is_near"), [(6, True), (4, False)])
def test_a_quarter_of_the_quote_must_be_in_one_piece(length: int, is_near: bool) -> None:
    """Single letters occur in order anywhere."""
    letters = "abcdefghijklmnopqrst"
    pieces = [letters[start : start + length] for start in range(0, 20, length)]
    text = "-".join(pieces)
    assert (nearest(letters, prepare_text(text)) is not None) is is_near


def test_only_the_first_two_thousand_characters_of_a_quote_are_compared() -> None:
    """The comparison takes quadratic time."""
    words = [f"wort{number:04}" for number in range(400)]
    near = nearest("anders " + " ".join(words), prepare_text(" ".join(words)))
    assert near is not None
    assert 1900 <= near.end <= 2100


def test_three_paragraphs_are_compared_closely() -> None:
    """Those that share the most pairs of letters; the right one must be among them."""
    decoys = ["aa bb cc dd ee ff gg hh"[::-1] + str(number) for number in range(2)]
    quote = "hh gg ff ee dd cc bb aa: Turm"
    source = prepare_text("\n".join([*decoys, "hh gg ff ee dd cc bb aa: Sturm"]))
    near = nearest(quote, source)
    assert near is not None
    assert source.paragraph_at(near.start) == 3
