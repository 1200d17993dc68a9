"""A header is the same whether it comes from a record, from its line or from the cache."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.core.check_names import CheckName
from dragoman.core.header import RecordHeader, header_of, header_of_line
from dragoman.core.record import Finding, Reason, Record, Severity, Status
from dragoman.errors import ReasonCode
from tests.support.folders import EXPECTED

SAMPLES = [Record.model_validate_json(line) for line in EXPECTED.read_text("utf-8").splitlines()]
LINES = [record.to_json().encode() for record in SAMPLES]


REASONS = st.none() | st.builds(Reason, code=st.sampled_from(get_args(ReasonCode)), message=st.text(max_size=9))
FINDINGS = st.builds(
    Finding,
    check=st.sampled_from([*get_args(CheckName), "of.another.version"]),
    severity=st.sampled_from(get_args(Severity)),
    field=st.none() | st.sampled_from(["claims.c1.quote", "translation.1", "source"]),
    paragraph=st.none(), start=st.none(), end=st.none(), expected=st.none(), got=st.none(), message=st.just("-"),
)  # fmt: skip
PRICES = st.none() | st.sampled_from(["0", "0.0012", "3"])


@st.composite
def records(draw: st.DrawFn) -> Record:
    """A sample with other statuses, reasons, findings, exchanges and prices, and with some parts removed."""
    base = draw(st.sampled_from([record for record in SAMPLES if record.exchanges]))
    exchanges = [
        exchange.model_copy(update={"cost_usd": draw(PRICES), "attempts": draw(st.integers(1, 5))})
        for exchange in draw(st.lists(st.sampled_from(base.exchanges), max_size=3))
    ]
    tasks = {
        name: facts.model_copy(update={"status": draw(st.sampled_from(get_args(Status))), "reason": draw(REASONS)})
        for name, facts in base.tasks.items()
        if draw(st.booleans())
    }
    return base.model_copy(
        update={
            "status": draw(st.sampled_from(get_args(Status))),
            "reason": draw(REASONS),
            "source": draw(st.sampled_from([base.source, None])),
            "summary": draw(st.sampled_from([base.summary, None])),
            "tasks": tasks,
            "findings": draw(st.lists(FINDINGS, max_size=5)),
            "exchanges": exchanges,
            "cost_usd": draw(PRICES),
        }
    )


def assert_same_header(record: Record) -> None:
    header = header_of(record)
    assert header_of_line(record.to_json()) == header
    assert RecordHeader.from_json(header.to_json()) == header


@pytest.mark.parametrize("record", SAMPLES, ids=lambda record: record.article.name)
def test_a_record_and_its_line_have_the_same_header(record: Record) -> None:
    """And the header is the same after a round trip through JSON."""
    assert_same_header(record)


@settings(deadline=None)
@given(records())
def test_any_record_and_its_line_have_the_same_header(record: Record) -> None:
    """Reading a line copies status, reason and price and never computes them."""
    assert_same_header(record)
