"""A store with very many replies: grow it from a few replies, then look up all of them.

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


def grow(path: Path, wanted: int) -> None:
    """Copy the exchanges of a store under keys of their own until there are ``wanted`` of them."""
    db = sqlite3.connect(path)
    names = [row[1] for row in db.execute("PRAGMA table_info(exchanges)") if row[1] != "id"]
    copied = ", ".join("'x1:' || lower(hex(randomblob(32)))" if name == "key" else name for name in names)
    there = db.execute("SELECT count(*), max(id) FROM exchanges").fetchone()
    for first in range(there[0], wanted, there[0]):
        db.execute(
            f"INSERT INTO exchanges ({', '.join(names)}) SELECT {copied} FROM exchanges WHERE id <= ? LIMIT ?",
            (there[1], wanted - first),
        )
    db.commit()
    db.close()


def look_up(path: Path, scope: Scope) -> dict[str, float]:
    """Look up every key once in random order and read its reply."""
    with Store(path) as store:
        keys = [row["key"] for row in store.rows("SELECT key FROM exchanges")]
        random.Random(1).shuffle(keys)  # an order, no secret
        start, cpu = time.perf_counter(), time.process_time()
        for key in keys:
            found = store.find(key, scope, settled=True)
            assert found is not None
            assert found.exchange.reply.text
        return {
            "replies": len(keys),
            "seconds": time.perf_counter() - start,
            "cpu": time.process_time() - cpu,
        }


if __name__ == "__main__":
    main()
