"""Measure one stored `dragoman summarize` against importing only the SDK, in one interleaved run.

    python benchmarks/stored_summarize.py

The article is a sample. Its reply comes from the loopback service of the tests and is in the store before timing
starts, so nothing is sent during the timing. Prints medians of wall and CPU seconds and their ratio; only the ratio
can be compared between machines.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.service.server import Service

TIMES = 15


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Wall and CPU seconds of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "DRAGOMAN_STORE": f"{folder}/store.sqlite",
        }
        article = ROOT / "samples" / "articles" / "vi-cang-nuoc-sau.txt"
        stored = [sys.executable, "-m", "dragoman", "summarize", str(article), "--model", "mechanical-1"]
        sdk = [sys.executable, "-c", "import anthropic"]
        with Service() as service:
            environment["ANTHROPIC_BASE_URL"] = service.url
            for command in (stored, sdk):  # the first fills the store, both write their byte code
                timed(command, environment)
            sent = len(service.ledger)
            runs = [(timed(stored, environment), timed(sdk, environment)) for _ in range(TIMES)]
            assert len(service.ledger) == sent, "a stored summarize must send nothing"
    (wall, cpu), (sdk_wall, sdk_cpu) = (
        [statistics.median(run[which][kind] for run in runs) for kind in (0, 1)] for which in (0, 1)
    )
    print(f"stored summarize   {wall:.2f} s wall, {cpu:.2f} s CPU (median of {TIMES})")
    print(f"import anthropic   {sdk_wall:.2f} s wall, {sdk_cpu:.2f} s CPU")
    print(f"ratio              {wall / sdk_wall:.2f} wall, {cpu / sdk_cpu:.2f} CPU")


if __name__ == "__main__":
    main()
