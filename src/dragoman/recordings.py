"""Exchanges as files: what replay reads, ``--record`` writes and ``store export`` makes.

One file per exchange, ``<key with - for :>.json``. A recording is the same thing as a row of the store. When it is
read, its key is derived again from its request, and a checksum shows whether anything else in it was changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from dragoman import seals
from dragoman.errors import ConfigError, RecordingMissing
from dragoman.exchange import Exchange, Request, Role, storable
from dragoman.files import write_whole


class Recordings:
    """A folder of recordings. Reads all of them once, at the first look-up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, key: str) -> Exchange | None:
        """The recorded exchange of a request key."""
        return self._by_key.get(key)

    def find_child(self, parent: str, role: Role, number: int, items: str = "") -> Exchange | None:
        """The recorded re-ask, repair or part of a parent, by round and items; the wording does not matter."""
        return self._children.get((parent, role, number, items))

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._by_key.values())

    def missing(self, request: Request, *, article: str, task: str, prompt: str) -> RecordingMissing:
        """The error for a request that is not here: names the nearest recording and what differs."""
        near = self._nearest(request, article, task)
        if near is None:
            closest = f"There is no recording of this article for any task in {self.folder}."
        else:
            differs = [
                name
                for name in ("model", "system", "user", "schema", "max_tokens", "effort", "thinking")
                if getattr(near.request, name) != getattr(request, name)
            ]
            what = {"system": "the prompt's system part", "user": "the article or the prompt's user part"}
            closest = (
                f"Closest: {path_of(self.folder, near.key).name}, task {near.task}, prompt {near.prompt}, "
                f"model {near.request.model}; it differs in {', '.join(what.get(name, name) for name in differs)}."
            )
        return RecordingMissing(
            f"no recording for article {article}, task {task}, prompt {prompt}, model {request.model} "
            f"(key {request.key[:15]}…). {closest} Record it with `dragoman run … --record DIR` and a key, or pass "
            + ("--repairs 0." if prompt.startswith("repair/") else "the model and prompt that were recorded.")
        )

    def _nearest(self, request: Request, article: str, task: str) -> Exchange | None:
        def likeness(exchange: Exchange) -> tuple[bool, bool, bool, bool, str]:
            return (
                exchange.article == article,
                exchange.task == task,
                exchange.request.user == request.user,
                exchange.request.model == request.model,
                exchange.key,
            )

        first_asks = [e for e in self if e.parent is None and (e.article == article or e.request.user == request.user)]
        return max(first_asks, key=likeness, default=None)

    @cached_property
    def _by_key(self) -> dict[str, Exchange]:
        exchanges = (read(path) for path in paths(self.folder))
        return {exchange.key: exchange for exchange in exchanges}

    @cached_property
    def _children(self) -> dict[tuple[str, Role, int, str], Exchange]:
        # Of several the newest, as in the store.
        oldest_first = sorted(self, key=lambda exchange: exchange.created_at)
        return {(e.parent, e.role, e.round, e.items): e for e in oldest_first if e.parent is not None}


def path_of(folder: Path, key: str) -> Path:
    """Where the recording of a key is kept."""
    return folder / f"{key.replace(':', '-')}.json"


def is_named(path: Path) -> bool:
    """Whether a file has the name that `write` gives to a recording."""
    return re.fullmatch(r"x1-[0-9a-f]{64}\.json", path.name) is not None


def paths(folder: Path) -> list[Path]:
    """The files of a folder that should be recordings, by name. Raises `ConfigError` when there is no folder."""
    if not folder.is_dir():
        raise ConfigError(f"no folder of recordings at {folder}")
    return sorted(folder.glob("*.json"))


class Recording(NamedTuple):
    """An exchange as read from a file; ``marked`` when the store whose secret was given made the file."""

    exchange: Exchange
    marked: bool


def read(path: Path) -> Exchange:
    """The exchange in a file. Raises `ConfigError` when it is not one, or anything in it was changed."""
    return load(path).exchange


def load(path: Path, secret: bytes | None = None, *, unsealed: bool = False, edited: bool = False) -> Recording:
    """As `read`, with whether the store that has this ``secret`` made the file.

    ``unsealed`` also takes a recording without a checksum, ``edited`` one whose checksum does not fit.
    """
    try:
        value: Any = json.loads(path.read_text("utf-8"))
        exchange = Exchange.from_json(value)
        if not edited and not (unsealed and seals.CHECKSUM not in value):
            seals.check(value)
        return Recording(exchange, seals.is_marked(value, secret))
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigError(f"recording {path} cannot be used: {_in_words(error)}") from error


def _in_words(error: Exception) -> str:
    """Why a file is no recording."""
    match error:
        case json.JSONDecodeError():
            return f"it is cut off or is no JSON (line {error.lineno}, column {error.colno})"
        case UnicodeError():
            return "it is not text in UTF-8"
        case OSError():
            return error.strerror or str(error)
        case KeyError():
            return f"it is no recording: {error.args[0]!r} is missing"
        case RecursionError():
            return "it is no recording: it is nested too deep"
        case TypeError():
            return "it is no recording: a value in it is of another kind"
    return str(error)


def write(folder: Path, exchange: Exchange, secret: bytes | None = None) -> Path:
    """Write one recording, whole or not at all, marked by the store that has the ``secret`` where one is given."""
    path = path_of(folder, exchange.key)
    write_at(path, exchange, secret)
    return path


def write_at(path: Path, exchange: Exchange, secret: bytes | None = None) -> bool:
    """As `write`, under a name that is given; False when the file already held this."""
    value = {**exchange.to_json(), "body": storable(exchange.body)}
    return write_whole(path, json.dumps(seals.sealed(value, secret), ensure_ascii=False, indent=1) + "\n")
