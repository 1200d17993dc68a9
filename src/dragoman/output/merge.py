"""Merge a run into an output folder: which records stand afterwards, and how two records of one article become one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dragoman.core.assemble import assemble_record
from dragoman.core.header import RecordHeader
from dragoman.core.record import Record


class MergeEntry(NamedTuple):
    """One record of the merged folder: the earlier one, the new one, or, where both are given, the two merged."""

    earlier: RecordHeader | None
    new: RecordHeader | None


def merge_headers(
    earlier: Sequence[RecordHeader],
    new: Sequence[RecordHeader],
    earlier_paths: Mapping[str, str],
    new_paths: Mapping[str, str],
) -> list[MergeEntry]:
    """Decide which records stand: earlier ones in their order, with new records in the places of those of the same
    file, then the other new records.

    ``earlier_paths`` and ``new_paths`` map article ids to paths. An edited file has another id and the same path: its
    new record replaces the earlier one. A file that could not be sent keeps its earlier answer, and a record keeps the
    tasks that this run did not request.
    """
    new_by_id = {header.id: header for header in new}
    new_by_path = {new_paths[header.id]: header for header in new}
    paths = _paths_of_earlier(earlier, new, earlier_paths, new_paths)
    answered_paths = {paths.get(header.id) for header in earlier if header.exchanges}
    entries: list[MergeEntry] = []
    placed: set[str] = set()
    for header in earlier:
        path = paths.get(header.id)
        if not header.exchanges and path is not None and path in answered_paths:
            continue  # another record of the same file has an answer
        successor = new_by_id.get(header.id) or (new_by_path.get(path) if path is not None else None)
        if successor is None:
            entries.append(MergeEntry(header, None))
        elif successor.id not in placed:
            placed.add(successor.id)
            entries.append(_merge_pair(header, successor))
    return entries + [MergeEntry(None, header) for header in new if header.id not in placed]


def _paths_of_earlier(
    earlier: Sequence[RecordHeader],
    new: Sequence[RecordHeader],
    earlier_paths: Mapping[str, str],
    new_paths: Mapping[str, str],
) -> dict[str, str]:
    """The path of each earlier record, as far as it can be known.

    Old versions wrote paths after records; when such a run was killed in between, its records have no path. Such a
    record is taken to belong to the new file of the same name in two cases: if the record has no reply, so that nothing
    can be lost; or if ``earlier_paths`` has that path for a record that no longer exists, which only this record can
    have replaced.
    """
    new_path_by_name = {header.name: new_paths[header.id] for header in new}
    earlier_ids = {header.id for header in earlier}
    paths = {id_: path for id_, path in earlier_paths.items() if id_ in earlier_ids}
    replaced_paths = {path for id_, path in earlier_paths.items() if id_ not in earlier_ids} - set(paths.values())
    for header in earlier:
        path = new_path_by_name.get(header.name)
        if header.id not in earlier_paths and path is not None and (not header.exchanges or path in replaced_paths):
            paths[header.id] = path
    return paths


def _merge_pair(earlier: RecordHeader, new: RecordHeader) -> MergeEntry:
    if earlier.exchanges and not new.exchanges and new.status == "pending":
        return MergeEntry(earlier, None)
    has_more_tasks = earlier.id == new.id and not set(earlier.tasks) <= set(new.tasks)
    return MergeEntry(earlier if has_more_tasks else None, new)


def merge_records(earlier: Record, new: Record) -> Record:
    """``new`` with those tasks of ``earlier`` that the new run did not request.

    Both records are of the same article. What belongs to a task goes with it: its answer, findings and exchanges.
    """
    earlier_tasks = {name: facts for name, facts in earlier.tasks.items() if name not in new.tasks}
    if not earlier_tasks or new.source is None:
        return new
    earlier_findings = [finding for finding in earlier.findings if finding.task in earlier_tasks]
    exchanges = [*(exchange for exchange in earlier.exchanges if exchange.task in earlier_tasks), *new.exchanges]
    # Findings on the source itself belong to the summary, which knows which paragraphs are not part of the article.
    new_findings = [finding for finding in new.findings if "summary" not in earlier_tasks or not finding.is_on_source]
    return assemble_record(
        article=new.article,
        source=new.source,
        tasks=dict(sorted({**earlier_tasks, **new.tasks}.items())),
        summary=earlier.summary if "summary" in earlier_tasks else new.summary,
        translation=earlier.translation if "translation" in earlier_tasks else new.translation,
        findings=sorted([*earlier_findings, *new_findings], key=lambda finding: finding.task),
        exchanges=sorted(exchanges, key=lambda exchange: exchange.task),
        dragoman=new.dragoman,
    )
