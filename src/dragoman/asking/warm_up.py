"""The first request of a prompt goes alone: it fills the prompt cache for the others, and brings the service's limits.

Others wait until it is answered, or until the service fails it: then they no longer wait for one another. They also
stop waiting when it takes too long. When it ends in any other way, the next one goes alone in its place.

Times are seconds of any clock. There is no lock here: the `limiter` holds its own around every call.
"""

from __future__ import annotations

LONGEST_WARM_UP = 60.0
"""Seconds that others wait for the first request of their prompt: it may hang until its own time-out, minutes later."""


class WarmUp:
    """Which prompts are cached by now, and which are being cached. A prompt is named by its digest."""

    def __init__(self) -> None:
        self._together: set[str] = set()
        """Prompts whose requests go side by side: one was answered, or the service failed the first."""
        self._until: dict[str, float] = {}
        """Prompts whose first request is in flight, and until when others wait for it."""

    @property
    def in_progress(self) -> bool:
        """Whether the first request of any prompt is in flight."""
        return bool(self._until)

    def holds(self, prompt: str, now: float) -> bool:
        """Whether requests of a prompt wait for its first one."""
        return self._until.get(prompt, 0.0) > now

    def left(self, prompt: str, now: float) -> None:
        """A request of a prompt leaves; others wait for it where it is the first one."""
        if prompt not in self._together:
            self._until.setdefault(prompt, now + LONGEST_WARM_UP)

    def ended(self, prompt: str) -> None:
        """A request of a prompt is over, whatever came of it: nobody waits for it any more."""
        self._until.pop(prompt, None)

    def let_together(self, prompt: str) -> bool:
        """From now on requests of a prompt go side by side. Returns whether they did not before."""
        if prompt in self._together:
            return False
        self._together.add(prompt)
        return True
