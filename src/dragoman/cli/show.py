"""Commands that read OUT: show (records in the terminal) and decisions. No calls, nothing written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dragoman.cli import app, options

if TYPE_CHECKING:
    from dragoman.core.record import Record
    from dragoman.core.source import Source
    from dragoman.output.terminal.pages import Terminal

decisions_app = typer.Typer(
    help="What people decided about claims and findings.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
app.add_typer(decisions_app, name="decisions")

_NARROWEST, _WIDEST = 20, 100
"""Columns: narrower windows are not tried, longer lines are hard to read."""


@app.command("show")
def show_command(
    folder: options.OutputFolder,
    wanted: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="An article: its id, the start of it, or its name.")
    ] = None,
    flags: Annotated[
        bool, typer.Option("--flags", help="Only what has error or warning findings, or no whole answer.")
    ] = False,
) -> None:
    """Show records in the terminal: one line an article, what needs a person first; with ID, claim by claim."""
    from dragoman.output.decision_matching import FolderDecisions
    from dragoman.output.decisions import read_decisions
    from dragoman.output.read import find_record, read_records
    from dragoman.output.terminal import pages

    decisions = FolderDecisions(read_decisions(folder))
    if wanted is None:
        briefs = [
            pages.article_line(record, decisions.match(record), place)
            for place, record in enumerate(read_records(folder))
            if not flags or pages.needs_attention(record)
        ]
        _print(pages.folder_lines(briefs, _paper(whole_lines=True)))
    else:
        record = find_record(folder, wanted)
        _print(pages.article_lines(record, decisions.match(record), _source(folder, record), _paper(), flags))


@decisions_app.command("show")
def show_decisions(
    folder: options.OutputFolder,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a decision.")] = False,
) -> None:
    """Print the decisions on OUT, article by article; those that are about nothing any more come last."""
    from dragoman.cli.console import counted, say
    from dragoman.output.decision_matching import FolderDecisions, decisions_as_json
    from dragoman.output.decisions import decisions_path, read_decisions
    from dragoman.output.read import read_records
    from dragoman.output.terminal import pages

    every = read_decisions(folder)
    decisions = FolderDecisions(every)
    paper = _paper()
    for record in read_records(folder):
        decided = decisions.match(record)
        if as_json:
            _print_json(decisions_as_json(record, decided))
        else:
            _print(pages.decision_lines(record, decided, paper))
    left = decisions.left_over()
    if as_json:
        _print_json(one.to_json() for one in left)
    else:
        _print(pages.left_over_lines(left, paper))
    if not every:
        say(f"no decisions: {decisions_path(folder)} is empty or not there; decide in report.html and save them there")
    else:
        say(f"{counted(len(every), 'decision')}, {len(left)} left over")


def _source(folder: Path, record: Record) -> Source | None:
    """The source, or None, with a word about it, where it cannot be read: the record can be shown without."""
    from dragoman.cli.console import say
    from dragoman.errors import ConfigError
    from dragoman.output.read import read_source

    try:
        return read_source(folder, record)
    except ConfigError as error:
        say(f"dragoman: shown without source: {error}")
        return None


def _paper(*, whole_lines: bool = False) -> Terminal:
    """The terminal's width and colour; a pipe has no colour and, for lists, lines as long as they are."""
    import os
    import shutil
    import sys

    from dragoman.output.terminal.pages import Terminal

    tty = sys.stdout.isatty()
    if whole_lines and not tty and "COLUMNS" not in os.environ:
        return Terminal(None)
    cells = min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)
    return Terminal(cells, tty and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")


def _print(lines: Iterable[str]) -> None:
    from dragoman.cli.console import draw

    draw(lines)


def _print_json(values: Iterable[dict[str, Any]]) -> None:
    import json

    from dragoman.cli.console import emit_json

    for value in values:
        emit_json(json.dumps(value, ensure_ascii=False))
