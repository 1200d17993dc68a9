"""An HTML page as lines: the text of each block, letter for letter, and the text nodes that it consists of.

White space is collapsed as browsers do it, so no-break and ideographic spaces stay. The cells of a table row are
separated by tabs.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

from dragoman.errors import ArticleError
from dragoman.reading.formats.extracted import parsing

_NEVER_TEXT = frozenset((
    "script", "style", "noscript", "template", "head", "title", "meta", "link", "svg", "iframe", "object", "embed",
    "applet", "audio", "video", "canvas", "select", "datalist", "textarea", "input", "map", "rp", "frame",
    "frameset",
))  # fmt: skip
BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "button", "caption", "center", "dd", "details", "dialog",
    "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "optgroup", "option", "p",
    "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
))  # fmt: skip
_CELLS = frozenset(("td", "th"))

_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)

# The HTML parser turns NUL into U+FFFD and fails on the others. Browsers show none of them.
NOT_HTML = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")

# Characters that lxml reads from a page (form feeds, character references) but refuses to write. Only form feed is
# white space.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

SPACE = re.compile(r"[ \t\n\f\r]+")
_ROW_SPACE = re.compile(r"[ \n\f\r]*\t[ \t\n\f\r]*|[ \n\f\r]+")

_MAX_DEPTH = 2_048
"""Levels of nested elements at which the parser stops."""


@dataclass(frozen=True, slots=True)
class Block:
    """One line of the page: its text, and the text nodes (number, length) that it consists of.

    ``element`` is the block element around it, ``linked`` is true if most of it is a link, ``hidden`` if the page does
    not show it.
    """

    text: str
    nodes: tuple[tuple[int, int], ...]
    element: Any
    linked: bool
    hidden: bool


def parse(text: str) -> Any:
    """The root element, or None for a page without elements. Raises `ArticleError` for too deep nesting."""
    from lxml import etree, html

    # Bytes, because an XML declaration in a str is an error. huge_tree raises the depth limit from 256 to 2,048.
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        with parsing("HTML"):
            root = html.document_fromstring(text.encode("utf-8"), parser=parser)
    except ArticleError as error:
        if isinstance(error.__cause__, etree.ParserError):
            return None  # only white space and comments
        raise
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise ArticleError("unreadable", f"the page nests elements more than {_MAX_DEPTH:,} deep")
    for element in root.iter():
        if element.text and _NOT_XML.search(element.text):
            element.text = _NOT_XML.sub(_shown, element.text)
        if element.tail and _NOT_XML.search(element.tail):
            element.tail = _NOT_XML.sub(_shown, element.tail)
    return root


def _shown(control: re.Match[str]) -> str:
    return " " if control[0] == "\f" else ""


def text_holders(root: Any) -> list[tuple[Any, bool]]:
    """Every piece of text that is not blank, in page order: (element, whether the text is its tail)."""
    return [(element, tail) for element, tail, text, _ in _walk(root) if text.strip()]


def _walk(root: Any) -> Iterator[tuple[Any, bool, str, bool]]:
    """(element, is tail, text, starts) for each piece of text that may be shown.

    Each element gives one item when it starts (its own text) and one when it ends (its tail). Without recursion,
    because a page may be nested deeper than Python's stack.
    """
    stack: list[tuple[Any, bool]] = [(root, True)]
    while stack:
        element, starts = stack.pop()
        if not starts:
            yield element, True, element.tail or "", False
            continue
        stack.append((element, False))
        if element.tag in _NEVER_TEXT or not isinstance(element.tag, str):
            continue
        yield element, False, element.text or "", True
        stack += ((child, True) for child in reversed(element))


def lines_of(root: Any) -> tuple[list[Block], list[str]]:
    """The lines of the page in order, and the ruby texts (small text above Han characters), which are in no line."""
    blocks: list[Block] = []
    ruby: list[str] = []
    pieces: list[tuple[int, str, Any]] = []
    hidden_by: set[Any] = set()
    node = -1
    in_ruby = 0
    for element, is_tail, text, starts in _walk(root):
        if starts and (element.getparent() in hidden_by or _hides(element)):
            hidden_by.add(element)
        if element.tag in ("rt", "rtc"):
            in_ruby += 1 if starts else -1
        if element.tag in BLOCKS or element.tag == "br":
            blocks += _block(pieces, hidden_by)
            pieces = []
        elif element.tag in _CELLS and starts and pieces:
            pieces.append((-1, "\t", element))
        holder = element.getparent() if is_tail else element
        if text.strip():
            node += 1
            if in_ruby:
                ruby += text.split()
            else:
                pieces.append((node, text, holder))
        elif text:
            pieces.append((-1, text, holder))
    return blocks + _block(pieces, hidden_by), ruby


def _block(pieces: list[tuple[int, str, Any]], hidden_by: set[Any]) -> list[Block]:
    """The block that ``pieces`` (node, text, element around it) form, or no block if they are blank."""
    texts = [(node, len(text.strip()), holder) for node, text, holder in pieces if node >= 0]
    if not texts:
        return []
    holder = texts[0][2]
    element = above(holder, BLOCKS)
    if element is not None and element.tag == "pre":
        text = "".join(piece for _, piece, _ in pieces).strip("\n")
    else:
        text = _ROW_SPACE.sub(lambda m: "\t" if "\t" in m[0] else " ", _cells(pieces)).strip(" \t")
    linked = sum(length for _, length, around in texts if above(around, ("a",), element) is not None)
    nodes = tuple((node, length) for node, length, _ in texts)
    return [Block(text, nodes, element, 2 * linked > sum(n for _, n in nodes), holder in hidden_by)]


def _cells(pieces: list[tuple[int, str, Any]]) -> str:
    # Tabs of the page itself are white space; only those between cells are kept.
    return "".join(
        text if node < 0 and text == "\t" and holder.tag in _CELLS else SPACE.sub(" ", text)
        for node, text, holder in pieces
    )


def above(element: Any, tags: Container[str], end: Any = None) -> Any:
    """``element`` or the nearest element around it with one of ``tags``, searched as far as ``end``; or None."""
    while element is not None and element.tag not in tags:
        if element is end:
            return None
        element = element.getparent()
    return element


def _hides(element: Any) -> bool:
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style") or ""))
