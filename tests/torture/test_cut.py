"""A command is cut before any of its writes into OUT. After one complete run, OUT is as if the cut had not happened.

A child process counts what it does to OUT (each file it creates, renames or removes, each folder it creates) and is
killed before one of these steps. Between the two runs articles are edited and added.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dragoman.core.record import Record
from dragoman.runs import session
from tests.support.commands import articles, files, here, records, run_facts, text, to
from tests.support.service import Service

from .amount import ALL, only_all
from .odd import with_prelude

MANY = 5
KILL = "os.kill(os.getpid(), signal.SIGKILL)"
CTRL_C_TWICE = "[(os.kill(os.getpid(), signal.SIGINT), time.sleep(0.01)) for _ in range(200)]"

# All replies get the same time, because records contain it and are compared letter for letter.
FROZEN = """
from datetime import UTC, datetime
from dragoman.runs import session
from dataclasses import replace
real = session.timing_of
session.timing_of = lambda settings: replace(real(settings), now=lambda: datetime(2026, 1, 1, tzinfo=UTC))
"""
STEPS = """
import os, signal, sys, time
out, cut, log = {out!r}, {cut}, {log!r}
done = 0
def step(name, path):
    global done
    if not os.path.abspath(os.fspath(path)).startswith(out + os.sep):
        return
    done += 1
    with real_open(log, "a") as steps:
        steps.write(name + " " + os.fspath(path)[len(out) + 1:] + "\\n")
    if done == cut:
        {how}
import builtins
real_open = builtins.open
def counted(name, real, position):
    def call(*arguments, **named):
        if name != "open" or arguments[1] & os.O_CREAT:
            step(name, arguments[position])
        return real(*arguments, **named)
    return call
os.open = counted("open", os.open, 0)
os.mkdir = counted("mkdir", os.mkdir, 0)
os.unlink = counted("unlink", os.unlink, 0)
os.replace = counted("replace", os.replace, 1)
"""


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    real, moment = session.timing_of, datetime(2026, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(session, "timing_of", lambda settings: replace(real(settings), now=lambda: moment))


def cut_at(number: int, out: Path, *command: object, home: Path, how: str = KILL) -> list[str]:
    """Run a command whose process ends before step ``number`` of what it does to ``out`` (0 for no cut).

    Returns the steps it reached.
    """
    log = home / "steps"
    log.unlink(missing_ok=True)
    prelude = FROZEN + STEPS.format(out=str(out), cut=number, log=str(log), how=how)
    process = with_prelude(prelude, *command, home=home)
    _, output = process.communicate(timeout=120)
    assert b"Traceback" not in output, output.decode()
    steps = log.read_text().splitlines() if log.exists() else []
    if number:
        assert process.returncode in (-9, 130), (number, process.returncode, output.decode())
        assert len(steps) >= number
    return steps


def state(out: Path) -> dict[str, Any]:
    """Return the content of a folder, apart from the facts of the latest run and the times of files."""
    snapshot: dict[str, Any] = dict(files(out))
    del snapshot["run.json"]
    facts = run_facts(out)
    built = facts["built"]
    snapshot["built"] = (built["records"], built["decisions"], sorted(built["files"]))
    snapshot["inputs"], snapshot["notes"], snapshot["folders"] = facts["inputs"], facts["notes"], sorted(
        path.name for path in out.iterdir() if path.is_dir()
    )  # fmt: skip
    return snapshot


def sound(out: Path) -> None:
    """Check that each article occurs once, with its page and its source, and that nothing belongs to no record."""
    out_records = records(out)
    names = [record["article"]["name"] for record in out_records]
    assert sorted(set(names)) == sorted(names)
    ids = {record["article"]["id"] for record in out_records}
    assert {path.stem for path in (out / "articles").iterdir()} == ids
    assert {path.stem for path in (out / "sources").iterdir()} <= ids
    assert run_facts(out)["inputs"].keys() == ids
    assert [name for name in files(out) if ".dragoman-" in name or name.endswith(".part")] == []


def edited(path: Path, word: str) -> None:
    path.write_text(path.read_text("utf-8") + f"\nHôm nay có thêm câu {word} ở cuối bài.\n", "utf-8")


@dataclass(frozen=True)
class Story:
    """A folder of articles with its first OUT and store. ``run`` is a run that the budget stops; ``later`` is the
    complete run after it.
    """

    place: Path
    service: Service

    @property
    def folder(self) -> Path:
        return self.place / "in"

    def command(self, place: Path, *options: object) -> tuple[object, ...]:
        """Return a run over the articles into ``place`` with its store, one article at a time."""
        where = ("-o", place / "out", *to(self.service, place / "store.sqlite"), "--concurrency", "1")
        return ("run", self.folder, *where, *options)

    def begin(self) -> None:
        """Make a first complete run. One file is skipped, and one is removed afterwards and stays in OUT."""
        articles(self.folder, MANY)
        (self.folder / "empty.txt").write_bytes(b"")
        done = here(*self.command(self.place / "base"))
        assert done.code == 0, done.stderr

    def copy(self, label: str) -> Path:
        """Copy the first OUT and its store."""
        shutil.copytree(self.place / "base", self.place / label)
        return self.place / label

    def change(self) -> None:
        """Change the articles as a person might before the run that is cut."""
        edited(self.folder / "a00.txt", "một")
        edited(self.folder / "a03.txt", "hai")
        (self.folder / "a04.txt").unlink()
        for number in range(3):
            (self.folder / f"n{number}.txt").write_text(text(50 + number), "utf-8")

    def change_again(self) -> None:
        """Change them after that run. New articles are last in the folder, because records keep the order in which they
        came to OUT.
        """
        edited(self.folder / "a00.txt", "ba")
        edited(self.folder / "n0.txt", "bốn")
        (self.folder / "z.txt").write_text(text(90), "utf-8")


STOPPED = ("--max-cost", "0.20")
"""Enough for some of the five requests of the run that is cut; the remaining articles become pending records."""


@pytest.fixture
def story(tmp_path: Path, frozen: None) -> Iterator[Story]:
    with Service() as service:
        made = Story(tmp_path, service)
        made.begin()
        yield made


def steps_to_try(steps: list[str], few: tuple[int, ...]) -> list[int]:
    """Return the steps to try: all of them, or those around the replacement of the records, and the first and last."""
    if ALL:
        return list(range(1, len(steps) + 1))
    moment = steps.index("replace records.jsonl") + 1
    return sorted({max(1, min(len(steps), moment + number)) for number in few} | {len(steps)})


@pytest.mark.parametrize("how", [KILL, pytest.param(CTRL_C_TWICE, marks=only_all)], ids=["kill -9", "Ctrl-C twice"])
def test_a_run_cut_at_any_write_leaves_no_trace_after_one_complete_run(how: str, story: Story) -> None:
    """Records, pages, tables, report and inputs are the same as after two undisturbed runs: nothing is stale, double or
    left behind.
    """
    story.change()
    place = story.copy("undisturbed")
    steps = cut_at(0, place / "out", *story.command(place, *STOPPED), home=story.place)
    statuses = [record["status"] for record in records(place / "out")]
    assert statuses.count("pending") >= 2
    sound(place / "out")
    numbers = steps_to_try(steps, few=(-20, -1, 0, 1, 5))
    if how == CTRL_C_TWICE:
        numbers = numbers[::5]  # it ends the process like the kill does
    cut = []
    for number in numbers:
        after = story.copy(f"cut{number}")
        cut_at(number, after / "out", *story.command(after, *STOPPED), home=story.place, how=how)
        cut.append((number, after))
    story.change_again()
    done = here(*story.command(place))
    assert done.code == 0, done.stderr
    sound(place / "out")
    expected = state(place / "out")
    wrong = []
    for number, after in cut:
        done = here(*story.command(after))
        assert done.code == 0, done.stderr
        actual = state(after / "out")
        if actual != expected:
            names = sorted(name for name in {*actual, *expected} if actual.get(name) != expected.get(name))
            wrong.append((number, steps[number - 1], names))
    assert wrong == []


BUILDING: dict[str, Callable[[Path], tuple[object, ...]]] = {
    "check": lambda place: ("check", place / "out", "--store", place / "store.sqlite"),
    "report": lambda place: ("report", place / "out"),
}


@pytest.mark.parametrize("then", ["the same command", "a run"])
@pytest.mark.parametrize("name", BUILDING)
def test_check_and_report_cut_at_any_write_leave_no_trace_either(name: str, then: str, story: Story) -> None:
    """The same command completes OUT, and so does a run, whichever files were already written."""
    out = story.place / "base/out"
    stale(out, records_too=name == "check")
    place = story.copy("undisturbed")
    steps = cut_at(0, place / "out", *BUILDING[name](place), home=story.place)
    expected = state(place / "out")
    sound(place / "out")
    assert expected["index.md"] != (out / "index.md").read_bytes()
    # Nothing changes until `run.json` says that a build is in progress, so stale pages stay stale.
    first = steps.index("replace run.json") + 2
    numbers = list(range(first, len(steps) + 1)) if ALL else [first, len(steps) // 2, len(steps)]
    wrong = []
    for number in numbers:
        after = story.copy(f"cut{number}")
        cut_at(number, after / "out", *BUILDING[name](after), home=story.place)
        done = here(*(BUILDING[name](after) if then == "the same command" else story.command(after)))
        assert done.code == 0, done.stderr
        actual = state(after / "out")
        if actual != expected:
            names = sorted(part for part in {*actual, *expected} if actual.get(part) != expected.get(part))
            wrong.append((number, steps[number - 1], names))
    assert wrong == []


def stale(out: Path, *, records_too: bool) -> None:
    """Replace the pages, and optionally the records, by those of an earlier version. `run.json` looks as if they had
    been built this way.
    """
    if records_too:
        lines = (out / "records.jsonl").read_text("utf-8").splitlines()
        # A record without replies is not checked again and stays unchanged.
        older = [
            record.model_copy(update={"dragoman": "0.0.1"}) if record.exchanges else record
            for record in map(Record.model_validate_json, lines)
        ]
        (out / "records.jsonl").write_bytes(b"".join(record.to_line() + b"\n" for record in older))
    for path in (*(out / "articles").iterdir(), out / "index.md", out / "report.html", *(out / "tables").iterdir()):
        path.write_bytes(path.read_bytes() + b"older\n")
    facts = run_facts(out)
    for name in facts["built"]["files"]:
        seen = (out / name).stat()
        facts["built"]["files"][name] = [seen.st_size, seen.st_mtime_ns]
    (out / "run.json").write_text(json.dumps(facts), "utf-8")
