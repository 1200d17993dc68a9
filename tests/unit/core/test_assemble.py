"""The status, the reason and the price of a record follow from its parts, and a status from its reason."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman import errors
from dragoman.core.assemble import WORST_FIRST, assemble_record, is_unanswered, status_of, worst_status
from dragoman.core.record import NEEDS_PERSON_FIRST, Record, Status
from dragoman.errors import ReasonCode
from tests.support.folders import EXPECTED
from tests.unit.core.test_record import OUTCOMES, made


@given(st.lists(st.sampled_from(get_args(Status)), max_size=4))
def test_the_worst_of_several_statuses_does_not_depend_on_their_order(statuses: list[Status]) -> None:
    assert worst_status(statuses) == worst_status(statuses[::-1])
    assert worst_status(statuses) in (statuses or ["ok"])
    assert all(WORST_FIRST.index(worst_status(statuses)) <= WORST_FIRST.index(status) for status in statuses)


def test_both_orders_of_statuses_are_complete() -> None:
    assert sorted(WORST_FIRST) == sorted(NEEDS_PERSON_FIRST) == sorted(get_args(Status))
    assert [status for status in NEEDS_PERSON_FIRST if is_unanswered(status)] == list(NEEDS_PERSON_FIRST[:4])
    assert worst_status(["ok", "skipped"]) == "ok"
    assert worst_status(["ok", "refused", "pending"]) == "pending"
    assert worst_status([]) == "ok"


def test_each_reason_has_the_status_that_the_list_of_codes_states() -> None:
    """People read the list of codes; the program uses `status_of`."""
    documented = re.findall(r'^    "([a-z_]+)",  # ([a-z]+): ', Path(errors.__file__).read_text("utf-8"), re.MULTILINE)
    assert {code for code, _ in documented} == set(get_args(ReasonCode))
    assert {code: status_of(code) for code in get_args(ReasonCode)} == dict(documented)


SAMPLES = [Record.model_validate_json(line) for line in EXPECTED.read_text("utf-8").splitlines()]
ASKED = {
    **{record.article.name: record for record in SAMPLES if record.tasks},
    **{what: made(*outcomes) for what, outcomes in OUTCOMES.items() if outcomes},
}


@pytest.mark.parametrize("record", ASKED.values(), ids=ASKED)
def test_status_reason_and_price_of_a_record_follow_from_its_parts(record: Record) -> None:
    """Assembling the parts of a record again gives the same record."""
    assert record.source is not None
    parts = assemble_record(
        article=record.article, source=record.source, tasks=record.tasks, summary=record.summary,
        translation=record.translation, findings=record.findings, exchanges=record.exchanges, dragoman=record.dragoman,
    )  # fmt: skip
    assert parts == record
