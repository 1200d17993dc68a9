"""Rebuild the pages, tables and report of an existing output folder, from its records or from new ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dragoman.core.file_lock import Held
from dragoman.core.files import replacing, write_whole
from dragoman.core.header import header_of
from dragoman.core.outcome import Outcome
from dragoman.core.record import Record
from dragoman.core.source import Source
from dragoman.errors import StoreError
from dragoman.output import markdown
from dragoman.output.build_state import Built, file_digest
from dragoman.output.decisions import decisions_path, read_decisions
from dragoman.output.ownership import refuse_links
from dragoman.output.paths import article_path, records_path, written_folders
from dragoman.output.read import not_an_output_folder, read_records, read_source
from dragoman.output.run_file import read_run, write_run
from dragoman.output.tables_and_report import write_tables_and_report


@contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Hold an output folder that is there, for `rebuild` and `replace_records` and what they are given.

    Raises `ConfigError` when it is none, `StoreError` while another command writes into it, and for what cannot be
    written.
    """
    refuse_links(folder)
    try:
        held = Held(folder)
    except OSError as error:
        raise not_an_output_folder(folder, error) from error
    with held:
        held.clear(written_folders(folder))
        try:
            yield
        except OSError as error:
            held.check()
            raise StoreError(f"{folder} cannot be written: {error.strerror or error}") from error
        except StoreError:
            held.check()
            raise
        held.check()


def rebuild(folder: Path, formats: tuple[str, ...] = ("csv",)) -> tuple[list[Record], list[str]]:
    """Build the pages, the report and the tables of ``OUT`` again from its records and sources.

    Returns the records, and what a person should know about the tables.
    """
    records = list(read_records(folder))
    for record in records:
        read_source(folder, record)  # before anything is changed
    return records, _built_of(folder, [(record, None) for record in records], formats)


def replace_records(folder: Path, outcomes: Sequence[Outcome]) -> None:
    """Put records that were read again in the place of all earlier ones, and build everything of them."""
    lines = [outcome.line + b"\n" for outcome in outcomes]

    def put_in_place() -> None:
        with replacing(records_path(folder), new_folder=False) as handle:
            handle.writelines(lines)

    _built_of(folder, [(outcome.record, outcome.source) for outcome in outcomes], put_in_place=put_in_place)


def _built_of(
    folder: Path,
    records: Sequence[tuple[Record, Source | None]],
    formats: tuple[str, ...] = ("csv",),
    put_in_place: Callable[[], None] = lambda: None,
) -> list[str]:
    """Build all that is made from records, given with their sources where these are at hand; returns the notes.

    While it is at work, `run.json` says that it is not done: a run that comes after one that was killed here makes
    everything again.
    """
    read_decisions(folder)
    run = read_run(folder)
    if run.is_written:
        write_run(folder, run.noting(built=None))
    put_in_place()
    for record, source in records:
        page = markdown.article(record, source or read_source(folder, record))
        write_whole(article_path(folder, record.article.id), page, durable=False)
    write_whole(folder / "index.md", markdown.index(header_of(record) for record, _ in records))
    decided = file_digest(decisions_path(folder))
    notes = write_tables_and_report(folder, (record.plain() for record, _ in records), formats)
    if run.is_written:
        write_run(folder, run.noting(notes=notes, built=Built.now(folder, decided).facts()))
    return notes
