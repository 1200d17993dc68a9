"""`dragoman plan`: what a run would request, why, and at what price."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dragoman.cli import app, options
from dragoman.cli.help import Panel, Section, command, exit_codes

if TYPE_CHECKING:
    from dragoman.config import Settings
    from dragoman.runs.estimate import Basis
    from dragoman.runs.plan_article import ArticleChange, ArticlePlan
    from dragoman.runs.plan_run import PlanTotals


@command(
    app,
    "plan",
    section=Section.ARTICLES,
    examples=[
        ("dragoman plan articles/", "What a first run would send, and its estimated price."),
        ("dragoman plan articles/ -o out/", "What the next run into out/ would send."),
        ("dragoman plan articles/ --model haiku-5-5 --task translation", "The price of another model and task."),
    ],
    exit_codes=exit_codes(
        c4="the provider could not be used (only with --exact)",
        c7="the store lacks replies that the records in OUT depend on, there is trouble with the store, or stdout is "
        "closed or full",
    ),
)
def plan(
    ctx: typer.Context,
    paths: options.ArticlePaths,
    folder: Annotated[
        Path | None,
        options.flag(
            "-o",
            "--out",
            panel=Panel.WHERE,
            metavar="OUT",
            help="The output folder of the planned run. Exit 7 if the store lacks replies that its records depend on.",
        ),
    ] = None,
    tasks: options.Tasks = None,
    provider: options.Provider = None,
    model: options.Model = None,
    model_price_as: options.ModelPriceAs = None,
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
    retry: options.PlannedRetry = False,
    refresh: options.PlannedRefresh = False,
    exact: Annotated[
        bool, options.flag("--exact", panel=Panel.WHAT, help="Count tokens with the free token counter of the service.")
    ] = False,
    buy_again: options.PlannedBuyAgain = False,
    as_json: Annotated[
        bool, options.flag("--json", panel=Panel.WHAT, help="Print one JSON object per article.")
    ] = False,
) -> None:
    """Show what a run would send, why, and at what price; sends nothing.

    With --exact it uses the free token counter of the service.
    """
    from dragoman.cli.advice import end_without_replies, warn_about_model
    from dragoman.config import Settings
    from dragoman.errors import RepliesElsewhere

    settings = Settings.load(options.settings(ctx))
    warn_about_model(settings)
    try:
        _print_plan(paths, settings, exact=exact, as_json=as_json, folder=folder, buy_again=buy_again)
    except RepliesElsewhere as error:
        end_without_replies(error)


def _print_plan(
    paths: list[Path], settings: Settings, *, exact: bool, as_json: bool, folder: Path | None, buy_again: bool
) -> None:
    """Print the plan of a run, into ``folder`` where one is given: one line per article on stdout, the totals on
    stderr.

    Raises `RepliesElsewhere`, at the end, when that run would not begin without ``buy_again``.
    """
    from dragoman.cli.console import counted, emit, emit_json, say
    from dragoman.runs.plan_run import open_plan

    with open_plan(paths, settings, exact=exact, folder=folder, buy_again=buy_again) as run:
        if not run.has_store and settings.provider != "replay":
            say(f"there is no store at {settings.store_path}, so everything counts as new (--store names another one)")
        for planned in run.plans():
            if as_json:
                emit_json(json.dumps(_plan_facts(planned), ensure_ascii=False))
            else:
                emit(_plan_line(planned))
        session = run.session
        of = f"{session.model.id} on {session.destination}" if session.provider else session.destination
    say(f"{counted(len(run.places), 'article')}, {_totals_line(run.totals, of)}")
    for line in _totals_notes(run.totals):
        say(line)
    if run.replies_elsewhere is not None:
        raise run.replies_elsewhere


def _totals_line(totals: PlanTotals, of: str) -> str:
    from dragoman.cli.console import counted

    requests = f"{counted(totals.requests, 'request')} to {of}"
    if not totals.requests:
        return requests
    price = "price unknown" if totals.cost_usd is None else f"about ${totals.cost_usd:.4f}"
    origin = _bases(totals.bases)
    return f"{requests}, {price}" + (f"; tokens {origin}" if origin else "")


def _totals_notes(totals: PlanTotals) -> list[str]:
    """What only --retry would request, and what the estimate assumes about shared requests and the prompt cache."""
    from dragoman.cli.console import corrections_only_on_retry, counted, only_on_retry

    notes = []
    if totals.on_retry:
        notes.append(only_on_retry(totals.on_retry))
    if totals.corrections_on_retry:
        notes.append(corrections_only_on_retry(totals.corrections_on_retry))
    if totals.shared:
        shared = counted(totals.shared, "request")
        notes.append(f"{shared} not counted: identical to the request of another article, which is sent once for both")
    if totals.cached_tokens:
        share = totals.cached_tokens / totals.prompt_tokens
        notes.append(f"{share:.0%} of the input tokens are assumed to be read from the prompt cache")
    elif totals.requests:
        notes.append("no input tokens are assumed to be read from the prompt cache")
    return notes


def _bases(bases: Mapping[Basis, int]) -> str:
    """How the number of tokens is known, in words."""
    words: dict[Basis, str] = {
        "counted": "counted by the service",
        "learned": "estimated from earlier counts for this model",
        "estimated": "estimated from the writing system of the text, because nothing has been measured yet",
    }
    return "; ".join(words[basis] for basis in words if bases.get(basis))


_CORRECTIONS = {"repair": "correction", "repair failed before": "correction (failed before)"}
"""Requests for the correction of an answer, by why they are sent."""


def _plan_line(planned: ArticlePlan) -> str:
    from dragoman.cli.advice import with_advice
    from dragoman.core.visible import printable

    name = printable(planned.name)
    if planned.status is not None:
        assert planned.reason is not None
        return f"{name}  {planned.status}: {with_advice(planned.reason.message, planned.hint)}"
    parts = []
    for task in planned.tasks:
        estimate = task.estimate
        if task.is_asked:
            cost = "price unknown" if estimate.cost_usd is None else f"${estimate.cost_usd:.4f}"
            how = "" if estimate.basis == "counted" else "about "
            tokens = f"{how}{estimate.prompt_tokens:,} tokens in, about {estimate.output_tokens:,} out"
            why = f"{task.why} {task.change.sentence}" if task.change is not None else task.why
            what = _CORRECTIONS.get(task.why, f"request ({why})")
            parts.append(f"{task.task}: {what}, {tokens}, {cost}")
        else:
            parts.append(f"{task.task}: {task.why}")
    return f"{name}  [{planned.language}]  {'; '.join(parts)}"


def _change_facts(change: ArticleChange | None) -> dict[str, Any] | None:
    if change is None:
        return None
    difference = change.difference
    return {"since": change.since, "paragraphs": list(difference.changed), "removed": difference.removed}


def _plan_facts(planned: ArticlePlan) -> dict[str, Any]:
    from dragoman.core.prices import decimal_string

    return {
        "id": planned.article_id,
        "name": planned.name,
        "status": planned.status,
        "reason": planned.reason.model_dump() if planned.reason else None,
        "language": planned.language,
        "tasks": {
            task.task: {
                "why": task.why,
                "changed": _change_facts(task.change),
                "requests": task.estimate.requests,
                "requests_shared": task.shared,
                "prompt_tokens": task.estimate.prompt_tokens,
                "prompt_tokens_are": task.estimate.basis,
                "prompt_tokens_from_cache": task.estimate.cached_tokens,
                "output_tokens_estimated": task.estimate.output_tokens,
                "cost_usd": decimal_string(task.estimate.cost_usd),
            }
            for task in planned.tasks
        },
    }
