"""What stderr shows during a run: plain lines, JSON events as they happen, and the response to a signal."""

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
    """Clock that advances only when a test sets it."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


class Watched(Screen):
    """Progress that advances the clock by half of `EVERY` for each article and then checks it."""

    def __init__(self) -> None:
        self.hours = Hours()
        self.turns = threading.Lock()
        super().__init__(self.hours)

    def begin(self, session: Session, pool: Pool, total: int) -> None:
        super().begin(session, pool, total)
        self._ended.set()  # the test advances the clock itself

    def finished(self, outcome: Outcome) -> None:
        with self.turns:
            super().finished(outcome)
            self.hours.now += 15.0
            self.tick()
            self.tick()


def test_without_a_terminal_one_line_is_printed_each_half_minute(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Seven articles, two per half minute, give three lines, each with the number of completed articles."""
    settings = Settings(provider="replay", recordings=RECORDINGS)
    api.run(SAMPLES, tmp_path / "out", settings, watch=Watched())
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" done")[0] for line in lines] == ["2 of 7", "4 of 7", "6 of 7"]
    for line in lines:
        assert " 4.0 per minute, about " in line
        assert " left; " in line
        assert "$" not in line  # Recordings cost nothing.


def test_a_short_run_prints_no_progress(tmp_path: Path) -> None:
    """Only the closing lines are printed."""
    done = here("run", SAMPLES, "-o", tmp_path / "out", "--provider", "replay", "--recordings", RECORDINGS)
    assert done.stderr.startswith("7 articles: ")


class Standing(Screen):
    """Progress that remembers the state of the run after each finished article."""

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
    """Service script: the second article that is requested takes two seconds. ``name`` is its file name."""

    name = ""

    def __call__(self, request: int, body: dict[str, Any]) -> Behaviour | None:
        if request != 2:  # numbers start at 1
            return None
        (number,) = re.findall(r"bài số (\d+)\n", user_text(body))
        self.name = f"a{int(number):02}.txt"
        return Hang(2)


def test_articles_are_counted_when_they_finish_even_if_an_earlier_one_is_slow(
    tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While an early article is slow, later ones count at once, and requests in flight are shown."""
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


def test_articles_that_were_not_reached_are_not_counted_as_done(tmp_path: Path, store_path: Path) -> None:
    """With a budget too small for any article, every article is reported and none is done."""
    watch = Standing()
    with Service() as service:
        settings = settings_of(service, store_path, max_cost="0.0001").model_copy(update={"model": None})
        run = api.run(articles(tmp_path / "in", 3), tmp_path / "out", settings, watch=watch)
    watch.end()
    assert run.exit_code == 5
    assert sorted(name for name, _, _ in watch.stood) == ["a00.txt", "a01.txt", "a02.txt"]
    assert {done for _, done, _ in watch.stood} == {0}


# JSON events.


def events(stderr: str) -> list[dict[str, Any]]:
    """Return each line of stderr as an event, and check that each has a time."""
    lines = [json.loads(line) for line in stderr.splitlines()]
    for line in lines:
        datetime.strptime(line["at"], "%Y-%m-%dT%H:%M:%S.%fZ")
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
    return lines


def test_the_event_of_an_article_appears_when_it_finishes(tmp_path: Path, store_path: Path) -> None:
    """An early article is slow, so its event comes last. Every event has its time, and the times ascend."""
    folder, slow = articles(tmp_path / "in", 4), SecondIsSlow()
    with Service(script=slow) as service:
        done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path), "--log-format", "json")
    logged = events(done.stderr)
    assert [event["event"] for event in logged] == ["begin", *["article"] * 4, "run"]
    assert [event["name"] for event in logged[1:5]][-1] == slow.name
    assert sorted(event["name"] for event in logged[1:5]) == ["a00.txt", "a01.txt", "a02.txt", "a03.txt"]


def refusals(out: Path) -> list[dict[str, Any]]:
    """Return the changes of the limit in run.json that a rate limit or an overload caused."""
    return [event for event in run_facts(out)["limits"]["history"] if "pause" in event]


def test_a_rate_limit_is_an_event_with_the_pause_and_the_new_limit(
    tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event comes before the articles that wait for it, and equals the entry in the history of run.json."""
    without_waits(monkeypatch)
    folder = articles(tmp_path / "in", 3)
    with Service(script=[rate_limited("1")]) as service:
        done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path), "--log-format", "json")
    logged = events(done.stderr)
    assert [event["event"] for event in logged] == ["begin", "refused", *["article"] * 3, "run"]
    (once,) = refusals(tmp_path / "out")
    assert {name: logged[1][name] for name in once} == once
    assert once["pause"] == 1.0


def test_a_burst_of_rate_limits_is_one_event(tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several 429 and 529 in flight together, the first is reported and is in run.json; all are counted."""
    without_waits(monkeypatch)
    script = [None, rate_limited("0.2"), OVERLOADED, rate_limited("0.1")]
    with Service(script=script) as service:
        command = ("run", articles(tmp_path / "in", 5), "-o", tmp_path / "out", *to(service, store_path))
        done = here(*command, "--log-format", "json")
    logged = [event for event in events(done.stderr) if event["event"] == "refused"]
    limit_changes = refusals(tmp_path / "out")
    assert [{name: event[name] for name in limit_changes[0]} for event in logged] == limit_changes
    assert run_facts(tmp_path / "out")["limits"]["refusals"] == 3


def test_articles_that_were_not_reached_are_events_too(tmp_path: Path, store_path: Path) -> None:
    """Each has one event, after those of the finished articles."""
    folder = articles(tmp_path / "in", 3)
    with Service() as service:
        arguments = ("--base-url", service.url, "--store", store_path, "--max-cost", "0.0001")
        done = here("run", folder, "-o", tmp_path / "out", *arguments, "--log-format", "json")
    logged = [event for event in events(done.stderr) if event["event"] == "article"]
    assert sorted(event["name"] for event in logged) == ["a00.txt", "a01.txt", "a02.txt"]
    assert {(event["status"], event["reason"]) for event in logged} == {("pending", "budget")}


# Signals during a run.


@pytest.mark.parametrize("form", ["text", "json"])
def test_ctrl_c_reports_requests_in_flight_and_finally_the_remaining_articles_and_their_cost(
    form: str, tmp_path: Path, store_path: Path
) -> None:
    """Twenty articles are being processed and most wait for the limiter. Only requests that were sent count, and their
    replies are stored at the end.
    """
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
        (logged,) = [event for event in events(done.stderr) if event["event"] == "signal"]
        assert logged["signal"] == signal.SIGINT
        assert 0 <= logged["in_flight"] <= paid
        assert logged["message"].startswith(f"stopping: finishing {logged['in_flight']} request")
    else:
        assert (
            f"{facts['left']} articles left, about ${facts['left_cost_usd']} as `dragoman plan` estimates"
            in done.stderr
        )
        assert "stopping: finishing" in done.stderr
        assert "articles in flight" not in done.stderr
