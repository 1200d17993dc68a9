"""One AWS region, profile and set of credentials for requests and free calls, compared with the SDK and botocore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import anthropic
import boto3
import httpx2
import pytest
import trustme
from anthropic.lib.aws import _auth
from botocore.exceptions import BotoCoreError

from dragoman.asking.providers.aws import place_of
from dragoman.asking.providers.bedrock import BedrockProvider
from dragoman.core.models import table
from dragoman.errors import ConfigError, FailureKind, ProviderError
from tests.support.builders import MODEL, Wire, message, refused, request_of, summary_of
from tests.support.commands import here
from tests.support.hostile import hostile, whole

HAIKU = table().find("claude-haiku-4-5")
KEYS = {"AWS_ACCESS_KEY_ID": "AKIACANARYENVIRONMENT", "AWS_SECRET_ACCESS_KEY": "secret-canary-environment"}
TOKEN = {"AWS_BEARER_TOKEN_BEDROCK": "bearer-canary-000001"}
BY_PROFILE = {"default": "AKIACANARYDEFAULT", "work": "AKIACANARYWORK"}


@pytest.fixture(autouse=True)
def files() -> Iterator[None]:
    """Two profiles with keys and regions, one without either, and one that is none in the config file."""
    folder = Path.home() / ".aws"
    folder.mkdir()
    (folder / "config").write_text(
        "[default]\nregion = eu-north-1\n[profile work]\nregion = us-west-2\n[profile bare]\n"
        "[profile 'with space']\nregion = eu-south-1\n[plain]\nregion = sa-east-1\n"
        "[profile overruled]\nregion = eu-west-1\n"
    )
    keys = "".join(
        f"[{name}]\naws_access_key_id = {key}\naws_secret_access_key = secret-of-{name}\n"
        for name, key in BY_PROFILE.items()
    )
    (folder / "credentials").write_text(f"{keys}[overruled]\nregion = eu-west-3\n")
    _auth._get_session.cache_clear()  # type: ignore[attr-defined]  # typed as a plain function
    yield
    _auth._get_session.cache_clear()  # type: ignore[attr-defined]


def set_all(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


REGIONS: dict[str, tuple[dict[str, str], str | None, str | None, str]] = {
    "the setting": ({"AWS_REGION": "eu-west-1"}, "ap-south-1", None, "ap-south-1 (the setting region)"),
    "both variables": (
        {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}, None, None, "eu-west-1 (AWS_REGION)",
    ),
    "the other variable": ({"AWS_DEFAULT_REGION": "us-east-1"}, None, None, "us-east-1 (AWS_DEFAULT_REGION)"),
    "an empty variable": (
        {"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-east-1"}, None, None, "us-east-1 (AWS_DEFAULT_REGION)",
    ),
    "two empty variables": (
        {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, None, None, "eu-north-1 (the profile default)",
    ),
    "the default profile": ({}, None, None, "eu-north-1 (the profile default)"),
    "the profile of the setting": ({"AWS_PROFILE": "default"}, None, "work", "us-west-2 (the profile work)"),
    "the profile of the variable": ({"AWS_PROFILE": "work"}, None, None, "us-west-2 (the profile work)"),
    "two profiles": (
        {"AWS_PROFILE": "work", "AWS_DEFAULT_PROFILE": "overruled", **KEYS}, None, None,
        "eu-west-3 (the profile overruled)",
    ),
    "a variable and a profile": ({"AWS_REGION": "eu-west-1"}, None, "work", "eu-west-1 (AWS_REGION)"),
    "a name with a space": ({"AWS_PROFILE": "with space", **KEYS}, None, None, "eu-south-1 (the profile with space)"),
    "the credentials file": ({"AWS_PROFILE": "overruled", **KEYS}, None, None, "eu-west-3 (the profile overruled)"),
}  # fmt: skip


@pytest.mark.parametrize(("environment", "region", "profile", "expected"), REGIONS.values(), ids=REGIONS)
def test_requests_and_free_calls_use_one_region(
    environment: dict[str, str],
    region: str | None,
    profile: str | None,
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The setting, AWS_REGION, AWS_DEFAULT_REGION, then the profile, whichever call comes first; doctor shows it."""
    set_all(environment, monkeypatch)
    assert str(place_of(environment, region=region, profile=profile).region) == expected
    name = expected.partition(" ")[0]
    for first in ("send", "ping", "count"):
        body = {"inputTokens": 5, "modelDetails": {"modelArn": "a", "modelId": "x"}}
        wire = Wire(httpx2.Response(200, json={"type": "message", **body}))
        with closing(
            BedrockProvider(region=region, profile=profile, inference_profile="", http_client=wire.client)
        ) as provider:
            calls = {
                "send": lambda provider=provider: provider.send(request_of(), HAIKU),
                "ping": lambda provider=provider: provider.ping(HAIKU),
                "count": lambda provider=provider: provider.count_tokens(request_of(), HAIKU),
            }
            for call in sorted(calls, key=lambda call: call != first):
                calls[call]()
        assert {request.url.host for request in wire.requests} == {
            f"bedrock-runtime.{name}.amazonaws.com", f"bedrock.{name}.amazonaws.com",
        }  # fmt: skip
        assert all(f"/{name}/bedrock/aws4_request" in request.headers["authorization"] for request in wire.requests)
    flags = [*(["--region", region] if region else []), *(["--profile", profile] if profile else [])]
    assert f"region       {expected}\n" in here("doctor", "--provider", "bedrock", *flags).stdout


SDK_CASES = [name for name in REGIONS if name != "two empty variables"]


@pytest.mark.parametrize("case", SDK_CASES)
def test_the_region_is_the_one_that_the_sdk_would_use(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the SDK finds one: two empty variables make botocore use a region without a name."""
    environment, region, profile, expected = REGIONS[case]
    set_all(environment, monkeypatch)
    client = anthropic.AnthropicBedrock(aws_region=region, aws_profile=profile)
    assert client.aws_region == expected.partition(" ")[0]


def test_without_a_region_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also with a profile that has none, or a section that is no profile in the config file."""
    for name in ("bare", "plain"):
        environment = {"AWS_PROFILE": name, **KEYS}
        set_all(environment, monkeypatch)
        assert place_of(environment).region is None
        wire = Wire(refused(500))
        with pytest.raises(ProviderError) as caught:
            BedrockProvider(http_client=wire.client).send(request_of(), MODEL)
        assert (caught.value.kind, caught.value.sent, wire.requests) == (FailureKind.UNUSABLE, False, [])


NO_REGIONS = ["eu/west", "evil.example/", " eu-west-1", "eu-west-1 ", "eu_west_1", "-eu", "eu-", "1234", "a" * 64, "é"]


@pytest.mark.parametrize("by", ["setting", "AWS_REGION", "AWS_DEFAULT_REGION", "the profile default"])
@pytest.mark.parametrize("name", NO_REGIONS)
def test_what_is_no_region_cannot_become_part_of_a_host(name: str, by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK would send a signed request to ``bedrock-runtime.evil.example``."""
    if by.startswith("AWS"):
        monkeypatch.setenv(by, name)
    elif by != "setting":
        if name != name.strip():
            return  # the file has no spaces around values
        (Path.home() / ".aws" / "credentials").write_text(f"[default]\nregion = {name}\n")
    with pytest.raises(ConfigError, match=r"the AWS region .* is not the name of a region") as caught:
        BedrockProvider(region=name if by == "setting" else None)
    assert f"({'the setting region' if by == 'setting' else by})" in str(caught.value)


# Credentials


CREDENTIALS: dict[str, tuple[dict[str, str], str | None, str, str]] = {
    "keys": (KEYS, None, "AKIACANARYENVIRONMENT", "AWS_ACCESS_KEY_ID is set"),
    "keys and a profile of the variable": (
        {**KEYS, "AWS_PROFILE": "work"}, None, "AKIACANARYENVIRONMENT", "AWS_ACCESS_KEY_ID is set",
    ),
    "keys and a profile of the setting": (KEYS, "work", "AKIACANARYWORK", "profile work in the AWS files"),
    "a profile of the variable": ({"AWS_PROFILE": "work"}, None, "AKIACANARYWORK", "profile work in the AWS files"),
    "two profiles": (
        {"AWS_PROFILE": "work", "AWS_DEFAULT_PROFILE": "default"}, None, "AKIACANARYDEFAULT",
        "profile default in the AWS files",
    ),
    "an empty second profile": (
        {"AWS_PROFILE": "", "AWS_DEFAULT_PROFILE": "work"}, None, "AKIACANARYWORK", "profile work in the AWS files",
    ),
    "no variable": ({}, None, "AKIACANARYDEFAULT", "profile default in the AWS files"),
    "empty keys": (
        {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, None, "AKIACANARYDEFAULT",
        "profile default in the AWS files",
    ),
    "a token": (TOKEN, None, "Bearer bearer-canary-000001", "AWS_BEARER_TOKEN_BEDROCK is set"),
    "a token and keys": ({**TOKEN, **KEYS}, None, "Bearer bearer-canary-000001", "AWS_BEARER_TOKEN_BEDROCK is set"),
    "a token and a profile of the variable": (
        {**TOKEN, "AWS_PROFILE": "work"}, None, "Bearer bearer-canary-000001", "AWS_BEARER_TOKEN_BEDROCK is set",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("environment", "profile", "sent", "shown"), CREDENTIALS.values(), ids=CREDENTIALS)
def test_requests_and_free_calls_use_the_credentials_that_are_shown(
    environment: dict[str, str], profile: str | None, sent: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order is botocore's: keys of the environment precede a profile that a variable names, but not one that the
    setting names."""
    set_all(environment, monkeypatch)
    assert place_of(environment, profile=profile).credentials == shown
    wire = Wire(httpx2.Response(200, json={"type": "message", "inputTokens": 5}))
    with closing(BedrockProvider(profile=profile, inference_profile="", http_client=wire.client)) as provider:
        provider.count_tokens(request_of(), HAIKU)
        provider.send(request_of(), HAIKU)
    assert len(wire.requests) == 2
    for request in wire.requests:
        assert sent in request.headers["authorization"]


def test_an_unknown_profile_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore looks for it even if keys are set. Nothing is sent."""
    set_all({"AWS_PROFILE": "nobody", "AWS_REGION": "eu-west-1", **KEYS}, monkeypatch)
    done = here("doctor", "--provider", "bedrock")
    assert done.code == 4
    assert done.stderr == "missing: the AWS profile nobody (AWS_PROFILE): it is not in the AWS files\n"
    wire = Wire(refused(500))
    with pytest.raises(ProviderError, match="nobody"):
        BedrockProvider(http_client=wire.client).send(request_of(), MODEL)
    assert not wire.requests


CLASHES: dict[str, tuple[dict[str, str], str | None, str]] = {
    "a token and a profile": (TOKEN, "work", "AWS_BEARER_TOKEN_BEDROCK is set, and the setting profile names .* work"),
    "an empty token": ({"AWS_BEARER_TOKEN_BEDROCK": ""}, None, "AWS_BEARER_TOKEN_BEDROCK is empty"),
    "an empty token and keys": ({"AWS_BEARER_TOKEN_BEDROCK": "", **KEYS}, None, "AWS_BEARER_TOKEN_BEDROCK is empty"),
    "a token of spaces": ({"AWS_BEARER_TOKEN_BEDROCK": "  "}, None, "AWS_BEARER_TOKEN_BEDROCK is empty"),
    "an empty profile": ({"AWS_PROFILE": "", **KEYS}, None, "AWS_PROFILE is empty"),
    "an empty default profile": ({"AWS_DEFAULT_PROFILE": "", "AWS_PROFILE": "work"}, None, "AWS_DEFAULT_PROFILE is e"),
    "no token file": (
        {"AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/x"},
        None,
        "AWS_WEB_IDENTITY_TOKEN_FILE names /nowhere, which is not an existing file",
    ),
    "no number": ({"AWS_METADATA_SERVICE_TIMEOUT": "x", **KEYS}, None, "AWS_METADATA_SERVICE_TIMEOUT must be a whole"),
    "half a key": ({"AWS_ACCESS_KEY_ID": "AKIACANARY"}, None, "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is"),
}


@pytest.mark.parametrize(("environment", "profile", "problem"), CLASHES.values(), ids=CLASHES)
def test_credentials_that_contradict_each_other_are_a_settings_error(
    environment: dict[str, str], profile: str | None, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2 before anything is sent, for a run and for doctor; no value is in the message."""
    set_all({"AWS_REGION": "eu-west-1", **environment}, monkeypatch)
    with pytest.raises(ConfigError, match=problem) as caught:
        BedrockProvider(profile=profile)
    assert "canary" not in str(caught.value).lower()
    done = here("doctor", "--provider", "bedrock", *(["--profile", profile] if profile else []))
    assert done.code == 2
    assert done.stderr == f"dragoman: {caught.value}\n"


def test_the_sdk_would_fail_for_each_of_these(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each rejection has its reason: the SDK raises, or sends a token that is empty."""
    for name, (environment, profile, _) in CLASHES.items():
        with monkeypatch.context() as patch:
            set_all({"AWS_REGION": "eu-west-1", **environment}, patch)
            _auth._get_session.cache_clear()  # type: ignore[attr-defined]
            wire = Wire(httpx2.Response(200, text=message(summary_of())))
            try:
                client = anthropic.AnthropicBedrock(aws_profile=profile, http_client=wire.client)
                client.messages.create(model="m", max_tokens=1, messages=[{"role": "user", "content": "x"}])
            except (ValueError, OSError, BotoCoreError):
                continue
            assert wire.requests[0].headers["authorization"].strip() == "Bearer", name


BROKEN_AT_SIGNING: dict[str, dict[str, str]] = {
    "a time that is none": {"AWS_CREDENTIAL_EXPIRATION": "x", **KEYS},
    "no mode of an address": {"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "x", **KEYS},
}


@pytest.mark.parametrize("environment", BROKEN_AT_SIGNING.values(), ids=BROKEN_AT_SIGNING)
@pytest.mark.parametrize("call", ["send", "count"])
def test_what_botocore_cannot_read_is_no_bug(
    environment: dict[str, str], call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It raises other errors than its own when a request is signed. Nothing is sent, and the run ends with advice."""
    set_all({"AWS_REGION": "eu-west-1", **environment}, monkeypatch)
    wire = Wire(refused(500))
    provider = BedrockProvider(http_client=wire.client)
    with closing(provider), pytest.raises(ProviderError, match="Check the AWS credentials") as caught:
        provider.send(request_of(), HAIKU) if call == "send" else provider.count_tokens(request_of(), HAIKU)
    assert (caught.value.kind, caught.value.sent, wire.requests) == (FailureKind.UNUSABLE, False, [])


def test_a_token_file_that_vanishes_during_a_run_is_no_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore reads it whenever it renews the credentials."""
    token = tmp_path / "token"
    token.write_text("t")
    role = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/x"}
    set_all({"AWS_REGION": "eu-west-1", **role}, monkeypatch)
    wire = Wire(refused(500))
    provider = BedrockProvider(http_client=wire.client)
    token.unlink()
    with closing(provider), pytest.raises(ProviderError, match=r"cannot be used: .*No such file") as caught:
        provider.send(request_of(), HAIKU)
    assert (caught.value.kind, caught.value.sent, wire.requests) == (FailureKind.UNUSABLE, False, [])


@pytest.mark.parametrize("name", ["/nowhere/keys", "/"])
def test_a_log_of_keys_that_cannot_be_written_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore opens it for every client, whatever the certificates are."""
    set_all({"SSLKEYLOGFILE": name, "AWS_REGION": "eu-west-1", **KEYS}, monkeypatch)
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(ConfigError, match=f"SSLKEYLOGFILE names {name}, which cannot be written"):
        BedrockProvider()
    with pytest.raises(OSError, match=name):
        boto3.Session().client("bedrock")


# Hosts


def test_an_empty_address_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK would take it for the address."""
    set_all({"ANTHROPIC_BEDROCK_BASE_URL": "", "AWS_REGION": "eu-west-1", **KEYS}, monkeypatch)
    wire = Wire(httpx2.Response(200, text=message(summary_of())))
    provider = BedrockProvider(http_client=wire.client)
    provider.send(request_of(), MODEL)
    assert (provider.endpoint, wire.requests[0].url.host) == ("bedrock", "bedrock-runtime.eu-west-1.amazonaws.com")
    assert "ANTHROPIC_BEDROCK_BASE_URL is empty" in here("doctor", "--provider", "bedrock").stdout


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"])
def test_an_article_goes_to_one_host_only(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 would count tokens at the host of this variable, which a run does not use; doctor says so."""
    set_all({name: "https://elsewhere.example", "AWS_REGION": "eu-west-1", **KEYS}, monkeypatch)
    wire = Wire(httpx2.Response(200, json={"type": "message", "inputTokens": 5}))
    with closing(BedrockProvider(inference_profile="", http_client=wire.client)) as provider:
        provider.send(request_of(), HAIKU)
        provider.count_tokens(request_of(), HAIKU)
    assert [request.url.host for request in wire.requests] == ["bedrock-runtime.eu-west-1.amazonaws.com"] * 2
    assert f"{name} does not apply to articles" in here("doctor", "--provider", "bedrock").stdout


def test_another_server_counts_tokens_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a base URL, no article goes to AWS; the model is looked up there, and ping says that."""
    set_all({"AWS_REGION": "eu-west-1", **KEYS}, monkeypatch)
    wire = Wire(httpx2.Response(200, json={"inputTokens": 5, "modelDetails": {"modelArn": "a", "modelId": "x"}}))
    url = "https://gateway.example/aws"
    with closing(BedrockProvider(inference_profile="", base_url=url, http_client=wire.client)) as provider:
        provider.count_tokens(request_of(), HAIKU)
        assert provider.ping(HAIKU).endswith(f"; the server at {url} was not asked")
    assert [request.url.host for request in wire.requests] == ["gateway.example", "bedrock.eu-west-1.amazonaws.com"]
    assert wire.requests[0].url.path.startswith("/aws/model/")


@pytest.mark.parametrize("name", ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"])
def test_another_kind_of_endpoint_is_noted(name: str) -> None:
    """The SDK does not know these; a value of false asks for nothing."""
    assert any(note.startswith(name) for note in place_of({name: "true"}).notes)
    assert not any(note.startswith(name) for note in place_of({name: "false"}).notes)


# Files


def test_certificates_of_a_profile_are_trusted_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As by AWS's own tools; the variable comes first."""
    authority = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(authority))
    config = Path.home() / ".aws" / "config"
    config.write_text(f"[default]\nregion = eu-west-1\nca_bundle = {authority}\n")
    place = BedrockProvider().place
    assert str(place.authorities) == f"{authority} (ca_bundle of the AWS profile default)"
    assert f"certificates {authority}" in here("doctor", "--provider", "bedrock").stdout
    config.write_text("[default]\nregion = eu-west-1\nca_bundle = /nowhere.pem\n")
    with pytest.raises(ConfigError, match=r"ca_bundle of the AWS profile default names /nowhere.pem"):
        BedrockProvider()
    monkeypatch.setenv("AWS_CA_BUNDLE", str(authority))
    assert str(BedrockProvider().place.authorities) == f"{authority} (AWS_CA_BUNDLE)"


BROKEN = {
    "twice": b"[default]\n[default]\n",
    "no section": b"region = x\n",
    "bytes": b"\xff\xfe[",
    "a line": b"[a]\nx\n",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_file_that_cannot_be_read_is_noted(content: bytes) -> None:
    """botocore rejects it when a request is to be sent."""
    (Path.home() / ".aws" / "config").write_bytes(content)
    assert any("config cannot be read" in note for note in place_of({}).notes)
    assert "config cannot be read" in here("doctor", "--provider", "bedrock").stdout


@pytest.mark.parametrize("name", ["default", "work", "bare", "plain", "with space", "overruled", "nobody"])
def test_profiles_are_those_of_botocore(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A section of the config file is a profile only with that word before its name."""
    monkeypatch.setenv("AWS_PROFILE", name)
    known = name in boto3.Session(profile_name="default").available_profiles
    assert place_of({"AWS_PROFILE": name}, region="eu-west-1").unknown_profile is not known


def test_notes_say_what_is_not_used() -> None:
    """Each names both sides; keys of a profile are only missed if it has any."""

    def notes(profile: str | None = None, **environment: str) -> str:
        return "\n".join(place_of(environment, region="eu-west-1", profile=profile).notes)

    assert notes() == ""
    assert notes(**KEYS, AWS_PROFILE="work") == "the keys of the profile work in the AWS files are not used: " + (
        "AWS_ACCESS_KEY_ID takes precedence"
    )
    assert notes(**KEYS, AWS_PROFILE="bare") == ""
    assert "AWS_ACCESS_KEY_ID is set but not used: the profile work" in notes(profile="work", **KEYS)
    assert "AWS_ACCESS_KEY_ID is set but not used: AWS_BEARER_TOKEN_BEDROCK" in notes(**KEYS, **TOKEN)
    assert "takes precedence over the keys of the profile work (AWS_PROFILE)" in notes(**TOKEN, AWS_PROFILE="work")


def test_other_ways_to_credentials_are_named() -> None:
    """A role by a web identity precedes the keys of a profile; a container comes last."""
    identity = {"AWS_WEB_IDENTITY_TOKEN_FILE": __file__, "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/x"}
    assert place_of(identity).credentials == "AWS_WEB_IDENTITY_TOKEN_FILE is set"
    assert place_of(identity, profile="work").credentials == "profile work in the AWS files"
    (Path.home() / ".aws" / "config").unlink()
    (Path.home() / ".aws" / "credentials").unlink()
    assert place_of({}).credentials is None
    container = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
    assert place_of({container: "http://127.0.0.1/x"}).credentials == f"{container} is set"


def test_a_run_signs_for_the_region_of_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over real sockets, for a server at another address."""
    body = message(summary_of()).encode()
    monkeypatch.setenv("AWS_PROFILE", "work")
    with hostile(lambda _: [whole("200 OK", body)]) as server:
        with closing(BedrockProvider(base_url=server.url)) as provider:
            provider.send(request_of(), HAIKU)
        assert b"Credential=AKIACANARYWORK/" in server.asked[0]
        assert b"/us-west-2/bedrock/" in server.asked[0]
