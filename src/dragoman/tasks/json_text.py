"""Reads the text of a reply as JSON: the value, or a rejection that shows the place of the fault and its cause.

Nothing is repaired. A name that occurs twice in one object is kept twice, so that validation finds it: JSON parsers
keep only the last value, and what stood first would be lost without a word.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any

from dragoman.errors import ReplyRejected
from dragoman.tasks.broken_json import explain, half_character

_AGAIN = " (again)"
"""Added to a name that occurs again in the same object. No answer has a field with such a name."""

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
"""An escape that may be half a character."""

_TOO_LARGE = "number too large"
"""Name of the only member of an object that stands for such a number: no field of an answer accepts that object."""

MOST_DIGITS = 4300
"""Longest integer that Python converts (`sys.int_info.default_max_str_digits`)."""


def read_json(text: str) -> Any:
    """The value of a JSON text. Raises `ReplyRejected` (``invalid``) with one sentence for the model."""
    try:
        value = _DECODER.decode(text)
    except RecursionError as error:
        raise _rejected("lists or objects are nested too deeply") from error
    except ValueError as error:
        raise _rejected(explain(text, error)) from error
    if _SURROGATE.search(text) and (fault := half_character(text, value)):
        raise _rejected(fault)
    return value


def occurs_again(name: object) -> str | None:
    """The name in the reply, if ``name`` is that of a second occurrence; else None."""
    return name.split(_AGAIN)[0] if isinstance(name, str) and name.endswith(_AGAIN) else None


def _rejected(fault: str) -> ReplyRejected:
    return ReplyRejected("invalid", (f"the reply must be one JSON object and nothing else: {fault}",))


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    # A dict with fewer members than pairs has lost one: the cheapest test, because it runs for every object.
    made = dict(pairs)
    return made if len(made) == len(pairs) else _with_all(pairs)


def _with_all(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        while name in made:
            name += _AGAIN
        made[name] = value
    return made


def _integer(digits: str) -> int | dict[str, str]:
    return int(digits) if len(digits) <= MOST_DIGITS else {_TOO_LARGE: digits}


def _float(digits: str) -> float | dict[str, str]:
    number = float(digits)
    return number if math.isfinite(number) else {_TOO_LARGE: digits}


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant)
