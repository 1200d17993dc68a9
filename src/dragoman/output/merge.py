"""``OUT`` holds the union of its runs: which records stand after one more run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dragoman.core.header import RecordHeader
from dragoman.core.record import Record, assembled


class Standing(NamedTuple):
    """One record of the union: the earlier one, this run's, or, where both are given, the two as one."""

    earlier: RecordHeader | None
    new: RecordHeader | None


def union(
    earlier: Sequence[RecordHeader], new: Sequence[RecordHeader], before: Mapping[str, str], now: Mapping[str, str]
) -> list[Standing]:
    """Earlier records in their order, this run's in the place of those of the same file, then the rest of it.

    ``before`` and ``now`` are article id → path. An edited file has another id and the same path: its new
    record replaces the old one. A file that could not be asked about keeps the answer it had, and a record
    keeps the tasks that were not asked for this time.
    """
    by_id = {record.id: record for record in new}
    by_path = {now[record.id]: record for record in new}
    paths = _paths(earlier, new, before, now)
    answered = {paths.get(record.id) for record in earlier if record.exchanges}
    together: list[Standing] = []
    used: set[str] = set()
    for record in earlier:
        path = paths.get(record.id)
        if not record.exchanges and path is not None and path in answered:
            continue  # the same file has an answer beside it
        mine = by_id.get(record.id) or (by_path.get(path) if path is not None else None)
        if mine is None:
            together.append(Standing(record, None))
        elif mine.id not in used:
            used.add(mine.id)
            together.append(_replaced(record, mine))
    return together + [Standing(None, record) for record in new if record.id not in used]


def _paths(
    earlier: Sequence[RecordHeader], new: Sequence[RecordHeader], before: Mapping[str, str], now: Mapping[str, str]
) -> dict[str, str]:
    """The path of each earlier record, as far as it can be known.

    Versions that wrote paths after records left records without one when they were killed in between. The file that
    such a record is about is taken to be this run's file of the same name where nothing can be lost, because the record
    has no reply; or where ``before`` tells so, because it has that path for a record that is no longer there and that
    only this one can have replaced.
    """
    named = {record.name: now[record.id] for record in new}
    there = {record.id for record in earlier}
    paths = {id_: path for id_, path in before.items() if id_ in there}
    replaced = {path for id_, path in before.items() if id_ not in there} - set(paths.values())
    for record in earlier:
        path = named.get(record.name)
        if record.id not in before and path is not None and (not record.exchanges or path in replaced):
            paths[record.id] = path
    return paths


def _replaced(record: RecordHeader, mine: RecordHeader) -> Standing:
    if record.exchanges and not mine.exchanges and mine.status == "pending":
        return Standing(record, None)
    kept = record.id == mine.id and not set(record.tasks) <= set(mine.tasks)
    return Standing(record if kept else None, mine)


def merged(earlier: Record, new: Record) -> Record:
    """``new`` with the tasks of ``earlier`` that it did not ask for: an output folder is the union of its runs.

    Both are of the same article. What belongs to a task goes with it: its answer, findings and exchanges.
    """
    kept = {name: facts for name, facts in earlier.tasks.items() if name not in new.tasks}
    if not kept or new.source is None:
        return new
    findings = [finding for finding in earlier.findings if finding.task in kept]
    exchanges = [*(e for e in earlier.exchanges if e.task in kept), *new.exchanges]
    tasks = {**kept, **new.tasks}
    # What is said of the source itself belongs to the summary, which knows what of it is not the article.
    fresh = [finding for finding in new.findings if "summary" not in kept or not finding.is_on_source]
    every = sorted([*findings, *fresh], key=lambda finding: finding.task)
    return assembled(
        article=new.article,
        source=new.source,
        tasks=dict(sorted(tasks.items())),
        summary=earlier.summary if "summary" in kept else new.summary,
        translation=earlier.translation if "translation" in kept else new.translation,
        findings=every,
        exchanges=sorted(exchanges, key=lambda exchange: exchange.task),
        dragoman=new.dragoman,
    )
