"""Fields of a request that a server may not know, and that a request can do without.

A server that rejects one of them rejects it for every article, and before any work, so nothing was paid. The field is
then left out for this server and model. Without the output format, the schema goes in the prompt. The request key does
not change; the exchange says what was left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dragoman.asking.providers.error_answers import ErrorAnswer

EFFORT = "output_config.effort"
FORMAT = "output_config.format"
OUTPUT_CONFIG = "output_config"
THINKING = "thinking"
CACHE_CONTROL = "cache_control"
SYSTEM_BLOCKS = "system as a list"

SCHEMA_FIELDS = frozenset({FORMAT, OUTPUT_CONFIG})
"""Fields without which the schema cannot be sent natively."""

_REQUIRED = re.compile(r"\b(model|max_tokens|messages|system|anthropic_version)\b")
"""Fields that every request has."""

_STATUSES = (400, 422, 500, 501)
"""Statuses with which servers answer a field that they do not know. Some gateways answer 500 when their own check of
the request raises; then the sentence must say clearly that the field is at fault."""

_UNKNOWN = re.compile(
    r"extra (inputs|fields) (are )?not permitted|extraneous key|additional propert(y|ies)"
    r"|(unknown|unrecogni[sz]ed|unexpected|unsupported) (request |body |keyword )?(field|parameter|param|argument|name|"
    r"property|key)",
    re.I,
)
_CLEARLY_UNKNOWN = re.compile(rf"{_UNKNOWN.pattern}|not support|unsupported", re.I)
_UNSUITABLE = re.compile(
    rf"{_UNKNOWN.pattern}|support|permitted|allowed|available|enabled|implemented|unknown|unrecogni[sz]ed|unexpected"
    r"|invalid|not (an? )?valid|should be|must be|match|deprecated|requires|required|expected|cannot",
    re.I,
)
_LISTED = re.compile(
    r"(expected one of|(supported|allowed|valid|known|permitted) (fields|parameters|keys|values)\b).*", re.I | re.S
)
"""The fields that a server does know, which some list after the one that they reject."""
_STRING = re.compile(
    r"valid string|string_type|(must|should) be (a )?str(ing)?\b|expected (type:? *)?(a )?str(ing)?\b|not a string"
    r"|array into|JSONArray|invalid type: (sequence|array|list)",
    re.I,
)

_NAMED: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...] = (
    (EFFORT, re.compile(r"output_config\W{1,6}effort"), re.compile("")),
    (FORMAT, re.compile(r"output_config\W{1,6}format"), re.compile("")),
    (OUTPUT_CONFIG, re.compile(r"output_config"), re.compile("")),
    (CACHE_CONTROL, re.compile(r"cache_control"), re.compile("")),
    (EFFORT, re.compile(r"\beffort\b", re.I), _UNSUITABLE),
    (FORMAT, re.compile(r"structured[ _]outputs?|json_schema|(output|response)[ _]format", re.I), _UNSUITABLE),
    (THINKING, re.compile(r"\b(thinking|reasoning)\b", re.I), _UNSUITABLE),
    (CACHE_CONTROL, re.compile(r"prompt cach(ing|e)|\bephemeral\b", re.I), _UNSUITABLE),
    (SYSTEM_BLOCKS, re.compile(r"\bsystem\b", re.I), _STRING),
)
"""What the sentence of a rejection contains if it is about a field, the most specific field first: its name, and words
that say that it does not suit, where the name alone could mean something else."""


def rejected(answer: ErrorAnswer | None, arguments: Mapping[str, Any]) -> frozenset[str]:
    """The fields of ``arguments`` that a server rejects and that the request can do without; empty for any other
    failure."""
    if answer is None or answer.status not in _STATUSES:
        return frozenset()
    sent = frozenset(_sent(arguments))
    return frozenset(filter(None, (_field(sentence, sent) for sentence in _sentences(answer))))


def rejects_required(answer: ErrorAnswer) -> bool:
    """Whether a server does not know a field that every request has, so that no request can succeed."""
    return answer.status in _STATUSES and any(
        _UNKNOWN.search(sentence) and _REQUIRED.search(sentence) for sentence in _sentences(answer)
    )


def without(arguments: Mapping[str, Any], left_out: Iterable[str]) -> dict[str, Any]:
    """The arguments of ``messages.create`` without these fields."""
    left_out = frozenset(left_out)
    output = {
        name: value
        for name, value in arguments.get(OUTPUT_CONFIG, {}).items()
        if f"{OUTPUT_CONFIG}.{name}" not in left_out
    }
    kept = {name: value for name, value in {**arguments, OUTPUT_CONFIG: output}.items() if name not in left_out}
    if not output:
        kept.pop(OUTPUT_CONFIG, None)
    (block,) = arguments["system"]
    if SYSTEM_BLOCKS in left_out:
        kept["system"] = block["text"]
    elif CACHE_CONTROL in left_out:
        kept["system"] = [{name: value for name, value in block.items() if name != CACHE_CONTROL}]
    return kept


def _sent(arguments: Mapping[str, Any]) -> Iterator[str]:
    """The optional fields that a request has."""
    output = arguments.get(OUTPUT_CONFIG, {})
    yield from (name for name, part in ((EFFORT, "effort"), (FORMAT, "format")) if part in output)
    yield from (name for name in (OUTPUT_CONFIG, THINKING) if name in arguments)
    if not isinstance(arguments["system"], str):
        yield SYSTEM_BLOCKS
        if CACHE_CONTROL in arguments["system"][0]:
            yield CACHE_CONTROL


def _sentences(answer: ErrorAnswer) -> Iterator[str]:
    for problem in answer.problems:
        # An indented line belongs to the one before it: pydantic puts the place on a line of its own.
        for sentence in re.split(r";|\n(?=\S)", problem):
            if answer.status < 500 or _CLEARLY_UNKNOWN.search(sentence):
                yield _LISTED.sub("", sentence)


def _field(sentence: str, sent: frozenset[str]) -> str | None:
    """The field that a sentence is about, among those that were sent."""
    for field, name, words in _NAMED:
        if field in sent and name.search(sentence) and words.search(sentence):
            return field
    return None
