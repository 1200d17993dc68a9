"""What both services share: one SDK client made late, native schema with its fallback, classified errors."""

from __future__ import annotations

import logging
import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from dragoman.asking.providers import Received, messages_api, routes
from dragoman.asking.providers.credentials import SecretRegistry, secrets_in_environment, secrets_in_url
from dragoman.asking.providers.masking import Secrets
from dragoman.core import tracing
from dragoman.core.exchange import Endpoint, Structured
from dragoman.core.models import Model
from dragoman.core.request import Request
from dragoman.errors import ConfigError, DragomanError, FailureKind, ProviderError

COUNT_SECONDS = 30.0
"""How long counting tokens may take: nothing is generated, and what asks for it can do without."""


class SdkProvider(ABC):
    """A provider over an SDK client whose ``messages.create`` takes a Messages body.

    ``custom_url`` is the address of any server other than the official one, else None. Such a server gets
    the schema in the prompt, because some ignore ``output_config.format`` without a word; ``structured``
    overrules that. ``http_client`` is handed to the SDK (tests give it a mock transport).

    No text of the service or of the SDK leaves here with a credential in it: `guard` masks responses, and this class
    masks exceptions. Raises `ConfigError` for an environment in which no request could be sent.
    """

    advice: str
    """What to do when credentials do not work."""
    forbidden_advice: str
    """What to do when they are known, and have no right to what was asked."""

    def __init__(
        self,
        *,
        custom_url: str | None,
        timeout: float,
        structured: Structured | None,
        http_client: Any,
    ) -> None:
        if custom_url is not None:
            _check(custom_url)
        if http_client is None:
            routes.check(os.environ)
        # One address, one scope: a slash at its end makes no difference.
        self._custom_url = custom_url.rstrip("/") if custom_url else None
        self._structured = structured
        self._timeout = timeout
        self._options: dict[str, Any] = {"max_retries": 0, "open_telemetry": tracing.sdk_option()}
        self._http_client = http_client
        self._registry = SecretRegistry(
            secrets_in_environment(os.environ) | secrets_in_url(custom_url), self.signing_secrets
        )
        self._log_mask = _LogMask(self._registry)
        self._lock = threading.RLock()
        self._client: Any = None
        self._http: Any = None
        self._native_refused: set[str] = set()

    @property
    @abstractmethod
    def endpoint(self) -> Endpoint: ...

    @property
    @abstractmethod
    def service(self) -> str:
        """What people call it."""

    @property
    def base_url(self) -> str | None:
        return without_secrets(self._custom_url) if self._custom_url else None

    @property
    def price_multiplier(self) -> Decimal:
        return Decimal(1)

    @abstractmethod
    def model_id(self, model: Model) -> str:
        """The id as this service wants it."""

    @abstractmethod
    def takes_schema(self, model: Model) -> bool:
        """Whether the model table says that the schema can go natively here."""

    @abstractmethod
    def connect(self) -> Any:
        """A new SDK client. Raises `ProviderError`."""

    def extra(self, model: Model) -> Mapping[str, Any]:
        """More arguments of ``messages.create`` for one model."""
        return {}

    def signing_secrets(self) -> Secrets:
        """Credentials that are known only when a request is signed, and are in no header of it."""
        return Secrets()

    def send(self, request: Request, model: Model) -> Received:
        client = self.client()
        structured = self.structured_for(model)
        with self.translating():
            try:
                return self._create(client, request, model, structured)
            except Exception as error:
                if structured == "prompted" or self._structured or not messages_api.rejects_native_schema(error):
                    raise
                # Nothing was generated: the body was refused. The rest of the run goes prompted at once.
                self._native_refused.add(model.id)
                return self._create(client, request, model, "prompted")

    @contextmanager
    def translating(self) -> Iterator[None]:
        """Turn every exception of the SDK into a `ProviderError`, with no credential in it or in its causes."""
        try:
            yield
            return
        except DragomanError:
            raise
        except Exception as error:
            failed = error
        # Outside of the handler, so that the original is not the context of what is raised instead.
        secrets = self._registry.secrets
        told = self._told(failed)
        if told is None:
            raise secrets.cleaned(failed)
        raise told.but(message=secrets.mask(str(told))) from secrets.cleaned(failed)

    def _told(self, error: Exception) -> ProviderError | None:
        """The error for people; None where it is a bug."""
        try:
            return self.translated(error)
        except Exception as bug:
            if bug is not error:
                raise
            return None

    def _create(self, client: Any, request: Request, model: Model, structured: Structured) -> Received:
        sent_as = self.model_id(model)
        arguments = {**messages_api.body(request, model, structured, sent_as), **self.extra(model)}
        response = client.messages.with_raw_response.create(**arguments).http_response
        return Received(
            response.content.decode("utf-8", "replace"), structured, sent_as, messages_api.limits(response.headers)
        )

    def options(self) -> dict[str, Any]:
        """Arguments of the SDK's client. A server that cannot be reached shows soon; an answer takes its time."""
        import httpx2

        from dragoman.asking.providers.deadlines import CONNECT_SECONDS

        return {
            "timeout": httpx2.Timeout(self._timeout, connect=min(CONNECT_SECONDS, self._timeout)),
            "http_client": self.http(),
            **self._options,
        }

    def http(self) -> Any:
        """The HTTP client for everything that this provider sends, made once."""
        from dragoman.asking.providers.deadlines import PerThreadClient
        from dragoman.asking.providers.guard import guard

        with self._lock:
            if self._http is None and self._http_client is not None:
                self._http = guard(self._http_client, self._registry)
            elif self._http is None:
                self._http = PerThreadClient(self._timeout, self._registry, authorities=self.authorities)
            return self._http

    @property
    def authorities(self) -> str | None:
        """A file of certificates to trust besides those of the environment."""
        return None

    def structured_for(self, model: Model) -> Structured:
        """How the schema of the next request to this model goes."""
        if self._structured:
            return self._structured
        if self._custom_url or model.id in self._native_refused:
            return "prompted"
        return "native" if self.takes_schema(model) else "prompted"

    def client(self) -> Any:
        """The SDK's client, made once, at the first request: importing the SDK takes about a second."""
        with self._lock:
            if self._client is None:
                self._client = self.connect()
                if os.environ.get("ANTHROPIC_LOG"):
                    # The SDK has set up a log of everything, when it was imported.
                    self._mask_logs()
                _ = self._client.messages  # imported when it is first looked at
            return self._client

    def count_of(self, told: Any) -> int:
        """A number of tokens that the service told. Raises `ProviderError` for anything else."""
        if not isinstance(told, int) or isinstance(told, bool) or told < 1:
            raise ProviderError(FailureKind.TRANSIENT, f"{self.service} did not count the tokens", unreadable=True)
        return told

    def _mask_logs(self) -> None:
        for handler in logging.getLogger().handlers:
            handler.addFilter(self._log_mask)

    def close(self) -> None:
        for handler in logging.getLogger().handlers:
            handler.removeFilter(self._log_mask)
        with self._lock:
            if self._client is not None:
                self._client.close()
            elif self._http is not None:
                self._http.close()
            self._client = self._http = None

    def translated(self, error: Exception) -> ProviderError:
        told = messages_api.translate(
            error, service=self.service, advice=self.advice, forbidden_advice=self.forbidden_advice
        )
        if self._structured == "native" and messages_api.rejects_native_schema(error):
            # The same for every article: an order that this model or server cannot follow.
            said = f"{told}. It does not take the schema natively: give --structured prompted, or leave it out"
            return ProviderError(FailureKind.UNUSABLE, said, status=told.status, limits=told.limits)
        return told


class _LogMask(logging.Filter):
    """Takes credentials out of what is logged: the SDK's debug log has addresses as they are."""

    def __init__(self, registry: SecretRegistry) -> None:
        super().__init__()
        self._registry = registry

    def filter(self, record: logging.LogRecord) -> bool:
        mask = self._registry.secrets.mask
        record.msg, record.args = mask(record.getMessage()), None
        if record.exc_info:
            record.exc_text = mask(logging.Formatter().formatException(record.exc_info))
        return True


def _check(url: str) -> None:
    """Raises `ConfigError` for an address that no request could reach."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError("the base URL is no address such as http://127.0.0.1:8080 or https://host/prefix")


def without_secrets(url: str) -> str:
    """An address without user, password, query and fragment: what may be stored and printed."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    try:
        port = parts.port
    except ValueError:  # no number: who shows the address says what is wrong with it
        port = None
    return urlunsplit((parts.scheme, f"{host}:{port}" if port else host, parts.path, "", ""))
