"""Outages over real sockets and in real time: the service fails every request for some seconds and is then normal
again.

Every article is answered in the end, and by the service's ledger the attempts that may have been charged are limited.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dragoman.asking import concurrency
from dragoman.asking.breaker import FAILURES_TO_OPEN
from tests.support.commands import articles, here, records, run_facts, stored, to
from tests.support.service import (
    OVERLOADED,
    SERVER_ERROR,
    Behaviour,
    Entry,
    HtmlPage,
    Reset,
    Service,
    Status,
    TruncatedJson,
)

from .amount import some

MANY = 100


class Outage:
    """Script: from request ``begins`` on, every request of the next ``seconds`` meets ``fault``."""

    def __init__(self, fault: Behaviour, seconds: float, begins: int) -> None:
        self._fault = fault
        self._seconds = seconds
        self._begins = begins
        self._until: float | None = None

    def __call__(self, number: int, _: dict[str, Any]) -> Behaviour | None:
        if number < self._begins:
            return None
        if self._until is None:
            self._until = time.monotonic() + self._seconds
        return self._fault if time.monotonic() < self._until else None


FAULTS: dict[str, Behaviour] = {
    "reset before": Reset("before"),
    "500": SERVER_ERROR,
    "a login page": HtmlPage(),
    "reset in mid-body": Reset("mid-body"),
    "reset after": Reset("after"),
    "cut off": TruncatedJson(),
    "502": Status(502, "api_error", "Bad gateway"),
    "504": Status(504, "api_error", "Gateway timeout"),
    "408": Status(408, "api_error", "Request timeout"),
    "503": Status(503, "api_error", "Unavailable"),
    "529": OVERLOADED,
}
CASES = [
    *[(name, 4.0, ()) for name in ("reset before", "500")],
    ("a login page", 1.0, ()),
    ("500", 10.0, ("--concurrency", "4")),
    ("a login page", 4.0, ("--concurrency", "1")),
    *[(name, 1.0, ()) for name in FAULTS if name != "a login page"],
    *[(name, 4.0, ()) for name in list(FAULTS)[2:]],
    *[(name, 10.0, ()) for name in FAULTS],
    *[(name, 4.0, ("--concurrency", number)) for name in ("500", "reset before") for number in ("1", "2", "4")],
    *[(name, 60.0, ()) for name in ("reset before", "500", "529", "a login page")],
]


@pytest.mark.parametrize(
    ("name", "seconds", "options"),
    [
        pytest.param(*case, id=f"{case[0]} for {case[1]:.0f} s {' '.join(case[2])}".strip())
        for case in some(CASES, few=3)
    ],
)
def test_a_run_outlasts_an_outage_and_resumes_with_one_request(
    name: str, seconds: float, options: tuple[str, ...], tmp_path: Path, store_path: Path
) -> None:
    """All hundred articles are answered. Only the requests in flight when the outage began and one per probe may have
    been charged, and `run.json` has the times when the outage began and ended.
    """
    folder, out = articles(tmp_path / "in", MANY), tmp_path / "out"
    with Service(script=Outage(FAULTS[name], seconds, begins=30), latency=0.02) as service:
        done = here("run", folder, "-o", out, *to(service, store_path), *options)
        assert done.code == 0, done.stderr
        ledger, facts = service.ledger, run_facts(out)
        paid, kept = service.paid, stored(store_path)["exchanges"]
    assert facts["statuses"] == {"ok": MANY}
    failed = [entry for entry in ledger if entry.answered != 200]
    most = concurrency.CEILING if not options else int(options[1])
    probes = sum(event.get("outage") == "probe" for event in facts["limits"]["history"])
    assert len(failed) <= most + FAILURES_TO_OPEN + probes
    assert most_at_once(failed) <= most
    # Money: the ledger has what was generated; the run has what was stored and what may also have been charged.
    assert paid <= kept + facts["maybe_paid_without_answer"]
    assert facts["maybe_paid_without_answer"] <= len(failed)
    per_article = Counter(entry.user_sha256 for entry in failed)
    assert max(per_article.values()) <= 3 or name in ("503", "529")
    outages = [event["outage"] for event in facts["limits"]["history"] if "outage" in event]
    if outages or seconds >= 10:  # shorter outages may be over by the second attempt of the first request
        assert (outages[0], outages[-1]) == ("opened", "closed")
    assert [record["status"] for record in records(out)] == ["ok"] * MANY


def most_at_once(entries: list[Entry]) -> int:
    """Return how many of these requests came within half a second."""
    times = [entry.at for entry in entries]
    return max(sum(begin <= at < begin + 0.5 for at in times) for begin in times)


def test_a_run_waits_for_a_service_that_is_unreachable_for_a_while(tmp_path: Path, store_path: Path) -> None:
    """Nothing listens on its port for four seconds: connections are refused, nothing is charged, and all articles are
    answered.
    """
    folder, out = articles(tmp_path / "in", 40), tmp_path / "out"
    first = Service(latency=0.02)
    first.start()
    port = int(first.url.rpartition(":")[2])
    second = Service(port=port, latency=0.02)

    def change() -> None:
        while len(first.ledger) < 10:
            time.sleep(0.01)
        first.close()
        time.sleep(4)
        second.start()

    changing = in_background(change)
    try:
        done = here("run", folder, "-o", out, "--base-url", first.url, "--store", store_path)
        assert done.code == 0, done.stderr
        assert first.paid + second.paid <= 40 + run_facts(out)["maybe_paid_without_answer"]
    finally:
        changing()
        second.close()
    assert [record["status"] for record in records(out)] == ["ok"] * 40


def in_background(work: Callable[[], None]) -> Callable[[], None]:
    """Start some work; returns a function that waits for its end."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread.join
