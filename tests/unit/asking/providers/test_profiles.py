"""Credentials that the SDKs find in files and renew over the network are guarded and masked like all others."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import botocore.endpoint
import pytest
from anthropic.lib.aws import _auth
from anthropic.lib.credentials._constants import TOKEN_EXCHANGE_TIMEOUT

from dragoman.asking.providers import guard
from dragoman.asking.providers.anthropic import TOKEN_SECONDS, AnthropicProvider
from dragoman.asking.providers.bedrock import FREE_SECONDS, BedrockProvider
from dragoman.asking.providers.masking import MASK
from dragoman.core.models import table
from dragoman.errors import FailureKind, ProviderError
from tests.support.builders import MODEL, message, request_of, summary_of
from tests.support.hostile import Answer, Hostile, endless, hostile, whole

ACCESS, REFRESH, RENEWED = "access-canary-000001", "refresh-canary-000002", "renewed-canary-000003"
ASSERTION = "header.identity-canary-000004.signature"
HAIKU = table().find("claude-haiku-4-5")


def profile(folder: Path, *, expires_in: int, client: str | None = "client-1") -> None:
    """An interactive sign-in, as the SDK writes it."""
    (folder / "configs").mkdir(parents=True)
    (folder / "credentials").mkdir()
    authentication = {"type": "user_oauth", **({"client_id": client} if client else {})}
    (folder / "configs" / "default.json").write_text(json.dumps({"authentication": authentication}))
    (folder / "configs" / "default.json").chmod(0o600)
    credentials = folder / "credentials" / "default.json"
    tokens = {"access_token": ACCESS, "refresh_token": REFRESH, "expires_at": int(time.time()) + expires_in}
    credentials.write_text(json.dumps(tokens))
    credentials.chmod(0o600)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path / "anthropic"))
    monkeypatch.setenv("ANTHROPIC_PROFILE", "default")
    return tmp_path / "anthropic"


def failure(answer: Answer) -> tuple[ProviderError, Hostile]:
    with hostile(answer) as server, closing(AnthropicProvider(base_url=server.url)) as provider:
        with pytest.raises(ProviderError) as caught:
            provider.send(request_of(), MODEL)
        return caught.value, server


def everything(error: BaseException) -> str:
    """Everything that a report of the failure could print."""
    shown: list[str] = []
    current: BaseException | None = error
    while current is not None:
        assert len(shown) < 20, "the chain of causes has a loop"
        shown.append(f"{current} {current!r} {getattr(current, 'body', '')!r} {vars(current)!r}")
        current = current.__cause__ or current.__context__
    return "\n".join(shown)


def test_tokens_of_a_profile_are_masked(folder: Path) -> None:
    """Both the token that is sent and the one that is stored for later."""
    profile(folder, expires_in=3600)
    echo = json.dumps({"error": {"message": f"bad token {ACCESS}, try {REFRESH}"}}).encode()
    error, server = failure(lambda _: [whole("400 Bad Request", echo)])
    assert b"authorization: bearer " + ACCESS.encode() in server.asked[0].lower()
    assert f"bad token {MASK}, try {MASK}" in str(error)
    assert "canary" not in everything(error)


def test_a_renewed_token_reaches_the_sdk_and_is_masked_from_then_on(folder: Path) -> None:
    """It is written to the profile unmasked, and sent; where a service repeats it, it is masked."""
    profile(folder, expires_in=-10)
    tokens = json.dumps({"access_token": RENEWED, "refresh_token": REFRESH, "expires_in": 3600}).encode()
    echo = json.dumps({"error": {"message": f"bad {RENEWED} {REFRESH}"}}).encode()
    error, server = failure(
        lambda head: [whole("200 OK", tokens) if b"/oauth/token" in head else whole("400 Bad Request", echo)]
    )
    assert len(server.asked) == 2
    assert f"bad {MASK} {MASK}" in str(error)
    assert "canary" not in everything(error)
    written = json.loads((folder / "credentials" / "default.json").read_text())
    assert (written["access_token"], written["refresh_token"]) == (RENEWED, REFRESH)


REJECTED = json.dumps({"error": "invalid_grant", "error_description": f"unknown {REFRESH}"}).encode()
ANSWERS_WITHOUT_A_TOKEN: dict[str, Answer] = {
    "rejected": lambda _: [whole("400 Bad Request", REJECTED)],
    "no JSON": lambda _: [whole("502 Bad Gateway", f"<p>{REFRESH}</p>".encode())],
    "too long": endless("200 OK", 600),
    "too long an error": endless("500 Internal Server Error", 600),
    "a redirect": lambda _: [whole("307 Temporary Redirect", b"", "location: https://elsewhere.example/token")],
    "not a token": lambda _: [whole("200 OK", b"[]")],
}


@pytest.mark.parametrize("answer", ANSWERS_WITHOUT_A_TOKEN.values(), ids=ANSWERS_WITHOUT_A_TOKEN)
def test_without_an_access_token_the_service_is_unusable(folder: Path, answer: Answer) -> None:
    """Nothing is sent or paid, the token is requested once, no flood is read, and no text contains a token."""
    profile(folder, expires_in=-10)
    error, server = failure(answer)
    assert (error.kind, error.sent, error.maybe_paid) == (FailureKind.UNUSABLE, False, False)
    assert "no access token" in str(error)
    assert "canary" not in everything(error)
    assert len(server.asked) == 1
    assert server.taken < 40_000_000


def test_an_endpoint_for_tokens_that_cannot_be_reached_is_a_passing_failure(folder: Path) -> None:
    """Nothing was sent, and another attempt may succeed."""
    profile(folder, expires_in=-10)
    with closing(AnthropicProvider(base_url="http://127.0.0.1:9")) as provider, pytest.raises(ProviderError) as caught:
        provider.send(request_of(), MODEL)
    assert (caught.value.kind, caught.value.sent, caught.value.maybe_paid) == (FailureKind.TRANSIENT, False, False)


def test_an_identity_token_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is exchanged for an access token."""
    monkeypatch.setenv("ANTHROPIC_IDENTITY_TOKEN", ASSERTION)
    monkeypatch.setenv("ANTHROPIC_FEDERATION_RULE_ID", "rule")
    monkeypatch.setenv("ANTHROPIC_ORGANIZATION_ID", "org")
    refused = json.dumps({"error": "invalid", "error_description": f"bad {ASSERTION}"}).encode()
    error, server = failure(lambda _: [whole("400 Bad Request", refused)])
    assert ASSERTION.encode() in server.bodies[0]
    assert (error.kind, error.sent) == (FailureKind.UNUSABLE, False)
    assert MASK in str(error)
    assert "canary" not in everything(error)


def test_the_timeouts_are_those_of_the_libraries() -> None:
    """The libraries wait this long by default."""
    assert TOKEN_SECONDS == TOKEN_EXCHANGE_TIMEOUT
    assert FREE_SECONDS == botocore.endpoint.DEFAULT_TIMEOUT


# AWS


AKID, SECRET_KEY, TOKEN = "AKIACANARY0000000001", "aws/canary+secret/000000000000000000002", "aws-token-canary//3=="


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Provide a profile in the AWS files. Its secret key is in no header of a request."""
    file = tmp_path / "credentials"
    file.write_text(
        f"[work]\naws_access_key_id = {AKID}\naws_secret_access_key = {SECRET_KEY}\naws_session_token = {TOKEN}\n"
        "region = eu-west-1\n[role]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = work\n"
        "region = eu-west-1\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    _auth._get_session.cache_clear()  # type: ignore[attr-defined]  # typed as a plain function
    yield
    _auth._get_session.cache_clear()  # type: ignore[attr-defined]


ECHO = json.dumps({"message": f"no {AKID} {SECRET_KEY} {TOKEN}"}).encode()


def aws_failure(answer: Answer, what: str, monkeypatch: pytest.MonkeyPatch) -> tuple[ProviderError, Hostile]:
    with hostile(answer) as server:
        for name in ("BEDROCK", "BEDROCK_RUNTIME", "STS"):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{name}", server.url)
        provider = BedrockProvider(profile="role" if what == "role" else "work", base_url=server.url)
        requests: dict[str, Any] = {
            "send": lambda: provider.send(request_of(), HAIKU),
            "role": lambda: provider.send(request_of(), HAIKU),
            "ping": lambda: provider.ping(HAIKU),
            "count": lambda: provider.count_tokens(request_of(), HAIKU),
        }
        with closing(provider), pytest.raises(ProviderError) as caught:
            requests[what]()
        return caught.value, server


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("what", ["send", "ping", "count"])
def test_keys_of_an_aws_profile_are_masked(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both in the service's answer to a request and in answers of the control plane."""
    error, server = aws_failure(lambda _: [whole("403 Forbidden", ECHO)], what, monkeypatch)
    assert len(server.asked) == 1
    assert AKID.encode() in server.asked[0]
    assert "canary" not in everything(error).lower()
    assert f"no {MASK} {MASK} {MASK}" in str(error)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("what", ["send", "ping", "count"])
def test_answers_of_aws_have_a_limit_of_size(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers of the control plane too."""
    error, server = aws_failure(endless("200 OK", 600), what, monkeypatch)
    assert "more than 9,192,000 bytes" in str(error)
    assert server.taken < 40_000_000
    assert len(server.asked) == 1


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("what", ["send", "ping", "count", "role"])
def test_no_redirect_of_aws_is_followed(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by the SDK nor by botocore, and not for credentials either."""
    with hostile(lambda _: [whole("200 OK", b"{}")]) as other:
        redirect = whole("307 Temporary Redirect", b"", f"location: {other.url}/x")
        error, server = aws_failure(lambda _: [redirect], what, monkeypatch)
        assert (len(server.asked), other.asked) == (1, [])
        assert f"to {other.url}. Redirects are not followed" in str(error)
    assert (error.kind, error.maybe_paid) == (FailureKind.UNUSABLE, False)


ROLE = f"""<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<Credentials><AccessKeyId>ASIACANARY0000000009</AccessKeyId><SecretAccessKey>role/canary+secret0000008</SecretAccessKey>
<SessionToken>{TOKEN}-of-the-role</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
<AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/x/y</Arn><AssumedRoleId>A:y</AssumedRoleId></AssumedRoleUser>
</AssumeRoleResult></AssumeRoleResponse>""".encode()


@pytest.mark.usefixtures("aws")
def test_keys_of_a_role_reach_the_sdk_and_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    """They arrive over this provider's own connection and sign the request; where the service repeats them, they are
    masked.
    """
    echo = json.dumps({"message": f"no ASIACANARY0000000009 role/canary+secret0000008 {TOKEN}-of-the-role"}).encode()

    def answer(head: bytes) -> list[bytes]:
        return [whole("200 OK", ROLE, "content-type: text/xml") if b"/invoke" not in head else whole("403 No", echo)]

    error, server = aws_failure(answer, "role", monkeypatch)
    assert len(server.asked) == 2
    assert b"Credential=ASIACANARY0000000009/" in server.asked[1]
    assert str(error).count(MASK) == 3
    assert "canary" not in everything(error).lower()


@pytest.mark.usefixtures("aws")
def test_the_error_for_a_rejected_role_contains_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was sent to the model."""
    rejection = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no {AKID} {SECRET_KEY}</Message>"
        "</Error></ErrorResponse>"
    ).encode()
    error, _ = aws_failure(lambda _: [whole("403 Forbidden", rejection, "content-type: text/xml")], "role", monkeypatch)
    assert (error.kind, error.sent) == (FailureKind.UNUSABLE, False)
    assert "canary" not in everything(error).lower()


@pytest.mark.usefixtures("aws")
def test_free_calls_of_aws_work_over_the_providers_own_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore signs them, and the HTTP client of the provider sends them."""

    def answer(head: bytes) -> list[bytes]:
        if b"count-tokens" in head:
            return [whole("200 OK", b'{"inputTokens": 321}', "content-type: application/json")]
        return [whole("200 OK", b'{"modelDetails": {"modelArn": "arn", "modelId": "x"}}')]

    with hostile(answer) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK", server.url)
        with closing(BedrockProvider(profile="work", inference_profile="", base_url=server.url)) as provider:
            assert provider.count_tokens(request_of(), HAIKU) == 321
            assert "in eu-west-1 knows" in provider.ping(HAIKU)
    assert all(b"AWS4-HMAC-SHA256 Credential=" + AKID.encode() in head for head in server.asked)


@pytest.mark.usefixtures("aws")
def test_replies_of_bedrock_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    """So the stored body contains no key."""
    body = message(summary_of(title_en=f"The key {AKID} and {SECRET_KEY}")).encode()
    with (
        hostile(lambda _: [whole("200 OK", body)]) as server,
        closing(BedrockProvider(profile="work", base_url=server.url)) as provider,
    ):
        received = provider.send(request_of(), HAIKU)
    assert json.loads(received.body)["content"][0]["text"] == summary_of(title_en=f"The key {MASK} and {MASK}")
    assert len(received.body) < guard.LARGEST_REPLY
