"""Rebuild the pages, tables and report of an existing output folder, from its records or from new ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dragoman.core.file_lock import FolderLock
from dragoman.core.files import replacing, write_whole
from dragoman.core.header import header_of
from dragoman.core.outcome import Outcome
from dragoman.core.record import Record
from dragoman.core.source import Source
from dragoman.errors import StoreError
from dragoman.output import markdown
from dragoman.output.build_state import BuildState, file_digest
from dragoman.output.decisions import decisions_path, read_decisions
from dragoman.output.ownership import refuse_links
from dragoman.output.paths import article_path, records_path, written_folders
from dragoman.output.read import not_an_output_folder, read_records, read_source
from dragoman.output.run_file import read_run, write_run
from dragoman.output.tables_and_report import write_tables_and_report


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock an existing output folder while `rebuild` or `replace_records` works, and while their input is read.

    Raises `ConfigError` if it is not an output folder, and `StoreError` if another command is writing into it or
    something cannot be written.
    """
    refuse_links(folder)
    try:
        lock = FolderLock(folder)
    except OSError as error:
        raise not_an_output_folder(folder, error) from error
    with lock:
        lock.clear(written_folders(folder))
        try:
            yield
        except OSError as error:
            lock.check()
            raise StoreError(f"{folder} cannot be written: {error.strerror or error}") from error
        except StoreError:
            lock.check()
            raise
        lock.check()


def rebuild(folder: Path, formats: tuple[str, ...] = ("csv",)) -> tuple[list[Record], list[str]]:
    """Rebuild pages, report and tables from the records and sources in the folder.

    Returns the records, and what a reader of the tables should know, in sentences.
    """
    records = list(read_records(folder))
    for record in records:
        read_source(folder, record)  # raises an error before anything is changed
    return records, _build(folder, [(record, None) for record in records], formats)


def replace_records(folder: Path, outcomes: Sequence[Outcome]) -> None:
    """Replace all records of the folder by those of ``outcomes``, and rebuild everything from them."""
    lines = [outcome.line + b"\n" for outcome in outcomes]

    def write_records() -> None:
        with replacing(records_path(folder), new_folder=False) as handle:
            handle.writelines(lines)

    _build(folder, [(outcome.record, outcome.source) for outcome in outcomes], write_records=write_records)


def _build(
    folder: Path,
    records: Sequence[tuple[Record, Source | None]],
    formats: tuple[str, ...] = ("csv",),
    write_records: Callable[[], None] = lambda: None,
) -> list[str]:
    """Build everything that is made from records; a source that is not given is read. Returns the notes on the tables.

    Meanwhile ``run.json`` says that the folder is not built: if this command is killed, the next run builds everything
    again.
    """
    read_decisions(folder)  # raises ConfigError if they cannot be read
    report = read_run(folder)
    if report.is_written:
        write_run(folder, report.noting(built=None))
    write_records()
    for record, source in records:
        page = markdown.article_page(record, source or read_source(folder, record))
        write_whole(article_path(folder, record.article.id), page, durable=False)
    write_whole(folder / "index.md", markdown.index_page(header_of(record) for record, _ in records))
    decisions_digest = file_digest(decisions_path(folder))
    notes = write_tables_and_report(folder, (record.to_dict() for record, _ in records), formats)
    if report.is_written:
        write_run(folder, report.noting(notes=notes, built=BuildState.of_folder(folder, decisions_digest).to_facts()))
    return notes
