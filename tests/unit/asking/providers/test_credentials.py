"""Credentials of this invocation are found wherever the SDKs find them, so that they can be masked."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from dragoman.asking.providers import credentials
from dragoman.asking.providers.masking import Secrets

KEY = "sk-ant-canary-0001"
TOKEN = "token-canary-0002"


def masked(secrets: Secrets) -> set[str]:
    """The values that are masked everywhere."""
    return set(secrets.strong)


VARIABLES: dict[str, tuple[dict[str, str], set[str]]] = {
    "a key": ({"ANTHROPIC_API_KEY": KEY}, {KEY}),
    "keys of AWS": ({"AWS_ACCESS_KEY_ID": "AKIACANARY1", "AWS_SESSION_TOKEN": TOKEN}, {"AKIACANARY1", TOKEN}),
    "a bearer token of Bedrock": ({"AWS_BEARER_TOKEN_BEDROCK": TOKEN}, {TOKEN}),
    "a custom header": (
        {"ANTHROPIC_CUSTOM_HEADERS": f"X-Team: {TOKEN}\nAccept: text/plain"},
        {TOKEN},
    ),
    "a proxy's password": ({"HTTPS_PROXY": f"http://user:{TOKEN}@proxy:1"}, {TOKEN, f"user:{TOKEN}"}),
    "the query of an address": ({"ANTHROPIC_BASE_URL": f"https://host/?key={TOKEN}"}, {TOKEN}),
    "other variables": ({"PATH": "/usr/local/bin-0001", "MY_API_KEY": KEY}, set()),
}


@pytest.mark.parametrize(("environment", "secrets"), VARIABLES.values(), ids=VARIABLES)
def test_secrets_in_the_environment_are_found(environment: dict[str, str], secrets: set[str]) -> None:
    """Keys, tokens, custom headers and passwords in addresses, for both services."""
    assert masked(credentials.secrets_in_environment(environment)) == secrets


BASIC = base64.b64encode(f"user:{TOKEN}".encode()).decode()
HEADERS: dict[str, tuple[dict[str, str], set[str]]] = {
    "a key": ({"x-api-key": KEY}, {KEY}),
    "a bearer token": ({"authorization": f"Bearer {TOKEN}"}, {TOKEN}),
    "a user and a password": ({"authorization": f"Basic {BASIC}"}, {TOKEN, f"user:{TOKEN}"}),
    "a signature": (
        {"authorization": "AWS4-HMAC-SHA256 Credential=AKIACANARY1/20261130/eu-west-1, Signature=0123456789abcdef0"},
        {"AKIACANARY1"},
    ),
    "the placeholder for local servers": ({"x-api-key": credentials.PLACEHOLDER_KEY}, set()),
    "headers that only mention tokens": ({"idempotency-key": "abcd-efgh-1234", "max_tokens": "1000000000"}, set()),
}


@pytest.mark.parametrize(("headers", "secrets"), HEADERS.values(), ids=HEADERS)
def test_secrets_in_the_headers_of_a_request_are_found(headers: dict[str, str], secrets: set[str]) -> None:
    """In each scheme of authorization that the SDKs use."""
    assert masked(credentials.secrets_in_headers(headers)) == secrets


def test_tokens_in_a_profile_are_found_and_other_fields_are_not() -> None:
    """The answer to a request for a token has the same form."""
    content = json.dumps({"access_token": TOKEN, "token_type": "bearer-type", "expires_at": 1, "name": "a-name-0001"})
    assert masked(credentials.secrets_in_json(content)) == {TOKEN}
    assert masked(credentials.secrets_in_json("[]")) == masked(credentials.secrets_in_json("{")) == set()


@pytest.mark.parametrize(("size", "found"), [(1_000_000, True), (1_000_001, False)])
def test_a_file_of_up_to_a_million_bytes_is_searched(size: int, tmp_path: Path, *, found: bool) -> None:
    """A file of a profile has a few thousand bytes; a larger one is something else."""
    file = tmp_path / "credentials.json"
    content = json.dumps({"access_token": TOKEN})
    file.write_text(content + " " * (size - len(content)))
    assert masked(credentials.secrets_in_files([file])) == ({TOKEN} if found else set())


def test_up_to_a_hundred_files_of_sign_ons_are_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """People have a few."""
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / ".aws" / "sso" / "cache"
    folder.mkdir(parents=True)
    for number in range(101):
        (folder / f"{number:03}.json").write_text(json.dumps({"accessToken": f"canary-{number:04}"}))
    tokens = masked(credentials.secrets_in_aws_files({}))
    assert tokens == {f"canary-{number:04}" for number in range(100)}


def test_a_registry_adds_the_secrets_of_each_request() -> None:
    """Those in its headers, and those that are known only when it is signed."""
    registry = credentials.SecretRegistry(Secrets.of([KEY]), lambda: Secrets.of(["signing-canary-1"]))
    assert masked(registry.secrets) == {KEY}
    registry.add_from_request({"authorization": f"Bearer {TOKEN}"})
    assert masked(registry.secrets) == {KEY, TOKEN, "signing-canary-1"}
