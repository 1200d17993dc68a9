"""Builders for tests of the report: small records, records of hostile texts, and a report in a folder."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from dragoman.core.answers import Translation
from dragoman.core.record import ArticleFacts, CheckedClaim, CheckedSummary, Finding, Record, SourceFacts
from dragoman.core.source import Source, numbered
from dragoman.core.text import sha256
from dragoman.output.decisions import Decision
from dragoman.output.html.report import ReportWriter

Made = tuple[Record, Source | None]

RLO, RLI = "\u202e", "\u2067"

HOSTILE = {
    "end of a script": "</script><script>document.title='owned'</script>",
    "end of a style": "</style><img src=x onerror=\"document.title='owned'\">",
    "comment that opens": "<!-- <script> -->",
    "end of CDATA": "]]> <![CDATA[",
    "markup": "<b onmouseover=\"document.title='owned'\">bold</b> <a href='javascript:document.title=1'>x</a>",
    "address of a script": "javascript:document.title='owned'",
    "entities": "&lt;b&gt; &amp;amp; &#x202e; &nbsp;",
    "quotation marks": "\"'`\" onload=\"document.title='owned'\" '",
    "line separators": "one\u2028two\u2029three",
    "override that never ends": f"{RLO}txt.exe {RLI}never closed",
    "null and bell": "before\x00after\x07",
    "template marks": "${document.title='owned'} {{7*7}} @overview@ @blocks@ @script@",
    "one very long word": "w" * 5000,
    "astral": "😀 𠮷野家 👩‍👩‍👧",
    "a formula": '=HYPERLINK("http://127.0.0.1/","x")',
}


def claim_of(
    source: str, quote: str, text_en: str = "Something happened.", number: int = 1, **others: Any
) -> CheckedClaim:
    """A claim with the first place of ``quote`` in ``source`` as evidence; absent if there is none."""
    start = source.find(quote)
    place = [(start, start + len(quote))] if start >= 0 else []
    evidence = {
        "match": "exact" if place else "absent",
        "start": start if place else None,
        "end": start + len(quote) if place else None,
        "parts": place,
        "others": [],
    }
    values: dict[str, Any] = {
        "text_en": text_en,
        "paragraph": 1,
        "quote": quote,
        "kind": "fact",
        "modality": "asserted",
        "speaker_en": None,
        "speaker_source": None,
        "event_date": None,
        "quantities": [],
        "id": f"c{number}",
        "evidence": evidence,
        **others,
    }
    return CheckedClaim.model_validate(values)


def finding_of(check: str = "value.differs", severity: str = "error", **others: Any) -> Finding:
    """A finding; fields that are not given are null."""
    values: dict[str, Any] = {
        **dict.fromkeys(("field", "paragraph", "start", "end", "expected", "got")),
        "check": check,
        "severity": severity,
        "message": "the figures differ",
        **others,
    }
    return Finding.model_validate(values)


def record_of(
    texts: Sequence[str],
    claims: Sequence[CheckedClaim] = (),
    findings: Sequence[Finding] = (),
    *,
    name: str = "a.txt",
    language: str = "vi",
    script: str = "Latn",
    translation: Sequence[str] | None = None,
    status: str | None = None,
    **summary: Any,
) -> Made:
    """A record and its source, which has one paragraph per text."""
    text = "\n".join(texts)
    ranges, start = [], 0
    for piece in texts:
        ranges.append((start, start + len(piece)))
        start += len(piece) + 1
    digest = sha256(name + text)
    values: dict[str, Any] = {
        "title_en": f"Title of {name}",
        "abstract": "What it says, in short.",
        "key_points": ["One.", "Two.", "Three."],
        **dict.fromkeys(("published", "publisher", "author", "syndicated_from")),
        "entities": [],
        "boilerplate": [],
        "claims": list(claims),
        **summary,
    }
    translated = [{"paragraph": n, "text_en": english} for n, english in enumerate(translation or (), start=1)]
    flagged = any(finding.severity == "error" for finding in findings)
    record = Record(
        article=ArticleFacts(
            id=f"a-{digest[:10]}", name=name, sha256=digest, bytes=len(text.encode()), media_type="text/plain"
        ),
        source=SourceFacts(
            language=language,
            script=script,
            encoding="utf-8",
            encoding_from="utf-8",
            characters=len(text),
            sha256=sha256(text),
            paragraphs=ranges,
            file=f"sources/a-{digest[:10]}.txt",
            steps=[],
            notes=[],
        ),
        status=status or ("flagged" if flagged else "ok"),
        reason=None,
        tasks={},
        summary=CheckedSummary.model_validate(values),
        translation=Translation.model_validate({"paragraphs": translated}) if translation else None,
        findings=list(findings),
        exchanges=[],
        cost_usd=None,
        dragoman="0.1.0",
    )
    source = Source(text, numbered(ranges), language, script, "utf-8", "utf-8", extracted=text)
    return record, source


def failed_record(name: str = "broken.bin") -> Made:
    """A record of a file that could not be read."""
    digest = sha256(name)
    return (
        Record.model_validate(
            {
                "schema": "dragoman.record/1",
                "article": {"id": f"b-{digest[:10]}", "name": name, "sha256": digest, "bytes": 4, "media_type": None},
                "source": None,
                "status": "failed",
                "reason": {"code": "binary", "message": f"{name} is not text"},
                "tasks": {},
                "summary": None,
                "translation": None,
                "findings": [],
                "exchanges": [],
                "cost_usd": None,
                "dragoman": "0.1.0",
            }
        ),
        None,
    )


def hostile_record(words: str) -> Made:
    """A record in which every text that an article or a model can choose is ``words``."""
    quantity = {"quote": words, "value": "4000000", "unit": words, "approximate": True}
    claim = claim_of(
        words,
        words,
        words,
        speaker_en=words,
        speaker_source=f"{words}!",
        event_date="2026-11-08",
        quantities=[quantity],
    )
    placed: dict[str, Any] = {"start": 0, "end": len(words), "paragraph": 1}
    findings = [
        finding_of(field="claims.c1.text_en", expected=f"{words} 1", got=f"{words} 2", message=words, **placed),
        finding_of("instructions.article", "warning", field="source", got=words, message=words, **placed),
        finding_of("language", "note", field="translation.1", message=words),
    ]
    return record_of(
        [words],
        [claim],
        findings,
        name=f"{words[:200]}.txt",
        translation=[words],
        title_en=words,
        abstract=words,
        key_points=[words],
        publisher=words,
        author=words,
        syndicated_from=words,
        entities=[{"name_en": words, "name_source": f"{words}?", "kind": "person"}],
    )


def write_report(folder: Path, made: Iterable[Made], decisions: Sequence[Decision] = ()) -> Path:
    """Write the report of these records into ``folder``; returns the path of ``report.html``."""
    folder.mkdir(parents=True, exist_ok=True)
    with ReportWriter(folder, decisions) as pages:
        for record, source in made:
            pages.add(record.to_dict(), source.text if source is not None else None)
        return pages.finish()


def unpacked(text: str) -> Any:
    """The value in a block that `blocks.compressed` made of JSON."""
    return json.loads(gzip.decompress(base64.b64decode(text)))
