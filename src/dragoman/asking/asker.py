"""What the rest of the program needs of an asker: one reply for one call, and what a run reports about its asking.

`asking.LiveAsker` takes replies from the store or buys them; `replaying.ReplayAsker` reads recordings and never sends
anything. Whoever has an `Asker` asks it what it can do instead of looking at its class.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from dragoman.asking.counters import Counters
from dragoman.core.article import Article
from dragoman.core.exchange import Exchange
from dragoman.errors import DragomanError
from dragoman.store.protocol import EarlierAsk
from dragoman.tasks.answering import Asked
from dragoman.tasks.requests import Call


class Asker(Protocol):
    """Answers calls, and says what it did. Any number of threads may use one asker."""

    counters: Counters

    def ask(self, call: Call, article: Article, *, fresh: bool = False) -> Asked:
        """A stored exchange, or a new one. ``fresh`` asks again whatever is stored (never in replay)."""
        ...

    def kept(self, call: Call) -> Exchange | None:
        """The stored exchange that would serve a call; None where it would have to be asked for."""
        ...

    # What may be bought, and at which price

    @property
    def buys(self) -> bool:
        """Whether this asker can send requests at all, and so spend money."""
        ...

    @property
    def times(self) -> Decimal:
        """What requests cost as a multiple of the list price."""
        ...

    def worst(self, call: Call) -> Decimal | None:
        """USD that one attempt may cost at most; None without a price, and where nothing is bought."""
        ...

    # What was asked before

    @property
    def refreshed_after(self) -> int | None:
        """The row of the store up to which nothing serves this run; None where everything may."""
        ...

    def has_answered(self, prompts: Sequence[str]) -> bool:
        """Whether replies to these prompts (their digests) are known to come, in this run or an earlier one."""
        ...

    def has_reply(self, call: Call) -> bool:
        """Whether exactly this request has a stored reply, usable or not."""
        ...

    def earlier(self, article_sha256: str) -> list[EarlierAsk]:
        """Earlier first asks about an article's bytes, newest first."""
        ...

    def asked_elsewhere(self, article_sha256: str, task: str) -> bool:
        """Whether a task was asked about an article's bytes on a server whose replies do not serve this run."""
        ...

    def measured(self, most: int) -> list[tuple[Exchange, str | None]]:
        """The newest ``most`` stored replies of this run's model, each with the language of its article."""
        ...

    # What a run reports

    @property
    def waiting_for(self) -> str | None:
        """What holds requests back now, for people; None when nothing does."""
        ...

    def limits(self) -> dict[str, Any] | None:
        """What a run remembers of its rate limits; None where there are none."""
        ...

    @property
    def rescued_to(self) -> Path | None:
        """The folder with paid replies that the store did not take; None while there are none."""
        ...

    def on_limit(self, call: Callable[[dict[str, Any]], None]) -> None:
        """``call`` is called with the first refusal of each burst, and with each step of an outage."""
        ...

    def on_rescue(self, call: Callable[[Path, str], None]) -> None:
        """``call`` is called once, at the first paid reply that the store did not take: with the folder it is in, and
        the command that imports that folder."""
        ...

    def ended(self, by: DragomanError | None) -> DragomanError | None:
        """What ended the run, with where its paid replies are if the store does not have them. Called when nothing
        more is bought."""
        ...
