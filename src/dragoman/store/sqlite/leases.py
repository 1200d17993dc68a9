"""The leases of a store: who may ask for a key, kept alive by a heartbeat, and binding as long as their owner lives."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import AbstractContextManager
from typing import Protocol

from dragoman.errors import StoreError
from dragoman.store.owner import Clocks, Owner


class Transaction(Protocol):
    """Opens a transaction of the store; one that is not ``durable`` may be undone by a loss of power."""

    def __call__(self, *, durable: bool) -> AbstractContextManager[sqlite3.Connection]: ...


class Leases:
    """Of one open store. A lease is taken for a key within a scope (see `Scope.name`)."""

    def __init__(self, transaction: Transaction, clocks: Clocks) -> None:
        self.owner = Owner.of_this_process()
        self._clocks = clocks
        self._transaction = transaction
        self._lock = threading.Lock()
        self._beating: threading.Event | None = None
        self._held: set[tuple[str, str]] = set()
        """Taken and not given back, by key and scope."""
        self._seen: dict[tuple[str, str], tuple[float | None, float]] = {}
        """Of other machines: until when they said to run, and since when (by `Clocks.beat`) they say so."""

    def take(self, key: str, scope: str) -> bool:
        """Take the right to ask for a key; False while a living owner, here or elsewhere, has it."""
        with self._transaction(durable=False) as db:
            sql = "SELECT owner, expires_at, beat FROM leases WHERE key = ? AND scope = ?"
            held = db.execute(sql, (key, scope)).fetchone()
            if held is not None and self._binds(key, scope, held):
                return False
            db.execute(
                "INSERT OR REPLACE INTO leases (key, scope, owner, expires_at, beat) VALUES (?, ?, ?, ?, ?)",
                (key, scope, str(self.owner), self._clocks.day() + self.owner.lease_seconds, self._clocks.beat()),
            )
        self._held.add((key, scope))
        self._beat()
        return True

    def release(self, key: str, scope: str) -> None:
        """Give a lease back, unless it was given back along with a reply."""
        if (key, scope) in self._held:
            with self._transaction(durable=False) as db:
                self.give_back(db, key, scope)
            self.forget(key, scope)

    def give_back(self, db: sqlite3.Connection, key: str, scope: str) -> None:
        """Give a lease back within a transaction; when that is committed, `forget` it."""
        values = (key, scope, str(self.owner))
        db.execute("DELETE FROM leases WHERE key = ? AND scope = ? AND owner = ?", values)

    def forget(self, key: str, scope: str) -> None:
        self._held.discard((key, scope))

    def end(self, db: sqlite3.Connection) -> None:
        """End the heartbeat and give everything back."""
        if self._beating is not None:
            self._beating.set()
            db.execute("DELETE FROM leases WHERE owner = ?", (str(self.owner),))

    def _binds(self, key: str, scope: str, held: sqlite3.Row) -> bool:
        """Whether a lease still binds. Clocks can be set: of an owner here only its heartbeat and its process count, of
        one elsewhere also how long its lease has stood here without being renewed."""
        try:
            owner = Owner.parse(held["owner"])
        except ValueError as error:
            raise sqlite3.DatabaseError("a lease is damaged") from error
        if owner.is_here and held["beat"] is not None:
            return self._clocks.beat() - held["beat"] < owner.lease_seconds and owner.may_live()
        if held["expires_at"] <= self._clocks.day() or not owner.may_live():
            return False
        seen, since = self._seen.get((key, scope), (None, 0.0))
        if seen != held["expires_at"]:
            since = self._clocks.beat()
            self._seen[key, scope] = held["expires_at"], since
        return self._clocks.beat() - since < owner.lease_seconds

    def _beat(self) -> None:
        """Start, once, the thread that keeps this process's leases alive."""
        with self._lock:
            if self._beating is not None:
                return
            self._beating = threading.Event()
        threading.Thread(target=self._keep_alive, args=(self._beating,), name="dragoman-heartbeat", daemon=True).start()

    def _keep_alive(self, stop: threading.Event) -> None:
        while not stop.wait(self.owner.lease_seconds / 3):
            try:
                with self._transaction(durable=True) as db:
                    expires = self._clocks.day() + self.owner.lease_seconds
                    values = (expires, self._clocks.beat(), str(self.owner))
                    db.execute("UPDATE leases SET expires_at = ?, beat = ? WHERE owner = ?", values)
            except StoreError:
                continue  # the run meets the same trouble at its next commit, and says so
