"""The command line: parse, call, print, exit code. No logic, no SQL, no SDK.

stdout is for data, stderr is for people. Each command imports what it needs when it runs, so that ``--help`` and a
stored answer stay fast.
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
from dragoman.cli.help import EXIT_CODES, HelpGroup, group
from dragoman.errors import ConfigError, DragomanError


class _Overview(HelpGroup):
    """The page of ``dragoman --help``."""

    exit_codes = EXIT_CODES


app = group(
    "dragoman",
    cls=_Overview,
    help="Turn foreign-language articles into English records in which every claim is tied to the exact words of its "
    "source.\n\n`dragoman COMMAND --help` explains a command with examples.",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from dragoman.__about__ import VERSION
        from dragoman.cli.console import emit

        emit(f"dragoman {VERSION}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Options of `dragoman` itself."""


_COMMANDS = (
    "run",
    "one",
    "plan",
    "inspect",
    "show",
    "rebuild",
    "decisions",
    "store",
    "prompts",
    "languages",
    "doctor",
    "dev",
)
"""Modules with commands, in the order of ``dragoman --help``."""


def load_commands() -> None:
    """Import the modules in which commands register themselves with `app`."""
    for name in _COMMANDS:
        import_module(f"dragoman.cli.{name}")


def main() -> None:
    """Run the command line. An error of Dragoman is one line and an exit code; any other exception is a bug."""
    streams.set_up()
    load_commands()

    try:
        _refuse_empty_arguments(sys.argv[1:])
        app()
    except DragomanError as error:
        from dragoman.cli.advice import advised

        _line(f"dragoman: {advised(error)}")
        raise SystemExit(error.exit_code) from error
    except KeyboardInterrupt:
        _line("dragoman: interrupted. The same command continues where this one stopped")
        raise SystemExit(130) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except Exception:
        from dragoman.cli.console import say_trace

        say_trace(_without_credentials(traceback.format_exc()))
        _line("dragoman: this is a bug in Dragoman, not in your input. Replies that were paid for are in the store")
        raise SystemExit(1) from None


def _refuse_empty_arguments(arguments: Sequence[str]) -> None:
    """Raise `ConfigError` for an empty argument, which is mostly an unset variable of a script.

    Neither a default that costs money nor the current folder is what its author meant.
    """
    flags = arguments[: arguments.index("--")] if "--" in arguments else arguments
    for flag in flags:
        if flag.startswith("--") and flag.find("=") == len(flag) - 1:
            raise ConfigError(f"{flag[:-1]} is empty: leave it out, or give a value")
    for previous, argument in zip(("", *arguments), arguments, strict=False):
        if not argument and previous in flags and previous.startswith("-") and previous != "-":
            raise ConfigError(f"{previous} is empty: leave it out, or give a value")
        if not argument:
            after = f" after {previous}" if previous else ""
            raise ConfigError(f"the argument{after} is empty: leave it out, or give a value")


def _without_credentials(text: str) -> str:
    """``text`` with all credentials of the environment masked: a traceback may quote what a library was given."""
    from dragoman.asking.providers.credentials import secrets_in_environment

    return secrets_in_environment(os.environ).mask(text)


def _line(text: str) -> None:
    from dragoman.cli.console import say

    say(text)
