"""Cue words are found as whole words where a language has spaces, and anywhere where it has none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.text import caseless
from dragoman.evidence.cue_words import denials, may_have, pattern

LANGUAGES = ("de", "ru", "zh-Hans", "ar", "hi", "vi", "tr", "en")
WORDS = ("nicht", "не", "不", "لا", "नहीं", "không", "değil", "Not", "Ignore", "AI", "sagte", "сказал", "x")


def test_a_cue_is_a_whole_word_in_a_language_with_spaces() -> None:
    negation = pattern("de", "not")
    assert negation is not None
    assert negation.search("Das Werk wird nicht geschlossen.")
    assert not negation.search("Das wurde vernichtet.")


def test_a_cue_is_found_inside_words_in_a_language_without_spaces() -> None:
    negation = pattern("zh-Hans", "not")
    assert negation is not None
    assert negation.search("工厂今年不会关闭。")


def test_a_language_without_cues_has_no_pattern() -> None:
    assert pattern("is", "not") is None
    assert denials("is") is None


@given(
    st.sampled_from(LANGUAGES),
    st.sampled_from(("not", "turn", "weak", "order", "command", "machine", "says", "grown")),
    st.lists(
        st.sampled_from(
            ("nicht", "не", "不", "لا", "नहीं", "không", "değil", "Not", "Ignore", "AI", "sagte", "сказал", "x")
        ),
        max_size=6,
    ).map(" ".join),
)
def test_the_quick_check_never_misses_a_cue(language: str, kind: str, text: str) -> None:
    """The law between `may_have` and `pattern`: where the quick check is false, the full search finds nothing."""
    cues = pattern(language, kind)
    if cues is not None and cues.search(text):
        assert may_have(caseless(text), language, kind)


@pytest.mark.parametrize(
    ("language", "denial", "other"),
    [
        ("de", "Der Verwalter wies Berichte zurück.", "Der Verwalter nannte Berichte."),
        ("zh-Hans", "发言人否认了报道。", "发言人确认了报道。"),
        ("en", "He denied it.", "The garden is open."),
    ],
)
def test_a_denial_is_found_at_the_beginning_of_a_word(language: str, denial: str, other: str) -> None:
    """`anywhere` is a quick check for the same words, and never misses one."""
    patterns = denials(language)
    assert patterns is not None
    assert patterns.at_word_start.search(denial)
    assert patterns.anywhere.search(caseless(denial))
    assert not patterns.at_word_start.search(other)


def test_a_star_inside_a_cue_stands_for_any_letters() -> None:
    """Amharic denies by what stands around the verb: አል…ም. The quick check finds it too."""
    denial = pattern("am", "turn")
    assert denial is not None
    assert denial.search("ሠራተኛ አልተባረረም ተባለ")
    assert not denial.search("ሠራተኛ ተባረረ")
    assert may_have("ሠራተኛ አልተባረረም", "am", "turn")


def test_a_star_stands_for_the_other_letters_of_a_word() -> None:
    """English contracts its negation: didn't, won't."""
    negation = pattern("en", "not")
    assert negation is not None
    assert [negation.findall(text) for text in ("He didn't go.", "She won’t.", "Don't.")] == [
        ["didn't"],
        ["won’t"],
        ["Don't"],
    ]
    assert may_have("he didn't go", "en", "not")
