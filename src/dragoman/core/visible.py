"""Makes characters visible that could steer a terminal, or hide or reorder text. Only this module lists them.

They are: control characters (C0, DEL, C1: an ESC or a CSI begins a command to the terminal), line and paragraph
separators, format characters (overrides and isolates of direction, tags, fillers), lone surrogates, noncharacters, and
runs of variation selectors, which can carry a hidden message.

Some format characters are part of honest text and stay: joiners after a letter of a script that needs them (Persian,
Urdu, Indic scripts) or after an emoji, zero-width spaces after a letter of a script that is written without spaces
(Thai, Khmer, Burmese), direction marks in a text that has right-to-left letters or no letters (they do no more than
such a letter does), soft hyphens, and the visible number signs of Arabic. Anywhere else they are made visible.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_JOINING = (
    "\u0600-\u109f\u1780-\u18af\u1900-\u1cff\ua800-\uabff\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00011fff\U0001e900-\U0001e95f"
    "\ufe0f\u2190-\u2bff\U0001f000-\U0001faff"
)
"""What a joiner may follow: letters and marks from Arabic to Burmese, Khmer, Mongolian, and emoji with their
variants."""
_UNSPACED = "\u0e00-\u109f\u1780-\u17ff\u1980-\u19df\u1a20-\u1aaf"
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
FILLERS = "\u115f\u1160\u3164\uffa0"
"""Letters that are drawn as nothing: fillers of Hangul."""
_LETTER = re.compile(r"[^\W\d_]")
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"

_RAW_IN_TEXT = "\n\t"
"""Line ends and tabs, which lay out a text for people."""


def make_visible(text: str, keep: str = _RAW_IN_TEXT) -> str:
    """The text for people: ␛ for an escape, ⟨202E⟩ for an override. The control characters in ``keep`` stay."""
    if is_certainly_clean(text):
        return text  # most texts are; no pattern is compiled for them
    return _pattern(text).sub(lambda match: match[0] if match[0] in keep else _sign(match[0]), text)


def escape_hidden(text: str) -> str:
    """JSON with the same values, in which such characters are escaped (``\\u202e``). Line ends and tabs outside of
    strings stay."""
    if is_certainly_clean(text):
        return text
    return _pattern(text).sub(lambda match: match[0] if match[0] in _RAW_IN_TEXT else _escape(match[0]), text)


def is_certainly_clean(text: str) -> bool:
    """Whether a text certainly needs no change. When this is False, it may need one."""
    if not text.isprintable() and not text.replace("\n", "").replace("\t", "").isprintable():
        return False
    return text.isascii() or _hidden_though_printable().search(text) is None


def printable(name: str) -> str:
    """A file name that can be printed and stored. Bytes that are not text, and control and format characters, are
    escaped: names tell files apart, so nothing in them may be invisible."""
    if name.isprintable():
        return name  # most names are
    clean = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(
        character
        if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
        else f"\\u{ord(character):04x}"
        for character in clean
    )


def control_picture(control: str) -> str:
    """A sign for a control character: ␛, ␡, ⟨9B⟩."""
    code = ord(control)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨{code:02X}⟩"


def _sign(character: str) -> str:
    return control_picture(character) if character <= "\x9f" else f"⟨{ord(character):04X}⟩"


def _escape(character: str) -> str:
    code = ord(character)
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


@cache
def _hidden_though_printable() -> re.Pattern[str]:
    """Hidden characters that Python considers printable: runs of selectors, and fillers, which are letters."""
    return re.compile(f"[{_SELECTORS}]{{2}}|[{FILLERS}]")


def _pattern(text: str) -> re.Pattern[str]:
    return _compiled(_RIGHT_TO_LEFT.search(text) is not None or _LETTER.search(text) is None)


@cache
def _compiled(keep_marks: bool) -> re.Pattern[str]:
    """The pattern of characters to make visible, in a text where direction marks stay or do not."""
    marks = "" if keep_marks else "\u061c\u200e\u200f"
    always = (
        # Controls, surrogates, separators, embeddings, overrides, invisible operators, isolates, deprecated characters.
        "\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2061-\u206f"
        # Fillers, shorthand and music controls, annotations, noncharacters, tags.
        f"{FILLERS}\u180e\ufeff\ufff0-\ufffb\ufdd0-\ufdef\ufffe\uffff"
        "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
    )
    return re.compile(
        f"[{always}{marks}]"
        f"|(?<![{_JOINING}])[\u200c\u200d]"
        f"|(?<![{_UNSPACED}])[\u200b\u2060]"
        f"|(?<=[{_SELECTORS}])[{_SELECTORS}]"
    )
