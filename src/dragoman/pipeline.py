"""One article through every stage, top to bottom: read, prepare, ask, parse, locate, check, record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dragoman import __about__, articles, tracing
from dragoman.articles import Article, Found
from dragoman.asking import Asker
from dragoman.checks import about
from dragoman.errors import ArticleError, DragomanError, ProviderError, RecordingMissing, ReplyRejected, StoreError
from dragoman.exchange import Exchange
from dragoman.gist import Gist, Kept, gist_of
from dragoman.language import looks_english
from dragoman.memo import Memo
from dragoman.once import once
from dragoman.pricing import plain
from dragoman.prompts import LONGEST_MARK
from dragoman.records import (
    ArticleFacts,
    CheckedSummary,
    ExchangeFacts,
    Reason,
    ReasonCode,
    Record,
    RetryFacts,
    SourceFacts,
    Status,
    StepFacts,
    TaskFacts,
    UsageFacts,
    worst,
)
from dragoman.repair import MOST_ROUNDS, carry_out
from dragoman.review import Review
from dragoman.schemas import Translation
from dragoman.source import Source, sha256
from dragoman.tasks import Asked, Call, Wording, pending, shown_tokens
from dragoman.tokens import MOST_PER_CHARACTER

SKIPPED: frozenset[ReasonCode] = frozenset({"empty", "unsupported", "english", "link_not_followed"})
"""What needs no call: not a failure of the article."""

Prepare = Callable[[Article], Source]


@dataclass(frozen=True)
class Outcome:
    """A record, the source it points into, and the error that left it pending, if one did."""

    known: Record | Kept
    """The record, or the line that it was kept as: mostly a `Gist` of it is enough."""
    source: Source | None
    error: DragomanError | None = None
    finished: bool = False
    """Answered to its end: asked again, it would come out the same."""
    unanswered: ProviderError | None = None
    """Why the repair of an answer was not answered."""
    unread: ArticleError | None = None
    """Why the article was not asked about, if that is the article's own fault."""

    @property
    def record(self) -> Record:
        return self.known.record if isinstance(self.known, Kept) else self.known

    @once
    def gist(self) -> Gist:
        return self.known.gist if isinstance(self.known, Kept) else gist_of(self.known)

    @once
    def line(self) -> bytes:
        """The record as it stands in ``records.jsonl``, without the line end."""
        return self.known.line if isinstance(self.known, Kept) else self.known.to_line()


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
    be sent back for correction. ``memo`` has the records that are finished. ``inline`` puts the source text
    into the record, for records that have no folder to point into.
    """

    prepare: Prepare
    asker: Asker
    wordings: Sequence[Wording]
    max_article_tokens: int
    max_file_bytes: int = articles.MAX_FILE_BYTES
    follow_links: bool = False
    retry: bool = False
    repairs: int = MOST_ROUNDS
    inline: bool = False
    memo: Memo | None = None

    def process(self, place: Found | Article) -> Outcome:
        """Whatever can happen to an article is a record; only a bug raises."""
        with tracing.article_span() as told:
            outcome = self._process(place)
            told.update(tracing.of_record(outcome.record) if tracing.configured() else {})
        return outcome

    def _process(self, place: Found | Article) -> Outcome:
        read = self.read(place)
        if read.record is not None:
            return Outcome(read.record, read.source, read.error, unread=read.unread)
        assert read.article is not None
        assert read.source is not None
        if self.memo is not None and (known := self.memo.recall(read.article)) is not None:
            self.asker.tally.add(hits=len(known.gist.exchanges))
            return Outcome(known, read.source)
        outcome = self.ask(read.article, read.source)
        if self.memo is not None and outcome.finished:
            self.memo.keep(read.article, Kept(outcome.gist, outcome.line))
        return outcome

    def read(self, place: Found | Article) -> Read:
        """Up to the point where something would be asked: ``record`` is set when nothing is."""
        article: Article | None = None
        try:
            article = place if isinstance(place, Article) else self._read_file(place)
            articles.check_size(article.name, article.size, self.max_file_bytes)
            source = self.prepare(article)
            self._worth_asking(source)
        except ArticleError as error:
            kept = error.source if isinstance(error, _NotAsked) else None
            return Read(article, kept, _unread(place, article, error, inline=self.inline), unread=error)
        except StoreError as error:
            trouble = ArticleError("store_trouble", str(error))
            record = _unread(place, article, trouble, status="pending", inline=self.inline)
            return Read(article, None, record, error)
        return Read(article, source)

    def _read_file(self, place: Found) -> Article:
        return articles.read(place, max_bytes=self.max_file_bytes, follow_links=self.follow_links)

    def ask(self, article: Article, source: Source) -> Outcome:
        """The tasks of a prepared article. What ends a run leaves the tasks that follow unasked."""

        def asked(call: Call, fresh: bool) -> Asked:
            return self.asker.ask(call, article, fresh=fresh)

        reviews: list[Review] = []
        stopped: DragomanError | None = None
        for wording in self.wordings:
            if stopped is None or isinstance(stopped, RecordingMissing):
                reviews.append(carry_out(wording, source, asked, retry=self.retry, rounds=self.repairs))
                stopped = reviews[-1].outcome.error or stopped
            else:
                reviews.append(Review(pending(wording, stopped)))
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


def not_reached(place: Found, wordings: Sequence[Wording], reason: Reason) -> Record:
    """The record of an article that a stopped run did not come to."""
    return _record(_facts(place, None), None, "pending", reason, _untouched(wordings, reason))


def record_of(article: Article, source: Source, reviews: Sequence[Review], *, inline: bool = False) -> Record:
    """The record that reviewed tasks give: the same exchanges give the same bytes."""
    outcomes = [review.outcome for review in reviews]
    summary = next((review.summary for review in reviews if review.summary), None)
    findings = [finding for review in reviews for finding in review.findings]
    findings += about(source, summary.boilerplate if summary else ())
    status = worst([outcome.status for outcome in outcomes])
    if status == "ok" and any(finding.severity == "error" for finding in findings):
        status = "flagged"
    reason = next((outcome.reason for outcome in outcomes if outcome.status == status), None)
    facts = {
        outcome.wording.task: TaskFacts(
            status=outcome.status,
            reason=outcome.reason,
            prompt=outcome.wording.prompt.name,
            prompt_sha256=outcome.wording.prompt.sha256,
            model=outcome.wording.model.id,
            cost_usd=plain(total(outcome.exchanges)) if outcome.exchanges else None,
        )
        for outcome in outcomes
    }
    exchanges = [exchange for outcome in outcomes for exchange in outcome.exchanges]
    described = _facts(article, article)
    return _record(
        described,
        source_facts(described, source, inline=inline),
        status,
        reason,
        facts,
        summary=summary,
        translation=next((review.translation for review in reviews if review.translation), None),
        findings=findings,
        exchanges=[exchange_facts(exchange) for exchange in exchanges],
        cost_usd=plain(total(exchanges)) if exchanges else None,
    )


def total(exchanges: Sequence[Exchange]) -> Decimal | None:
    """What exchanges cost together; None as soon as one price is unknown."""
    amounts = [exchange.cost_usd for exchange in exchanges]
    return sum((Decimal(a) for a in amounts if a is not None), Decimal(0)) if None not in amounts else None


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
    place: Found | Article,
    article: Article | None,
    error: ArticleError,
    *,
    inline: bool,
    status: Status | None = None,
) -> Record:
    code: ReasonCode = error.code  # type: ignore[assignment]  # ArticleErrors are raised with codes of the list
    facts = _facts(place, article)
    source = source_facts(facts, error.source, inline=inline) if article and isinstance(error, _NotAsked) else None
    status = status or ("skipped" if code in SKIPPED else "failed")
    return _record(facts, source, status, Reason(code=code, message=str(error)), {})


def _untouched(wordings: Sequence[Wording], reason: Reason) -> dict[str, TaskFacts]:
    return {
        wording.task: TaskFacts(
            status="pending",
            reason=reason,
            prompt=wording.prompt.name,
            prompt_sha256=wording.prompt.sha256,
            model=wording.model.id,
            cost_usd=None,
        )
        for wording in wordings
    }


def _facts(place: Found | Article, article: Article | None) -> ArticleFacts:
    if article is None:
        # Without bytes the name alone tells one unreadable file from another.
        return ArticleFacts(
            id=articles.article_id(place.name, sha256(place.name)),
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


def _record(
    article: ArticleFacts,
    source: SourceFacts | None,
    status: Status,
    reason: Reason | None,
    tasks: dict[str, TaskFacts],
    *,
    summary: CheckedSummary | None = None,
    translation: Translation | None = None,
    findings: Sequence[object] = (),
    exchanges: Sequence[ExchangeFacts] = (),
    cost_usd: str | None = None,
) -> Record:
    return Record(
        article=article,
        source=source,
        status=status,
        reason=reason,
        tasks=tasks,
        summary=summary,
        translation=translation,
        findings=list(findings),
        exchanges=list(exchanges),
        cost_usd=cost_usd,
        dragoman=__about__.VERSION,
    )
