"""`dragoman decisions`: what people decided about claims and findings."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, Any

from dragoman.cli import app, options
from dragoman.cli.help import Panel, Section, command, exit_codes, group

decisions_app = group(help="Show what people decided about claims and findings.")
app.add_typer(decisions_app, name="decisions", rich_help_panel=Section.RESULTS)


@command(
    decisions_app,
    "show",
    examples=[("dragoman decisions show out/", ""), ("dragoman decisions show out/ --json", "")],
    exit_codes=exit_codes(),
)
def show_decisions(
    folder: options.OutputFolder,
    as_json: Annotated[
        bool, options.flag("--json", panel=Panel.WHAT, help="Print one JSON object per decision.")
    ] = False,
) -> None:
    """Print the decisions about the records of OUT, article by article.

    Decisions that no longer apply to anything come last. People decide in OUT/report.html.
    """
    from dragoman.cli.console import counted, draw, paper, say
    from dragoman.output.decision_matching import FolderDecisions, decisions_as_json
    from dragoman.output.decisions import decisions_path, read_decisions
    from dragoman.output.read import read_records
    from dragoman.output.terminal import pages

    saved = read_decisions(folder)
    decisions = FolderDecisions(saved)
    page = paper()
    for record in read_records(folder):
        decided = decisions.match(record)
        if as_json:
            _print_json(decisions_as_json(record, decided))
        else:
            draw(pages.decision_lines(record, decided, page))
    left = decisions.left_over()
    if as_json:
        _print_json(decision.to_json() for decision in left)
    else:
        draw(pages.left_over_lines(left, page))
    if not saved:
        say(
            f"no decisions: {decisions_path(folder)} is empty or does not exist. Decide in "
            f"{folder / 'report.html'} and save the file there"
        )
    else:
        rest = f"; {len(left)} no longer {'applies' if len(left) == 1 else 'apply'} to anything" if left else ""
        say(f"{counted(len(saved), 'decision')}{rest}")


def _print_json(values: Iterable[dict[str, Any]]) -> None:
    from dragoman.cli.console import emit_json

    for value in values:
        emit_json(json.dumps(value, ensure_ascii=False))
