"""`dragoman languages`: what the checks know of each language."""

from __future__ import annotations

from typing import Annotated

from dragoman.cli import app, options
from dragoman.cli.help import Panel, Section, command, exit_codes


@command(
    app,
    "languages",
    section=Section.UPKEEP,
    examples=[("dragoman languages", ""), ("dragoman languages --json", "For programs, one object per language.")],
    exit_codes=exit_codes(),
)
def show_languages(
    as_json: Annotated[bool, options.flag("--json", panel=Panel.WHAT, help="One JSON object per line.")] = False,
) -> None:
    """List the languages whose figures, dates and words the checks read, and how they were reviewed."""
    import json

    from dragoman.cli.console import emit
    from dragoman.evidence.languages import LanguageSupport, languages

    if as_json:
        for row in languages():
            emit(json.dumps(row._asdict(), ensure_ascii=False))
        return
    table: list[tuple[str, ...]] = [("", *LanguageSupport._fields[1:]), *languages()]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table:
        emit("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())
