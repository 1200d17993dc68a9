"""Read the stored replies of ``OUT`` again, with today's parser and checks. No calls, nothing paid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dragoman.asking.replay import KeptAsker
from dragoman.core.article import Article
from dragoman.core.exchange import Exchange
from dragoman.core.models import table
from dragoman.core.outcome import Outcome
from dragoman.core.record import ExchangeFacts, Record
from dragoman.errors import ConfigError, RecordingMissing
from dragoman.output.folder import read_records, read_source
from dragoman.runs.article import record_of
from dragoman.tasks.answering import TaskOutcome
from dragoman.tasks.prompts import Prompt, PromptLibrary
from dragoman.tasks.repair import carry_out
from dragoman.tasks.requests import TaskSpec
from dragoman.tasks.review import Review

Find = Callable[[ExchangeFacts], Exchange | None]
"""The kept exchange that a record names, or None."""


def check_again(folder: Path, find: Find, prompts: PromptLibrary) -> list[Outcome]:
    """An outcome for each record of ``folder``, in order; what has no reply, or lost it, stays as it is.

    A record keeps the prompts and model it was asked with. Raises
    `ConfigError` when the folder does not hold together.
    """
    outcomes = []
    for record in read_records(folder):
        try:
            outcomes.append(_again(folder, record, find, prompts))
        except RecordingMissing as error:
            outcomes.append(Outcome(record, read_source(folder, record), error))
    return outcomes


def _again(folder: Path, record: Record, find: Find, prompts: PromptLibrary) -> Outcome:
    source = read_source(folder, record)
    if source is None or not record.exchanges:
        return Outcome(record, source)
    kept: list[Exchange] = []
    for named in record.exchanges:
        exchange = find(named)
        if exchange is None:
            raise RecordingMissing(
                f"a reply that {record.article.name} rests on is not at hand (key {named.key[:15]}…); "
                "name its place with --store PATH or --recordings DIR"
            )
        kept.append(exchange)
    asker = KeptAsker(kept)
    article = _article(record)
    reviews: list[Review] = []
    for name, facts in record.tasks.items():
        prompt = _as_asked(prompts, facts.prompt, facts.prompt_sha256)
        spec = TaskSpec(prompt, prompts.get("reask"), prompts.get("repair"), table().find(facts.model))
        if any(exchange.task == name for exchange in kept):
            rounds = max((exchange.round for exchange in kept if exchange.role == "repair"), default=0)
            again = carry_out(spec, source, lambda call, _: asker.ask(call, article), rounds=rounds)
            if facts.status == "pending" and again.summary is not None:
                # Its repair is still to be asked for.
                again = replace(again, outcome=replace(again.outcome, status="pending", reason=facts.reason))
            reviews.append(again)
        else:
            reviews.append(Review(TaskOutcome(spec, facts.status, facts.reason, None, ())))
    checked = record_of(article, source, reviews)
    # The steps count in the extracted text, which the folder does not hold: they stay as they were recorded.
    assert checked.source is not None
    assert record.source is not None
    described = checked.source.model_copy(update={"steps": record.source.steps})
    return Outcome(checked.model_copy(update={"source": described}), source)


def _as_asked(prompts: PromptLibrary, name: str, digest: str) -> Prompt:
    prompt = prompts.get(name)
    if prompt.sha256 != digest:
        raise ConfigError(
            f"prompt {name} is not the one that was asked with ({digest[:12]}): name its folder with --prompts DIR"
        )
    return prompt


def _article(record: Record) -> Article:
    """The article as its record describes it: its bytes are no longer needed."""
    return Article(
        name=record.article.name,
        content=b"",
        media_type=record.article.media_type or "text/plain",
        sha256=record.article.sha256 or "",
        size=record.article.bytes or 0,
    )
