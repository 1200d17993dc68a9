"""Lines of records stay on disk and come back unchanged, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.core.record import Record
from dragoman.errors import ConfigError, StoreError
from dragoman.output.records_file import RecordLines, digest_of
from tests.support.folders import EXPECTED
from tests.support.report_builders import record_of

SAMPLES = [Record.model_validate_json(line) for line in EXPECTED.read_text("utf-8").splitlines()]
LINES = [record.to_json().encode() for record in SAMPLES]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.binary(max_size=30)), max_size=30), st.data())
def test_lines_come_back_as_they_were_added_in_any_order_of_reading_and_adding(
    tmp_path_factory: pytest.TempPathFactory, added: list[tuple[str, bytes]], data: st.DataObject
) -> None:
    """Reading a line in between does not change where the next one is written."""
    latest: dict[str, bytes] = {}
    with closing(RecordLines.spool(tmp_path_factory.getbasetemp())) as lines:
        for id_, line in added:
            latest[id_] = line.replace(b"\n", b" ")
            lines.add(id_, latest[id_])
            some = data.draw(st.sampled_from(sorted(latest)))
            assert lines.line(some) == latest[some]
        assert {id_: lines.line(id_) for id_ in latest} == latest


def test_records_that_changed_during_the_run_are_not_written_back(tmp_path: Path) -> None:
    """Another program changed the file between reading and the end of the run, so the file stays as it is."""
    path = tmp_path / "records.jsonl"
    path.write_bytes(record_of(["một"], name="a.txt")[0].to_line() + b"\n")
    with closing(RecordLines.read(path)) as lines:
        path.write_bytes(path.read_bytes().replace(b"a.txt", b"b.txt"))
        with pytest.raises(StoreError, match="was changed during the run"):
            lines.line(next(iter(lines.places)))


def written(folder: Path, lines: Sequence[bytes]) -> Path:
    path = folder / "records.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def test_lines_are_read_from_disk_unchanged(tmp_path: Path) -> None:
    lines = RecordLines.read(written(tmp_path, LINES))
    try:
        assert list(lines.places) == [record.article.id for record in SAMPLES]
        for record, line in zip(SAMPLES, LINES, strict=True):
            assert lines.line(record.article.id) == line
            assert lines.has_line(record.article.id, line)
            assert not lines.has_line(record.article.id, line.replace(b'"', b"'"))
    finally:
        lines.close()


def test_a_damaged_line_is_named_unless_the_digest_of_the_file_is_known(tmp_path: Path) -> None:
    """With a known digest the file is unchanged since Dragoman wrote it, and lines are not validated."""
    path = written(tmp_path, [*LINES[:2], LINES[2].replace(b'"status"', b'"state"')])
    with pytest.raises(ConfigError, match="line 3"):
        RecordLines.read(path, "0" * 64)
    with path.open("rb") as handle:
        known = digest_of(handle)
    RecordLines.read(path, known).close()
