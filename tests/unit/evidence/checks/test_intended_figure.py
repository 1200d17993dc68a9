"""A wrong English figure is matched with the figure of the source that it was meant to be, or with none if in doubt."""

from __future__ import annotations

import pytest

from dragoman.evidence.checks.intended_figure import intended_figure
from dragoman.evidence.checks.quantities import read


def intended(language: str, source: str, english: str) -> tuple[str, str] | None:
    """(words of the source, name of the check) for the last figure of an English text about one quote."""
    quote, text = read(source, language), read(english, "en")
    found = intended_figure(text.quantities[-1], text, [quote, quote])
    return (found[0].printed(found[1]), found[2]) if found else None


@pytest.mark.parametrize(
    ("language", "source", "english", "expected"),
    [
        ("zh-Hans", "约90亿元", "90 billion yuan", ("90亿元", "value.scale")),
        ("es", "subió un 4,8 %", "rose by 8.4%", ("4,8 %", "value.figure")),
    ],
)
def test_the_same_digits_or_the_only_figure_of_the_kind_is_the_intended_one(
    language: str, source: str, english: str, expected: tuple[str, str]
) -> None:
    assert intended(language, source, english) == expected


@pytest.mark.parametrize(
    ("language", "source", "english"),
    [
        pytest.param("es", "subió del 4,8 % al 5,1 %", "rose by 8.4%", id="two figures of the kind"),
        pytest.param("es", "un 4,8 %", "4.8% and then 8.4%", id="the figure is stated elsewhere"),
        pytest.param("de", "von 52,5 auf 63 Millionen Euro", "52.5 million euros", id="a shared scale word"),
        pytest.param("hi", "लागत $3.6bn हो गई।", "The cost reached $3.6 billion.", id="a scale that is not read"),
        pytest.param("es", "un 4,8 %", "35 people", id="another kind"),
    ],
)
def test_a_figure_that_may_be_right_has_no_intended_one(language: str, source: str, english: str) -> None:
    assert intended(language, source, english) is None


def test_a_scale_word_is_shared_only_with_a_near_figure() -> None:
    """Sixteen characters fit "from … to …" with a few words, and no second statement."""
    source = "von 52,5 {} 63 Millionen Euro"
    assert intended("de", source.format("auf fast schon"), "52.5 million euros") is None
    far = source.format("auf am Ende doch nur noch")
    assert intended("de", far, "52.5 million euros") == ("52,5", "value.scale")


def test_letters_after_digits_excuse_only_a_large_factor() -> None:
    """Unread letters may be a scale word, and scale words begin at a thousand."""
    assert intended("hi", "लागत $3.6xq हो गई।", "The cost was $3,600.") is None
    assert intended("hi", "लागत $3.6xq हो गई।", "The cost was $36.") == ("$3.6", "value.scale")


CITY = "Conta 1 milione e 200mila abitanti"


@pytest.mark.parametrize(
    ("language", "source", "english", "expected"),
    [
        pytest.param("zh-Hans", "这套房每平方米13万2。", "130,002 per square metre", "13万2", id="elided scale"),
        pytest.param("ko", "집값이 1억5천 올랐다.", "rose by 100,005,000", "1억5천", id="elided thousand"),
        pytest.param("it", f"{CITY}.", "200,000 inhabitants", "1 milione e 200mila abitanti", id="half of a number"),
        pytest.param("de", "Es kamen 998.", "There were 1,001.", "998", id="three digits"),
        pytest.param("de", "Es kamen 990.", "There were 1,001.", None, id="two digits and a zero"),
        pytest.param("de", "Es kamen 998 mit 3 Hunden.", "There were 1,001.", None, id="another figure of the quote"),
        pytest.param(
            "de", "Es kamen 998.", "There were 3 dogs and 1,001 cats.", None, id="another figure of the claim"
        ),
    ],
)
def test_the_only_figures_of_claim_and_quote_are_compared_without_a_unit(
    language: str, source: str, english: str, expected: str | None
) -> None:
    """Both must have three digits before their last zeros, and no other figure beside them."""
    assert intended(language, source, english) == ((expected, "value.figure") if expected else None)
