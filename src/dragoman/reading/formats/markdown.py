"""The text of a Markdown file: one line per block, without inline markup, letters unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from dragoman.core.source import LeftOut
from dragoman.reading.formats.extracted import Extracted, parsing
from dragoman.reading.formats.html_page import lines_of, parse

FRONT_MATTER = "front matter"

_YAML = re.compile(r"\ufeff?---[ \t]*\n((?:[^\n]*\n){0,200}?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_TOML = re.compile(r"\ufeff?\+\+\+[ \t]*\n((?:[^\n]*\n){0,200}?)\+\+\+[ \t]*(?:\n|\Z)")
_FIELD = re.compile(r"^[\w.\"'-]+[ \t]*[:=]", re.MULTILINE)


def extract(text: str) -> Extracted:
    """The text without markup; YAML or TOML front matter is left out."""
    left_out: tuple[LeftOut, ...] = ()
    front = _YAML.match(text) or _TOML.match(text)
    if front and (not front[1].strip() or _FIELD.search(front[1])):
        if front[1].strip():
            left_out = (LeftOut(front[1].strip("\n"), FRONT_MATTER),)
        text = text[front.end() :]
    return Extracted("\n".join(_markdown_lines(text)), left_out)


def _markdown_lines(text: str) -> Iterator[str]:
    row: list[str] | None = None
    with parsing("Markdown"):
        tokens = _markdown_parser().parse(text)
    for token in tokens:
        match token.type:
            case "inline":
                line = _inline(token.children or [])
                if row is None:
                    yield line
                else:
                    row.append(line.replace("\n", " "))
            case "fence" | "code_block":
                yield token.content.rstrip("\n")
            case "html_block":
                root = parse(token.content)
                if root is not None:
                    yield from (block.text for block in lines_of(root)[0] if not block.hidden)
            case "tr_open":
                row = []
            case "tr_close":
                yield "\t".join(row or ()).strip("\t")
                row = None
            case _:
                pass


def _inline(tokens: list[Any]) -> str:
    pieces: list[str] = []
    for token in tokens:
        match token.type:
            case "text" | "code_inline" | "text_special":
                pieces.append(token.content)
            case "softbreak":
                pieces.append(" ")
            case "hardbreak":
                pieces.append("\n")
            case "image":
                pieces.append(_inline(token.children or []))
            case "html_inline":
                if re.match(r"<br\b", token.content, re.I):
                    pieces.append("\n")
            case _:
                pass
    return "".join(pieces)


@lru_cache(maxsize=1)
def _markdown_parser() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable(["table", "strikethrough"])
