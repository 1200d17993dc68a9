"""What the model must return: Summary and Translation, as pydantic models.

Answers are always validated locally. The JSON Schemas that are sent with a request are not made from these classes at
run time: they are files beside the released prompts (``prompts/<task>/vN.schema.json``), because the schema is part of
the request key, and a new version of pydantic must not change the key of what has been paid for. A test holds the
newest file of each task equal to these classes.

The API accepts no recursion, no free-form objects, and at most 24 optional and 16 union-typed fields (platform
documentation, read 2026-11-21). Here no field is optional, and nine may be null.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

ClaimKind = Literal["fact", "opinion", "prediction"]
Modality = Literal["asserted", "reported", "hedged", "denied"]
EntityKind = Literal["person", "organization", "place", "product", "event", "work", "other"]

# 2024, 2024-11, 2024-11-05, --06-05 (day and month, no year), --06 (month only).
_PARTIAL_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?|--([0-9]{2})(?:-([0-9]{2}))?",
)
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _lowered(value: Any) -> Any:
    # The API does not guarantee the case of enum values.
    return value.strip().lower() if isinstance(value, str) else value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


_NOTHING = frozenset(
    (
        "", "-", "--", "–", "—", "?", "n/a", "n.a", "none", "null", "unknown", "undated", "unspecified",
        "notapplicable", "notavailable", "notgiven", "notknown", "notmentioned", "notprovided", "notspecified",
        "notstated",
    )
)  # fmt: skip
"""What models write where null is meant, in lower case, without white space and without full stops at the ends. No
word that is used as a name: not "anonymous", "nil" (a first name), or "na" (a surname)."""


def states_nothing(value: str) -> bool:
    """Whether a text says that the article states nothing: ``""``, ``N/A``, ``Not stated.``"""
    return "".join(value.split()).strip(".").casefold() in _NOTHING


def _none_if_nothing(value: str) -> str | None:
    return None if states_nothing(value) else value


def _partial_date(value: str) -> str | None:
    if states_nothing(value):
        return None
    if not _is_date(value):
        raise ValueError("must be a partial ISO date such as 2024, 2024-11, 2024-11-05 or --11-05, or null")
    return value


def _is_date(value: str) -> bool:
    match = _PARTIAL_DATE.fullmatch(value)
    if match is None or match[1] == "0000":
        return False
    month, day = int(match[2] or match[4] or 1), int(match[3] or match[5] or 1)
    if not 1 <= month <= 12 or not 1 <= day <= _LONGEST_MONTHS[month - 1]:
        return False
    leap = match[1] is None or (int(match[1]) % 4 == 0 and (int(match[1]) % 100 != 0 or int(match[1]) % 400 == 0))
    return leap or (month, day) != (2, 29)


def _decimal(value: str) -> str | None:
    if states_nothing(value):
        return None
    if not _DECIMAL.fullmatch(value):
        raise ValueError("must be a plain decimal string such as 4000000000 or 6.5, or null")
    return value


NonEmpty = Annotated[str, AfterValidator(_not_blank)]
# None, the most frequent value, matches without a call of the validator.
Stated = Annotated[str, AfterValidator(_none_if_nothing)] | None
PartialDate = Annotated[str, AfterValidator(_partial_date)] | None
PlainDecimal = Annotated[str, AfterValidator(_decimal)] | None


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StatedQuantity(_Answer):
    """A figure as the model read it. A figure that Dragoman's own code reads is a `Quantity`."""

    quote: Annotated[NonEmpty, Field(description="The figure with its unit, verbatim from the claim's quote.")]
    value: Annotated[
        PlainDecimal,
        Field(
            description="The printed figure as a plain decimal string with its scale word multiplied out, "
            "such as 4000000000 or 6.5; null when it is vague (dozens, billions)."
        ),
    ]
    unit: Annotated[
        Stated,
        Field(
            description="ISO 4217 code when the text names the currency, % for per cent, else the English "
            "noun counted; null when the text states no unit or currency."
        ),
    ]
    approximate: Annotated[bool, Field(description="True for about, nearly, more than, at least and the like.")]


class Claim(_Answer):
    """One self-contained checkable statement, with the words of the source that support it."""

    text_en: Annotated[NonEmpty, Field(description="One self-contained checkable statement in English.")]
    paragraph: Annotated[int, Field(description="Number of the paragraph that holds the quote.")]
    quote: Annotated[NonEmpty, Field(description="The verbatim source words that carry the statement.")]
    kind: Annotated[ClaimKind, BeforeValidator(_lowered)]
    modality: Annotated[Modality, BeforeValidator(_lowered)]
    speaker_en: Annotated[
        Stated,
        Field(description="Who says it, in English, when it is someone other than the article; else null."),
    ]
    speaker_source: Annotated[Stated, Field(description="The speaker's name as printed in the source; else null.")]
    event_date: Annotated[
        PartialDate,
        Field(description="When it happened, as stated: 2024, 2024-11, 2024-11-05 or --11-05; else null."),
    ]
    quantities: list[StatedQuantity]


class Entity(_Answer):
    """A person, organization, place, product, event or work that matters to the article."""

    name_en: NonEmpty
    name_source: Annotated[NonEmpty, Field(description="The name verbatim as printed in the source.")]
    kind: Annotated[EntityKind, BeforeValidator(_lowered)]


class Summary(_Answer):
    """The answer to the task ``summary``."""

    title_en: NonEmpty
    abstract: Annotated[NonEmpty, Field(description="2 to 4 English sentences.")]
    key_points: Annotated[list[NonEmpty], Field(description="3 to 7 English sentences.")]
    published: Annotated[PartialDate, Field(description="Date of publication, only if the text states it.")]
    publisher: Stated
    author: Stated
    syndicated_from: Annotated[
        Stated, Field(description="Agency or outlet the text says it was taken from; else null.")
    ]
    entities: list[Entity]
    boilerplate: Annotated[
        list[int],
        Field(description="Numbers of paragraphs that are not the article: navigation, related links, share text."),
    ]
    claims: list[Claim]


class TranslatedParagraph(_Answer):
    """The English of one source paragraph."""

    paragraph: int
    text_en: NonEmpty


class Translation(_Answer):
    """The answer to the task ``translation``: one English text per source paragraph, none missing."""

    paragraphs: list[TranslatedParagraph]


class RepairedClaim(_Answer):
    """The correction of a claim that had an error finding."""

    item: Annotated[NonEmpty, Field(description="The item as it was named, such as c3.")]
    claim: Claim


class RepairedText(_Answer):
    """The correction of a title, abstract or key point that had an error finding."""

    item: Annotated[NonEmpty, Field(description="The item as it was named, such as abstract or key_points.2.")]
    text_en: NonEmpty


class Repair(_Answer):
    """The answer to a repair of a summary: the correction of every item that the request named."""

    claims: list[RepairedClaim]
    texts: list[RepairedText]


ANSWERS: dict[str, type[Summary] | type[Translation] | type[Repair]] = {
    "summary": Summary,
    "translation": Translation,
    "repair": Repair,
}
"""The model of the answer to each task, and to a repair."""


def api_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of ``model`` in the form that the API accepts: closed objects, all fields required, no titles.

    Used to write the schema files beside the prompts and to test them; never for a request.
    """
    schema = model.model_json_schema()
    closed = _closed(schema)
    assert isinstance(closed, dict)
    return closed


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    out: dict[str, Any] = {}
    for name, value in node.items():
        if name == "title" and isinstance(value, str):
            continue  # a title only repeats the name, and costs tokens
        if name in ("properties", "$defs"):
            out[name] = {key: _closed(inner) for key, inner in value.items()}
        elif name == "additionalProperties" or (name == "type" and "enum" in node):
            continue
        elif name == "description" and "properties" in node:
            continue  # class docstrings are for readers of the code
        else:
            out[name] = _closed(value)
    if "properties" in node:
        out["additionalProperties"] = False
        out["required"] = list(node["properties"])
    return out
