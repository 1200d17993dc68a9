"""The direct Messages API, and local servers that speak it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from dragoman.errors import ProviderError, Trouble
from dragoman.exchange import Endpoint, Request, Structured
from dragoman.models import Model
from dragoman.providers import wire
from dragoman.providers.sdk import COUNT_SECONDS, SdkProvider

OFFICIAL = "https://api.anthropic.com"

# A local server ignores the key, but the SDK wants one.
_NO_KEY = "not-needed"


class Claude(SdkProvider):
    """Sends requests with `anthropic.Anthropic`; see `SdkProvider` for the arguments. ``timeout`` in seconds."""

    advice = "Set ANTHROPIC_API_KEY (or sign in with a profile), then run again; `dragoman doctor` shows what is found"
    no_right = (
        "The key is known, but has no right to this: look at its workspace and at the models that it may use, or take "
        "another key; `dragoman doctor` shows which one is found"
    )

    def __init__(
        self,
        *,
        base_url: str | None = None,
        timeout: float = 600.0,
        structured: Structured | None = None,
        http_client: Any = None,
        turn: AbstractContextManager[Any] | None = None,
    ) -> None:
        url = (base_url or os.environ.get("ANTHROPIC_BASE_URL") or OFFICIAL).rstrip("/")
        super().__init__(
            custom_url=None if url == OFFICIAL else url,
            timeout=timeout,
            structured=structured,
            http_client=http_client,
            turn=turn,
        )
        self._options["base_url"] = url

    @property
    def endpoint(self) -> Endpoint:
        return "custom" if self._custom_url else "anthropic"

    @property
    def service(self) -> str:
        return f"the server at {self.base_url}" if self._custom_url else "the Claude API"

    def model_id(self, model: Model) -> str:
        return model.id

    def takes_schema(self, model: Model) -> bool:
        return model.structured_direct

    def connect(self) -> Any:
        import anthropic

        try:
            if self._custom_url and not credential(os.environ):
                return anthropic.Anthropic(api_key=_NO_KEY, **self.options())
            return anthropic.Anthropic(**self.options())
        except (ValueError, TypeError, anthropic.AnthropicError) as error:
            raise ProviderError(
                Trouble.UNUSABLE, f"{self.service} cannot be set up: {error}. {self.advice}", sent=False
            ) from error

    def ping(self, model: Model) -> str:
        try:
            info = self.client().models.retrieve(model.id)
        except Exception as error:
            raise self.translated(error) from error
        return f"{self.service} knows {info.id}"

    def count_tokens(self, request: Request, model: Model) -> int:
        body = wire.body(request, model, self.structured_for(model), model.id)
        del body["max_tokens"]
        try:
            counted = self.client().messages.count_tokens(**body, timeout=min(COUNT_SECONDS, self._timeout))
        except Exception as error:
            raise self.translated(error) from error
        return self.count_of(getattr(counted, "input_tokens", None))


def credential(environment: Mapping[str, str]) -> str | None:
    """The name of the variable that the SDK would take its credential from, in the SDK's order; never a value."""
    names = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE", "ANTHROPIC_FEDERATION_RULE_ID")
    return next((name for name in names if environment.get(name)), None)
