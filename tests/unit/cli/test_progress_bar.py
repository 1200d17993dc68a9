"""What a run is said to wait for, and when lines are printed without a terminal."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dragoman.cli.progress_bar import EVERY, Screen, waits_for
from dragoman.runs.engines.threads import Pool, Stop
from dragoman.runs.session import Session


def run_with(
    *, in_flight: int = 0, waiting: str | None = None, articles: int = 0, stopped: bool = False
) -> tuple[Session, Pool]:
    """A session and a pool in this state, as far as `waits_for` looks at them."""
    stop = Stop()
    if stopped:
        stop.set()
    counters = SimpleNamespace(in_flight=in_flight)
    budget = SimpleNamespace(paid=None, unknown=0)
    asker = SimpleNamespace(counters=counters, waiting_for=waiting, buys=False)
    session: Any = SimpleNamespace(stop=stop, asker=asker, budget=budget)
    return cast(Session, session), cast(Pool, SimpleNamespace(in_flight=articles))


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ({"stopped": True, "in_flight": 2, "waiting": "a limit"}, "stopping, 2 requests in flight"),
        ({"waiting": "the service, 8 s", "in_flight": 1}, "waiting for the service, 8 s"),
        ({"in_flight": 1, "articles": 4}, "1 request in flight"),
        ({"articles": 3}, "processing 3 articles"),
        ({}, "writing the results"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_most_important_reason_is_named(state: dict[str, Any], text: str) -> None:
    """A stop comes first, then the rate limiter, requests in flight, and local work."""
    assert waits_for(*run_with(**state)) == text


class Clock:
    """A clock that the test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_line_is_printed_every_thirty_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    """Not before, and once each time."""
    clock = Clock()
    screen = Screen(clock)
    screen.begin(*run_with(articles=1), total=3)
    screen.end()  # the test calls `tick` itself
    seen = []
    for clock.now in (1.0, 29.9, 30.0, 31.0, 59.9, 60.0):
        screen.tick()
        seen.append(capsys.readouterr().err)
    line = "0 of 3 done; processing 1 article\n"
    assert seen == ["", "", line, "", "", line]
    assert EVERY == 30.0


def test_the_place_of_a_rescued_reply_is_printed_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """With the command that imports it."""
    Screen().rescued(Path("/tmp/x"), "dragoman store import /tmp/x")
    assert "saved in /tmp/x" in capsys.readouterr().err
