"""The rows of the tables hold what the records hold, and every column is explained."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

from dragoman.core.record import Record
from dragoman.output.decision_matching import RecordDecisions
from dragoman.output.read import read_records
from dragoman.output.tables.columns import Value
from dragoman.output.tables.rows import QUANTITIES, TABLES
from tests.support import paths
from tests.support.folders import write_records, write_tables
from tests.unit.output.tables.readers import NAMES, csv_rows, rows


def test_the_tables_hold_what_the_records_hold(out: Path, sample: Record) -> None:
    """One row per article, claim, name, figure and finding, with the values of records.jsonl."""
    records = list(read_records(out))
    summaries = [record.summary for record in records if record.summary is not None]
    counts = {name: len(rows(out, name)) for name in NAMES}
    assert counts == {
        "articles": len(records),
        "claims": sum(len(summary.claims) for summary in summaries),
        "entities": sum(len(summary.entities) for summary in summaries),
        "quantities": sum(len(claim.quantities) for summary in summaries for claim in summary.claims),
        "findings": sum(len(record.findings) for record in records),
    }
    claims = iter(rows(out, "claims"))
    for record in records:
        for claim in record.summary.claims if record.summary else ():
            row = next(claims)
            assert (row["article_id"], row["claim"]) == (record.article.id, claim.id)
            for name in ("text_en", "quote", "kind", "modality", "speaker_en", "event_date", "paragraph"):
                assert row[name] == getattr(claim, name)
            assert (row["match"], row["start"]) == (claim.evidence.match, claim.evidence.start)


def test_every_column_has_a_sentence_that_explains_it() -> None:
    """No name occurs twice, and no name needs quoting."""
    for table in TABLES:
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names)
        for column in table.columns:
            assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
            assert column.about.endswith(".")


def test_an_article_without_a_summary_has_a_row_in_one_table_only(tmp_path: Path, sample: Record) -> None:
    """Failed, skipped, pending: its row in the table of articles has the reason."""
    failed = sample.model_copy(update={"summary": None, "source": None, "findings": [], "status": "failed"})
    folder = write_records(tmp_path / "out", [failed])
    write_tables(folder, [failed])
    assert [len(csv_rows(folder, name)) for name in NAMES] == [1, 0, 0, 0, 0]
    assert csv_rows(folder, "articles")[0]["claims"] == ""


def test_a_figure_has_its_bound_and_its_ends_in_columns_of_their_own() -> None:
    """They are empty for a record of an earlier version, which has no such fields."""
    line = (paths.SAMPLES / "expected" / "records.jsonl").read_text("utf-8").splitlines()[0]
    record = json.loads(line)
    names = [column.name for column in QUANTITIES.columns]

    def cells() -> list[tuple[Value, ...]]:
        rows = QUANTITIES.rows(record, RecordDecisions())
        return [tuple(row[names.index(name)] for name in ("bound", "low", "high")) for row in rows]

    assert ("more_than", Decimal(12), None) in cells()
    for claim in record["summary"]["claims"]:
        for quantity in claim["quantities"]:
            del quantity["bound"], quantity["low"], quantity["high"]
    assert set(cells()) == {(None, None, None)}
