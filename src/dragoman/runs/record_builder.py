"""Build the Record of one article: from reviewed tasks, or from the reason why the article was not asked about.

Nothing here depends on the run or the clock: the same article, source and exchanges give the same record, byte for
byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dragoman import __about__
from dragoman.core.article import Article, article_id
from dragoman.core.assemble import assemble_record, status_of, total_cost
from dragoman.core.exchange import SERVICE_ORIGINS, Exchange, Reply
from dragoman.core.field_paths import task_path
from dragoman.core.models import other_model, table
from dragoman.core.prices import price_terms
from dragoman.core.record import (
    ArticleFacts,
    ExchangeFacts,
    Finding,
    Reason,
    Record,
    RetryFacts,
    SourceFacts,
    StepFacts,
    TaskFacts,
    UsageFacts,
)
from dragoman.core.source import Source
from dragoman.core.text import sha256
from dragoman.errors import ReplyRejected
from dragoman.evidence.checks import check_source
from dragoman.evidence.checks.finding import finding
from dragoman.reading.discover import ArticleFile
from dragoman.tasks.requests import TaskSpec
from dragoman.tasks.review import Review


def record_of(article: Article, source: Source, reviews: Sequence[Review], *, inline: bool = False) -> Record:
    """The record of an article whose tasks were reviewed; with ``inline`` it contains the source text."""
    outcomes = [review.outcome for review in reviews]
    summary = next((review.summary for review in reviews if review.summary), None)
    findings = [finding for review in reviews for finding in review.findings]
    findings += check_source(source, summary.boilerplate if summary else ())
    findings += [finding for outcome in outcomes for finding in _other_models(outcome.exchanges)]
    findings += [finding for outcome in outcomes for finding in _price_terms(outcome.exchanges)]
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
    article_facts = _article_facts(article)
    return assemble_record(
        article=article_facts,
        source=source_facts(article_facts, source, inline=inline),
        tasks=tasks,
        summary=summary,
        translation=next((review.translation for review in reviews if review.translation), None),
        findings=findings,
        exchanges=[exchange_facts(exchange) for exchange in exchanges],
        dragoman=__about__.VERSION,
    )


def unasked_record(
    article: ArticleFile | Article, reason: Reason, *, source: Source | None = None, inline: bool = False
) -> Record:
    """The record of an article that is not asked about, because of ``reason``.

    ``article`` is an `ArticleFile` when the file could not be read. ``source`` is given when the article was read and
    prepared all the same.
    """
    facts = _article_facts(article)
    return _without_answers(facts, source_facts(facts, source, inline=inline) if source else None, reason, {})


def unreached_record(article: ArticleFile, specs: Sequence[TaskSpec], reason: Reason) -> Record:
    """The record of an article that the run had not reached when it ended early, because of ``reason``."""
    tasks = {
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
    return _without_answers(_article_facts(article), None, reason, tasks)


def source_facts(article: ArticleFacts, source: Source, *, inline: bool) -> SourceFacts:
    """The ``source`` of a record: with its text if ``inline``, otherwise with the name of a file for the text."""
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
    """An entry of a record's ``exchanges``. The fields that come from the reply are None if it cannot be read."""
    reply = _reply_of(exchange)
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


def _reply_of(exchange: Exchange) -> Reply | None:
    """The reply of an exchange; None if it cannot be read."""
    try:
        return exchange.reply
    except ReplyRejected:
        return None


def _service_replies(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, Reply, str]]:
    """The replies of a service that can be read, each with its exchange and the path of the answer to its task."""
    for exchange in exchanges:
        reply = _reply_of(exchange) if exchange.origin in SERVICE_ORIGINS else None
        if reply is not None:
            yield exchange, reply, task_path("translation" if exchange.task == "translation" else "summary")


def _other_models(exchanges: Sequence[Exchange]) -> list[Finding]:
    """A warning for each other model than the one asked that answered one task."""
    found: dict[str, Finding] = {}
    for exchange, reply, path in _service_replies(exchanges):
        other = other_model(exchange.request.model, reply.model)
        if other is None or other.id in found:
            continue
        price = "the price is that of the model that answered" if other.known else "no price is known for it"
        message = f"{other.id or 'a model without a name'} answered, but {exchange.request.model} was asked; {price}"
        found[other.id] = finding("service.model", "warning", path, message, got=reply.model)
    return list(found.values())


def _price_terms(exchanges: Sequence[Exchange]) -> list[Finding]:
    """A finding for each kind of terms that changed the price of replies of one task, or made it unknown."""
    found: dict[str, Finding] = {}
    for exchange, reply, path in _service_replies(exchanges):
        terms = price_terms(table().find(exchange.request.model), reply)
        # The price is the one that was stored when the reply came; an earlier table may have known other terms.
        if terms is None or terms.known != (exchange.cost_usd is not None):
            continue
        message = "this reply cost" if terms.known else "the price of this reply is unknown:"
        message += f" {terms.text}"
        found.setdefault(message, finding("service.price", "note" if terms.known else "warning", path, message))
    return list(found.values())


def _article_facts(article: ArticleFile | Article) -> ArticleFacts:
    if isinstance(article, ArticleFile):
        # Without the bytes, only the name distinguishes one unreadable file from another.
        return ArticleFacts(
            id=article_id(article.name, sha256(article.name)),
            name=article.name,
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


def _without_answers(
    article: ArticleFacts, source: SourceFacts | None, reason: Reason, tasks: Mapping[str, TaskFacts]
) -> Record:
    return Record(
        article=article,
        source=source,
        status=status_of(reason.code),
        reason=reason,
        tasks=dict(tasks),
        summary=None,
        translation=None,
        findings=[],
        exchanges=[],
        cost_usd=None,
        dragoman=__about__.VERSION,
    )
