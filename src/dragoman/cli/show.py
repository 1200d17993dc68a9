"""`dragoman show`: the records of OUT in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dragoman.cli import app, options

if TYPE_CHECKING:
    from dragoman.core.record import Record
    from dragoman.core.source import Source


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
    from dragoman.cli.console import draw, paper
    from dragoman.output.decision_matching import Decisions
    from dragoman.output.decisions import read_decisions
    from dragoman.output.folder import find_record, read_records
    from dragoman.output.terminal import pages

    decisions = Decisions(read_decisions(folder))
    if wanted is None:
        briefs = [
            pages.brief(record, decisions.of(record), place)
            for place, record in enumerate(read_records(folder))
            if not flags or pages.needs_person(record)
        ]
        draw(pages.index(briefs, paper(whole_lines=True)))
    else:
        record = find_record(folder, wanted)
        draw(pages.article(record, decisions.of(record), _source(folder, record), paper(), flags))


def _source(folder: Path, record: Record) -> Source | None:
    """The source, or None, with a word about it, where it cannot be read: the record can be shown without."""
    from dragoman.cli.console import say
    from dragoman.errors import ConfigError
    from dragoman.output.folder import read_source

    try:
        return read_source(folder, record)
    except ConfigError as error:
        say(f"dragoman: shown without source: {error}")
        return None
