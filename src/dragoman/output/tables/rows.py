"""The five tables: articles, claims, entities, quantities, findings. This is their one definition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dragoman.core.field_paths import claim_in
from dragoman.core.record import Plain
from dragoman.output.decision_matching import AppliedDecision, RecordDecisions
from dragoman.output.decisions import Verdict
from dragoman.output.tables.columns import Column, Item, Table, amount, whole_day

_WHOSE = (
    Column("article_id", "text", "Id of the article, as in records.jsonl."),
    Column("article_name", "text", "Path below the folder it was found in."),
    Column("language", "text", "BCP-47 tag of the article's language."),
)
_VERDICT = (
    Column("verdict", "text", "What a person decided: accepted, edited, rejected; empty when nobody has."),
    Column("edited_en", "text", "The English that the person put in the place of the model's."),
    Column("decision_note", "text", "The person's note."),
    Column("decided_at", "moment", "When it was decided, UTC."),
    Column("english_changed", "flag", "True when the English is no longer the one that was decided on."),
)
_SAID = ("title_en", "abstract", "published", "publisher", "author", "syndicated_from")
_READ = ("language", "script", "characters", "file")


def _whose(record: Plain) -> Item:
    article, source = record["article"], record["source"]
    return {
        "article_id": article["id"],
        "article_name": article["name"],
        "language": source["language"] if source else None,
    }


def _verdict(applied: AppliedDecision | None) -> Item:
    if applied is None:
        return _UNDECIDED
    decision = applied.decision
    return {
        "verdict": decision.verdict,
        "edited_en": decision.edited,
        "decision_note": decision.note or None,
        "decided_at": decision.moment,
        "english_changed": applied.english_changed,
    }


_UNDECIDED: Item = dict.fromkeys(column.name for column in _VERDICT)


def _articles(record: Plain, decided: RecordDecisions) -> Iterator[Item]:
    summary, source, reason = record["summary"], record["source"], record["reason"]
    severities = Counter(finding["severity"] for finding in record["findings"])
    verdicts: Counter[Verdict] = Counter(
        applied.decision.verdict for applied in (*decided.claims.values(), *decided.findings.values())
    )
    published = summary["published"] if summary else None
    yield {
        **_whose(record),
        **record["article"],
        **({name: source[name] for name in _READ} if source else dict.fromkeys(_READ)),
        "source_file": source["file"] if source else None,
        "paragraphs": len(source["paragraphs"]) if source else None,
        "status": record["status"],
        "reason_code": reason["code"] if reason else None,
        "reason": reason["message"] if reason else None,
        **({name: summary[name] for name in _SAID} if summary else dict.fromkeys(_SAID)),
        "key_points": tuple(summary["key_points"]) if summary else None,
        "published_day": whole_day(published),
        "claims": len(summary["claims"]) if summary else None,
        "errors": severities["error"],
        "warnings": severities["warning"],
        "notes": severities["note"],
        "open": sum(
            decided.is_open(index, finding["severity"], claim_in(finding["field"]))
            for index, finding in enumerate(record["findings"])
        ),
        "accepted": verdicts["accepted"],
        "edited": verdicts["edited"],
        "rejected": verdicts["rejected"],
        "models": tuple(f"{task}: {facts['model']}" for task, facts in record["tasks"].items()),
        "origins": tuple(sorted({exchange["origin"] for exchange in record["exchanges"]})),
        "cost_usd": amount(record["cost_usd"]),
    }


def _claims(record: Plain, decided: RecordDecisions) -> Iterator[Item]:
    whose = _whose(record)
    findings = Counter([(claim_in(finding["field"]), finding["severity"]) for finding in record["findings"]])
    for claim in record["summary"]["claims"] if record["summary"] else ():
        name = claim["id"]
        yield {
            **whose,
            **claim,
            **claim["evidence"],
            **_verdict(decided.claims.get(name)),
            "claim": name,
            "event_day": whole_day(claim["event_date"]),
            "quantities": len(claim["quantities"]),
            "errors": findings[name, "error"],
            "warnings": findings[name, "warning"],
        }


def _entities(record: Plain, _: RecordDecisions) -> Iterator[Item]:
    whose = _whose(record)
    for number, entity in enumerate(record["summary"]["entities"] if record["summary"] else (), start=1):
        yield {**whose, **entity, "number": number}


def _quantities(record: Plain, decided: RecordDecisions) -> Iterator[Item]:
    whose = _whose(record)
    for claim in record["summary"]["claims"] if record["summary"] else ():
        for number, quantity in enumerate(claim["quantities"], start=1):
            yield {
                **whose,
                **quantity,
                **_verdict(decided.claims.get(claim["id"])),
                "claim": claim["id"],
                "number": number,
                "value": amount(quantity["value"]),
                "claim_en": claim["text_en"],
            }


def _findings(record: Plain, decided: RecordDecisions) -> Iterator[Item]:
    whose = _whose(record)
    for index, finding in enumerate(record["findings"]):
        yield {
            **whose,
            **finding,
            **_verdict(decided.findings.get(index)),
            "claim": claim_in(finding["field"]),
        }


ARTICLES = Table("articles", "One row an article.", _articles, (
    *_WHOSE,
    Column("script", "text", "ISO 15924 code of the script."),
    Column("status", "text", "ok, flagged, failed, refused, truncated, skipped or pending."),
    Column("reason_code", "text", "Why there is no whole answer, from a closed list."),
    Column("reason", "text", "The same in a sentence."),
    Column("title_en", "text", "Title in English."),
    Column("abstract", "text", "Summary in English."),
    Column("key_points", "texts", "Key points in English."),
    Column("published", "text", "Date of publication as the text states it, partial ISO such as 2024-11 or --11-05."),
    Column("published_day", "date", "The same where it is a whole day."),
    Column("publisher", "text", "Publisher as stated."),
    Column("author", "text", "Author as stated."),
    Column("syndicated_from", "text", "Agency or outlet it was taken from, as stated."),
    Column("claims", "integer", "Number of claims; empty without a summary."),
    Column("errors", "integer", "Error findings."),
    Column("warnings", "integer", "Warning findings."),
    Column("notes", "integer", "Note findings."),
    Column("open", "integer", "Error and warning findings that nobody has decided."),
    Column("accepted", "integer", "Claims and findings that a person accepted."),
    Column("edited", "integer", "Claims and findings that a person edited."),
    Column("rejected", "integer", "Claims and findings that a person rejected."),
    Column("characters", "integer", "Code points of the source text."),
    Column("paragraphs", "integer", "Paragraphs of the source text."),
    Column("source_file", "text", "The source text, relative to the output folder."),
    Column("bytes", "integer", "Size of the file."),
    Column("media_type", "text", "text/plain, text/markdown or text/html."),
    Column("sha256", "text", "SHA-256 of the file's bytes."),
    Column("models", "texts", "Models that were asked, one a task."),
    Column("origins", "texts", "Where the replies come from: live, batch, altered, handwritten."),
    Column("cost_usd", "decimal", "US dollars, all exchanges together; empty when unknown."),
))  # fmt: skip

CLAIMS = Table("claims", "One row a claim.", _claims, (
    *_WHOSE,
    Column("claim", "text", "Id of the claim within its article; findings name it."),
    Column("text_en", "text", "The statement in English, as the model wrote it."),
    *_VERDICT,
    Column("quote", "text", "The source words that carry it."),
    Column("match", "text", "exact (letter for letter), normalized (equivalent forms), absent (not in the source)."),
    Column("start", "integer", "Where the quote starts in the source text, in code points from 0."),
    Column("end", "integer", "Where it ends (first code point after it)."),
    Column("paragraph", "integer", "Number of the paragraph that the model named, from 1."),
    Column("kind", "text", "fact, opinion or prediction."),
    Column("modality", "text", "asserted, reported, hedged or denied."),
    Column("speaker_en", "text", "Who says it, when it is not the article."),
    Column("speaker_source", "text", "The speaker's name as printed in the source."),
    Column("event_date", "text", "When it happened as stated, partial ISO such as 2024-11 or --11-05."),
    Column("event_day", "date", "The same where it is a whole day."),
    Column("quantities", "integer", "Number of figures in it; they are in the table quantities."),
    Column("errors", "integer", "Error findings on it."),
    Column("warnings", "integer", "Warning findings on it."),
))  # fmt: skip

ENTITIES = Table("entities", "One row a name in an article.", _entities, (
    *_WHOSE,
    Column("number", "integer", "Place in the answer, from 1."),
    Column("name_en", "text", "Name in English."),
    Column("name_source", "text", "Name as printed in the source."),
    Column("kind", "text", "person, organization, place, product, event, work or other."),
))  # fmt: skip

QUANTITIES = Table("quantities", "One row a figure of a claim, as the model read it.", _quantities, (
    *_WHOSE,
    Column("claim", "text", "Id of the claim."),
    Column("number", "integer", "Place in the claim, from 1."),
    Column("quote", "text", "The figure with its unit, as printed."),
    Column("value", "decimal", "Its value, scale words multiplied out; empty when it is vague."),
    Column("unit", "text", "ISO 4217 code, % or the English noun counted; empty when the text states none."),
    Column("approximate", "flag", "True for about, at least, nearly and the like."),
    Column("claim_en", "text", "The claim in English, as the model wrote it."),
    *_VERDICT,
))  # fmt: skip

FINDINGS = Table("findings", "One row a finding of a local check.", _findings, (
    *_WHOSE,
    Column("severity", "text", "error, warning or note."),
    Column("check", "text", "Name of the check."),
    Column("claim", "text", "Id of the claim that it is about."),
    Column("message", "text", "What was seen, in a sentence."),
    *_VERDICT,
    Column("field", "text", "Path into the record."),
    Column("paragraph", "integer", "Number of the source paragraph, from 1."),
    Column("start", "integer", "Where in the source text, in code points from 0."),
    Column("end", "integer", "Where it ends."),
    Column("expected", "text", "What the source has."),
    Column("got", "text", "What the answer has."),
))  # fmt: skip

TABLES: tuple[Table, ...] = (ARTICLES, CLAIMS, ENTITIES, QUANTITIES, FINDINGS)
