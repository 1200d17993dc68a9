"""What both providers share: an SDK client created late, the native schema with its fallback, and classified errors."""

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
"""How long counting tokens may take, in seconds: nothing is generated, and the caller can do without the count."""


class SdkProvider(ABC):
    """A provider that uses an SDK client whose ``messages.create`` accepts a Messages body.

    ``custom_url`` is the address of any server other than the official one, else None. Such a server gets the schema in
    the prompt, because some silently ignore ``output_config.format``; ``structured`` overrides that. ``http_client`` is
    passed to the SDK (in tests it has a mock transport).

    No text of the service or of the SDK leaves this class with a credential in it: `guard` masks responses, and this
    class masks exceptions. Raises `ConfigError` for an environment in which no request could be sent.
    """

    credentials_advice: str
    """What to do if the credentials do not work."""
    forbidden_advice: str
    """What to do if the credentials are valid but have no permission for the request."""

    def __init__(
        self,
        *,
        custom_url: str | None,
        timeout: float,
        structured: Structured | None,
        http_client: Any,
    ) -> None:
        if custom_url is not None:
            _check_url(custom_url)
        if http_client is None:
            routes.check_environment(os.environ)
        # One server must have one scope in the store, whether its address ends with a slash or not.
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
        self._without_native_schema: set[str] = set()
        """Ids of models for which the service rejected the native schema."""

    @property
    @abstractmethod
    def endpoint(self) -> Endpoint: ...

    @property
    @abstractmethod
    def service(self) -> str:
        """The name of the service for people."""

    @property
    def base_url(self) -> str | None:
        return without_secrets(self._custom_url) if self._custom_url else None

    @property
    def price_multiplier(self) -> Decimal:
        return Decimal(1)

    @property
    def lookup_failure(self) -> str | None:
        return None

    def look_up(self, model: Model) -> Model:
        return model

    @abstractmethod
    def model_id(self, model: Model) -> str:
        """The id in the form that this service expects."""

    @abstractmethod
    def takes_schema(self, model: Model) -> bool:
        """Whether this service accepts the schema natively for a model, according to the model table."""

    @abstractmethod
    def connect(self) -> Any:
        """Create an SDK client. Raises `ProviderError`."""

    def extra(self, model: Model) -> Mapping[str, Any]:
        """Additional arguments of ``messages.create`` for one model."""
        return {}

    def signing_secrets(self) -> Secrets:
        """Credentials that are known only when a request is signed, and are not in its headers."""
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
                # The body was rejected, so nothing was generated. From now on the schema goes in the prompt.
                self._without_native_schema.add(model.id)
                return self._create(client, request, model, "prompted")

    @contextmanager
    def translating(self) -> Iterator[None]:
        """Turn every exception of the SDK into a `ProviderError` without credentials, also in its causes."""
        try:
            yield
            return
        except DragomanError:
            raise
        except Exception as error:
            failed = error
        # Outside the handler, so that the original is not the context of the new exception.
        secrets = self._registry.secrets
        translated = self._translated(failed)
        if translated is None:
            raise secrets.cleaned(failed)
        raise translated.but(message=secrets.mask(str(translated))) from secrets.cleaned(failed)

    def _translated(self, error: Exception) -> ProviderError | None:
        """The translated error; None if it is a bug."""
        try:
            return self.translate(error)
        except Exception as bug:
            if bug is not error:
                raise
            return None

    def _create(self, client: Any, request: Request, model: Model, structured: Structured) -> Received:
        sent_as = self.model_id(model)
        arguments = {**messages_api.body(request, model, structured, sent_as), **self.extra(model)}
        response = client.messages.with_raw_response.create(**arguments).http_response
        text = response.content.decode("utf-8", "replace")
        return Received(text, structured, sent_as, messages_api.rate_limits(response.headers))

    def options(self) -> dict[str, Any]:
        """Arguments of the SDK's client. Connecting has a short timeout of its own; an answer may take long."""
        import httpx2

        from dragoman.asking.providers.deadlines import CONNECT_SECONDS

        return {
            "timeout": httpx2.Timeout(self._timeout, connect=min(CONNECT_SECONDS, self._timeout)),
            "http_client": self.http(),
            **self._options,
        }

    def http(self) -> Any:
        """The HTTP client for everything that this provider sends, created once."""
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
        """A file of certificates to trust in addition to those of the environment."""
        return None

    def structured_for(self, model: Model) -> Structured:
        """How the schema is sent in the next request to this model."""
        if self._structured:
            return self._structured
        if self._custom_url or model.id in self._without_native_schema:
            return "prompted"
        return "native" if self.takes_schema(model) else "prompted"

    def client(self) -> Any:
        """The SDK's client, created once, at the first request: importing the SDK takes about a second."""
        with self._lock:
            if self._client is None:
                self._client = self.connect()
                if os.environ.get("ANTHROPIC_LOG"):
                    # The SDK set up a log of everything when it was imported.
                    self._mask_logs()
                _ = self._client.messages  # the SDK imports it on first access
            return self._client

    def checked_count(self, count: Any) -> int:
        """The number of tokens that the service returned. Raises `ProviderError` for anything else."""
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            raise ProviderError(FailureKind.TRANSIENT, f"{self.service} did not return a count", unreadable=True)
        return count

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

    def translate(self, error: Exception) -> ProviderError:
        """Classify an exception. Raises unknown exceptions unchanged."""
        translated = messages_api.translate(
            error,
            service=self.service,
            credentials_advice=self.credentials_advice,
            forbidden_advice=self.forbidden_advice,
        )
        if self._structured == "native" and messages_api.rejects_native_schema(error):
            # The user requires the native schema, which this model or server cannot accept for any article.
            message = f"{translated}. It does not accept the schema natively"
            return ProviderError(
                FailureKind.UNUSABLE, message, status=translated.status, limits=translated.limits, hint="schema"
            )
        return translated


class _LogMask(logging.Filter):
    """Masks credentials in log records: the SDK's debug log contains addresses unchanged."""

    def __init__(self, registry: SecretRegistry) -> None:
        super().__init__()
        self._registry = registry

    def filter(self, record: logging.LogRecord) -> bool:
        mask = self._registry.secrets.mask
        record.msg, record.args = mask(record.getMessage()), None
        if record.exc_info:
            record.exc_text = mask(logging.Formatter().formatException(record.exc_info))
        return True


def _check_url(url: str) -> None:
    """Raise `ConfigError` for an address that no request could reach."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError("the base URL is not an address such as http://127.0.0.1:8080 or https://host/prefix")


def without_secrets(url: str) -> str:
    """An address without user, password, query and fragment, which may be stored and printed."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    try:
        port = parts.port
    except ValueError:  # not a number; the caller reports what is wrong with the address
        port = None
    return urlunsplit((parts.scheme, f"{host}:{port}" if port else host, parts.path, "", ""))
