"""Isolate every test: no network but loopback, and none of the user's environment or home directory."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.support import paths

ROOT = paths.ROOT
SHARED = ROOT.parent / "shared"
"""Real articles and pages beside the checkout. Tests that read them are skipped where they are absent."""

# Machines are shared, so no test asserts a duration. `make test` tries the same examples each time, so that a change is
# never red because of a text that it has nothing to do with; `make torture` looks for new ones.
settings.register_profile("same examples", deadline=None, derandomize=True)
settings.register_profile("new examples", deadline=None, max_examples=500)
settings.load_profile("new examples" if os.environ.get("TORTURE") == "all" else "same examples")

_CLEARED_PREFIXES = ("DRAGOMAN_", "ANTHROPIC_", "AWS_")
_real_connect = socket.socket.connect


def _only_loopback(self: socket.socket, address: Any) -> None:
    host = address[0] if isinstance(address, tuple) else address
    if self.family != socket.AF_UNIX and host not in ("127.0.0.1", "::1", "localhost"):
        raise AssertionError(f"a test tried to reach {host}: the suite never touches the network")
    _real_connect(self, address)


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Allow no sockets but loopback, and hide the machine's credentials, settings and home directory."""
    monkeypatch.setattr(socket.socket, "connect", _only_loopback)
    for name in list(os.environ):
        if name.startswith(_CLEARED_PREFIXES) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    # Otherwise boto3 looks for an instance role.
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(autouse=True)
def own_aws_session() -> Iterator[None]:
    """Let no test sign with the AWS session of another: the SDK caches one for all clients with the same settings."""
    yield
    if auth := sys.modules.get("anthropic.lib.aws._auth"):
        auth._get_session.cache_clear()


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    """Return the path at which a test creates its store."""
    return tmp_path / "store.sqlite"


def shared(*parts: str) -> Path:
    """Return a path in the shared material. Skips the test where the file does not exist."""
    place = SHARED.joinpath(*parts)
    if not place.exists():
        pytest.skip(f"{place.relative_to(SHARED.parent)} is not beside this checkout")
    return place
