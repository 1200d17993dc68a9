"""Read the stored replies of ``OUT`` again, with today's parser and checks. No calls, nothing paid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from dragoman.asking.replay import StoredReplyAsker
from dragoman.config import Settings
from dragoman.core.article import Article
from dragoman.core.exchange import Exchange
from dragoman.core.models import table
from dragoman.core.outcome import Outcome
from dragoman.core.record import ExchangeFacts, Record
from dragoman.core.run_report import RunReport
from dragoman.errors import ConfigError, RecordingMissing
from dragoman.output.read import read_records, read_source
from dragoman.output.rebuild import locked, replace_records
from dragoman.output.run_file import read_run
from dragoman.runs.article import record_of
from dragoman.runs.waiting import check_has_any
from dragoman.store.recordings import Recordings
from dragoman.store.sqlite.store import Store
from dragoman.tasks.answering import TaskOutcome
from dragoman.tasks.prompts import Prompt, PromptLibrary
from dragoman.tasks.repair import carry_out
from dragoman.tasks.requests import TaskSpec
from dragoman.tasks.review import Review

Find = Callable[[ExchangeFacts], Exchange | None]
"""The kept exchange that a record names, or None."""


def recheck(folder: Path, settings: Settings) -> list[Outcome]:
    """Check a folder again and put its new records in place: an outcome for each, in order.

    The replies are searched where the last run into the folder had them, or where ``settings`` say. Raises
    `RepliesElsewhere` when the store has none of them, `ConfigError` when no reply at all is found, or when the folder
    does not hold together.
    """
    with locked(folder):
        records = list(read_records(folder))
        run = read_run(folder)
        with ExitStack() as stack:
            find = _search(stack, folder, records, run, settings)
            prompts = PromptLibrary(*settings.prompt_folders, follow_links=settings.follow_links)
            outcomes = check_again(folder, find, prompts)
        lost = [outcome.error for outcome in outcomes if outcome.error]
        if lost and len(lost) == sum(bool(record.exchanges) for record in records):
            raise ConfigError(str(lost[0]))
        replace_records(folder, outcomes)
        return outcomes


def _search(stack: ExitStack, folder: Path, records: Sequence[Record], run: RunReport, settings: Settings) -> Find:
    """What finds a stored reply, in the recordings or else in the store; ``stack`` closes the store."""
    replayed = settings.recordings or (Path(run.recordings) if run.recordings else None)
    library = Recordings(replayed) if replayed is not None and replayed.is_dir() else None
    path = settings.store or (Path(run.store) if run.store else settings.store_path)
    live = any(e.origin in ("live", "batch") for record in records for e in record.exchanges)
    store = stack.enter_context(Store(path)) if live and path.exists() else None
    if live and library is None:
        check_has_any(store, path, folder, run, records)

    def find(facts: ExchangeFacts) -> Exchange | None:
        found = library.find(facts.key) if library else None
        if store is None or (found is not None and found.created_at == facts.created_at):
            return found
        base_url = run.base_url if facts.endpoint == "custom" else None
        return store.find_exact(facts.key, facts.endpoint, facts.created_at, base_url) or found

    return find


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
    asker = StoredReplyAsker(kept)
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
