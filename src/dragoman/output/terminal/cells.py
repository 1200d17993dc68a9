"""Text of others on a terminal: widths in cells, lines that fit, nothing that could steer the terminal.

A cell is one column of the terminal; East Asian wide characters take two, combining marks none. Spacing marks
of Indic scripts are counted as one, though some terminals join them: a line may be shorter than the window,
never longer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from dragoman.core.visible import make_visible

_NOTHING = dict.fromkeys(map(ord, "\u00ad\ufeff"))
_RIGHT_TO_LEFT = {"R", "AL", "AN"}
_STRONG = {"L", "R", "AL"}
_CLOSING = set("、。，．：；！？」』】〉》〕）｝”’…·")
_MOST_JOINED = 8
"""Cells: four signs, as a family of four has."""
_RLI, _PDI = "\u2067", "\u2069"


def clean(text: str) -> str:
    """One line, with what is invisible and can do harm made visible: ␛, ⟨9B⟩, ⟨202E⟩.

    Soft hyphens and byte order marks go: no line is parted at them.
    """
    return make_visible(" ".join(text.split()).translate(_NOTHING))


def width(text: str) -> int:
    """Cells that a text takes."""
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf") or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, cells: int) -> str:
    """A clean text in at most so many cells; a cut one ends with an ellipsis."""
    if width(text) <= cells:
        return text
    kept, used = [], 0
    for cluster in _clusters(text):
        used += width(cluster)
        if used > cells - 1:
            break
        kept.append(cluster)
    return "".join(kept) + "…"


def wrapped(
    text: str, cells: int, indent: str = "", first: str | None = None, *, foreign: bool = False
) -> Iterator[str]:
    """Lines of at most ``cells`` cells; ``first`` is the indent of the first line, where it is another one.

    ``foreign`` text that begins right to left is set so; in all else right-to-left words are isolated.
    """
    text = clean(text)
    lead = indent if first is None else first
    for line in _filled(text, max(1, cells - max(width(indent), width(lead)))):
        yield lead + isolated(line, text if foreign else None)
        lead = indent


def isolated(line: str, whole: str | None = None) -> str:
    """The line with its right-to-left words between isolating marks: they cannot turn what stands around them.

    All of it is one isolate where the ``whole`` text it is part of is given and begins right to left.
    """
    if whole is not None and _begins_right_to_left(whole):
        return f"{_RLI}{line}{_PDI}"
    parts: list[str] = []
    end = 0
    for start, stop in _right_to_left(line):
        parts += (line[end:start], _RLI, line[start:stop], _PDI)
        end = stop
    return "".join([*parts, line[end:]])


def _begins_right_to_left(text: str) -> bool:
    return next((d for d in map(unicodedata.bidirectional, text) if d in _STRONG), "L") != "L"


def _right_to_left(line: str) -> Iterator[tuple[int, int]]:
    """The runs from one right-to-left letter to the last before a left-to-right one, with the signs attached."""
    start, stop = -1, -1
    for place, character in enumerate(line):
        direction = unicodedata.bidirectional(character)
        if direction in _RIGHT_TO_LEFT or (direction in ("ET", "NSM") and stop == place):
            start, stop = (place if start < 0 else start), place + 1
        elif direction == "L" and start >= 0:
            yield start, stop
            start, stop = -1, -1
    if start >= 0:
        yield start, stop


def _filled(text: str, cells: int) -> Iterator[str]:
    line, used = "", 0
    for piece in _pieces(text, cells):
        needed = width(piece.rstrip())
        if line and used + needed > cells:
            yield line.rstrip()
            line, used = "", 0
        line += piece
        used += width(piece)
    yield line.rstrip()


def _pieces(text: str, cells: int) -> Iterator[str]:
    """What is never parted: a word with the space after it, a wide character with the punctuation that closes it.

    A word longer than a line is parted between characters, as is text without spaces.
    """
    for word in re.findall(r"[^ \u200b]*[ \u200b]*", text):
        piece = ""
        for cluster in _clusters(word):
            wide = width(cluster) == 2 and cluster not in _CLOSING
            full = width(piece + cluster.rstrip()) > cells
            if piece and (full or ((wide or _ends_wide(piece)) and not _closes(cluster))):
                yield piece
                piece = ""
            piece += cluster
        if piece:
            yield piece


def _closes(cluster: str) -> bool:
    return cluster in _CLOSING or cluster.isspace()


def _ends_wide(piece: str) -> bool:
    return width(piece[-1]) == 2


def _clusters(text: str) -> Iterator[str]:
    """Letters with the marks that belong to them, and what joiners join (no more than a few: it is never parted)."""
    cluster = ""
    for character in text:
        belongs = unicodedata.category(character) == "Mc" or cluster[-1:] == "\u200d"
        if cluster and _cells(character) and not (belongs and width(cluster) < _MOST_JOINED):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster
