"""Measure how numbers in words are read, as two independent sources spell them: num2words 0.5.14 and ICU 72.

    python benchmarks/evidence/spelled.py             the table
    python benchmarks/evidence/spelled.py --missed    also each number that is not read right

Each number is read alone. It is right if it is read whole with its value, wrong if anything else is read, and silent if
nothing is. The numbers are in ``../shared/cases/spelled.jsonl`` beside the checkout. Neither
source is always right: ``spelled_exceptions.json`` lists spellings that mean another number than the source says, or
none, each with its reason. ``spelled_floors.json`` pins the shares. Exit 1 if a floor is not met.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

from dragoman.evidence.figures import find

HERE = Path(__file__).parent
NUMBERS = HERE.parents[2] / "shared" / "cases" / "spelled.jsonl"

FIRST = frozenset((
    "ar", "bn", "cs", "de", "en", "es", "fa", "fr", "he", "hi", "id", "it", "ja", "ko", "ms", "ne", "nl", "pl", "pt",
    "ru", "sw", "ta", "th", "tr", "uk", "ur", "vi", "zh-Hans", "zh-Hant",
))  # fmt: skip
"""The languages that had a table before number words were read by rules."""


def exceptions() -> dict[tuple[str, str], str]:
    """The reason for each spelling that is not compared, by language and text."""
    rows = json.loads((HERE / "spelled_exceptions.json").read_text("utf-8"))["spellings"]
    return {(row["language"], text): row["reason"] for row in rows for text in row["texts"]}


def read(language: str, text: str, value: int) -> str:
    """``right``, ``wrong`` or ``silent``."""
    numbers = [quantity for quantity in find(text, language) if quantity.kind not in ("ordinal", "date")]
    if not numbers:
        return "silent"
    return "right" if len(numbers) == 1 and numbers[0].value == Decimal(value) else "wrong"


def measure() -> tuple[dict[str, Counter[str]], list[str]]:
    """The counts by language, and a line for each number that is not right."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    missed = []
    known = exceptions()
    for line in NUMBERS.read_text("utf-8").splitlines():
        row = json.loads(line)
        language, text, value = row["lang"], row["text"], row["value"]
        if any(fragment in text for code, fragment in known if code == language):
            continue
        outcome = read(language, text, value)
        counts[language][outcome] += 1
        if outcome != "right":
            missed.append(f"{outcome:7} {language:8} {value} {text} ({row['by']})")
    return counts, missed


def shares(counts: dict[str, Counter[str]], languages: frozenset[str] | None = None) -> dict[str, float]:
    """Per cent right and wrong over languages."""
    total: Counter[str] = Counter()
    for language, outcomes in counts.items():
        if languages is None or language in languages:
            total += outcomes
    return {outcome: 100 * total[outcome] / total.total() for outcome in ("right", "wrong")}


def main() -> int:
    """Print the table; 1 if a floor is not met."""
    counts, missed = measure()
    for language in sorted(counts):
        outcomes = counts[language]
        print(f"{language:8} {outcomes['right']:4} right {outcomes['wrong']:3} wrong {outcomes['silent']:3} silent")
    floors = json.loads((HERE / "spelled_floors.json").read_text("utf-8"))
    failed = False
    for name, languages in (("first", FIRST), ("further", frozenset(counts) - FIRST)):
        share, floor = shares(counts, languages), floors[name]
        failed |= share["right"] < floor["right"] or share["wrong"] > floor["wrong"]
        print(f"{name}: {share['right']:.2f} % right, {share['wrong']:.2f} % wrong")
    if "--missed" in sys.argv:
        print(*missed, sep="\n")
    print("BELOW A FLOOR" if failed else "all floors are met")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
