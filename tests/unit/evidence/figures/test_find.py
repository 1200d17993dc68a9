"""A text is read from beginning to end, line by line where this is asked for, and addresses are passed over."""

from __future__ import annotations

import json

from dragoman.evidence.figures import Quantity, find, find_in_lines
from tests.support import paths
from tests.unit.evidence.figures.reading import read

CASES = json.loads((paths.CASES / "quantities.json").read_text("utf-8"))["cases"]


def test_lines_are_read_as_if_each_stood_alone() -> None:
    """The figures of many lines are those of each line, moved to its place."""
    by_language: dict[str, list[str]] = {}
    for case in CASES:
        by_language.setdefault(case["language"], []).append(case["text"])
    for language, lines in by_language.items():
        expected: list[Quantity] = []
        start = 0
        for line in lines:
            expected += [q._replace(start=q.start + start, end=q.end + start) for q in find(line, language)]
            start += len(line) + 1
        assert find_in_lines("\n".join(lines), language) == expected


def test_no_figure_crosses_a_line_end() -> None:
    """A number at the end of a line has no unit on the next."""
    assert next((q.kind, q.unit) for q in find_in_lines("It cost 5\nmillion euros", "en")) == ("count", None)


def test_addresses_and_tags_have_no_figures() -> None:
    """Web addresses, mail addresses with up to 64 characters before the @, and tags."""
    assert read("see https://site.org/7/8?x=9 and www.a.org/5 or #7up") == []
    local_part = "5." + "a" * 60 + ".7"
    assert len(local_part) == 64
    assert read(f"write to {local_part}@site.org") == []
    assert read(f"write to 5.{'a' * 70}@site.org") == ["count 5"]
    assert read(f"write to 5 {'b' * 40} {local_part}@site.org") == ["count 5"]


def test_an_unknown_language_has_digits_with_signs_and_codes() -> None:
    """Words are not read."""
    assert read("5 % and $5, EUR 7, five million", "xx") == ["percent 5 %", "money 5 ?$", "money 7 EUR"]
