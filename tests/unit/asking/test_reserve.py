"""The reservation for an attempt is never too small, whatever the tokenizer, and small enough to use the budget."""

from __future__ import annotations

import tracemalloc
import unicodedata
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.asking.budget import Budget
from dragoman.asking.providers import messages_api
from dragoman.asking.providers.anthropic import AnthropicProvider
from dragoman.asking.reserve import Reservations
from dragoman.core.article import make_article
from dragoman.core.exchange import Reply
from dragoman.core.models import Model, table
from dragoman.core.prices import highest_geography_factor, worst_case
from dragoman.core.request import Request
from dragoman.core.tokens import MARGIN, at_most, estimate
from dragoman.errors import BudgetReached, FailureKind, ProviderError
from dragoman.runs.session import prepare
from dragoman.tasks.fences import fence
from dragoman.tasks.prompts import LONGEST_MARK, numbered_paragraphs
from dragoman.tasks.requests import ADDED, most_tokens, prompt_tokens, shown_tokens
from tests.support.builders import MODEL, Scripted, Wire, call_of, message, refused, source_of
from tests.support.commands import here, records, run_facts, text, to
from tests.support.service import Service

CUNEIFORM = "".join(chr(0x12000 + number % 900) for number in range(8_000))
"""Signs of four bytes each. The estimate counts one token for each, a tokenizer that does not know them four."""
REQUEST = call_of(source=source_of([CUNEIFORM])).request


def price(tokens: int, request: Request = REQUEST) -> Decimal:
    """USD of an attempt with ``tokens`` input tokens that uses its whole output limit, in the dearest geography."""
    amount = worst_case(MODEL, tokens, request.max_tokens, times=highest_geography_factor(MODEL))
    assert amount is not None
    return amount


def reply_of(**usage: Any) -> Reply:
    """A reply with this usage; ``model`` is the model that it names."""
    model = usage.pop("model", MODEL.id)
    counted = {"input_tokens": 1, "output_tokens": 1, **usage}
    return Reply.read(message("{}", model=model, usage=counted))


@settings(deadline=None, max_examples=200, database=None)
@given(st.text(st.characters(codec="utf-8")))
def test_no_text_has_more_tokens_than_its_bound(text: str) -> None:
    """A token stands for at least one byte of the text, as it is or in the form in which a tokenizer may read it."""
    for form in (text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFKC", text)):
        assert at_most(text) >= min(len(form.encode()), len(unicodedata.normalize("NFKC", text).encode()))
    assert at_most(text) >= len(text.encode())
    assert at_most(text) >= len(unicodedata.normalize("NFKC", text).encode())


def test_a_sign_that_grows_in_its_compatibility_form_counts_at_its_larger_size() -> None:
    """U+FDFA is 3 bytes; the published tokenizer of earlier models reads it as 18 characters of 33 bytes."""
    assert at_most("\ufdfa" * 100) == 3_300


def test_the_bound_covers_everything_that_is_sent() -> None:
    """Whether the schema is sent inside the prompt, with the words that introduce it, or natively."""
    for structured in ("native", "prompted"):
        body = messages_api.body(REQUEST, MODEL, structured, MODEL.id)
        texts = [body["system"][0]["text"], body["messages"][0]["content"]]
        if structured == "native":
            texts.append(REQUEST.schema.text)
        sent = sum(len(text.encode()) for text in texts)
        assert sent + 500 <= most_tokens(REQUEST) < sent + 2 * ADDED


def test_a_script_that_the_estimate_does_not_know_stays_under_the_cap() -> None:
    """80,000 signs were once billed at $0.86 under a cap of $0.45: the estimate, with its margin, is too low here."""
    billed = price(len(REQUEST.system) + len(CUNEIFORM.encode()))
    assert price(int(prompt_tokens(REQUEST) * MARGIN)) < billed
    worst = Reservations(Budget(), Scripted([]), MODEL).worst_case(REQUEST)
    assert worst is not None
    assert worst >= billed


# The service's own count, if the bound does not fit


def test_nothing_is_counted_if_the_bound_fits() -> None:
    provider = Scripted([], counts=1)
    budget = Budget(Decimal(100))
    assert Reservations(budget, provider, MODEL).reserve(REQUEST) == price(most_tokens(REQUEST))
    assert Reservations(Budget(), provider, MODEL).reserve(REQUEST) == 0
    assert provider.counted == []


def test_the_service_counts_once_if_the_bound_does_not_fit_but_an_estimate_does() -> None:
    """Each request is counted once, including its retries. The count is reserved with a margin, and never more than the
    bound.
    """
    counted = prompt_tokens(REQUEST)
    provider = Scripted([], counts=counted)
    budget = Budget(price(most_tokens(REQUEST)) - Decimal("0.001"))
    reservations = Reservations(budget, provider, MODEL)
    expected = price(int(counted * Decimal("1.05")) + ADDED + at_most(REQUEST.schema.text))
    for _ in range(3):
        reserved = reservations.reserve(REQUEST)
        assert reserved == expected
        budget.settle(reserved, Decimal(0))
    assert provider.counted == [REQUEST]


def test_nothing_is_counted_if_not_even_an_estimate_fits() -> None:
    provider = Scripted([], counts=1)
    reservations = Reservations(
        Budget(price(int(prompt_tokens(REQUEST) * MARGIN)) - Decimal("0.0001")), provider, MODEL
    )
    with pytest.raises(BudgetReached):
        reservations.reserve(REQUEST)
    assert provider.counted == []


def test_a_request_whose_count_is_near_the_bound_is_not_sent() -> None:
    """The service knows what it would bill for the cuneiform, so the request is not sent."""
    provider = Scripted([], counts=most_tokens(REQUEST) - ADDED)
    reservations = Reservations(Budget(price(most_tokens(REQUEST)) - Decimal("0.001")), provider, MODEL)
    with pytest.raises(BudgetReached):
        reservations.reserve(REQUEST)
    assert len(provider.counted) == 1


FAILURES = {
    "no such path": ProviderError(FailureKind.UNUSABLE, "404"),
    "no permission": ProviderError(FailureKind.UNUSABLE, "403"),
    "rate limited": ProviderError(FailureKind.RATE_LIMITED, "429"),
    "timed out": ProviderError(FailureKind.TRANSIENT, "timed out", timed_out=True),
    "rejected": ProviderError(FailureKind.ARTICLE, "400"),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_a_count_that_fails_is_not_tried_again(failure: ProviderError) -> None:
    """The request does not fit, as it would not without a counter; there is no other error."""
    provider = Scripted([], counts=failure)
    reservations = Reservations(Budget(price(most_tokens(REQUEST)) - Decimal("0.001")), provider, MODEL)
    for number in range(3):
        with pytest.raises(BudgetReached, match="more than the whole budget"):
            reservations.reserve(replace(REQUEST, user=REQUEST.user[:-1] + str(number)))
    assert len(provider.counted) == 1


def test_a_counter_that_was_too_low_is_not_trusted_again() -> None:
    """A reply used more than was reserved for it, so from then on only the bound counts."""
    provider = Scripted([], counts=100)
    budget = Budget(price(most_tokens(REQUEST)) - Decimal("0.001"))
    reservations = Reservations(budget, provider, MODEL)
    budget.settle(reservations.reserve(REQUEST), Decimal(0))
    reservations.learn(REQUEST, reply_of(input_tokens=most_tokens(REQUEST), inference_geo="us"))
    with pytest.raises(BudgetReached):
        reservations.reserve(REQUEST)


@pytest.mark.parametrize(
    "response",
    [
        httpx2.Response(200, text="<html>sign in</html>", headers={"content-type": "text/html"}),
        httpx2.Response(200, json={"input_tokens": None}),
        httpx2.Response(200, json={"input_tokens": -5}),
        httpx2.Response(200, json={"input_tokens": "many"}),
        httpx2.Response(200, json={}),
        httpx2.Response(200, text="{", headers={"content-type": "application/json"}),
        refused(404),
        refused(429),
        httpx2.ReadTimeout("late"),
    ],
    ids=["a page", "null", "negative", "text", "nothing", "cut off", "404", "429", "late"],
)
def test_an_answer_without_a_count_is_a_classified_error(response: httpx2.Response | Exception) -> None:
    """Whatever the answer is: the real SDK reads it from a mock transport."""
    with pytest.raises(ProviderError):
        AnthropicProvider(http_client=Wire(response).client).count_tokens(REQUEST, MODEL)


# What replies teach


def reserved_after(*replies: Reply, provider: Scripted | None = None, model: Model = MODEL) -> Decimal:
    """What the next attempt reserves, as a multiple of the worst case at list price."""
    reservations = Reservations(Budget(Decimal(10_000)), provider or Scripted([]), model)
    for reply in replies:
        reservations.learn(REQUEST, reply)
    listed = worst_case(model, most_tokens(REQUEST), REQUEST.max_tokens)
    assert listed is not None
    return reservations.reserve(REQUEST) / listed


@pytest.mark.parametrize(
    ("replies", "times"),
    [
        ([], "1.1"),
        ([reply_of(inference_geo="us")], "1.1"),
        ([reply_of(inference_geo="global")], "1"),
        ([reply_of(inference_geo="not_available")], "1"),
        ([reply_of()], "1"),
        ([reply_of(inference_geo="mars")], "1"),
        ([reply_of(inference_geo="global"), reply_of(inference_geo="us"), reply_of(inference_geo="global")], "1.1"),
        ([Reply.read(message("{}", tokens=None))], "1.1"),
    ],
    ids=["none yet", "us", "global", "an older model", "nothing", "elsewhere", "both", "no usage"],
)
def test_the_geography_of_a_workspace_is_reserved_until_a_reply_says_otherwise(
    replies: list[Reply], times: str
) -> None:
    """A workspace may prescribe a geography that costs more, and no request shows that."""
    assert reserved_after(*replies) == Decimal(times)


def test_a_custom_server_and_an_older_model_have_no_dearer_geography_until_a_reply_names_one() -> None:
    custom = Scripted([], endpoint="custom", base_url="http://127.0.0.1:1")
    assert reserved_after(provider=custom) == 1
    assert reserved_after(reply_of(inference_geo="us"), provider=custom) == Decimal("1.1")
    older = table().find("haiku-4-5")
    assert reserved_after(model=older) == 1
    assert reserved_after(reply_of(inference_geo="us", model=older.id), model=older) == 1


def test_a_geographic_profile_and_a_geography_are_not_added_up() -> None:
    provider = Scripted([], endpoint="bedrock", price_multiplier=Decimal("1.1"))
    assert reserved_after(provider=provider) == Decimal("1.1")
    assert reserved_after(reply_of(inference_geo="us"), provider=provider) == Decimal("1.1")


@pytest.mark.parametrize(
    ("names", "times"),
    [
        (["claude-opus-5-5"], 2),
        (["claude-opus-5-5", "claude-fable-5-2", "claude-opus-5-5"], 4),
        (["claude-haiku-4-5"], 1),
        (["a-model-of-tomorrow"], 1),
    ],
    ids=["a dearer model", "two dearer models", "a cheaper model", "a model without a price"],
)
def test_after_a_dearer_model_has_answered_its_worst_case_is_reserved(names: list[str], times: int) -> None:
    """All prices of Opus 5.5 are twice those of Sonnet 5.5, and those of Fable 5.2 four times."""
    assert reserved_after(*(reply_of(model=name) for name in names)) == times


# What is reported and decided with the same numbers


def test_a_custom_server_is_not_asked_to_count_and_the_run_names_a_sufficient_cap(
    tmp_path: Path, store_path: Path
) -> None:
    """It may count in one way and bill in another, so nothing is sent under a cap below the bound."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "long.txt").write_text("\n\n".join(text(number) for number in range(60)), "utf-8")
    with Service() as service:
        command = ("run", folder, "-o", tmp_path / "out", *to(service, store_path), "--concurrency", "1")
        assert here(*command, "--max-cost", "0.0001").code == 5
        assert service.paid == 0
        least = Decimal(run_facts(tmp_path / "out")["left_least_max_cost_usd"])
        assert here(*command, "--max-cost", str(least * Decimal("0.9"))).code == 5
        assert not service.ledger
        assert here(*command, "--max-cost", str(least)).code == 0
        assert {entry.kind for entry in service.ledger} == {"messages"}
        assert 0 < Decimal(run_facts(tmp_path / "out")["cost_usd"]) <= least


SHORT = [f"{number % 10}。" for number in range(9_000)]


def test_marks_of_paragraphs_count_as_part_of_an_article(tmp_path: Path, store_path: Path) -> None:
    """An article "of 18,508 tokens" was once sent as 659,131: it had very many paragraphs, and each is numbered."""
    source = source_of(SHORT, language="zh")
    sent = call_of(source=source).request
    without_article = call_of(source=source_of(["。"], language="zh")).request
    marked = shown_tokens(source)
    assert marked > 5 * estimate(source.text)
    assert abs(prompt_tokens(sent) - prompt_tokens(without_article) - marked) < 50
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("\n\n".join(SHORT), "utf-8")
    shown = shown_tokens(prepare(make_article("a.txt", (folder / "a.txt").read_bytes(), "text/plain")))
    assert f"about {shown:,} tokens (paragraph numbers included)" in here("inspect", folder / "a.txt").stdout
    assert "too_long" not in here("plan", folder, "--store", store_path).stdout
    with Service() as service:
        done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path))
        assert done.code == 3
        assert service.ledger == ()
    (record,) = records(tmp_path / "out")
    assert record["reason"]["code"] == "too_long"
    assert f"about {shown:,} tokens with the numbers of its" in record["reason"]["message"]
    assert record["reason"]["message"] in here("plan", folder, "--store", store_path).stdout


def test_no_mark_is_longer_than_the_limit_takes_it_to_be() -> None:
    """So articles that are certainly short are accepted without an estimate."""
    source = source_of(["a"] * 1_000)
    word = fence(source.text)
    last = numbered_paragraphs(source, source.paragraphs[-1:], word)
    room = len("99999999") - len("1000")
    assert len(last) - len("a") + len("\n") + room <= LONGEST_MARK < 2 * (len(last) + room)


def test_long_texts_are_not_held_for_their_estimates() -> None:
    """512 articles of 10 MB were once kept in memory for their estimates."""
    tracemalloc.start()
    try:
        for number in range(20):
            estimate(f"{number}" + "文" * 1_000_000)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 5_000_000
