"""Claude on Amazon Bedrock (InvokeModel through the official SDK): standard AWS credentials, region, profile."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

from dragoman.errors import ProviderError, Trouble
from dragoman.exchange import Endpoint, Request, Structured
from dragoman.models import Model
from dragoman.pricing import multiplier
from dragoman.providers import wire
from dragoman.providers.sdk import CONNECT_SECONDS, COUNT_SECONDS, SdkProvider


class Bedrock(SdkProvider):
    """Sends requests to ``bedrock-runtime`` with `anthropic.AnthropicBedrock`; see `SdkProvider`.

    ``inference_profile`` is the prefix before the model id (``global``, ``us``, ``eu`` …); "" sends the bare
    id. ``region`` and ``profile`` None leave them to the AWS chain.
    """

    advice = (
        "Check the AWS credentials (environment, profile or role), that the region offers the model, and that "
        "the account may use it; `dragoman doctor` shows what is found"
    )
    no_right = (
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
        turn: AbstractContextManager[Any] | None = None,
    ) -> None:
        url = base_url or os.environ.get("ANTHROPIC_BEDROCK_BASE_URL")
        super().__init__(custom_url=url, timeout=timeout, structured=structured, http_client=http_client, turn=turn)
        if url:
            self._options["base_url"] = url
        self._region = region
        self._profile = profile
        self._inference_profile = inference_profile

    @property
    def endpoint(self) -> Endpoint:
        return "custom" if self._custom_url else "bedrock"

    @property
    def service(self) -> str:
        return f"the server at {self.base_url}" if self._custom_url else "Amazon Bedrock"

    @property
    def times(self) -> Decimal:
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

        try:
            return anthropic.AnthropicBedrock(aws_region=self._region, aws_profile=self._profile, **self.options())
        except Exception as error:
            raise self._of_aws(error) from error

    def ping(self, model: Model) -> str:
        """Asks the control plane, which is free, whether the region knows the model."""
        name = self.model_id(model)
        try:
            control = self._session().client("bedrock")
            if name == model.bedrock:
                control.get_foundation_model(modelIdentifier=name)
            else:
                control.get_inference_profile(inferenceProfileIdentifier=name)
        except Exception as error:
            raise self._of_aws(error) from error
        return f"{self.service} in {control.meta.region_name} knows {name}"

    def count_tokens(self, request: Request, model: Model) -> int:
        # Through boto3: the SDK has no token counting on Bedrock.
        body = wire.body(request, model, self.structured_for(model), model.id)
        del body["model"]
        body["anthropic_version"] = model.bedrock_version or "bedrock-2023-05-31"
        try:
            counted = (
                self._session()
                .client("bedrock-runtime", config=_in_time(min(COUNT_SECONDS, self._timeout)))
                # Base ids only: the service refuses inference profiles here.
                .count_tokens(modelId=model.bedrock or model.id, input={"invokeModel": {"body": json.dumps(body)}})
            )
        except Exception as error:
            raise self._of_aws(error) from error
        return self.count_of(counted.get("inputTokens"))

    def translated(self, error: Exception) -> ProviderError:
        from botocore.exceptions import BotoCoreError, ClientError

        return self._of_aws(error) if isinstance(error, BotoCoreError | ClientError) else super().translated(error)

    def _session(self) -> Any:
        import boto3

        return boto3.Session(profile_name=self._profile, region_name=self._region)

    def _of_aws(self, error: Exception) -> ProviderError:
        said = str(error).rstrip(".")
        return ProviderError(Trouble.UNUSABLE, f"{self.service} cannot be used: {said}. {self.advice}", sent=False)


def _in_time(seconds: float) -> Any:
    """Settings of a boto3 client that waits no longer than this for an answer."""
    from botocore.config import Config

    return Config(connect_timeout=min(CONNECT_SECONDS, seconds), read_timeout=seconds)
