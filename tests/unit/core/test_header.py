"""A gist says the same whether it comes from a record, from its line or from where it was kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from dragoman.core.header import ReasonLine, RecordHeader, header_of, header_of_line
from dragoman.core.record import Record
from dragoman.errors import ConfigError
from dragoman.output.merge import Standing, union
from dragoman.output.records_file import Lines, digest_of
from tests.support.folders import EXPECTED

SAMPLES = [Record.model_validate_json(line) for line in EXPECTED.read_text("utf-8").splitlines()]
LINES = [record.to_json().encode() for record in SAMPLES]


@pytest.mark.parametrize("record", SAMPLES, ids=lambda record: record.article.name)
def test_a_record_and_its_line_have_one_gist(record: Record) -> None:
    """And it comes back from where it is kept as it was."""
    header = header_of(record)
    assert header_of_line(record.to_json()) == header
    assert RecordHeader.from_json(header.to_json()) == header


def written(folder: Path, lines: Sequence[bytes]) -> Path:
    path = folder / "records.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def test_lines_stay_on_disk_and_come_back_letter_for_letter(tmp_path: Path) -> None:
    lines = Lines.read(written(tmp_path, LINES))
    try:
        assert list(lines.places) == [record.article.id for record in SAMPLES]
        for record, line in zip(SAMPLES, LINES, strict=True):
            assert lines.line(record.article.id) == line
            assert lines.has(record.article.id, line)
            assert not lines.has(record.article.id, line.replace(b'"', b"'"))
    finally:
        lines.close()


def test_a_damaged_line_is_named_unless_the_file_is_known_to_be_ours(tmp_path: Path) -> None:
    """A file whose digest is known is not validated line by line; with any other digest every line is."""
    path = written(tmp_path, [*LINES[:2], LINES[2].replace(b'"status"', b'"state"')])
    with pytest.raises(ConfigError, match="line 3"):
        Lines.read(path, "0" * 64)
    with path.open("rb") as handle:
        known = digest_of(handle)
    Lines.read(path, known).close()


def header(id_: str, status: str = "ok", *, paid: bool = True, tasks: tuple[str, ...] = ("summary",)) -> RecordHeader:
    exchanges = (("x1:" + id_, "0.001"),) if paid else ()
    reason = None if paid else ReasonLine("budget", "no money left")
    return RecordHeader(id_, id_, status, reason, None, "vi", tasks, exchanges, None, 1, (), (), False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("earlier", "new", "expected"),
    [
        pytest.param([header("a")], [header("b")], [("a", None), (None, "b")], id="another article"),
        pytest.param([header("a")], [header("a")], [(None, "a")], id="the same article again"),
        pytest.param([header("a")], [header("a", "pending", paid=False)], [("a", None)], id="an answer stays"),
        pytest.param([header("a", "pending", paid=False)], [header("a")], [(None, "a")], id="an answer comes"),
        pytest.param(
            [header("a", tasks=("summary", "translation"))],
            [header("a")],
            [("a", "a")],
            id="a task not asked for again",
        ),
    ],
)
def test_the_union_says_which_line_stands(
    earlier: list[RecordHeader], new: list[RecordHeader], expected: list[tuple[str | None, str | None]]
) -> None:
    """Of the same file one record stands: the earlier, the new, or both as one."""
    paths = {one.id: f"/in/{one.id}.txt" for one in (*earlier, *new)}

    def names(standing: Standing) -> tuple[str | None, str | None]:
        return standing.earlier.id if standing.earlier else None, standing.new.id if standing.new else None

    assert [names(standing) for standing in union(earlier, new, paths, paths)] == expected
