"""Whatever a service answers, a command has the right outcome, pays once, and sends nothing again without a reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dragoman.asking.limiter import DEFAULT_PAUSE
from dragoman.store.sqlite.store import Store
from tests.support.builders import QUICK, message
from tests.support.commands import articles, here, records, run_facts, stored, to, without_waits
from tests.support.service import OVERLOADED, Answer, Behaviour, RawBody, Service, Status, answer, rate_limited

SORRY = "Sorry, the model cannot answer this question."


def in_200(kind: str, said: str = "Something") -> RawBody:
    """An error of the Messages API in a reply with status 200, which costs nothing."""
    body = {"type": "error", "error": {"type": kind, "message": said}}
    return RawBody(json.dumps(body).encode(), generated=False)


def reply(text: str, **fields: Any) -> RawBody:
    """A reply with these fields."""
    return RawBody(message(text, **fields).encode())


# Hints and back-off


HINTS: dict[str, Behaviour] = {
    "zero seconds": rate_limited("0"),
    "a second in the past": rate_limited("Wed, 21 Oct 2015 07:28:00 GMT"),
    "no number": rate_limited("nan"),
    "zero milliseconds": Status(429, "rate_limit_error", "Later", {"retry-after-ms": "0"}),
    "overloaded for zero seconds": Status(529, "overloaded_error", "Overloaded", {"retry-after": "0"}),
    "unavailable since long": Status(503, "api_error", "Busy", {"retry-after": "1970-01-01T00:00:00Z"}),
    "rate-limited in a 200": in_200("rate_limit_error"),
    "no hint": OVERLOADED,
}


@pytest.mark.parametrize("behaviour", HINTS.values(), ids=HINTS)
def test_without_a_usable_hint_the_waits_are_dragomans_own(
    behaviour: Behaviour, tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first wait is drawn from Dragoman's own range, and all requests pause as they do without a hint. From then on
    the breaker says when the next is sent.
    """
    waited = without_waits(monkeypatch)
    out = tmp_path / "out"
    with Service(script=[behaviour] * 3) as service:
        done = here("run", articles(tmp_path / "in", 1), "-o", out, *to(service, store_path))
        assert (done.code, len(service.ledger), service.paid) == (0, 4, 1), done.stderr
    assert 0.0 < waited[0] <= 1.0
    pauses = [event["pause"] for event in run_facts(out)["limits"]["history"] if "pause" in event]
    assert pauses == [DEFAULT_PAUSE / QUICK] * 3


DAYS: dict[str, Behaviour] = {
    "seconds": rate_limited("86400"),
    "milliseconds": Status(429, "rate_limit_error", "Later", {"retry-after-ms": "86400000"}),
    "overloaded": Status(529, "overloaded_error", "Overloaded", {"retry-after": "86400"}),
    "unavailable": Status(503, "api_error", "Busy", {"retry-after": "86400"}),
    "in a 200": RawBody(in_200("rate_limit_error").content, {"retry-after": "86400"}, generated=False),
}


@pytest.mark.parametrize("behaviour", DAYS.values(), ids=DAYS)
def test_a_hint_of_a_day_ends_the_run_instead_of_sleeping(
    behaviour: Behaviour, tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 4, no wait, and the message says how long."""
    waited = without_waits(monkeypatch)
    with Service(script=lambda *_: behaviour) as service:
        done = here("run", articles(tmp_path / "in", 5), "-o", tmp_path / "out", *to(service, store_path))
        assert (done.code, len(service.ledger)) == (4, 1), done.stderr
    assert "It asks to come back in 24 hours" in done.stderr
    assert waited == []
    assert [record["status"] for record in records(tmp_path / "out")] == ["pending"] * 5


# Errors in a 200


@pytest.mark.parametrize("kind", ["overloaded_error", "rate_limit_error", "api_error", "timeout_error"])
def test_an_error_in_a_200_is_waited_out_and_costs_nothing(
    kind: str, tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no reply: it is not stored, and nobody is told that it may have been charged."""
    without_waits(monkeypatch)
    out = tmp_path / "out"
    options = ("--concurrency", "1", "--patience", "99999")
    with Service(script=[None, *[in_200(kind)] * 4]) as service:
        done = here("run", articles(tmp_path / "in", 2), "-o", out, *to(service, store_path), *options)
        assert (done.code, len(service.ledger)) == (0, 6), done.stderr
    assert "may have been charged" not in done.stderr
    assert run_facts(out)["maybe_paid_without_answer"] == 0
    assert stored(store_path)["exchanges"] == 2


ENDING: dict[str, tuple[Behaviour, int, str]] = {
    "a wrong key": (in_200("authentication_error", "invalid x-api-key"), 4, "invalid x-api-key"),
    "no permission": (in_200("permission_error", "not for you"), 4, "not for you"),
    "no such model": (in_200("not_found_error", "model: x"), 4, "--model"),
    "no credit": (in_200("billing_error", "Your balance is too low"), 4, "add credit"),
    "an article that is too long": (in_200("request_too_large", "too large"), 3, "a00.txt: failed"),
    "an article that is rejected": (in_200("invalid_request_error", "bad content"), 3, "a00.txt: failed"),
}


@pytest.mark.parametrize(("behaviour", "code", "said"), ENDING.values(), ids=ENDING)
def test_an_error_in_a_200_ends_what_it_would_end_with_its_own_status(
    behaviour: Behaviour, code: int, said: str, tmp_path: Path, store_path: Path
) -> None:
    """The run, or only the article; the service's words are in the message."""
    with Service(script=lambda *_: behaviour) as service:
        done = here("run", articles(tmp_path / "in", 1), "-o", tmp_path / "out", *to(service, store_path))
        assert (done.code, len(service.ledger)) == (code, 1), done.stderr
    assert said in done.stderr
    assert "may have been charged" not in done.stderr
    assert stored(store_path)["exchanges"] == 0


# Filters


FILTERS: dict[str, RawBody] = {
    "a guardrail": reply(SORRY, **{"amazon-bedrock-guardrailAction": "INTERVENED"}),
    "a guardrail's stop reason": reply(SORRY, stop_reason="guardrail_intervened"),
    "a filter": reply(SORRY, stop_reason="content_filtered"),
    "a filter of a gateway": reply(SORRY, stop_reason="SAFETY"),
}


@pytest.mark.parametrize("provider", ["anthropic", "bedrock"])
@pytest.mark.parametrize("behaviour", FILTERS.values(), ids=FILTERS)
def test_what_a_filter_blocked_is_a_refusal_paid_once(
    behaviour: Behaviour, provider: str, tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record has the words of the filter. The same command asks nothing again; ``--retry`` does."""
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "x")
    out = tmp_path / "out"
    with Service(script=[behaviour]) as service:
        command = ("run", articles(tmp_path / "in", 1), "-o", out, *to(service, store_path), "--provider", provider)
        for _ in range(2):
            assert here(*command).code == 3
            (record,) = records(out)
            assert record["status"] == "refused"
            assert SORRY in record["reason"]["message"]
            assert record["cost_usd"] is not None
            assert service.paid == 1
        assert here(*command, "--retry").code == 0
        assert service.paid == 2


# Fields that a server does not know


def knows_no(*fields: str, status: int = 400) -> Any:
    """A script for a server that rejects these fields of a body, one at a time and in this order."""

    def script(_: int, body: dict[str, Any]) -> Behaviour | None:
        unknown = [field for field in fields if field in body]
        return (
            Status(status, "invalid_request_error", f"{unknown[0]}: Extra inputs are not permitted")
            if unknown
            else None
        )

    return script


@pytest.mark.parametrize("status", [400, 422])
def test_fields_that_a_server_does_not_know_cost_one_request_each(
    status: int, tmp_path: Path, store_path: Path
) -> None:
    """Not one article is rejected. The end of the run, `run.json`, the exchanges and a recording say what was left
    out.
    """
    out, recorded = tmp_path / "out", tmp_path / "recorded"
    with Service(script=knows_no("output_config", "thinking", status=status)) as service:
        command = ("run", articles(tmp_path / "in", 6), "-o", out, *to(service, store_path), "--record", recorded)
        done = here(*command)
        assert done.code == 0, done.stderr
        assert [entry.answered for entry in service.ledger].count(status) == 2
        assert service.paid == 6
        assert here(*command).code == 0
        assert service.paid == 6
    assert "the service does not accept output_config, thinking: requests were sent without them" in done.stderr
    assert done.stderr.count("does not accept") == 1
    with Store(store_path) as store:
        assert {exchange.left_out for exchange in store.exchanges()} == {("output_config", "thinking")}
    assert all(json.loads(path.read_text("utf-8"))["left_out"] for path in recorded.rglob("x1*.json"))
    replayed = here("run", tmp_path / "in", "-o", tmp_path / "again", "--provider", "replay", "--recordings", recorded)
    assert replayed.code == 0, replayed.stderr


def test_one_article_also_says_what_was_left_out(tmp_path: Path, store_path: Path) -> None:
    """On stderr; stdout is the record and nothing else."""
    with Service(script=knows_no("thinking")) as service:
        done = here("summarize", articles(tmp_path / "in", 1) / "a00.txt", *to(service, store_path))
    assert done.code == 0
    assert done.record["status"] == "ok"
    assert "the service does not accept thinking: requests were sent without it" in done.stderr


def test_a_server_that_does_not_know_what_every_request_needs_ends_the_run(tmp_path: Path, store_path: Path) -> None:
    """Exit 4 with advice after one request, instead of rejecting every article."""
    with Service(script=knows_no("max_tokens")) as service:
        done = here("run", articles(tmp_path / "in", 6), "-o", tmp_path / "out", *to(service, store_path))
        assert (done.code, len(service.ledger)) == (4, 1)
    assert "max_tokens: Extra inputs are not permitted" in done.stderr
    assert "--base-url" in done.stderr
    assert [record["status"] for record in records(tmp_path / "out")] == ["pending"] * 6


# Addresses


@pytest.mark.parametrize(
    "end",
    [
        "", "/", " ", "/v1", "/v1/", "/V1", "/v1 ", "//v1", "/v1/messages", "/v1/messages/", "/v1//messages",
        "/v1/messages?beta=true", "/v1/messages/count_tokens",
    ],
)  # fmt: skip
@pytest.mark.parametrize("prefix", ["", "/anthropic"])
@pytest.mark.parametrize("by", ["flag", "variable"])
def test_a_base_url_may_end_with_the_path_of_the_api(
    end: str, prefix: str, by: str, tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request goes to the same path, and a reply that was stored under one form is found under the other."""
    folder = articles(tmp_path / "in", 1)
    with Service() as service:
        url = f"{service.url}{prefix}{end}"
        store = ("--store", store_path)
        if by == "variable":
            monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        given = ("--base-url", url) if by == "flag" else ()
        done = here("summarize", folder / "a00.txt", *store, *given)
        assert done.code == 0, done.stderr
        assert [entry.path for entry in service.ledger] == [f"{prefix}/v1/messages"]
        plain = here("summarize", folder / "a00.txt", *store, "--base-url", f"{service.url}{prefix}")
        assert (plain.code, len(service.ledger)) == (0, 1)
        shown = here("doctor", *store, *given).stdout
        assert f"custom at {service.url}{prefix}\n" in shown
        assert ("at the end of the base URL is left out" in shown) is ("v1" in end.lower())


# Replies without usage, and of odd form


@pytest.mark.parametrize("usage", [None, {}, {"input_tokens": 5}, "many"], ids=repr)
def test_a_reply_without_usage_is_an_answer_of_unknown_price(usage: Any, tmp_path: Path, store_path: Path) -> None:
    """Never of price 0. Tables and the summary cope, and the next run does not ask again."""

    def script(_: int, body: dict[str, Any]) -> Behaviour:
        return reply(answer(body), usage=usage)

    out = tmp_path / "out"
    with Service(script=script) as service:
        command = ("run", articles(tmp_path / "in", 2), "-o", out, *to(service, store_path), "--input-tpm", "1000000")
        done = here(*command, "--model", "sonnet-5-5")
        assert done.code == 0, done.stderr
        assert "2 replies of unknown price" in done.stderr
        assert [(record["status"], record["cost_usd"]) for record in records(out)] == [("ok", None)] * 2
        assert records(out)[0]["exchanges"][0]["usage"] is None
        facts = run_facts(out)
        assert (facts["replies_of_unknown_cost"], facts["cost_usd"], facts["tokens"]) == (2, "0", {})
        assert here(*command, "--model", "sonnet-5-5").code == 0
        assert service.paid == 2


def test_a_reply_with_a_byte_order_mark_is_an_answer(tmp_path: Path, store_path: Path) -> None:
    with Service(script=lambda _, body: RawBody(("\ufeff" + message(answer(body))).encode())) as service:
        done = here("summarize", articles(tmp_path / "in", 1) / "a00.txt", *to(service, store_path))
        assert (done.code, done.record["status"], service.paid) == (0, "ok", 1)


@pytest.mark.parametrize("stop_reason", ["pause_turn", "tool_use", "malformed_model_output", "something new"])
def test_an_unknown_end_is_an_answer_only_if_it_is_a_valid_one(
    stop_reason: str, tmp_path: Path, store_path: Path
) -> None:
    """Otherwise it is asked for once more, like any invalid answer, and the record names the stop reason."""
    folder = articles(tmp_path / "in", 2)
    with Service(script=lambda _, body: Answer(answer(body), stop_reason)) as service:
        assert here("summarize", folder / "a00.txt", *to(service, store_path)).record["status"] == "ok"
        assert service.paid == 1
    with Service(script=lambda *_: Answer('{"title_en": "Ha', stop_reason)) as service:
        done = here("summarize", folder / "a01.txt", *to(service, store_path))
        assert (done.code, service.paid) == (3, 2)
    assert (done.record["status"], done.record["reason"]["code"]) == ("failed", "invalid")
    assert stop_reason in done.record["reason"]["message"]
