"""An environment in which no request could be sent is reported before anything counts as sent."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import httpx2
import pytest
import trustme

from dragoman.asking.providers.anthropic import AnthropicProvider
from dragoman.asking.providers.bedrock import BedrockProvider
from dragoman.asking.providers.routes import check_environment, proxies
from dragoman.errors import ConfigError
from tests.support.builders import MODEL, Wire, message, request_of, summary_of
from tests.support.commands import articles, here, to
from tests.support.service import Service

PASSWORD = "pass-canary-0001"

WRONG: dict[str, tuple[dict[str, str], str]] = {
    "SOCKS without its library": ({"ALL_PROXY": f"socks5://user:{PASSWORD}@127.0.0.1:1080"}, r"ALL_PROXY.*socksio"),
    "SOCKS that resolves names": ({"https_proxy": "socks5h://127.0.0.1:1080"}, "https_proxy.*socksio"),
    "an unsupported scheme": (
        {"HTTPS_PROXY": f"ftp://user:{PASSWORD}@proxy:21"},
        r"names a proxy with .* ftp",
    ),
    "SOCKS 4": ({"HTTPS_PROXY": "socks4://proxy:1080"}, "HTTPS_PROXY names a proxy with the scheme socks4"),
    "an invalid port": ({"HTTP_PROXY": f"http://user:{PASSWORD}@proxy:port"}, "HTTP_PROXY is not the address"),
    "no host": ({"HTTP_PROXY": "http://"}, "HTTP_PROXY is not the address"),
    "a space": ({"HTTPS_PROXY": "http://my proxy:3128"}, "HTTPS_PROXY is not the address"),
    "a bracket": ({"HTTPS_PROXY": "http://[::1:3128"}, "HTTPS_PROXY is not the address"),
    "a missing file": (
        {"SSL_CERT_FILE": "/nowhere/ca.pem"},
        "SSL_CERT_FILE names /nowhere/ca.pem, which is not an existing file",
    ),
    "a missing folder": ({"SSL_CERT_DIR": "/nowhere"}, "SSL_CERT_DIR names /nowhere, which is not an existing folder"),
    "a folder for a file": ({"SSL_CERT_FILE": "/"}, "SSL_CERT_FILE names /, which is not an existing file"),
    "a file without certificates": ({"SSL_CERT_FILE": __file__}, "SSL_CERT_FILE names .*, which cannot be read"),
    "exceptions with a space": (
        {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "localhost 10.0.0.0/8"},
        "NO_PROXY has an entry that is not a host",
    ),
    "exceptions with a bracket": (
        {"HTTPS_PROXY": "http://proxy:3128", "no_proxy": "localhost,[::1"},
        "no_proxy has an entry that is not a host",
    ),
    "an invalid network": (
        {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "10.0.0.0/99"},
        "NO_PROXY has an entry that is not a host",
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
    "no proxy at all": {"ALL_PROXY": "socks5://proxy", "NO_PROXY": "*"},
    "lower case wins": {"ALL_PROXY": "socks5://proxy", "all_proxy": "http://proxy:1"},
    "emptied in lower case": {"ALL_PROXY": "socks5://proxy", "all_proxy": ""},
    "exceptions without a proxy": {"NO_PROXY": "a b"},
    "other variables": {"FTP_PROXY": "ignored", "MY_PROXY": "x y"},
}


@pytest.fixture(autouse=True)
def certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ignore the certificates that this machine's environment names."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_the_library_for_socks_is_not_installed_here() -> None:
    """The cases above rely on that."""
    assert find_spec("socksio") is None


@pytest.mark.parametrize("provider", [AnthropicProvider, BedrockProvider])
@pytest.mark.parametrize(("variables", "message"), WRONG.values(), ids=WRONG)
def test_an_environment_that_cannot_work_is_a_settings_error(
    variables: dict[str, str],
    message: str,
    provider: type[AnthropicProvider | BedrockProvider],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The message names the variable and never its value, for both services, before an SDK is imported."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=message) as caught:
        provider()
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("path", ["/nowhere/ca.pem", __file__])
def test_certificates_for_aws_are_checked_too(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only if requests go to AWS."""
    monkeypatch.setenv("AWS_CA_BUNDLE", path)
    AnthropicProvider()
    with pytest.raises(ConfigError, match=f"AWS_CA_BUNDLE names {path}"):
        BedrockProvider()


@pytest.mark.parametrize("variables", RIGHT.values(), ids=RIGHT)
def test_an_environment_that_works_is_accepted(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The HTTP library accepts it as well, and finds the same proxies."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    check_environment(variables)
    client = httpx2.Client()
    client.close()
    assert len(proxies(variables)) == sum(1 for transport in client._mounts.values() if transport is not None)


def test_existing_certificates_are_accepted(tmp_path: Path) -> None:
    """A file is read; a folder only has to exist."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    check_environment({"SSL_CERT_FILE": str(tmp_path / "ca.pem"), "SSL_CERT_DIR": "/nowhere"})
    check_environment({"SSL_CERT_DIR": str(tmp_path)})


def test_the_environment_is_not_checked_for_a_client_that_is_passed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such a client has a transport of its own."""
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary-0001")
    wire = Wire(httpx2.Response(200, text=message(summary_of())))
    assert AnthropicProvider(http_client=wire.client).send(request_of(), MODEL).body


@pytest.mark.parametrize("command", ["run", "summarize"])
def test_a_command_ends_with_2_and_nothing_is_counted(
    command: str, tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent or recorded, and a line says what to install or unset."""
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
    """Each is named with its variable."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{PASSWORD}@proxy:3128")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-canary-0001")
    done = here("doctor")
    assert done.code == 0
    assert "proxy        http://proxy:3128 (HTTPS_PROXY)" in done.stdout
    assert f"{tmp_path / 'ca.pem'} (SSL_CERT_FILE)" in done.stdout
    assert "canary" not in done.stdout + done.stderr


def test_doctor_reports_what_is_wrong_and_everything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends with exit 2, and still shows the price and the store."""
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    done = here("doctor")
    assert done.code == 2
    assert "dragoman: ALL_PROXY names a SOCKS proxy" in done.stderr
    assert "per million tokens" in done.stdout


def test_a_plan_that_counts_ends_with_2_too(tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--exact`` sends requests to the service."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:port")
    done = here("plan", articles(tmp_path / "in", 1), "--exact", "--store", store_path)
    assert done.code == 2
    assert "HTTPS_PROXY is not the address of a proxy" in done.stderr
