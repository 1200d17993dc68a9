"""How requests leave this machine: the proxies of the environment, the hosts that are reached without one, and headers.

The environment is read here once, before anything is sent, and requests use what was read. The HTTP library and the SDK
each read it in their own way and fail at the first request, which would look like a failure of the service. Imports no
SDK. Messages name the variable as it is set, and never an address, which may contain a password.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from urllib.parse import urlsplit

from dragoman.asking.providers import certificates
from dragoman.errors import ConfigError

SCHEMES = ("http", "https", "socks5", "socks5h")
"""Schemes of the proxies that the HTTP library supports."""
DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST_LABEL = 63
"""Bytes between two dots of a host name, at most: RFC 1035."""
_PROXIES = ("http", "https", "all")
_HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.?")
_WITHOUT_SCHEME = re.compile(r"[^/?#]*/?")
"""An address of a proxy without a scheme: login, host and port."""
_EXCEPTION = re.compile(r"(?:(?P<scheme>\w+)://)?(?P<host>\[[^\]]*\]|[^:/\[\]]*)(?::(?P<port>\d{1,5}))?(?:/.*)?")
_HEADER_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_FRAMING = ("content-length", "transfer-encoding")
"""Headers that say where a request ends: with another value the server would wait for the rest, or read on."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, and the variable that names it. ``url`` may contain a password."""

    variable: str
    url: str


@dataclass(frozen=True, slots=True)
class Direct:
    """An entry of ``NO_PROXY``: a host, its subdomains, or both; or a network. None matches every host."""

    host: str | Network | None
    itself: bool = True
    subdomains: bool = True
    scheme: str | None = None
    port: int | None = None

    def matches(self, scheme: str, host: str, port: int) -> bool:
        """Whether a request to this host, in ASCII, is sent without a proxy."""
        if (self.scheme or scheme) != scheme or (self.port or port) != port:
            return False
        if self.host is None:
            return True
        if not isinstance(self.host, str):
            address = _address(host)
            return address is not None and address in self.host
        name = host.lower().rstrip(".")
        return (self.subdomains and name.endswith(f".{self.host}")) or (self.itself and name == self.host)


@dataclass(frozen=True, slots=True)
class Routes:
    """The proxies by scheme (``http``, ``https`` or ``all``), and the hosts that are reached without one."""

    proxies: Mapping[str, Proxy]
    direct: tuple[Direct, ...] = ()

    def proxy_for(self, scheme: str, host: str, port: int | None) -> Proxy | None:
        """The proxy of a request; None if it is sent without one. ``port`` is None for that of the scheme."""
        proxy = self.proxies.get(scheme) or self.proxies.get("all")
        number = port or DEFAULT_PORTS.get(scheme, 0)
        return None if any(entry.matches(scheme, host, number) for entry in self.direct) else proxy


def routes(environment: Mapping[str, str]) -> Routes:
    """The routes of an environment. Raises `ConfigError` for a proxy or an exception that no request could use."""
    used = _proxies(environment)
    for proxy in used.values():
        _check_proxy(proxy)
    variable, value = _in_force(environment).get("no", ("", ""))
    # Without a proxy, exceptions mean nothing, whatever they are.
    return Routes(used, tuple(_direct(variable, entry) for entry in _entries(value)) if used else ())


def routes_of_the_system() -> Routes:
    """The proxies of the system's own settings (Windows, macOS), which apply if no variable names any."""
    from urllib.request import getproxies

    return routes({f"{kind}_proxy": url for kind, url in getproxies().items()})


def proxy_addresses(environment: Mapping[str, str]) -> dict[str, str]:
    """The proxy address of each variable in force, unchecked; empty if ``NO_PROXY`` is ``*``."""
    return {proxy.variable: proxy.url for proxy in _proxies(environment).values()}


def exceptions_in_use(environment: Mapping[str, str]) -> tuple[str, str] | None:
    """The variable that lists hosts without a proxy, and its value; None if there is none, or no proxy."""
    settings = _in_force(environment)
    variable, value = settings.pop("no", ("", ""))
    return (variable, value) if value and any(url for _, url in settings.values()) else None


def problems(environment: Mapping[str, str]) -> Iterator[ConfigError]:
    """Everything in the environment with which no request could be sent, whatever the service."""
    for check in (routes, certificates.check, check_headers):
        try:
            check(environment)
        except ConfigError as error:
            yield error


def check_environment(environment: Mapping[str, str]) -> None:
    """Raise the first of `problems`."""
    for problem in problems(environment):
        raise problem


def check_headers(environment: Mapping[str, str]) -> None:
    """Raise `ConfigError` for a header in ``ANTHROPIC_CUSTOM_HEADERS`` that no request can have."""
    for name, value in custom_headers(environment).items():
        if name.lower() in _FRAMING:
            raise ConfigError(
                f"ANTHROPIC_CUSTOM_HEADERS has the header {name}, which each request sets itself: remove it"
            )
        if not _HEADER_NAME.fullmatch(name) or _CONTROL.search(value):
            raise ConfigError(
                "ANTHROPIC_CUSTOM_HEADERS has a line that is not a header: write one header per line, as in "
                "`X-Team: news`, or unset it"
            )


def custom_headers(environment: Mapping[str, str]) -> dict[str, str]:
    """The headers that the SDK adds to every request, as it reads them. Lines without a colon are ignored."""
    lines = (line.partition(":") for line in environment.get("ANTHROPIC_CUSTOM_HEADERS", "").split("\n"))
    return {name.strip(): value.strip() for name, colon, value in lines if colon}


def _proxies(environment: Mapping[str, str]) -> dict[str, Proxy]:
    settings = _in_force(environment)
    if "*" in _entries(settings.pop("no", ("", ""))[1]):
        return {}
    return {kind: Proxy(variable, _with_scheme(url)) for kind, (variable, url) in settings.items() if url}


def _with_scheme(url: str) -> str:
    """An address without a scheme is one of HTTP; ``http//proxy`` lacks a colon, and stays without a scheme or host."""
    if "://" in url:
        return url
    return f"http://{url}" if _WITHOUT_SCHEME.fullmatch(url) else f"http:///{url}"


def _in_force(environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Variable and value by kind of proxy. Lower case wins over upper case, as everywhere in Python."""
    settings: dict[str, tuple[str, str]] = {}
    for variable in sorted(environment, key=str.islower):
        kind = variable.lower().removesuffix("_proxy")
        if kind == variable.lower() or kind not in (*_PROXIES, "no"):
            continue
        if kind == "http" and "REQUEST_METHOD" in environment and not variable.islower():
            continue  # in a CGI script, any client can set this variable
        settings[kind] = (variable, environment[variable].strip())
    return settings


def _entries(value: str) -> list[str]:
    return [entry for entry in map(str.strip, value.split(",")) if entry]


def _check_proxy(proxy: Proxy) -> None:
    variable = proxy.variable
    try:
        parts = urlsplit(proxy.url)
        # An @ after the host belongs to a password with a slash, which ended the host too early.
        rest = f"{parts.path}{parts.query}{parts.fragment}"
        usable = _is_host(parts.hostname or "", proxy.url) and parts.port != 0 and "@" not in rest
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(
            f"{variable} is not the address of a proxy: set it to an address such as http://host:3128, or unset it. In "
            "a password, write %2F for a slash, %23 for # and %3F for ?"
        )
    if parts.scheme not in SCHEMES:
        raise ConfigError(
            f"{variable} names a proxy with the scheme {parts.scheme}://, which is not supported: use an address that "
            f"begins with one of {', '.join(f'{scheme}://' for scheme in SCHEMES)}, or unset the variable"
        )
    if parts.scheme.startswith("socks") and find_spec("socksio") is None:
        raise ConfigError(
            f"{variable} names a SOCKS proxy, but the package for SOCKS is not installed: install it "
            "(pip install socksio), or unset the variable. Nothing was sent"
        )


def _is_host(host: str, url: str) -> bool:
    """Whether the HTTP library takes this host of an address. ``urlsplit`` drops line breaks and tabs from it."""
    if _CONTROL.search(url) or "\t" in url:
        return False
    if ":" in host or f"[{host}]" in url.lower():
        address = _address(host)
        return address is not None and address.version == 6
    if re.fullmatch(r"[\d.]+", host):
        return _address(host) is not None
    return _HOST.fullmatch(host) is not None and _ascii(host) is not None


def _ascii(host: str) -> str | None:
    """A host name as it is sent; None if it has a label that is too long, or that no name can have."""
    name = host.lower().rstrip(".")
    if name.isascii() and "xn--" not in name:
        return name if all(len(label) <= _LONGEST_LABEL for label in name.split(".")) else None
    import idna

    try:
        return idna.encode(name).decode("ascii")
    except idna.IDNAError:
        return None


def _address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _direct(variable: str, entry: str) -> Direct:
    """What one entry means. Raises `ConfigError` if it means nothing: the host would be reached through the proxy."""
    found = _read_exception(entry)
    if found is None:
        shown = "" if "@" in entry else f" ({entry!r})"
        raise ConfigError(
            f"{variable} has an entry that is not a host, an address or a network{shown}, so requests to that host "
            "would go through the proxy. Separate entries with commas, as in NO_PROXY=localhost,10.0.0.0/8"
        )
    return found


def _read_exception(entry: str) -> Direct | None:
    if "://" not in entry and (network := _network(entry)) is not None:
        return Direct(network)
    parts = _EXCEPTION.fullmatch(entry)
    if parts is None or ("/" in entry and not parts["scheme"]):
        return None
    scheme = (parts["scheme"] or "all").lower()
    port = int(parts["port"]) if parts["port"] else None
    if scheme not in _PROXIES or not (port is None or 0 < port < 65536):
        return None
    found = _read_host(parts["host"])
    if found is None:
        return None
    if parts["scheme"] and found.itself and "*" not in entry:
        found = replace(found, subdomains=False)  # the address of one server
    return replace(found, scheme=None if scheme == "all" else scheme, port=port)


def _read_host(host: str) -> Direct | None:
    if host == "*":
        return Direct(None)
    if (network := _network(host)) is not None:
        return Direct(network)
    name = host.removeprefix("*").removeprefix(".")
    if not _HOST.fullmatch(name) or re.fullmatch(r"[\d.]+", name):
        return None
    ascii_name = _ascii(name)
    return Direct(ascii_name, itself=not host.startswith((".", "*."))) if ascii_name else None


def _network(entry: str) -> Network | None:
    """An address or a network, also with an IPv6 address in brackets (``[::1]``, ``[fe80::]/10``)."""
    bracketed = re.fullmatch(r"\[([^\]]*:[^\]]*)\](/\d+)?", entry)
    text = f"{bracketed[1]}{bracketed[2] or ''}" if bracketed else entry
    address, slash, size = text.partition("/")
    if slash and not size.isdecimal():
        return None
    try:
        # A network has no zone: an interface of this machine.
        return ipaddress.ip_network(f"{address.partition('%')[0]}{slash}{size}", strict=False)
    except ValueError:
        return None
