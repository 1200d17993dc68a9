"""The items of an answer: which are valid, which are not, and how a corrected one is put back.

An item is an entry of a list of the answer (a claim, a key point, an entity), or a field outside the lists. An item
that is not valid costs that item and not the answer. An item is named by its place in the answer as the model wrote it:
when c2 is left out, the third claim is still c3.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count, islice
from typing import Any, NamedTuple, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dragoman.core.answers import Claim, Entity, Summary, states_nothing
from dragoman.core.field_paths import SUMMARY, claim_path, entry_path
from dragoman.errors import ReplyRejected
from dragoman.tasks.json_text import occurs_again

MOST_PROBLEMS = 12
"""Most problems that a re-ask lists. The first ones are enough to show what is wrong."""

_INDISPENSABLE = frozenset({"claims", "paragraphs", "texts"})
"""Lists without which there is no answer."""

_TEXTS = ("title_en", "abstract")
"""Fields that cannot be null. One that is left out is empty."""

PROMPTED = (*_TEXTS, "key_points", "claims")
"""Fields whose correction the prompt of a repair explains, in the order in which a repair shows their items. All other
fields come last."""

_ORDER = {field: at for at, field in enumerate(PROMPTED)}

NULL = "null"
"""How a correction, which is a text, says that the article states nothing."""

_IN_WORDS = {"model_type": "this must be an object", "extra_forbidden": "the schema has no such field"}
"""Problems that pydantic states in terms of Python, by type."""

_AnswerType = TypeVar("_AnswerType", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Place:
    """The place of an item in the answer as the model wrote it. ``number`` counts in the list ``field`` from 1; it is
    None for a field outside the lists. ``below`` is a field of an entity, which is corrected alone."""

    field: str
    number: int | None = None
    below: str | None = None

    @property
    def name(self) -> str:
        """The name of the item in a repair: ``c3``, ``abstract``, ``key_points.2``, ``entities.2.kind``."""
        return f"c{self.number}" if self.is_claim else entry_path(self.field, self.number, self.below)

    @property
    def is_claim(self) -> bool:
        return self.field == "claims" and self.number is not None

    @property
    def may_be_null(self) -> bool:
        """Whether the item is a field of the summary that is null where the article states nothing."""
        return self.number is None and self.field in _nullable()


@dataclass(frozen=True, slots=True)
class InvalidItem:
    """An item that is not as the schema has it, and is left out of the answer."""

    place: Place
    content: Any
    """Its JSON value; None if it is missing."""
    problems: tuple[str, ...]
    """What is wrong with it, in sentences."""
    fields: tuple[str, ...] = ()
    """The fields of an entity that are wrong, if nothing else is wrong with it."""
    is_missing: bool = False

    @property
    def parts(self) -> Iterator[tuple[Place, Any]]:
        """The places that a repair can correct, each with what is there: the item, or the wrong fields of an entity.
        None for a field that the schema does not know, and for a whole list: neither is an item."""
        if self.place.field == "entities":
            for field in self.fields:
                yield Place("entities", self.place.number, field), self.content.get(field)
        elif self.place.field in Summary.model_fields and (
            self.place.number or self.place.field not in _lists(Summary)
        ):
            yield self.place, self.content


def split(model: type[_AnswerType], value: Any, *, last: bool = False) -> tuple[_AnswerType, tuple[InvalidItem, ...]]:
    """The answer of the valid items in a JSON value, and the items that are not valid.

    Raises `ReplyRejected` (``invalid``) for a value that is broken as a whole: no object, an object in which a name
    occurs twice, one without its lists. With ``last`` only the lists without which there is no answer are
    indispensable, because the answer is not requested again.
    """
    try:
        return model.model_validate(value), ()
    except ValidationError as error:
        problems = error.errors(include_url=False)
    of_places: dict[Place, list[ErrorDetails]] = {}
    lists = _lists(model)
    for problem in problems:
        if not isinstance(value, dict) or not problem["loc"]:
            raise rejected(problems)
        field, number = str(problem["loc"][0]), _number(problem["loc"]) if problem["loc"][0] in lists else None
        is_list_itself = field in lists and number is None
        if occurs_again(field) or (is_list_itself and (field in _INDISPENSABLE or not last)):
            raise rejected(problems)
        of_places.setdefault(Place(field, number), []).append(problem)
    invalid = tuple(_invalid_item(value, place, of_place) for place, of_place in of_places.items())
    return _valid_rest(model, value, {item.place for item in invalid}), invalid


def rejected(problems: Sequence[ErrorDetails]) -> ReplyRejected:
    """The rejection of a whole answer, with each problem and its path as a sentence."""
    sentences = [f"{_path(problem['loc']) or 'the JSON object'}: {_sentence(problem)}" for problem in problems]
    return ReplyRejected("invalid", listed(sentences))


def listed(sentences: Sequence[str]) -> tuple[str, ...]:
    """The first sentences, and how many more there are."""
    more = (f"and {len(sentences) - MOST_PROBLEMS} more problems",) if len(sentences) > MOST_PROBLEMS else ()
    return (*sentences[:MOST_PROBLEMS], *more)


def sentences(invalid: Iterable[InvalidItem]) -> list[str]:
    """Each problem of the invalid items, with the name of the item, as a sentence."""
    return [f"{one_line(item.place.name)}: {problem}" for item in invalid for problem in item.problems]


def numbers_of(field: str, valid: int, invalid: Iterable[InvalidItem]) -> list[int]:
    """The numbers, in the answer as the model wrote it, of the ``valid`` entries that a list has left."""
    left_out = {item.place.number for item in invalid if item.place.field == field}
    return list(islice((number for number in count(1) if number not in left_out), valid))


class Content(NamedTuple):
    """What a repair can correct in an answer: an item, or a field of an entity that is not valid."""

    place: Place
    content: Any
    entry: Place
    """The place of the whole item."""


def contents(summary: Summary, invalid: Sequence[InvalidItem]) -> list[Content]:
    """All that a repair can correct, in the order of the answer: texts and claims, then what else is not valid."""
    found = [(Place(field), getattr(summary, field)) for field in _TEXTS if getattr(summary, field)]
    for field, entries in (("key_points", summary.key_points), ("claims", summary.claims)):
        for number, entry in zip(numbers_of(field, len(entries), invalid), entries, strict=True):
            found.append((Place(field, number), entry.model_dump() if isinstance(entry, Claim) else entry))
    all_contents = [Content(place, content, place) for place, content in found]
    for item in invalid:
        all_contents += (Content(place, content, item.place) for place, content in item.parts)
    return sorted(all_contents, key=lambda one: (_ORDER.get(one.place.field, len(_ORDER)), one.place.number or 0))


def path_of(place: Place, summary: Summary, invalid: Sequence[InvalidItem]) -> str:
    """The path of an item in the record. An entry that is left out is not there: its path is that of its list. That of
    a field that the schema does not know, whose name is the model's own text, is the summary."""
    if place.field not in Summary.model_fields:
        return SUMMARY
    if place.number is None:
        return place.field
    numbers = numbers_of(place.field, len(getattr(summary, place.field)), invalid)
    if place.number not in numbers:
        return place.field
    if place.is_claim:
        return claim_path(place.name)
    return entry_path(place.field, numbers.index(place.number) + 1, place.below)


def with_corrections(
    summary: Summary, invalid: Sequence[InvalidItem], corrections: Mapping[Place, Claim | str]
) -> tuple[Summary, tuple[InvalidItem, ...]]:
    """The summary with corrected items, and the items that are still not valid."""
    values = _whole(summary, invalid)
    for place, correction in corrections.items():
        now: Any = correction
        if place.field not in (*_TEXTS, "key_points") and isinstance(correction, str):
            now = None if place.may_be_null and states_nothing(correction) else correction.strip()
        if place.number is None:
            values[place.field] = now
        elif place.below is None:
            values[place.field][place.number - 1] = now
        else:
            entry = values[place.field][place.number - 1]
            values[place.field][place.number - 1] = {**entry, place.below: now}
    return split(Summary, values, last=True)


def one_line(name: str) -> str:
    """A name on one short line. The name of an unknown field is the model's own text, of any length."""
    line = "".join(letter if letter.isprintable() else "�" for letter in " ".join(name.split()))
    return line if len(line) <= 40 else line[:37] + "..."


@cache
def _nullable() -> frozenset[str]:
    return frozenset(name for name, field in Summary.model_fields.items() if type(None) in get_args(field.annotation))


@cache
def _lists(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(name for name, field in model.model_fields.items() if get_origin(field.annotation) is list)


def _number(loc: Sequence[int | str]) -> int | None:
    return loc[1] + 1 if len(loc) > 1 and isinstance(loc[1], int) else None


def _invalid_item(value: Mapping[str, Any], place: Place, problems: Sequence[ErrorDetails]) -> InvalidItem:
    is_missing = place.field not in value
    content = value.get(place.field) if place.number is None else value[place.field][place.number - 1]
    above = 1 if place.number is None else 2
    below = [problem["loc"][above:] for problem in problems]
    texts = []
    for path, problem in zip(below, problems, strict=True):
        texts.append(f"{_path(path)}: {_sentence(problem)}" if path else _sentence(problem))
    only_fields = place.field == "entities" and all(len(path) == 1 and path[0] in Entity.model_fields for path in below)
    fields = tuple(dict.fromkeys(str(path[0]) for path in below)) if only_fields else ()
    return InvalidItem(place, content, listed(texts), fields, is_missing)


def _valid_rest(model: type[_AnswerType], value: Mapping[str, Any], left_out: set[Place]) -> _AnswerType:
    lists = _lists(model)
    rest: dict[str, Any] = {}
    for field in model.model_fields:
        if Place(field) in left_out:
            rest[field] = [] if field in lists else None
        elif field in lists:
            rest[field] = [x for n, x in enumerate(value[field], start=1) if Place(field, n) not in left_out]
        else:
            rest[field] = value[field]
    empty = [field for field in _TEXTS if Place(field) in left_out]
    valid = model.model_validate({**rest, **dict.fromkeys(empty, "left out")})
    return valid.model_copy(update=dict.fromkeys(empty, "")) if empty else valid


def _whole(summary: Summary, invalid: Sequence[InvalidItem]) -> dict[str, Any]:
    """The answer as the model wrote it, with corrections so far."""
    values: dict[str, Any] = {name: list(x) if isinstance(x, list) else x for name, x in vars(summary).items()}
    for item in sorted(invalid, key=lambda item: item.place.number or 0):
        if item.is_missing:
            del values[item.place.field]
        elif item.place.number is None:
            values[item.place.field] = item.content
        else:
            values[item.place.field].insert(item.place.number - 1, item.content)
    return values


def _path(loc: Sequence[int | str]) -> str:
    """A path with the entries of lists numbered from 1, as everywhere else."""
    return ".".join(str(part + 1) if isinstance(part, int) else one_line(occurs_again(part) or part) for part in loc)


def _sentence(problem: ErrorDetails) -> str:
    if problem["type"] == "extra_forbidden" and occurs_again(problem["loc"][-1]):
        return "this name occurs more than once in the same object"
    if problem["type"] == "missing":
        return "this field is missing"  # the input of this problem is the whole object
    given = repr(problem["input"])
    shown = given if len(given) <= 80 else given[:77] + "..."
    return f"{_message(problem)}; it was {shown}"


def _message(problem: ErrorDetails) -> str:
    """The message of a validator of Dragoman, or else that of pydantic, without its own terms."""
    if problem["type"] == "value_error":
        return str(problem["ctx"]["error"])
    return _IN_WORDS.get(problem["type"], problem["msg"])


def as_json(content: Any) -> str:
    """The JSON text of an item, for a finding."""
    return json.dumps(content, ensure_ascii=False)
