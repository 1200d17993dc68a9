"""Measure how figures and dates are read as CLDR writes them, in every language with a table.

    python benchmarks/evidence/cldr_forms.py               shares by form and by language, and whether the floors hold
    python benchmarks/evidence/cldr_forms.py --missed de   also every form of German that was missed or read wrong

Babel writes each value: decimals, compact forms, percentages, currencies (sign and name) and dates. The form is read
alone and inside a carrier: the language's own "A and B" with a noun of its table. A form is *right* if exactly this
value, unit or date is read and nothing else, *missed* if nothing is read, and *wrong* otherwise. A currency may stay
open if its printed sign is shared; a short date may keep its month or year open.

`cldr_floors.json` pins the greatest shares of misses and errors; `tests/scenarios/test_cldr_forms.py` checks them.
Exit 1 if a floor is not met.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from babel import Locale
from babel.dates import format_date
from babel.numbers import (
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
)

from dragoman.evidence.checks.currencies import may_be_same
from dragoman.evidence.figures import Quantity, find
from dragoman.evidence.figures.cldr import CURRENCIES
from dragoman.evidence.figures.lexicon import languages, rows

FLOORS = json.loads((Path(__file__).parent / "cldr_floors.json").read_text("utf-8"))
Verdict = Literal["right", "missed", "wrong"]

DECIMALS = [Decimal(value) for value in ("7", "12.5", "0.75", "345", "1250.5", "12345", "1234567", "98765432.1")]
PERCENTAGES = [Decimal(value) for value in ("0.07", "0.125", "0.5", "0.993", "1.2")]
MANTISSAS = [Decimal(value) for value in ("2", "3.2", "4.7", "5")]
AMOUNTS = [Decimal(value) for value in ("7", "1250000", "18.5")]
DATES = [date(2024, 3, 5), date(2023, 11, 22), date(2016, 1, 31), date(2025, 5, 14), date(1998, 8, 9)]
DATE_WIDTHS: tuple[Literal["full", "long", "medium", "short"], ...] = ("full", "long", "medium", "short")
COMPACT_WIDTHS: tuple[Literal["long", "short"], ...] = ("long", "short")
UNSPACED = ("zh", "ja", "th", "lo", "km", "my")

WRONG_PATTERNS: Mapping[tuple[str, str], Mapping[int, str]] = {
    ("ne", "long"): dict.fromkeys((6, 7, 8), "करोड is 10^7 (as in the short table), but here 10^6"),
    ("bn", "short"): {11: "000কো would be 10^11 divided by 10^2, but কোটি is 10^7"},
}
"""Powers of ten for which the pattern of CLDR 47 contradicts the language, and the reason."""


@dataclass(frozen=True, slots=True)
class Form:
    """One printed form, and what it says."""

    language: str
    kind: str
    text: str
    value: Decimal | None = None
    unit: str | None = None
    date: str | None = None


def tags() -> list[str]:
    """Return the languages with a table; Chinese in both scripts."""
    return [tag for language in languages() for tag in (("zh-Hans", "zh-Hant") if language == "zh" else (language,))]


def forms(tag: str) -> Iterator[Form]:
    """Yield every form of a language."""
    locale = Locale.parse(tag, sep="-")
    yield from _numbers(tag, locale)
    yield from _compact(tag, locale)
    yield from _money(tag, locale)
    for day in DATES:
        for width in DATE_WIDTHS:
            yield Form(tag, f"date {width}", format_date(day, width, locale), date=day.isoformat())


def _numbers(tag: str, locale: Locale) -> Iterator[Form]:
    for digits in ("latn", "default"):
        for value in DECIMALS:
            yield Form(tag, "decimal", format_decimal(value, locale=locale, numbering_system=digits), value)
        for value in PERCENTAGES:
            printed = format_percent(value, "#,##0.#%", locale, numbering_system=digits)
            own_form = format_percent(value, None, locale, numbering_system=digits)
            yield Form(tag, "percent", printed, value * 100, "%")
            if value == value.quantize(Decimal("0.01")):
                yield Form(tag, "percent", own_form, value * 100, "%")


def _compact(tag: str, locale: Locale) -> Iterator[Form]:
    """Yield compact forms, without those whose pattern has no word: they are plain digits."""
    for width in COMPACT_WIDTHS:
        for power in range(3, 15):
            if power in WRONG_PATTERNS.get((tag, width), {}) or not _has_word(locale, width, power):
                continue
            for mantissa in MANTISSAS:
                value = mantissa * 10**power
                text = _compact_text(locale, width, value, power)
                yield Form(tag, f"compact {width}", text, value)


def _compact_text(locale: Locale, width: Literal["long", "short"], value: Decimal, power: int) -> str:
    """Write a compact form. Of ``elfu 00;elfu -00``, Babel 2.18 counts the zeros of both halves and divides by too
    little, so such a pattern is filled in here.
    """
    pattern = locale.compact_decimal_formats[width]["other"][str(10**power)].pattern
    if ";" not in pattern:
        return format_compact_decimal(value, format_type=width, locale=locale, fraction_digits=1)
    positive = pattern.partition(";")[0]
    zeros = positive.count("0")
    return positive.replace("0" * zeros, format_decimal(value / 10 ** (power - zeros + 1), locale=locale))


def _has_word(locale: Locale, width: str, power: int) -> bool:
    patterns = locale.compact_decimal_formats.get(width, {}).get("other", {}).get(str(10**power))
    return patterns is not None and bool(patterns.pattern.replace("0", "").strip("\xa0 "))


def _money(tag: str, locale: Locale) -> Iterator[Form]:
    for code in CURRENCIES:
        unit = Decimal(1).scaleb(-get_currency_precision(code))
        for value in AMOUNTS:
            if value != value.quantize(unit):
                continue
            yield Form(tag, "currency sign", format_currency(value, code, locale=locale), value, code)
            yield Form(
                tag, "currency name", format_currency(value, code, locale=locale, format_type="name"), value, code
            )


def carriers(form: Form) -> Iterator[str]:
    """Yield the texts in which a form is read: alone, and inside a sentence."""
    yield form.text
    primary = form.language.partition("-")[0]
    noun = next((word for word, kind, _ in rows(primary) if kind == "noun" and word.isalpha()), "")
    pattern = Locale.parse(form.language, sep="-").list_patterns["standard"]["2"]
    space = "" if primary in UNSPACED else " "
    counted = f"{space}{noun}" if form.kind.startswith(("decimal", "compact")) else ""
    stop = (
        "。"
        if primary in ("zh", "ja")
        else ""
        if primary in UNSPACED
        else "।"
        if primary in ("hi", "bn", "ne")
        else "."
    )
    yield pattern.replace("{0}", noun).replace("{1}", form.text + counted) + stop


def verdict(form: Form, quantities: Iterable[Quantity]) -> Verdict:
    """Say how a form was read."""
    found = list(quantities)
    if not found:
        return "missed"
    return "right" if len(found) == 1 and _is_right(form, found[0]) else "wrong"


def _is_right(form: Form, quantity: Quantity) -> bool:
    if form.date is not None:
        read = quantity.date
        if read is None:
            return False
        return read == form.date or (form.kind == "date short" and quantity.vague and form.date.startswith(read))
    if quantity.value != form.value:
        return False
    if form.kind.startswith("currency"):
        return quantity.kind == "money" and may_be_same(quantity.unit, form.unit)
    if form.kind == "percent":
        return quantity.kind == "percent" and quantity.unit == "%"
    return quantity.kind == "count"


Result = tuple[Form, str, Verdict]


def measure(only: Iterable[str] = ()) -> list[Result]:
    """Read every form in every carrier."""
    return [
        (form, text, verdict(form, find(text, tag)))
        for tag in (only or tags())
        for form in forms(tag)
        for text in carriers(form)
    ]


def shares(results: Iterable[Result]) -> dict[str, tuple[float, float]]:
    """Return, per kind of form, the per cent that is not right and the per cent that is wrong."""
    counts: Counter[tuple[str, str]] = Counter((form.kind, judged) for form, _, judged in results)
    kinds = sorted({kind for kind, _ in counts})
    totals = {kind: sum(counts[kind, judged] for judged in ("right", "missed", "wrong")) for kind in kinds}
    return {
        kind: (
            round(100 * (counts[kind, "missed"] + counts[kind, "wrong"]) / totals[kind], 2),
            round(100 * counts[kind, "wrong"] / totals[kind], 2),
        )
        for kind in kinds
    }


def short_of(results: Iterable[Result], floors: Mapping[str, Mapping[str, list[float]]] = FLOORS) -> list[str]:
    """Return a line for each kind of form with more misses or errors than its floor allows."""
    lines = []
    for kind, (not_right, wrong) in shares(results).items():
        most_not_right, most_wrong = floors["most"][kind]
        if not_right > most_not_right or wrong > most_wrong:
            lines.append(f"{kind}: {not_right} % not right, {wrong} % wrong; floor {most_not_right} and {most_wrong}")
    return lines


def main() -> int:
    arguments = [argument for argument in sys.argv[1:] if argument != "--missed"]
    results = measure(arguments)
    if "--missed" in sys.argv:
        for form, text, judged in results:
            if judged != "right":
                read = "; ".join(
                    str(quantity.date or f"{quantity.value} {quantity.unit}") for quantity in find(text, form.language)
                )
                wanted = form.value or form.date
                print(f"{judged:6} {form.language:7} {form.kind:14} {text!r}: {wanted} read as {read or 'nothing'}")
    print("form                not right %   wrong %")
    for kind, (not_right, wrong) in shares(results).items():
        print(f"{kind:18} {not_right:12} {wrong:9}")
    print("language            not right %   wrong %")
    for tag in arguments or tags():
        judged = [result for form, _, result in results if form.language == tag]
        not_right, wrong = 1 - judged.count("right") / len(judged), judged.count("wrong") / len(judged)
        print(f"{tag:18} {100 * not_right:12.2f} {100 * wrong:9.2f}")
    if arguments:
        return 0
    short = short_of(results)
    print("\n".join(short) or "every floor is met")
    return bool(short)


if __name__ == "__main__":
    raise SystemExit(main())
