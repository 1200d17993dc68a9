"""Requests and tokens per minute: what may leave when, what is on its way, and what the service says about it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.asking.rates import METERS, Bucket, Limit, Meter, Rates

NOW = 1000.0


def leaves(rates: Rates, count: int, tokens: float = 0, now: float = NOW) -> list[float]:
    """Seconds until each of so many requests may leave, all asked for at once."""
    return [rates.take(tokens, now)[1] for _ in range(count)]


def test_a_seconds_worth_leaves_at_once_and_the_rest_at_the_rate() -> None:
    """120 per minute: after a pause of any length two, then one each half second."""
    rates = Rates({"requests": 120}, NOW)
    assert leaves(rates, 5, now=NOW + 60) == pytest.approx([0, 0, 0, 0.5, 1.0])


def test_an_amount_larger_than_the_rate_leaves_and_delays_what_follows() -> None:
    """It is owed, so it is not held for ever."""
    rates = Rates({"input_tokens": 600}, NOW)
    assert leaves(rates, 2, tokens=6000, now=NOW + 1) == pytest.approx([0, 599])


def test_the_slowest_meter_decides() -> None:
    rates = Rates({"requests": 6000, "input_tokens": 600}, NOW)
    assert leaves(rates, 3, tokens=10) == pytest.approx([0, 1, 2])
    assert rates.behind(NOW + 2.5) == "input_tokens"
    assert rates.behind(NOW + 3.5) is None


def test_without_limits_everything_leaves_at_once() -> None:
    rates = Rates({}, NOW)
    assert leaves(rates, 50, tokens=10**6) == [0.0] * 50
    assert "requests" not in rates
    assert "requests" in Rates({"requests": 1}, NOW)


def test_what_was_used_corrects_what_was_expected() -> None:
    """Half the tokens were used: the next request leaves in half the time."""
    rates = Rates({"input_tokens": 600}, NOW)
    expected, _ = rates.take(100, NOW)
    rates.answered(expected, {"input_tokens": 50})
    assert leaves(rates, 1) == pytest.approx([5])


def test_a_meter_that_a_reply_says_nothing_about_keeps_what_was_expected() -> None:
    rates = Rates({"input_tokens": 600}, NOW)
    expected, _ = rates.take(100, NOW)
    rates.answered(expected, {})
    assert leaves(rates, 1) == pytest.approx([10])


def test_the_output_of_a_request_is_expected_to_be_what_answers_usually_have() -> None:
    """Nothing before the first answer; then the mean."""
    rates = Rates({}, NOW)
    seen = []
    for tokens in (100, 300):
        expected, _ = rates.take(0, NOW)
        seen.append(expected["output_tokens"])
        rates.answered(expected, {"output_tokens": tokens})
    assert [*seen, rates.take(0, NOW)[0]["output_tokens"]] == [0, 100, 200]
    assert rates.answers == 2


def test_what_is_given_back_was_never_taken() -> None:
    rates = Rates({"requests": 60, "input_tokens": 600}, NOW)
    expected, _ = rates.take(100, NOW)
    rates.give_back(expected)
    assert leaves(rates, 1, tokens=100) == [0.0]


@given(st.lists(st.tuples(st.integers(0, 1000), st.booleans()), max_size=30))
def test_nothing_stays_on_its_way_when_all_requests_are_over(requests: list[tuple[int, bool]]) -> None:
    """Whether they left or were given back."""
    rates = Rates({"requests": 60}, NOW)
    taken = [(rates.take(tokens, NOW)[0], left) for tokens, left in requests]
    assert rates.on_the_way["requests"] == len(requests)
    for expected, left in taken:
        (rates.over if left else rates.give_back)(expected)
    assert dict(rates.on_the_way) == pytest.approx(dict.fromkeys(METERS, 0.0))


# What the service says


def test_a_limit_is_reported_when_it_is_new_and_when_it_changes() -> None:
    rates = Rates({}, NOW)
    said = [rates.hear({"requests": Limit(many, many)}, NOW) for many in (600, 600, 300, 300)]
    assert said == [{"requests": 600}, {}, {"requests": 300}, {}]
    assert rates.per_minute() == {"requests": 300}


@pytest.mark.parametrize(("asked", "said", "rate"), [(600, 60, 60), (60, 600, 60), (None, 600, 600), (60, 0, 60)])
def test_the_lower_of_two_limits_holds(asked: float | None, said: float, rate: int) -> None:
    """The service never makes us faster than asked for; a limit of nothing says nothing."""
    wanted: dict[Meter, float] = {} if asked is None else {"requests": asked}
    rates = Rates(wanted, NOW)
    rates.hear({"requests": Limit(said)}, NOW)
    assert rates.per_minute() == {"requests": rate}


def test_one_request_less_leaves_than_the_service_says_are_left() -> None:
    """Requests that overtake one another are not refused for the last one."""
    rates = Rates({}, NOW)
    rates.hear({"requests": Limit(60, 10)}, NOW)
    assert leaves(rates, 11) == pytest.approx([0] * 10 + [1])


def test_all_tokens_leave_that_the_service_says_are_left() -> None:
    """They are no whole requests: nothing is held back."""
    rates = Rates({}, NOW)
    rates.hear({"input_tokens": Limit(600, 100)}, NOW)
    assert leaves(rates, 3, tokens=50) == pytest.approx([0, 0, 0])
    assert leaves(rates, 1, tokens=50) == pytest.approx([5])


def test_what_is_on_its_way_is_taken_off_what_is_left() -> None:
    """The service wrote its header before it saw these."""
    rates = Rates({}, NOW)
    for _ in range(5):
        rates.take(0, NOW)
    rates.hear({"requests": Limit(60, 10)}, NOW)
    assert leaves(rates, 6) == pytest.approx([0] * 5 + [1])


def test_where_nothing_is_left_the_next_waits_its_turn() -> None:
    rates = Rates({}, NOW)
    rates.hear({"requests": Limit(60, 0)}, NOW)
    assert leaves(rates, 2) == pytest.approx([0, 1])


def test_a_bucket_saves_up_what_the_service_says_is_left_and_no_more() -> None:
    """Half a minute's worth is left of a rate of one per second."""
    bucket = Bucket(None, 1.0, NOW)
    assert bucket.hear(Limit(60, 30), 0, NOW)
    assert [bucket.reserve(1, NOW + 1000) for _ in range(32)] == pytest.approx([0] * 31 + [1])
