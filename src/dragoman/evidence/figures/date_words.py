"""Words that join and complete dates, as CLDR's patterns print them: "and", "to", "of", the word after a year.

The patterns are public through Babel. Only their literal parts are taken; the order of day, month and year is not,
except for dates in digits (`order`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal

from dragoman.core.language_tags import primary

Order = Literal["dmy", "mdy", "ymd"]
_FIELDS = re.compile(r"'([^']*)'|([GyMLdEc]+)")
_WIDTHS = ("full", "long", "medium")
_SKELETONS = ("yMMMd", "yMMMMd", "yMMM", "yMMMM", "MMMd", "MMMMd")
_OWN_FORMS = {"zh", "ja", "ko", "vi", "he"}
"""Languages whose dates have forms of their own in `date_forms`, or words that are joined to the name of the month."""
_TRIM = " \u00a0\u202f\u2009\u200b\u200e\u200f"


@lru_cache(maxsize=64)
def joins(tag: str) -> Mapping[str, Literal["and", "to"]]:
    """Return the words between two dates, as CLDR spells them: of lists, and of spans. None for an unknown language."""
    locale = _locale(tag)
    if locale is None:
        return {}
    lists = [str(form.get(place, "")) for form in locale.list_patterns.values() for place in ("2", "end")]
    words: dict[str, Literal["and", "to"]] = dict.fromkeys(map(_between, lists), "and")
    words[_between(str(locale.interval_formats.get(None, "")))] = "to"
    return {word: kind for word, kind in words.items() if any(letter.isalpha() for letter in word)}


def _between(pattern: str) -> str:
    return pattern.partition("{0}")[2].partition("{1}")[0].strip(_TRIM)


def rows(tag: str) -> Iterator[tuple[str, str, str]]:
    """Yield (word, kind, meaning) for the words inside dates, as a table of words has them."""
    for name in weekdays(tag):
        yield name, "skip", "-"
    if primary(tag) in _OWN_FORMS:
        return
    for pattern in _patterns(tag):
        parts = list(_parts(pattern))
        for before, literal, after in zip(parts, parts[1:], [*parts[2:], ("", False)], strict=False):
            word = literal[0].strip(_TRIM)
            if literal[1] or not before[1] or not any(letter.isalpha() for letter in word):
                continue
            if before[0] == "y":
                yield word, "year-after", "-"
            elif before[0] in "dM" and after[0] in "My" and after[1] and word == literal[0].strip():
                yield word, "of", "-"


def weekdays(tag: str) -> Iterator[str]:
    """Yield the names of the days of the week that consist of more than one word: سه‌شنبه, Thứ Hai.

    They are read without resolving Babel's aliases, because that changes tables which all locales share.
    """
    from babel import localedata

    locale = _locale(tag)
    if locale is not None:
        names: Mapping[str, str] = localedata.load(str(locale))["days"]["format"]["wide"]
        yield from (name for name in names.values() if any(c in name for c in " \u200c"))


@lru_cache(maxsize=64)
def order(tag: str) -> Order | None:
    """Return the order of a date in digits; None for an unknown language."""
    locale = _locale(tag)
    if locale is None:
        return None
    letters = "".join(letter for letter in str(locale.date_formats["short"].pattern) if letter in "dMy")
    order = "".join(dict.fromkeys(letters)).lower()
    return "ymd" if order == "ymd" else "mdy" if order == "mdy" else "dmy"


@lru_cache(maxsize=64)
def has_points(tag: str) -> bool:
    """Whether dates in digits are written with points: 5.3.2024."""
    locale = _locale(tag)
    return locale is not None and "." in str(locale.date_formats["short"].pattern)


@lru_cache(maxsize=64)
def has_hyphens(tag: str) -> bool:
    """Whether dates in digits are written with hyphens and a year of two digits: 05-03-24."""
    locale = _locale(tag)
    return locale is not None and str(locale.date_formats["short"].pattern).lower() in ("dd-mm-yy", "d-m-yy")


@lru_cache(maxsize=64)
def has_comma_after_day(tag: str) -> bool:
    """Whether a comma may stand between a day and the name of its month."""
    locale = _locale(tag)
    spans = locale.interval_formats.get("yMMMd", {}).values() if locale else ()
    patterns = [*_patterns(tag), *("".join(parts) for parts in spans)]
    return any(re.search("d, ?[ML]", pattern) for pattern in patterns)


@lru_cache(maxsize=64)
def has_month_first(tag: str) -> bool:
    """Whether the name of a month is printed before the day."""
    locale = _locale(tag)
    if locale is None:
        return False
    patterns = [str(locale.date_formats[width].pattern) for width in _WIDTHS]
    patterns.append(str(getattr(locale.datetime_skeletons.get("MMMd"), "pattern", "")))
    patterns += ["".join(parts) for parts in locale.interval_formats.get("MMMd", {}).values()]
    return any(re.match("[^d]*[ML][^d]*d", re.sub("'[^']*'", "", pattern)) for pattern in patterns)


def _patterns(tag: str) -> Iterable[str]:
    locale = _locale(tag)
    if locale is None:
        return ()
    formats = [locale.date_formats[width] for width in _WIDTHS]
    formats += [locale.datetime_skeletons[name] for name in _SKELETONS if name in locale.datetime_skeletons]
    return sorted({str(getattr(form, "pattern", form)) for form in formats})


def _parts(pattern: str) -> Iterator[tuple[str, bool]]:
    """Yield each part of a pattern, and whether it is a field: its first letter, ``M`` also for a month alone."""
    literal = ""
    position = 0
    for match in _FIELDS.finditer(pattern):
        literal += pattern[position : match.start()] + (match[1] or "")
        position = match.end()
        if match[2]:
            if literal:
                yield literal, False
            yield match[2][0].replace("L", "M").replace("c", "E"), True
            literal = ""
    literal += pattern[position:]
    if literal:
        yield literal, False


def _locale(tag: str) -> Any:
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
