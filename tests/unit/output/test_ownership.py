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


THEIRS = {
    "a report": "report.html",
    "a part of one": "report-1.html",
    "an index": "index.md",
    "tables": "tables/mine.csv",
    "tables that are no folder": "tables",
    "articles": "articles/mine.md",
    "sources": "sources/mine.py",
    "the facts of another program": "run.json",
}


@pytest.mark.parametrize("name", THEIRS.values(), ids=THEIRS)
@pytest.mark.parametrize("options", [(), ("--fresh",)], ids=["", "--fresh"])
def test_files_of_somebody_else_are_never_written_over(
    name: str, options: tuple[str, ...], tmp_path: Path, service: Service, store_path: Path
) -> None:
    """A project's own folder given for OUT: exit 2 before anything is paid, and all is as it was."""
    place = tmp_path / "proj" / name
    place.parent.mkdir(parents=True)
    place.write_text('{"my": "own"}')
    done = here("run", articles(tmp_path / "in", 1), "-o", tmp_path / "proj", *to(service, store_path), *options)
    named = tmp_path / "proj" / name.split("/")[0]
    assert (done.code, service.ledger) == (2, ())
    assert done.stderr == f"dragoman: {named} exists and was not written by Dragoman. Choose another output folder\n"
    assert files(tmp_path / "proj") == {name: b'{"my": "own"}'}


@pytest.mark.parametrize("name", ["README.md", "reports.html", "report-final.html", "notes/index.md", "run.json.bak"])
def test_a_folder_with_other_files_may_be_out(name: str, tmp_path: Path, service: Service, store_path: Path) -> None:
    """What no run writes over is in nobody's way, and stays."""
    place = tmp_path / "proj" / name
    place.parent.mkdir(parents=True)
    place.write_text("mine")
    (tmp_path / "proj" / "tables").mkdir()
    command = ("run", articles(tmp_path / "in", 1), "-o", tmp_path / "proj", *to(service, store_path))
    assert (here(*command).code, here(*command).code, service.paid) == (0, 0, 1)
    assert place.read_text() == "mine"


@pytest.mark.parametrize("gone", ["records.jsonl", "run.json"])
def test_a_folder_that_a_run_began_goes_on(gone: str, tmp_path: Path, service: Service, store_path: Path) -> None:
    """Killed before its records stood there, or copied without the facts: either of the two says that it is ours."""
    command = ("run", articles(tmp_path / "in", 1), "-o", tmp_path / "out", *to(service, store_path))
    assert here(*command).code == 0
    (tmp_path / "out" / gone).unlink()
    assert (here(*command).code, service.paid) == (0, 1)


def test_the_first_thing_in_a_folder_says_whose_it_is(tmp_path: Path) -> None:
    """A run that is killed as soon as it has begun leaves a folder that the next one takes for its own."""
    with OutputFolder(tmp_path / "out"):
        assert is_output_folder(tmp_path / "out")
        assert set(files(tmp_path / "out")) == {"run.json"}


@pytest.mark.parametrize("content", ["not JSON", "[]", '{"schema": "another"}'])
def test_another_run_json_is_not_ours(content: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(content)
    assert not is_output_folder(tmp_path)
