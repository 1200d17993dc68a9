"""A loopback server that answers each request with the bytes a test gives it, and counts the bytes that were read."""

from __future__ import annotations

import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answer = Callable[[bytes], Iterable[bytes]]
"""Returns the pieces of a complete response, given the head of a request."""


@dataclass
class Hostile:
    """Running server. ``asked`` has the head of each request, ``bodies`` its body; ``taken`` counts the bytes it could
    send.
    """

    port: int
    answer: Answer
    asked: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    taken: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def serve(self, listening: socket.socket) -> None:
        while True:
            try:
                talking, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(talking,), daemon=True).start()

    def _talk(self, talking: socket.socket) -> None:
        with suppress(OSError), talking:
            while (got := _read(talking)) is not None:
                head, body = got
                self.asked.append(head)
                self.bodies.append(body)
                for piece in self.answer(head):
                    talking.sendall(piece)
                    self.taken += len(piece)


def _read(talking: socket.socket) -> tuple[bytes, bytes] | None:
    got = b""
    while b"\r\n\r\n" not in got:
        piece = talking.recv(65_536)
        if not piece:
            return None
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    size = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < size:
        body += talking.recv(65_536)
    return head, body


@contextmanager
def hostile(answer: Answer) -> Iterator[Hostile]:
    """Run a server for the duration of a test."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Hostile(listening.getsockname()[1], answer)
        threading.Thread(target=server.serve, args=(listening,), daemon=True).start()
        yield server


def whole(status: str, body: bytes, *headers: str) -> bytes:
    """Return a complete response."""
    lines = [f"HTTP/1.1 {status}", *headers, f"content-length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def endless(status: str, megabytes: int, *headers: str) -> Answer:
    """Return a response whose body is that many megabytes of spaces, without a content length."""
    head = "\r\n".join([f"HTTP/1.1 {status}", *headers, "connection: close", "", ""]).encode()

    def pieces(_: bytes) -> Iterator[bytes]:
        yield head
        for _megabyte in range(megabytes):
            yield b" " * 1_000_000

    return pieces


def bomb(megabytes: int) -> bytes:
    """Return a gzip body about a thousand times smaller than its content."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return b"".join(packer.compress(b" " * 1_000_000) for _ in range(megabytes)) + packer.flush()


def packed(body: bytes) -> bytes:
    return gzip.compress(body)
