"""Leases: which process may ask for a key. A heartbeat renews them, and they bind as long as their owner lives."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import AbstractContextManager
from typing import Protocol

from dragoman.errors import StoreError
from dragoman.store.owner import Clocks, Owner


class Transaction(Protocol):
    """Opens a transaction of the store. A loss of power may undo one that is not ``durable``."""

    def __call__(self, *, durable: bool) -> AbstractContextManager[sqlite3.Connection]: ...


class Leases:
    """The leases of one open store. A lease is for a key within a scope (see `Scope.name`)."""

    def __init__(self, transaction: Transaction, clocks: Clocks) -> None:
        self.owner = Owner.of_this_process()
        self._clocks = clocks
        self._transaction = transaction
        self._lock = threading.Lock()
        self._heartbeat: threading.Event | None = None
        self._held: set[tuple[str, str]] = set()
        """The leases taken and not given back, by key and scope."""
        self._seen: dict[tuple[str, str], tuple[float | None, float]] = {}
        """Leases of other machines: when they expire, and since when (by `Clocks.beat`) that has been unchanged."""

    def take(self, key: str, scope: str) -> bool:
        """Take the right to ask for a key. False while a living owner, in this process or another, has it."""
        with self._transaction(durable=False) as db:
            sql = "SELECT owner, expires_at, beat FROM leases WHERE key = ? AND scope = ?"
            lease = db.execute(sql, (key, scope)).fetchone()
            if lease is not None and self._binds(key, scope, lease):
                return False
            db.execute(
                "INSERT OR REPLACE INTO leases (key, scope, owner, expires_at, beat) VALUES (?, ?, ?, ?, ?)",
                (key, scope, str(self.owner), self._clocks.day() + self.owner.lease_seconds, self._clocks.beat()),
            )
        self._held.add((key, scope))
        self._start_heartbeat()
        return True

    def release(self, key: str, scope: str) -> None:
        """Give a lease back, unless that already happened together with a reply."""
        if (key, scope) in self._held:
            with self._transaction(durable=False) as db:
                self.give_back(db, key, scope)
            self.forget(key, scope)

    def give_back(self, db: sqlite3.Connection, key: str, scope: str) -> None:
        """Give a lease back within a transaction; call `forget` after its commit."""
        values = (key, scope, str(self.owner))
        db.execute("DELETE FROM leases WHERE key = ? AND scope = ? AND owner = ?", values)

    def forget(self, key: str, scope: str) -> None:
        """Note that a lease was given back."""
        self._held.discard((key, scope))

    def end(self, db: sqlite3.Connection) -> None:
        """End the heartbeat and give all leases back."""
        if self._heartbeat is not None:
            self._heartbeat.set()
            db.execute("DELETE FROM leases WHERE owner = ?", (str(self.owner),))

    def _binds(self, key: str, scope: str, lease: sqlite3.Row) -> bool:
        """Whether a lease still binds.

        The time of day can be set, so it does not decide alone. For an owner on this machine, its heartbeat and its
        process decide. For an owner on another machine, its lease also ends when it was not renewed for as long as a
        lease lasts, measured here.
        """
        try:
            owner = Owner.parse(lease["owner"])
        except ValueError as error:
            raise sqlite3.DatabaseError("a lease is damaged") from error
        if owner.is_here and lease["beat"] is not None:
            return self._clocks.beat() - lease["beat"] < owner.lease_seconds and owner.may_live()
        if lease["expires_at"] <= self._clocks.day() or not owner.may_live():
            return False
        expires, since = self._seen.get((key, scope), (None, 0.0))
        if expires != lease["expires_at"]:
            since = self._clocks.beat()
            self._seen[key, scope] = lease["expires_at"], since
        return self._clocks.beat() - since < owner.lease_seconds

    def _start_heartbeat(self) -> None:
        """Start the thread that renews the leases of this process, unless it runs already."""
        with self._lock:
            if self._heartbeat is not None:
                return
            self._heartbeat = threading.Event()
        arguments = (self._heartbeat,)
        threading.Thread(target=self._renew_until, args=arguments, name="dragoman-heartbeat", daemon=True).start()

    def _renew_until(self, stop: threading.Event) -> None:
        while not stop.wait(self.owner.lease_seconds / 3):
            try:
                with self._transaction(durable=True) as db:
                    expires = self._clocks.day() + self.owner.lease_seconds
                    values = (expires, self._clocks.beat(), str(self.owner))
                    db.execute("UPDATE leases SET expires_at = ?, beat = ? WHERE owner = ?", values)
            except StoreError:
                continue  # the next commit of the run fails in the same way and reports it
