"""The article in an HTML page.

trafilatura decides which passages are the article, but its text is not used: it drops zero-width joiners and soft
hyphens, moves spaces and rewrites tables. Instead, each text node is marked before trafilatura sees it, and the blocks
whose marks come back are the article. So quotes from the page are found letter for letter, and what was left out is
known.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from dragoman.core.source import LeftOut
from dragoman.reading.formats.extracted import Extracted, parsing
from dragoman.reading.formats.html_facts import page_facts
from dragoman.reading.formats.html_page import NOT_HTML, SPACE, Block, lines_of, parse, text_holders

FURNITURE = "navigation, related links or other page furniture"
RUBY = "readings beside the text (ruby)"

_RUNNING = frozenset(("p", "h2", "h3", "h4", "h5"))
_LONG = 80
"""Characters. A line of this length is prose even by itself; captions and labels are shorter."""

# Where a passage stands in the page → why it is not the article: by element, then by words in id and class.
_PLACES = {
    "nav": "navigation (nav)",
    "footer": "page footer (footer)",
    "aside": "beside the article (aside)",
    "form": "form (form)",
    "figure": "picture and its caption (figure)",
    "button": "button (button)",
    "header": "page header (header)",
    "dialog": "dialog (dialog)",
}
_NAMED_PLACES = (
    (re.compile(r"\b(?:user-?|reader-?)?comments?\b|\bdisqus|\bcomment[-_]", re.I), "reader comments"),
    (
        re.compile(r"\b(?:related|recommend\w*|more-?news|readmore|read-more|see-?also)\b", re.I),
        "related links",
    ),
    (re.compile(r"\b(?:breadcrumbs?|menu|navbar|navigation|topbar|sitemap)\b", re.I), "navigation"),
    (re.compile(r"\b(?:cookies?|consent|gdpr)\b", re.I), "cookie notice"),
    (re.compile(r"\b(?:share|sharing|social)\b", re.I), "share links"),
    (re.compile(r"\b(?:advert\w*|ads?|banner|sponsored|promo)\b", re.I), "advertising"),
    (re.compile(r"\b(?:captions?|credits?)\b", re.I), "picture and its caption"),
)

# One character per text node, from a private plane that trafilatura leaves unchanged.
_FIRST_MARK, _LAST_MARK = 0x100000, 0x10FFFD
_MARK = re.compile("[\U00100000-\U0010fffd]")

_MAX_NODES = 40_000
"""The most text nodes of a page that trafilatura is given. The largest page of the corpus has about 3,000."""


def extract(text: str) -> Extracted:
    """The article in a page, in the letters of the page, with everything else that the page shows as left out."""
    notes: list[str] = []
    text, controls = NOT_HTML.subn("", text)
    if controls:
        notes.append(f"{controls} control characters removed from the page before reading it")
    root = parse(text)
    if root is None:
        return Extracted("", (), tuple(notes))
    facts = page_facts(root, text)
    holders = text_holders(root)
    blocks, ruby = lines_of(root)
    chosen, hidden_article, found = _choose(root, holders, blocks, notes)
    article = [] if hidden_article else [block for block, taken in zip(blocks, chosen, strict=True) if taken]
    headline = None if hidden_article else _headline(root, blocks, chosen)
    if headline:
        article.insert(0, headline)
    taken_ids = {id(block) for block in article}
    left_out = _left_out([block for block in blocks if id(block) not in taken_ids], article)
    if ruby:
        left_out += (LeftOut(" ".join(ruby), RUBY),)
    page = replace(
        facts,
        beside=tuple(b.text for b in blocks if id(b) not in taken_ids and not b.hidden and not b.linked),
        links=sum(block.linked and not block.hidden for block in blocks),
        is_empty=not found,
    )
    return Extracted(hidden_article or "\n".join(block.text for block in article), left_out, tuple(notes), page)


def _choose(
    root: Any, holders: list[tuple[Any, bool]], blocks: list[Block], notes: list[str]
) -> tuple[list[bool], str | None, bool]:
    """Which blocks are the article, the article from structured data if the page does not show it, and whether any was
    found."""
    kept: set[int] = set()
    unseen = ""
    if len(holders) <= _MAX_NODES:
        kept, unseen = _ask_trafilatura(root, holders)
    else:
        notes.append(f"the page has {len(holders):,} pieces of text: too many to classify, so all of them are kept")
    chosen = [_is_kept(block, kept) for block in blocks]
    shown = sum(len(block.text) for block, taken in zip(blocks, chosen, strict=True) if taken)
    if len(unseen) > 2 * shown and len(unseen) > 200:
        notes.append("the page shows little text, so the article was taken from its structured data (JSON-LD)")
        return chosen, unseen, True
    if any(chosen):
        return _completed(root, blocks, chosen), None, True
    if len(holders) <= _MAX_NODES and blocks:
        notes.append("no article was found in the page, so all the text that it shows is kept")
    outside = [not block.hidden and not _place(block.element, frozenset()) for block in blocks]
    return (outside if any(outside) else [not block.hidden for block in blocks]), None, False


def _completed(root: Any, blocks: list[Block], chosen: list[bool]) -> list[bool]:
    """``chosen`` with the blocks inside an article that trafilatura tends to drop.

    These are the standfirst (a line that the page's description repeats) and the siblings of the article's paragraphs
    that are not links: subheadings, short lines in between, long paragraphs after. In a page that divides the article
    into sections, sections with the same markup are treated alike.
    """
    done = list(chosen)
    described = [key for key in map(_key, _described(root)) if len(key) >= 40]
    paragraphs = [(i, b.element.getparent()) for i, b in enumerate(blocks) if chosen[i] and _tag(b) == "p"]
    bodies = {parent for parent, times in Counter(parent for _, parent in paragraphs).items() if times > 1}
    shapes = {_shape(parent) for parent in bodies} - {None}
    last = {parent: i for i, parent in paragraphs}
    for i, block in enumerate(blocks):
        if chosen[i] or block.hidden or block.linked or block.element is None:
            continue
        parent, tag = block.element.getparent(), block.element.tag
        if any(_repeats(_key(block.text), key) for key in described):
            # Only the first one: the description may be shown again in a list of related articles.
            described = [key for key in described if not _repeats(_key(block.text), key)]
            done[i] = True
        elif parent in bodies and tag in _RUNNING:
            between = any(done[j] and blocks[j].element.getparent() is parent for j in range(max(0, i - 3), i))
            done[i] = (between and i < last[parent]) or (tag == "p" and len(block.text) >= _LONG)
        elif parent is not None and _shape(parent) in shapes:
            done[i] = tag in _RUNNING and (tag != "p" or len(block.text) >= _LONG)
    return done


def _shape(element: Any) -> tuple[Any, ...] | None:
    """What the sections of an article have in common: their tag and classes, and those of the element around them. None
    for an element without a class."""
    outer = element.getparent()
    names = (element.get("class") or "").split()[:2]
    return (element.tag, *names, outer.tag, outer.get("class")) if names and outer is not None else None


def _repeats(text: str, described: str) -> bool:
    return len(text) >= 40 and (text.startswith(described.rstrip(".…")) or described.startswith(text))


def _described(root: Any) -> Iterator[str]:
    for meta in root.iter("meta"):
        if (meta.get("property") or meta.get("name")) in (
            "og:description",
            "description",
            "twitter:description",
        ):
            yield meta.get("content") or ""


def _tag(block: Block) -> str:
    return "" if block.element is None else str(block.element.tag)


def _is_kept(block: Block, kept: set[int]) -> bool:
    # trafilatura drops inline parts of a paragraph (dates in <time>, links), so half of a block is enough.
    taken = sum(length for node, length in block.nodes if node in kept)
    return 2 * taken >= sum(length for _, length in block.nodes) and taken > 0


def _ask_trafilatura(root: Any, holders: list[tuple[Any, bool]]) -> tuple[set[int], str]:
    """The numbers of the text nodes that are the article, and any text from outside the nodes (JSON-LD)."""
    for number, (element, is_tail) in enumerate(holders):
        text = (element.tail if is_tail else element.text) or ""
        lead = len(text) - len(text.lstrip())
        marked = text[:lead] + chr(_FIRST_MARK + number) + _MARK.sub("", text[lead:])
        if is_tail:
            element.tail = marked
        else:
            element.text = marked
    extractor = _trafilatura()
    with parsing("page"):
        document = extractor.bare_extraction(
            root, include_comments=False, include_tables=True, deduplicate=False, with_metadata=False
        )
    if document is None or document.body is None:
        return set(), ""
    kept: set[int] = set()
    unseen: list[str] = []
    for text in document.body.itertext():
        marks = _MARK.findall(text)
        kept.update(ord(mark) - _FIRST_MARK for mark in marks)
        if not marks and len(text) > 100:
            unseen.append(SPACE.sub(" ", text).strip())
    return kept, "\n".join(unseen)


@lru_cache(maxsize=1)
def _trafilatura() -> Any:
    import trafilatura

    # Its messages about a page do not belong on the user's terminal. Whoever configures logging still gets them.
    logging.getLogger("trafilatura").addHandler(logging.NullHandler())
    return trafilatura


def _headline(root: Any, blocks: list[Block], chosen: list[bool]) -> Block | None:
    """The headline of the page if the page shows it and it was not chosen, otherwise None.

    It is the ``h1`` that the page's title repeats, or the only ``h1``, or the shown line that equals the title.
    """
    titles = [key for key in map(_key, _titles(root)) if key]
    shown = [block for block in blocks if not block.hidden]
    heads = [block for block in shown if _tag(block) == "h1"]
    named = [block for block in heads if _is_title(block.text, titles)] or (heads if len(heads) == 1 else [])
    named = named or [block for block in shown if _is_title(block.text, titles)]
    if not named:
        return None
    wanted = _key(named[0].text)
    if any(taken and _key(block.text) == wanted for block, taken in zip(blocks, chosen, strict=True)):
        return None
    return named[0]


def _titles(root: Any) -> Iterator[str]:
    for meta in root.iter("meta"):
        if (meta.get("property") or meta.get("name")) in ("og:title", "twitter:title"):
            yield meta.get("content") or ""
    for title in root.iter("title"):
        yield title.text or ""
        break


def _is_title(text: str, titles: list[str]) -> bool:
    # A page title is often the headline with the name of the site. A shorter line may well be the name of a section.
    key = _key(text)
    return len(key) >= 8 and any(key == title or (len(key) * 2 > len(title) and key in title) for title in titles)


def _key(text: str) -> str:
    return "".join(_MARK.sub("", text).split()).casefold()


def _left_out(blocks: list[Block], article: list[Block]) -> tuple[LeftOut, ...]:
    """What the page shows besides the article. Neighbouring lines with the same reason are one item."""
    around = frozenset(
        outer
        for block in article
        if block.element is not None
        for outer in (block.element, *block.element.iterancestors())
    )
    grouped: list[tuple[str, list[str]]] = []
    for block in blocks:
        if block.hidden:
            continue
        reason = _place(block.element, around) or FURNITURE
        if grouped and grouped[-1][0] == reason:
            grouped[-1][1].append(block.text)
        else:
            grouped.append((reason, [block.text]))
    return tuple(LeftOut("\n".join(lines), reason) for reason, lines in grouped)


def _place(element: Any, around: frozenset[Any]) -> str:
    """What a line is by the elements around it, from the innermost outwards; "" if they do not say.

    ``around`` are elements that also contain the article, so their names say nothing about the line.
    """
    while element is not None and element not in around and element.tag not in ("body", "html"):
        if element.tag in _PLACES:
            return _PLACES[element.tag]
        names = f"{element.get('id') or ''} {element.get('class') or ''}"[:300]
        reason = next((reason for pattern, reason in _NAMED_PLACES if pattern.search(names)), "")
        if reason:
            return reason
        element = element.getparent()
    return ""
