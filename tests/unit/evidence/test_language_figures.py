"""The figures of each further language: one file of reviewed cases per language, in `tests/cases/figures`.

A file has ``about`` (who wrote and reviewed the cases, and from what), ``cases`` and ``not_amounts`` in the form of
`quantities.json`, where ``bound`` is optional, and ``xfail`` with the labels of cases that are known to fail, each with
its reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from dragoman.evidence.figures import Quantity, find
from tests.support import paths
from tests.unit.evidence.test_figures import is_right

FILES: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text("utf-8")) for path in sorted((paths.CASES / "figures").glob("*.json"))
}


def cases(kind: str) -> Iterator[Any]:
    for language, file in FILES.items():
        for case in file[kind]:
            reason = file.get("xfail", {}).get(case["label"])
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            yield pytest.param(case, id=f"{language} {case['label']}", marks=marks)


@pytest.mark.parametrize("case", [*cases("cases")])
def test_every_expression_of_a_case_is_read(case: dict[str, Any]) -> None:
    """With its kind, value, unit and date, and at its place; and nothing else in the text is an amount."""
    found = find(case["text"], case["language"])
    assert [wanted for wanted in case["found"] if not is_right(case, wanted, found)] == [], found
    amounts = [quantity for quantity in found if quantity.kind not in ("ordinal", "date")]
    wanted_amounts = [wanted for wanted in case["found"] if wanted["kind"] not in ("ordinal", "date")]
    assert len(amounts) == len(wanted_amounts), found
    bounds = [(wanted["bound"], wanted["low"], wanted["high"]) for wanted in wanted_amounts if "bound" in wanted]
    assert all(bound in [_bound(amount) for amount in amounts] for bound in bounds), found


def _bound(amount: Quantity) -> tuple[str, str | None, str | None]:
    low, high = (None if end is None else str(end) for end in (amount.low, amount.high))
    return amount.bound, low, high


@pytest.mark.parametrize("case", [*cases("not_amounts")])
def test_what_is_not_an_amount_in_a_language_is_not_reported(case: dict[str, Any]) -> None:
    found = [quantity for quantity in find(case["text"], case["language"]) if quantity.kind not in ("ordinal", "date")]
    assert found == []
