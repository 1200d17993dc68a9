"""The article of a command that takes one: a file, which is read later, or standard input."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from dragoman.cli.article_input import read_input
from dragoman.core.article import Article
from dragoman.errors import ConfigError
from dragoman.reading.discover import ArticleFile


def with_input(content: bytes, monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """Make ``content`` the standard input; returns its stream."""
    stream = io.BytesIO(content)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stream))
    return stream


def test_a_file_is_named_and_not_read(tmp_path: Path) -> None:
    """A file over the limit is no error here; a file that does not exist is."""
    (tmp_path / "a.txt").write_bytes(b"x" * 100)
    place = read_input(str(tmp_path / "a.txt"), None, 10)
    assert isinstance(place, ArticleFile)
    assert place.name == "a.txt"
    with pytest.raises(ConfigError, match="no such file"):
        read_input(str(tmp_path / "b.txt"), None, 10)


def test_no_more_than_one_byte_over_the_limit_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte shows that the input is too large; an endless input is not read to its end."""
    stream = with_input(b"x" * 1000, monkeypatch)
    article = read_input("-", None, 10)
    assert isinstance(article, Article)
    assert (article.size, stream.tell()) == (11, 11)


def test_an_unknown_type_is_refused_with_those_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """``--type pdf`` names the types that can be read."""
    with_input(b"text", monkeypatch)
    with pytest.raises(ConfigError, match=r"--type pdf is not one of .*html.*md.*txt"):
        read_input("-", "pdf", 10)


def test_a_closed_standard_input_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python has no stream for it then."""
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(ConfigError, match="standard input is closed"):
        read_input("-", None, 10)
