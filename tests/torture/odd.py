"""Unusual circumstances for a command: a prelude inside its process, a traced system call, a small or read-only
disk.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import ROOT, environment

MAIN = "\nfrom dragoman.cli import main\nmain()\n"
_STRACE = shutil.which("strace")


def not_shown(what: str) -> None:
    """Skip the test and say that this promise was not shown on this machine."""
    pytest.skip(f"not shown: {what}")


def wait_for(so: Callable[[], bool]) -> None:
    """Wait until a condition holds. Fails after three minutes, which is longer than any busy machine needs."""
    end = time.monotonic() + 180
    while not so():
        assert time.monotonic() < end, "the condition did not hold within three minutes"
        time.sleep(0.005)


def with_prelude(
    prelude: str,
    *arguments: object,
    home: Path,
    before: tuple[str, ...] = (),
    env: Mapping[str, str] | None = None,
    **popen: Any,
) -> subprocess.Popen[bytes]:
    """Start a command after ``prelude`` (Python source) in a separate process; ``before`` is put in front of the
    command.
    """
    paths = os.pathsep.join(filter(None, (str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH"))))
    streams: dict[str, Any] = {
        "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **popen
    }  # fmt: skip
    return subprocess.Popen(
        [*before, sys.executable, "-c", prelude + MAIN, *map(str, arguments)],
        env=environment(home, {"PYTHONPATH": paths, **(env or {})}),
        cwd=home,
        **streams,
    )


def traced(*options: str, log: Path | str = os.devnull) -> tuple[str, ...]:
    """Return the words to put before a command to trace all its threads. Skips the test where processes cannot be
    traced.
    """
    if _STRACE is None or subprocess.run([_STRACE, "-qq", "true"], check=False, capture_output=True).returncode:
        not_shown("system calls cannot be traced here (no strace, or it may not trace)")
    assert _STRACE is not None
    return (_STRACE, "-f", "-qq", "-o", str(log), *options)


@contextmanager
def disk(place: Path, size: str) -> Iterator[Path]:
    """Mount a separate file system with room for ``size`` (as `mount` takes it). Skips the test where that is not
    possible.
    """
    place.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "dragoman-torture", str(place)]
    if not shutil.which("mount") or subprocess.run(command, check=False, capture_output=True).returncode:
        not_shown("a small disk cannot be mounted here (it needs root)")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def remount(place: Path, option: str) -> None:
    """Change a mounted disk: ``ro``, ``rw``, ``size=10m``."""
    subprocess.run(["mount", "-o", f"remount,{option}", str(place)], check=True, capture_output=True)
