"""The worst behaviour of a service, temporary or lasting: outcome, exit code, a clear message, money, requests."""

from __future__ import annotations

import random
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from dragoman.asking import breaker, concurrency, hangs
from dragoman.asking.retries import RetryPolicy
from dragoman.runs import session
from tests.support.commands import articles, dragoman, here, records, run_facts, stored, to, without_waits
from tests.support.service import (
    FORBIDDEN,
    OVERLOADED,
    SERVER_ERROR,
    UNAUTHORIZED,
    Behaviour,
    Drip,
    EmptyBody,
    Hang,
    HtmlPage,
    RawBody,
    Reset,
    Service,
    Status,
    TruncatedJson,
    rate_limited,
)
from tests.support.service.mechanical import user_text

from .amount import SEED, only_all, some

MANY = 12
MAYBE_PAID = RetryPolicy().maybe_paid + 1
"""Attempts of one request that may each have been paid without an answer."""
REFUSALS = RetryPolicy().throttled_attempts
"""Attempts of one request that the service may rate-limit, which is free."""

REFUSED = "This would exceed your organization's rate limit"


def with_pause_ms(milliseconds: int) -> Status:
    """Return a 429 with a short pause in milliseconds."""
    return Status(429, "rate_limit_error", REFUSED, {"retry-after-ms": str(milliseconds)})


def with_date() -> Status:
    """Return a 429 that allows another request at once, as an HTTP date."""
    return rate_limited(formatdate(usegmt=True))


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make pauses short that the service does not name."""
    real = session.timing_of
    monkeypatch.setattr(session, "timing_of", lambda settings: replace(real(settings), default_pause=0.01))


@dataclass(frozen=True)
class Storm:
    """Of the first ``length`` requests, ``share`` meet ``fault``; then the service is normal again."""

    label: str
    fault: Callable[[], Behaviour]
    length: int
    share: float = 0.95


PASSING = [
    Storm("429 with retry-after", lambda: with_pause_ms(30), 60),
    Storm("529", lambda: OVERLOADED, 30),
    Storm("429 with a date", with_date, 30),
    Storm("429 without a pause", lambda: rate_limited(None), 4),
    Storm("503", lambda: Status(503, "api_error", "Unavailable"), 30),
]


def script_of(storm: Storm, seed: int) -> Callable[[int, dict[str, Any]], Behaviour | None]:
    """Return the script of the storm, with its own random numbers."""
    chance = random.Random(seed)

    def script(number: int, _: dict[str, Any]) -> Behaviour | None:
        return storm.fault() if number <= storm.length and chance.random() < storm.share else None

    return script


@pytest.mark.parametrize("storm", some(PASSING, few=1), ids=lambda storm: storm.label)
def test_a_temporary_storm_loses_no_article(
    storm: Storm, tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rate limits are free: every article is answered in the end and paid once, and the rate limits are in
    `run.json`.
    """
    without_waits(monkeypatch)
    folder, out = articles(tmp_path / "in", MANY), tmp_path / "out"
    with Service(script=script_of(storm, SEED)) as service:
        # Patience is scaled to milliseconds here, while the service names its pauses in real time.
        done = here("run", folder, "-o", out, *to(service, store_path), "--patience", "99999")
        refused = len(service.ledger) - MANY
        assert done.code == 0, done.stderr
        assert service.paid == MANY
        assert set(service.generated.values()) == {1}
        facts = run_facts(out)
        assert facts["requests_sent"] == len(service.ledger) <= storm.length + MANY
        assert facts["maybe_paid_without_answer"] == 0
        assert facts["limits"]["refusals"] == refused
    assert [record["status"] for record in records(out)] == ["ok"] * MANY


def test_a_rate_limit_pauses_all_requests_and_not_only_its_own(tmp_path: Path, store_path: Path) -> None:
    """``retry-after`` delays every request. Until it is over, only requests that were already in flight arrive."""
    folder, out = articles(tmp_path / "in", MANY), tmp_path / "out"
    refused: list[float] = []
    pause = 1.0

    def script(number: int, _: dict[str, Any]) -> Behaviour | None:
        return rate_limited(str(int(pause))) if number == 4 else None

    with Service(script=script, latency=0.15) as service:
        done = here("run", folder, "-o", out, *to(service, store_path), "--concurrency", "3")
        assert done.code == 0, done.stderr
        refused += [entry.at for entry in service.ledger if entry.answered == 429]
        within = [entry for entry in service.ledger if refused[0] < entry.at < refused[0] + 0.9 * pause]
    # The other two of three concurrent requests had been sent or were being sent.
    assert len(within) <= 2


ENDLESS: list[tuple[str, Behaviour, int, bool]] = [
    ("500", SERVER_ERROR, MAYBE_PAID, True),
    ("reset in mid-body", Reset("mid-body"), MAYBE_PAID, True),
    ("truncated JSON", TruncatedJson(), MAYBE_PAID, True),
    ("empty 200", EmptyBody(), MAYBE_PAID, True),
    ("hang", Hang(30), MAYBE_PAID, True),
    ("429 with retry-after", with_pause_ms(1), REFUSALS, False),
    ("529", OVERLOADED, REFUSALS, False),
    ("a page of a proxy", HtmlPage(), MAYBE_PAID, True),
    ("drip", Drip(3000), MAYBE_PAID, True),
    ("reset before", Reset("before"), MAYBE_PAID, True),
    ("reset instead of an answer", Reset("after"), MAYBE_PAID, True),
    ("wrong content type", RawBody(b"hello", {"content-type": "text/plain"}), MAYBE_PAID, True),
    (
        "gzip junk",
        RawBody(b"\x1f\x8b\x08 junk", {"content-type": "application/json", "content-encoding": "gzip"}),
        MAYBE_PAID,
        True,
    ),
    ("503", Status(503, "api_error", "Unavailable"), REFUSALS, False),
]


@pytest.mark.parametrize(
    ("fault", "tries", "maybe"),
    [pytest.param(*case[1:], id=case[0]) for case in some(ENDLESS, few=4)],
)
def test_a_service_that_always_fails_ends_the_run_quickly(
    fault: Behaviour, tries: int, maybe: bool, tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Limited attempts for a limited number of articles, then exit 3 or 4 and a message. After the fix the same command
    continues.
    """
    without_waits(monkeypatch)
    folder, out = articles(tmp_path / "in", 30), tmp_path / "out"
    broken = threading.Event()
    broken.set()
    with Service(script=lambda _, body: fault if broken.is_set() else None) as service:
        command = ("run", folder, "-o", out, *to(service, store_path), "--timeout", "0.3", "--concurrency", "8")
        done = here(*command)
        assert done.code in (3, 4), done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
        assert "dragoman: stopped: " in done.stderr or "a00.txt: failed: " in done.stderr
        # One request at a time probes the service until patience ends, and none has more attempts than allowed.
        per_article = Counter(user_text(entry.body or {}) for entry in service.ledger)
        assert max(per_article.values()) <= tries
        facts = run_facts(out)
        unpaid = service.paid - stored(store_path)["exchanges"]
        assert facts["maybe_paid_without_answer"] >= unpaid
        assert bool(facts["maybe_paid_without_answer"]) == maybe
        statuses = Counter(record["status"] for record in records(out))
        assert set(statuses) <= {"failed", "pending"}
        assert sum(statuses.values()) == 30

        broken.clear()
        before = service.paid
        again = here(*command, "--timeout", "20", "--retry")
        assert again.code == 0, again.stderr
        assert service.paid - before == 30
    assert [record["status"] for record in records(out)] == ["ok"] * 30


@pytest.mark.parametrize("given", [(), ("--concurrency", "8")], ids=["as many as it takes", "eight at once"])
@pytest.mark.parametrize("before", [0, 1], ids=["from the start", "after an answer"])
def test_a_run_abandons_a_hanging_service_after_a_few_requests(
    before: int, given: tuple[str, ...], tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those are the requests in flight and then at most five single ones; each may have been charged. The message says
    what timed out and how to continue, no article is failed, and the same command sends the rest.
    """
    without_waits(monkeypatch)
    folder, out = articles(tmp_path / "in", 30), tmp_path / "out"
    hung = threading.Event()
    hung.set()
    with Service(script=lambda n, _: Hang(30) if hung.is_set() and n > before else None) as service:
        command = ("run", folder, "-o", out, *to(service, store_path), *given)
        done = here(*command, "--timeout", "0.4")
        assert done.code == 4, done.stderr
        beside = int(given[1]) if given else concurrency.START
        assert (
            breaker.MIN_PROBES
            < len(service.ledger) - before
            <= beside + breaker.FAILURES_TO_OPEN + hangs.HANGING_PROBES
        )
        assert "requests in a row" in done.stderr
        assert "--timeout" in done.stderr
        assert "The same command continues" in done.stderr
        match = re.search(r"(\d+) requests may have been charged without an answer", done.stderr)
        assert match is not None, done.stderr
        # The service may never have read a request that was sent at the end of its time.
        assert len(service.ledger) - before <= int(match[1]) <= beside + breaker.FAILURES_TO_OPEN + hangs.HANGING_PROBES
        statuses = Counter(record["status"] for record in records(out))
        assert statuses == {"pending": 30 - before, **({"ok": before} if before else {})}

        hung.clear()
        paid = service.paid
        assert here(*command).code == 0
        assert service.paid - paid == 30 - before
    assert [record["status"] for record in records(out)] == ["ok"] * 30


def test_a_rejected_key_is_tried_once(tmp_path: Path, store_path: Path) -> None:
    """Requests that wait for the first answer are not sent after it: one 401 is enough."""
    folder, out = articles(tmp_path / "in", 30), tmp_path / "out"
    with Service(script=lambda *_: UNAUTHORIZED) as service:
        done = here("run", folder, "-o", out, *to(service, store_path))
        assert done.code == 4, done.stderr
        assert len(service.ledger) == 1
        assert {record["status"] for record in records(out)} == {"pending"}


MIXED: list[Behaviour | None] = [
    None, None, with_pause_ms(5), SERVER_ERROR, OVERLOADED, Reset("before"), Reset("mid-body"), Reset("after"),
    Reset("after-body"), TruncatedJson(), HtmlPage(), EmptyBody(), RawBody(b"{}"), RawBody(b"[1]"),
]  # fmt: skip


@pytest.mark.parametrize("seed", some([SEED * 100 + number for number in range(12)], few=1))
def test_mixed_faults_give_each_article_one_state_and_lose_no_paid_reply(
    seed: int, tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every reply is stored and every attempt without one is counted. The run after the storm sends only the rest."""
    without_waits(monkeypatch)
    chance = random.Random(seed)
    storm = threading.Event()
    storm.set()
    folder, out = articles(tmp_path / "in", MANY), tmp_path / "out"
    with Service(script=lambda *_: chance.choice(MIXED) if storm.is_set() else None) as service:
        command = ("run", folder, "-o", out, *to(service, store_path), "--concurrency", "4")
        done = here(*command)
        assert done.code in (0, 3, 4), done.stderr
        assert "Traceback" not in done.stderr
        whole = sum(entry.answered == 200 for entry in service.ledger)
        kept = stored(store_path)["exchanges"]
        facts = run_facts(out)
        # The service never receives a request sent on a connection that was reset in the meantime.
        assert facts["requests_sent"] >= len(service.ledger)
        assert kept >= whole - sum(entry.answered == "reset after-body" for entry in service.ledger)
        assert facts["maybe_paid_without_answer"] >= service.paid - kept
        answered = [record["status"] for record in records(out)].count("ok")

        storm.clear()
        before = len(service.ledger)
        assert here(*command, "--retry").code == 0
        assert len(service.ledger) - before == MANY - answered
    assert [record["status"] for record in records(out)] == ["ok"] * MANY


def test_a_pause_of_hours_ends_the_run(tmp_path: Path, store_path: Path) -> None:
    """After a 429 that names hours, the run reports it and ends. The other articles do not wait for it."""
    folder, out = articles(tmp_path / "in", MANY), tmp_path / "out"
    with Service(script=lambda number, _: rate_limited("7200") if number >= 3 else None) as service:
        done = dragoman("run", folder, "-o", out, *to(service, store_path), home=tmp_path)
        assert done.code in (3, 4), done.stderr
        assert "429" in done.stderr
        assert len(service.ledger) <= 2 + MANY
        assert stored(store_path)["exchanges"] == 2


def test_credentials_that_expire_in_the_middle_end_the_run_and_lose_nothing(tmp_path: Path, store_path: Path) -> None:
    """403 from the fifth request on: exit 4 after the requests in flight; the rest is pending, not failed."""
    folder, out = articles(tmp_path / "in", MANY), tmp_path / "out"
    expired = threading.Event()
    expired.set()
    script = lambda number, _: FORBIDDEN if expired.is_set() and number > 4 else None  # noqa: E731
    with Service(script=script, latency=0.05) as service:
        command = ("run", folder, "-o", out, *to(service, store_path), "--concurrency", "3")
        done = here(*command)
        assert done.code == 4
        assert len(service.ledger) <= 4 + 3
        statuses = Counter(record["status"] for record in records(out))
        assert statuses == {"ok": 4, "pending": MANY - 4}
        expired.clear()
        assert here(*command).code == 0
        assert service.paid == MANY


def test_the_same_error_for_every_article_ends_the_run_after_twenty(tmp_path: Path, store_path: Path) -> None:
    """A 400 for every request (a schema, a field): after twenty of one kind the run stops with 4."""
    folder, out = articles(tmp_path / "in", 60), tmp_path / "out"
    refusal = Status(400, "invalid_request_error", "messages.0: this organization may not send this")
    with Service(script=lambda *_: refusal) as service:
        done = here("run", folder, "-o", out, *to(service, store_path), "--concurrency", "4")
        assert done.code in (3, 4)
        assert "may not send this" in done.stderr
        assert service.paid == 0
        assert len(service.ledger) <= 20 + 4


@only_all
def test_a_proxy_that_requires_a_password_ends_the_run(tmp_path: Path, store_path: Path) -> None:
    """407 for every request is no article's fault, so the run ends with 4 instead of failing one article after
    another.
    """
    folder, out = articles(tmp_path / "in", MANY), tmp_path / "out"
    refusal = Status(407, "proxy_authentication", "Proxy Authentication Required")
    with Service(script=lambda *_: refusal) as service:
        env = {"HTTP_PROXY": service.url, "NO_PROXY": "", "ANTHROPIC_API_KEY": "sk-ant-none"}
        options = ("--base-url", "http://service.invalid", "--store", store_path, "--concurrency", "2")
        done = dragoman("run", folder, "-o", out, *options, home=tmp_path, env=env)
        assert done.code == 4, done.stderr
        assert "407" in done.stderr
        assert len(service.ledger) <= 2
