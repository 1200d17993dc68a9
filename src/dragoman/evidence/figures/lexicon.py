"""Load the words for the figures of one language: CLDR's tables and the reviewed files in ``data/quantities``.

A file has one row per word: word, meaning and kind, separated by tabs. A line that begins with ``# `` is a comment.
``any.tsv`` has the signs and codes of every language. A row overrides CLDR, and a row of a language overrides ``any``.
A ``date-join`` joins two dates in a list (``and``) or in a span (``to``).
A word that ends in ``*`` stands for all words with this beginning; a ``hedge-after`` that begins with ``*`` is an ending
of the figure's last word (and what follows it). The kinds are listed in `KINDS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from itertools import chain
from typing import NamedTuple

from dragoman.core.language_tags import primary
from dragoman.evidence.figures import cldr, date_words
from dragoman.evidence.figures.folding import word_key

KINDS: Mapping[str, str] = {
    # Parts of a number. The meaning is a decimal.
    "number": "run", "weak": "run", "han": "run", "scale": "run", "some": "run", "half": "run",
    "ahead": "run", "link": "run", "point": "run", "inside": "run",
    # What follows a number. The meaning is the unit, a currency, or a divisor.
    "percent": "unit", "points": "unit", "basis": "unit", "permille": "unit", "tenth": "unit", "time": "unit",
    "measure": "unit", "noun": "unit", "times": "unit", "money": "unit", "part": "unit", "clock": "unit",
    "label-after": "unit", "nothing": "unit", "scaled": "unit", "year-after": "year-after",
    # What stands before a number.
    "money-before": "before", "percent-before": "before", "time-before": "before", "times-before": "before", "noun-before": "before", "measure-before": "before", "points-before": "before", "scaled-before": "before", "hedge": "before", "label": "before", "brand": "before",
    "year-before": "before", "year-cue": "before", "clock-before": "before", "minus": "before", "no-label": "before", "ordinal-cue": "before",
    # Whole phrases.
    "fraction": "phrase", "multiple": "phrase", "ordinal": "phrase", "skip": "phrase", "span": "phrase",
    # The rest.
    "hedge-after": "after", "ordinal-before": "ordinal-before", "ordinal-after": "ordinal-after",
    "month": "month", "jalali": "month", "hijri": "month", "bikram": "month", "ethiopic": "month", "month-weak": "month",
    "era": "era", "calendar": "calendar", "of": "of", "join": "join", "date-join": "date-join", "between": "between", "from": "from", "many": "many", "section": "section", "street": "street",
    "change": "change", "fraction-of": "fraction-of", "day-before": "day-before", "month-before": "month-before",
    "month-number": "month-number", "money-abbreviation": "abbreviation",
}  # fmt: skip
"""The kind of a row, and the place where its words are looked up.

``scaled`` is a power of ten and a currency in one word (mdp: 1000000 ?peso), ``money-abbreviation`` a power of ten that
counts only beside money ($ 5 MM, Rs 5 cr).
"""


class Entry(NamedTuple):
    """What a word means in its place: its kind, and the meaning that its row gives."""

    kind: str
    meaning: str


@dataclass(frozen=True)
class Lexicon:
    """All words of a language by place, folded. ``language`` is a BCP-47 tag; its first subtag names the file."""

    language: str
    decimal: str
    spaced_groups: bool
    """Whether a plain space groups thousands."""
    words: Mapping[str, Mapping[str, Entry]]
    signs: frozenset[str]
    """The signs and codes of money in ``any``, which may stand on either side of a figure."""
    ambiguous_scales: Mapping[str, tuple[Decimal, ...]]
    """Words to which CLDR gives two values, and for which no row decides."""
    abbreviations: Mapping[str, cldr.Abbreviation]
    """CLDR's abbreviations of powers of ten, by their folded spelling."""

    def place(self, name: str) -> Mapping[str, Entry]:
        """Return the words that are looked up in a place, such as ``unit``."""
        return self.words.get(name, {})

    def entry(self, place: str, word: str) -> Entry:
        """Return the entry of a folded word. Raises KeyError if there is none."""
        words = self.place(place)
        stems = (f"{word[:end]}*" for end in range(len(word), 0, -1))
        return words[next((form for form in (word, *stems) if form in words), word)]

    def of_kind(self, place: str, *kinds: str) -> dict[str, Entry]:
        """Return the words of some kinds in a place."""
        return {word: entry for word, entry in self.place(place).items() if entry.kind in kinds}


@lru_cache(maxsize=64)
def lexicon(language: str) -> Lexicon:
    """Return the words for a BCP-47 tag. An unknown language has only signs and codes."""
    code = primary(language)
    locales = [tables for tag in _babel_tags(language) if (tables := cldr.load(tag))] if _has_file(code) else []
    tables = locales[0] if locales else None
    words: dict[str, dict[str, Entry]] = {}
    date_rows = chain.from_iterable(date_words.rows(tag) for tag in _babel_tags(language)) if locales else ()
    shared_rows = chain(chain.from_iterable(map(cldr_rows, locales)), date_rows)
    own_rows = rows(code) if _has_file(code) else ()
    for word, kind, meaning in chain(shared_rows, rows("any"), own_rows):
        if kind == "hedge-after" and word[0] == "*":
            word = word[1:]
            words.setdefault("ending", {})[word_key(word, code)] = Entry(kind, meaning)
        words.setdefault(KINDS[kind], {})[word_key(word, code)] = Entry(kind, meaning)
    settled = words.get("run", {})
    return Lexicon(
        language=language,
        decimal=tables.decimal if tables else ".",
        spaced_groups=bool(tables) and (tables.group.isspace() or code in _ALSO_SPACED) if tables else False,
        words=words,
        signs=frozenset(word_key(word, code) for word, kind, _ in rows("any") if kind == "money"),
        ambiguous_scales={
            word: values for word, values in (tables.ambiguous_scales if tables else {}).items() if word not in settled
        },
        abbreviations={
            word_key(abbreviation.printed, code): abbreviation
            for abbreviation in (tables.abbreviations if tables else ())
        }
        | {
            word: cldr.Abbreviation(word, Decimal(entry.meaning), spaced=False, only_money=True)
            for word, entry in words.get("abbreviation", {}).items()
        },
    )


_BOTH = {"sr": ("sr", "sr-Latn"), "uz": ("uz", "uz-Cyrl"), "no": ("nn", "no")}
"""Languages that are printed in two scripts or two standards (Bokmål and Nynorsk), often in one issue of a paper: their
table has the words of both."""

# CLDR groups with a point in these languages, but technical, Swiss and Austrian print use the space.
_ALSO_SPACED = {"de", "es", "it", "nl", "pt", "az", "ca", "gl", "hr", "sr", "sl", "ro", "mk"}


def rows(name: str) -> Iterator[tuple[str, str, str]]:
    """Yield (word, kind, meaning) for each row of a file. Raises ValueError for a malformed row or an unknown kind."""
    text = (files("dragoman") / "data" / "quantities" / f"{name}.tsv").read_text("utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("# "):
            continue
        cells = line.split("\t")
        if len(cells) != 3 or cells[2] not in KINDS or not cells[0]:
            raise ValueError(f"{name}.tsv, line {number} must be word, meaning and a known kind, but is {line!r}")
        yield cells[0], cells[2], cells[1]


def languages() -> list[str]:
    """Return the primary subtags that have a file of words."""
    names = (file.name for file in (files("dragoman") / "data" / "quantities").iterdir())
    return sorted(name.removesuffix(".tsv") for name in names if name.endswith(".tsv") and name != "any.tsv")


def _has_file(code: str) -> bool:
    return code != "any" and code.isalpha() and (files("dragoman") / "data" / "quantities" / f"{code}.tsv").is_file()


def _babel_tags(language: str) -> tuple[str, ...]:
    """Return the tags of CLDR, one for each script or standard of the language.

    A region matters if it changes separators (es-MX); a script matters only for Chinese.
    """
    parts = language.split("-")
    if both := _BOTH.get(primary(language)):
        return both
    subtags = [parts[0].lower(), *(part for part in parts[1:] if len(part) == 4 and part.isalpha())]
    if parts[0].lower() in ("es", "de", "pt", "fr") and len(parts[-1]) == 2 and len(parts) > 1:
        subtags.append(parts[-1].upper())
    return ("-".join(subtags),)


@lru_cache(maxsize=1)
def _shared_signs() -> frozenset[str]:
    """Return the signs of money in ``any``, some of which CLDR gives to one currency: $ is that of the reader's country."""
    return frozenset(word for word, kind, _ in rows("any") if kind in ("money", "money-before"))


def cldr_rows(tables: cldr.Locale) -> Iterator[tuple[str, str, str]]:
    """Yield the words of CLDR as rows: (word, kind, meaning)."""
    for word, value in tables.scales.items():
        yield word, "scale", str(value)
    for word, name in tables.measures.items():
        yield word, "measure", name
    for word, name in tables.times.items():
        yield word, "time", name
    for word, code in tables.currencies.items():
        yield word, "money", code
    for sign, code in tables.currency_signs.items():
        if sign.lower() not in _shared_signs():
            yield sign, "money", code
            yield sign, "money-before", code
    if tables.currencies_first:
        for word, code in tables.currencies.items():
            yield word, "money-before", code
    for word, month in tables.months_short.items():
        yield word, "month-weak", str(month)
    for word, month in tables.months.items():
        yield word, "month", str(month)
