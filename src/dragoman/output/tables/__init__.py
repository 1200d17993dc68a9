"""Records and decisions → tables in ``OUT/tables/``: CSV always, Parquet and XLSX on request (extras).

One definition of the tables (`rows`), one row at a time, one writer a format. Files that come out the same are
not written again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

from dragoman.core.record import Plain, Record
from dragoman.errors import ConfigError, StoreError
from dragoman.output.decision_matching import FolderDecisions, RecordDecisions
from dragoman.output.decisions import Decision, read_decisions
from dragoman.output.tables.columns import Add
from dragoman.output.tables.csv_file import open_csv
from dragoman.output.tables.notes import Notes
from dragoman.output.tables.parquet_file import open_parquet
from dragoman.output.tables.rows import TABLES
from dragoman.output.tables.xlsx_file import open_xlsx

_OPEN: dict[str, Callable[[Path, Notes], AbstractContextManager[Add]]] = {
    "csv": open_csv,
    "parquet": open_parquet,
    "xlsx": open_xlsx,
}
_NEEDS = {"parquet": "duckdb", "xlsx": "xlsxwriter"}
"""Format to the library of its extra, which has the format's name."""

FORMATS = tuple(_OPEN)


def chosen(formats: str) -> tuple[str, ...]:
    """``csv,parquet`` as formats; CSV is always among them. Raises `ConfigError` for others and a missing extra."""
    wanted = {part.strip().lower() for part in formats.split(",") if part.strip()}
    if unknown := sorted(wanted - set(FORMATS)):
        raise ConfigError(f"no such format of tables: {', '.join(unknown)}; there are {', '.join(FORMATS)}")
    for name in sorted(wanted & set(_NEEDS)):
        if not _installed(name):
            raise ConfigError(
                f"tables as {name} need the library {_NEEDS[name]}: pip install 'dragoman[{name}]', "
                "or leave the format out"
            )
    return tuple(name for name in FORMATS if name in wanted | {"csv"})


def write(folder: Path, records: Iterable[Record], formats: tuple[str, ...] = ("csv",)) -> list[str]:
    """Write the tables of ``OUT`` with its decisions; returns what a person should know about them, in sentences.

    Formats that an earlier call left in the folder are written anew too, so that no file is of other records
    than the rest. Raises `ConfigError` for a decisions file that cannot be read, `StoreError` for the disk.
    """
    with writing(folder, read_decisions(folder), formats) as tables:
        for record in records:
            tables.add(record.plain())
    return tables.notes


class Tables:
    """Tables that are being written, record by record. ``notes`` is whole when all were added."""

    def __init__(self, adds: Sequence[Add], decisions: FolderDecisions, notes: Notes) -> None:
        self._adds = adds
        self._decisions = decisions
        self._notes = notes

    @property
    def notes(self) -> list[str]:
        return self._notes.lines

    def add(self, record: Plain) -> None:
        """The rows of one record, in every format."""
        known = self._decisions.has_any_on(record["article"]["sha256"])
        decided = self._decisions.match(Record.model_validate(record)) if known else RecordDecisions()
        for table in TABLES:
            rows = table.rows(record, decided)
            for add in self._adds:
                add(table, rows)

    def passing(self, records: Iterable[Plain]) -> Iterator[Plain]:
        """The same records, each added as it goes by: whoever takes them next need not read them again."""
        for record in records:
            self.add(record)
            yield record


@contextmanager
def writing(folder: Path, decisions: Sequence[Decision], formats: tuple[str, ...] = ("csv",)) -> Iterator[Tables]:
    """As `write`, for records that come one by one; the files are in place when the block ends without an error.

    Makes the folder ``tables``, but not ``folder``: one that was deleted under a run stays deleted.
    """
    notes = Notes()
    try:
        (folder / "tables").mkdir(exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder / 'tables'} cannot be written: {error.strerror or error}") from error
    with ExitStack() as stack:
        names = _kept_up(folder, formats, notes)
        adds = [stack.enter_context(_OPEN[name](folder / "tables", notes)) for name in names]
        yield Tables(adds, FolderDecisions(decisions), notes)


def _kept_up(folder: Path, formats: tuple[str, ...], notes: Notes) -> list[str]:
    kept = []
    for name in FORMATS:
        there = next((folder / "tables").glob(f"*.{name}"), None)
        if name in formats or (there is not None and _installed(name)):
            kept.append(name)
        elif there is not None:
            what = (
                f"tables as {name} are of an earlier state of the folder; pip install 'dragoman[{name}]' to renew them"
            )
            notes.add(what, str(there))
    return kept


def _installed(name: str) -> bool:
    return name not in _NEEDS or find_spec(_NEEDS[name]) is not None
