"""Commands that build OUT anew from what is stored: check, report. No calls."""

from __future__ import annotations

from typing import Annotated

import typer

from dragoman.cli import app, options
from dragoman.cli.options import given


@app.command()
def check(
    folder: options.OutputFolder,
    store: options.StorePath = None,
    recordings: options.RecordingsFolder = None,
    prompt_folders: options.PromptFolders = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 3 when a record has an error finding.")] = False,
) -> None:
    """Parse and check the stored replies of OUT again, and write its files anew. No calls."""
    from dragoman.cli.console import say
    from dragoman.cli.run_summary import counts_line
    from dragoman.config import Settings
    from dragoman.errors import RepliesElsewhere
    from dragoman.runs.counts import Counts, exit_code
    from dragoman.runs.recheck import recheck

    try:
        settings = Settings.load(given(store=store, recordings=recordings, prompt_folders=prompt_folders))
        outcomes = recheck(folder, settings)
    except RepliesElsewhere as error:
        say(f"dragoman: {error} (--store PATH names another store, --recordings DIR a folder of recordings)")
        raise typer.Exit(error.exit_code) from error
    counts = Counts.of(outcome.header for outcome in outcomes)
    say(counts_line(counts.statuses, counts.findings, counts.repairs))
    lost = [str(outcome.error) for outcome in outcomes if outcome.error]
    for line in lost[:10]:
        say(f"  left as it was: {line}")
    raise typer.Exit(3 if lost else exit_code(counts, None, missing=False, strict=strict, signal=None))


@app.command()
def report(
    folder: options.OutputFolder,
    formats: Annotated[
        str,
        typer.Option("--tables", metavar="FORMATS", help="csv, parquet, xlsx; by commas. CSV is always written."),
    ] = "csv",
) -> None:
    """Build the pages and tables of OUT again from its records. No calls."""
    from dragoman.cli.console import counted, say
    from dragoman.output import tables
    from dragoman.output.rebuild import locked, rebuild

    chosen = tables.parse_formats(formats)
    with locked(folder):
        records, notes = rebuild(folder, chosen)
    for note in notes:
        say(note)
    say(f"{counted(len(records), 'article')}: open {folder / 'report.html'}; tables are in {folder / 'tables'}")
