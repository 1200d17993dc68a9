"""Measure how dates and spans of days are read that CLDR's patterns print, in every language with a table of words.

    python benchmarks/evidence/dates.py                      the table, by form and by language
    python benchmarks/evidence/dates.py --missed [LANGUAGE]  also what was not read right

Babel formats the dates. It is a second opinion, because the reader has its own rules and takes only the names of months
and the word for "and" from CLDR. A text is one of these:

* right: its dates are read as printed, and nothing else is read;
* wrong: a date that contradicts the printed one is read, or an amount;
* otherwise left open: part of a date is read, or nothing.

Languages of which the default digits are not Latin are measured with both kinds of digits. `_LEFT_OUT` names the
patterns that are not measured, with reasons. `date_floors.json` pins the shares; exit 1 if one is not met.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from babel import Locale, localedata
from babel.dates import format_date, format_interval

from dragoman.evidence.checks.dates import parts
from dragoman.evidence.figures import Quantity, find
from dragoman.evidence.figures.lexicon import languages

HERE = Path(__file__).parent
WIDTHS = ("full", "long", "medium", "short")
SPANS = ("yMMMd", "MMMd", "yMMM", "yMd")
DAYS = [date(1999, 12, 31) + timedelta(days=step) for step in range(0, 13_000, 211)]
"""Days from 1999 to 2035, in all months and on all days of the month."""
LENGTHS = (2, 9, 40, 400)
"""Days that spans last: inside a month, over its end, and over the end of a year."""
_SCRIPTS = {"zh": ("zh-Hans", "zh-Hant"), "sr": ("sr-Cyrl", "sr-Latn")}
_ZEROS = {"ar": "٠", "fa": "۰", "ur": "۰", "bn": "০", "ne": "०", "mr": "०", "hi": "०", "my": "၀", "km": "០", "th": "๐"}
"""The zero of the digits that papers of a language print besides the Latin ones."""
_LEFT_OUT = {
    ("en", "short"): "American in CLDR, but the order of 3/5/24 is open in English of an unknown region",
    ("en", "yMd"): "as the short form",
    ("th", "short"): "CLDR's calendar is Buddhist, but Babel prints a Gregorian year of two digits",
    ("sw", "yMMMd"): "CLDR leaves out the first month: 30 – 9 Apr 2024",
    ("mn", "yMMMd"): "CLDR prints a Roman numeral for the month",
    ("mn", "MMMd"): "CLDR prints a Roman numeral for the month",
    ("mn", "yMMM"): "CLDR prints a Roman numeral for the month",
    ("fa", "yMMM"): "Babel prints the same month twice, because CLDR's pattern has no second field of its kind",
    ("mn", "yMd"): "CLDR prints a Roman numeral for the month",
    ("bg", "MMMd"): "CLDR prints 3.05 – 5.05, which may also be hours or scores",
    ("bg", "yMMM"): "CLDR prints 03.2024 – 05.2024, in digits",
    ("sk", "yMMM"): "CLDR prints 3 – 5/2024, in which the first month may also be a count",
    ("lo", "MMMd"): "CLDR prints 5/03 – 7/03, which may also be fractions",
    ("lo", "yMMM"): "CLDR prints 03/2024 – 05/2024, in digits",
    ("kn", "yMd"): "American in its spans, but not in its dates",
    ("ne", "short"): "24/3/5 is a year, a month and a day only here, and the year may be one of Bikram Sambat",
}
"""(primary subtag, form) of patterns that are no oracle, and why."""


class Printed(NamedTuple):
    """A text, and the dates that it states, in partial ISO."""

    language: str
    form: str
    text: str
    dates: tuple[str, ...]


def printed(language: str) -> Iterator[Printed]:
    """Yield every text of a language."""
    primary = language.partition("-")[0]
    for item in _with_latin_digits(language):
        if (primary, item.form) in _LEFT_OUT:
            continue
        yield item
        if (zero := _ZEROS.get(primary)) and item.form not in SPANS:
            digits = {ord("0") + digit: chr(ord(zero) + digit) for digit in range(10)}
            yield item._replace(text=item.text.translate(digits))


def _with_latin_digits(language: str) -> Iterator[Printed]:
    # Babel resolves aliases in tables that all locales share: a locale without short names of months of its own prints
    # those of the language that was used before it. A fresh copy has not been changed yet.
    localedata._cache.clear()
    locale = Locale.parse(language, sep="-")
    for day in DAYS:
        for width in WIDTHS:
            yield Printed(language, width, format_date(day, width, locale), (day.isoformat(),))
    for index, day in enumerate(DAYS):
        last = day + timedelta(days=LENGTHS[index % len(LENGTHS)])
        for skeleton in SPANS:
            ends = tuple(dict.fromkeys(_partial(end, skeleton) for end in (day, last)))
            if len(ends) == 1 or ("y" not in skeleton and day.year != last.year):
                continue  # no span, or one of which a year is not printed
            yield Printed(language, skeleton, format_interval(day, last, skeleton, locale=locale), ends)


def _partial(day: date, skeleton: str) -> str:
    parts = f"{day:%Y-%m-%d}" if "y" in skeleton else f"--{day:%m-%d}"
    return parts if "d" in skeleton else parts[:7]


def verdict(item: Printed, found: list[Quantity]) -> str:
    """``right``, ``wrong`` or ``open``."""
    read = [quantity.date or "" for quantity in found if quantity.kind == "date" and not quantity.vague]
    others = [quantity for quantity in found if quantity.kind != "date"]
    if tuple(read) == item.dates and not others:
        return "right"
    return "wrong" if others or any(not _agrees(date, item.dates) for date in read) else "open"


def _agrees(read: str, dates: tuple[str, ...]) -> bool:
    """Whether one of the dates states no part otherwise."""
    return any(all(a == b for a, b in zip(parts(read), parts(date), strict=True) if a and b) for date in dates)


def measured() -> list[str]:
    """The tags of the languages that have a table, once for each script."""
    return [tag for language in languages() for tag in _SCRIPTS.get(language, (language,))]


def counts(tags: list[str], missed: list[str] | None = None) -> dict[str, dict[str, Counter[str]]]:
    """Return the verdicts by form and language. ``missed`` receives a line for each text that is not right."""
    table: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for tag in tags:
        for item in printed(tag):
            found = find(item.text, tag)
            result = verdict(item, found)
            table[item.form][tag][result] += 1
            if missed is not None and result != "right":
                read = ", ".join(f"{item.text[q.start : q.end]!r} {q.date or q.value or '?'}" for q in found)
                missed.append(f"{result:6} {tag:8} {item.form:7} {item.text!r}: {read or 'nothing'}")
    return table


def shares(verdicts: Counter[str]) -> tuple[float, float]:
    """The percentages of right and of wrong texts."""
    every = verdicts.total()
    return 100 * verdicts["right"] / every, 100 * verdicts["wrong"] / every


def load_floors() -> dict[str, tuple[float, float, float]]:
    """For each form: the least percentage right and the most wrong over all languages, and the least right in each."""
    floors = json.loads((HERE / "date_floors.json").read_text("utf-8"))["floors"]
    return {form: (least_right, most_wrong, least) for form, (least_right, most_wrong, least) in floors.items()}


def failures(table: dict[str, dict[str, Counter[str]]]) -> list[str]:
    """Say which floor is not met by the forms of a table."""
    failed = []
    for form, by_language in table.items():
        least_right, most_wrong, least_in_language = load_floors()[form]
        right, wrong = shares(sum(by_language.values(), Counter()))
        if right < least_right or wrong > most_wrong:
            failed.append(f"{form}: {right:.2f} % right and {wrong:.2f} % wrong; {least_right} and {most_wrong} needed")
        for tag, verdicts in by_language.items():
            if shares(verdicts)[0] < least_in_language:
                failed.append(f"{form} in {tag}: {shares(verdicts)[0]:.1f} % right; {least_in_language} needed")
    return failed


def main() -> int:
    """Print the table, and what is below a floor."""
    asked = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    missed: list[str] | None = [] if "--missed" in sys.argv else None
    table = counts(asked or measured(), missed)
    print("\n".join(missed or ()))
    for form in (*WIDTHS, *SPANS):
        by_language = table[form]
        right, wrong = shares(sum(by_language.values(), Counter()))
        below = ", ".join(
            f"{tag} {right_share:.0f}/{wrong_share:.0f}"
            for tag, (right_share, wrong_share) in ((tag, shares(each)) for tag, each in by_language.items())
            if right_share < 100
        )
        print(f"{form:7} {right:6.2f} % right {wrong:6.2f} % wrong   {below}")
    failed = [] if asked else failures(table)
    print("\n".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
