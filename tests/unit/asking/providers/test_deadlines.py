"""Connections of the SDK: one per thread, reused, closed with their thread, and never open beyond the timeout."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
import trustme

from dragoman.asking.providers import deadlines as connections_module
from dragoman.asking.providers.anthropic import AnthropicProvider
from dragoman.asking.providers.deadlines import PerThreadClient
from dragoman.errors import FailureKind, ProviderError
from tests.support.builders import MODEL, message, request_of, summary_of

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


@dataclass
class Server:
    """Answers every request; from byte ``slow_from`` of the reply on, a few bytes at a time (``drop``)."""

    url: str
    accepted: int = 0
    asked: list[bytes] = field(default_factory=list)
    """The first line of each request."""
    reply: bytes = b""
    slow_from: int | None = None
    ended: threading.Event = field(default_factory=threading.Event)
    open: set[socket.socket] = field(default_factory=set)

    def serve(self, listening: socket.socket, tls: ssl.SSLContext | None) -> None:
        while True:
            try:
                taken, _ = listening.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self._answer, args=(taken, tls), daemon=True).start()

    def _answer(self, taken: socket.socket, tls: ssl.SSLContext | None) -> None:
        with suppress(OSError), tls.wrap_socket(taken, server_side=True) if tls else taken as talking:
            self.open.add(talking)
            try:
                while self._read(talking):
                    at = len(self.reply) if self.slow_from is None else self.slow_from
                    talking.sendall(self.reply[:at])
                    # Drops come sooner than any read timeout, and go on for ever.
                    for byte in self.reply[at:] * 1000:
                        if self.ended.wait(0.05):
                            return
                        talking.sendall(bytes([byte]))
            finally:
                self.open.discard(talking)

    def _read(self, talking: socket.socket) -> bool:
        got = b""
        while b"\r\n\r\n" not in got:
            piece = talking.recv(65_536)
            if not piece:
                return False
            got += piece
        head, _, body = got.partition(b"\r\n\r\n")
        size = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
        while len(body) < size:
            body += talking.recv(65_536)
        self.asked.append(head.partition(b"\r\n")[0])
        return True


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server on loopback that answers with a summary."""
    content = message(summary_of()).encode()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        server = Server(f"{'https' if tls else 'http'}://127.0.0.1:{port}")
        server.reply = HEAD + f"content-length: {len(content)}\r\n\r\n".encode() + content
        threading.Thread(target=server.serve, args=(listening, tls), daemon=True).start()
        yield server
        server.ended.set()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate authority made for this test, with a certificate for 127.0.0.1 that this process trusts."""
    maker, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    maker.issue_cert("127.0.0.1").configure_cert(context)
    maker.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return context


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def ask_in_threads(provider: AnthropicProvider, threads: int, each: int) -> None:
    """Let ``threads`` threads send ``each`` requests, all at once."""
    together, failed = threading.Barrier(threads), []

    def work() -> None:
        try:
            for _ in range(each):
                together.wait()
                provider.send(request_of(), MODEL)
        except BaseException as error:
            failed.append(error)
            together.abort()

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == []


@pytest.mark.parametrize(
    "slow_from", [pytest.param(10, id="in the head"), pytest.param(len(HEAD) + 60, id="in the body")]
)
@pytest.mark.parametrize("kept", [False, True], ids=["first request", "on a kept connection"])
def test_a_trickling_reply_is_abandoned_at_the_timeout(slow_from: int, kept: bool) -> None:
    """Byte by byte, no single read takes long. The request still ends at the timeout and may have been charged."""
    with serving() as server:
        provider = AnthropicProvider(base_url=server.url, timeout=0.6)
        if kept:
            provider.send(request_of(), MODEL)
        server.slow_from = slow_from
        with pytest.raises(ProviderError, match="did not send a complete reply") as error:
            provider.send(request_of(), MODEL)
        assert error.value.kind is FailureKind.TRANSIENT
        assert error.value.maybe_paid
        assert error.value.sent
        assert server.accepted == 1
        provider.close()


def test_a_trickling_reply_over_tls_is_abandoned_too(authority: ssl.SSLContext) -> None:
    """Every real request uses TLS."""
    with serving(authority) as server:
        provider = AnthropicProvider(base_url=server.url, timeout=2)
        assert "stop_reason" in provider.send(request_of(), MODEL).body
        server.slow_from = 10
        with pytest.raises(ProviderError, match="did not send a complete reply"):
            provider.send(request_of(), MODEL)
        provider.close()


def test_an_untrusted_certificate_is_refused(authority: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sharing one TLS context between threads does not turn verification off."""
    monkeypatch.delenv("SSL_CERT_FILE")
    with serving(authority) as server:
        provider = AnthropicProvider(base_url=server.url)
        with pytest.raises(ProviderError, match="CERTIFICATE_VERIFY_FAILED"):
            provider.send(request_of(), MODEL)
        assert server.asked == []


def test_each_thread_keeps_one_connection() -> None:
    """Three threads that send four requests each need three connections."""
    with serving() as server:
        provider = AnthropicProvider(base_url=server.url)
        ask_in_threads(provider, 3, 4)
        assert len(server.asked) == 12
        assert server.accepted == 3
        provider.close()


def test_connections_of_ended_threads_are_closed() -> None:
    """A pipeline that sends from new threads again and again does not collect open sockets."""
    with serving() as server:
        provider = AnthropicProvider(base_url=server.url)
        for _ in range(5):
            ask_in_threads(provider, 2, 1)
        connections = provider.client()._client
        assert isinstance(connections, PerThreadClient)
        assert server.accepted == 10
        assert len(connections._clients) <= 4
        provider.close()
        assert connections._clients == {}


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reply that trickles through the proxy is abandoned as well."""
    with serving() as server:
        monkeypatch.setenv("HTTP_PROXY", server.url)
        provider = AnthropicProvider(base_url="http://claude.invalid", timeout=0.6)
        provider.send(request_of(), MODEL)
        assert server.asked == [b"POST http://claude.invalid/v1/messages HTTP/1.1"]
        server.slow_from = 10
        with pytest.raises(ProviderError, match="did not send a complete reply"):
            provider.send(request_of(), MODEL)
        provider.close()


CONNECT = 0.5
"""Seconds for a connection in these tests: any number far below the timeout of the request."""


@contextmanager
def answering_with(first: bytes) -> Iterator[int]:
    """A server that sends ``first`` one byte at a time, with pauses, whatever it receives; returns its port."""
    ended = threading.Event()

    def drip(talking: socket.socket) -> None:
        with suppress(OSError), talking:
            for byte in first * 1000:
                talking.sendall(bytes([byte]))
                if ended.wait(0.05):
                    return
            ended.wait()

    def accept(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(listening.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1]
        ended.set()


STANDSTILLS: dict[str, tuple[str, str | None, bytes]] = {
    "no handshake": ("https://127.0.0.1:{}", None, b""),
    "a handshake that drips": ("https://127.0.0.1:{}", None, b"\x16\x03\x03\x40\x00\x02" + b"\0" * 200),
    "a proxy that does not answer": ("https://claude.invalid", "http://127.0.0.1:{}", b""),
    "a proxy that drips": (
        "https://claude.invalid",
        "http://127.0.0.1:{}",
        b"HTTP/1.1 200 OK\r\nx: y\r\n" + b"z: u\r\n",
    ),
    "no handshake through a proxy": ("https://claude.invalid", "http://127.0.0.1:{}", b"HTTP/1.1 200 OK\r\n\r\n"),
    "no handshake with a proxy": ("https://claude.invalid", "https://127.0.0.1:{}", b""),
}


@pytest.mark.parametrize(("address", "proxy", "first"), STANDSTILLS.values(), ids=STANDSTILLS)
def test_a_connection_that_is_not_established_is_abandoned_long_before_the_timeout(
    address: str, proxy: str | None, first: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connecting has its own time limit. Nothing was sent, so nothing can have been charged."""
    with answering_with(first) as port:
        if proxy is not None:
            monkeypatch.setenv("HTTPS_PROXY", proxy.format(port))
        with closing(PerThreadClient(600, connect=CONNECT)) as connections, pytest.raises(httpx2.ConnectTimeout):
            connections.post(address.format(port), content=b"{}")


def test_a_connection_has_ten_seconds() -> None:
    """A request has ten minutes by default; connecting has ten seconds, and never longer than the request."""
    assert connections_module.CONNECT_SECONDS == 10.0
    assert PerThreadClient(600)._connect == 10.0
    assert PerThreadClient(3)._connect == 3


@pytest.mark.parametrize(
    "first",
    [b"", b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n", b"junk\r\n\r\n"],
    ids=["it closes", "it wants a password", "it is no proxy"],
)
def test_a_request_that_a_proxy_refuses_was_not_sent(first: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the proxy answers to CONNECT, the service counts as not reached and nothing as possibly charged."""

    def accept(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                talking, _ = listening.accept()
                with talking:
                    talking.recv(65_536)
                    talking.sendall(first)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, args=(listening,), daemon=True).start()
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{listening.getsockname()[1]}")
        provider = AnthropicProvider(base_url="https://claude.invalid")
        with pytest.raises(ProviderError, match="cannot be reached") as caught:
            provider.send(request_of(), MODEL)
        provider.close()
    assert (caught.value.sent, caught.value.maybe_paid) == (False, False)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "all_proxy"])
def test_a_proxy_that_cannot_be_reached_is_named_by_its_variable(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not the service that is down. The address of the proxy may contain a password, so it is not repeated."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    monkeypatch.setenv(variable, f"http://user:pass-canary-0001@127.0.0.1:{port}")
    provider = AnthropicProvider(base_url="https://claude.invalid")
    with closing(provider), pytest.raises(ProviderError, match=f"through the proxy of {variable}") as caught:
        provider.send(request_of(), MODEL)
    assert (caught.value.kind, caught.value.sent) == (FailureKind.TRANSIENT, False)
    assert "canary" not in str(caught.value)


def test_a_proxy_that_requires_a_password_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other attempt could succeed, and the message names the variable that lacks the password."""

    def accept(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                talking, _ = listening.accept()
                with talking:
                    talking.recv(65_536)
                    talking.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, args=(listening,), daemon=True).start()
        monkeypatch.setenv("https_proxy", f"127.0.0.1:{listening.getsockname()[1]}")
        provider = AnthropicProvider(base_url="https://claude.invalid")
        with closing(provider), pytest.raises(ProviderError, match="through the proxy of https_proxy") as caught:
            provider.send(request_of(), MODEL)
    assert (caught.value.kind, caught.value.sent) == (FailureKind.UNUSABLE, False)
    assert "requires a user and password" in str(caught.value)


def test_a_host_without_a_proxy_is_reached_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request takes its own way: the same client uses the proxy for other hosts."""
    with serving() as server, serving() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "[::1],127.0.0.0/8")
        with closing(PerThreadClient(5)) as connections:
            connections.post(f"{server.url}/v1/messages", content=b"{}")
            connections.post("http://claude.invalid/v1/messages", content=b"{}")
        assert server.asked == [b"POST /v1/messages HTTP/1.1"]
        assert proxy.asked == [b"POST http://claude.invalid/v1/messages HTTP/1.1"]


def test_proxies_of_the_system_are_used_if_no_variable_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows and macOS have settings for that, which Python reads."""
    with serving() as proxy:
        monkeypatch.setattr("urllib.request.getproxies", lambda: {"http": proxy.url, "no": "localhost"})
        with closing(PerThreadClient(5)) as connections:
            connections.post("http://claude.invalid/v1/messages", content=b"{}")
        assert len(proxy.asked) == 1


def test_a_server_that_closed_its_connection_is_connected_to_again() -> None:
    """A reused connection that was closed between two requests costs only a new connection."""
    with serving() as server:
        provider = AnthropicProvider(base_url=server.url)
        provider.send(request_of(), MODEL)
        for talking in list(server.open):
            talking.shutdown(socket.SHUT_RDWR)
        provider.send(request_of(), MODEL)
        assert server.accepted == 2
        provider.close()


def test_a_client_that_is_given_is_used_as_it_is() -> None:
    """Tests pass a transport of their own to the SDK, and Dragoman does not wrap it."""
    given = httpx2.Client(transport=httpx2.MockTransport(lambda _: httpx2.Response(200, text=message(summary_of()))))
    provider = AnthropicProvider(http_client=given)
    provider.send(request_of(), MODEL)
    assert provider.client()._client is given
