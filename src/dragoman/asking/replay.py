"""Askers that never send anything: `ReplayAsker` reads recordings, `StoredReplyAsker` those of one record."""

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
from dragoman.store.sqlite.store import EarlierAsk
from dragoman.tasks.answering import Asked
from dragoman.tasks.requests import Call


class ReplayAsker:
    """Recordings and nothing else: no store, no provider, no network. An `Asker` that buys nothing."""

    buys = False
    times = Decimal(1)
    refreshed_after = None
    waiting_for = None
    rescued_to = None

    def __init__(self, library: recordings.Recordings) -> None:
        self.library = library
        self.counters = Counters()

    def ask(self, call: Call, article: Article, *, fresh: bool = False) -> Asked:
        """The recorded exchange. Raises `RecordingMissing` with the nearest one."""
        found = self.kept(call)
        if found is None:
            raise self.library.missing(call.request, article=article.name, task=call.task, prompt=call.prompt.name)
        self.counters.add(hits=1)
        return Asked(found, bought=False)

    def kept(self, call: Call) -> Exchange | None:
        """What the recordings have for a call."""
        found = self.library.find(call.request.key)
        if found is None and call.parent is not None and call.role != "part":
            found = self.library.find_child(call.parent, call.role, call.round, call.items)
        return found

    def worst(self, call: Call) -> None:
        """Nothing is bought."""

    def has_answered(self, prompts: Sequence[str]) -> bool:
        """Recordings are replies already: no service has to prove that it answers."""
        return True

    def has_reply(self, call: Call) -> bool:
        return self.library.find(call.request.key) is not None

    def earlier(self, article_sha256: str) -> list[EarlierAsk]:
        """Recordings do not say what was asked before them."""
        return []

    def asked_elsewhere(self, article_sha256: str, task: str) -> bool:
        return False

    def measured(self, most: int) -> list[tuple[Exchange, str | None]]:
        """Recordings of other people's runs say nothing about the prices of this one."""
        return []

    def limits(self) -> None:
        """There are none."""

    def on_limit(self, call: Callable[[dict[str, Any]], None]) -> None:
        """Nothing limits replay."""

    def on_rescue(self, call: Callable[[Path, str], None]) -> None:
        """Nothing is paid for, so nothing has to be rescued."""

    def ended(self, by: DragomanError | None) -> DragomanError | None:
        return by


class StoredReplyAsker:
    """The exchanges that one record rests on, whatever today's prompts would ask.

    They are given back in the order of asking; those that today's reading no longer needs are passed over.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._exchanges = list(exchanges)
        self._next = 0
        self.counters = Counters()

    def ask(self, call: Call, article: Article, *, fresh: bool = False) -> Asked:
        """The next kept exchange of this task, role and round. Raises `RecordingMissing` when there is none."""
        for place in range(self._next, len(self._exchanges)):
            exchange = self._exchanges[place]
            if (exchange.task, exchange.role, exchange.round) == (call.task, call.role, call.round):
                self._next = place + 1
                self.counters.add(hits=1)
                return Asked(exchange, bought=False)
        raise RecordingMissing(
            f"no kept reply for article {article.name}, task {call.task}, {call.role} {call.round}: "
            "`dragoman run` would ask for it"
        )
