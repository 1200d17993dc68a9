"""Help pages: what a command is for, examples, options in panels, and the exit codes it can end with.

Plain text in the width of the terminal: rich, which Typer would draw boxes with, takes longer to load than a command
takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter, Parameter


class Panel(StrEnum):
    """Headings under which a page lists its options, in this order."""

    WHAT = "What"
    WHERE = "Where"
    MONEY = "Money"
    SPEED = "Speed"
    ADVANCED = "Advanced"


class Section(StrEnum):
    """Headings under which ``dragoman --help`` lists the commands, in this order."""

    ARTICLES = "Process articles"
    RESULTS = "Work with the results"
    UPKEEP = "Setup and maintenance"


OTHER = "Other options"
"""The heading of ``--help`` and ``--version``."""
OLD_NAMES = ("--prompts", "--fresh")
"""Former names of options. They still work, and no page shows them."""
_Function = TypeVar("_Function", bound=Callable[..., Any])
_ALIKE = 0.75
"""How much alike an unknown option and one that is suggested for it must be: a letter or two apart."""
_NO_BREAK = "\u00a0"
"""Stands for a space at which no line is broken, until the page is finished."""

DONE = "done"
USAGE = "wrong usage or settings; nothing was sent"
STDOUT = "stdout is closed or full"
EXIT_CODES: Mapping[str, str] = {
    "0": "every article was answered or skipped",
    "1": "a bug in Dragoman",
    "2": USAGE,
    "3": "some articles failed, were refused or stayed invalid; the rest are there",
    "4": "the provider could not be used: credentials, access, region, spend limit, quota or a long outage",
    "5": "stopped by --max-cost; the same command continues",
    "6": "--provider replay needed a reply that is not recorded",
    "7": "trouble with the store or the disk, or stdout is closed or full; what was paid for is kept",
    "129/130/143": "interrupted; requests in flight were finished, and the same command continues",
}
"""All exit codes, with what they mean for a command that sends requests."""
SENDING = {code: meaning for code, meaning in EXIT_CODES.items() if code != "1"}
"""Those of a command that sends requests. Only ``dragoman --help`` lists 1, which means the same in every command."""


def exit_codes(**meanings: str) -> dict[str, str]:
    """The exit codes of a command that sends nothing: ``c3="…"`` for 3; 2 and 7 have a meaning unless one is given."""
    given = {code.removeprefix("c"): meaning for code, meaning in meanings.items()}
    return dict(sorted({"0": DONE, "2": "wrong usage or settings", "7": STDOUT, **given}.items()))


def whole(text: str) -> str:
    """``text`` so that a page does not break it over two lines."""
    return text.replace(" ", _NO_BREAK)


class _Page:
    """What pages of commands and of groups have in common."""

    examples: ClassVar[Sequence[tuple[str, str]]] = ()
    """Command lines, each with what it does (or an empty text)."""
    exit_codes: ClassVar[Mapping[str, str]] = {}
    """Meanings of the exit codes that the command can end with."""

    def write_examples(self, formatter: HelpFormatter) -> None:
        """Each line as it would be typed, however wide the terminal is."""
        if self.examples:
            with formatter.section("Examples"):
                for line, purpose in self.examples:
                    formatter.write(f"  {line}\n")
                    if purpose:
                        formatter.write(f"      {purpose}\n")

    def write_options(self, parameters: Sequence[Parameter], context: Context, formatter: HelpFormatter) -> None:
        """Arguments, then options by panel."""
        rows: dict[str, list[tuple[str, str]]] = {"Arguments": [], **{panel: [] for panel in Panel}, OTHER: []}
        for parameter in parameters:
            record = parameter.get_help_record(context)
            if record is None:
                continue
            name, meaning = record
            if parameter.param_type_name == "argument":
                rows["Arguments"].append((_metavar(parameter), meaning))
            else:
                for old in OLD_NAMES:
                    name = name.replace(f", {old}", "")
                rows[getattr(parameter, "rich_help_panel", None) or OTHER].append((name, meaning))
        for heading, entries in rows.items():
            if entries:
                with formatter.section(heading):
                    formatter.write_dl(entries)

    def write_exit_codes(self, formatter: HelpFormatter) -> None:
        """The codes with their meanings."""
        if self.exit_codes:
            with formatter.section("Exit codes"):
                formatter.write_dl(list(self.exit_codes.items()))


def _metavar(parameter: Parameter) -> str:
    return parameter.metavar or str(parameter.name).upper()


class HelpCommand(_Page, TyperCommand):
    """A command whose page has examples, panels and exit codes."""

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        """``[OPTIONS] PATH… -o OUT``: required options are named."""
        required = [p for p in self.params if p.required and p.param_type_name == "option"]
        return [
            "[OPTIONS]",
            *(_metavar(p) for p in self.params if p.param_type_name == "argument"),
            *(f"{p.opts[0]} {_metavar(p)}" for p in required),
        ]

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        self.write_examples(formatter)
        self.write_options(self.get_params(ctx), ctx, formatter)
        self.write_exit_codes(formatter)

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Parse as usual; for an unknown option, suggest only those that are spelled much like it."""
        from typer._click.exceptions import NoSuchOption

        try:
            return super().parse_args(ctx, args)
        except NoSuchOption as error:
            from difflib import get_close_matches

            name = error.option_name
            close = get_close_matches(name, error.possibilities or [], cutoff=_ALIKE)
            raise NoSuchOption(name, possibilities=close, ctx=error.ctx) from error

    def get_help(self, ctx: Context) -> str:
        return super().get_help(ctx).replace(_NO_BREAK, " ")


class HelpGroup(_Page, TyperGroup):
    """A group of commands, listed with the whole first sentence of each."""

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        self.write_options(self.get_params(ctx), ctx, formatter)
        self.write_exit_codes(formatter)

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """By section where commands have one."""
        rows: dict[str, list[tuple[str, str]]] = {**{section: [] for section in Section}, "Commands": []}
        for name, command in self.commands.items():
            if not command.hidden:
                section = getattr(command, "rich_help_panel", None) or "Commands"
                rows[section].append((name, (command.help or "").split("\n\n")[0]))
        for heading, entries in rows.items():
            if entries:
                with formatter.section(heading):
                    formatter.write_dl(entries)


def group(name: str | None = None, *, help: str, cls: type[HelpGroup] = HelpGroup, **options: Any) -> typer.Typer:
    """A set of commands that is called without a command only by mistake, and then shows its page."""
    return typer.Typer(
        name=name, help=help, cls=cls, no_args_is_help=True, rich_markup_mode=None, add_completion=False,
        **options,
    )  # fmt: skip


def command(
    app: typer.Typer,
    name: str,
    *,
    examples: Sequence[tuple[str, str]],
    exit_codes: Mapping[str, str],
    section: Section | None = None,
    help: str | None = None,
) -> Callable[[_Function], _Function]:
    """Register a function as the command ``name`` of ``app``; its docstring, or ``help``, says what it is for."""
    page = type("HelpPage", (HelpCommand,), {"examples": tuple(examples), "exit_codes": dict(exit_codes)})
    return app.command(name, cls=page, help=help, rich_help_panel=section)
