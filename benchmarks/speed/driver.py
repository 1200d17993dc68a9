"""Run one `dragoman.run` in its own process, timed from inside without the start of Python and the SDK import.

python -m benchmarks.speed.driver FOLDER OUT --store FILE --url URL --model M --concurrency 100 [--stages]
"""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from pathlib import Path

import anthropic  # noqa: F401  # the job begins after the import of the SDK, as in the control

from dragoman import Settings, run


def main() -> None:
    """Run, and print one JSON line: seconds of the job, its outcome and, with ``--stages``, CPU by stage."""
    parser = ArgumentParser("python -m benchmarks.speed.driver")
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--concurrency", type=int, required=True)
    parser.add_argument("--stages", action="store_true")
    options = parser.parse_args()
    timers = None
    if options.stages:
        from benchmarks.speed.stages import Timers

        timers = Timers()
    settings = Settings(store=options.store, base_url=options.url, model=options.model, concurrency=options.concurrency)
    before, start, cpu = time.process_time(), time.perf_counter(), time.process_time()
    result = run(options.folder, options.out, settings)
    measured = {
        "before_cpu": before,
        "job": time.perf_counter() - start,
        "job_cpu": time.process_time() - cpu,
        "exit_code": result.exit_code,
        "statuses": dict(result.counts.statuses),
        "findings": dict(result.counts.findings),
        "stages": timers.seconds if timers else {},
    }
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
