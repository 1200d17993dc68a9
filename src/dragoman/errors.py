"""Every error that Dragoman raises on purpose, with the exit code of each.

    DragomanError
    ├── ConfigError            2    usage or configuration: nothing was sent
    ├── ArticleError           3    one article cannot be read: it is a row of the run and does not end it
    ├── ReplyRejected          3    a reply is not a valid answer; says where and why
    ├── ProviderError          4    the service failed; a row of the run unless ``kind`` is UNUSABLE
    ├── BudgetReached          5    the next request does not fit the budget; the next run continues
    ├── RecordingMissing       6    replay has no recording of a request
    ├── StoreError             7    the store or the disk cannot be used; paid replies are kept
    │   ├── RepliesRescued     7    … in a folder, to be imported before the next run
    │   └── RepliesElsewhere   7    paid replies are not in this store; nothing was sent
    └── Interrupted          130    the user or the system requested a stop; the same command continues

A message says what happened, to what, why, and what to do next. SDK exceptions never leave ``providers/``; the original
exception is always the cause. No exception is changed after it was raised: code that knows more about a failure raises
a new error from it. `BugAfterRescue` is not in the tree, because a bug keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal

ReasonCode = Literal[
    "empty",  # skipped: the file has no text
    "english",  # skipped: the text is already English
    "unsupported",  # skipped: a kind of file that Dragoman does not read
    "link_not_followed",  # skipped: a link out of the given folder or to a hidden file
    "wall",  # failed: what was saved is not the article, but a page that stands before it
    "unreadable",  # failed: the file cannot be opened or parsed
    "binary",  # failed: not text
    "undecodable",  # failed: text in an unknown encoding
    "too_large",  # failed: more bytes than the limit
    "too_long",  # failed: more tokens than the limit or the model allows
    "invalid",  # failed: the answer as a whole did not fit the schema, or said nothing, twice
    "bad_response",  # failed: the service's replies were not Messages bodies
    "rejected",  # failed: the service rejected this request, now or in an earlier run
    "provider_error",  # failed: the service kept failing for this article
    "refused",  # refused: the model refused to answer
    "truncated",  # truncated: cut off by the output limit, twice
    "budget",  # pending: the budget was reached
    "interrupted",  # pending: the run was interrupted
    "provider_unusable",  # pending: the provider could not be used
    "recording_missing",  # pending: replay has no recording of the request
    "store_trouble",  # pending: the store could not be written
]
"""Why an article has no complete answer, as its record states it. The list is closed."""

RejectionCode = Literal["refused", "truncated", "invalid", "bad_response", "too_long"]
"""The reasons that come from a reply."""


Hint = Literal[
    # The service failed:
    "address",  # another address, the network or the proxy
    "timeout",  # waiting, or a longer timeout
    "later",  # waiting
    "then",  # running again at the time that the message names
    "quota",  # another quota
    "requests",  # other requests
    "model",  # another model
    "model or region",  # another model or region
    "model or address",  # another model or address
    "price",  # naming a model with a price, or no cap
    "profile",  # an inference profile, or access to the model
    "redirect",  # the address to which the service redirects
    "schema",  # asking for the schema in the prompt
    "api",  # a server that speaks the Messages API
    # Something on this machine is missing or unsuitable:
    "store",  # another place for the store
    "output",  # another output folder
    "folder",  # the command for folders
    "articles",  # the list of the articles
    "links",  # following links
    "recording",  # recording the reply
    "repair recording",  # recording the reply, or no repairs
    "checksum",  # writing the recording again, or accepting it without a checksum
    "unsealed",  # importing recordings of an earlier version
    "import",  # importing recordings
]
"""What may help about an error. The commands put it into words with the names of their options (`cli.advice`): the
message itself says what to do without naming an option, because errors are also raised to users of the Python API."""


class DragomanError(Exception):
    """Root of the tree. ``exit_code`` is the exit code of a command that this error ends; ``hint`` is what may help."""

    exit_code = 1

    def __init__(self, *args: object, hint: Hint | None = None) -> None:
        super().__init__(*args)
        self.hint = hint


class ConfigError(DragomanError):
    """A path, option, environment variable or settings file is wrong. Nothing was sent."""

    exit_code = 2


class ArticleError(DragomanError):
    """One article cannot be prepared. The run continues.

    ``what`` is the message without the name of the article, for lines that begin with that name.
    """

    exit_code = 3

    def __init__(self, code: ReasonCode, message: str, *, what: str | None = None, hint: Hint | None = None) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.what = message if what is None else what


class ReplyRejected(DragomanError):
    """A reply is not a valid answer. ``problems`` are sentences that the model can act on, the worst first."""

    exit_code = 3

    def __init__(self, code: RejectionCode, problems: tuple[str, ...]) -> None:
        super().__init__(problems[0] if problems else code)
        self.code = code
        self.problems = problems


class FailureKind(StrEnum):
    """The kind of failure that a provider reports, which decides what can be done about it."""

    TRANSIENT = "transient"
    """Overload, connection reset, timeout or 5xx: the same request may succeed later."""
    RATE_LIMITED = "rate_limited"
    """429 without a spend limit: wait as long as the service says, then send the request again."""
    ARTICLE = "article"
    """The service rejects this one request (too long, bad content); other requests may succeed."""
    UNUSABLE = "unusable"
    """Credentials, access, region, model or spend limit: no request can succeed. Ends the run."""


_OVERLOADED = (503, 529)
THROTTLED = (429, *_OVERLOADED)
"""Statuses with which a service rejects a request before any work, because there are too many."""
_MAY_PASS = (408, 409, 424, 425, 429)
"""Statuses of the 4xx range that say something about the moment and not about the request (RFC 9110; 424 is Bedrock's
error of the model)."""


class ProviderError(DragomanError):
    """The service did not give a usable reply.

    ``kind`` is the kind of failure and ``status`` the HTTP status, or None. ``retry_after`` is the wait in seconds that
    the service asked for, or None. ``maybe_paid`` is true when the service may have generated (and billed) an answer
    that did not arrive complete. ``sent`` is false when no request was sent: no credentials, no connection.
    ``timed_out`` is true when no complete reply came in the time allowed. ``unreadable`` is true when a complete reply
    came that is no Messages body. ``limits`` is what the service reported about its rate limits (`rates.Limit` by
    meter). ``attempts`` counts the attempts made, and ``maybe_paid_attempts`` those of them that may have been charged.
    ``request_key`` is the key of the request, where it is known. ``outage`` is set when the attempt failed while the
    service was considered down, so it says nothing about the request. ``remembered`` is true when nothing was sent,
    because the service had rejected the same request before. ``rejected_before`` counts the requests of this attempt
    that the service rejected because of fields that it does not know.
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
        timed_out: bool = False,
        unreadable: bool = False,
        limits: Mapping[Any, Any] | None = None,
        hint: Hint | None = None,
        outage: bool = False,
        remembered: bool = False,
        attempts: int = 1,
        maybe_paid_attempts: int | None = None,
        rejected_before: int = 0,
    ) -> None:
        super().__init__(message, hint=hint)
        self.outage = outage
        self.remembered = remembered
        self.sent = sent
        self.timed_out = timed_out
        self.unreadable = unreadable
        self.kind = kind
        self.retry_after = retry_after
        self.maybe_paid = maybe_paid
        self.request_key = request_key
        self.status = status
        self.limits = limits or {}
        self.attempts = attempts
        self.rejected_before = rejected_before
        self.maybe_paid_attempts = int(maybe_paid) if maybe_paid_attempts is None else maybe_paid_attempts

    def but(self, **changed: Any) -> ProviderError:
        """A new error with the values of this one, ``message`` included, except those that are ``changed``."""
        # Each attribute is a parameter of the same name; Python's own (`__notes__`) are not.
        values = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        return ProviderError(**{"message": str(self), **values, **changed})

    @property
    def throttled(self) -> bool:
        """Whether the service rejected the request before any work, as rate-limited or overloaded. Nothing was paid."""
        return self.kind is FailureKind.RATE_LIMITED or (self.status in _OVERLOADED and not self.maybe_paid)

    @property
    def permanent(self) -> bool:
        """Whether the service examined this one request and did not accept it: the same request would fail again."""
        rejected = self.status is not None and 400 <= self.status < 500 and self.status not in _MAY_PASS
        return self.kind is FailureKind.ARTICLE and rejected

    @property
    def why(self) -> str:
        """The failure in a word: the HTTP status, ``not reached``, ``timed out``, ``unreadable`` or ``broken off``."""
        if self.status is not None:
            return str(self.status)
        if not self.sent:
            return "not reached"
        return "timed out" if self.timed_out else "unreadable" if self.unreadable else "broken off"


class BudgetReached(DragomanError):
    """The worst-case price of the next attempt does not fit the rest of the budget.

    ``cap_too_low`` is true when it would not fit the whole budget either, so that running again does not help.
    """

    exit_code = 5

    def __init__(self, message: str, *, cap_too_low: bool = False) -> None:
        super().__init__(message)
        self.cap_too_low = cap_too_low


class RecordingMissing(DragomanError):
    """Replay has no recording of a request. The message names the nearest recording and what differs."""

    exit_code = 6


class StoreError(DragomanError):
    """The store or the disk cannot be used. Dragoman never overwrites or moves a store by itself.

    ``what`` happened; ``remedy`` says how to mend it and ``then`` what to do afterwards, where these are known.
    """

    exit_code = 7

    def __init__(self, what: str, remedy: str = "", then: str = "", *, hint: Hint | None = None) -> None:
        advice = ", then ".join(filter(None, (remedy, then)))
        super().__init__("; ".join(filter(None, (what, advice))), hint=hint)
        self.what = what
        self.remedy = remedy


class RepliesRescued(StoreError):
    """Paid replies that the store could not save were saved in a folder.

    ``command`` puts them into the store, which must happen before the next run so that nothing is paid twice. ``saved``
    says where they are. ``original`` is the error that ended the run.
    """

    def __init__(self, original: DragomanError, saved: str, command: str) -> None:
        what = original.what if isinstance(original, StoreError) else str(original)
        remedy = (original.remedy if isinstance(original, StoreError) else "") or "make the store work"
        super().__init__(
            f"{what}. {saved}",
            remedy,
            f"`{command}`, then run again: in this order nothing is paid twice",
            hint=original.hint if isinstance(original, StoreError) else None,
        )
        self.original = original


class RepliesElsewhere(StoreError):
    """The store in use lacks replies that were paid for, and asking would pay for them again. Nothing was sent."""

    def __init__(self, what: str, remedy: str, *, hint: Hint | None = None) -> None:
        super().__init__(f"{what}; nothing was sent", remedy, hint=hint)


class BugAfterRescue(Exception):
    """A bug, raised from the exception that shows it, while paid replies are outside the store: says where they are."""


class Interrupted(DragomanError):
    """A stop was requested before this request was sent. The exit code is 143 when the stop was a SIGTERM."""

    exit_code = 130
