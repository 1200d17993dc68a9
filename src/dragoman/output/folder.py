"""``OUT``: the union of its runs. ``records.jsonl``, ``sources/``, ``articles/*.md``, ``index.md``, ``run.json``.

Every file is whole or absent. A run adds or replaces the records of its own articles; names inside are made
of ids, so none can leave the folder.
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
from dragoman.core.file_lock import Held
from dragoman.core.files import replacing, write_whole
from dragoman.core.header import RecordHeader, header_of, header_of_line
from dragoman.core.outcome import Outcome
from dragoman.core.record import Record
from dragoman.core.visible import printable
from dragoman.errors import ConfigError, StoreError
from dragoman.output import markdown
from dragoman.output.build_state import Built, Total, file_digest, size_of
from dragoman.output.decisions import decisions_path, read_decisions
from dragoman.output.merge import Standing, merged, union
from dragoman.output.ownership import is_of_a_run, refuse_another
from dragoman.output.paths import article_path, records_path, source_path, written_folders
from dragoman.output.read import read_source
from dragoman.output.records_file import Lines
from dragoman.output.run_file import read_run, write_run
from dragoman.output.tables_and_report import write_tables_and_report

if TYPE_CHECKING:
    from dragoman.core.run_report import BuiltFacts, RunReport

_PARTS = ("sources", "articles")
_OUR_NAME = re.compile(r"[a-z0-9-]+-[0-9a-f]{10}")


class OutputFolder(AbstractContextManager["OutputFolder"]):
    """An output folder being written to, locked against other commands. Records wait in a spool file until `finish`
    puts them in place.

    No more than a `RecordHeader` of each is held, so that memory hardly grows with the folder.

    A run may be killed between any two writes. So `run.json` has, before the files that it describes are changed,
    what a later run needs: ``built`` is null from `begin` on until all files are of the same records, and ``inputs``
    has the new articles before ``records.jsonl`` does. A run that finds ``built`` null makes everything again that
    is made from records.
    """

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        """Makes the folder; ``fresh`` forgets what earlier runs left in it.

        Before anything is paid for: raises `StoreError` when it cannot be written or another command is writing into
        it, `ConfigError` when its records are not ours, or files that are not would be written over.
        """
        refuse_another(folder)
        self.folder = folder
        self._headers: dict[str, RecordHeader] = {}
        self._inputs: dict[str, str] = {}
        """Article id to the file it was read from, of this run."""
        self._total: Total | None = None
        """None until all files are of the same records."""
        self._notes: list[str] = []
        self._built: BuiltFacts | None = None
        self._whole = True
        """False once a page and a record may be of different runs."""
        with ExitStack() as stack:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                self._held = stack.enter_context(Held(folder))
                self._held.clear(written_folders(folder))
                self._open(stack, fresh)
            except OSError as error:
                said = error.strerror or error
                raise StoreError(f"the output folder {folder} cannot be written: {said}") from error
            self._closing = stack.pop_all()

    def _open(self, stack: ExitStack, fresh: bool) -> None:
        read_decisions(self.folder)
        self._run = read_run(self.folder)
        self._known: Mapping[str, str] = {} if fresh else self._run.inputs
        there = not fresh and records_path(self.folder).exists()
        built = Built.of(self._run.built) if there else Built()
        self._earlier = Lines.read(records_path(self.folder), built.records) if there else Lines()
        stack.callback(self._earlier.close)
        self._was_built = built if self._earlier.trusted else Built()
        if not is_of_a_run(self.folder):
            # What is killed from here on goes on.
            from dragoman.core.run_report import RunReport

            write_run(self.folder, RunReport(dragoman=VERSION))
        for name in _PARTS:
            (self.folder / name).mkdir(exist_ok=True)
        self._new = Lines.spool(self.folder)
        stack.callback(self._new.close)

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def begin(self, report: RunReport) -> None:
        """Note in `run.json` that a run has begun, with the facts of ``report``, before anything else is changed."""
        self.note(report.noting(built=None))

    def note(self, report: RunReport) -> None:
        """Add the facts of ``report`` to `run.json` while the run goes on."""
        with self._writing():
            self._run = self._run.noting_all(report)
            write_run(self.folder, self._run)

    def add(self, outcome: Outcome, path: Path) -> None:
        """Write the files of one article, found at ``path``, and keep its record for `finish`."""
        header, line = outcome.header, outcome.line
        try:
            with self._writing():
                if outcome.source is not None and header.language is not None:
                    self._write(source_path(self.folder, header.id), outcome.source.text)
                if not self._stands(header.id, line):
                    page = markdown.article(outcome.record, outcome.source)
                    self._write(article_path(self.folder, header.id), page)
                self._new.add(header.id, line)
        except StoreError:
            self._whole = False
            raise
        self._headers[header.id] = header
        self._inputs[header.id] = printable(str(path.absolute()))

    def finish(self) -> Total:
        """Put the records in place, as `union` says; returns what all of the folder's cost."""
        with self._writing():
            new = [self._headers[id_] for id_ in self._new.places]
            earlier = [self._header(id_) for id_ in self._earlier.places]
            headers, lines = self._chosen(union(earlier, new, self._known, self._inputs))
            changed = self._put_in_place(lines)
            if not self._was_built.files:
                self._page_again([id_ for id_ in lines if id_ not in self._new.places])
            decided = file_digest(decisions_path(self.folder))  # before they are read: they may change meanwhile
            if changed or not self._was_built.fits(self.folder):
                self._write(self.folder / "index.md", markdown.index(headers), durable=True)
                records = (from_json(of.line(i), cache_strings="keys") for i, of in lines.items())
                self._notes = write_tables_and_report(self.folder, records)
            else:
                self._notes = self._run.notes
            self._forget_others(lines)
            if self._whole:
                self._built = Built.now(self.folder, decided).facts()
            self._known, self._inputs = {}, {i: path for i, path in self._all_inputs().items() if i in lines}
        self._total = Total.of(headers)
        return self._total

    def facts(self) -> RunReport:
        """What `run.json` says of the folder, besides the facts of a run: ``inputs`` (article id to the file it was
        read from; of all records), ``notes`` (what a person should know about the tables) and ``built``."""
        from dragoman.core.run_report import RunReport

        return RunReport(inputs=self._all_inputs(), notes=self._notes, built=self._built)

    def end(self, report: RunReport) -> None:
        """Write `run.json`: the facts of a run that is over."""
        with self._writing():
            write_run(self.folder, report)

    def _all_inputs(self) -> dict[str, str]:
        """Until `finish` has come to its end those of all records that may be in the folder; then of those that are."""
        return {**(self._run.inputs if self._total is None else {}), **self._inputs}

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Raises `StoreError` when something cannot be written, or the folder is no longer the one that was opened."""
        self._held.check()
        try:
            yield
        except OSError as error:
            self._held.check()
            raise StoreError(f"{self.folder} cannot be written: {error.strerror or error}") from error
        except StoreError:
            self._held.check()  # this tells better what happened
            raise
        self._held.check()

    def _write(self, path: Path, text: str, *, durable: bool = False) -> None:
        write_whole(path, text, durable=durable, new_folder=False)

    def _stands(self, id_: str, line: bytes) -> bool:
        """Whether the page of a record is there, of the same record and by this very program.

        A loss of power may have left it empty.
        """
        same = self._was_built.by_this_program and self._earlier.has(id_, line)
        return same and bool(size_of(article_path(self.folder, id_)))

    def _put_in_place(self, lines: Mapping[str, Lines]) -> bool:
        """Write `records.jsonl`; False when the file holds these records already."""
        now = [(id_, of.places[id_].digest) for id_, of in lines.items()]
        path = records_path(self.folder)
        if now == [(id_, place.digest) for id_, place in self._earlier.places.items()] and self._earlier.is_of(path):
            return False
        self._run = self._run.noting(inputs=self._all_inputs())
        write_run(self.folder, self._run)
        with replacing(path, new_folder=False) as handle:
            handle.writelines(of.line(id_) + b"\n" for id_, of in lines.items())
        return True

    def _page_again(self, ids: Iterable[str]) -> None:
        """Write the pages of earlier records again: a run that did not end may have left others there."""
        for id_ in ids:
            self._page(Record.model_validate_json(self._earlier.line(id_)))

    def _header(self, id_: str) -> RecordHeader:
        """Of an earlier record; one that came out the same is not read."""
        mine = self._headers.get(id_)
        if mine is not None and self._earlier.places[id_].digest == self._new.places[id_].digest:
            return mine
        return header_of_line(self._earlier.line(id_))

    def _chosen(self, together: Sequence[Standing]) -> tuple[list[RecordHeader], dict[str, Lines]]:
        """What stands, with the lines it stands in. Pages were written as the run went: those whose record came out
        otherwise are written again."""
        headers: list[RecordHeader] = []
        lines: dict[str, Lines] = {}
        for earlier, mine in together:
            header, of = (mine, self._new) if mine is not None else (earlier, self._earlier)
            assert header is not None
            if earlier is not None and mine is not None:
                header = self._joined(header.id)
            elif mine is None and header.id in self._new.places:
                self._page(Record.model_validate_json(of.line(header.id)))
            headers.append(header)
            lines[header.id] = of
        return headers, lines

    def _joined(self, id_: str) -> RecordHeader:
        """An earlier record and this run's as one, which takes the place of this run's."""
        record = merged(*(Record.model_validate_json(of.line(id_)) for of in (self._earlier, self._new)))
        self._page(record)
        self._new.add(id_, record.to_line())
        return header_of(record)

    def _page(self, record: Record) -> None:
        try:
            source = read_source(self.folder, record)
        except ConfigError:
            source = None  # an earlier article whose text is gone, as in the report
        self._write(article_path(self.folder, record.article.id), markdown.article(record, source))

    def _forget_others(self, ids: Container[str]) -> None:
        for kind, ending in (("sources", ".txt"), ("articles", ".md")):
            for name in os.listdir(self.folder / kind):
                stem = name.removesuffix(ending)
                # Only what is named as we name: a person may keep notes here.
                if stem != name and stem not in ids and _OUR_NAME.fullmatch(stem):
                    (self.folder / kind / name).unlink(missing_ok=True)
