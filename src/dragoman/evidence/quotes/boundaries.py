"""Decide whether a quote begins and ends between words and numbers. A part of a figure is a different figure.

It works on text in normal form (`quotes.normalise`): ASCII digits, ``-`` for every dash, one space for white space.
`quick_boundaries` answers the clear cases without the normal form.
"""

from __future__ import annotations

import re
import unicodedata

REACH = 40
"""Characters on each side of a quote that are examined."""

_HAN_NUMERALS = "〇零一二三四五六七八九十百千万萬亿億兆两兩"
_HAN_SCALES = "十百千万萬亿億兆"
# Characters that are part of a number, a time or a fraction if digits are on both sides.
_INSIDE = ".,٫٬'’·・:/"
_GROUPED_LEFT = re.compile(r"(?<!\d)\d{1,3}(?: \d{3})* $")
_GROUPED_RIGHT = re.compile(r" \d{3}(?!\d)")
_GROUP_END = re.compile(r"(?<!\d)\d{1,3}(?: \d{3})*$")
# A dash before a figure is a minus sign at a start, after a space or bracket, and after a Han word; but not between two
# dates or hours.
_MINUS = re.compile(r"(?:^|[\s(\[\"']|(?![年月日号號时時点點])[\u3040-\u9fff])-$")

# Scripts that are written without spaces: a line break or space inside a quote means nothing.
UNSPACED_SCRIPT = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\uaa60-\uaa7f\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
# Vowels that are written before their consonant, and signs that put the next consonant below this one.
_SYLLABLE_CONTINUES = "เแโใไເແໂໃໄ\u17d2\u1039"
# Vowels that are written after their consonant and are no marks for Unicode.
_SYLLABLE_CONTINUED = "ะาำๅະາຳຽ"
_HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7af]")
_ARABIC = re.compile("[\u0620-\u06ff\u0750-\u077f]+")
_HEBREW = re.compile("[\u05d0-\u05ea]+")
# Particles that Arabic and Hebrew attach to a word. A quote without them keeps the meaning of the word.
_ARABIC_BEFORE = re.compile("[وف]?(?:[بلكس]|ال|لل)*")
_ARABIC_AFTER = re.compile("(?:ه|ها|هم|هما|هن|ك|كم|نا|ي|های|ی)?")
_HEBREW_BEFORE = re.compile("[והבלמשכ]*")
# A Han word that loses one of these before it means the opposite, unless the character ends another word (别 in 特别).
_HAN_NEGATION = re.compile(
    "(?<![淹沉埋吞出])[没沒]$|(?<![虚虛])[无無]$|[不未勿]$|"
    "(?:^|[^\\w]|[请請你您们們万])[别別]$|(?:^|[^\\w]|[并並绝絕决決而])非$"
)
_HAN_DIGITS = "〇零一二三四五六七八九两兩"
_POSITIONAL = re.compile(f"[{_HAN_DIGITS}]{{2,}}$|[〇零]$")


def is_whole(left: str, core: str, right: str) -> bool:
    """Whether ``core``, between ``left`` and ``right``, cuts off no part of a number or a word, and no negation."""
    if not core:
        return False
    return not (
        (left and (_cuts_number_before(left, core) or _cuts_word_before(left, core)))
        or (right and (_cuts_number_after(core, right) or _cuts_word_after(core, right)))
    )


def is_inside_word(text: str, start: int, end: int) -> bool:
    """Quick check: whether a range surely cuts off part of a word, because letters of ASCII meet at one of its ends."""
    return (start > 0 and _are_ascii_letters(text[start - 1 : start + 1])) or (
        end < len(text) and _are_ascii_letters(text[end - 1 : end + 1])
    )


def _are_ascii_letters(characters: str) -> bool:
    return characters.isascii() and characters.isalpha()


def _cuts_number_before(left: str, core: str) -> bool:
    first = core[0]
    if _is_figure(first):
        is_inside = len(left) > 1 and left[-1] in _INSIDE and _is_figure(left[-2])
        is_grouped = _GROUPED_LEFT.search(left) and re.match(r"\d{3}(?!\d)", core)
        return (
            _is_figure(left[-1])
            or is_inside
            or bool(is_grouped)
            or bool(_MINUS.search(left))
            or left[-1] in _HAN_SCALES
        )
    return first in _HAN_NUMERALS and _is_one_han_number(left, first)


def _cuts_number_after(core: str, right: str) -> bool:
    last, following = core[-1], right[0]
    if _is_figure(last):
        is_inside = len(right) > 1 and following in _INSIDE and _is_figure(right[1])
        is_grouped = _GROUP_END.search(core) and _GROUPED_RIGHT.match(right)
        return _is_figure(following) or is_inside or bool(is_grouped) or following in _HAN_SCALES
    return last in _HAN_NUMERALS and _is_one_han_number(core, following)


def _is_one_han_number(left: str, following: str) -> bool:
    """Whether the numeral at the end of ``left`` continues in ``following``.

    Two neighbouring digits are one number only in positional notation (二〇二四). Otherwise the first one ends a word,
    as in 唯一一家 or 星期一三百人.
    """
    if _is_figure(left[-1]) or _is_figure(following):
        return _is_figure(left[-1]) and following in _HAN_SCALES
    if left[-1] not in _HAN_NUMERALS or following not in _HAN_NUMERALS:
        return False
    if left[-1] in _HAN_DIGITS and following in _HAN_DIGITS:
        return bool(_POSITIONAL.search(left)) or following in "〇零"
    return True


def _is_figure(character: str) -> bool:
    """Whether a character is a digit, a superscript or a fraction. Han numerals, which are also words, are not."""
    return unicodedata.category(character) in ("Nd", "No", "Nl") and character not in _HAN_NUMERALS


def _cuts_word_before(left: str, core: str) -> bool:
    if not _is_letter(left[-1]) or not _is_letter(core[0]):
        return False
    if UNSPACED_SCRIPT.match(left[-1]) and UNSPACED_SCRIPT.match(core[0]):
        return _cuts_syllable(left[-1], core[0]) or bool(_HAN_NEGATION.search(left))
    if UNSPACED_SCRIPT.match(left[-1]) or UNSPACED_SCRIPT.match(core[0]):
        return False
    for script, particles in ((_ARABIC, _ARABIC_BEFORE), (_HEBREW, _HEBREW_BEFORE)):
        if script.match(core):
            return not particles.fullmatch(_last_run(script, left))
    return True


def _cuts_word_after(core: str, right: str) -> bool:
    last, following = core[-1], right[0]
    if unicodedata.category(following).startswith("M"):
        return True
    if not _is_letter(last) or not _is_letter(following):
        return False
    if UNSPACED_SCRIPT.match(last) or UNSPACED_SCRIPT.match(following):
        return _cuts_syllable(last, following)
    if _HANGUL.match(last) and _HANGUL.match(following):
        return False  # case particles are attached to the end of a word
    run = _ARABIC.match(right) if _ARABIC.match(last) else None
    return not (run and _ARABIC_AFTER.fullmatch(run[0]))


def _cuts_syllable(left: str, right: str) -> bool:
    """Whether two letters of Thai, Lao, Khmer or Myanmar are parts of one syllable, whatever the words are."""
    return left in _SYLLABLE_CONTINUES or right in _SYLLABLE_CONTINUED


def _last_run(script: re.Pattern[str], left: str) -> str:
    """The letters of a script at the end of ``left``; empty if it ends in something else."""
    runs = list(script.finditer(left))
    return runs[-1][0] if runs and runs[-1].end() == len(left) else ""


def _is_letter(character: str) -> bool:
    return character.isalpha() or unicodedata.category(character).startswith("M")
