"""Which credential the SDK uses for the Claude API, and which address a profile on disk is for.

The order is that of `anthropic.lib.credentials`; tests/unit/asking/providers/test_credential_order.py compares it with
the SDK. Nothing is decided here about a credential's value, which never leaves its variable or file. Imports no SDK.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dragoman.asking.providers.credentials import LARGEST_FILE
from dragoman.asking.providers.routes import custom_headers
from dragoman.core import read_file
from dragoman.errors import ConfigError

FEDERATION = ("ANTHROPIC_FEDERATION_RULE_ID", "ANTHROPIC_ORGANIZATION_ID")
"""Both are needed, and one of `IDENTITY`."""
IDENTITY = ("ANTHROPIC_IDENTITY_TOKEN_FILE", "ANTHROPIC_IDENTITY_TOKEN")
VARIABLES = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE", *FEDERATION)
"""The variables that select a credential, in the SDK's order of search."""
HEADERS = ("authorization", "x-api-key")
"""Headers that carry a credential by themselves."""


@dataclass(frozen=True, slots=True)
class Credential:
    """The credential that the SDK uses."""

    kind: Literal["variable", "profile", "federation", "header", "none"]
    name: str
    """The variable, the profile or the header; "" for ``none``."""
    path: Path | None = None
    """The file of the profile."""
    chosen: bool = True
    """Whether a variable chooses it. A profile may also be used because it is the active one on this machine."""
    base_url: str | None = None
    """The address that the profile is for; None for any."""
    problem: str = ""
    """Why the profile cannot be read, if it cannot."""

    def __str__(self) -> str:
        match self.kind:
            case "profile":
                return f"the profile {self.name} ({self.path})"
            case "header":
                return f"the header {self.name} in ANTHROPIC_CUSTOM_HEADERS"
            case "none":
                return "none"
            case _:
                return self.name


def credential_of(environment: Mapping[str, str]) -> Credential:
    """The credential that the SDK would use. Raises `ConfigError` for one that is only spaces, which it would send."""
    for variable in VARIABLES[:2]:
        if value := environment.get(variable):
            if not value.strip():
                raise ConfigError(f"{variable} contains only spaces: set it to a credential, or unset it")
            return Credential("variable", variable)
    if profile := environment.get("ANTHROPIC_PROFILE"):
        return _profile(environment, profile, chosen=True)
    if _is_complete_federation(environment):
        return Credential("federation", FEDERATION[0])
    folder = config_folder(environment)
    pointer = _text(folder / "active_config").strip()
    active = pointer or "default"
    if environment.get("ANTHROPIC_CONFIG_DIR") or pointer or (folder / "configs" / f"{active}.json").is_file():
        return _profile(environment, active, chosen=False)
    header = next((name.lower() for name in custom_headers(environment) if name.lower() in HEADERS), None)
    return Credential("header", header) if header else Credential("none", "")


def notes_on(environment: Mapping[str, str], credential: Credential) -> list[str]:
    """What a user may not expect: empty variables, and credentials that another one takes precedence over."""
    notes = [
        f"{name} is empty, which counts as not set" for name in _EMPTY_COUNTS_AS_UNSET if environment.get(name) == ""
    ]
    used = _variable_of(credential)
    for name in VARIABLES[:3]:
        if environment.get(name) and name != used:
            notes.append(f"{name} is set but not used: {credential} takes precedence")
    federation = [name for name in FEDERATION if environment.get(name)]
    if federation and not _is_complete_federation(environment):
        needed = [name for name in FEDERATION if not environment.get(name)] or [" or ".join(IDENTITY)]
        notes.append(f"{federation[0]} is set but not used: {' and '.join(needed)} must be set too")
    elif federation and credential.kind != "federation":
        notes.append(f"{federation[0]} is set but not used: {credential} takes precedence")
    headers = [name for name in custom_headers(environment) if name.lower() in HEADERS]
    if headers and credential.kind != "header":
        notes.append(
            f"ANTHROPIC_CUSTOM_HEADERS has the header {headers[0]}, which is sent as well"
            if headers[0].lower() != "authorization"
            else "ANTHROPIC_CUSTOM_HEADERS has the header Authorization, which is sent instead of that credential"
        )
    return notes


def _variable_of(credential: Credential) -> str | None:
    """The variable that chooses a credential; None if none does."""
    if credential.kind == "profile":
        return "ANTHROPIC_PROFILE" if credential.chosen else None
    return credential.name if credential.kind in ("variable", "federation") else None


def config_folder(environment: Mapping[str, str]) -> Path:
    """The folder of the profiles."""
    if folder := environment.get("ANTHROPIC_CONFIG_DIR"):
        return Path(folder)
    if sys.platform == "win32":  # pragma: no cover
        data = environment.get("APPDATA")
        return (Path(data) if data else Path.home() / "AppData" / "Roaming") / "Anthropic"
    return Path.home() / ".config" / "anthropic"


_EMPTY_COUNTS_AS_UNSET = (*VARIABLES, *IDENTITY, "ANTHROPIC_BASE_URL", "ANTHROPIC_CONFIG_DIR")


def _is_complete_federation(environment: Mapping[str, str]) -> bool:
    return all(map(environment.get, FEDERATION)) and any(map(environment.get, IDENTITY))


def _profile(environment: Mapping[str, str], name: str, *, chosen: bool) -> Credential:
    path = config_folder(environment) / "configs" / f"{name}.json"
    try:
        config = _config(path, name)
    except OSError as error:
        return Credential("profile", name, path, chosen, problem=error.strerror or str(error))
    except ValueError as error:
        return Credential("profile", name, path, chosen, problem=str(error))
    # As the SDK does: the variable fills what the file leaves out.
    url = str(config.get("base_url") or environment.get("ANTHROPIC_BASE_URL") or "").rstrip("/")
    if url and not url.lower().startswith(_SAFE):
        return Credential("profile", name, path, chosen, problem="its base_url must begin with https://")
    return Credential("profile", name, path, chosen, url or None)


_SAFE = ("https://", "http://localhost", "http://127.0.0.1", "http://[::1]")
"""How an address may begin to which the SDK sends the tokens of a profile."""


def _config(path: Path, name: str) -> dict[str, Any]:
    """The settings of a profile. Raises `OSError` or `ValueError` for those that the SDK does not accept."""
    if {os.sep, "/", "\\", "\0"} & set(name) or name.startswith(".") or name != name.strip():
        raise ValueError("a profile cannot have this name")
    content = read_file.read_whole(path, LARGEST_FILE)
    if os.name == "posix" and path.stat().st_mode & 0o022:
        raise ValueError(f"others may write to it: run `chmod go-w {path}`")
    try:
        config = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is not valid JSON") from error
    if not isinstance(config, dict) or not isinstance(config.get("authentication"), dict):
        raise ValueError("it has no object named authentication")
    return config


def _text(path: Path) -> str:
    try:
        return read_file.read_whole(path, LARGEST_FILE).decode()
    except (OSError, UnicodeDecodeError):
        return ""
