"""A transport under the SDK that trusts no server: reads no more than a reply can have, and masks credentials.

Everything above it, the SDK with its errors, logs and spans included, sees responses only as they are made here. It
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
"""In JSON. English has 4 to 5, Chinese written as ``\\uXXXX`` 6 to 7; runs of spaces have the most, some dozens."""
LARGEST_REPLY = LONGEST_OUTPUT * BYTES_PER_TOKEN + 1_000_000
"""Bytes of a whole reply, as it comes and unpacked: the longest output, and a million for all that is around it."""
LARGEST_ERROR = 256 * 1024
"""Bytes of an error that are kept. The service's own have some hundreds, the pages of proxies some ten thousand."""
_BEHIND = 64 * 1024
"""Bytes that are read behind those: a credential that lies across the cut is masked before it is cut."""

RETURNS_CREDENTIALS = "dragoman.gives_tokens"
"""Extension of a request whose answer is credentials: they are learnt, and left as they are for the SDK."""


class Guard(httpx2.BaseTransport):
    """``inner``, with bounds and masks."""

    def __init__(self, inner: httpx2.BaseTransport, registry: SecretRegistry) -> None:
        self.inner = inner
        self._registry = registry

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if _gives_tokens(request):
            self._registry.learn(secrets_in_headers(request.headers) | secrets_in_json(request.read()))
        else:
            self._registry.sends(request.headers)
        try:
            return self._whole(request, self.inner.handle_request(request))
        except Exception as error:
            failed = error
        raise self._registry.secrets.cleaned(failed)

    def close(self) -> None:
        self.inner.close()

    def _whole(self, request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        response.request = request
        try:
            body, cut = _read(response)
        finally:
            response.close()
        secrets = self._registry.secrets
        if not response.is_success:
            body = _masked(body, secrets, reply=False)[:LARGEST_ERROR]
        elif cut:
            said = (
                f"the reply has more than {LARGEST_REPLY:,} bytes, which no answer can have: it was not read to its end"
            )
            if _gives_tokens(request):
                raise ProviderError(FailureKind.UNUSABLE, f"no access token: {said}", sent=False)
            # Asked again, it would be as long, and may be paid once more.
            raise ProviderError(FailureKind.ARTICLE, said, maybe_paid=True)
        elif _gives_tokens(request):
            # What it answers are credentials, which the SDK needs as they are.
            self._registry.learn(secrets_in_json(body))
        else:
            body = _masked(body, secrets, reply=True)
        return httpx2.Response(
            response.status_code,
            headers=_headers(response.headers, secrets),
            content=body,
            extensions={name: _extension(value, secrets) for name, value in response.extensions.items()},
        )


def _gives_tokens(request: httpx2.Request) -> bool:
    """Whether this asks for credentials: at the path where the SDK does, or as the sender says."""
    return RETURNS_CREDENTIALS in request.extensions or request.url.path.endswith("/v1/oauth/token")


def guard(client: httpx2.Client, registry: SecretRegistry) -> httpx2.Client:
    """Put a `Guard` under every transport of a client, and let it follow no redirect.

    httpx2 has no public place for that; tests/unit/asking/providers/test_guard.py sees that this one works.
    """
    client.follow_redirects = False
    guards: dict[int, Guard] = {}

    def guarded(transport: httpx2.BaseTransport) -> httpx2.BaseTransport:
        if isinstance(transport, Guard):
            transport = transport.inner
        return guards.setdefault(id(transport), Guard(transport, registry))

    client._transport = guarded(client._transport)
    client._mounts = {pattern: guarded(one) if one else None for pattern, one in client._mounts.items()}
    return client


def transports(client: httpx2.Client) -> Iterator[httpx2.BaseTransport]:
    """The transports of a client, each once."""
    yield from {id(one): one for one in (client._transport, *client._mounts.values()) if one}.values()


def _read(response: httpx2.Response) -> tuple[bytes, bool]:
    """The unpacked body as far as its bound, and whether there is more."""
    most = LARGEST_REPLY if response.is_success else LARGEST_ERROR + _BEHIND
    counted = httpx2.Response(
        response.status_code,
        headers=response.headers,
        stream=_Counted(response.stream, most),
        request=response.request,
    )
    pieces, size = [], 0
    try:
        # Unpacked in pieces of a megabyte at most, whatever a packed one grows to.
        for piece in counted.iter_bytes():
            pieces.append(piece)
            size += len(piece)
            if size > most:
                break
    except _TooLarge:
        size = most + 1
    return b"".join(pieces)[:most], size > most


class _TooLarge(Exception):
    """More raw bytes came than the bound."""


class _Counted(httpx2.SyncByteStream):
    """Raw bytes as far as a bound: packed ones can unpack to nothing and go on for ever."""

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
"""Headers of the body as it came: it is whole and unpacked now."""


def _headers(headers: httpx2.Headers, secrets: Secrets) -> list[tuple[bytes, bytes]]:
    # As bytes: given as text, values with letters outside ASCII would be refused.
    return [
        (name.encode(headers.encoding), secrets.mask(value).encode(headers.encoding))
        for name, value in headers.multi_items()
        if name.lower() not in _FRAMING and secrets.mask(name) == name
    ]


def _extension(value: Any, secrets: Secrets) -> Any:
    """The reason phrase is the server's own text."""
    return secrets.mask(value.decode("latin-1")).encode("latin-1") if isinstance(value, bytes) else value
