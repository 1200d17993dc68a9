"""Counts of one invocation: requests, replies, tokens, and replies saved outside the store.

Money is counted in `budget`.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from dragoman.core.usage import Usage


@dataclass
class Counters:
    """Counts of one invocation, shared by its threads."""

    hits: int = 0
    """Exchanges that were taken from the store or from recordings."""
    replies: int = 0
    """Replies that were bought, readable or not, and are in the store."""
    attempts: int = 0
    """Requests sent, including retries."""
    maybe_paid: int = 0
    """Attempts that brought no readable answer but may have been charged."""
    in_flight: int = 0
    """Requests sent whose reply is not stored yet. Requests that wait for a limit do not count."""
    rescued: int = 0
    """Paid replies that the store did not accept and that were saved elsewhere."""
    lost: int = 0
    """Paid replies that could be saved nowhere."""
    tokens: Counter[str] = field(default_factory=Counter)
    """Tokens of the replies bought: ``input``, ``cache_read``, ``cache_write`` and ``output``."""
    retries: Counter[str] = field(default_factory=Counter)
    """Retries, by why the attempt before failed."""
    other_models: Counter[str] = field(default_factory=Counter)
    """Replies bought that name another model than the one that was asked, by the model that they name."""
    retry_seconds: float = 0.0
    """Seconds waited for retries, all threads together."""
    left_out: set[str] = field(default_factory=set)
    """Fields that requests were sent without, because the service rejects them."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, **counts: int) -> None:
        """Add to counts by name."""
        with self._lock:
            for name, count in counts.items():
                setattr(self, name, getattr(self, name) + count)

    def record_retry(self, why: str, seconds: float) -> None:
        """Count one retry, which begins after ``seconds``."""
        with self._lock:
            self.retries[why] += 1
            self.retry_seconds += seconds

    def record_left_out(self, fields: Iterable[str]) -> None:
        """Note the fields that a request was sent without."""
        with self._lock:
            self.left_out.update(fields)

    def record_other_model(self, name: str) -> None:
        """Count one reply of a model that was not asked."""
        with self._lock:
            self.other_models[name] += 1

    def record_usage(self, usage: Usage | None) -> None:
        """Count the tokens of one reply, as far as the service reported them."""
        if usage is None:
            return
        written = usage.cache_write_5m_tokens + usage.cache_write_1h_tokens
        with self._lock:
            self.tokens.update(
                input=usage.input_tokens, cache_read=usage.cache_read_tokens, cache_write=written,
                output=usage.output_tokens,
            )  # fmt: skip
