"""Write the results of a run into an output folder: ``records.jsonl``, ``sources/``, ``articles/*.md``, ``index.md``,
``report.html``, ``tables/`` and ``run.json``.

The folder collects the records of all its runs: a run adds records, or replaces those of its own articles. Every file
is either whole or absent. File names are made of article ids, so none of them can lead out of the folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic_core import from_json

from dragoman.__about__ import VERSION
from dragoman.core.file_lock import FolderLock
from dragoman.core.files import replacing, write_whole
from dragoman.core.header import RecordHeader, header_of, header_of_line
from dragoman.core.outcome import Outcome
from dragoman.core.record import Record
from dragoman.core.visible import printable
from dragoman.errors import ConfigError, StoreError
from dragoman.output import markdown
from dragoman.output.build_state import BuildState, FolderCost, file_digest, file_size
from dragoman.output.decisions import decisions_path, read_decisions
from dragoman.output.merge import MergeEntry, merge_headers, merge_records
from dragoman.output.ownership import is_output_folder, refuse_foreign_files
from dragoman.output.paths import article_path, records_path, source_path, written_folders
from dragoman.output.read import read_source
from dragoman.output.records_file import RecordLines
from dragoman.output.run_file import read_run, write_run
from dragoman.output.tables_and_report import write_tables_and_report

if TYPE_CHECKING:
    from dragoman.core.run_report import BuiltFacts, RunReport

_ID = re.compile(r"[a-z0-9-]+-[0-9a-f]{10}")
"""The form of an article id."""


class OutputFolder(AbstractContextManager["OutputFolder"]):
    """An output folder that a run writes into, locked against other commands.

    New records wait in a temporary file until `finish` puts them in place. In memory there is only the `RecordHeader`
    of each record, so memory use hardly grows with the folder.

    A run may be killed between any two writes. So ``run.json`` is always written before the files that it describes:
    ``built`` is null from `begin` until all files show the same records, and ``inputs`` has the new articles before
    ``records.jsonl`` does. A run that finds ``built`` null builds everything again that is made from records.
    """

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        """Create the folder if it does not exist; with ``fresh``, forget what earlier runs left in it.

        Everything is checked before anything is paid for. Raises `StoreError` if the folder cannot be written to or
        another command is writing into it, and `ConfigError` if its records are not records of this version, or if
        files that Dragoman did not write would be overwritten.
        """
        refuse_foreign_files(folder)
        self.folder = folder
        self._new_headers: dict[str, RecordHeader] = {}
        self._new_paths: dict[str, str] = {}
        """Article id to the path of its file, for the articles of this run."""
        self._cost: FolderCost | None = None
        """None until all files show the same records."""
        self._notes: list[str] = []
        self._build_facts: BuiltFacts | None = None
        self._pages_fit = True
        """False once a page may show another run's record than the one that is kept."""
        with ExitStack() as stack:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                self._lock = stack.enter_context(FolderLock(folder))
                self._lock.clear(written_folders(folder))
                self._open(stack, fresh)
            except OSError as error:
                raise StoreError(f"the output folder {folder} cannot be written: {error.strerror or error}") from error
            self._closing = stack.pop_all()

    def _open(self, stack: ExitStack, fresh: bool) -> None:
        read_decisions(self.folder)  # raises ConfigError if they cannot be read
        self._report = read_run(self.folder)
        self._earlier_paths: Mapping[str, str] = {} if fresh else self._report.inputs
        has_records = not fresh and records_path(self.folder).exists()
        earlier_build = BuildState.from_facts(self._report.built) if has_records else BuildState()
        self._earlier = (
            RecordLines.read(records_path(self.folder), earlier_build.records) if has_records else RecordLines()
        )
        stack.callback(self._earlier.close)
        self._earlier_build = earlier_build if self._earlier.trusted else BuildState()
        if not is_output_folder(self.folder):
            # From here on the folder counts as Dragoman's: the next run continues this one even if it is killed.
            from dragoman.core.run_report import RunReport

            write_run(self.folder, RunReport(dragoman=VERSION))
        for name in ("sources", "articles"):
            (self.folder / name).mkdir(exist_ok=True)
        self._new = RecordLines.spool(self.folder)
        stack.callback(self._new.close)

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def begin(self, report: RunReport) -> None:
        """Note the start of the run and the facts of ``report`` in ``run.json``, before any other file is changed."""
        self.note(report.noting(built=None))

    def note(self, report: RunReport) -> None:
        """Add the facts of ``report`` to ``run.json`` while the run goes on."""
        with self._writing():
            self._report = self._report.noting_all(report)
            write_run(self.folder, self._report)

    def add(self, outcome: Outcome, path: Path) -> None:
        """Write the source text and the page of the article at ``path``, and keep its record for `finish`."""
        header, line = outcome.header, outcome.line
        try:
            with self._writing():
                if outcome.source is not None and header.language is not None:
                    self._write(source_path(self.folder, header.id), outcome.source.text)
                if not self._has_page_of(header.id, line):
                    page = markdown.article_page(outcome.record, outcome.source)
                    self._write(article_path(self.folder, header.id), page)
                self._new.add(header.id, line)
        except StoreError:
            self._pages_fit = False
            raise
        self._new_headers[header.id] = header
        self._new_paths[header.id] = printable(str(path.absolute()))

    def finish(self) -> FolderCost:
        """Merge the new records with the earlier ones (`merge_headers`), write all files, and return the cost of all
        records in the folder."""
        with self._writing():
            new = [self._new_headers[id_] for id_ in self._new.places]
            earlier = [self._earlier_header(id_) for id_ in self._earlier.places]
            entries = merge_headers(earlier, new, self._earlier_paths, self._new_paths)
            headers, lines = self._resolve(entries)
            changed = self._write_records(lines)
            if not self._earlier_build.files:
                self._rewrite_pages([id_ for id_ in lines if id_ not in self._new.places])
            # The digest is taken before the decisions are read, because the file may change in between.
            decisions_digest = file_digest(decisions_path(self.folder))
            if changed or not self._earlier_build.is_current(self.folder):
                self._write(self.folder / "index.md", markdown.index_page(headers), durable=True)
                records = (from_json(of.line(id_), cache_strings="keys") for id_, of in lines.items())
                self._notes = write_tables_and_report(self.folder, records)
            else:
                self._notes = self._report.notes
            self._remove_stale_files(lines)
            if self._pages_fit:
                self._build_facts = BuildState.of_folder(self.folder, decisions_digest).to_facts()
            self._earlier_paths, self._new_paths = {}, {i: path for i, path in self._all_paths().items() if i in lines}
        self._cost = FolderCost.of(headers)
        return self._cost

    def facts(self) -> RunReport:
        """Facts about the folder for ``run.json``: ``inputs`` (article id to the path of its file, for all records),
        ``notes`` (what a reader of the tables should know) and ``built``."""
        from dragoman.core.run_report import RunReport

        return RunReport(inputs=self._all_paths(), notes=self._notes, built=self._build_facts)

    def end(self, report: RunReport) -> None:
        """Write the facts of the finished run to ``run.json``."""
        with self._writing():
            write_run(self.folder, report)

    def _all_paths(self) -> dict[str, str]:
        """Article id to path. Until `finish` has ended, all records that may be in the folder are included; afterwards,
        only those that are."""
        return {**(self._report.inputs if self._cost is None else {}), **self._new_paths}

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Raises `StoreError` if something cannot be written, or if the folder was replaced since it was opened."""
        self._lock.check()
        try:
            yield
        except OSError as error:
            self._lock.check()
            raise StoreError(f"{self.folder} cannot be written: {error.strerror or error}") from error
        except StoreError:
            self._lock.check()  # if this raises, its error names the cause
            raise
        self._lock.check()

    def _write(self, path: Path, text: str, *, durable: bool = False) -> None:
        write_whole(path, text, durable=durable, new_folder=False)

    def _has_page_of(self, id_: str, line: bytes) -> bool:
        """Whether the folder has the page of exactly this record, written by this version of Dragoman.

        A page may be empty after a loss of power.
        """
        is_same = self._earlier_build.is_by_this_program and self._earlier.has_line(id_, line)
        return is_same and bool(file_size(article_path(self.folder, id_)))

    def _write_records(self, lines: Mapping[str, RecordLines]) -> bool:
        """Write ``records.jsonl``; returns False if the file has exactly these records already."""
        digests = [(id_, of.places[id_].digest) for id_, of in lines.items()]
        earlier_digests = [(id_, place.digest) for id_, place in self._earlier.places.items()]
        path = records_path(self.folder)
        if digests == earlier_digests and self._earlier.is_file_at(path):
            return False
        self._report = self._report.noting(inputs=self._all_paths())
        write_run(self.folder, self._report)
        with replacing(path, new_folder=False) as handle:
            handle.writelines(of.line(id_) + b"\n" for id_, of in lines.items())
        return True

    def _rewrite_pages(self, ids: Iterable[str]) -> None:
        """Write the pages of earlier records again, because a run that was killed may have left others."""
        for id_ in ids:
            self._write_page(Record.model_validate_json(self._earlier.line(id_)))

    def _earlier_header(self, id_: str) -> RecordHeader:
        """The header of an earlier record; the line is not read if the new record is the same."""
        header = self._new_headers.get(id_)
        if header is not None and self._earlier.places[id_].digest == self._new.places[id_].digest:
            return header
        return header_of_line(self._earlier.line(id_))

    def _resolve(self, entries: Sequence[MergeEntry]) -> tuple[list[RecordHeader], dict[str, RecordLines]]:
        """The headers of the records that stand, and by article id the lines in which each of them is.

        The pages of new records are there already. Where another record stands in the end, its page is written again.
        """
        headers: list[RecordHeader] = []
        lines: dict[str, RecordLines] = {}
        for earlier, new in entries:
            header, of = (new, self._new) if new is not None else (earlier, self._earlier)
            assert header is not None
            if earlier is not None and new is not None:
                header = self._merge(header.id)
            elif new is None and header.id in self._new.places:
                self._write_page(Record.model_validate_json(of.line(header.id)))
            headers.append(header)
            lines[header.id] = of
        return headers, lines

    def _merge(self, id_: str) -> RecordHeader:
        """Merge the earlier and the new record of an article; the result takes the place of the new one."""
        earlier, new = (Record.model_validate_json(lines.line(id_)) for lines in (self._earlier, self._new))
        record = merge_records(earlier, new)
        self._write_page(record)
        self._new.add(id_, record.to_line())
        return header_of(record)

    def _write_page(self, record: Record) -> None:
        try:
            source = read_source(self.folder, record)
        except ConfigError:
            source = None  # the text of an earlier article is gone; the report shows the record without it, too
        self._write(article_path(self.folder, record.article.id), markdown.article_page(record, source))

    def _remove_stale_files(self, ids: Container[str]) -> None:
        """Remove source texts and pages of articles that have no record any more."""
        for kind, ending in (("sources", ".txt"), ("articles", ".md")):
            for name in os.listdir(self.folder / kind):
                stem = name.removesuffix(ending)
                # Only files named like Dragoman's own: a person may keep notes here.
                if stem != name and stem not in ids and _ID.fullmatch(stem):
                    (self.folder / kind / name).unlink(missing_ok=True)
