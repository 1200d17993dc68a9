"""Read an output folder: its records, one record by id or name, and the source texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dragoman.core import read_file
from dragoman.core.record import Record
from dragoman.core.source import Cut, Source, numbered
from dragoman.core.text import sha256
from dragoman.core.visible import printable
from dragoman.errors import ConfigError
from dragoman.output.paths import records_path, source_path
from dragoman.output.records_file import MAX_LINE_BYTES, numbered_lines, parse_record
from dragoman.output.run_file import read_run

_CANDIDATES = 5
"""Ids that a message names at most; five ids fill two or three lines of a terminal."""


def read_records(folder: Path) -> Iterator[Record]:
    """The records of an output folder, in order. Raises `ConfigError` if ``folder`` is not an output folder."""
    path = records_path(folder)
    try:
        with read_file.open_regular(path) as handle:
            for number, line in numbered_lines(path, handle):
                yield parse_record(path, number, line)
    except OSError as error:
        raise not_an_output_folder(folder, error) from error


def find_record(folder: Path, wanted: str) -> Record:
    """The one record of an output folder whose id or name is ``wanted``, or whose id begins with it.

    Raises `ConfigError` if there is no such record, or several, which the message then names; and as `read_records`.
    """
    matches: list[Record] = []
    for record in read_records(folder):
        if wanted in (record.article.id, record.article.name):
            return record
        if wanted and record.article.id.startswith(wanted):
            matches.append(record)
    if len(matches) == 1:
        return matches[0]
    if not matches:
        raise ConfigError(f"{folder} has no article {printable(wanted)}", hint="articles")
    ids = ", ".join(record.article.id for record in matches[:_CANDIDATES])
    more = ", …" if len(matches) > _CANDIDATES else ""
    raise ConfigError(f"the ids of {len(matches)} articles begin with {printable(wanted)}: {ids}{more}")


def not_an_output_folder(folder: Path, error: OSError) -> ConfigError:
    """The error for a folder whose records cannot be read; it tells a folder with an unfinished run from any other."""
    if isinstance(error, FileNotFoundError) and read_run(folder).is_written:
        return ConfigError(
            f"{folder} has no records yet, because a run into it is still going on or was interrupted. "
            "Run the same command again to complete it"
        )
    if not folder.exists():
        return ConfigError(f"there is no folder {folder}")
    if not folder.is_dir():
        return ConfigError(f"{folder} is a file, not a folder")
    if isinstance(error, FileNotFoundError):
        return ConfigError(f"{folder} is not an output folder of Dragoman: it has no {records_path(folder).name}")
    return ConfigError(f"{records_path(folder)} cannot be read: {error.strerror or error}")


def read_source(folder: Path | None, record: Record) -> Source | None:
    """The source of a record, from ``sources/`` or, if the record contains its text, from the record. None if the
    record has no source.

    Raises `ConfigError` if the file is gone, or if its text is not the text that the offsets refer to.
    """
    facts = record.source
    if facts is None:
        return None
    text = read_source_text(folder or Path(), dict(record.article), dict(facts))
    return Source(
        text=text,
        paragraphs=numbered(facts.paragraphs),
        language=facts.language,
        script=facts.script,
        encoding=facts.encoding,
        encoding_from=facts.encoding_from,
        extracted=text,
        notes=tuple(facts.notes),
        # Only the page shows whether it cuts the article, and the page is not kept; its finding is.
        cut=next((Cut(f.expected or "", f.start, f.end) for f in record.findings if f.check == "source.cut"), None),
    )


def read_source_text(folder: Path, article: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """The source text of a record, given the parts ``article`` and ``source`` of the record as dictionaries. Raises
    `ConfigError` as `read_source`."""
    path = source_path(folder, article["id"])
    max_bytes = min(4 * facts["characters"], MAX_LINE_BYTES)  # no character has more than 4 bytes in UTF-8
    changed = f"{path} was changed, so the offsets in its record no longer fit. Run again to restore it"
    try:
        content: bytes = facts["text"].encode() if facts["text"] is not None else read_file.read_whole(path, max_bytes)
        text = content.decode()
    except read_file.TooLarge as error:
        raise ConfigError(changed) from error
    except (OSError, UnicodeError) as error:
        problem = (error.strerror if isinstance(error, OSError) else None) or error
        raise ConfigError(f"the source text of {article['name']} cannot be read: {problem}") from error
    if sha256(content) != facts["sha256"]:
        raise ConfigError(changed)
    return text
