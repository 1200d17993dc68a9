"""How far a run is: the rate, the time left, the words for both, and what fits into a terminal. Tests set the clock."""

from __future__ import annotations

import io
from dataclasses import dataclass
from decimal import Decimal

import pytest
from rich.console import Console

from dragoman.cli.eta import Pace, Progress
from dragoman.cli.progress_bar import bar_line


@dataclass
class Hours:
    """A clock that a test sets."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def paced(*steps: tuple[int, float, bool], after: float = 0.0) -> Pace:
    """A pace after ``steps`` (number of articles, seconds before each, whether stored), and then ``after`` seconds."""
    hours = Hours()
    pace = Pace(hours)
    for count, seconds, stored in steps:
        for _ in range(count):
            hours.now += seconds
            pace.add(stored=stored)
    hours.now += after
    return pace


@pytest.mark.parametrize(
    ("pace", "done", "rate"),
    [
        (paced(after=60), 0, None),
        (paced((12, 5, False)), 12, 12.0),
        (paced((10, 6, False), after=60), 10, 5.0),
        (paced((150, 0, True), (5, 12, False)), 155, 5.0),
        (paced((60, 1, True)), 60, 60.0),
        (paced((500, 1, False), (100, 30, False)), 600, 2.0),
        (paced((500, 1, False), (50, 30, False)), 550, 99 / (49 * 1 + 50 * 30) * 60),
        (paced((3, 0, False)), 3, None),
    ],
    ids=[
        "nothing done", "steady", "slower while nothing comes", "what was stored says nothing of the rest",
        "all was stored", "the latest count, not the first", "the latest are a hundred", "no time has gone by",
    ],
)  # fmt: skip
def test_the_rate_is_that_of_the_last_articles_that_took_work(pace: Pace, done: int, rate: float | None) -> None:
    """Articles per minute; None before the first article."""
    assert pace.done == done
    assert pace.per_minute() == (None if rate is None else pytest.approx(rate))


def test_quiet_time_is_counted_from_the_last_finished_article() -> None:
    """Or from the beginning, where none is finished."""
    assert paced(after=7).quiet() == 7
    assert paced((3, 5, False), (1, 2, True), after=4).quiet() == 4


WAITING = "waiting for the service, 12 s"


@pytest.mark.parametrize(
    ("progress", "sentence"),
    [
        (
            Progress(40, 200, 12.3, Decimal("0.3144"), WAITING),
            "40 of 200 done, 12 per minute, $0.31, about 13 min left; waiting for the service, 12 s",
        ),
        (Progress(0, 200, None, Decimal(0), "4 requests in flight"), "0 of 200 done, $0.00; 4 requests in flight"),
        (
            Progress(1, 3, 0.4, Decimal("0.0034"), "1 request in flight", unpriced=1),
            "1 of 3 done, 0.4 per minute, $0.0034 plus unpriced replies, about 5 min left; 1 request in flight",
        ),
        (
            Progress(1_000, 12_345, 30.0, None, "processing 3 articles"),
            "1,000 of 12,345 done, 30 per minute, about 6 h 18 min left; processing 3 articles",
        ),
        (
            Progress(199, 200, 600.0, Decimal("1234.5"), "1 request in flight"),
            "199 of 200 done, 600 per minute, $1,234.50, about 1 s left; 1 request in flight",
        ),
        (Progress(200, 200, 9.96, None, "writing"), "200 of 200 done, 10 per minute; writing"),
        (
            Progress(19, 20, 38.0, None, "1 request in flight", quiet=180),
            "19 of 20 done, 38 per minute, about 3 min left; 1 request in flight",
        ),
        (Progress(1, 2, 1.005, None, "-"), "1 of 2 done, 1.0 per minute, about 1 min left; -"),
    ],
    ids=[
        "in the midst",
        "begun",
        "little money",
        "hours",
        "the last second",
        "all done",
        "a slow last one",
        "a minute",
    ],
)
def test_a_line_states_progress_rate_cost_time_left_and_what_the_run_waits_for(
    progress: Progress, sentence: str
) -> None:
    """In this order; unknown parts are left out."""
    assert progress.sentence == sentence


def shown(progress: Progress, width: int) -> str:
    """The line of the bar on a terminal of that width."""
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None, legacy_windows=False)
    with console.capture() as capture:
        console.print(bar_line(progress))
    return capture.get()


LONG = "waiting for the limit of output tokens a minute"


@pytest.mark.parametrize(
    ("progress", "whole"),
    [
        (
            Progress(40, 200, 12.3, Decimal("0.3144"), WAITING),
            ("40/200", "13 min left", "12/min", "$0.31", WAITING),
        ),
        (Progress(0, 200, None, Decimal(0), "waiting for the first answer"), ("0/200", "? left", "the first answer")),
        (Progress(12_000, 123_456, 99.9, Decimal("1234.56"), LONG, unpriced=3), ("12,000/123,456", "18 h 36 min left")),
        (Progress(5, 10, 1.0, Decimal("0.1"), "x" * 500), ("5/10", "5 min left")),
    ],
    ids=["in the midst", "begun", "all is long", "an endless reason"],
)
def test_on_eighty_columns_the_bar_the_count_and_the_time_left_are_whole_and_the_rest_is_cut(
    progress: Progress, whole: tuple[str, ...]
) -> None:
    """One line, never wider than the terminal."""
    lines = shown(progress, 80).splitlines()
    assert len(lines) == 1
    assert len(lines[0]) <= 80
    assert lines[0].startswith("━" if progress.done else " " * 12)  # without colour the rest of a bar is blank
    for part in whole:
        assert part in lines[0]


@pytest.mark.parametrize("done", [0, 1, 100, 199])
def test_the_bar_has_twelve_columns_however_much_is_done(done: int) -> None:
    """So the count and the time left have room on eighty."""
    progress = Progress(done, 200, 12.3, Decimal("0.31"), WAITING)
    assert shown(progress, 80).index(f"{done}/200") == 12 + 1


@pytest.mark.parametrize(("minutes", "left"), [(1, "1 min"), (89, "89 min"), (90, "1 h 30 min"), (125, "2 h 5 min")])
def test_the_time_left_is_in_minutes_up_to_an_hour_and_a_half(minutes: int, left: str) -> None:
    assert Progress(0, minutes, 1.0, None, "-").left == left


def test_a_wide_terminal_shows_the_whole_line() -> None:
    """Nothing is cut where there is room."""
    line = shown(Progress(12_000, 123_456, 99.9, Decimal("1234.56"), LONG, unpriced=3), 140)
    for part in ("12,000/123,456", "100/min", "$1,234.56 plus unpriced replies", LONG):
        assert part in line
