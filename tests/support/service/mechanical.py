"""A "model" without a model: copies sentences of the article into a valid answer, and says so.

It reads a Messages body and writes the text of the answer: a Summary, a Translation, or one sentence when
neither is asked for. Quotes are copied letter for letter. Nothing is translated, guessed or invented, so
its answers exercise everything around a model and say nothing about one.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MODEL = "mechanical-1"
"""A model that only this service has. Asked for another, it answers under the name of that, as services do; its
texts and its origin `custom` say that no record of it is Claude's."""

MIN_CLAIMS, MAX_CLAIMS = 8, 20
MAX_NAMES = 10
MAX_QUOTE = 400
"""In code points. Scripts without full stops (Thai) would otherwise give whole paragraphs as quotes."""

_OPENING = re.compile(r"^<article-(\w+)>$", re.MULTILINE)
# Full stops of Latin, Devanagari, Urdu, Arabic, Armenian and Ethiopic writing end a sentence before white
# space; those of Chinese and Japanese need none.
_ENDING = re.compile(r"[.!?…।॥۔؟։።]+[\"'”’»)\]]*(?=\s|$)|[。！？｡]+[\"'”’」』）】]*")
_WORD = re.compile(r"[^\W_]")
_DIGIT = re.compile(r"\d")
_FIGURE = re.compile(r"\d(?:[\d.,:/٫٬'’\u00a0\u202f-]*\d)?")
# ASCII digits that stand alone. What a word after them says (15 million, 15 triệu) is not read here, so only
# a year may be followed by one; nor is a sign, a separator, or a leading zero.
_PLAIN = re.compile(r"0|[1-9][0-9]{0,14}")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_AFTER_PLAIN = re.compile(r"[.,;:!?)\"”»]+(?=\s|$)|$")
_AFTER_YEAR = re.compile(r"[.,;:!?)\"”»]*(?=\s|$)")
# A whole word of ASCII letters; a combining mark after it would mean that a letter was cut in two.
# The look behind stands after the capital, for the search to begin with something quick to find.
_NAME = re.compile(r"[A-Z](?<![\w'’-][A-Z])[A-Za-z]{2,}(?: [A-Z][A-Za-z]{2,}){0,3}(?![\w'’\u0300-\u036f-])")


@dataclass(frozen=True, slots=True)
class Sentence:
    """``text`` stands letter for letter in paragraph ``paragraph``."""

    paragraph: int
    text: str
    has_figures: bool


def answer(body: Mapping[str, Any], *, most: int = MAX_CLAIMS) -> str:
    """The text of the answer to a Messages body: JSON for a task (``most`` claims), else a sentence."""
    task = _task(body)
    if task is None:
        return "[mechanical] This service answers summaries and translations only."
    if task == "repair":
        return json.dumps(_repair(user_text(body)), ensure_ascii=False)
    paragraphs = read_article(user_text(body))
    made = _summary(paragraphs, most) if task == "summary" else _translation(paragraphs)
    return json.dumps(made, ensure_ascii=False)


def slipped(answer: str) -> str:
    """An ordinary summary with a slip: one word more in the quote of its first claim; anything else unchanged."""
    made = json.loads(answer) if answer.startswith("{") else {}
    if not made.get("claims"):
        return answer
    made["claims"][0]["quote"] += " [slip]"
    return json.dumps(made, ensure_ascii=False)


def _repair(user: str) -> dict[str, Any]:
    """Every item as it is, but a quote that is not in the paragraphs loses the words that `slipped` added."""
    items = [json.loads(line) for line in user.splitlines() if line.startswith('{"item": ')]
    claims, texts = [], []
    for item in items:
        now = item["now"]
        if now is None:
            texts.append({"item": item["item"], "text_en": "null"})
        elif isinstance(now, str):
            texts.append({"item": item["item"], "text_en": now})
        else:
            claims.append({"item": item["item"], "claim": {**now, "quote": now["quote"].removesuffix(" [slip]")}})
    return {"claims": claims, "texts": texts}


def user_text(body: Mapping[str, Any]) -> str:
    """The text of all user turns, joined by newlines."""
    turns = (turn for turn in body.get("messages") or () if turn.get("role") == "user")
    return "\n".join(_text(turn.get("content")) for turn in turns)


def read_article(user: str) -> list[tuple[int, str]]:
    """Numbers and texts of the fenced article's paragraphs; empty when there is no fenced article."""
    for opening in _OPENING.finditer(user):
        fence = opening[1]
        # The last closing line: an article may hold earlier ones that look like it.
        end = user.rfind(f"\n</article-{fence}>", opening.end())
        mark_line = re.compile(rf"^\[{fence}\.(\d+)\] ", re.MULTILINE)
        marks = list(mark_line.finditer(user, opening.end(), max(end, 0)))
        if marks:
            ends = [mark.start() for mark in marks[1:]] + [end]
            return [
                (int(mark[1]), user[mark.end() : stop].rstrip("\n")) for mark, stop in zip(marks, ends, strict=True)
            ]
    return []


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(str(block.get("text", "")) for block in content or () if block.get("type") == "text")


def _task(body: Mapping[str, Any]) -> str | None:
    form = (body.get("output_config") or {}).get("format")
    if form:
        asked = form.get("schema", {}).get("properties", {})
        if "texts" in asked:
            return "repair"
        return "summary" if "claims" in asked else "translation" if "paragraphs" in asked else None
    system = body.get("system") or ""
    prompt = system if isinstance(system, str) else "".join(str(block.get("text", "")) for block in system)
    if '"texts"' in prompt:
        return "repair"
    return "summary" if '"claims"' in prompt else "translation" if '"paragraphs"' in prompt else None


def _translation(paragraphs: Sequence[tuple[int, str]]) -> dict[str, Any]:
    return {
        "paragraphs": [
            {"paragraph": number, "text_en": f"[mechanical] Paragraph {number}, {len(text)} characters."}
            for number, text in paragraphs
        ]
    }


def _summary(paragraphs: Sequence[tuple[int, str]], most: int) -> dict[str, Any]:
    claims = [_claim(sentence) for sentence in _chosen(_sentences(paragraphs), most)]
    names = _names(paragraphs)
    about = f" that names {', '.join(names[:3])}" if names else ""
    points = [f"[mechanical] {claim['text_en']}" for claim in claims[:4]]
    return {
        "title_en": f"[mechanical] An article{about}",
        "abstract": "[mechanical] This summary was made without a model. "
        "It copies sentences of the article as quotes and adds nothing to them.",
        "key_points": [
            *points,
            "[mechanical] No model has read this article.",
            "[mechanical] The quotes are sentences copied from the article.",
            "[mechanical] What they mean is not known to this service.",
        ][: max(3, len(points))],
        "published": None,
        "publisher": None,
        "author": None,
        "syndicated_from": None,
        "entities": [{"name_en": name, "name_source": name, "kind": "other"} for name in names],
        "boilerplate": [],
        "claims": claims,
    }


def _claim(sentence: Sentence) -> dict[str, Any]:
    figures = _figures(sentence.text)
    plain = [figure for figure, is_plain in figures.items() if is_plain]
    said = list(dict.fromkeys([*_NAME.findall(sentence.text), *plain]))[:12]
    # The number is spelled as a letter: a figure that the quote lacks would be an invention.
    where = f"Paragraph {_letters(sentence.paragraph)} of the article says that it has the following"
    return {
        "text_en": f"{where}: {', '.join(said)}." if said else f"{where} in its quote.",
        "paragraph": sentence.paragraph,
        "quote": sentence.text,
        "kind": "fact",
        "modality": "asserted",
        "speaker_en": None,
        "speaker_source": None,
        "event_date": None,
        "quantities": [
            {"quote": figure, "value": figure if is_plain else None, "unit": None, "approximate": False}
            for figure, is_plain in list(figures.items())[:6]
        ],
    }


def _figures(text: str) -> dict[str, bool]:
    """The figures of a text, and whether each is trivially plain wherever it stands."""
    figures: dict[str, bool] = {}
    for found in _FIGURE.finditer(text):
        before = text[found.start() - 1] if found.start() else " "
        after = _AFTER_YEAR if _YEAR.fullmatch(found[0]) else _AFTER_PLAIN
        plain = (
            _PLAIN.fullmatch(found[0]) is not None
            and (before.isspace() or before in '("“«')
            and after.match(text, found.end()) is not None
        )
        figures[found[0]] = plain and figures.get(found[0], True)
    return figures


def _letters(number: int) -> str:
    """1, 2, … 26, 27 as A, B, … Z, AA."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _sentences(paragraphs: Sequence[tuple[int, str]]) -> list[Sentence]:
    found: dict[str, Sentence] = {}
    for number, text in paragraphs:
        start = 0
        for end in [*(ending.end() for ending in _ENDING.finditer(text)), len(text)]:
            part = _shortened(text[start:end].strip())
            start = end
            if part not in found and _WORD.search(part):
                found[part] = Sentence(number, part, _DIGIT.search(part) is not None)
    return list(found.values())


def _shortened(text: str) -> str:
    """At most about `MAX_QUOTE` code points, ended before white space, never inside a letter or a figure."""
    if len(text) <= MAX_QUOTE:
        return text
    head = text[:MAX_QUOTE]
    words = head.rsplit(None, 1)
    if len(words) == 2 and len(words[0]) > MAX_QUOTE // 2:
        return words[0]
    end = MAX_QUOTE
    while end < len(text) and (unicodedata.category(text[end]) in ("Mn", "Mc", "Me", "Cf", "Nd") or text[end] in ".,"):
        end += 1
    return text[:end]


def _chosen(sentences: Sequence[Sentence], most: int) -> list[Sentence]:
    """Half of the sentences, within the limits: those with figures first, then evenly; in text order."""
    wanted = min(len(sentences), max(MIN_CLAIMS, min(most, len(sentences) // 2)))
    with_figures = [place for place, sentence in enumerate(sentences) if sentence.has_figures]
    without = [place for place, sentence in enumerate(sentences) if not sentence.has_figures]
    places = _evenly(with_figures, wanted)
    places += _evenly(without, wanted - len(places))
    return [sentences[place] for place in sorted(places)]


def _evenly(places: Sequence[int], wanted: int) -> list[int]:
    if len(places) <= wanted:
        return list(places)
    return [places[index * len(places) // wanted] for index in range(wanted)]


def _names(paragraphs: Sequence[tuple[int, str]]) -> list[str]:
    names: dict[str, None] = {}
    for _, text in paragraphs:
        for found in _NAME.finditer(text):
            # A capital at the start of a sentence says nothing about the word.
            before = text[max(0, found.start() - 10) : found.start()].rstrip(' "“«(\n')
            started = not before or before[-1] in ".!?…:"
            if name := found[0].partition(" ")[2] if started else found[0]:
                names[name] = None
                if len(names) == MAX_NAMES:
                    return list(names)
    return list(names)
