"""Which credential is used for the Claude API, and to which host it is sent, compared with the SDK itself."""

from __future__ import annotations

import json
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest

from dragoman.asking.providers.anthropic import OFFICIAL, AnthropicProvider
from dragoman.asking.providers.profiles import credential_of, notes_on
from dragoman.errors import ConfigError, FailureKind, ProviderError
from tests.support.builders import MODEL, Wire, message, refused, request_of, summary_of
from tests.support.commands import articles, here, to
from tests.support.service import Service

GATEWAY = "https://gateway.example/team"
PLACEHOLDER = "Bearer not-needed"


def profile(name: str, base_url: Any = None, *, mode: int = 0o600, text: str | None = None) -> Path:
    """An interactive sign-in in the default folder, as the SDK writes it."""
    folder = Path.home() / ".config" / "anthropic"
    for part in ("configs", "credentials"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    config = {"authentication": {"type": "user_oauth"}, **({} if base_url is None else {"base_url": base_url})}
    file = folder / "configs" / f"{name}.json"
    file.write_text(json.dumps(config) if text is None else text)
    file.chmod(mode)
    tokens = folder / "credentials" / f"{name}.json"
    tokens.write_text(json.dumps({"access_token": f"token-of-{name}", "expires_at": int(time.time()) + 3600}))
    tokens.chmod(0o600)
    return folder


@pytest.fixture
def profiles() -> Path:
    """The active profile is for a gateway; of the others, one has no address and the rest cannot be used."""
    profile("default", f"{GATEWAY}/")
    profile("plain")
    profile("empty", "")
    profile("number", 5)
    profile("unsafe", "http://gateway.example")
    profile("open", mode=0o666)
    profile("broken", text="{")
    profile("list", text="[]")
    return profile("without", text="{}")


FEDERATED = {
    "ANTHROPIC_FEDERATION_RULE_ID": "rule",
    "ANTHROPIC_ORGANIZATION_ID": "org",
    "ANTHROPIC_IDENTITY_TOKEN": "identity",
}
ENVIRONMENTS: dict[str, dict[str, str]] = {
    "the active profile": {},
    "a key": {"ANTHROPIC_API_KEY": "key"},
    "an empty key": {"ANTHROPIC_API_KEY": ""},
    "a token": {"ANTHROPIC_AUTH_TOKEN": "token"},
    "an empty key and a token": {"ANTHROPIC_API_KEY": "", "ANTHROPIC_AUTH_TOKEN": "token"},
    "a key and a token": {"ANTHROPIC_API_KEY": "key", "ANTHROPIC_AUTH_TOKEN": "token"},
    "a key and a profile": {"ANTHROPIC_API_KEY": "key", "ANTHROPIC_PROFILE": "plain"},
    "a profile": {"ANTHROPIC_PROFILE": "plain"},
    "a profile with an empty address": {"ANTHROPIC_PROFILE": "empty"},
    "an empty profile": {"ANTHROPIC_PROFILE": ""},
    "a profile and a federation": {"ANTHROPIC_PROFILE": "plain", **FEDERATED},
    "a federation with an empty organization": {**FEDERATED, "ANTHROPIC_ORGANIZATION_ID": ""},
    "half a federation": {"ANTHROPIC_FEDERATION_RULE_ID": "rule"},
    "an empty folder": {"ANTHROPIC_CONFIG_DIR": ""},
    "no profile": {"HOME": "/nowhere"},
    "a header": {"HOME": "/nowhere", "ANTHROPIC_CUSTOM_HEADERS": "Authorization: Bearer header"},
    "another header": {"HOME": "/nowhere", "ANTHROPIC_CUSTOM_HEADERS": "X-Api-Key: header"},
    "a header and a key": {"ANTHROPIC_API_KEY": "key", "ANTHROPIC_CUSTOM_HEADERS": "authorization: Bearer header"},
    "no profile of that name": {"ANTHROPIC_PROFILE": "nobody"},
    "a name with spaces": {"ANTHROPIC_PROFILE": " plain"},
    "a name with a path": {"ANTHROPIC_PROFILE": "../plain"},
    "a folder that there is not": {"ANTHROPIC_CONFIG_DIR": "/nowhere"},
    "a folder that is not expanded": {"ANTHROPIC_CONFIG_DIR": "~/.config/anthropic"},
    **{
        f"the {name} profile": {"ANTHROPIC_PROFILE": name}
        for name in ("number", "unsafe", "open", "broken", "list", "without")
    },
}


def sdk_sends() -> tuple[str, str, str] | None:
    """Host and credential headers of a request of the SDK alone; None if it cannot be made."""
    wire = Wire(httpx2.Response(200, text=message(summary_of())))
    try:
        client = anthropic.Anthropic(http_client=wire.client, max_retries=0)
        client.messages.create(model="m", max_tokens=1, messages=[{"role": "user", "content": "x"}])
    except (anthropic.AnthropicError, TypeError):
        return None
    request = wire.requests[-1]
    return (
        str(request.url.copy_with(path="/")),
        request.headers.get("authorization", ""),
        request.headers.get("x-api-key", ""),
    )


@pytest.mark.usefixtures("profiles")
@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_host_and_credential_are_those_of_the_sdk(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a base URL, a request goes where the SDK would send it, with the same credential or with none. What
    `credential_of` names is what is sent, and a profile that it calls unusable is one that the SDK rejects."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    expected = sdk_sends()
    credential = credential_of(environment)
    wire = Wire(httpx2.Response(200, json={"access_token": "exchanged", "expires_in": 3600, "type": "message"}))
    provider = AnthropicProvider(http_client=wire.client)
    if expected is None:
        with pytest.raises(ProviderError) as caught:
            provider.send(request_of(), MODEL)
        assert (caught.value.kind, caught.value.sent) == (FailureKind.UNUSABLE, False)
        assert credential.kind in ("none", "profile")
        assert not any("token-of" in str(request.headers) for request in wire.requests)
        return
    provider.send(request_of(), MODEL)
    sent = wire.requests[-1]
    authorization, key = sent.headers.get("authorization", ""), sent.headers.get("x-api-key", "")
    assert (str(sent.url.copy_with(path="/")), authorization, key) == expected
    assert not credential.problem
    values = {"ANTHROPIC_API_KEY": "key", "ANTHROPIC_AUTH_TOKEN": "token"}
    if credential.kind == "profile":
        assert authorization == f"Bearer token-of-{credential.name}"
    elif credential.kind == "variable" and "ANTHROPIC_CUSTOM_HEADERS" not in environment:
        assert authorization == f"Bearer {values[credential.name]}"


@pytest.mark.usefixtures("profiles")
@pytest.mark.parametrize(
    "name", ["nobody", " plain", "../plain", "number", "unsafe", "open", "broken", "list", "without"]
)
def test_a_profile_that_cannot_be_used_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent, and the message has the file that is wrong or says what is wrong with the name."""
    monkeypatch.setenv("ANTHROPIC_PROFILE", name)
    credential = credential_of({"ANTHROPIC_PROFILE": name})
    assert credential.problem
    wire = Wire(refused(500))
    with pytest.raises(ProviderError, match="cannot be set up") as caught:
        AnthropicProvider(http_client=wire.client).send(request_of(), MODEL)
    assert name in str(caught.value)
    assert not wire.requests
    done = here("doctor")
    assert done.code == 4
    assert f"cannot be used: {credential.problem}" in done.stderr


@pytest.mark.usefixtures("profiles")
@pytest.mark.parametrize("missing", [None, *FEDERATED])
def test_a_federation_comes_before_the_active_profile(missing: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only if it is complete, as for the SDK."""
    environment = {name: value for name, value in FEDERATED.items() if name != missing}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    used = type(anthropic.Anthropic().credentials).__name__
    assert used == ("CredentialsFile" if missing else "WorkloadIdentityCredentials")
    assert credential_of(environment).kind == ("profile" if missing else "federation")


@pytest.mark.usefixtures("profiles")
def test_the_pointer_chooses_the_active_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for the SDK; without it the profile ``default`` is active."""
    (Path.home() / ".config" / "anthropic" / "active_config").write_text("plain\n")
    assert (credential_of({}).name, credential_of({}).chosen) == ("plain", False)
    assert sdk_sends() == (f"{OFFICIAL}/", "Bearer token-of-plain", "")
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(Path.home()))
    assert credential_of({"ANTHROPIC_CONFIG_DIR": str(Path.home())}).problem == "No such file or directory"


# The host of a profile


@pytest.mark.usefixtures("profiles")
def test_the_host_of_a_profile_is_a_custom_endpoint() -> None:
    """Its replies are stored under that host, and its token goes nowhere else."""
    wire = Wire(httpx2.Response(200, text=message(summary_of())))
    provider = AnthropicProvider(http_client=wire.client)
    assert (provider.endpoint, provider.base_url) == ("custom", GATEWAY)
    provider.send(request_of(), MODEL)
    assert str(wire.requests[0].url) == f"{GATEWAY}/v1/messages"
    assert wire.requests[0].headers["authorization"] == "Bearer token-of-default"


@pytest.mark.parametrize("url", [None, "", OFFICIAL, f"{OFFICIAL}/"])
def test_a_profile_for_the_official_host_is_no_custom_endpoint(url: str | None) -> None:
    """Whether it names that host or none."""
    profile("default", url)
    provider = AnthropicProvider(http_client=Wire(refused(500)).client)
    assert (provider.endpoint, provider.base_url) == ("anthropic", None)


OTHERS = ["https://other.example", "http://gateway.example/team", "https://gateway.example:8443", OFFICIAL]


@pytest.mark.usefixtures("profiles")
@pytest.mark.parametrize("by", ["argument", "environment"])
@pytest.mark.parametrize("url", OTHERS)
def test_the_token_of_a_chosen_profile_goes_to_no_other_host(
    url: str, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A base URL on another host, port or scheme contradicts the profile: exit 2, and nothing is sent."""
    monkeypatch.setenv("ANTHROPIC_PROFILE", "default")
    if by == "environment":
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
    wire = Wire(refused(500))
    with pytest.raises(ConfigError, match=rf"the base URL is {url}, but the profile default .* is for {GATEWAY}"):
        AnthropicProvider(base_url=url if by == "argument" else None, http_client=wire.client)
    assert not wire.requests


SAME = [GATEWAY, f"{GATEWAY}/", "https://gateway.example", "https://GATEWAY.example:443/other"]


@pytest.mark.usefixtures("profiles")
@pytest.mark.parametrize("chosen", [True, False], ids=["chosen", "active"])
@pytest.mark.parametrize("url", SAME)
def test_another_path_on_the_host_of_a_profile_gets_its_token(
    url: str, *, chosen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The base URL wins, and the server is the one that the profile is for."""
    if chosen:
        monkeypatch.setenv("ANTHROPIC_PROFILE", "default")
    wire = Wire(httpx2.Response(200, text=message(summary_of())))
    AnthropicProvider(base_url=url, http_client=wire.client).send(request_of(), MODEL)
    assert str(wire.requests[0].url).startswith(str(httpx2.URL(url)).rstrip("/"))
    assert wire.requests[0].headers["authorization"] == "Bearer token-of-default"


@pytest.mark.usefixtures("profiles")
@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "https://other.example"])
def test_another_server_gets_no_token_of_the_active_profile(url: str) -> None:
    """A local server needs no sign-in, and the one on this machine is for another host."""
    wire = Wire(httpx2.Response(200, text=message(summary_of())))
    AnthropicProvider(base_url=url, http_client=wire.client).send(request_of(), MODEL)
    assert wire.requests[0].headers["authorization"] == PLACEHOLDER


def test_the_active_profile_of_another_host_is_not_sent_to_the_official_one() -> None:
    """A user who names the official address needs a credential for it."""
    profile("default", GATEWAY)
    with pytest.raises(ConfigError, match="so its token must not be sent there"):
        AnthropicProvider(base_url=OFFICIAL)


def test_a_chosen_profile_without_a_host_goes_to_the_base_url(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variable and address were both named; a flag for another address than the variable's is a contradiction, because
    the SDK renews the token at the variable's address."""
    profile("plain")
    monkeypatch.setenv("ANTHROPIC_PROFILE", "plain")
    wire = Wire(httpx2.Response(200, text=message(summary_of())))
    AnthropicProvider(base_url="https://other.example", http_client=wire.client).send(request_of(), MODEL)
    assert wire.requests[0].headers["authorization"] == "Bearer token-of-plain"
    monkeypatch.setenv("ANTHROPIC_BASE_URL", GATEWAY)
    with pytest.raises(ConfigError, match=f"is for {GATEWAY}"):
        AnthropicProvider(base_url="https://other.example")


def test_a_profile_that_changes_before_the_first_request_is_noticed() -> None:
    """The SDK reads the file again, and would send the token of the new host to the old one."""
    profile("default", GATEWAY)
    wire = Wire(refused(500))
    provider = AnthropicProvider(http_client=wire.client)
    profile("default", "https://other.example")
    with pytest.raises(ProviderError, match=r"is for https://other.example, not for .*gateway.example") as caught:
        provider.send(request_of(), MODEL)
    assert (caught.value.kind, caught.value.sent, wire.requests) == (FailureKind.UNUSABLE, False, [])


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"])
@pytest.mark.parametrize("value", [" ", "\t", "\n"])
def test_a_credential_of_spaces_is_a_settings_error(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK counts only the empty text as unset, and would send the spaces."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=f"{name} contains only spaces"):
        AnthropicProvider(http_client=Wire(refused(500)).client)


# What a user reads


NOTES: dict[str, tuple[dict[str, str], str]] = {
    "an empty key": ({"ANTHROPIC_API_KEY": ""}, "ANTHROPIC_API_KEY is empty, which counts as not set"),
    "an empty token": ({"ANTHROPIC_AUTH_TOKEN": ""}, "ANTHROPIC_AUTH_TOKEN is empty"),
    "an empty address": ({"ANTHROPIC_BASE_URL": ""}, "ANTHROPIC_BASE_URL is empty"),
    "two credentials": (
        {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_AUTH_TOKEN": "t"},
        "ANTHROPIC_AUTH_TOKEN is set but not used: ANTHROPIC_API_KEY takes precedence",
    ),
    "a shadowed profile": (
        {"ANTHROPIC_AUTH_TOKEN": "t", "ANTHROPIC_PROFILE": "p"},
        "ANTHROPIC_PROFILE is set but not used: ANTHROPIC_AUTH_TOKEN takes precedence",
    ),
    "a shadowed federation": (
        {"ANTHROPIC_API_KEY": "k", **FEDERATED},
        "ANTHROPIC_FEDERATION_RULE_ID is set but not used: ANTHROPIC_API_KEY takes precedence",
    ),
    "half a federation": (
        {"ANTHROPIC_FEDERATION_RULE_ID": "r"},
        "ANTHROPIC_FEDERATION_RULE_ID is set but not used: ANTHROPIC_ORGANIZATION_ID must be set too",
    ),
    "a federation without a token": (
        {"ANTHROPIC_FEDERATION_RULE_ID": "r", "ANTHROPIC_ORGANIZATION_ID": "o"},
        "ANTHROPIC_IDENTITY_TOKEN_FILE or ANTHROPIC_IDENTITY_TOKEN must be set too",
    ),
    "a header instead of the key": (
        {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_CUSTOM_HEADERS": "authorization: Bearer x"},
        "Authorization, which is sent instead",
    ),
    "a header besides the key": (
        {"ANTHROPIC_API_KEY": "k", "ANTHROPIC_CUSTOM_HEADERS": "x-api-key: x"},
        "x-api-key, which is sent as well",
    ),
}


@pytest.mark.parametrize(("environment", "note"), NOTES.values(), ids=NOTES)
def test_doctor_says_what_a_user_may_not_expect(
    environment: dict[str, str], note: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables that are empty, not used, or used in another way. One variable gives no note."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert note in here("doctor").stdout
    assert notes_on({"ANTHROPIC_API_KEY": "k"}, credential_of({"ANTHROPIC_API_KEY": "k"})) == []


@pytest.mark.usefixtures("profiles")
def test_doctor_shows_the_profile_its_file_and_its_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the active profile, and for one that a variable chooses."""
    done = here("doctor")
    assert done.code == 0, done.stderr
    assert f"endpoint     custom at {GATEWAY}" in done.stdout
    assert "configs/default.json), the active one" in done.stdout
    monkeypatch.setenv("ANTHROPIC_PROFILE", "plain")
    done = here("doctor")
    assert "endpoint     anthropic\n" in done.stdout
    assert "configs/plain.json), chosen by ANTHROPIC_PROFILE" in done.stdout


@pytest.mark.usefixtures("profiles")
def test_doctor_says_which_credentials_are_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the profile of another host nor one that a key takes precedence over."""
    done = here("doctor", "--base-url", "http://127.0.0.1:8080")
    assert "none; a local server needs none" in done.stdout
    assert "the profile default" in done.stdout
    assert "is not sent to this server" in done.stdout
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    assert "profiles in " in here("doctor").stdout


def test_a_rejected_credential_is_named_with_the_empty_key(
    tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user who believes that the key is set learns that another credential was used."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token-canary-0001")
    wire = Wire(refused(401))
    with closing(AnthropicProvider(http_client=wire.client)) as provider, pytest.raises(ProviderError) as caught:
        provider.send(request_of(), MODEL)
    assert "The credential in use is ANTHROPIC_AUTH_TOKEN. ANTHROPIC_API_KEY is empty" in str(caught.value)
    monkeypatch.delenv("ANTHROPIC_AUTH_TOKEN")
    with closing(AnthropicProvider(http_client=wire.client)) as provider, pytest.raises(ProviderError) as caught:
        provider.send(request_of(), MODEL)
    assert "ANTHROPIC_API_KEY is empty, which counts as not set" in str(caught.value)
    with Service() as service:
        done = here("run", articles(tmp_path / "in", 1), "-o", tmp_path / "out", *to(service, store_path))
    assert done.code == 0  # a local server needs no credential


def test_a_run_goes_to_the_host_of_the_profile(
    tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """End to end: no flag and no variable names the server, and its replies are stored as those of that server."""
    with Service() as service:
        profile("default", service.url)
        monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(Path.home() / ".config" / "anthropic"))
        command = ("run", articles(tmp_path / "in", 1), "-o", tmp_path / "out", "--store", store_path)
        done = here(*command)
        assert (done.code, service.paid) == (0, 1), done.stderr
        assert here(*command).code == 0
        assert service.paid == 1
    (record,) = map(json.loads, (tmp_path / "out" / "records.jsonl").read_text().splitlines())
    assert {exchange["endpoint"] for exchange in record["exchanges"]} == {"custom"}
