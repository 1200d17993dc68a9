"""The protocol of a provider, which sends requests to a service, and its implementations.

`anthropic` is the direct API (or any server that speaks it), `bedrock` the same API through AWS. Recordings are not a
provider: replay reads them as a library of exchanges and has no provider at all, so it cannot send anything. SDKs are
imported inside functions, when the first request is about to be sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from dragoman.asking.rates import Limit, Meter
from dragoman.core.exchange import Endpoint, Structured
from dragoman.core.models import Model
from dragoman.core.request import Request


@dataclass(frozen=True, slots=True)
class Received:
    """One HTTP reply, unchanged, and how it was requested."""

    body: str
    structured: Structured
    model_sent: str
    limits: Mapping[Meter, Limit] = field(default_factory=dict)
    """The service's rate limits, as reported in the headers of the reply."""
    left_out: tuple[str, ...] = ()
    """Fields of the request that were not sent, because this service rejects them (`optional_fields`)."""
    rejected_before: int = 0
    """How many requests the service rejected before this one, because of such fields."""


class Provider(Protocol):
    """Sends one request and returns the reply. Every failure is a `ProviderError`."""

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint under which the exchanges of this provider are stored."""

    @property
    def base_url(self) -> str | None:
        """The address without credentials; None unless the endpoint is ``custom``."""

    @property
    def address_note(self) -> str | None:
        """What a user should know about the address, as a sentence without a full stop; None if it is used as
        given."""

    @property
    def price_multiplier(self) -> Decimal:
        """What this endpoint costs as a multiple of the list price."""

    @property
    def lookup_failure(self) -> str | None:
        """Why the service did not say which model is behind the name that requests were sent to; None if it did, or
        was not asked."""

    def look_up(self, model: Model) -> Model:
        """The model with its prices, if it is a name behind which the service knows a model of the table. Free.

        Raises `ProviderError` if the service does not say. Any other model is returned unchanged.
        """

    def send(self, request: Request, model: Model) -> Received:
        """Make one attempt. Raises `ProviderError`; never retries."""

    def ping(self, model: Model) -> str:
        """Check credentials, region and model with one free call; returns the result as a sentence."""

    def count_tokens(self, request: Request, model: Model) -> int:
        """Count the tokens of the prompt with the service's own free counter.

        Raises `ProviderError`, also when the answer is not a count.
        """

    def close(self) -> None:
        """Close the connections, if any were opened."""
