"""Who holds a row of the store, and whether they can still be alive.

An owner is a process: machine, boot, pid and the moment it started. On the same machine a dead one is seen
at once; of another machine only the expiry of its lease tells.
"""

from __future__ import annotations

import hashlib
import os
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_DEAD = ("Z", "X")


@dataclass(frozen=True, slots=True)
class Clocks:
    """The two clocks that leases are dated with, both in seconds."""

    day: Callable[[], float] = time.time
    """The time of day: all machines have it, and anyone can set it."""
    beat: Callable[[], float] = time.monotonic
    """All processes of a boot share it, and nobody can set it."""


LEASE_SECONDS = 30.0
"""A lease lasts this long after its owner's last heartbeat, which comes three times as often."""


@dataclass(frozen=True, slots=True)
class Owner:
    """One open store of one process of one machine; ``token`` tells several stores of a process apart."""

    machine: str
    pid: int
    started: str
    token: str
    lease_seconds: float = LEASE_SECONDS

    @classmethod
    def of_this_process(cls) -> Owner:
        return cls(_machine(), os.getpid(), _started(os.getpid()) or "-", uuid.uuid4().hex[:12])

    def __str__(self) -> str:
        return f"{self.machine} {self.pid} {self.started} {self.token}"

    @classmethod
    def parse(cls, text: str) -> Owner:
        """Out of what `str` wrote."""
        machine, pid, started, token = text.split(" ")
        return cls(machine, int(pid), started, token)

    @property
    def is_here(self) -> bool:
        """Whether this process can be looked at: same machine, boot and process namespace, and so the same clock."""
        return self.machine == _machine()

    def may_live(self) -> bool:
        """False only when it is certain that this process is gone."""
        if not self.is_here:
            return True
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        # The same pid may by now be another process: then it started at another moment.
        return (_started(self.pid) or "-") == self.started


def mark_of_this_process() -> str:
    """``1f0c9a2b-4711``: a word for names of files, by which `is_of_a_dead_process` knows whose they are."""
    return f"{_machine_digest()}-{os.getpid()}"


def is_of_a_dead_process(mark: str) -> bool:
    """Whether a mark is that of a process of this machine and boot that is certainly gone."""
    machine, _, pid = mark.partition("-")
    if machine != _machine_digest() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        pass
    return False


def _machine() -> str:
    """Host, boot and process namespace: only among these does a pid name the same process.

    A process of an earlier boot, or of another container, is not seen; its lease expires.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        boot = space = "-"
    return f"{socket.gethostname()}/{boot}/{space}".replace(" ", "-")


def _machine_digest() -> str:
    return hashlib.sha256(_machine().encode()).hexdigest()[:8]


def _started(pid: int) -> str | None:
    """Start time of a process in clock ticks since boot; None of a dead one, or where the system does not tell."""
    try:
        # Fields are counted after the command, which is in brackets and may hold spaces.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        # One that nobody has buried yet still has its pid.
        return None if fields[0] in _DEAD else fields[19]
    except (OSError, IndexError):
        return None
