"""An item of a repair request: what makes a correction worse, its mark, and the paragraphs that are shown for it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from dragoman.core.record import Finding
from dragoman.evidence.checks.finding import finding
from dragoman.tasks.items import Place
from dragoman.tasks.repair_request import _MOST_PLACES, Item, items_to_correct, repair_call
from tests.support.builders import source_of
from tests.support.repairs import BAD, GOOD, SOURCE, broken, carried_out


def error(check: Any, **fields: Any) -> Finding:
    return finding(check, "error", "claims.c1.text_en", "wrong", **fields)


C1, TITLE = Place("claims", 1), Place("title_en")
SCALE, UNIT, ABSENT = error("value.scale"), error("value.unit"), error("quote.absent")
WORSE: dict[str, tuple[tuple[Finding, ...], tuple[Finding, ...], bool]] = {
    "no error left": ((SCALE,), (), False),
    "the same error": ((SCALE,), (SCALE,), False),
    "another error": ((SCALE,), (UNIT,), False),
    "more errors": ((SCALE,), (SCALE, UNIT), True),
    "more errors of one check": ((SCALE,), (SCALE, SCALE), True),
    "fewer errors": ((SCALE, UNIT), (UNIT,), False),
    "a quote that is no longer in the source": ((SCALE,), (ABSENT,), True),
    "fewer errors, but a quote that is no longer in the source": ((SCALE, UNIT), (ABSENT,), True),
    "a correction that says nothing": ((SCALE,), (error("empty.placeholder"),), True),
    "a correction that still says nothing": ((error("empty.refusal"),), (error("empty.refusal"),), False),
    "a quote that never was in the source": ((ABSENT, SCALE), (ABSENT,), False),
}


@pytest.mark.parametrize(("before", "after", "worse"), WORSE.values(), ids=WORSE)
def test_a_correction_is_worse_with_more_errors_or_a_quote_that_is_not_in_the_source(
    before: tuple[Finding, ...], after: tuple[Finding, ...], worse: bool
) -> None:
    """A different error is not worse: the next round may correct it."""
    assert Item(C1, GOOD["c1"], after, ()).is_worse_than(Item(C1, BAD["c1"], before, ())) == worse


def test_a_mark_depends_on_the_content_and_not_on_the_findings() -> None:
    """So a stored repair is still used after a finding was reworded, and never for other content."""
    item = Item(C1, BAD["c1"], (SCALE,), ("wrong",))
    assert replace(item, findings=(UNIT,), found=("wrong in other words",)).mark == item.mark
    assert replace(item, content=GOOD["c1"]).mark != item.mark
    assert replace(item, place=Place("claims", 2)).mark != item.mark
    assert item.mark.startswith("c1#")


def test_the_line_of_an_item_is_one_line_of_json() -> None:
    """Also with the line separators that JSON leaves unescaped."""
    item = Item(TITLE, "one\x85two\u2028three\u2029four\nfive", (SCALE,), ("wrong",))
    assert len(item.line.splitlines()) == 1
    assert json.loads(item.line) == {"item": "title_en", "found": ["wrong"], "now": item.content}


def test_words_of_the_source_show_the_first_paragraphs_that_have_them() -> None:
    """An error without a place names words of the source. They may occur in many paragraphs: three are enough."""
    source = source_of([f"{number} 年的出口下降了12%。" for number in range(2001, 2010)], language="zh-Hans")
    review, _ = carried_out(broken("title_en"), rounds=0)
    error_found = finding("value.figure", "error", "title_en", "wrong", expected="12%")
    item = Item(TITLE, BAD["title_en"], (error_found,), ("wrong",))
    call = repair_call(review, source, [item], 1)
    assert call is not None
    shown = [number for number in range(1, 10) if f".{number}] {2000 + number} " in call.request.user]
    assert shown == [1, 2, 3]
    assert _MOST_PLACES == 3


def test_a_request_that_does_not_fit_the_model_is_not_made() -> None:
    """The answer then stands as it is, flagged."""
    review, _ = carried_out(broken("c1"), rounds=0)
    spec = review.outcome.spec
    small = replace(review, outcome=replace(review.outcome, spec=replace(spec, model=replace(spec.model, context=100))))
    items = items_to_correct(review)
    assert repair_call(review, SOURCE, items, 1) is not None
    assert repair_call(small, SOURCE, items, 1) is None
