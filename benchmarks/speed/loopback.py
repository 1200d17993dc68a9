"""The service for measurements: the loopback service of the tests, in its own process on its own core.

    python -m benchmarks.speed.loopback --latency 0.5

It prints its address on its first line and, when standard input ends, the requests it received as JSON on its last.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from benchmarks.speed.machine import cores, environment
from tests.support.service import Answer, Service, mechanical

CLAIMS = 12
"""Number of claims in each answer."""


@dataclass(frozen=True)
class Served:
    """What the service received: ``answered`` counts by status, ``different`` counts the distinct texts answered.

    ``first`` and ``last``: the times of the first and last request that costs money, in seconds since the epoch.
    """

    answered: dict[str, int]
    paid: int
    different: int
    most_at_once: int
    first: float
    last: float
    cpu: float

    @property
    def requests(self) -> int:
        return sum(self.answered.values())


class Loopback:
    """A running service process. Leave the ``with`` block, then read ``served``."""

    served: Served

    def __init__(self, *, latency: float = 0.0, limit_rpm: float | None = None) -> None:
        self._options = ["--latency", str(latency), *(["--limit-rpm", str(limit_rpm)] if limit_rpm else [])]

    def __enter__(self) -> Self:
        core, _ = cores()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.speed.loopback", *self._options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(),
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )  # fmt: skip
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        output, _ = self._process.communicate()
        if error is None:
            self.served = Served(**json.loads(output.splitlines()[-1]))


async def _serve(latency: float, limit_rpm: float | None) -> None:
    times = [0.0, 0.0]

    def script(_: int, body: dict[str, Any]) -> Answer:
        times[:] = times[0] or time.time(), time.time()
        return Answer(mechanical.answer(body, most=CLAIMS), model=mechanical.MODEL)

    service = Service(script=script, latency=latency, limit_rpm=limit_rpm, keep=False)
    ended = asyncio.Event()
    await service.open()
    try:
        print(service.url, flush=True)
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
        await ended.wait()
    finally:
        await service.shut()
    served = Served(
        answered={str(status): count for status, count in service.answered.items()},
        paid=service.paid,
        different=len(service.generated),
        most_at_once=service.most_at_once,
        first=times[0],
        last=times[1],
        cpu=time.process_time(),
    )
    print(json.dumps(served.__dict__), flush=True)


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser("python -m benchmarks.speed.loopback")
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--limit-rpm", type=float)
    options = parser.parse_args()
    asyncio.run(_serve(options.latency, options.limit_rpm))


if __name__ == "__main__":
    main()
