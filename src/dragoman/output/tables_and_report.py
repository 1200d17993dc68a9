"""Write the tables and the HTML report of an output folder in one pass over its records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from dragoman.core.record import Plain
from dragoman.errors import ConfigError, StoreError
from dragoman.output import tables
from dragoman.output.decisions import Decision, read_decisions
from dragoman.output.html import report as html
from dragoman.output.read import source_text


def write_tables_and_report(folder: Path, records: Iterable[Plain], formats: tuple[str, ...] = ("csv",)) -> list[str]:
    """Tables and report from one pass over the records, with the decisions as they are now; returns what a person
    should know about the tables."""
    try:
        decisions = read_decisions(folder)
    except ConfigError as error:
        raise StoreError(
            f"report and tables are not of the latest records: {error}", "", "run again: nothing is paid for twice"
        ) from error
    with tables.writing(folder, decisions, formats) as written:
        _report(folder, decisions, written.passing(records))
    return written.notes


def _report(folder: Path, decisions: Sequence[Decision], records: Iterable[Plain]) -> None:
    with html.Pages(folder, decisions) as pages:
        for record in records:
            try:
                text = source_text(folder, record["article"], record["source"]) if record["source"] else None
            except ConfigError:
                text = None  # an earlier article whose text is gone: the others are still worth reading
            pages.add(record, text)
        pages.finish()
