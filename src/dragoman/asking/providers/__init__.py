"""Where replies come from: one small protocol, and who implements it.

``claude`` is the direct API (or any server that speaks it), ``bedrock`` the same through AWS. Recordings are
not a provider: replay reads them as a library of exchanges and has no provider at all, so that it cannot ask.
SDKs are imported inside, when the first request is really to be sent.
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
    """One HTTP reply, letter for letter, and how it was asked for."""

    body: str
    structured: Structured
    model_sent: str
    limits: Mapping[Meter, Limit] = field(default_factory=dict)
    """What the service said of its own rate limits."""


class Provider(Protocol):
    """Sends one request and gives back what came; every failure is a `ProviderError`."""

    @property
    def endpoint(self) -> Endpoint:
        """What the exchanges of this provider are kept under."""

    @property
    def base_url(self) -> str | None:
        """The address without credentials, for endpoint ``custom`` only."""

    @property
    def price_multiplier(self) -> Decimal:
        """What this endpoint costs more than list price."""

    def send(self, request: Request, model: Model) -> Received:
        """One attempt. Raises `ProviderError`; never retries."""

    def ping(self, model: Model) -> str:
        """One free call that shows that credentials, region and model work; what was learnt, in a sentence."""

    def count_tokens(self, request: Request, model: Model) -> int:
        """The service's own free count of the prompt. Raises `ProviderError`, also when what comes is no count."""

    def close(self) -> None:
        """Give connections back, if any were made."""
