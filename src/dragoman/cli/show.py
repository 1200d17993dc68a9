"""`dragoman show`: the records of OUT in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.cli import app, options
from dragoman.cli.help import Panel, Section, command, exit_codes

if TYPE_CHECKING:
    from dragoman.core.record import Record
    from dragoman.core.source import Source


@command(
    app,
    "show",
    section=Section.RESULTS,
    examples=[
        ("dragoman show out/", "One line per article, with those that need attention first."),
        ("dragoman show out/ ru-zerno.html", "One article, claim by claim."),
        ("dragoman show out/ --flags", "Only the articles that need attention."),
    ],
    exit_codes=exit_codes(),
)
def show_command(
    folder: options.OutputFolder,
    wanted: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="The article to show: its id, the start of its id, or its name."),
    ] = None,
    flags: Annotated[
        bool,
        options.flag(
            "--flags",
            panel=Panel.WHAT,
            help="Show only articles and claims with error or warning findings, or without a complete answer.",
        ),
    ] = False,
) -> None:
    """Show records in the terminal: all of them, or one article claim by claim.

    The list has one line per article, with those that need attention first. ✗1 counts its error findings, !4 its
    warnings; (2 open) counts those of them that nobody has decided yet.
    """
    from dragoman.cli.console import draw, paper
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
        draw(pages.folder_lines(briefs, paper(whole_lines=True)))
    else:
        record = find_record(folder, wanted)
        draw(pages.article_lines(record, decisions.match(record), _source(folder, record), paper(), flags))


def _source(folder: Path, record: Record) -> Source | None:
    """The source text; None, with a message, where it cannot be read: the record can be shown without it."""
    from dragoman.cli.console import say
    from dragoman.errors import ConfigError
    from dragoman.output.read import read_source

    try:
        return read_source(folder, record)
    except ConfigError as error:
        say(f"dragoman: the article is shown without its source: {error}")
        return None
