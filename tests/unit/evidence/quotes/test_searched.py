"""A quote is also found in further forms of its source: words broken at line ends, and letters of other keyboards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dragoman.evidence.quotes.locate import ABSENT, locate
from dragoman.evidence.quotes.searched import searched
from dragoman.reading.prepare import prepare_text
from tests.unit.evidence.quotes.test_locate import source_of


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        pytest.param("für den Schul-\nbau beschlossen", "Schulbau beschlossen", id="German"),
        pytest.param("Höhe von 2,4 Milli-\narden Euro", "2,4 Milliarden Euro", id="a scale word"),
        pytest.param("für den Schul- bau beschlossen", "Schulbau beschlossen", id="a line that was joined"),
        pytest.param("die Milli\u00ad\narden Euro", "die Milliarden Euro", id="a soft hyphen"),
        pytest.param("la pobla\u2010\nción crece", "población crece", id="another hyphen, Spanish"),
        pytest.param("прави-\nтельство решило", "правительство решило", id="Russian"),
        pytest.param("a kor-\nmány döntött", "a kormány döntött", id="Hungarian"),
        pytest.param("η κυβέρ-\nνηση αποφάσισε", "η κυβέρνηση αποφάσισε", id="Greek"),
        pytest.param("կառավա֊\nրությունը որոշեց", "կառավարությունը որոշեց", id="Armenian"),
        pytest.param("მთავ-\nრობამ გადაწყვიტა", "მთავრობამ გადაწყვიტა", id="Georgian"),
        pytest.param("ist rot-\ngrün regiert", "rot-grün regiert", id="a hyphen of the word itself"),
        pytest.param("hat Vor-\nund Nachteile", "Vor- und Nachteile", id="the first half of two words"),
        pytest.param("der Schul-\nbau ist … die Milli-\narden", "der Schulbau … die Milliarden", id="ellipsis"),
    ],
)  # fmt: skip
def test_a_word_broken_at_a_line_end_is_located(text: str, quote: str) -> None:
    """Joined, or with a hyphen of its own; in one paragraph, and if each line became a paragraph."""
    for source in (source_of(text), prepare_text(text)):
        span = locate(quote, source)
        assert span.match == "normalized"
        assert searched(source).text[span.end - 1] == quote[-1]


def test_a_double_name_broken_at_its_hyphen_keeps_it() -> None:
    """But a paragraph that begins with a capital is no rest of a word."""
    assert locate("Frau Müller-Meier kam", source_of("Frau Müller-\nMeier kam")).match == "normalized"
    assert locate("Frau Müller-Meier kam", source_of("Frau Müller-", "Meier kam")) == ABSENT


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        pytest.param("Frau Müller-\nMeier kam", "MüllerMeier kam", id="a double name"),
        pytest.param("Schul—\nbau ist", "Schulbau ist", id="a dash"),
        pytest.param("Schul –\nbau ist", "Schulbau ist", id="a dash after a space"),
        pytest.param("in 10-\n20 Tagen", "in 1020 Tagen", id="figures"),
        pytest.param("der Schul-\nbau ist", "der Schulbau war", id="another word"),
        pytest.param("ein Schul-\n\nbau ist", "Schulbau ist", id="two paragraphs with an empty line"),
    ],
)
def test_other_words_and_signs_are_not_joined(text: str, quote: str) -> None:
    assert locate(quote, prepare_text(text)) == ABSENT


def test_letters_of_an_arabic_keyboard_are_equal_in_persian_only() -> None:
    """In Arabic على (on) and علي (Ali) are two words; Persian has only one of these letters."""
    text, quote = "وزير ايرانى گفت", "وزیر ایرانی گفت"
    assert locate(quote, replace(source_of(text), language="fa")).match == "normalized"
    assert locate(quote, replace(source_of(text), language="ur")).match == "normalized"
    assert locate("علي المكتب", replace(source_of("على المكتب"), language="ar")) == ABSENT


def test_the_forms_of_an_article_are_made_once() -> None:
    """Each quote of an answer is searched for in the same forms."""
    source = prepare_text("Der Turm steht.\nDas Rad fehlt.")
    locate("der Turm", source)
    assert searched(source) is searched(source)
    assert searched(source).whole is searched(source).whole
