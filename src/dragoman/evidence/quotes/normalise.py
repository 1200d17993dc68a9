"""The normal form in which a quote is compared with its source, with a map back to the original text.

Two spellings of one quote have one normal form: canonical Unicode forms, full and half widths, white space, quotation
marks and dashes, invisible characters, Arabic vowel signs and tatweel, digits of any script, and the codings of one
letter (`same_letters`) are made equal. There is no other compatibility folding: 10² never becomes 102.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from dragoman.evidence.quotes.boundaries import UNSPACED_SCRIPT
from dragoman.evidence.quotes.quick_boundaries import SPACED, UNSPACED
from dragoman.evidence.quotes.same_letters import COMPATIBLE, SAME, continues_letter, one_spelling

_QUOTES = {**dict.fromkeys("“”„‟«»〝〞〟″＂「」『』", '"'), **dict.fromkeys("‘’‚‛‹›′＇`´", "'")}
_DASHES = dict.fromkeys("‐‑‒–—―−－﹣﹘֊", "-")
# The same sign at another code point: Hebrew and Arabic signs, waves, dots.
_SIGNS = {"״": '"', "٪": "%", "٫": ".", "٬": ",", "〜": "~", "～": "~", **dict.fromkeys("•・‧∙", "·")}
_ALIKE = {**_QUOTES, **_DASHES, **_SIGNS, **SAME}
# Vowel signs and other marks that Arabic print may use or omit, and the stretching stroke (tatweel).
_ARABIC_MARKS = re.compile("[\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]")
# Variation selectors choose between glyphs of the same letter.
_VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# Japanese forms of letters to which radicals were made equal, and which OpenCC does not know.
_SAME_IN_JAPANESE = str.maketrans("戸黒", "户黑")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
# Damage that pages carry in place of characters; see `_damage_at`.
_GLOSS = re.compile("[(（](?<=[\u3400-\u9fff].)[a-zü\u00e0-\u01dc]{1,7}[)）]")
_TONE = re.compile("[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]")
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
_LOST_REFERENCE = re.compile("(?<=[\u3400-\u9fff])(\\d{5});(?=[\u3400-\u9fff])")

# The longest runs of letters that are their own normal form, with single spaces between letters of spaced scripts. The
# last letter before any other character is excluded, because a combining mark may follow it.
_PLAIN_RUN = re.compile(f"(?:[{SPACED}{UNSPACED}]+|(?<=[{SPACED}]) (?=[{SPACED}]))+(?=[{SPACED}{UNSPACED}\\s]|\\Z)")

LONGEST_CLUSTER = 16
"""Marks after one letter that are composed with it. Longer runs are hostile, and composing takes quadratic time."""


@dataclass(frozen=True)
class Normalised:
    """A text in normal form: character ``i`` stands for ``original[starts[i]:ends[i]]``."""

    text: str
    starts: Sequence[int] = field(repr=False)
    ends: Sequence[int] = field(repr=False)


@lru_cache(maxsize=64)
def normalise(text: str) -> Normalised:
    """`normal_form` of a text of one paragraph."""
    return normal_form(text)


def normal_form(text: str, breaks: tuple[int, ...] = ()) -> Normalised:
    """The normal form of ``text``, with the map back to it.

    White space that begins at one of ``breaks`` (the ends of paragraphs) becomes a line break, so that no quote and no
    ellipsis extends across paragraphs. Other white space becomes one space. Beside a letter of a script that is written
    without spaces it is dropped, but never between digits.
    """
    damaged = _may_be_damaged(text)
    # Damage, and a paragraph that ends at a plain space, are rare. Only then is each letter examined.
    letter_by_letter = damaged or any(text[b : b + 1] == " " for b in breaks)
    if not letter_by_letter and (run := _PLAIN_RUN.match(text)) and run.end() == len(text):
        return Normalised(text, range(len(text)), range(1, len(text) + 1))
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    ends_paragraph = frozenset(breaks)
    position = 0
    while position < len(text):
        if not letter_by_letter and (run := _PLAIN_RUN.match(text, position)):
            end = run.end()
            pieces.append(run[0])
            starts += range(position, end)
            ends += range(position + 1, end + 1)
            position = end
            continue
        end = _cluster_end(text, position)
        cluster = text[position:end]
        if damaged and (damage := _damage_at(text, position)) is not None:
            normal, end = damage
        elif cluster == "\u00ad" and text[end : end + 1] == "\n":
            normal = "-"  # a soft hyphen at the end of a line is printed
        elif not cluster.isspace():
            normal = _normal_form(cluster)
        elif position in ends_paragraph:
            normal = "\n"
        else:
            normal = _space(pieces[-1][-1] if pieces else "", _next_visible(text, end))
        if normal:
            pieces.append(normal)
            starts += [position] * len(normal)
            ends += [end] * len(normal)
        position = end
    return Normalised("".join(pieces), tuple(starts), tuple(ends))


@lru_cache(maxsize=64)
def simplified(text: str) -> str:
    """``text`` with each traditional Han character replaced by its simplified form; the length stays the same."""
    han = "".join(sorted(set(_HAN.findall(text))))
    if not han:
        return text
    # Each character alone, because OpenCC converts phrases to other words of other lengths.
    converted = _simplifier().convert("\n".join(han)).split("\n")
    table = {ord(old): new for old, new in zip(han, converted, strict=True) if len(new) == 1}
    return text.translate(table | _SAME_IN_JAPANESE)


@lru_cache(maxsize=1)
def _simplifier() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def cuts_cluster(text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` separates a letter from its marks, at the start or at the end."""
    return _continues_cluster(text, start) or (end < len(text) and _continues_cluster(text, end))


def _may_be_damaged(text: str) -> bool:
    """Whether ``text`` contains a character or pattern that damage always has; false means that there is none."""
    if "&" in text or (";" in text and _LOST_REFERENCE.search(text)):
        return True
    return ("(" in text or "（" in text) and _GLOSS.search(text) is not None


def _damage_at(text: str, position: int) -> tuple[str, int] | None:
    """(the intended text, the end of the damage) if known damage begins at ``position``, else None.

    There are three kinds: a reading in brackets after a Han character (``規(guī)模``), which copy protection inserts; a
    character reference that lost its ``&#`` among Han characters (``谷歌20250;将``); and a character reference that was
    left undecoded.
    """
    character = text[position]
    if character in "(（" and (gloss := _GLOSS.match(text, position)) and _TONE.search(gloss[0]):
        return "", gloss.end()
    if character == "&" and (reference := _REFERENCE.match(text, position)):
        meant = html.unescape(reference[0])
        if meant == reference[0]:
            return "&", position + 1
        return "".join(map(_normal_form, meant)), reference.end()
    if character.isdecimal() and (lost := _LOST_REFERENCE.match(text, position)) and int(lost[1]) < 0x110000:
        meant = chr(int(lost[1]))
        return (meant, lost.end()) if _HAN.match(meant) else None
    return None


def _space(before: str, after: str) -> str:
    """What white space becomes between two normalised characters; either is empty at an end of the text."""
    if before.isspace():
        return ""  # this space follows another one, with only invisible characters between them
    unspaced = before and after and (UNSPACED_SCRIPT.match(before) or UNSPACED_SCRIPT.match(after))
    return "" if unspaced and not (before.isdecimal() and after.isdecimal()) else " "


def _next_visible(text: str, position: int) -> str:
    """The normal form of the first character from ``position`` on that is not invisible; empty at the end."""
    while position < len(text) and unicodedata.category(text[position]) == "Cf":
        position += 1
    return _normal_form(text[position])[:1] if position < len(text) else ""


def _cluster_end(text: str, start: int) -> int:
    """The end of the characters that are normalised together: a run of white space, or a letter with its marks."""
    end = start + 1
    if text[start].isspace():
        while end < len(text) and text[end].isspace():
            end += 1
    else:
        while end < len(text) and end - start <= LONGEST_CLUSTER and _continues_cluster(text, end):
            end += 1
    return end


def _continues_cluster(text: str, position: int) -> bool:
    """Whether a character belongs to the letter before it: a mark, a vowel or final consonant of Korean jamo, or a
    second half."""
    character = text[position]
    if character < "\u0300":
        return False
    # Half-width voicing marks belong to the kana before them.
    return (
        unicodedata.category(character).startswith("M")
        or "\u1160" <= character <= "\u11ff"
        or character in "ﾞﾟ"
        or (character < "\u2010" and continues_letter(text, position))
    )


@lru_cache(maxsize=4096)
def _normal_form(cluster: str) -> str:
    first = cluster[0]
    if len(cluster) == 1:
        if first < "\x7f":
            return "'" if first == "`" else first
        if first in _ALIKE:
            return _ALIKE[first]
        if first == "…":
            return "..."
    if COMPATIBLE.match(first):
        # The presentation form of a mark alone has a space before it.
        cluster = unicodedata.normalize("NFKC", cluster).strip()
    # Compose before removing Arabic marks, because the hamza of a decomposed letter is part of the letter.
    composed = one_spelling(_VARIATION.sub("", cluster))
    visible = "".join(c for c in _ARABIC_MARKS.sub("", composed) if unicodedata.category(c) != "Cf")
    return "".join(_ALIKE.get(c) or _ascii_digit(c) for c in visible)


def _ascii_digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)
