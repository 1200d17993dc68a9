"""Paid replies that the store did not accept are reported before an error can hide them, and can be imported again."""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dragoman.asking.counters import Counters
from dragoman.asking.rescue import Rescue, RescueReporter
from dragoman.core.run_report import RunReport
from dragoman.errors import BugAfterRescue, ConfigError, Interrupted, RepliesRescued, StoreError
from dragoman.output import folder as folders
from dragoman.output import markdown, run_file, tables
from dragoman.output.html import report
from dragoman.runs import remaining, run, run_json
from dragoman.store import recordings, seals
from dragoman.store.recordings import Recordings
from dragoman.store.sqlite.file import store_error
from dragoman.store.sqlite.store import Store
from tests.support.builders import exchange_of, request_of
from tests.support.commands import Ended, articles, here, run_facts, to
from tests.support.service import Service

MANY = 3


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as started:
        yield started


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put rescued replies below the test's own folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@contextmanager
def full_disk() -> Iterator[None]:
    """No store accepts a reply while this lasts."""

    def refuse(store: Store, *_: object, **__: object) -> None:
        raise store_error(store.path, sqlite3.OperationalError("database or disk is full"))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Store, "save", refuse)
        yield


def import_folders(done: Ended) -> set[str]:
    """The folders of `dragoman store import` commands on stderr."""
    return {shlex.split(found)[3] for found in re.findall(r"`(dragoman store import [^`]+)`", done.stderr)}


def failing(error: BaseException) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise error

    return fail


def after(calls: int, real: Callable[..., Any], error: BaseException) -> Callable[..., Any]:
    """A function that works ``calls`` times and raises ``error`` after that."""
    left = [calls]

    def call(*args: Any, **keywords: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise error
        return real(*args, **keywords)

    return call


STEPS: dict[str, tuple[object, str]] = {
    "adding a record": (folders.OutputFolder, "add"),
    "putting the records in place": (folders.OutputFolder, "finish"),
    "joining them": (folders, "merge_headers"),
    "forgetting old files": (folders.OutputFolder, "_remove_stale_files"),
    "the index": (markdown, "index_page"),
    "the report": (report.ReportWriter, "finish"),
    "the tables": (tables, "open_tables"),
    "the facts": (run, "report_at_end"),
    "what is left": (run_json, "estimate_remaining"),
    "what is left, its plan": (remaining, "planner_of"),
    "the number of rows": (Store, "highest_row_ever"),
    "closing": (Store, "close"),
}
ERRORS: dict[str, type[Exception]] = {
    "of the store": StoreError,
    "of settings": ConfigError,
    "of the disk": OSError,
    "a bug": RuntimeError,
}


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
@pytest.mark.parametrize(("owner", "name"), STEPS.values(), ids=STEPS)
def test_an_ending_that_fails_still_names_the_folder_of_paid_replies(
    owner: object, name: str, error: type[Exception], tmp_path: Path, service: Service, store_path: Path
) -> None:
    """Whichever step fails, in whatever way: folder and command are printed first, and the next run pays for nothing
    twice.
    """
    command = ("run", articles(tmp_path / "in", MANY), "-o", tmp_path / "out", *to(service, store_path))
    with full_disk(), pytest.MonkeyPatch.context() as patched:
        # Before the first request, the store is asked for its number of rows twice.
        times = 2 if name == "highest_row_ever" else 0
        patched.setattr(owner, name, after(times, getattr(owner, name), error("it broke")))
        done = here(*command)
    paid = service.paid
    assert paid >= 1
    (folder,) = import_folders(done)
    assert len(list(Recordings(Path(folder)))) == paid
    assert done.code in (1, 7)
    if done.code == 1 and error is RuntimeError:
        assert "RuntimeError: it broke\n" in done.stderr
        assert "dragoman.errors.BugAfterRescue: RuntimeError: it broke. Paid replies" in done.stderr
    first = next(line for line in done.stderr.splitlines() if folder in line)
    assert first.startswith("the store cannot take a paid reply. It is saved in ")
    assert "articles" not in done.stderr.split(first)[0]  # the ending printed nothing before
    assert run_facts(tmp_path / "out")["rescued_to"] == folder
    again = here(*command)
    assert (again.code, service.paid) == (0, MANY), again.stderr


def test_a_run_json_that_cannot_be_written_hides_nothing(tmp_path: Path, service: Service, store_path: Path) -> None:
    """The next run would look there. Without it the notice on stderr still names the import, which helps."""
    command = ("run", articles(tmp_path / "in", MANY), "-o", tmp_path / "out", *to(service, store_path))
    with full_disk(), pytest.MonkeyPatch.context() as patched:
        # Two writes succeed: one claims the folder, one notes that the run has begun. No later write succeeds.
        patched.setattr(folders, "write_run", after(2, run_file.write_run, StoreError("it broke")))
        done = here(*command)
    (folder,) = import_folders(done)
    assert done.code == 7
    paid = service.paid
    assert here("store", "import", folder, "--store", store_path).code == 0
    assert (here(*command).code, service.paid) == (0, MANY)
    assert paid >= 1


@pytest.mark.parametrize("name", ["close", None])
def test_summarize_names_the_folder_too(name: str | None, tmp_path: Path, service: Service, store_path: Path) -> None:
    """It has no output folder in which it could be noted."""
    command = ("summarize", articles(tmp_path / "in", 1) / "a00.txt", *to(service, store_path))
    with full_disk(), pytest.MonkeyPatch.context() as patched:
        if name is not None:
            patched.setattr(Store, name, failing(StoreError("it broke")))
        done = here(*command)
    assert (done.code, done.stdout) == (7, "")
    (folder,) = import_folders(done)
    assert done.stderr.startswith(f"the store cannot take a paid reply. It is saved in {folder}")
    assert here("store", "import", folder, "--store", store_path).code == 0
    assert (here(*command).code, service.paid) == (0, 1)


def test_the_json_log_has_one_event_for_it(tmp_path: Path, service: Service, store_path: Path) -> None:
    """It has the folder and the command, and comes before the event of the run."""
    folder = articles(tmp_path / "in", MANY)
    with full_disk():
        done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path), "--log-format", "json")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    (rescued,) = [event for event in events if event["event"] == "rescued"]
    assert shlex.split(rescued["command"])[3] == rescued["folder"]
    assert [event["event"] for event in events].index("rescued") < [event["event"] for event in events].index("run")
    assert len(list(Recordings(Path(rescued["folder"])))) == service.paid


def rescue_with_a_reply(tmp_path: Path, counters: Counters | None = None) -> Rescue:
    """A rescue that has saved one reply."""
    rescue = Rescue(tmp_path / "store.db", counters or Counters(), tmp_path / "rescued")
    rescue.save(exchange_of(), StoreError("the disk is full"))
    return rescue


def raise_under_reporter(rescue: Rescue | None, error: BaseException) -> None:
    """Raise an error inside a `RescueReporter`."""
    with RescueReporter() as reporter:
        reporter.rescue = rescue
        raise error


def test_a_bug_is_the_cause_of_the_exception_that_names_the_folder(tmp_path: Path) -> None:
    """The traceback shows both. The bug itself is not changed, and it is still reported as a bug."""
    bug = ZeroDivisionError("a bug")
    with pytest.raises(BugAfterRescue) as caught:
        raise_under_reporter(rescue_with_a_reply(tmp_path), bug)
    assert caught.value.__cause__ is bug
    assert vars(bug) == {}
    assert bug.args == ("a bug",)
    assert str(caught.value).startswith("ZeroDivisionError: a bug. Paid replies that the store did not accept (1) ")
    assert f"`dragoman store import {tmp_path / 'rescued'} --store {tmp_path / 'store.db'}`" in str(caught.value)


@pytest.mark.parametrize("error", [ZeroDivisionError("a bug"), StoreError("locked")], ids=["a bug", "a store error"])
@pytest.mark.parametrize("rescue", [None, "empty"])
def test_an_error_is_not_changed_if_nothing_was_rescued(rescue: str | None, error: Exception, tmp_path: Path) -> None:
    """Both before the rescue is created and while it holds nothing."""
    with pytest.raises(type(error)) as caught:
        raise_under_reporter(None if rescue is None else Rescue(tmp_path / "store.db", Counters(), None), error)
    assert caught.value is error


@pytest.mark.parametrize(
    "error", [BrokenPipeError(), KeyboardInterrupt(), Interrupted("stopped")], ids=lambda error: type(error).__name__
)
def test_a_closed_pipe_or_an_interrupt_is_no_bug(error: BaseException, tmp_path: Path) -> None:
    """`| head` and Ctrl-C end a command quietly; the rescued reply was reported when it was rescued."""
    with pytest.raises(type(error)) as caught:
        raise_under_reporter(rescue_with_a_reply(tmp_path), error)
    assert caught.value is error


def test_only_the_first_rescued_reply_is_reported(tmp_path: Path) -> None:
    """With its folder and the command; every one is saved."""
    reports: list[tuple[Path, str]] = []
    rescue = Rescue(tmp_path / "store.db", Counters(), tmp_path / "rescued")
    rescue.on_rescue = lambda folder, command: reports.append((folder, command))
    for number in range(3):
        error = rescue.save(exchange_of(request_of(f"{number}")), StoreError("the disk is full"))
        assert isinstance(error, RepliesRescued)
    assert reports == [
        (tmp_path / "rescued", f"dragoman store import {tmp_path / 'rescued'} --store {tmp_path / 'store.db'}")
    ]
    assert len(list(Recordings(tmp_path / "rescued"))) == 3


def test_a_reply_that_can_be_saved_nowhere_is_counted_as_lost(tmp_path: Path) -> None:
    """The message says so, and what was wrong with the second folder."""
    counters = Counters()
    (tmp_path / "rescued").write_text("a file in the way", "utf-8")
    error = Rescue(tmp_path / "store.db", counters, tmp_path / "rescued").save(
        exchange_of(), StoreError("full", "make room")
    )
    assert str(error).startswith("full. A paid reply is lost: ")
    assert (counters.rescued, counters.lost) == (0, 1)


# Output folders from elsewhere


def foreign(tmp_path: Path, out: Path, secret: bytes | None = None) -> Path:
    """A folder of recordings from elsewhere, and an OUT whose `run.json` names it."""
    folder = tmp_path / "foreign"
    recordings.write(folder, exchange_of(request_of("made up"), cost_usd="0.01"), secret)
    out.mkdir()
    run_file.write_run(out, RunReport(dragoman="0.1.0", rescued_to=str(folder)))
    return folder


@pytest.mark.parametrize("secret", [None, b"x" * 32], ids=["without a mark", "with the mark of another store"])
def test_recordings_without_the_mark_of_this_store_are_not_imported(
    secret: bytes | None, tmp_path: Path, service: Service, store_path: Path
) -> None:
    """An OUT from elsewhere may name any folder. Nothing in it counts as a reply of Claude, and the message says how to
    continue.
    """
    out = tmp_path / "out"
    folder = foreign(tmp_path, out, secret)
    command = ("run", articles(tmp_path / "in", 1), "-o", out, *to(service, store_path))
    done = here(*command)
    assert (done.code, service.paid) == (7, 0)
    assert (
        f"paid replies are in {folder}; 1 recording there was not imported, for lack of the mark of the store"
        in done.stderr
    )
    assert import_folders(done) == {str(folder)}
    assert "as real replies of the service" in done.stderr
    with Store(store_path) as store:
        assert list(store.exchanges()) == []
    continued = here(*command, "--buy-again")
    assert (continued.code, service.paid) == (0, 1), continued.stderr
    assert f"1 paid reply in {folder} was not imported, for lack of the mark of this store" in continued.stderr
    with Store(store_path) as store:
        assert {exchange.article for exchange in store.exchanges()} == {"a00.txt"}


def test_a_run_continues_after_an_explicit_import(tmp_path: Path, service: Service, store_path: Path) -> None:
    """The import is the user's own decision."""
    out = tmp_path / "out"
    folder = foreign(tmp_path, out)
    command = ("run", articles(tmp_path / "in", 1), "-o", out, *to(service, store_path))
    assert here(*command).code == 7
    done = here("store", "import", folder, "--store", store_path)
    assert done.code == 0
    assert "imported replies now count as replies of the service, at their recorded price" in done.stderr
    assert (here(*command).code, service.paid) == (0, 1)


@pytest.mark.parametrize("named", [["a list"], 5, "\0", "x" * 5000, "/dev/null", "/nowhere/at/all"])
def test_a_value_that_is_no_path_is_ignored(named: object, tmp_path: Path, service: Service, store_path: Path) -> None:
    """Whatever the `run.json` of another program has there."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "run.json").write_text(json.dumps({"dragoman": "0.1.0", "rescued_to": named}), "utf-8")
    done = here("run", articles(tmp_path / "in", 1), "-o", out, *to(service, store_path))
    assert (done.code, service.paid) == (0, 1), done.stderr


def test_files_without_the_name_of_a_recording_are_not_read(tmp_path: Path, service: Service, store_path: Path) -> None:
    """An OUT from elsewhere cannot get other folders listed: messages would show the names of their files."""
    out, folder = tmp_path / "out", tmp_path / "private"
    folder.mkdir()
    (folder / "secrets.json").write_text("{}", "utf-8")
    out.mkdir()
    run_file.write_run(out, RunReport(dragoman="0.1.0", rescued_to=str(folder)))
    done = here("run", articles(tmp_path / "in", 1), "-o", out, *to(service, store_path))
    assert done.code == 0
    assert "secrets.json" not in done.stderr


def test_fresh_does_not_forget_replies_that_were_paid_for(tmp_path: Path, service: Service, store_path: Path) -> None:
    """--fresh concerns OUT; the replies that the store did not accept belong to the store."""
    command = ("run", articles(tmp_path / "in", MANY), "-o", tmp_path / "out", *to(service, store_path))
    with full_disk():
        assert here(*command).code == 7
    paid = service.paid
    done = here(*command, "--fresh")
    assert (done.code, service.paid) == (0, MANY), done.stderr
    assert f"{paid} paid repl" in done.stderr


def test_a_marked_recording_that_was_changed_is_named_and_not_imported(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """The mark covers the whole recording."""
    command = ("run", articles(tmp_path / "in", 1), "-o", tmp_path / "out", *to(service, store_path))
    with full_disk():
        assert here(*command).code == 7
    (saved,) = Path(run_facts(tmp_path / "out")["rescued_to"]).iterdir()
    value = json.loads(saved.read_text("utf-8"))
    changed = replace(recordings.read(saved), cost_usd="0").to_json()
    saved.write_text(json.dumps({**value, **changed}), "utf-8")
    done = here(*command)
    assert (done.code, service.paid) == (0, 2)
    assert f"recording {saved} cannot be used: its checksum does not match" in done.stderr


def test_a_mark_does_not_fit_another_content(tmp_path: Path) -> None:
    """A person who changes a marked recording can recompute its checksum, but not its mark."""
    path = recordings.write(tmp_path, exchange_of(cost_usd="0.01"), b"s" * 32)
    value = json.loads(path.read_text("utf-8"))
    forged = {**seals.sealed({**value, "cost_usd": "0"}), seals.MARK: value[seals.MARK]}
    resealed = {**forged, seals.CHECKSUM: seals._checksum(seals._without(forged, seals.CHECKSUM))}
    seals.check(resealed)
    assert seals.is_marked(value, b"s" * 32)
    assert not seals.is_marked(resealed, b"s" * 32)
