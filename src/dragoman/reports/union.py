"""``OUT`` holds the union of its runs: which records stand after one more run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dragoman.records import Record, merged


def union(
    earlier: Sequence[Record], new: Sequence[Record], before: Mapping[str, str], now: Mapping[str, str]
) -> list[Record]:
    """Earlier records in their order, this run's in the place of those of the same file, then the rest of it.

    ``before`` and ``now`` are article id → path. An edited file has another id and the same path: its new
    record replaces the old one. A file that could not be asked about keeps the answer it had, and a record
    keeps the tasks that were not asked for this time.
    """
    by_id = {record.article.id: record for record in new}
    by_path = {now[record.article.id]: record for record in new}
    answered = {before.get(record.article.id) for record in earlier if record.exchanges}
    together: list[Record] = []
    used: set[str] = set()
    for record in earlier:
        path = before.get(record.article.id)
        if not record.exchanges and path is not None and path in answered:
            continue  # the same file has an answer beside it
        mine = by_id.get(record.article.id) or (by_path.get(path) if path is not None else None)
        if mine is None:
            together.append(record)
        elif mine.article.id not in used:
            used.add(mine.article.id)
            together.append(_replaced(record, mine))
    return together + [record for record in new if record.article.id not in used]


def _replaced(record: Record, mine: Record) -> Record:
    if record.exchanges and not mine.exchanges and mine.status == "pending":
        return record
    return merged(record, mine) if record.article.id == mine.article.id else mine
