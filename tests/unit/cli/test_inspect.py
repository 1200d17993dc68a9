"""What `inspect` prints of one article, besides what the tests of the command line look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from dragoman.cli.inspect import _short
from tests.support.commands import here


@pytest.mark.parametrize(
    ("text", "shown"),
    [("x" * 70, repr("x" * 70)), ("x" * 71, repr("x" * 67 + "…")), ("a\n  b", "'a b'")],
    ids=["fits", "is cut", "is one line"],
)
def test_a_passage_is_shown_on_one_line_of_at_most_seventy_characters(text: str, shown: str) -> None:
    """The quotation marks come on top, and show spaces at the ends."""
    assert _short(text) == shown


@pytest.mark.parametrize(
    ("content", "code", "reason"),
    [(b"", 0, "it contains no text"), (bytes(range(256)) * 4, 3, "it is not text: ")],
    ids=["an empty file", "no text"],
)
def test_a_file_that_is_not_read_is_named_with_its_reason(
    content: bytes, code: int, reason: str, tmp_path: Path
) -> None:
    """Exit 3, except for a file that needs no request anyway."""
    (tmp_path / "a.txt").write_bytes(content)
    done = here("inspect", tmp_path / "a.txt")
    assert (done.code, done.stdout) == (code, "")
    assert done.stderr.startswith(f"dragoman: a.txt: {reason}")


def test_one_paragraph_is_in_the_singular(tmp_path: Path) -> None:
    """``1 paragraph``, ``2 paragraphs``."""
    (tmp_path / "a.txt").write_text("Cảng đón 3 tàu.", "utf-8")
    assert " characters, 1 paragraph, about " in here("inspect", tmp_path / "a.txt").stdout
