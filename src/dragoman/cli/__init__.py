"""The command line: parse, call, print, exit code. No logic, no SQL, no SDK.

stdout is data, stderr is for people. Commands import what they need when they run, so that ``--help`` and a
stored answer stay quick.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated

import typer

from dragoman.cli import streams
from dragoman.errors import ConfigError, DragomanError

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
        from dragoman.cli.console import emit

        emit(f"dragoman {VERSION}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Options of every command."""


_COMMANDS = ("run", "one", "plan", "inspect", "show", "rebuild", "decisions", "store", "prompts", "doctor", "dev")
"""Modules with commands, in the order of ``dragoman --help``."""


def load_commands() -> None:
    """Import the modules in which commands register themselves with `app`."""
    for name in _COMMANDS:
        import_module(f"dragoman.cli.{name}")


def main() -> None:
    """The console script. Errors of our own are one line and an exit code; anything else is a bug, and says so."""
    streams.set_up()
    load_commands()

    try:
        _nothing_empty(sys.argv[1:])
        app()
    except DragomanError as error:
        from dragoman.cli.advice import advised

        _line(f"dragoman: {advised(error)}")
        raise SystemExit(error.exit_code) from error
    except KeyboardInterrupt:
        _line("dragoman: interrupted; the same command goes on where it stopped")
        raise SystemExit(130) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except Exception:
        from dragoman.cli.console import say_trace

        say_trace(_without_credentials(traceback.format_exc()))
        _line("dragoman: this is a bug in dragoman, not in your input; what was paid for is in the store")
        raise SystemExit(1) from None


def _nothing_empty(arguments: Sequence[str]) -> None:
    """Raises `ConfigError` for an empty argument: mostly a script's variable that was not set. A default that costs
    money, or the current folder, is not what was meant."""
    flags = arguments[: arguments.index("--")] if "--" in arguments else arguments
    for flag in flags:
        if flag.startswith("--") and flag.find("=") == len(flag) - 1:
            raise ConfigError(f"{flag[:-1]} is empty: leave it out, or give a value")
    for before, argument in zip(("", *arguments), arguments, strict=False):
        if not argument and before in flags and before.startswith("-") and before != "-":
            raise ConfigError(f"{before} is empty: leave it out, or give a value")
        if not argument:
            raise ConfigError("an argument is empty: give a value")


def _without_credentials(text: str) -> str:
    """A traceback may quote what a library was given."""
    from dragoman.asking.providers.credentials import of_environment

    return of_environment(os.environ).mask(text)


def _line(text: str) -> None:
    from dragoman.cli.console import say

    say(text)
