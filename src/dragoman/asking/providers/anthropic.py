"""Provider for the direct Messages API, and for local servers that speak it."""

from __future__ import annotations

import os
import re
from typing import Any
from urllib.parse import urlsplit

from dragoman.asking.providers.credentials import PLACEHOLDER_KEY, secrets_in_files
from dragoman.asking.providers.profiles import Credential, credential_of, notes_on
from dragoman.asking.providers.routes import DEFAULT_PORTS
from dragoman.asking.providers.sdk import COUNT_SECONDS, SdkProvider, normal_base_url, reply_text, without_secrets
from dragoman.core.exchange import Endpoint, Structured
from dragoman.core.models import Model
from dragoman.core.request import Request
from dragoman.errors import ConfigError, FailureKind, ProviderError

OFFICIAL = "https://api.anthropic.com"

TOKEN_SECONDS = 30.0
"""How long the endpoint that issues access tokens may take, in seconds; the SDK's own limit for it."""


class AnthropicProvider(SdkProvider):
    """Sends requests with `anthropic.Anthropic`; see `SdkProvider` for the arguments. ``timeout`` is in seconds.

    Without ``base_url`` and ANTHROPIC_BASE_URL, requests go to the address of the profile whose credential is used, if
    it has one, else to the official address. The credential of such a profile is sent to no other server: raises
    `ConfigError` if that is what the environment asks for.
    """

    forbidden_advice = (
        "The key is valid but has no permission for this: check its workspace and the models that it may use, or use "
        "another key; `dragoman doctor` shows which key is found"
    )

    not_found_hint = "model"

    paths = re.compile(r"/+v1(/+messages(/+count_tokens)?(\?beta=true)?)?$", re.IGNORECASE)

    def __init__(
        self,
        *,
        base_url: str | None = None,
        timeout: float = 600.0,
        structured: Structured | None = None,
        http_client: Any = None,
        check_environment: bool = True,
    ) -> None:
        credential = credential_of(os.environ)
        chosen = base_url or os.environ.get("ANTHROPIC_BASE_URL")
        url, self.address_note = normal_base_url(chosen or credential.base_url or OFFICIAL, self.paths)
        self.credential: Credential | None = credential
        """What is sent to the server; None for a server that gets none of the credentials on this machine."""
        if url != OFFICIAL and not _is_for(credential, url):
            self.credential = None
        elif credential.base_url and _origin(credential.base_url) != _origin(url):
            raise ConfigError(
                f"the base URL is {without_secrets(url)}, but {credential} is for "
                f"{without_secrets(credential.base_url)}, so its token must not be sent there: use that base URL, or "
                "set ANTHROPIC_API_KEY to a key for this server"
            )
        self.credentials_advice = _advice(self.credential)
        super().__init__(
            custom_url=None if url == OFFICIAL else url,
            timeout=timeout,
            structured=structured,
            http_client=http_client,
            check_environment=check_environment,
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
                if self.credential is None:
                    return anthropic.Anthropic(api_key=PLACEHOLDER_KEY, **self.options())
                client = anthropic.Anthropic(**self.options())
            except (ValueError, TypeError, anthropic.AnthropicError) as error:
                raise ProviderError(
                    FailureKind.UNUSABLE,
                    f"{self.service} cannot be set up: {error}. {self.credentials_advice}",
                    sent=False,
                ) from error
        self._check_place(client.credentials)
        self._guard_token_client(client.credentials)
        return client

    def _check_place(self, credentials: Any) -> None:
        """Raise `ProviderError` if the SDK read another address in the profile than this provider did before."""
        place = getattr(credentials, "resolved_base_url", None)
        if place and _origin(place) != _origin(self._options["base_url"]):
            message = f"{self.credential} is for {without_secrets(place)}, not for {self.service}. Run again"
            raise ProviderError(FailureKind.UNUSABLE, message, sent=False)

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


def _is_for(credential: Credential, url: str) -> bool:
    """Whether a credential is meant for a server other than the official one: a variable chooses it, or it belongs to a
    profile for that server. The sign-in that happens to be active on this machine is for no other server."""
    if credential.kind == "none":
        return False
    return credential.chosen or (credential.base_url is not None and _origin(credential.base_url) == _origin(url))


def _origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:  # not an address; `SdkProvider` says so
        return "", url, None


def _advice(credential: Credential | None) -> str:
    """What to do if a credential does not work: which one it was, and why that one."""
    advice = "Set ANTHROPIC_API_KEY (or sign in with a profile), then run again; `dragoman doctor` shows what is found"
    if credential is None:
        return advice
    notes = "".join(f"{note}. " for note in notes_on(os.environ, credential)[:1])
    used = f"The credential in use is {credential}. " if credential.kind != "none" else ""
    return f"{used}{notes}{advice}"
