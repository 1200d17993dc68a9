"""HTTP connections for many threads: each has one of its own, and no reply outlasts its deadline.

One pool for all looks through every connection at each request, and the SDK's time-out is for each read: a
server that sends a byte now and then would hold a worker for ever, in the head of a response as in its body.
Imports the SDK, so it is imported with the first request.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import anthropic
import httpcore2
import httpx2

from dragoman.asking.providers.credentials import SecretRegistry
from dragoman.asking.providers.guard import guard, transports
from dragoman.asking.providers.masking import Secrets

_ONE = httpx2.Limits(max_connections=1, max_keepalive_connections=1)

CONNECT_SECONDS = 10.0
"""How long a connection may take to stand: TCP, a proxy's consent and the TLS handshake together. A healthy one takes
less than a second, and a lost packet of each costs a few."""


class PerThreadClient(httpx2.Client):
    """The SDK's own HTTP client, once for each thread that sends, each under a `guard.Guard`.

    ``seconds`` is the time a request may take from its first byte out to its last byte in; `httpx2.ReadTimeout`
    or `httpx2.WriteTimeout` ends one that takes longer. A connection that does not stand within ``connect`` seconds is
    a `httpx2.ConnectTimeout`; any other failure before the request leaves is a `httpx2.ConnectError`: nothing can have
    been generated. Proxies and certificates come from the environment. ``authorities`` is a file of more certificates
    to trust.
    """

    def __init__(
        self,
        seconds: float,
        registry: SecretRegistry | None = None,
        *,
        connect: float = CONNECT_SECONDS,
        authorities: str | None = None,
    ) -> None:
        self._seconds = seconds
        self._connect = min(connect, seconds)
        self._registry = registry or SecretRegistry(Secrets())
        self._context = httpx2.create_ssl_context()
        if authorities is not None:
            self._context.load_verify_locations(cafile=authorities)
        self._limits = httpx2.Timeout(seconds, connect=self._connect)
        super().__init__(verify=self._context, trust_env=False, timeout=self._limits)
        self._own = threading.local()
        self._made: dict[threading.Thread, httpx2.Client] = {}
        self._lock = threading.Lock()

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """See `httpx2.Client.send`."""
        if not hasattr(self._own, "client"):
            self._own.client, self._own.deadline = self._opened()
        # A request may have less time than most; its time-out for one read is then that of the whole.
        read = request.extensions.get("timeout", {}).get("read")
        deadline: _Deadline = self._own.deadline
        deadline.set(self._seconds if read is None else min(self._seconds, read))
        try:
            response: httpx2.Response = self._own.client.send(request, **options)
        except _UNCLEAR as error:
            if deadline.left_home:
                raise
            if isinstance(error, httpx2.TimeoutException):
                raise httpx2.ConnectTimeout(deadline.why) from error
            raise httpx2.ConnectError(str(error)) from error
        return response

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            made, self._made = self._made, {}
        for client in made.values():
            client.close()
        super().close()

    def _opened(self) -> tuple[httpx2.Client, _Deadline]:
        client = anthropic.DefaultHttpxClient(verify=self._context, limits=_ONE, timeout=self._limits)
        deadline = _Deadline(self._connect)
        # httpx2 has no public place for a custom network backend; tests/unit/asking/providers/test_deadlines.py checks
        # that this one works.
        for transport in transports(client):
            pool = getattr(transport, "_pool", None)
            if pool is not None:
                pool._network_backend = _Network(pool._network_backend, deadline)
        guard(client, self._registry)
        with self._lock:
            for thread in [thread for thread in self._made if not thread.is_alive()]:
                self._made.pop(thread).close()
            self._made[threading.current_thread()] = client
        return client, deadline


_UNCLEAR = (httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError)
"""Failures that say nothing of whether the request had left."""


class _Deadline:
    """When the request of one thread has to be over, and its connection has to stand."""

    def __init__(self, connect: float) -> None:
        self._connect = connect
        self._over = self._stands = float("inf")
        self.left_home = False
        """Whether a byte of the request itself was written: what a proxy is asked for before is none of it."""

    def set(self, seconds: float) -> None:
        self._over = time.monotonic() + seconds
        self._stands = float("inf")
        self.left_home = False

    def connecting(self) -> None:
        """A new connection begins."""
        self._stands = time.monotonic() + self._connect

    def leaves(self, written: bytes) -> None:
        """See whether these bytes are the request: then the connection stands."""
        if not self.left_home and written.startswith(_REQUESTS):
            self.left_home, self._stands = True, float("inf")

    def left(self, timeout: float | None) -> float:
        """Seconds that the next read or write may take, a little above 0 at least: 0 would mean not to wait at all."""
        left = max(min(self._over, self._stands) - time.monotonic(), 0.0005)
        return left if timeout is None else min(left, timeout)

    @property
    def passed(self) -> bool:
        return time.monotonic() >= min(self._over, self._stands)

    @property
    def why(self) -> str:
        return "the whole reply did not come in time" if self.left_home else "no connection in time"


_REQUESTS = (b"POST ", b"GET ", b"PUT ", b"DELETE ", b"HEAD ", b"PATCH ")
"""How requests begin. What is written before them asks a proxy for a tunnel: ``CONNECT``, or the bytes of SOCKS."""


class _Network:
    """A network backend of httpcore2 whose streams are held to a deadline."""

    def __init__(self, network: Any, deadline: _Deadline) -> None:
        self._network, self._deadline = network, deadline

    def connect_tcp(self, *where: Any, **how: Any) -> _Stream:
        self._deadline.connecting()
        how["timeout"] = self._deadline.left(how.get("timeout"))
        return _Stream(self._network.connect_tcp(*where, **how), self._deadline)

    def sleep(self, seconds: float) -> None:
        self._network.sleep(seconds)


class _Stream:
    """A network stream of httpcore2 that reads and writes no longer than its deadline allows."""

    def __init__(self, stream: Any, deadline: _Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._in_time(httpx2.ReadTimeout)
        read: bytes = self._stream.read(max_bytes, self._deadline.left(timeout))
        return read

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._in_time(httpx2.WriteTimeout)
        self._deadline.leaves(buffer)
        self._stream.write(buffer, self._deadline.left(timeout))

    def start_tls(self, *how: Any, **more: Any) -> _Stream:
        self._in_time(httpx2.ConnectTimeout)
        more["timeout"] = self._deadline.left(more.get("timeout"))
        try:
            return _Stream(self._stream.start_tls(*how, **more), self._deadline)
        except httpcore2.ConnectTimeout as error:
            raise httpx2.ConnectTimeout(self._deadline.why) from error

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _in_time(self, late: type[httpx2.TimeoutException]) -> None:
        if self._deadline.passed:
            raise late(self._deadline.why)
