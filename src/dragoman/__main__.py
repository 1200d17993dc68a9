"""The process of a command (``dragoman``, ``python -m dragoman``): mostly short, so it starts and ends lightly.

What both settings of the collector buy: ``python benchmarks/quick_paths.py``.
"""

from __future__ import annotations

import gc

from dragoman.cli import main as command

YOUNG = 50_000
"""New objects after which Python looks for cycles among them; its own 700 is for programs whose modules are few. While
the modules of an SDK come in, nothing is garbage, and looking takes a twentieth of their time."""


def main() -> None:
    """Do what the command line says, and end with its exit code."""
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
    try:
        command()
    finally:
        # The process ends: its memory goes as a whole. Else Python would look through all objects of all modules once
        # more, which takes a sixth of a short command.
        gc.freeze()


if __name__ == "__main__":
    main()
