"""Ratios of measured tokens to estimates, from the stored replies of a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from dragoman.core.exchange import Exchange
from dragoman.runs.calibration import ENOUGH, LATEST, Calibration, calibrate
from dragoman.tasks.requests import prompt_tokens
from tests.support.builders import exchange_of, message, request_of

REQUEST = request_of("đọc bài báo này " * 50)
ESTIMATE = prompt_tokens(REQUEST)


def measured(prompt: float, *, output: float = 0.1, cached: int = 0, **fields: Any) -> Exchange:
    """An exchange whose prompt was counted as ``prompt`` times our estimate, and whose reply has ``output`` times as
    many tokens as the prompt; ``cached`` tokens of the prompt came from the cache."""
    tokens = round(prompt * ESTIMATE)
    usage = {
        "input_tokens": tokens - cached,
        "cache_read_input_tokens": cached,
        "output_tokens": round(output * tokens),
    }
    return exchange_of(REQUEST, body=message("{}", usage=usage), **fields)


def calibration(*languages: str | None, prompt: Sequence[float] | float = 2.0) -> Calibration:
    ratios = [prompt] * len(languages) if isinstance(prompt, float) else prompt
    return calibrate((measured(ratio), language) for ratio, language in zip(ratios, languages, strict=True))


def test_the_factor_is_the_mean_of_measured_tokens_over_our_estimates() -> None:
    """An estimate of this model's prompts must be multiplied by it."""
    assert calibration("vi", "vi", "vi", prompt=[1.0, 2.0, 3.0]).prompt_factor("vi") == pytest.approx(2.0, rel=0.01)


def test_two_replies_are_too_few_for_a_mean() -> None:
    """Three are enough."""
    assert ENOUGH == 3
    few = calibration("vi", "vi")
    assert few.prompt_factor("vi") is None
    assert few.output_share("summary", "vi") is None
    assert few.fixed_part("0" * 64) is None
    enough = calibration("vi", "vi", "vi")
    assert enough.prompt_factor("vi") is not None
    assert enough.output_share("summary", "vi") is not None
    assert enough.fixed_part("0" * 64) is not None


def test_a_language_with_few_replies_takes_the_mean_of_all() -> None:
    """And so does an article whose language is not known."""
    learned = calibration("vi", "vi", "vi", "ru", "ru", None, prompt=[2.0, 2.0, 2.0, 4.0, 4.0, 4.0])
    assert learned.prompt_factor("vi") == pytest.approx(2.0, rel=0.01)
    for language in ("ru", "th", None):
        assert learned.prompt_factor(language) == pytest.approx(3.0, rel=0.01)


def test_the_output_share_is_by_task() -> None:
    """A translation is longer than a summary of the same article."""
    exchanges = [measured(1.0, output=0.2), measured(1.0, output=0.8, task="translation")] * ENOUGH
    learned = calibrate((exchange, "vi") for exchange in exchanges)
    assert learned.output_share("summary", "vi") == pytest.approx(0.2, rel=0.02)
    assert learned.output_share("translation", "vi") == pytest.approx(0.8, rel=0.02)
    assert learned.output_share("translation", "ru") == pytest.approx(0.8, rel=0.02)


def test_the_fixed_part_is_what_passed_through_the_cache() -> None:
    """By prompt; 0 for a prompt that the service does not cache."""
    cached, uncached = "1" * 64, "2" * 64
    exchanges = [measured(1.0, cached=100, prompt_sha256=cached), measured(1.0, prompt_sha256=uncached)] * ENOUGH
    learned = calibrate((exchange, "vi") for exchange in exchanges)
    assert (learned.fixed_part(cached), learned.fixed_part(uncached), learned.fixed_part("3" * 64)) == (100, 0, None)


def test_replies_without_token_counts_are_passed_over() -> None:
    """Unreadable replies and those of a server that counts nothing say nothing about tokens."""
    useless = [exchange_of(REQUEST, body=body) for body in ("<html>", message("{}", tokens=None))] * ENOUGH
    assert calibrate((exchange, "vi") for exchange in useless) == Calibration()
    mixed = [*useless, *[measured(2.0)] * ENOUGH]
    assert calibrate((exchange, "vi") for exchange in mixed).prompt_factor("vi") == pytest.approx(2.0, rel=0.01)


def test_the_newest_three_hundred_replies_are_enough() -> None:
    """Next year the service may count differently."""
    assert LATEST == 300
