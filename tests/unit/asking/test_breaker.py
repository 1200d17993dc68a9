"""The circuit breaker by itself: when it opens, what is sent meanwhile, and when it gives up. Time is a number here."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.asking.breaker import Breaker, BreakerTiming, FailedAttempt, TriesLeft

FRESH, TRIED, LAST = TriesLeft.FRESH, TriesLeft.TRIED, TriesLeft.LAST
RESET = FailedAttempt("r1", "broken off", "the service did not answer whole", maybe_paid=True)
LATE = replace(RESET, why="timed out", timed_out=True)
THROTTLED = FailedAttempt("r1", "529", "the service answered 529")
UNREACHED = FailedAttempt("r1", "not reached", "the service cannot be reached", reached=False)


@dataclass
class Service:
    """A breaker, its clock and a failing service; `probes` sends one request after another as soon as the breaker
    allows it.
    """

    timing: BreakerTiming = field(default_factory=BreakerTiming)
    answered: bool = True
    jitter: float = 0.5
    now: float = 0.0

    def __post_init__(self) -> None:
        self.breaker = Breaker(self.timing, lambda: self.jitter)
        if self.answered:
            self.breaker.record_answer(self.now)

    def fail(self, failure: FailedAttempt = RESET, times: int = 1, *, limit: int = 64, probe: int = 0) -> None:
        """Let this many requests fail now, each of them a different request."""
        for number in range(times):
            self.breaker.record_failure(replace(failure, request=f"r{number}"), self.now, limit=limit, probe=probe)

    def probe(self, failure: FailedAttempt | None = RESET, *, takes: float = 0.0) -> float:
        """Send the next probe as soon as allowed, fail or answer it, and return the time when it was sent."""
        hold = self.breaker.wait_for(failure.tries_left if failure else FRESH, self.now)
        assert hold < math.inf
        self.now += hold
        left, number = self.now, self.breaker.start_request()
        assert self.breaker.wait_for(FRESH, self.now) == (math.inf if number else 0.0), "a second request may leave"
        self.now += takes
        if failure is None:
            self.breaker.record_answer(self.now)
        else:
            self.breaker.record_failure(failure, self.now, limit=64, probe=number)
        return left

    def probes(self, failure: FailedAttempt, *, takes: float = 0.0) -> list[float]:
        """The times at which probes are sent until the breaker gives up."""
        left: list[float] = []
        while self.breaker.given_up is None:
            left.append(self.probe(replace(failure, request=f"p{len(left)}"), takes=takes))
            assert len(left) < 1000, "it never gives up"
        return left


@pytest.mark.parametrize(
    ("limit", "answered", "row"), [(64, True, 5), (5, True, 5), (3, True, 3), (1, True, 2), (64, False, 1)]
)
def test_a_row_of_failures_opens_it(limit: int, answered: bool, row: int) -> None:
    """It takes five in a row, fewer if fewer requests may be in flight, and one if the service has never answered."""
    service = Service(answered=answered)
    service.fail(times=row - 1, limit=limit)
    assert not service.breaker.is_open
    service.fail(limit=limit)
    assert service.breaker.is_open


def test_an_answer_ends_the_row() -> None:
    """It does not matter which request was answered: earlier failures of other requests no longer count."""
    service = Service()
    for _ in range(20):
        service.fail(times=4)
        service.breaker.record_answer(service.now)
    assert not service.breaker.is_open
    assert service.breaker.events == []


def test_only_one_probe_at_a_time_is_sent_after_waits_that_grow() -> None:
    """The waits are 1, 2, 4, 8, 16 and 32 seconds and then a minute each, from the end of one probe to the start of the
    next.
    """
    service = Service()
    service.fail(times=5)
    assert service.breaker.wait_for(FRESH, service.now) == 1.0
    left = [service.probe() for _ in range(9)]
    assert [round(b - a, 3) for a, b in zip([0.0, *left], left, strict=False)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


@pytest.mark.parametrize(("jitter", "first"), [(0.0, 0.75), (1.0, 1.25)])
def test_each_wait_is_a_quarter_longer_or_shorter_at_most(jitter: float, first: float) -> None:
    """Runs that failed together do not retry together."""
    service = Service(jitter=jitter)
    service.fail(times=5)
    assert service.breaker.wait_for(FRESH, service.now) == first


def test_a_retry_after_of_the_service_sets_the_next_probe() -> None:
    """The probe is sent neither sooner nor later, whatever the waits before it were, but never sooner than the first
    probe of an outage.
    """
    for asked, wait in ((7.0, 7.0), (1.1, 1.1), (0.9, 1.0), (0.001, 1.0)):
        service = Service()
        service.fail(times=5)
        service.probe(replace(THROTTLED, retry_after=asked))
        assert service.breaker.wait_for(FRESH, service.now) == wait


def test_the_first_answer_to_any_request_closes_it() -> None:
    """The answer may go to the probe or to a request from before the outage. Then all requests may be sent, and the
    next row starts at zero.
    """
    for late in (False, True):
        service = Service()
        service.fail(times=5)
        service.probe()
        if late:
            assert service.breaker.record_answer(service.now)
        else:
            service.probe(None)
        assert not service.breaker.is_open
        assert service.breaker.wait_for(LAST, service.now) == 0.0
        service.fail(times=4)
        assert not service.breaker.is_open
        service.fail()
        assert service.breaker.wait_for(FRESH, service.now) == 1.0


def test_a_request_admitted_before_it_opened_returns_to_the_queue() -> None:
    """The request was waiting for its rate limit meanwhile. A probe that is withdrawn lets the next one go."""
    service = Service()
    assert service.breaker.may_send(service.breaker.start_request())
    service.fail(times=5)
    assert not service.breaker.may_send(0)
    service.now += 1
    first = service.breaker.start_request()
    assert service.breaker.may_send(first)
    service.breaker.withdraw_probe(first)
    assert service.breaker.wait_for(FRESH, service.now) == 0.0
    second = service.breaker.start_request()
    service.breaker.withdraw_probe(first)
    assert service.breaker.may_send(second)


def test_a_request_in_flight_when_it_opened_is_no_probe() -> None:
    """Sixty more requests that fail with the first five neither lengthen the waits nor end the run."""
    service = Service()
    service.fail(LATE, times=65)
    assert service.breaker.wait_for(FRESH, service.now) == 1.0
    assert service.breaker.given_up is None
    service.now += 1
    probe = service.breaker.start_request()
    service.fail(LATE, times=20)
    assert service.breaker.may_send(probe)
    assert service.breaker.given_up is None


@pytest.mark.parametrize("opened", [False, True])
def test_a_request_delays_attempts_that_may_be_charged_until_the_row_is_old(opened: bool) -> None:
    """The second attempt waits five seconds and the last one two minutes, because most outages are over by then. An
    answer releases both.
    """
    service = Service()
    service.fail(times=5 if opened else 1)
    for tries, age in ((TRIED, 5.0), (LAST, 120.0)):
        assert service.breaker.wait_for(tries, service.now) == age
        assert service.breaker.wait_for(tries, service.now + age - 0.5) == 0.5
        assert service.breaker.wait_for(tries, service.now + age) == 0.0
    service.breaker.record_answer(service.now)
    assert service.breaker.wait_for(LAST, service.now) == 0.0


def test_an_outage_of_ten_minutes_is_survived_and_one_of_fifteen_is_not() -> None:
    """The breaker sends some twenty probes, each of which may be charged."""
    service = Service()
    service.fail(times=5)
    left = service.probes(RESET)
    assert 900 <= left[-1] < 960
    assert 19 <= len(left) <= 21
    given_up = service.breaker.given_up
    assert given_up is not None
    assert given_up.hint == "later"
    assert given_up.message == (
        f"{5 + len(left)} requests in a row failed within 15 minutes; the last error: the service did not answer whole"
    )


def test_a_service_that_never_answered_is_given_up_after_a_minute() -> None:
    """The cause may be a wrong address, or a page that a proxy shows to every client."""
    service = Service(answered=False)
    service.fail()
    assert 60 <= service.probes(RESET)[-1] < 65
    assert service.breaker.given_up is not None
    assert service.breaker.given_up.hint == "address"


def test_a_service_that_rate_limits_the_first_request_is_waited_for() -> None:
    """Other clients may share the limit, so the breaker waits as long as in any outage."""
    service = Service(answered=False)
    service.breaker.record_failure(THROTTLED, service.now, limit=1, throttled=True)
    assert not service.breaker.is_open
    service.breaker.record_failure(THROTTLED, service.now, limit=1, throttled=True)
    assert service.breaker.is_open
    assert service.probes(THROTTLED)[-1] >= 900


def test_an_absent_server_is_given_up_after_three_attempts() -> None:
    """No connection and no earlier answer: it gives up after three seconds. After an answer, the same failures are an
    ordinary outage.
    """
    service = Service(answered=False)
    service.fail(UNREACHED)
    assert service.probes(UNREACHED) == [1.0, 3.0]
    given_up = service.breaker.given_up
    assert given_up is not None
    assert (given_up.hint, given_up.message) == ("address", "the service cannot be reached (3 attempts, no connection)")
    before = Service()
    before.fail(UNREACHED, times=5)
    assert before.probes(UNREACHED)[-1] >= 900


def test_a_service_that_only_hangs_is_given_up_after_five_probes() -> None:
    """That makes ten requests with the row before them. If one failed differently, it is an ordinary outage."""
    service = Service()
    service.fail(LATE, times=5)
    assert service.probes(LATE, takes=30.0) == [1.0, 33.0, 67.0, 105.0, 151.0]
    assert service.breaker.given_up is not None
    assert service.breaker.given_up.hint == "timeout"
    mixed = Service()
    mixed.fail(LATE, times=4)
    mixed.fail(RESET)
    assert len(mixed.probes(LATE, takes=1.0)) > 10


def test_at_least_three_probes_fail_before_it_gives_up() -> None:
    """One probe that waited twenty minutes for its timeout is not enough to declare the service down."""
    service = Service()
    service.fail(LATE, times=5)
    assert len(service.probes(LATE, takes=1200.0)) == 3


def test_one_request_alone_that_may_be_charged_never_ends_a_run() -> None:
    """The service may be unable to answer that particular request. A request that was rate-limited is not the cause."""
    for failure, ends in ((RESET, False), (LATE, False), (THROTTLED, True), (UNREACHED, True)):
        service = Service(answered=False)
        service.breaker.record_failure(failure, service.now, limit=4)
        for _ in range(12):
            service.probe(failure)
        assert (service.breaker.given_up is not None) == ends


def test_a_failed_last_attempt_after_its_delay_ends_the_run() -> None:
    """No request is attempted more than three times if each attempt may be charged."""
    service = Service()
    service.fail(times=2, limit=1)
    service.probe(replace(RESET, tries_left=LAST))
    assert service.now == 120.0
    assert service.breaker.given_up is not None
    assert service.breaker.given_up.hint == "later"


@pytest.mark.parametrize("patience", [0.5, 30.0, 7200.0])
def test_patience_is_a_setting(patience: float) -> None:
    """With a patience shorter than the waits or longer than a night, as many probes are sent as fit, and at least
    three.
    """
    service = Service(BreakerTiming(patience=patience))
    service.fail(times=5)
    left = service.probes(RESET)
    assert patience <= left[-1] <= patience + 60 or len(left) == 3


def test_it_reports_what_it_does_as_events() -> None:
    """The events are opened, each failed probe, and closed or given up, with the reason and the time of the next
    probe.
    """
    service = Service()
    service.fail(times=5)
    service.probe()
    service.probe(None)
    assert service.breaker.events == [
        {"outage": "opened", "why": "broken off", "next_try_in": 1.0, "failures": 5},
        {"outage": "probe", "why": "broken off", "next_try_in": 2.0},
        {"outage": "closed", "lasted": 3.0},
    ]
    service.breaker.events.clear()
    service.fail(LATE, times=5)
    service.probes(LATE)
    last: dict[str, Any] = service.breaker.events[-1]
    assert (last["outage"], last["why"]) == ("given up", "timed out")
    assert [event["outage"] for event in service.breaker.events].count("given up") == 1


def test_an_outage_of_rate_limiting_alone_does_not_reset_the_number_in_flight() -> None:
    """The limiter has halved the number for each burst, and it grows slowly from there."""
    for throttled in (True, False):
        service = Service()
        for _ in range(5):
            service.breaker.record_failure(THROTTLED, service.now, limit=64, throttled=throttled)
        assert service.breaker.record_answer(service.now) is not throttled


failures = st.builds(
    lambda request, paid, reached, timed_out, tries_left, after: FailedAttempt(
        request, "500", "failed", maybe_paid=paid, reached=reached, timed_out=timed_out, tries_left=tries_left,
        retry_after=after,
    ),
    st.sampled_from("abc"), st.booleans(), st.booleans(), st.booleans(), st.sampled_from(TriesLeft),
    st.none() | st.floats(0, 100),
)  # fmt: skip
steps = st.lists(st.tuples(st.sampled_from(["fail", "answer", "leave", "withdraw"]), failures, st.floats(0, 400)))


@settings(deadline=None, database=None, max_examples=300)
@given(steps, st.floats(0.1, 5000), st.integers(1, 64))
def test_at_most_one_probe_is_in_flight_and_it_never_gives_up_early(
    script: list[tuple[str, FailedAttempt, float]], patience: float, limit: int
) -> None:
    """For any order of events and times, waits are never negative, an answer releases all requests, and it gives up
    only in an outage.
    """
    service = Service(BreakerTiming(patience=patience), answered=False)
    breaker, away, began = service.breaker, 0, None
    for what, failure, seconds in script:
        service.now += seconds
        if what == "answer":
            breaker.record_answer(service.now)
            away, began = 0, None
        elif what == "leave":
            if breaker.wait_for(failure.tries_left, service.now) == 0:
                assert not (breaker.is_open and away)
                away = breaker.start_request() or away
        elif what == "withdraw":
            breaker.withdraw_probe(away)
            away = 0
        else:
            began = service.now if began is None else began
            was = breaker.given_up
            breaker.record_failure(failure, service.now, limit=limit, probe=away)
            away = 0
            if breaker.given_up is not None and was is None:
                assert service.now - began >= min(breaker.patience, 120) or breaker.given_up.hint != "later"
        for tries_left in TriesLeft:
            assert breaker.wait_for(tries_left, service.now) >= 0
        if what == "answer":
            assert not breaker.is_open
            assert breaker.wait_for(LAST, service.now) == 0


def test_a_wait_never_exceeds_the_longest_however_often_it_is_doubled() -> None:
    """The patience may be as long as the user likes."""
    breaker = Breaker(BreakerTiming(patience=1e9), jitter=lambda: 0.5)
    now = 0.0
    for number in range(3000):
        breaker.record_failure(
            FailedAttempt(f"r{number}", "500", "failed"),
            now,
            limit=64,
            probe=breaker.start_request() if breaker.is_open else 0,
        )
        now += max(1.0, breaker.next_probe_in(now) or 0.0)
    assert breaker.is_open
    assert breaker.next_probe_in(now - breaker.timing.longest_wait) == breaker.timing.longest_wait


def test_waits_double_until_they_are_thirty_four_years_long() -> None:
    """A patience without end overflows no float: a second doubled thirty times is long enough for every run."""
    service = Service(BreakerTiming(patience=1e300, longest_wait=1e300))
    service.fail(times=5)
    left = [service.probe(replace(RESET, request=f"{number}")) for number in range(33)]
    waits = [later - earlier for earlier, later in zip([0.0, *left], left, strict=False)]
    assert waits == [2.0**number for number in range(31)] + [2.0**30] * 2


def test_an_answer_that_was_on_its_way_does_not_let_failed_requests_use_up_their_tries() -> None:
    """It was sent before the failures. New requests may go at once, those that failed wait as in the streak, until a
    request is answered that was sent after the failures began."""
    service = Service()
    breaker, age = service.breaker, service.timing.second_try_age
    service.now = 10.0
    service.fail(times=3)
    service.now = 10.5
    breaker.record_answer(service.now, sent_at=9.0)
    assert breaker.wait_for(FRESH, service.now) == 0
    assert breaker.wait_for(TriesLeft.TRIED, service.now) == pytest.approx(age - 0.5)
    assert breaker.wait_for(TriesLeft.LAST, service.now) == pytest.approx(age - 0.5)
    assert breaker.wait_for(TriesLeft.TRIED, service.now + age) == 0
    breaker.record_answer(service.now, sent_at=10.2)
    assert breaker.wait_for(TriesLeft.LAST, service.now) == 0


def test_an_answer_to_a_request_sent_in_the_streak_ends_it_for_all() -> None:
    """As before: the service works again."""
    service = Service()
    service.now = 10.0
    service.fail(times=3)
    service.breaker.record_answer(10.5, sent_at=10.1)
    assert service.breaker.wait_for(TriesLeft.LAST, 10.5) == 0
