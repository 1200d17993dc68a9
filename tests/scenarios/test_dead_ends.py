"""Whatever stopped a run, the same command makes progress: past problems do not keep later runs from sending
requests.
"""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from dragoman.runs.engines.threads import MOST_REJECTED
from dragoman.store.sqlite.store import Store
from tests.support.commands import articles, here, records, run_facts, stored, to, without_waits
from tests.support.service import Behaviour, HtmlPage, Service, Status
from tests.support.service.mechanical import user_text

TOO_LARGE = Status(413, "request_too_large", "Request exceeds the maximum size")
BAD_REQUEST = Status(400, "invalid_request_error", "messages: something is off")
AT_ONCE = ("--concurrency", "4")


def number_of(body: dict[str, Any]) -> int:
    """The number of the article that a request is about."""
    return int(user_text(body).partition("bài số ")[2].partition("\n")[0])


def statuses(out: Path) -> Counter[str]:
    return Counter(record["status"] for record in records(out))


@pytest.mark.parametrize("options", [(), ("--retry",)], ids=["the same command", "with --retry"])
def test_a_login_page_in_front_of_the_service_is_no_answer_to_any_article(
    options: tuple[str, ...], tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the page is there, the run waits, ends with exit 4 and fails no article; afterwards the next run requests
    all articles. The pages are in the store as evidence and are counted, because each may have been charged.
    """
    without_waits(monkeypatch)
    folder, out = articles(tmp_path / "in", 14), tmp_path / "out"
    portal = threading.Event()
    portal.set()
    with Service(script=lambda *_: HtmlPage() if portal.is_set() else None) as service:
        command = ("run", folder, "-o", out, *to(service, store_path), *AT_ONCE)
        done = here(*command)
        assert done.code == 4, done.stderr
        assert "not a Messages" in done.stderr or "JSON" in done.stderr
        assert "--base-url" in done.stderr
        assert statuses(out) == {"pending": 14}
        pages = len(service.ledger)
        assert stored(store_path)["exchanges"] == pages == run_facts(out)["maybe_paid_without_answer"]
        portal.clear()
        again = here(*command, *options)
        assert again.code == 0, again.stderr
        assert len(service.ledger) == pages + 14
    assert statuses(out) == {"ok": 14}
    assert stored(store_path)["exchanges"] == pages + 14


def test_unreadable_replies_that_an_earlier_version_stored_do_not_stop_a_run(
    tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve articles in a row have such replies: they are requested again with the rest. Stored replies say nothing
    about the service.
    """
    without_waits(monkeypatch)
    folder, out = articles(tmp_path / "in", 20), tmp_path / "out"
    with Service(script=lambda _, body: HtmlPage() if number_of(body) < 12 else None) as service:
        command = ("run", folder, "-o", out, *to(service, store_path), *AT_ONCE)
        here(*command, "--patience", "99999")
        with Store(store_path) as store:
            for row in store.rows("SELECT id, cost_usd, price_table FROM exchanges"):
                store.settle(row["id"], row["cost_usd"], row["price_table"])  # as it was once kept
    unreadable = {record["article"]["name"] for record in records(out) if record["status"] != "ok"}
    assert len(unreadable) >= 12
    with Service(port=int(service.url.rpartition(":")[2])) as well:
        done = here(*command)
        assert done.code == 0, done.stderr
        assert well.paid == len(unreadable)
    assert statuses(out) == {"ok": 20}


@pytest.mark.parametrize("refusal", [BAD_REQUEST, TOO_LARGE], ids=["400", "413"])
@pytest.mark.parametrize("first", [1, 0], ids=["after one that is answered", "before any is answered"])
def test_thirty_individually_rejected_articles_do_not_block_the_others(
    first: int, refusal: Status, tmp_path: Path, store_path: Path
) -> None:
    """Each rejected article is a record of its own, wherever the articles stand that are answered."""
    folder, out = articles(tmp_path / "in", 77), tmp_path / "out"

    def script(_: int, body: dict[str, Any]) -> Behaviour | None:
        return refusal if first <= number_of(body) < first + 30 else None

    with Service(script=script) as service:
        command = ("run", folder, "-o", out, *to(service, store_path), *AT_ONCE)
        done = here(*command)
        assert done.code == 3, done.stderr
        assert statuses(out) == {"failed": 30, "ok": 47}
        assert service.paid == 47
        assert run_facts(out)["ask_last"] == []
        assert "30 articles without a usable answer: requested again only with --retry" in done.stderr
        # The server is known by now: the next runs remember what it rejected and send nothing.
        before, lines = len(service.ledger), (out / "records.jsonl").read_bytes()
        assert here(*command).code == 3
        assert len(service.ledger) == before
        assert (out / "records.jsonl").read_bytes() == lines
        assert stored(store_path)["rejected_requests"] == 30
        # Only --retry sends them again. They are refused again, and the run does not end early.
        assert here(*command, "--retry").code == 3
        assert len(service.ledger) == before + 30
        assert service.paid == 47


@pytest.mark.parametrize("options", [(), AT_ONCE], ids=["as many as may be", "four"])
def test_rejected_articles_wait_for_requests_in_flight(
    options: tuple[str, ...], tmp_path: Path, store_path: Path
) -> None:
    """More than twenty are rejected before the first answer arrives. It arrives, so they are records and do not end the
    run.
    """
    folder, out = articles(tmp_path / "in", 60), tmp_path / "out"

    def script(_: int, body: dict[str, Any]) -> Behaviour | None:
        number = number_of(body)
        return (None if number in (0, 1) else BAD_REQUEST) if number < 32 else None

    with Service(script=script, latency=0.3) as service:
        done = here("run", folder, "-o", out, *to(service, store_path), *options)
    assert done.code == 3, done.stderr
    assert statuses(out) == {"failed": 30, "ok": 30}
    assert "answered none" not in done.stderr


def test_a_run_ends_normally_if_all_articles_are_rejected_and_none_is_left(tmp_path: Path, store_path: Path) -> None:
    """No article was left out, so there is no other article to start with."""
    folder, out = articles(tmp_path / "in", MOST_REJECTED + 2), tmp_path / "out"
    with Service(script=lambda *_: BAD_REQUEST) as service:
        done = here("run", folder, "-o", out, *to(service, store_path))
    assert (done.code, statuses(out)) == (3, {"failed": MOST_REJECTED + 2})
    assert "not tried yet" not in done.stderr
    # It is not known whether the articles are at fault or a setting: the next run sends them again.
    assert "only with --retry" not in done.stderr
    assert "22 articles rejected by a service that has answered none: the next run sends them again" in done.stderr
    assert stored(store_path)["rejected_requests"] == 0


@pytest.mark.parametrize("options", [(), ("--retry",)], ids=["the same command", "with --retry"])
def test_each_run_makes_progress_while_every_request_is_rejected(
    options: tuple[str, ...], tmp_path: Path, store_path: Path
) -> None:
    """With a wrong setting, each run tries some twenty articles that were not tried before and ends with exit 4. After
    the fix all are answered.
    """
    folder, out = articles(tmp_path / "in", 60), tmp_path / "out"
    wrong = threading.Event()
    wrong.set()
    tried: set[int] = set()
    with Service(script=lambda *_: BAD_REQUEST if wrong.is_set() else None) as service:
        command = ("run", folder, "-o", out, *to(service, store_path), *AT_ONCE, *options)
        for _ in range(2):
            before = len(service.ledger)
            done = here(*command)
            assert done.code == 4, done.stderr
            assert service.paid == 0
            assert "articles and answered none" in done.stderr
            assert "starts with the articles that were not tried" in done.stderr
            now = {number_of(entry.body or {}) for entry in service.ledger[before:]}
            assert MOST_REJECTED <= len(now) < MOST_REJECTED + 4
            assert not now & tried
            tried |= now
            names = run_facts(out)["ask_last"]
            assert {f"a{number:02}.txt" for number in now} == set(names[-len(now) :])
            assert len(names) == len(set(names)) == len(tried)
        wrong.clear()
        assert here(*command).code == 0
    assert statuses(out) == {"ok": 60}


QUOTAS: dict[str, Status] = {
    "Bedrock, tokens": Status(429, "ThrottlingException", "Too many tokens per day, please wait before trying again."),
    "a day's limit": Status(429, "rate_limit_error", "You have reached your daily limit of 1,000 requests."),
    "a month's limit": Status(429, "rate_limit_error", "This exceeds your limit of tokens per month.", {}),
    "it asks for hours": Status(429, "rate_limit_error", "Rate limit of your plan reached.", {"retry-after": "7200"}),
}


@pytest.mark.parametrize("quota", QUOTAS.values(), ids=QUOTAS)
def test_a_quota_that_does_not_come_back_within_minutes_ends_the_run_at_once(
    quota: Status, tmp_path: Path, store_path: Path
) -> None:
    """Exit 4 with advice, once the requests in flight are finished. No article fails, and the same command
    continues.
    """
    folder, out = articles(tmp_path / "in", 30), tmp_path / "out"
    used_up = threading.Event()
    used_up.set()
    with Service(script=lambda n, _: quota if used_up.is_set() and n > 10 else None, latency=0.02) as service:
        command = ("run", folder, "-o", out, *to(service, store_path), *AT_ONCE)
        done = here(*command)
        assert done.code == 4, done.stderr
        assert len(service.ledger) <= 10 + 4
        assert quota.message in done.stderr
        assert "the quota is renewed" in done.stderr or "to come back in 2 hours" in done.stderr
        assert statuses(out) == {"ok": 10, "pending": 20}
        used_up.clear()
        assert here(*command).code == 0
        assert service.paid == 30


def test_a_retry_after_of_seconds_overrides_a_message_about_a_daily_quota(tmp_path: Path, store_path: Path) -> None:
    """The header is more reliable than the text of the message."""
    quota = Status(429, "rate_limit_error", "Too many tokens per day", {"retry-after-ms": "20"})
    with Service(script=[quota]) as service:
        done = here("summarize", articles(tmp_path / "in", 1) / "a00.txt", *to(service, store_path))
        assert done.code == 0, done.stderr
        assert len(service.ledger) == 2
