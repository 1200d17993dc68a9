"""Prepare texts for a terminal: measure and wrap them in cells, and remove everything that could control the terminal.

A cell is one column of the terminal. Widths and clusters (a letter with its marks, a Devanagari conjunct, a family of
emoji) are those of the wcwidth library, which counts like terminals that support grapheme clusters; older terminals use
more cells for some conjuncts and families. A cluster takes at most two cells and is never split.

The library is loaded only for text with a character that may not be one cell wide.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from dragoman.core.visible import make_visible

_REMOVED = dict.fromkeys(map(ord, "\u00ad\ufeff"))
_RIGHT_TO_LEFT = {"R", "AL", "AN"}
_STRONG = {"L", "R", "AL"}
_CLOSING_PUNCTUATION = set("、。，．：；！？」』】〉》〕）｝”’…·")
_WIDEST = 2
"""Most cells of a cluster. In words of any language wcwidth counts no more. A row of marks without letters in between
(such as Thai AM) would be wider, and is split so that no line leaves the window."""
_SINGLE = re.compile(
    "[ -~\u00a0-\u00ac\u00ae-\u02ff\u0391-\u03a1\u03a3-\u0482\u048a-\u052f"
    "\u2010-\u2027\u2030-\u205e\u2502\u2713\u2717]*"
)
"""Text in which each character is a cluster of one cell: Latin, Greek and Cyrillic letters without combining marks,
punctuation, and the symbols of `pages`. It does not need the library; `tests/unit/output/terminal/test_cells.py`
compares it with wcwidth."""
_RLI, _PDI = "\u2067", "\u2069"


def clean(text: str) -> str:
    """The text on one line, with visible symbols for harmful invisible characters: ␛, ⟨9B⟩, ⟨202E⟩.

    Soft hyphens and byte order marks are removed, because lines are not broken at them.
    """
    return make_visible(" ".join(text.split()).translate(_REMOVED))


def width(text: str) -> int:
    """The number of cells that a text takes."""
    return len(text) if _SINGLE.fullmatch(text) else sum(map(_cells, clusters(text)))


def clusters(text: str) -> Iterable[str]:
    """The parts of a text that are never split: letters with their marks, and characters connected by joiners."""
    return text if _SINGLE.fullmatch(text) else _clusters(text)


def _clusters(text: str) -> Iterator[str]:
    from wcwidth import iter_graphemes

    cluster = ""
    for grapheme in iter_graphemes(text):
        # In Unicode a vowel sign of Burmese begins a new cluster. It has no cells alone, but one after its letter. A
        # mark without a letter before it is counted together with the letter after it.
        if cluster and _cells(grapheme[0]) and _cells(cluster):
            yield from _split_wide(cluster)
            cluster = ""
        cluster += grapheme
    if cluster:
        yield from _split_wide(cluster)


def _split_wide(cluster: str) -> Iterator[str]:
    """The cluster, split if it is wider than two cells."""
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


def clip(text: str, cells: int) -> str:
    """A clean text in at most ``cells`` cells; if it is cut, it ends with an ellipsis."""
    if width(text) <= cells:
        return text
    fitting, used = [], 0
    for cluster in clusters(text):
        used += width(cluster)
        if used > cells - 1:
            break
        fitting.append(cluster)
    return "".join(fitting) + "…"


def wrap(text: str, cells: int, indent: str = "", first: str | None = None, *, foreign: bool = False) -> Iterator[str]:
    """Wrap a text into lines of at most ``cells`` cells; ``first`` is the indent of the first line if it differs.

    Text that is ``foreign`` and begins right to left is set right to left; otherwise right-to-left words are isolated.
    """
    text = clean(text)
    prefix = indent if first is None else first
    for line in _wrap(text, max(1, cells - max(width(indent), width(prefix)))):
        yield prefix + isolate(line, text if foreign else None)
        prefix = indent


def isolate(line: str, whole: str | None = None) -> str:
    """The line with isolating marks around its right-to-left words, so that they cannot reorder the text around them.

    The line becomes a single isolate if ``whole``, the text that it is part of, is given and begins right to left.
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
    """Ranges from a right-to-left letter to the last one before a left-to-right letter, with attached symbols."""
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


def _wrap(text: str, cells: int) -> Iterator[str]:
    line, used = "", 0
    for piece in _unbreakable(text, cells):
        if line and used + _added(line, piece.rstrip()) > cells:
            yield line.rstrip()
            line, used = "", 0
        used += _added(line, piece)
        line += piece
    yield line.rstrip()


def _added(line: str, piece: str) -> int:
    """The cells that a piece adds to a line. A mark that begins the piece belongs to what is before it in the line:
    after a space or a letter it may take a cell, at the start of a line none."""
    if line and unicodedata.category(piece[:1] or " ").startswith("M"):
        return width(line + piece) - width(line)
    return width(f" {piece}") - 1 if line.endswith(" ") else width(piece)


def _unbreakable(text: str, cells: int) -> Iterator[str]:
    """The parts that a line break may not split: a word with the space after it, or a wide character with its closing
    punctuation.

    A word longer than a line is split between clusters, and so is text without spaces.
    """
    for word in re.findall(r"[^ \u200b]*[ \u200b]*", text):
        piece, used, after_wide = "", 0, False
        for cluster in clusters(word):
            wide = unicodedata.east_asian_width(cluster[0]) in "WF"  # a letter, not a conjunct of two cells
            blank = cluster.isspace()
            needed = 0 if blank else width(cluster)
            closes = blank or cluster in _CLOSING_PUNCTUATION
            if piece and (used + needed > cells or ((wide or after_wide) and not closes)):
                yield piece
                piece, used = "", 0
            piece += cluster
            used += needed
            after_wide = wide
        if piece:
            yield piece
