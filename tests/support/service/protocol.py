"""HTTP/1.1 with keep-alive, limited to what real clients need.

Takes requests off a connection one at a time and delivers answers as instructed: whole, late, in drops, or cut off.
Request bodies need a content-length; chunked ones are answered 411. Bytes that are not a request are rejected here.
This module does not know what a request means.
"""

from __future__ import annotations

import asyncio
import http
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, cast

MAX_HEAD = 64 * 1024
MAX_BODY = 32 * 1024 * 1024
"""Bytes; the size above which the Messages API answers 413."""

REASONS = {status.value: status.phrase for status in http.HTTPStatus} | {529: "Overloaded"}
# Seconds between the last byte and a reset, for the other side to have read what was sent.
SETTLE = 0.03


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request. Header names are lower-case; of a repeated header the last value counts."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """The bytes of a response and how they are sent, ``delay`` seconds after the request was read."""

    content: bytes
    delay: float = 0.0
    how: Literal["whole", "drip", "reset"] = "whole"
    rate: float = 0.0
    cut: int | None = None


class Answerer(Protocol):
    """Source of a connection's answers, which is also notified when the connection opens and closes."""

    def opened(self, connection: Connection) -> None: ...
    def respond(self, request: HttpRequest) -> Delivery: ...
    def delivered(self) -> None: ...
    def closed(self, connection: Connection) -> None: ...


class Connection(asyncio.Protocol):
    """One accepted connection. At most one request is in hand; pipelined ones wait their turn."""

    def __init__(self, answerer: Answerer) -> None:
        self._answerer = answerer
        self._buffer = bytearray()
        self._head: tuple[str, str, dict[str, str], int] | None = None
        self._busy = False
        self._rejected = False
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._answerer.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._transport = None
        if self._busy:
            self._answerer.delivered()
        self._answerer.closed(self)

    def data_received(self, data: bytes) -> None:
        if self._rejected:
            return
        self._buffer += data
        if not self._busy:
            self._advance()

    def abort(self) -> None:
        """End the connection now; nothing more is sent."""
        if self._transport is not None:
            self._transport.abort()

    def _advance(self) -> None:
        if self._head is None and not self._read_head():
            return
        assert self._head is not None
        method, target, headers, length = self._head
        if len(self._buffer) < length:
            return
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._head = None
        self._busy = True
        read = asyncio.get_running_loop().time()
        delivery = self._answerer.respond(HttpRequest(method, target, headers, body))
        if delivery.delay > 0:
            # Making the answer is part of its delay, not added to it.
            self._timer = asyncio.get_running_loop().call_at(read + delivery.delay, self._deliver, delivery)
        else:
            self._deliver(delivery)

    def _read_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > MAX_HEAD:
                self._reject(431)
            return False
        lines = self._buffer[:end].decode("latin-1").split("\r\n")
        del self._buffer[: end + 4]
        headers: dict[str, str] = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        parts = lines[0].split(" ")
        size = headers.get("content-length", "0")
        if len(parts) != 3 or not size.isdigit():
            self._reject(400)
        elif "transfer-encoding" in headers:
            self._reject(411)
        elif int(size) > MAX_BODY:
            self._reject(413)
        else:
            if headers.get("expect", "").lower() == "100-continue" and self._transport is not None:
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._head = (parts[0], parts[1], headers, int(size))
            return True
        return False

    def _reject(self, status: int) -> None:
        self._rejected = True  # the beginning of the next request is unknown
        if self._transport is not None:
            self._transport.write(response(status, {"connection": "close"}, b""))
            self._transport.close()

    def _later(self, delay: float, delivery: Delivery) -> None:
        self._timer = asyncio.get_running_loop().call_later(delay, self._deliver, delivery)

    def _deliver(self, delivery: Delivery) -> None:
        self._timer = None
        if self._transport is None:
            return
        if delivery.how == "whole":
            self._transport.write(delivery.content)
            self._finish()
        elif delivery.how == "drip":
            # Ten drops a second at most: slow rates go byte by byte, fast ones in larger drops.
            size = max(1, int(delivery.rate / 10))
            self._transport.write(delivery.content[:size])
            if rest := delivery.content[size:]:
                self._later(size / delivery.rate, Delivery(rest, how="drip", rate=delivery.rate))
            else:
                self._finish()
        else:
            part = delivery.content[: delivery.cut]
            self._transport.write(part)
            if part:
                self._timer = asyncio.get_running_loop().call_later(SETTLE, self._reset)
            else:
                self._reset()

    def _finish(self) -> None:
        self._busy = False
        self._answerer.delivered()
        if self._buffer:
            asyncio.get_running_loop().call_soon(self._go_on)

    def _go_on(self) -> None:
        if not self._busy and self._transport is not None:
            self._advance()

    def _reset(self) -> None:
        if self._transport is not None:
            # Lingering for zero seconds makes the kernel send RST instead of FIN.
            end = self._transport.get_extra_info("socket")
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()


def response(status: int, headers: Mapping[str, str], body: bytes) -> bytes:
    """The bytes of a response with its content-length."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    line = f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}\r\n"
    return f"{line}{head}content-length: {len(body)}\r\n\r\n".encode("latin-1") + body
