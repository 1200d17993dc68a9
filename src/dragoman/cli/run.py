"""`dragoman run`: articles into records, in an output folder."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli import app, options


class LogFormat(StrEnum):
    text = "text"
    json = "json"


@app.command("run")
def run_command(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files and folders of articles.")],
    folder: Annotated[
        Path,
        typer.Option(
            "-o",
            "--out",
            metavar="OUT",
            help="Where the records go: a new folder, or that of earlier runs; nothing in it is input.",
        ),
    ],
    tasks: options.Tasks = None,
    provider: options.Provider = None,
    model: options.Model = None,
    prompts: options.Prompts = None,
    prompt_folders: options.PromptFolders = None,
    concurrency: Annotated[
        int | None,
        typer.Option("--concurrency", help="Requests in flight, at first and at most. Default: a few, then more."),
    ] = None,
    rpm: Annotated[float | None, typer.Option("--rpm", help="Requests a minute, at most.")] = None,
    input_tpm: Annotated[float | None, typer.Option("--input-tpm", help="Input tokens a minute, at most.")] = None,
    output_tpm: Annotated[float | None, typer.Option("--output-tpm", help="Output tokens a minute, at most.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first so many articles.")] = None,
    timeout: options.Timeout = None,
    patience: options.Patience = None,
    repairs: options.Repairs = None,
    max_cost: options.MaxCost = None,
    recordings: options.RecordingsFolder = None,
    record: options.RecordFolder = None,
    store: options.StorePath = None,
    base_url: options.BaseUrl = None,
    region: options.Region = None,
    profile: options.Profile = None,
    inference_profile: options.InferenceProfile = None,
    structured: options.Structured = None,
    follow_links: options.FollowLinks = False,
    retry: options.Retry = False,
    refresh: options.Refresh = False,
    buy_again: options.BuyAgain = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what earlier runs left in OUT.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 3 when a record has an error finding.")] = False,
    log_format: Annotated[
        LogFormat, typer.Option("--log-format", help="What stderr gets: lines for people, or JSON objects.")
    ] = LogFormat.text,
) -> None:
    """Turn articles into records: OUT/records.jsonl, sources, one page an article, run.json.

    Nothing that is stored is asked again; the same command goes on where it stopped.
    """
    from dragoman.api import run
    from dragoman.cli import run_summary as ending
    from dragoman.cli.advice import end_without_replies, warn_about_model
    from dragoman.cli.json_log import JsonLog
    from dragoman.cli.progress_bar import Screen
    from dragoman.cli.signals import Signals
    from dragoman.config import Settings
    from dragoman.errors import RepliesElsewhere
    from dragoman.runs.engines.threads import Stop

    settings = Settings.load(options.settings(ctx))
    warn_about_model(settings)
    log = JsonLog()
    stop, watch = Stop(), log if log_format is LogFormat.json else Screen()
    with Signals(stop, watch):
        try:
            done = run(
                paths, folder, settings, limit=limit, fresh=fresh, strict=strict, buy_again=buy_again, stop=stop,
                watch=watch,
            )  # fmt: skip
        except RepliesElsewhere as error:
            end_without_replies(error)
        finally:
            watch.end()
    if log_format is LogFormat.json:
        log.line("run", **{name: fact for name, fact in done.facts.to_json().items() if name != "inputs"})
    else:
        ending.tell(done, folder)
    raise typer.Exit(done.exit_code)
