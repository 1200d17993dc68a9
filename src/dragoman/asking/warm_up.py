"""Send the first request of each prompt alone: it fills the prompt cache for the others and brings the rate limits.

Other requests of the prompt wait until the first is answered, or until the service fails it; from then on they no
longer wait for one another. They also stop waiting when the first takes too long. If it ends in any other way, the next
request goes alone in its place.

Times are in seconds of any clock. This module has no lock: the `limiter` holds its own around every call.
"""

from __future__ import annotations

LONGEST_WARM_UP = 60.0
"""Seconds for which requests wait for the first one of their prompt: it may hang until its timeout, minutes later."""


class WarmUp:
    """Which prompts may be sent concurrently, and which have their first request in flight.

    A prompt is identified by its digest.
    """

    def __init__(self) -> None:
        self._concurrent: set[str] = set()
        """Prompts whose requests may be sent concurrently: one was answered, or the service failed the first."""
        self._wait_until: dict[str, float] = {}
        """Prompts whose first request is in flight, with the time until which the others wait for it."""

    @property
    def in_progress(self) -> bool:
        """Whether the first request of any prompt is in flight."""
        return bool(self._wait_until)

    def must_wait(self, prompt: str, now: float) -> bool:
        """Whether requests of this prompt wait for its first one."""
        return self._wait_until.get(prompt, 0.0) > now

    def record_sent(self, prompt: str, now: float) -> None:
        """Record that a request is sent. If it is the first of its prompt, the others wait for it."""
        if prompt not in self._concurrent:
            self._wait_until.setdefault(prompt, now + LONGEST_WARM_UP)

    def record_end(self, prompt: str) -> None:
        """Record that a request has ended, whatever its outcome: no other request waits for it any longer."""
        self._wait_until.pop(prompt, None)

    def allow_concurrent(self, prompt: str) -> bool:
        """Allow concurrent requests of a prompt from now on. Returns whether that is new."""
        if prompt in self._concurrent:
            return False
        self._concurrent.add(prompt)
        return True
