"""Characters that could steer a terminal, or hide or reorder text, made visible: the one place that knows them.

What they are: control characters (C0, DEL, C1: an ESC or a CSI begins a command to the terminal), line and paragraph
separators, format characters (overrides and isolates of direction, tags, fillers), lone surrogates, code points that
are no characters, and variation selectors in a row, which can carry a hidden message.

Some format characters are part of honest text, and stay where they are: joiners behind a letter of a script that needs
them (Persian, Urdu, Indic scripts) or behind an emoji, spaces of no width behind a letter of a script that is written
without spaces (Thai, Khmer, Burmese), marks of direction in a text that has right-to-left letters, or no letters (they
do no more than such a letter does), soft hyphens, and the visible number signs of Arabic. Anywhere else they are shown.
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
_FILLERS = "\u115f\u1160\u3164\uffa0"
_LETTER = re.compile(r"[^\W\d_]")
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"

_RAW_IN_TEXT = "\n\t"
"""Line ends and tabs that a text for people is laid out with."""


def make_visible(text: str, keep: str = _RAW_IN_TEXT) -> str:
    """The text for people: ␛ for an escape, ⟨202E⟩ for an override. ``keep`` are control characters that stay."""
    if is_certainly_clean(text):
        return text  # most are; nothing is compiled for them
    return _pattern(text).sub(lambda found: found[0] if found[0] in keep else _sign(found[0]), text)


def escape_hidden(text: str) -> str:
    """JSON that gives the same values back, with ``\\u202e`` in the place of such a character; line ends and tabs
    outside of strings stay."""
    if is_certainly_clean(text):
        return text
    return _pattern(text).sub(lambda found: found[0] if found[0] in _RAW_IN_TEXT else _escape(found[0]), text)


def is_certainly_clean(text: str) -> bool:
    """Whether a text certainly has nothing to show but line ends and tabs. False says nothing."""
    if not text.isprintable() and not text.replace("\n", "").replace("\t", "").isprintable():
        return False
    return text.isascii() or _hidden_though_printable().search(text) is None


def printable(name: str) -> str:
    """A file name that can be printed and stored: bytes that are not text, and every control and format character,
    escaped. Names tell files apart, so nothing that nobody sees may stay in them."""
    if name.isprintable():
        return name  # most are
    clean = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(
        character
        if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
        else f"\\u{ord(character):04x}"
        for character in clean
    )


def control_picture(control: str) -> str:
    """A sign that stands for a control character: ␛, ␡, ⟨9B⟩."""
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
    """What Python calls printable all the same: selectors in a row, and fillers, which are letters."""
    return re.compile(f"[{_SELECTORS}]{{2}}|[{_FILLERS}]")


def _pattern(text: str) -> re.Pattern[str]:
    return _compiled(_RIGHT_TO_LEFT.search(text) is not None or _LETTER.search(text) is None)


@cache
def _compiled(marks_stay: bool) -> re.Pattern[str]:
    """What is shown, in a text where marks of direction stay or do not."""
    marks = "" if marks_stay else "\u061c\u200e\u200f"
    always = (
        # Controls, surrogates, separators, embeddings, overrides, invisible operators, isolates, what is deprecated.
        "\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2061-\u206f"
        # Fillers and shorthand and music controls, annotations, what is no character, tags.
        f"{_FILLERS}\u180e\ufeff\ufff0-\ufffb\ufdd0-\ufdef\ufffe\uffff"
        "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
    )
    return re.compile(
        f"[{always}{marks}]"
        f"|(?<![{_JOINING}])[\u200c\u200d]"
        f"|(?<![{_UNSPACED}])[\u200b\u2060]"
        f"|(?<=[{_SELECTORS}])[{_SELECTORS}]"
    )
