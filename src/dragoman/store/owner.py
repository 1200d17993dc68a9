"""The owner of a lease: which process holds it, and whether that process can still be alive.

A process is identified by machine, boot, pid and start time. On the same machine a dead owner is noticed at once; the
lease of an owner on another machine has to expire.
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
    """The two clocks that date leases, both in seconds."""

    day: Callable[[], float] = time.time
    """The time of day. All machines share it, and anyone can set it."""
    beat: Callable[[], float] = time.monotonic
    """A clock that nobody can set. All processes of one boot share it."""


LEASE_SECONDS = 30.0
"""How long a lease lasts after the last heartbeat of its owner. There are three heartbeats in that time, so a lease
survives two that are late."""


@dataclass(frozen=True, slots=True)
class Owner:
    """One open store of one process on one machine; ``token`` distinguishes several stores of a process."""

    machine: str
    pid: int
    started: str
    token: str
    lease_seconds: float = LEASE_SECONDS

    @classmethod
    def of_this_process(cls) -> Owner:
        """A new owner for a store that this process opens."""
        return cls(_machine(), os.getpid(), _started(os.getpid()) or "-", uuid.uuid4().hex[:12])

    def __str__(self) -> str:
        return f"{self.machine} {self.pid} {self.started} {self.token}"

    @classmethod
    def parse(cls, text: str) -> Owner:
        """The owner that `str` wrote. Raises ValueError for anything else."""
        machine, pid, started, token = text.split(" ")
        return cls(machine, int(pid), started, token)

    @property
    def is_here(self) -> bool:
        """Whether the process can be looked at from here: same machine, boot and process namespace."""
        return self.machine == _machine()

    def may_live(self) -> bool:
        """False only when it is certain that the process has ended."""
        if not self.is_here:
            return True
        if _is_gone(self.pid):
            return False
        # Another process may have the same pid by now. It started at another time.
        return (_started(self.pid) or "-") == self.started


def mark_of_this_process() -> str:
    """``1f0c9a2b-4711``: a part for file names that shows `is_of_a_dead_process` which process made the file."""
    return f"{_machine_digest()}-{os.getpid()}"


def is_of_a_dead_process(mark: str) -> bool:
    """Whether a mark belongs to a process of this machine and boot that has certainly ended."""
    machine, _, pid = mark.partition("-")
    if machine != _machine_digest() or not pid.isdecimal():
        return False
    return _is_gone(int(pid))


def _is_gone(pid: int) -> bool:
    """Whether no process of this machine has certainly this pid; False also for a number that no pid can have."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        pass
    return False


def _machine() -> str:
    """Host, boot and process namespace: a pid identifies a process only within these.

    A process of an earlier boot or of another container cannot be looked at, so its lease has to expire.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        boot = namespace = "-"
    return f"{socket.gethostname()}/{boot}/{namespace}".replace(" ", "-")


def _machine_digest() -> str:
    return hashlib.sha256(_machine().encode()).hexdigest()[:8]


def _started(pid: int) -> str | None:
    """Start time of a process in clock ticks since boot; None for a dead process, or if the system does not say."""
    try:
        # Fields are counted after the command, which is in brackets and may contain spaces.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        # A zombie (a dead process that its parent has not waited for) still has its pid.
        return None if fields[0] in _DEAD else fields[19]
    except (OSError, IndexError):
        return None
