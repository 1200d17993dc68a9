"""Find the credentials of this invocation in the environment, addresses, profile files and requests, to mask them.

Credentials are looked up and used by the SDKs; this module only collects their values for `masking`.
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
from dragoman.asking.providers.routes import custom_headers, proxy_addresses
from dragoman.core import read_file

PLACEHOLDER_KEY = "not-needed"
"""Sent to a local server instead of a key: the server ignores it, but the SDK requires one. It is no secret."""

_VARIABLE = re.compile(
    r"(ANTHROPIC|AWS|CLAUDE)_(\w*_)?(API_?KEY|ACCESS_KEY(_ID)?|SIGNING_KEY|KEY|TOKEN|SECRET|PASSWORD)(_BEDROCK)?"
)
_HEADER = re.compile(r"auth|key|token|secret|cookie|password|credential", re.IGNORECASE)
_FIELD = re.compile(r"token|secret|assertion|password|key", re.IGNORECASE)
_ORDINARY = re.compile(r"(accept|anthropic|content|user-agent|x-stainless|cache-control)", re.IGNORECASE)
"""Beginnings of header names that hold no secret, unless `_HEADER` matches."""
# Names of headers and fields that mention tokens but hold no secret.
_NOT_SECRET = frozenset(
    {"token_type", "type", "grant_type", "token_uri", "idempotency-key", "input_tokens", "max_tokens"}
)
_AWS_FIELD = re.compile(r"aws_(access_key_id|secret_access_key|session_token)")
AWS_FILES = {"AWS_CONFIG_FILE": "~/.aws/config", "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials"}
"""The default path of each file, by the variable that overrides it."""
LARGEST_FILE = 1_000_000
"""Bytes; the files of a profile have a few thousand."""
MAX_SIGN_ON_FILES = 100
"""How many files of AWS sign-ons are read; people have a few."""


class SecretRegistry:
    """The credentials of one provider: those known at the start, and those of each request that it sends.

    ``signing_secrets`` returns values that are known only when a request is signed.
    """

    def __init__(self, secrets: Secrets, signing_secrets: Callable[[], Secrets] = Secrets) -> None:
        self._secrets = secrets
        self._signing_secrets = signing_secrets
        self._lock = threading.Lock()

    @property
    def secrets(self) -> Secrets:
        return self._secrets

    def add(self, more: Secrets) -> None:
        """Mask these too from now on."""
        with self._lock:
            self._secrets = self._secrets | more

    def add_from_request(self, headers: Mapping[str, str]) -> None:
        """Add the secrets of a request with these headers, which is about to be sent."""
        self.add(secrets_in_headers(headers) | self._signing_secrets())


def secrets_in_environment(environment: Mapping[str, str]) -> Secrets:
    """Secrets in the variables of both services, in their custom headers, and in proxy addresses."""
    secrets = Secrets.of(value for name, value in environment.items() if _VARIABLE.fullmatch(name))
    headers = custom_headers(environment)
    # Whatever their name: the header of a gateway's key may be called anything.
    secrets |= Secrets.of(value for name, value in headers.items() if not _ORDINARY.match(name)) | secrets_in_headers(
        headers
    )
    for url in proxy_addresses(environment).values():
        secrets |= secrets_in_url(url)
    for name in ("ANTHROPIC_BASE_URL", "ANTHROPIC_BEDROCK_BASE_URL"):
        secrets |= secrets_in_url(environment.get(name))
    return secrets


def secrets_in_url(url: str | None) -> Secrets:
    """The user, the password and the values of the query."""
    try:
        parts = urlsplit(url or "")
        login = Secrets.of_login(_unquoted(parts.username), _unquoted(parts.password))
        # Also in the percent-encoded form of the address.
        encoded = Secrets.of([parts.password], names=[parts.username])
        return login | encoded | Secrets.of(value for _, value in parse_qsl(parts.query))
    except ValueError:
        return Secrets()


def secrets_in_headers(headers: Mapping[str, str]) -> Secrets:
    """The credentials in the headers of a request."""
    secrets = Secrets()
    for name, value in headers.items():
        if not _HEADER.search(name) or name.lower() in _NOT_SECRET:
            continue
        scheme, _, rest = value.partition(" ")
        if scheme.lower() == "basic":
            secrets |= _secrets_in_basic(rest)
        elif scheme.startswith("AWS4-"):
            secrets |= Secrets.of(re.findall(r"Credential=([^/,\s]+)", rest))
        elif value != PLACEHOLDER_KEY and rest != PLACEHOLDER_KEY:
            secrets |= Secrets.of([rest if scheme.lower() == "bearer" else value])
    return secrets


def secrets_in_json(content: bytes | str) -> Secrets:
    """Tokens in the fields of a JSON object: a profile's file, a request for a token, or its answer."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return Secrets()
    return Secrets.of(_fields(value)) if isinstance(value, dict) else Secrets()


def secrets_in_files(paths: Iterable[Path]) -> Secrets:
    """Tokens in the credentials files of a profile. Unreadable files are skipped: the SDK reports what is wrong."""
    secrets = Secrets()
    for path in paths:
        secrets |= secrets_in_json(_text(path))
    return secrets


def secrets_in_aws_files(environment: Mapping[str, str]) -> Secrets:
    """Keys of all profiles in the AWS files, including those that only sign requests for other keys, and tokens of
    sign-ons."""
    secrets = Secrets()
    for variable, default in AWS_FILES.items():
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(_text(Path(environment.get(variable) or default).expanduser()))
        except configparser.Error:
            continue
        for section in parser.sections():
            secrets |= Secrets.of(value for name, value in parser.items(section) if _AWS_FIELD.fullmatch(name))
    tokens = Path("~/.aws/sso/cache").expanduser()
    return secrets | secrets_in_files(sorted(tokens.glob("*.json"))[:MAX_SIGN_ON_FILES])


def _text(path: Path) -> str:
    """The content of a small file; "" if it cannot be read."""
    try:
        return read_file.read_whole(path, LARGEST_FILE).decode("utf-8", "replace")
    except OSError:
        return ""


def _fields(value: dict[str, Any]) -> Iterable[str]:
    for name, field in value.items():
        if isinstance(field, str) and _FIELD.search(name) and name not in _NOT_SECRET:
            yield field


def _secrets_in_basic(encoded: str) -> Secrets:
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return Secrets.of([encoded])
    return Secrets.of_login(user, password)


def _unquoted(part: str | None) -> str | None:
    return unquote(part) if part else part
