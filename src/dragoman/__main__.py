"""The process of a command (``dragoman``, ``python -m dragoman``). Most are short, so garbage is collected less.

``python benchmarks/quick_paths.py`` measures what both settings of the garbage collector save.
"""

from __future__ import annotations

import gc

from dragoman.cli import main as command

YOUNG = 50_000
"""New objects after which Python looks for garbage among them; its default is 700. While the modules of an SDK are
imported nothing is garbage, and looking for it takes a twentieth of the time."""


def main() -> None:
    """Run the command line, and end with its exit code."""
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
    try:
        command()
    finally:
        # The process ends and frees its memory as a whole. Otherwise Python would search all objects of all modules
        # for garbage once more, which takes a sixth of a short command.
        gc.freeze()


if __name__ == "__main__":
    main()
