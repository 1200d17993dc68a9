"""Run one `dragoman.run` in its own process, timed from inside, without the start of Python and imports of the SDK.

python -m benchmarks.speed.driver FOLDER OUT --store FILE --url URL --model M --concurrency 100 [--stages]
"""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from pathlib import Path

import anthropic  # noqa: F401  # the job begins when the SDK is there, as the control's does

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
    began, start, cpu = time.process_time(), time.perf_counter(), time.process_time()
    done = run(options.folder, options.out, settings)
    took = {
        "before_cpu": began,
        "job": time.perf_counter() - start,
        "job_cpu": time.process_time() - cpu,
        "exit_code": done.exit_code,
        "statuses": dict(done.counts.statuses),
        "findings": dict(done.counts.findings),
        "stages": timers.seconds if timers else {},
        "missing": timers.missing if timers else [],
    }
    print(json.dumps(took))


if __name__ == "__main__":
    main()
