"""Article → Source: decode, drop markup, number paragraphs, identify the language.

Never changes a letter: quotation marks, widths, accents, joiners and composed or decomposed forms stay, because quotes
are compared with the source letter for letter. Two things are removed: control characters, and a body that is printed
twice. Both removals are steps that `source.replay` can repeat.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from dragoman.core.article import Article
from dragoman.core.source import Cut, Source, Step, Wall, numbered, replay
from dragoman.errors import ArticleError
from dragoman.reading import decode, formats, language, neighbours, walls
from dragoman.reading.paragraphs import paragraph_ranges
from dragoman.reading.repeats import repetition_steps

# C0 except tab and line feed, DEL, and C1. Bidi marks and joiners are not in it: they are part of the writing.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f][\x00-\x08\x0b-\x1f\x7f-\x9f]*")
_BREAKS = frozenset("\x0b\x0c\x85")  # vertical tab, form feed, next line

_BLANK = re.compile(r"[\s\ufeff\u200b\u2060]*")  # white space, byte order mark, zero-width spaces


def prepare(article: Article) -> Source:
    """The source of ``article``.

    Raises `ArticleError`: ``unsupported`` (a format that is not read), ``empty``, ``binary``,
    ``undecodable`` (more than 0.1 % of the characters would be lost), ``unreadable`` (broken markup).
    """
    row = formats.BY_MEDIA_TYPE.get(article.media_type)
    if row is None:
        what = formats.not_read()
        raise ArticleError("unsupported", f"{article.name} {what}", what=what)
    declared = decode.declared_charset(article.content) if row.declares_charset else None
    try:
        if not article.content.strip():
            raise ArticleError("empty", "it contains no text")
        return _source(decode.decode(article.content, declared), row)
    except ArticleError as error:
        raise ArticleError(error.code, f"{article.name}: {error}", what=error.what) from error


def prepare_text(text: str, media_type: str = "text/plain") -> Source:
    """The source of a text that is already decoded (``encoding_from`` is ``text``). Raises as `prepare` does.

    ``media_type`` must be one of `formats.FORMATS`. Lone surrogates, which no file can hold, become U+FFFD.
    """
    clean = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    notes = () if clean == text else ("lone surrogates in the text were replaced by U+FFFD",)
    decoded = decode.Decoded(decode.plain_line_ends(clean.removeprefix("\ufeff")), "utf-8", "text", notes)
    return _source(decoded, formats.BY_MEDIA_TYPE[media_type])


def _source(decoded: decode.Decoded, row: formats.Format) -> Source:
    if _is_blank(decoded.text):
        raise ArticleError("empty", "it contains no text")
    extracted = formats.extract(decoded.text, row.media_type)
    steps, text, ranges = _steps(extracted.text, wrapped=row.hard_wrapped)
    if not ranges:
        if (empty := walls.wall_without_text(extracted.page)) is not None:
            raise ArticleError("wall", walls.not_the_article(empty))
        raise ArticleError("empty", "it contains no article text")
    tag, script = language.identify(text)
    notes = decoded.notes + extracted.notes
    if script == "Latn" and (font := neighbours.legacy_font(text)):
        tag = "und"
        notes += (f"the text seems to be typed for the font {font}, in Latin letters; convert it to Unicode",)
    paragraphs = numbered(ranges)
    wall = walls.find_wall(text, paragraphs, tag, extracted.page)
    return Source(
        text=text,
        paragraphs=paragraphs,
        language=tag,
        script=script,
        encoding=decoded.encoding,
        encoding_from=decoded.encoding_from,
        extracted=extracted.text,
        steps=steps,
        left_out=extracted.left_out,
        notes=notes,
        wall=wall if isinstance(wall, Wall) else None,
        cut=wall if isinstance(wall, Cut) else None,
    )


def _is_blank(text: str) -> bool:
    return _BLANK.fullmatch(text) is not None


def _steps(extracted: str, *, wrapped: bool) -> tuple[tuple[Step, ...], str, list[tuple[int, int]]]:
    """(steps on ``extracted``, the text they give, the ranges of its paragraphs)."""
    controls = [_control_step(match) for match in _CONTROL.finditer(extracted)]
    clean = replay(extracted, controls)
    ranges = list(paragraph_ranges(clean, wrapped=wrapped))
    drops = repetition_steps(clean, ranges)
    if not drops:
        return tuple(controls), clean, ranges
    steps = _merge(controls, _on_extracted(drops, controls))
    return steps, replay(clean, drops), list(_remaining(ranges, drops))


def _control_step(match: re.Match[str]) -> Step:
    breaks = not _BREAKS.isdisjoint(match[0])
    reason = "line break control made a line break" if breaks else "control character removed"
    return Step(match.start(), match.end(), "\n" if breaks else "", reason)


def _on_extracted(drops: list[Step], controls: list[Step]) -> list[Step]:
    """``drops``, whose offsets count in the text without controls, with offsets in the text that has them.

    The first and the last character of a drop are no controls, so each has exactly one place there.
    """
    shifts = [0, *accumulate(step.end - step.start - len(step.replacement) for step in controls)]
    ends = [step.end - shift for step, shift in zip(controls, shifts[1:], strict=True)]

    def place(offset: int) -> int:
        return offset + shifts[bisect_right(ends, offset)]

    return [Step(place(drop.start), place(drop.end - 1) + 1, "", drop.reason) for drop in drops]


def _merge(controls: list[Step], drops: list[Step]) -> tuple[Step, ...]:
    """Both kinds of steps in order. The step of a control inside dropped text is not needed and goes."""
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


def _remaining(ranges: list[tuple[int, int]], drops: list[Step]) -> Iterator[tuple[int, int]]:
    """The ranges that are not dropped, with offsets in the text that is left."""
    removed = position = 0
    for start, end in ranges:
        while position < len(drops) and drops[position].end <= start:
            removed += drops[position].end - drops[position].start
            position += 1
        if position == len(drops) or end <= drops[position].start:
            yield start - removed, end - removed
