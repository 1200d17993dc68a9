"""Article → Source: decode, drop markup, number paragraphs, tell the language.

Never changes a letter: quotation marks, widths, accents, joiners and composed or decomposed forms stay, because
quotes are compared with the source letter for letter. What is removed (control characters, a body that is
printed twice) is a list of steps that `source.replay` can do again.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from itertools import accumulate

from dragoman import decoding, extraction, language
from dragoman.articles import MEDIA_TYPES, Article
from dragoman.errors import ArticleError
from dragoman.source import Source, Step, numbered, replay

_RECIPE = 2
"""Raise it with any change here or in decoding, extraction or language that can change a source."""

_LIBRARIES = ("trafilatura", "lxml", "charset-normalizer", "webencodings", "markdown-it-py", "cld3-py", "opencc")

# C0 but tab and line feed, DEL, C1. Bidi marks and joiners are not among them: they are part of the writing.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f][\x00-\x08\x0b-\x1f\x7f-\x9f]*")
_BREAKS = frozenset("\x0b\x0c\x85")  # vertical tab, form feed, next line

_PARAGRAPH = re.compile(r"\S[^\n]*")
_BLANK = re.compile(r"[\s\ufeff\u200b\u2060]*")  # white space, byte order mark, zero-width spaces

# A repeated line shorter than this may be a refrain, a byline or a heading; a repeated run of lines is judged
# by its different lines together, so that a column of equal cells is none.
_MIN_REPEATED = 80

# Words by which most paragraphs differ.
_FIRST = 4

# Earlier places compared for each line. A text with more equal lines than this is a table or a refrain.
_CANDIDATES = 8

# Hard-wrapped text: columns of a wrapped line. 40 keeps verse and lists out, 100 is the widest usual setting.
_WRAP_FROM, _WRAP_TO = 40, 100
_LONGEST_WORD = 24
_ITEM = re.compile(r"(?:[-*•–—·▪◦]|\(?\w{1,3}[.)])\s")
_SENTENCE_END = tuple(".!?…。！？．｡।॥؟۔։።។။:;：；\"'”’»」』)）")


@lru_cache(maxsize=1)
def recipe() -> str:
    """What a source depends on besides its bytes: this module's number and the versions of the libraries.

    ``"1 trafilatura-2.3.1 lxml-6.1.3 …"``; a library that is not installed is ``name-none``.
    """
    return " ".join([str(_RECIPE), *(f"{name}-{_version(name)}" for name in _LIBRARIES)])


def prepare(article: Article) -> Source:
    """The source of ``article``.

    Raises `ArticleError`: ``unsupported`` (an ending that is not read), ``empty``, ``binary``,
    ``undecodable`` (more than 0.1 % of the characters would be lost), ``unreadable`` (broken markup).
    """
    if article.media_type not in MEDIA_TYPES.values():
        endings = ", ".join(sorted(MEDIA_TYPES))
        raise ArticleError("unsupported", f"{article.name} is of a kind that is not read; supported are {endings}")
    declared = None
    if article.media_type == "text/html":
        declared = decoding.declared_charset(article.content)
    try:
        if not article.content.strip():
            raise ArticleError("empty", "there is no text in it")
        decoded = decoding.decode(article.content, declared)
        return _source(decoded, article.media_type)
    except ArticleError as error:
        raise ArticleError(error.code, f"{article.name}: {error}") from error


def prepare_text(text: str, media_type: str = "text/plain") -> Source:
    """The source of a text that is decoded already (``encoding_from`` is ``text``). Raises as `prepare` does.

    Lone surrogates, which no file can hold, become U+FFFD.
    """
    clean = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    notes = () if clean == text else ("lone surrogates in the text stand as U+FFFD",)
    decoded = decoding.Decoded(decoding.plain_line_ends(clean.removeprefix("\ufeff")), "utf-8", "text", notes)
    return _source(decoded, media_type)


def _source(decoded: decoding.Decoded, media_type: str) -> Source:
    if _is_blank(decoded.text):
        raise ArticleError("empty", "there is no text in it")
    taken = extraction.extract(decoded.text, media_type)
    steps, text, ranges = _stepped(taken.text, wrapped=media_type == "text/plain")
    if _is_blank(text):
        raise ArticleError("empty", "there is no article text in it")
    tag, script = language.identify(text)
    return Source(
        text=text,
        paragraphs=numbered(ranges),
        language=tag,
        script=script,
        encoding=decoded.encoding,
        encoding_from=decoded.encoding_from,
        extracted=taken.text,
        steps=steps,
        left_out=taken.left_out,
        notes=decoded.notes + taken.notes,
    )


def _is_blank(text: str) -> bool:
    return _BLANK.fullmatch(text) is not None


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


# --- Steps --------------------------------------------------------------------------------------------------


def _stepped(extracted: str, *, wrapped: bool) -> tuple[tuple[Step, ...], str, list[tuple[int, int]]]:
    """(steps on ``extracted``, the text they give, the ranges of its paragraphs)."""
    controls = [_control_step(found) for found in _CONTROL.finditer(extracted)]
    clean = replay(extracted, controls)
    ranges = list(paragraph_ranges(clean, wrapped=wrapped))
    drops = _repeats(clean, ranges)
    if not drops:
        return tuple(controls), clean, ranges
    steps = _merged(controls, _on_extracted(drops, controls))
    return steps, replay(clean, drops), list(_kept(ranges, drops))


def _control_step(found: re.Match[str]) -> Step:
    breaks = not _BREAKS.isdisjoint(found[0])
    reason = "line break control made a line break" if breaks else "control character removed"
    return Step(found.start(), found.end(), "\n" if breaks else "", reason)


def _on_extracted(drops: list[Step], controls: list[Step]) -> list[Step]:
    """``drops``, whose offsets count in the text without controls, on the text with them.

    The first and last characters of a drop are no controls, so each stands in one place only.
    """
    shifts = [0, *accumulate(step.end - step.start - len(step.replacement) for step in controls)]
    behind = [step.end - shift for step, shift in zip(controls, shifts[1:], strict=True)]

    def place(offset: int) -> int:
        return offset + shifts[bisect_right(behind, offset)]

    return [Step(place(drop.start), place(drop.end - 1) + 1, "", drop.reason) for drop in drops]


def _merged(controls: list[Step], drops: list[Step]) -> tuple[Step, ...]:
    """Both kinds in order; a control inside a dropped run goes with it."""
    merged: list[Step] = []
    position = 0
    for drop in drops:
        while position < len(controls) and controls[position].end <= drop.start:
            merged.append(controls[position])
            position += 1
        while position < len(controls) and controls[position].start < drop.end:
            position += 1
        merged.append(drop)
    return (*merged, *controls[position:])


def _kept(ranges: list[tuple[int, int]], drops: list[Step]) -> Iterator[tuple[int, int]]:
    gone = position = 0
    for start, end in ranges:
        while position < len(drops) and drops[position].end <= start:
            gone += drops[position].end - drops[position].start
            position += 1
        if position == len(drops) or end <= drops[position].start:
            yield start - gone, end - gone


# --- Paragraphs ---------------------------------------------------------------------------------------------


def paragraph_ranges(text: str, *, wrapped: bool) -> Iterator[tuple[int, int]]:
    """(start, end) of each paragraph, without white space at its ends.

    A paragraph is a line that is not blank; with ``wrapped``, a block of lines that an editor broke at a
    fixed width is one paragraph, line breaks inside.
    """
    # Where no two lines stand together, none was broken.
    if not wrapped or "\n" not in text.strip().replace("\n\n", ""):
        yield from _lines(text)
        return
    block: list[tuple[int, int]] = []
    for start, end in _lines(text):
        if block and text.count("\n", block[-1][1], start) > 1:
            yield from _block(text, block)
            block = []
        block.append((start, end))
    yield from _block(text, block)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    for found in _PARAGRAPH.finditer(text):
        yield found.start(), found.start() + len(found[0].rstrip())


def _block(text: str, lines: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    if len(lines) >= 3 and _is_hard_wrapped([text[start:end] for start, end in lines]):
        yield lines[0][0], lines[-1][1]
    else:
        yield from lines


def _is_hard_wrapped(lines: Sequence[str]) -> bool:
    """Whether ``lines`` (no blank one) are one paragraph broken by an editor or mail program.

    Every line but the last is nearly as wide as the widest, the next word would not have fitted on it, most
    lines do not end as a sentence does, and most do not begin as a headline or a list item does.
    """
    if any(len(line) > 3 * _WRAP_TO or _ITEM.match(line) for line in lines):
        return False
    widths: list[int] = []
    for line in lines:
        widths.append(display_width(line))
        if widths[-1] > _WRAP_TO:
            return False  # mostly told by the first paragraph that is not wrapped
    widest = max(widths)
    if max(widths[:-1]) < _WRAP_FROM:
        return False
    for width, following in zip(widths, lines[1:], strict=False):
        room = widest - width
        word = display_width(following.split(None, 1)[0])
        # Without spaces (Chinese, Japanese, Thai) a line breaks anywhere but before closing punctuation: it is
        # full but for two wide characters.
        fits = room > 4 if word > _LONGEST_WORD else room > 6 and width + 1 + word <= widest
        if fits or room > 0.4 * widest:
            return False
    ended = sum(1 for line in lines[:-1] if line.endswith(_SENTENCE_END))
    capital = sum(1 if line[0].isupper() else -1 if line[0].islower() else 0 for line in lines[1:])
    return 2 * ended < len(lines) - 1 and capital <= 0


def display_width(line: str) -> int:
    """Columns of a terminal: two for wide East Asian characters, none for combining marks."""
    if line.isascii():
        return len(line)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in line
    )


# --- Repetition ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Run:
    """Paragraphs ``first`` to ``first + length - 1`` (from 0) are again what stood at ``earlier`` and after."""

    first: int
    earlier: int
    length: int


def _repeats(text: str, ranges: list[tuple[int, int]]) -> list[Step]:
    """Steps on ``text`` that drop what is printed again: whole paragraphs, letter for letter but for spaces.

    A run of paragraphs goes when its different paragraphs have 80 characters or more. A line that is
    repeated by itself stays if it is shorter: a refrain, a byline, ``***``, a table cell.
    """
    # Mostly no two paragraphs begin alike: then they need not be read to their ends.
    if len({tuple(text[start:end].split(None, _FIRST)[:_FIRST]) for start, end in ranges}) == len(ranges):
        return []
    keys = [" ".join(text[start:end].split()) for start, end in ranges]
    if len(set(keys)) == len(keys):
        return []
    runs = list(_repeated_runs(keys))
    numbers = _final_numbers(len(ranges), runs)
    return [_drop(ranges, run, numbers) for run in runs]


def _repeated_runs(keys: list[str]) -> Iterator[_Run]:
    places: dict[str, list[int]] = defaultdict(list)
    # A repetition at a given distance is followed once to its end, so equal lines cost linear time.
    followed: dict[int, int] = {}
    original: list[int] = []
    position = 0
    while position < len(keys):
        best = _Run(position, 0, 0)
        for earlier in places[keys[position]][-_CANDIDATES:]:
            distance = position - earlier
            if followed.get(distance, 0) > position:
                continue
            length = _common(keys, earlier, position)
            followed[distance] = position + length
            if length > best.length and _is_much(keys[position : position + length]):
                best = _Run(position, earlier, length)
        for index in range(position, position + max(1, best.length)):
            places[keys[index]].append(index)
            original.append(original[best.earlier + index - position] if best.length else index)
        if best.length:
            yield from _contiguous(best, original)
        position += max(1, best.length)


def _common(keys: list[str], earlier: int, position: int) -> int:
    length = 0
    end = min(position, len(keys) - position + earlier)
    while earlier + length < end and keys[earlier + length] == keys[position + length]:
        length += 1
    return length


def _is_much(keys: list[str]) -> bool:
    return sum(map(len, set(keys))) >= _MIN_REPEATED


def _contiguous(run: _Run, original: list[int]) -> Iterator[_Run]:
    """``run`` in parts that each repeat neighbours: what it repeats may be a repetition itself, in pieces."""
    first = run.first
    for index in range(run.first + 1, run.first + run.length + 1):
        if index == run.first + run.length or original[index] != original[index - 1] + 1:
            yield _Run(first, original[first], index - first)
            first = index


def _final_numbers(count: int, runs: list[_Run]) -> list[int]:
    """The number that each paragraph has once ``runs`` are dropped; for a dropped one, of the one before."""
    numbers: list[int] = []
    dropped = {index for run in runs for index in range(run.first, run.first + run.length)}
    for index in range(count):
        numbers.append((numbers[-1] if numbers else 0) + (index not in dropped))
    return numbers


def _drop(ranges: list[tuple[int, int]], run: _Run, numbers: list[int]) -> Step:
    first, last = numbers[run.earlier], numbers[run.earlier + run.length - 1]
    reason = f"repeats paragraph {first}" if first == last else f"repeats paragraphs {first}-{last}"
    after = run.first + run.length
    if after < len(ranges):
        return Step(ranges[run.first][0], ranges[after][0], "", reason)
    return Step(ranges[run.first][0], ranges[after - 1][1], "", reason)
