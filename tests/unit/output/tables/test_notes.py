"""Notes on tables say what happened, where it first happened, and how often."""

from __future__ import annotations

from dragoman.output.tables.notes import Notes


def test_equal_notes_are_counted_and_name_the_first_place() -> None:
    """In the order in which each first came up."""
    notes = Notes()
    for what, where in (("cut", "a"), ("empty", "b"), ("cut", "c"), ("cut", "d")):
        notes.add(what, where)
    assert notes.lines == ["cut (a, and 2 more)", "empty (b)"]
