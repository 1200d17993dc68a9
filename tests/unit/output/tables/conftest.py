"""Output folders with all tables: of the samples with decisions, and of hostile texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from dragoman.core.record import Record
from dragoman.output.read import read_records
from tests.support.folders import HOSTILE, decide, hostile, sample_folder, save_decisions, write_records, write_tables
from tests.unit.output.tables.readers import ALL


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples with a few decisions, and all tables."""
    folder = sample_folder(tmp_path_factory.mktemp("tables") / "out")
    flagged = next(record for record in read_records(folder) if record.status == "flagged")
    error = next(n for n, finding in enumerate(flagged.findings) if finding.severity == "error")
    save_decisions(
        folder,
        decide(flagged, "c1", "edited", text="Better English.", note="too strong"),
        decide(flagged, "c2", "accepted", text_en="Other English."),
        decide(flagged, error, "rejected"),
    )
    assert write_tables(folder, read_records(folder), ALL) == []
    return folder


@pytest.fixture
def sample(out: Path) -> Record:
    return next(record for record in read_records(out) if record.status == "flagged")


@pytest.fixture(scope="module")
def hostile_out(tmp_path_factory: pytest.TempPathFactory, out: Path) -> Path:
    """One record for each hostile text, with that text everywhere, and a decision that contains it too."""
    sample = next(record for record in read_records(out) if record.status == "flagged")
    records = []
    for number, case in enumerate(HOSTILE):
        record = hostile(sample, case["text"])
        article = record.article.model_copy(update={"id": f"a{number}", "sha256": f"{number:064x}"})
        records.append(record.model_copy(update={"article": article}))
    folder = write_records(tmp_path_factory.mktemp("hostile") / "out", records)
    decisions = [
        decide(record, 0, "edited", text=case["text"], note=case["text"])
        for record, case in zip(records, HOSTILE, strict=True)
        if case["text"].strip()
    ]
    save_decisions(folder, *decisions)
    write_tables(folder, records, ALL)
    return folder
