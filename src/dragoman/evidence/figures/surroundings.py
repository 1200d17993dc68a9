"""Read what stands around a figure: hedges and labels before it, and letters that make it part of a name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from dragoman.core.bounds import Bound
from dragoman.evidence.figures.calendars import bare_year
from dragoman.evidence.figures.folding import gap_start
from dragoman.evidence.figures.lexicon import Entry
from dragoman.evidence.figures.quantity import Quantity
from dragoman.evidence.figures.scan import Scan
from dragoman.evidence.figures.word_lists import Hit

REACH = 80
"""Characters before a figure in which its unit and its hedge, label or cue are looked for."""

_LONGEST_ENDING = 12
"""Characters in which the ending of a case after digits ends, with the letter after it."""

_LONGEST_IN_NAME = 5
"""Characters of the longest figure that may be part of a name before it: Windows 10, Airbus 321."""

_STREET_REACH = 40
"""Characters before a house number in which the name of its street is looked for."""
_NAME_LETTER = re.compile(r"[a-z\u00df-\u024f\u0370-\u03ff\u0400-\u052f]")
_HYPHENATED = re.compile(r"[\u05d0-\u05ea\u0620-\u064a\u066e-\u06d3\u0900-\u0e4e]{4}[-‑]$")
"""A word of another script before a hyphen: कोविड-19, चंद्रयान-3. Hebrew and Arabic join particles of up to three letters
with a hyphen too (וכ-30), so a word has four."""
_HYPHENATED_REACH = 5
_NAME_REST = re.compile(r"[\w.-]*\w")
_ENDINGS = {
    "mn": re.compile(r"[-‑][а-яөүё]{1,8}(?![\w-])"),
    "az": re.compile(r"-[a-zəğıöüşç]"),
    "kk": re.compile("-(?:[дт][аеы]н?|[нд][ыі]ң|н[аеы]н|[гғкқ][аеы]|[дтн][ыі]|мен|бен|пен|[ыі]|с[ыі]|дай|дей|тай|тей|ы?нда|і?нде)(?![а-яәғқңөұүһі])"),
    "uz": re.compile("-(?:ta(?:dan|ga|ni|ning|gacha|cha|lab|si)?|dan|ga|ni|ning|da|gacha|lik|lab|si|та(?:дан|га|ни|нинг|гача|ча|лаб|си)?|дан|га|ни|нинг|да|гача|лик|лаб|си)(?![a-z'а-яўқғҳ])"),
}  # fmt: skip
"""Endings of case that are joined to digits with a hyphen: 300-дан, 10 000-dən, 832-ийг. In Kazakh and Uzbek, other letters after
a hyphen make the number an ordinal or the name of something: 7-maktab is school number 7."""
_COMPOUND = re.compile(r"-(?:[a-zäöü]{2}|[а-яіїєґјљњћђџ]{4})")
OPENING_BRACKETS = {"(", "（"}
BOUNDARIES = {"", " ", "\n", "(", ",", "."}
"""What stands beside digits that are not part of a name."""
_JOINING_SIGNS = "-‑–_/.'’"
_LIST_SIGNS = {".", ")", "、"}
_LIST_NUMBER = re.compile(r".(?:\s|$)")
_BRACKETED = re.compile(r"\s?[)\]）】]")
_POSTCODE = re.compile(r"\d{4} [A-Z]{2}(?![a-z])")
_NAME_REACH = 24
"""Characters before a figure in which the name is looked for that it may belong to."""
_SENTENCE_REACH = 24
"""Characters looked at to see whether a sentence begins: closing marks, spaces and quotation marks."""
_NAME_GAPS = {" ", "\u00a0", "-", "\n"}
_WORD_BEFORE = re.compile(r"([^\W\d_][^\W_]*)[ \u00a0-]$")
_NAME_ENDS = re.compile(r"\s*(?:[.,;:!?)\]»”\"–—]|$)")
# Languages whose script has no capitals, and those in Cyrillic: a Latin word before a bare figure is a name.
_OTHER_SCRIPTS = {
    "zh", "ja", "ko", "th", "ar", "fa", "ur", "he", "hi", "bn", "ta", "ne", "ru", "uk", "te", "kn", "ml", "mr", "gu",
    "pa", "si", "my", "km", "lo", "am", "mn", "ka", "hy", "kk", "bg", "mk", "el",
}  # fmt: skip
_ONLY_GLUED = "glued"
"""The meaning of a sign before a figure that counts only without a space: %5,3, but not "in % 2024"."""
_LOWER_CODES = {"usd", "eur", "vnd"}

_YEARS_ALONE = {"sv", "da", "no"}
"""Languages in which a year follows a name without a word between them: London 2012."""


class Preceding(NamedTuple):
    """What stands before a figure: a sign or name of its unit, and a hedge, label or cue. Offsets are 0 without one."""

    unit: Entry | None = None
    unit_start: int = 0
    unit_end: int = 0
    word: Entry | None = None
    word_start: int = 0


_NOTHING = Preceding()


def read_preceding(scan: Scan, at: int, previous_end: int) -> Preceding:
    """Read what stands before ``at``. Nothing before ``previous_end``, the end of the figure before, belongs to it."""
    if at <= previous_end:
        return _NOTHING
    text, before_words = scan.text, scan.grammar.before_words
    floor = previous_end if previous_end > at - REACH else at - REACH
    end = gap_start(text, at)
    hits = before_words.before(text, end, floor)
    if hits is before_words.nothing and text[end - 1 : end] not in OPENING_BRACKETS:
        return _NOTHING
    return _with_unit(scan, at, end, floor, *hits)


def _with_unit(scan: Scan, at: int, end: int, floor: int, unit: Hit[Entry], word: Hit[Entry]) -> Preceding:
    text, entry, begin, stop = scan.text, None, 0, end
    if unit:
        begin = end - unit[0]
        apart = unit[1].meaning == _ONLY_GLUED and stop < at
        entry = None if apart or is_lowercase_code(scan, unit[1], begin, end) else unit[1]
        end = gap_start(text, begin)
    bracket = text[end - 1 : end] in OPENING_BRACKETS
    if bracket:
        end = gap_start(text, end - 1)
    if unit or bracket:
        word = scan.grammar.before_words.before(text, end, floor).word
    return Preceding(entry, begin, stop, word[1], end - word[0]) if word else Preceding(entry, begin, stop)


def is_lowercase_code(scan: Scan, entry: Entry, start: int, end: int) -> bool:
    """Whether a currency code is not written in capitals: "try" and "all" are words."""
    if end - start != 3 or entry.kind != "money":
        return False
    printed = scan.printed(start, end)
    return printed.isascii() and printed.upper() == entry.meaning and printed.islower() and printed not in _LOWER_CODES


BOUND_OF_HEDGE: Mapping[str, Bound] = {
    "about": "about", "atleast": "at_least", "more": "more_than", "atmost": "at_most", "less": "less_than"
}  # fmt: skip
"""The bound that a hedge states, by the meaning of its row."""


def bounded(quantity: Quantity, hedge: Entry | None) -> Quantity:
    """Return the quantity with the bound that a hedge states, and with it as ``low`` or ``high``."""
    if hedge is None:
        return quantity
    bound = BOUND_OF_HEDGE[hedge.meaning]
    match bound:
        case "at_least" | "more_than":
            return quantity._replace(bound=bound, low=quantity.value)
        case "at_most" | "less_than":
            return quantity._replace(bound=bound, high=quantity.value)
        case _:
            return quantity._replace(bound=bound)


def name_end(scan: Scan, at: int, end: int) -> int:
    """Return where the name ends that the digits from ``at`` to ``end`` belong to (GPT-3.5, 737MAX, Су-35, 5G).

    0 if they are a figure of their own.
    """
    text = scan.text
    if text[at - 1 : at] not in BOUNDARIES and follows_letters(text, at):
        rest = _NAME_REST.match(text, at)
        return rest.end() if rest else end
    if text[end : end + 1] in BOUNDARIES:
        return 0
    following = text[end : end + 2]
    if _NAME_LETTER.match(following) or (following[:1] in ("-", "‑") and _NAME_LETTER.match(following, 1)):
        if scan.language in _ENDINGS:
            is_figure = _ENDINGS[scan.language].match(scan.printed(end, end + _LONGEST_ENDING))
        else:
            is_figure = _COMPOUND.match(scan.printed(end, end + 5))
        if is_figure:
            return 0  # a 7.1-magnitude earthquake
        rest = _NAME_REST.match(text, end)
        return rest.end() if rest else end
    return 0


def follows_letters(text: str, at: int) -> bool:
    """Whether the digits at ``at`` are joined to letters before them; those of other scripts need a hyphen (कोविड-19)."""
    before = text[max(0, at - 2) : at]
    if not before:
        return False
    if before[-1] == "_" or _NAME_LETTER.match(before[-1]):
        return True
    if len(before) < 2 or before[1] not in _JOINING_SIGNS:
        return False
    return bool(_NAME_LETTER.match(before)) or bool(_HYPHENATED.search(text, max(0, at - _HYPHENATED_REACH), at))


def is_marker(scan: Scan, at: int, end: int) -> bool:
    """Whether a bare figure is the number of something: a list item, a house, a product."""
    if end - at > 1 and scan.text[at].isdecimal() and not int(scan.text[at]) and scan.text[at + 1].isdecimal():
        return True
    if _is_list_number(scan.text, at, end) or _is_address(scan, at, end):
        return True
    return end - at <= _LONGEST_IN_NAME and _follows_name(scan, at, end)


def _is_list_number(text: str, at: int, end: int) -> bool:
    """Whether a bare figure numbers an item: at the beginning of a line, or alone in brackets."""
    if end - at > 3:
        return False
    if text[at - 1 : at] in ("(", "[", "（", "【") and _BRACKETED.match(text, end):
        return True
    if text[end : end + 1] not in _LIST_SIGNS or not _LIST_NUMBER.match(text, end):
        return False
    return not text[text.rfind("\n", 0, at) + 1 : at].strip()


def _is_address(scan: Scan, at: int, end: int) -> bool:
    """Whether it is a house number after the name of its street, or a Dutch postcode."""
    if scan.language == "nl" and _POSTCODE.match(scan.printed(at, end + 4)):
        return True
    street = scan.grammar.street
    if street is None or scan.printed(end, end + 2)[1:].islower():
        return False
    return bool(street.search(scan.text, max(0, at - _STREET_REACH), at))


def _follows_name(scan: Scan, at: int, end: int) -> bool:
    """Whether a bare figure follows a Latin word that is a name: "Claude 2", "Galaxy S24 5".

    In a language of another script (`_OTHER_SCRIPTS`) any ASCII word is a name. Elsewhere a word is one if it has a
    capital inside, or if it begins with a capital and nothing is counted after the figure. In German, where every noun
    begins with a capital, only the former counts.
    """
    first, last = scan.folded.original_range(at, end)
    near = scan.original[max(0, first - _NAME_REACH) : first]
    if near[-1:] not in _NAME_GAPS or (near.islower() and scan.language not in _OTHER_SCRIPTS):
        return False
    word = _WORD_BEFORE.search(scan.original, max(0, first - _NAME_REACH), first)
    if not word:
        return False
    name = word[1]
    if scan.language in _OTHER_SCRIPTS:
        return name.isascii()
    capitals = sum(letter.isupper() for letter in name)
    if not capitals:
        return False
    if scan.language in _YEARS_ALONE and end - at == 4 and bare_year(int(scan.text[at:end]), "", has_cue=False):
        return False
    if capitals > 1 or name[0].islower():
        return True
    if scan.language == "de" or begins_sentence(scan.original, word.start()):
        return False
    return bool(_NAME_ENDS.match(scan.original, last))


def begins_sentence(original: str, at: int) -> bool:
    """Whether a sentence, a title or a quotation begins at ``at`` of the original."""
    before = original[max(0, at - _SENTENCE_REACH) : at].rstrip(" \u00a0\"“«'(")
    return not before.rpartition("\n")[2] or before[-1:] in ".!?:…"
