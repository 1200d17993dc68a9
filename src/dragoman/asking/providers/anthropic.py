"""Provider for the direct Messages API, and for local servers that speak it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from dragoman.asking.providers.credentials import PLACEHOLDER_KEY, secrets_in_files
from dragoman.asking.providers.sdk import COUNT_SECONDS, SdkProvider, normal_base_url, reply_text
from dragoman.core.exchange import Endpoint, Structured
from dragoman.core.models import Model
from dragoman.core.request import Request
from dragoman.errors import FailureKind, ProviderError

OFFICIAL = "https://api.anthropic.com"

TOKEN_SECONDS = 30.0
"""How long the endpoint that issues access tokens may take, in seconds; the SDK's own limit for it."""


class AnthropicProvider(SdkProvider):
    """Sends requests with `anthropic.Anthropic`; see `SdkProvider` for the arguments. ``timeout`` is in seconds."""

    credentials_advice = (
        "Set ANTHROPIC_API_KEY (or sign in with a profile), then run again; `dragoman doctor` shows what is found"
    )
    forbidden_advice = (
        "The key is valid but has no permission for this: check its workspace and the models that it may use, or use "
        "another key; `dragoman doctor` shows which key is found"
    )

    paths = re.compile(r"/+v1(/+messages(\?beta=true)?)?$")

    def __init__(
        self,
        *,
        base_url: str | None = None,
        timeout: float = 600.0,
        structured: Structured | None = None,
        http_client: Any = None,
    ) -> None:
        url, self.address_note = normal_base_url(
            base_url or os.environ.get("ANTHROPIC_BASE_URL") or OFFICIAL, self.paths
        )
        super().__init__(
            custom_url=None if url == OFFICIAL else url,
            timeout=timeout,
            structured=structured,
            http_client=http_client,
        )
        self._options["base_url"] = url
        self._token_client: Any = None
        """The HTTP client for access tokens; None if the credentials need none."""

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

        with self.translating():
            try:
                if self._custom_url and not credential_variable(os.environ):
                    return anthropic.Anthropic(api_key=PLACEHOLDER_KEY, **self.options())
                client = anthropic.Anthropic(**self.options())
            except (ValueError, TypeError, anthropic.AnthropicError) as error:
                raise ProviderError(
                    FailureKind.UNUSABLE,
                    f"{self.service} cannot be set up: {error}. {self.credentials_advice}",
                    sent=False,
                ) from error
        self._guard_token_client(client.credentials)
        return client

    def _guard_token_client(self, credentials: Any) -> None:
        """Put a guard under requests for access tokens too, and mask the secrets in the profile's file."""
        if not hasattr(credentials, "_http_client"):
            return
        from dragoman.asking.providers.deadlines import PerThreadClient
        from dragoman.asking.providers.guard import guard

        # The SDK has no public way to set this client; tests/unit/asking/providers/test_profiles.py checks that this
        # one works. It is a second client, because a token is requested while another request is in flight.
        if self._http_client is not None:
            self._token_client = guard(self._http_client, self._registry)
        else:
            self._token_client = PerThreadClient(TOKEN_SECONDS, self._registry)
        credentials._http_client = self._token_client
        self._registry.add(secrets_in_files(filter(None, [getattr(credentials, "_credentials_path", None)])))

    def close(self) -> None:
        super().close()
        if self._token_client is not None:
            self._token_client.close()
            self._token_client = None

    def ping(self, model: Model) -> str:
        client = self.client()
        with self.translating():
            answer = client.models.with_raw_response.retrieve(model.id)
            reply_text(answer.http_response)
            info = answer.parse()
        return f"{self.service} knows {info.id}"

    def count_tokens(self, request: Request, model: Model) -> int:
        body = self.arguments(request, model, model.id)
        del body["max_tokens"]
        client = self.client()
        with self.translating():
            counted = client.messages.count_tokens(**body, timeout=min(COUNT_SECONDS, self._timeout))
        return self.checked_count(getattr(counted, "input_tokens", None))


def credential_variable(environment: Mapping[str, str]) -> str | None:
    """The name of the environment variable from which the SDK takes its credential, in the SDK's order of search.

    None if there is none. Never returns a value.
    """
    names = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE", "ANTHROPIC_FEDERATION_RULE_ID")
    return next((name for name in names if environment.get(name)), None)
