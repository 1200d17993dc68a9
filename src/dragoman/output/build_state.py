"""What the files of a folder were built of and what its records cost, for `run.json`."""

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
from dragoman.output.records_file import digest_of

if TYPE_CHECKING:
    from dragoman.core.run_report import BuiltFacts


@dataclass(frozen=True, slots=True)
class Total:
    """USD of all exchanges that the records of a folder rest on, each once, and how many have no known price."""

    cost_usd: str
    unknown: int

    @classmethod
    def of(cls, headers: Iterable[RecordHeader]) -> Total:
        costs = dict(pair for header in headers for pair in header.exchanges)
        known, unknown = bill(costs.values())
        return cls(decimal_string(known) or "0", unknown)


@dataclass(frozen=True, slots=True)
class Built:
    """What index and tables were built of, and how they stood then: a run that changes nothing builds nothing."""

    program: str | None = None
    records: str | None = None
    """SHA-256 of ``records.jsonl``: lines that we wrote need no validation."""
    decisions: str | None = None
    files: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Size and time (ns) of each file that was built."""

    @classmethod
    def of(cls, facts: BuiltFacts | None) -> Built:
        """Out of a `RunReport`; nothing is known where it has noted nothing."""
        return cls() if facts is None else cls(facts.program, facts.records, facts.decisions, facts.files)

    @classmethod
    def now(cls, folder: Path, decisions: str | None) -> Built:
        """As the folder is; ``decisions`` is the digest of the decisions that it was built with."""
        return cls(program_digest(), file_digest(folder / "records.jsonl"), decisions, _files(folder))

    def facts(self) -> BuiltFacts:
        """For a `RunReport`."""
        from dragoman.core.run_report import BuiltFacts

        return BuiltFacts(**asdict(self))

    @property
    def by_this_program(self) -> bool:
        return self.program == program_digest()

    def fits(self, folder: Path) -> bool:
        """Whether all is as it was when it was built, records aside."""
        if not self.files or not self.by_this_program or self.decisions != file_digest(decisions_path(folder)):
            return False
        return self.files == _files(folder)


def _files(folder: Path) -> dict[str, tuple[int, int]]:
    paths = [folder / "index.md", *sorted(folder.glob("report*.html")), *sorted((folder / "tables").glob("*.*"))]
    states = {str(path.relative_to(folder)): path.stat() for path in paths if path.exists()}
    return {name: (state.st_size, state.st_mtime_ns) for name, state in states.items()}


def file_digest(path: Path) -> str | None:
    """Hex SHA-256 of a file; None when it cannot be read."""
    try:
        with read_file.open_regular(path) as handle:
            return digest_of(handle)
    except OSError:
        return None


def size_of(path: Path) -> int | None:
    """Bytes of a file; None when there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return None
