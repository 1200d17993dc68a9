"""Signs that a text was decoded with the wrong charset, and how that is undone: a code page that the declaration does
not name, and UTF-8 that was encoded as UTF-8 once more."""

from __future__ import annotations

import codecs
import re

# ISO 8859 and the Windows page with the same letters, which fills 80 to 9F. There ISO has control characters.
WINDOWS_SIBLING = {
    "iso8859-1": "cp1252", "iso8859-2": "cp1250", "iso8859-4": "cp1257", "iso8859-5": "cp1251", "iso8859-6": "cp1256",
    "iso8859-7": "cp1253", "iso8859-8": "cp1255", "iso8859-9": "cp1254", "iso8859-13": "cp1257", "iso8859-15": "cp1252",
}  # fmt: skip

_C1_IN_WORD = re.compile(r"[^\W\d_][\x80-\x9f]|[\x80-\x9f][^\W\d_]")
_LETTER = re.compile(r"[^\W\d_]")
_HIGH_LATIN = re.compile("[\xc0-\u024f]")
# A capital after a small letter, two alphabets in a word, a sign in a word.
_ODD = re.compile(
    r"[a-zà-ÿ][A-ZÀ-ÞЀ-Я]|[а-яё][А-ЯЁ]|[A-Za-z][А-яЁё]|[А-яЁё][A-Za-z]"
    r"|[^\W\d_][¿¡°±²³¹ºª¬©®¦§¶·¸¨¯´×÷¤¢£¥][^\W\d_]"
)

_CAPITAL, _SMALL = re.compile("[А-ЯЁІЇЄЎҐ]"), re.compile("[а-яёіїєўґ]")
_LEAST_CAPITALS = 20

_MOST_HIGH = 0.5
"""Share of the letters that are Latin ones outside of ASCII. Vietnamese, which has most, has a third."""

_MOST_ODD = 0.05
"""Odd places per letter outside of ASCII. Names such as McDonald have few."""

_LEAST_LOST = 3
"""C1 controls in words that were letters. One or two may be stray bytes."""

_LEAST_TWICE = 4
"""Characters of UTF-8 read as Windows-1252 that prove it. One or two may be in an article about this very mistake."""

_TWICE_SHARE = 0.5
"""Share of the characters outside of ASCII that belong to such pairs. If most do not, the text is right but for a
quotation."""


def is_suspicious(text: str) -> bool:
    """Whether a text that was decoded as its page declares looks like another charset."""
    if _C1_IN_WORD.search(text):
        return True
    letters = len(_LETTER.findall(text))
    high = len(_HIGH_LATIN.findall(text))
    foreign = sum(1 for letter in text if letter > "\x7f")
    return (high >= 20 and high > _MOST_HIGH * letters) or len(_ODD.findall(text)) > max(3, _MOST_ODD * foreign)


def is_mostly_capital(text: str) -> bool:
    """Whether most Cyrillic letters are capitals, as in KOI8 that is read as Windows-1251 and the other way round."""
    capital, small = len(_CAPITAL.findall(text)), len(_SMALL.findall(text))
    return capital > small and capital >= _LEAST_CAPITALS


def without_c1(content: bytes, encoding: str) -> str | None:
    """The Windows code page of the same letters as ``encoding``, if the bytes have characters that only it has."""
    sibling = WINDOWS_SIBLING.get(codecs.lookup(encoding).name)
    return sibling if sibling and re.search(rb"[\x80-\x9f]", content) else None


def _sloppy_table() -> dict[int, int]:
    """The byte of each character of Windows-1252 from 80 on, and of the C1 controls, which fill its five gaps."""
    table = {}
    for byte in range(0x80, 0x100):
        try:
            table[ord(bytes([byte]).decode("cp1252"))] = byte
        except UnicodeDecodeError:
            table[byte] = byte
        if byte < 0xA0:
            table.setdefault(byte, byte)
    return table


_BYTE_OF = _sloppy_table()
_FOLLOWER = "[" + "".join(re.escape(chr(code)) for code, byte in _BYTE_OF.items() if byte < 0xC0) + "]"
_ENCODED_TWICE = re.compile(f"[\xc2-\xdf]{_FOLLOWER}|[\xe0-\xef]{_FOLLOWER}{{2}}|[\xf0-\xf4]{_FOLLOWER}{{3}}")


def undo_double_utf8(text: str) -> tuple[str, int]:
    """``text`` with UTF-8 that was read as Windows-1252 and encoded again undone, and how many characters were restored
    (0: the text is as it was)."""
    pairs = _ENCODED_TWICE.findall(text)
    foreign = sum(1 for letter in text if letter > "\x7f")
    if len(pairs) < _LEAST_TWICE or sum(map(len, pairs)) < _TWICE_SHARE * foreign:
        return text, 0
    return _ENCODED_TWICE.sub(_decoded_once, text), len(pairs)


def _decoded_once(pair: re.Match[str]) -> str:
    try:
        return bytes(_BYTE_OF[ord(letter)] for letter in pair[0]).decode("utf-8")
    except UnicodeDecodeError:
        return pair[0]  # a surrogate, or a longer form than needed


def has_lost_letters(text: str) -> bool:
    """Whether C1 controls stand in words, where letters were."""
    return len(_C1_IN_WORD.findall(text)) >= _LEAST_LOST


def letters_for_c1(text: str, page: str) -> tuple[str, int]:
    """``text`` with C1 controls in words as the letters that these bytes are in a Windows page, and their number.

    They come from a file in that page that was converted to UTF-8 as if it were ISO 8859. Otherwise these letters would
    be removed as control characters.
    """
    if not has_lost_letters(text):
        return text, 0
    table = {byte: letter for byte in range(0x80, 0xA0) if (letter := _letter(byte, page))}
    count = sum(text.count(chr(byte)) for byte in table)
    return text.translate(table), count


def _letter(byte: int, page: str) -> str:
    try:
        return bytes([byte]).decode(page)
    except UnicodeDecodeError:
        return ""
