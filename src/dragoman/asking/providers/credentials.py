"""Where this invocation's credentials come from: environment, addresses, files of a profile, requests that are sent.

Only to mask them (`masking`): credentials are found and used by the SDKs.
"""

from __future__ import annotations

import base64
import binascii
import configparser
import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from dragoman.asking.providers.masking import Secrets
from dragoman.asking.providers.routes import proxies
from dragoman.core import read_file

PLACEHOLDER_KEY = "not-needed"
"""Goes to a local server in the place of a key: it ignores it, but the SDK wants one. No secret."""

_VARIABLE = re.compile(
    r"(ANTHROPIC|AWS|CLAUDE)_(\w*_)?(API_?KEY|ACCESS_KEY(_ID)?|SIGNING_KEY|KEY|TOKEN|SECRET|PASSWORD)(_BEDROCK)?"
)
_HEADER = re.compile(r"auth|key|token|secret|cookie|password|credential", re.IGNORECASE)
_FIELD = re.compile(r"token|secret|assertion|password|key", re.IGNORECASE)
_ORDINARY = re.compile(r"(accept|anthropic|content|user-agent|x-stainless|cache-control)", re.IGNORECASE)
"""How the names of headers begin that hold no secret, unless `_HEADER` says so."""
# Names of headers and fields that are about tokens and hold none.
_PLAIN = frozenset({"token_type", "type", "grant_type", "token_uri", "idempotency-key", "input_tokens", "max_tokens"})
_AWS_FIELD = re.compile(r"aws_(access_key_id|secret_access_key|session_token)")
AWS_FILES = {"AWS_CONFIG_FILE": "~/.aws/config", "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials"}
"""The usual place of each file, by the variable that names another."""
LARGEST_FILE = 1_000_000
"""Bytes; the files of a profile have a few thousand."""
MOST_TOKENS = 100
"""Files of sign-ons that are looked at; people have a few."""


class SecretRegistry:
    """The credentials of one provider: those that are known at first, and each that one of its requests carries.

    ``also`` gives values that are known only when a request is signed.
    """

    def __init__(self, secrets: Secrets, also: Callable[[], Secrets] = Secrets) -> None:
        self._secrets = secrets
        self._also = also
        self._lock = threading.Lock()

    @property
    def secrets(self) -> Secrets:
        return self._secrets

    def learn(self, more: Secrets) -> None:
        """Mask these too, from now on."""
        with self._lock:
            self._secrets = self._secrets | more

    def sends(self, headers: Mapping[str, str]) -> None:
        """A request with these headers is about to leave."""
        self.learn(secrets_in_headers(headers) | self._also())


def secrets_in_environment(environment: Mapping[str, str]) -> Secrets:
    """Values of the variables of both services, of their custom headers, and of proxies."""
    secrets = Secrets.of(value for name, value in environment.items() if _VARIABLE.fullmatch(name))
    lines = (line.partition(":") for line in environment.get("ANTHROPIC_CUSTOM_HEADERS", "").split("\n"))
    headers = {name.strip(): value.strip() for name, _, value in lines}
    # Whatever its name: a gateway's key may be called anything.
    secrets |= Secrets.of(value for name, value in headers.items() if not _ORDINARY.match(name)) | secrets_in_headers(
        headers
    )
    for url in proxies(environment).values():
        secrets |= secrets_in_url(url)
    for name in ("ANTHROPIC_BASE_URL", "ANTHROPIC_BEDROCK_BASE_URL"):
        secrets |= secrets_in_url(environment.get(name))
    return secrets


def secrets_in_url(url: str | None) -> Secrets:
    """User, password and the values of the query."""
    try:
        parts = urlsplit(url or "")
        login = Secrets.of_login(_unquoted(parts.username), _unquoted(parts.password))
        # As it is spelt in the address, too.
        spelt = Secrets.of([parts.password], names=[parts.username])
        return login | spelt | Secrets.of(value for _, value in parse_qsl(parts.query))
    except ValueError:
        return Secrets()


def secrets_in_headers(headers: Mapping[str, str]) -> Secrets:
    """What the headers of a request use as a credential."""
    secrets = Secrets()
    for name, value in headers.items():
        if not _HEADER.search(name) or name.lower() in _PLAIN:
            continue
        scheme, _, rest = value.partition(" ")
        if scheme.lower() == "basic":
            secrets |= _of_basic(rest)
        elif scheme.startswith("AWS4-"):
            secrets |= Secrets.of(re.findall(r"Credential=([^/,\s]+)", rest))
        elif value != PLACEHOLDER_KEY and rest != PLACEHOLDER_KEY:
            secrets |= Secrets.of([rest if scheme.lower() == "bearer" else value])
    return secrets


def secrets_in_json(content: bytes | str) -> Secrets:
    """Tokens among the fields of a JSON object: a file of a profile, a request for a token, its answer."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return Secrets()
    return Secrets.of(_fields(value)) if isinstance(value, dict) else Secrets()


def secrets_in_files(paths: Iterable[Path]) -> Secrets:
    """Tokens in the credentials files of a profile, as far as they can be read; the SDK says what is wrong with one."""
    secrets = Secrets()
    for path in paths:
        secrets |= secrets_in_json(_text(path))
    return secrets


def secrets_in_aws_files(environment: Mapping[str, str]) -> Secrets:
    """Keys of every profile in the AWS files, those that only sign a request for other keys included, and the tokens of
    sign-ons."""
    secrets = Secrets()
    for variable, usual in AWS_FILES.items():
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(_text(Path(environment.get(variable) or usual).expanduser()))
        except configparser.Error:
            continue
        for section in parser.sections():
            secrets |= Secrets.of(value for name, value in parser.items(section) if _AWS_FIELD.fullmatch(name))
    tokens = Path("~/.aws/sso/cache").expanduser()
    return secrets | secrets_in_files(sorted(tokens.glob("*.json"))[:MOST_TOKENS])


def _text(path: Path) -> str:
    """A small file, as far as it is one; else nothing."""
    try:
        return read_file.read_whole(path, LARGEST_FILE).decode("utf-8", "replace")
    except OSError:
        return ""


def _fields(value: dict[str, Any]) -> Iterable[str]:
    for name, field in value.items():
        if isinstance(field, str) and _FIELD.search(name) and name not in _PLAIN:
            yield field


def _of_basic(coded: str) -> Secrets:
    try:
        user, _, password = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return Secrets.of([coded])
    return Secrets.of_login(user, password)


def _unquoted(part: str | None) -> str | None:
    return unquote(part) if part else part
