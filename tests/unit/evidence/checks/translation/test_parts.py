"""The parts from which a translation is judged: sounds of names, digits of figures, expected lengths, copied words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.evidence.checks.quantities import read
from dragoman.evidence.checks.translation import copied
from dragoman.evidence.checks.translation.lengths import deviation, expected_length, is_dense, typical_ratio
from dragoman.evidence.checks.translation.marks import digits_of
from dragoman.evidence.checks.translation.sounds import sounds

SAME_NAME = {
    "Cyrillic": ("Нестругина", "Nestrugin"),
    "Greek": ("Παπαδόπουλος", "Papadopoulos"),
    "Arabic": ("القرني برلين", "Berlin"),
    "Hebrew": ("ברלין", "Berlin"),
    "Devanagari": ("महाराष्ट्र", "Maharashtra"),
    "Bengali": ("মহারাষ্ট্র", "Maharashtra"),
    "Tamil": ("பெர்லின்", "Berlin"),
    "katakana": ("ミズーリ", "Missouri"),
    "Hangul": ("부산", "Busan"),
    "Latin with marks": ("Łódzki", "Lodzki"),
    "Vietnamese": ("Nghiêm Thắng", "Nghiem Thang"),
}


@pytest.mark.parametrize("script", SAME_NAME)
def test_a_name_sounds_the_same_in_its_script_and_in_english(script: str) -> None:
    """No table of letters is needed: Unicode names say how letters sound."""
    printed, english = SAME_NAME[script]
    assert sounds(printed) & sounds(english) or not sounds(english)
    assert sounds(english) or script == "Vietnamese"


@given(st.text(max_size=60))
def test_any_text_has_sounds_of_three_or_four_consonants(text: str) -> None:
    assert all(3 <= len(code) <= 4 and set(code) <= set("123456") for code in sounds(text))


@pytest.mark.parametrize(
    ("text", "language", "english"),
    [
        ("2,75 Milliarden Euro", "de", "2.75 billion euros"),
        ("90亿", "zh-Hans", "9 billion"),
        ("३ लाख", "hi", "300,000"),
        ("drei", "de", "3"),
        ("民國115年", "zh-Hant", "2026"),
    ],
)
def test_figures_share_their_digits_across_languages(text: str, language: str, english: str) -> None:
    assert digits_of(read(text, language)) & digits_of(read(english, "en"))


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("市政府星期一批准了一项新的预算。", "The city government approved a new budget on Monday."),
        ("정부는 월요일에 새 예산을 승인했다.", "The government approved a new budget on Monday."),
        ("政府は月曜日に新しい予算を承認した。", "The government approved a new budget on Monday."),
        ("Правительство утвердило новый бюджет.", "The government approved a new budget."),
    ],
    ids=["zh", "ko", "ja", "ru"],
)
def test_the_expected_length_is_near_that_of_real_english(text: str, english: str) -> None:
    """Within 40 %, so that half or twice the length per character would be noticed."""
    assert 0.7 <= expected_length(text) / len(english) <= 1.4
    assert is_dense(text) == (text[0] > "\u2e80")


@given(st.integers(1, 5_000), st.floats(20, 5_000))
def test_a_length_deviates_in_its_direction(length: int, expected: float) -> None:
    """A text longer than expected deviates upwards, and less so in Chinese, Japanese and Korean."""
    off, dense = (deviation(length, expected, is_dense=kind) for kind in (False, True))
    assert (off > 0) == (length > expected)
    assert abs(dense) <= abs(off)


def test_an_article_that_is_short_throughout_does_not_make_short_english_usual() -> None:
    """The typical ratio stays within what languages differ by, so that a translation of beginnings is still found."""
    assert typical_ratio([(200.0, 40)] * 9) == 0.8
    assert typical_ratio([(200.0, 210)] * 9) == pytest.approx(1.05)
    assert typical_ratio([(200.0, 240)] * 4) == 1.0


def test_words_of_the_source_are_found_in_the_english() -> None:
    """Running text counts, names and words of English do not."""
    source = (
        "Sie fordert stattdessen niedrigere Steuern. Die Universität Otto Klein und das open source team schweigen."
    )
    copied_words = copied.copied(source, "It wants this: sie fordert stattdessen niedrigere steuern, they say.")
    assert copied_words == "sie fordert stattdessen niedrigere steuern"
    assert copied.copied(source, "The Universität Otto Klein is silent.") is None
    assert copied.foreign_run("The plant Завод «Северная звезда» закрыли на три месяца was closed.")
    assert copied.foreign_run("The plant (Завод Северная звезда закрыли на месяц) was closed.") is None
