"""Read the cases of `../shared/cases`, which were rebuilt from what users of such tools report.

    python benchmarks/evidence/shared_cases.py            one line per case
    python benchmarks/evidence/shared_cases.py --failed   only those that fail

For `figures.jsonl` and `controls.jsonl`: what is read in the sentence, and what the checks say about an English claim
that is right and one that is wrong. FALSE ALARM is an error about the right claim, MISSED no error about the wrong one.
For `quotes.jsonl`: whether the quote is located in its source (NOT LOCATED). Exit 1 if any case fails, or if the folder
is absent.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SHARED = ROOT.parent / "shared" / "cases"

from dragoman.core.answers import Summary
from dragoman.core.record import Finding
from dragoman.evidence.assess import assess
from dragoman.evidence.figures import Quantity, find
from dragoman.evidence.quotes.locate import locate
from dragoman.reading.prepare import prepare_text

FIGURE_FILES = ("figures.jsonl", "controls.jsonl")
QUOTES = "quotes.jsonl"


class Result(NamedTuple):
    """One case: its name, what is wrong with it (nothing if it is right), and what was read."""

    name: str
    faults: tuple[str, ...]
    line: str


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of a file of the shared folder."""
    return [json.loads(line) for line in (SHARED / name).read_text("utf-8").splitlines()]


def figure_result(case: dict[str, Any]) -> Result:
    """What is read in the sentence of a case, and whether its right and its wrong claim are told apart."""
    language, text = case["language"], case["text"]
    faults = [f"FALSE ALARM ({error.check})" for error in errors(language, text, case["right_english"])[:1]]
    if not errors(language, text, case["wrong_english"]):
        faults.append("MISSED")
    read = "; ".join(_shown(text, quantity) for quantity in find(text, language)) or "nothing"
    return Result(case["id"], tuple(faults), f"{language:8} right: {case['right_reading']} | read: {read}")


def errors(language: str, text: str, english: str) -> list[Finding]:
    """The errors about one claim whose quote is the whole text."""
    source = replace(prepare_text(text), language=language)
    claim = {
        "text_en": english, "paragraph": 1, "quote": text, "kind": "fact", "modality": "asserted",
        "speaker_en": None, "speaker_source": None, "event_date": None, "quantities": [],
    }  # fmt: skip
    answer = Summary.model_validate({
        "title_en": "A report", "abstract": "A report.", "key_points": ["One.", "Two.", "Three."], "published": None,
        "publisher": None, "author": None, "syndicated_from": None, "entities": [], "boilerplate": [],
        "claims": [claim],
    })  # fmt: skip
    return [finding for finding in assess(source, answer).findings if finding.severity == "error"]


def _shown(text: str, quantity: Quantity) -> str:
    value = quantity.date or (f"{quantity.low}..{quantity.high}" if quantity.value is None else str(quantity.value))
    bound = "" if quantity.bound == "exact" else f"{quantity.bound} "
    return f"{text[quantity.start : quantity.end]}={bound}{value} {quantity.unit or ''}".strip()


def quote_result(name: str, case: dict[str, Any]) -> Result:
    """Whether the quote of a case is located in its source."""
    source = replace(prepare_text(case["source"]), language=case["language"])
    match = locate(case["quote"], source, None).match
    faults = ("NOT LOCATED",) if match == "absent" else ()
    return Result(name, faults, f"{case['language']:8} {match}: {case['note']}")


def tasks() -> Iterator[tuple[str, Callable[[], Result]]]:
    """The name of each case and a function that tries it, in the order of the files."""
    for file in FIGURE_FILES:
        for case in cases(file):
            yield case["id"], partial(figure_result, case)
    for number, case in enumerate(cases(QUOTES), start=1):
        name = f"{case['kind']}-{number}"
        yield name, partial(quote_result, name, case)


def main(arguments: Sequence[str]) -> int:
    if not SHARED.is_dir():
        print("the folder ../shared/cases is absent")
        return 1
    every = [measure() for _, measure in tasks()]
    for name, faults, line in every:
        if faults or "--failed" not in arguments:
            print(f"{name:9} {', '.join(faults) or 'right':32} {line}")
    failed = sum(bool(result.faults) for result in every)
    print(f"{len(every)} cases, {failed} with a fault")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
