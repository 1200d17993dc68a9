"""Who holds a row of the store, and whether they can still be alive.

An owner is a process: machine, boot, pid and the moment it started. On the same machine a dead one is seen
at once; of another machine only the expiry of its lease tells.
"""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass
from pathlib import Path

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

    def may_live(self) -> bool:
        """False only when it is certain that this process is gone."""
        if self.machine != _machine():
            return True
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        # The same pid may by now be another process: then it started at another moment.
        return (_started(self.pid) or "-") == self.started


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


def _started(pid: int) -> str | None:
    """Start time of a process in clock ticks since boot; None where the system does not tell."""
    try:
        # Fields are counted after the command, which is in brackets and may hold spaces.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None
