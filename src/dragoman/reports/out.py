"""``OUT``: the union of its runs. ``records.jsonl``, ``sources/``, ``articles/*.md``, ``index.md``, ``run.json``.

Every file is whole or absent. A run adds or replaces the records of its own articles; names inside are made
of ids, so none can leave the folder.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from dragoman.__about__ import VERSION
from dragoman.errors import ConfigError, StoreError
from dragoman.files import replacing, write_whole
from dragoman.gist import Gist, gist_of, gist_of_line
from dragoman.pipeline import Outcome
from dragoman.records import Plain, Record, merged
from dragoman.reports import html, markdown, tables
from dragoman.reports.built import Built, Total, size_of
from dragoman.reports.decisions import read_decisions
from dragoman.reports.lines import Lines, validated
from dragoman.reports.ours import is_of_a_run, refuse_another
from dragoman.reports.union import Standing, union
from dragoman.source import Source, numbered, sha256
from dragoman.visible import printable

RUN_SCHEMA = "dragoman.run/1"
_OUR_NAME = re.compile(r"[a-z0-9-]+-[0-9a-f]{10}")


class Out(AbstractContextManager["Out"]):
    """An output folder being written to. Records wait in a spool file until `finish` puts them in place.

    No more than a `Gist` of each is held, so that memory hardly grows with the folder.
    """

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        """Makes the folder; ``fresh`` forgets what earlier runs left in it.

        Before anything is paid for: raises `StoreError` when it cannot be written, `ConfigError` when its
        records are not ours, or files that are not would be written over.
        """
        refuse_another(folder)
        self.folder = folder
        there = not fresh and records_path(folder).exists()
        run = read_run(folder) if there else {}
        self._built = Built.of(run)
        self._remembered = bool(self._built.files)
        self._earlier = Lines.read(records_path(folder), self._built.records) if there else Lines()
        self._gists: dict[str, Gist] = {}
        self.inputs: dict[str, str] = {}
        """Article id to the file it was read from: this run's, and after `finish` all of the folder's."""
        self.notes: list[str] = []
        """After `finish`: what a person should know about the tables."""
        self.built: dict[str, Any] = {}
        """After `finish`: what `run.json` remembers, so that nothing is built again without need."""
        self._inputs: dict[str, str] = run.get("inputs", {})
        self._earlier_notes: list[str] = run.get("notes", [])
        try:
            read_decisions(folder)
            folder.mkdir(parents=True, exist_ok=True)
            if not is_of_a_run(folder):
                # What is killed from here on goes on.
                write_run(folder, {"dragoman": VERSION})
            for part in (folder / "sources", folder / "articles"):
                part.mkdir(exist_ok=True)
            self._new = Lines.spool(folder)
        except BaseException as error:
            self._earlier.close()
            if isinstance(error, OSError):
                said = error.strerror or error
                raise StoreError(f"the output folder {folder} cannot be written: {said}") from error
            raise

    def __exit__(self, *_: object) -> None:
        self._earlier.close()
        self._new.close()

    def add(self, outcome: Outcome, path: Path) -> None:
        """Write the files of one article, found at ``path``, and keep its record for `finish`."""
        gist, line = outcome.gist, outcome.line
        if outcome.source is not None and gist.language is not None:
            write_whole(source_path(self.folder, gist.id), outcome.source.text, durable=False)
        if not self._stands(gist.id, line):
            self._built_no_more()
            write_whole(
                article_path(self.folder, gist.id), markdown.article(outcome.record, outcome.source), durable=False
            )
        try:
            self._new.add(gist.id, line)
        except OSError as error:
            raise StoreError(f"{self.folder} cannot be written: {error.strerror or error}") from error
        self._gists[gist.id] = gist
        self.inputs[gist.id] = printable(str(path.absolute()))

    def _built_no_more(self) -> None:
        """Before the first page that changes: if this run does not end, the next one is not to trust what stands."""
        if self._remembered:
            self._remembered = False
            write_run(self.folder, {**read_run(self.folder), "built": None})

    def _stands(self, id_: str, line: bytes) -> bool:
        """Whether the page of a record is there, of the same record and by this very program.

        A loss of power may have left it empty.
        """
        same = self._built.by_this_program and self._earlier.has(id_, line)
        return same and bool(size_of(article_path(self.folder, id_)))

    def finish(self) -> Total:
        """Put the records in place, as `union` says; returns what all of the folder's cost."""
        new = [self._gists[id_] for id_ in self._new.places]
        earlier = [self._gist(id_) for id_ in self._earlier.places]
        gists, lines = self._chosen(union(earlier, new, self._inputs, self.inputs))
        self.inputs = {i: path for i, path in {**self._inputs, **self.inputs}.items() if i in lines}
        self._forget_others(lines)
        changed = [(i, of.places[i].digest) for i, of in lines.items()] != [
            (i, place.digest) for i, place in self._earlier.places.items()
        ]
        if changed:
            with replacing(records_path(self.folder)) as handle:
                handle.writelines(of.line(i) + b"\n" for i, of in lines.items())
        if changed or not self._built.fits(self.folder):
            write_whole(self.folder / "index.md", markdown.index(gists))
            self.notes = _tables_and_report(
                self.folder, (from_json(of.line(i), cache_strings="keys") for i, of in lines.items())
            )
        else:
            self.notes = self._earlier_notes
        self.built = Built.now(self.folder).to_json()
        return Total.of(gists)

    def _gist(self, id_: str) -> Gist:
        """Of an earlier record; one that came out the same is not read."""
        mine = self._gists.get(id_)
        if mine is not None and self._earlier.places[id_].digest == self._new.places[id_].digest:
            return mine
        return gist_of_line(self._earlier.line(id_))

    def _chosen(self, together: Sequence[Standing]) -> tuple[list[Gist], dict[str, Lines]]:
        """What stands, with the lines it stands in. Pages were written as the run went: those whose record came out
        otherwise are written again."""
        gists: list[Gist] = []
        lines: dict[str, Lines] = {}
        for earlier, mine in together:
            gist, of = (mine, self._new) if mine is not None else (earlier, self._earlier)
            assert gist is not None
            if earlier is not None and mine is not None:
                gist = self._joined(gist.id)
            elif mine is None and gist.id in self._new.places:
                self._page(Record.model_validate_json(of.line(gist.id)))
            gists.append(gist)
            lines[gist.id] = of
        return gists, lines

    def _joined(self, id_: str) -> Gist:
        """An earlier record and this run's as one, which takes the place of this run's."""
        record = merged(*(Record.model_validate_json(of.line(id_)) for of in (self._earlier, self._new)))
        self._page(record)
        self._new.add(id_, record.to_line())
        return gist_of(record)

    def _page(self, record: Record) -> None:
        page = markdown.article(record, read_source(self.folder, record))
        write_whole(article_path(self.folder, record.article.id), page, durable=False)

    def _forget_others(self, ids: Container[str]) -> None:
        for kind, ending in (("sources", ".txt"), ("articles", ".md")):
            for name in os.listdir(self.folder / kind):
                stem = name.removesuffix(ending)
                # Only what is named as we name: a person may keep notes here.
                if stem != name and stem not in ids and _OUR_NAME.fullmatch(stem):
                    (self.folder / kind / name).unlink()


def rebuild(folder: Path) -> list[Record]:
    """Build the pages and the report of ``OUT`` again from its records and sources. Returns the records."""
    records = list(read_records(folder))
    for record in records:
        write_whole(article_path(folder, record.article.id), markdown.article(record, read_source(folder, record)))
    write_whole(folder / "index.md", markdown.index(map(gist_of, records)))
    _report(folder, (record.plain() for record in records))
    return records


def replace_records(folder: Path, outcomes: list[Outcome]) -> None:
    """Put records that were read again in the place of all earlier ones."""
    for outcome in outcomes:
        write_whole(article_path(folder, outcome.record.article.id), markdown.article(outcome.record, outcome.source))
    write_whole(records_path(folder), "".join(outcome.record.to_json() + "\n" for outcome in outcomes))
    write_whole(folder / "index.md", markdown.index(outcome.gist for outcome in outcomes))
    _tables_and_report(folder, (outcome.record.plain() for outcome in outcomes))


def _tables_and_report(folder: Path, records: Iterable[Plain]) -> list[str]:
    """Both from one pass over the records; returns what a person should know about the tables."""
    with tables.writing(folder) as written:
        _report(folder, written.passing(records))
    return written.notes


def _report(folder: Path, records: Iterable[Plain]) -> None:
    with html.Pages(folder, read_decisions(folder)) as pages:
        for record in records:
            try:
                text = _text(folder, record["article"], record["source"]) if record["source"] else None
            except ConfigError:
                text = None  # an earlier article whose text is gone: the others are still worth reading
            pages.add(record, text)
        pages.finish()


def read_records(folder: Path) -> Iterator[Record]:
    """The records of ``OUT``, in order. Raises `ConfigError` when it is not an output folder of dragoman."""
    path = records_path(folder)
    try:
        with path.open(encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, start=1):
                yield validated(path, number, line)
    except OSError as error:
        raise ConfigError(f"{folder} is no output folder: {path.name}: {error.strerror or error}") from error


def read_source(folder: Path | None, record: Record) -> Source | None:
    """The source of a record, out of ``sources/`` or, where it is inline, the record; None when it has none.

    Raises `ConfigError` when the file is gone or its text is not the one the offsets count in.
    """
    facts = record.source
    if facts is None:
        return None
    text = _text(folder or Path(), dict(record.article), dict(facts))
    return Source(
        text=text,
        paragraphs=numbered(facts.paragraphs),
        language=facts.language,
        script=facts.script,
        encoding=facts.encoding,
        encoding_from=facts.encoding_from,
        extracted=text,
        notes=tuple(facts.notes),
    )


def _text(folder: Path, article: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """The text that a record's facts of its source are about. Raises `ConfigError` as `read_source`."""
    path = source_path(folder, article["id"])
    try:
        content: bytes = facts["text"].encode() if facts["text"] is not None else path.read_bytes()
        text = content.decode()
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"the source text of {article['name']} cannot be read: {error}") from error
    if sha256(content) != facts["sha256"]:
        raise ConfigError(f"{path} was changed: the offsets of its record no longer fit; run again to write it anew")
    return text


def write_run(folder: Path, facts: Mapping[str, Any]) -> None:
    """``run.json``: the facts of the latest run."""
    write_whole(folder / "run.json", json.dumps({"schema": RUN_SCHEMA, **facts}, ensure_ascii=False, indent=1) + "\n")


def read_run(folder: Path) -> dict[str, Any]:
    """What `write_run` wrote; empty when there is none."""
    try:
        facts = json.loads((folder / "run.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def records_path(folder: Path) -> Path:
    return folder / "records.jsonl"


def source_path(folder: Path, id_: str) -> Path:
    """The text of an article's source."""
    return folder / f"sources/{id_}.txt"


def article_path(folder: Path, id_: str) -> Path:
    """The Markdown file of an article's record."""
    return folder / f"articles/{id_}.md"
