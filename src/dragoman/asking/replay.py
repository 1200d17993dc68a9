"""Askers that never send anything: `ReplayAsker` reads recordings, `StoredReplyAsker` the exchanges of one record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from dragoman.asking.counters import Counters
from dragoman.core.article import Article
from dragoman.core.exchange import Exchange
from dragoman.errors import DragomanError, RecordingMissing
from dragoman.store import recordings
from dragoman.store.protocol import EarlierAsk
from dragoman.tasks.answering import Asked
from dragoman.tasks.requests import Call


class ReplayAsker:
    """An `Asker` that has recordings and nothing else: no store, no provider, no network. It buys nothing."""

    buys = False
    price_multiplier = Decimal(1)
    refreshed_after = None
    waiting_for = None
    rescued_to = None

    def __init__(self, library: recordings.Recordings) -> None:
        self.library = library
        self.counters = Counters()

    def ask(self, call: Call, article: Article, *, fresh: bool = False) -> Asked:
        """Return the recorded exchange. Raises `RecordingMissing`, which names the nearest recording."""
        recorded = self.stored_reply(call)
        if recorded is None:
            raise self.library.missing(call.request, article=article.name, task=call.task, prompt=call.prompt.name)
        self.counters.add(hits=1)
        return Asked(recorded, bought=False)

    def stored_reply(self, call: Call) -> Exchange | None:
        """The recorded exchange of a call; None if there is none."""
        recorded = self.library.find(call.request.key)
        if recorded is None and call.parent is not None and call.role != "part":
            recorded = self.library.find_child(call.parent, call.role, call.round, call.items)
        return recorded

    def earlier_rejection(self, call: Call) -> None:
        """None: recordings are replies, and a rejected request has none."""

    def worst_case(self, call: Call) -> None:
        """None: nothing is bought."""

    def has_answered(self, prompts: Sequence[str]) -> bool:
        """True: recordings are replies, so there is no service that has yet to prove that it answers."""
        return True

    def has_reply(self, call: Call) -> bool:
        return self.library.find(call.request.key) is not None

    def earlier_asks(self, article_sha256: str) -> list[EarlierAsk]:
        """Empty: recordings do not say what was asked before them."""
        return []

    def asks_by_name(self, article: str) -> list[EarlierAsk]:
        """Empty: see `Recordings.missing`."""
        return []

    def was_asked_about(self, article: Article) -> bool:
        """True: recordings do not say."""
        return True

    def asked_elsewhere(self, article_sha256: str, task: str) -> bool:
        return False

    def recent_replies(self, most: int) -> list[tuple[Exchange, str | None]]:
        """Empty: recordings of earlier runs say nothing about the prices of this one."""
        return []

    def limits(self) -> None:
        """None: replay has no limits."""

    def on_limit(self, callback: Callable[[dict[str, Any]], None]) -> None:
        """Never calls back: nothing limits replay."""

    def on_rescue(self, callback: Callable[[Path, str], None]) -> None:
        """Never calls back: nothing is paid for, so nothing has to be rescued."""

    def finish(self, error: DragomanError | None) -> DragomanError | None:
        return error


class StoredReplyAsker:
    """Answers with the exchanges behind one record, whatever requests today's prompts would make.

    It returns them in the order in which they were asked, and skips those that are no longer needed.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._exchanges = list(exchanges)
        self._next = 0
        self.counters = Counters()

    def ask(self, call: Call, article: Article, *, fresh: bool = False) -> Asked:
        """Return the next exchange of this task, role and round. Raises `RecordingMissing` if there is none."""
        for index in range(self._next, len(self._exchanges)):
            exchange = self._exchanges[index]
            if (exchange.task, exchange.role, exchange.round) == (call.task, call.role, call.round):
                self._next = index + 1
                self.counters.add(hits=1)
                return Asked(exchange, bought=False)
        raise RecordingMissing(
            f"no stored reply for article {article.name}, task {call.task}, {call.role} {call.round}: "
            "a new run would ask for it"
        )

    def has_reply(self, call: Call) -> bool:
        """Whether an exchange of this task, role and round is among them."""
        place = (call.task, call.role, call.round)
        return any((exchange.task, exchange.role, exchange.round) == place for exchange in self._exchanges)
