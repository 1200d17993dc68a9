"""What the files of an output folder were built from, and what its records cost; both are kept in ``run.json``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dragoman.core import read_file
from dragoman.core.header import RecordHeader
from dragoman.core.prices import bill, decimal_string
from dragoman.core.program import program_digest
from dragoman.output.decisions import decisions_path
from dragoman.output.paths import records_path
from dragoman.output.records_file import digest_of

if TYPE_CHECKING:
    from dragoman.core.run_report import BuiltFacts


@dataclass(frozen=True, slots=True)
class FolderCost:
    """What all exchanges behind the records of a folder cost. Each exchange counts once."""

    cost_usd: str
    """US dollars as a plain decimal, without the exchanges whose price is not known."""
    unknown: int
    """Exchanges whose price is not known."""

    @classmethod
    def of(cls, headers: Iterable[RecordHeader]) -> FolderCost:
        costs = dict(pair for header in headers for pair in header.exchanges)
        known, unknown = bill(costs.values())
        return cls(decimal_string(known) or "0", unknown)


@dataclass(frozen=True, slots=True)
class BuildState:
    """What index, report and tables were built from, and how the files looked then. If nothing has changed since, a run
    does not build them again."""

    program: str | None = None
    """Digest of the version of Dragoman that built them."""
    records: str | None = None
    """SHA-256 of ``records.jsonl``: if it still fits, Dragoman wrote the lines, and they need no validation."""
    decisions: str | None = None
    """SHA-256 of ``decisions.json``; None when there was no such file."""
    files: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Size in bytes and time of change in nanoseconds of each built file, by its path in the folder."""

    @classmethod
    def from_facts(cls, facts: BuiltFacts | None) -> BuildState:
        """The state in a `RunReport`; without facts nothing is known."""
        return cls() if facts is None else cls(facts.program, facts.records, facts.decisions, facts.files)

    @classmethod
    def of_folder(cls, folder: Path, decisions: str | None) -> BuildState:
        """The present state of a folder that was built with the decisions of this digest."""
        return cls(program_digest(), file_digest(records_path(folder)), decisions, _file_states(folder))

    def to_facts(self) -> BuiltFacts:
        """The state as a `RunReport` has it."""
        from dragoman.core.run_report import BuiltFacts

        return BuiltFacts(**asdict(self))

    @property
    def is_by_this_program(self) -> bool:
        """Whether this version of Dragoman built the files."""
        return self.program == program_digest()

    def is_current(self, folder: Path) -> bool:
        """Whether program, decisions and built files are the same as when they were built. Does not look at records."""
        if not self.files or not self.is_by_this_program or self.decisions != file_digest(decisions_path(folder)):
            return False
        return self.files == _file_states(folder)


def _file_states(folder: Path) -> dict[str, tuple[int, int]]:
    paths = [folder / "index.md", *sorted(folder.glob("report*.html")), *sorted((folder / "tables").glob("*.*"))]
    states = {str(path.relative_to(folder)): path.stat() for path in paths if path.exists()}
    return {name: (state.st_size, state.st_mtime_ns) for name, state in states.items()}


def file_digest(path: Path) -> str | None:
    """Hex SHA-256 of a file; None if it cannot be read."""
    try:
        with read_file.open_regular(path) as handle:
            return digest_of(handle)
    except OSError:
        return None


def file_size(path: Path) -> int | None:
    """Size of a file in bytes; None if there is no such file."""
    try:
        return path.stat().st_size
    except OSError:
        return None
