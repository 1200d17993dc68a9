"""Where the paragraphs of a text are: its lines, or blocks of lines that an editor or mail program wrapped.

Gives ranges of code points. Changes no text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

_LINE = re.compile(r"\S[^\n]*")
_SEPARATORS = "\u2028\u2029"  # in a page or Markdown these are white space within a paragraph
_ZERO_WIDTH = "\ufeff\u200b\u2060"  # byte order mark, zero-width space, word joiner

# Columns of a wrapped line. At less than 40, verse and lists would count as wrapped; 100 is the widest usual setting.
_WRAP_FROM, _WRAP_TO = 40, 100

_LONGEST_WORD = 24
"""Columns. A longer "word" is taken for text that is written without spaces (Chinese, Japanese, Thai)."""

_ITEM = re.compile(r"(?:[-*•–—·▪◦]|\(?\w{1,3}[.)])\s")
_SENTENCE_END = tuple(".!?…。！？．｡।॥؟۔։።။:;：；\"'”’»」』)）")


def paragraph_ranges(text: str, *, wrapped: bool) -> Iterator[tuple[int, int]]:
    """(start, end) of each paragraph, without white space at its ends.

    A paragraph is a line that shows something: white space, byte order marks, zero-width spaces and marks of the
    writing direction alone are no paragraph. With ``wrapped``, as in plain text, a block of lines that was broken at a
    fixed width is one paragraph, with the line breaks inside it, and the line and paragraph separators of Unicode end a
    line.
    """
    # Each character is replaced by one character, so the ranges fit the text as it is.
    for separator in _SEPARATORS if wrapped else ():
        text = text.replace(separator, "\n")
    for zero_width in _ZERO_WIDTH:
        text = text.replace(zero_width, " ")
    # Quick check: if no line directly follows another, no paragraph was wrapped.
    if not wrapped or "\n" not in text.strip().replace("\n\n", ""):
        yield from _lines(text)
        return
    block: list[tuple[int, int]] = []
    for start, end in _lines(text):
        if block and text.count("\n", block[-1][1], start) > 1:
            yield from _paragraphs_of_block(text, block)
            block = []
        block.append((start, end))
    yield from _paragraphs_of_block(text, block)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    for line in _LINE.finditer(text):
        shown = line[0].rstrip()
        if not _shows_nothing(shown):
            yield line.start(), line.start() + len(shown)


def _shows_nothing(line: str) -> bool:
    return unicodedata.category(line[0]) == "Cf" and all(c.isspace() or unicodedata.category(c) == "Cf" for c in line)


def _paragraphs_of_block(text: str, lines: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The paragraphs of lines between two blank lines: all of them as one if they are wrapped, otherwise each line."""
    if len(lines) >= 3 and _is_hard_wrapped([text[start:end] for start, end in lines]):
        yield lines[0][0], lines[-1][1]
    else:
        yield from lines


def _is_hard_wrapped(lines: Sequence[str]) -> bool:
    """Whether ``lines``, none of them blank, are one paragraph that was broken at a fixed width.

    They are when every line except the last is nearly as wide as the widest and has no room for the next word, most
    lines do not end as a sentence does, and most do not begin as a headline or a list item does.
    """
    if any(len(line) > 3 * _WRAP_TO or _ITEM.match(line) for line in lines):
        return False
    widths: list[int] = []
    for line in lines:
        widths.append(_display_width(line))
        if widths[-1] > _WRAP_TO:
            return False  # inside the loop: in most texts the first line is too wide already
    widest = max(widths)
    if max(widths[:-1]) < _WRAP_FROM:
        return False
    for width, following in zip(widths, lines[1:], strict=False):
        room = widest - width
        word = _display_width(following.split(None, 1)[0])
        # Text without spaces can be broken anywhere except before closing punctuation, so a full line has room for at
        # most two wide characters.
        fits = room > 4 if word > _LONGEST_WORD else room > 6 and width + 1 + word <= widest
        if fits or room > 0.4 * widest:
            return False
    ended = sum(1 for line in lines[:-1] if line.endswith(_SENTENCE_END))
    capital = sum(1 if line[0].isupper() else -1 if line[0].islower() else 0 for line in lines[1:])
    return 2 * ended < len(lines) - 1 and capital <= 0


def _display_width(line: str) -> int:
    """Columns in a terminal: two for a wide East Asian character, none for a combining mark."""
    if line.isascii():
        return len(line)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in line
    )
