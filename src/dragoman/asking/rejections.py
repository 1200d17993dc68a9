"""Remember the single requests that the service rejects for good: too long, filtered, not accepted.

Such a request costs nothing, but to send it in every run takes time and fails each time. It is remembered only once the
service has answered another request with the same prompt, before or after it in the same run: until then a wrong
setting may be at fault, and after its correction the requests must be sent again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from dragoman.core.article import Article
from dragoman.errors import FailureKind, ProviderError
from dragoman.store.protocol import Rejection, ReplyRejections
from dragoman.tasks.requests import Call


class Rejections:
    """The rejected requests of one ``service`` in a store.

    ``has_answer`` says whether the store has an answer of this service to a prompt, by the digest of the prompt. Any
    number of threads may use it at once.
    """

    def __init__(
        self,
        stored: ReplyRejections,
        service: str,
        has_answer: Callable[[str], bool],
        now: Callable[[], datetime],
    ) -> None:
        self._stored = stored
        self._service = service
        self._has_answer = has_answer
        self._now = now
        self._lock = threading.Lock()
        self._answered: dict[str, bool] = {}
        """By digest of a prompt: whether the service has answered it; only for prompts that were looked up."""
        self._waiting: dict[str, list[tuple[str, Rejection]]] = {}
        """Rejections of prompts that the service has not answered yet, by digest of the prompt."""

    def find(self, call: Call) -> ProviderError | None:
        """The error of an earlier run in which the service rejected exactly this request; None if there is none."""
        rejection = self._stored.find(call.request.key, self._service)
        if rejection is None:
            return None
        return ProviderError(
            FailureKind.ARTICLE, rejection.message, status=rejection.status, request_key=call.request.key,
            sent=False, remembered=True, attempts=0,
        )  # fmt: skip

    def record_rejection(self, call: Call, article: Article, error: ProviderError) -> None:
        """Remember that a request failed with ``error``, if that is permanent."""
        if not error.permanent or error.status is None:
            return
        stamp = self._now().strftime("%Y-%m-%dT%H:%M:%SZ")
        rejection = Rejection(article.name, article.sha256, error.status, str(error), stamp)
        prompt = call.prompt.sha256
        with self._lock:
            if prompt not in self._answered:
                self._answered[prompt] = self._has_answer(prompt)
            if not self._answered[prompt]:
                self._waiting.setdefault(prompt, []).append((call.request.key, rejection))
                return
        self._stored.save(call.request.key, self._service, rejection)

    def record_answer(self, call: Call) -> None:
        """Note that the service answered a request, and save the rejections that waited for that."""
        with self._lock:
            self._answered[call.prompt.sha256] = True
            waiting = self._waiting.pop(call.prompt.sha256, [])
        for key, rejection in waiting:
            self._stored.save(key, self._service, rejection)
