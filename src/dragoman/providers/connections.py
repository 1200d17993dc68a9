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
import httpx2

_ONE = httpx2.Limits(max_connections=1, max_keepalive_connections=1)


class Connections(httpx2.Client):
    """The SDK's own HTTP client, once for each thread that sends.

    ``seconds`` is the time a request may take from its first byte out to its last byte in; `httpx2.ReadTimeout`
    or `httpx2.WriteTimeout` ends one that takes longer. Proxies and certificates come from the environment.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._context = httpx2.create_ssl_context()
        super().__init__(verify=self._context, trust_env=False)
        self._own = threading.local()
        self._made: dict[threading.Thread, httpx2.Client] = {}
        self._lock = threading.Lock()

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """See `httpx2.Client.send`."""
        if not hasattr(self._own, "client"):
            self._own.client, self._own.deadline = self._opened()
        # A request may have less time than most; its time-out for one read is then that of the whole.
        read = request.extensions.get("timeout", {}).get("read")
        self._own.deadline.set(self._seconds if read is None else min(self._seconds, read))
        response: httpx2.Response = self._own.client.send(request, **options)
        return response

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            made, self._made = self._made, {}
        for client in made.values():
            client.close()
        super().close()

    def _opened(self) -> tuple[httpx2.Client, _Deadline]:
        client = anthropic.DefaultHttpxClient(verify=self._context, limits=_ONE)
        deadline = _Deadline()
        # httpx2 has no public place for a network of one's own; tests/test_connections.py sees that this one works.
        for transport in {id(one): one for one in (client._transport, *client._mounts.values()) if one}.values():
            pool = getattr(transport, "_pool", None)
            if pool is not None:
                pool._network_backend = _Network(pool._network_backend, deadline)
        with self._lock:
            for thread in [thread for thread in self._made if not thread.is_alive()]:
                self._made.pop(thread).close()
            self._made[threading.current_thread()] = client
        return client, deadline


class _Deadline:
    """When the request of one thread has to be over."""

    def __init__(self) -> None:
        self._at = float("inf")

    def set(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self, timeout: float | None) -> float:
        """Seconds that the next read or write may take, a little above 0 at least: 0 would mean not to wait at all."""
        left = max(self._at - time.monotonic(), 0.0005)
        return left if timeout is None else min(left, timeout)

    @property
    def passed(self) -> bool:
        return time.monotonic() >= self._at


class _Network:
    """A network backend of httpcore2 whose streams are held to a deadline."""

    def __init__(self, network: Any, deadline: _Deadline) -> None:
        self._network, self._deadline = network, deadline

    def connect_tcp(self, *where: Any, **how: Any) -> _Stream:
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
        self._stream.write(buffer, self._deadline.left(timeout))

    def start_tls(self, *how: Any, **more: Any) -> _Stream:
        return _Stream(self._stream.start_tls(*how, **more), self._deadline)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _in_time(self, late: type[httpx2.TimeoutException]) -> None:
        if self._deadline.passed:
            raise late("the whole reply did not come in time")
