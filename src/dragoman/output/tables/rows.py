"""The definition of the five tables: articles, claims, entities, quantities and findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dragoman.core.field_paths import claim_in
from dragoman.core.record import RecordDict
from dragoman.output.decision_matching import AppliedDecision, RecordDecisions
from dragoman.output.decisions import Verdict
from dragoman.output.tables.columns import Column, Item, Table, full_date, to_decimal

_ARTICLE_COLUMNS = (
    Column("article_id", "text", "Id of the article, as in records.jsonl."),
    Column("article_name", "text", "Path of the file, relative to the folder that was searched."),
    Column("language", "text", "BCP-47 tag of the article's language."),
)
_DECISION_COLUMNS = (
    Column("verdict", "text", "What a person decided: accepted, edited or rejected; empty if nobody decided."),
    Column("edited_en", "text", "The English text that the person wrote to replace the model's."),
    Column("decision_note", "text", "The person's note."),
    Column("decided_at", "moment", "When the person decided, in UTC."),
    Column("english_changed", "flag", "True if the English text has changed since the decision."),
)
_SUMMARY_FIELDS = ("title_en", "abstract", "published", "publisher", "author", "syndicated_from")
_SOURCE_FIELDS = ("language", "script", "characters", "file")


def _article_values(record: RecordDict) -> Item:
    article, source = record["article"], record["source"]
    return {
        "article_id": article["id"],
        "article_name": article["name"],
        "language": source["language"] if source else None,
    }


def _decision_values(applied: AppliedDecision | None) -> Item:
    if applied is None:
        return _NO_DECISION
    decision = applied.decision
    return {
        "verdict": decision.verdict,
        "edited_en": decision.edited,
        "decision_note": decision.note or None,
        "decided_at": decision.moment,
        "english_changed": applied.english_changed,
    }


_NO_DECISION: Item = dict.fromkeys(column.name for column in _DECISION_COLUMNS)


def _articles(record: RecordDict, decisions: RecordDecisions) -> Iterator[Item]:
    summary, source, reason = record["summary"], record["source"], record["reason"]
    severities = Counter(finding["severity"] for finding in record["findings"])
    verdicts: Counter[Verdict] = Counter(
        applied.decision.verdict for applied in (*decisions.claims.values(), *decisions.findings.values())
    )
    published = summary["published"] if summary else None
    yield {
        **_article_values(record),
        **record["article"],
        **({name: source[name] for name in _SOURCE_FIELDS} if source else dict.fromkeys(_SOURCE_FIELDS)),
        "source_file": source["file"] if source else None,
        "paragraphs": len(source["paragraphs"]) if source else None,
        "status": record["status"],
        "reason_code": reason["code"] if reason else None,
        "reason": reason["message"] if reason else None,
        **({name: summary[name] for name in _SUMMARY_FIELDS} if summary else dict.fromkeys(_SUMMARY_FIELDS)),
        "key_points": tuple(summary["key_points"]) if summary else None,
        "published_day": full_date(published),
        "claims": len(summary["claims"]) if summary else None,
        "errors": severities["error"],
        "warnings": severities["warning"],
        "notes": severities["note"],
        "open": sum(
            decisions.is_open(index, finding["severity"], claim_in(finding["field"]))
            for index, finding in enumerate(record["findings"])
        ),
        "accepted": verdicts["accepted"],
        "edited": verdicts["edited"],
        "rejected": verdicts["rejected"],
        "models": tuple(f"{task}: {facts['model']}" for task, facts in record["tasks"].items()),
        "origins": tuple(sorted({exchange["origin"] for exchange in record["exchanges"]})),
        "cost_usd": to_decimal(record["cost_usd"]),
    }


def _claims(record: RecordDict, decisions: RecordDecisions) -> Iterator[Item]:
    article = _article_values(record)
    findings = Counter([(claim_in(finding["field"]), finding["severity"]) for finding in record["findings"]])
    for claim in record["summary"]["claims"] if record["summary"] else ():
        name = claim["id"]
        yield {
            **article,
            **claim,
            **claim["evidence"],
            **_decision_values(decisions.claims.get(name)),
            "claim": name,
            "event_day": full_date(claim["event_date"]),
            "quantities": len(claim["quantities"]),
            "errors": findings[name, "error"],
            "warnings": findings[name, "warning"],
        }


def _entities(record: RecordDict, _: RecordDecisions) -> Iterator[Item]:
    article = _article_values(record)
    for number, entity in enumerate(record["summary"]["entities"] if record["summary"] else (), start=1):
        yield {**article, **entity, "number": number}


def _quantities(record: RecordDict, decisions: RecordDecisions) -> Iterator[Item]:
    article = _article_values(record)
    for claim in record["summary"]["claims"] if record["summary"] else ():
        for number, quantity in enumerate(claim["quantities"], start=1):
            yield {
                **article,
                **quantity,
                "bound": quantity.get("bound"),
                "low": to_decimal(quantity.get("low")),
                "high": to_decimal(quantity.get("high")),
                **_decision_values(decisions.claims.get(claim["id"])),
                "claim": claim["id"],
                "number": number,
                "value": to_decimal(quantity["value"]),
                "claim_en": claim["text_en"],
            }


def _findings(record: RecordDict, decisions: RecordDecisions) -> Iterator[Item]:
    article = _article_values(record)
    for index, finding in enumerate(record["findings"]):
        yield {
            **article,
            **finding,
            **_decision_values(decisions.findings.get(index)),
            "claim": claim_in(finding["field"]),
        }


ARTICLES = Table("articles", "One row per article.", _articles, (
    *_ARTICLE_COLUMNS,
    Column("script", "text", "ISO 15924 code of the script."),
    Column("status", "text", "ok, flagged, failed, refused, truncated, skipped or pending."),
    Column("reason_code", "text", "Why there is no complete answer, as a code from a closed list."),
    Column("reason", "text", "Why there is no complete answer, as a sentence."),
    Column("title_en", "text", "Title in English."),
    Column("abstract", "text", "Summary in English."),
    Column("key_points", "texts", "Key points in English."),
    Column("published", "text", "Date of publication as the text states it, partial ISO such as 2024-11 or --11-05."),
    Column("published_day", "date", "The date in `published`, if it has year, month and day."),
    Column("publisher", "text", "Publisher as the text states it."),
    Column("author", "text", "Author as the text states it."),
    Column("syndicated_from", "text", "Agency or outlet that the article was taken from, as the text states it."),
    Column("claims", "integer", "Number of claims; empty if there is no summary."),
    Column("errors", "integer", "Number of error findings."),
    Column("warnings", "integer", "Number of warning findings."),
    Column("notes", "integer", "Number of note findings."),
    Column("open", "integer", "Number of error and warning findings without a decision."),
    Column("accepted", "integer", "Number of claims and findings that a person accepted."),
    Column("edited", "integer", "Number of claims and findings that a person edited."),
    Column("rejected", "integer", "Number of claims and findings that a person rejected."),
    Column("characters", "integer", "Length of the source text in code points."),
    Column("paragraphs", "integer", "Number of paragraphs in the source text."),
    Column("source_file", "text", "Path of the source text, relative to the output folder."),
    Column("bytes", "integer", "Size of the file in bytes."),
    Column("media_type", "text", "text/plain, text/markdown or text/html."),
    Column("sha256", "text", "SHA-256 of the file's bytes."),
    Column("models", "texts", "Models that were asked, one per task."),
    Column("origins", "texts", "Where the replies come from: live, batch, altered or handwritten."),
    Column("cost_usd", "decimal", "Cost of all exchanges in US dollars; empty if unknown."),
))  # fmt: skip

CLAIMS = Table("claims", "One row per claim.", _claims, (
    *_ARTICLE_COLUMNS,
    Column("claim", "text", "Id of the claim within its article; findings refer to it."),
    Column("text_en", "text", "The statement in English, as the model wrote it."),
    *_DECISION_COLUMNS,
    Column("quote", "text", "The words of the source that support the claim."),
    Column("match", "text", "exact (letter for letter), normalized (equivalent forms) or absent (not in the source)."),
    Column("start", "integer", "Start of the quote in the source text, in code points from 0."),
    Column("end", "integer", "End of the quote: the first code point after it."),
    Column("paragraph", "integer", "Number of the paragraph that the model named, from 1."),
    Column("kind", "text", "fact, opinion or prediction."),
    Column("modality", "text", "asserted, reported, hedged or denied."),
    Column("speaker_en", "text", "Who says it, if it is not the article itself."),
    Column("speaker_source", "text", "Name of the speaker as printed in the source."),
    Column("event_date", "text", "Date of the event as the text states it, partial ISO such as 2024-11 or --11-05."),
    Column("event_day", "date", "The date in `event_date`, if it has year, month and day."),
    Column("quantities", "integer", "Number of figures in the claim; the table quantities has them."),
    Column("errors", "integer", "Number of error findings about the claim."),
    Column("warnings", "integer", "Number of warning findings about the claim."),
))  # fmt: skip

ENTITIES = Table("entities", "One row per name in an article.", _entities, (
    *_ARTICLE_COLUMNS,
    Column("number", "integer", "Position in the answer, from 1."),
    Column("name_en", "text", "The name in English."),
    Column("name_source", "text", "The name as printed in the source."),
    Column("kind", "text", "person, organization, place, product, event, work or other."),
))  # fmt: skip

QUANTITIES = Table("quantities", "One row per figure in a claim, as the model read it.", _quantities, (
    *_ARTICLE_COLUMNS,
    Column("claim", "text", "Id of the claim."),
    Column("number", "integer", "Position in the claim, from 1."),
    Column("quote", "text", "The figure with its unit, as printed."),
    Column("value", "decimal", "The value, with scale words multiplied out; empty if the figure is vague."),
    Column("unit", "text", "ISO 4217 code, % or the English noun that is counted; empty if the text states none."),
    Column("approximate", "flag", "True for about, at least, nearly and the like, as the model has it."),
    Column("bound", "text", "exact, about, at_least, more_than, at_most or less_than, as Dragoman reads the figure."),
    Column("low", "decimal", "The lower bound or the lower end of a range, as Dragoman reads it."),
    Column("high", "decimal", "The upper bound or the upper end of a range, as Dragoman reads it."),
    Column("claim_en", "text", "The claim in English, as the model wrote it."),
    *_DECISION_COLUMNS,
))  # fmt: skip

FINDINGS = Table("findings", "One row per finding of a local check.", _findings, (
    *_ARTICLE_COLUMNS,
    Column("severity", "text", "error, warning or note."),
    Column("check", "text", "Name of the check."),
    Column("claim", "text", "Id of the claim that the finding is about; empty if it is not about a claim."),
    Column("message", "text", "What the check found, as a sentence."),
    *_DECISION_COLUMNS,
    Column("field", "text", "Path of the field in the record."),
    Column("paragraph", "integer", "Number of the source paragraph, from 1."),
    Column("start", "integer", "Start of the range in the source text, in code points from 0."),
    Column("end", "integer", "End of the range: the first code point after it."),
    Column("expected", "text", "What the source has."),
    Column("got", "text", "What the answer has."),
))  # fmt: skip

TABLES: tuple[Table, ...] = (ARTICLES, CLAIMS, ENTITIES, QUANTITIES, FINDINGS)
