"""Counts of one invocation: requests, replies, tokens, and what was kept elsewhere. Money is counted in `limits`."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

from dragoman.core.exchange import Usage


@dataclass
class Counters:
    """Counts of one invocation, shared by its threads. Money is counted by the `Budget`."""

    hits: int = 0
    """Exchanges that were kept, and not asked for."""
    replies: int = 0
    """Those that were bought, readable or not, and are in the store."""
    attempts: int = 0
    """Requests that left, those of retries too."""
    maybe_paid: int = 0
    """Attempts that brought no answer that can be read, and may have been charged all the same."""
    in_flight: int = 0
    """Requests on their way now: sent, and no reply of theirs is stored yet. What waits for a limit is not."""
    rescued: int = 0
    """Paid replies that the store did not take and that are kept elsewhere."""
    lost: int = 0
    """Those that could be kept nowhere."""
    tokens: Counter[str] = field(default_factory=Counter)
    """Of the replies that were bought: ``input``, ``cache_read``, ``cache_write`` and ``output``."""
    retries: Counter[str] = field(default_factory=Counter)
    """Attempts that were made again, by why the one before failed."""
    retry_seconds: float = 0.0
    """What was waited for them, all threads together."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, **counts: int) -> None:
        """Count up by name."""
        with self._lock:
            for name, count in counts.items():
                setattr(self, name, getattr(self, name) + count)

    def retried(self, why: str, seconds: float) -> None:
        """Count one attempt that is made again after ``seconds``."""
        with self._lock:
            self.retries[why] += 1
            self.retry_seconds += seconds

    def used(self, usage: Usage | None) -> None:
        """Count the tokens of one reply, as far as the service told them."""
        if usage is None:
            return
        written = usage.cache_write_5m_tokens + usage.cache_write_1h_tokens
        with self._lock:
            self.tokens.update(
                input=usage.input_tokens, cache_read=usage.cache_read_tokens, cache_write=written,
                output=usage.output_tokens,
            )  # fmt: skip
