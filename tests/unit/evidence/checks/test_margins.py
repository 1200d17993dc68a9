"""Per cent and percentage points are different, except for a lead, of which papers write either."""

from __future__ import annotations

import pytest

from tests.unit.evidence.checks.claims import errors


@pytest.mark.parametrize(
    ("text", "english", "is_error"),
    [
        ("Die Partei gewann mit 40 % Vorsprung.", "The party won by 40 percentage points.", False),
        ("Die Partei lag 12 % vorn.", "The party was ahead by 12 percentage points.", False),
        ("Die Preise stiegen um 5,3 %.", "Prices rose by 5.3 percentage points.", True),
        ("Die Zinsen sanken um 25 %.", "Rates were cut by 25 basis points in a win for borrowers.", True),
    ],
)
def test_only_a_lead_may_be_in_points(text: str, english: str, is_error: bool) -> None:
    """Outside elections, a rise by 5 per cent is no rise by 5 points; basis points are never per cent."""
    assert bool([name for name in errors("de", text, english) if name == "value.unit"]) == is_error
