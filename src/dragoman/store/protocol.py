"""What the rest of Dragoman needs of a store: `ReplyStore`, without a word about the database behind it.

`asking` and `runs` use a store through this protocol only. `sqlite.store.Store` implements it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dragoman.core.exchange import Exchange, Role
from dragoman.core.source import Source
from dragoman.errors import StoreError


@dataclass(frozen=True, slots=True)
class Scope:
    """Which exchanges may serve a run: those of the real services, or those of one custom server."""

    base_url: str | None = None
    """None for the real services, which share their exchanges; otherwise the address of the custom server."""

    @property
    def name(self) -> str:
        """The name that leases are taken under."""
        return self.base_url or "claude"


@dataclass(frozen=True, slots=True)
class StoredExchange:
    """An exchange and the id of its row. Not ``settled`` while the process that bought it is still recording what it
    cost, or after that process died."""

    exchange: Exchange
    row: int
    settled: bool


@dataclass(frozen=True, slots=True)
class EarlierAsk:
    """An earlier first request about an article: enough to say why the article is asked about again."""

    task: str
    prompt: str
    prompt_sha256: str
    model: str
    key: str
    article_sha256: str = ""
    created_at: str = ""
    user: str = ""
    """The user part of the request, where it was asked for: it shows the paragraphs of the article."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A request that a service examined and did not accept. ``article`` is the name of the article that it was about,
    ``message`` that of the error, which holds no credential. ``created_at`` is UTC, ISO 8601, whole seconds."""

    article: str
    article_sha256: str
    status: int
    message: str
    created_at: str


class ReplyRejections(Protocol):
    """Requests that a service rejected for good. ``service`` is the name of an endpoint, or the address of a custom
    server: a request that one service rejects may be accepted by another."""

    def find(self, key: str, service: str) -> Rejection | None:
        """The rejection of a request key by a service, if there was one."""

    def save(self, key: str, service: str, rejection: Rejection) -> None:
        """Remember that a service rejected a request key. The latest rejection of a key counts."""


class ReplyCaches(Protocol):
    """Prepared sources and finished records. Both can always be computed again, so a damaged one counts as absent."""

    def source(self, article_sha256: str, media_type: str, recipe: str) -> Source | None:
        """The source of an article, if it was prepared by the same recipe."""

    def save_source(self, article_sha256: str, media_type: str, recipe: str, source: Source) -> None:
        """Keep a source, so that the slow libraries are not needed for it again."""

    def finished(self, digest: str) -> tuple[str, bytes] | None:
        """(state, record) that `save_finished` kept under a digest."""

    def save_finished(self, digest: str, article_sha256: str, state: str, record: bytes) -> None:
        """Keep a finished record; ``state`` is that of the exchanges it was made from (see `ReplyStore.state`)."""


class ReplyStore(Protocol):
    """A store of exchanges that is open. All methods may be called from any thread and raise `StoreError`.

    Whatever a method writes is committed before it returns.
    """

    @property
    def path(self) -> Path:
        """Where the store is."""

    @property
    def id(self) -> str | None:
        """Distinguishes one store from another; a copy of a store has the same id."""

    @property
    def secret(self) -> bytes | None:
        """Marks recordings of replies that this store could not save (see `seals`). It never leaves the store."""

    @property
    def caches(self) -> ReplyCaches:
        """The caches of this store."""

    @property
    def rejections(self) -> ReplyRejections:
        """The rejected requests that this store remembers."""

    def find(self, key: str, scope: Scope, *, after: int = 0, settled: bool = False) -> StoredExchange | None:
        """The newest exchange with a request key that may serve ``scope``, of the rows with an id above ``after``.

        With ``settled``, only exchanges whose price is recorded (see `settle`). An exchange that was set aside is found
        only with ``after``.
        """

    def find_child(
        self,
        parent: str,
        role: Role,
        number: int,
        scope: Scope,
        *,
        items: str = "",
        after: int = 0,
        settled: bool = False,
    ) -> StoredExchange | None:
        """The newest re-ask, repair or part of a parent key, by role, round and items; its wording does not matter."""

    def find_exact(self, key: str, endpoint: str, created_at: str, base_url: str | None) -> Exchange | None:
        """The very exchange that a record names, whatever its endpoint: to read it again, never to serve a run.

        ``base_url`` distinguishes custom servers, where it is known.
        """

    def save(self, exchange: Exchange) -> int:
        """Commit a reply as it came, and return the id of its row. It serves other requests after `settle`."""

    def settle(
        self,
        row: int,
        cost_usd: str | None,
        price_table: str | None,
        *,
        lease: tuple[str, Scope] | None = None,
        aside: bool = False,
    ) -> None:
        """Record what a saved reply cost, after it was read. From now on it serves other requests.

        The ``lease`` under which it was bought is given back in the same commit. A reply that is set ``aside`` does not
        replace the older answer to the same request.
        """

    def unreachable(self, rows: Mapping[int, str]) -> Iterator[tuple[Exchange | None, StoreError]]:
        """Those of some saved rows that a process that opens the store now would not find: its file is gone or was
        replaced.

        ``rows`` are ids with their request keys. Each row comes with the error that explains it; the exchange is None
        if it cannot be read here either. Rows that were pruned are left out.
        """

    def newest_row(self) -> int:
        """The id of the newest row. Whatever is saved from now on has a higher one."""

    def highest_row_ever(self) -> int:
        """The highest id that was ever given. Pruning does not lower it; in an older copy of the store it is lower."""

    def answered(self, keys: Collection[str], *, custom: bool) -> set[str]:
        """Those of some request keys that a service answered: a custom one, or Claude."""

    def earlier_asks(self, article_sha256: str, scope: Scope) -> list[EarlierAsk]:
        """The first requests about an article with these bytes, newest first."""

    def asks_by_name(self, article: str, scope: Scope) -> list[EarlierAsk]:
        """The newest first requests, and those for further parts, about articles of this name, whatever their bytes;
        newest first, each with its user part."""

    def asked_elsewhere(self, article_sha256: str, task: str, scope: Scope) -> bool:
        """Whether a task was asked about these bytes on a server whose replies do not serve ``scope``."""

    def newest_first_asks(self, model: str, scope: Scope, limit: int) -> list[tuple[Exchange, str | None]]:
        """The newest first requests to a model, each with the language of its article, or None if it is unknown."""

    def newest_answers(self, model: str, prompts: Sequence[str], scope: Scope, limit: int) -> list[Exchange]:
        """The newest replies of a model to prompts with these digests."""

    def state(self, keys: Iterable[str]) -> str:
        """The state of some request keys and their children. It changes with every exchange added or removed."""

    def lease(self, key: str, scope: Scope) -> bool:
        """Take the right to ask for a key. False while a living owner, in this process or another, has it."""

    def release(self, key: str, scope: Scope) -> None:
        """Give a lease back without a reply, unless `settle` already gave it back."""
