"""Trouble between a command and the service: faults that last some seconds, and a service that computes its own bill.

A fault is either a behaviour of the service (it answers badly) or a state of the network in front of it (`Front`).
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from dragoman.core.models import table
from tests.support.service import Behaviour, Service, bodies
from tests.support.service.server import Asked

FLOOD = 100_000_000
"""Size in bytes of an error body that no client should read to its end."""

Broken = Literal["refused", "silent", "flood"]
"""What the network does: it accepts no connection; accepts it and sends nothing, not even in TLS; or answers 500 with a
body of `FLOOD` bytes."""


class BillingService(Service):
    """Loopback service that adds up what it charges for each answer, by the list prices of a model.

    An answer that never arrives is charged like one that does.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.billed = Decimal(0)
        self._usage: dict[int, dict[str, Any]] = {}

    def _message(self, asked: Asked, question: bodies.Question, behaviour: Any) -> dict[str, Any]:
        made = super()._message(asked, question, behaviour)
        self._usage[asked.number] = made["usage"]
        return made

    def _write_down(self, asked: Asked, answered: int | str, generated: bool) -> None:
        super()._write_down(asked, answered, generated)
        if generated and asked.costs and asked.question is not None:
            usage = self._usage.get(asked.number) or bodies.usage(asked.question, asked.question.ordinary, warm=False)
            self.billed += price(usage)


def price(usage: dict[str, Any]) -> Decimal:
    """Return the USD price of a usage object at the list prices of the default model."""
    rates = table().find(table().default).rates
    assert rates is not None
    made = usage["cache_creation"]
    amount: Decimal = (
        rates.input * usage["input_tokens"]
        + rates.output * usage["output_tokens"]
        + rates.cache_read * usage["cache_read_input_tokens"]
        + rates.cache_write_5m * made["ephemeral_5m_input_tokens"]
        + rates.cache_write_1h * made["ephemeral_1h_input_tokens"]
    )
    return amount / 1_000_000


class Outage:
    """Fault that begins with request ``at`` and lasts ``seconds``. `over` ends it early.

    ``begun`` is called once, when the fault begins. The object is a script for `Service`.
    """

    def __init__(
        self, fault: Callable[[], Behaviour | None], at: int, seconds: float, begun: Callable[[], None] | None = None
    ) -> None:
        self._fault, self._at, self._seconds = fault, at, seconds
        self._begun = begun or (lambda: None)
        self._until: float | None = None
        self.met = 0
        """Number of requests that met the fault."""

    def __call__(self, number: int, _: dict[str, Any]) -> Behaviour | None:
        if self._until is None and number >= self._at:
            self._until = time.monotonic() + self._seconds
            self._begun()
        if self._until is None or time.monotonic() >= self._until:
            return None
        self.met += 1
        return self._fault()

    def over(self) -> None:
        self._until = 0.0


@dataclass
class Front:
    """Network front of a service, to which a command connects. It forwards all bytes unless `break_` says otherwise."""

    service: Service
    tls: ssl.SSLContext | None = None
    broken: Broken | None = None
    most_taken: int = 0
    """The largest number of bytes of a flood that a client read."""
    refused: int = 0
    """Number of connections that met the fault. Refused connections cannot be counted."""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._port: int = self._listening.getsockname()[1]
        self._closed = False
        threading.Thread(target=self._serve, args=(self._listening,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._port}"

    def break_(self, how: Broken, seconds: float) -> None:
        """Cut all connections, and stay ``broken`` for some seconds."""
        with self._lock:
            self.broken = how
            if how == "refused":
                _stop(self._listening)
        for one in list(self._open):
            _reset(one)
        mending = threading.Timer(seconds, self.mend)
        mending.daemon = True
        mending.start()

    def mend(self) -> None:
        with self._lock:
            if self._closed or self.broken is None:
                return
            if self.broken == "refused":
                self._listening = socket.create_server(("127.0.0.1", self._port), backlog=256)
                threading.Thread(target=self._serve, args=(self._listening,), daemon=True).start()
            self.broken = None

    def close(self) -> None:
        with self._lock:
            self._closed = True
            _stop(self._listening)
        for one in list(self._open):
            _reset(one)

    def _serve(self, listening: socket.socket) -> None:
        while True:
            try:
                taken, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(taken,), daemon=True).start()

    def _talk(self, taken: socket.socket) -> None:
        self._open.add(taken)
        with suppress(OSError), taken:
            if self.broken is not None:
                self.refused += 1
            if self.broken == "silent":
                while self.broken == "silent" and not self._closed:
                    time.sleep(0.05)
                _reset(taken)
            elif self.broken == "flood":
                self._flood(taken)
            else:
                client = self.tls.wrap_socket(taken, server_side=True) if self.tls else taken
                self._open.add(client)
                host, port = self.service.url.removeprefix("http://").split(":")
                with client, socket.create_connection((host, int(port))) as behind:
                    threading.Thread(target=_pass_on, args=(behind, client), daemon=True).start()
                    _pass_on(client, behind)
                self._open.discard(client)
        self._open.discard(taken)

    def _flood(self, taken: socket.socket) -> None:
        taken.recv(65_536)
        head = f"HTTP/1.1 500 Oops\r\ncontent-type: text/plain\r\ncontent-length: {FLOOD}\r\n\r\n"
        taken.sendall(head.encode())
        piece, sent = b"x" * 100_000, 0
        while sent < FLOOD:
            taken.sendall(piece)
            sent += len(piece)
            self.most_taken = max(self.most_taken, sent)


@contextmanager
def fronted(service: Service, tls: ssl.SSLContext | None = None) -> Iterator[Front]:
    """Run a front before a service."""
    front = Front(service, tls)
    try:
        yield front
    finally:
        front.close()


def _stop(listening: socket.socket) -> None:
    """Accept no more connections, and end the thread that waits for one."""
    with suppress(OSError):
        listening.shutdown(socket.SHUT_RDWR)
    listening.close()


def _reset(one: socket.socket) -> None:
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        one.close()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError, ValueError):
        while piece := source.recv(65_536):
            target.sendall(piece)
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
