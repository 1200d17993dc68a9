"""An environment in which no request could be sent is said before one is counted as sent."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import httpx2
import pytest
import trustme

from dragoman.asking.providers.anthropic import AnthropicProvider
from dragoman.asking.providers.bedrock import BedrockProvider
from dragoman.asking.providers.routes import check, proxies
from dragoman.errors import ConfigError
from tests.support.builders import MODEL, Wire, message, request_of, summary_of
from tests.support.commands import articles, here, to
from tests.support.service import Service

PASSWORD = "pass-canary-0001"

WRONG: dict[str, tuple[dict[str, str], str]] = {
    "SOCKS without its library": ({"ALL_PROXY": f"socks5://user:{PASSWORD}@127.0.0.1:1080"}, r"ALL_PROXY.*socksio"),
    "SOCKS with names looked up there": ({"https_proxy": "socks5h://127.0.0.1:1080"}, "https_proxy.*socksio"),
    "a kind that is none": ({"HTTPS_PROXY": f"ftp://user:{PASSWORD}@proxy:21"}, r"HTTPS_PROXY names a proxy of .* ftp"),
    "SOCKS 4": ({"HTTPS_PROXY": "socks4://proxy:1080"}, "HTTPS_PROXY names a proxy of the kind socks4"),
    "a port that is none": ({"HTTP_PROXY": f"http://user:{PASSWORD}@proxy:port"}, "HTTP_PROXY is not the address"),
    "no host": ({"HTTP_PROXY": "http://"}, "HTTP_PROXY is not the address"),
    "a space": ({"HTTPS_PROXY": "http://my proxy:3128"}, "HTTPS_PROXY is not the address"),
    "a bracket": ({"HTTPS_PROXY": "http://[::1:3128"}, "HTTPS_PROXY is not the address"),
    "a file that is not there": ({"SSL_CERT_FILE": "/nowhere/ca.pem"}, "SSL_CERT_FILE names /nowhere/ca.pem, which is"),
    "a folder that is not there": ({"SSL_CERT_DIR": "/nowhere"}, "SSL_CERT_DIR names /nowhere, which is not there"),
    "a folder for a file": ({"SSL_CERT_FILE": "/"}, "SSL_CERT_FILE names /, which is not there"),
    "a file without certificates": ({"SSL_CERT_FILE": __file__}, "SSL_CERT_FILE names .*, which cannot be read"),
    "exceptions with a space": (
        {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "localhost 10.0.0.0/8"},
        "NO_PROXY has an entry that is no host",
    ),
    "exceptions with a bracket": (
        {"HTTPS_PROXY": "http://proxy:3128", "no_proxy": "localhost,[::1"},
        "no_proxy has an entry that is no host",
    ),
    "a network that is none": (
        {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "10.0.0.0/99"},
        "NO_PROXY has an entry that is no host",
    ),
}

RIGHT: dict[str, dict[str, str]] = {
    "nothing": {},
    "proxies": {"HTTP_PROXY": "http://proxy:3128", "HTTPS_PROXY": f"http://user:{PASSWORD}@proxy:3128"},
    "no scheme": {"HTTPS_PROXY": "proxy:3128"},
    "over TLS": {"HTTPS_PROXY": "https://proxy"},
    "by address": {"HTTPS_PROXY": "http://[::1]:3128", "HTTP_PROXY": "http://127.0.0.1:3128/"},
    "exceptions": {
        "HTTPS_PROXY": "http://proxy:3128",
        "NO_PROXY": "localhost, .example.com,*.example.org,10.0.0.0/8,[::1],::1,fe80::/10,host:8080,https://a.b,my_host,",
    },
    "all are exceptions": {"ALL_PROXY": "socks5://proxy", "NO_PROXY": "*"},
    "small letters win": {"ALL_PROXY": "socks5://proxy", "all_proxy": "http://proxy:1"},
    "emptied by small letters": {"ALL_PROXY": "socks5://proxy", "all_proxy": ""},
    "exceptions without a proxy": {"NO_PROXY": "a b"},
    "other variables": {"FTP_PROXY": "nothing of ours", "MY_PROXY": "x y"},
}


@pytest.fixture(autouse=True)
def certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of the machine."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_the_library_for_socks_is_not_installed_here() -> None:
    """What the cases stand on."""
    assert find_spec("socksio") is None


@pytest.mark.parametrize("provider", [AnthropicProvider, BedrockProvider])
@pytest.mark.parametrize(("variables", "said"), WRONG.values(), ids=WRONG)
def test_an_environment_that_cannot_work_is_a_slip_in_the_settings(
    variables: dict[str, str],
    said: str,
    provider: type[AnthropicProvider | BedrockProvider],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Named by its variable, never by its value, for both services, before an SDK is imported."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=said) as caught:
        provider()
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("place", ["/nowhere/ca.pem", __file__])
def test_certificates_for_aws_are_checked_too(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where AWS is asked."""
    monkeypatch.setenv("AWS_CA_BUNDLE", place)
    AnthropicProvider()
    with pytest.raises(ConfigError, match=f"AWS_CA_BUNDLE names {place}"):
        BedrockProvider()


@pytest.mark.parametrize("variables", RIGHT.values(), ids=RIGHT)
def test_an_environment_that_works_is_left_alone(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The HTTP library takes it as well, and has the same proxies."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    check(variables)
    client = httpx2.Client()
    client.close()
    assert len(proxies(variables)) == sum(1 for transport in client._mounts.values() if transport is not None)


def test_certificates_that_are_there_are_taken(tmp_path: Path) -> None:
    """As a file; of a folder only that it is one."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    check({"SSL_CERT_FILE": str(tmp_path / "ca.pem"), "SSL_CERT_DIR": "/nowhere"})
    check({"SSL_CERT_DIR": str(tmp_path)})


def test_a_client_that_is_given_needs_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has its own way."""
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary-0001")
    wire = Wire(httpx2.Response(200, text=message(summary_of())))
    assert AnthropicProvider(http_client=wire.client).send(request_of(), MODEL).body


@pytest.mark.parametrize("command", ["run", "summarize"])
def test_a_command_ends_with_2_and_nothing_is_counted(
    command: str, tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No request, no record of one, and a line that says what to install or unset."""
    monkeypatch.setenv("ALL_PROXY", f"socks5://user:{PASSWORD}@127.0.0.1:1080")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary-0001")
    folder = articles(tmp_path / "in", 1)
    with Service() as service:
        rest = (folder, "-o", tmp_path / "out") if command == "run" else (folder / "a00.txt",)
        done = here(command, *rest, *to(service, store_path))
        assert not service.ledger
    assert done.code == 2
    assert done.stderr.startswith("dragoman: ALL_PROXY names a SOCKS proxy")
    assert "unset the variable" in done.stderr
    assert PASSWORD not in done.stderr
    assert not (tmp_path / "out").exists()


def test_doctor_shows_proxies_and_certificates_without_passwords(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By variable."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{PASSWORD}@proxy:3128")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary-0001")
    done = here("doctor")
    assert done.code == 0
    assert "proxy        http://proxy:3128 (HTTPS_PROXY)" in done.stdout
    assert f"{tmp_path / 'ca.pem'} (SSL_CERT_FILE)" in done.stdout
    assert "canary" not in done.stdout + done.stderr


def test_doctor_says_what_is_wrong_and_all_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 2, with the price and the store as always."""
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    done = here("doctor")
    assert done.code == 2
    assert "dragoman: ALL_PROXY names a SOCKS proxy" in done.stderr
    assert "per million tokens" in done.stdout


def test_a_plan_that_counts_ends_with_2_too(tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--exact`` asks the service."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:port")
    done = here("plan", articles(tmp_path / "in", 1), "--exact", "--store", store_path)
    assert done.code == 2
    assert "HTTPS_PROXY is not the address of a proxy" in done.stderr
