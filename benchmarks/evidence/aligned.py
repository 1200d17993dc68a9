"""Measure how many human translations the checks object to: each pair of sentences as a claim with its source.

    python benchmarks/evidence/aligned.py            the shares, and whether the floor holds
    python benchmarks/evidence/aligned.py --errors   also every pair with an error finding

The pairs are those of `../shared/corpus/aligned`: sentences rich in figures and their English by human translators (or
the other way round). A translator rounds, converts or errs now and then, so a few errors are right.
`aligned_floor.json` pins the greatest share; `tests/scenarios/test_aligned.py` checks it where the corpus is present.
Exit 1 above the floor.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from dragoman.core.answers import Summary
from dragoman.core.record import Finding
from dragoman.evidence.assess import locate_quotes
from dragoman.evidence.checks import check_answer
from dragoman.evidence.figures.lexicon import languages
from dragoman.reading.prepare import prepare_text

HERE = Path(__file__).parent
PLACE = HERE.parents[2] / "shared" / "corpus" / "aligned"
FLOOR: float = json.loads((HERE / "aligned_floor.json").read_text("utf-8"))["most_errors"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence and its human translation."""

    id: str
    language: str
    source: str
    english: str


def pairs() -> Iterator[Pair]:
    """Yield the pairs in languages that have a table of figures."""
    known = set(languages())
    for path in sorted(PLACE.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            translations = row.get("translations") or {row.get("lang"): row.get("src")}
            for language, text in translations.items():
                if language.partition("-")[0] in known:
                    yield Pair(row["id"], language, text, row["en"])


def errors(pair: Pair) -> list[Finding]:
    """Return the findings of severity error for the pair as a claim."""
    source = replace(prepare_text(pair.source), language=pair.language)
    claim = {
        "text_en": pair.english, "paragraph": 1, "quote": pair.source, "kind": "fact", "modality": "asserted",
        "speaker_en": None, "speaker_source": None, "event_date": None, "quantities": [],
    }  # fmt: skip
    answer = {
        "title_en": "A report", "abstract": "A report.", "key_points": ["One.", "Two.", "Three."], "published": None,
        "publisher": None, "author": None, "syndicated_from": None, "entities": [],
        "boilerplate": [], "claims": [claim],
    }  # fmt: skip
    summary = locate_quotes(Summary.model_validate(answer), source)
    return [finding for finding in check_answer(source, summary, None) if finding.severity == "error"]


def measure() -> list[tuple[Pair, list[Finding]]]:
    """Check every pair."""
    return [(pair, errors(pair)) for pair in pairs()]


def share(results: list[tuple[Pair, list[Finding]]]) -> float:
    """Return the per cent of pairs with an error."""
    return 100 * sum(bool(findings) for _, findings in results) / len(results)


def main() -> int:
    results = measure()
    wrong = Counter(pair.language for pair, findings in results if findings)
    for language, count in sorted(Counter(pair.language for pair, _ in results).items()):
        print(f"{language:8} {count:5} pairs {wrong[language]:4} with an error")
    if "--errors" in sys.argv:
        for pair, findings in results:
            if findings:
                messages = "; ".join(f"{finding.check}: {finding.message}" for finding in findings)
                print(f"\n{pair.id} {pair.language}\n  {pair.source}\n  {pair.english}\n  {messages}")
    print(f"{len(results)} pairs, {share(results):.2f} % with an error; at most {FLOOR} % are allowed")
    return share(results) > FLOOR


if __name__ == "__main__":
    raise SystemExit(main())
