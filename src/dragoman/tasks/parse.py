"""Reply → Summary, Translation or Repair, or a ReplyRejected that says where and why.

The whole text must be the JSON object. A code fence around all of it is tolerated, words around it are not:
what else a model adds is not trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dragoman.core.answers import ANSWERS, Repair, Summary, Translation
from dragoman.errors import ReplyRejected

Answer = Summary | Translation

MOST_PROBLEMS = 12
"""How many problems a re-ask names: the first ones are enough to see what went wrong."""

_CLAIM = re.compile(r"c[1-9]\d*")
_FENCED = re.compile(r"```(?:json)?[ \t]*\r?\n(.*?)\r?\n?```", re.DOTALL | re.IGNORECASE)


def parse(task: str, text: str, paragraphs: Iterable[int]) -> Answer:
    """The answer in a reply's text. ``paragraphs`` are the numbers the request showed.

    Raises `ReplyRejected` (``invalid``) with every problem as a sentence.
    """
    answer = _validated(task, text)
    assert not isinstance(answer, Repair)
    if isinstance(answer, Translation):
        _refuse(_incomplete(answer, list(paragraphs)))
    return answer


def parse_repair(text: str, items: Iterable[str]) -> Repair:
    """The repair in a reply's text. ``items`` are the names of those that were to be corrected, such as ``c3``.

    Raises `ReplyRejected` (``invalid``) with every problem as a sentence.
    """
    repair = _validated("repair", text)
    assert isinstance(repair, Repair)
    claims, texts = [repaired.item for repaired in repair.claims], [repaired.item for repaired in repair.texts]
    _refuse(_not_as_asked(claims, texts, list(items)))
    return repair


def is_claim(item: str) -> bool:
    """Whether an item of a repair is a claim (``c3``), and not a title, abstract or key point."""
    return bool(_CLAIM.fullmatch(item))


def _validated(task: str, text: str) -> Summary | Translation | Repair:
    stripped = text.strip().removeprefix("\ufeff")
    fenced = _FENCED.fullmatch(stripped)
    try:
        return ANSWERS[task].model_validate_json(fenced[1] if fenced else stripped)
    except ValidationError as error:
        raise ReplyRejected("invalid", tuple(_sentences(error))) from error


def _refuse(problems: Iterable[str]) -> None:
    told = tuple(problems)
    if told:
        raise ReplyRejected("invalid", told)


def _not_as_asked(claims: Sequence[str], texts: Sequence[str], items: Sequence[str]) -> Iterator[str]:
    given = [*claims, *texts]
    if missing := [item for item in items if item not in given]:
        yield f"the items {', '.join(missing)} are missing"
    if foreign := sorted({_name(item) for item in given if item not in items}):
        yield f"nobody asked for the items {', '.join(foreign[:MOST_PROBLEMS])}"
    if twice := [item for item in items if given.count(item) > 1]:
        yield f"the items {', '.join(twice)} are there more than once"
    if misplaced := [item for item in items if item in (texts if is_claim(item) else claims)]:
        yield f"the items {', '.join(misplaced)} are in the wrong list"


def _sentences(error: ValidationError) -> list[str]:
    problems = error.errors(include_url=False)
    sentences = []
    for problem in problems[:MOST_PROBLEMS]:
        if problem["type"] == "json_invalid":
            return [f"the reply is not one JSON object and nothing else: {problem['ctx']['error']}"]
        place = ".".join(_name(part) for part in problem["loc"]) or "the object"
        given = repr(problem["input"])
        shown = given if len(given) <= 80 else given[:77] + "..."
        sentences.append(f"{place}: {_said(problem)}; given {shown}")
    if len(problems) > MOST_PROBLEMS:
        sentences.append(f"and {len(problems) - MOST_PROBLEMS} more of the kind")
    return sentences


def _said(problem: ErrorDetails) -> str:
    """What a check of our own says of a value, or else pydantic."""
    return str(problem["ctx"]["error"]) if problem["type"] == "value_error" else problem["msg"]


def _name(part: object) -> str:
    """A part of a path on one line: the name of an unknown field is the model's own text, of any length."""
    name = "".join(letter if letter.isprintable() else "�" for letter in " ".join(str(part).split()))
    return name if len(name) <= 40 else name[:37] + "..."


def _incomplete(translation: Translation, wanted: list[int]) -> list[str]:
    given = [entry.paragraph for entry in translation.paragraphs]
    problems = []
    if missing := sorted(set(wanted) - set(given)):
        problems.append(f"paragraphs {_listed(missing)} have no translation")
    if foreign := sorted(set(given) - set(wanted)):
        problems.append(f"paragraphs {_listed(foreign)} are translated but are not in the article")
    if twice := sorted({number for number in given if given.count(number) > 1}):
        problems.append(f"paragraphs {_listed(twice)} are translated more than once")
    return problems


def _listed(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:20]))
    return shown if len(numbers) <= 20 else f"{shown} and {len(numbers) - 20} more"
