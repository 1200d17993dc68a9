"""Everything that people or the model read is plain English: no word that only the project understands."""

from __future__ import annotations

import ast

import pytest

from tests.support.paths import SOURCES
from tests.support.words import private_words, texts

MODULES = {path.relative_to(SOURCES).as_posix(): path for path in sorted(SOURCES.rglob("*.py"))}


@pytest.mark.parametrize("name", MODULES)
def test_texts_of_a_module_are_free_of_private_words(name: str) -> None:
    """Messages, help texts and what is sent back to the model."""
    assert private_words(ast.parse(MODULES[name].read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ('raise ConfigError("waited in vain")', [1]),
        ('say(f"{many} replies\\n, so many {what}")', [1]),
        ('x = ("a claim "\n "was Told so")', [1]),
        ('"""Told is a word of docstrings too, which are not shown."""', []),
        ('X = 1\n"""What is told of X."""', []),
        ('names = {"told", "ours"}', []),
        ('say("foretold, colours, and a line and more")', []),
    ],
)
def test_private_words_are_seen_in_texts_and_nowhere_else(code: str, lines: list[int]) -> None:
    """What the test above relies on: strings with a space, f-strings included, but no docstrings and no names."""
    assert [line for line, _ in private_words(ast.parse(code))] == lines


def test_texts_of_the_commands_are_seen() -> None:
    """A help text, a line of the run summary and an error message are among what is looked at."""
    seen = " ".join(text for path in MODULES.values() for _, text in texts(ast.parse(path.read_text("utf-8"))))
    for text in ("Maximum requests per minute.", "rate-limited and retried", "is empty: leave it out"):
        assert text in seen
