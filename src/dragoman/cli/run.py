"""`dragoman run`: turn articles into records, in an output folder."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dragoman.cli import app, options
from dragoman.cli.help import SENDING, Panel, Section, command


class LogFormat(StrEnum):
    text = "text"
    json = "json"


@command(
    app,
    "run",
    section=Section.ARTICLES,
    examples=[
        (
            "dragoman run articles/ -o out/ --max-cost 5",
            "Summarize a folder of articles for at most 5 USD.",
        ),
        ("dragoman run articles/ -o out/", "Continue: stored replies are neither requested nor paid for again."),
        ("dragoman run a.html b.md -o out/ --task summary --task translation", "Request both tasks for two files."),
        ("dragoman run articles/ -o out/ --retry", "Also request again what was refused, invalid or cut off."),
    ],
    exit_codes=SENDING,
)
def run_command(
    ctx: typer.Context,
    paths: options.ArticlePaths,
    folder: Annotated[
        Path,
        options.flag(
            "-o",
            "--out",
            panel=Panel.WHERE,
            metavar="OUT",
            help="The folder for the records: a new one, or that of earlier runs. Nothing in it is read as an article.",
        ),
    ],
    tasks: options.Tasks = None,
    provider: options.Provider = None,
    model: options.Model = None,
    prompts: options.Prompts = None,
    prompt_folders: options.PromptFolders = None,
    limit: Annotated[
        str | None,
        options.flag(
            "--limit",
            panel=Panel.WHAT,
            metavar="N",
            help="Process only the first N articles, at least 1. This does not limit how fast requests are sent (see "
            "--rpm).",
        ),
    ] = None,
    retry: options.Retry = False,
    refresh: options.Refresh = False,
    fresh: Annotated[
        bool,
        options.flag(
            "--start-over",
            "--fresh",
            panel=Panel.WHAT,
            help="Remove the records of earlier runs from OUT. The store is untouched, so nothing is paid for again.",
        ),
    ] = False,
    concurrency: options.Concurrency = None,
    rpm: options.Rpm = None,
    input_tpm: options.InputTpm = None,
    output_tpm: options.OutputTpm = None,
    timeout: options.Timeout = None,
    patience: options.Patience = None,
    max_cost: options.MaxCost = None,
    model_price_as: options.ModelPriceAs = None,
    repairs: options.Repairs = None,
    buy_again: options.BuyAgain = False,
    recordings: options.RecordingsFolder = None,
    record: options.RecordFolder = None,
    store: options.StorePath = None,
    base_url: options.BaseUrl = None,
    region: options.Region = None,
    profile: options.Profile = None,
    inference_profile: options.InferenceProfile = None,
    follow_links: options.FollowLinks = False,
    structured: options.Structured = None,
    strict: options.Strict = False,
    log_format: Annotated[
        LogFormat,
        options.flag(
            "--log-format",
            panel=Panel.ADVANCED,
            metavar="text|json",
            help="What to write to stderr: lines for people, or one JSON object per event.",
        ),
    ] = LogFormat.text,
) -> None:
    """Turn articles into records.

    Writes OUT/records.jsonl, the source texts, one page per article, tables, a report and run.json. The same command
    continues an interrupted run.
    """
    from dragoman.api import run
    from dragoman.cli.advice import end_without_replies, warn_about_model
    from dragoman.cli.json_log import JsonLog
    from dragoman.cli.progress_bar import Screen
    from dragoman.cli.run_summary import print_summary
    from dragoman.cli.signals import Signals
    from dragoman.config import Settings
    from dragoman.errors import RepliesElsewhere
    from dragoman.runs.engines.threads import Stop

    settings = Settings.load(options.settings(ctx))
    most = _limit(limit)
    warn_about_model(settings)
    log = JsonLog()
    stop, watch = Stop(), log if log_format is LogFormat.json else Screen()
    with Signals(stop, watch):
        try:
            done = run(
                paths, folder, settings, limit=most, fresh=fresh, strict=strict, buy_again=buy_again, stop=stop,
                watch=watch,
            )  # fmt: skip
        except RepliesElsewhere as error:
            end_without_replies(error)
        finally:
            watch.end()
    if log_format is LogFormat.json:
        log.line("run", **{name: fact for name, fact in done.facts.to_json().items() if name != "inputs"})
    else:
        print_summary(done, folder)
    raise typer.Exit(done.exit_code)


def _limit(text: str | None) -> int | None:
    """The value of --limit. Raises `ConfigError` unless it is a whole number of at least 1."""
    from dragoman.errors import ConfigError

    if text is None:
        return None
    if not text.strip().isdecimal() or int(text) < 1:
        raise ConfigError(f"--limit must be a whole number of at least 1; got {text!r}")
    return int(text)
