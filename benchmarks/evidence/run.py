"""What the checks find, miss and wrongly say over `cases.json`: clean English renderings, and seeded errors.

    python benchmarks/evidence/run.py            the table
    python benchmarks/evidence/run.py --missed   and every miss and false alarm, for those who mend checks

A seeded case counts as told when any check says error or warning; a clean one as a false alarm likewise.
`floors.json` pins what must be told; `tests/test_evidence_floors.py` refuses less, and refuses another case file
under the same floors.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dragoman.checks import check
from dragoman.pipeline import located
from dragoman.prepare import prepare_text
from dragoman.records import Finding
from dragoman.schemas import Summary

HERE = Path(__file__).parent


@dataclass
class Table:
    """Counts by kind of seeded error (``clean`` for none), and false alarms by check and by language."""

    cases: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    errors_on_clean: int = 0
    alarms_by_check: Counter[str] = field(default_factory=Counter)
    alarms_by_language: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)


def read_cases() -> list[dict[str, Any]]:
    """The cases, as written by hand."""
    cases: list[dict[str, Any]] = json.loads((HERE / "cases.json").read_text("utf-8"))["cases"]
    return cases


def findings(case: Mapping[str, Any]) -> list[Finding]:
    """Errors and warnings about one case: its claim alone is the answer."""
    # One sentence is too little to tell every language by; an article is not.
    source = replace(prepare_text("\n".join(case["source"])), language=case["language"])
    answer = Summary.model_validate(
        {
            "title_en": "A report", "abstract": "A report.", "key_points": ["One.", "Two.", "Three."],
            "published": None, "publisher": None, "author": None, "syndicated_from": None,
            "entities": [], "boilerplate": [], "claims": [case["claim"]],
        }
    )  # fmt: skip
    return [f for f in check(source, located(answer, source), None) if f.severity != "note"]


def measure() -> Table:
    """All cases through all checks."""
    table = Table()
    for case in read_cases():
        kind = case["seeded"] or "clean"
        found = findings(case)
        table.cases[kind] += 1
        table.told[kind] += bool(found)
        if kind == "clean" and found:
            table.errors_on_clean += any(f.severity == "error" for f in found)
            table.alarms_by_check.update({f.check for f in found})
            table.alarms_by_language[case["language"]] += 1
            table.lines.append(f"false alarm  {case['id']}  {found[0].message}")
        elif kind != "clean" and not found:
            table.lines.append(f"missed       {case['id']}  {kind}: {case['wrong']}")
    return table


def main() -> None:
    table = measure()
    print(f"{'seeded error':<16}{'cases':>7}{'told':>7}{'missed':>8}")
    for kind in sorted(table.cases, key=lambda kind: (kind == "clean", kind)):
        if kind != "clean":
            print(f"{kind:<16}{table.cases[kind]:>7}{table.told[kind]:>7}{table.cases[kind] - table.told[kind]:>8}")
    clean = table.cases["clean"]
    print(
        f"\nclean renderings {clean}, with a false alarm {table.told['clean']}, with an error {table.errors_on_clean}"
    )
    for name, count in (*table.alarms_by_check.most_common(), *table.alarms_by_language.most_common()):
        print(f"  {name:<20}{count:>4}")
    if "--missed" in sys.argv[1:]:
        print("\n" + "\n".join(table.lines))


if __name__ == "__main__":
    main()
