"""`dragoman plan`: what a run would request, why, and for how much."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dragoman.cli import app, options

if TYPE_CHECKING:
    from dragoman.config import Settings
    from dragoman.runs.estimate import Basis
    from dragoman.runs.plan import Plan
    from dragoman.runs.plan_run import PlanTotals


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
    """Print the plan of a run, into ``folder`` where one is given: a line per article on stdout, totals on stderr.

    Raises `RepliesElsewhere`, at the end, when that run would not begin without ``buy_again``.
    """
    from dragoman.cli.console import counted, emit, emit_json, say
    from dragoman.runs.plan_run import open_plan

    with open_plan(paths, settings, exact=exact, folder=folder, buy_again=buy_again) as run:
        if not run.has_store and settings.provider != "replay":
            say(f"there is no store at {settings.store_path}: everything counts as new")
        for planned in run.plans():
            if as_json:
                emit_json(json.dumps(_plan_facts(planned), ensure_ascii=False))
            else:
                emit(_plan_line(planned))
        session = run.session
        of = f"{session.model.id} on {session.where}" if session.provider else session.where
    say(f"{counted(len(run.found), 'article')}, {_totals_line(run.totals, of)}")
    for line in _totals_notes(run.totals):
        say(line)
    if run.elsewhere is not None:
        raise run.elsewhere


def _totals_line(totals: PlanTotals, of: str) -> str:
    from dragoman.cli.console import counted

    price = "price unknown" if totals.cost_usd is None else f"about ${totals.cost_usd:.4f}"
    return f"{counted(totals.requests, 'request')} to {of}, {price}; tokens {_bases(totals.bases)}"


def _totals_notes(totals: PlanTotals) -> list[str]:
    """What is left to --retry, and what the line takes for granted: requests asked once, and the prompt cache."""
    from dragoman.cli.console import counted, only_on_retry

    notes = []
    if totals.on_retry:
        notes.append(only_on_retry(totals.on_retry))
    if totals.shared:
        same = counted(totals.shared, "more request")
        notes.append(f"{same} would be the same as another article's: asked once, counted once")
    if totals.cached_tokens:
        share = totals.cached_tokens / totals.prompt_tokens
        notes.append(f"{share:.0%} of the tokens in are taken to be read from the prompt cache, if it serves")
    elif totals.requests:
        notes.append("no token is taken to be read from the prompt cache")
    return notes


def _bases(bases: Mapping[Basis, int]) -> str:
    """How the tokens of the requests are known, for people."""
    told: dict[Basis, str] = {
        "counted": "counted by the service",
        "learned": "estimated from what was measured for this model",
        "estimated": "estimated from the script, nothing measured yet",
    }
    return "; ".join(told[basis] for basis in told if bases.get(basis)) or "none"


def _plan_line(planned: Plan) -> str:
    from dragoman.core.visible import printable

    name = printable(planned.name)
    if planned.status is not None:
        assert planned.reason is not None
        return f"{name}  {planned.status}: {planned.reason.message}"
    parts = []
    for task in planned.tasks:
        estimated = task.estimate
        if task.is_asked:
            cost = "price unknown" if estimated.cost_usd is None else f"${estimated.cost_usd:.4f}"
            how = "" if estimated.basis == "counted" else "about "
            tokens = f"{how}{estimated.prompt_tokens:,} tokens in, about {estimated.output_tokens:,} out"
            parts.append(f"{task.task}: ask ({task.why}), {tokens}, {cost}")
        else:
            parts.append(f"{task.task}: {task.why}")
    return f"{name}  [{planned.language}]  {'; '.join(parts)}"


def _plan_facts(planned: Plan) -> dict[str, Any]:
    from dragoman.core.prices import plain

    return {
        "id": planned.article_id,
        "name": planned.name,
        "status": planned.status,
        "reason": planned.reason.model_dump() if planned.reason else None,
        "language": planned.language,
        "tasks": {
            task.task: {
                "why": task.why,
                "requests": task.estimate.requests,
                "requests_shared": task.shared,
                "prompt_tokens": task.estimate.prompt_tokens,
                "prompt_tokens_are": task.estimate.basis,
                "prompt_tokens_from_cache": task.estimate.cached_tokens,
                "output_tokens_estimated": task.estimate.output_tokens,
                "cost_usd": plain(task.estimate.cost_usd),
            }
            for task in planned.tasks
        },
    }
