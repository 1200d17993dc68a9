"""A run writes only into folders in which it overwrites nothing that Dragoman did not write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dragoman.output.folder import OutputFolder
from dragoman.output.ownership import is_output_folder
from tests.support.commands import articles, files, here, to
from tests.support.service import Service


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


FOREIGN_FILES = {
    "a report": "report.html",
    "a part of one": "report-1.html",
    "an index": "index.md",
    "tables": "tables/mine.csv",
    "a file named tables": "tables",
    "articles": "articles/mine.md",
    "sources": "sources/mine.py",
    "run.json of another program": "run.json",
}


@pytest.mark.parametrize("name", FOREIGN_FILES.values(), ids=FOREIGN_FILES)
@pytest.mark.parametrize("options", [(), ("--fresh",)], ids=["", "--fresh"])
def test_files_of_somebody_else_are_never_written_over(
    name: str, options: tuple[str, ...], tmp_path: Path, service: Service, store_path: Path
) -> None:
    """A project's own folder as OUT: exit 2 before anything is paid, and nothing in it changes."""
    place = tmp_path / "proj" / name
    place.parent.mkdir(parents=True)
    place.write_text('{"my": "own"}')
    done = here("run", articles(tmp_path / "in", 1), "-o", tmp_path / "proj", *to(service, store_path), *options)
    named = tmp_path / "proj" / name.split("/")[0]
    assert (done.code, service.ledger) == (2, ())
    assert done.stderr == f"dragoman: {named} exists and was not written by Dragoman. Choose another output folder\n"
    assert files(tmp_path / "proj") == {name: b'{"my": "own"}'}


@pytest.mark.parametrize("name", ["README.md", "reports.html", "report-final.html", "notes/index.md", "run.json.bak"])
def test_files_at_other_places_do_not_matter(name: str, tmp_path: Path, service: Service, store_path: Path) -> None:
    """Files that no run would overwrite stay, and the folder can be used."""
    place = tmp_path / "proj" / name
    place.parent.mkdir(parents=True)
    place.write_text("mine")
    (tmp_path / "proj" / "tables").mkdir()
    command = ("run", articles(tmp_path / "in", 1), "-o", tmp_path / "proj", *to(service, store_path))
    assert (here(*command).code, here(*command).code, service.paid) == (0, 0, 1)
    assert place.read_text() == "mine"


@pytest.mark.parametrize("gone", ["records.jsonl", "run.json"])
def test_a_folder_with_records_or_run_json_belongs_to_dragoman(
    gone: str, tmp_path: Path, service: Service, store_path: Path
) -> None:
    """Killed before its records were in place, or copied without run.json: the next run continues."""
    command = ("run", articles(tmp_path / "in", 1), "-o", tmp_path / "out", *to(service, store_path))
    assert here(*command).code == 0
    (tmp_path / "out" / gone).unlink()
    assert (here(*command).code, service.paid) == (0, 1)


def test_the_first_file_in_a_folder_marks_it_as_an_output_folder(tmp_path: Path) -> None:
    """Even a run that is killed at once leaves a folder that the next run accepts."""
    with OutputFolder(tmp_path / "out"):
        assert is_output_folder(tmp_path / "out")
        assert set(files(tmp_path / "out")) == {"run.json"}


@pytest.mark.parametrize("content", ["not JSON", "[]", '{"schema": "another"}'])
def test_a_run_json_of_another_program_marks_no_output_folder(content: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(content)
    assert not is_output_folder(tmp_path)
