"""Requests and tokens per minute: when a request may be sent, what is in flight, and what the service reports."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.asking.rates import METERS, Bucket, Limit, Meter, Rates

NOW = 1000.0


def waits(rates: Rates, count: int, tokens: float = 0, now: float = NOW) -> list[float]:
    """Seconds until each of ``count`` requests may be sent, all started at once."""
    return [rates.take(tokens, now)[1] for _ in range(count)]


def test_the_amount_of_one_second_is_sent_at_once_and_the_rest_at_the_rate() -> None:
    """At 120 per minute, after a pause of any length: two saved up and the one due now, then one per half second."""
    rates = Rates({"requests": 120}, NOW)
    assert waits(rates, 5, now=NOW + 60) == pytest.approx([0, 0, 0, 0.5, 1.0])


def test_an_amount_larger_than_the_rate_is_sent_and_delays_what_follows() -> None:
    """It becomes a debt; otherwise the request would wait for ever."""
    rates = Rates({"input_tokens": 600}, NOW)
    assert waits(rates, 2, tokens=6000, now=NOW + 1) == pytest.approx([0, 599])


def test_the_slowest_meter_decides() -> None:
    rates = Rates({"requests": 6000, "input_tokens": 600}, NOW)
    assert waits(rates, 3, tokens=10) == pytest.approx([0, 1, 2])
    assert rates.blocked_beyond(NOW + 2.5) == "input_tokens"
    assert rates.blocked_beyond(NOW + 3.5) is None


def test_without_limits_everything_is_sent_at_once() -> None:
    rates = Rates({}, NOW)
    assert waits(rates, 50, tokens=10**6) == [0.0] * 50
    assert "requests" not in rates
    assert "requests" in Rates({"requests": 1}, NOW)


def test_the_tokens_used_correct_the_estimate() -> None:
    """Half the tokens were used, so the next request is sent after half the time."""
    rates = Rates({"input_tokens": 600}, NOW)
    expected, _ = rates.take(100, NOW)
    rates.record_answer(expected, {"input_tokens": 50})
    assert waits(rates, 1) == pytest.approx([5])


def test_a_meter_that_a_reply_does_not_report_keeps_the_estimate() -> None:
    rates = Rates({"input_tokens": 600}, NOW)
    expected, _ = rates.take(100, NOW)
    rates.record_answer(expected, {})
    assert waits(rates, 1) == pytest.approx([10])


def test_the_expected_output_of_a_request_is_the_mean_of_the_answers() -> None:
    """It is zero before the first answer."""
    rates = Rates({}, NOW)
    expectations = []
    for tokens in (100, 300):
        expected, _ = rates.take(0, NOW)
        expectations.append(expected["output_tokens"])
        rates.record_answer(expected, {"output_tokens": tokens})
    assert [*expectations, rates.take(0, NOW)[0]["output_tokens"]] == [0, 100, 200]
    assert rates.answers == 2


def test_giving_back_undoes_taking() -> None:
    rates = Rates({"requests": 60, "input_tokens": 600}, NOW)
    expected, _ = rates.take(100, NOW)
    rates.give_back(expected)
    assert waits(rates, 1, tokens=100) == [0.0]


@given(st.lists(st.tuples(st.integers(0, 1000), st.booleans()), max_size=30))
def test_nothing_stays_in_flight_when_all_requests_have_ended(requests: list[tuple[int, bool]]) -> None:
    """Whether they were sent or given back."""
    rates = Rates({"requests": 60}, NOW)
    taken = [(rates.take(tokens, NOW)[0], sent) for tokens, sent in requests]
    assert rates.in_flight["requests"] == len(requests)
    for expected, sent in taken:
        (rates.record_end if sent else rates.give_back)(expected)
    assert dict(rates.in_flight) == pytest.approx(dict.fromkeys(METERS, 0.0))


# What the service reports


def test_a_limit_is_reported_when_it_is_new_and_when_it_changes() -> None:
    rates = Rates({}, NOW)
    changes = [rates.update({"requests": Limit(amount, amount)}, NOW) for amount in (600, 600, 300, 300)]
    assert changes == [{"requests": 600}, {}, {"requests": 300}, {}]
    assert rates.per_minute() == {"requests": 300}


@pytest.mark.parametrize(("user", "service", "rate"), [(600, 60, 60), (60, 600, 60), (None, 600, 600), (60, 0, 60)])
def test_the_lower_of_two_limits_applies(user: float | None, service: float, rate: int) -> None:
    """The service never raises the user's limit, and a reported limit of zero is ignored."""
    per_minute: dict[Meter, float] = {} if user is None else {"requests": user}
    rates = Rates(per_minute, NOW)
    rates.update({"requests": Limit(service)}, NOW)
    assert rates.per_minute() == {"requests": rate}


def test_one_request_less_is_sent_than_the_service_reports_as_left() -> None:
    """So requests that overtake each other do not exceed the limit by one."""
    rates = Rates({}, NOW)
    rates.update({"requests": Limit(60, 10)}, NOW)
    assert waits(rates, 11) == pytest.approx([0] * 10 + [1])


def test_all_tokens_are_used_that_the_service_reports_as_left() -> None:
    """Tokens need no such headroom."""
    rates = Rates({}, NOW)
    rates.update({"input_tokens": Limit(600, 100)}, NOW)
    assert waits(rates, 3, tokens=50) == pytest.approx([0, 0, 0])
    assert waits(rates, 1, tokens=50) == pytest.approx([5])


def test_requests_in_flight_are_subtracted_from_what_is_left() -> None:
    """The service wrote its header before it saw them."""
    rates = Rates({}, NOW)
    for _ in range(5):
        rates.take(0, NOW)
    rates.update({"requests": Limit(60, 10)}, NOW)
    assert waits(rates, 6) == pytest.approx([0] * 5 + [1])


def test_if_nothing_is_left_the_next_request_waits() -> None:
    rates = Rates({}, NOW)
    rates.update({"requests": Limit(60, 0)}, NOW)
    assert waits(rates, 2) == pytest.approx([0, 1])


def test_a_bucket_saves_up_what_the_service_reports_as_left_and_no_more() -> None:
    """Thirty requests are left at a rate of one per second."""
    bucket = Bucket(None, 1.0, NOW)
    assert bucket.update(Limit(60, 30), 0, NOW)
    assert [bucket.reserve(1, NOW + 1000) for _ in range(32)] == pytest.approx([0] * 31 + [1])
