"""No server can redirect the client, fill its memory, or get a credential passed on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from dragoman.asking.providers import guard
from dragoman.asking.providers.anthropic import AnthropicProvider
from dragoman.asking.providers.credentials import SecretRegistry
from dragoman.asking.providers.masking import Secrets
from dragoman.core.models import table
from dragoman.errors import FailureKind, ProviderError
from dragoman.store.sqlite.store import Store
from tests.support.builders import MODEL, Wire, message, request_of, summary_of
from tests.support.commands import ROOT, articles, here, to
from tests.support.hostile import Answer, Hostile, bomb, endless, hostile, packed, whole
from tests.support.service import RawBody, Service

KEY = "sk-ant-canary-0001"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)


def failure(answer: Answer, what: str = "send") -> tuple[ProviderError, list[bytes]]:
    """The error that one request raises, and the requests that the server received."""
    with hostile(answer) as server:
        return failure_at(server, what)


def failure_at(server: Hostile, what: str) -> tuple[ProviderError, list[bytes]]:
    with closing(AnthropicProvider(base_url=server.url)) as provider:
        requests: dict[str, Callable[[], object]] = {
            "send": lambda: provider.send(request_of(), MODEL),
            "ping": lambda: provider.ping(MODEL),
            "count": lambda: provider.count_tokens(request_of(), MODEL),
        }
        with pytest.raises(ProviderError) as caught:
            requests[what]()
    return caught.value, server.asked


# Redirects


STATUSES = ("301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect")


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("what", ["send", "ping", "count"])
def test_no_redirect_to_another_host_is_followed(status: str, what: str) -> None:
    """The run ends, both hosts are named, the other host receives nothing, and no query or password is shown."""
    with hostile(lambda _: [whole("200 OK", message(summary_of()).encode())]) as other:
        target = f"http://user:canary-pass@127.0.0.1:{other.port}/v1/messages?canary=1"
        error, asked = failure(lambda _: [whole(status, b"moved", f"location: {target}")], what)
        assert other.asked == []
    assert len(asked) == 1
    assert (error.kind, error.maybe_paid, error.exit_code) == (FailureKind.UNUSABLE, False, 4)
    assert f"answered {status[:3]}, a redirect" in str(error)
    assert f"to http://127.0.0.1:{other.port}. Redirects are not followed: nothing was sent there" in str(error)
    assert error.hint == "redirect"
    assert "canary" not in str(error)


def test_a_redirect_to_https_of_the_same_host_is_not_followed() -> None:
    """The user must correct the address."""
    with hostile(lambda head: [whole("308 Permanent Redirect", b"", _to_https(head))]) as server:
        error, _ = failure_at(server, "send")
        assert f"from {server.url} to https://127.0.0.1:{server.port}" in str(error)
        assert len(server.asked) == 1


def _to_https(head: bytes) -> str:
    host = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"host:"))[5:].strip().decode()
    return f"location: https://{host}/v1/messages"


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("location: /login", "to another path of http://127.0.0.1"),
        ("location: http://[", "names no valid address"),
        ("location: http://two hosts/", "names no valid address"),
        ("x-nothing: there", "names no valid address"),
    ],
)
def test_a_redirect_without_another_host_is_an_error_too(location: str, said: str) -> None:
    """This covers a login page of the same host, and invalid addresses."""
    error, asked = failure(lambda _: [whole("302 Found", b"", location)])
    assert (error.kind, len(asked)) == (FailureKind.UNUSABLE, 1)
    assert said in str(error)


def test_a_redirect_ends_a_run_with_4_and_costs_nothing(tmp_path: Path, store_path: Path) -> None:
    """Of three articles one request is sent; stderr names both hosts, and all articles are pending."""
    redirect = RawBody(b"", {"location": "https://elsewhere.example/v1/messages"}, 307, generated=False)
    with Service(script=[redirect] * 9) as service:
        done = here(
            "run", articles(tmp_path / "in", 3), "-o", tmp_path / "out", *to(service, store_path), "--concurrency", "1"
        )
        assert len(service.ledger) == 1
    assert done.code == 4
    assert "to https://elsewhere.example" in done.stderr
    facts = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert (facts["maybe_paid_without_answer"], facts["cost_usd"]) == (0, "0")


def test_a_given_client_follows_no_redirect_either() -> None:
    """Tests and programs may pass a client; the SDK's own client follows redirects by default."""
    wire = Wire(httpx2.Response(307, headers={"location": "https://elsewhere.example/"}), httpx2.Response(200))
    given = wire.client
    given.follow_redirects = True
    with pytest.raises(ProviderError, match=r"from https://api\.anthropic\.com to https://elsewhere\.example"):
        AnthropicProvider(http_client=given).send(request_of(), MODEL)
    assert len(wire.requests) == 1


# Limits of size


def test_the_limit_of_a_reply_fits_the_longest_output_of_any_model() -> None:
    """It is 64 bytes for each token, plus a megabyte."""
    assert max(table().find(name).max_output for name in table().models) == guard.LONGEST_OUTPUT
    assert guard.LARGEST_REPLY == 128_000 * 64 + 1_000_000


def padded(size: int) -> bytes:
    """A reply of ``size`` bytes."""
    body = message(summary_of()).encode()
    return body + b" " * (size - len(body))


PACKINGS: dict[str, tuple[Callable[[bytes], bytes], tuple[str, ...]]] = {
    "as it is": (bytes, ()),
    "gzip": (packed, ("content-encoding: gzip",)),
}


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_reply_of_the_largest_size_is_read_whole(packing: str) -> None:
    """The size counts after decompression."""
    pack, headers = PACKINGS[packing]
    body = padded(guard.LARGEST_REPLY)
    with (
        hostile(lambda _: [whole("200 OK", pack(body), *headers)]) as server,
        closing(AnthropicProvider(base_url=server.url)) as provider,
    ):
        assert provider.send(request_of(), MODEL).body == body.decode()


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_reply_of_one_byte_more_is_an_error_that_may_have_been_paid(packing: str) -> None:
    """The error names the limit, and the request is not retried."""
    pack, headers = PACKINGS[packing]
    answer = whole("200 OK", pack(padded(guard.LARGEST_REPLY + 1)), *headers)
    error, asked = failure(lambda _: [answer])
    assert (error.kind, error.maybe_paid, error.sent, len(asked)) == (FailureKind.ARTICLE, True, True, 1)
    assert "more than 9,192,000 bytes" in str(error)
    assert str(error).startswith("the server at http://127.0.0.1")


def test_compressed_bytes_that_decompress_to_nothing_have_a_limit_too() -> None:
    """Empty gzip members, one after another, could go on for ever."""
    empty = packed(b"")
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n"

    def pieces(_: bytes) -> Iterator[bytes]:
        yield head
        while True:
            yield empty * 10_000

    error, _ = failure(pieces)
    assert "more than 9,192,000 bytes" in str(error)


MEASURE = """
import resource, sys
from dragoman.errors import ProviderError
from dragoman.asking.providers.anthropic import AnthropicProvider
from tests.support.builders import MODEL, request_of
provider = AnthropicProvider(base_url=sys.argv[1])
provider.send(request_of(), MODEL)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    provider.send(request_of(), MODEL)
except ProviderError as error:
    print(error)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""

FLOODS: dict[str, Answer] = {
    "a reply of 600 MB": endless("200 OK", 600),
    "an error of 600 MB": endless("500 Internal Server Error", 600),
    "a redirect of 600 MB": endless("302 Found", 600, "location: /x"),
}
BOMBS: dict[str, str] = {"a packed reply of 400 MB": "200 OK", "a packed error of 400 MB": "500 Internal Server Error"}


def grown(answer: Answer) -> tuple[int, int, str]:
    """The growth of a process over such an answer in bytes, the bytes that it received, and its output."""
    first = whole("200 OK", message(summary_of()).encode())
    with hostile(lambda head: [first] if len(server.asked) == 1 else answer(head)) as server:
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, server.url],
            cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
        said, growth = done.stdout.splitlines()
        return int(growth) * 1024, server.taken, said


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_not_read_beyond_the_limit(name: str) -> None:
    """Memory grows by a few copies of the limit, and the rest is never received."""
    growth, taken, _ = grown(FLOODS[name])
    assert growth < 6 * guard.LARGEST_REPLY
    assert taken < 40_000_000


@pytest.mark.parametrize("name", BOMBS)
def test_a_compressed_flood_is_not_read_beyond_the_limit(name: str) -> None:
    """0.4 MB that decompress to 400 MB."""
    body = bomb(400)
    assert len(body) < 500_000
    growth, _, said = grown(lambda _: [whole(BOMBS[name], body, "content-encoding: gzip")])
    assert growth < 6 * guard.LARGEST_REPLY
    assert "more than 9,192,000 bytes" in said or "answered 500" in said


def test_a_run_asks_once_for_a_reply_that_is_too_large_and_stores_nothing(tmp_path: Path, store_path: Path) -> None:
    """One request per article, counted as possibly paid; the store has no row for it."""
    flood = RawBody(bomb(20), {"content-type": "application/json", "content-encoding": "gzip"})
    with Service(script=[flood, None]) as service:
        done = here(
            "run", articles(tmp_path / "in", 2), "-o", tmp_path / "out", *to(service, store_path), "--concurrency", "1"
        )
        assert len(service.ledger) == 2
    assert done.code == 3
    facts = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert facts["maybe_paid_without_answer"] == 1
    with Store(store_path) as store:
        assert store.newest_row() == 1


@pytest.mark.parametrize("size", [guard.LARGEST_ERROR, guard.LARGEST_ERROR + 1, 3_000_000])
def test_an_error_body_is_cut(size: int) -> None:
    """The SDK and everything above it sees only this much of it."""
    wire = Wire(httpx2.Response(500, content=b"x" * size))
    client = guard.guard(wire.client, SecretRegistry(Secrets()))
    assert len(client.get("http://claude.invalid/").content) == min(size, 256 * 1024)


def test_a_credential_across_the_cut_of_an_error_is_masked_whole() -> None:
    """If the text were cut first, the first half of the credential would remain at its end."""
    at = guard.LARGEST_ERROR - len(KEY) // 2
    wire = Wire(httpx2.Response(500, content=b"x" * at + KEY.encode() + b"y" * 1000))
    registry = SecretRegistry(Secrets.of([KEY]))
    content = guard.guard(wire.client, registry).get("http://claude.invalid/").content
    assert b"sk-" not in content


def test_a_credential_of_sixty_thousand_characters_across_the_cut_is_masked_whole() -> None:
    """So much is read beyond the cut; an encoded or repeated credential may be long."""
    secret = "".join(f"{number:05}x" for number in range(10_000))
    wire = Wire(httpx2.Response(500, content=b"y" * (guard.LARGEST_ERROR - 9) + secret.encode()))
    content = guard.guard(wire.client, SecretRegistry(Secrets.of([secret]))).get("http://claude.invalid/").content
    assert not content.rstrip(b"]").endswith(secret[:9].encode())


@pytest.mark.parametrize("value", ["café-1".encode("latin-1"), "số-1".encode()], ids=["latin-1", "utf-8"])
def test_a_header_with_letters_outside_ascii_breaks_no_reply(value: bytes) -> None:
    """The answer and the request id arrive unchanged; a proxy may write such headers."""
    wire = Wire(httpx2.Response(400, headers=[(b"request-id", value)], content=b'{"error":{"message":"no"}}'))
    with pytest.raises(ProviderError, match="answered 400: no") as caught:
        AnthropicProvider(http_client=wire.client).send(request_of(), MODEL)
    assert "-1" in str(caught.value)
