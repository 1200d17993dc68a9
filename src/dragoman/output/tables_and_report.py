"""Write the tables and the HTML report of an output folder in one pass over its records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from dragoman.core.record import RecordDict
from dragoman.errors import ConfigError, StoreError
from dragoman.output import tables
from dragoman.output.decisions import Decision, read_decisions
from dragoman.output.html import report as html
from dragoman.output.read import read_source_text


def write_tables_and_report(
    folder: Path, records: Iterable[RecordDict], formats: tuple[str, ...] = ("csv",)
) -> list[str]:
    """Write tables and report with the decisions that are in the folder now. Returns what a reader of the tables should
    know, in sentences.

    Raises `StoreError` if the decisions cannot be read any more, because the records are in place by then.
    """
    try:
        decisions = read_decisions(folder)
    except ConfigError as error:
        raise StoreError(
            f"the report and the tables could not be updated: {error}", "", "run again: nothing is paid for twice"
        ) from error
    with tables.open_tables(folder, decisions, formats) as table_writer:
        _write_report(folder, decisions, table_writer.add_each(records))
    return table_writer.notes


def _write_report(folder: Path, decisions: Sequence[Decision], records: Iterable[RecordDict]) -> None:
    with html.ReportWriter(folder, decisions) as pages:
        for record in records:
            try:
                text = read_source_text(folder, record["article"], record["source"]) if record["source"] else None
            except ConfigError:
                text = None  # the text of an earlier article is gone; its record is still worth reading
            pages.add(record, text)
        pages.finish()
