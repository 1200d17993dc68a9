"""Secrets planted where credentials are kept, a service that repeats everything it receives, and a search for the
secrets.

The search detects every secret in plain form, in base64, in percent-encoding and as JSON writes it: in plain files, in
compressed parts of pages and workbooks, and in the bodies of requests.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.support.service import Answer, Behaviour, RawBody, Refusal, Service, Status, answer
from tests.support.service.bodies import Question
from tests.support.service.mechanical import user_text
from tests.support.service.server import Asked

_PACKED = re.compile(rb"[A-Za-z0-9+/]{60,}={0,2}")


def secret(label: str) -> str:
    """Return a unique value with characters that every encoding writes differently."""
    return f'planted-{label}-7Qx"/+=&é-end'


def plain(label: str) -> str:
    """Return a unique value of letters, digits and hyphens, for secrets that go into a header unencoded."""
    return f"planted-{label}-7QxZ4k-end"


@dataclass
class Planted:
    """Secrets by name, the environment that has them, and the files that hold them, which are not searched."""

    values: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    files: set[Path] = field(default_factory=set)

    def variable(self, name: str, value: str, text: str | None = None) -> None:
        """Add a variable whose text is the secret or contains it."""
        self.values[name] = value
        self.env[name] = value if text is None else text

    def file(self, path: Path, text: str, **values: str) -> Path:
        """Add a file with one or more secrets in it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        path.chmod(0o600)
        self.values.update(values)
        self.files.add(path)
        return path


def forms(value: str) -> set[bytes]:
    """Return the forms in which a secret may appear in a file."""
    raw = value.encode()
    packed = {base64.b64encode(raw), base64.urlsafe_b64encode(raw)}
    # Within longer texts base64 has three alignments. Characters that depend on their neighbours are left out.
    for before in (1, 2):
        packed.add(base64.b64encode(b"x" * before + raw)[4:-4])
    escaped = {json.dumps(value)[1:-1].encode(), json.dumps(value, ensure_ascii=False)[1:-1].encode()}
    return {raw, quote(value).encode(), quote(value, safe="").encode(), *escaped, *(one.rstrip(b"=") for one in packed)}


def found(planted: Planted, content: bytes) -> set[str]:
    """Return the names of the secrets in some bytes, including in compressed parts."""
    names = set()
    for name, value in planted.values.items():
        if any(form in layer for layer in _layers(content) for form in forms(value)):
            names.add(name)
    return names


def _layers(content: bytes) -> Iterator[bytes]:
    yield content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield packed.read(name)
    for run in _PACKED.findall(content):
        try:
            raw = base64.b64decode(run + b"=" * (-len(run) % 4))
        except ValueError:
            continue
        yield raw
        if raw.startswith(b"\x1f\x8b"):
            yield gzip.decompress(raw)
        elif raw[:1] == b"\x78":
            try:
                yield zlib.decompress(raw)
            except zlib.error:
                continue


def swept(planted: Planted, folder: Path, printed: Mapping[str, bytes], bodies: Iterable[Any]) -> list[str]:
    """Return each place that contains a secret: files under a folder, printed output, and request bodies."""
    places = {f"printed by {name}": content for name, content in printed.items()}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path not in planted.files:
            places[path.relative_to(folder).as_posix()] = path.read_bytes()
    for number, body in enumerate(bodies):
        places[f"request {number}"] = json.dumps(body, ensure_ascii=False).encode()
    wrong = []
    for place, content in places.items():
        if names := found(planted, content):
            wrong.append(f"{place}: {', '.join(sorted(names))}")
    return wrong


# A service that repeats what it receives.


class Saying(Service):
    """Service that puts `said`, and `said_in_headers` in headers, wherever a service can put a text.

    Depending on the article it sends a temporary error that is not the article's fault, an error of the article, a
    refusal, an answer whose texts contain it, an HTML page, or a body of another shape. All other articles are answered
    as usual.
    """

    KINDS = 8

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._asked: set[str] = set()

    def said(self, asked: Asked) -> str:
        raise NotImplementedError

    def said_in_headers(self, asked: Asked) -> str:
        return self.said(asked)

    def _headers(self, asked: Asked, usage: Mapping[str, Any] | None = None) -> dict[str, str]:
        said = self.said_in_headers(asked)
        return {**super()._headers(asked, usage), "request-id": said, "x-amzn-requestid": said}

    def _scripted(self, asked: Asked) -> Behaviour | None:
        if not asked.costs or asked.question is None:
            return super()._scripted(asked)
        said = self.said(asked)
        number = re.search(r"bài số (\d+)\n", user_text(asked.question.body))
        kind = int(number[1]) % self.KINDS if number else -1
        first = asked.question.user_sha256 not in self._asked
        self._asked.add(asked.question.user_sha256)
        match kind:
            case 0 if first:
                return Status(500, "api_error", f"Failed for {said}")
            case 1:
                return Status(400, "invalid_request_error", f"Not for {said}")
            case 2:
                return Refusal(category=said[:200], explanation=f"Refused for {said}")
            case 3:
                return Answer(echoed(asked.question, said), model=f"model-of-{said}")
            case 4 if first:
                return RawBody(f"<html><h1>Sign in, {said}</h1></html>".encode(), {"content-type": "text/html"})
            case 5 if first:
                return RawBody(json.dumps({"type": said, "error": said}).encode())
            case 6 if first:
                return Status(429, "rate_limit_error", f"Too many for {said}", {"retry-after": "0"})
        return None


class Echo(Saying):
    """Service that repeats all headers of a request, and the credential in them."""

    def said(self, asked: Asked) -> str:
        return repeated(asked)


class EchoingDoor(Echo):
    """Service that rejects every credential and repeats the headers in the error: 401 at the direct API, 403 through
    Bedrock.
    """

    def _scripted(self, asked: Asked) -> Behaviour | None:
        return Status(401, "authentication_error", f"Not valid: {self.said(asked)}")


def repeated(asked: Asked) -> str:
    """Return all headers with their values, the credential separately, and what a proxy or a server decodes from Basic
    ones.
    """
    parts = [f"{name}: {value}" for name, value in asked.http.headers.items()]
    for name in ("authorization", "proxy-authorization", "x-api-key"):
        value = asked.http.headers.get(name, "")
        parts.append(value.rpartition(" ")[2])
        if value.startswith("Basic "):
            parts.append(base64.b64decode(value.removeprefix("Basic ")).decode("utf-8", "replace"))
    return " ".join(" ".join(part.split()) for part in parts).encode("ascii", "backslashreplace").decode()


def echoed(question: Question, said: str) -> str:
    """Return the ordinary answer with a text added to each of its English fields."""
    made = json.loads(answer(question.body))
    if "paragraphs" in made:
        for paragraph in made["paragraphs"]:
            paragraph["text_en"] += f" {said}"
    elif "claims" in made and "title_en" in made:
        made["title_en"] = f"An article for {said}"
        made["abstract"] += f" It was sent by {said}."
        made["key_points"][0] = said
        made["author"] = said
        made["claims"][0]["text_en"] += f" {said}"
        made["claims"][0]["speaker_en"] = said
        made["entities"] = [{"name_en": said, "name_source": said, "kind": "other"}]
    return json.dumps(made, ensure_ascii=False)
