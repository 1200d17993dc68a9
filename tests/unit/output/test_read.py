"""Reading an output folder: its records, one article by id or name, and source texts that fit their offsets."""

from __future__ import annotations

from pathlib import Path

import pytest

from dragoman.core.record import Record
from dragoman.core.run_report import RunReport
from dragoman.errors import ConfigError
from dragoman.output.paths import source_path
from dragoman.output.read import find_record, read_records, read_source
from dragoman.output.run_file import write_run
from tests.support.folders import sample_folder, write_records
from tests.support.report_builders import record_of


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return sample_folder(tmp_path / "out")


def with_ids(tmp_path: Path, number: int) -> Path:
    """A folder of records with the ids ``same-0``, ``same-1`` and so on."""
    record = record_of(["một"])[0]
    made = [
        record.model_copy(update={"article": record.article.model_copy(update={"id": f"same-{n}", "name": f"{n}.txt"})})
        for n in range(number)
    ]
    return write_records(tmp_path / "out", made)


@pytest.mark.parametrize(("number", "named", "more"), [(2, 2, False), (5, 5, False), (6, 5, True)])
def test_an_ambiguous_start_of_an_id_names_up_to_five_articles(
    number: int, named: int, more: bool, tmp_path: Path
) -> None:
    """More ids would not help, so an ellipsis stands for the rest."""
    with pytest.raises(ConfigError) as raised:
        find_record(with_ids(tmp_path, number), "same")
    message = str(raised.value)
    assert f"{number} articles begin with same" in message
    assert message.count("same-") == named
    assert message.endswith(", …") is more


def test_the_exact_id_of_an_article_is_never_ambiguous(tmp_path: Path) -> None:
    """``same-1`` is an id of its own, even if ``same-10`` exists."""
    folder = with_ids(tmp_path, 11)
    assert find_record(folder, "same-1").article.name == "1.txt"
    assert find_record(folder, "10.txt").article.id == "same-10"


def test_a_folder_of_an_unfinished_run_is_told_from_any_other_folder(tmp_path: Path) -> None:
    """The message says to continue the run, and not that this is no output folder."""
    with pytest.raises(ConfigError, match="is not an output folder"):
        list(read_records(tmp_path))
    write_run(tmp_path, RunReport(dragoman="0.1.0"))
    with pytest.raises(ConfigError, match="has no records yet"):
        list(read_records(tmp_path))


def first(out: Path) -> Record:
    return next(iter(read_records(out)))


def test_a_source_comes_with_its_paragraphs(out: Path) -> None:
    """The text of the file, and the paragraphs of the record."""
    record = first(out)
    source = read_source(out, record)
    assert source is not None
    assert record.source is not None
    assert source.text == source_path(out, record.article.id).read_bytes().decode()
    assert [(paragraph.start, paragraph.end) for paragraph in source.paragraphs] == record.source.paragraphs


@pytest.mark.parametrize("change", [b"x", b"x" * 100_000], ids=["one byte", "longer than any text of this length"])
def test_a_source_text_that_was_changed_is_refused(change: bytes, out: Path) -> None:
    """Its offsets no longer fit."""
    record = first(out)
    path = source_path(out, record.article.id)
    path.write_bytes(path.read_bytes() + change)
    with pytest.raises(ConfigError, match="was changed"):
        read_source(out, record)


def test_a_record_that_contains_its_text_needs_no_file(tmp_path: Path) -> None:
    """As `dragoman summarize` prints it."""
    record, source = record_of(["một hai"])
    assert record.source is not None
    assert source is not None
    inline = record.model_copy(update={"source": record.source.model_copy(update={"text": source.text, "file": None})})
    loaded = read_source(None, inline)
    assert loaded is not None
    assert loaded.text == "một hai"


def test_a_record_without_a_source_has_none(tmp_path: Path) -> None:
    """The file could not be read when the article was processed."""
    record = record_of(["một"])[0].model_copy(update={"source": None})
    assert read_source(tmp_path, record) is None
