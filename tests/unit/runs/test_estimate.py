"""What requests would cost that are not sent yet: each kind of token at its own price."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from statistics import fmean

import pytest

from dragoman.core.models import table
from dragoman.core.tokens import estimate as estimate_tokens
from dragoman.runs.calibration import Calibration
from dragoman.runs.estimate import CORRECTION_OUTPUT, Gauge
from dragoman.tasks.requests import prompt_tokens
from tests.support.builders import call_of, spec_of
from tests.support.folders import EXPECTED

SONNET = table().find("sonnet-5-5")
"""$2 per million tokens in, $10 out, $2.50 written to the prompt cache, $0.10 read from it."""
SPEC = spec_of("summary", SONNET)
CALL = call_of(model=SONNET)
CALIBRATION = Calibration(output={("summary", None): 0.1}, fixed={CALL.prompt.sha256: 1000})
"""Replies have a tenth of the tokens of the prompt, of which a thousand pass through the cache."""


def gauge(times: str = "1", calibration: Calibration = CALIBRATION) -> Gauge:
    """The service counts ten thousand tokens for each prompt."""
    return Gauge(lambda _: 10_000, calibration, Decimal(times))


@pytest.mark.parametrize(
    ("times", "first", "later"),
    [
        # 9,000 × 2 + 1,000 × 10 + 1,000 × 2.5 = 30,500 millionths; then 1,000 × 0.1 in place of 1,000 × 2.5
        ("1", "0.0305", "0.0281"),
        ("1.1", "0.03355", "0.03091"),
    ],
)
def test_the_first_request_pays_for_writing_the_cache_and_the_others_for_reading_it(
    times: str, first: str, later: str
) -> None:
    """A write costs a quarter more than plain input, a read a twentieth of it."""
    plan = gauge(times)
    amounts = [plan.estimate(SPEC, [CALL], "vi") for _ in range(3)]
    assert [amount.cost_usd for amount in amounts] == [Decimal(first), Decimal(later), Decimal(later)]
    assert [amount.cached_tokens for amount in amounts] == [0, 1000, 1000]
    assert {(amount.requests, amount.prompt_tokens, amount.output_tokens) for amount in amounts} == {(1, 10_000, 1000)}


def test_requests_of_one_article_share_the_cache_too() -> None:
    """The parts of a long article: the first writes, the others read."""
    both = gauge().estimate(SPEC, [CALL, CALL], "vi")
    assert (both.requests, both.cost_usd, both.cached_tokens) == (2, Decimal("0.0305") + Decimal("0.0281"), 1000)


def test_where_the_cache_does_not_help_everything_is_plain_input() -> None:
    """As earlier replies show: 10,000 × 2 + 1,000 × 10."""
    calibration = Calibration(output=CALIBRATION.output, fixed={CALL.prompt.sha256: 0})
    plan = gauge(calibration=calibration)
    assert [plan.estimate(SPEC, [CALL], "vi").cost_usd for _ in range(2)] == [Decimal("0.03")] * 2


def test_no_more_is_cached_than_the_prompt_has() -> None:
    """The prompt became shorter than the part that was measured: 10,000 × 2.5 + 1,000 × 10."""
    calibration = Calibration(output=CALIBRATION.output, fixed={CALL.prompt.sha256: 1_000_000})
    assert gauge(calibration=calibration).estimate(SPEC, [CALL], "vi").cost_usd == Decimal("0.035")


def test_an_estimate_is_multiplied_by_what_was_measured() -> None:
    """The factor of the language, or of all languages. Without one, the basis is an estimate alone."""
    calibration = Calibration(prompt={"vi": 2.0, None: 3.0})
    tokens = prompt_tokens(CALL.request)
    for language, expected in (("vi", 2 * tokens), ("ru", 3 * tokens)):
        estimate = Gauge(None, calibration).estimate(SPEC, [CALL], language)
        assert (estimate.prompt_tokens, estimate.basis) == (expected, "learned")
    estimate = Gauge(None, Calibration()).estimate(SPEC, [CALL], "vi")
    assert (estimate.prompt_tokens, estimate.basis) == (tokens, "estimated")


def test_the_output_share_that_was_measured_is_of_the_whole_prompt() -> None:
    """Of the language, or of all languages."""
    calibration = Calibration(output={("summary", "vi"): 0.25, ("summary", None): 0.5})
    estimates = [gauge(calibration=calibration).estimate(SPEC, [CALL], language) for language in ("vi", "ru")]
    assert [estimate.output_tokens for estimate in estimates] == [2500, 5000]


@pytest.mark.parametrize(("task", "fixed", "share"), [("summary", 4_500, 0.6), ("translation", 400, 0.9)])
def test_before_anything_was_measured_output_is_a_number_and_a_share_of_the_article(
    task: str, fixed: int, share: float
) -> None:
    """The numbers were fitted to the answers of the samples. What all requests have in common does not count."""
    spec, call = spec_of(task, SONNET), call_of(task, model=SONNET)
    common = sum(map(estimate_tokens, (spec.prompt.system, str(spec.prompt.schema), spec.prompt.user)))
    for article_tokens in (0, 1000):
        counted = Gauge(lambda _, count=common + article_tokens: count, Calibration())  # type: ignore[misc]
        estimate = counted.estimate(spec, [call], "vi")
        assert estimate.output_tokens == fixed + share * article_tokens
    both = Gauge(lambda _: common + 1000, Calibration()).estimate(spec, [call, call], "vi")
    assert both.output_tokens == 2 * (fixed + share * 1000)


def test_a_correction_is_estimated_by_its_items_and_not_as_an_answer() -> None:
    """Whatever was measured: it writes a few items again. The number is that of the corrections of the samples."""
    repairs = [replace(CALL, role="repair", items=items) for items in ("c1#0", "c1#0 c3#0 abstract#0")]
    estimate = gauge().estimate(SPEC, repairs, "vi")
    assert estimate.output_tokens == 4 * CORRECTION_OUTPUT
    recorded = [json.loads(path.read_text("utf-8")) for path in (EXPECTED.parents[1] / "recordings").glob("*.json")]
    written = [
        _tokens(json.loads(json.loads(exchange["body"])["content"][0]["text"])) / len(exchange["items"].split())
        for exchange in recorded
        if exchange["role"] == "repair"
    ]
    assert fmean(written) == pytest.approx(CORRECTION_OUTPUT, rel=0.05)


def _tokens(value: object) -> int:
    """Tokens of a JSON value, as `OUTPUT_SHARE` counts them."""
    if isinstance(value, dict):
        return sum(5 + _tokens(inner) for inner in value.values())
    if isinstance(value, list):
        return sum(map(_tokens, value))
    return estimate_tokens(value) if isinstance(value, str) else 1


def test_before_anything_was_measured_the_system_prompt_is_cached_if_the_model_caches_so_little() -> None:
    """A model whose shortest cached prefix is longer caches nothing."""
    system = estimate_tokens(CALL.request.system)
    for minimum, cached in ((system, system), (system + 1, 0), (None, 0)):
        spec = spec_of("summary", replace(SONNET, cache_minimum=minimum))
        plan = gauge(calibration=Calibration())
        assert [plan.estimate(spec, [CALL], "vi").cached_tokens for _ in range(2)] == [0, cached]


def test_the_price_of_a_model_without_a_price_is_not_zero() -> None:
    """It is unknown."""
    spec = spec_of("summary", table().find("my-local-model"))
    assert gauge().estimate(spec, [CALL], "vi").cost_usd is None
