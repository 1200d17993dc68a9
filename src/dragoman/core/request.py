"""Request: what is asked, and the key under which its reply is found.

Only this module computes the **request key**: ``x1:`` and the SHA-256 of canonical JSON of the neutral request. That is
everything that can change the reply (model, system, messages, schema, effort, thinking, output limit) and nothing else
(endpoint, region, timeouts, workers, paths). A change of the recipe needs a new tag. Whether the schema was sent
natively or inside the prompt is an attribute of the exchange.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from dragoman.core.once import once
from dragoman.core.text import canonical_json, sha256

Thinking = Literal["off", "default"]
Effort = Literal["low", "medium", "high", "xhigh", "max"]

KEY_TAG = "x1:"


@lru_cache(maxsize=64)
def _canonical(text: str) -> str:
    return canonical_json(text)


class JsonSchema(dict[str, Any]):
    """The schema of an answer. It never changes after it was read, so its text is computed once and not per request."""

    @once
    def canonical(self) -> str:
        """The canonical JSON that request keys are computed from."""
        return canonical_json(self)

    @once
    def text(self) -> str:
        """The JSON as it is sent inside a prompt."""
        return json.dumps(self, ensure_ascii=False)


@dataclass(frozen=True)
class Request:
    """The provider-neutral Messages body of one call: one system text, one user turn, one schema.

    ``model`` is the id of the direct API (the Bedrock ids of the same model share it). ``max_tokens`` is the output
    limit in tokens.
    """

    model: str
    system: str
    user: str
    schema: JsonSchema
    max_tokens: int
    effort: Effort | None = None
    thinking: Thinking = "default"

    def __post_init__(self) -> None:
        if not isinstance(self.schema, JsonSchema):
            object.__setattr__(self, "schema", JsonSchema(self.schema))

    def neutral(self) -> dict[str, Any]:
        """The body that the key is computed from."""
        return {
            "model": self.model,
            "system": self.system,
            "messages": [{"role": "user", "content": self.user}],
            "schema": self.schema,
            "effort": self.effort,
            "thinking": self.thinking,
            "max_tokens": self.max_tokens,
        }

    @classmethod
    def from_neutral(cls, body: Mapping[str, Any]) -> Request:
        """The request that `neutral` wrote. Raises KeyError, TypeError or ValueError for anything else."""
        (message,) = body["messages"]
        return cls(
            model=body["model"],
            system=body["system"],
            user=message["content"],
            schema=JsonSchema(body["schema"]),
            max_tokens=body["max_tokens"],
            effort=body["effort"],
            thinking=body["thinking"],
        )

    @once
    def key(self) -> str:
        """``x1:`` and 64 hex digits."""
        # Equals canonical_json(self.neutral()). The longest parts are the same for every article, so they are cached.
        parts = {
            "effort": canonical_json(self.effort),
            "max_tokens": canonical_json(self.max_tokens),
            "messages": f'[{{"content":{canonical_json(self.user)},"role":"user"}}]',
            "model": canonical_json(self.model),
            "schema": self.schema.canonical,
            "system": _canonical(self.system),
            "thinking": canonical_json(self.thinking),
        }
        return KEY_TAG + sha256("{" + ",".join(f'"{name}":{value}' for name, value in parts.items()) + "}")
