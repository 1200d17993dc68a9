"""What the stop reason of a reply means for its text: whether it can be the answer.

The words are those of the Messages API (SDK 2.12, `types/stop_reason.py`), of Bedrock (botocore 1.44, `StopReason` of
``bedrock-runtime``), and of gateways that pass on the reasons of other APIs (``stop``, ``length``, ``SAFETY``).
"""

from __future__ import annotations

import re
from typing import Literal

Ending = Literal["complete", "cut off", "too long", "blocked", "other"]
"""``complete``: the text is the answer. ``cut off``: the output limit was reached. ``too long``: the article does not
fit the model's context. ``blocked``: the model refused, or a filter of the service put its own words, or none, in the
place of the answer. ``other``: the model did something else (``tool_use``, ``pause_turn``, ``malformed_model_output``)
or the reason is unknown: the text is the answer only if it is a valid one."""

_ENDINGS: dict[str, Ending] = {
    "end_turn": "complete",
    "stop_sequence": "complete",
    "stop": "complete",
    "max_tokens": "cut off",
    "max_output_tokens": "cut off",
    "length": "cut off",
    "model_context_window_exceeded": "too long",
    "refusal": "blocked",
}

_FILTER = re.compile(
    r"guardrail|filter|safety|refus|block|moderat|prohibit|policy|sensitive|denied|recitation|spii|harm", re.IGNORECASE
)
"""Words in the stop reasons of filters: ``guardrail_intervened``, ``content_filtered``, ``SAFETY``, ``blocklist``."""


def ending_of(stop_reason: str) -> Ending:
    """What a stop reason means, in any letter case."""
    known = _ENDINGS.get(stop_reason.lower())
    return known or ("blocked" if _FILTER.search(stop_reason) else "other")
