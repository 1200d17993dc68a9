"""The neutral Request as a Messages body, and the SDK's exceptions as ProviderError: shared by both services."""

from __future__ import annotations

import email.utils
import json
import re
import time
from typing import Any

from dragoman.asking.rates import METERS, Limit, Meter
from dragoman.core.exchange import Structured
from dragoman.core.models import Model
from dragoman.core.request import Request
from dragoman.errors import FailureKind, Hint, ProviderError

# The text that a model gets when it, or the endpoint, does not take the schema itself.
_PROMPTED = (
    "\n\n# The schema\n\nAnswer with one JSON object that fits this JSON Schema exactly, with nothing before or "
    "after it, no explanation and no code fence:\n"
)

_SPEND = re.compile(r"spend(ing)? limit|usage limit|credit balance|billing", re.IGNORECASE)
# A quota of a day or longer: waiting for minutes does not help.
_LONG_QUOTA = re.compile(r"\b(per|a|each|this) (day|week|month)\b|\b(daily|weekly|monthly)\b|service quota", re.I)
_SOON = 60.0
"""Seconds that a service may ask to wait although it speaks of a day's quota: then it knows better."""
# AWS answers 403 for credentials that it does not know, too.
_UNKNOWN = re.compile(r"security token|signature|authentication (token|failed)|access key id", re.IGNORECASE)
_TOO_LONG = re.compile(r"prompt is too long|too many (input )?tokens|context (window|length)|input is too long", re.I)


def body(request: Request, model: Model, structured: Structured, model_sent: str) -> dict[str, Any]:
    """Arguments of ``messages.create``. The system part carries the cache breakpoint: it never changes."""
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


def rejects_native_schema(error: Exception) -> bool:
    """Whether a 400 says that ``output_config.format`` is not taken here: then the schema goes in the prompt."""
    import anthropic

    if not isinstance(error, anthropic.BadRequestError):
        return False
    said = message_of(error)
    return "output_config" in said and bool(re.search(r"extra inputs|not (supported|permitted|available)", said, re.I))


def message_of(error: Any) -> str:
    """What the service said, on one line; through Bedrock only the body has it."""
    body = error.body if isinstance(getattr(error, "body", None), dict) else {}
    inner = body.get("error")
    said = (inner.get("message") if isinstance(inner, dict) else None) or body.get("message") or str(error)
    return " ".join(str(said).split())[:500]


def translate(error: Exception, *, service: str, advice: str, forbidden_advice: str) -> ProviderError:
    """An SDK exception as a classified `ProviderError`; an unknown exception is raised again as it is.

    ``service`` names it for people; ``advice`` is what to do when credentials do not work, ``forbidden_advice`` when
    they are known and have no right to what was asked.
    """
    import anthropic

    if isinstance(error, (anthropic.APITimeoutError, anthropic.APIConnectionError)):
        return _of_connection(error, service)
    if isinstance(error, anthropic.APIStatusError):
        if 300 <= error.status_code < 400:
            return redirect_error(service, error.response)
        return _of_status(error, service, advice, forbidden_advice)
    if isinstance(error, anthropic.CredentialsError) or (
        isinstance(error, (TypeError, RuntimeError)) and re.search(r"auth|credential", str(error), re.I)
    ):
        return ProviderError(FailureKind.UNUSABLE, f"no credentials for {service}. {advice}", sent=False)
    if isinstance(error, UnicodeEncodeError):
        # Headers are built of credentials; no other part of a request can hold what cannot be encoded.
        said = f"the credential for {service} has a character that no header can hold. {advice}"
        return ProviderError(FailureKind.UNUSABLE, said, sent=False)
    if type(error).__name__ == "WorkloadIdentityError":
        kind = FailureKind.TRANSIENT if _is_transport(error.__cause__) else FailureKind.UNUSABLE
        said = " ".join(str(error).split())[:500]
        return ProviderError(kind, f"no access token for {service}: {said}. {advice}", sent=False)
    if isinstance(error, anthropic.APIResponseValidationError) or _is_transport(error):
        said = f"{service}: the reply broke off ({type(error).__name__})"
        return ProviderError(FailureKind.TRANSIENT, said, maybe_paid=True, late=_is_late(error))
    raise error


def _is_transport(error: BaseException | None) -> bool:
    import httpx2

    return isinstance(error, (httpx2.TransportError, json.JSONDecodeError, httpx2.DecodingError))


def _is_late(error: BaseException | None) -> bool:
    import httpx2

    return isinstance(error, (httpx2.ReadTimeout, httpx2.WriteTimeout))


def _of_connection(error: Exception, service: str) -> ProviderError:
    import httpx2

    cause = error.__cause__
    if isinstance(cause, ProviderError):
        # Of the guard under the SDK, which does not know the service by its name.
        return ProviderError(cause.kind, f"{service}: {cause}", maybe_paid=cause.maybe_paid, sent=cause.sent)
    if isinstance(cause, (httpx2.LocalProtocolError, httpx2.UnsupportedProtocol, httpx2.InvalidURL)):
        # Its text is not repeated: it may quote the header that holds the credential.
        return ProviderError(
            FailureKind.UNUSABLE,
            f"the request for {service} cannot be sent ({type(cause).__name__}): look at the address, and for "
            "line breaks or odd characters in the credential",
            sent=False,
        )
    # Before a connection stands nothing can have been generated.
    unsent = isinstance(cause, (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError))
    what = "cannot be reached" if unsent else "did not answer whole"
    detail = f" ({type(cause).__name__}: {cause})" if cause is not None else ""
    said = f"{service} {what}{detail}"
    return ProviderError(FailureKind.TRANSIENT, said, maybe_paid=not unsent, sent=not unsent, late=_is_late(cause))


def redirect_error(service: str, response: Any) -> ProviderError:
    """No redirect is followed: the article would go to a server that nobody chose."""
    import httpx2

    asked = response.request.url
    try:
        target = _origin(asked.join(response.headers["location"]))
    except (KeyError, ValueError, httpx2.InvalidURL):
        target = None
    origin = _origin(asked)
    if target is None:
        where = "names no address that can be read"
    elif target == origin:
        where = f"points to another path of {origin}"
    else:
        where = f"points from {origin} to {target}"
    advice = (
        "If that is the right address, give it with --base-url; otherwise look at the network, which may want a login"
    )
    return ProviderError(
        FailureKind.UNUSABLE,
        f"{service} answered {response.status_code}, a redirect that {where}. Redirects are not followed: nothing was "
        f"sent there. {advice}",
        status=response.status_code,
    )


def _origin(url: Any) -> str:
    """Scheme, host and port: no user, password, path or query. In ASCII, where no letter looks like another."""
    host = url.raw_host.decode("ascii")
    if not re.fullmatch(r"[\w.:-]{1,253}", host):
        raise ValueError("no host")
    host = f"[{host}]" if ":" in host else host
    return f"{url.scheme}://{host}" + (f":{url.port}" if url.port else "")


def _of_status(error: Any, service: str, advice: str, forbidden_advice: str) -> ProviderError:
    import anthropic

    status: int = error.status_code
    said = message_of(error)
    request_id = error.request_id or error.response.headers.get("x-amzn-requestid")
    text = f"{service} answered {status}: {said}" + (f" (request {request_id})" if request_id else "")
    wait = retry_after(error.response.headers)
    hint: Hint | None = None
    spend = isinstance(error, (anthropic.EnforcedSpendLimitReachedError, anthropic.ContractSpendLimitReachedError))
    if spend or status == 402 or (status in (400, 403, 429) and _SPEND.search(said)):
        kind, text = FailureKind.UNUSABLE, f"{text}. Raise the spend limit or add credit, then run again"
    elif status in (400, 429) and _LONG_QUOTA.search(said) and (wait is None or wait > _SOON):
        kind, hint = FailureKind.UNUSABLE, "quota"
    elif status == 407:
        kind, text = FailureKind.UNUSABLE, f"{text}. The proxy wants a password: look at HTTPS_PROXY"
    elif status in (401, 403):
        known = status == 403 and not _UNKNOWN.search(said)
        refused = "The credential that was sent was not accepted. " if status == 401 else ""
        kind, text = FailureKind.UNUSABLE, f"{text}. {refused}{forbidden_advice if known else advice}"
    elif status == 404:
        kind, text = FailureKind.UNUSABLE, f"{text}. Check --model and the region; `dragoman doctor` shows both"
    elif status == 429:
        kind = FailureKind.RATE_LIMITED
    elif status in (408, 409, 424) or status >= 500:
        kind = FailureKind.TRANSIENT
    elif _TOO_LONG.search(said) or status == 413:
        kind = FailureKind.ARTICLE
    elif status == 400 and re.search(
        r"model identifier|inference profile|on-demand throughput|model.{0,30}access", said
    ):
        kind, text = FailureKind.UNUSABLE, f"{text}. Try --inference-profile, or ask for access to the model"
    else:
        kind = FailureKind.ARTICLE
    again = error.response.headers.get("x-should-retry")
    if again == "false" and kind in (FailureKind.TRANSIENT, FailureKind.RATE_LIMITED):
        kind = FailureKind.ARTICLE
    return ProviderError(
        kind,
        text,
        retry_after=wait,
        hint=hint,
        limits=limits(error.response.headers),
        # An answer may have been generated before a 5xx; a 529 or 503 is said before any work.
        maybe_paid=status in (408, 424) or (status >= 500 and status not in (501, 503, 529)),
        status=status,
    )


def limits(headers: Any) -> dict[Meter, Limit]:
    """What ``anthropic-ratelimit-*`` headers say, as far as they can be read (Bedrock sends none)."""
    found: dict[Meter, Limit] = {}
    for meter in METERS:
        name = f"anthropic-ratelimit-{meter.replace('_', '-')}"
        try:
            per_minute = float(headers[f"{name}-limit"])
            left = headers.get(f"{name}-remaining")
            found[meter] = Limit(per_minute, None if left is None else max(0.0, float(left)))
        except (KeyError, ValueError):
            continue
    return {meter: limit for meter, limit in found.items() if 0 < limit.per_minute < float("inf")}


def retry_after(headers: Any) -> float | None:
    """Seconds to wait, out of ``retry-after-ms`` or ``retry-after`` (seconds or an HTTP date); None if not said."""
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        value = headers.get("retry-after")
        if value is None:
            return None
        if re.fullmatch(r"\s*\d+(\.\d+)?\s*", value):
            return float(value)
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
