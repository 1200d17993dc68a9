"""The words of a plan: what is requested, how tokens are known, and what the price assumes."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from dragoman.cli.plan import _bases, _totals_line, _totals_notes
from dragoman.runs.plan_run import PlanTotals


@pytest.mark.parametrize(
    ("bases", "text"),
    [
        ({"counted": 0}, ""),
        ({"counted": 2}, "counted by the service"),
        ({"estimated": 1, "counted": 2}, "counted by the service; estimated from the writing system of the text"),
        ({"learned": 1}, "estimated from earlier counts for this model"),
    ],
)
def test_the_origin_of_token_counts_is_in_words(bases: dict[str, int], text: str) -> None:
    """The most reliable origin comes first."""
    assert _bases({}) == ""
    assert _bases(bases).startswith(text)  # type: ignore[arg-type]


def totals(**changed: object) -> PlanTotals:
    """Totals of a plan with two requests."""
    made = PlanTotals()
    given = {"requests": 2, "prompt_tokens": 100, "cost_usd": Decimal("0.1"), "bases": Counter(), **changed}
    for name, value in given.items():
        setattr(made, name, value)
    return made


def test_the_last_line_names_requests_model_and_price() -> None:
    """It says when the price is unknown, and how the tokens are known if there are any."""
    assert _totals_line(totals(), "m on anthropic") == "2 requests to m on anthropic, about $0.1000"
    assert _totals_line(totals(cost_usd=None), "m").endswith(", price unknown")
    assert _totals_line(totals(requests=0, cost_usd=Decimal(0)), "m") == "0 requests to m"
    by_service = totals(bases=Counter(counted=2))
    assert _totals_line(by_service, "m").endswith("; tokens counted by the service")


def test_notes_state_what_the_price_assumes() -> None:
    """The share of the cache, shared requests, and replies that only --retry requests again."""
    assert _totals_notes(totals()) == ["no input tokens are assumed to be read from the prompt cache"]
    assert _totals_notes(totals(requests=0)) == []
    assert _totals_notes(totals(requests=0, corrections_on_retry=2)) == [
        "2 articles with a correction that could not be used: requested again only with --retry"
    ]
    retry, shared, cached = _totals_notes(totals(on_retry=1, shared=1, cached_tokens=25))
    assert retry == "1 article without a usable answer: requested again only with --retry"
    assert shared.startswith("1 request not counted: identical to the request of another article")
    assert cached == "25% of the input tokens are assumed to be read from the prompt cache"
