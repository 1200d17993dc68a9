"""Find out whether the store lacks paid replies that the records of an output folder depend on.

If the store is gone, or is another one, asking again would pay for the same replies again. So a run checks this first.

`run.json` notes the store by its id and the highest row id that it ever gave. The same id means the same store or a
copy of it, and pruning does not lower the highest row id: if both fit, nothing is looked up. Otherwise the replies of
each record are looked up by their keys. A missing reply counts if this run would ask for it again: its article still
has the same bytes, and the task, the prompt, the model and the service are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from dragoman.core import read_file
from dragoman.core.exchange import SERVICE_ORIGINS, is_decimal_string
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
"""The id of a store in `run.json` when an earlier version did not note one."""

_REMEDY = "use the store that has them, restore a backup of it, or import recordings of them into it"


def store_facts(store: ReplyStore) -> RunReport:
    """What `run.json` notes about the store in use."""
    return RunReport(store=str(store.path.absolute()), store_id=store.id, store_rows=store.highest_row_ever())


def is_same_store(store: ReplyStore, run: RunReport) -> bool:
    """Whether the whole folder depends on this store, and the store still has everything, as `run.json` notes them."""
    fits = run.store_id == store.id and run.store_rows is not None and run.store_rows <= store.highest_row_ever()
    return fits and not run.other_stores


def check_store(
    session: Session,
    folder: Path,
    run: RunReport,
    places: Sequence[ArticleFile],
    *,
    fresh: bool = False,
    buy_again: bool = False,
    path: Path | None = None,
) -> RunReport:
    """The other stores that records of ``folder`` depend on, for the next `run.json`.

    ``run`` is the current `run.json`, and ``places`` are the articles of this run. ``path`` is the path of the store
    for the message, if it is not the store's own. Raises `RepliesElsewhere` when the run would pay again for replies
    that records depend on, unless ``buy_again`` or a refresh asks for exactly that.
    """
    store = session.store
    if store is None:
        return RunReport()
    if is_same_store(store, run) or not records_path(folder).exists():
        return RunReport(other_stores=[])
    look_up = _LookUp(session, store, places, run.base_url)
    for record in _records(folder, valid=not fresh):
        look_up.add(record)
    if look_up.missing and not (buy_again or session.settings.refresh):
        raise _replies_elsewhere(store, path or store.path, folder, run, look_up.missing)
    other_stores = {*(run.other_stores or []), run.store_id or UNKNOWN} - {store.id}
    return RunReport(other_stores=sorted(other_stores) if look_up.incomplete else [])


def check_has_any(
    store: ReplyStore | None, path: Path, folder: Path, run: RunReport, records: Iterable[Record]
) -> None:
    """Raise `RepliesElsewhere` when no reply that ``records`` depend on can be read, because the store at ``path`` does
    not exist (``store`` is None), or is another one that has none of them."""
    if store is not None and is_same_store(store, run):
        return
    missing: dict[str, str | None] = {}
    for record in records:
        for exchange in record.exchanges:
            if exchange.origin in SERVICE_ORIGINS:
                custom = exchange.endpoint == "custom"
                if store is not None and store.answered([exchange.key], custom=custom):
                    return
                missing[exchange.key] = exchange.cost_usd
    if store is not None:
        raise _replies_elsewhere(store, path, folder, run, missing)
    raise RepliesElsewhere(
        f"there is no store at {path}; the records in {folder} depend on {_replies(missing)} that should be in it",
        _REMEDY,
        hint="import",
    )


def _records(folder: Path, *, valid: bool) -> Iterator[Mapping[str, Any]]:
    """The records of a folder as plain values. If they are not known to be ``valid`` (as an opened `OutputFolder` knows
    them to be), each line is checked, and a line that is no record is passed over."""
    path = records_path(folder)
    with read_file.open_regular(path) as handle:
        for number, line in numbered_lines(path, handle):
            if not valid:
                try:
                    parse_record(path, number, line)
                except ConfigError:
                    continue
            yield from_json(line, cache_strings="keys")


@dataclass
class _LookUp:
    """Looks up the replies of records in the store."""

    session: Session
    store: ReplyStore
    places: Sequence[ArticleFile]
    base_url: str | None
    """The address of the custom server that answered for the folder, where it is known."""
    missing: dict[str, str | None] = field(default_factory=dict)
    """Key and price of each reply that is not in the store and that this run would ask for."""
    incomplete: bool = False
    """Whether any reply is not in the store."""

    def add(self, record: Mapping[str, Any]) -> None:
        """Look up the replies of one more record."""
        live = [exchange for exchange in record["exchanges"] if exchange["origin"] in SERVICE_ORIGINS]
        for custom in (False, True):
            by_key = {e["key"]: e for e in live if (e["endpoint"] == "custom") is custom}
            absent = by_key.keys() - self.store.answered(by_key.keys(), custom=custom) if by_key else set()
            self.incomplete = self.incomplete or bool(absent)
            if absent and self._asks_same_service(custom=custom) and record["article"]["sha256"] in self._digests:
                asked = [by_key[key] for key in absent if self._asks_for(record, by_key[key])]
                self.missing |= {exchange["key"]: exchange["cost_usd"] for exchange in asked}

    def _asks_same_service(self, *, custom: bool) -> bool:
        """Whether this run asks the service that gave the replies: a custom server, or one of the real services."""
        base_url = self.session.provider.base_url if self.session.provider else None
        return custom is (base_url is not None) and (not custom or self.base_url in (None, base_url))

    def _asks_for(self, record: Mapping[str, Any], exchange: Mapping[str, Any]) -> bool:
        """Whether this run asks with the task, prompt and model of an exchange."""
        task = record["tasks"].get(exchange["task"])
        repairs = self.session.settings.repairs
        return (
            task is not None
            and (exchange["role"] != "repair" or repairs > 0)
            and ((exchange["task"], task["prompt_sha256"], task["model"]) in self._asked)
        )

    @once
    def _asked(self) -> set[tuple[str, str, str]]:
        """Task, digest of the prompt, and model of each task of this run."""
        return {(spec.task, spec.prompt.sha256, spec.model.id) for spec in self.session.specs}

    @once
    def _digests(self) -> set[str]:
        """The SHA-256 of each article of this run. An article that was edited is asked about in any case."""
        settings, digests = self.session.settings, set()
        for place in self.places:
            with suppress(ArticleError):
                article = discover.read(place, max_bytes=settings.max_file_bytes, follow_links=settings.follow_links)
                digests.add(article.sha256)
        return digests


def _amount(costs: Iterable[str | None]) -> str:
    """The sum of several prices, such as ``$1.20 and 2 of unknown price`` or ``of unknown price``."""
    known, unknown = bill(cost if cost is not None and is_decimal_string(cost) else None for cost in costs)
    if unknown and not known:
        return "of unknown price"
    return f"${decimal_string(known)}" + (f" and {unknown} of unknown price" if unknown else "")


def _replies_elsewhere(
    store: ReplyStore, path: Path, folder: Path, run: RunReport, missing: Mapping[str, str | None]
) -> RepliesElsewhere:
    if run.store_id == store.id:
        why = "which is an older copy of the store that had them"
    elif store.highest_row_ever() == 0:
        why = "which is empty"
    else:
        why = "which is another store"
    if run.store is not None and run.store != str(path.absolute()):
        why += f" (they were bought with {run.store})"
    return RepliesElsewhere(
        f"the records in {folder} depend on {_replies(missing)} that the store {path}, {why}, does not have",
        _REMEDY,
        hint="import",
    )


def _replies(missing: Mapping[str, str | None]) -> str:
    replies = "1 paid reply" if len(missing) == 1 else f"{len(missing):,} paid replies"
    return f"{replies} ({_amount(missing.values())})"
