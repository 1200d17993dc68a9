"""The rate limiter: how many requests at once and how fast, by answers, throttling and headers; time is simulated."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.asking.breaker import Breaker, BreakerTiming, FailedAttempt, TriesLeft
from dragoman.asking.concurrency import CEILING, START
from dragoman.asking.limiter import DEFAULT_PAUSE, RateLimiter, Slot
from dragoman.asking.rates import METERS, Limit, Meter
from dragoman.asking.warm_up import LONGEST_WARM_UP
from dragoman.errors import FailureKind, Interrupted, ProviderError

PATIENCE = 10.0
"""Seconds after which a thread that should have continued counts as stuck."""
ANSWER: dict[Meter, float] = {"input_tokens": 100.0, "output_tokens": 10.0}


@dataclass
class Hours:
    """A clock that moves only when a test moves it, or while a thread waits for the stop."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


class Waiting(threading.Event):
    """A stop event whose `wait` returns at once and moves the clock."""

    def __init__(self, hours: Hours) -> None:
        super().__init__()
        self._hours = hours

    def wait(self, timeout: float | None = None) -> bool:
        self._hours.now += timeout or 0.0
        return self.is_set()


class Turning(threading.Condition):
    """A condition whose `wait` returns at once and moves the clock, for tests with one thread."""

    def __init__(self, hours: Hours, lock: threading.RLock) -> None:
        super().__init__(lock)
        self._hours = hours
        self._waits = 0

    def wait(self, timeout: float | None = None) -> bool:
        self._waits += 1
        assert self._waits < 100_000, "no other thread can let this one in"
        self._hours.now += timeout or 0.0
        return False


@pytest.fixture
def hours() -> Hours:
    return Hours()


Make = Callable[..., RateLimiter]


@pytest.fixture
def alone(hours: Hours) -> Make:
    """Makes limiters for one thread, in which waiting moves the clock."""

    def make(concurrency: int | None = None, *, warm: bool = True, **per_minute: float) -> RateLimiter:
        rates: dict[Meter, float] = {meter: per_minute[meter] for meter in METERS if meter in per_minute}
        made = RateLimiter(concurrency, rates, Waiting(hours), hours, condition=lambda lock: Turning(hours, lock))
        if warm:
            made.release(made.acquire("p"), used={})
        return made

    return make


def in_flight(limiter: RateLimiter) -> int:
    """The limiter's own count. It is private, but a leak in it would block a run for ever."""
    return limiter._in_flight


def filled(limiter: RateLimiter, prompt: str = "p") -> list[Slot]:
    """Acquire all slots that are free now."""
    return [limiter.acquire(prompt) for _ in range(limiter.limit - in_flight(limiter))]


def answered(limiter: RateLimiter, slots: list[Slot]) -> None:
    for slot in slots:
        limiter.release(slot, used=ANSWER)


# How many at once


def test_without_a_requested_number_it_starts_small_and_grows_with_answers(alone: Make) -> None:
    """By one for each answer, up to the ceiling and not beyond."""
    limiter = alone(warm=False)
    assert limiter.limit == START
    limits = []
    for _ in range(10):
        answered(limiter, filled(limiter) if limiter.answers else [limiter.acquire("p")])
        limits.append(limiter.limit)
    assert limits == sorted(limits)
    assert limits[-1] == limiter.limit == CEILING
    answered(limiter, filled(limiter))
    assert limiter.limit == CEILING
    assert [event["in_flight_at_most"] for event in limiter.events] == [START * 2, START * 4, START * 8, CEILING]


def test_limits_of_the_service_are_remembered_only_when_they_change(alone: Make) -> None:
    """Every reply reports them."""
    limiter = alone(4)
    for per_minute in (600, 600, 300, 300):
        slot = limiter.acquire("p")
        limiter.release(slot, used={}, limits={"requests": Limit(per_minute, per_minute)})
    assert [event["per_minute"] for event in limiter.events] == [{"requests": 600}, {"requests": 300}]


@pytest.mark.parametrize("number", [1, 2, 7, 100])
def test_a_requested_number_is_both_the_start_and_the_ceiling(number: int, alone: Make) -> None:
    limiter = alone(number)
    assert limiter.limit == number
    for _ in range(5):
        slots = filled(limiter)
        assert len(slots) == number
        answered(limiter, slots)
        assert limiter.limit == number


def test_a_burst_of_throttled_requests_halves_the_limit_once(alone: Make) -> None:
    """Requests that were in flight together are one burst; the next burst consists of requests sent after it."""
    limiter = alone(64)
    for expected in (32, 16, 8):
        for slot in filled(limiter):
            limiter.release(slot, throttled=True)
        assert limiter.limit == expected
    assert limiter.report()["history"] == limiter.events
    assert [event["in_flight_at_most"] for event in limiter.events] == [32, 16, 8]
    assert limiter.throttled == 64 + 32 + 16


def test_only_the_first_throttled_request_of_a_burst_is_an_event(alone: Make) -> None:
    """Later ones may ask for a longer pause, and get it. The event holds the limit after it was halved."""
    limiter = alone(4)
    events: list[dict[str, Any]] = []
    limiter.on_event = events.append
    for pause, slot in zip((1.0, 1.0, 5.0), filled(limiter)[:3], strict=True):
        limiter.release(slot, throttled=True, retry_after=pause)
    assert [(event["pause"], event["in_flight_at_most"]) for event in events] == [(1.0, 2)]
    began = limiter.clock()
    limiter.release(limiter.acquire("p"), throttled=True)
    assert limiter.clock() - began >= 5.0
    assert [(event["pause"], event["in_flight_at_most"]) for event in events] == [(1.0, 2), (1.0, 1)]
    assert limiter.events == events
    assert limiter.throttled == 4


def test_the_limit_never_falls_below_one(alone: Make) -> None:
    limiter = alone(3)
    for _ in range(8):
        limiter.release(limiter.acquire("p"), throttled=True)
    assert limiter.limit == 1
    limiter.release(limiter.acquire("p"), used=ANSWER)


def test_the_number_in_flight_is_halved_and_not_the_ceiling(alone: Make) -> None:
    """A ceiling that was never reached says nothing about what the service accepts."""
    limiter = alone(64)
    slots = [limiter.acquire("p") for _ in range(10)]
    limiter.release(slots.pop(), throttled=True)
    assert limiter.limit == 5
    answered(limiter, slots)


def test_after_throttling_it_grows_by_one_for_each_round_of_answers(alone: Make) -> None:
    """It doubles only until the service has shown where its limit is."""
    limiter = alone(64)
    slots = filled(limiter)
    limiter.release(slots[0], throttled=True)
    for slot in slots[1:]:
        limiter.release(slot)
    before = limiter.limit
    answered(limiter, filled(limiter))
    assert limiter.limit in (before, before + 1)
    answered(limiter, filled(limiter))
    assert before < limiter.limit <= before + 2


def test_a_failure_without_throttling_does_not_change_the_limit(alone: Make) -> None:
    """A reset says nothing about how many requests the service accepts."""
    limiter = alone(8)
    for slot in filled(limiter):
        limiter.release(slot)
    assert limiter.limit == 8
    assert limiter.throttled == 0


def test_a_run_remembers_the_first_two_hundred_changes(alone: Make) -> None:
    """So the list does not grow without end in a run of several days, and `run.json` stays readable."""
    limiter = alone(4)
    for number in range(205):
        limiter.release(limiter.acquire("p"), used={}, limits={"requests": Limit(10**6 + number)})
    assert len(limiter.events) == 200
    assert limiter.events[0] == {"seconds": 0.0, "per_minute": {"requests": 10**6}}


def test_a_waiting_request_checks_twice_a_second_whether_the_run_was_stopped(hours: Hours) -> None:
    """Both while it waits for a slot and while it waits for its rate."""
    stop = Waiting(hours)
    waits: list[float | None] = []

    class Looking(Turning):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            if len(waits) == 3:
                stop.set()
            return super().wait(timeout)

    slot = RateLimiter(1, {}, stop, hours, condition=lambda lock: Looking(hours, lock))
    slot.acquire("p")
    with pytest.raises(Interrupted):
        slot.acquire("p")
    assert waits == [0.5] * 3

    class Held(Waiting):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            return super().wait(timeout)

    waits.clear()
    rate = RateLimiter(2, {"requests": 60.0}, Held(hours), hours, condition=lambda lock: Turning(hours, lock))
    for _ in range(3):
        rate.release(rate.acquire("p"), used={})
    assert waits == pytest.approx([0.5] * 4)


# Pauses


PAUSES = [(7.5, 7.5), (1.125, 1.125), (0.99, DEFAULT_PAUSE), (0.001, DEFAULT_PAUSE), (None, DEFAULT_PAUSE)]


@pytest.mark.parametrize(("retry_after", "pause"), PAUSES)
def test_all_requests_wait_as_long_as_the_service_says(
    retry_after: float | None, pause: float, alone: Make, hours: Hours
) -> None:
    """Exactly ``retry-after``, but a second at least, and a second without it; requests that were not throttled wait
    too.
    """
    limiter = alone(8)
    first, second = limiter.acquire("p"), limiter.acquire("p")
    throttled_at = hours.now
    limiter.release(first, throttled=True, retry_after=retry_after)
    limiter.release(second, used=ANSWER)
    assert (limiter.waiting_for or "").startswith("the service")
    limiter.release(limiter.acquire("p"), used=ANSWER)
    limiter.release(limiter.acquire("q"), used=ANSWER)
    assert throttled_at + pause <= hours.now < throttled_at + pause + 0.01
    assert limiter.waited >= pause


def test_a_service_that_names_a_millisecond_again_and_again_is_not_flooded(alone: Make, hours: Hours) -> None:
    """One request a second, as without a hint. Ten bursts in a row take ten seconds."""
    limiter = alone(8)
    began = hours.now
    for _ in range(10):
        limiter.release(limiter.acquire("p"), throttled=True, retry_after=0.001)
    limiter.acquire("p")
    assert 10 * DEFAULT_PAUSE <= hours.now - began < 10 * DEFAULT_PAUSE + 0.1


def test_a_pause_is_a_second() -> None:
    assert DEFAULT_PAUSE == 1.0


def test_a_shorter_pause_does_not_end_a_longer_one(alone: Make, hours: Hours) -> None:
    limiter = alone(8)
    first, second = limiter.acquire("p"), limiter.acquire("p")
    began = hours.now
    limiter.release(first, throttled=True, retry_after=30.0)
    limiter.release(second, throttled=True, retry_after=1.0)
    limiter.acquire("p")
    assert hours.now >= began + 30


def test_a_pause_also_holds_a_request_that_already_has_a_slot(hours: Hours) -> None:
    """A request that has a slot and waits for its rate queues again, so not all are sent at once after the pause."""
    sent: list[float] = []
    limiter: RateLimiter

    class Throttling(Waiting):
        throttle = False

        def wait(self, timeout: float | None = None) -> bool:
            if self.throttle:
                self.throttle = False
                limiter.release(other, throttled=True, retry_after=60.0)
            return super().wait(timeout)

    stop = Throttling(hours)
    limiter = RateLimiter(8, {"requests": 60.0}, stop, hours, condition=lambda lock: Turning(hours, lock))
    limiter.release(limiter.acquire("p"), used={})
    other = limiter.acquire("p")
    stop.throttle = True
    began = hours.now
    limiter.release(limiter.acquire("p"), used=ANSWER)
    sent.append(hours.now)
    assert sent[0] >= began + 60
    assert in_flight(limiter) == 0


# Rates


def paced(
    limiter: RateLimiter, hours: Hours, count: int, tokens: int = 0, used: dict[Meter, float] | None = None
) -> float:
    """Seconds until ``count`` requests, one after another, have been sent."""
    began = hours.now
    for _ in range(count):
        limiter.release(limiter.acquire("p", tokens), used=used or {})
    return hours.now - began


def test_requests_stay_under_the_users_rate(alone: Make, hours: Hours) -> None:
    """At 60 per minute: one per second after the amount of the first second."""
    assert 98 <= paced(alone(8, requests=60), hours, 100) <= 101


def test_input_tokens_stay_under_the_rate_and_usage_corrects_the_estimate(alone: Make, hours: Hours) -> None:
    """6,000 per minute, 1,000 estimated and 500 used: a request every five seconds."""
    seconds = paced(alone(8, input_tokens=6000), hours, 20, 1000, {"input_tokens": 500.0, "output_tokens": 0.0})
    assert 90 <= seconds <= 110


def test_output_tokens_stay_under_the_rate(alone: Make, hours: Hours) -> None:
    """The next requests are expected to have the mean output of the answers so far."""
    seconds = paced(alone(8, output_tokens=600), hours, 20, 0, {"input_tokens": 0.0, "output_tokens": 100.0})
    assert 170 <= seconds <= 210


def test_a_request_larger_than_a_minute_of_its_rate_is_sent_and_delays_the_next(alone: Make, hours: Hours) -> None:
    """It does not wait for ever; the requests after it wait until its tokens have been made up for."""
    limiter = alone(8, input_tokens=600)
    used: dict[Meter, float] = {"input_tokens": 6000.0, "output_tokens": 0.0}
    assert paced(limiter, hours, 1, 6000, used) <= 2
    assert 590 <= paced(limiter, hours, 1, 1, used) <= 610


def test_a_throttled_request_does_not_use_up_its_rate_twice(alone: Make, hours: Hours) -> None:
    """A request that queues again during a pause gives back what it had taken."""
    limiter = alone(8, requests=60)
    slot = limiter.acquire("p")
    limiter.release(slot, throttled=True, retry_after=100.0)
    began = hours.now
    limiter.release(limiter.acquire("p"), used={})
    assert 100 <= hours.now - began <= 102


def test_the_rate_in_the_headers_is_obeyed(alone: Make, hours: Hours) -> None:
    """The user set no limit; the service reports 120 per minute and nothing left."""
    limiter = alone(8)
    limiter.release(limiter.acquire("p"), used={}, limits={"requests": Limit(120, 0)})
    assert 9 <= paced(limiter, hours, 20) <= 11
    assert limiter.report()["per_minute"] == {"requests": 120}


def test_what_the_headers_report_as_left_may_be_sent_at_once(alone: Make, hours: Hours) -> None:
    limiter = alone(64)
    limiter.release(limiter.acquire("p"), used={}, limits={"requests": Limit(60, 30)})
    assert paced(limiter, hours, 30) <= 1
    assert 9 <= paced(limiter, hours, 10) <= 11


def test_the_lower_of_two_rates_applies(alone: Make, hours: Hours) -> None:
    """The service may lower the user's rate, but never raises it."""
    slow = alone(8, requests=600)
    slow.release(slow.acquire("p"), used={}, limits={"requests": Limit(60, 0)})
    assert 18 <= paced(slow, hours, 20) <= 21
    fast = alone(8, requests=60)
    fast.release(fast.acquire("p"), used={}, limits={"requests": Limit(100_000, 90_000)})
    assert 18 <= paced(fast, hours, 20) <= 21


def test_requests_in_flight_are_subtracted_from_what_is_left(alone: Make, hours: Hours) -> None:
    """The service wrote the header before it saw the requests that are still in flight."""
    limiter = alone(64)
    slots = [limiter.acquire("p") for _ in range(20)]
    limiter.release(slots.pop(), used={}, limits={"requests": Limit(60, 25)})
    began = hours.now
    for slot in slots:
        limiter.release(slot, used={})
    assert paced(limiter, hours, 6) + began - began <= 1
    assert paced(limiter, hours, 10) >= 8


@pytest.mark.parametrize("limit", [Limit(0.5), Limit(1, 0), Limit(10**9, 10**9), Limit(60)])
def test_odd_limits_of_a_service_are_harmless(limit: Limit, alone: Make, hours: Hours) -> None:
    """Very low, very high, nothing left, no remainder: the next request is sent at some time."""
    limiter = alone(8)
    limiter.release(
        limiter.acquire("p"), used={}, limits={"requests": limit, "input_tokens": limit, "output_tokens": limit}
    )
    limiter.release(limiter.acquire("p", 10), used=ANSWER)
    assert in_flight(limiter) == 0


# Threads


class Acquiring:
    """A thread that acquires a slot; ``slot`` is set once it has one."""

    def __init__(self, limiter: RateLimiter, prompt: str = "p", tries_left: TriesLeft = TriesLeft.FRESH) -> None:
        self.slot: Slot | None = None
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._acquire, args=(limiter, prompt, tries_left), daemon=True)
        self._thread.start()

    def _acquire(self, limiter: RateLimiter, prompt: str, tries_left: TriesLeft) -> None:
        try:
            self.slot = limiter.acquire(prompt, tries_left=tries_left)
        except (Interrupted, ProviderError) as error:
            self.error = error

    def ends(self) -> bool:
        """Whether it gets a slot or an error before `PATIENCE` runs out."""
        self._thread.join(PATIENCE)
        return not self._thread.is_alive()

    def waits(self) -> bool:
        """Whether it still waits after it has had time to get a slot."""
        self._thread.join(0.1)
        return self._thread.is_alive()


Quick = partial(RateLimiter, poll_seconds=0.02)
"""A limiter whose threads check often whether the run was stopped."""


@pytest.mark.parametrize("outcome", ["answered", "failed", "throttled", "rejected"])
def test_the_first_of_a_prompt_is_sent_alone_until_it_is_answered_or_failed(outcome: str) -> None:
    """It fills the prompt's cache. If it is throttled or rejected, the next one is sent alone in its place. If the
    service fails it, the others no longer wait: the next first request could fail in the same way.
    """
    limiter = Quick(8)
    first = limiter.acquire("p")
    second, third = Acquiring(limiter), Acquiring(limiter)
    assert second.waits()
    assert third.waits()
    if outcome in ("answered", "failed"):
        limiter.release(
            first, used=ANSWER if outcome == "answered" else None, failure=down() if outcome == "failed" else None
        )
        limiter.breaker.record_answer(limiter.clock())  # the outage that a first failure may be is over
        assert second.ends()
        assert third.ends()
        return
    limiter.release(first, throttled=outcome == "throttled")
    sent = [request for request in (second, third) if not request.waits()] or [
        request for request in (second, third) if request.ends() and request.slot
    ]
    assert len(sent) == 1
    (waiting,) = {second, third} - set(sent)
    assert waiting.waits()
    assert sent[0].slot is not None
    limiter.release(sent[0].slot, used=ANSWER)
    assert waiting.ends()


def test_the_first_of_one_prompt_does_not_delay_another_prompt() -> None:
    limiter = Quick(8)
    limiter.acquire("p")
    assert Acquiring(limiter, "q").ends()
    assert Acquiring(limiter, "p").waits()


def test_a_first_request_that_hangs_delays_the_others_for_only_a_minute(hours: Hours) -> None:
    limiter = Quick(8, clock=hours)
    limiter.acquire("p")
    waiting = Acquiring(limiter)
    assert waiting.waits()
    hours.now += LONGEST_WARM_UP + 1
    assert waiting.ends()


# A service that is down: the rules are in `breaker`


def down(request: str = "r", **others: Any) -> FailedAttempt:
    return FailedAttempt(request, "500", "the service answered 500", maybe_paid=True, **others)


def failed(limiter: RateLimiter, slots: list[Slot]) -> None:
    for number, slot in enumerate(slots):
        limiter.release(slot, failure=down(f"r{number}"))


def test_in_an_outage_one_request_at_a_time_is_sent_until_one_is_answered(alone: Make, hours: Hours) -> None:
    """All requests in flight fail. Then one is sent after a second, the next two seconds later, and so on. After an
    answer the number in flight grows again from small, by one for each answer.
    """
    limiter = alone(64)
    failed(limiter, filled(limiter))
    began, sent = hours.now, []
    for _ in range(5):
        probe = limiter.acquire("p")
        sent.append(hours.now - began)
        assert (limiter.waiting_for or "").endswith("trying one request")
        failed(limiter, [probe])
        assert limiter.waiting_for is not None
        assert limiter.waiting_for.startswith("the service, which is failing (500): next try in ")
    # A waiting thread may check half a second late.
    for when, least in zip(sent, (0.75, 2.25, 5.25, 11.25, 23.25), strict=True):
        assert least <= when <= least * 5 / 3 + 5 * 0.5
    answered(limiter, [limiter.acquire("p")])
    assert limiter.waiting_for is None
    assert limiter.limit == START + 1
    answered(limiter, filled(limiter))
    assert limiter.limit == 2 * (START + 1)
    outages = [event["outage"] for event in limiter.events if "outage" in event]
    assert outages == ["opened", *["probe"] * 5, "closed"]
    assert limiter.report()["history"] == limiter.events


def test_requests_sent_before_an_outage_do_not_delay_its_probe(alone: Make) -> None:
    """They may hang for ten more minutes."""
    limiter = alone(8)
    slots = filled(limiter)
    failed(limiter, slots[:5])
    limiter._concurrency.record_throttling(1)
    assert limiter.limit == 1
    probe = limiter.acquire("p")
    assert probe.probe
    answered(limiter, [probe, *slots[5:]])
    assert in_flight(limiter) == 0


def test_a_rejected_article_closes_the_breaker_too(alone: Make) -> None:
    """The service examined it, so the service works."""
    limiter = alone(8)
    failed(limiter, filled(limiter))
    assert limiter.breaker.is_open
    limiter.release(limiter.acquire("p"), rejected=True)
    assert not limiter.breaker.is_open


def test_a_burst_of_throttled_requests_counts_as_one_failure(alone: Make) -> None:
    """A rate limit is no outage: the breaker opens only after the limit fell from 64 to 4 without any answer."""
    limiter = alone(64)
    for _ in range(3):
        for slot in filled(limiter):
            limiter.release(slot, throttled=True, failure=down())
    assert not limiter.breaker.is_open
    for slot in filled(limiter):
        limiter.release(slot, throttled=True, failure=down())
    assert limiter.breaker.is_open
    limit = limiter.limit
    answered(limiter, [limiter.acquire("p")])
    assert limit <= limiter.limit <= limit + 1


def test_release_returns_why_the_service_is_given_up_and_the_breakers_steps_are_events(alone: Make) -> None:
    """Every request that fails after that gets the reason."""
    limiter = alone(4)
    events: list[dict[str, Any]] = []
    limiter.on_event = events.append
    slots = filled(limiter)
    assert [limiter.release(slot, failure=down(f"r{n}")) for n, slot in enumerate(slots)] == [None] * 4
    given_up = None
    while given_up is None:
        given_up = limiter.release(limiter.acquire("p"), failure=down())
    assert given_up.hint == "later"
    assert [event["outage"] for event in events][:2] == ["opened", "probe"]
    assert events[-1]["outage"] == "given up"


def test_in_an_outage_requests_with_most_tries_left_are_sent_first(hours: Hours) -> None:
    """Whichever came first: no request uses up its last try while another has more left."""
    limiter = Quick(4, clock=hours)
    limiter.release(limiter.acquire("p"), used={})
    failed(limiter, filled(limiter))
    last = Acquiring(limiter, tries_left=TriesLeft.LAST)
    assert last.waits()
    fresh = Acquiring(limiter)
    assert fresh.waits()
    hours.now += 500
    assert fresh.ends()
    assert last.waits()
    assert fresh.slot is not None
    limiter.release(fresh.slot, used={})
    assert last.ends()


def test_a_closed_limiter_raises_its_error_for_waiting_and_new_requests() -> None:
    """Whether they wait for a slot or a rate, or not at all; nothing is sent, and no slot stays taken."""
    slot = Quick(1)
    held = slot.acquire("p")
    rate = Quick(8, {"requests": 0.001})
    rate.release(rate.acquire("p"), used={})
    waiting = [Acquiring(slot), Acquiring(rate)]
    assert all(request.waits() for request in waiting)
    for limiter in (slot, rate):
        limiter.close(ProviderError(FailureKind.UNUSABLE, "no key", status=401, hint="address"))
        limiter.close(ProviderError(FailureKind.UNUSABLE, "another reason"))
    slot.release(held)
    waiting += [Acquiring(slot), Acquiring(rate)]
    assert all(request.ends() for request in waiting)
    errors = [request.error for request in waiting if isinstance(request.error, ProviderError)]
    assert len(errors) == len(waiting)
    assert {(str(error), error.status, error.hint, error.sent) for error in errors} == {
        ("no key", 401, "address", False)
    }
    assert [in_flight(limiter) for limiter in (slot, rate)] == [0, 0]


def test_a_stop_wakes_all_waiting_requests(hours: Hours) -> None:
    """Whether they wait for the first answer, a slot, a pause or a rate; no slot stays taken."""
    stop = threading.Event()
    first_answer = Quick(8, stop=stop)
    first_answer.acquire("p")
    slot = Quick(1, stop=stop)
    slot.release(slot.acquire("p"), used=ANSWER)
    slot.acquire("p")
    pause = Quick(8, stop=stop)
    pause.release(pause.acquire("p"), throttled=True, retry_after=10_000.0)
    rate = Quick(8, {"requests": 0.001}, stop)
    rate.release(rate.acquire("p"), used={})
    waiting = [Acquiring(limiter) for limiter in (first_answer, slot, pause, rate) for _ in range(3)]
    assert all(request.waits() for request in waiting)
    stop.set()
    assert all(request.ends() for request in waiting)
    assert all(isinstance(request.error, Interrupted) for request in waiting)
    assert [in_flight(limiter) for limiter in (first_answer, slot, pause, rate)] == [1, 1, 0, 0]


def test_every_thread_that_waits_for_a_slot_gets_one() -> None:
    """Many threads, few slots: none is forgotten, and never more than the limit are in flight."""
    limiter = Quick(3)
    counts: list[int] = []
    lock = threading.Lock()
    now = 0

    def work(_: int) -> None:
        nonlocal now
        slot = limiter.acquire("p")
        with lock:
            now += 1
            counts.append(now)
        time.sleep(0.001)
        with lock:
            now -= 1
        limiter.release(slot, used=ANSWER)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(work, range(200)))
    assert len(counts) == 200
    assert max(counts) <= 3
    assert in_flight(limiter) == 0


def test_requests_are_sent_in_order_of_arrival() -> None:
    """Not even a thread that has just released a slot overtakes, so articles end roughly in their order."""
    limiter = RateLimiter(1)
    limiter.release(limiter.acquire("p"), used=ANSWER)
    held = limiter.acquire("p")
    sent: list[int] = []

    def work(number: int) -> None:
        for _ in range(3):
            slot = limiter.acquire("p")
            sent.append(number)
            limiter.release(slot, used=ANSWER)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for place, thread in enumerate(threads, start=1):
        thread.start()
        while len(limiter._queue) < place:
            time.sleep(0.001)
    limiter.release(held, used=ANSWER)
    for thread in threads:
        thread.join()
    assert sent[:5] == [0, 1, 2, 3, 4]
    assert sorted(sent) == sorted([*range(5)] * 3)
    assert in_flight(limiter) == 0


def test_the_state_can_be_read_while_it_changes() -> None:
    """Another thread reads `waiting_for` and `report` while headers bring new meters."""
    stop = threading.Event()
    errors: list[BaseException] = []

    def look(limiter: RateLimiter) -> None:
        while not stop.is_set():
            try:
                _ = limiter.waiting_for
                limiter.report()
            except RuntimeError as error:
                errors.append(error)
                return

    for _ in range(200):
        limiter = Quick(8)
        watcher = threading.Thread(target=look, args=(limiter,))
        watcher.start()
        for meter in METERS:
            limiter.release(limiter.acquire("p"), used={}, limits={meter: Limit(10**9, 10**9)})
        stop.set()
        watcher.join()
        stop.clear()
    assert errors == []


OUTCOMES = (
    "answered",
    "answered",
    "answered",
    "throttled",
    "no pause",
    "failed",
    "limits",
    "stop",
    "down",
)


@settings(max_examples=25, deadline=None, database=None)
@given(
    seed=st.integers(0, 2**32),
    workers=st.integers(1, 12),
    concurrency=st.none() | st.integers(1, 9),
    rpm=st.none() | st.sampled_from([6000.0, 60_000.0]),
    outcomes=st.sets(st.sampled_from(OUTCOMES), min_size=1).map(sorted),
)
def test_no_slot_stays_taken_whatever_happens_to_the_requests(
    seed: int, workers: int, concurrency: int | None, rpm: float | None, outcomes: list[str]
) -> None:
    """Any threads, prompts and outcomes, including a stop: at the end nothing is in flight."""
    stop = threading.Event()
    rates: dict[Meter, float] = {} if rpm is None else {"requests": rpm, "input_tokens": rpm * 100}
    limiter = RateLimiter(concurrency, rates, stop, breaker=Breaker(BreakerTiming(1, 1, 0.001, 0.002, 0.001, 0.002)))
    ceiling = concurrency or CEILING
    most: list[int] = []

    def work(number: int) -> None:
        chance = random.Random(seed + number)
        for _ in range(6):
            try:
                slot = limiter.acquire(chance.choice("pqr"), chance.randrange(50))
            except Interrupted:
                continue
            most.append(in_flight(limiter))
            match chance.choice(outcomes):
                case "answered":
                    used: dict[Meter, float] = {"input_tokens": chance.randrange(50), "output_tokens": 5.0}
                    limiter.release(slot, used=used if chance.random() < 0.8 else {})
                case "throttled":
                    limiter.release(slot, throttled=True, retry_after=chance.random() / 100, failure=down())
                case "no pause":
                    limiter.release(slot, throttled=True)
                case "limits":
                    left = None if chance.random() < 0.5 else float(chance.randrange(100))
                    limiter.release(slot, used=ANSWER, limits={"requests": Limit(60_000, left)})
                case "down":
                    limiter.release(slot, failure=down(str(number)))
                case "stop":
                    if chance.random() < 0.1:
                        stop.set()
                    limiter.release(slot)
                case _:
                    limiter.release(slot)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))
    assert in_flight(limiter) == 0
    assert list(limiter._rates.in_flight.values()) == pytest.approx([0.0] * 3, abs=1e-6)
    assert not limiter._warm_up.in_progress
    assert max(most, default=0) <= ceiling
    assert 1 <= limiter.limit <= ceiling
