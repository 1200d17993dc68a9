"""A well-formed answer that says nothing about its article is never ``ok``: it is refused or invalid, asked again with
``--retry``, and `dragoman check` comes to the same result."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import articles, files, here, records, stored, to
from tests.support.service import Answer, Service, answer

REFUSAL = "I'm sorry, but I can't help with summarizing this article because it may be protected by copyright."
SENTENCE = "The local authorities published new figures."
FLUENT = "".join(chr(ord("a") + (7 * n * n + n) % 26) + (" " if n % 6 == 5 else "") for n in range(6000))

Change = Callable[[dict[str, Any]], dict[str, Any]]


def texts(title: str, abstract: str, *points: str) -> Change:
    """Everything that the answer says is one of these texts, and it has no claims."""
    said = {"title_en": title, "abstract": abstract, "key_points": list(points), "claims": [], "entities": []}
    return lambda good: {**good, **said}


def changed(**fields: Any) -> Change:
    return lambda good: {**good, **fields}


def with_claims(text: str) -> Change:
    """The same words in each claim."""
    return lambda good: {**good, "claims": [{**good["claims"][0], "text_en": text, "quantities": []}] * 12}


EMPTY: dict[str, tuple[Change, str, int]] = {
    "a refusal inside the JSON": (texts("Unable to process", REFUSAL, REFUSAL), "refused", 1),
    "a refusal as an AI": (texts("Summary", "As an AI language model, I cannot summarize this text."), "refused", 1),
    "no claim and no key point": (changed(claims=[], key_points=[], entities=[]), "failed", 2),
    "N/A everywhere": (texts("N/A", "N/A", "N/A", "N/A", "N/A"), "failed", 2),
    "TBD": (texts("TBD", "TBD", "TBD"), "failed", 2),
    "the names of types": (texts("string", "string", "string"), "failed", 2),
    "the schema's own words": (texts("Title", "2 to 4 English sentences.", "3 to 7 English sentences."), "failed", 2),
    "please provide the article": (texts("No article", "Please provide the article to summarize."), "failed", 2),
    "no content was provided": (changed(abstract="No content was provided."), "failed", 2),
    "a refusal in a full answer": (changed(abstract=REFUSAL), "failed", 2),
    "one sentence in the abstract": (changed(abstract=f"{SENTENCE} " * 300), "failed", 2),
    "one sentence in all key points": (changed(key_points=[SENTENCE] * 20), "failed", 2),
    "one sentence in all claims": (with_claims(SENTENCE), "failed", 2),
    "thousands of characters": (changed(abstract=FLUENT), "failed", 2),
}


@pytest.mark.parametrize(("change", "status", "asked"), EMPTY.values(), ids=EMPTY)
def test_an_answer_that_says_nothing_is_never_ok(
    change: Change, status: str, asked: int, tmp_path: Path, store_path: Path
) -> None:
    """A refusal is paid for once, any other such answer goes back once with the reason. The next run asks nothing and
    tells of ``--retry``, which asks again; `check` writes the same bytes."""
    out, is_empty = tmp_path / "out", True

    def script(_: int, body: dict[str, Any]) -> Answer | None:
        return Answer(json.dumps(change(json.loads(answer(body))), ensure_ascii=False)) if is_empty else None

    with Service(script=script) as service:
        command = ("run", articles(tmp_path / "in", 1), "-o", out, *to(service, store_path))
        done = here(*command)
        assert done.code == 3, done.stderr
        (record,) = records(out)
        assert (record["status"], record["summary"], len(service.ledger)) == (status, None, asked)
        before = files(out)
        assert here("check", out).code == 3
        assert files(out) == before
        again = here(*command)
        assert (again.code, len(service.ledger)) == (3, asked)
        assert "--retry" in again.stderr
        is_empty = False
        assert here(*command, "--retry").code == 0
        assert len(service.ledger) == asked + 1
    assert records(out)[0]["status"] == "ok"


def test_what_is_asked_again_says_what_was_wrong(tmp_path: Path, store_path: Path) -> None:
    """The second request names each text that said nothing, and a good second answer is the answer."""
    out = tmp_path / "out"

    def script(number: int, body: dict[str, Any]) -> Answer | None:
        bad = texts("N/A", "N/A", "TBD")
        return Answer(json.dumps(bad(json.loads(answer(body))))) if number == 1 else None

    with Service(script=script) as service:
        done = here("run", articles(tmp_path / "in", 1), "-o", out, *to(service, store_path))
        assert done.code == 0, done.stderr
        assert len(service.ledger) == 2
        sent = json.dumps(service.ledger[1].body, ensure_ascii=False)
    assert "abstract: “N/A” holds the place of a text and says nothing" in sent
    assert "key_points.1: “TBD” holds the place of a text and says nothing" in sent


@pytest.mark.parametrize(
    "change",
    [
        changed(title_en="I cannot summarize this article."),
        changed(key_points=[SENTENCE, "A second sentence about the figures.", REFUSAL]),
        lambda good: {**good, "claims": [*good["claims"], {**good["claims"][0], "text_en": "N/A", "quantities": []}]},
        changed(claims=[]),
    ],
    ids=["the title refuses", "a key point refuses", "a claim is a placeholder", "no claim"],
)
def test_one_text_that_says_nothing_flags_the_article(change: Change, tmp_path: Path, store_path: Path) -> None:
    """The rest of the answer is kept; with ``--strict`` the exit code is 3."""
    out = tmp_path / "out"
    with Service(
        script=lambda _, body: Answer(json.dumps(change(json.loads(answer(body))), ensure_ascii=False))
    ) as service:
        command = ("run", articles(tmp_path / "in", 1), "-o", out, *to(service, store_path))
        done = here(*command, "--repairs", "0", "--strict")
    assert done.code == 3, done.stderr
    (record,) = records(out)
    assert record["status"] == "flagged"
    assert record["summary"] is not None


@pytest.mark.parametrize(
    ("text", "status", "asked"),
    [("I'm sorry, but I can't translate this paragraph.", "refused", 1), ("N/A", "failed", 2)],
    ids=["refusals", "placeholders"],
)
def test_a_translation_that_says_nothing_is_no_translation(
    text: str, status: str, asked: int, tmp_path: Path, store_path: Path
) -> None:
    """When every paragraph is like that."""
    out = tmp_path / "out"

    def script(_: int, body: dict[str, Any]) -> Answer:
        good = json.loads(answer(body))
        return Answer(json.dumps({"paragraphs": [{**entry, "text_en": text} for entry in good["paragraphs"]]}))

    with Service(script=script) as service:
        command = ("run", articles(tmp_path / "in", 1), "-o", out, *to(service, store_path))
        assert here(*command, "--task", "translation").code == 3
        assert len(service.ledger) == asked
    assert records(out)[0]["tasks"]["translation"]["status"] == status
    assert stored(store_path)["exchanges"] == asked
