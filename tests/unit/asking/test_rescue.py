"""Paid replies that the store did not take: their place is named before an error can hide it, and they come back."""

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
from dragoman.asking.rescue import Naming, Rescue
from dragoman.core.run_report import RunReport
from dragoman.errors import BugAfterRescue, ConfigError, Interrupted, RepliesRescued, StoreError
from dragoman.output import folder as folders
from dragoman.output import markdown, tables
from dragoman.output.html import report
from dragoman.runs import remaining, run_json
from dragoman.store import recordings, seals
from dragoman.store.recordings import Recordings
from dragoman.store.sqlite.file import trouble
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
    """Rescued replies go below the test's own folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@contextmanager
def full_disk() -> Iterator[None]:
    """No store takes a reply while this lasts."""

    def refuse(store: Store, *_: object, **__: object) -> None:
        raise trouble(store.path, sqlite3.OperationalError("database or disk is full"))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Store, "save", refuse)
        yield


def kept_in(done: Ended) -> set[str]:
    """The folders of `dragoman store import` commands on stderr."""
    return {shlex.split(found)[3] for found in re.findall(r"`(dragoman store import [^`]+)`", done.stderr)}


def failing(error: BaseException) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise error

    return fail


def after(calls: int, real: Callable[..., Any], error: BaseException) -> Callable[..., Any]:
    """A function that works so many times, and then no more."""
    left = [calls]

    def call(*given: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise error
        return real(*given, **named)

    return call


STEPS: dict[str, tuple[object, str]] = {
    "adding a record": (folders.OutputFolder, "add"),
    "putting the records in place": (folders.OutputFolder, "finish"),
    "joining them": (folders, "union"),
    "forgetting old files": (folders.OutputFolder, "_forget_others"),
    "the index": (markdown, "index"),
    "the report": (report.Pages, "finish"),
    "the tables": (tables, "writing"),
    "the facts": (run_json, "facts_of"),
    "what is left": (run_json, "left"),
    "what is left, its plan": (remaining, "planner_of"),
    "the number of rows": (Store, "newest_ever"),
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
def test_an_ending_that_fails_still_names_where_paid_replies_are(
    owner: object, name: str, error: type[Exception], tmp_path: Path, service: Service, store_path: Path
) -> None:
    """Whichever step of it fails, in whatever way: folder and command come first, and the next run pays for nothing
    twice."""
    command = ("run", articles(tmp_path / "in", MANY), "-o", tmp_path / "out", *to(service, store_path))
    with full_disk(), pytest.MonkeyPatch.context() as patched:
        # Before the first request, the store is asked for its number of rows twice.
        times = 2 if name == "newest_ever" else 0
        patched.setattr(owner, name, after(times, getattr(owner, name), error("it broke")))
        done = here(*command)
    paid = service.paid
    assert paid >= 1
    (folder,) = kept_in(done)
    assert len(list(Recordings(Path(folder)))) == paid
    assert done.code in (1, 7)
    if done.code == 1 and error is RuntimeError:
        assert "RuntimeError: it broke\n" in done.stderr
        assert "dragoman.errors.BugAfterRescue: RuntimeError: it broke. Paid replies" in done.stderr
    first = next(line for line in done.stderr.splitlines() if folder in line)
    assert first.startswith("the store cannot take a paid reply. It is saved in ")
    assert "articles" not in done.stderr.split(first)[0]  # nothing of the ending was said before
    assert run_facts(tmp_path / "out")["rescued_to"] == folder
    again = here(*command)
    assert (again.code, service.paid) == (0, MANY), again.stderr


def test_run_json_that_cannot_be_written_hides_nothing(tmp_path: Path, service: Service, store_path: Path) -> None:
    """It is where the next run would look. The notice on stderr is all there is then, and the import helps."""
    command = ("run", articles(tmp_path / "in", MANY), "-o", tmp_path / "out", *to(service, store_path))
    with full_disk(), pytest.MonkeyPatch.context() as patched:
        # The folder is made a run's, then the run is noted as begun; no later note succeeds.
        patched.setattr(folders, "write_run", after(2, folders.write_run, StoreError("it broke")))
        done = here(*command)
    (folder,) = kept_in(done)
    assert done.code == 7
    paid = service.paid
    assert here("store", "import", folder, "--store", store_path).code == 0
    assert (here(*command).code, service.paid) == (0, MANY)
    assert paid >= 1


@pytest.mark.parametrize("name", ["close", None])
def test_one_article_names_it_too(name: str | None, tmp_path: Path, service: Service, store_path: Path) -> None:
    """`summarize` has no folder to note it in."""
    command = ("summarize", articles(tmp_path / "in", 1) / "a00.txt", *to(service, store_path))
    with full_disk(), pytest.MonkeyPatch.context() as patched:
        if name is not None:
            patched.setattr(Store, name, failing(StoreError("it broke")))
        done = here(*command)
    assert (done.code, done.stdout) == (7, "")
    (folder,) = kept_in(done)
    assert done.stderr.startswith(f"the store cannot take a paid reply. It is saved in {folder}")
    assert here("store", "import", folder, "--store", store_path).code == 0
    assert (here(*command).code, service.paid) == (0, 1)


def test_the_log_for_machines_has_an_event_for_it(tmp_path: Path, service: Service, store_path: Path) -> None:
    """Once, with the folder and the command, before the event of the run."""
    folder = articles(tmp_path / "in", MANY)
    with full_disk():
        done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path), "--log-format", "json")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    (rescued,) = [event for event in events if event["event"] == "rescued"]
    assert shlex.split(rescued["command"])[3] == rescued["folder"]
    assert [event["event"] for event in events].index("rescued") < [event["event"] for event in events].index("run")
    assert len(list(Recordings(Path(rescued["folder"])))) == service.paid


def kept_elsewhere(tmp_path: Path, counters: Counters | None = None) -> Rescue:
    """A rescue that holds one reply."""
    rescue = Rescue(tmp_path / "store.db", counters or Counters(), tmp_path / "rescued")
    rescue.keep(exchange_of(), StoreError("the disk is full"))
    return rescue


def left_by(rescue: Rescue | None, error: BaseException) -> None:
    """An error leaves a block over which a rescue watches."""
    with Naming() as naming:
        naming.rescue = rescue
        raise error


def test_a_bug_stays_the_cause_of_what_says_where_the_replies_are(tmp_path: Path) -> None:
    """The traceback shows both; the bug itself is not changed, and no error of ours, so it is reported as a bug."""
    bug = ZeroDivisionError("a bug")
    with pytest.raises(BugAfterRescue) as caught:
        left_by(kept_elsewhere(tmp_path), bug)
    assert caught.value.__cause__ is bug
    assert vars(bug) == {}
    assert bug.args == ("a bug",)
    assert str(caught.value).startswith("ZeroDivisionError: a bug. Paid replies that the store did not take (1) are ")
    assert f"`dragoman store import {tmp_path / 'rescued'} --store {tmp_path / 'store.db'}`" in str(caught.value)


@pytest.mark.parametrize("error", [ZeroDivisionError("a bug"), StoreError("locked")], ids=["a bug", "of ours"])
@pytest.mark.parametrize("rescue", [None, "empty"])
def test_where_nothing_was_rescued_an_error_leaves_as_it_is(
    rescue: str | None, error: Exception, tmp_path: Path
) -> None:
    """Before the rescue is made, and while it holds nothing."""
    with pytest.raises(type(error)) as caught:
        left_by(None if rescue is None else Rescue(tmp_path / "store.db", Counters(), None), error)
    assert caught.value is error


@pytest.mark.parametrize(
    "error", [BrokenPipeError(), KeyboardInterrupt(), Interrupted("stopped")], ids=lambda error: type(error).__name__
)
def test_a_reader_or_a_person_who_leaves_is_no_bug(error: BaseException, tmp_path: Path) -> None:
    """`| head` and Ctrl-C end a command quietly; the rescued reply was announced when it was rescued."""
    with pytest.raises(type(error)) as caught:
        left_by(kept_elsewhere(tmp_path), error)
    assert caught.value is error


def test_the_first_rescued_reply_is_announced_and_no_later_one(tmp_path: Path) -> None:
    """With its folder and the command; every one is counted."""
    said: list[tuple[Path, str]] = []
    rescue = Rescue(tmp_path / "store.db", Counters(), tmp_path / "rescued")
    rescue.told = lambda folder, command: said.append((folder, command))
    for number in range(3):
        error = rescue.keep(exchange_of(request_of(f"{number}")), StoreError("the disk is full"))
        assert isinstance(error, RepliesRescued)
    assert said == [
        (tmp_path / "rescued", f"dragoman store import {tmp_path / 'rescued'} --store {tmp_path / 'store.db'}")
    ]
    assert len(list(Recordings(tmp_path / "rescued"))) == 3


def test_a_reply_that_can_be_kept_nowhere_is_counted_as_lost(tmp_path: Path) -> None:
    """The message says so, and what was wrong with the second place."""
    counters = Counters()
    (tmp_path / "rescued").write_text("a file in the way", "utf-8")
    error = Rescue(tmp_path / "store.db", counters, tmp_path / "rescued").keep(
        exchange_of(), StoreError("full", "make room")
    )
    assert str(error).startswith("full. A paid reply is lost: ")
    assert (counters.rescued, counters.lost) == (0, 1)


# What another folder says


def foreign(tmp_path: Path, out: Path, secret: bytes | None = None) -> Path:
    """A folder of recordings that somebody made, and an OUT whose `run.json` names it."""
    place = tmp_path / "foreign"
    recordings.write(place, exchange_of(request_of("made up"), cost_usd="0.01"), secret)
    out.mkdir()
    folders.write_run(out, RunReport(dragoman="0.1.0", rescued_to=str(place)))
    return place


@pytest.mark.parametrize("secret", [None, b"x" * 32], ids=["without a mark", "with the mark of another store"])
def test_recordings_that_another_store_or_nobody_marked_are_left_alone(
    secret: bytes | None, tmp_path: Path, service: Service, store_path: Path
) -> None:
    """An OUT from elsewhere names any folder: nothing of it becomes Claude's word, and the way on is said."""
    out = tmp_path / "out"
    place = foreign(tmp_path, out, secret)
    command = ("run", articles(tmp_path / "in", 1), "-o", out, *to(service, store_path))
    done = here(*command)
    assert (done.code, service.paid) == (7, 0)
    assert f"{place} as the place of paid replies; 1 recording there without the mark of the store" in done.stderr
    assert kept_in(done) == {str(place)}
    assert "as the service's own word, if you know where they come from" in done.stderr
    with Store(store_path) as store:
        assert list(store.exchanges()) == []
    went_on = here(*command, "--buy-again")
    assert (went_on.code, service.paid) == (0, 1), went_on.stderr
    assert f"1 paid reply in {place} without the mark of this store: left alone there" in went_on.stderr
    with Store(store_path) as store:
        assert {exchange.article for exchange in store.exchanges()} == {"a00.txt"}


def test_what_a_person_imported_is_no_longer_in_the_way(tmp_path: Path, service: Service, store_path: Path) -> None:
    """The explicit command is a person's decision; then the run goes on."""
    out = tmp_path / "out"
    place = foreign(tmp_path, out)
    command = ("run", articles(tmp_path / "in", 1), "-o", out, *to(service, store_path))
    assert here(*command).code == 7
    done = here("store", "import", place, "--store", store_path)
    assert done.code == 0
    assert "imported replies now count as replies of the service, at the price that they name" in done.stderr
    assert (here(*command).code, service.paid) == (0, 1)


@pytest.mark.parametrize("named", [["a list"], 5, "\0", "x" * 5000, "/dev/null", "/nowhere/at/all"])
def test_a_place_that_is_none_is_passed_over(named: object, tmp_path: Path, service: Service, store_path: Path) -> None:
    """Whatever a foreign `run.json` has there."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "run.json").write_text(json.dumps({"dragoman": "0.1.0", "rescued_to": named}), "utf-8")
    done = here("run", articles(tmp_path / "in", 1), "-o", out, *to(service, store_path))
    assert (done.code, service.paid) == (0, 1), done.stderr


def test_files_without_the_name_of_a_recording_are_not_even_looked_at(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """A foreign OUT cannot have other folders listed: their names would be in the messages."""
    out, place = tmp_path / "out", tmp_path / "private"
    place.mkdir()
    (place / "secrets.json").write_text("{}", "utf-8")
    out.mkdir()
    folders.write_run(out, RunReport(dragoman="0.1.0", rescued_to=str(place)))
    done = here("run", articles(tmp_path / "in", 1), "-o", out, *to(service, store_path))
    assert done.code == 0
    assert "secrets.json" not in done.stderr


def test_fresh_does_not_forget_replies_that_were_paid_for(tmp_path: Path, service: Service, store_path: Path) -> None:
    """--fresh is about OUT; what the store did not take is the store's."""
    command = ("run", articles(tmp_path / "in", MANY), "-o", tmp_path / "out", *to(service, store_path))
    with full_disk():
        assert here(*command).code == 7
    paid = service.paid
    done = here(*command, "--fresh")
    assert (done.code, service.paid) == (0, MANY), done.stderr
    assert f"{paid} paid repl" in done.stderr


def test_a_marked_recording_that_was_changed_is_named_and_not_taken(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """The mark covers all of it."""
    command = ("run", articles(tmp_path / "in", 1), "-o", tmp_path / "out", *to(service, store_path))
    with full_disk():
        assert here(*command).code == 7
    (kept,) = Path(run_facts(tmp_path / "out")["rescued_to"]).iterdir()
    value = json.loads(kept.read_text("utf-8"))
    changed = replace(recordings.read(kept), cost_usd="0").to_json()
    kept.write_text(json.dumps({**value, **changed}), "utf-8")
    done = here(*command)
    assert (done.code, service.paid) == (0, 2)
    assert f"recording {kept} cannot be used: its checksum does not fit" in done.stderr


def test_a_mark_does_not_fit_another_content(tmp_path: Path) -> None:
    """Whoever changes a marked recording can compute its checksum, and not its mark."""
    path = recordings.write(tmp_path, exchange_of(cost_usd="0.01"), b"s" * 32)
    value = json.loads(path.read_text("utf-8"))
    forged = {**seals.sealed({**value, "cost_usd": "0"}), seals.MARK: value[seals.MARK]}
    resealed = {**forged, seals.CHECKSUM: seals._checksum(seals._without(forged, seals.CHECKSUM))}
    seals.check(resealed)
    assert seals.is_marked(value, b"s" * 32)
    assert not seals.is_marked(resealed, b"s" * 32)
