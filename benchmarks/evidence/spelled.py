"""Measure how numbers in words are read, over spellings by two libraries that share nothing with Dragoman.

    python benchmarks/evidence/spelled.py            right, wrong and nothing, by language and source
    python benchmarks/evidence/spelled.py --missed   also every spelling that is not right
    python benchmarks/evidence/spelled.py te kn      these languages only

The spellings are ``spelled.jsonl`` in the shared folder beside the checkout: numbers as num2words 0.5.14 and the
rule-based formats of ICU 72 write them. A spelling is right if `find` returns this number and nothing else; wrong if it
returns any other number, also for a part of the text; and nothing otherwise. `spelled_floors.json` pins the share in
per cent that must be right, and the share that may be wrong, of each group of languages. Exit 1 if a floor is not met.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from tests.support import paths

from dragoman.evidence.figures import find

FLOORS = HERE / "spelled_floors.json"
SPELLED = paths.SHARED / "cases" / "spelled.jsonl"


class Case(NamedTuple):
    """One spelling, and how it is read."""

    language: str
    source: str
    text: str
    value: int
    verdict: str
    """``right``, ``wrong`` or ``nothing``."""
    read: str


def verdict(text: str, language: str, value: int) -> tuple[str, str]:
    """Return how a spelling is read, and the values that are read."""
    quantities = find(text, language)
    values = [quantity.value for quantity in quantities]
    read = "; ".join(f"{text[quantity.start : quantity.end]} = {quantity.value}" for quantity in quantities)
    if not quantities:
        return "nothing", read
    return ("right" if values == [value] else "wrong"), read


def cases(languages: Iterable[str] = ()) -> Iterator[Case]:
    """Yield every case of the shared file, or those of some languages."""
    wanted = set(languages)
    for line in SPELLED.read_text("utf-8").splitlines():
        row = json.loads(line)
        if not wanted or row["lang"] in wanted:
            yield Case(row["lang"], row["by"], row["text"], row["value"], *verdict(row["text"], row["lang"], row["value"]))


def group(language: str, floors: Mapping[str, Mapping[str, object]]) -> str:
    """Return the group of languages whose floors apply to a language."""
    primary = language.partition("-")[0]
    return next((name for name, floor in floors.items() if primary in str(floor["languages"]).split()), "others")


def shares(results: Iterable[Case], floors: Mapping[str, Mapping[str, object]]) -> dict[str, tuple[float, float]]:
    """Return for each group the shares in per cent that are right and wrong."""
    counts: dict[str, Counter[str]] = {}
    for case in results:
        counts.setdefault(group(case.language, floors), Counter())[case.verdict] += 1
    return {
        name: (100 * count["right"] / count.total(), 100 * count["wrong"] / count.total())
        for name, count in counts.items()
    }


def main(arguments: list[str]) -> int:
    """Print the tables. Returns 1 if a floor is not met."""
    floors = json.loads(FLOORS.read_text("utf-8"))
    languages = [argument for argument in arguments if not argument.startswith("-")]
    results = [*cases(languages)]
    for language in sorted({case.language for case in results}):
        for source in sorted({case.source for case in results if case.language == language}):
            count = Counter(case.verdict for case in results if (case.language, case.source) == (language, source))
            print(f"{language:8} {source:16} right {count['right']:3}  wrong {count['wrong']:3}  nothing {count['nothing']:3}")
    if "--missed" in arguments:
        for case in results:
            if case.verdict != "right":
                print(f"{case.verdict:7} {case.language:8} {case.value:>15,} {case.text}  [{case.read}] ({case.source})")
    failed = False
    for name, (right, wrong) in shares(results, floors).items():
        floor = floors[name]
        failed = failed or right < floor["right"] or wrong > floor["wrong"]
        print(f"{name}: {right:.2f} % right (floor {floor['right']}), {wrong:.2f} % wrong (at most {floor['wrong']})")
    return int(failed and not languages)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
