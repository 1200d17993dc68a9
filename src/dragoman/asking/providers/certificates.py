"""Check the certificates that the environment names, before anything is sent. Imports no SDK."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path

from dragoman.errors import ConfigError

_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")
"""How OpenSSL names the certificates that it looks for in a folder, by the hash of their subject."""
TRIED = 20
"""How many files of a folder are read, at most, to find a certificate: one is enough, and a system has about 150."""


def variable_in_use(environment: Mapping[str, str]) -> str | None:
    """The variable that names the certificates in use; None without any. The HTTP library uses only the first."""
    return next((variable for variable in _VARIABLES if environment.get(variable)), None)


def check(environment: Mapping[str, str]) -> None:
    """Raise `ConfigError` if the certificates in use cannot be used."""
    variable = variable_in_use(environment)
    if variable is None:
        return
    if variable == "SSL_CERT_DIR":
        _check_folders(variable, environment[variable])
    else:
        check_file(variable, environment[variable])
    check_key_log(environment)


def check_file(origin: str, name: str) -> None:
    """Raise `ConfigError`, which begins with ``origin``, if this is not a file of certificates in PEM."""
    path = Path(name)
    folders = ""
    try:
        if path.is_file():  # a pipe would wait for its writer
            _load(path)
            return
        problem = "is not an existing file"
        if path.is_dir():
            problem = "is a folder"
            folders = " (SSL_CERT_DIR is for folders)" if origin == "SSL_CERT_FILE" else ""
    except (OSError, ValueError) as error:
        problem = f"cannot be read ({_reason(error)})"
    remedy = f"set it to a file of certificates in PEM{folders}, or unset it"
    raise ConfigError(f"{origin} names {path}, which {problem}: {remedy}")


def _load(path: Path) -> None:
    """Load the certificates of a file, as the HTTP library does. Raises `OSError`."""
    import ssl

    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)


def _reason(error: OSError | ValueError) -> str:
    import ssl

    if isinstance(error, ssl.SSLError):
        return "it contains no valid certificate"
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _check_folders(variable: str, names: str) -> None:
    """Raise `ConfigError` unless these folders, separated as in ``PATH``, contain a certificate by its hash."""
    remedy = "set it to a folder of certificates, or unset it"
    hashed: list[Path] = []
    for folder in map(Path, filter(None, names.split(os.pathsep))):
        try:
            hashed += (path for path in sorted(folder.iterdir()) if _HASHED.fullmatch(path.name))
        except NotADirectoryError as error:
            raise ConfigError(
                f"{variable} names {folder}, which is a file: use SSL_CERT_FILE for a file, or {remedy}"
            ) from error
        except FileNotFoundError as error:
            raise ConfigError(f"{variable} names {folder}, which is not an existing folder: {remedy}") from error
        except OSError as error:
            why = f"which cannot be read ({_reason(error)})"
            raise ConfigError(f"{variable} names {folder}, {why}: {remedy}") from error
    if not _any_loads(hashed):
        raise ConfigError(
            f"{variable} names {names}, which contains no certificate that OpenSSL finds (they must be named by their "
            f"hash: `openssl rehash {names}`): {remedy}"
        )


def _any_loads(paths: Iterable[Path]) -> bool:
    for path in islice(paths, TRIED):
        try:
            if path.is_file():
                _load(path)
                return True
        except OSError:
            continue
    return False


def check_key_log(environment: Mapping[str, str]) -> None:
    """Raise `ConfigError` if the keys of connections cannot be written where ``SSLKEYLOGFILE`` says. Python does that
    for certificates of the environment, and botocore always."""
    name = environment.get("SSLKEYLOGFILE")
    if name and (os.path.isdir(name) or not os.access(name if os.path.exists(name) else Path(name).parent, os.W_OK)):
        raise ConfigError(f"SSLKEYLOGFILE names {name}, which cannot be written: name another file, or unset it")
