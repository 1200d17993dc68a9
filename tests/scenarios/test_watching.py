"""What stderr gets while a run goes on: plain lines, JSON events as they happen, what a signal is answered with."""

from __future__ import annotations

import json
import re
import signal
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dragoman import api
from dragoman.cli.progress_bar import Screen
from dragoman.config import Settings
from dragoman.core.outcome import Outcome
from dragoman.runs.engines.threads import Pool
from dragoman.runs.session import Session
from tests.support.commands import (
    RECORDINGS,
    SAMPLES,
    articles,
    ended,
    here,
    run_facts,
    start,
    stored,
    to,
    without_waits,
)
from tests.support.service import OVERLOADED, Behaviour, Hang, Service, rate_limited
from tests.support.service.mechanical import user_text


@dataclass
class Hours:
    """A clock that moves when it is told to."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


class Watched(Screen):
    """Half of `EVERY` goes by with each article, and the clock is looked at."""

    def __init__(self) -> None:
        self.hours = Hours()
        self.turns = threading.Lock()
        super().__init__(self.hours)

    def begin(self, session: Session, pool: Pool, total: int) -> None:
        super().begin(session, pool, total)
        self._ended.set()  # this test is the clock

    def finished(self, outcome: Outcome) -> None:
        with self.turns:
            super().finished(outcome)
            self.hours.now += 15.0
            self.tick()
            self.tick()


def test_without_a_terminal_a_line_comes_each_half_minute_and_none_in_between(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of seven articles at two in that time, three lines, each with what is done by then."""
    settings = Settings(provider="replay", recordings=RECORDINGS)
    api.run(SAMPLES, tmp_path / "out", settings, watch=Watched())
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" done")[0] for line in lines] == ["2 of 7", "4 of 7", "6 of 7"]
    for line in lines:
        assert " 4.0 per minute, about " in line
        assert " left; " in line
        assert "$" not in line  # recordings cost nothing


def test_a_short_run_says_nothing_on_its_way(tmp_path: Path) -> None:
    """Only the last lines, as before."""
    done = here("run", SAMPLES, "-o", tmp_path / "out", "--provider", "replay", "--recordings", RECORDINGS)
    assert done.stderr.startswith("7 articles: ")


class Standing(Screen):
    """Remembers how the run stood after each article that was finished."""

    def __init__(self) -> None:
        super().__init__()
        self.stood: list[tuple[str, int, str]] = []

    def finished(self, outcome: Outcome) -> None:
        super().finished(outcome)
        now = self.progress()
        self.stood.append((outcome.header.name, now.done, now.waits_for))


def settings_of(service: Service, store: Path, **more: Any) -> Settings:
    return Settings(base_url=service.url, store=store, model="mechanical-1", **more)


class SecondIsSlow:
    """A service script: whichever article is asked for second waits two seconds; ``name`` is its file's."""

    name = ""

    def __call__(self, request: int, body: dict[str, Any]) -> Behaviour | None:
        if request != 2:  # counted from 1
            return None
        (number,) = re.findall(r"bài số (\d+)\n", user_text(body))
        self.name = f"a{int(number):02}.txt"
        return Hang(2)


def test_articles_are_counted_when_they_are_done_however_slow_one_of_the_first_is(
    tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of the first takes its time: those beside it count at once, and requests are said to be in flight."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test")
    watch, slow = Standing(), SecondIsSlow()
    with Service(script=slow) as service:
        settings = settings_of(service, store_path, concurrency=4)
        run = api.run(articles(tmp_path / "in", 8), tmp_path / "out", settings, watch=watch)
    watch.end()
    assert run.counts.statuses == {"ok": 8}
    assert [done for _, done, _ in watch.stood] == list(range(1, 9))
    names = [name for name, _, _ in watch.stood]
    assert names.index(slow.name) >= 3
    assert any(awaited.endswith("in flight") for _, _, awaited in watch.stood)


def test_what_was_not_reached_is_not_counted_as_done(tmp_path: Path, store_path: Path) -> None:
    """A budget for none: every article is told, none is done."""
    watch = Standing()
    with Service() as service:
        settings = settings_of(service, store_path, max_cost="0.0001").model_copy(update={"model": None})
        run = api.run(articles(tmp_path / "in", 3), tmp_path / "out", settings, watch=watch)
    watch.end()
    assert run.exit_code == 5
    assert sorted(name for name, _, _ in watch.stood) == ["a00.txt", "a01.txt", "a02.txt"]
    assert {done for _, done, _ in watch.stood} == {0}


# JSON.


def events(stderr: str) -> list[dict[str, Any]]:
    """Each line of stderr, with a time in each."""
    lines = [json.loads(line) for line in stderr.splitlines()]
    for line in lines:
        datetime.strptime(line["at"], "%Y-%m-%dT%H:%M:%S.%fZ")
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
    return lines


def test_an_article_is_an_event_when_it_is_finished_and_not_when_it_is_its_turn(
    tmp_path: Path, store_path: Path
) -> None:
    """One of the first is slow: it comes last; everything has its time, in order."""
    folder, slow = articles(tmp_path / "in", 4), SecondIsSlow()
    with Service(script=slow) as service:
        done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path), "--log-format", "json")
    told = events(done.stderr)
    assert [event["event"] for event in told] == ["begin", *["article"] * 4, "run"]
    assert [event["name"] for event in told[1:5]][-1] == slow.name
    assert sorted(event["name"] for event in told[1:5]) == ["a00.txt", "a01.txt", "a02.txt", "a03.txt"]


def refusals(out: Path) -> list[dict[str, Any]]:
    """Those changes of the limit in run.json that a refusal was the reason for."""
    return [event for event in run_facts(out)["limits"]["history"] if "pause" in event]


def test_a_refusal_is_an_event_with_the_pause_and_the_new_limit(
    tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes before the articles that wait for it, and is what run.json has as history."""
    without_waits(monkeypatch)
    folder = articles(tmp_path / "in", 3)
    with Service(script=[rate_limited("1")]) as service:
        done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path), "--log-format", "json")
    told = events(done.stderr)
    assert [event["event"] for event in told] == ["begin", "refused", *["article"] * 3, "run"]
    (once,) = refusals(tmp_path / "out")
    assert {name: told[1][name] for name in once} == once
    assert once["pause"] == 1.0


def test_a_burst_of_refusals_is_one_event(tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 429 and 529 that were in flight together the first is told, and is what run.json has; all are counted."""
    without_waits(monkeypatch)
    script = [None, rate_limited("0.2"), OVERLOADED, rate_limited("0.1")]
    with Service(script=script) as service:
        command = ("run", articles(tmp_path / "in", 5), "-o", tmp_path / "out", *to(service, store_path))
        done = here(*command, "--log-format", "json")
    told = [event for event in events(done.stderr) if event["event"] == "refused"]
    kept = refusals(tmp_path / "out")
    assert [{name: event[name] for name in kept[0]} for event in told] == kept
    assert run_facts(tmp_path / "out")["limits"]["refusals"] == 3


def test_articles_that_were_not_reached_are_events_too(tmp_path: Path, store_path: Path) -> None:
    """One each, after those that were finished."""
    folder = articles(tmp_path / "in", 3)
    with Service() as service:
        arguments = ("--base-url", service.url, "--store", store_path, "--max-cost", "0.0001")
        done = here("run", folder, "-o", tmp_path / "out", *arguments, "--log-format", "json")
    told = [event for event in events(done.stderr) if event["event"] == "article"]
    assert sorted(event["name"] for event in told) == ["a00.txt", "a01.txt", "a02.txt"]
    assert {(event["status"], event["reason"]) for event in told} == {("pending", "budget")}


# Signals.


@pytest.mark.parametrize("form", ["text", "json"])
def test_ctrl_c_counts_requests_and_at_the_end_what_is_left_and_what_it_would_cost(
    form: str, tmp_path: Path, store_path: Path
) -> None:
    """Twenty articles are in work, and most wait for the limit: only what has left counts, and is stored at the end."""
    folder = articles(tmp_path / "in", 20)
    with Service(latency=0.6) as service:
        arguments = ("--base-url", service.url, "--store", store_path, "--rpm", "120", "--log-format", form)
        environment = {"ANTHROPIC_API_KEY": "test"}
        process = start("run", folder, "-o", tmp_path / "out", *arguments, home=tmp_path, env=environment)
        end = time.monotonic() + 30
        while len(service.ledger) < 3 and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        done = ended(process)
        paid = service.paid
    assert done.code == 130
    facts = run_facts(tmp_path / "out")
    assert stored(store_path)["exchanges"] == paid == 20 - facts["left"]
    assert 3 <= paid < 10
    if form == "json":
        (told,) = [event for event in events(done.stderr) if event["event"] == "signal"]
        assert told["signal"] == signal.SIGINT
        assert 0 <= told["in_flight"] <= paid
        assert told["message"].startswith(f"stopping: finishing {told['in_flight']} request")
    else:
        assert (
            f"{facts['left']} articles left, about ${facts['left_cost_usd']} as `dragoman plan` estimates"
            in done.stderr
        )
        assert "stopping: finishing" in done.stderr
        assert "articles in flight" not in done.stderr
