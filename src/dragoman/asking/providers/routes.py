"""Check the proxies and certificates that the environment names for the way to a service.

They are checked before anything is sent: the HTTP library would fail at the first request, which would look like a
failure of the service. Imports no SDK. Messages name the variable and never its value, which may contain a password.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from dragoman.errors import ConfigError

SCHEMES = ("http", "https", "socks5", "socks5h")
"""Schemes of the proxies that the HTTP library supports."""
_PROXIES = ("http", "https", "all")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_HOST = re.compile(r"[\w.-]+|\[?[0-9a-f:.]+(%\w+)?\]?", re.IGNORECASE)
_EXCEPTION = re.compile(r"(\w+://)?(\*|\[[0-9a-f:.]+\]|[\w*.-]+|[0-9a-f:.]*:[0-9a-f:.]*)(:\d{1,5})?", re.IGNORECASE)


def proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """The proxy address of each variable in force; empty if ``NO_PROXY`` is ``*``."""
    settings = _in_force(environment)
    if "*" in _exceptions(settings.pop("no", ("", ""))[1]):
        return {}
    return {variable: url if "://" in url else f"http://{url}" for variable, url in settings.values() if url}


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


def _exceptions(value: str) -> list[str]:
    return [part for part in map(str.strip, value.split(",")) if part]


def check_environment(environment: Mapping[str, str]) -> None:
    """Raise `ConfigError` for a proxy, a proxy exception or certificates that no request could use."""
    used = proxies(environment)
    for variable, url in used.items():
        _check_proxy(variable, url)
    variable, value = _in_force(environment).get("no", ("", ""))
    if used and not all(map(_is_exception, _exceptions(value))):
        raise ConfigError(
            f"{variable} has an entry that is not a host, an address or a network, so requests to that host would go "
            "through the proxy. Separate entries with commas, as in NO_PROXY=localhost,10.0.0.0/8"
        )
    if certificates := certificates_variable(environment):
        _check_certificates(certificates, Path(environment[certificates]))


def certificates_variable(environment: Mapping[str, str]) -> str | None:
    """The variable that names the certificates in use; None without any. The HTTP library uses only the first."""
    return next((variable for variable in _CERTIFICATES if environment.get(variable)), None)


def _check_proxy(variable: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = (
            bool(parts.hostname) and _HOST.fullmatch(parts.hostname or "") and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(
            f"{variable} is not the address of a proxy: set it to an address such as http://host:3128, or unset it"
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


def _is_exception(part: str) -> bool:
    address, slash, _ = part.rpartition("/")
    if slash and "://" not in part:
        try:
            ipaddress.ip_network(part.replace("[", "").replace("]", ""), strict=False)
        except ValueError:
            return False
        return bool(address)
    return _EXCEPTION.fullmatch(part) is not None


def check_aws_certificates(environment: Mapping[str, str]) -> None:
    """Raise `ConfigError` if the file of certificates for AWS cannot be used."""
    if environment.get("AWS_CA_BUNDLE"):
        _check_certificates("AWS_CA_BUNDLE", Path(environment["AWS_CA_BUNDLE"]))


def _check_certificates(variable: str, path: Path) -> None:
    import ssl

    wanted = "a folder of certificates" if variable == "SSL_CERT_DIR" else "a file of certificates in PEM"
    remedy = f"set it to {wanted}, or unset it"
    try:
        if path.is_dir() if variable == "SSL_CERT_DIR" else path.is_file():
            if variable != "SSL_CERT_DIR":
                ssl.create_default_context(cafile=path)
            return
        problem = f"is not an existing {'folder' if variable == 'SSL_CERT_DIR' else 'file'}"
    except (OSError, ValueError) as error:
        problem = f"cannot be read ({error.strerror if isinstance(error, OSError) else error})"
    raise ConfigError(f"{variable} names {path}, which {problem}: {remedy}")
