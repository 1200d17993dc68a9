"""Recordings: exchanges as files, for replay, for recording a run and for exporting a store.

There is one file per exchange, ``<key with - for :>.json``, with the same content as a row of the store. When a
recording is read, its key is derived again from its request, and a checksum shows whether anything else in it was
changed. A folder is read one file at a time, because its recordings may not fit into memory.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from dragoman.core import read_file
from dragoman.core.exchange import Exchange, Role, storable
from dragoman.core.files import write_whole
from dragoman.core.request import Request
from dragoman.core.shown_paragraphs import are_versions, difference, sentences, shown_paragraphs
from dragoman.core.text import sha256
from dragoman.errors import ConfigError, Hint, RecordingMissing
from dragoman.store import seals

MAX_RECORDING_BYTES = 64_000_000
"""The largest recording that is read. The longest request that a model accepts (a million tokens, some 4 MB) and its
answer take less than 10 MB, or three times that if every character is escaped. Scripts with more bytes per token are
allowed twice that."""


class _Entry(NamedTuple):
    """What is kept in memory of one recording."""

    path: Path
    key: str
    article: str
    task: str
    model: str
    user_sha256: str
    created_at: str
    parent: str | None
    place: tuple[Role, int, str]
    """Role, round and items."""


class Recordings:
    """A folder of recordings. All files are read once at the first look-up, and each is read again when it is used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, key: str) -> Exchange | None:
        """The recorded exchange with a request key, or None."""
        return self._read(self._by_key.get(key))

    def find_child(self, parent: str, role: Role, number: int, items: str = "") -> Exchange | None:
        """The recorded re-ask, repair or part of a parent, by round and items, or None; its wording does not matter."""
        return self._read(self._children.get((parent, role, number, items)))

    def __iter__(self) -> Iterator[Exchange]:
        for entry in self._by_key.values():
            yield self._exchange(entry)

    def _read(self, entry: _Entry | None) -> Exchange | None:
        return None if entry is None else self._exchange(entry)

    def _exchange(self, entry: _Entry) -> Exchange:
        exchange = read(entry.path)
        if exchange.key != entry.key:
            raise ConfigError(f"recording {entry.path} was replaced by another one while Dragoman used it; run again")
        return exchange

    def missing(self, request: Request, *, article: str, task: str, prompt: str) -> RecordingMissing:
        """The error for a request that was not recorded. It names the nearest recording and the differences."""
        nearest = self._nearest(request, article, task)
        is_repair = prompt.startswith("repair/")
        return RecordingMissing(
            f"no recording of {prompt} with {request.model} for {article}; "
            + (_difference(nearest, request, article, task) if nearest else f"{self.folder} has none of this article"),
            hint="repair recording" if is_repair else "recording",
        )

    def _nearest(self, request: Request, article: str, task: str) -> Exchange | None:
        """The recording that is most like a request: of the same article, or of one with the same sentences."""
        user = sha256(request.user)

        def likeness(entry: _Entry) -> tuple[bool, bool, bool, bool, str]:
            return (
                entry.article == article,
                entry.task == task,
                entry.user_sha256 == user,
                entry.model == request.model,
                entry.key,
            )

        about_it = [entry for entry in self._first_asks if entry.article == article or entry.user_sha256 == user]
        if about_it:
            return self._read(max(about_it, key=likeness))
        wanted = sentences(shown_paragraphs(request.user))
        shared = Counter(number for sentence in wanted for number in self._by_sentence.get(hash(sentence), ()))
        named = {self._first_asks[number].article for number, count in shared.items() if 2 * count >= len(wanted)}
        same = [entry for entry in self._first_asks if entry.article in named]
        return self._read(max(same, key=likeness, default=None))

    @cached_property
    def _first_asks(self) -> tuple[_Entry, ...]:
        """The recordings of requests that follow no other."""
        return tuple(entry for entry in self._by_key.values() if entry.parent is None)

    @cached_property
    def _by_sentence(self) -> Mapping[int, Sequence[int]]:
        """For the hash of each sentence, the places in `_first_asks` of the recordings that show it. Only an article
        without any recording of its own needs it."""
        places: dict[int, list[int]] = {}
        for number, entry in enumerate(self._first_asks):
            for sentence in sentences(shown_paragraphs(self._exchange(entry).request.user)):
                places.setdefault(hash(sentence), []).append(number)
        return places

    @cached_property
    def _by_key(self) -> dict[str, _Entry]:
        entries = (_entry(path, read(path)) for path in paths(self.folder))
        return {entry.key: entry for entry in entries}

    @cached_property
    def _children(self) -> dict[tuple[str, Role, int, str], _Entry]:
        # Of several recordings the newest, as in the store.
        oldest_first = sorted(self._by_key.values(), key=lambda entry: entry.created_at)
        return {(entry.parent, *entry.place): entry for entry in oldest_first if entry.parent is not None}


def _entry(path: Path, exchange: Exchange) -> _Entry:
    return _Entry(
        path=path,
        key=exchange.key,
        article=exchange.article,
        task=exchange.task,
        model=exchange.request.model,
        user_sha256=sha256(exchange.request.user),
        created_at=exchange.created_at,
        parent=exchange.parent,
        place=(exchange.role, exchange.round, exchange.items),
    )


def _difference(nearest: Exchange, request: Request, article: str, task: str) -> str:
    """The nearest recording to a request, and what differs between the two."""
    differences = []
    if nearest.request.model != request.model:
        differences.append(f"model ({nearest.request.model})")
    if nearest.task != task:
        differences.append(f"task ({nearest.task})")
    else:
        names = {"system": "the prompt's system part"}
        changed = [
            name
            for name in ("system", "schema", "max_tokens", "effort", "thinking")
            if getattr(nearest.request, name) != getattr(request, name)
        ]
        differences += [names.get(name, name) for name in changed]
    now, before = shown_paragraphs(request.user), shown_paragraphs(nearest.request.user)
    if now and before:
        as_recorded = ("" if nearest.article == article else f"recorded as {nearest.article}; ") + (
            str(difference(now, before)) if are_versions(now, before) else "no sentence is the same"
        )
        if now != before:
            differences.append(f"the article, since {nearest.created_at[:10]} ({as_recorded})")
        elif nearest.task == task and nearest.request.user != request.user:
            differences.append("the prompt's user part")
    elif nearest.request.user != request.user:
        differences.append("the article or the prompt's user part")
    name = path_of(Path(), nearest.key).name[:_SHOWN]
    return f"the nearest recording, {name}…, differs in {', '.join(differences)}"


_SHOWN = 15
"""Characters of the name of a recording in a message: ``x1-`` and 12 digits. No two recordings of a folder have them in
common."""


def path_of(folder: Path, key: str) -> Path:
    """The path of the recording of a key."""
    return folder / f"{key.replace(':', '-')}.json"


def is_named(path: Path) -> bool:
    """Whether a file name is one that `write` gives to a recording."""
    return re.fullmatch(r"x1-[0-9a-f]{64}\.json", path.name) is not None


def paths(folder: Path) -> list[Path]:
    """The files of a folder that should be recordings, by name. Raises `ConfigError` when the folder does not exist."""
    if not folder.is_dir():
        raise ConfigError(f"no folder of recordings at {folder}")
    return sorted(folder.glob("*.json"))


class Recording(NamedTuple):
    """An exchange read from a file; ``marked`` if the store whose secret was given made the file."""

    exchange: Exchange
    marked: bool


def read(path: Path) -> Exchange:
    """The exchange in a file. Raises `ConfigError` when the file is not a recording, or anything in it was changed."""
    return load(path).exchange


def load(path: Path, secret: bytes | None = None, *, unsealed: bool = False, edited: bool = False) -> Recording:
    """As `read`, and also says whether the store with this ``secret`` made the file.

    ``unsealed`` also accepts a recording without a checksum, ``edited`` one whose checksum does not match.
    """
    try:
        value: Any = read_file.json_value(read_file.read_whole(path, MAX_RECORDING_BYTES))
        exchange = Exchange.from_json(value)
        if not edited and not (unsealed and seals.CHECKSUM not in value):
            seals.check(value)
        return Recording(exchange, seals.is_marked(value, secret))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        hint: Hint | None = "checksum" if isinstance(error, seals.NoChecksum) else None
        raise ConfigError(f"recording {path} cannot be used: {_in_words(error)}", hint=hint) from error


def _in_words(error: Exception) -> str:
    """Why a file is not a recording."""
    match error:
        case OSError():
            return error.strerror or str(error)
        case KeyError():
            return f"it is not a recording: {error.args[0]!r} is missing"
        case RecursionError():
            return "it is not a recording: it is nested too deep"
        case TypeError():
            return "it is not a recording: a value in it has another type"
        case _:
            return str(error)


def write(folder: Path, exchange: Exchange, secret: bytes | None = None) -> Path:
    """Write one recording, completely or not at all, with the mark of a store if its ``secret`` is given."""
    path = path_of(folder, exchange.key)
    write_at(path, exchange, secret)
    return path


def write_at(path: Path, exchange: Exchange, secret: bytes | None = None) -> bool:
    """As `write`, at a given path. False when the file already had this content."""
    value = {**exchange.to_json(), "body": storable(exchange.body)}
    return write_whole(path, json.dumps(seals.sealed(value, secret), ensure_ascii=False, indent=1) + "\n")
