"""Find addresses in an English text: with a scheme, of mail, or a bare host name, however they are written.

``[.]``, ``(dot)`` and full-width characters count as the characters that they mean. Not addresses are decimals,
abbreviations (U.S., e.g.), file names, and two sentences without a space between them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from dragoman.core.data_tables import table_rows

_DOTS = re.compile(r"\s*[\[({]\s*(?:\.|dot)\s*[\])}]\s*|[。｡․]|(?<=\w)\s+dot\s+(?=\w)", re.IGNORECASE)
_AT = re.compile(r"\s*[\[({]\s*(?:@|at)\s*[\])}]\s*", re.IGNORECASE)

_LABEL = r"[^\W_](?:[\w-]{0,62}[^\W_])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL}){{0,6}}\.[^\W\d_][\w-]{{1,62}}"
_REST = r"[^\s<>\"'“”‘’）)」』,;]*"
_ADDRESS = re.compile(
    # Any scheme with an authority: http, hxxp, ftp, tg, ….
    rf"(?<![\w.+-])[a-z][a-z0-9+.-]{{1,20}}(?:://|:\\\\){_REST}"
    # A scheme without an authority; followed by a space, it is an ordinary word.
    rf"|(?<![\w.+-])(?:mailto|tel|sms|data|javascript|vbscript|file|magnet|skype|callto|sip|bitcoin|intent|blob):(?=\S){_REST}"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,7}"
    rf"|(?<![\w@.-])(?P<host>{_HOST})(?P<port>:\d{{1,5}})?(?P<path>/{_REST})?(?![\w@])",
    re.IGNORECASE,
)

_FILES = frozenset(("md", "py", "sh", "so", "ps"))
"""Top-level labels that are also endings of file names: ``setup.py`` is not a host."""


def links(text: str) -> Iterator[str]:
    """Each address in the form of `plain_addresses`, without the punctuation after it."""
    for match in _ADDRESS.finditer(plain_addresses(text)):
        if match["host"] is None or _is_host(match["host"], has_path=bool(match["path"] or match["port"])):
            yield match[0].rstrip(".,;:!?")


def plain_addresses(text: str) -> str:
    """The text with the characters of addresses in their plain form: ``evil [dot] com`` becomes ``evil.com``."""
    if not text.isascii():
        text = "".join([unicodedata.normalize("NFKC", sign) if "\uff00" <= sign <= "\uffef" else sign for sign in text])
    return _AT.sub("@", _DOTS.sub(".", text))


def link_key(link: str) -> str:
    """An address without the parts that are often omitted: the scheme, ``www.`` and a final slash. In lower case."""
    return re.sub(r"^(?:h(?:tt|xx)ps?://|mailto:)?(?:www\.)?", "", link.casefold()).rstrip("/")


def _is_host(host: str, *, has_path: bool) -> bool:
    """Whether words joined by dots are a host name. With a path or a port, any lower-case ending counts."""
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
    """The top-level labels that a host without a path may end with."""
    return frozenset(label for (label,) in table_rows("top_labels.txt"))
