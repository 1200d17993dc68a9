"""Measure the CPU cost of reading figures: per 12,000 characters and for the first use, in each language.

    python benchmarks/figures.py [LANGUAGE …]

The text is the sample article of the language, repeated. Languages without one use the sentences of
`tests/cases/quantities.json` (marked ``*``: a figure in every short sentence, far more than in an article).
``load`` is measured in a fresh interpreter, from before the import to the first answer in the language and in English.
All values are medians; on a busy machine they can double.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from dragoman.evidence.figures import find
from dragoman.reading import discover
from dragoman.reading.prepare import prepare

ROOT = Path(__file__).parents[1]
LENGTH = 12_000
ROUNDS = 9
LOAD = """
import sys, time
start = time.process_time()
from dragoman.evidence.figures import find
for language, text in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
    find(text, language)
print(time.process_time() - start)
"""


def texts() -> dict[str, tuple[str, str]]:
    """A text of `LENGTH` characters per language, and ``*`` if it is not from an article."""
    cases: dict[str, list[str]] = {}
    for case in json.loads((ROOT / "tests" / "cases" / "quantities.json").read_text("utf-8"))["cases"]:
        cases.setdefault(case["language"], []).append(case["text"])
    samples = {language: ("\n".join(lines), "*") for language, lines in cases.items()}
    for file in discover.find([ROOT / "samples" / "articles"]):
        source = prepare(discover.read(file))
        samples[source.language] = (source.text, "")
    return {
        language: ((text * (LENGTH // len(text) + 1))[:LENGTH], mark)
        for language, (text, mark) in sorted(samples.items())
    }


def reading_seconds(text: str, language: str) -> float:
    """CPU seconds for the text, with the tables loaded."""
    find(text, language)
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        find(text, language)
        rounds.append(time.process_time() - start)
    return statistics.median(rounds)


def loading_seconds(language: str, text: str) -> float:
    """CPU seconds until the first answer in the language and in English."""
    sentence = text[:400]
    command = [
        sys.executable,
        "-c",
        LOAD,
        language,
        sentence,
        "en",
        "On 5 March 2024 sales rose from 3% to $5 billion.",
    ]
    rounds = [float(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(3)]
    return statistics.median(rounds)


def main() -> None:
    all_texts = texts()
    print("language   ms per 12,000   figures   load ms")
    for language in sys.argv[1:] or all_texts:
        text, mark = all_texts[language]
        figures = len(find(text, language))
        read, load = reading_seconds(text, language) * 1000, loading_seconds(language, text) * 1000
        print(f"{language + mark:10} {read:13.1f} {figures:9} {load:9.0f}", flush=True)


if __name__ == "__main__":
    main()
