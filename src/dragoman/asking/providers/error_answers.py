"""Read what an error of a service says, whether it came with an HTTP status of its own or in a reply with status 200.

Some services and gateways answer 200 and put the error into the body. Such a body is no reply: nothing was generated
and nothing was paid, and what can be done about it follows from the error, as if it had its usual status.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_STATUS_BY_NAME: Mapping[str, int] = {
    "invalidrequest": 400, "badrequest": 400, "validation": 400, "invalidargument": 400, "servicequotaexceeded": 400,
    "authentication": 401, "unauthorized": 401, "unauthenticated": 401, "invalidapikey": 401,
    "billing": 402, "paymentrequired": 402, "insufficientquota": 402,
    "permission": 403, "permissiondenied": 403, "accessdenied": 403, "forbidden": 403, "expiredtoken": 403,
    "unrecognizedclient": 403, "invalidsignature": 403, "missingauthenticationtoken": 403,
    "notfound": 404, "resourcenotfound": 404, "modelnotfound": 404, "unknownoperation": 404,
    "requesttimeout": 408, "modeltimeout": 408, "conflict": 409,
    "requesttoolarge": 413, "contenttoolarge": 413, "payloadtoolarge": 413, "model": 424,
    "ratelimit": 429, "ratelimitexceeded": 429, "throttling": 429, "throttled": 429, "toomanyrequests": 429,
    "modelnotready": 429, "resourceexhausted": 429, "limitexceeded": 429, "quotaexceeded": 429,
    "api": 500, "internal": 500, "internalserver": 500, "internalfailure": 500, "server": 500, "badgateway": 502,
    "serviceunavailable": 503, "unavailable": 503, "timeout": 504, "gatewaytimeout": 504, "deadlineexceeded": 504,
    "overloaded": 529,
}  # fmt: skip
"""HTTP statuses by the names of errors: those of the Messages API (SDK 2.12, `types/shared/error_type.py`), of Bedrock
(botocore 1.44, `bedrock-runtime`) and of common gateways, in lower case without punctuation and ``error`` or
``exception`` at the end."""

_STATUS_BY_WORDS = (
    (re.compile(r"too many (requests|tokens)|throttl|rate.?limit|slow down", re.I), 429),
    (re.compile(r"overload|over capacity|\bbusy\b|unavailable", re.I), 529),
    (re.compile(r"security token|signature|not authori[sz]ed|access denied", re.I), 403),
    (re.compile(r"authenticat|unauthori[sz]ed|api.key", re.I), 401),
)  # fmt: skip
"""Statuses by what the message of an error without a known name says."""

_INNER = ("error", "errors", "fault")
"""Fields that hold the error inside a body; ``fault`` is Apigee's."""
_COMMENTS = re.compile(r"\A(?::[^\n]*\s*)+")


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """An error of a service. ``status`` is its HTTP status, or the usual status of an error in a 200 (`in_reply`).

    ``name`` is what the service calls the kind of error, ``code`` its ``error_code``, and ``problems`` all that the
    body says is wrong, one sentence each.
    """

    status: int
    headers: Mapping[str, str]
    problems: tuple[str, ...]
    name: str = ""
    code: str | None = None
    in_reply: bool = False

    @property
    def message(self) -> str:
        """The service's message, on one line and cut to 500 characters."""
        return " ".join("; ".join(self.problems).split())[:500]

    @property
    def request_id(self) -> str | None:
        """The id of the request at the service, where it names one."""
        return self.headers.get("request-id") or self.headers.get("x-amzn-requestid")


class ErrorInReply(Exception):
    """A reply with status 200 is an error."""

    def __init__(self, answer: ErrorAnswer) -> None:
        super().__init__(answer.message)
        self.answer = answer


def answer_of(error: BaseException) -> ErrorAnswer | None:
    """What the service answered, from an exception of the SDK or an `ErrorInReply`; None for any other failure."""
    import anthropic

    if isinstance(error, ErrorInReply):
        return error.answer
    if not isinstance(error, anthropic.APIStatusError):
        return None
    return ErrorAnswer(
        status=error.status_code,
        headers=error.response.headers,
        problems=tuple(_problems(error.body)) or (str(error),),
        name=error.type or "",
        code=error.error_code,
    )


def error_in_reply(text: str, headers: Mapping[str, str]) -> ErrorAnswer | None:
    """The error in the text of a reply with status 200; None if the text is anything else, even no reply at all."""
    body = _body(text)
    if not _is_error(body):
        return None
    problems = tuple(_problems(body)) or ("the service gave no reason",)
    names = [*_values(body, "type", "__type", "code", "status", "error"), headers.get("x-amzn-errortype")]
    named = [(_bare(str(name)), status) for name in names if (status := _status(name))]
    name, status = named[0] if named else ("", _status_by_words(" ".join(problems)))
    details = _object(_object(body, "error"), "details")
    code = details.get("error_code")
    return ErrorAnswer(status, headers, problems, name, code if isinstance(code, str) else None, in_reply=True)


def _body(text: str) -> Any:
    """The JSON in a reply; in a stream of events, that of the first one that is no ``ping``; None without any. Comments
    of a stream (lines that begin with a colon) keep the connection alive, and may come before JSON that is no stream
    too."""
    rest = _COMMENTS.sub("", text.strip().lstrip("\ufeff"))
    is_stream = rest.startswith(("event:", "data:"))
    for part in (line[5:] for line in rest.splitlines() if line.startswith("data:")) if is_stream else (rest,):
        try:
            body = json.loads(part)
        except (ValueError, RecursionError):
            return None
        if not (is_stream and isinstance(body, dict) and body.get("type") == "ping"):
            return _unwrapped(body)
    return None


def _unwrapped(body: Any) -> Any:
    """The error in a list of one (Google) or in the envelope of AWS's older protocols."""
    if isinstance(body, list) and len(body) == 1:
        return body[0]
    output = body.get("Output") if isinstance(body, dict) else None
    return output if isinstance(output, dict) and "__type" in output else body


def _is_error(body: Any) -> bool:
    """Whether JSON is an error and not a reply of any service."""
    if not isinstance(body, dict) or body.get("content"):
        return False
    if body.get("type") == "error" or "__type" in body or any(map(body.get, _INNER)):
        return True
    replies = ("content", "choices", "completion", "output", "candidates", "usage")
    return any(isinstance(body.get(name), str) for name in ("message", "Message", "msg", "detail")) and not any(
        name in body for name in replies
    )


def _problems(body: Any) -> Iterator[str]:
    """What an error's body says is wrong: a message, or the fields that a validator objects to."""
    if isinstance(body, str) and body.strip():
        yield body
    if not isinstance(body, dict):
        return
    inner = body.get("error") or body.get("fault")
    for value in (inner, body) if isinstance(inner, dict) else (body,):
        for name in ("message", "Message", "msg", "faultstring", "detail", "error", "errors"):
            problem = value.get(name)
            if isinstance(problem, str) and problem.strip():
                yield problem
                return
            if isinstance(problem, list) and (problems := list(filter(str.strip, map(_in_words, problem)))):
                yield from problems
                return


def _in_words(problem: Any) -> str:
    """``output_config.effort: Extra inputs are not permitted``: one problem of a list, with its place if it has one."""
    if not isinstance(problem, dict):
        return str(problem)
    place = problem.get("loc")
    path = ".".join(str(part) for part in place if part != "body") if isinstance(place, list | tuple) else ""
    said = str(problem.get("msg") or problem.get("message") or problem)
    return f"{path}: {said}" if path else said


def _values(body: Mapping[str, Any], *names: str) -> Iterator[Any]:
    """The values of these fields, of the error inside the body first."""
    inner = next(filter(None, map(body.get, _INNER)), None)
    inner = inner[0] if isinstance(inner, list) and inner else inner
    for value in (inner, body) if isinstance(inner, dict) else (body,):
        yield from (value[name] for name in names if name in value)


def _object(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = value.get(name)
    return inner if isinstance(inner, dict) else {}


def _bare(name: str) -> str:
    """The name of an error without the namespace before it and the address after it, which AWS adds."""
    return name.rpartition("#")[2].partition(":")[0]


def _status(name: Any) -> int | None:
    """The HTTP status that a name or number stands for; None for an unknown one."""
    if isinstance(name, int) or (isinstance(name, str) and re.fullmatch(r"\d{3}", name, re.ASCII)):
        return int(name) if 400 <= int(name) <= 599 else None
    if not isinstance(name, str) or len(name) > 100:
        return None
    known = re.sub(r"[^a-z]", "", _bare(name).lower())
    while known not in _STATUS_BY_NAME:
        shorter = known.removesuffix("exception").removesuffix("error")
        if shorter == known:
            return None
        known = shorter
    return _STATUS_BY_NAME[known]


def _status_by_words(message: str) -> int:
    """A status for an error without a known name; 500 if its message says nothing known either."""
    return next((status for words, status in _STATUS_BY_WORDS if words.search(message)), 500)
