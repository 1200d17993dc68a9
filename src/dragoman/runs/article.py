"""One article through every stage, top to bottom: read, prepare, ask, parse, locate, check, record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import get_args

from dragoman import __about__
from dragoman.asking.asker import Asker
from dragoman.core import tracing
from dragoman.core.article import Article, article_id
from dragoman.core.exchange import Exchange
from dragoman.core.header import StoredRecord
from dragoman.core.outcome import Outcome
from dragoman.core.record import (
    ArticleFacts,
    ExchangeFacts,
    Reason,
    Record,
    RetryFacts,
    SourceFacts,
    StepFacts,
    TaskFacts,
    UsageFacts,
    assemble_record,
    status_of,
    total_cost,
)
from dragoman.core.source import Source
from dragoman.core.text import sha256
from dragoman.core.tokens import MOST_PER_CHARACTER
from dragoman.errors import (
    ArticleError,
    DragomanError,
    ReasonCode,
    RecordingMissing,
    ReplyRejected,
    StoreError,
)
from dragoman.evidence.checks import check_source
from dragoman.reading import discover
from dragoman.reading.discover import ArticleFile
from dragoman.reading.language import looks_english
from dragoman.runs.finished import FinishedRecords
from dragoman.tasks.answering import Asked, pending
from dragoman.tasks.prompts import LONGEST_MARK
from dragoman.tasks.repair import MOST_ROUNDS, carry_out
from dragoman.tasks.requests import Call, TaskSpec, shown_tokens
from dragoman.tasks.review import Review

SKIPPED: frozenset[ReasonCode] = frozenset(code for code in get_args(ReasonCode) if status_of(code) == "skipped")
"""What needs no call: not a failure of the article."""

Prepare = Callable[[Article], Source]


@dataclass(frozen=True)
class Read:
    """An article as far as it goes without asking. ``record`` is its whole result when it goes no further."""

    article: Article | None
    source: Source | None
    record: Record | None = None
    error: DragomanError | None = None
    unread: ArticleError | None = None
    """Why it goes no further, if that is the article's own fault."""


@dataclass(frozen=True)
class Pipeline:
    """All that an article meets on its way. ``retry`` asks anew what was refused or failed before.

    ``max_article_tokens`` is the longest article, estimated, that is sent, and ``repairs`` how many times an answer may
    be sent back for correction. ``finished_records`` has the records that are finished. ``inline`` puts the source text
    into the record, for records that have no folder to point into.
    """

    prepare: Prepare
    asker: Asker
    specs: Sequence[TaskSpec]
    max_article_tokens: int
    max_file_bytes: int = discover.MAX_FILE_BYTES
    follow_links: bool = False
    retry: bool = False
    repairs: int = MOST_ROUNDS
    inline: bool = False
    finished_records: FinishedRecords | None = None

    def process(self, place: ArticleFile | Article) -> Outcome:
        """Whatever can happen to an article is a record; only a bug raises."""
        with tracing.article_span() as told:
            outcome = self._process(place)
            told.update(tracing.record_attributes(outcome.record) if tracing.is_active() else {})
        return outcome

    def _process(self, place: ArticleFile | Article) -> Outcome:
        read = self.read(place)
        if read.record is not None:
            return Outcome(read.record, read.source, read.error, unread=read.unread)
        assert read.article is not None
        assert read.source is not None
        if self.finished_records is not None and (known := self.finished_records.recall(read.article)) is not None:
            self.asker.counters.add(hits=len(known.header.exchanges))
            return Outcome(known, read.source)
        outcome = self.ask(read.article, read.source)
        if self.finished_records is not None and outcome.finished:
            self.finished_records.keep(read.article, StoredRecord(outcome.header, outcome.line))
        return outcome

    def read(self, place: ArticleFile | Article) -> Read:
        """Up to the point where something would be asked: ``record`` is set when nothing is."""
        article: Article | None = None
        try:
            article = place if isinstance(place, Article) else self._read_file(place)
            discover.check_size(article.name, article.size, self.max_file_bytes)
            source = self.prepare(article)
            self._worth_asking(source)
        except ArticleError as error:
            kept = error.source if isinstance(error, _NotAsked) else None
            return Read(article, kept, _unread(place, article, error, inline=self.inline), unread=error)
        except StoreError as error:
            trouble = ArticleError("store_trouble", str(error))
            record = _unread(place, article, trouble, inline=self.inline)
            return Read(article, None, record, error)
        return Read(article, source)

    def _read_file(self, place: ArticleFile) -> Article:
        return discover.read(place, max_bytes=self.max_file_bytes, follow_links=self.follow_links)

    def ask(self, article: Article, source: Source) -> Outcome:
        """The tasks of a prepared article. What ends a run leaves the tasks that follow unasked."""

        def asked(call: Call, fresh: bool) -> Asked:
            return self.asker.ask(call, article, fresh=fresh)

        reviews: list[Review] = []
        stopped: DragomanError | None = None
        for spec in self.specs:
            if stopped is None or isinstance(stopped, RecordingMissing):
                reviews.append(carry_out(spec, source, asked, retry=self.retry, rounds=self.repairs))
                stopped = reviews[-1].outcome.error or stopped
            else:
                reviews.append(Review(pending(spec, stopped)))
        finished = all(review.finished for review in reviews)
        unanswered = next((review.unanswered for review in reviews if review.unanswered), None)
        record = record_of(article, source, reviews, inline=self.inline)
        return Outcome(record, source, stopped, finished, unanswered)

    def _worth_asking(self, source: Source) -> None:
        if looks_english(source.language, source.text):
            raise _NotAsked("english", "the article is already in English", source)
        most = len(source.text) + len(source.paragraphs) * LONGEST_MARK
        if most * MOST_PER_CHARACTER <= self.max_article_tokens:
            return  # without the work of an estimate
        tokens = shown_tokens(source)
        if tokens > self.max_article_tokens:
            raise _NotAsked(
                "too_long",
                f"about {tokens:,} tokens with the numbers of its {len(source.paragraphs):,} paragraphs; the limit is "
                f"{self.max_article_tokens:,} (max_article_tokens)",
                source,
            )


class _NotAsked(ArticleError):
    """An article that was read and is not sent; its record keeps the source."""

    def __init__(self, code: ReasonCode, message: str, source: Source) -> None:
        super().__init__(code, message)
        self.source = source


def not_reached(place: ArticleFile, specs: Sequence[TaskSpec], reason: Reason) -> Record:
    """The record of an article that a stopped run did not come to."""
    return _unasked(_facts(place, None), None, reason, _untouched(specs, reason))


def record_of(article: Article, source: Source, reviews: Sequence[Review], *, inline: bool = False) -> Record:
    """The record that reviewed tasks give: the same exchanges give the same bytes."""
    outcomes = [review.outcome for review in reviews]
    summary = next((review.summary for review in reviews if review.summary), None)
    findings = [finding for review in reviews for finding in review.findings]
    findings += check_source(source, summary.boilerplate if summary else ())
    tasks = {
        outcome.spec.task: TaskFacts(
            status=outcome.status,
            reason=outcome.reason,
            prompt=outcome.spec.prompt.name,
            prompt_sha256=outcome.spec.prompt.sha256,
            model=outcome.spec.model.id,
            cost_usd=total_cost([exchange.cost_usd for exchange in outcome.exchanges]),
        )
        for outcome in outcomes
    }
    exchanges = [exchange for outcome in outcomes for exchange in outcome.exchanges]
    described = _facts(article, article)
    return assemble_record(
        article=described,
        source=source_facts(described, source, inline=inline),
        tasks=tasks,
        summary=summary,
        translation=next((review.translation for review in reviews if review.translation), None),
        findings=findings,
        exchanges=[exchange_facts(exchange) for exchange in exchanges],
        dragoman=__about__.VERSION,
    )


def source_facts(article: ArticleFacts, source: Source, *, inline: bool) -> SourceFacts:
    """What a record says of its source."""
    return SourceFacts(
        language=source.language,
        script=source.script,
        encoding=source.encoding,
        encoding_from=source.encoding_from,
        characters=len(source.text),
        sha256=sha256(source.text),
        paragraphs=[(p.start, p.end) for p in source.paragraphs],
        file=None if inline else f"sources/{article.id}.txt",
        text=source.text if inline else None,
        steps=[StepFacts(start=s.start, end=s.end, replacement=s.replacement, reason=s.reason) for s in source.steps],
        notes=list(source.notes),
    )


def exchange_facts(exchange: Exchange) -> ExchangeFacts:
    """What a record says of one exchange it rests on."""
    try:
        reply = exchange.reply
    except ReplyRejected:
        reply = None
    return ExchangeFacts(
        key=exchange.key,
        task=exchange.task,
        role=exchange.role,
        origin=exchange.origin,
        endpoint=exchange.endpoint,
        model=exchange.request.model,
        model_answered=reply.model if reply else None,
        stop_reason=reply.stop_reason if reply else None,
        structured=exchange.structured,
        usage=UsageFacts(**reply.usage.to_json()) if reply and reply.usage else None,
        cost_usd=exchange.cost_usd,
        price_table=exchange.price_table,
        attempts=exchange.attempts,
        retries=[RetryFacts(why=retry.why, waited=retry.waited) for retry in exchange.retries],
        created_at=exchange.created_at,
    )


def _unread(
    place: ArticleFile | Article,
    article: Article | None,
    error: ArticleError,
    *,
    inline: bool,
) -> Record:
    facts = _facts(place, article)
    source = source_facts(facts, error.source, inline=inline) if article and isinstance(error, _NotAsked) else None
    return _unasked(facts, source, Reason(code=error.code, message=str(error)), {})


def _untouched(specs: Sequence[TaskSpec], reason: Reason) -> dict[str, TaskFacts]:
    return {
        spec.task: TaskFacts(
            status=status_of(reason.code),
            reason=reason,
            prompt=spec.prompt.name,
            prompt_sha256=spec.prompt.sha256,
            model=spec.model.id,
            cost_usd=None,
        )
        for spec in specs
    }


def _facts(place: ArticleFile | Article, article: Article | None) -> ArticleFacts:
    if article is None:
        # Without bytes the name alone tells one unreadable file from another.
        return ArticleFacts(
            id=article_id(place.name, sha256(place.name)),
            name=place.name,
            sha256=None,
            bytes=None,
            media_type=None,
        )
    return ArticleFacts(
        id=article.id,
        name=article.name,
        sha256=article.sha256,
        bytes=article.size,
        media_type=article.media_type,
    )


def _unasked(
    article: ArticleFacts,
    source: SourceFacts | None,
    reason: Reason,
    tasks: dict[str, TaskFacts],
) -> Record:
    """The record of an article that was not asked about."""
    return Record(
        article=article,
        source=source,
        status=status_of(reason.code),
        reason=reason,
        tasks=tasks,
        summary=None,
        translation=None,
        findings=[],
        exchanges=[],
        cost_usd=None,
        dragoman=__about__.VERSION,
    )
