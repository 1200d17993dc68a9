"""The five tables: articles, claims, entities, quantities, findings. This is their one definition."""

# ruff: noqa: E501  # a column a line reads as a table

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from dragoman.records import CheckedClaim, Finding, Record
from dragoman.reports.decisions import Verdict
from dragoman.reports.matching import Applied, Decided, claim_of
from dragoman.reports.tables.columns import Column, Table, Value, amount, whole_day
from dragoman.schemas import Entity, StatedQuantity


@dataclass(frozen=True, slots=True)
class _Article:
    record: Record
    decided: Decided


@dataclass(frozen=True, slots=True)
class _Claim(_Article):
    claim: CheckedClaim

    @property
    def applied(self) -> Applied | None:
        return self.decided.claims.get(self.claim.id)


@dataclass(frozen=True, slots=True)
class _Entity(_Article):
    number: int
    entity: Entity


@dataclass(frozen=True, slots=True)
class _Quantity(_Claim):
    number: int
    quantity: StatedQuantity


@dataclass(frozen=True, slots=True)
class _Finding(_Article):
    index: int
    finding: Finding

    @property
    def applied(self) -> Applied | None:
        return self.decided.findings.get(self.index)


def _articles(record: Record, decided: Decided) -> Iterator[_Article]:
    yield _Article(record, decided)


def _claims(record: Record, decided: Decided) -> Iterator[_Claim]:
    for claim in record.summary.claims if record.summary else ():
        yield _Claim(record, decided, claim)


def _entities(record: Record, decided: Decided) -> Iterator[_Entity]:
    for number, entity in enumerate(record.summary.entities if record.summary else (), start=1):
        yield _Entity(record, decided, number, entity)


def _quantities(record: Record, decided: Decided) -> Iterator[_Quantity]:
    for row in _claims(record, decided):
        for number, quantity in enumerate(row.claim.quantities, start=1):
            yield _Quantity(record, decided, row.claim, number, quantity)


def _findings(record: Record, decided: Decided) -> Iterator[_Finding]:
    for index, finding in enumerate(record.findings):
        yield _Finding(record, decided, index, finding)


def _severities(findings: list[Finding], severity: str) -> int:
    return sum(finding.severity == severity for finding in findings)


def _of_claim(row: _Claim, severity: str) -> int:
    mine = [finding for finding in row.record.findings if claim_of(finding) == row.claim.id]
    return _severities(mine, severity)


def _verdicts(row: _Article, verdict: Verdict) -> int:
    applied = [*row.decided.claims.values(), *row.decided.findings.values()]
    return sum(one.decision.verdict == verdict for one in applied)


def _reason(field: str) -> Callable[[_Article], Any]:
    return lambda row: getattr(row.record.reason, field) if row.record.reason else None


def _key_points(row: _Article) -> Value:
    return tuple(row.record.summary.key_points) if row.record.summary else None


def _models(row: _Article) -> Value:
    return tuple(f"{task}: {facts.model}" for task, facts in row.record.tasks.items())


def _origins(row: _Article) -> Value:
    return tuple(sorted({exchange.origin for exchange in row.record.exchanges}))


def _note(row: _Claim | _Finding) -> Value:
    return (row.applied.decision.note or None) if row.applied else None


def _summary(field: str) -> Callable[[_Article], Any]:
    return lambda row: getattr(row.record.summary, field) if row.record.summary else None


def _source(field: str) -> Callable[[_Article], Any]:
    return lambda row: getattr(row.record.source, field) if row.record.source else None


def _decision(field: str) -> Callable[[_Claim | _Finding], Any]:
    return lambda row: getattr(row.applied.decision, field) if row.applied else None


def _changed(row: _Claim | _Finding) -> Value:
    return row.applied.english_changed if row.applied else None


_WHOSE: tuple[Column[_Article], ...] = (
    Column("article_id", "text", "Id of the article, as in records.jsonl.", lambda row: row.record.article.id),
    Column("article_name", "text", "Path below the folder it was found in.", lambda row: row.record.article.name),
    Column("language", "text", "BCP-47 tag of the article's language.", _source("language")),
)
_VERDICT: tuple[Column[_Claim | _Finding], ...] = (
    Column("verdict", "text", "What a person decided: accepted, edited, rejected; empty when nobody has.", _decision("verdict")),
    Column("edited_en", "text", "The English that the person put in the place of the model's.", _decision("edited")),
    Column("decision_note", "text", "The person's note.", _note),
    Column("decided_at", "moment", "When it was decided, UTC.", _decision("moment")),
    Column("english_changed", "flag", "True when the English is no longer the one that was decided on.", _changed),
)  # fmt: skip

ARTICLES: Table[_Article] = Table("articles", "One row an article.", _articles, (
    *_WHOSE,
    Column("script", "text", "ISO 15924 code of the script.", _source("script")),
    Column("status", "text", "ok, flagged, failed, refused, truncated, skipped or pending.", lambda row: row.record.status),
    Column("reason_code", "text", "Why there is no whole answer, from a closed list.", _reason("code")),
    Column("reason", "text", "The same in a sentence.", _reason("message")),
    Column("title_en", "text", "Title in English.", _summary("title_en")),
    Column("abstract", "text", "Summary in English.", _summary("abstract")),
    Column("key_points", "texts", "Key points in English.", _key_points),
    Column("published", "text", "Date of publication as the text states it, partial ISO such as 2024-11 or --11-05.", _summary("published")),
    Column("published_day", "date", "The same where it is a whole day.", lambda row: whole_day(_summary("published")(row))),
    Column("publisher", "text", "Publisher as stated.", _summary("publisher")),
    Column("author", "text", "Author as stated.", _summary("author")),
    Column("syndicated_from", "text", "Agency or outlet it was taken from, as stated.", _summary("syndicated_from")),
    Column("claims", "integer", "Number of claims; empty without a summary.", lambda row: len(row.record.summary.claims) if row.record.summary else None),
    Column("errors", "integer", "Error findings.", lambda row: _severities(row.record.findings, "error")),
    Column("warnings", "integer", "Warning findings.", lambda row: _severities(row.record.findings, "warning")),
    Column("notes", "integer", "Note findings.", lambda row: _severities(row.record.findings, "note")),
    Column("open", "integer", "Error and warning findings that nobody has decided.", lambda row: len(list(row.decided.open(row.record)))),
    Column("accepted", "integer", "Claims and findings that a person accepted.", lambda row: _verdicts(row, "accepted")),
    Column("edited", "integer", "Claims and findings that a person edited.", lambda row: _verdicts(row, "edited")),
    Column("rejected", "integer", "Claims and findings that a person rejected.", lambda row: _verdicts(row, "rejected")),
    Column("characters", "integer", "Code points of the source text.", _source("characters")),
    Column("paragraphs", "integer", "Paragraphs of the source text.", lambda row: len(row.record.source.paragraphs) if row.record.source else None),
    Column("source_file", "text", "The source text, relative to the output folder.", _source("file")),
    Column("bytes", "integer", "Size of the file.", lambda row: row.record.article.bytes),
    Column("media_type", "text", "text/plain, text/markdown or text/html.", lambda row: row.record.article.media_type),
    Column("sha256", "text", "SHA-256 of the file's bytes.", lambda row: row.record.article.sha256),
    Column("models", "texts", "Models that were asked, one a task.", _models),
    Column("origins", "texts", "Where the replies come from: live, batch, altered, handwritten.", _origins),
    Column("cost_usd", "decimal", "US dollars, all exchanges together; empty when unknown.", lambda row: amount(row.record.cost_usd)),
))  # fmt: skip

CLAIMS: Table[_Claim] = Table("claims", "One row a claim.", _claims, (
    *_WHOSE,
    Column("claim", "text", "Id of the claim within its article; findings name it.", lambda row: row.claim.id),
    Column("text_en", "text", "The statement in English, as the model wrote it.", lambda row: row.claim.text_en),
    *_VERDICT,
    Column("quote", "text", "The source words that carry it.", lambda row: row.claim.quote),
    Column("match", "text", "exact (letter for letter), normalized (equivalent forms), absent (not in the source).", lambda row: row.claim.evidence.match),
    Column("start", "integer", "Where the quote starts in the source text, in code points from 0.", lambda row: row.claim.evidence.start),
    Column("end", "integer", "Where it ends (first code point after it).", lambda row: row.claim.evidence.end),
    Column("paragraph", "integer", "Number of the paragraph that the model named, from 1.", lambda row: row.claim.paragraph),
    Column("kind", "text", "fact, opinion or prediction.", lambda row: row.claim.kind),
    Column("modality", "text", "asserted, reported, hedged or denied.", lambda row: row.claim.modality),
    Column("speaker_en", "text", "Who says it, when it is not the article.", lambda row: row.claim.speaker_en),
    Column("speaker_source", "text", "The speaker's name as printed in the source.", lambda row: row.claim.speaker_source),
    Column("event_date", "text", "When it happened as stated, partial ISO such as 2024-11 or --11-05.", lambda row: row.claim.event_date),
    Column("event_day", "date", "The same where it is a whole day.", lambda row: whole_day(row.claim.event_date)),
    Column("quantities", "integer", "Number of figures in it; they are in the table quantities.", lambda row: len(row.claim.quantities)),
    Column("errors", "integer", "Error findings on it.", lambda row: _of_claim(row, "error")),
    Column("warnings", "integer", "Warning findings on it.", lambda row: _of_claim(row, "warning")),
))  # fmt: skip

ENTITIES: Table[_Entity] = Table("entities", "One row a name in an article.", _entities, (
    *_WHOSE,
    Column("number", "integer", "Place in the answer, from 1.", lambda row: row.number),
    Column("name_en", "text", "Name in English.", lambda row: row.entity.name_en),
    Column("name_source", "text", "Name as printed in the source.", lambda row: row.entity.name_source),
    Column("kind", "text", "person, organization, place, product, event, work or other.", lambda row: row.entity.kind),
))  # fmt: skip

QUANTITIES: Table[_Quantity] = Table("quantities", "One row a figure of a claim, as the model read it.", _quantities, (
    *_WHOSE,
    Column("claim", "text", "Id of the claim.", lambda row: row.claim.id),
    Column("number", "integer", "Place in the claim, from 1.", lambda row: row.number),
    Column("quote", "text", "The figure with its unit, as printed.", lambda row: row.quantity.quote),
    Column("value", "decimal", "Its value, scale words multiplied out; empty when it is vague.", lambda row: amount(row.quantity.value)),
    Column("unit", "text", "ISO 4217 code, % or the English noun counted; empty when the text states none.", lambda row: row.quantity.unit),
    Column("approximate", "flag", "True for about, at least, nearly and the like.", lambda row: row.quantity.approximate),
    Column("claim_en", "text", "The claim in English, as the model wrote it.", lambda row: row.claim.text_en),
    *_VERDICT,
))  # fmt: skip

FINDINGS: Table[_Finding] = Table("findings", "One row a finding of a local check.", _findings, (
    *_WHOSE,
    Column("severity", "text", "error, warning or note.", lambda row: row.finding.severity),
    Column("check", "text", "Name of the check.", lambda row: row.finding.check),
    Column("claim", "text", "Id of the claim that it is about.", lambda row: claim_of(row.finding)),
    Column("message", "text", "What was seen, in a sentence.", lambda row: row.finding.message),
    *_VERDICT,
    Column("field", "text", "Path into the record.", lambda row: row.finding.field),
    Column("paragraph", "integer", "Number of the source paragraph, from 1.", lambda row: row.finding.paragraph),
    Column("start", "integer", "Where in the source text, in code points from 0.", lambda row: row.finding.start),
    Column("end", "integer", "Where it ends.", lambda row: row.finding.end),
    Column("expected", "text", "What the source has.", lambda row: row.finding.expected),
    Column("got", "text", "What the answer has.", lambda row: row.finding.got),
))  # fmt: skip

TABLES: tuple[Table[Any], ...] = (ARTICLES, CLAIMS, ENTITIES, QUANTITIES, FINDINGS)
