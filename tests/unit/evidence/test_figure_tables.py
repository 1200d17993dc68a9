"""The tables of words in `data/quantities`: every row is well formed, unique, and adds to CLDR."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from importlib.resources import files

import pytest
from babel.numbers import list_currencies

from dragoman.core.data_tables import table_rows
from dragoman.evidence.figures import cldr, lexicon
from dragoman.evidence.figures.folding import word_key

TABLES = ["any", *lexicon.languages()]
REGIONS = {
    "zh": ["zh-Hans", "zh-Hant"],
    "es": ["es", "es-MX"],
    "pt": ["pt", "pt-PT"],
    "fr": ["fr", "fr-CA"],
    "de": ["de", "de-AT"],
}
"""Tags that share a table: a row is needed when CLDR lacks the word for one of them."""

DECIMAL = re.compile(r"-?\d+(\.\d+)?")
SHARE = re.compile(r"\d+(\.\d+)?(/[1-9]\d*)?")
COUNT = re.compile(r"[1-9]\d*")
MONTH = re.compile(r"[1-9]|1[0-2]")
TIMES = "year|month|week|day|hour|minute|second|decade|century|quarter"
NOTHING = re.compile("-")
MEASURE = re.compile("|".join(["unit", *(name for name, *_ in table_rows("units.tsv"))]))
MEANINGS = {
    **dict.fromkeys(("number", "weak", "han", "scale", "half", "ahead", "era"), DECIMAL),
    **dict.fromkeys(("fraction", "multiple", "span", "ordinal"), SHARE),
    **dict.fromkeys(("many", "part"), COUNT),
    **dict.fromkeys(("month", "month-weak", "jalali", "hijri", "bikram", "month-number"), MONTH),
    "ethiopic": re.compile(r"[1-9]|1[0-3]"),
    **dict.fromkeys(("time", "time-before"), re.compile(TIMES)),
    **dict.fromkeys(("hedge", "hedge-after"), re.compile("about|more|less|atleast|atmost")),
    **dict.fromkeys(("percent", "tenth"), re.compile("%")),
    "percent-before": re.compile("%|glued"),
    "money-abbreviation": re.compile("10+"),
    **dict.fromkeys(("points", "points-before"), re.compile("pp")),
    **dict.fromkeys(("times", "times-before"), re.compile("×")),
    **dict.fromkeys(("measure", "measure-before"), MEASURE),
    "basis": re.compile("bp"), "permille": re.compile("‰"), "inside": re.compile("more"), "point": re.compile(r"\."),
    "calendar": re.compile("gregorian|jalali|hijri|bikram|ethiopian"), "date-join": re.compile("and|to"),
}  # fmt: skip
"""What the meaning of a row of a kind may be; `NOTHING` for other kinds."""


def is_currency(meaning: str) -> bool:
    """Whether it is an ISO code (``CNY?`` if some print leaves it open), or ``?`` and a name that nothing settles."""
    return meaning.removesuffix("?") in list_currencies() or bool(re.fullmatch(r"\?[^\s?]+", meaning))


@pytest.mark.parametrize("name", TABLES)
def test_rows_are_well_formed(name: str) -> None:
    """Word, meaning, kind; composed, without stray spaces; a value, month or code where the kind wants one."""
    wrong = []
    for word, kind, meaning in lexicon.rows(name):
        inner = word[kind == "hedge-after" : -1]
        tidy = word == unicodedata.normalize("NFC", " ".join(word.split())) and "*" not in inner
        if kind in ("money", "money-before"):
            right = is_currency(meaning)
        elif kind in ("scaled", "scaled-before"):
            factor, _, currency = meaning.partition(" ")
            right = factor.strip("0") == "1" and is_currency(currency)
        else:
            right = bool(MEANINGS.get(kind, NOTHING).fullmatch(meaning))
        if not (tidy and right):
            wrong.append((word, kind, meaning))
    assert wrong == []


@pytest.mark.parametrize("name", TABLES)
def test_a_word_has_one_row_per_place(name: str) -> None:
    """With two rows for one word in one place, the order of the rows would decide."""
    places = [(lexicon.KINDS[kind], word_key(word, name)) for word, kind, _ in lexicon.rows(name)]
    assert sorted({place for place in places if places.count(place) > 1}) == []


@pytest.mark.parametrize("name", lexicon.languages())
def test_no_row_repeats_cldr_or_the_common_table(name: str) -> None:
    """A row that CLDR or ``any`` has for every region that shares the table is not needed."""
    shared = [without_own_rows(tag) for tag in REGIONS.get(name, [name])]
    repeated = [
        (word, kind, meaning)
        for word, kind, meaning in lexicon.rows(name)
        if all(words.get((lexicon.KINDS[kind], word_key(word, name))) == (kind, meaning) for words in shared)
    ]
    assert repeated == []


def without_own_rows(tag: str) -> dict[tuple[str, str], tuple[str, str]]:
    """Place and word to kind and meaning, without the language's own rows."""
    tables = cldr.load(tag)
    assert tables is not None
    rows = [*lexicon.cldr_rows(tables), *lexicon.rows("any")]
    return {(lexicon.KINDS[kind], word_key(word, tag[:2])): (kind, meaning) for word, kind, meaning in rows}


@pytest.mark.parametrize("name", lexicon.languages())
def test_every_language_has_the_usual_words(name: str) -> None:
    """Thousand and million, per cent, year, a month, a currency and "about" come from rows or from CLDR."""
    words = lexicon.lexicon(name)
    scales = {Decimal(entry.meaning) for entry in words.of_kind("run", "scale", "number").values()}
    units = {entry.kind for entry in words.place("unit").values()}
    assert Decimal(1000) in scales
    assert scales & {Decimal(10) ** 6, Decimal(10) ** 5, Decimal(10) ** 8}
    assert {"percent", "money", "time", "measure", "noun"} <= units
    assert words.of_kind("before", "hedge")
    assert words.place("month") or name in ("vi", "ja", "ko", "zh")  # these number their months


def test_kinds_that_no_row_has_are_not_listed() -> None:
    """A kind without a row would be dead code."""
    used = {kind for name in TABLES for _, kind, _ in lexicon.rows(name)}
    assert set(lexicon.KINDS) - used == set()


def test_files_and_languages_are_the_same() -> None:
    """A table that cannot be asked for would never be read."""
    names = {file.name for file in (files("dragoman") / "data" / "quantities").iterdir()}
    assert names == {f"{name}.tsv" for name in TABLES}
