"""Take off the mark-up that a model puts into a verbatim quote: emphasis, tags, links, escapes, bullets, paragraph
numbers, quotation marks around the whole quote, and a full stop, comma or colon at its end.

Only signs are taken off, never words. `locate` tries these forms only for a quote that is not in the source as it is,
so the same signs in the source itself are compared letter for letter.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

MOST_LAYERS = 4
"""Kinds of mark-up around each other that are taken off: a bullet, quotation marks, emphasis and a full stop."""

LONGEST = 4_000
"""Characters of a quote with mark-up. A quote has at most two sentences."""

MOST_MARKS = 60
"""Signs of one kind that emphasise words: 30 words in a quote. Each that has no partner is searched for to the end."""

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([nrt])|([\"'/\\*_`#\[\]()~.!>-]))")
# Inline tags of HTML. Raised and lowered text is not among them: without its tag, 10² would become 102.
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|blockquote|cite|code|div|em|font|h[1-6]|i|ins|li|mark|p|q|quote|s|small|span|strong|tt|u)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_LINK = re.compile(r"!?\[([^\[\]]+)\]\([^()\s]*(?:\s\"[^\"]*\")?\)")
# No digit beside a mark outside: 5*3*2 is a product and not 532.
_EMPHASIS = re.compile(r"(?<![\d*])(\*{1,3})(?=[^\s*])(.{1,2000}?)(?<=[^\s*])\1(?![\d*])", re.DOTALL)
_UNDERLINE = re.compile(r"(?<![\w])(_{1,3})(?=[^\s_])(.{1,2000}?)(?<=[^\s_])\1(?![\w])", re.DOTALL)
_OTHER_MARKS = re.compile(r"(~~|==|`{1,3})(?=\S)(.{1,2000}?)(?<=\S)\1", re.DOTALL)
# A mark without its partner, at the beginning or at the end of a word.
_STRAY = re.compile(r"(?<![\w*])\*{1,3}(?=[^\W\d])|(?<=[^\W\d])\*{1,3}(?![\w*])")
_HEADING = re.compile(r"(?:#{1,6}|>+)\s+|[•◦▪‣●○■*+]\s+|[-–—]\s+(?!\d)")
_PARAGRAPH = re.compile(r"(?:\[(?:[\w-]+\.)?\d{1,4}\]|¶\s?\d{1,4}[.:)]?)\s*")
_LIST_NUMBER = re.compile(r"(?:\d{1,4}[.)]|\(\d{1,4}\))\s+")
_CLOSING = {
    '"': '"', "'": "'", "`": "`'", "“": "”", "„": "“”\"", "‟": "”", "«": "»", "»": "«»", "‘": "’", "‚": "‘’", "‹": "›",
    "›": "‹›", "「": "」", "『": "』", "《": "》", "〈": "〉", "”": "”", "’": "’", "＂": "＂", "〝": "〞〟",
    "【": "】", "[": "]",
}  # fmt: skip
_OPENING_MARKS, _CLOSING_MARKS = '“„«「『"', '”“»」』"'
_LAST_SIGN = re.compile(r"(?<![.．。])[.．。।۔,;:，；：،؛]$")
_REFERENCE = re.compile(r"(?<!\s)(?:\s*\[\d{1,3}\]|\s+#{1,6})$")
"""The number of a note or a paragraph, or the second half of a heading, at the end."""


class Unmarked(NamedTuple):
    """A quote without some of its mark-up, and what must hold where it is located."""

    text: str
    starts_paragraph: bool = False
    """The quote began with a bare number, which may only be the number of a paragraph."""
    lost_full_stop: bool = False
    """The quote had a full stop or a comma. The source must not end a question or an exclamation there."""


def without_markup(text: str) -> str:
    """``text`` without tags, emphasis, links and escapes. Its beginning and its end are kept."""
    return _inside(text) if len(text) <= LONGEST and _MAY_BE_MARKED.search(text) else text


_MAY_BE_MARKED = re.compile(r"[\\*_`~=\]&<]")


def unmarked(quote: str) -> Iterator[Unmarked]:
    """Forms of ``quote`` with less and less mark-up, each different from the one before; nothing if it has none."""
    if len(quote) > LONGEST:
        return
    current = Unmarked(quote)
    for _ in range(MOST_LAYERS):
        before = current
        for step in (_without_inside, _without_beginning, _without_quotation_marks, _without_last_sign):
            following = step(current)
            if following != current and following.text:
                yield following
                current = following
        if current == before:
            return


def _without_inside(quote: Unmarked) -> Unmarked:
    return quote._replace(text=without_markup(quote.text).strip())


def _inside(text: str) -> str:
    # References twice: a reference that was escaped once more (&amp;quot;).
    text = html.unescape(html.unescape(text)) if "&" in text else text
    text = _ESCAPE.sub(_unescaped, text) if "\\" in text else text
    text = _BREAK.sub(" ", _TAG.sub("", text)) if "<" in text else text
    text = _LINK.sub(r"\1", text) if "](" in text else text
    for pattern, signs in ((_EMPHASIS, "*"), (_UNDERLINE, "_"), (_OTHER_MARKS, "~=`")):
        if 0 < sum(map(text.count, signs)) <= MOST_MARKS:
            text = pattern.sub(r"\2", text)
    return _STRAY.sub("", text) if "*" in text else text


def _unescaped(escape: re.Match[str]) -> str:
    code, space, sign = escape.groups()
    if code:
        # Half of a surrogate pair is no character, and stays as it is.
        return chr(int(code, 16)) if not 0xD800 <= int(code, 16) < 0xE000 else escape[0]
    return " " if space else str(sign)


def _without_beginning(quote: Unmarked) -> Unmarked:
    for pattern in (_HEADING, _PARAGRAPH):
        if beginning := pattern.match(quote.text):
            return quote._replace(text=quote.text[beginning.end() :])
    if number := _LIST_NUMBER.match(quote.text):
        return quote._replace(text=quote.text[number.end() :], starts_paragraph=True)
    return quote


def _without_quotation_marks(quote: Unmarked) -> Unmarked:
    text = quote.text
    if len(text) > 2 and text[-1] in _CLOSING.get(text[0], ""):
        return quote._replace(text=text[1:-1].strip())
    # Half of a pair: the quote begins or ends where a quotation does, or the model forgot the other half.
    if text[:1] in _OPENING_MARKS:
        return quote._replace(text=text[1:].lstrip())
    return quote._replace(text=text[:-1].rstrip()) if text[-1:] in _CLOSING_MARKS else quote


def _without_last_sign(quote: Unmarked) -> Unmarked:
    if _LAST_SIGN.search(quote.text):
        return quote._replace(text=quote.text[:-1].rstrip(), lost_full_stop=True)
    return quote._replace(text=_REFERENCE.sub("", quote.text))
