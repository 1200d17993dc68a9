"""What a run, its records and its last lines say was paid, whichever model answered and under whatever name.

Each case is one run against the loopback service, as users of such tools report them.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from dragoman import Settings
from dragoman.core.models import table
from dragoman.errors import ConfigError
from dragoman.runs.session import open_session
from tests.support.builders import Wire, article_of, message, summary_of
from tests.support.commands import Ended, articles, here, records, run_facts, to
from tests.support.service import Answer, Service

COUNTS = {"input_tokens": 1_000, "output_tokens": 2_000, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0}
NOT_CACHED = {**COUNTS, "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}}
ACCOUNT = "arn:aws:bedrock:eu-west-1:123456789012"
APPLICATION = f"{ACCOUNT}:application-inference-profile/abc123def456"


def asked(
    where: Path, store: Path, model: str, answer: Answer, *more: object, count: int = 1, **others: Any
) -> tuple[Ended, Service]:
    """A run of articles whose every request gets ``answer``, with 1,000 input and 2,000 output tokens."""
    folder = articles(where / "in", count)
    full = Answer(answer.text, usage={**NOT_CACHED, **answer.usage}, model=answer.model)
    with Service(script=lambda number, body: full, **others) as service:
        command = ("run", folder, "-o", where / "out", *to(service, store), "--repairs", "0", "--model", model, *more)
        return here(*command), service


ATTEMPTS = [
    {"type": "message", "model": "claude-fable-5-2", "input_tokens": 1_000, "output_tokens": 299},
    {"type": "fallback_message", "model": "claude-opus-4-8", "input_tokens": 1_000, "output_tokens": 2_000},
]
REPLIES: dict[str, tuple[str, str, dict[str, Any], str | None, bool]] = {
    "a dearer model": ("haiku-5-5", "claude-opus-5-5", {}, "0.044", True),
    "a cheaper model": ("opus-5-5", "claude-haiku-4-5-20251001", {}, "0.011", True),
    "a fallback": ("fable-5-2", "claude-opus-4-8", {"iterations": ATTEMPTS}, "0.07496", True),
    "a model of unknown price": ("haiku-5-5", "claude-mythos-9", {}, None, True),
    "a dated id": ("haiku-4-5", "claude-haiku-4-5-20251001", {}, "0.011", False),
    "in the US": ("sonnet-5-5", "claude-sonnet-5-5", {"inference_geo": "us"}, "0.0242", False),
    "anywhere": ("sonnet-5-5", "claude-sonnet-5-5", {"inference_geo": "global"}, "0.022", False),
    "an older model": ("haiku-4-5", "claude-haiku-4-5", {"inference_geo": "not_available"}, "0.011", False),
    "an unknown place": ("sonnet-5-5", "claude-sonnet-5-5", {"inference_geo": "moon"}, None, False),
    "batch": ("sonnet-5-5", "claude-sonnet-5-5", {"service_tier": "batch"}, "0.011", False),
    "priority": ("sonnet-5-5", "claude-sonnet-5-5", {"service_tier": "priority"}, None, False),
    "fast": ("sonnet-5-5", "claude-sonnet-5-5", {"speed": "fast"}, None, False),
    "nulls": (
        "sonnet-5-5", "claude-sonnet-5-5",
        {"cache_creation": None, "cache_read_input_tokens": None, "server_tool_use": None, "inference_geo": None},
        "0.022", False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("model", "by", "usage", "paid", "warned"), REPLIES.values(), ids=REPLIES)
def test_a_reply_costs_what_the_model_and_the_terms_cost_that_it_names(
    model: str, by: str, usage: dict[str, Any], paid: str | None, warned: bool, tmp_path: Path, store_path: Path
) -> None:
    """In the record, in `run.json`, and in the last lines, with a warning about another model."""
    done, _ = asked(tmp_path, store_path, model, Answer(model=by, usage=usage))
    assert done.code == 0
    (record,) = records(tmp_path / "out")
    facts = run_facts(tmp_path / "out")
    assert (record["cost_usd"], record["exchanges"][0]["model_answered"]) == (paid, by)
    assert facts["cost_usd"] == (paid or "0")
    assert facts["replies_of_unknown_cost"] == int(paid is None)
    assert (facts["unknown_cost_usd_at_most"] is None) == (paid is None)
    assert [f["severity"] for f in record["findings"] if f["check"] == "service.model"] == ["warning"] * warned
    assert sum(facts["answered_by"].values()) == int(warned)
    assert ("came from another model" in done.stderr) == warned


def test_a_cap_holds_for_the_model_that_answers(tmp_path: Path, store_path: Path) -> None:
    """After the first reply of a model that costs forty times as much, its worst case must fit, not that of the model
    that was asked: of twenty articles, those are sent whose price is certain to fit."""
    opus = table().find("opus-5-5")
    assert opus.rates is not None
    done, service = asked(
        tmp_path, store_path, "haiku-5-5", Answer(model=opus.id), "--max-cost", "0.40", "--concurrency", "1", count=20
    )
    assert done.code == 5
    assert 1 <= service.paid < 20
    assert Decimal(run_facts(tmp_path / "out")["cost_usd"]) == Decimal("0.044") * service.paid <= Decimal("0.40")


# Names on Bedrock


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ACCESS_KEY_ID": "AKIAEXAMPLE", "SECRET_ACCESS_KEY": "x", "REGION": "eu-west-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)


NAMES = {
    "an application profile": (APPLICATION, "claude-sonnet-5-5", "0.0242"),
    "the id of one": ("abc123def456", "claude-sonnet-5-5-20260928", "0.0242"),
    "one of another model": (APPLICATION, "claude-haiku-4-5-20251001", "0.0121"),
    "a profile of Europe": (f"{ACCOUNT}:inference-profile/eu.anthropic.claude-sonnet-5-5", None, "0.0242"),
    "a profile of all regions": (f"{ACCOUNT}:inference-profile/global.anthropic.claude-sonnet-5-5", None, "0.022"),
    "a foundation model": ("arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-sonnet-5-5", None, "0.0242"),
    "provisioned throughput": (f"{ACCOUNT}:provisioned-model/abcdefghijkl", "claude-sonnet-5-5", None),
}


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(("name", "by", "paid"), NAMES.values(), ids=NAMES)
def test_a_name_of_bedrock_is_sent_as_given_and_the_reply_has_a_price(
    name: str, by: str | None, paid: str | None, tmp_path: Path, store_path: Path
) -> None:
    """Where the name does not say which model it is, the reply does. At another address AWS is not asked."""
    by = by or "claude-sonnet-5-5"
    done, service = asked(tmp_path, store_path, name, Answer(model=by), "--provider", "bedrock")
    assert done.code == 0
    (record,) = records(tmp_path / "out")
    assert record["cost_usd"] == paid
    assert [f for f in record["findings"] if f["check"] == "service.model"] == []
    assert [entry.model for entry in service.ledger] == [name]


@pytest.mark.usefixtures("aws")
def test_a_cap_needs_to_know_what_is_behind_a_name(tmp_path: Path, store_path: Path) -> None:
    """Exit 2 names the option, before anything is sent. With it, the same requests are sent, and a reply that is stored
    serves with and without it."""
    capped = ("--provider", "bedrock", "--max-cost", "5")
    answer = Answer(model="claude-sonnet-5-5")
    done, service = asked(tmp_path, store_path, APPLICATION, answer, *capped)
    assert (done.code, service.ledger) == (2, ())
    (line,) = done.stderr.splitlines()
    assert "--model-price-as" in line
    assert "AWS is not asked" in line
    done, service = asked(tmp_path, store_path, APPLICATION, answer, *capped, "--model-price-as", "sonnet-5-5")
    assert (done.code, service.paid) == (0, 1)
    assert run_facts(tmp_path / "out")["cost_usd"] == "0.0242"


def test_a_model_of_another_server_runs_under_a_cap_with_the_price_that_the_user_names(
    tmp_path: Path, store_path: Path
) -> None:
    """Whatever name it answers with."""
    priced = ("--max-cost", "5", "--model-price-as", "haiku-5-5")
    done, service = asked(tmp_path, store_path, "my-model", Answer(model="my-model:7b"), *priced)
    assert (done.code, service.paid) == (0, 1)
    (record,) = records(tmp_path / "out")
    assert (record["cost_usd"], record["exchanges"][0]["model"]) == ("0.0011", "my-model")


def test_a_price_of_a_model_that_has_none_is_a_wrong_setting(tmp_path: Path, store_path: Path) -> None:
    done, service = asked(tmp_path, store_path, "my-model", Answer(), "--model-price-as", "sonet-5-5")
    assert (done.code, service.ledger) == (2, ())
    assert "did you mean sonnet-5-5?" in done.stderr


# AWS says which model is behind an application's inference profile


def aws_of(profile: httpx2.Response) -> Wire:
    """Bedrock as the SDK and botocore see it: this answer about the profile, and summaries from Haiku 4.5."""

    def respond(request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "bedrock.eu-west-1.amazonaws.com":
            return profile
        return httpx2.Response(200, text=message(summary_of(), model="claude-haiku-4-5-20251001", usage=COUNTS))

    return Wire(respond)


def leading_to(*arns: str) -> httpx2.Response:
    return httpx2.Response(200, json={"models": [{"modelArn": arn} for arn in arns], "type": "APPLICATION"})


HAIKU_HERE = "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0"
HAIKU_ANYWHERE = "arn:aws:bedrock:::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0"
UNCLEAR = {
    "denied": httpx2.Response(
        403, json={"message": "not authorized"}, headers={"x-amzn-errortype": "AccessDeniedException"}
    ),
    "not found": httpx2.Response(
        404, json={"message": "no such profile"}, headers={"x-amzn-errortype": "ResourceNotFoundException"}
    ),
    "another model": leading_to("arn:aws:bedrock:eu-west-1::foundation-model/meta.llama4-70b"),
    "no models": leading_to(),
    "no ARN": leading_to("haiku"),
    "nothing": httpx2.Response(200, json={}),
    "a page": httpx2.Response(200, text="<html>sign in</html>"),
}


def one_article(wire: Wire, store: Path, **settings: Any) -> tuple[str | None, list[dict[str, Any]], str | None]:
    """The price of an article over this wire, the bodies that were sent to the model, and why the model behind the
    name is not known."""
    given = Settings(provider="bedrock", model=APPLICATION, store=store, repairs=0, **settings)
    with open_session(given, http_client=wire.client) as session:
        outcome = session.pipeline.process(article_of())
        assert session.provider is not None
        failure = session.provider.lookup_failure
    bodies = [
        json.loads(request.content) for request in wire.requests if request.url.host.startswith("bedrock-runtime")
    ]
    return outcome.record.cost_usd, bodies, failure


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("cap", [None, Decimal(5)], ids=["no cap", "a cap"])
@pytest.mark.parametrize(
    ("arns", "paid"), [([HAIKU_HERE], "0.0121"), ([HAIKU_HERE, HAIKU_ANYWHERE], "0.011")], ids=["here", "anywhere"]
)
def test_the_model_behind_a_profile_gives_price_cap_and_schema(
    arns: list[str], paid: str, cap: Decimal | None, store_path: Path
) -> None:
    """The schema is sent natively, with the API version of the model; a profile of all regions costs the list price."""
    wire = aws_of(leading_to(*arns))
    cost, (body,), failure = one_article(wire, store_path, max_cost=cap)
    assert (cost, failure) == (paid, None)
    assert body["output_config"]["format"]["type"] == "json_schema"
    assert body["anthropic_version"] == "bedrock-2023-05-31"


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("profile", UNCLEAR.values(), ids=UNCLEAR)
def test_if_aws_does_not_say_what_is_behind_a_profile_the_run_goes_on(
    profile: httpx2.Response, store_path: Path
) -> None:
    """With the schema in the prompt, the price of the model that answered, and a note. Later it may say so: the reply
    that is stored serves, and nothing is sent."""
    cost, bodies, failure = one_article(aws_of(profile), store_path)
    assert (cost, len(bodies)) == ("0.0121", 1)
    assert "output_config" not in bodies[0]
    assert "bedrock:GetInferenceProfile" in (failure or "")
    for later in ({"max_cost": Decimal(5)}, {"model_price_as": "haiku-4-5"}, {}):
        assert one_article(aws_of(leading_to(HAIKU_HERE)), store_path, **later)[:2] == ("0.0121", [])


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("profile", UNCLEAR.values(), ids=UNCLEAR)
def test_a_cap_stops_before_anything_is_sent_if_aws_does_not_say_what_is_behind_a_profile(
    profile: httpx2.Response, store_path: Path
) -> None:
    """The error says why, and has the hint at the option."""
    wire = aws_of(profile)
    given = Settings(provider="bedrock", model=APPLICATION, store=store_path, max_cost=Decimal(5))
    with (
        pytest.raises(ConfigError, match="could not be looked up") as caught,
        open_session(given, http_client=wire.client),
    ):
        raise AssertionError("the session was opened")
    assert caught.value.hint == "price"
    assert {request.url.host for request in wire.requests} == {"bedrock.eu-west-1.amazonaws.com"}
    assert not store_path.exists()
