"""Commands over articles: run, summarize, translate, inspect, plan."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from dragoman.cli import app, options

if TYPE_CHECKING:
    from dragoman.config import Settings
    from dragoman.core.article import Article
    from dragoman.errors import RepliesElsewhere
    from dragoman.reading.discover import ArticleFile

_FILE = typer.Argument(metavar="FILE|-", help="A .txt, .md or .html file, or - for standard input.")
Input = Annotated[str, _FILE]
MediaType = Annotated[
    str | None,
    typer.Option("--type", help="What standard input is: txt, md or html. Default: txt, html if it looks so."),
]


class Format(StrEnum):
    json = "json"
    markdown = "markdown"


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
    from dragoman.cli.json_log import JsonLog
    from dragoman.cli.progress_bar import Screen
    from dragoman.cli.signals import Signals
    from dragoman.config import Settings
    from dragoman.errors import RepliesElsewhere
    from dragoman.runs.engines.threads import Stop

    settings = Settings.load(options.settings(ctx))
    _about_model(settings)
    log = JsonLog()
    stop, watch = Stop(), log if log_format is LogFormat.json else Screen()
    with Signals(stop, watch):
        try:
            done = run(
                paths, folder, settings, limit=limit, fresh=fresh, strict=strict, buy_again=buy_again, stop=stop,
                watch=watch,
            )  # fmt: skip
        except RepliesElsewhere as error:
            _elsewhere(error)
        finally:
            watch.end()
    if log_format is LogFormat.json:
        log.line("run", **{name: fact for name, fact in done.facts.to_json().items() if name != "inputs"})
    else:
        ending.tell(done, folder)
    raise typer.Exit(done.exit_code)


def _for_one_article(name: str, task: str, help_text: str) -> None:
    """Register a command that answers one task over one article."""

    @app.command(name, help=help_text)
    def command(
        ctx: typer.Context,
        file: Input,
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


@app.command()
def inspect(
    ctx: typer.Context,
    file: Input,
    media_type: MediaType = None,
    follow_links: options.FollowLinks = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with the whole text.")] = False,
) -> None:
    """Show what is read of an article: language, paragraphs, steps, what is left out, tokens. No calls."""
    from dragoman.cli import plan_inspect_check
    from dragoman.cli.console import emit, emit_json
    from dragoman.config import Settings
    from dragoman.errors import ArticleError

    settings = Settings.load(options.settings(ctx))
    place = _place(file, media_type, settings.max_file_bytes)
    try:
        text = plan_inspect_check.inspection(place, settings, as_json=as_json)
    except ArticleError as error:
        from dragoman.cli.console import say
        from dragoman.runs.counts import exit_code_of_unread

        say(f"dragoman: {error.code}: {error}")
        raise typer.Exit(exit_code_of_unread(error.code)) from None
    (emit_json if as_json else emit)(text)


@app.command()
def plan(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files and folders of articles.")],
    folder: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="OUT",
            help="The folder of the run that is planned: exit 7 when the store lacks replies that its records rest on.",
        ),
    ] = None,
    tasks: options.Tasks = None,
    provider: options.Provider = None,
    model: options.Model = None,
    prompts: options.Prompts = None,
    prompt_folders: options.PromptFolders = None,
    repairs: options.Repairs = None,
    recordings: options.RecordingsFolder = None,
    store: options.StorePath = None,
    base_url: options.BaseUrl = None,
    region: options.Region = None,
    profile: options.Profile = None,
    inference_profile: options.InferenceProfile = None,
    follow_links: options.FollowLinks = False,
    retry: options.Retry = False,
    refresh: options.Refresh = False,
    exact: Annotated[bool, typer.Option("--exact", help="Ask the service's free token counter.")] = False,
    buy_again: options.BuyAgain = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object an article.")] = False,
) -> None:
    """Show what a run would ask, why, and for how much. No calls (but for --exact, which are free)."""
    from dragoman.cli import plan_inspect_check
    from dragoman.config import Settings
    from dragoman.errors import RepliesElsewhere

    settings = Settings.load(options.settings(ctx))
    _about_model(settings)
    try:
        plan_inspect_check.plan(paths, settings, exact=exact, as_json=as_json, folder=folder, buy_again=buy_again)
    except RepliesElsewhere as error:
        _elsewhere(error)


def _one(file: str, media_type: str | None, output: Format, strict: bool, flags: dict[str, Any]) -> None:
    from dragoman.cli import run_summary as ending
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
            done = process_single(_place(file, media_type, settings.max_file_bytes), settings, stop, _rescued)
            ending.tell_unanswered(done.maybe_paid, done.maybe_paid_usd_at_most)
            record = done.answered()
        except Interrupted as error:
            say(f"dragoman: {error}; the same command goes on")
            raise typer.Exit(128 + (stop.signal or 2)) from error
    if output is Format.json:
        emit_json(record.to_json())
    else:
        emit(markdown.article_page(record, read_source(None, record)))
    if record.reason is not None:
        say(f"dragoman: {record.status}: {record.reason.message}")
    ending.tell_retry(int(done.only_on_retry))
    raise typer.Exit(exit_code_of_one(header_of(record), strict=strict, signal=stop.signal))


def _place(file: str, media_type: str | None, max_bytes: int) -> ArticleFile | Article:
    from dragoman.core.article import make_article
    from dragoman.errors import ConfigError
    from dragoman.reading.discover import named
    from dragoman.reading.formats import MEDIA_TYPES, guess_ending

    if file != "-":
        return named(Path(file))
    if sys.stdin is None:
        raise ConfigError("standard input is closed")
    # One more than the limit tells that it is passed; an endless input is not read to its end.
    content = sys.stdin.buffer.read(max_bytes + 1)
    ending = guess_ending(content) if media_type is None else "." + media_type.lstrip(".")
    if ending not in MEDIA_TYPES:
        raise ConfigError(f"--type {media_type} is not one of {', '.join(sorted(k[1:] for k in MEDIA_TYPES))}")
    return make_article("stdin", content, MEDIA_TYPES[ending])


def _elsewhere(error: RepliesElsewhere) -> NoReturn:
    """End a command that would pay again, with the options that there are."""
    from dragoman.cli.console import say

    say(f"dragoman: {error} (--store PATH names another store, --buy-again pays for them again)")
    raise typer.Exit(error.exit_code) from error


def _rescued(folder: Path, command: str) -> None:
    from dragoman.cli.console import kept_outside, say

    say(kept_outside(folder, command))


def _about_model(settings: Settings) -> None:
    from dragoman.cli.console import say
    from dragoman.core.models import unknown_model

    if settings.model and settings.provider != "replay" and (told := unknown_model(settings.model)):
        say(f"dragoman: {told}")
