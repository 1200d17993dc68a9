"""``python -m tests.support.service``: runs the service as a separate process, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path

from .server import Service


async def _serve(service: Service) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await service.open()
    try:
        print(f"listening on {service.url}", flush=True)
        await ended.wait()
    finally:
        await service.shut()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser("python -m tests.support.service", description="A loopback Messages service.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS", help="before each answer")
    parser.add_argument("--limit-rpm", type=float, metavar="N", help="429 beyond N requests a minute")
    parser.add_argument("--ledger", type=Path, metavar="FILE", help="append one JSON line per request")
    options = parser.parse_args()
    service = Service(
        port=options.port,
        latency=options.latency,
        limit_rpm=options.limit_rpm,
        ledger_file=options.ledger,
        keep=False,
    )
    asyncio.run(_serve(service))


if __name__ == "__main__":
    main()
