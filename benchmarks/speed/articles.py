"""Articles for measurements: plain text of a given size in six languages and scripts, all different and reproducible.

The sentences are in ``languages.json``; the number of an article selects its places, organizations, figures and years.
All sentences are invented for this project.
"""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

BYTES = 6_000
"""UTF-8 bytes of an article; the last sentence may exceed them."""

_SENTENCES_PER_PARAGRAPH = 3


@cache
def _languages() -> dict[str, Any]:
    languages: dict[str, Any] = json.loads((Path(__file__).parent / "languages.json").read_text("utf-8"))
    return languages


def article(number: int, size: int = BYTES) -> str:
    """The text of article ``number``: paragraphs of three sentences. Languages rotate."""
    name = sorted(_languages())[number % len(_languages())]
    words, dice = _languages()[name], random.Random(number)  # the same articles every time
    gap = "" if name == "zh" else " "
    paragraphs: list[list[str]] = []
    length = 0
    order: list[str] = []
    while length < size:
        order = order or dice.sample(words["sentences"], len(words["sentences"]))
        sentence = order.pop().format(
            place=dice.choice(words["places"]),
            body=dice.choice(words["bodies"]),
            n=dice.randrange(10, 999),
            year=dice.randrange(1950, 2025),
        )
        length += len(sentence.encode()) + 1
        if not paragraphs or len(paragraphs[-1]) == _SENTENCES_PER_PARAGRAPH:
            paragraphs.append([])
        paragraphs[-1].append(sentence)
    # The number makes it unique even if the dice do not.
    paragraphs[-1].append(f"№ {number + 100_000}.")
    return "\n\n".join(gap.join(sentences) for sentences in paragraphs) + "\n"


def write(folder: Path, count: int, size: int = BYTES) -> Path:
    """Write the first ``count`` articles into ``folder`` as ``a00001.txt`` and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, count + 1):
        (folder / f"a{number:06}.txt").write_text(article(number, size), "utf-8")
    return folder
