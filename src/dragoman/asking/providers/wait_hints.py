"""Read how long a service asks to wait, from the headers of an error: ``retry-after`` and the rate limits' resets.

A hint is a positive, finite number of seconds. Zero, a time in the past and anything unreadable is no hint: obeying it
would send the next request at once, again and again, so Dragoman's own waits apply as if there were no header.
"""

from __future__ import annotations

import email.utils
import math
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from dragoman.asking.rates import METERS, Limit, Meter

_NUMBER = re.compile(r"\s*\+?(\d+(?:\.\d*)?|\.\d+)\s*", re.ASCII)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait from ``retry-after-ms``, else ``retry-after`` (seconds or a date); None without a usable one."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    return _number(value) or _seconds_until(value, headers)


def reset_after(headers: Mapping[str, str]) -> float | None:
    """Seconds until the limits that are used up are renewed (``anthropic-ratelimit-*-reset``); None if none is."""
    waits = [
        _seconds_until(headers.get(f"{_name(meter)}-reset"), headers)
        for meter in METERS
        if _number(headers.get(f"{_name(meter)}-remaining"), least=0) == 0
    ]
    return max((wait for wait in waits if wait is not None), default=None)


def rate_limits(headers: Mapping[str, str]) -> dict[Meter, Limit]:
    """The limits in ``anthropic-ratelimit-*`` headers. Bedrock sends none. A limit below one a minute is not believed:
    it would stop the run for minutes after each request."""
    limits: dict[Meter, Limit] = {}
    for meter in METERS:
        per_minute = _number(headers.get(f"{_name(meter)}-limit"), least=1)
        if per_minute is not None:
            limits[meter] = Limit(per_minute, _number(headers.get(f"{_name(meter)}-remaining"), least=0))
    return limits


def _name(meter: Meter) -> str:
    return f"anthropic-ratelimit-{meter.replace('_', '-')}"


def _number(value: str | None, *, least: float | None = None) -> float | None:
    """A finite decimal number that is positive, or at least ``least``; None for anything else."""
    match = _NUMBER.fullmatch(value or "")
    number = float(match[1]) if match else math.nan
    return number if math.isfinite(number) and (number > 0 if least is None else number >= least) else None


def _seconds_until(value: str | None, headers: Mapping[str, str]) -> float | None:
    """Seconds from the time of the answer to an HTTP or ISO 8601 date; None for a past or unreadable date.

    Measured by the service's own clock if it sends one (``date``): the clock of this machine may be wrong.
    """
    then = _timestamp(value)
    if then is None:
        return None
    answered_at = _timestamp(headers.get("date"))
    left = then - (time.time() if answered_at is None else answered_at)
    return left if left > 0 else None


def _timestamp(value: str | None) -> float | None:
    """Seconds since 1970 of an HTTP or ISO 8601 date, which is in UTC unless it names a zone."""
    text = (value or "").strip()
    for parse in (email.utils.parsedate_to_datetime, datetime.fromisoformat):
        try:
            date = parse(text)
            return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None
