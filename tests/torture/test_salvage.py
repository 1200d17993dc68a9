"""Random damage to a store: a repair saves every undamaged reply, and never saves a changed one.

SQLite itself, before the damage, and the headers of the log say on which pages each reply is.
"""

from __future__ import annotations

import random
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from dragoman.core.exchange import Exchange
from dragoman.errors import ConfigError
from dragoman.store import maintenance
from dragoman.store.salvage import salvage
from dragoman.store.sqlite.rows import ASIDE
from dragoman.store.sqlite.store import Store
from tests.support.builders import LIBRARY, exchange_of, message, request_of

from .amount import seeds

PAGE = 4096
FRAME = 24 + PAGE
MANY = 40
PROMPT = LIBRARY.get("summary")
assert PROMPT.schema is not None
TEXTS = [PROMPT.system, PROMPT.schema.canonical]

Place = tuple[str, int]
"""A page of the file (``file`` and its number from 0), or a frame of the log (``log`` and its number from 0)."""


@dataclass(frozen=True)
class Kept:
    """A store on disk: its content and where it is. ``file`` and ``log`` are its bytes."""

    file: bytes
    log: bytes
    replies: dict[int, tuple[Exchange, int]]
    """By id: the exchange, and its state in the column ``settled``."""
    places: dict[int, set[Place]]
    """By id: the pages that its row is on."""
    facts: set[Place]
    """Places that hold the ids of pruned replies and the highest id."""
    pruned: frozenset[int]

    @property
    def every(self) -> list[Place]:
        """All places that can be damaged."""
        frames = (len(self.log) - 32) // FRAME if self.log else 0
        pages = [("file", number) for number in range(len(self.file) // PAGE)]
        return [*pages, *(("log", number) for number in range(frames))]


def made(number: int, dice: random.Random) -> Exchange:
    """Return a reply of some length: within one leaf page, with one or two more pages, or with many."""
    request = request_of(f"bài số {number} " * dice.choice([1, 40, 200]), system=PROMPT.system, schema=PROMPT.schema)
    body = message(f"{number} " * dice.choice([1, 30, 300, 1200, 5000]) + dice.randbytes(dice.randrange(99)).hex())
    price = {"cost_usd": f"0.{number:04}", "price_table": "2026-11-21"}
    return exchange_of(request, body=body, article=f"{number}.txt", **price)


def filled(path: Path, dice: random.Random) -> Kept:
    """Create a store as runs leave it: compacted or grown, partly only in the log, with some replies pruned."""
    with Store(path) as store:
        for number in range(1, MANY + 1):
            row = store.save(made(number, dice))
            if dice.random() < 0.9:
                exchange = next(iter(store.rows("SELECT cost_usd, price_table FROM exchanges WHERE id = ?", (row,))))
                store.settle(row, exchange["cost_usd"], exchange["price_table"], aside=dice.random() < 0.1)
            if number == MANY // 2 and dice.random() < 0.5:
                gone = dice.sample(range(1, number), 5)
                what = maintenance.Prunable(tuple(gone), frozenset(), Decimal(0), 0, 0)
                if dice.random() < 0.5:
                    store.compact = lambda: None  # type: ignore[method-assign]  # killed before the space was released
                maintenance.prune(store, what)
                store.__dict__.pop("compact", None)
            if dice.random() < 0.05:
                store.compact()
        places, facts = where(store)
        replies = {
            row["id"]: (exchange, row["settled"])
            for row, exchange in zip(
                store.rows("SELECT id, settled FROM exchanges ORDER BY id"), store.exchanges(), strict=True
            )
        }
        log = path.with_name(f"{path.name}-wal")
        file, logged = path.read_bytes(), log.read_bytes()
    log.unlink(missing_ok=True)
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    newest = _newest_frames(logged)

    def at(page: int) -> Place:
        return ("log", newest[page]) if page in newest else ("file", page - 1)

    return Kept(
        file,
        logged,
        replies,
        {number: {at(page) for page in pages} for number, pages in places.items()},
        {at(page) for page in facts},
        frozenset(range(1, MANY + 1)) - replies.keys(),
    )


def where(store: Store) -> tuple[dict[int, set[int]], set[int]]:
    """Return the page numbers, from 1, of each row and of the facts, as SQLite reports them."""
    rows = store.rows(
        "SELECT name, path, pageno, pagetype, ncell FROM dbstat WHERE name IN ('exchanges', 'facts', 'sqlite_sequence')"
    )
    facts = {row["pageno"] for row in rows if row["name"] != "exchanges"}
    of_table = [row for row in rows if row["name"] == "exchanges"]
    leaves = sorted((row for row in of_table if row["pagetype"] == "leaf"), key=lambda row: row["path"])
    ids = [row["id"] for row in store.rows("SELECT id FROM exchanges ORDER BY id")]
    pages: dict[int, set[int]] = {}
    by_cell: dict[str, int] = {}
    for leaf in leaves:
        for cell in range(leaf["ncell"]):
            pages[ids[len(pages)]] = {leaf["pageno"]}
            by_cell[f"{leaf['path']}{cell:03x}"] = ids[len(pages) - 1]
    assert len(pages) == len(ids)
    for row in of_table:
        if row["pagetype"] == "overflow":
            pages[by_cell[row["path"].split("+")[0]]].add(row["pageno"])
    return pages, facts


def _newest_frames(log: bytes) -> dict[int, int]:
    """Return the last frame of the log for each page number, from 1. All frames of this round of the log are
    committed.
    """
    frames: dict[int, int] = {}
    for number, begins in enumerate(range(32, len(log) - FRAME + 1, FRAME)):
        page, _, salts = struct.unpack(">II8s", log[begins : begins + 16])
        if salts == log[16:24]:
            frames[page] = number
    return frames


Disk = dict[str, bytearray]
Damage = Callable[[Disk, list[Place], random.Random], set[Place]]
"""Changes the file and the log somewhere; returns the places whose content is lost."""


def _span(place: Place) -> slice:
    """Return the byte range of the page at a place."""
    begins = place[1] * PAGE if place[0] == "file" else 32 + place[1] * FRAME + 24
    return slice(begins, begins + PAGE)


def _some(every: list[Place], dice: random.Random) -> set[Place]:
    return set(dice.sample(every, min(len(every), dice.choice([1, 1, 2, 5, len(every) // 4 + 1]))))


def zeros(disk: Disk, every: list[Place], dice: random.Random) -> set[Place]:
    hit = _some(every, dice)
    for place in hit:
        disk[place[0]][_span(place)] = bytes(PAGE)
    return hit


def noise(disk: Disk, every: list[Place], dice: random.Random) -> set[Place]:
    hit = _some(every, dice)
    for place in hit:
        disk[place[0]][_span(place)] = dice.randbytes(PAGE)
    return hit


def noise_within(disk: Disk, every: list[Place], dice: random.Random) -> set[Place]:
    """Put noise over a few bytes anywhere."""
    hit = _some(every, dice)
    for place in hit:
        span, size = _span(place), dice.choice([1, 8, 600])
        at = span.start + dice.randrange(PAGE - size)
        disk[place[0]][at : at + size] = dice.randbytes(size)
    return hit


def swapped(disk: Disk, every: list[Place], dice: random.Random) -> set[Place]:
    """Swap two pages. A leaf can be read anywhere; a page with references cannot."""
    one, other = dice.sample(every, 2)
    content, others = (bytes(disk[place[0]][_span(place)]) for place in (one, other))
    disk[one[0]][_span(one)], disk[other[0]][_span(other)] = others, content
    return {one, other}


def misdirected(disk: Disk, every: list[Place], dice: random.Random) -> set[Place]:
    """Write one page over another."""
    one, other = dice.sample(every, 2)
    disk[other[0]][_span(other)] = bytes(disk[one[0]][_span(one)])
    return {other}


def torn(disk: Disk, every: list[Place], dice: random.Random) -> set[Place]:
    """Leave the second part of a page unwritten."""
    hit = _some(every, dice)
    for place in hit:
        span = _span(place)
        at = span.start + dice.randrange(1, 8) * 512
        disk[place[0]][at : span.stop] = bytes(span.stop - at)
    return hit


def cut_off(disk: Disk, every: list[Place], dice: random.Random) -> set[Place]:
    """Cut off the end of the file or of the log."""
    name = "log" if disk["log"] and dice.random() < 0.3 else "file"
    size = dice.randrange(1, len(disk[name]))
    del disk[name][size:]
    return {place for place in every if place[0] == name and _span(place).stop > size}


def log_header(disk: Disk, every: list[Place], dice: random.Random) -> set[Place]:
    """Damage the first bytes of the log, and a page of the file of which the log may have a newer version."""
    disk["log"][:32] = dice.randbytes(len(disk["log"][:32]))
    return zeros(disk, every, dice)


DAMAGES: dict[str, Damage] = {
    damage.__name__: damage
    for damage in (zeros, noise, noise_within, swapped, misdirected, torn, cut_off, log_header)
}  # fmt: skip


def repaired(path: Path, disk: Disk) -> tuple[dict[int, tuple[Exchange, int]], int | None]:
    """Repair the damaged disk; returns replies and states by id, and the number reported as lost."""
    path.write_bytes(disk["file"])
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    log = path.with_name(f"{path.name}-wal")
    log.write_bytes(disk["log"])
    lost: int | None = None
    # There is no error if the damage hit unused space, or the end of the log, which looks like a killed commit.
    with suppress(ConfigError):
        lost = salvage(path, TEXTS).lost
    with Store(path) as store:
        assert maintenance.verify(store) == []
        rows = store.rows("SELECT id, settled FROM exchanges ORDER BY id")
        return {
            row["id"]: (exchange, row["settled"]) for row, exchange in zip(rows, store.exchanges(), strict=True)
        }, lost


@pytest.mark.parametrize("seed", seeds(60, few=3))
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_repair_saves_every_undamaged_reply_and_changes_none(damage: Damage, seed: int, tmp_path: Path) -> None:
    """This holds for damage to any page, of any table or none, in the file or in the log. Pruned replies stay
    pruned.
    """
    dice = random.Random(f"{damage.__name__} {seed}")
    filled_store = filled(tmp_path / "made.sqlite", dice)
    disk = {"file": bytearray(filled_store.file), "log": bytearray(filled_store.log)}
    hit = damage(disk, filled_store.every, dice)
    back, lost = repaired(tmp_path / "store.sqlite", disk)
    whole = {number for number, places in filled_store.places.items() if not places & hit}
    assert whole <= back.keys(), f"{sorted(whole - back.keys())} were not hit by {sorted(hit)}"
    for number, (exchange, settled) in back.items():
        if number in filled_store.replies:
            right, state = filled_store.replies[number]
            assert exchange == right
            # If its newest version was hit, an undamaged older version may exist: the reply as it was saved.
            assert settled == state or (number not in whole and settled == 0)
    assert not (back.keys() & filled_store.pruned) or filled_store.facts & hit
    assert back.keys() <= filled_store.replies.keys() | filled_store.pruned
    if lost is not None and not filled_store.facts & hit and damage is not cut_off:
        assert len(back) + lost == len(filled_store.replies)


def test_the_state_of_a_reply_is_saved_with_it(tmp_path: Path) -> None:
    """A reply that was set aside is not used after a repair either, and no id is assigned twice."""
    path = tmp_path / "store.sqlite"
    with Store(path) as store:
        for number in range(3):
            store.settle(store.save(made(number, random.Random(1))), "0.1", "2026-11-21", aside=number == 1)
        before, identity = store.newest_row(), (store.id, store.secret)
        store.compact()
    with closing(sqlite3.connect(path)) as db:
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'exchanges_by_key'").fetchone()[0]
    content = bytearray(path.read_bytes())
    content[(root - 1) * PAGE : root * PAGE] = bytes(PAGE)
    path.write_bytes(content)
    assert salvage(path, TEXTS).saved == 3
    with Store(path) as store:
        assert [row["settled"] for row in store.rows("SELECT settled FROM exchanges ORDER BY id")] == [1, ASIDE, 1]
        assert (store.id, store.secret) == identity
        assert store.save(made(4, random.Random(1))) > before
