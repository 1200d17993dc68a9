"""Measure what quotes, figures and checks detect, miss and report wrongly, over cases written by hand.

    python benchmarks/evidence/run.py            the tables
    python benchmarks/evidence/run.py --missed   also every miss and false alarm, for work on the checks

* Quotes and figures: each case of `tests/cases/quotes.json` and `tests/cases/quantities.json` is right or wrong.
* Seeded errors (`cases.json` and the files of ``cases``, `omissions.json`, the turned quotes of
  `tests/cases/left_out.json`) are detected if a check reports an error or a warning. For `inside`, it must note that
  figures of the article itself disagree; for `omission`, it must note the sentence that was left out.
* Clean renderings: any error or warning is a false alarm, and so is one of these notes.

`floors.json` pins how many cases must come out well. `tests/scenarios/test_evidence_floors.py` fails below these
floors, and if the case files change under the same floors. Exit 1 if a floor is not met.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from tests.unit.evidence.quotes.test_locate import formed, source_of
from tests.unit.evidence.test_figures import is_right

from dragoman.core.answers import Summary
from dragoman.core.record import Finding
from dragoman.core.source import Source
from dragoman.evidence.assess import locate_quotes
from dragoman.evidence.checks import check_answer, check_source
from dragoman.evidence.figures import find
from dragoman.evidence.quotes.locate import locate
from dragoman.reading.prepare import prepare_text

CLEAN = "clean"
LEFT_OUT = "../../tests/cases/left_out.json"
LANGUAGES = tuple(f"cases/{path.name}" for path in sorted((HERE / "cases").glob("*.json")))
"""Claims of further languages, one file each."""
FILES = ("cases.json", "omissions.json", "../../tests/cases/quotes.json", "../../tests/cases/quantities.json", LEFT_OUT)


@dataclass(frozen=True, slots=True)
class Result:
    """One case. ``well``: the case is right, the error detected, or the clean case without a finding. ``checks``: the
    checks that raised a false alarm.
    """

    kind: str
    language: str
    well: bool
    line: str
    checks: tuple[str, ...] = ()
    error: bool = False


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of a file in this folder."""
    read: list[dict[str, Any]] = json.loads((HERE / name).read_text("utf-8"))["cases"]
    return read


def quotes() -> Iterator[Result]:
    """Verbatim quotes must be found with their span, altered ones rejected, and equivalent forms found."""
    for case in cases("../../tests/cases/quotes.json"):
        texts = case["text"] if isinstance(case["text"], list) else [case["text"]]
        source = source_of(*(formed(text, case.get("text_form")) for text in texts))
        span = locate(formed(case["quote"], case.get("quote_form")), source, case.get("paragraph"))
        pieces = [source.text[start:end] for start, end in span.parts]
        expected = [formed(part, case.get("text_form")) for part in case.get("parts", [])]
        well = span.match == case["match"] and (span.match == "absent" or pieces == expected)
        yield Result(f"quote {case['kind']}", case["language"], well, f"quote  {case['language']} {case['label']}")


def figures() -> Iterator[Result]:
    """Expressions that must be read, and expressions that are no amount and must be left alone."""
    path = "../../tests/cases/quantities.json"
    for case in cases(path):
        quantities = find(case["text"], case["language"])
        for expected in case["found"]:
            line = f"figure  {case['language']} {case['label']}: {expected['text']}"
            yield Result("figure read", case["language"], is_right(case, expected, quantities), line)
    for case in json.loads((HERE / path).read_text("utf-8"))["not_amounts"]:
        amounts = [q for q in find(case["text"], case["language"]) if q.kind not in ("ordinal", "date")]
        line = f"figure  {case['language']} {case['label']}: no amount"
        yield Result("not an amount", case["language"], not amounts, line)


def seeded() -> Iterator[Result]:
    """Claims with one error each, whole summaries that omit one sentence, and error-free twins of both."""
    for case in (case for name in ("cases.json", *LANGUAGES) for case in cases(name)):
        reported = [
            f for f in findings(case, _answer(case["claim"])) if f.severity != "note" or f.check.startswith("inside.")
        ]
        yield _result(case, reported)
    for case in cases("omissions.json"):
        all_findings = findings(case, case["answer"])
        notes = [f for f in all_findings if f.check == "coverage.sentence"]
        if case["seeded"] is None:
            yield _result(case, [*notes, *(f for f in all_findings if f.severity != "note")])
        else:
            at = _source(case).text.index(case["omitted"])
            covering = [f for f in notes if f.start is not None and f.end is not None and f.start <= at < f.end]
            yield _result(case, covering)


def left_out() -> Iterator[Result]:
    """Quotes that leave out what turns their meaning round, and quotes that leave out only an aside."""
    for group, seeded_kind in (("turned", "left out"), ("honest", None)):
        for case in json.loads((HERE / LEFT_OUT).read_text("utf-8"))[group]:
            claim = {
                "text_en": case["text_en"], "paragraph": 1, "quote": case["quote"], "kind": "fact",
                "modality": "asserted", "speaker_en": None, "speaker_source": None, "event_date": None,
                "quantities": [],
            }  # fmt: skip
            whole = {**case, "id": f"{group}-{case['id']}", "source": [case["text"]], "claim": claim}
            reported = [f for f in findings(whole, _answer(claim)) if f.severity != "note"]
            yield _result({**whole, "seeded": seeded_kind, "wrong": case["text_en"]}, reported)


def _answer(claim: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title_en": "A report", "abstract": "A report.", "key_points": ["One.", "Two.", "Three."],
        "published": None, "publisher": None, "author": None, "syndicated_from": None,
        "entities": [], "boilerplate": [], "claims": [claim],
    }  # fmt: skip


def _result(case: Mapping[str, Any], reported: list[Finding]) -> Result:
    kind = case["seeded"] or CLEAN
    well = bool(reported) != (kind == CLEAN)
    what = reported[0].message if kind == CLEAN and reported else case.get("wrong") or case.get("omitted") or ""
    checks = tuple(sorted({f.check for f in reported})) if kind == CLEAN else ()
    severe = kind == CLEAN and any(f.severity == "error" for f in reported)
    line = f"{'false alarm' if kind == CLEAN else 'missed     '}  {case['id']}  {kind}: {what}"
    return Result(kind, case["language"], well, line, checks, severe)


def _source(case: Mapping[str, Any]) -> Source:
    # One sentence is too short to detect every language; an article is long enough.
    return replace(prepare_text("\n".join(case["source"])), language=case["language"])


def findings(case: Mapping[str, Any], answer: Mapping[str, Any]) -> list[Finding]:
    """All findings about the answer of a case and about its source."""
    source = _source(case)
    summary = Summary.model_validate(answer)
    return [*check_answer(source, locate_quotes(summary, source), None), *check_source(source)]


def measure() -> list[Result]:
    """The results of all cases."""
    return [*quotes(), *figures(), *seeded(), *left_out()]


def counted(results: list[Result]) -> dict[str, int]:
    """The number of cases of each kind that came out well."""
    return dict(Counter(result.kind for result in results if result.well))


def short_of(results: list[Result], floors: Mapping[str, Any]) -> list[str]:
    """The floors that are not met, one sentence each."""
    well, clean = counted(results), [result for result in results if result.kind == CLEAN]
    short = [
        f"{kind}: {well.get(kind, 0)}, the floor is {floor}"
        for kind, floor in floors["well"].items()
        if well.get(kind, 0) < floor
    ]
    errors = sum(result.error for result in clean)
    if errors > floors["most_errors_on_clean"]:
        short.append(f"errors on clean renderings: {errors}, at most {floors['most_errors_on_clean']}")
    alarms = sum(not result.well for result in clean)
    if alarms > floors["most_false_alarms"]:
        short.append(f"clean renderings with a false alarm: {alarms}, at most {floors['most_false_alarms']}")
    return short


def main() -> None:
    results = measure()
    floors = json.loads((HERE / "floors.json").read_text("utf-8"))
    _by_kind(results, floors["well"])
    _by_language(results)
    alarms = Counter(name for result in results for name in result.checks)
    clean = [result for result in results if result.kind == CLEAN]
    print(f"\n{len(clean)} clean renderings: {sum(not r.well for r in clean)} with a false alarm, "
          f"{sum(r.error for r in clean)} with an error")  # fmt: skip
    for name, count in alarms.most_common():
        print(f"  {name:<24}{count:>4}")
    if "--missed" in sys.argv[1:]:
        print("\n" + "\n".join(result.line for result in results if not result.well))
    short = short_of(results, floors)
    print("\n" + ("\n".join(f"BELOW ITS FLOOR  {line}" for line in short) or "all floors are met"))
    sys.exit(bool(short))


def _by_kind(results: list[Result], floors: Mapping[str, int]) -> None:
    every, well = Counter(result.kind for result in results), counted(results)
    print(f"{'kind':<20}{'cases':>7}{'well':>7}{'missed':>8}{'floor':>7}")
    for kind in every:
        right = well.get(kind, 0)
        print(f"{kind:<20}{every[kind]:>7}{right:>7}{every[kind] - right:>8}{floors.get(kind, 0):>7}")


def _by_language(results: list[Result]) -> None:
    groups = {"quotes": "quote ", "figures": "figure read", "no amounts": "not an amount", "seeded": "", "clean": CLEAN}
    print(f"\n{'language':<12}" + "".join(f"{name:>14}" for name in groups))
    for language in sorted({result.language for result in results}):
        cells = []
        for name, start in groups.items():
            other_kinds = ("quote ", "figure read", "not an amount", CLEAN)
            group = [
                result.well
                for result in results
                if result.language == language
                and (not result.kind.startswith(other_kinds) if name == "seeded" else result.kind.startswith(start))
            ]
            cells.append(f"{sum(group)}/{len(group)}" if group else "")
        print(f"{language:<12}" + "".join(f"{cell:>14}" for cell in cells))


if __name__ == "__main__":
    main()
