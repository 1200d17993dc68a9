"""Usage: the tokens of a reply as the service counted them, and what else in its ``usage`` object changes the price.

Field meanings follow the API reference and the types of anthropic 2.12, read 2026-11-30.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one model used for a reply, where a service tells more than the total (``usage.iterations``).

    ``model`` is None where the entry names none: then it is the model that the reply names.
    """

    model: str | None
    usage: Usage
    answered: bool
    """Whether this attempt was not declined: its output is in the reply, or it did some other work for it."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens of a reply. The counts are those of the attempt that answered; ``attempts`` has all of them."""

    input_tokens: int
    """Billed at the full input rate; cache reads and writes are not included."""
    output_tokens: int
    """Includes thinking, which is billed as output."""
    cache_read_tokens: int = 0
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0
    inference_geo: str | None = None
    """Where the model ran: ``us``, ``global`` or ``not_available`` (models without a choice). A workspace may prescribe
    it without the request saying so."""
    service_tier: str | None = None
    """``standard``, ``batch`` or ``priority``."""
    speed: str | None = None
    """``standard`` or ``fast``."""
    attempts: tuple[Attempt, ...] = ()
    """All that was run for the reply, if the service says so; empty if the counts above are everything.

    With a fallback to another model on the server, the counts above are those of the model that answered alone
    (https://github.com/ccusage/ccusage/issues/1552 shows such a reply), and each attempt is billed at the prices of its
    own model. A loop of one model has several entries, and the counts above are their sum."""
    unclear: str | None = None
    """Why the price cannot be computed from these numbers, whatever the prices are; None if it can."""

    @property
    def prompt_tokens(self) -> int:
        """All tokens of the prompt, whatever their rate."""
        return self.input_tokens + self.cache_read_tokens + self.cache_write_5m_tokens + self.cache_write_1h_tokens

    def of(self, attempt: Attempt) -> Usage:
        """The usage of one attempt: its own counts, with what holds for the whole reply."""
        return replace(
            attempt.usage, inference_geo=self.inference_geo, service_tier=self.service_tier, speed=self.speed
        )

    @classmethod
    def from_api(cls, value: Any) -> Usage | None:
        """From the ``usage`` object of a Messages reply; None when it lacks the input or the output total.

        Local servers omit fields or set them to null; a good answer is not discarded for that.
        """
        counted = _tokens(value)
        if counted is None:
            return None
        attempts, unclear = _attempts(value.get("iterations"))
        return replace(
            counted,
            inference_geo=_word(value.get("inference_geo")),
            service_tier=_word(value.get("service_tier")),
            speed=_word(value.get("speed")),
            attempts=attempts,
            unclear=counted.unclear or unclear or _not_covered(counted, attempts) or _extras(value),
        )

    def to_json(self) -> dict[str, int]:
        """The counts, as records have them."""
        return {
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cache_read_tokens": self.cache_read_tokens,
            "cache_write_5m_tokens": self.cache_write_5m_tokens,
            "cache_write_1h_tokens": self.cache_write_1h_tokens,
        }


def _count(number: Any) -> int | None:
    return number if isinstance(number, int) and not isinstance(number, bool) and number >= 0 else None


def _word(value: Any) -> str | None:
    """A word in lower case; None for none. Any other value stays recognisable as one that is not known."""
    return str(value).strip().lower() or None if value is not None else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _tokens(value: Any) -> Usage | None:
    """The counts of a usage object or of one of its iterations; None when the input or the output total is missing."""
    numbers = _mapping(value)
    input_tokens, output_tokens = _count(numbers.get("input_tokens")), _count(numbers.get("output_tokens"))
    if input_tokens is None or output_tokens is None:
        return None
    by_lifetime = _mapping(numbers.get("cache_creation"))
    stated = {
        "cache_read_input_tokens": numbers.get("cache_read_input_tokens"),
        "cache_creation_input_tokens": numbers.get("cache_creation_input_tokens"),
        "ephemeral_5m_input_tokens": by_lifetime.get("ephemeral_5m_input_tokens"),
        "ephemeral_1h_input_tokens": by_lifetime.get("ephemeral_1h_input_tokens"),
    }
    counts = {name: _count(number) for name, number in stated.items()}
    five_minutes, one_hour = counts["ephemeral_5m_input_tokens"], counts["ephemeral_1h_input_tokens"]
    written = counts["cache_creation_input_tokens"]
    lifetimes = (five_minutes or 0) + (one_hour or 0)
    wrong = next((name for name, number in stated.items() if number is not None and counts[name] is None), None)
    unclear = f"{wrong} is not a number of tokens" if wrong is not None else None
    if written is not None and (five_minutes is not None or one_hour is not None) and written != lifetimes:
        unclear = unclear or f"{written} tokens were written to the cache, but {lifetimes} by lifetime"
    return Usage(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cache_read_tokens=counts["cache_read_input_tokens"] or 0,
        # Dragoman asks for the cache of five minutes: what has no lifetime was written for these.
        cache_write_5m_tokens=max(five_minutes or 0, (written or 0) - (one_hour or 0)),
        cache_write_1h_tokens=one_hour or 0,
        unclear=unclear,
    )


def _attempts(iterations: Any) -> tuple[tuple[Attempt, ...], str | None]:
    """What was run for a reply, and why that is not clear."""
    if iterations is None or iterations == []:
        return (), None
    if not isinstance(iterations, list):
        return (), "its iterations are not a list"
    entries = [_mapping(entry) for entry in iterations]
    # Only an attempt before a fallback was declined; without one, every iteration is part of the answer.
    last = max((at for at, entry in enumerate(entries) if entry.get("type") == "fallback_message"), default=None)
    serving = entries[last].get("model") if last is not None else None
    attempts = []
    for at, entry in enumerate(entries):
        counted, model = _tokens(entry), entry.get("model")
        if counted is None or counted.unclear is not None:
            return (), "the tokens of an iteration are not known"
        if not (isinstance(model, str) or (model is None and entry.get("type") in ("message", "compaction"))):
            return (), "the model of an iteration is not known"
        declined = last is not None and at < last and entry.get("type") == "message" and model != serving
        attempts.append(Attempt(model, counted, answered=not declined))
    return tuple(attempts), None


def _not_covered(total: Usage, attempts: tuple[Attempt, ...]) -> str | None:
    """Why attempts cannot be all that was run: together they have fewer tokens than the total. None if they can."""
    if not attempts:
        return None
    for name, count in total.to_json().items():
        if sum(getattr(attempt.usage, name) for attempt in attempts) < count:
            return "its iterations have fewer tokens than the whole"
    return None


def _extras(value: Mapping[str, Any]) -> str | None:
    """What was charged besides tokens, or credited; None for nothing. Fetching pages costs nothing but tokens."""
    tools = _mapping(value.get("server_tool_use"))
    used = [name for name, times in tools.items() if name != "web_fetch_requests" and times not in (None, 0)]
    if used:
        return f"it used tools of the service ({', '.join(sorted(used))})"
    status = _mapping(_mapping(value.get("fallback_credit")).get("status"))
    return "a fallback credit changed what it costs" if status.get("type") == "redeemed" else None
