"""Provider for Amazon Bedrock: InvokeModel through the official SDK, with standard AWS credentials and region."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from typing import Any

from dragoman.asking.providers import Received, aws, messages_api
from dragoman.asking.providers.credentials import secrets_in_aws_files
from dragoman.asking.providers.masking import Secrets
from dragoman.asking.providers.sdk import SdkProvider, normal_base_url
from dragoman.core.exchange import Endpoint, Structured
from dragoman.core.models import PROFILE_KINDS, Model, arn_of, profile_prefix, table
from dragoman.core.prices import multiplier
from dragoman.core.request import Request
from dragoman.errors import DragomanError, FailureKind, ProviderError

FREE_SECONDS = 60.0
"""Timeout of each step of a free call or a request for credentials, in seconds; botocore's own default."""

LOOKUP_SECONDS = 10.0
"""Timeout of each step when an inference profile is looked up, in seconds: requests wait for it, and a network that
lets only requests to models through answers nothing at all."""

_CONTROL_ADDRESSES = ("AWS_ENDPOINT_URL_BEDROCK", "AWS_ENDPOINT_URL")
"""Variables with which botocore finds Bedrock's control plane elsewhere."""

_PROFILE_ID = re.compile(r"[a-zA-Z0-9:.-]+")
"""Ids of inference profiles (botocore's service model)."""


class BedrockProvider(SdkProvider):
    """Sends requests to ``bedrock-runtime`` with `anthropic.AnthropicBedrock`; see `SdkProvider`.

    ``inference_profile`` is the prefix before the model id (``global``, ``us``, ``eu`` …); "" sends the bare id.
    ``sent_as`` is an ARN, which is sent in place of the id. With None, ``region`` comes from that ARN, or else, like
    ``profile``, from the environment and the AWS files (`aws.place_of`): the same for requests and for free calls.
    """

    credentials_advice = (
        "Check the AWS credentials (environment, profile or role), that the region offers the model, and that "
        "the account may use it; `dragoman doctor` shows what is found"
    )
    forbidden_advice = (
        "The credentials are valid but have no permission for this: request access to the model (Bedrock console, "
        "Model access, in this region), and bedrock:InvokeModel for the user or role; `dragoman doctor` shows what is "
        "found"
    )

    not_found_hint = "model or region"

    # A prefix such as /v1 stays: InvokeModel has no such path, so it is the gateway's own.
    paths = re.compile(r"/+model(/+[^/?#]+/+invoke)?$|/+v1/+messages$")

    def __init__(
        self,
        *,
        region: str | None = None,
        profile: str | None = None,
        inference_profile: str = "global",
        sent_as: str | None = None,
        base_url: str | None = None,
        timeout: float = 600.0,
        structured: Structured | None = None,
        http_client: Any = None,
        check_environment: bool = True,
    ) -> None:
        url = base_url or os.environ.get("ANTHROPIC_BEDROCK_BASE_URL") or None
        if url:
            url, self.address_note = normal_base_url(url, self.paths)
        super().__init__(
            custom_url=url,
            timeout=timeout,
            structured=structured,
            http_client=http_client,
            check_environment=check_environment,
        )
        self.place = aws.place_of(os.environ, region=region, profile=profile, model=sent_as)
        if http_client is None and check_environment:
            aws.check_certificates(os.environ, self.place)
        self._region = self.place.region.text if self.place.region else None
        if url or self._region:
            # The SDK would take an empty variable for an address.
            self._options["base_url"] = url or f"https://bedrock-runtime.{self._region}.amazonaws.com"
        self._registry.add(secrets_in_aws_files(os.environ))
        self._profile = profile
        self._inference_profile = inference_profile
        self._sent_as = sent_as
        self._behind: Model | ProviderError | None = None
        """The model behind the name that is sent, or why it is not known; None before it was looked up."""
        self._lookup_lock = threading.Lock()
        self._session: Any = None
        """Signs requests and creates clients; None before the first request."""

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
        """The id with its inference profile; ARNs and other names are sent as given."""
        base = model.bedrock or model.id
        if self._sent_as is not None:
            return self._sent_as
        if not self._inference_profile or not base.startswith("anthropic."):
            return base
        return f"{self._inference_profile}.{base}"

    def takes_schema(self, model: Model) -> bool:
        return model.structured_bedrock

    def extra(self, model: Model) -> Mapping[str, Any]:
        # Bedrock supports the SDK's API version only for models from 4.7 on; extra_body overrides it.
        return {"extra_body": {"anthropic_version": model.bedrock_version}} if model.bedrock_version else {}

    @property
    def lookup_failure(self) -> str | None:
        if not isinstance(self._behind, ProviderError):
            return None
        times = self.price_multiplier
        return f"{self._behind}" + (f"; {times} times the list price is assumed" if times != 1 else "")

    def look_up(self, model: Model) -> Model:
        """Ask the control plane which model an inference profile leads to, once."""
        name = self.model_id(model)
        if model.known or model.behind is not None or not self._needs_look_up(name):
            return model
        with self._lookup_lock:
            if self._behind is None:
                try:
                    self._behind = self._model_behind(name)
                except ProviderError as error:
                    self._behind = error
            if isinstance(self._behind, ProviderError):
                raise self._behind.but()
            return model.with_behind(self._behind)

    def _needs_look_up(self, name: str) -> bool:
        """Whether a name may be that of an inference profile that does not say which model it leads to. At another
        address than that of AWS, only an ARN is: a gateway has names of its own."""
        arn = arn_of(name)
        is_profile = arn.kind in PROFILE_KINDS if arn is not None else _PROFILE_ID.fullmatch(name) is not None
        says_model = profile_prefix(name) is not None or name.startswith("anthropic.")
        return is_profile and not says_model and (arn is not None or self._may_ask_aws)

    @property
    def _may_ask_aws(self) -> bool:
        """Whether the control plane may be asked: where requests go to another address than that of AWS, only if its
        address is set too."""
        return self._custom_url is None or any(map(os.environ.get, _CONTROL_ADDRESSES))

    def _model_behind(self, name: str) -> Model:
        if not self._may_ask_aws:
            raise self._lookup_error(name, f"AWS is not asked, because requests go to {self.base_url}")
        self.client()  # whose session knows region and credentials
        with self.translating():
            try:
                found = self._control("bedrock").get_inference_profile(inferenceProfileIdentifier=name)
            except DragomanError:
                raise
            except Exception as error:
                raise self._lookup_error(name, str(error).rstrip(".")) from error
        # botocore does not check answers: a member may be missing.
        arns = [arn_of(str(model.get("modelArn"))) for model in found.get("models") or ()]
        models = {table().find(arn.id) for arn in arns if arn is not None}
        if len(models) != 1 or not all(model.known for model in models):
            names = ", ".join(sorted(model.id for model in models)) or "no model"
            raise self._lookup_error(name, f"it leads to {names}, not to one model of the table")
        if any(arn is not None and not arn.region for arn in arns):
            # Only a profile that may use every region has a model without one among its destinations.
            self._inference_profile = "global"
        return models.pop()

    def _lookup_error(self, name: str, reason: str) -> ProviderError:
        message = f"the model behind {name} could not be looked up (bedrock:GetInferenceProfile): {reason}"
        return ProviderError(FailureKind.UNUSABLE, message, sent=False)

    def _looked_up(self, model: Model) -> Model:
        """The model with what is behind its name, if that can be found out."""
        try:
            return self.look_up(model)
        except ProviderError:
            return model

    def send(self, request: Request, model: Model) -> Received:
        return super().send(request, self._looked_up(model))

    def connect(self) -> Any:
        with self.translating():
            try:
                client = _signing_client(self._signing)(
                    aws_region=self._region, aws_profile=self._profile, **self.options()
                )
                if client.api_key is None:
                    self._use_session(_session_of(client))
            except Exception as error:
                raise self._aws_error(error) from error
        return client

    @contextmanager
    def _signing(self) -> Iterator[None]:
        """Translate what botocore raises, for wrong files and variables, besides its own errors."""
        try:
            yield
        except UnicodeError:  # in a credential: see `messages_api.translate`
            raise
        except (OSError, ValueError) as error:
            raise self._aws_error(error) from error

    def ping(self, model: Model) -> str:
        """Ask the control plane, which is free, whether the region knows the model."""
        name = self.model_id(model)
        arn = arn_of(name)
        with self._translating_aws():
            control = self._control("bedrock")
            if arn is not None and arn.kind == "provisioned-model":
                control.get_provisioned_model_throughput(provisionedModelId=name)
            elif arn.kind == "foundation-model" if arn is not None else name.startswith("anthropic."):
                control.get_foundation_model(modelIdentifier=name)
            else:
                control.get_inference_profile(inferenceProfileIdentifier=name)
        asked = f"; {self.service} was not asked" if self._custom_url else ""
        return f"Amazon Bedrock in {control.meta.region_name} knows {name}{asked}"

    def count_tokens(self, request: Request, model: Model) -> int:
        # Uses boto3: the SDK has no token counting on Bedrock.
        model = self._looked_up(model)
        base = table().models[model.behind] if model.behind is not None else model
        body = self.arguments(request, model, model.id)
        del body["model"]
        body["anthropic_version"] = model.bedrock_version or "bedrock-2023-05-31"
        with self._translating_aws():
            # Base ids only: the service rejects inference profiles here.
            counted = self._control("bedrock-runtime").count_tokens(
                modelId=base.bedrock or base.id, input={"invokeModel": {"body": json.dumps(body)}}
            )
        return self.checked_count(counted.get("inputTokens"))

    def signing_secrets(self) -> Secrets:
        """The credentials that AWS resolved from files, sign-ons or roles, including renewed ones, as signing just read
        them."""
        if self._session is None or os.environ.get("AWS_BEARER_TOKEN_BEDROCK"):
            return Secrets()
        try:
            credentials = self._session.get_credentials()
            frozen = credentials.get_frozen_credentials() if credentials else None
        except Exception:  # signing reports what is wrong with them
            return Secrets()
        return Secrets.of([frozen.access_key, frozen.secret_key, frozen.token]) if frozen else Secrets()

    @property
    def authorities(self) -> str | None:
        return self.place.authorities.text if self.place.authorities else None

    def close(self) -> None:
        if self._session is not None:
            self._session.events.unregister("before-send", self._send_for_botocore)
            self._session = None
        super().close()

    def translate(self, error: Exception) -> ProviderError:
        from botocore.exceptions import BotoCoreError, ClientError

        return self._aws_error(error) if isinstance(error, BotoCoreError | ClientError) else super().translate(error)

    @contextmanager
    def _translating_aws(self) -> Iterator[None]:
        with self.translating():
            try:
                yield
            except DragomanError:
                raise
            except Exception as error:
                raise self._aws_error(error) from error

    def _control(self, service: str) -> Any:
        import boto3

        if self._session is None:
            self._use_session(boto3.Session(profile_name=self._profile, region_name=self._region))
        # What counts tokens gets the article, so it is the server that a run uses, whatever else is set for boto3.
        return self._session.client(
            service, endpoint_url=self._options.get("base_url") if service == "bedrock-runtime" else None
        )

    def _use_session(self, session: Any) -> None:
        """Sign with ``session``, and send all its requests, including those for credentials, through `self.http`."""
        self._session = session
        session.events.register("before-send", self._send_for_botocore)

    def _send_for_botocore(self, request: Any, event_name: str, **_: Any) -> Any:
        """Send a request of botocore: the result of a ``before-send`` handler replaces the answer of its own client.

        Failures are raised as botocore's own errors, so that it retries what it would retry by itself.
        """
        import httpx2
        from botocore.awsrequest import AWSResponse
        from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

        from dragoman.asking.providers import guard

        looks_up = event_name == "before-send.bedrock.GetInferenceProfile"
        seconds = min(LOOKUP_SECONDS if looks_up else FREE_SECONDS, self._timeout)
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

    def _aws_error(self, error: Exception) -> ProviderError:
        message = f"{self.service} cannot be used: {str(error).rstrip('.')}. {self.credentials_advice}"
        return ProviderError(FailureKind.UNUSABLE, message, sent=False)


class _Body:
    """A body that was already read, in the form that `botocore.awsrequest.AWSResponse` expects."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


def _signing_client(signing: Callable[[], AbstractContextManager[None]]) -> Any:
    """The SDK's class of clients, which signs inside ``signing``: the SDK itself lets every exception pass there."""
    import anthropic

    class SigningClient(anthropic.AnthropicBedrock):
        def _prepare_request(self, request: Any) -> None:
            with signing():
                super()._prepare_request(request)

    return SigningClient


def _session_of(client: Any) -> Any:
    """The AWS session with which the SDK signs; the SDK caches one for all clients with the same settings."""
    from anthropic.lib.aws._auth import _get_session

    # In the order that the SDK uses: its cache treats another order as another session.
    return _get_session(
        profile=client.aws_profile,
        region=client.aws_region,
        aws_access_key=client.aws_access_key,
        aws_secret_key=client.aws_secret_key,
        aws_session_token=client.aws_session_token,
    )
