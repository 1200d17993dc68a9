"""An environment in which no request could be sent is reported before anything counts as sent."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from dragoman.asking.providers import routes as routes_module
from dragoman.asking.providers.anthropic import AnthropicProvider
from dragoman.asking.providers.bedrock import BedrockProvider
from dragoman.asking.providers.deadlines import keep_alive
from dragoman.asking.providers.routes import check_environment, custom_headers, proxy_addresses, routes
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
    "a misspelled scheme": ({"HTTP_PROXY": "htp://127.0.0.1:9"}, "HTTP_PROXY names a proxy with the scheme htp://"),
    "a scheme without a colon": ({"HTTPS_PROXY": "http//proxy:3128"}, "HTTPS_PROXY is not the address"),
    "a scheme with one slash": ({"https_proxy": "http:/proxy:3128"}, "https_proxy is not the address"),
    "a scheme without slashes": ({"https_proxy": "http:proxy"}, "https_proxy is not the address"),
    "no scheme before the slashes": ({"ALL_PROXY": "//proxy:3128"}, "ALL_PROXY is not the address"),
    "an empty scheme": ({"all_proxy": "://proxy:3128"}, "all_proxy is not the address"),
    "quotes": ({"HTTPS_PROXY": "'http://proxy:3128'"}, "HTTPS_PROXY .*a proxy"),
    "two proxies": ({"HTTPS_PROXY": "http://a:1,http://b:2"}, "HTTPS_PROXY is not the address"),
    "a port that is too large": ({"HTTPS_PROXY": "http://proxy:99999"}, "HTTPS_PROXY is not the address"),
    "port 0": ({"HTTPS_PROXY": "http://proxy:0"}, "HTTPS_PROXY is not the address"),
    "a negative port": ({"HTTPS_PROXY": "http://proxy:-1"}, "HTTPS_PROXY is not the address"),
    "a port in other digits": ({"HTTPS_PROXY": "http://proxy:٣"}, "HTTPS_PROXY is not the address"),
    "a space before the port": ({"HTTPS_PROXY": "http://proxy: 80"}, "HTTPS_PROXY is not the address"),
    "a line break in the host": ({"HTTPS_PROXY": "http://pro\nxy:80"}, "HTTPS_PROXY is not the address"),
    "a tab in the host": ({"HTTPS_PROXY": "http://pro\txy:80"}, "HTTPS_PROXY is not the address"),
    "no IPv4 address": ({"HTTPS_PROXY": "http://300.1.1.1:80"}, "HTTPS_PROXY is not the address"),
    "no IPv6 address": ({"HTTPS_PROXY": "http://[g::1]:80"}, "HTTPS_PROXY is not the address"),
    "an address of the future": ({"HTTPS_PROXY": "http://[v1.x]:80"}, "HTTPS_PROXY is not the address"),
    "IPv6 without brackets": ({"HTTPS_PROXY": "http://fe80::1:80"}, "HTTPS_PROXY is not the address"),
    "a label that is too long": ({"HTTPS_PROXY": f"http://{'x' * 64}.example:80"}, "HTTPS_PROXY is not the address"),
    "an empty label": ({"HTTPS_PROXY": "http://a..b:80"}, "HTTPS_PROXY is not the address"),
    "no Punycode": ({"HTTPS_PROXY": "http://xn--a:80"}, "HTTPS_PROXY is not the address"),
    "a semicolon": ({"HTTPS_PROXY": "http://proxy;x"}, "HTTPS_PROXY is not the address"),
    "a password with #": ({"HTTPS_PROXY": f"http://user:{PASSWORD}#1@proxy:1"}, "HTTPS_PROXY is not the address"),
    "a password with a slash": ({"HTTPS_PROXY": f"http://user:1/{PASSWORD}@proxy:1"}, "HTTPS_PROXY is not the address"),
    "a missing file": (
        {"SSL_CERT_FILE": "/nowhere/ca.pem"},
        "SSL_CERT_FILE names /nowhere/ca.pem, which is not an existing file",
    ),
    "a missing folder": ({"SSL_CERT_DIR": "/nowhere"}, "SSL_CERT_DIR names /nowhere, which is not an existing folder"),
    "a folder for a file": (
        {"SSL_CERT_FILE": "/"},
        r"SSL_CERT_FILE names /, which is a folder: set it to .* .SSL_CERT_DIR is for folders.",
    ),
    "a file without certificates": ({"SSL_CERT_FILE": __file__}, "SSL_CERT_FILE names .*, which cannot be read"),
    "exceptions with a space": (
        {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "localhost 10.0.0.0/8"},
        "NO_PROXY has an entry that is not a host",
    ),
    "exceptions with a bracket": (
        {"HTTPS_PROXY": "http://proxy:3128", "no_proxy": "localhost,[::1"},
        "no_proxy has an entry that is not a host",
    ),
    **{
        f"the exception {entry}": (
            {"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": f"localhost,{entry}"},
            "NO_PROXY has an entry that is not a host",
        )
        for entry in (
            "10.0.0.0/99",
            "10.0.0.0/255.0.0.0",
            "10.0.0.0/",
            "10.0.0.0/-1",
            "10.0.0.256",
            "10.1",
            "10.0.0.",
            "a;b",
            "a:99999",
            "a:0",
            "a:port",
            "a/b",
            "x.*",
            "a..b",
            "[::1",
            "::1]",
            "[g::1]",
            "[::1]/129",
            "http://",
            "ftp://a",
            "http:a",
            "//a",
            "a|b",
            "<local>",
            "a b",
        )
    },
    "an exception with a password": (
        {"ALL_PROXY": "http://proxy:3128", "no_proxy": f"user:{PASSWORD}@host"},
        "no_proxy has an entry that is not a host, an address or a network, so",
    ),
    "a header of the request's end": (
        {"ANTHROPIC_CUSTOM_HEADERS": "Content-Length: 3"},
        "ANTHROPIC_CUSTOM_HEADERS has the header Content-Length, which each request sets itself",
    ),
    "a header with broken bytes": ({"ANTHROPIC_CUSTOM_HEADERS": "X: canary\udcff"}, "CUSTOM_HEADERS has a line"),
    "a header without a name": ({"ANTHROPIC_CUSTOM_HEADERS": ": canary"}, "ANTHROPIC_CUSTOM_HEADERS has a line"),
    "a header with a space": ({"ANTHROPIC_CUSTOM_HEADERS": "A: b\nX Team: canary"}, "CUSTOM_HEADERS has a line"),
    "a header in another script": ({"ANTHROPIC_CUSTOM_HEADERS": "Ключ: canary"}, "CUSTOM_HEADERS has a line"),
    "a header with a line break": ({"ANTHROPIC_CUSTOM_HEADERS": "X: canary\x0bb"}, "CUSTOM_HEADERS has a line"),
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
    "spaces around": {"ALL_PROXY": " http://proxy:3128\n"},
    "a trailing slash": {"HTTPS_PROXY": "proxy:3128/"},
    "a login": {"HTTPS_PROXY": f"user:{PASSWORD}@proxy"},
    "in another script": {"HTTPS_PROXY": "http://прокси.рф:3128"},
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
def test_an_environment_that_works_is_accepted(variables: dict[str, str]) -> None:
    """The HTTP library accepts each of the proxies as well."""
    check_environment(variables)
    assert {proxy.url for proxy in routes(variables).proxies.values()} == set(proxy_addresses(variables).values())
    for url in proxy_addresses(variables).values():
        httpx2.Proxy(url)


HOSTS = st.text(alphabet="ab1.-_:[]%/@ хn#", max_size=12)


@given(HOSTS, st.sampled_from(["", "http://", "https://"]))
def test_a_proxy_that_is_accepted_is_one_for_the_http_library(host: str, scheme: str) -> None:
    """Whatever the address is made of: an accepted one never fails at the first request."""
    environment = {"ALL_PROXY": scheme + host}
    if problems := list(routes_module.problems(environment)):
        assert [str(problem).split()[0] for problem in problems] == ["ALL_PROXY"]
        return
    for proxy in routes(environment).proxies.values():
        httpx2.HTTPTransport(proxy=httpx2.Proxy(proxy.url)).close()


EXCEPTIONS: dict[str, tuple[str, list[str], list[str]]] = {
    "a host": ("a.b", ["http://a.b", "https://A.B:8", "https://x.a.b", "https://a.b."], ["http://xa.b", "http://b"]),
    "a host and a port": ("a.b:8", ["http://a.b:8", "https://x.a.b:8"], ["http://a.b", "http://a.b:80"]),
    "the port of the scheme": ("a.b:443", ["https://a.b", "https://a.b:443"], ["http://a.b", "https://a.b:8443"]),
    "the other port": ("a.b:80", ["http://a.b"], ["https://a.b"]),
    "a final dot": ("a.b.", ["http://a.b", "http://a.b."], ["http://b"]),
    "subdomains": (".a.b", ["http://x.a.b"], ["http://a.b", "http://xa.b"]),
    "subdomains with a star": ("*.a.b", ["http://x.a.b", "http://y.x.a.b"], ["http://a.b", "http://xa.b"]),
    "a star at the beginning": ("*a.b", ["http://a.b", "http://x.a.b"], ["http://c.b"]),
    "any host at a port": ("*:8", ["http://a.b:8", "https://[::1]:8"], ["http://a.b"]),
    "a scheme": ("https://a.b", ["https://a.b", "https://a.b:8"], ["http://a.b", "https://x.a.b"]),
    "a scheme, a port and a path": ("http://a.b:8/c", ["http://a.b:8"], ["https://a.b:8", "http://a.b"]),
    "any scheme": ("all://a.b", ["https://a.b", "http://a.b"], ["http://b"]),
    "localhost": ("LocalHost", ["http://localhost:8080"], ["http://127.0.0.1"]),
    "IPv4": ("10.0.0.1", ["http://10.0.0.1:8"], ["http://10.0.0.2"]),
    "IPv4 and a port": ("10.0.0.1:8", ["http://10.0.0.1:8"], ["http://10.0.0.1"]),
    "an IPv4 network": ("10.0.0.5/8", ["https://10.255.0.1"], ["http://11.0.0.1", "http://a.b"]),
    "IPv6": ("::1", ["http://[::1]:8", "http://[0:0:0:0:0:0:0:1]"], ["http://[::2]"]),
    "IPv6 in brackets": ("[::1]", ["http://[::1]:8"], ["http://[::2]", "http://127.0.0.1"]),
    "IPv6 and a port": ("[::1]:8", ["http://[::1]:8"], ["http://[::1]"]),
    "IPv6 of one interface": ("fe80::1%eth0", ["http://[fe80::1]"], ["http://[fe80::2]"]),
    "an IPv6 network": ("fe80::/10", ["http://[fe80::1]:8"], ["http://[::1]"]),
    "an IPv6 network in brackets": ("[fe80::]/10", ["http://[fe80::1]:8"], ["http://[::1]"]),
    "a mapped address": ("::ffff:127.0.0.1", ["http://[::ffff:7f00:1]"], ["http://127.0.0.1"]),
    "another script": ("пример.рф", ["http://пример.рф", "http://x.xn--e1afmkfd.xn--p1ai"], ["http://рф"]),
    "several": (" a.b , ,[::1],", ["http://a.b", "http://[::1]"], ["http://c"]),
    "all": ("a.b,*", ["http://c", "https://d:8"], []),
}


def direct(entries: str, url: str) -> bool:
    parsed = httpx2.URL(url)
    found = routes({"ALL_PROXY": "http://proxy:3128", "NO_PROXY": entries})
    return found.proxy_for(parsed.scheme, parsed.raw_host.decode(), parsed.port) is None


@pytest.mark.parametrize(("entries", "reached", "proxied"), EXCEPTIONS.values(), ids=EXCEPTIONS)
def test_an_exception_means_what_it_says(entries: str, reached: list[str], proxied: list[str]) -> None:
    """Also where the HTTP library or the SDK takes it for nothing or fails: an address in brackets, a port that is that
    of the scheme, an IPv6 network, a name in another script."""
    assert [url for url in reached if not direct(entries, url)] == []
    assert [url for url in proxied if direct(entries, url)] == []


COMMON = ["a.b", ".a.b", "*.a.b", "localhost", "10.0.0.1", "10.0.0.0/8", "::1", "http://a.b", "my_host", "*"]
"""Entries that the HTTP library reads as well."""
URLS = [
    f"{scheme}://{host}{port}"
    for scheme in ("http", "https")
    for host in ("a.b", "x.a.b", "xa.b", "localhost", "10.0.0.1", "10.9.9.9", "11.0.0.1", "[::1]", "my_host", "c")
    for port in ("", ":8080")
]


@pytest.mark.parametrize("entry", COMMON)
def test_common_exceptions_mean_the_same_to_the_http_library(entry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is reached without a proxy elsewhere is reached without one here, and the other way round."""
    monkeypatch.setenv("ALL_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", entry)
    with httpx2.Client() as client:
        for url in URLS:
            assert direct(entry, url) == (client._transport_for_url(httpx2.URL(url)) is client._transport), url


def test_a_proxy_is_chosen_by_scheme() -> None:
    """That of the scheme comes first, and an empty one counts as none."""
    found = routes({"HTTP_PROXY": "http://a:1", "https_proxy": "", "ALL_PROXY": "http://b:2"})
    for scheme, variable in (("http", "HTTP_PROXY"), ("https", "ALL_PROXY")):
        proxy = found.proxy_for(scheme, "c.d", None)
        assert proxy is not None
        assert proxy.variable == variable


@pytest.mark.parametrize(
    "entries",
    ["localhost,127.0.0.1,::1,[::1]", "[::1]/128,127.0.0.0/8", "a b,127.0.0.1"],
    ids=["brackets", "networks", "junk"],
)
def test_exceptions_that_the_sdk_cannot_read_break_no_run(
    entries: str, tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK's own client fails for each of them, even without any proxy."""
    monkeypatch.setenv("NO_PROXY", entries)
    with Service() as service:
        done = here("run", articles(tmp_path / "in", 1), "-o", tmp_path / "out", *to(service, store_path))
        assert service.paid == 1
    assert done.code == 0, done.stderr


def test_connections_are_kept_alive_as_by_the_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK sets these options only for a transport of its own."""
    monkeypatch.delenv("NO_PROXY", raising=False)
    client = anthropic.DefaultHttpxClient()
    pool: Any = vars(client._transport)["_pool"]
    assert sorted(keep_alive()) == sorted((level, name, int(value)) for level, name, value in pool._socket_options)
    client.close()


HEADERS: dict[str, tuple[str, dict[str, str]]] = {
    "two": ("X-A: 1\nX-B: 2:3 ", {"X-A": "1", "X-B": "2:3"}),
    "a line without a colon": ("junk\nX-A: 1", {"X-A": "1"}),
    "an empty value": ("X-A:", {"X-A": ""}),
    "nothing": ("", {}),
}


@pytest.mark.parametrize(("value", "headers"), HEADERS.values(), ids=HEADERS)
def test_custom_headers_are_read_as_by_the_sdk(
    value: str, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A header that is accepted is one that the SDK sends."""
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", value)
    check_environment({"ANTHROPIC_CUSTOM_HEADERS": value})
    assert custom_headers({"ANTHROPIC_CUSTOM_HEADERS": value}) == headers
    sent = anthropic.Anthropic(api_key="k").default_headers
    assert {name: sent[name] for name in headers} == headers


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


def test_doctor_lists_every_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line for each, in one go: a proxy, certificates, headers and, for Bedrock, the credentials. What is missing
    besides is listed too."""
    for name, value in {
        "HTTPS_PROXY": f"http://user:{PASSWORD}@proxy:port",
        "SSL_CERT_FILE": "/nowhere/ca.pem",
        "ANTHROPIC_CUSTOM_HEADERS": "a b: c",
        "AWS_BEARER_TOKEN_BEDROCK": "",
    }.items():
        monkeypatch.setenv(name, value)
    done = here("doctor", "--provider", "bedrock")
    assert done.code == 2
    problems = [line.split() for line in done.stderr.splitlines()]
    assert sorted(words[1] for words in problems if words[0] == "dragoman:") == [
        "ANTHROPIC_CUSTOM_HEADERS", "AWS_BEARER_TOKEN_BEDROCK", "HTTPS_PROXY", "SSL_CERT_FILE",
    ]  # fmt: skip
    assert [words[:3] for words in problems if words[0] == "missing:"] == [
        ["missing:", "an", "AWS"], ["missing:", "AWS", "credentials:"],
    ]  # fmt: skip
    assert "proxy        cannot be used (HTTPS_PROXY)\n" in done.stdout
    assert PASSWORD not in done.stdout + done.stderr


def test_doctor_shows_what_is_used_and_what_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exceptions, certificates and headers with their variables; values of headers are not shown."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    for name, value in {
        "all_proxy": "http://proxy:3128",
        "no_proxy": "localhost,[::1]",
        "SSL_CERT_FILE": str(tmp_path / "ca.pem"),
        "SSL_CERT_DIR": str(tmp_path),
        "ANTHROPIC_CUSTOM_HEADERS": f"X-Team: {PASSWORD}",
        "ANTHROPIC_API_KEY": "sk-ant-canary-0001",
    }.items():
        monkeypatch.setenv(name, value)
    done = here("doctor")
    assert done.code == 0, done.stderr
    for line in (
        "proxy        http://proxy:3128 (all_proxy)",
        "no proxy     localhost,[::1] (no_proxy)",
        f"certificates {tmp_path / 'ca.pem'} (SSL_CERT_FILE)",
        "note         SSL_CERT_DIR is set but not used: SSL_CERT_FILE takes precedence",
        "headers      X-Team (ANTHROPIC_CUSTOM_HEADERS)",
    ):
        assert f"{line}\n" in done.stdout
    assert "canary" not in done.stdout


@pytest.mark.parametrize("provider", ["anthropic", "bedrock"])
@pytest.mark.parametrize(("variables", "message"), WRONG.values(), ids=WRONG)
def test_doctor_finds_the_same(
    variables: dict[str, str], message: str, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would end a run ends doctor with exit 2, and never with a traceback."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    done = here("doctor", "--provider", provider)
    assert done.code == 2
    assert re.search(message, done.stderr)
    assert "Traceback" not in done.stderr
    assert PASSWORD not in done.stdout + done.stderr
