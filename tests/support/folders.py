"""Output folders for tests: the samples, chosen records, records of hostile texts, and decisions."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dragoman.core.record import Finding, Record
from dragoman.output.decisions import read_decisions
from dragoman.output.read import read_records
from dragoman.output.tables import open_tables
from dragoman.reading.discover import ArticleFile, read
from dragoman.runs.session import prepare
from tests.support.commands import ROOT, SAMPLES

EXPECTED = ROOT / "samples" / "expected" / "records.jsonl"
HOSTILE: list[dict[str, str]] = json.loads((ROOT / "tests/cases/hostile_texts.json").read_text("utf-8"))
"""Label and text."""


def sample_folder(folder: Path) -> Path:
    """A folder with the records and sources of the samples, as a run writes them."""
    (folder / "sources").mkdir(parents=True)
    shutil.copy(EXPECTED, folder / "records.jsonl")
    for record in read_records(folder):
        source = prepare(read(ArticleFile(record.article.name, str(SAMPLES / record.article.name))))
        (folder / "sources" / f"{record.article.id}.txt").write_bytes(source.text.encode())
    return folder


def write_records(folder: Path, records: Iterable[Record]) -> Path:
    """A folder that has only these records."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "records.jsonl").write_bytes("".join(record.to_json() + "\n" for record in records).encode())
    return folder


def write_tables(folder: Path, records: Iterable[Record], formats: tuple[str, ...] = ("csv",)) -> list[str]:
    """Write the tables of a folder with its decisions; returns the notes."""
    with open_tables(folder, read_decisions(folder), formats) as writer:
        for record in records:
            writer.add(record.to_dict())
    return writer.notes


def decide(record: Record, about: str | int, verdict: str = "accepted", **others: Any) -> dict[str, Any]:
    """A decision on a claim (by id) or a finding (by index), as the report writes it."""
    assert record.summary is not None
    values: dict[str, Any]
    if isinstance(about, str):
        claim = next(claim for claim in record.summary.claims if claim.id == about)
        values = {
            "kind": "claim", "words": claim.quote, "text_en": claim.text_en,
            "start": claim.evidence.start, "end": claim.evidence.end,
        }  # fmt: skip
    else:
        finding = record.findings[about]
        english = {claim.id: claim.text_en for claim in record.summary.claims}
        claim_id = finding.claim
        values = {
            "kind": "finding", "words": f"{finding.check}|{finding.field or ''}|{finding.got or ''}",
            "text_en": english[claim_id] if claim_id else None, "start": finding.start, "end": finding.end,
        }  # fmt: skip
    return {
        "article": record.article.sha256, **values, "verdict": verdict,
        "text": "Edited English." if verdict == "edited" else None, "note": "", "at": "2026-11-21T10:00:00.000Z",
        **others,
    }  # fmt: skip


def save_decisions(folder: Path, *decisions: dict[str, Any]) -> Path:
    """Write decisions into the folder."""
    path = folder / "decisions.json"
    value = {"schema": "dragoman.decisions/1", "decisions": decisions}
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), "utf-8")
    return path


def hostile(record: Record, words: str) -> Record:
    """A record with the same words in every field that articles and models fill."""
    assert record.summary is not None
    claims = [
        claim.model_copy(
            update={
                "text_en": words, "quote": words, "speaker_en": words, "speaker_source": words,
                "quantities": [q.model_copy(update={"quote": words, "unit": words}) for q in claim.quantities],
            }
        )
        for claim in record.summary.claims
    ]  # fmt: skip
    summary = record.summary.model_copy(
        update={
            "title_en": words, "abstract": words, "key_points": [words, words], "publisher": words, "author": words,
            "syndicated_from": words, "claims": claims,
            "entities": [
                entity.model_copy(update={"name_en": words, "name_source": words})
                for entity in record.summary.entities
            ],
        }
    )  # fmt: skip
    finding = Finding(
        check="quote.absent", severity="error", field="claims.c1.quote", paragraph=1, start=None, end=None,
        expected=words, got=words, message=words,
    )  # fmt: skip
    return record.model_copy(update={"summary": summary, "findings": [finding], "translation": None})
