"""``python -m benchmarks.speed``: run the parts, print their reports, and finish with all bars in one table."""

from __future__ import annotations

import argparse
import dataclasses
import platform
import sys

from benchmarks.speed.bars import PARTS, QUICK, Report, Sizes
from benchmarks.speed.machine import cores


def main() -> int:
    """Exit 0 if every bar was met, 1 if one was missed."""
    parser = argparse.ArgumentParser("python -m benchmarks.speed", description="Speed, CPU and memory of runs.")
    parser.add_argument("--parts", default=",".join(PARTS), help=f"some of: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, one round")
    for size in dataclasses.fields(Sizes):
        parser.add_argument(f"--{size.name}", type=type(size.default), help=f"default {size.default}")
    options = parser.parse_args()
    chosen = {size.name: getattr(options, size.name) for size in dataclasses.fields(Sizes)}
    sizes = dataclasses.replace(
        QUICK if options.quick else Sizes(), **{k: v for k, v in chosen.items() if v is not None}
    )
    service, measured = cores()
    print(f"Python {platform.python_version()}, service on core {service}, measured on core {measured}")
    if service == measured:
        print("this machine allows one core only: service and client share it, so the figures mean nothing")
    report = Report()
    for part in options.parts.split(","):
        if part not in PARTS:
            parser.error(f"no part {part!r}; the parts are {', '.join(PARTS)}")
        PARTS[part](sizes, report)
    print()
    for bar in report.bars:
        print(f"{'met   ' if bar.met else 'MISSED'}  {bar.name}: {bar.figure}; bar {bar.target}")
    return 0 if all(bar.met for bar in report.bars) else 1


if __name__ == "__main__":
    sys.exit(main())
