"""A transport below the SDK that trusts no server: it reads no more than a reply can contain and masks credentials.

Everything above it, including the SDK with its errors, logs and spans, sees only the responses made here. This module
imports the HTTP library, so it is imported with the first request.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2

from dragoman.asking.providers.credentials import SecretRegistry, secrets_in_headers, secrets_in_json
from dragoman.asking.providers.masking import Secrets
from dragoman.errors import FailureKind, ProviderError

LONGEST_OUTPUT = 128_000
"""Tokens; the largest output limit of the models in the table."""
BYTES_PER_TOKEN = 64
"""In JSON. English has 4 to 5, Chinese written as ``\\uXXXX`` 6 to 7; runs of spaces have the most, a few dozen."""
LARGEST_REPLY = LONGEST_OUTPUT * BYTES_PER_TOKEN + 1_000_000
"""Maximum bytes of a reply, both as received and decompressed: the longest output, plus a million for the rest."""
LARGEST_ERROR = 256 * 1024
"""Bytes of an error that are kept. The service's own have a few hundred, a proxy's page some ten thousand."""
_BEYOND_CUT = 64 * 1024
"""Bytes that are read beyond those, so that a credential across the cut is masked before the text is cut."""

RETURNS_CREDENTIALS = "dragoman.gives_tokens"
"""Extension of a request whose answer contains credentials: they are registered, and not masked for the SDK."""


class Guard(httpx2.BaseTransport):
    """A transport that limits and masks the responses of ``inner``."""

    def __init__(self, inner: httpx2.BaseTransport, registry: SecretRegistry) -> None:
        self.inner = inner
        self._registry = registry

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if _returns_credentials(request):
            self._registry.add(secrets_in_headers(request.headers) | secrets_in_json(request.read()))
        else:
            self._registry.add_from_request(request.headers)
        try:
            return self._checked(request, self.inner.handle_request(request))
        except Exception as error:
            failed = error
        raise self._registry.secrets.cleaned(failed)

    def close(self) -> None:
        self.inner.close()

    def _checked(self, request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        response.request = request
        try:
            body, cut = _read(response)
        finally:
            response.close()
        secrets = self._registry.secrets
        if not response.is_success:
            body = _masked(body, secrets, reply=False)[:LARGEST_ERROR]
        elif cut:
            message = f"the reply has more than {LARGEST_REPLY:,} bytes, more than any answer can have; it was not read"
            if _returns_credentials(request):
                raise ProviderError(FailureKind.UNUSABLE, f"no access token: {message}", sent=False)
            # Another attempt would return as much, and may be charged too.
            raise ProviderError(FailureKind.ARTICLE, message, maybe_paid=True)
        elif _returns_credentials(request):
            # The answer contains credentials, which the SDK needs unmasked.
            self._registry.add(secrets_in_json(body))
        else:
            body = _masked(body, secrets, reply=True)
        return httpx2.Response(
            response.status_code,
            headers=_headers(response.headers, secrets),
            content=body,
            extensions={name: _extension(value, secrets) for name, value in response.extensions.items()},
        )


def _returns_credentials(request: httpx2.Request) -> bool:
    """Whether this request asks for credentials: by the path that the SDK uses, or by the sender's extension."""
    return RETURNS_CREDENTIALS in request.extensions or request.url.path.endswith("/v1/oauth/token")


def guard(client: httpx2.Client, registry: SecretRegistry) -> httpx2.Client:
    """Wrap every transport of a client in a `Guard`, and turn off redirects.

    httpx2 has no public way to do that; tests/unit/asking/providers/test_guard.py checks that this one works.
    """
    client.follow_redirects = False
    guards: dict[int, Guard] = {}

    def guarded(transport: httpx2.BaseTransport) -> httpx2.BaseTransport:
        if isinstance(transport, Guard):
            transport = transport.inner
        return guards.setdefault(id(transport), Guard(transport, registry))

    client._transport = guarded(client._transport)
    client._mounts = {
        pattern: guarded(transport) if transport else None for pattern, transport in client._mounts.items()
    }
    return client


def _read(response: httpx2.Response) -> tuple[bytes, bool]:
    """The decompressed body up to its limit, and whether there is more."""
    most = LARGEST_REPLY if response.is_success else LARGEST_ERROR + _BEYOND_CUT
    counted = httpx2.Response(
        response.status_code,
        headers=response.headers,
        stream=_Counted(response.stream, most),
        request=response.request,
    )
    pieces, size = [], 0
    try:
        # Decompressed in pieces of at most a megabyte, whatever a compressed piece grows to.
        for piece in counted.iter_bytes():
            pieces.append(piece)
            size += len(piece)
            if size > most:
                break
    except _TooLarge:
        size = most + 1
    return b"".join(pieces)[:most], size > most


class _TooLarge(Exception):
    """More raw bytes arrived than the limit."""


class _Counted(httpx2.SyncByteStream):
    """Raw bytes up to a limit: compressed data can decompress to nothing and go on for ever."""

    def __init__(self, stream: Any, most: int) -> None:
        self._stream, self._left = stream, most

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._stream:
            yield piece[: self._left]
            self._left -= len(piece)
            if self._left < 0:
                raise _TooLarge

    def close(self) -> None:
        self._stream.close()


def _masked(body: bytes, secrets: Secrets, *, reply: bool) -> bytes:
    text = body.decode("utf-8", "surrogateescape")
    masked = secrets.mask_reply(text) if reply else secrets.mask(text)
    return body if masked == text else masked.encode("utf-8", "surrogateescape")


_FRAMING = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""Headers that describe the body as received: it is complete and decompressed now."""


def _headers(headers: httpx2.Headers, secrets: Secrets) -> list[tuple[bytes, bytes]]:
    # As bytes: httpx2 rejects text values with characters outside ASCII.
    return [
        (name.encode(headers.encoding), secrets.mask(value).encode(headers.encoding))
        for name, value in headers.multi_items()
        if name.lower() not in _FRAMING and secrets.mask(name) == name
    ]


def _extension(value: Any, secrets: Secrets) -> Any:
    """The reason phrase is the server's own text."""
    return secrets.mask(value.decode("latin-1")).encode("latin-1") if isinstance(value, bytes) else value
