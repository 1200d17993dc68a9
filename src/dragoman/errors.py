"""Every error that dragoman raises on purpose, and the exit code each branch stands for.

    DragomanError
    ├── ConfigError            2    usage or configuration: nothing was sent
    ├── ArticleError           3    one article cannot be read: a row of the run, never the end of it
    ├── ReplyRejected          3    a reply is not what was asked for: says where and why
    ├── ProviderError          4 or a row, by ``kind``
    ├── BudgetReached          5    nothing was sent that does not fit; run again to go on
    ├── RecordingMissing       6    replay asked for something that is not recorded
    ├── StoreError             7    store or disk trouble: what was paid for is kept
    │   ├── RepliesRescued     7    … in a folder, and is to be put back before the next run
    │   └── RepliesElsewhere   7    what was paid for is not in this store: nothing was sent
    └── Interrupted          130    the user or the system asked for a stop; the same command goes on

Messages say what, which, why, and what to do next. SDK exceptions never leave ``providers/``; the
original is always the cause. No exception is changed after it was raised: who knows more about a failure raises a new
error from it. `BugAfterRescue` is no branch of the tree: a bug keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

ReasonCode = Literal[
    "empty",  # skipped: no text in it
    "english",  # skipped: nothing to translate
    "unsupported",  # skipped: not a kind of file that is read
    "link_not_followed",  # skipped: a link that leads out of the folder that was given, or to a hidden file
    "unreadable",  # failed: the file cannot be opened or taken apart
    "binary",  # failed: not text
    "undecodable",  # failed: text in an encoding that cannot be told
    "too_large",  # failed: more bytes than the limit
    "too_long",  # failed: more tokens than the limit or the model takes
    "invalid",  # failed: the answer did not fit the schema, twice
    "bad_response",  # failed: the service's replies were not Messages bodies
    "rejected",  # failed: the service does not take this request
    "provider_error",  # failed: the service kept failing for this article
    "refused",  # refused: the model would not answer
    "truncated",  # truncated: cut off by the output limit, twice
    "budget",  # pending: --max-cost was reached
    "interrupted",  # pending: the run was stopped
    "provider_unusable",  # pending: the provider could not be used
    "recording_missing",  # pending: replay has no recording of it
    "store_trouble",  # pending: the store could not be written
]
"""Why an article has no whole answer, as its record says it: a closed list."""

RejectionCode = Literal["refused", "truncated", "invalid", "bad_response", "too_long"]
"""Those of them that a reply can be the reason for."""


class DragomanError(Exception):
    """Root of the tree. ``exit_code`` is what a command ends with when this reaches it."""

    exit_code = 1


class ConfigError(DragomanError):
    """A path, option, environment variable or settings file is wrong. Nothing was sent."""

    exit_code = 2


class ArticleError(DragomanError):
    """One article cannot be prepared; the run goes on.

    ``what`` is the message without the name of the article, for lines that begin with that name.
    """

    exit_code = 3

    def __init__(self, code: ReasonCode, message: str, *, what: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.what = message if what is None else what


class ReplyRejected(DragomanError):
    """A reply is not a valid answer. ``problems`` are sentences a model can act on, first the worst."""

    exit_code = 3

    def __init__(self, code: RejectionCode, problems: tuple[str, ...]) -> None:
        super().__init__(problems[0] if problems else code)
        self.code = code
        self.problems = problems


class FailureKind(StrEnum):
    """What kind of failure a provider reports, and so what may be done about it."""

    TRANSIENT = "transient"
    """Overload, reset, time-out, 5xx: the same request may succeed later."""
    RATE_LIMITED = "rate_limited"
    """429 without a spend limit: wait as told, then ask again."""
    ARTICLE = "article"
    """The service refuses this one request (too long, bad content): others may pass."""
    UNUSABLE = "unusable"
    """Credentials, access, region, model or spend limit: no request can pass. Ends the run."""


Hint = Literal["address", "timeout", "later", "quota", "requests", "model", "profile", "redirect", "schema"]
"""What helps when a service is given up, as far as it is known: another address, a longer time-out, waiting, another
quota, or other requests. The commands say it with the names of their options."""

_OVERLOADED = (503, 529)


class ProviderError(DragomanError):
    """The service did not give a usable reply.

    ``retry_after`` is in seconds, as the service said, or None. ``maybe_paid`` is true when the service
    may have generated (and billed) an answer that never arrived whole. ``sent`` is false when no request
    left: no credentials, no connection. ``late`` is true when nothing whole came in the time allowed. ``limits``
    is what the service said of its rates (`rates.Limit` by meter). ``unreadable`` is true when a whole reply came that
    is none. ``attempts`` counts the tries made, ``maybe_paid_attempts`` those of them that may have been charged.
    ``outage`` is set where the attempt failed while the service was taken to be down: it says nothing about the
    request. ``request_key`` is the request's, where it is known. ``hint`` is what helps.
    """

    exit_code = 4

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        retry_after: float | None = None,
        maybe_paid: bool = False,
        request_key: str | None = None,
        status: int | None = None,
        sent: bool = True,
        late: bool = False,
        unreadable: bool = False,
        limits: Mapping[Any, Any] | None = None,
        hint: Hint | None = None,
        outage: bool = False,
        attempts: int = 1,
        maybe_paid_attempts: int | None = None,
    ) -> None:
        super().__init__(message)
        self.hint = hint
        self.outage = outage
        self.sent = sent
        self.late = late
        self.unreadable = unreadable
        self.kind = kind
        self.retry_after = retry_after
        self.maybe_paid = maybe_paid
        self.request_key = request_key
        self.status = status
        self.limits = limits or {}
        self.attempts = attempts
        self.maybe_paid_attempts = int(maybe_paid) if maybe_paid_attempts is None else maybe_paid_attempts

    def but(self, **changed: Any) -> ProviderError:
        """A new error with the values of this one, ``message`` included, except those that are ``changed``."""
        # Each attribute is a parameter of the same name; Python's own (`__notes__`) are not.
        values = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        return ProviderError(**{"message": str(self), **values, **changed})

    @property
    def throttled(self) -> bool:
        """Turned away before any work, for going too fast or because the service is overloaded: nothing was paid."""
        return self.kind is FailureKind.RATE_LIMITED or (self.status in _OVERLOADED and not self.maybe_paid)

    @property
    def why(self) -> str:
        """In a word: the HTTP status, ``not reached``, ``timed out``, ``unreadable`` or ``broken off``."""
        if self.status is not None:
            return str(self.status)
        if not self.sent:
            return "not reached"
        return "timed out" if self.late else "unreadable" if self.unreadable else "broken off"


class BudgetReached(DragomanError):
    """The worst-case price of the next attempt does not fit what is left of ``--max-cost``.

    ``cap_too_low`` is true when it would not fit the whole budget either: running again does not help.
    """

    exit_code = 5

    def __init__(self, message: str, *, cap_too_low: bool = False) -> None:
        super().__init__(message)
        self.cap_too_low = cap_too_low


class RecordingMissing(DragomanError):
    """Replay needs a recording that is not there; the message names the nearest and what differs."""

    exit_code = 6


class StoreError(DragomanError):
    """The store or the disk cannot be used. Nothing is overwritten or set aside by itself.

    ``what`` happened, the ``cure`` of it, and what to do ``then``, where these are known.
    """

    exit_code = 7

    def __init__(self, what: str, cure: str = "", then: str = "") -> None:
        advice = ", then ".join(filter(None, (cure, then)))
        super().__init__("; ".join(filter(None, (what, advice))))
        self.what = what
        self.cure = cure


class RepliesRescued(StoreError):
    """The store did not take what was paid for. It is kept elsewhere, and ``command`` puts it back before anything
    is asked again; ``before`` is the error as it was without that."""

    def __init__(self, before: DragomanError, kept: str, command: str) -> None:
        what = before.what if isinstance(before, StoreError) else str(before)
        cure = (before.cure if isinstance(before, StoreError) else "") or "make the store work"
        super().__init__(f"{what}. {kept}", cure, f"`{command}`, then run again: in this order nothing is paid twice")
        self.before = before


class RepliesElsewhere(StoreError):
    """Replies that were paid for are not in the store in use, and asking would pay for them again. Nothing was sent."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(f"{what}; nothing was sent", cure)


class BugAfterRescue(Exception):
    """A bug, raised from the exception that shows it, while paid replies are outside the store: says where they are."""


class Interrupted(DragomanError):
    """A stop was asked for before this request was sent. 143 when it was SIGTERM."""

    exit_code = 130
