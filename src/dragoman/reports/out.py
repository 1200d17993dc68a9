"""``OUT``: the union of its runs. ``records.jsonl``, ``sources/``, ``articles/*.md``, ``index.md``, ``run.json``.

Every file is whole or absent. A run adds or replaces the records of its own articles; names inside are made
of ids, so none can leave the folder.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError

from dragoman.articles import printable
from dragoman.errors import ConfigError, StoreError
from dragoman.files import write_whole
from dragoman.pipeline import Outcome
from dragoman.pricing import plain
from dragoman.records import Record
from dragoman.reports import markdown, tables
from dragoman.reports.decisions import read_decisions
from dragoman.reports.union import union
from dragoman.source import Source, numbered, sha256

RUN_SCHEMA = "dragoman.run/1"
_OUR_NAME = re.compile(r"[a-z0-9-]+-[0-9a-f]{10}")


class Out(AbstractContextManager["Out"]):
    """An output folder being written to. Records wait in a spool file until `finish` puts them in place."""

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        """Makes the folder; ``fresh`` forgets what earlier runs left in it.

        Before anything is paid for: raises `StoreError` when it cannot be written, `ConfigError` when its
        records are not ours.
        """
        self.folder = folder
        self._fresh = fresh or not records_path(folder).exists()
        if not self._fresh:
            deque(read_records(folder), maxlen=0)
            read_decisions(folder)
        self.inputs: dict[str, str] = {}
        """Article id to the file it was read from: this run's, and after `finish` all of the folder's."""
        self.notes: list[str] = []
        """After `finish`: what a person should know about the tables."""
        self._inputs: dict[str, str] = {} if self._fresh else read_run(folder).get("inputs", {})
        try:
            for part in (folder, folder / "sources", folder / "articles"):
                part.mkdir(parents=True, exist_ok=True)
            self._spool: IO[str] = tempfile.TemporaryFile(  # noqa: SIM115  # closed by __exit__
                "w+", dir=folder, encoding="utf-8", newline="\n"
            )
        except OSError as error:
            raise StoreError(f"the output folder {folder} cannot be written: {error.strerror or error}") from error

    def __exit__(self, *_: object) -> None:
        self._spool.close()

    def add(self, outcome: Outcome, path: Path) -> None:
        """Write the files of one article, found at ``path``, and keep its record for `finish`."""
        record = outcome.record
        if outcome.source is not None and record.source is not None:
            write_whole(self.folder / "sources" / f"{record.article.id}.txt", outcome.source.text)
        write_whole(article_path(self.folder, record), markdown.article(record, outcome.source))
        try:
            self._spool.write(record.to_json() + "\n")
        except OSError as error:
            raise StoreError(f"{self.folder} cannot be written: {error.strerror or error}") from error
        self.inputs[record.article.id] = printable(str(path.absolute()))

    def finish(self) -> list[Record]:
        """Put the records in place, as `union` says; returns all of the folder's, in order."""
        self._spool.flush()
        self._spool.seek(0)
        new = {record.article.id: record for record in map(Record.model_validate_json, self._spool)}
        earlier = [] if self._fresh else list(read_records(self.folder))
        together = union(earlier, list(new.values()), self._inputs, self.inputs)
        for record in together:
            # Pages were written as the run went: those whose record came out otherwise are written again.
            if record.article.id in new and record != new[record.article.id]:
                source = read_source(self.folder, record)
                write_whole(article_path(self.folder, record), markdown.article(record, source))
        ids = {record.article.id for record in together}
        self.inputs = {i: path for i, path in {**self._inputs, **self.inputs}.items() if i in ids}
        self._forget_others(ids)
        _write_lines(records_path(self.folder), together)
        write_whole(self.folder / "index.md", markdown.index(together))
        self.notes = tables.write(self.folder, together)
        return together

    def _forget_others(self, ids: set[str]) -> None:
        for kind, ending in (("sources", ".txt"), ("articles", ".md")):
            for path in (self.folder / kind).glob(f"*{ending}"):
                # Only what is named as we name: a person may keep notes here.
                if path.stem not in ids and _OUR_NAME.fullmatch(path.stem):
                    path.unlink()


def rebuild(folder: Path) -> list[Record]:
    """Build the files of ``OUT`` again from its records and sources. Returns the records."""
    records = list(read_records(folder))
    for record in records:
        write_whole(article_path(folder, record), markdown.article(record, read_source(folder, record)))
    write_whole(folder / "index.md", markdown.index(records))
    return records


def replace_records(folder: Path, outcomes: list[Outcome]) -> None:
    """Put records that were read again in the place of all earlier ones."""
    for outcome in outcomes:
        write_whole(article_path(folder, outcome.record), markdown.article(outcome.record, outcome.source))
    _write_lines(records_path(folder), [outcome.record for outcome in outcomes])
    write_whole(folder / "index.md", markdown.index([outcome.record for outcome in outcomes]))
    tables.write(folder, (outcome.record for outcome in outcomes))


def read_records(folder: Path) -> Iterator[Record]:
    """The records of ``OUT``, in order. Raises `ConfigError` when it is not an output folder of dragoman."""
    path = records_path(folder)
    try:
        with path.open(encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    yield Record.model_validate_json(line)
                except ValidationError as error:
                    what = error.errors(include_url=False)[0]["msg"]
                    raise ConfigError(f"{path}, line {number}, is not a record of this version: {what}") from error
    except OSError as error:
        raise ConfigError(f"{folder} is no output folder: {path.name}: {error.strerror or error}") from error


def read_source(folder: Path | None, record: Record) -> Source | None:
    """The source of a record, out of ``sources/`` or, where it is inline, the record; None when it has none.

    Raises `ConfigError` when the file is gone or its text is not the one the offsets count in.
    """
    facts = record.source
    if facts is None:
        return None
    path = (folder or Path()) / f"sources/{record.article.id}.txt"
    try:
        text = facts.text if facts.text is not None else path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the source text of {record.article.name} cannot be read: {error}") from error
    if sha256(text) != facts.sha256:
        raise ConfigError(f"{path} was changed: the offsets of its record no longer fit; run again to write it anew")
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


def cost_so_far(records: list[Record]) -> tuple[str, int]:
    """USD of all exchanges that records rest on, each once, and how many have no known price."""
    costs = {exchange.key: exchange.cost_usd for record in records for exchange in record.exchanges}
    known = sum((Decimal(cost) for cost in costs.values() if cost is not None), Decimal(0))
    return plain(known) or "0", sum(cost is None for cost in costs.values())


def records_path(folder: Path) -> Path:
    return folder / "records.jsonl"


def article_path(folder: Path, record: Record) -> Path:
    """The Markdown file of a record."""
    return folder / "articles" / f"{record.article.id}.md"


def _write_lines(path: Path, records: list[Record]) -> None:
    write_whole(path, "".join(record.to_json() + "\n" for record in records))
