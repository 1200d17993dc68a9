"""`dragoman check` and `dragoman report`: build the files of OUT again from what is stored. They send nothing."""

from __future__ import annotations

from typing import Annotated

import typer

from dragoman.cli import app, options
from dragoman.cli.help import Panel, Section, command, exit_codes
from dragoman.cli.options import given


@command(
    app,
    "check",
    section=Section.RESULTS,
    examples=[
        ("dragoman check out/", "Parse and check the stored replies again, for example with a newer Dragoman."),
        ("dragoman check out-demo --recordings samples/recordings", "The same from recordings."),
    ],
    exit_codes=exit_codes(
        c0="every article is answered or skipped",
        c3="some articles are without an answer, or their replies are missing and their records stay as they were",
        c7="the store is missing or damaged, or another command writes to OUT",
    ),
)
def check(
    folder: options.OutputFolder,
    store: options.StorePath = None,
    recordings: options.CheckedRecordings = None,
    prompt_folders: options.EarlierPromptFolders = None,
    strict: options.Strict = False,
) -> None:
    """Parse and check the stored replies of OUT again, and rewrite its files; sends nothing."""
    from dragoman.cli.advice import end_without_replies
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
        end_without_replies(error, "--recordings DIR reads a folder of recordings")
    counts = Counts.of(outcome.header for outcome in outcomes)
    say(counts_line(counts.statuses, counts.findings, counts.repairs))
    unchanged = [str(outcome.error) for outcome in outcomes if outcome.error]
    for problem in unchanged[:10]:
        say(f"  record unchanged: {problem}")
    raise typer.Exit(3 if unchanged else exit_code(counts, None, missing=False, strict=strict, signal=None))


@command(
    app,
    "report",
    section=Section.RESULTS,
    examples=[
        ("dragoman report out/", "Rebuild out/report.html, the pages and the tables."),
        ("dragoman report out/ --tables csv,parquet,xlsx", "Write tables as Parquet and XLSX too."),
    ],
    exit_codes=exit_codes(c7="another command writes to OUT, or the disk is full"),
)
def report(
    folder: options.OutputFolder,
    formats: Annotated[
        str,
        options.flag(
            "--tables",
            panel=Panel.WHAT,
            metavar="FORMATS",
            help="Formats of the tables: csv, parquet, xlsx, separated by commas. CSV is always written.",
        ),
    ] = "csv",
) -> None:
    """Rebuild the report, pages and tables of OUT from its records; sends nothing."""
    from dragoman.cli.console import counted, say
    from dragoman.output import tables
    from dragoman.output.rebuild import locked, rebuild

    chosen = tables.parse_formats(formats)
    with locked(folder):
        records, notes = rebuild(folder, chosen)
    for note in notes:
        say(note)
    say(f"{counted(len(records), 'article')}. Open {folder / 'report.html'}; the tables are in {folder / 'tables'}")
