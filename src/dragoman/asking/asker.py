"""What other packages need from an asker: a reply for a call, and facts about its requests for the run's report.

`ask.LiveAsker` takes replies from the store or buys them; `replay.ReplayAsker` reads recordings and never sends
anything. Code that has an `Asker` uses these methods and never looks at its class.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from dragoman.asking.counters import Counters
from dragoman.core.article import Article
from dragoman.core.exchange import Exchange
from dragoman.errors import DragomanError, ProviderError
from dragoman.store.protocol import EarlierAsk
from dragoman.tasks.answering import Asked
from dragoman.tasks.requests import Call


class Asker(Protocol):
    """Answers calls and reports what it did. Any number of threads may use one asker."""

    counters: Counters

    def ask(self, call: Call, article: Article, *, fresh: bool = False) -> Asked:
        """Return a stored exchange, or a new one. With ``fresh``, ask even if one is stored (never in replay)."""
        ...

    def stored_reply(self, call: Call) -> Exchange | None:
        """The stored exchange that would answer a call; None if the call would have to be sent."""
        ...

    def earlier_rejection(self, call: Call) -> ProviderError | None:
        """The error with which the service rejected exactly this request in an earlier run, so that it is not sent
        again; None if the request would be sent."""
        ...

    # What may be bought, and at which price

    @property
    def buys(self) -> bool:
        """Whether this asker can send requests at all, and so spend money."""
        ...

    @property
    def price_multiplier(self) -> Decimal:
        """What requests cost as a multiple of the list price."""
        ...

    def worst_case(self, call: Call) -> Decimal | None:
        """USD that one attempt may cost at most; None if there is no price, or nothing is bought."""
        ...

    # What was asked before

    @property
    def refreshed_after(self) -> int | None:
        """The row of the store up to which no reply is used in this run; None if every reply may be used."""
        ...

    def has_answered(self, prompts: Sequence[str]) -> bool:
        """Whether the service has answered these prompts (their digests), in this run or an earlier one."""
        ...

    def has_reply(self, call: Call) -> bool:
        """Whether exactly this request has a stored reply, usable or not."""
        ...

    def earlier_asks(self, article_sha256: str) -> list[EarlierAsk]:
        """Earlier first requests about an article with these bytes, newest first."""
        ...

    def asks_by_name(self, article: str) -> list[EarlierAsk]:
        """The newest first requests about articles of this name, whatever their bytes, with what they showed."""
        ...

    def was_asked_about(self, article: Article) -> bool:
        """Whether anything may have been asked before about an article with these bytes or of this name."""
        ...

    def asked_elsewhere(self, article_sha256: str, task: str) -> bool:
        """Whether a task was asked about these bytes on a server whose replies are not used in this run."""
        ...

    def recent_replies(self, most: int) -> list[tuple[Exchange, str | None]]:
        """The newest ``most`` stored replies of this run's model, each with the language of its article."""
        ...

    # What a run reports

    @property
    def waiting_for(self) -> str | None:
        """What holds requests back now, for people; None if nothing does."""
        ...

    def limits(self) -> dict[str, Any] | None:
        """The limits of the run, in the form of `run.json`; None if it has none."""
        ...

    @property
    def rescued_to(self) -> Path | None:
        """The folder with paid replies that the store did not accept; None while there are none."""
        ...

    def on_limit(self, callback: Callable[[dict[str, Any]], None]) -> None:
        """Have ``callback`` called with the first throttled request of each burst and each step of an outage."""
        ...

    def on_rescue(self, callback: Callable[[Path, str], None]) -> None:
        """Have ``callback`` called once, at the first paid reply that the store does not accept: with the folder that
        holds it, and the command that imports that folder."""
        ...

    def finish(self, error: DragomanError | None) -> DragomanError | None:
        """Save replies that disappeared from the store, and return the error that ended the run.

        If there are paid replies outside the store, the returned error says where. Called when nothing more is bought.
        """
        ...
