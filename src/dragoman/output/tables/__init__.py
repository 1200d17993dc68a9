"""Write records and decisions as tables into ``tables/``: always as CSV, on request also as Parquet and XLSX (extras).

`rows` is the one definition of the tables, with one writer per format. Files that would not change are not written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

from dragoman.core.record import Record, RecordDict
from dragoman.errors import ConfigError, StoreError
from dragoman.output.decision_matching import FolderDecisions, RecordDecisions
from dragoman.output.decisions import Decision
from dragoman.output.tables.columns import AddRows
from dragoman.output.tables.csv_file import open_csv
from dragoman.output.tables.notes import Notes
from dragoman.output.tables.parquet_file import open_parquet
from dragoman.output.tables.rows import TABLES
from dragoman.output.tables.xlsx_file import open_xlsx

_OPEN: dict[str, Callable[[Path, Notes], AbstractContextManager[AddRows]]] = {
    "csv": open_csv,
    "parquet": open_parquet,
    "xlsx": open_xlsx,
}
_NEEDS = {"parquet": "duckdb", "xlsx": "xlsxwriter"}
"""The library that a format needs. The extra that installs it has the name of the format."""

FORMATS = tuple(_OPEN)


def parse_formats(formats: str) -> tuple[str, ...]:
    """Split ``csv,parquet`` into formats; CSV is always included. Raises `ConfigError` for an unknown format, and if
    the library of a format is not installed."""
    wanted = {part.strip().lower() for part in formats.split(",") if part.strip()}
    if unknown := sorted(wanted - set(FORMATS)):
        raise ConfigError(f"unknown table format: {', '.join(unknown)}. Choose from {', '.join(FORMATS)}")
    if missing := sorted(name for name in wanted & set(_NEEDS) if not _is_installed(name)):
        raise ConfigError(
            f"{' and '.join(missing)} tables need {' and '.join(_NEEDS[name] for name in missing)}. Install what is "
            f"missing with {_install_command(missing)}, in the checkout of Dragoman, or leave the format out"
        )
    return tuple(name for name in FORMATS if name in wanted | {"csv"})


class TableWriter:
    """Writes the tables, record by record."""

    def __init__(self, adds: Sequence[AddRows], decisions: FolderDecisions, notes: Notes) -> None:
        self._adds = adds
        self._decisions = decisions
        self._notes = notes

    @property
    def notes(self) -> list[str]:
        """What a reader of the tables should know, in sentences; complete once all records were added."""
        return self._notes.lines

    def add(self, record: RecordDict) -> None:
        """Write the rows of one record in every format."""
        has_decisions = self._decisions.has_any_on(record["article"]["sha256"])
        decisions = self._decisions.match(Record.model_validate(record)) if has_decisions else RecordDecisions()
        for table in TABLES:
            rows = table.rows(record, decisions)
            for add in self._adds:
                add(table, rows)

    def add_each(self, records: Iterable[RecordDict]) -> Iterator[RecordDict]:
        """Yield the records after adding each of them, so that another writer can use them without a second reading."""
        for record in records:
            self.add(record)
            yield record


@contextmanager
def open_tables(
    folder: Path, decisions: Sequence[Decision], formats: tuple[str, ...] = ("csv",)
) -> Iterator[TableWriter]:
    """Open the tables of an output folder; the files are in place when the block ends without an error.

    Formats that an earlier call left in the folder are updated too, so that all files show the same records. Creates
    ``tables/`` but not ``folder``, so that a folder that was deleted during a run stays deleted. Raises `StoreError` if
    something cannot be written.
    """
    notes = Notes()
    try:
        (folder / "tables").mkdir(exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder / 'tables'} cannot be written: {error.strerror or error}") from error
    with ExitStack() as stack:
        names = _formats_to_write(folder, formats, notes)
        adds = [stack.enter_context(_OPEN[name](folder / "tables", notes)) for name in names]
        yield TableWriter(adds, FolderDecisions(decisions), notes)


def _formats_to_write(folder: Path, formats: tuple[str, ...], notes: Notes) -> list[str]:
    """The requested formats and those already in the folder. If the library of one of these is missing, its files stay
    as they are, with a note."""
    names = []
    for name in FORMATS:
        existing = next((folder / "tables").glob(f"*.{name}"), None)
        if name in formats or (existing is not None and _is_installed(name)):
            names.append(name)
        elif existing is not None:
            notes.add(
                f"the {name} tables are out of date; {_install_command([name])}, in the checkout of Dragoman; then "
                "rebuild the report and the tables",
                str(existing),
            )
    return names


def _install_command(formats: Sequence[str]) -> str:
    return f"`pip install -c constraints.txt '.[{','.join(formats)}]'`"


def _is_installed(name: str) -> bool:
    return name not in _NEEDS or find_spec(_NEEDS[name]) is not None
