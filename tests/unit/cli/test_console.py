"""What a command prints: one line is one line, data stays data, and nouns agree with their numbers."""

from __future__ import annotations

import json
import sys

import pytest

from dragoman.cli.console import counted, emit, emit_json, noun, only_on_retry, paper, rescue_notice, say, say_json


@pytest.mark.parametrize(
    ("number", "singular", "text"),
    [
        (0, "article", "0 articles"), (1, "article", "1 article"), (2, "reply", "2 replies"), (1, "reply", "1 reply"),
        (12_345, "request", "12,345 requests"), (3, "paid reply", "3 paid replies"), (2, "recording", "2 recordings"),
    ],
)  # fmt: skip
def test_a_noun_agrees_with_its_number(number: int, singular: str, text: str) -> None:
    """One place decides between ``reply`` and ``replies``."""
    assert counted(number, singular) == text
    assert text.endswith(noun(number, singular))


def test_a_line_for_people_is_one_line_whatever_is_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    """An error text of a service cannot add a line of its own."""
    say("a message\nthat: pretends\r\nto be three")
    assert capsys.readouterr().err == "a message that: pretends to be three\n"


def test_data_goes_to_stdout_with_one_line_end(capsys: pytest.CaptureFixture[str]) -> None:
    """A line end is added only where there is none."""
    emit("a")
    emit("b\n")
    assert capsys.readouterr() == ("a\nb\n", "")


def test_json_keeps_its_values(capsys: pytest.CaptureFixture[str]) -> None:
    """Characters that a terminal would interpret are escaped, so a program reads the same text."""
    value = {"name": "a\u202etxt\x9b", "title": "Tiêu đề"}
    emit_json(json.dumps(value, ensure_ascii=False))
    say_json(json.dumps(value, ensure_ascii=False))
    out, err = capsys.readouterr()
    for text in (out, err):
        assert json.loads(text) == value
        assert "\u202e" not in text
        assert "Tiêu đề" in text


def test_a_closed_stderr_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages for people may get lost."""

    class Closed:
        def write(self, _: str) -> int:
            raise ValueError("I/O operation on closed file")

    monkeypatch.setattr(sys, "stderr", Closed())
    say("nobody reads this")


@pytest.mark.parametrize(("columns", "width"), [(5, 20), (20, 20), (80, 80), (100, 100), (300, 100)])
def test_a_page_has_20_to_100_columns(columns: int, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Narrower pages would break every word, longer lines are hard to read."""
    monkeypatch.setenv("COLUMNS", str(columns))
    assert paper().cells == width
    assert paper(whole_lines=True).cells == width


def test_a_pipe_gets_whole_lines_and_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless COLUMNS asks for a width."""
    monkeypatch.delenv("COLUMNS", raising=False)
    assert paper(whole_lines=True).cells is None
    assert not paper().colour


def test_notices_name_the_option_or_command_that_helps() -> None:
    """What happened, to what, and what to do."""
    assert only_on_retry(2) == "2 articles without a usable answer: requested again only with --retry"
    notice = rescue_notice("/tmp/x", "dragoman store import /tmp/x")
    assert notice.startswith("the store cannot take a paid reply. It is saved in /tmp/x, ")
    assert notice.endswith("`dragoman store import /tmp/x` imports them")
