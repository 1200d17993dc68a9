"""The estimate of tokens counts every character once, in every script, and has no jumps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.tokens import (
    _CLASSES,
    _MAX_CACHED_CHARACTERS,
    _OTHER_RATE,
    MARGIN,
    MOST_PER_CHARACTER,
    _cached_estimate,
    estimate,
)
from dragoman.reading.discover import ArticleFile, read
from dragoman.reading.prepare import prepare
from tests.conftest import ROOT, shared


def rate(character: str) -> float:
    """Tokens per character, by the estimate."""
    return estimate(character * 10_000) / 10_000


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("The mill has been for sale since Monday, the owner said.", 10, 40),
        ("Cối xay được rao bán từ thứ Hai, chủ nhân cho biết.", 15, 50),
        ("磨坊从星期一起出售，主人说。", 10, 25),
        ("水車小屋は月曜から売りに出ている。", 10, 25),
        ("방앗간은 월요일부터 매물로 나왔다.", 10, 35),
        ("चक्की सोमवार से बिक्री पर है।", 12, 40),
        ("المطحنة معروضة للبيع منذ الاثنين.", 12, 40),
        ("Мельница выставлена на продажу.", 8, 30),
        ("โรงสีประกาศขายตั้งแต่วันจันทร์", 12, 40),
        ("", 1, 1),
    ],
)
def test_a_sentence_is_about_as_long_in_every_script(text: str, low: int, high: int) -> None:
    """Each character has between a quarter of a token and a little over one."""
    assert low <= estimate(text) <= high


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_longer_text_never_has_fewer_tokens(one: str, other: str) -> None:
    """And two texts together have at most the sum of both: no character is counted twice."""
    both = estimate(one + other)
    assert max(estimate(one), estimate(other)) <= both <= estimate(one) + estimate(other)


@given(st.characters())
def test_every_character_counts_about_once(character: str) -> None:
    """Also a character that no class contains, and one that two classes contain."""
    assert 0.03 < rate(character) < 1.8


def test_the_order_of_characters_does_not_matter() -> None:
    text = "Giá 5 % 磨坊 ｶﾞ مطحنة! 🎻\n"
    assert estimate(text * 50) == estimate("".join(sorted(text * 50)))


def test_the_margin_exceeds_twice_the_mean_error_and_not_the_extremes() -> None:
    """The mean error is 9 %, the extremes are near 45 %."""
    assert 1 + 2 * 0.09 <= MARGIN <= 1.45


def test_no_class_has_more_tokens_per_character_than_the_limit() -> None:
    """The limit is just above the highest rate, so that few texts need an estimate."""
    highest = max(_OTHER_RATE, *(rate for _, rate in _CLASSES))
    assert highest <= MOST_PER_CHARACTER <= highest * 1.1


def test_cached_estimates_take_at_most_128_megabytes() -> None:
    """512 texts of the longest cached length, with four bytes per character."""
    assert 64 << 20 < 512 * _MAX_CACHED_CHARACTERS * 4 <= 128 << 20
    assert _cached_estimate.cache_info().maxsize == 512


# Characters per token of the 4.8 and 5 generations, measured offline (2026-11).
RATES = {"vi": 1.80, "hi": 1.39, "zh-Hans": 1.02, "zh-Hant": 0.99, "ru": 2.50, "ar": 1.52, "es": 2.61}


@pytest.mark.parametrize("place", ["samples", "seeds"])
def test_real_texts_are_estimated_within_a_quarter_of_the_measured_rates(place: str) -> None:
    """Every sample and seed, including Chinese, Hindi and Vietnamese."""
    folder = ROOT / "samples" / "articles" if place == "samples" else shared("seeds")
    seen = set()
    for path in sorted(folder.iterdir()):
        source = prepare(read(ArticleFile(path.name, str(path))))
        expected = len(source.text) / RATES[source.language]
        assert abs(estimate(source.text) - expected) <= 0.25 * expected, path.name
        seen.add(source.language)
    assert seen >= {"vi", "hi", "zh-Hans", "zh-Hant"}
