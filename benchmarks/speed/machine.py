"""Run processes pinned to a core and measure them: wall and CPU seconds, memory, and the load of other processes on the
core.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

QUIET = 0.15
"""Share of the core that other processes may take before a measurement is called disturbed."""

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Finished:
    """One finished process. Times in seconds, memory in megabytes; ``others`` is the share of the core that other
    processes used.
    """

    code: int
    out: str
    errors: str
    wall: float
    cpu: float
    peak_mb: float
    others: float


def cores() -> tuple[int, int]:
    """(core of the service, core of the measured process); the same core if there is only one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of measured processes: no settings or credentials of the user, byte code is kept."""
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DRAGOMAN_", "ANTHROPIC_", "AWS_", "OTEL_")) and name != "PYTHONDONTWRITEBYTECODE"
    }
    return {**variables, "ANTHROPIC_API_KEY": "loopback", **(more or {})}


def run(
    command: Sequence[str], *, core: int, more: Mapping[str, str] | None = None, must_succeed: bool = True
) -> Finished:
    """Run a command to its end on one core. With ``must_succeed``, any exit code but 0 raises RuntimeError."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        before, start = _busy(core), time.perf_counter()
        process = subprocess.Popen(
            command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=environment(more),
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )  # fmt: skip
        # wait4 reports the CPU time and memory of this one process; wait does not.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        busy = _busy(core) - before
        out.seek(0)
        err.seek(0)
        finished = Finished(
            code=process.returncode,
            out=out.read().decode("utf-8", "replace"),
            errors=err.read().decode("utf-8", "replace"),
            wall=wall,
            cpu=usage.ru_utime + usage.ru_stime,
            peak_mb=usage.ru_maxrss / 1024,
            others=max(0.0, busy - usage.ru_utime - usage.ru_stime) / wall,
        )
    if must_succeed and finished.code:
        raise RuntimeError(f"{' '.join(command[:6])} … ended with {finished.code}: {finished.errors[-2000:]}")
    return finished


def _busy(core: int) -> float:
    """Seconds that a core has been busy since the machine started, for any process."""
    for line in Path("/proc/stat").read_text().splitlines():
        name, *counts = line.split()
        if name == f"cpu{core}":
            user, nice, system, _idle, _wait, irq, soft, *steal = map(int, counts[:8])
            return (user + nice + system + irq + soft + sum(steal)) / _TICK
    return 0.0
