"""The nouns that every offset refers to: Source, Paragraph, Step.

A `Source` is an article prepared for reading. Every offset into an article is a half-open range of code points in
``Source.text``; only the steps of the preparation count in the extracted text that they start from.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dragoman.core.once import once
from dragoman.core.text import caseless

Match = Literal["exact", "normalized", "absent"]
"""How a quote was found in a source: letter for letter, after normalising spaces, punctuation and forms, or not at
all."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``text[start:end]`` of the source, without white space at its ends. ``number`` counts from 1."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Step:
    """One change made by the preparation: ``extracted[start:end]`` became ``replacement``, because of ``reason``.

    The steps of a source are in order and do not overlap. Offsets count in the extracted text.
    """

    start: int
    end: int
    replacement: str
    reason: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A piece of the page that the extraction did not take as article text, and why. It is not in `Source.text`."""

    text: str
    reason: str


WallKind = Literal[
    "javascript",  # asks to enable JavaScript or cookies
    "check",  # a security check or a captcha
    "consent",  # asks for consent to cookies and the use of data
    "subscription",  # only for subscribers
    "login",  # asks to log in
    "app",  # asks to open or install an app
    "missing",  # no such page, or an error of the server
    "forbidden",  # access denied
    "region",  # not available in the reader's country
    "age",  # asks for the reader's age
    "rate",  # too many requests
    "maintenance",  # the site is being maintained
    "redirect",  # sends the reader to another page
    "navigation",  # only links to other pages
]
"""What a saved page is when it is not the article that it should be. The list is closed."""


@dataclass(frozen=True, slots=True)
class Wall:
    """What stands where the article should be: its kind, and the words by which it was recognised, as printed; empty
    for a page that was recognised by its markup."""

    kind: WallKind
    words: str


@dataclass(frozen=True, slots=True)
class Cut:
    """The words that say that the rest of the article is only for some readers. ``start`` and ``end`` are their place
    in `Source.text`, or None if they stand outside the article."""

    words: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Source:
    """A prepared article: text, numbered paragraphs, language and script, and how they were obtained.

    ``language`` is a BCP-47 tag such as ``vi``, ``hi``, ``zh-Hans``; ``und`` when it is unknown. ``script`` is ISO
    15924 (``Latn``, ``Deva``, ``Hans``); ``Zyyy`` when there are no letters. ``encoding`` is the charset in which the
    bytes were read. ``encoding_from`` is one of ``bom``, ``utf-8``, ``declared``, ``guess``, ``text`` (the article was
    given as text, not bytes). ``extracted`` is the text before the steps; `replay` of it and ``steps`` gives ``text``.
    """

    text: str
    paragraphs: tuple[Paragraph, ...]
    language: str
    script: str
    encoding: str
    encoding_from: str
    extracted: str = field(repr=False)
    steps: tuple[Step, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    wall: Wall | None = None
    """What the page is, if it is certainly not the article."""
    cut: Cut | None = None
    """Where the page says that it does not have the whole article."""
    fence_text: str | None = field(default=None, repr=False)
    """The text that the fence word of a request is computed from, if that is not `paragraphs_alone`; see
    `tasks.requests.as_asked_before`."""

    @once
    def paragraphs_alone(self) -> str:
        """The paragraphs one below the other: what a request depends on. White space between paragraphs, and at the
        ends of the text, is not in it."""
        return "\n".join([self.text[paragraph.start : paragraph.end] for paragraph in self.paragraphs])

    @once
    def caseless(self) -> str:
        """`caseless` of the text: a quick way to see that something is not in it."""
        return caseless(self.text)

    @once
    def ends(self) -> tuple[int, ...]:
        """The offset where each paragraph ends."""
        return tuple([paragraph.end for paragraph in self.paragraphs])

    def paragraph_text(self, number: int) -> str:
        """The text of paragraph ``number`` (from 1). Raises IndexError when it does not exist."""
        if number < 1:
            raise IndexError(number)
        paragraph = self.paragraphs[number - 1]
        return self.text[paragraph.start : paragraph.end]

    def paragraph_at(self, offset: int) -> int | None:
        """The number of the paragraph that contains ``offset``; None between paragraphs."""
        index = bisect_right(self.ends, offset)
        if index < len(self.paragraphs) and self.paragraphs[index].start <= offset:
            return self.paragraphs[index].number
        return None

    def to_json(self) -> dict[str, Any]:
        """JSON values for the cache, from which `from_json` gives an equal source."""
        return {
            "text": self.text,
            "paragraphs": [[p.start, p.end] for p in self.paragraphs],
            "language": self.language,
            "script": self.script,
            "encoding": self.encoding,
            "encoding_from": self.encoding_from,
            # Usually nothing was changed; then the text is not written twice.
            "extracted": None if self.extracted == self.text else self.extracted,
            "steps": [[s.start, s.end, s.replacement, s.reason] for s in self.steps],
            "left_out": [[item.text, item.reason] for item in self.left_out],
            "notes": list(self.notes),
            "wall": [self.wall.kind, self.wall.words] if self.wall else None,
            "cut": [self.cut.words, self.cut.start, self.cut.end] if self.cut else None,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Source:
        """The source that `to_json` wrote. Raises KeyError or TypeError for anything else."""
        return cls(
            text=value["text"],
            paragraphs=numbered(value["paragraphs"]),
            language=value["language"],
            script=value["script"],
            encoding=value["encoding"],
            encoding_from=value["encoding_from"],
            extracted=value["text"] if value["extracted"] is None else value["extracted"],
            steps=tuple(Step(*step) for step in value["steps"]),
            left_out=tuple(LeftOut(*item) for item in value["left_out"]),
            notes=tuple(value["notes"]),
            wall=Wall(*value["wall"]) if value["wall"] else None,
            cut=Cut(*value["cut"]) if value["cut"] else None,
        )


def numbered(ranges: Sequence[Sequence[int]]) -> tuple[Paragraph, ...]:
    """Paragraphs numbered from 1, from (start, end) pairs in order."""
    return tuple(Paragraph(number, start, end) for number, (start, end) in enumerate(ranges, start=1))


def replay(extracted: str, steps: Sequence[Step]) -> str:
    """The text that ``steps`` make of ``extracted``. Raises ValueError when steps overlap or are out of order."""
    pieces: list[str] = []
    position = 0
    for step in steps:
        if step.start < position or step.end < step.start or step.end > len(extracted):
            raise ValueError(f"step {step} does not fit after offset {position}")
        pieces += (extracted[position : step.start], step.replacement)
        position = step.end
    pieces.append(extracted[position:])
    return "".join(pieces)
