"""Addresses in an English text: with a scheme, of mail, or a bare name of a host; in whatever way they are written.

``[.]``, ``(dot)`` and full-width signs count as what they stand for. What is left alone: decimals, abbreviations (U.S.,
e.g.), names of files, and two sentences without a space between them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

_DOTS = re.compile(r"\s*[\[({]\s*(?:\.|dot)\s*[\])}]\s*|[。｡․]|(?<=\w)\s+dot\s+(?=\w)", re.IGNORECASE)
_AT = re.compile(r"\s*[\[({]\s*(?:@|at)\s*[\])}]\s*", re.IGNORECASE)

_LABEL = r"[^\W_](?:[\w-]{0,62}[^\W_])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL}){{0,6}}\.[^\W\d_][\w-]{{1,62}}"
_REST = r"[^\s<>\"'“”‘’）)」』,;]*"
_FOUND = re.compile(
    # Any scheme with an authority: http, hxxp, ftp, tg, ….
    rf"(?<![\w.+-])[a-z][a-z0-9+.-]{{1,20}}(?:://|:\\\\){_REST}"
    # A scheme that needs none; with a space behind it, it is a word.
    rf"|(?<![\w.+-])(?:mailto|tel|sms|data|javascript|vbscript|file|magnet|skype|callto|sip|bitcoin|intent|blob):(?=\S){_REST}"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,7}"
    rf"|(?<![\w@.-])(?P<host>{_HOST})(?P<port>:\d{{1,5}})?(?P<path>/{_REST})?(?![\w@])",
    re.IGNORECASE,
)

_FILES = frozenset(("md", "py", "sh", "so", "ps"))
"""Labels that are endings of file names, too: alone they make no host."""


def links(text: str) -> Iterator[str]:
    """Each address, as `plain` writes it, without the punctuation behind it."""
    for found in _FOUND.finditer(plain(text)):
        if found["host"] is None or _is_host(found["host"], has_path=bool(found["path"] or found["port"])):
            yield found[0].rstrip(".,;:!?")


def plain(text: str) -> str:
    """The text with the signs of an address in their plain form."""
    if not text.isascii():
        text = "".join([unicodedata.normalize("NFKC", sign) if "\uff00" <= sign <= "\uffef" else sign for sign in text])
    return _AT.sub("@", _DOTS.sub(".", text))


def core(link: str) -> str:
    """An address without what is mostly left out of it: the scheme, ``www.``, a stroke at its end."""
    return re.sub(r"^(?:h(?:tt|xx)ps?://|mailto:)?(?:www\.)?", "", link.casefold()).rstrip("/")


def _is_host(host: str, *, has_path: bool) -> bool:
    *labels, top = host.split(".")
    if top[0].isupper() and not top.isupper():
        return False  # "… the end.It begins", Mr.Smith
    if labels[0].casefold() == "www" and len(labels) > 1:
        return True
    if has_path and len(labels[-1]) > 1 and top.islower():
        return True
    return top.casefold() in _top_labels() and not (len(labels) == 1 and top in _FILES)


@cache
def _top_labels() -> frozenset[str]:
    """What a host without a path ends with; with a path, any last label counts."""
    rows = (files("dragoman") / "data" / "top_labels.txt").read_text("utf-8").splitlines()
    return frozenset(row for row in rows if not row.startswith("#"))
