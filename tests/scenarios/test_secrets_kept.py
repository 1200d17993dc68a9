"""A service repeats every credential it receives, and none appears in anything that a command prints or writes."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from dragoman.asking.providers.credentials import secrets_in_environment
from dragoman.asking.providers.masking import MASK
from dragoman.runs import doctor
from tests.support.builders import message, summary_of
from tests.support.commands import Ended, articles, dragoman, here, records
from tests.support.hostile import Hostile, hostile, whole

KEY, HEADER, USER, PASSWORD = "sk-ant-canary-0001/x", "gate-canary-0002", "user-of-proxy", "pass/canary-0003"
LOGIN = "login-canary-0004"
SECRETS = (KEY, HEADER, PASSWORD, LOGIN)


def spellings(secret: str) -> Iterator[bytes]:
    """Return the forms in which a secret could appear in a file."""
    for spelt in (secret, quote(secret, safe=""), secret.replace("/", "\\/"), f"{USER}:{secret}"):
        yield spelt.encode()
        yield base64.b64encode(spelt.encode()).rstrip(b"=")


def assert_kept(contents: Iterable[tuple[str, bytes]]) -> None:
    """Fail for each place that contains a credential, in any form, with or without line breaks."""
    for place, content in contents:
        for text in (content, re.sub(rb"\s+|\\n", b"", content)):
            for secret in SECRETS:
                for spelt in spellings(secret):
                    assert spelt.lower() not in text.lower(), (place, spelt)


def written(folder: Path, done: Ended) -> Iterator[tuple[str, bytes]]:
    """Return everything that a command left: its streams and each file, decompressed where bodies are compressed."""
    yield "stdout", done.stdout.encode()
    yield "stderr", done.stderr.encode()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            yield str(path), content
            for at in (found.start() for found in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", content)):
                try:
                    yield f"{path} at {at}", zlib.decompressobj().decompress(content[at:])
                except zlib.error:
                    continue


def echo(head: bytes) -> str:
    """Return every secret in a request, in many forms, as a service might repeat it."""
    lines = "\n".join(line.decode("latin-1") for line in head.split(b"\r\n") if b"anary" in line or b"roxy-" in line)
    wrapped = re.sub(r"(.{9})", r"\1\n", lines)
    both = f"{lines} {KEY} {quote(PASSWORD, safe='')} {PASSWORD} {wrapped} {lines.upper()}"
    return (
        f"{both} {base64.b64encode(both.encode()).decode()} {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"
    )


def in_headers(head: bytes) -> tuple[str, ...]:
    flat = echo(head).replace("\n", " ")
    return (f"request-id: {flat}", f"x-echo: {flat}", f"retry-after: {flat}", f"anthropic-organization-id: {flat}")


def refusing(status: str) -> Callable[[bytes], list[bytes]]:
    def answer(head: bytes) -> list[bytes]:
        body = json.dumps({"type": "error", "error": {"type": echo(head), "message": echo(head)}})
        return [whole(f"{status} {echo(head)}".replace("\n", " "), body.encode(), *in_headers(head))]

    return answer


def page(head: bytes) -> list[bytes]:
    return [whole("502 Bad Gateway", f"<h1>{echo(head)}</h1>".encode(), "content-type: text/html", *in_headers(head))]


def junk(head: bytes) -> list[bytes]:
    return [echo(head).encode() + b"\r\n\r\n"]


def redirecting(head: bytes) -> list[bytes]:
    flat = quote(echo(head).replace("\n", " "), safe="")
    return [
        whole("307 Temporary Redirect", b"", f"location: https://{USER}:{quote(PASSWORD, safe='')}@x.example/{flat}")
    ]


def unreadable(head: bytes) -> list[bytes]:
    return [whole("200 OK", echo(head).encode(), *in_headers(head))]


def answering(head: bytes) -> list[bytes]:
    abstract = f"The bank keeps its interest rate, and the service says what it received. {echo(head)[:400]}"
    text = summary_of(title_en=f"My key: {echo(head)}", abstract=abstract)
    return [
        whole("200 OK", message(text, model=echo(head)).encode(), "content-type: application/json", *in_headers(head))
    ]


def declining(head: bytes) -> list[bytes]:
    details = {"type": "refusal", "category": echo(head), "explanation": echo(head)}
    return [whole("200 OK", message("", stop_reason="refusal", stop_details=details).encode(), *in_headers(head))]


ANSWERS: dict[str, Callable[[bytes], list[bytes]]] = {
    "400": refusing("400"),
    "401": refusing("401"),
    "404": refusing("404"),
    "413": refusing("413"),
    "500": refusing("500"),
    "a page": page,
    "junk": junk,
    "a redirect": redirecting,
    "no reply": unreadable,
    "a reply": answering,
    "a refusal": declining,
}


def environment_of(server: Hostile, *, debug: bool) -> dict[str, str]:
    """Return an environment with credentials in every place. The service is reached through a proxy with a password."""
    return {
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_CUSTOM_HEADERS": f"x-gateway-token: {HEADER}",
        "HTTP_PROXY": f"http://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{server.port}",
        "NO_PROXY": "",
        "DRAGOMAN_ATTEMPTS": "1",
        **({"ANTHROPIC_LOG": "debug"} if debug else {}),
    }


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_a_run_leaves_no_credential_anywhere(answer: Callable[[bytes], list[bytes]], tmp_path: Path) -> None:
    """Streams, log, records, run.json, index, pages, tables, store, recordings, and the log of the SDK are searched."""
    articles(tmp_path / "in", 1)
    with hostile(answer) as server:
        done = dragoman(
            "run", tmp_path / "in", "-o", tmp_path / "out", "--store", tmp_path / "store.sqlite",
            "--record", tmp_path / "recorded", "--log-format", "json",
            "--base-url", "http://service.invalid/",
            home=tmp_path, env=environment_of(server, debug=True),
        )  # fmt: skip
        assert server.asked, done.stderr
        assert b"proxy-authorization: basic" in server.asked[0].lower()
        assert KEY.encode() in server.asked[0]
    assert done.code in ((0,) if answer is answering else (3, 4))
    assert "bug" not in done.stderr
    assert_kept(written(tmp_path, done))


def test_a_reply_with_a_credential_is_stored_masked_and_says_so(tmp_path: Path) -> None:
    """The record contains the words that replace the credential."""
    with hostile(answering) as server:
        done = dragoman(
            "run", articles(tmp_path / "in", 1), "-o", tmp_path / "out", "--store", tmp_path / "store.sqlite",
            "--base-url", "http://service.invalid", home=tmp_path, env=environment_of(server, debug=False),
        )  # fmt: skip
    (record,) = records(tmp_path / "out")
    assert record["summary"], record["reason"]
    assert record["summary"]["title_en"].startswith("My key:")
    assert MASK in record["summary"]["title_en"]
    assert_kept(written(tmp_path, done))


@pytest.mark.parametrize("command", [("doctor", "--ping"), ("plan", "--exact"), ("summarize",)], ids=lambda c: c[0])
def test_no_other_command_prints_a_credential(command: tuple[str, ...], tmp_path: Path) -> None:
    """This covers free requests and single articles."""
    file = articles(tmp_path / "in", 1) / "a00.txt"
    name, *options = command
    with hostile(refusing("403")) as server:
        done = dragoman(
            name, *([] if name == "doctor" else [file, "--store", tmp_path / "store.sqlite"]), *options,
            "--base-url", f"http://user:{LOGIN}@service.invalid/",
            home=tmp_path, env=environment_of(server, debug=True),
        )  # fmt: skip
        assert server.asked, done.stderr
    assert done.code == 4
    assert_kept(written(tmp_path, done))


def test_a_bug_prints_no_credential(monkeypatch: pytest.MonkeyPatch) -> None:
    """A traceback is meant for a bug report, so it passes through the same mask."""

    def buggy(_: object) -> None:
        raise KeyError(f"no header {KEY}")

    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setattr(doctor, "examine", buggy)
    done = here("doctor")
    assert done.code == 1
    assert "KeyError" in done.stderr
    assert f"no header {MASK}" in done.stderr
    assert KEY not in done.stderr


@pytest.mark.parametrize("name", ["X-Gate", "x-tenant", "Ocp-Apim-Subscription"])
def test_a_custom_header_of_any_name_is_a_secret(name: str) -> None:
    """A gateway may give its key any name. The API's own headers contain no secret."""
    custom = f"{name}: {HEADER}\nanthropic-beta: context-1m-2026-08-07"
    secrets = secrets_in_environment({"ANTHROPIC_CUSTOM_HEADERS": custom})
    assert secrets.mask(f"{name}={HEADER}") == f"{name}=[credential removed]"
    assert secrets.mask_reply(f"{HEADER}") == "[credential removed]"
    assert secrets.mask("context-1m-2026-08-07") == "context-1m-2026-08-07"
