"""An outcome gives record, header and line, whether it holds a record or a stored line."""

from __future__ import annotations

import pytest

from dragoman.core.header import StoredRecord, header_of
from dragoman.core.outcome import Outcome
from dragoman.core.record import Record
from tests.support.folders import EXPECTED

SAMPLES = [Record.model_validate_json(line) for line in EXPECTED.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("record", SAMPLES, ids=lambda record: record.article.name)
def test_a_record_and_its_stored_line_give_the_same_outcome(record: Record) -> None:
    """So callers need not know which of them it is."""
    stored = StoredRecord(header_of(record), record.to_line())
    outcomes = [Outcome(record, None), Outcome(stored, None)]
    assert [outcome.record for outcome in outcomes] == [record] * 2
    assert [outcome.header for outcome in outcomes] == [header_of(record)] * 2
    assert [outcome.line for outcome in outcomes] == [record.to_line()] * 2


def test_header_and_line_of_a_stored_record_need_no_parsing() -> None:
    """Most stored records are only counted and copied. A line that is no record shows that it was not parsed."""
    outcome = Outcome(StoredRecord(header_of(SAMPLES[0]), b"not parsed"), None)
    assert (outcome.header, outcome.line) == (header_of(SAMPLES[0]), b"not parsed")
