"""Parse and check the stored replies of an output folder again, with the current parser and checks. Sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from dragoman.asking.replay import StoredReplyAsker
from dragoman.config import Settings
from dragoman.core.article import Article
from dragoman.core.exchange import SERVICE_ORIGINS, Exchange
from dragoman.core.models import table
from dragoman.core.outcome import Outcome
from dragoman.core.record import ExchangeFacts, Record
from dragoman.core.run_report import RunReport
from dragoman.errors import ConfigError, RecordingMissing
from dragoman.output.read import read_records, read_source
from dragoman.output.rebuild import locked, replace_records
from dragoman.output.run_file import read_run
from dragoman.runs.missing_replies import check_has_any
from dragoman.runs.record_builder import record_of
from dragoman.store.recordings import Recordings
from dragoman.store.sqlite.store import Store
from dragoman.tasks.answering import TaskOutcome
from dragoman.tasks.prompts import Prompt, PromptLibrary
from dragoman.tasks.repair import carry_out
from dragoman.tasks.requests import TaskSpec
from dragoman.tasks.review import Review

FindExchange = Callable[[ExchangeFacts], Exchange | None]
"""Finds the stored exchange that a record names; None if it is not there."""


def recheck(folder: Path, settings: Settings) -> list[Outcome]:
    """Check the records of a folder again and replace them. Gives an outcome for each record, in order.

    The replies are looked up where ``settings`` say, or else where the latest run into the folder had them. Raises
    `RepliesElsewhere` when the store has none of them, and `ConfigError` when no reply at all is found or the files of
    the folder contradict each other.
    """
    with locked(folder):
        records = list(read_records(folder))
        run = read_run(folder)
        with ExitStack() as stack:
            find_exchange = _open_search(stack, folder, records, run, settings)
            prompts = PromptLibrary(*settings.prompt_folders, follow_links=settings.follow_links)
            outcomes = recheck_records(folder, records, find_exchange, prompts)
        errors = [outcome.error for outcome in outcomes if outcome.error]
        if errors and len(errors) == sum(bool(record.exchanges) for record in records):
            raise ConfigError(str(errors[0]), hint=errors[0].hint)
        replace_records(folder, outcomes)
        return outcomes


def _open_search(
    stack: ExitStack, folder: Path, records: Sequence[Record], run: RunReport, settings: Settings
) -> FindExchange:
    """A function that finds a stored exchange in the recordings or else in the store, which ``stack`` closes."""
    recordings = settings.recordings or (Path(run.recordings) if run.recordings else None)
    library = Recordings(recordings) if recordings is not None and recordings.is_dir() else None
    path = settings.store or (Path(run.store) if run.store else settings.store_path)
    is_live = any(e.origin in SERVICE_ORIGINS for record in records for e in record.exchanges)
    store = stack.enter_context(Store(path)) if is_live and path.exists() else None
    if is_live and library is None:
        check_has_any(store, path, folder, run, records)

    def find_exchange(facts: ExchangeFacts) -> Exchange | None:
        recorded = library.find(facts.key) if library else None
        if store is None or (recorded is not None and recorded.created_at == facts.created_at):
            return recorded
        base_url = run.base_url if facts.endpoint == "custom" else None
        return store.find_exact(facts.key, facts.endpoint, facts.created_at, base_url) or recorded

    return find_exchange


def recheck_records(
    folder: Path, records: Iterable[Record], find_exchange: FindExchange, prompts: PromptLibrary
) -> list[Outcome]:
    """An outcome for each of the ``records`` of ``folder``, in order. A record without replies, or whose replies are
    not all found, stays as it is; in the second case its outcome has an error.

    A record keeps the prompts and the model that it was made with. Raises `ConfigError` when the files of the folder
    contradict each other, or a prompt is not available.
    """
    outcomes = []
    for record in records:
        try:
            outcomes.append(_recheck_record(folder, record, find_exchange, prompts))
        except RecordingMissing as error:
            outcomes.append(Outcome(record, read_source(folder, record), error))
    return outcomes


def _recheck_record(folder: Path, record: Record, find_exchange: FindExchange, prompts: PromptLibrary) -> Outcome:
    source = read_source(folder, record)
    if source is None or not record.exchanges:
        return Outcome(record, source)
    exchanges: list[Exchange] = []
    for exchange_facts in record.exchanges:
        exchange = find_exchange(exchange_facts)
        if exchange is None:
            raise RecordingMissing(
                f"a reply that the record of {record.article.name} depends on was not found (key "
                f"{exchange_facts.key[:15]}…); choose the store or the folder of recordings that has it"
            )
        exchanges.append(exchange)
    asker = StoredReplyAsker(exchanges)
    article = _article(record)
    reviews: list[Review] = []
    for task, facts in record.tasks.items():
        prompt = _same_prompt(prompts, facts.prompt, facts.prompt_sha256)
        spec = TaskSpec(prompt, prompts.get("reask"), prompts.get("repair"), table().find(facts.model))
        if any(exchange.task == task for exchange in exchanges):
            rounds = max((exchange.round for exchange in exchanges if exchange.role == "repair"), default=0)
            review = carry_out(
                spec,
                source,
                lambda call, _: asker.ask(call, article),
                rounds=rounds,
                is_stored=asker.has_reply,
            )
            if facts.status == "pending" and review.summary is not None:
                # Its repair is still to be asked for.
                review = replace(review, outcome=replace(review.outcome, status="pending", reason=facts.reason))
            reviews.append(review)
        else:
            reviews.append(Review(TaskOutcome(spec, facts.status, facts.reason, None, ())))
    checked = record_of(article, source, reviews)
    # The offsets of the steps count in the extracted text, which the folder does not have: the old steps are copied.
    assert checked.source is not None
    assert record.source is not None
    new_source = checked.source.model_copy(update={"steps": record.source.steps})
    return Outcome(checked.model_copy(update={"source": new_source}), source)


def _same_prompt(prompts: PromptLibrary, name: str, digest: str) -> Prompt:
    """The prompt that a record was made with. Raises `ConfigError` when the prompt of that name is another one."""
    prompt = prompts.get(name)
    if prompt.sha256 != digest:
        raise ConfigError(
            f"the prompt {name} is not the one that the records were made with ({digest[:12]}); choose the folder that "
            "has it (prompt_folders)"
        )
    return prompt


def _article(record: Record) -> Article:
    """The article as its record describes it, without its bytes, which are no longer needed."""
    return Article(
        name=record.article.name,
        content=b"",
        media_type=record.article.media_type or "text/plain",
        sha256=record.article.sha256 or "",
        size=record.article.bytes or 0,
    )
