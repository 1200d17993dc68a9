"""Parses the text of a reply into a Summary, Translation or Repair, or says where and why it is invalid.

The whole text must be one JSON object. A code fence around it is accepted. Any other text around it is not: nothing
that a model adds is trusted. An item of the answer that is not valid is left out and reported (`items`); an answer that
is broken as a whole is rejected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from dragoman.core.answers import ANSWERS, Repair, Summary, Translation
from dragoman.errors import ReplyRejected
from dragoman.tasks.items import NULL, InvalidItem, Place, as_json, listed, one_line, sentences, split
from dragoman.tasks.json_text import read_json

Answer = Summary | Translation

MOST_INVALID = 0.5
"""Share of the text of a summary that may be in invalid items. A repair has the model write these items again, at the
price of a new answer for each word: past one half it saves little, and the rest is hardly an answer."""

_CLAIM = re.compile(r"c[1-9]\d*")
_FENCED = re.compile(r"```(?:json)?[ \t]*\r?\n(.*?)\r?\n?```", re.DOTALL | re.IGNORECASE)


class Parsed(NamedTuple):
    """The answer of the valid items of a reply, and the items that are not valid. Only a summary can have such
    items."""

    answer: Answer
    invalid: tuple[InvalidItem, ...] = ()


def parse(task: str, text: str, paragraphs: Iterable[int], *, last: bool = False) -> Parsed:
    """The answer in the text of a reply. ``paragraphs`` are the numbers that the request showed. ``last`` says that the
    whole answer is not requested again.

    Raises `ReplyRejected` (``invalid``) with each problem as a sentence.
    """
    value = read_json(_unfenced(text))
    if ANSWERS[task] is Translation:
        translation, invalid = split(Translation, value)
        problems = [*sentences(invalid), *_paragraph_problems(translation, list(paragraphs))]
        _reject_if(listed(problems))
        return Parsed(translation)
    summary, invalid = split(Summary, value, last=last)
    if invalid and sum(len(as_json(item.content)) for item in invalid) > MOST_INVALID * len(as_json(value)):
        raise ReplyRejected("invalid", listed(sentences(invalid)))
    return Parsed(summary, invalid)


class ParsedRepair(NamedTuple):
    """The valid corrections in a reply to a repair, and what is wrong with the others."""

    repair: Repair
    problems: tuple[str, ...]


def parse_repair(text: str, items: Iterable[str]) -> ParsedRepair:
    """The repair in the text of a reply. ``items`` are the names of the items to correct, such as ``c3``.

    Raises `ReplyRejected` (``invalid``) with each problem as a sentence, if no correction is valid or the reply is not
    about these items.
    """
    repair, invalid = split(Repair, _with_nulls_as_texts(read_json(_unfenced(text))))
    problems = listed(sentences(invalid))
    claims, texts = [repaired.item for repaired in repair.claims], [repaired.item for repaired in repair.texts]
    if not claims and not texts:
        _reject_if(problems)
    for entry in invalid:
        # Its name counts as given, so that one bad correction is not reported as a missing item too.
        name = entry.content.get("item") if isinstance(entry.content, dict) else None
        (claims if entry.place.field == "claims" else texts).append(str(name))
    _reject_if(_item_problems(claims, texts, list(items)))
    return ParsedRepair(repair, problems)


def _with_nulls_as_texts(value: Any) -> Any:
    """A repair in which the correction of an item to null or to an empty text is the text ``null``, if that item may be
    null: the schema that was sent allows only texts there."""
    if not isinstance(value, dict) or not isinstance(value.get("texts"), list):
        return value
    return {**value, "texts": [_with_null_as_text(entry) for entry in value["texts"]]}


def _with_null_as_text(entry: Any) -> Any:
    if not isinstance(entry, dict) or not isinstance(name := entry.get("item"), str) or not Place(name).may_be_null:
        return entry
    text = entry.get("text_en", entry)
    return {**entry, "text_en": NULL} if text is None or (isinstance(text, str) and not text.strip()) else entry


def _is_claim(item: str) -> bool:
    """Whether an item of a repair is a claim (``c3``) and not a title, abstract or key point."""
    return bool(_CLAIM.fullmatch(item))


def _unfenced(text: str) -> str:
    stripped = text.strip().removeprefix("\ufeff")
    fenced = _FENCED.fullmatch(stripped)
    return fenced[1] if fenced else stripped


def _reject_if(problems: Iterable[str]) -> None:
    if found := tuple(problems):
        raise ReplyRejected("invalid", found)


def _item_problems(claims: Sequence[str], texts: Sequence[str], items: Sequence[str]) -> Iterator[str]:
    given = [*claims, *texts]
    if missing := [item for item in items if item not in given]:
        yield f"missing items: {', '.join(missing)}"
    if unknown := sorted({one_line(item) for item in given if item not in items}):
        yield f"items that were not requested: {', '.join(unknown[:_MOST_UNKNOWN])}"
    if repeated := [item for item in items if given.count(item) > 1]:
        yield f"items that occur more than once: {', '.join(repeated)}"
    if misplaced := [item for item in items if item in (texts if _is_claim(item) else claims)]:
        yield f"items in the wrong list: {', '.join(misplaced)}"


_MOST_UNKNOWN = 12
"""Most unknown items that a message lists."""


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
