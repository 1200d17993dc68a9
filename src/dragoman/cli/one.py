"""`dragoman summarize` and `dragoman translate`: one article in, one record on stdout."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from dragoman.cli import app, options
from dragoman.cli.article_input import ArticleArgument, MediaType, read_input
from dragoman.cli.help import SENDING, Panel, Section, command

_EXIT_CODES = {
    **SENDING,
    "0": "the article was answered, or needed no request (empty, or not a kind of file that is read)",
    "3": "the article failed, was refused or stayed invalid",
    "129/130/143": "interrupted; the same command continues",
}


class Format(StrEnum):
    json = "json"
    markdown = "markdown"


def _add_command(name: str, task: str, help: str, examples: Sequence[tuple[str, str]]) -> None:
    """Register a command that requests one task for one article."""

    @command(app, name, help=help, section=Section.ARTICLES, examples=examples, exit_codes=_EXIT_CODES)
    def for_one_article(
        ctx: typer.Context,
        file: ArticleArgument,
        media_type: MediaType = None,
        output: Annotated[
            Format,
            options.flag(
                "--format",
                panel=Panel.WHAT,
                metavar="json|markdown",
                help="What to print: the record as JSON, or a page for people as Markdown.",
            ),
        ] = Format.json,
        provider: options.Provider = None,
        model: options.Model = None,
        prompts: options.OnePrompt = None,
        prompt_folders: options.PromptFolders = None,
        retry: options.Retry = False,
        refresh: options.Refresh = False,
        timeout: options.Timeout = None,
        patience: options.Patience = None,
        max_cost: options.MaxCost = None,
        model_price_as: options.ModelPriceAs = None,
        repairs: options.Repairs = None,
        recordings: options.RecordingsFolder = None,
        record: options.RecordFolder = None,
        store: options.StorePath = None,
        base_url: options.BaseUrl = None,
        region: options.Region = None,
        profile: options.Profile = None,
        inference_profile: options.InferenceProfile = None,
        follow_links: options.FollowLink = False,
        structured: options.Structured = None,
        strict: options.Strict = False,
    ) -> None:
        _print_record(file, media_type, output, strict, {**options.settings(ctx), "tasks": (task,)})


_add_command(
    "summarize",
    "summary",
    "Summarize one article: print one record on stdout and nothing else.\n\nSeveral can run at the same time with the "
    "same store.",
    [
        ("dragoman summarize article.html > record.json", "Keep the record in a file."),
        ("dragoman summarize article.txt --format markdown", "Read it in the terminal."),
        ("dragoman summarize - --type html < article.html", "Read the article from standard input."),
    ],
)
_add_command(
    "translate",
    "translation",
    "Translate one article, paragraph by paragraph: print one record on stdout and nothing else.",
    [
        ("dragoman translate article.html > record.json", "Keep the record in a file."),
        ("dragoman translate article.txt --format markdown", "Read the translation in the terminal."),
    ],
)


def _print_record(file: str, media_type: str | None, output: Format, strict: bool, flags: dict[str, Any]) -> None:
    from dragoman.cli import run_summary
    from dragoman.cli.advice import with_advice
    from dragoman.cli.console import emit, emit_json, say
    from dragoman.cli.signals import Signals
    from dragoman.config import Settings
    from dragoman.core.header import header_of
    from dragoman.errors import Interrupted
    from dragoman.output import markdown
    from dragoman.output.read import read_source
    from dragoman.runs.counts import exit_code_of_one
    from dragoman.runs.engines.threads import Stop
    from dragoman.runs.single import process_single

    stop = Stop()
    with Signals(stop):
        try:
            settings = Settings.load(flags)
            done = process_single(read_input(file, media_type, settings.max_file_bytes), settings, stop, _on_rescue)
            run_summary.print_maybe_charged(done.maybe_paid, done.maybe_paid_usd_at_most)
            run_summary.print_left_out(done.left_out)
            record = done.answered()
        except Interrupted as error:
            say(f"dragoman: {error}. The same command continues")
            raise typer.Exit(128 + (stop.signal or 2)) from error
    if output is Format.json:
        emit_json(record.to_json())
    else:
        emit(markdown.article_page(record, read_source(None, record)))
    if record.reason is not None:
        say(f"dragoman: {record.status}: {with_advice(record.reason.message, done.hint)}")
    run_summary.print_only_on_retry(int(done.only_on_retry), int(done.correction_only_on_retry))
    raise typer.Exit(exit_code_of_one(header_of(record), strict=strict, signal=stop.signal))


def _on_rescue(folder: Path, command: str) -> None:
    from dragoman.cli.console import rescue_notice, say

    say(rescue_notice(folder, command))
