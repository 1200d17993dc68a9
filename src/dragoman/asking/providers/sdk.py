"""What both providers share: an SDK client created late, requests without what a service rejects, classified errors."""

from __future__ import annotations

import logging
import os
import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from dragoman.asking.providers import Received, error_answers, messages_api, optional_fields, routes
from dragoman.asking.providers.credentials import SecretRegistry, secrets_in_environment, secrets_in_url
from dragoman.asking.providers.masking import Secrets
from dragoman.asking.providers.wait_hints import rate_limits
from dragoman.core import tracing
from dragoman.core.exchange import Endpoint, Structured
from dragoman.core.models import Model
from dragoman.core.request import Request
from dragoman.errors import ConfigError, DragomanError, FailureKind, Hint, ProviderError

COUNT_SECONDS = 30.0
"""How long counting tokens may take, in seconds: nothing is generated, and the caller can do without the count."""


class SdkProvider(ABC):
    """A provider that uses an SDK client whose ``messages.create`` accepts a Messages body.

    ``custom_url`` is the address of any server other than the official one, else None. Such a server gets the schema in
    the prompt, because some silently ignore ``output_config.format``; ``structured`` overrides that. ``http_client`` is
    passed to the SDK (in tests it has a mock transport).

    No text of the service or of the SDK leaves this class with a credential in it: `guard` masks responses, and this
    class masks exceptions. Raises `ConfigError` for an environment in which no request could be sent; without
    ``check_environment``, the proxies, certificates and headers in it are not looked at.
    """

    credentials_advice: str
    """What to do if the credentials do not work."""
    forbidden_advice: str
    """What to do if the credentials are valid but have no permission for the request."""

    not_found_hint: Hint
    """What helps if the service itself, and not another server, answers that it does not find something."""

    paths: re.Pattern[str]
    """The paths of this service's requests, as people copy them to the end of a base URL."""
    address_note: str | None = None
    """What a user should know about the address; None if it is used as given."""

    def __init__(
        self,
        *,
        custom_url: str | None,
        timeout: float,
        structured: Structured | None,
        http_client: Any,
        check_environment: bool,
    ) -> None:
        if custom_url is not None:
            _check_url(custom_url)
        if http_client is None and check_environment:
            routes.check_environment(os.environ)
        self._custom_url = custom_url
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
        self._left_out: dict[str, frozenset[str]] = {}
        """The fields that the service rejected in a request (`optional_fields`), by the id of the model."""

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
        rejected = 0
        try:
            with self.translating():
                while True:
                    left_out = self._left_out_for(model)
                    arguments = self._arguments(request, model, self.model_id(model), left_out)
                    try:
                        received = self._create(client, {**arguments, **self.extra(model)}, left_out)
                    except Exception as error:
                        self._leave_out_rejected(error, arguments, model)
                        rejected += 1
                    else:
                        return replace(received, rejected_before=rejected)
        except ProviderError as error:
            if not rejected:
                raise
            raise error.but(rejected_before=rejected) from error.__cause__

    def _leave_out_rejected(self, error: Exception, arguments: Mapping[str, Any], model: Model) -> None:
        """Leave out what the service does not know of these arguments, for the rest of the run. The body was rejected,
        so nothing was generated. Raises the error if it has another cause, or if the user requires the schema there.
        """
        rejected = optional_fields.rejected(error_answers.answer_of(error), arguments)
        if not rejected:
            raise error
        if self._structured == "native" and rejected & optional_fields.SCHEMA_FIELDS:
            raise _NativeSchemaRejected from error
        with self._lock:
            self._left_out[model.id] = self._left_out_for(model) | rejected

    def _left_out_for(self, model: Model) -> frozenset[str]:
        return self._left_out.get(model.id, frozenset())

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

    def arguments(self, request: Request, model: Model, sent_as: str) -> dict[str, Any]:
        """Arguments of ``messages.create`` for the model under the name ``sent_as``, without what the service
        rejects."""
        return self._arguments(request, model, sent_as, self._left_out_for(model))

    def _arguments(self, request: Request, model: Model, sent_as: str, left_out: frozenset[str]) -> dict[str, Any]:
        complete = messages_api.body(request, model, self._structured_without(model, left_out), sent_as)
        return optional_fields.without(complete, left_out)

    def _create(self, client: Any, arguments: Mapping[str, Any], left_out: frozenset[str]) -> Received:
        response = client.messages.with_raw_response.create(**arguments).http_response
        return Received(
            body=reply_text(response),
            structured="native" if "format" in arguments.get("output_config", {}) else "prompted",
            model_sent=arguments["model"],
            limits=rate_limits(response.headers),
            left_out=tuple(sorted(left_out)),
        )

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
        return self._structured_without(model, self._left_out_for(model))

    def _structured_without(self, model: Model, left_out: frozenset[str]) -> Structured:
        if self._structured:
            return self._structured
        if self._custom_url or left_out & optional_fields.SCHEMA_FIELDS:
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
        if isinstance(error, _NativeSchemaRejected) and isinstance(error.__cause__, Exception):
            # This model or server cannot accept the schema natively for any article.
            cause = self.translate(error.__cause__)
            return cause.but(
                kind=FailureKind.UNUSABLE, message=f"{cause}. It does not accept the schema natively", hint="schema"
            )
        return messages_api.translate(
            error,
            service=self.service,
            credentials_advice=self.credentials_advice,
            forbidden_advice=self.forbidden_advice,
            not_found_hint="model or address" if self._custom_url else self.not_found_hint,
        )


class _NativeSchemaRejected(Exception):
    """The service rejects the native schema, which the user requires. Raised from the rejection."""


def reply_text(response: Any) -> str:
    """The text of a reply. Raises `ErrorInReply` if it is an error."""
    text: str = response.content.decode("utf-8", "replace")
    answer = error_answers.error_in_reply(text, response.headers)
    if answer is not None:
        raise error_answers.ErrorInReply(answer)
    return text


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
    """Raise `ConfigError` for an address that no request could reach. It may have a password, so it is not named."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError("the base URL is not an address such as http://127.0.0.1:8080 or https://host/prefix")
    if "?" in url or "#" in url:
        raise ConfigError(
            "the base URL has a query or a fragment, so the path of a request cannot be added to it: leave out the ? "
            "or # and what follows it"
        )


def normal_base_url(url: str, paths: re.Pattern[str]) -> tuple[str, str | None]:
    """The base URL without a slash or one of the ``paths`` at its end, which the SDK adds to every request; and a note
    for people if a path was taken away.

    One server has one scope in the store, however its address is written. Only one path is taken away, so that a server
    whose own prefix ends like that is still reached with the path written twice.
    """
    bare = url.strip().rstrip("/")
    normal = paths.sub("", bare).rstrip("/")
    if normal == bare:
        return bare, None
    return normal, f"{bare[len(normal) :]} at the end of the base URL is left out, because every request adds its path"


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
