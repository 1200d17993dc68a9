"""Whether the store in use has the paid replies that the records of ``OUT`` rest on: one that is gone is not empty.

`run.json` notes the store by its id and the highest row id it ever gave. The same id means the same store, or a copy
of it, and a prune does not lower the highest row id: where both fit, nothing is looked up. Otherwise each record's
replies are looked up by their keys, and of those that are missing the ones count that this run would ask for again: its
articles still have the same bytes, and the task, the prompt, the model and the service are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from dragoman.core import read_file
from dragoman.core.exchange import is_decimal_string
from dragoman.core.once import once
from dragoman.core.prices import bill, decimal_string
from dragoman.core.record import Record
from dragoman.core.run_report import RunReport
from dragoman.errors import ArticleError, ConfigError, RepliesElsewhere
from dragoman.output.paths import records_path
from dragoman.output.records_file import numbered_lines, parse_record
from dragoman.reading import discover
from dragoman.reading.discover import ArticleFile
from dragoman.runs.session import Session
from dragoman.store.protocol import ReplyStore

UNKNOWN = "unknown"
"""Stands for the id of a store that an earlier version did not note."""

_CURE = "use the store that has them, restore a backup of it, or import recordings of them with `dragoman store import`"


def noted(store: ReplyStore) -> RunReport:
    """What `run.json` notes of the store in use."""
    return RunReport(store=str(store.path.absolute()), store_id=store.id, store_rows=store.highest_row_ever())


def same_store(store: ReplyStore, run: RunReport) -> bool:
    """Whether all of a folder rests on this store, and the store has not lost anything since, by the notes of a run."""
    fits = run.store_id == store.id and run.store_rows is not None and run.store_rows <= store.highest_row_ever()
    return fits and not run.other_stores


def check_store(
    session: Session,
    folder: Path,
    run: RunReport,
    found: Sequence[ArticleFile],
    *,
    fresh: bool = False,
    anyway: bool = False,
    path: Path | None = None,
) -> RunReport:
    """What the next `run.json` is to note of other stores that records of ``folder`` rest on.

    ``run`` is what the last one notes, ``found`` are the articles, and ``path`` is where the store is said to be, if
    not where it is. Raises `RepliesElsewhere` when the run would pay again for replies that the folder has, unless that
    is meant (``anyway``, or a refresh).
    """
    store = session.store
    if store is None:
        return RunReport()
    if same_store(store, run) or not records_path(folder).exists():
        return RunReport(other_stores=[])
    looked_up = _LookUp(session, store, found, run.base_url)
    for record in _records(folder, known=not fresh):
        looked_up.add(record)
    if looked_up.missing and not (anyway or session.settings.refresh):
        raise _elsewhere(store, path or store.path, folder, run, looked_up.missing)
    others = {*(run.other_stores or []), run.store_id or UNKNOWN} - {store.id}
    return RunReport(other_stores=sorted(others) if looked_up.incomplete else [])


def check_has_any(
    store: ReplyStore | None, path: Path, folder: Path, run: RunReport, records: Iterable[Record]
) -> None:
    """Raises `RepliesElsewhere` when the store at ``path`` is gone (None), or is another one with none of the replies
    that ``records`` rest on: what the folder rests on cannot be read there."""
    if store is not None and same_store(store, run):
        return
    missing: dict[str, str | None] = {}
    for record in records:
        for exchange in record.exchanges:
            if exchange.origin in ("live", "batch"):
                custom = exchange.endpoint == "custom"
                if store is not None and store.answered([exchange.key], custom=custom):
                    return
                missing[exchange.key] = exchange.cost_usd
    if store is not None:
        raise _elsewhere(store, path, folder, run, missing)
    raise RepliesElsewhere(
        f"there is no store at {path}, and {_replies(missing)} that the records in {folder} rest on would be in it",
        _CURE,
    )


def _records(folder: Path, *, known: bool) -> Iterator[Mapping[str, Any]]:
    """The records as plain values, one after the other. Lines that are no record rest on nothing; where they are
    ``known`` to be records (see `reports.out.Out`) none is looked at."""
    path = records_path(folder)
    with read_file.open_regular(path) as handle:
        for number, line in numbered_lines(path, handle):
            if not known:
                try:
                    parse_record(path, number, line)
                except ConfigError:
                    continue
            yield from_json(line, cache_strings="keys")


@dataclass
class _LookUp:
    """Looks up the replies of one record after another; ``missing`` has the price of each that is not there and would
    be asked for, by its key; ``incomplete`` when any is not there."""

    session: Session
    store: ReplyStore
    found: Sequence[ArticleFile]
    base_url: str | None
    """The address of the custom server that the folder was asked of, where that is known."""
    missing: dict[str, str | None] = field(default_factory=dict)
    incomplete: bool = False

    def add(self, record: Mapping[str, Any]) -> None:
        live = [exchange for exchange in record["exchanges"] if exchange["origin"] in ("live", "batch")]
        for custom in (False, True):
            named = {e["key"]: e for e in live if (e["endpoint"] == "custom") is custom}
            absent = named.keys() - self.store.answered(named.keys(), custom=custom) if named else set()
            self.incomplete = self.incomplete or bool(absent)
            if absent and self._asks_there(custom=custom) and record["article"]["sha256"] in self._digests:
                asked = [named[key] for key in absent if self._asks_for(record, named[key])]
                self.missing |= {exchange["key"]: exchange["cost_usd"] for exchange in asked}

    def _asks_there(self, *, custom: bool) -> bool:
        """Whether this run asks the service that gave those replies."""
        here = self.session.provider.base_url if self.session.provider else None
        return custom is (here is not None) and (not custom or self.base_url in (None, here))

    def _asks_for(self, record: Mapping[str, Any], exchange: Mapping[str, Any]) -> bool:
        task = record["tasks"].get(exchange["task"])
        repairs = self.session.settings.repairs
        return (
            task is not None
            and (exchange["role"] != "repair" or repairs > 0)
            and ((exchange["task"], task["prompt_sha256"], task["model"]) in self._asked)
        )

    @once
    def _asked(self) -> set[tuple[str, str, str]]:
        """Task, prompt and model of what this run asks."""
        return {(w.task, w.prompt.sha256, w.model.id) for w in self.session.specs}

    @once
    def _digests(self) -> set[str]:
        """Of the bytes of this run's articles: those that were edited are asked about in any case."""
        settings, digests = self.session.settings, set()
        for place in self.found:
            with suppress(ArticleError):
                article = discover.read(place, max_bytes=settings.max_file_bytes, follow_links=settings.follow_links)
                digests.add(article.sha256)
        return digests


def amount(costs: Iterable[str | None]) -> str:
    """``$1.20 and 2 of unknown price``."""
    known, unknown = bill(cost if cost is not None and is_decimal_string(cost) else None for cost in costs)
    return f"${decimal_string(known)}" + (f" and {unknown} of unknown price" if unknown else "")


def _elsewhere(
    store: ReplyStore, path: Path, folder: Path, run: RunReport, missing: Mapping[str, str | None]
) -> RepliesElsewhere:
    if run.store_id == store.id:
        why = "which is an older copy of the one that had them"
    elif store.highest_row_ever() == 0:
        why = "which is new"
    else:
        why = "which is another store"
    if run.store is not None and run.store != str(path.absolute()):
        why += f" (they were bought with {run.store})"
    return RepliesElsewhere(
        f"{_replies(missing)} that the records in {folder} rest on are not in the store {path}, {why}",
        _CURE,
    )


def _replies(missing: Mapping[str, str | None]) -> str:
    replies = "1 paid reply" if len(missing) == 1 else f"{len(missing):,} paid replies"
    return f"{replies} ({amount(missing.values())})"
