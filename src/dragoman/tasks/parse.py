"""Parses the text of a reply into a Summary, Translation or Repair, or says where and why it is invalid.

The whole text must be one JSON object. A code fence around it is accepted. Any other text around it is not: nothing
that a model adds is trusted.
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
"""Most problems that a re-ask lists. The first ones are enough to show what is wrong."""

_CLAIM = re.compile(r"c[1-9]\d*")
_FENCED = re.compile(r"```(?:json)?[ \t]*\r?\n(.*?)\r?\n?```", re.DOTALL | re.IGNORECASE)


def parse(task: str, text: str, paragraphs: Iterable[int]) -> Answer:
    """The answer in the text of a reply. ``paragraphs`` are the numbers that the request showed.

    Raises `ReplyRejected` (``invalid``) with each problem as a sentence.
    """
    answer = _validated(task, text)
    assert not isinstance(answer, Repair)
    if isinstance(answer, Translation):
        _reject_if(_paragraph_problems(answer, list(paragraphs)))
    return answer


def parse_repair(text: str, items: Iterable[str]) -> Repair:
    """The repair in the text of a reply. ``items`` are the names of the items to correct, such as ``c3``.

    Raises `ReplyRejected` (``invalid``) with each problem as a sentence.
    """
    repair = _validated("repair", text)
    assert isinstance(repair, Repair)
    claims, texts = [repaired.item for repaired in repair.claims], [repaired.item for repaired in repair.texts]
    _reject_if(_item_problems(claims, texts, list(items)))
    return repair


def is_claim(item: str) -> bool:
    """Whether an item of a repair is a claim (``c3``) and not a title, abstract or key point."""
    return bool(_CLAIM.fullmatch(item))


def _validated(task: str, text: str) -> Summary | Translation | Repair:
    stripped = text.strip().removeprefix("\ufeff")
    fenced = _FENCED.fullmatch(stripped)
    try:
        return ANSWERS[task].model_validate_json(fenced[1] if fenced else stripped)
    except ValidationError as error:
        raise ReplyRejected("invalid", tuple(_sentences(error))) from error


def _reject_if(problems: Iterable[str]) -> None:
    if sentences := tuple(problems):
        raise ReplyRejected("invalid", sentences)


def _item_problems(claims: Sequence[str], texts: Sequence[str], items: Sequence[str]) -> Iterator[str]:
    given = [*claims, *texts]
    if missing := [item for item in items if item not in given]:
        yield f"missing items: {', '.join(missing)}"
    if unknown := sorted({_name(item) for item in given if item not in items}):
        yield f"items that were not requested: {', '.join(unknown[:MOST_PROBLEMS])}"
    if repeated := [item for item in items if given.count(item) > 1]:
        yield f"items that occur more than once: {', '.join(repeated)}"
    if misplaced := [item for item in items if item in (texts if is_claim(item) else claims)]:
        yield f"items in the wrong list: {', '.join(misplaced)}"


def _sentences(error: ValidationError) -> list[str]:
    problems = error.errors(include_url=False)
    sentences = []
    for problem in problems[:MOST_PROBLEMS]:
        if problem["type"] == "json_invalid":
            return [f"the reply must be one JSON object and nothing else: {problem['ctx']['error']}"]
        place = ".".join(_name(part) for part in problem["loc"]) or "the JSON object"
        given = repr(problem["input"])
        shown = given if len(given) <= 80 else given[:77] + "..."
        sentences.append(f"{place}: {_problem_text(problem)}; it was {shown}")
    if len(problems) > MOST_PROBLEMS:
        sentences.append(f"and {len(problems) - MOST_PROBLEMS} more problems")
    return sentences


def _problem_text(problem: ErrorDetails) -> str:
    """The message of a validator of Dragoman, or else that of pydantic."""
    return str(problem["ctx"]["error"]) if problem["type"] == "value_error" else problem["msg"]


def _name(part: object) -> str:
    """A part of a path on one line. The name of an unknown field is the model's own text, of any length."""
    name = "".join(letter if letter.isprintable() else "�" for letter in " ".join(str(part).split()))
    return name if len(name) <= 40 else name[:37] + "..."


def _paragraph_problems(translation: Translation, wanted: list[int]) -> list[str]:
    given = [entry.paragraph for entry in translation.paragraphs]
    problems = []
    if missing := sorted(set(wanted) - set(given)):
        problems.append(f"paragraphs without a translation: {_listed(missing)}")
    if unknown := sorted(set(given) - set(wanted)):
        problems.append(f"paragraphs translated that are not in the request: {_listed(unknown)}")
    if repeated := sorted({number for number in given if given.count(number) > 1}):
        problems.append(f"paragraphs translated more than once: {_listed(repeated)}")
    return problems


def _listed(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:20]))
    return shown if len(numbers) <= 20 else f"{shown} and {len(numbers) - 20} more"
