"""Claude on Amazon Bedrock (InvokeModel through the official SDK): standard AWS credentials, region, profile."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from dragoman.asking.providers import messages_api
from dragoman.asking.providers.credentials import secrets_in_aws_files
from dragoman.asking.providers.masking import Secrets
from dragoman.asking.providers.routes import check_bundle
from dragoman.asking.providers.sdk import SdkProvider
from dragoman.core.exchange import Endpoint, Structured
from dragoman.core.models import Model
from dragoman.core.prices import multiplier
from dragoman.core.request import Request
from dragoman.errors import DragomanError, FailureKind, ProviderError

FREE_SECONDS = 60.0
"""How long a part of a free call, or of one for credentials, may be waited for; the time that botocore itself takes."""


class BedrockProvider(SdkProvider):
    """Sends requests to ``bedrock-runtime`` with `anthropic.AnthropicBedrock`; see `SdkProvider`.

    ``inference_profile`` is the prefix before the model id (``global``, ``us``, ``eu`` …); "" sends the bare
    id. ``region`` and ``profile`` None leave them to the AWS chain.
    """

    advice = (
        "Check the AWS credentials (environment, profile or role), that the region offers the model, and that "
        "the account may use it; `dragoman doctor` shows what is found"
    )
    forbidden_advice = (
        "The credentials are known, but have no right to this: ask for access to the model (Bedrock console, Model "
        "access, in this region), and for bedrock:InvokeModel for the user or role; `dragoman doctor` shows what is "
        "found"
    )

    def __init__(
        self,
        *,
        region: str | None = None,
        profile: str | None = None,
        inference_profile: str = "global",
        base_url: str | None = None,
        timeout: float = 600.0,
        structured: Structured | None = None,
        http_client: Any = None,
    ) -> None:
        url = base_url or os.environ.get("ANTHROPIC_BEDROCK_BASE_URL")
        super().__init__(custom_url=url, timeout=timeout, structured=structured, http_client=http_client)
        if url:
            self._options["base_url"] = url
        if http_client is None:
            check_bundle(os.environ)
        self._registry.learn(secrets_in_aws_files(os.environ))
        self._region = region
        self._profile = profile
        self._inference_profile = inference_profile
        self._session: Any = None
        """Signs and makes clients; None before the first request."""

    @property
    def endpoint(self) -> Endpoint:
        return "custom" if self._custom_url else "bedrock"

    @property
    def service(self) -> str:
        return f"the server at {self.base_url}" if self._custom_url else "Amazon Bedrock"

    @property
    def price_multiplier(self) -> Decimal:
        return multiplier("bedrock", self._inference_profile or None)

    def model_id(self, model: Model) -> str:
        """The id with its inference profile; ARNs and other names go as given."""
        base = model.bedrock or model.id
        if not self._inference_profile or not base.startswith("anthropic."):
            return base
        return f"{self._inference_profile}.{base}"

    def takes_schema(self, model: Model) -> bool:
        return model.structured_bedrock

    def extra(self, model: Model) -> Mapping[str, Any]:
        # The SDK's API version is served on Bedrock for 4.7 and later only; what is in extra_body wins over it.
        return {"extra_body": {"anthropic_version": model.bedrock_version}} if model.bedrock_version else {}

    def connect(self) -> Any:
        import anthropic

        with self.translating():
            try:
                client = anthropic.AnthropicBedrock(
                    aws_region=self._region, aws_profile=self._profile, **self.options()
                )
                if client.api_key is None:
                    self._use(_session_of(client))
            except Exception as error:
                raise self._of_aws(error) from error
        return client

    def ping(self, model: Model) -> str:
        """Asks the control plane, which is free, whether the region knows the model."""
        name = self.model_id(model)
        with self._asking_aws():
            control = self._control("bedrock")
            if name == model.bedrock:
                control.get_foundation_model(modelIdentifier=name)
            else:
                control.get_inference_profile(inferenceProfileIdentifier=name)
        return f"{self.service} in {control.meta.region_name} knows {name}"

    def count_tokens(self, request: Request, model: Model) -> int:
        # Through boto3: the SDK has no token counting on Bedrock.
        body = messages_api.body(request, model, self.structured_for(model), model.id)
        del body["model"]
        body["anthropic_version"] = model.bedrock_version or "bedrock-2023-05-31"
        with self._asking_aws():
            # Base ids only: the service refuses inference profiles here.
            counted = self._control("bedrock-runtime").count_tokens(
                modelId=model.bedrock or model.id, input={"invokeModel": {"body": json.dumps(body)}}
            )
        return self.count_of(counted.get("inputTokens"))

    def signing_secrets(self) -> Secrets:
        """The credentials that AWS resolved, renewed ones too: files, sign-on, roles. Signing has just read them."""
        if self._session is None or os.environ.get("AWS_BEARER_TOKEN_BEDROCK"):
            return Secrets()
        try:
            found = self._session.get_credentials()
            frozen = found.get_frozen_credentials() if found else None
        except Exception:  # signing says what is wrong with them
            return Secrets()
        return Secrets.of([frozen.access_key, frozen.secret_key, frozen.token]) if frozen else Secrets()

    @property
    def authorities(self) -> str | None:
        return os.environ.get("AWS_CA_BUNDLE") or None

    def close(self) -> None:
        if self._session is not None:
            self._session.events.unregister("before-send", self._sent_by_us)
            self._session = None
        super().close()

    def translated(self, error: Exception) -> ProviderError:
        from botocore.exceptions import BotoCoreError, ClientError

        return self._of_aws(error) if isinstance(error, BotoCoreError | ClientError) else super().translated(error)

    @contextmanager
    def _asking_aws(self) -> Iterator[None]:
        with self.translating():
            try:
                yield
            except DragomanError:
                raise
            except Exception as error:
                raise self._of_aws(error) from error

    def _control(self, service: str) -> Any:
        import boto3

        if self._session is None:
            self._use(boto3.Session(profile_name=self._profile, region_name=self._region))
        return self._session.client(service)

    def _use(self, session: Any) -> None:
        """Sign with ``session``, and have all that it sends, for credentials too, go through our own HTTP client."""
        self._session = session
        session.events.register("before-send", self._sent_by_us)

    def _sent_by_us(self, request: Any, event_name: str, **_: Any) -> Any:
        """Send a request of botocore: what a handler of ``before-send`` returns takes the place of its own client's
        answer. Failures are botocore's own, so that it tries again what it would have tried."""
        import httpx2
        from botocore.awsrequest import AWSResponse
        from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

        from dragoman.asking.providers import guard

        seconds = min(FREE_SECONDS, self._timeout)
        extensions: dict[str, Any] = {"timeout": httpx2.Timeout(seconds).as_dict()}
        if not event_name.startswith("before-send.bedrock"):
            extensions[guard.RETURNS_CREDENTIALS] = True
        headers = [(name, value) for name, value in request.headers.items() if value is not None]
        sent = httpx2.Request(request.method, request.url, headers=headers, content=request.body, extensions=extensions)
        try:
            response = self.http().send(sent)
        except httpx2.ConnectTimeout as error:
            raise ConnectTimeoutError(endpoint_url=request.url, error=error) from error
        except httpx2.TimeoutException as error:
            raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
        except httpx2.TransportError as error:
            raise EndpointConnectionError(endpoint_url=request.url, error=error) from error
        if response.is_redirect:
            raise messages_api.redirect_error(self.service, response)
        return AWSResponse(request.url, response.status_code, dict(response.headers), _Body(response.content))

    def _of_aws(self, error: Exception) -> ProviderError:
        said = str(error).rstrip(".")
        return ProviderError(FailureKind.UNUSABLE, f"{self.service} cannot be used: {said}. {self.advice}", sent=False)


class _Body:
    """A body that was read, in the form that `botocore.awsrequest.AWSResponse` reads."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


def _session_of(client: Any) -> Any:
    """The AWS session with which the SDK signs: it keeps one for all clients with the same settings."""
    from anthropic.lib.aws._auth import _get_session

    # In the order in which the SDK names them: the cache takes another order for another session.
    return _get_session(
        profile=client.aws_profile,
        region=client.aws_region,
        aws_access_key=client.aws_access_key,
        aws_secret_key=client.aws_secret_key,
        aws_session_token=client.aws_session_token,
    )
