"""`dragoman summarize` and `dragoman translate`: one article, one record on stdout."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from dragoman.cli import app, options
from dragoman.cli.article_input import ArticleArgument, MediaType, read_input


class Format(StrEnum):
    json = "json"
    markdown = "markdown"


def _for_one_article(name: str, task: str, help_text: str) -> None:
    """Register a command that answers one task over one article."""

    @app.command(name, help=help_text)
    def command(
        ctx: typer.Context,
        file: ArticleArgument,
        media_type: MediaType = None,
        output: Annotated[
            Format, typer.Option("--format", help="A JSON record, or Markdown for people.")
        ] = Format.json,
        provider: options.Provider = None,
        model: options.Model = None,
        prompts: options.Prompts = None,
        prompt_folders: options.PromptFolders = None,
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
        strict: Annotated[bool, typer.Option("--strict", help="Exit 3 when the record has an error finding.")] = False,
    ) -> None:
        _one(file, media_type, output, strict, {**options.settings(ctx), "tasks": (task,)})


_for_one_article(
    "summarize",
    "summary",
    "Summarize one article: one record on stdout, nothing else there. May run many times at once.",
)
_for_one_article(
    "translate",
    "translation",
    "Translate one article, paragraph by paragraph: one record on stdout, nothing else there.",
)


def _one(file: str, media_type: str | None, output: Format, strict: bool, flags: dict[str, Any]) -> None:
    from dragoman.api import one
    from dragoman.cli import run_summary as ending
    from dragoman.cli.console import emit, emit_json, say
    from dragoman.cli.signals import Signals
    from dragoman.config import Settings
    from dragoman.core.header import header_of
    from dragoman.errors import Interrupted
    from dragoman.output import markdown
    from dragoman.output.folder import read_source
    from dragoman.runs.engines.threads import Stop, exit_code_of_one

    stop = Stop()
    with Signals(stop):
        try:
            settings = Settings.load(flags)
            done = one(read_input(file, media_type, settings.max_file_bytes), settings, stop, _rescued)
            ending.tell_unanswered(done.maybe_paid, done.maybe_paid_usd_at_most)
            record = done.answered()
        except Interrupted as error:
            say(f"dragoman: {error}; the same command goes on")
            raise typer.Exit(128 + (stop.signal or 2)) from error
    if output is Format.json:
        emit_json(record.to_json())
    else:
        emit(markdown.article(record, read_source(None, record)))
    if record.reason is not None:
        say(f"dragoman: {record.status}: {record.reason.message}")
    ending.tell_retry(int(done.only_on_retry))
    raise typer.Exit(exit_code_of_one(header_of(record), strict=strict, signal=stop.signal))


def _rescued(folder: Path, command: str) -> None:
    from dragoman.cli.console import kept_outside, say

    say(kept_outside(folder, command))
