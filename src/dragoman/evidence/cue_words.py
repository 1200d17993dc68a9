"""Short lists of cue words that checks search for, by language: ``data/cues.tsv``, one row per word, and words of
denial."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from dragoman.core.data_tables import table_rows
from dragoman.core.language_tags import primary
from dragoman.core.text import caseless

_UNSPACED = frozenset(("zh", "ja", "ko", "th", "bn", "my", "km", "lo"))
"""Languages in which cues are searched for inside words too, because they write no spaces or attach endings. The kind
``weak`` (parts of words that may deny something) is searched for inside words in every language, unless one of its rows
has a ``*``."""

_WHOLE = frozenset(
    ("accuse", "foe", "speech", "turn", "not_turn", "refuse", "hedge", "if", "not_if", "that", "and", "half", "without")
)
"""Kinds of cues that are whole words in Bengali too: না (not) is the end of many nouns."""

_LETTER = "[\\w\u0300-\u036f\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff\u200c\u200d]"
"""A letter or a sign that is part of a word, such as the vowel signs of India, which are no letters for `re`."""

_WITH_NUKTA = "\u0958\u0959\u095a\u095b\u095c\u095d\u095e\u095f\u09dc\u09dd\u09df"
"""Letters of Hindi and Bengali that Unicode does not compose."""

_DOTTED = re.compile(f"[{_WITH_NUKTA}]|.[\u093c\u09bc]")

_DENIALS = {
    "af": "ontken|weerl|verwerp",
    "ar": "و?(?:نفى|نفت|نفوا|ينفي|تنفي)",
    "az": "təkzib|inkar|rədd",
    "bg": "отрич|отрек|опроверг|отхвърл",
    "bn": "অস্বীকার|খণ্ডন",
    "ca": "desment|neg[aà]|rebutj",
    "cs": "popře|popír|dementova",
    "da": "benægt|afvis|dementer",
    "de": "bestritt|bestreite|dementier|(?:wies|weist|wiesen|weisen)\\b[^.]*\\bzurück",
    "el": "διέψευσ|διαψεύδ|αρνήθηκ|αρν[εο]ί?[τύ]|απέρριψ|απορρίπτ",
    "en": "den(?:y|ie)|refut|rebut",
    "es": "desm[ie]+nt|nieg|neg[óa]|rechaz",
    "et": "eita|lüka|lükka|keeldu",
    "fa": "تکذیب|انکار",
    "fi": "kiist[iäe]|torju|kieltä",
    "fil": "itinanggi|itinatanggi|pinabulaanan|tinanggihan",
    "fr": "dément|nié|nier|réfut",
    "gl": "desm[ie]nt|neg[ao]|rexeit",
    "he": "ה?כחיש|מכחיש",
    "hi": "खंडन|इनकार|इन्कार|नकार",
    "hr": "demant|negira|poriče|porek|zanije|opovrg|odbac",
    "hu": "tagad|cáfol|elutasít|visszautasít",
    "hy": "հերք|ժխտ|մերժ",
    "id": "membantah|dibantah|menyangkal|menepis",
    "it": "smenti|nega|respin",
    "ja": "否定し|否認し|事実無根",
    "ka": "უარყო|უარყვ|უარყოფ",
    "kk": "теріске|жоққа шығар",
    "ko": "부인[했하]|반박[했하]|사실무근",
    "lt": "paneig|neigia|neigė|atmet",
    "lv": "nolie[dg]|noraid",
    "mk": "негира|демантира|одби|отфрл",
    "ms": "menafikan|dinafikan|menyangkal",
    "ne": "खण्डन|अस्वीकार|इन्कार",
    "nl": "ontken",
    "no": "benekt|nekt|avvis|dementer",
    "pl": "zaprzecz|zdementowa|dementuj",
    "pt": "nega|negou|desment|rejeit",
    "ro": "neg[aă]|dezmin|respin|infirm",
    "ru": "опроверг|отрица",
    "sk": "popre|popier|dementova|vyvrát",
    "sl": "zanik|demant|ovrg|ovrž",
    "sq": "moho|përgënjeshtr|hodh[ia]? poshtë",
    "sr": "demant|negira|poriče|porek|opovrg|odbac|демант|негира|пориче|порек|оповрг|одбац",
    "sv": "förneka|dementera|avvisa|tillbakavis",
    "ta": "மறுத்",
    "th": "ปฏิเสธ",
    "tr": "yalanla|reddet|inkâr|inkar",
    "uk": "спрост|запереч",
    "ur": "تردید|انکار",
    "uz": "rad et|inkor|рад эт|инкор",
    "vi": "phủ nhận|bác bỏ|bác tin",
    "zh": "否认|否認|驳斥|駁斥|辟谣|闢謠|澄清",
}
"""Regular expressions for the beginnings of words that deny or reject, by language. They are not in the table because
some are more than words."""


class DenialPatterns(NamedTuple):
    """How words of denial are found in a language."""

    anywhere: re.Pattern[str]
    """A quick check for the words anywhere in a `caseless` text."""
    at_word_start: re.Pattern[str]
    """Finds the words where they begin."""


@cache
def denials(language: str) -> DenialPatterns | None:
    """The words of denial in a language (BCP-47; only its first part counts); None without any."""
    code = primary(language)
    stems = _DENIALS.get(code)
    if stems is None:
        return None
    bounded = stems if code in _UNSPACED - {"bn"} else rf"(?<!\w)(?:{stems})"
    return DenialPatterns(re.compile(caseless(stems)), re.compile(bounded, re.IGNORECASE))


@cache
def pattern(language: str, kind: str) -> re.Pattern[str] | None:
    """A pattern for every cue of a kind in a language (BCP-47; only its first part counts); None without cues."""
    code = primary(language)
    words = [word for row_language, row_kind, word in rows() if (row_language, row_kind) == (code, kind)]
    if not words:
        return None
    if kind in _WHOLE or any("*" in word for word in words):
        return _starred(code, words)
    alternatives = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    is_inside_words = code in _UNSPACED or kind == "weak"
    # Checking the first letter first rules out most places of a text and halves the time.
    first = "".join(sorted({re.escape(word[0]) for word in words}))
    bounded = f"(?:{alternatives})" if is_inside_words else rf"(?<!\w)(?:{alternatives})(?!\w)"
    return re.compile(f"(?=[{first}]){bounded}", re.IGNORECASE)


def _starred(code: str, words: Iterable[str]) -> re.Pattern[str]:
    """Cues that may begin or end in a ``*`` for any letters, or have one inside. Inside words of a script without
    spaces, it matches nothing."""
    if code in _UNSPACED - {"bn"}:
        return re.compile("|".join(_either_form(word.strip("*")) for word in _longest_first(words)), re.IGNORECASE)
    # Cues of one shape share their boundaries: to compile a set of letters for each cue takes ten times as long.
    shapes: dict[tuple[bool, str], list[str]] = {}
    for word in _longest_first(words):
        # A letter follows an apostrophe without a space: n'augmente.
        end = f"{_LETTER}*" if word.endswith("*") else "" if word[-1] in "'’" else f"(?!{_LETTER})"
        shapes.setdefault((word.startswith("*"), end), []).append(_stem(word))
    alternatives = (
        f"{f'{_LETTER}*' * is_ending}(?:{'|'.join(stems)}){end}" for (is_ending, end), stems in shapes.items()
    )
    return re.compile(f"(?<!{_LETTER})(?:{'|'.join(alternatives)})", re.IGNORECASE)


def _stem(word: str) -> str:
    """A pattern for a cue without a ``*`` at its ends; one inside it stands for any letters: አል*ም, not."""
    return f"{_LETTER}*".join(map(_either_form, word.strip("*").split("*")))


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted(words, key=len, reverse=True)


def _either_form(word: str) -> str:
    """A pattern for ``word`` in which each letter with a dot below (nukta) is one code point or two. NFC never makes
    one of them, but keyboards do."""
    expression = re.escape(unicodedata.normalize("NFC", word))
    for letter in _WITH_NUKTA:
        pair = unicodedata.normalize("NFC", letter)
        expression = expression.replace(pair, f"(?:{letter}|{pair})")
    return expression


def may_have(text: str, language: str, *kinds: str) -> bool:
    """Quick check: false only if a `caseless` text contains no cue of these kinds. Much quicker than a search."""
    return any(map(text.__contains__, _roots(language, kinds)))


@cache
def _roots(language: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The caseless cues, without those that contain another. Of a letter with a dot below, which has two forms, only
    what is before it counts."""
    code = primary(language)
    cues = (word for row_language, kind, word in rows() if row_language == code and kind in kinds)
    words = {_DOTTED.split(caseless(max(word.split("*"), key=len)), maxsplit=1)[0] for word in cues}
    return tuple(sorted(word for word in words if not any(shorter in word for shorter in words - {word})))


@cache
def rows() -> tuple[tuple[str, str, str], ...]:
    """Return (language, kind, word) for each row of the table."""
    return tuple((language, kind, word) for language, kind, word in table_rows("cues.tsv"))
