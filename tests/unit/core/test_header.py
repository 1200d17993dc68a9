"""A header is the same whether it comes from a record, from its line or from the cache."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.core.check_names import CheckName
from dragoman.core.header import ReasonLine, RecordHeader, header_of, header_of_line
from dragoman.core.record import Finding, Reason, Record, Severity, Status
from dragoman.errors import ConfigError, ReasonCode
from dragoman.output.merge import MergeEntry, merge_headers
from dragoman.output.records_file import RecordLines, digest_of
from tests.support.folders import EXPECTED

SAMPLES = [Record.model_validate_json(line) for line in EXPECTED.read_text("utf-8").splitlines()]
LINES = [record.to_json().encode() for record in SAMPLES]


REASONS = st.none() | st.builds(Reason, code=st.sampled_from(get_args(ReasonCode)), message=st.text(max_size=9))
FINDINGS = st.builds(
    Finding,
    check=st.sampled_from([*get_args(CheckName), "of.another.version"]),
    severity=st.sampled_from(get_args(Severity)),
    field=st.none() | st.sampled_from(["claims.c1.quote", "translation.1", "source"]),
    paragraph=st.none(), start=st.none(), end=st.none(), expected=st.none(), got=st.none(), message=st.just("-"),
)  # fmt: skip
PRICES = st.none() | st.sampled_from(["0", "0.0012", "3"])


@st.composite
def records(draw: st.DrawFn) -> Record:
    """A sample with other statuses, reasons, findings, exchanges and prices, and with some parts removed."""
    base = draw(st.sampled_from([record for record in SAMPLES if record.exchanges]))
    exchanges = [
        exchange.model_copy(update={"cost_usd": draw(PRICES), "attempts": draw(st.integers(1, 5))})
        for exchange in draw(st.lists(st.sampled_from(base.exchanges), max_size=3))
    ]
    tasks = {
        name: facts.model_copy(update={"status": draw(st.sampled_from(get_args(Status))), "reason": draw(REASONS)})
        for name, facts in base.tasks.items()
        if draw(st.booleans())
    }
    return base.model_copy(
        update={
            "status": draw(st.sampled_from(get_args(Status))),
            "reason": draw(REASONS),
            "source": draw(st.sampled_from([base.source, None])),
            "summary": draw(st.sampled_from([base.summary, None])),
            "tasks": tasks,
            "findings": draw(st.lists(FINDINGS, max_size=5)),
            "exchanges": exchanges,
            "cost_usd": draw(PRICES),
        }
    )


def assert_same_header(record: Record) -> None:
    header = header_of(record)
    assert header_of_line(record.to_json()) == header
    assert RecordHeader.from_json(header.to_json()) == header


@pytest.mark.parametrize("record", SAMPLES, ids=lambda record: record.article.name)
def test_a_record_and_its_line_have_the_same_header(record: Record) -> None:
    """And the header is the same after a round trip through JSON."""
    assert_same_header(record)


@settings(deadline=None)
@given(records())
def test_any_record_and_its_line_have_the_same_header(record: Record) -> None:
    """Reading a line copies status, reason and price and never computes them."""
    assert_same_header(record)


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
def test_merging_runs_keeps_one_record_per_file(
    earlier: list[RecordHeader], new: list[RecordHeader], expected: list[tuple[str | None, str | None]]
) -> None:
    """The earlier record, the new one, or both merged."""
    paths = {one.id: f"/in/{one.id}.txt" for one in (*earlier, *new)}

    def names(standing: MergeEntry) -> tuple[str | None, str | None]:
        return standing.earlier.id if standing.earlier else None, standing.new.id if standing.new else None

    assert [names(standing) for standing in merge_headers(earlier, new, paths, paths)] == expected


FAILED = header("unread", "failed", paid=False)
ANSWERED = header("answered")
EDITED = header("edited")
LATER = header("later", "pending", paid=False)
ONE_FILE = {"unread": "/in/a", "answered": "/in/a"}


@pytest.mark.parametrize(
    ("earlier", "new", "paths", "expected"),
    [
        pytest.param([FAILED, ANSWERED], [], ONE_FILE, [("answered", None)], id="before it"),
        pytest.param([ANSWERED, FAILED], [], ONE_FILE, [("answered", None)], id="after it"),
        pytest.param(
            [FAILED, ANSWERED], [], {"unread": "/in/a", "answered": "/in/b"}, [("unread", None), ("answered", None)],
            id="of another file",
        ),
        pytest.param(
            [FAILED, ANSWERED], [], {}, [("unread", None), ("answered", None)], id="of files that are not known",
        ),
        pytest.param(
            [FAILED, ANSWERED], [EDITED], {**ONE_FILE, "edited": "/in/a"}, [(None, "edited")], id="with a new answer",
        ),
        pytest.param(
            [FAILED, ANSWERED], [LATER], {**ONE_FILE, "later": "/in/a"}, [("answered", None)], id="with no new answer",
        ),
    ],
)  # fmt: skip
def test_a_failed_row_is_dropped_when_its_file_has_an_answer(
    earlier: list[RecordHeader],
    new: list[RecordHeader],
    paths: dict[str, str],
    expected: list[tuple[str | None, str | None]],
) -> None:
    """A killed run can leave both. The answer stays, with one row for the file. Any other failed row stays."""
    before = {id_: path for id_, path in paths.items() if id_ in {one.id for one in earlier}}
    now = {id_: path for id_, path in paths.items() if id_ in {one.id for one in new}}
    standing = merge_headers(earlier, new, before, now)
    assert [(one.earlier.id if one.earlier else None, one.new.id if one.new else None) for one in standing] == expected
