"""Text of others on a terminal: widths in cells, lines that fit, nothing that could steer the terminal.

A cell is one column of the terminal. Widths and clusters (a letter with its marks, a conjunct of Devanagari, a family
of emoji) are those of the wcwidth library, which counts as terminals with grapheme clusters do; older terminals give
some conjuncts and families more cells. A cluster takes at most two cells and is never parted.

The library is loaded at the first character that could have another width than one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from dragoman.core.visible import make_visible

_NOTHING = dict.fromkeys(map(ord, "\u00ad\ufeff"))
_RIGHT_TO_LEFT = {"R", "AL", "AN"}
_STRONG = {"L", "R", "AL"}
_CLOSING = set("、。，．：；！？」』】〉》〕）｝”’…·")
_WIDEST = 2
"""Cells of a cluster: wcwidth gives no word of any language more. What has more is many signs without a letter
between them (a row of Thai AM, say), and is parted so that it cannot leave the window."""
_SINGLE = re.compile(
    "[ -~\u00a0-\u00ac\u00ae-\u02ff\u0391-\u03a1\u03a3-\u0482\u048a-\u052f"
    "\u2010-\u2027\u2030-\u205e\u2502\u2713\u2717]*"
)
"""Text of which each character is a cluster of one cell: Latin, Greek and Cyrillic letters without combining marks,
punctuation, and our own signs. It needs no library; `tests/unit/output/test_terminal.py` holds it against wcwidth."""
_RLI, _PDI = "\u2067", "\u2069"


def clean(text: str) -> str:
    """One line, with what is invisible and can do harm made visible: ␛, ⟨9B⟩, ⟨202E⟩.

    Soft hyphens and byte order marks go: no line is parted at them.
    """
    return make_visible(" ".join(text.split()).translate(_NOTHING))


def width(text: str) -> int:
    """Cells that a text takes."""
    return len(text) if _SINGLE.fullmatch(text) else sum(map(_cells, clusters(text)))


def clusters(text: str) -> Iterable[str]:
    """What is never parted: letters with the marks that belong to them, and what joiners join."""
    return text if _SINGLE.fullmatch(text) else _joined(text)


def _joined(text: str) -> Iterator[str]:
    from wcwidth import iter_graphemes

    cluster = ""
    for grapheme in iter_graphemes(text):
        # By Unicode a vowel sign of Burmese begins a cluster. Alone it has no cells, behind its letter it has one; a
        # mark that no letter stands before is counted with the letter behind it.
        if cluster and _cells(grapheme[0]) and _cells(cluster):
            yield from _parted(cluster)
            cluster = ""
        cluster += grapheme
    if cluster:
        yield from _parted(cluster)


def _parted(cluster: str) -> Iterator[str]:
    """The cluster, in parts where it is too wide to be one."""
    if _cells(cluster) <= _WIDEST:
        yield cluster
        return
    part = ""
    for character in cluster:
        if part and _cells(character) and _cells(part + character) > _WIDEST:
            yield part
            part = ""
        part += character
    yield part


def _cells(cluster: str) -> int:
    from wcwidth import width

    return width(cluster, control_codes="ignore")


def cut(text: str, cells: int) -> str:
    """A clean text in at most so many cells; a cut one ends with an ellipsis."""
    if width(text) <= cells:
        return text
    kept, used = [], 0
    for cluster in clusters(text):
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

    A word longer than a line is parted between clusters, as is text without spaces.
    """
    for word in re.findall(r"[^ \u200b]*[ \u200b]*", text):
        piece, used, after_wide = "", 0, False
        for cluster in clusters(word):
            wide = unicodedata.east_asian_width(cluster[0]) in "WF"  # a letter, not a conjunct of two cells
            blank = cluster.isspace()
            needed = 0 if blank else width(cluster)
            closes = blank or cluster in _CLOSING
            if piece and (used + needed > cells or ((wide or after_wide) and not closes)):
                yield piece
                piece, used = "", 0
            piece += cluster
            used += needed
            after_wide = wide
        if piece:
            yield piece
