"""`dragoman decisions`: what people decided about claims and findings."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from dragoman.cli import app, options

decisions_app = typer.Typer(
    help="What people decided about claims and findings.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
app.add_typer(decisions_app, name="decisions")


@decisions_app.command("show")
def show_decisions(
    folder: options.OutputFolder,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a decision.")] = False,
) -> None:
    """Print the decisions on OUT, article by article; those that are about nothing any more come last."""
    from dragoman.cli.console import counted, draw, paper, say
    from dragoman.output.decision_matching import Decisions, applied_to
    from dragoman.output.decisions import decisions_path, read_decisions
    from dragoman.output.folder import read_records
    from dragoman.output.terminal import pages

    every = read_decisions(folder)
    decisions = Decisions(every)
    page = paper()
    for record in read_records(folder):
        decided = decisions.of(record)
        if as_json:
            _print_json(applied_to(record, decided))
        else:
            draw(pages.decisions_of(record, decided, page))
    left = decisions.left_over()
    if as_json:
        _print_json(one.to_json() for one in left)
    else:
        draw(pages.left_over(left, page))
    if not every:
        say(f"no decisions: {decisions_path(folder)} is empty or not there; decide in report.html and save them there")
    else:
        say(f"{counted(len(every), 'decision')}, {len(left)} left over")


def _print_json(values: Iterable[dict[str, Any]]) -> None:
    from dragoman.cli.console import emit_json

    for value in values:
        emit_json(json.dumps(value, ensure_ascii=False))
