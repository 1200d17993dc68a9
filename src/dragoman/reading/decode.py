"""Bytes → text, and how the encoding was decided.

In this order: a byte order mark; UTF-16 and UTF-32 without a mark, recognised by where their NULs are; strict UTF-8;
the charset that an HTML page or XML declaration states; a guess. A guess is always noted. Line ends become ``\\n``.
Nothing else is changed: `prepare` removes NULs and other control characters.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from dragoman.errors import ArticleError
from dragoman.reading import charsets, language, mistaken

# UTF-32 before UTF-16: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_MAGIC = (
    b"\x89PNG\r\n",
    b"\xff\xd8\xff",  # JPEG
    b"GIF87a",
    b"GIF89a",
    b"\x7fELF",
    b"%PDF-",
    b"PK\x03\x04",  # ZIP, and with it DOCX, ODT, EPUB
    b"\x1f\x8b\x08",  # gzip
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",  # DOC, XLS
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf'\x1c",
    b"(\xb5/\xfd",  # Zstandard
    b"SQLite format 3\x00",
    b"\xca\xfe\xba\xbe",  # Java class, Mach-O
    b"\xcf\xfa\xed\xfe",  # Mach-O
)

_DECLARATION = re.compile(
    rb"""<\?xml[^>]{1,200}?encoding\s*=\s*["']([\w.:-]{2,40})|<meta[^>]{1,500}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_NO_MARKUP = re.compile(
    rb"<!--.*?(?:-->|\Z)|<(script|style|template|textarea|title|noscript)\b[^>]*>.*?(?:</\1\s*>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_ESCAPES = re.compile(rb"\x1b\$|\x1b\([BIJ]")
"""The escape sequences of ISO 2022 charsets. A text with them is ASCII by its bytes, but must not be read as ASCII."""

_DECLARED_WITHIN = 2_048
"""Bytes that are searched for a declaration; browsers search 1,024."""

# Latin code pages with the languages they were made for. A page is guessed if the text in it reads as one of these
# languages: by byte statistics alone, Spanish passes for Central European and Turkish for almost anything.
_LATIN_PAGES = {
    "cp1252": ("en", "de", "fr", "es", "pt", "it", "nl", "sv", "da", "no", "fi", "is", "ca", "eu", "gl", "ga", "af",
               "id", "ms", "sw", "sq", "lb", "fil"),
    "cp1250": ("pl", "cs", "sk", "hu", "ro", "hr", "sl", "bs", "sq"),
    "cp1254": ("tr", "az"),
    "cp1257": ("lt", "lv", "et"),
    "cp1258": ("vi",),
    "iso8859_2": ("pl", "cs", "sk", "hu", "hr", "sl"),
}  # fmt: skip

# Other single-byte pages with the commonest letters of their languages, small letters only: KOI8-R read as Windows-1251
# is all capitals.
_OTHER_PAGES = {
    "cp1251": "оеаинтсрвлкмдпіий",
    "koi8_u": "оеаинтсрвлкмдпіий",
    "iso8859_5": "оеаинтсрвлкмдпіий",
    "cp866": "оеаинтсрвлкмдпіий",
    "cp1253": "αοιετσνηυρπκμςά",
    "cp1255": "יוהלארתבשמנםדע",
    "cp1256": "اليمنرتبوهدعسفکیگ",
    "cp874": "านรกอเงมยลวดทตสหคปบพัีิ่้็์ะแไใ",
}
_MULTI_BYTE = ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949")

_EVERYDAY = 0.7
"""Share of everyday characters below which a text is not in an East Asian charset. Real text has 0.9 and more."""

_LEAST_FOREIGN = 20
"""Characters from which their rarity tells something. A name alone may have rare ones."""

_MAX_LOST = 0.001
"""Share of characters that may be lost in decoding. A text with more losses is not fit to be quoted."""

_GUESSED_FROM = 20_000
"""Bytes that a guess is made from, beginning shortly before the first that is not ASCII."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded text. ``encoding_from`` is ``bom``, ``utf-8``, ``declared``, ``guess`` or ``text`` (`prepare_text`)."""

    text: str
    encoding: str
    encoding_from: str
    notes: tuple[str, ...] = ()


def decode(content: bytes, declared: str | None = None) -> Decoded:
    """The text of ``content``; ``declared`` is the charset of `declared_charset`, or None.

    Raises `ArticleError`: ``binary`` when it is not text, ``undecodable`` when more than 0.1 % of the
    characters would be lost.
    """
    if content.startswith(_MAGIC):
        raise ArticleError("binary", "it is not text: it begins like another kind of file")
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decoded(content[len(mark) :], encoding, "bom")
    if b"\x00" in content:
        wide = _wide_encoding(content)
        if wide:
            return _guessed(content, wide)
    codec = charsets.codec_of(declared) if declared else None
    escaped = content.isascii() and (_ESCAPES.search(content) is not None or (codec == "hz" and b"~{" in content))
    if not escaped and _controls(content) > 2 + len(content) // 50:
        raise ArticleError("binary", "it is not text: it has too many control characters")
    if not escaped and (text := _strict(content, "utf-8")) is not None:
        single, restored = mistaken.undo_double_utf8(text)
        notes: tuple[str, ...] = ()
        if restored:
            notes += (f"the text was encoded as UTF-8 twice; {restored:,} characters were restored",)
        single, controls = mistaken.letters_for_c1(single, page := _windows_page(single))
        if controls:
            notes += (f"{controls:,} control characters were read as letters of {page}",)
        return _noted(single, content, "utf-8", "utf-8", notes)
    if _is_damaged_utf8(content):
        return _decoded(content, "utf-8", "utf-8")
    if codec and codec != "utf-8" and _lost(content, codec)[1] <= _MAX_LOST:
        return _declared(content, codec, declared or codec)
    return _guessed(content, _guess(content), declared if codec and codec != "utf-8" else None)


def _declared(content: bytes, codec: str, declared: str) -> Decoded:
    """The text in the declared charset; in another one, with a note, if the bytes contradict the declaration and are
    text in that one."""
    if not _contradicts(content[:_GUESSED_FROM], codec):
        return _decoded(content, codec, "declared")
    better = _best_score(_sample(content)) or mistaken.without_c1(content, codec)
    if better is None or better == codec or _contradicts(content[:_GUESSED_FROM], better):
        return _decoded(content, codec, "declared")
    return _guessed(content, better, declared)


def _contradicts(start: bytes, codec: str) -> bool:
    """Whether the first bytes of a text do not read as text in an encoding."""
    text = charsets.decode(start, codec)
    if codec in _MULTI_BYTE:
        # The last character may be cut off; damage elsewhere is not a question of the charset.
        known = "".join(letter for letter in text if letter != "\ufffd" and letter.encode(codec, "ignore"))
        foreign = sum(1 for letter in known if letter > "\x7f")
        return foreign >= _LEAST_FOREIGN and _east_asian(known, codec) < _EVERYDAY
    if mistaken.is_mostly_capital(text):
        return language.identify(text)[0] == "und"
    return mistaken.is_suspicious(text)


def declared_charset(content: bytes) -> str | None:
    """The charset that an HTML ``meta`` or an XML declaration states in the first 2 kB, as written; or None.

    What a comment, a script or a style sheet contains is no declaration.
    """
    declaration = _DECLARATION.search(_NO_MARKUP.sub(b" ", content[:_DECLARED_WITHIN]))
    return (declaration[1] or declaration[2]).decode("ascii", "replace") if declaration else None


def plain_line_ends(text: str) -> str:
    """``text`` with CRLF and CR as ``\\n``."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _decoded(content: bytes, encoding: str, encoding_from: str, notes: tuple[str, ...] = ()) -> Decoded:
    return _noted(charsets.decode(content, encoding), content, encoding, encoding_from, notes)


def _noted(text: str, content: bytes, encoding: str, encoding_from: str, notes: tuple[str, ...] = ()) -> Decoded:
    """``text``, which ``content`` is in an encoding, with notes about damage. May raise `ArticleError`."""
    lost, share = _lost(content, encoding, text)
    if share > _MAX_LOST:
        raise ArticleError(
            "undecodable",
            f"{lost:,} of {len(text):,} characters cannot be read as {encoding}; save the file as UTF-8 and run again",
        )
    in_file = text.count("\ufffd") - lost
    if lost:
        notes += (f"{lost} damaged characters could not be read as {encoding} and became U+FFFD",)
    if in_file:
        notes += (f"the file itself contains {in_file} replacement characters (U+FFFD): it was damaged before",)
    return Decoded(plain_line_ends(text), encoding, encoding_from, notes)


def _windows_page(text: str) -> str:
    """The Windows page for the language of ``text``: the first of `_LATIN_PAGES` with it, else Windows-1252."""
    if mistaken.has_lost_letters(text):
        primary = language.identify(text)[0].split("-")[0]
        return next((page for page, languages in _LATIN_PAGES.items() if primary in languages), "cp1252")
    return "cp1252"


def _guessed(content: bytes, encoding: str | None, declared: str | None = None) -> Decoded:
    if encoding is None:
        raise ArticleError("undecodable", "it cannot be read in any known encoding; save it as UTF-8 and run again")
    stated = (
        f"the file declares {declared}, which its bytes contradict"
        if declared
        else "the file does not state its encoding"
    )
    note = f"{stated}; {encoding} is a guess"
    return _decoded(content, encoding, "guess", (note,))


def _lost(content: bytes, encoding: str, text: str | None = None) -> tuple[int, float]:
    """How many characters decoding loses, and their share. A U+FFFD that the file itself contains is not a loss."""
    if text is None:
        text = charsets.decode(content, encoding)
    marks = text.count("\ufffd")
    if marks:
        with suppress(UnicodeEncodeError):  # most code pages have no U+FFFD, so each one is a loss
            marks -= content.count("\ufffd".encode(encoding))
    return max(0, marks), max(0, marks) / max(1, len(text))


def _is_strict(content: bytes, encoding: str) -> bool:
    return _strict(content, encoding) is not None


def _strict(content: bytes, encoding: str) -> str | None:
    """The text of ``content``; None if any byte does not fit the encoding."""
    try:
        return content.decode(encoding)
    except UnicodeError:
        pass
    if not charsets.reads_more(encoding):
        return None
    text = charsets.decode(content, encoding)
    return None if _lost(content, encoding, text)[0] else text


def _controls(content: bytes, but: bytes = b"\t\n\f\r\x1b") -> int:
    """How many C0 control characters ``content`` has, without those in ``but``."""
    return len(content) - len(content.translate(None, bytes(range(32)).translate(None, but)))


def _is_damaged_utf8(content: bytes) -> bool:
    """Whether this is UTF-8 with a few broken bytes: text in a code page hardly ever has valid UTF-8 pairs."""
    text = content.decode("utf-8", "replace")
    lost = _lost(content, "utf-8", text)[0]
    good = sum(1 for letter in text[:100_000] if letter > "\x7f") - text[:100_000].count("\ufffd")
    return good >= 20 and good > 10 * min(lost, 100_000)


def _wide_encoding(content: bytes) -> str | None:
    """The UTF-16 or UTF-32 that gives the most ASCII characters and no NUL, for text without a mark; or None."""
    if content.count(0) < len(content) // 10 and _controls(content, b"\n\r\x00") <= len(content) // 50:
        return None  # text with stray NULs: UTF-16 and UTF-32 of any script have many NULs or other controls
    best, most = None, 0
    start = content[:_GUESSED_FROM]
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        unit = 4 if "32" in encoding else 2
        if len(content) % unit or not _is_strict(content, encoding):
            continue
        text = start[: len(start) - len(start) % unit].decode(encoding, "ignore")
        printable = sum(1 for letter in text if letter in " \n\r\t" or "!" <= letter <= "~")
        if "\x00" not in text and printable > max(most, len(text) // 200):
            best, most = encoding, printable
    return best


def _guess(content: bytes) -> str | None:
    """The most likely encoding of bytes that are not UTF-8; None if none fits."""
    if content.isascii():
        for escaped in ("iso2022_jp_ext", "iso2022_kr"):
            if _is_strict(content, escaped):
                return escaped
    sample = _sample(content)
    return _best_score(sample) or _library_guess(sample)


def _sample(content: bytes) -> bytes:
    """The part of ``content`` that a guess is made from. Its first letters that are not ASCII may come late."""
    first = re.search(rb"[\x80-\xff]", content)
    start = max(0, (first.start() if first else 0) - 200)
    return content[start : start + _GUESSED_FROM]


def _best_score(sample: bytes) -> str | None:
    """The encoding in which the text reads best, or None if it reads well in none."""
    score, encoding = max(((score, encoding) for encoding, score in _scores(sample)), default=(0.0, ""))
    return encoding if score >= 0.5 else None


def _scores(sample: bytes) -> Iterator[tuple[str, float]]:
    """Encodings that fit, with how well the text in them reads: from 0 to about 1."""
    telling = b"\n".join(line for line in re.split(rb"[\r\n]", sample) if not line.isascii())
    high = len(telling.translate(None, bytes(range(128))))
    share = high / max(1, high + len(re.findall(rb"[A-Za-z]", telling)))
    # At most a third of the letters have accents in Vietnamese, fewer in other Latin languages. Other scripts are
    # mostly high bytes, except for Latin names and the second bytes of Shift_JIS and Big5.
    if share <= 0.4:
        for encoding, languages in _LATIN_PAGES.items():
            if _is_strict(telling, encoding):
                yield encoding, _reads_as(charsets.decode(telling, encoding), languages)
    if share >= 0.3:
        for encoding, common in _OTHER_PAGES.items():
            if _is_strict(telling, encoding):
                yield encoding, _made_of(charsets.decode(telling, encoding), common)
        for encoding in _MULTI_BYTE:
            # The sample may end inside a character, which has up to four bytes.
            if any(_is_strict(telling[: len(telling) - cut], encoding) for cut in range(4)):
                yield encoding, _east_asian(telling.decode(encoding, "ignore"), encoding)


def _made_of(text: str, common: str) -> float:
    """How many of the letters that are not ASCII are common ones: 1 for running text, less for a wrong encoding."""
    letters = [letter for letter in text if letter > "\x7f"]
    wild = sum(1 for letter in letters if "\x80" <= letter <= "\x9f")
    # The commonest letters make up about 70 % of running text in each of these languages.
    return min(1.0, (sum(1 for letter in letters if letter in common) - 3 * wild) / (0.7 * max(1, len(letters))))


def _east_asian(text: str, encoding: str) -> float:
    """Share of everyday characters among those that are not ASCII.

    Everyday characters are those that the charsets list first: level 1 of GB 2312 and of Big5, kana and level 1 of
    JIS X 0208, the 2,350 syllables of KS X 1001. Punctuation is in all of them.
    """
    everyday = rare = 0
    for letter in text:
        if letter < "\x80":
            continue
        code = letter.encode(encoding)
        if letter in "、。，．・：；？！「」『』（）《》“”‘’…—─　【】〈〉" or (
            len(code) == 2 and _is_everyday(letter, code, encoding)
        ):
            everyday += 1
        else:
            rare += 1
    share = everyday / max(1, everyday + rare)
    # The bytes of Korean text are everyday Chinese too, but those of Chinese text are hardly ever all everyday Korean.
    return share + 0.1 if encoding == "cp949" and share > 0.95 else share


def _is_everyday(letter: str, code: bytes, encoding: str) -> bool:
    lead, trail = code
    match encoding:
        case "gb18030":
            return 0xB0 <= lead <= 0xD7 and trail >= 0xA1
        case "big5hkscs":
            return 0xA4 <= lead <= 0xC6
        case "cp932":
            return lead in (0x82, 0x83) or 0x88 <= lead <= 0x97
        case "euc_jp":
            return lead in (0xA4, 0xA5) or 0xB0 <= lead <= 0xCF
        case _:
            return 0xB0 <= lead <= 0xC8 and trail >= 0xA1 and "가" <= letter <= "힣"


def _reads_as(text: str, languages: tuple[str, ...]) -> float:
    """How well the text reads as one of the languages; 0 with C1 controls, which no text has."""
    if any("\x80" <= letter <= "\x9f" for letter in text):
        return 0.0
    return language.how_likely(text[:4_000], languages)


def _library_guess(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding if best else None
