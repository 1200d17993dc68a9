"""The command line: parse, call, print, exit code. No logic, no SQL, no SDK.

stdout is data, stderr is for people. Commands import what they need when they run, so that ``--help`` and a
stored answer stay quick.
"""

from __future__ import annotations

import io
import os
import sys
import traceback
from typing import Annotated

import typer

from dragoman.errors import DragomanError

app = typer.Typer(
    name="dragoman",
    help="Foreign-language articles in, validated English records with located quotes out.",
    epilog="Exit codes: 0 done, 2 usage or settings, 3 some articles without an answer, 4 provider unusable, "
    "5 budget reached, 6 recording missing, 7 store or disk, 129/130/143 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from dragoman.__about__ import VERSION

        typer.echo(f"dragoman {VERSION}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Options of every command."""


def main() -> None:
    """The console script. Errors of our own are one line and an exit code; anything else is a bug, and says so."""
    _open_streams()
    # The commands register themselves with `app`.
    from dragoman.cli import articles, building, care, development, reading, store  # noqa: F401

    # stdout is data, and data is UTF-8 whatever the terminal is set to.
    for stream, errors in ((sys.stdout, "strict"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)
    try:
        app()
    except DragomanError as error:
        _line(f"dragoman: {error}")
        raise SystemExit(error.exit_code) from error
    except KeyboardInterrupt:
        _line("dragoman: interrupted; the same command goes on where it stopped")
        raise SystemExit(130) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except Exception:
        traceback.print_exc()
        _line("dragoman: this is a bug in dragoman, not in your input; what was paid for is in the store")
        raise SystemExit(1) from None


def _open_streams() -> None:
    """A stream that was closed from the start is opened on nothing, or its number would go to the next file.

    Data that nobody can get is trouble, see `screen.emit`; what is said to people is not.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is the one that was closed. Reading finds an end, writing stdout an error.
            os.open("/dev/full" if number == 1 and os.path.exists("/dev/full") else os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)


def _line(text: str) -> None:
    from dragoman.cli.screen import say

    say(text)
