"""What inspect and plan print: put together here so that the commands stay one screen each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dragoman.cli.console import counted, emit, emit_json, only_on_retry, say
from dragoman.config import Settings
from dragoman.core.article import Article
from dragoman.core.prices import decimal_string
from dragoman.core.source import Source
from dragoman.core.visible import printable
from dragoman.reading.discover import ArticleFile
from dragoman.runs.estimate import Basis
from dragoman.runs.plan_article import ArticlePlan
from dragoman.runs.plan_run import PlanTotals, open_plan
from dragoman.runs.session import read_and_prepare
from dragoman.tasks.requests import shown_tokens


def inspection(place: ArticleFile | Article, settings: Settings, *, as_json: bool) -> str:
    """What was read of an article. Raises `ArticleError` when it cannot be read."""
    article, source = read_and_prepare(place, settings)
    if as_json:
        return json.dumps(_facts(article, source), ensure_ascii=False, indent=1)
    return "\n".join(_lines(article, source))


def _facts(article: Article, source: Source) -> dict[str, Any]:
    return {
        "id": article.id,
        "name": article.name,
        "sha256": article.sha256,
        "bytes": article.size,
        "media_type": article.media_type,
        **source.to_json(),
        "characters": len(source.text),
        "estimated_tokens": shown_tokens(source),
    }


def _lines(article: Article, source: Source) -> list[str]:
    lines = [
        f"{printable(article.name)}  ({article.media_type}, {article.size:,} bytes, id {article.id})",
        f"language {source.language}, script {source.script}; read as {source.encoding} ({source.encoding_from})",
        f"{len(source.text):,} characters, {len(source.paragraphs)} paragraphs, about {shown_tokens(source):,} tokens "
        "(paragraph numbers included)",
        *(f"note: {note}" for note in source.notes),
        "",
    ]
    for p in source.paragraphs:
        lines.append(f"{p.number:>4}  {p.start:>6}–{p.end:<6}  {source.text[p.start : p.end]}")
    lines += ["", f"{counted(len(source.steps), 'preparation step')} (offsets count in the extracted text)"]
    lines += [
        f"      {s.start:>6}–{s.end:<6}  {s.reason}: {_short(source.extracted[s.start : s.end])}" for s in source.steps
    ]
    lines.append(f"{counted(len(source.left_out), 'passage')} left out")
    lines += [f"      {item.reason}: {_short(item.text)}" for item in source.left_out]
    return lines


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return repr(one_line if len(one_line) <= 70 else one_line[:67] + "…")


def plan(
    paths: list[Path], settings: Settings, *, exact: bool, as_json: bool, folder: Path | None, buy_again: bool
) -> None:
    """Print the plan of a run, into ``folder`` where one is given: a line per article on stdout, totals on stderr.

    Raises `RepliesElsewhere`, at the end, when that run would not begin without ``buy_again``.
    """
    with open_plan(paths, settings, exact=exact, folder=folder, buy_again=buy_again) as run:
        if not run.has_store and settings.provider != "replay":
            say(f"there is no store at {settings.store_path}: everything counts as new")
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
    price = "price unknown" if totals.cost_usd is None else f"about ${totals.cost_usd:.4f}"
    return f"{counted(totals.requests, 'request')} to {of}, {price}; tokens {_bases(totals.bases)}"


def _totals_notes(totals: PlanTotals) -> list[str]:
    """What is left to --retry, and what the line takes for granted: requests asked once, and the prompt cache."""
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


def _plan_line(planned: ArticlePlan) -> str:
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


def _plan_facts(planned: ArticlePlan) -> dict[str, Any]:
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
                "cost_usd": decimal_string(task.estimate.cost_usd),
            }
            for task in planned.tasks
        },
    }
