"""The pool: the order of its outcomes, how far it runs ahead, and what ends a run early."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from dragoman.config import Settings
from dragoman.core.models import table
from dragoman.core.outcome import Outcome
from dragoman.core.record import Reason, Record, Status
from dragoman.errors import (
    BudgetReached,
    DragomanError,
    FailureKind,
    Interrupted,
    ProviderError,
    ReasonCode,
    RecordingMissing,
    RepliesElsewhere,
    RepliesRescued,
    StoreError,
)
from dragoman.reading.discover import ArticleFile
from dragoman.runs.article import Pipeline
from dragoman.runs.engines.threads import MOST_REJECTED, REJECTED_IN_ORDER, Pool
from dragoman.runs.record_builder import unreached_record
from dragoman.runs.session import specs_of

SPECS = specs_of(Settings(), table().find(table().default))
PLACES = [ArticleFile(f"a{number}.txt", f"a{number}.txt") for number in range(40)]
BUDGET = BudgetReached("the next request may cost up to $1")
GONE = ProviderError(FailureKind.UNUSABLE, "the service answered 401")
DISK = StoreError("the disk is full")
LOST = RecordingMissing("no recording for a0.txt")


def record(place: ArticleFile, status: Status = "ok", code: ReasonCode | None = None) -> Record:
    reason = Reason(code=code, message=f"because of {code}") if code else None
    made = unreached_record(place, SPECS, Reason(code="interrupted", message="-"))
    return made.model_copy(update={"status": status, "reason": reason})


@dataclass(frozen=True, kw_only=True)
class Acted(Pipeline):
    """A pipeline that calls ``acts[number]`` for an article with that number. All other articles are ok."""

    prepare: None = None  # type: ignore[assignment]  # never reached
    asker: None = None  # type: ignore[assignment]  # never reached
    specs: tuple[object, ...] = SPECS  # type: ignore[assignment]  # as the pool passes them on
    max_article_tokens: int = 0
    acts: dict[int, Callable[[], Outcome]] = field(default_factory=dict)
    started: list[int] = field(default_factory=list)

    def process(self, place: object) -> Outcome:
        assert isinstance(place, ArticleFile)
        number = PLACES.index(place)
        self.started.append(number)
        return self.acts.get(number, lambda: Outcome(record(place), None))()


def pool_of(
    acts: dict[int, Callable[[], Outcome]], count: int, workers: int = 4, stop: threading.Event | None = None
) -> tuple[Pool, list[int]]:
    pipeline = Acted(acts=acts)
    return Pool(pipeline, PLACES[:count], workers, stop or threading.Event()), pipeline.started


def failing(error: DragomanError, number: int) -> Callable[[], Outcome]:
    return lambda: Outcome(record(PLACES[number], "pending", "interrupted"), None, error)


def test_outcomes_come_in_input_order_even_if_a_later_article_finishes_first() -> None:
    """The first article is finished only after three others, and still comes first."""
    done = threading.Semaphore(0)

    def first() -> Outcome:
        for _ in range(3):
            assert done.acquire(timeout=10)
        return Outcome(record(PLACES[0]), None)

    def later(number: int) -> Callable[[], Outcome]:
        def act() -> Outcome:
            done.release()
            return Outcome(record(PLACES[number]), None)

        return act

    pool, _ = pool_of({0: first, 1: later(1), 2: later(2), 3: later(3)}, 8)
    names = [outcome.record.article.name for outcome in pool.outcomes()]
    assert names == [place.name for place in PLACES[:8]]


def test_a_caller_that_fails_waits_for_the_articles_in_flight_and_starts_no_other() -> None:
    """Their replies are paid for, and only their workers can save them."""
    may_end, ended = threading.Event(), []

    def second() -> Outcome:
        assert may_end.wait(10)
        ended.append(1)
        return Outcome(record(PLACES[1]), None)

    pool, started = pool_of({1: second}, 8, workers=2)
    outcomes = pool.outcomes()
    next(outcomes)
    while 1 not in started:
        time.sleep(0.001)
    releasing = threading.Timer(0.1, may_end.set)
    releasing.start()
    outcomes.close()
    assert (ended, pool.in_flight) == ([1], 0)
    after = list(started)
    releasing.join()
    assert started == after


def test_the_first_article_is_processed_alone_until_it_sends_a_request() -> None:
    """The other requests wait for the first one, which loads the SDK: other threads would only delay it."""
    asking = threading.Event()
    alone: list[list[int]] = []

    def first() -> Outcome:
        alone.append(list(pipeline.started))
        asking.set()
        return Outcome(record(PLACES[0]), None)

    pipeline = Acted(acts={0: first})
    pool = Pool(pipeline, PLACES[:8], 4, threading.Event(), has_asked=asking.is_set)
    assert len(list(pool.outcomes())) == 8
    assert alone == [[0]]


def test_a_first_article_that_sends_nothing_does_not_block_the_others() -> None:
    """Another process may hold the lease of its request. The others start nevertheless."""
    done = threading.Semaphore(0)

    def first() -> Outcome:
        assert done.acquire(timeout=10)
        return Outcome(record(PLACES[0]), None)

    def second() -> Outcome:
        done.release()
        return Outcome(record(PLACES[1]), None)

    pool = Pool(Acted(acts={0: first, 1: second}), PLACES[:2], 2, threading.Event(), has_asked=lambda: False)
    assert len(list(pool.outcomes())) == 2


def test_the_first_article_is_alone_for_half_a_second_at_most() -> None:
    """By the clock of the pool, which advances by an eighth of a second each time it is read."""
    read: list[float] = []
    done = threading.Semaphore(0)

    def clock() -> float:
        read.append(len(read) / 8)
        return read[-1]

    def first() -> Outcome:
        assert done.acquire(timeout=10)
        return Outcome(record(PLACES[0]), None)

    def second() -> Outcome:
        done.release()
        return Outcome(record(PLACES[1]), None)

    pipeline = Acted(acts={0: first, 1: second})
    pool = Pool(pipeline, PLACES[:2], 2, threading.Event(), has_asked=lambda: False, clock=clock)
    assert len(list(pool.outcomes())) == 2
    assert read == [0.0, 0.125, 0.25, 0.375, 0.5]


def test_each_outcome_is_reported_once_as_soon_as_it_exists() -> None:
    """The slow first article is reported last of those that were processed. Those not reached follow, in order."""
    reported: list[str] = []
    three = threading.Event()

    def on_outcome(outcome: Outcome) -> None:
        reported.append(outcome.header.name)
        if len(reported) == 3:
            three.set()

    def first() -> Outcome:
        assert three.wait(10)
        return failing(BUDGET, 0)()

    ended = threading.Event()

    def fifth() -> Outcome:
        assert ended.wait(10)
        return Outcome(record(PLACES[4]), None)

    acts = {0: first, 4: fifth}
    pool = Pool(Acted(acts=acts), PLACES[:8], 2, threading.Event(), on_outcome)
    outcomes = pool.outcomes()
    assert next(outcomes).header.name == "a0.txt"
    ended.set()
    list(outcomes)
    assert reported == [place.name for place in (*PLACES[1:4], PLACES[0], *PLACES[4:8])]


def test_an_error_in_the_callback_is_raised_like_a_bug_in_a_worker() -> None:
    """It does not end only the thread."""

    def on_outcome(_: Outcome) -> None:
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        list(Pool(Acted(), PLACES[:8], 2, threading.Event(), on_outcome).outcomes())


def test_a_slow_article_holds_back_the_others_so_that_memory_does_not_grow_with_the_folder() -> None:
    """While the first article is being processed, at most four articles per worker are started."""
    workers = 2
    most = workers * 4
    reached, seen = threading.Event(), []

    def first() -> Outcome:
        reached.wait(10)
        # Nothing else may start now. Without a limit, the other worker would take an article meanwhile.
        threading.Event().wait(0.3)
        seen.append(len(started))
        return Outcome(record(PLACES[0]), None)

    def last_inside() -> Outcome:
        reached.set()
        return Outcome(record(PLACES[most - 1]), None)

    pool, started = pool_of({0: first, most - 1: last_inside}, 40, workers)
    assert len(list(pool.outcomes())) == 40
    assert seen == [most]
    assert sorted(started) == list(range(40))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BUDGET, "budget"),
        (GONE, "provider_unusable"),
        (DISK, "store_trouble"),
        (RepliesRescued(DISK, "Paid replies are saved in DIR", "import DIR"), "store_trouble"),
        (RepliesElsewhere("the store is new", "use the store that has them"), "store_trouble"),
        (Interrupted("stop"), "interrupted"),
    ],
    ids=["budget", "provider", "store", "replies saved elsewhere", "replies in another store", "stop"],
)
def test_articles_that_were_not_reached_are_pending_for_the_reason_that_ended_the_run(
    error: DragomanError, code: str
) -> None:
    """No further article is started. A subclass of an error has the same reason code as the error."""
    pool, started = pool_of({1: failing(error, 1)}, 12, 1)
    outcomes = list(pool.outcomes())
    assert started == [0, 1]
    assert [outcome.record.status for outcome in outcomes] == ["ok"] + ["pending"] * 11
    reasons = [outcome.record.reason for outcome in outcomes[2:]]
    assert {reason.code for reason in reasons if reason} == {code}
    assert {reason.message for reason in reasons if reason} == {str(error)}
    assert pool.ended_by is error


def test_a_missing_recording_does_not_end_a_run() -> None:
    """Replay goes on: an article without a recording is one record of the run."""
    pool, started = pool_of({0: failing(LOST, 0)}, 6, 1)
    assert len(list(pool.outcomes())) == 6
    assert len(started) == 6
    assert pool.ended_by is None


def test_a_stop_before_the_first_article_starts_none() -> None:
    """A run that is stopped at once has a pending record for each article."""
    stop = threading.Event()
    stop.set()
    pool, started = pool_of({}, 5, stop=stop)
    codes = [outcome.record.reason.code for outcome in pool.outcomes() if outcome.record.reason]
    assert codes == ["interrupted"] * 5
    assert started == []


def test_articles_in_flight_are_finished_when_another_one_ends_the_run() -> None:
    """Their answers are not lost because the budget is spent in the meantime."""
    asked, ended = threading.Event(), threading.Event()

    def over() -> Outcome:
        assert asked.wait(10)
        ended.set()
        return Outcome(record(PLACES[0], "pending", "budget"), None, BUDGET)

    def in_flight() -> Outcome:
        asked.set()
        assert ended.wait(10)
        return Outcome(record(PLACES[1]), None)

    pool, _ = pool_of({0: over, 1: in_flight}, 2, 2)
    assert [outcome.record.status for outcome in pool.outcomes()] == ["pending", "ok"]


def test_a_bug_in_a_worker_is_raised_and_no_further_article_starts() -> None:
    """A bug never becomes a record: it is raised in place of the outcome."""

    def bug() -> Outcome:
        raise ZeroDivisionError("a bug")

    pool, started = pool_of({1: bug}, 30, 1)
    outcomes = pool.outcomes()
    assert next(outcomes).record.status == "ok"
    with pytest.raises(ZeroDivisionError):
        next(outcomes)
    assert started == [0, 1]


def test_a_bug_waits_for_the_answers_in_flight() -> None:
    """The requests of other workers are paid for: their replies are stored before the bug ends the run."""
    asked, happened, finished = threading.Event(), threading.Event(), threading.Event()

    def bug() -> Outcome:
        assert asked.wait(10)
        happened.set()
        raise ZeroDivisionError("a bug")

    def in_flight() -> Outcome:
        asked.set()
        assert happened.wait(10)
        threading.Event().wait(0.3)  # an answer in flight
        finished.set()
        return Outcome(record(PLACES[1]), None)

    pool, _ = pool_of({0: bug, 1: in_flight}, 2, 2)
    with pytest.raises(ZeroDivisionError):
        list(pool.outcomes())
    assert finished.is_set()


def rejecting(number: int) -> Callable[[], Outcome]:
    return lambda: Outcome(record(PLACES[number], "failed", "rejected"), None)


def test_rejections_end_a_run_only_while_the_service_has_answered_nothing() -> None:
    """A wrong setting is rejected for every article: after `MOST_REJECTED` of them, the others are not tried."""
    pool, started = pool_of({number: rejecting(number) for number in range(40)}, 40, 1)
    outcomes = list(pool.outcomes())
    assert len(started) == MOST_REJECTED == 20
    assert isinstance(pool.ended_by, ProviderError)
    assert (pool.ended_by.kind, pool.ended_by.hint) == (FailureKind.UNUSABLE, "requests")
    assert "rejected 20 articles and answered none; the last: because of rejected" in str(pool.ended_by)
    assert pool.rejected == [PLACES[number].name for number in started]
    failed = {outcome.record.article.name for outcome in outcomes if outcome.record.status == "failed"}
    assert failed == set(pool.rejected)
    assert [outcome.record.article.name for outcome in outcomes] == [place.name for place in PLACES]


def test_after_ten_rejections_the_next_articles_are_taken_from_all_over_the_run() -> None:
    """So that a folder that begins with articles that are at fault themselves does not end its run."""
    pool, started = pool_of({number: rejecting(number) for number in range(40)}, 40, 1)
    list(pool.outcomes())
    assert started[:REJECTED_IN_ORDER] == [*range(10)]
    assert started[REJECTED_IN_ORDER:] == [11, 14, 17, 20, 23, 26, 29, 32, 35, 38]


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("answered", [39, 25, 12])
def test_one_article_that_is_answered_keeps_a_run_going(answered: int, workers: int) -> None:
    """Wherever it is, if the samples reach it; then all other articles follow in order, each once."""
    known = threading.Event()

    def answering(number: int) -> Callable[[], Outcome]:
        def answer() -> Outcome:
            known.set()
            return Outcome(record(PLACES[number]), None)

        return answer

    good = range(answered - 2, answered + 3)
    acts = {number: (answering if number in good else rejecting)(number) for number in range(40)}
    pipeline = Acted(acts=acts)
    pool = Pool(pipeline, PLACES, workers, threading.Event(), has_answered=known.is_set)
    names = [outcome.record.article.name for outcome in pool.outcomes()]
    assert len(names) == 40
    assert sorted(pipeline.started) == [*range(40)]
    assert pool.ended_by is None


def test_an_article_that_was_taken_early_keeps_its_outcome_when_the_run_is_stopped() -> None:
    """Those between it and the stop were not reached."""
    stop = threading.Event()

    def act() -> Outcome:
        stop.set()
        return rejecting(11)()

    acts = {**{number: rejecting(number) for number in range(10)}, 11: act}
    pool = Pool(Acted(acts=acts), PLACES, 1, stop)
    statuses = [outcome.record.status for outcome in pool.outcomes()]
    assert statuses == ["failed"] * 10 + ["pending", "failed"] + ["pending"] * 28


def test_rejected_articles_never_end_a_run_of_a_service_that_answers() -> None:
    """After thirty rejections in a row the remaining articles are still sent."""
    acts = {number: rejecting(number) for number in range(30)}
    pool = Pool(Acted(acts=acts), PLACES, 4, threading.Event(), has_answered=lambda: True)
    statuses = [outcome.record.status for outcome in pool.outcomes()]
    assert statuses == ["failed"] * 30 + ["ok"] * 10
    assert (pool.ended_by, pool.rejected) == (None, [])


@pytest.mark.parametrize("code", ["provider_error", "bad_response", "invalid", "refused"])
def test_no_other_failure_of_articles_ends_a_run(code: ReasonCode) -> None:
    """The breaker recognises an outage from the requests of this run. A stored record may be years old."""

    def act(number: int) -> Callable[[], Outcome]:
        return lambda: Outcome(record(PLACES[number], "failed", code), None)

    pool, started = pool_of({number: act(number) for number in range(40)}, 40, 1)
    assert len(list(pool.outcomes())) == 40
    assert len(started) == 40
    assert pool.ended_by is None


def pool_with_last(names: list[int], *, proven: bool, count: int = 40, workers: int = 1) -> tuple[Pool, list[int]]:
    pipeline = Acted()
    last = [*(PLACES[number].name for number in names), "not in this run.txt"]
    pool = Pool(pipeline, PLACES[:count], workers, threading.Event(), has_answered=lambda: proven, last=last)
    return pool, pipeline.started


def test_articles_that_were_rejected_in_an_earlier_run_are_processed_last() -> None:
    """In the given order, after all others. The outcomes still come in input order."""
    pool, started = pool_with_last([5, 2], proven=False, count=8)
    names = [outcome.record.article.name for outcome in pool.outcomes()]
    assert names == [place.name for place in PLACES[:8]]
    assert started == [0, 1, 3, 4, 6, 7, 5, 2]


def test_rejected_articles_are_processed_first_if_the_service_is_known_to_answer() -> None:
    """The other outcomes wait for them no longer than needed, so memory does not grow with the folder."""
    pool, started = pool_with_last([2, 0, 5], proven=True, count=8)
    assert len(list(pool.outcomes())) == 8
    assert started == [2, 0, 5, 1, 3, 4, 6, 7]


@pytest.mark.parametrize("workers", [1, 3])
def test_any_number_of_articles_may_be_postponed(workers: int) -> None:
    """All, all but the last, or the first alone: every article is processed exactly once."""
    for names in ([*range(40)], [*range(39)], [0]):
        pool, started = pool_with_last(names, proven=False, workers=workers)
        assert len(list(pool.outcomes())) == 40
        assert sorted(started) == [*range(40)]


def test_postponed_articles_are_pending_if_the_run_ends_first() -> None:
    """Like all other articles that were not reached."""
    pipeline = Acted(acts={3: failing(GONE, 3)})
    pool = Pool(pipeline, PLACES[:8], 1, threading.Event(), last=[PLACES[0].name, PLACES[5].name])
    statuses = [outcome.record.status for outcome in pool.outcomes()]
    assert pipeline.started == [1, 2, 3]
    assert statuses == ["pending", "ok", "ok", "pending", "pending", "pending", "pending", "pending"]


@pytest.mark.parametrize(
    ("first", "second", "wins"),
    [
        (BUDGET, GONE, GONE),
        (GONE, BUDGET, GONE),
        (GONE, DISK, DISK),
        (DISK, BUDGET, DISK),
        (DISK, Interrupted("stop"), None),
    ],
    ids=[
        "provider over budget",
        "either order",
        "store over provider",
        "store over budget",
        "stop over all",
    ],
)
def test_of_two_errors_in_flight_the_more_serious_one_ends_the_run(
    first: DragomanError, second: DragomanError, wins: DragomanError | None
) -> None:
    """In this order: interruption, store, provider, budget. Which came first does not matter."""
    both = threading.Barrier(2)

    def act(number: int, error: DragomanError) -> Callable[[], Outcome]:
        def meet() -> Outcome:
            both.wait(10)
            return failing(error, number)()

        return meet

    pool, _ = pool_of({0: act(0, first), 1: act(1, second)}, 2, 2)
    list(pool.outcomes())
    assert pool.ended_by is (wins or second)
