"""Turn a `Request` into a Messages body, and the SDK's exceptions into `ProviderError`; shared by both services."""

from __future__ import annotations

import json
import re
from typing import Any

from dragoman.asking.providers import optional_fields
from dragoman.asking.providers.error_answers import ErrorAnswer, answer_of
from dragoman.asking.providers.wait_hints import rate_limits, reset_after, retry_after
from dragoman.core.exchange import Structured
from dragoman.core.models import Model
from dragoman.core.request import Request
from dragoman.errors import FailureKind, Hint, ProviderError

# Added to the prompt when the model or the endpoint does not accept the schema as a parameter.
_PROMPTED = (
    "\n\n# The schema\n\nAnswer with one JSON object that fits this JSON Schema exactly, with nothing before or "
    "after it, no explanation and no code fence:\n"
)

_SPEND = re.compile(r"spend(ing)? limit|usage limit|credit balance|billing", re.IGNORECASE)
# A quota for a day or longer: to wait for minutes does not help.
_LONG_QUOTA = re.compile(r"\b(per|a|each|this) (day|week|month)\b|\b(daily|weekly|monthly)\b|service quota", re.I)
# Error codes, which the service keeps stable (SDK 2.12, `_error_classes.py`). The names of the SDK's classes for them
# changed in 2.12, and again for Bedrock, so no class is named here.
_SPEND_CODES = frozenset({
    "enforced_spend_limit_reached", "contract_spend_limit_reached", "linked_organization_spend_limit_reached",
    "linked_organization_billing_unavailable",
})  # fmt: skip
_ACCOUNT_CODES = frozenset({
    "organization_on_hold", "organization_type_not_supported", "cmek_key_disabled", "cmek_key_network_blocked",
    "user_profile_required", "user_profile_not_found",
})  # fmt: skip
"""What is wrong with the account, whatever is sent."""
_UPLOAD_CODES = frozenset({"request_body_timeout"})
"""The request did not arrive in time; nothing was generated."""
_SOON = 60.0
"""Seconds. If a service mentions a daily quota but asks for a wait no longer than this, the wait is believed."""
# AWS answers 403 for unknown credentials too.
_UNKNOWN_CREDENTIALS = re.compile(
    r"security token|signature|authentication (token|failed)|access key id", re.IGNORECASE
)
# A filter in front of the service rejects one article with 403: nothing is wrong with the credential.
_FILTERED = re.compile(
    r"content[ _]filter|content (management )?(polic|moderation)|usage polic"
    r"|\bflagged\b|safety (system|filter|polic)|guardrail",
    re.IGNORECASE,
)
_TOO_LONG = re.compile(r"prompt is too long|too many (input )?tokens|context (window|length)|input is too long", re.I)


def body(request: Request, model: Model, structured: Structured, model_sent: str) -> dict[str, Any]:
    """Arguments of ``messages.create``. The cache breakpoint is on the system part, which never changes."""
    system = request.system
    output: dict[str, Any] = {}
    if request.effort and model.effort:
        output["effort"] = request.effort
    if structured == "native":
        output["format"] = {"type": "json_schema", "schema": request.schema}
    else:
        system += _PROMPTED + request.schema.text
    arguments: dict[str, Any] = {
        "model": model_sent,
        "max_tokens": request.max_tokens,
        "system": [{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": request.user}],
    }
    if output:
        arguments["output_config"] = output
    if request.thinking == "off" and model.thinking_off:
        arguments["thinking"] = {"type": model.thinking_off}
    return arguments


def translate(
    error: Exception, *, service: str, credentials_advice: str, forbidden_advice: str, not_found_hint: Hint
) -> ProviderError:
    """Return an SDK exception as a classified `ProviderError`; raise an unknown exception unchanged.

    ``service`` is its name for people. ``credentials_advice`` says what to do if the credentials do not work,
    ``forbidden_advice`` if they are valid but have no permission for the request, ``not_found_hint`` if there is
    nothing at the address.
    """
    import anthropic
    from anthropic.lib.credentials import WorkloadIdentityError

    if isinstance(error, anthropic.APIConnectionError):
        return _connection_error(error, service)
    if isinstance(error, anthropic.APIStatusError) and 300 <= error.status_code < 400:
        return redirect_error(service, error.response)
    if (answer := answer_of(error)) is not None:
        return _status_error(answer, service, credentials_advice, forbidden_advice, not_found_hint)
    if isinstance(error, anthropic.CredentialsError) or (
        isinstance(error, (TypeError, RuntimeError)) and re.search(r"auth|credential", str(error), re.I)
    ):
        return ProviderError(FailureKind.UNUSABLE, f"no credentials for {service}. {credentials_advice}", sent=False)
    if isinstance(error, UnicodeEncodeError):
        # Headers contain credentials; no other part of a request can contain a character that cannot be encoded.
        message = f"the credential for {service} has a character that no header can hold. {credentials_advice}"
        return ProviderError(FailureKind.UNUSABLE, message, sent=False)
    if isinstance(error, WorkloadIdentityError):
        kind = FailureKind.TRANSIENT if _is_transport(error.__cause__) else FailureKind.UNUSABLE
        reason = " ".join(str(error).split())[:500]
        return ProviderError(kind, f"no access token for {service}: {reason}. {credentials_advice}", sent=False)
    if isinstance(error, anthropic.APIResponseValidationError) or _is_transport(error):
        message = f"{service}: the reply broke off ({type(error).__name__})"
        return ProviderError(FailureKind.TRANSIENT, message, maybe_paid=True, timed_out=_is_timeout(error))
    raise error


def _is_transport(error: BaseException | None) -> bool:
    import httpx2

    return isinstance(error, (httpx2.TransportError, json.JSONDecodeError, httpx2.DecodingError))


def _is_timeout(error: BaseException | None) -> bool:
    import httpx2

    return isinstance(error, (httpx2.ReadTimeout, httpx2.WriteTimeout))


def _connection_error(error: Exception, service: str) -> ProviderError:
    import httpx2

    cause = error.__cause__
    if isinstance(cause, ProviderError):
        # Raised by the guard below the SDK, which does not know the name of the service.
        return ProviderError(cause.kind, f"{service}: {cause}", maybe_paid=cause.maybe_paid, sent=cause.sent)
    if isinstance(cause, (httpx2.LocalProtocolError, httpx2.UnsupportedProtocol, httpx2.InvalidURL)):
        # Its text is not repeated: it may quote the header with the credential.
        return ProviderError(
            FailureKind.UNUSABLE,
            f"the request to {service} cannot be sent ({type(cause).__name__}): check the address, and look for line "
            "breaks or unusual characters in the credential",
            sent=False,
        )
    # Before the connection is established nothing can have been generated.
    unsent = isinstance(cause, (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError))
    what = "cannot be reached" if unsent else "did not send a complete reply"
    detail = f" ({_in_words(cause)})" if cause is not None else ""
    return ProviderError(
        FailureKind.TRANSIENT,
        f"{service} {what}{detail}",
        maybe_paid=not unsent,
        sent=not unsent,
        timed_out=_is_timeout(cause),
    )


def _in_words(error: BaseException) -> str:
    """``connection refused``: the reason of the operating system in words if it gave one, otherwise type and text."""
    reason = re.fullmatch(r"\[Errno -?\d+\] (\w.*)", str(error))
    return reason[1][0].lower() + reason[1][1:] if reason else f"{type(error).__name__}: {error}"


def redirect_error(service: str, response: Any) -> ProviderError:
    """The error for a redirect. None is followed: the article would go to a server that the user did not choose."""
    import httpx2

    url = response.request.url
    try:
        target = _origin(url.join(response.headers["location"]))
    except (KeyError, ValueError, httpx2.InvalidURL):
        target = None
    origin = _origin(url)
    if target is None:
        where = "names no valid address"
    elif target == origin:
        where = f"points to another path of {origin}"
    else:
        where = f"points from {origin} to {target}"
    return ProviderError(
        FailureKind.UNUSABLE,
        f"{service} answered {response.status_code}, a redirect that {where}. Redirects are not followed: nothing was "
        "sent there",
        status=response.status_code,
        hint="redirect",
    )


def _origin(url: Any) -> str:
    """Scheme, host and port, without user, password, path and query. In ASCII, so that no letter resembles another."""
    host = url.raw_host.decode("ascii")
    if not re.fullmatch(r"[\w.:-]{1,253}", host):
        raise ValueError("no host")
    host = f"[{host}]" if ":" in host else host
    return f"{url.scheme}://{host}" + (f":{url.port}" if url.port else "")


def _status_error(
    answer: ErrorAnswer, service: str, credentials_advice: str, forbidden_advice: str, not_found_hint: Hint
) -> ProviderError:
    status, message = answer.status, answer.message
    said = f"200 with the error {answer.name or status}" if answer.in_reply else str(status)
    text = f"{service} answered {said}: {message}" + (f" (request {answer.request_id})" if answer.request_id else "")
    wait = retry_after(answer.headers)
    if wait is None and status == 429:
        wait = reset_after(answer.headers)
    hint: Hint | None = None
    if answer.code in _SPEND_CODES or status == 402 or (status in (400, 403, 429) and _SPEND.search(message)):
        kind, text = FailureKind.UNUSABLE, f"{text}. Raise the spend limit or add credit, then run again"
    elif answer.code in _ACCOUNT_CODES:
        kind = FailureKind.UNUSABLE
    elif answer.code in _UPLOAD_CODES:
        kind = FailureKind.TRANSIENT
    elif status in (400, 429) and _LONG_QUOTA.search(message) and (wait is None or wait > _SOON):
        kind, hint = FailureKind.UNUSABLE, "quota"
    elif status == 407:
        kind, text = FailureKind.UNUSABLE, f"{text}. The proxy requires a password: check HTTPS_PROXY"
    elif status == 403 and _FILTERED.search(f"{answer.name} {answer.code or ''} {message}"):
        kind = FailureKind.ARTICLE
    elif status in (401, 403):
        forbidden = status == 403 and not _UNKNOWN_CREDENTIALS.search(message)
        rejected = "The credential that was sent was not accepted. " if status == 401 else ""
        kind = FailureKind.UNUSABLE
        text = f"{text}. {rejected}{forbidden_advice if forbidden else credentials_advice}"
    elif status in (404, 410):
        kind, hint = FailureKind.UNUSABLE, not_found_hint
    elif status == 405:
        kind, hint = FailureKind.UNUSABLE, "address"
    elif status == 429:
        kind = FailureKind.RATE_LIMITED
    elif optional_fields.rejects_required(answer):
        kind, hint = FailureKind.UNUSABLE, "api"
        text = f"{text}. Every request has that field, so none can succeed there"
    elif status in (408, 409, 424, 425, 499) or status >= 500:
        kind = FailureKind.TRANSIENT
    elif _TOO_LONG.search(message) or status == 413:
        kind = FailureKind.ARTICLE
    elif status == 400 and re.search(
        r"model identifier|inference profile|on-demand throughput|model.{0,30}access", message
    ):
        kind, hint = FailureKind.UNUSABLE, "profile"
    else:
        kind = FailureKind.ARTICLE
    should_retry = answer.headers.get("x-should-retry")
    if should_retry == "false" and kind in (FailureKind.TRANSIENT, FailureKind.RATE_LIMITED):
        kind = FailureKind.ARTICLE
    return ProviderError(
        kind,
        text,
        retry_after=wait,
        hint=hint,
        limits=rate_limits(answer.headers),
        # An answer may have been generated before a 5xx; a 529 or 503 is sent before any work, and an error in a reply
        # takes the place of the answer.
        maybe_paid=not answer.in_reply
        and (status in (408, 424, 499) or (status >= 500 and status not in (501, 503, 529))),
        status=status,
    )
