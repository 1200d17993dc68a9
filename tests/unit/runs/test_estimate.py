"""What requests that are not sent yet would cost: each kind of token at its own price."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dragoman.core.models import table
from dragoman.runs.calibration import Calibration
from dragoman.runs.estimate import Gauge
from tests.support.builders import call_of, spec_of

SONNET = table().find("sonnet-5-5")
"""$2 per million tokens in, $10 out, $2.50 written to the prompt cache, $0.10 read from it."""
SPEC = spec_of("summary", SONNET)
CALL = call_of(model=SONNET)
CALIBRATION = Calibration(output={("summary", None): 0.1}, fixed={CALL.prompt.sha256: 1000})
"""A tenth of the prompt comes back, and a thousand tokens of it pass through the cache."""


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
    """Replies have shown so: 10,000 × 2 + 1,000 × 10."""
    calibration = Calibration(output=CALIBRATION.output, fixed={CALL.prompt.sha256: 0})
    plan = gauge(calibration=calibration)
    assert [plan.estimate(SPEC, [CALL], "vi").cost_usd for _ in range(2)] == [Decimal("0.03")] * 2


def test_no_more_is_cached_than_the_prompt_has() -> None:
    """A prompt that became shorter than what was calibration: 10,000 × 2.5 + 1,000 × 10."""
    calibration = Calibration(output=CALIBRATION.output, fixed={CALL.prompt.sha256: 1_000_000})
    assert gauge(calibration=calibration).estimate(SPEC, [CALL], "vi").cost_usd == Decimal("0.035")
