"""Lines of records stay on disk and come back unchanged, or not at all."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.errors import StoreError
from dragoman.output.records_file import RecordLines
from tests.support.report_builders import record_of


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
