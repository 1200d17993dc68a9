"""OUT, the store, the folder of recordings or the decisions are removed during a run. The run notices and reports it
with exit 7, and nothing that was paid for is lost.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dragoman.errors import StoreError
from dragoman.output import folder as out
from dragoman.output.folder import OutputFolder
from tests.support.commands import Ended, articles, files, here, records, run_facts, stored, text, to
from tests.support.folders import save_decisions
from tests.support.service import Service

MANY = 6
AT = 3
"""Number of the request during which something is removed."""

Act = Callable[[Path], object]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put rescued replies into a folder of the test."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))


def wait_until_written(folder: Path, *, articles: int) -> None:
    """Wait until the pages of this many articles are in a folder and nothing changes in it any more."""
    before: dict[str, bytes] | None = None
    for _ in range(200):  # ten seconds, of which a loaded machine may need some
        try:
            now = files(folder) if folder.is_dir() else {}
        except FileNotFoundError:  # a temporary file that was renamed meanwhile
            now = {}
        if now == before and sum(name.startswith("articles/") for name in now) >= articles:
            return
        before = now
        time.sleep(0.05)


@contextmanager
def disturbed(tmp_path: Path, act: Act, *options: object) -> Iterator[tuple[Ended, Service, tuple[object, ...]]]:
    """Run a command and apply ``act`` to ``tmp_path`` during its third request, when nothing is being written: an act
    of two steps must look like one to the run. Returns its result, the service and the command.
    """

    def script(number: int, _: dict[str, Any]) -> None:
        if number == AT:
            wait_until_written(tmp_path / "out", articles=AT - 1)
            act(tmp_path)

    (tmp_path / "data").mkdir(exist_ok=True)
    with Service(script=script) as service:
        where = ("-o", tmp_path / "out", *to(service, tmp_path / "data/store.sqlite"), "--concurrency", "1")
        command = ("run", articles(tmp_path / "in", MANY), *where, *options)
        yield here(*command), service, command


def another_out(place: Path) -> None:
    """Replace OUT by a copy: the same files in another folder."""
    (place / "out").rename(place / "old")
    shutil.copytree(place / "old", place / "out")


def a_file(place: Path) -> None:
    shutil.rmtree(place / "out")
    (place / "out").write_text("mine")


def a_link(place: Path) -> None:
    (place / "out").rename(place / "old")
    (place / "elsewhere").mkdir()
    (place / "out").symlink_to(place / "elsewhere")


OUT_GOES: dict[str, Act] = {
    "deleted": lambda place: shutil.rmtree(place / "out"),
    "moved": lambda place: (place / "out").rename(place / "old"),
    "replaced by a copy": another_out,
    "replaced by a file": a_file,
    "replaced by a link to another folder": a_link,
}


@pytest.mark.parametrize("act", OUT_GOES.values(), ids=OUT_GOES)
def test_an_out_that_disappears_during_a_run_is_reported_and_not_replaced(act: Act, tmp_path: Path) -> None:
    """Exit 7, no traceback, no further request. The same command creates OUT and pays only for the remaining
    articles.
    """

    def acting(place: Path) -> None:
        act(place)
        seen.update(files(place / "out") if (place / "out").is_dir() else {})

    seen: dict[str, bytes] = {}
    with disturbed(tmp_path, acting) as (done, service, command):
        assert (done.code, "Traceback" in done.stderr) == (7, False), done.stderr
        assert f"the folder {tmp_path / 'out'} was moved, deleted or replaced" in done.stderr
        assert service.paid <= AT + 1
        assert stored(tmp_path / "data/store.sqlite")["exchanges"] == service.paid
        out_folder = tmp_path / "out"
        assert (files(out_folder) if out_folder.is_dir() else {}) == seen
        if out_folder.is_symlink() or out_folder.is_file():
            out_folder.unlink()
        assert here(*command).code == 0
        assert service.paid == MANY
        assert [record["status"] for record in records(out_folder)] == ["ok"] * MANY


def test_a_run_continues_when_out_is_moved_to_another_disk_and_replaced_by_a_link(tmp_path: Path) -> None:
    """The link leads to the same folder."""

    def act(place: Path) -> None:
        (place / "out").rename(place / "big")
        (place / "out").symlink_to(place / "big")

    with disturbed(tmp_path, act) as (done, _, _):
        assert done.code == 0, done.stderr
    assert len(records(tmp_path / "big")) == MANY


@pytest.mark.parametrize("name", ["articles", "sources"])
def test_a_folder_of_out_that_disappears_during_a_run_is_created_by_the_next_run(name: str, tmp_path: Path) -> None:
    """The first run does not create it silently, because it could not restore the files that it had written there."""
    with disturbed(tmp_path, lambda place: shutil.rmtree(place / "out" / name)) as (done, service, command):
        assert (done.code, "Traceback" in done.stderr) == (7, False), done.stderr
        assert here(*command).code == 0
        assert service.paid == MANY
    ids = {record["article"]["id"] for record in records(tmp_path / "out")}
    assert {path.stem for path in (tmp_path / "out" / name).iterdir()} == ids


def all_of_it(place: Path) -> None:
    for path in (place / "data").iterdir():
        path.unlink()


def another_store(place: Path) -> None:
    all_of_it(place)
    with Service() as other:
        folder = articles(place / "other", 1)
        (folder / "a00.txt").write_text(text(50), "utf-8")
        assert here("run", folder, "-o", place / "other-out", *to(other, place / "data/store.sqlite")).code == 0


def no_store(place: Path) -> None:
    all_of_it(place)
    (place / "data/store.sqlite").write_text("not a store")


STORE_GOES: dict[str, Act] = {
    "deleted": all_of_it,
    "deleted with its folder": lambda place: shutil.rmtree(place / "data"),
    "deleted but for its log": lambda place: (place / "data/store.sqlite").unlink(),
    "moved": lambda place: (place / "data").rename(place / "elsewhere"),
    "replaced by another store": another_store,
    "replaced by something else": no_store,
}


@pytest.mark.parametrize("act", STORE_GOES.values(), ids=STORE_GOES)
def test_a_store_that_disappears_during_a_run_loses_no_reply(act: Act, tmp_path: Path) -> None:
    """Exit 7 after at most the request in flight. All replies that this run bought are rescued and named; once they are
    in a store again, they are not paid for again.
    """
    with disturbed(tmp_path, act) as (done, service, command):
        assert (done.code, "Traceback" in done.stderr) == (7, False), done.stderr
        assert "was moved, deleted or replaced while this command used it" in done.stderr
        assert service.paid == AT
        (folder,) = (tmp_path / "tmp").glob("dragoman-rescued-*")
        facts = run_facts(tmp_path / "out")
        assert (facts["rescued"], facts["lost"], facts["rescued_to"]) == (AT, 0, str(folder))
        assert facts["replies_received"] == AT
        assert f"dragoman store import {folder}" in done.stderr
        # Before that, a run names the folder and sends nothing, whatever else the new store lacks.
        if not any((tmp_path / "data").glob("store.sqlite*")):
            early = here(*command)
            assert (early.code, service.paid) == (7, AT)
            assert f"dragoman store import {folder}" in early.stderr
        # Follow the advice: remove the new store and import the rescued replies.
        shutil.rmtree(tmp_path / "data", ignore_errors=True)
        assert here("store", "import", folder, "--store", tmp_path / "data/store.sqlite").code == 0
        done = here(*command)
        assert done.code == 0, done.stderr
        assert service.paid == MANY
    assert [record["status"] for record in records(tmp_path / "out")] == ["ok"] * MANY


def test_a_store_that_disappears_after_the_last_reply_is_noticed_at_the_end(tmp_path: Path) -> None:
    """No later commit would notice it, so the end of the run checks that its replies can be found."""
    original = OutputFolder.finish

    def finish(self: OutputFolder) -> Any:
        all_of_it(tmp_path)
        return original(self)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(OutputFolder, "finish", finish)
        with disturbed(tmp_path, lambda _: None) as (ended, service, _):
            paid = service.paid
        assert paid == MANY
        assert ended.code == 7
        assert run_facts(tmp_path / "out")["rescued"] == MANY
    assert [record["status"] for record in records(tmp_path / "out")] == ["ok"] * MANY


def test_summarize_whose_store_disappears_is_exit_7_and_its_reply_is_rescued(tmp_path: Path, store_path: Path) -> None:
    """The same holds for a single article."""
    folder = articles(tmp_path / "in", 1)
    with Service(script=lambda *_: store_path.unlink()) as service:
        done = here("summarize", folder / "a00.txt", *to(service, store_path))
        assert (done.code, done.stdout) == (7, "")
    (place,) = (tmp_path / "tmp").glob("dragoman-rescued-*")
    assert str(place) in done.stderr
    assert len(list(place.iterdir())) == 1


def test_a_log_without_its_store_is_not_mixed_into_a_new_store(tmp_path: Path, store_path: Path) -> None:
    """SQLite would apply the log of the old store to the new one. Exit 7, nothing is sent, and the files to move are
    named.
    """
    log = tmp_path / "store.sqlite-wal"
    log.write_bytes(b"pages of another store")
    with Service() as service:
        command = ("run", articles(tmp_path / "in", 1), "-o", tmp_path / "out", *to(service, store_path))
        done = here(*command)
        assert (done.code, service.ledger) == (7, ())
        assert "store.sqlite-wal" in done.stderr
        assert not store_path.exists()
        log.unlink()
        assert here(*command).code == 0


def test_a_folder_of_recordings_that_disappears_during_a_run_is_reported(tmp_path: Path) -> None:
    """Exit 7, because earlier recordings are lost with the folder. The same command writes all recordings without
    paying.
    """
    recorded = tmp_path / "recorded"
    with disturbed(tmp_path, lambda _: shutil.rmtree(recorded), "--record", recorded) as (done, service, command):
        assert done.code == 7
        assert f"the folder {recorded} was moved, deleted or replaced" in done.stderr
        assert here(*command).code == 0
        assert service.paid == MANY
    assert len(list(recorded.iterdir())) == MANY


def test_decisions_that_become_unreadable_during_a_run_are_reported_and_records_are_written(tmp_path: Path) -> None:
    """Exit 7, not a usage error, because the run has paid. The same command then builds what is missing without
    paying.
    """
    with disturbed(tmp_path, lambda place: (place / "out/decisions.json").write_text("{")) as (done, service, command):
        assert (done.code, "Traceback" in done.stderr) == (7, False), done.stderr
        assert "decisions.json" in done.stderr
        assert len(records(tmp_path / "out")) == MANY
        save_decisions(tmp_path / "out")
        assert here(*command).code == 0
        assert service.paid == MANY
    assert (tmp_path / "out/report.html").exists()


def test_decisions_made_while_the_report_is_built_are_in_the_next_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report that was built without them does not count as built from them."""
    from dragoman.output.html import report

    original = report.ReportWriter.finish

    def finish(self: report.ReportWriter) -> Path:
        save_decisions(tmp_path / "out")
        return original(self)

    monkeypatch.setattr(report.ReportWriter, "finish", finish)
    with disturbed(tmp_path, lambda _: None) as (done, _, command):
        assert done.code == 0
        before = run_facts(tmp_path / "out")["built"]["decisions"]
        monkeypatch.undo()
        assert here(*command).code == 0
    assert before is None
    assert run_facts(tmp_path / "out")["built"]["decisions"] is not None


def test_a_full_folder_keeps_the_paths_of_its_existing_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk fills up at the end of a run: exit 7. Articles that are edited afterwards still have one record each."""
    folder = articles(tmp_path / "in", 3)

    def edit(word: str) -> None:
        for path in folder.iterdir():
            path.write_text(path.read_text("utf-8") + f"\nThêm câu {word}.\n", "utf-8")

    def full(path: Path, **_: object) -> None:
        raise StoreError(f"{path} cannot be written: No space left on device")

    with Service() as service:
        command = ("run", folder, "-o", tmp_path / "out", *to(service, tmp_path / "store.sqlite"))
        assert here(*command).code == 0
        edit("một")
        with monkeypatch.context() as patched:
            patched.setattr(out, "replacing", full)
            assert here(*command).code == 7
        edit("hai")
        assert here(*command).code == 0
        assert service.paid == 9
    recorded = records(tmp_path / "out")
    assert [record["article"]["name"] for record in recorded] == ["a00.txt", "a01.txt", "a02.txt"]
    assert run_facts(tmp_path / "out")["inputs"].keys() == {record["article"]["id"] for record in recorded}


def test_a_refresh_with_fresh_continues_where_it_was_stopped(tmp_path: Path, store_path: Path) -> None:
    """`--fresh` discards records, not paid replies, so the same command buys only what is left."""
    with Service() as service:
        command = ("run", articles(tmp_path / "in", 4), "-o", tmp_path / "out", *to(service, store_path))
        assert here(*command).code == 0
        again = (*command, "--refresh", "--fresh", "--concurrency", "1")
        assert here(*again, "--max-cost", "0.20").code == 5
        assert 4 < service.paid < 8
        assert here(*again).code == 0
        assert service.paid == 8


# Two commands at once in one folder, and leftovers of killed commands.


@pytest.mark.parametrize("name", ["run", "check", "report"])
def test_a_second_command_on_one_out_is_rejected(name: str, tmp_path: Path, store_path: Path) -> None:
    """The later command would overwrite the records of the first. Exit 7, nothing is sent, and OUT is unchanged."""
    with Service() as service:
        command = ("run", articles(tmp_path / "in", 1), "-o", tmp_path / "out", *to(service, store_path))
        assert here(*command).code == 0
        articles(tmp_path / "in", 2)
        before = files(tmp_path / "out")
        with OutputFolder(tmp_path / "out"):
            done = here(*(command if name == "run" else (name, tmp_path / "out")))
        assert done.code == 7
        assert f"another dragoman command is writing into {tmp_path / 'out'}" in done.stderr
        assert (files(tmp_path / "out"), service.paid) == (before, 1)
        assert here(*command).code == 0


@pytest.mark.parametrize("name", ["run", "check", "report"])
def test_temporary_files_of_killed_commands_are_removed(name: str, tmp_path: Path, store_path: Path) -> None:
    """This holds for OUT and the folder of recordings. Files that only look similar stay."""
    part = f".dragoman-{'0f' * 16}.part"
    with Service() as service:
        command = ("run", articles(tmp_path / "in", 1), "-o", tmp_path / "out", *to(service, store_path))
        command = (*command, "--record", tmp_path / "recorded")
        assert here(*command).code == 0
        mine = [tmp_path / "out/.dragoman-notes.md", tmp_path / "out/articles/mine.part"]
        parts = [tmp_path / "out" / folder / part for folder in (".", "sources", "articles", "tables")]
        parts += [tmp_path / "recorded" / part] if name == "run" else []
        for path in (*mine, *parts):
            path.write_text("half")
        waiting = tmp_path / "out/tables/.dragoman-abcd1234"
        waiting.mkdir()
        (waiting / "claims").write_text("half")
        assert here(*(command if name == "run" else (name, tmp_path / "out"))).code == 0
    assert [path for path in (*parts, waiting) if path.exists()] == []
    assert all(path.exists() for path in mine)


# An OUT that a killed earlier version left.


def test_pending_records_without_a_known_file_go_once_the_file_is_answered(tmp_path: Path, store_path: Path) -> None:
    """An earlier version wrote records before the paths of their files, and left such records when it was killed in
    between.
    """
    with Service() as service:
        command = ("run", articles(tmp_path / "in", MANY), "-o", tmp_path / "out", *to(service, store_path))
        assert here(*command, "--max-cost", "0.18", "--concurrency", "1").code == 5
        facts = run_facts(tmp_path / "out")
        (tmp_path / "out/run.json").write_text(json.dumps({**facts, "inputs": {}}), "utf-8")
        assert here(*command).code == 0
    assert [record["status"] for record in records(tmp_path / "out")] == ["ok"] * MANY
    assert len(list((tmp_path / "out/articles").iterdir())) == MANY


def test_an_edited_article_whose_file_is_not_known_has_one_record(tmp_path: Path, store_path: Path) -> None:
    """The paths name a record that no longer exists, and only this record can have replaced it."""
    folder = articles(tmp_path / "in", 2)
    with Service() as service:
        command = ("run", folder, "-o", tmp_path / "out", *to(service, store_path))
        assert here(*command).code == 0
        before = run_facts(tmp_path / "out")
        for word in ("một", "hai"):
            path = folder / "a00.txt"
            path.write_text(path.read_text("utf-8") + f"\nThêm câu {word}.\n", "utf-8")
            assert here(*command).code == 0
            left = {**run_facts(tmp_path / "out"), "inputs": before["inputs"]}
            (tmp_path / "out/run.json").write_text(json.dumps(left), "utf-8")
    assert [record["article"]["name"] for record in records(tmp_path / "out")] == ["a00.txt", "a01.txt"]


def test_answers_whose_files_are_not_known_are_kept(tmp_path: Path, store_path: Path) -> None:
    """Two folders have files of the same name and no `run.json`, so nothing says which record belongs to which."""
    with Service() as service:
        for name, word in (("one", "một"), ("two", "hai")):
            folder = articles(tmp_path / name, 1)
            path = folder / "a00.txt"
            path.write_text(path.read_text("utf-8") + f"\nThêm câu {word}.\n", "utf-8")
            assert here("run", folder, "-o", tmp_path / "out", *to(service, store_path)).code == 0
            (tmp_path / "out/run.json").unlink()
    assert len(records(tmp_path / "out")) == 2
