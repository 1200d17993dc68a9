"""HTTP connections for many threads: each thread has its own, and no request outlasts its deadline.

A shared pool would search all its connections at every request. The SDK's timeout applies to each read, so a server
that sends a byte now and then could hold a thread for ever, in the headers of a response as well as in its body.

This module imports the SDK, so it is imported with the first request.
"""

from __future__ import annotations

import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import anthropic
import httpcore2
import httpx2

from dragoman.asking.providers.credentials import SecretRegistry
from dragoman.asking.providers.guard import guard
from dragoman.asking.providers.masking import Secrets
from dragoman.asking.providers.routes import Proxy, Routes, routes, routes_of_the_system
from dragoman.errors import FailureKind, ProviderError

_ONE_CONNECTION = httpx2.Limits(max_connections=1, max_keepalive_connections=1)

CONNECT_SECONDS = 10.0
"""How long connecting may take, in seconds: TCP, the proxy's consent and the TLS handshake together. A healthy
connection takes less than a second; one lost packet in each step costs a few."""


class PerThreadClient(httpx2.Client):
    """The SDK's own HTTP client, one for each thread that sends, each with a `guard.Guard`.

    ``seconds`` is the time from the first byte sent to the last byte received; a longer request ends with
    `httpx2.ReadTimeout` or `httpx2.WriteTimeout`. If the connection is not established within ``connect`` seconds, that
    is a `httpx2.ConnectTimeout`; any other failure before the request is sent is a `httpx2.ConnectError`: nothing can
    have been generated. If a proxy is in the way, the error names its variable. Proxies and certificates come from the
    environment. ``authorities`` is a file of further certificates to trust. Raises `ConfigError` for an environment
    that no request could use.
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
        self._routes = routes(os.environ)
        if not self._routes.proxies:
            self._routes = routes_of_the_system()
        self._limits = httpx2.Timeout(seconds, connect=self._connect)
        super().__init__(verify=self._context, trust_env=False, timeout=self._limits)
        self._local = threading.local()
        self._clients: dict[threading.Thread, httpx2.Client] = {}
        self._lock = threading.Lock()

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """See `httpx2.Client.send`."""
        if not hasattr(self._local, "client"):
            self._local.client, self._local.deadline = self._open()
        # A request may have a shorter timeout of its own; its timeout for one read then applies to the whole request.
        read = request.extensions.get("timeout", {}).get("read")
        deadline: _Deadline = self._local.deadline
        deadline.set(self._seconds if read is None else min(self._seconds, read))
        try:
            response: httpx2.Response = self._local.client.send(request, **options)
        except httpx2.ProxyError as error:
            raise self._proxy_error(error, request.url) from error
        except _MAYBE_BEFORE_SENDING as error:
            if deadline.request_started:
                raise
            through = self._through(request.url)
            if isinstance(error, httpx2.TimeoutException):
                raise httpx2.ConnectTimeout(f"{deadline.why}{through}") from error
            raise httpx2.ConnectError(f"{error}{through}") from error
        return response

    def _through(self, url: httpx2.URL) -> str:
        """`` through the proxy of HTTPS_PROXY``; "" if requests to this address use no proxy."""
        proxy = _proxy_for(self._routes, url)
        return f" through the proxy of {proxy.variable}" if proxy else ""

    def _proxy_error(self, error: httpx2.ProxyError, url: httpx2.URL) -> Exception:
        """The error for a proxy that did not open a connection. Without its password no attempt can succeed."""
        through = self._through(url)
        if _WANTS_PASSWORD.match(str(error)):
            message = f"it cannot be reached{through} ({error}). The proxy requires a user and password in its address"
            return ProviderError(FailureKind.UNUSABLE, message, sent=False)
        return httpx2.ProxyError(f"{error}{through}")

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()
        super().close()

    def _open(self) -> tuple[httpx2.Client, _Deadline]:
        router = _Router(self._routes, self._context)
        # With a transport of its own, the SDK's client does not read the environment.
        client = anthropic.DefaultHttpxClient(transport=router, timeout=self._limits)
        deadline = _Deadline(self._connect)
        # httpx2 has no public way to set a network backend; tests/unit/asking/providers/test_deadlines.py checks that
        # this one works.
        for transport in router.transports():
            pool: Any = transport._pool
            pool._network_backend = _Network(pool._network_backend, deadline)
        guard(client, self._registry)
        with self._lock:
            for thread in [thread for thread in self._clients if not thread.is_alive()]:
                self._clients.pop(thread).close()
            self._clients[threading.current_thread()] = client
        return client, deadline


_MAYBE_BEFORE_SENDING = (httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError)
"""Failures that do not tell whether the request had been sent."""


_WANTS_PASSWORD = re.compile(r"407\b")
"""How the HTTP library's error begins if a proxy requires a password: with the status."""


def _proxy_for(routes: Routes, url: httpx2.URL) -> Proxy | None:
    return routes.proxy_for(url.scheme, url.raw_host.decode("ascii"), url.port)


def keep_alive() -> list[tuple[int, int, int]]:
    """The socket options of the SDK's own client, which it sets only with the transport that it makes itself."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    for name, value in (("TCP_KEEPINTVL", 60), ("TCP_KEEPCNT", 5), ("TCP_KEEPIDLE", 60)):
        if hasattr(socket, name):
            options.append((socket.IPPROTO_TCP, getattr(socket, name), value))
    return options


class _Router(httpx2.BaseTransport):
    """Sends each request directly or through the proxy that `routes.Routes` names for it."""

    def __init__(self, routes: Routes, context: Any) -> None:
        self._routes = routes
        how: dict[str, Any] = {"verify": context, "limits": _ONE_CONNECTION, "socket_options": keep_alive()}
        self._direct = httpx2.HTTPTransport(**how)
        self._proxied = {
            proxy: httpx2.HTTPTransport(proxy=httpx2.Proxy(proxy.url), **how) for proxy in routes.proxies.values()
        }

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        proxy = _proxy_for(self._routes, request.url)
        return (self._proxied[proxy] if proxy else self._direct).handle_request(request)

    def transports(self) -> Iterator[httpx2.HTTPTransport]:
        """Every transport that it uses."""
        yield self._direct
        yield from self._proxied.values()

    def close(self) -> None:
        for transport in self.transports():
            transport.close()


class _Deadline:
    """When one thread's request must have ended, and its connection must be established."""

    def __init__(self, connect: float) -> None:
        self._connect = connect
        self._ends_at = self._connected_by = float("inf")
        self.request_started = False
        """Whether a byte of the request itself was written; a proxy's tunnel request does not count."""

    def set(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds
        self._connected_by = float("inf")
        self.request_started = False

    def connecting(self) -> None:
        """Start the time limit of a new connection."""
        self._connected_by = time.monotonic() + self._connect

    def writing(self, data: bytes) -> None:
        """Note whether these bytes are the request itself: then the connection is established."""
        if not self.request_started and data.startswith(_REQUEST_STARTS):
            self.request_started, self._connected_by = True, float("inf")

    def left(self, timeout: float | None) -> float:
        """Seconds that the next read or write may take; never 0, which would mean not to wait at all."""
        left = max(min(self._ends_at, self._connected_by) - time.monotonic(), 0.0005)
        return left if timeout is None else min(left, timeout)

    @property
    def passed(self) -> bool:
        return time.monotonic() >= min(self._ends_at, self._connected_by)

    @property
    def why(self) -> str:
        return "the complete reply did not arrive in time" if self.request_started else "no connection in time"


_REQUEST_STARTS = (b"POST ", b"GET ", b"PUT ", b"DELETE ", b"HEAD ", b"PATCH ")
"""How requests begin. Bytes written before them ask a proxy for a tunnel: ``CONNECT``, or the bytes of SOCKS."""


class _Network:
    """A network backend of httpcore2 whose streams obey a deadline."""

    def __init__(self, network: Any, deadline: _Deadline) -> None:
        self._network, self._deadline = network, deadline

    def connect_tcp(self, *where: Any, **how: Any) -> _Stream:
        self._deadline.connecting()
        how["timeout"] = self._deadline.left(how.get("timeout"))
        return _Stream(self._network.connect_tcp(*where, **how), self._deadline)

    def sleep(self, seconds: float) -> None:
        self._network.sleep(seconds)


class _Stream:
    """A network stream of httpcore2 whose reads and writes end at a deadline."""

    def __init__(self, stream: Any, deadline: _Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._raise_if_late(httpx2.ReadTimeout)
        read: bytes = self._stream.read(max_bytes, self._deadline.left(timeout))
        return read

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._raise_if_late(httpx2.WriteTimeout)
        self._deadline.writing(buffer)
        self._stream.write(buffer, self._deadline.left(timeout))

    def start_tls(self, *how: Any, **more: Any) -> _Stream:
        self._raise_if_late(httpx2.ConnectTimeout)
        more["timeout"] = self._deadline.left(more.get("timeout"))
        try:
            return _Stream(self._stream.start_tls(*how, **more), self._deadline)
        except httpcore2.ConnectTimeout as error:
            raise httpx2.ConnectTimeout(self._deadline.why) from error

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _raise_if_late(self, timeout_error: type[httpx2.TimeoutException]) -> None:
        if self._deadline.passed:
            raise timeout_error(self._deadline.why)
