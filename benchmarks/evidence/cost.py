"""Measure the CPU of all checks per article, here and in another checkout, side by side in turn.

    python benchmarks/evidence/cost.py                        CPU per article, by sample
    python benchmarks/evidence/cost.py --against CHECKOUT      also the ratio to another checkout of Dragoman
    python benchmarks/evidence/cost.py --profile               which functions it goes to

The articles are the samples with their answers (summary and translation) in `samples/expected/records.jsonl`. What is
measured is all that compares an answer with its source, `check_source` and `assess`, for an article that is new: each
round is a process of its own, in which all articles are checked once before; then each paragraph and each English
text gets a dash at its beginning, so that all tables are loaded but no text is known. Machines are shared, so each
round runs both builds after one another, and the ratio is that of the least CPU of each.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ROUNDS = 9


def measure(profile: bool = False) -> dict[str, float]:
    """CPU milliseconds per article for all checks, in this process."""
    from dragoman.core.answers import Summary, Translation
    from dragoman.reading.discover import find, read
    from dragoman.reading.prepare import prepare

    records = {
        record["article"]["name"]: record
        for record in map(json.loads, (ROOT / "samples/expected/records.jsonl").read_text("utf-8").splitlines())
    }
    articles = []
    for file in find([ROOT / "samples/articles"]):
        source = prepare(read(file))
        record = records[source_name(file)]
        claims = [
            {name: value for name, value in claim.items() if name not in ("id", "evidence")}
            for claim in record["summary"]["claims"]
        ]
        for claim in claims:
            claim["quantities"] = [
                {name: quantity[name] for name in ("quote", "value", "unit", "approximate")}
                for quantity in claim["quantities"]
            ]
        answers: list[Summary | Translation] = [
            Summary.model_validate({**record["summary"], "claims": claims}),
            Translation.model_validate(record["translation"]),
        ]
        articles.append((source_name(file), source, answers))

    for _, source, answers in articles:
        _check(source, answers)
    articles = [
        (name, _marked_source(source), [_marked(each) for each in answers]) for name, source, answers in articles
    ]
    used = {}
    with cProfile.Profile() if profile else nullcontext() as profiler:
        for name, source, answers in articles:
            start = time.process_time()
            _check(source, answers)
            used[name] = (time.process_time() - start) * 1000
    if profiler:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(60)
    return used


def _check(source: Any, answers: list[Any]) -> None:
    from dragoman.evidence.assess import assess
    from dragoman.evidence.checks import check_source

    check_source(source)
    for answer in answers:
        assess(source, answer)


_MARK = "— "


def _marked_source(source: Any) -> Any:
    """The source with a dash at the beginning of each paragraph, so that no cache knows its texts."""
    from dragoman.core.source import numbered

    text, ranges = "", []
    for paragraph in source.paragraphs:
        start = len(text)
        text += _MARK + source.text[paragraph.start : paragraph.end]
        ranges.append((start, len(text)))
        text += "\n"
    return replace(source, text=text[:-1], paragraphs=numbered(ranges))


def _marked(answer: Any, name: str = "") -> Any:
    """The answer with a dash at the beginning of each English text."""
    if isinstance(answer, dict):
        return {key: _marked(value, key) for key, value in answer.items()}
    if isinstance(answer, list):
        return [_marked(value, name) for value in answer]
    if isinstance(answer, str):
        return _MARK + answer if name in ("abstract", "key_points", "text_en", "title_en") else answer
    return type(answer).model_validate(_marked(answer.model_dump())) if hasattr(answer, "model_dump") else answer


def source_name(file: object) -> str:
    """The file name of an article, as records have it."""
    return Path(str(file.path)).name  # type: ignore[attr-defined]  # ArticleFile, of either checkout


def child(checkout: Path) -> dict[str, float]:
    """What `measure` says in a new process with the source of a checkout."""
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src"), "PYTHONHASHSEED": "0"}
    command = [sys.executable, str(Path(__file__)), "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, help="another checkout of Dragoman")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.json:
        print(json.dumps(measure()))
        return
    if options.profile:
        measure(profile=True)
        return
    builds = [ROOT, *([options.against.resolve()] if options.against else [])]
    least: list[dict[str, float]] = [{} for _ in builds]
    for _ in range(ROUNDS):
        for index, build in enumerate(builds):
            for name, milliseconds in child(build).items():
                least[index][name] = min(milliseconds, least[index].get(name, milliseconds))
    for name in least[0]:
        print(f"{name:28}" + "".join(f"{used[name]:9.2f} ms" for used in least))
    means = [sum(used.values()) / len(used) for used in least]
    print(f"{'mean':28}" + "".join(f"{mean:9.2f} ms" for mean in means))
    if options.against:
        print(f"ratio to the other checkout: {means[0] / means[1]:.2f}")


if __name__ == "__main__":
    main()
