"""How long a service asks to wait is read in every form; what would make Dragoman send at once is no hint."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Mapping
from datetime import UTC, datetime

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.asking.providers.anthropic import AnthropicProvider
from dragoman.asking.providers.wait_hints import rate_limits, reset_after, retry_after
from dragoman.asking.rates import Limit
from dragoman.errors import FailureKind, ProviderError
from tests.support.builders import MODEL, Wire, refused, request_of

DAY = 86_400.0
ANSWERED = "Mon, 30 Nov 2026 12:00:00 GMT"
"""When the service answered, by its own clock."""


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary")


def failure(headers: Mapping[str, str], status: int = 429) -> ProviderError:
    """The error that a request raises when the service answers with these headers."""
    wire = Wire(refused(status, "no", dict(headers)))
    with pytest.raises(ProviderError) as caught:
        AnthropicProvider(http_client=wire.client).send(request_of(), MODEL)
    return caught.value


WAITS: dict[str, tuple[dict[str, str], float]] = {
    "seconds": ({"retry-after": "7"}, 7.0),
    "fractions with spaces": ({"retry-after": " 0.5 "}, 0.5),
    "a fraction without a zero": ({"retry-after": ".5"}, 0.5),
    "a plus sign": ({"retry-after": "+9"}, 9.0),
    "a day": ({"retry-after": "86400"}, DAY),
    "milliseconds": ({"retry-after-ms": "250"}, 0.25),
    "a fraction of a millisecond": ({"retry-after-ms": "0.5"}, 0.0005),
    "milliseconds before seconds": ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
    "no milliseconds, but seconds": ({"retry-after-ms": "0", "retry-after": "9"}, 9.0),
    "unreadable milliseconds, but seconds": ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
    "a day in milliseconds": ({"retry-after-ms": "86400000"}, DAY),
    "a date": ({"retry-after": "Mon, 30 Nov 2026 12:00:30 GMT"}, 30.0),
    "a date of tomorrow": ({"retry-after": "Tue, 01 Dec 2026 12:00:00 GMT"}, DAY),
    "a date with an offset": ({"retry-after": "Mon, 30 Nov 2026 14:01:00 +0200"}, 60.0),
    "a date in an unknown zone": ({"retry-after": "Mon, 30 Nov 2026 12:00:05 -0000"}, 5.0),
    "a date of RFC 850": ({"retry-after": "Monday, 30-Nov-26 12:00:10 GMT"}, 10.0),
    "a date in ISO 8601": ({"retry-after": "2026-11-30T12:00:10Z"}, 10.0),
    "a date in ISO 8601 without a zone": ({"retry-after": "2026-11-30T12:00:10"}, 10.0),
}


@pytest.mark.parametrize(("headers", "seconds"), WAITS.values(), ids=WAITS)
def test_a_hint_is_read_in_every_form(headers: dict[str, str], seconds: float) -> None:
    """Seconds, milliseconds or a date, which is measured by the clock of the service."""
    headers = {**headers, "date": ANSWERED}
    assert retry_after(headers) == pytest.approx(seconds)
    assert failure(headers).retry_after == pytest.approx(seconds)


NO_HINTS: dict[str, dict[str, str]] = {
    "no header": {},
    "zero": {"retry-after": "0"},
    "zero with decimals": {"retry-after": "0.000"},
    "minus zero": {"retry-after": "-0"},
    "a negative number": {"retry-after": "-5"},
    "a word": {"retry-after": "soon"},
    "an empty header": {"retry-after": ""},
    "not a number": {"retry-after": "nan"},
    "infinity": {"retry-after": "inf"},
    "more digits than a number can have": {"retry-after": "9" * 400},
    "an exponent": {"retry-after": "1e3"},
    "digits with underscores": {"retry-after": "1_000"},
    "a unit": {"retry-after": "5s"},
    "two values": {"retry-after": "5, 10"},
    "a moment ago": {"retry-after": "Mon, 30 Nov 2026 11:59:59 GMT"},
    "this moment": {"retry-after": ANSWERED},
    "years ago": {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"},
    "the beginning of time": {"retry-after": "1970-01-01T00:00:00Z"},
    "an impossible date": {"retry-after": "Wed, 99 Foo 2015 07:28:00 GMT"},
    "zero milliseconds": {"retry-after-ms": "0"},
    "negative milliseconds": {"retry-after-ms": "-5"},
    "a word as milliseconds": {"retry-after-ms": "soon"},
    "milliseconds that are not a number": {"retry-after-ms": "NaN"},
    "both zero": {"retry-after-ms": "0", "retry-after": "0"},
}


@pytest.mark.parametrize("status", [429, 503, 529])
@pytest.mark.parametrize("headers", NO_HINTS.values(), ids=NO_HINTS)
def test_what_is_over_or_unreadable_is_no_hint(headers: dict[str, str], status: int) -> None:
    """Obeying it would send the next request at once. Dragoman's own waits apply, as without a header."""
    headers = {**headers, "date": ANSWERED}
    assert retry_after(headers) is None
    assert failure(headers, status).retry_after is None


def test_without_a_date_of_the_service_the_clock_of_this_machine_counts() -> None:
    seconds = retry_after({"retry-after": email.utils.formatdate(time.time() + 100, usegmt=True)})
    assert seconds is not None
    assert 0 < seconds <= 100


@settings(deadline=None, database=None)
@given(
    st.dictionaries(
        st.sampled_from(["retry-after", "retry-after-ms", "date"]),
        st.text() | st.floats().map(str) | st.integers().map(str) | st.datetimes().map(str),
    )
)
def test_any_hint_is_a_positive_number_or_none(headers: dict[str, str]) -> None:
    """Whatever a gateway writes there."""
    seconds = retry_after(headers)
    assert seconds is None or 0 < seconds < float("inf")


# Rate limits


def reset_in(seconds: int, *, remaining: str = "0", meter: str = "requests") -> dict[str, str]:
    """Headers of a meter that is renewed some seconds after `ANSWERED`."""
    at = datetime.fromtimestamp(datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp() + seconds, UTC)
    name = f"anthropic-ratelimit-{meter}"
    return {
        f"{name}-limit": "50",
        f"{name}-remaining": remaining,
        f"{name}-reset": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "date": ANSWERED,
    }


RESETS: dict[str, tuple[dict[str, str], float | None]] = {
    "a limit that is used up": (reset_in(20), 20.0),
    "the last of two limits": ({**reset_in(20), **reset_in(30, meter="input-tokens")}, 30.0),
    "a limit with something left": (reset_in(20, remaining="1"), None),
    "only one of two is used up": ({**reset_in(20), **reset_in(30, meter="input-tokens", remaining="9")}, 20.0),
    "a reset in the past": (reset_in(-1), None),
    "a reset that is no date": ({**reset_in(20), "anthropic-ratelimit-requests-reset": "soon"}, None),
    "no headers": ({}, None),
}


@pytest.mark.parametrize(("headers", "seconds"), RESETS.values(), ids=RESETS)
def test_a_rate_limit_without_a_hint_is_waited_for_until_its_reset(
    headers: dict[str, str], seconds: float | None
) -> None:
    """A usable ``retry-after`` has precedence, and an overload says nothing about limits."""
    assert reset_after(headers) == seconds
    assert failure(headers).retry_after == seconds
    assert failure({**headers, "retry-after": "0"}).retry_after == seconds
    assert failure({**headers, "retry-after": "5"}).retry_after == 5.0
    assert failure(headers, 529).retry_after is None


LIMITS: dict[str, tuple[str, str, Limit | None]] = {
    "whole numbers": ("50", "7", Limit(50.0, 7.0)),
    "nothing left": ("50", "0", Limit(50.0, 0.0)),
    "an unreadable remainder": ("50", "nan", Limit(50.0, None)),
    "an endless remainder": ("50", "inf", Limit(50.0, None)),
    "the lowest": ("1", "1", Limit(1.0, 1.0)),
    "less than one a minute": ("0.5", "0", None),
    "zero": ("0", "0", None),
    "not a number": ("nan", "1", None),
    "unlimited": ("inf", "inf", None),
    "negative": ("-1", "1", None),
}


@pytest.mark.parametrize(("limit", "remaining", "expected"), LIMITS.values(), ids=LIMITS)
def test_a_limit_is_believed_from_one_request_a_minute_on(limit: str, remaining: str, expected: Limit | None) -> None:
    """A lower one would stop the run for minutes after each request."""
    name = "anthropic-ratelimit-requests"
    headers = httpx2.Headers({f"{name}-limit": limit, f"{name}-remaining": remaining})
    assert rate_limits(headers) == ({"requests": expected} if expected else {})


def test_a_hint_of_a_day_overrides_nothing_but_is_kept() -> None:
    """Who sends requests decides that nobody waits that long (`attempt`)."""
    error = failure({"retry-after": "86400"})
    assert (error.kind, error.retry_after) == (FailureKind.RATE_LIMITED, DAY)
