"""Read an output folder: its records, one record by id or name, and the source texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dragoman.core import read_file
from dragoman.core.record import Record
from dragoman.core.source import Source, numbered
from dragoman.core.text import sha256
from dragoman.core.visible import printable
from dragoman.errors import ConfigError
from dragoman.output.paths import records_path, source_path
from dragoman.output.records_file import MOST_LINE_BYTES, each_line, validated
from dragoman.output.run_file import read_run


def read_records(folder: Path) -> Iterator[Record]:
    """The records of ``OUT``, in order. Raises `ConfigError` when it is not an output folder of dragoman."""
    path = records_path(folder)
    try:
        with read_file.opened(path) as handle:
            for number, line in each_line(path, handle):
                yield validated(path, number, line)
    except OSError as error:
        raise not_an_output_folder(folder, error) from error


def find_record(folder: Path, wanted: str) -> Record:
    """The one record of ``OUT`` whose id or name is ``wanted``, or whose id begins with it. Raises `ConfigError`, which
    names those that it could be, and as `read_records`."""
    near: list[Record] = []
    for record in read_records(folder):
        if wanted in (record.article.id, record.article.name):
            return record
        if wanted and record.article.id.startswith(wanted):
            near.append(record)
    if len(near) == 1:
        return near[0]
    if not near:
        raise ConfigError(f"{folder} has no article {printable(wanted)}; `dragoman show {folder}` lists them by name")
    names = ", ".join(record.article.id for record in near[:5]) + (", …" if len(near) > 5 else "")
    raise ConfigError(f"{len(near)} articles begin with {printable(wanted)}: {names}")


def not_an_output_folder(folder: Path, error: OSError) -> ConfigError:
    if isinstance(error, FileNotFoundError) and read_run(folder).is_written:
        return ConfigError(
            f"{folder} has no records yet: a run into it goes on, or was cut; the same run command makes it whole"
        )
    return ConfigError(f"{folder} is no output folder: {records_path(folder).name}: {error.strerror or error}")


def read_source(folder: Path | None, record: Record) -> Source | None:
    """The source of a record, out of ``sources/`` or, where it is inline, the record; None when it has none.

    Raises `ConfigError` when the file is gone or its text is not the one the offsets count in.
    """
    facts = record.source
    if facts is None:
        return None
    text = source_text(folder or Path(), dict(record.article), dict(facts))
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


def source_text(folder: Path, article: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """The text that a record's facts of its source are about. Raises `ConfigError` as `read_source`."""
    path = source_path(folder, article["id"])
    most = min(4 * facts["characters"], MOST_LINE_BYTES)  # no character has more than 4 bytes
    changed = f"{path} was changed: the offsets of its record no longer fit; run again to write it anew"
    try:
        content: bytes = facts["text"].encode() if facts["text"] is not None else read_file.read_whole(path, most)
        text = content.decode()
    except read_file.TooLarge as error:
        raise ConfigError(changed) from error
    except (OSError, UnicodeError) as error:
        said = (error.strerror if isinstance(error, OSError) else None) or error
        raise ConfigError(f"the source text of {article['name']} cannot be read: {said}") from error
    if sha256(content) != facts["sha256"]:
        raise ConfigError(changed)
    return text
