"""Faults on the way to an answer, over real sockets: status, reason, exit code, money, and the next run.

A run has three articles; the middle one meets the fault. Money is checked against the service's own ledger.
"""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dragoman.evidence import checks
from tests.support.commands import (
    RECORDINGS,
    about,
    articles,
    changed,
    dragoman,
    ended,
    files,
    here,
    records,
    run_facts,
    start,
    stored,
    text,
    to,
    validate,
    wait_for,
    without_waits,
)
from tests.support.service import (
    FORBIDDEN,
    MODEL_NOT_FOUND,
    OVERLOADED,
    SERVER_ERROR,
    SPEND_LIMIT,
    UNAUTHORIZED,
    USAGE_LIMIT,
    Answer,
    Behaviour,
    ContextWindow,
    Drip,
    EmptyBody,
    Hang,
    HtmlPage,
    MaxTokens,
    RawBody,
    Refusal,
    Reset,
    Service,
    Status,
    TruncatedJson,
    rate_limited,
)
from tests.support.service.mechanical import user_text

BAD_REQUEST = Status(400, "invalid_request_error", "messages: something is off")
TOO_LONG = Status(400, "invalid_request_error", "prompt is too long: 2000001 tokens > 1000000 maximum")
BAD_GATEWAY = Status(502, "api_error", "Bad gateway")
NOT_JSON = Answer("Here is your summary.")
WRONG_SHAPE = Answer('{"title_en": "A title"}')
JUNK = RawBody(b"\x1f\x8b not gzip", {"content-type": "application/json", "content-encoding": "gzip"})


@dataclass(frozen=True)
class Fault:
    """A fault and its expected effects on the article that meets ``behaviours``.

    In one run: ``sent`` requests, ``kept`` rows in the store, and ``maybe`` attempts that may have been charged.
    ``next_sent`` is the number of requests that the same command sends for the article afterwards.
    """

    label: str
    behaviours: tuple[Behaviour, ...]
    status: str
    code: str | None
    exit: int
    sent: int
    kept: int
    maybe: int
    says: tuple[str, ...] = ()
    next_sent: int = 0
    options: tuple[str, ...] = ()


FAULTS = (
    Fault("400", (BAD_REQUEST,), "failed", "rejected", 3, 1, 0, 0, ("answered 400", "something is off"), 0),
    Fault("prompt too long", (TOO_LONG,), "failed", "rejected", 3, 1, 0, 0, ("prompt is too long",), 0),
    Fault("429 then fine", (rate_limited("0"), rate_limited("0")), "ok", None, 0, 3, 1, 0),
    Fault("429 more often than attempts allow", (rate_limited("0"),) * 9, "ok", None, 0, 10, 1, 0),
    Fault("500 then fine", (SERVER_ERROR,), "ok", None, 0, 2, 1, 1),
    Fault(
        "500 every time", (SERVER_ERROR,) * 9, "failed", "provider_error", 3, 3, 0, 3, ("500", "after 3 attempts"), 3
    ),
    Fault("502 then fine", (BAD_GATEWAY,), "ok", None, 0, 2, 1, 1),
    Fault("529 then fine", (OVERLOADED,) * 3, "ok", None, 0, 4, 1, 0),
    Fault(
        "529 more often than there are tries",
        (OVERLOADED,) * 9,
        "ok",
        None,
        0,
        10,
        1,
        0,
        options=("--patience", "99999"),
    ),
    Fault("reset before", (Reset("before"),), "ok", None, 0, 2, 1, 1),
    Fault("reset in the body", (Reset("mid-body"),), "ok", None, 0, 2, 1, 1),
    Fault("reset instead of an answer", (Reset("after"),), "ok", None, 0, 2, 1, 1),
    Fault("reset every time", (Reset("mid-body"),) * 9, "failed", "provider_error", 3, 3, 0, 3, ("3 attempts",), 3),
    Fault("hang once", (Hang(20),), "ok", None, 0, 2, 1, 1, options=("--timeout", "1")),
    Fault("truncated once", (TruncatedJson(),), "ok", None, 0, 2, 2, 1),
    Fault("truncated every time", (TruncatedJson(),) * 9, "failed", "bad_response", 3, 3, 3, 3, (), 3),
    Fault("HTML page of a proxy once", (HtmlPage(),), "ok", None, 0, 2, 2, 1),
    Fault("HTML page of a proxy every time", (HtmlPage(),) * 9, "failed", "bad_response", 3, 3, 3, 3, (), 3),
    Fault("empty once", (EmptyBody(),), "ok", None, 0, 2, 2, 1),
    Fault("empty every time", (EmptyBody(),) * 9, "failed", "bad_response", 3, 3, 3, 3, (), 3),
    Fault("JSON of another shape", (RawBody(b'["hello"]'),) * 9, "failed", "bad_response", 3, 3, 3, 3, (), 3),
    Fault("junk instead of gzip once", (JUNK,), "ok", None, 0, 2, 1, 1),
    Fault("cut off once", (MaxTokens(),), "ok", None, 0, 2, 2, 0),
    Fault("cut off twice", (MaxTokens(), MaxTokens()), "truncated", "truncated", 3, 2, 2, 0, ("output limit",)),
    Fault("refused", (Refusal(),), "refused", "refused", 3, 1, 1, 0, ("refused", "The request was declined")),
    Fault("beyond the context", (ContextWindow(),), "failed", "too_long", 3, 1, 1, 0, ("context",)),
    Fault("invalid, then valid", (WRONG_SHAPE,), "ok", None, 0, 2, 2, 0),
    Fault("invalid twice", (WRONG_SHAPE, NOT_JSON), "failed", "invalid", 3, 2, 2, 0, ("must be one JSON object",)),
    Fault("no content twice", (Answer(""), Answer("")), "failed", "invalid", 3, 2, 2, 0),
    Fault("cut off, invalid, valid", (MaxTokens(), WRONG_SHAPE), "ok", None, 0, 3, 3, 0),
    Fault("thinks first", (Answer(thinking="Let me see."),), "ok", None, 0, 1, 1, 0),
)


def sent_for(service: Service, number: int) -> int:
    """Return the number of requests for one article so far."""
    return sum(f"bài số {number}\n" in user_text(entry.body or {}) for entry in service.ledger)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.label)
def test_a_fault_becomes_the_record_of_its_article_and_the_others_continue(
    fault: Fault, tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status, reason and exit code are as expected. Every reply is stored, every attempt without one is counted; no
    traceback.
    """
    without_waits(monkeypatch)
    folder = articles(tmp_path / "in", 3)
    with Service(script=about(1, *fault.behaviours)) as service:
        command = ("run", folder, "-o", tmp_path / "out", *to(service, store_path), *fault.options)
        done = here(*command)
        assert (done.code, done.stdout) == (fault.exit, ""), done.stderr
        assert "Traceback" not in done.stderr
        recorded = records(tmp_path / "out")
        for record in recorded:
            validate(record)
        assert [record["status"] for record in recorded] == ["ok", fault.status, "ok"]
        reason = recorded[1]["reason"]
        assert (reason and reason["code"]) == fault.code
        for words in fault.says:
            assert words in reason["message"]
        if fault.code:
            assert "a01.txt" in done.stderr
            assert reason["message"] in done.stderr
            page = (tmp_path / f"out/articles/{recorded[1]['article']['id']}.md").read_text("utf-8")
            assert fault.code in page

        # Check the money against the service's ledger.
        assert sent_for(service, 1) == fault.sent
        assert stored(store_path)["exchanges"] == fault.kept + 2
        facts = run_facts(tmp_path / "out")
        assert facts["requests_sent"] == len(service.ledger) == fault.sent + 2
        assert facts["maybe_paid_without_answer"] == fault.maybe >= service.paid - stored(store_path)["exchanges"]
        assert ("may have been charged" in done.stderr) == bool(fault.maybe)

        # Run the same command again: stored replies are not requested.
        again = here(*command)
        assert sent_for(service, 1) - fault.sent == fault.next_sent
        assert sent_for(service, 0) == sent_for(service, 2) == 1
        # --retry is the next step where the same command sends nothing and another request could help.
        kept_for_good = fault.code not in (None, "too_long") and not fault.next_sent
        assert ("1 article without a usable answer: requested again only with --retry" in done.stderr) == kept_for_good
        if fault.kept and not fault.next_sent:
            assert again.code == fault.exit
            assert records(tmp_path / "out") == recorded


def test_a_hung_service_times_out_and_its_requests_are_reported(
    tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--timeout` limits each attempt. At most three attempts may have been charged, and the run prints that."""
    without_waits(monkeypatch)
    folder = articles(tmp_path / "in", 2)
    with Service(script=about(1, *[Hang(30)] * 9)) as service:
        done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path), "--timeout", "0.4")
        assert done.code == 3
        assert service.paid == 4
    assert "3 requests may have been charged without an answer" in done.stderr
    assert records(tmp_path / "out")[1]["reason"]["code"] == "provider_error"


UNANSWERED: dict[str, tuple[Sequence[Behaviour], Sequence[str], int, str, str]] = {
    "then an answer": ((Hang(30), Hang(30)), (), 0, "2 requests", ""),
    "the article fails": ((Hang(30),) * 9, (), 3, "3 requests", "dragoman: failed: "),
    "the cap is used up": ((Hang(30),) * 9, ("--max-cost", "0.3"), 5, "1 request", "of $0.3 is left"),
}


@pytest.mark.parametrize("command", ["summarize", "translate"])
@pytest.mark.parametrize(("behaviours", "options", "code", "many", "then"), UNANSWERED.values(), ids=UNANSWERED)
def test_summarize_and_translate_report_requests_that_may_have_been_charged_without_an_answer(
    command: str,
    behaviours: Sequence[Behaviour],
    options: Sequence[str],
    code: int,
    many: str,
    then: str,
    tmp_path: Path,
    store_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One line on stderr before the outcome, as at the end of a run. stdout has the record or nothing."""
    without_waits(monkeypatch)
    folder = articles(tmp_path / "in", 1)
    with Service(script=about(0, *behaviours)) as service:
        done = here(command, folder / "a00.txt", *to(service, store_path), "--timeout", "0.4", *options)
    assert done.code == code, done.stderr
    lines = done.stderr.splitlines()
    assert re.fullmatch(rf"{many} may have been charged without an answer, \$0\.\d+ at most", lines[0])
    assert [then in line for line in lines[1:]] == [True] * bool(then)
    assert bool(done.stdout) == (code != 5)


def test_failed_requests_count_as_perhaps_charged_and_not_as_spent(
    tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a 500 an answer may have been charged. It counts against the cap and is reported apart from the known
    spending.
    """
    without_waits(monkeypatch)
    folder = articles(tmp_path / "in", 2)
    command = ("run", folder, "-o", tmp_path / "out")
    with Service(script=lambda *_: SERVER_ERROR) as service:
        done = here(*command, *to(service, store_path))
        unpriced = here(*command, *to(service, store_path), "--model", "my-local-model")
    most = run_facts(tmp_path / "out")
    assert re.search(
        r"; \$0 this run, \$0 for all records in .+\n[456] requests may .+ answer, \$\d\.\d+ at most\n", done.stderr
    )
    assert re.search(
        r"; \$0 this run, \$0 for all records in .+\n[456] requests may .+ answer, at an unknown price\n",
        unpriced.stderr,
    )
    assert "of unknown price" not in unpriced.stderr
    assert (most["cost_usd"], most["maybe_paid_usd_at_most"], most["replies_of_unknown_cost"]) == ("0", None, 0)
    assert stored(store_path)["cost_usd"] == "0"


def test_a_service_that_is_overloaded_charges_nothing(
    tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service answers 429, 503 and 529 before any work, so the run does not mention perhaps-charged requests."""
    without_waits(monkeypatch)
    monkeypatch.setenv("DRAGOMAN_ATTEMPTS", "2")
    folder = articles(tmp_path / "in", 1)
    with Service(script=[OVERLOADED]) as service:
        done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path))
    assert done.code == 0
    assert "charged" not in done.stderr
    assert run_facts(tmp_path / "out")["maybe_paid_usd_at_most"] == "0"


def test_a_service_that_sends_bytes_slowly_times_out_too(
    tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``--timeout`` limits a whole request. A time-out for each read would never fire here."""
    without_waits(monkeypatch)
    monkeypatch.setenv("DRAGOMAN_ATTEMPTS", "1")
    folder = articles(tmp_path / "in", 1)
    # The answer has about 3,000 bytes, which take 3 seconds at this rate.
    with Service(script=[Drip(1000)]) as service:
        done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path), "--timeout", "1")
    assert done.code in (3, 4)
    assert records(tmp_path / "out")[0]["reason"]["code"] == "provider_error"


@pytest.mark.parametrize(
    ("behaviour", "advice"),
    [
        (UNAUTHORIZED, "ANTHROPIC_API_KEY"),
        (FORBIDDEN, "dragoman doctor"),
        (MODEL_NOT_FOUND, "--model"),
        (SPEND_LIMIT, "spend limit"),
        (USAGE_LIMIT, "spend limit"),
    ],
    ids=["401", "403", "404", "429 spend limit", "400 usage limit"],
)
def test_an_unusable_service_is_exit_4_and_loses_nothing(
    behaviour: Behaviour, advice: str, tmp_path: Path, store_path: Path
) -> None:
    """One attempt, the rest pending, and a line with advice. Once the cause is fixed, the same command sends the
    rest.
    """
    folder = articles(tmp_path / "in", 4)
    with Service(script=about(1, behaviour)) as service:
        command = ("run", folder, "-o", tmp_path / "out", *to(service, store_path), "--concurrency", "1")
        done = here(*command)
        assert done.code == 4
        assert len(service.ledger) == 2
        assert [record["status"] for record in records(tmp_path / "out")] == ["ok"] + ["pending"] * 3
        assert {record["reason"]["code"] for record in records(tmp_path / "out")[1:]} == {"provider_unusable"}
        assert advice in done.stderr
        assert "The same command continues" in done.stderr
        assert "Traceback" not in done.stderr

        assert here(*command).code == 0
        assert service.paid == 4
        assert [record["status"] for record in records(tmp_path / "out")] == ["ok"] * 4


@pytest.mark.parametrize("behaviour", [UNAUTHORIZED, FORBIDDEN, MODEL_NOT_FOUND], ids=["401", "403", "404"])
def test_summarize_with_an_unusable_service_is_exit_4_with_an_empty_stdout(
    behaviour: Behaviour, tmp_path: Path, store_path: Path
) -> None:
    """`summarize` prints no partial record; the reason is on stderr."""
    folder = articles(tmp_path / "in", 1)
    with Service(script=[behaviour]) as service:
        done = here("summarize", folder / "a00.txt", *to(service, store_path))
    assert (done.code, done.stdout) == (4, "")
    assert done.stderr.startswith("dragoman: ")
    assert done.stderr.count("\n") == 1


def test_an_unreachable_server_is_reported_in_one_line(
    tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a connection nothing is paid: exit 4, the address is named, and no request counts as perhaps charged."""
    without_waits(monkeypatch)
    folder = articles(tmp_path / "in", 2)
    out = tmp_path / "out"
    done = here("run", folder, "-o", out, "--base-url", "http://127.0.0.1:9", "--store", store_path)
    assert done.code == 4
    assert "http://127.0.0.1:9 cannot be reached" in done.stderr
    assert run_facts(out)["maybe_paid_without_answer"] == 0
    assert run_facts(out)["cost_usd"] == "0"


@pytest.mark.parametrize("retry_after", ["0.25", "7", "2.5"])
def test_retry_after_is_obeyed_exactly(
    retry_after: str, tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wait before the next attempt is the one that the service named."""
    waited = without_waits(monkeypatch)
    folder = articles(tmp_path / "in", 1)
    with Service(script=[rate_limited(retry_after)]) as service:
        assert here("summarize", folder / "a00.txt", *to(service, store_path)).code == 0
    assert waited == [float(retry_after)]


@pytest.mark.parametrize(
    ("behaviours", "status"),
    [((Refusal(),), "refused"), ((WRONG_SHAPE, NOT_JSON), "failed"), ((MaxTokens(), MaxTokens()), "truncated")],
    ids=["refused", "invalid twice", "cut off twice"],
)
def test_a_final_failure_is_requested_again_only_with_retry(
    behaviours: tuple[Behaviour, ...], status: str, tmp_path: Path, store_path: Path
) -> None:
    """The failure stays stored as evidence. `--retry` sends a new request; its good answer is stored and used by later
    runs.
    """
    folder = articles(tmp_path / "in", 3)
    with Service(script=about(1, *behaviours)) as service:
        command = ("run", folder, "-o", tmp_path / "out", *to(service, store_path))
        assert here(*command).code == 3
        before = len(service.ledger)
        assert here(*command).code == 3
        assert len(service.ledger) == before
        assert records(tmp_path / "out")[1]["status"] == status

        next_step = "1 article without a usable answer: requested again only with --retry"
        one = here("summarize", folder / "a01.txt", *to(service, store_path))
        plan = here("plan", folder, *to(service, store_path))
        for stderr in (here(*command).stderr, one.stderr, plan.stderr):
            assert stderr.count("--retry") == stderr.count(next_step) == 1
        assert "--retry" not in here("plan", folder, *to(service, store_path), "--retry").stderr
        here("store", "export", tmp_path / "kept", "--store", store_path)
        replay = ("--provider", "replay", "--recordings", tmp_path / "kept")
        for words in (
            ("run", folder, "-o", tmp_path / "replayed"),
            ("summarize", folder / "a01.txt"),
            ("plan", folder),
        ):
            assert "--retry" not in here(*words, *replay).stderr
        assert len(service.ledger) == before

        assert here(*command, "--retry").code == 0
        assert len(service.ledger) == before + 1
        assert records(tmp_path / "out")[1]["status"] == "ok"
        assert stored(store_path)["exchanges"] == len(service.ledger)
        assert here(*command).code == 0
        assert len(service.ledger) == before + 1
        assert records(tmp_path / "out")[1]["status"] == "ok"


def test_a_second_request_lists_the_problems_and_shows_the_article_again(tmp_path: Path, store_path: Path) -> None:
    """The second request does not continue the first: it contains the article and the problems as sentences."""
    folder = articles(tmp_path / "in", 1)
    with Service(script=[WRONG_SHAPE]) as service:
        done = here("summarize", folder / "a00.txt", *to(service, store_path))
        assert done.code == 0
        assert [exchange["role"] for exchange in done.record["exchanges"]] == ["ask", "reask"]
        first, second = (entry.body for entry in service.ledger)
        assert first is not None
        assert second is not None
        assert "bài số 0" in user_text(second)
        assert "abstract" in user_text(second)
        assert "abstract" not in user_text(first)


def test_a_truncated_answer_is_requested_again_with_twice_the_output_limit(tmp_path: Path, store_path: Path) -> None:
    """Only the output limit of the request changes."""
    folder = articles(tmp_path / "in", 1)
    with Service(script=[MaxTokens()]) as service:
        assert here("summarize", folder / "a00.txt", *to(service, store_path)).code == 0
        first, second = (entry.body for entry in service.ledger)
        assert first is not None
        assert second is not None
        assert second["max_tokens"] == 2 * first["max_tokens"]
        assert {**first, "max_tokens": 0} == {**second, "max_tokens": 0}


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("NUL", "a\u0000b"),
        ("escape sequence", "\u001b[2J\u001b]0;owned\u0007"),
        ("lone surrogate", "a \ud800 b"),
        ("bidi override", "\u202eabc"),
        ("line separators", "a\u2028b\u2029c\u0085d"),
        ("not a character", "\ufffe\uffff"),
        ("a million letters", "x" * 1_000_000),
    ],
)
def test_odd_characters_in_an_answer_never_break_a_run(name: str, title: str, tmp_path: Path, store_path: Path) -> None:
    """Whatever the characters, the record is one complete line of UTF-8 JSON and the page contains no control
    character.
    """

    def script(_: int, body: dict[str, Any]) -> Answer:
        text = changed(body, title_en="@@").text
        assert text is not None
        return Answer(text.replace('"@@"', json.dumps(title)))

    folder = articles(tmp_path / "in", 1)
    with Service(script=script) as service:
        done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path))
        assert done.code in (0, 3), done.stderr
        assert stored(store_path)["exchanges"] == len(service.ledger)
        assert here("store", "verify", "--store", store_path).code == 0
    (record,) = records(tmp_path / "out")
    # Some of these titles say nothing, which is an error of theirs and no other.
    assert record["status"] in (("failed",) if name == "lone surrogate" else ("ok", "flagged"))
    assert {f["field"] for f in record["findings"] if f["severity"] == "error"} <= {"title_en"}
    page = (tmp_path / f"out/articles/{record['article']['id']}.md").read_text("utf-8")
    assert not [letter for letter in page if (ord(letter) < 32 and letter != "\n") or letter in "\u202e\x85\u2028"]


def test_a_bug_is_reported_as_a_bug_and_paid_answers_are_stored(
    tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 1 with a traceback and a message. Answers in flight are stored, so the fixed program does not pay for them
    again.
    """
    folder = articles(tmp_path / "in", 4)
    real: Callable[..., Any] = checks.check_answer

    def buggy(source: Any, *more: Any) -> Any:
        if "bài số 0\n" in source.text:
            raise ZeroDivisionError("a bug in a check")
        return real(source, *more)

    # The other three answers are still in flight when the first one meets the bug.
    def script(_: int, body: dict[str, Any]) -> Behaviour | None:
        return None if "bài số 0\n" in user_text(body) else Hang(0.7)

    with Service(script=script) as service:
        command = ("run", folder, "-o", tmp_path / "out", *to(service, store_path))
        with monkeypatch.context() as patched:
            patched.setattr("dragoman.evidence.assess.check_answer", buggy)
            done = here(*command)
        assert done.code == 1
        assert "ZeroDivisionError: a bug in a check" in done.stderr
        assert done.stderr.rstrip().endswith("Replies that were paid for are in the store")
        assert stored(store_path)["exchanges"] == service.paid == 4
        assert here(*command).code == 0
        assert service.paid == 4


@pytest.mark.parametrize(
    "behaviours",
    [
        (MaxTokens(),),
        (WRONG_SHAPE,),
        (WRONG_SHAPE, NOT_JSON),
        (MaxTokens(), WRONG_SHAPE),
        (Refusal(),),
        (TruncatedJson(),) * 3,
        (TruncatedJson(),),
        (rate_limited("0"),),
    ],
    ids=["cut off", "invalid", "invalid twice", "cut off, invalid", "refused", "broken off", "broken once", "429"],
)
def test_a_recorded_run_replays_to_the_same_records_whatever_went_wrong(
    behaviours: tuple[Behaviour, ...], tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Second requests, refusals and broken bodies are recorded too, so a replay gives the same bytes and exit code."""
    without_waits(monkeypatch)
    folder = articles(tmp_path / "in", 2)
    recorded = tmp_path / "recorded"
    with Service(script=about(1, *behaviours)) as service:
        live = here("run", folder, "-o", tmp_path / "live", *to(service, store_path), "--record", recorded)
    again = here("run", folder, "-o", tmp_path / "again", "--provider", "replay", "--recordings", recorded)
    assert again.code == live.code
    assert (tmp_path / "again/records.jsonl").read_bytes() == (tmp_path / "live/records.jsonl").read_bytes()


def test_an_interrupted_long_translation_requests_only_the_missing_parts(tmp_path: Path, store_path: Path) -> None:
    """Translated parts are stored. A part that the service rejected is sent again with --retry, and so are the parts
    after it."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "long.txt").write_text("\n\n".join(text(number) for number in range(100)), "utf-8")
    with Service(script=[None, BAD_REQUEST]) as service:
        command = ("run", folder, "-o", tmp_path / "out", *to(service, store_path), "--task", "translation")
        assert here(*command).code == 3
        (record,) = records(tmp_path / "out")
        assert record["reason"]["code"] == "rejected"
        assert len(service.ledger) == 2
        assert stored(store_path)["exchanges"] == 1
        assert here(*command).code == 3
        assert len(service.ledger) == 2
        assert here(*command, "--retry").code == 0
        (record,) = records(tmp_path / "out")
        assert len(record["translation"]["paragraphs"]) == len(record["source"]["paragraphs"])
        assert service.paid == len(record["exchanges"]) > 2
        assert set(service.generated.values()) == {1}


def test_a_budget_holds_with_any_number_of_concurrent_requests(tmp_path: Path, store_path: Path) -> None:
    """Eight workers also reserve the worst case before they send a request, so the bill stays below the cap."""
    folder = articles(tmp_path / "in", 12)
    with Service(latency=0.05) as service:
        done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path), "--max-cost", "0.25")
        assert done.code == 5
        assert service.most_at_once == 1  # The worst case of two requests at once would exceed the cap.
        assert float(run_facts(tmp_path / "out")["cost_usd"]) <= 0.25
        assert 0 < service.paid < 12
        assert stored(store_path)["exchanges"] == service.paid


# Interruptions: real processes and real signals.


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
def test_one_signal_lets_requests_in_flight_finish_and_the_same_command_sends_the_rest(
    number: signal.Signals, code: int, tmp_path: Path, store_path: Path
) -> None:
    """Exit 130 or 143. Replies are stored, every file is complete, and in the end each article was paid for once."""
    folder = articles(tmp_path / "in", 12)
    out = tmp_path / "out"
    with Service(latency=0.4) as service:
        command = ("run", folder, "-o", out, *to(service, store_path), "--concurrency", "3")
        process = start(*command, home=tmp_path)
        wait_for(lambda: len(service.ledger) >= 5)
        process.send_signal(number)
        done = ended(process)
        assert done.code == code
        assert "stopping: finishing" in done.stderr
        assert "the same command continues" in done.stderr.lower()
        assert "Traceback" not in done.stderr
        first = service.paid
        assert 5 <= first < 12
        assert stored(store_path)["exchanges"] == first
        # Not compared in order: a worker may have begun an earlier article without sending its request yet.
        assert Counter(record["status"] for record in records(out)) == {"ok": first, "pending": 12 - first}
        assert run_facts(out)["exit_code"] == code
        assert run_facts(out)["ended_by"] == f"interrupted by {number.name}"
        assert all(name.endswith((".txt", ".md", ".json", ".jsonl", ".csv", ".html")) for name in files(out))

        assert here(*command).code == 0
        assert service.paid == 12
        assert set(service.generated.values()) == {1}
        assert [record["status"] for record in records(out)] == ["ok"] * 12


def test_a_second_ctrl_c_ends_at_once_and_reports_the_abandoned_requests(tmp_path: Path, store_path: Path) -> None:
    """The run does not wait for the answers. Earlier files are complete, and the same command continues at once."""
    folder = articles(tmp_path / "in", 6)
    out = tmp_path / "out"
    slow = {"on": True}

    def script(number: int, _: dict[str, Any]) -> Behaviour | None:
        return Hang(60) if slow["on"] and number > 1 else None

    with Service(script=script) as service:
        command = ("run", folder, "-o", out, *to(service, store_path), "--concurrency", "3")
        process = start(*command, home=tmp_path)
        wait_for(lambda: len(service.ledger) >= 4)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        line = process.stderr.readline().decode()
        assert line.startswith("stopping: finishing 3 requests in flight")
        process.send_signal(signal.SIGINT)
        done = ended(process)
        assert done.code == 130
        assert "abandoned 3 requests in flight" in done.stderr
        assert "may be charged" in done.stderr
        assert stored(store_path)["exchanges"] == 1
        slow["on"] = False
        assert here(*command).code == 0
        assert stored(store_path)["exchanges"] == 6
        assert [record["status"] for record in records(out)] == ["ok"] * 6


def test_ctrl_c_during_the_wait_before_a_retry_ends_the_wait(tmp_path: Path, store_path: Path) -> None:
    """A worker in a long pause between attempts ends the pause and still finishes its article."""
    folder = articles(tmp_path / "in", 1)
    with Service(script=[rate_limited("200")]) as service:
        process = start("run", folder, "-o", tmp_path / "out", *to(service, store_path), home=tmp_path)
        wait_for(lambda: len(service.ledger) == 1)
        time.sleep(0.2)  # the answer must have time to arrive
        process.send_signal(signal.SIGINT)
        done = ended(process)
    assert done.code == 130
    assert records(tmp_path / "out")[0]["status"] == "pending"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
def test_an_interrupted_summarize_says_so_and_exits_with_the_code_of_the_signal(
    number: int, code: int, tmp_path: Path, store_path: Path
) -> None:
    """`summarize` prints no partial record: a line on stderr, no traceback, exit 130 or 143. The same command continues
    later.
    """
    folder = articles(tmp_path / "in", 1)
    with Service(script=[Hang(1.5)]) as service:
        command = ("summarize", folder / "a00.txt", *to(service, store_path))
        process = start(*command, home=tmp_path)
        wait_for(lambda: len(service.ledger) == 1)
        time.sleep(0.1)
        process.send_signal(number)
        done = ended(process)
        assert done.code == code
        assert done.stdout == "" or done.record["status"] == "ok"
        assert "the same command continues" in done.stderr.lower()
        assert "Traceback" not in done.stderr
        assert here(*command).code == 0
        # The request was either finished or noted as perhaps paid.
        assert service.paid == 1 or "paid" in done.stderr


def test_a_killed_process_leaves_complete_files_and_a_usable_store(tmp_path: Path, store_path: Path) -> None:
    """`kill -9` in the middle of a run: committed replies are not bought again, and the leases of the dead process
    delay no other run.
    """
    folder = articles(tmp_path / "in", 8)
    out = tmp_path / "out"
    with Service(latency=0.3) as service:
        command = ("run", folder, "-o", out, *to(service, store_path), "--concurrency", "2")
        process = start(*command, home=tmp_path)
        wait_for(lambda: len(service.ledger) >= 4)
        process.kill()
        process.communicate()
        kept = stored(store_path)["exchanges"]
        assert kept >= 1
        done = here(*command)
        assert done.code == 0
        # At most the requests in flight are paid for twice.
        assert 8 <= service.paid <= 8 + 2
        assert stored(store_path)["exchanges"] == 8
    assert [record["status"] for record in records(out)] == ["ok"] * 8


# Faults of the disk and the store.


def test_a_damaged_store_is_exit_7_and_is_not_touched(tmp_path: Path, store_path: Path) -> None:
    """Nothing is sent, nothing is overwritten, and the message says what to do."""
    folder = articles(tmp_path / "in", 1)
    store_path.write_bytes(b"this is no database\n" * 100)
    with Service() as service:
        done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path))
        assert service.ledger == ()
    assert done.code == 7
    assert str(store_path) in done.stderr
    assert "dragoman store repair" in done.stderr or "--store" in done.stderr
    assert store_path.read_bytes() == b"this is no database\n" * 100


def test_an_output_folder_that_cannot_be_created_is_reported_before_paying(tmp_path: Path, store_path: Path) -> None:
    """OUT or its parent is a file: exit 2, nothing is sent."""
    folder = articles(tmp_path / "in", 1)
    (tmp_path / "out").write_text("a file")
    with Service() as service:
        for place in ("out", "out/inside/deep"):
            done = here("run", folder, "-o", tmp_path / place, *to(service, store_path))
            message_line = f"dragoman: {tmp_path / 'out'} is a file, not a folder. Choose another output folder\n"
            assert (done.code, done.stderr) == (2, message_line)
        assert service.ledger == ()
    assert (tmp_path / "out").read_text() == "a file"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("not JSON", "hello\n"),
        ("cut off", '{"schema":"dragoman.record/1","article":'),
        ("another version", '{"a":1}\n'),
    ],
)
def test_an_output_folder_with_foreign_records_is_rejected_before_anything_is_paid(
    name: str, content: str, tmp_path: Path, store_path: Path
) -> None:
    """Records that cannot be merged are reported at once, not after the bill, and nothing in OUT is overwritten."""
    folder = articles(tmp_path / "in", 1)
    out = tmp_path / "out"
    out.mkdir()
    (out / "records.jsonl").write_text(content)
    with Service() as service:
        done = here("run", folder, "-o", out, *to(service, store_path))
        assert service.ledger == ()
        assert done.code == 2
        assert "records.jsonl" in done.stderr
        assert (out / "records.jsonl").read_text() == content
        assert here("run", folder, "-o", out, *to(service, store_path), "--fresh").code == 0


def test_a_full_disk_is_exit_7_and_the_answers_are_stored(
    tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Halfway through, OUT accepts no more files. The store has the answers; the next run writes them and pays for
    none.
    """
    folder = articles(tmp_path / "in", 4)
    out = tmp_path / "out"
    real = os.replace

    def full(made: str, place: str | Path) -> None:
        if service.paid >= 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(made, place)

    with Service() as service:
        command = ("run", folder, "-o", out, *to(service, store_path), "--concurrency", "1")
        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", full)
            done = here(*command)
        assert done.code == 7
        assert "No space left on device" in done.stderr
        assert "Traceback" not in done.stderr
        paid = service.paid
        assert paid < 4
        assert stored(store_path)["exchanges"] == paid
        assert not [name for name in files(tmp_path) if name.endswith(".part")]
        assert here(*command).code == 0
        assert service.paid == 4
    assert [record["status"] for record in records(out)] == ["ok"] * 4


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_under_stdout_is_no_success(tmp_path: Path) -> None:
    """The record could not be written, so the exit code is not 0. There is no traceback."""
    sample = RECORDINGS.parent / "articles" / "es-embalse.md"
    with open("/dev/full", "wb") as full:
        process = subprocess.run(
            [sys.executable, "-m", "dragoman", "summarize", sample, "--provider", "replay", "--recordings", RECORDINGS],
            stdout=full, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    assert process.returncode == 7
    assert b"Traceback" not in process.stderr


TRIED: dict[str, tuple[tuple[Behaviour, ...], list[str]]] = {
    "refused, failed, broken off": ((rate_limited("0"), SERVER_ERROR, Reset("mid-body")), ["429", "500", "broken off"]),
    "unreadable reply": ((EmptyBody(), OVERLOADED), ["unreadable", "529"]),
    "timed out": ((Hang(60),), ["timed out"]),
}


@pytest.mark.parametrize(("behaviours", "whys"), TRIED.values(), ids=TRIED)
def test_earlier_attempts_are_in_the_record_of_a_reply_and_counted_for_the_run(
    behaviours: tuple[Behaviour, ...],
    whys: list[str],
    tmp_path: Path,
    store_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The record says why each attempt failed and how long the next one waited. From the store it is the same
    record.
    """
    waited = without_waits(monkeypatch)
    out = tmp_path / "out"
    with Service(script=list(behaviours)) as service:
        command = ("run", articles(tmp_path / "in", 1), "-o", out, *to(service, store_path), "--timeout", "1")
        done = here(*command)
        assert done.code == 0, done.stderr
        (record,) = records(out)
        validate(record)
        (exchange,) = record["exchanges"]
        assert [retry["why"] for retry in exchange["retries"]] == whys
        assert [retry["waited"] for retry in exchange["retries"]] == [round(seconds, 3) for seconds in waited]
        assert exchange["attempts"] == len(whys) + 1
        facts = run_facts(out)
        assert facts["retries"] == dict(Counter(whys))
        assert facts["retry_seconds"] == round(sum(waited), 1)
        assert "retries: 1 × " in done.stderr
        here(*command, "--fresh")
        assert records(out) == [record]
        assert run_facts(out)["retries"] == {}


def test_a_separate_process_meets_a_fault_in_the_same_way(tmp_path: Path, store_path: Path) -> None:
    """A separate process, with real waits, meets a 429 and then gets the answer."""
    folder = articles(tmp_path / "in", 1)
    with Service(script=[rate_limited("0")]) as service:
        done = dragoman("summarize", folder / "a00.txt", *to(service, store_path), home=tmp_path)
        assert done.code == 0
        assert done.record["exchanges"][0]["attempts"] == 2
        assert len(service.ledger) == 2


def test_a_damaged_cached_record_is_built_again(tmp_path: Path, store_path: Path) -> None:
    """SQLite does not detect zeros inside a value. The record is built again from the replies, and nothing is
    requested.
    """
    folder, out = articles(tmp_path / "in", 2), tmp_path / "out"
    with Service() as service:
        command = ("run", folder, "-o", out, *to(service, store_path))
        assert here(*command).code == 0
        right, sent = (out / "records.jsonl").read_bytes(), len(service.ledger)
        with closing(sqlite3.connect(store_path)) as db, db:
            for digest, finished_records in db.execute("SELECT digest, record FROM finished").fetchall():
                damaged = finished_records[:900] + bytes(100) + finished_records[1000:]
                db.execute("UPDATE finished SET record = ? WHERE digest = ?", (damaged, digest))
        done = here(*command)
        assert done.code == 0, done.stderr
        assert (out / "records.jsonl").read_bytes() == right
        assert len(service.ledger) == sent
