"""The gate: how many at once and how fast, by what answers, refusals and headers say. Time is a clock of our own."""

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
"""Seconds after which a thread that should have gone on counts as stuck."""
ANSWER: dict[Meter, float] = {"input_tokens": 100.0, "output_tokens": 10.0}


@dataclass
class Hours:
    """A clock that moves when it is told to, and while somebody waits for the stop."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


class Waiting(threading.Event):
    """A stop whose waiting takes no time but moves the clock."""

    def __init__(self, hours: Hours) -> None:
        super().__init__()
        self._hours = hours

    def wait(self, timeout: float | None = None) -> bool:
        self._hours.now += timeout or 0.0
        return self.is_set()


class Turning(threading.Condition):
    """A condition whose waiting takes no time but moves the clock: for tests with one thread."""

    def __init__(self, hours: Hours, lock: threading.RLock) -> None:
        super().__init__(lock)
        self._hours = hours
        self._waits = 0

    def wait(self, timeout: float | None = None) -> bool:
        self._waits += 1
        assert self._waits < 100_000, "nobody else is there to let this one in"
        self._hours.now += timeout or 0.0
        return False


@pytest.fixture
def hours() -> Hours:
    return Hours()


Make = Callable[..., RateLimiter]


@pytest.fixture
def alone(hours: Hours) -> Make:
    """Makes gates for one thread, in which waiting moves the clock."""

    def make(concurrency: int | None = None, *, warm: bool = True, **per_minute: float) -> RateLimiter:
        rates: dict[Meter, float] = {meter: per_minute[meter] for meter in METERS if meter in per_minute}
        made = RateLimiter(concurrency, rates, Waiting(hours), hours, condition=lambda lock: Turning(hours, lock))
        if warm:
            made.leave(made.enter("p"), used={})
        return made

    return make


def in_flight(limiter: RateLimiter) -> int:
    """What the gate counts; nothing of it is public, and a leak here would end in a run that stands still."""
    return limiter._in_flight


def filled(limiter: RateLimiter, prefix: str = "p") -> list[Slot]:
    """Take all the passages there are now."""
    return [limiter.enter(prefix) for _ in range(limiter.limit - in_flight(limiter))]


def answered(limiter: RateLimiter, tickets: list[Slot]) -> None:
    for slot in tickets:
        limiter.leave(slot, used=ANSWER)


# How many at once.


def test_without_a_number_it_starts_with_a_few_and_grows_while_answers_come(alone: Make) -> None:
    """One more for each answer, up to the ceiling and not beyond."""
    limiter = alone(warm=False)
    assert limiter.limit == START
    limits = []
    for _ in range(10):
        answered(limiter, filled(limiter) if limiter.answers else [limiter.enter("p")])
        limits.append(limiter.limit)
    assert limits == sorted(limits)
    assert limits[-1] == limiter.limit == CEILING
    answered(limiter, filled(limiter))
    assert limiter.limit == CEILING
    assert [event["in_flight_at_most"] for event in limiter.events] == [START * 2, START * 4, START * 8, CEILING]


def test_limits_that_the_service_names_are_remembered_when_they_change(alone: Make) -> None:
    """Not with every reply: once, and again when it names others."""
    limiter = alone(4)
    for per_minute in (600, 600, 300, 300):
        slot = limiter.enter("p")
        limiter.leave(slot, used={}, limits={"requests": Limit(per_minute, per_minute)})
    assert [event["per_minute"] for event in limiter.events] == [{"requests": 600}, {"requests": 300}]


@pytest.mark.parametrize("number", [1, 2, 7, 100])
def test_an_explicit_number_is_where_it_starts_and_its_ceiling(number: int, alone: Make) -> None:
    limiter = alone(number)
    assert limiter.limit == number
    for _ in range(5):
        tickets = filled(limiter)
        assert len(tickets) == number
        answered(limiter, tickets)
        assert limiter.limit == number


def test_a_burst_of_refusals_halves_once(alone: Make) -> None:
    """All that was in flight together is one burst; what leaves after it and is refused is the next."""
    limiter = alone(64)
    for expected in (32, 16, 8):
        for slot in filled(limiter):
            limiter.leave(slot, refused=True)
        assert limiter.limit == expected
    assert limiter.facts()["history"] == limiter.events
    assert [event["in_flight_at_most"] for event in limiter.events] == [32, 16, 8]
    assert limiter.refusals == 64 + 32 + 16


def test_the_first_refusal_of_a_burst_is_told_and_remembered_and_the_others_are_not(alone: Make) -> None:
    """Those may ask for a longer pause, and have it. The limit is that after the refusal."""
    limiter = alone(4)
    told: list[dict[str, Any]] = []
    limiter.told = told.append
    for pause, slot in zip((1.0, 1.0, 5.0), filled(limiter)[:3], strict=True):
        limiter.leave(slot, refused=True, retry_after=pause)
    assert [(event["pause"], event["in_flight_at_most"]) for event in told] == [(1.0, 2)]
    began = limiter.clock()
    limiter.leave(limiter.enter("p"), refused=True)
    assert limiter.clock() - began >= 5.0
    assert [(event["pause"], event["in_flight_at_most"]) for event in told] == [(1.0, 2), (1.0, 1)]
    assert limiter.events == told
    assert limiter.refusals == 4


def test_it_never_falls_below_one(alone: Make) -> None:
    limiter = alone(3)
    for _ in range(8):
        limiter.leave(limiter.enter("p"), refused=True)
    assert limiter.limit == 1
    limiter.leave(limiter.enter("p"), used=ANSWER)


def test_halving_starts_from_what_was_in_flight(alone: Make) -> None:
    """A ceiling that was never reached says nothing: half of what the service could not take."""
    limiter = alone(64)
    tickets = [limiter.enter("p") for _ in range(10)]
    limiter.leave(tickets.pop(), refused=True)
    assert limiter.limit == 5
    answered(limiter, tickets)


def test_after_a_refusal_it_grows_by_one_for_each_round_of_answers(alone: Make) -> None:
    """Steeply only until the service has shown where its limit is."""
    limiter = alone(64)
    tickets = filled(limiter)
    limiter.leave(tickets[0], refused=True)
    for slot in tickets[1:]:
        limiter.leave(slot)
    before = limiter.limit
    answered(limiter, filled(limiter))
    assert limiter.limit in (before, before + 1)
    answered(limiter, filled(limiter))
    assert before < limiter.limit <= before + 2


def test_a_failure_that_is_no_refusal_changes_nothing(alone: Make) -> None:
    """A reset says nothing of how many the service takes."""
    limiter = alone(8)
    for slot in filled(limiter):
        limiter.leave(slot)
    assert limiter.limit == 8
    assert limiter.refusals == 0


def test_a_run_remembers_the_first_two_hundred_changes(alone: Make) -> None:
    """A run of days in a storm does not grow without end, and `run.json` stays readable."""
    limiter = alone(4)
    for number in range(205):
        limiter.leave(limiter.enter("p"), used={}, limits={"requests": Limit(10**6 + number)})
    assert len(limiter.events) == 200
    assert limiter.events[0] == {"seconds": 0.0, "per_minute": {"requests": 10**6}}


def test_a_waiting_request_looks_twice_a_second_whether_the_run_was_stopped(hours: Hours) -> None:
    """For a slot as well as for its rate."""
    stop = Waiting(hours)
    waits: list[float | None] = []

    class Looking(Turning):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            if len(waits) == 3:
                stop.set()
            return super().wait(timeout)

    slot = RateLimiter(1, {}, stop, hours, condition=lambda lock: Looking(hours, lock))
    slot.enter("p")
    with pytest.raises(Interrupted):
        slot.enter("p")
    assert waits == [0.5] * 3

    class Held(Waiting):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            return super().wait(timeout)

    waits.clear()
    rate = RateLimiter(2, {"requests": 60.0}, Held(hours), hours, condition=lambda lock: Turning(hours, lock))
    for _ in range(3):
        rate.leave(rate.enter("p"), used={})
    assert waits == pytest.approx([0.5] * 4)


# Pauses.


@pytest.mark.parametrize(("told", "pause"), [(7.5, 7.5), (0.0, 0.0), (None, DEFAULT_PAUSE)])
def test_all_wait_as_long_as_the_service_says(told: float | None, pause: float, alone: Make, hours: Hours) -> None:
    """``retry-after`` to the letter, and a second where it says nothing: also for those who were not refused."""
    limiter = alone(8)
    first, second = limiter.enter("p"), limiter.enter("p")
    refused_at = hours.now
    limiter.leave(first, refused=True, retry_after=told)
    limiter.leave(second, used=ANSWER)
    assert (limiter.waiting_for or "").startswith("the service") == bool(pause)
    limiter.leave(limiter.enter("p"), used=ANSWER)
    limiter.leave(limiter.enter("q"), used=ANSWER)
    assert hours.now >= refused_at + pause
    assert limiter.waited >= pause


def test_a_shorter_pause_does_not_end_a_longer_one(alone: Make, hours: Hours) -> None:
    limiter = alone(8)
    first, second = limiter.enter("p"), limiter.enter("p")
    began = hours.now
    limiter.leave(first, refused=True, retry_after=30.0)
    limiter.leave(second, refused=True, retry_after=1.0)
    limiter.enter("p")
    assert hours.now >= began + 30


def test_a_pause_that_begins_while_one_waits_for_its_rate_holds_it_too(hours: Hours) -> None:
    """Whoever has a slot and only waits for the rate goes back into line: not all leave at once after the pause."""
    sent: list[float] = []
    limiter: RateLimiter

    class Refusing(Waiting):
        refuse = False

        def wait(self, timeout: float | None = None) -> bool:
            if self.refuse:
                self.refuse = False
                limiter.leave(other, refused=True, retry_after=60.0)
            return super().wait(timeout)

    stop = Refusing(hours)
    limiter = RateLimiter(8, {"requests": 60.0}, stop, hours, condition=lambda lock: Turning(hours, lock))
    limiter.leave(limiter.enter("p"), used={})
    other = limiter.enter("p")
    stop.refuse = True
    began = hours.now
    limiter.leave(limiter.enter("p"), used=ANSWER)
    sent.append(hours.now)
    assert sent[0] >= began + 60
    assert in_flight(limiter) == 0


# Rates.


def paced(
    limiter: RateLimiter, hours: Hours, count: int, tokens: int = 0, used: dict[Meter, float] | None = None
) -> float:
    """Seconds that so many requests, one after another, take to leave."""
    began = hours.now
    for _ in range(count):
        limiter.leave(limiter.enter("p", tokens), used=used or {})
    return hours.now - began


def test_requests_keep_to_the_rate_that_was_asked_for(alone: Make, hours: Hours) -> None:
    """60 a minute: one a second after the first second's worth."""
    assert 98 <= paced(alone(8, requests=60), hours, 100) <= 101


def test_input_tokens_keep_to_the_rate_and_what_was_used_corrects_the_estimate(alone: Make, hours: Hours) -> None:
    """6,000 a minute, 1,000 estimated and 500 used: a request every five seconds."""
    seconds = paced(alone(8, input_tokens=6000), hours, 20, 1000, {"input_tokens": 500.0, "output_tokens": 0.0})
    assert 90 <= seconds <= 110


def test_output_tokens_keep_to_the_rate_as_the_answers_turn_out(alone: Make, hours: Hours) -> None:
    """What answers usually have is expected of the next ones."""
    seconds = paced(alone(8, output_tokens=600), hours, 20, 0, {"input_tokens": 0.0, "output_tokens": 100.0})
    assert 170 <= seconds <= 210


def test_a_request_larger_than_a_minute_of_its_rate_leaves_and_is_owed(alone: Make, hours: Hours) -> None:
    """It is not held for ever; what follows waits as long as it takes to make up for it."""
    limiter = alone(8, input_tokens=600)
    used: dict[Meter, float] = {"input_tokens": 6000.0, "output_tokens": 0.0}
    assert paced(limiter, hours, 1, 6000, used) <= 2
    assert 590 <= paced(limiter, hours, 1, 1, used) <= 610


def test_a_refused_request_does_not_use_up_a_rate_of_tokens_twice(alone: Make, hours: Hours) -> None:
    """Whoever goes back into line during a pause gives back what it had taken."""
    limiter = alone(8, requests=60)
    slot = limiter.enter("p")
    limiter.leave(slot, refused=True, retry_after=100.0)
    began = hours.now
    limiter.leave(limiter.enter("p"), used={})
    assert 100 <= hours.now - began <= 102


def test_the_rate_of_the_headers_is_kept(alone: Make, hours: Hours) -> None:
    """Nothing was asked for; the service says 120 a minute, nothing saved up."""
    limiter = alone(8)
    limiter.leave(limiter.enter("p"), used={}, limits={"requests": Limit(120, 0)})
    assert 9 <= paced(limiter, hours, 20) <= 11
    assert limiter.facts()["per_minute"] == {"requests": 120}


def test_what_the_headers_say_is_left_may_leave_at_once(alone: Make, hours: Hours) -> None:
    limiter = alone(64)
    limiter.leave(limiter.enter("p"), used={}, limits={"requests": Limit(60, 30)})
    assert paced(limiter, hours, 30) <= 1
    assert 9 <= paced(limiter, hours, 10) <= 11


def test_the_lower_of_two_rates_holds(alone: Make, hours: Hours) -> None:
    """The service may be slower than asked for, and never makes us faster than asked for."""
    slow = alone(8, requests=600)
    slow.leave(slow.enter("p"), used={}, limits={"requests": Limit(60, 0)})
    assert 18 <= paced(slow, hours, 20) <= 21
    fast = alone(8, requests=60)
    fast.leave(fast.enter("p"), used={}, limits={"requests": Limit(100_000, 90_000)})
    assert 18 <= paced(fast, hours, 20) <= 21


def test_what_is_on_its_way_is_taken_off_what_is_said_to_be_left(alone: Make, hours: Hours) -> None:
    """The header was written before the service saw the requests that are still under way."""
    limiter = alone(64)
    tickets = [limiter.enter("p") for _ in range(20)]
    limiter.leave(tickets.pop(), used={}, limits={"requests": Limit(60, 25)})
    began = hours.now
    for slot in tickets:
        limiter.leave(slot, used={})
    assert paced(limiter, hours, 6) + began - began <= 1
    assert paced(limiter, hours, 10) >= 8


@pytest.mark.parametrize("limit", [Limit(0.5), Limit(1, 0), Limit(10**9, 10**9), Limit(60)])
def test_odd_limits_of_a_service_do_no_harm(limit: Limit, alone: Make, hours: Hours) -> None:
    """Very little, very much, nothing left, nothing said: the next one leaves, some time."""
    limiter = alone(8)
    limiter.leave(
        limiter.enter("p"), used={}, limits={"requests": limit, "input_tokens": limit, "output_tokens": limit}
    )
    limiter.leave(limiter.enter("p", 10), used=ANSWER)
    assert in_flight(limiter) == 0


# Threads.


class Passing:
    """A thread that wants to pass; ``slot`` is set once it has."""

    def __init__(self, limiter: RateLimiter, prefix: str = "p", tries: TriesLeft = TriesLeft.FRESH) -> None:
        self.slot: Slot | None = None
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._pass, args=(limiter, prefix, tries), daemon=True)
        self._thread.start()

    def _pass(self, limiter: RateLimiter, prefix: str, tries: TriesLeft) -> None:
        try:
            self.slot = limiter.enter(prefix, tries=tries)
        except (Interrupted, ProviderError) as error:
            self.error = error

    def passes(self) -> bool:
        """Whether it gets through, or is told to go home, before patience ends."""
        self._thread.join(PATIENCE)
        return not self._thread.is_alive()

    def waits(self) -> bool:
        """Whether it is still outside after having had time to pass."""
        self._thread.join(0.1)
        return self._thread.is_alive()


Quick = partial(RateLimiter, poll_seconds=0.02)
"""A gate whose threads look often whether the run was stopped."""


@pytest.mark.parametrize("outcome", ["answered", "failed", "refused", "no trouble of the service"])
def test_the_first_of_a_prompt_goes_alone_until_it_is_answered_or_failed(outcome: str) -> None:
    """It fills the prompt's cache. When it is refused, or itself at fault, the next one goes alone in its place;
    when the service fails it, nobody waits any more for somebody who may wait in vain too."""
    limiter = Quick(8)
    first = limiter.enter("p")
    second, third = Passing(limiter), Passing(limiter)
    assert second.waits()
    assert third.waits()
    if outcome in ("answered", "failed"):
        limiter.leave(
            first, used=ANSWER if outcome == "answered" else None, failure=down() if outcome == "failed" else None
        )
        limiter.breaker.answered(limiter.clock())  # the outage that a first failure may be is over
        assert second.passes()
        assert third.passes()
        return
    limiter.leave(first, refused=outcome == "refused", retry_after=0.0)
    passed = [one for one in (second, third) if not one.waits()] or [
        one for one in (second, third) if one.passes() and one.slot
    ]
    assert len(passed) == 1
    (other,) = {second, third} - set(passed)
    assert other.waits()
    assert passed[0].slot is not None
    limiter.leave(passed[0].slot, used=ANSWER)
    assert other.passes()


def test_the_first_of_one_prompt_does_not_hold_another_prompt() -> None:
    limiter = Quick(8)
    limiter.enter("p")
    assert Passing(limiter, "q").passes()
    assert Passing(limiter, "p").waits()


def test_a_first_request_that_hangs_is_waited_for_a_minute_only(hours: Hours) -> None:
    limiter = Quick(8, clock=hours)
    limiter.enter("p")
    waiting = Passing(limiter)
    assert waiting.waits()
    hours.now += LONGEST_WARM_UP + 1
    assert waiting.passes()


# A service that is down; the rules are `breaker`'s.


def down(request: str = "r", **others: Any) -> FailedAttempt:
    return FailedAttempt(request, "500", "the service answered 500", maybe_paid=True, **others)


def failed(limiter: RateLimiter, tickets: list[Slot]) -> None:
    for number, slot in enumerate(tickets):
        limiter.leave(slot, failure=down(f"r{number}"))


def test_in_an_outage_one_request_at_a_time_leaves_until_one_is_answered(alone: Make, hours: Hours) -> None:
    """All that were in flight fail: then one after a second, one two seconds later, … and the number in flight grows
    again from small, one for each answer."""
    limiter = alone(64)
    failed(limiter, filled(limiter))
    began, left = hours.now, []
    for _ in range(5):
        probe = limiter.enter("p")
        left.append(hours.now - began)
        assert (limiter.waiting_for or "").endswith("trying one request")
        failed(limiter, [probe])
        assert limiter.waiting_for is not None
        assert limiter.waiting_for.startswith("the service, which fails (500): next try in ")
    # A waiting thread may look half a second late.
    for when, least in zip(left, (0.75, 2.25, 5.25, 11.25, 23.25), strict=True):
        assert least <= when <= least * 5 / 3 + 5 * 0.5
    answered(limiter, [limiter.enter("p")])
    assert limiter.waiting_for is None
    assert limiter.limit == START + 1
    answered(limiter, filled(limiter))
    assert limiter.limit == 2 * (START + 1)
    outages = [event["outage"] for event in limiter.events if "outage" in event]
    assert outages == ["opened", *["probe"] * 5, "closed"]
    assert limiter.facts()["history"] == limiter.events


def test_what_left_before_an_outage_does_not_keep_its_probe_back(alone: Make) -> None:
    """Others of the same time may hang for ten minutes more."""
    limiter = alone(8)
    tickets = filled(limiter)
    failed(limiter, tickets[:5])
    limiter._concurrency.refused(1)
    assert limiter.limit == 1
    probe = limiter.enter("p")
    assert probe.probe
    answered(limiter, [probe, *tickets[5:]])
    assert in_flight(limiter) == 0


def test_an_article_that_the_service_does_not_want_closes_the_breaker_too(alone: Make) -> None:
    """It took a look at it: the service is there."""
    limiter = alone(8)
    failed(limiter, filled(limiter))
    assert limiter.breaker.is_open
    limiter.leave(limiter.enter("p"), well=True)
    assert not limiter.breaker.is_open


def test_a_burst_of_refusals_counts_as_one_failure(alone: Make) -> None:
    """A limit is no outage: only when nothing is answered until four are left of 64, one request at a time tries."""
    limiter = alone(64)
    for _ in range(3):
        for slot in filled(limiter):
            limiter.leave(slot, refused=True, failure=down())
    assert not limiter.breaker.is_open
    for slot in filled(limiter):
        limiter.leave(slot, refused=True, failure=down())
    assert limiter.breaker.is_open
    limit = limiter.limit
    answered(limiter, [limiter.enter("p")])
    assert limit <= limiter.limit <= limit + 1


def test_the_gate_says_when_the_service_is_given_up_and_tells_what_the_breaker_does(alone: Make) -> None:
    """Once it is, to everybody whose request it fails."""
    limiter = alone(4)
    told: list[dict[str, Any]] = []
    limiter.told = told.append
    tickets = filled(limiter)
    assert [limiter.leave(slot, failure=down(f"r{n}")) for n, slot in enumerate(tickets)] == [None] * 4
    verdict = None
    while verdict is None:
        verdict = limiter.leave(limiter.enter("p"), failure=down())
    assert verdict.hint == "later"
    assert [event["outage"] for event in told][:2] == ["opened", "probe"]
    assert told[-1]["outage"] == "given up"


def test_those_with_most_tries_left_go_first_in_an_outage(hours: Hours) -> None:
    """Whoever came first: no request uses up its own while another one has more."""
    limiter = Quick(4, clock=hours)
    limiter.leave(limiter.enter("p"), used={})
    failed(limiter, filled(limiter))
    last = Passing(limiter, tries=TriesLeft.LAST)
    assert last.waits()
    fresh = Passing(limiter)
    assert fresh.waits()
    hours.now += 500
    assert fresh.passes()
    assert last.waits()
    assert fresh.slot is not None
    limiter.leave(fresh.slot, used={})
    assert last.passes()


def test_a_closed_gate_tells_all_who_wait_and_all_who_come() -> None:
    """For a slot or for a rate, or not at all: the same words, nothing leaves, nothing stays taken."""
    slot = Quick(1)
    held = slot.enter("p")
    rate = Quick(8, {"requests": 0.001})
    rate.leave(rate.enter("p"), used={})
    waiting = [Passing(slot), Passing(rate)]
    assert all(one.waits() for one in waiting)
    for limiter in (slot, rate):
        limiter.close(ProviderError(FailureKind.UNUSABLE, "no key", status=401, hint="address"))
        limiter.close(ProviderError(FailureKind.UNUSABLE, "another reason"))
    slot.leave(held)
    waiting += [Passing(slot), Passing(rate)]
    assert all(one.passes() for one in waiting)
    errors = [one.error for one in waiting if isinstance(one.error, ProviderError)]
    assert len(errors) == len(waiting)
    assert {(str(error), error.status, error.hint, error.sent) for error in errors} == {
        ("no key", 401, "address", False)
    }
    assert [in_flight(limiter) for limiter in (slot, rate)] == [0, 0]


def test_a_stop_wakes_all_who_wait_for_whatever_they_wait(hours: Hours) -> None:
    """For the first answer, a slot, a pause or a rate: all are told, none is left, nothing stays taken."""
    stop = threading.Event()
    first_answer = Quick(8, stop=stop)
    first_answer.enter("p")
    slot = Quick(1, stop=stop)
    slot.leave(slot.enter("p"), used=ANSWER)
    slot.enter("p")
    pause = Quick(8, stop=stop)
    pause.leave(pause.enter("p"), refused=True, retry_after=10_000.0)
    rate = Quick(8, {"requests": 0.001}, stop)
    rate.leave(rate.enter("p"), used={})
    waiting = [Passing(limiter) for limiter in (first_answer, slot, pause, rate) for _ in range(3)]
    assert all(one.waits() for one in waiting)
    stop.set()
    assert all(one.passes() for one in waiting)
    assert all(isinstance(one.error, Interrupted) for one in waiting)
    assert [in_flight(limiter) for limiter in (first_answer, slot, pause, rate)] == [1, 1, 0, 0]


def test_all_who_wait_for_a_slot_get_one_in_the_end() -> None:
    """Many threads, few slots: nobody is forgotten, and never more are inside than may be."""
    limiter = Quick(3)
    inside: list[int] = []
    lock = threading.Lock()
    now = 0

    def work(_: int) -> None:
        nonlocal now
        slot = limiter.enter("p")
        with lock:
            now += 1
            inside.append(now)
        time.sleep(0.001)
        with lock:
            now -= 1
        limiter.leave(slot, used=ANSWER)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(work, range(200)))
    assert len(inside) == 200
    assert max(inside) <= 3
    assert in_flight(limiter) == 0


def test_who_came_first_leaves_first() -> None:
    """Nobody is overtaken, not even by one who has just left and comes again: articles end about in their order."""
    limiter = RateLimiter(1)
    limiter.leave(limiter.enter("p"), used=ANSWER)
    held = limiter.enter("p")
    left: list[int] = []

    def work(number: int) -> None:
        for _ in range(3):
            slot = limiter.enter("p")
            left.append(number)
            limiter.leave(slot, used=ANSWER)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for place, thread in enumerate(threads, start=1):
        thread.start()
        while len(limiter._line) < place:
            time.sleep(0.001)
    limiter.leave(held, used=ANSWER)
    for thread in threads:
        thread.join()
    assert left[:5] == [0, 1, 2, 3, 4]
    assert sorted(left) == sorted([*range(5)] * 3)
    assert in_flight(limiter) == 0


def test_what_people_are_told_can_be_read_while_everything_moves() -> None:
    """`waiting_for` and `facts` are asked by another thread, while headers bring new meters."""
    stop = threading.Event()
    seen: list[BaseException] = []

    def look(limiter: RateLimiter) -> None:
        while not stop.is_set():
            try:
                _ = limiter.waiting_for
                limiter.facts()
            except RuntimeError as error:
                seen.append(error)
                return

    for _ in range(200):
        limiter = Quick(8)
        watcher = threading.Thread(target=look, args=(limiter,))
        watcher.start()
        for meter in METERS:
            limiter.leave(limiter.enter("p"), used={}, limits={meter: Limit(10**9, 10**9)})
        stop.set()
        watcher.join()
        stop.clear()
    assert seen == []


OUTCOMES = ("answered", "answered", "answered", "refused", "refused at once", "failed", "limits", "stop", "down")


@settings(max_examples=25, deadline=None, database=None)
@given(
    seed=st.integers(0, 2**32),
    workers=st.integers(1, 12),
    concurrency=st.none() | st.integers(1, 9),
    rpm=st.none() | st.sampled_from([6000.0, 60_000.0]),
    outcomes=st.sets(st.sampled_from(OUTCOMES), min_size=1).map(sorted),
)
def test_nothing_stays_taken_whatever_becomes_of_the_requests(
    seed: int, workers: int, concurrency: int | None, rpm: float | None, outcomes: list[str]
) -> None:
    """Any threads, prompts and outcomes, a stop among them: at the end nobody is in flight and nothing on its way."""
    stop = threading.Event()
    rates: dict[Meter, float] = {} if rpm is None else {"requests": rpm, "input_tokens": rpm * 100}
    limiter = RateLimiter(concurrency, rates, stop, breaker=Breaker(BreakerTiming(1, 1, 0.001, 0.002, 0.001, 0.002)))
    ceiling = concurrency or CEILING
    most: list[int] = []

    def work(number: int) -> None:
        chance = random.Random(seed + number)
        for _ in range(6):
            try:
                slot = limiter.enter(chance.choice("pqr"), chance.randrange(50))
            except Interrupted:
                continue
            most.append(in_flight(limiter))
            match chance.choice(outcomes):
                case "answered":
                    used: dict[Meter, float] = {"input_tokens": chance.randrange(50), "output_tokens": 5.0}
                    limiter.leave(slot, used=used if chance.random() < 0.8 else {})
                case "refused":
                    limiter.leave(slot, refused=True, retry_after=chance.random() / 100, failure=down())
                case "refused at once":
                    limiter.leave(slot, refused=True, retry_after=0.0)
                case "limits":
                    left = None if chance.random() < 0.5 else float(chance.randrange(100))
                    limiter.leave(slot, used=ANSWER, limits={"requests": Limit(60_000, left)})
                case "down":
                    limiter.leave(slot, failure=down(str(number)))
                case "stop":
                    if chance.random() < 0.1:
                        stop.set()
                    limiter.leave(slot)
                case _:
                    limiter.leave(slot)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))
    assert in_flight(limiter) == 0
    assert list(limiter._rates.on_the_way.values()) == pytest.approx([0.0] * 3, abs=1e-6)
    assert not limiter._warm_up.in_progress
    assert max(most, default=0) <= ceiling
    assert 1 <= limiter.limit <= ceiling
