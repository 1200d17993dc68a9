"""Grow a store from a few replies to very many, then look up all of them.

python -m benchmarks.speed.many STORE URL --grow 100000
python -m benchmarks.speed.many STORE URL
"""

from __future__ import annotations

import json
import random
import sqlite3
import time
from argparse import ArgumentParser
from pathlib import Path

from dragoman.store.protocol import Scope
from dragoman.store.sqlite.store import Store


def main() -> None:
    """Grow the store, or look up all replies and print the seconds as JSON."""
    parser = ArgumentParser("python -m benchmarks.speed.many")
    parser.add_argument("store", type=Path)
    parser.add_argument("url")
    parser.add_argument("--grow", type=int)
    options = parser.parse_args()
    if options.grow:
        grow(options.store, options.grow)
    else:
        print(json.dumps(look_up(options.store, Scope(options.url))))


def grow(path: Path, count: int) -> None:
    """Copy the exchanges of a store, each copy under a new key, until it holds ``count`` of them."""
    db = sqlite3.connect(path)
    names = [row[1] for row in db.execute("PRAGMA table_info(exchanges)") if row[1] != "id"]
    copied = ", ".join("'x1:' || lower(hex(randomblob(32)))" if name == "key" else name for name in names)
    rows, last = db.execute("SELECT count(*), max(id) FROM exchanges").fetchone()
    for first in range(rows, count, rows):
        db.execute(
            f"INSERT INTO exchanges ({', '.join(names)}) SELECT {copied} FROM exchanges WHERE id <= ? LIMIT ?",
            (last, count - first),
        )
    db.commit()
    db.close()


def look_up(path: Path, scope: Scope) -> dict[str, float]:
    """Look up every key once in random order and read its reply."""
    with Store(path) as store:
        keys = [row["key"] for row in store.rows("SELECT key FROM exchanges")]
        random.Random(1).shuffle(keys)  # an order, not a secret
        start, cpu = time.perf_counter(), time.process_time()
        for key in keys:
            stored = store.find(key, scope, settled=True)
            assert stored is not None
            assert stored.exchange.reply.text
        return {
            "replies": len(keys),
            "seconds": time.perf_counter() - start,
            "cpu": time.process_time() - cpu,
        }


if __name__ == "__main__":
    main()
