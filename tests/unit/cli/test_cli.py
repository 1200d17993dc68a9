"""The command line from outside: stdout, stderr, exit codes, terminals and pipes."""

from __future__ import annotations

import json
import os
import re
import select
import shlex
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dragoman.__about__ import VERSION
from dragoman.core.published_schemas import record_schema
from dragoman.core.source import Step, replay
from dragoman.store.sqlite.file import store_error
from dragoman.store.sqlite.store import Store
from tests.support.commands import (
    RECORDINGS,
    REPLAY,
    SAMPLES,
    articles,
    dragoman,
    environment,
    here,
    records,
    run_facts,
    start,
    text,
    to,
    validate,
)
from tests.support.service import Service

SAMPLE = SAMPLES / "es-embalse.md"
COMMANDS = (
    ("run",), ("summarize",), ("translate",), ("inspect",), ("plan",), ("check",), ("report",), ("schema",),
    ("doctor",),
    ("prompts", "list"), ("prompts", "show"), ("prompts", "verify"),
    ("store", "stats"), ("store", "verify"), ("store", "export"), ("store", "prune"), ("store", "repair"),
)  # fmt: skip
ESCAPE = "\x1b"


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


# stdout is data, stderr is for people.


@pytest.mark.parametrize(("command", "task"), [("summarize", "summary"), ("translate", "translation")])
def test_a_record_is_one_line_that_fits_the_schema_and_nothing_else(command: str, task: str) -> None:
    """stdout has exactly one JSON line and stderr is empty. The record holds the requested task and the text that it
    points into.
    """
    done = here(command, SAMPLE, *REPLAY)
    assert (done.code, done.stderr) == (0, "")
    schema = json.loads(here("schema").stdout)
    jsonschema.Draft202012Validator(schema).validate(done.record)
    assert set(done.record["tasks"]) == {task}
    assert done.record[task] is not None
    assert done.record["source"]["file"] is None
    for start_, end in done.record["source"]["paragraphs"]:
        assert done.record["source"]["text"][start_:end].strip()


def test_quotes_of_a_record_are_in_its_own_text() -> None:
    """`summarize` needs no folder: offsets count in ``source.text``."""
    record = here("summarize", SAMPLE, *REPLAY).record
    exact = [claim for claim in record["summary"]["claims"] if claim["evidence"]["match"] == "exact"]
    assert exact
    for claim in exact:
        evidence = claim["evidence"]
        assert record["source"]["text"][evidence["start"] : evidence["end"]] == claim["quote"]


def test_markdown_is_for_people_and_goes_to_stdout_too() -> None:
    """`--format markdown` prints the page instead of the record."""
    done = here("summarize", SAMPLE, *REPLAY, "--format", "markdown")
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.startswith("# ")
    assert "## Claims" in done.stdout


@pytest.mark.parametrize("command", [("run",), ("check",), ("report",)], ids=" ".join)
def test_commands_that_write_files_print_nothing_on_stdout(command: tuple[str, ...], tmp_path: Path) -> None:
    """Their counts are for people and go to stderr."""
    out = tmp_path / "out"
    done = here("run", SAMPLE, "-o", out, *REPLAY)
    if command != ("run",):
        done = here(*command, out)
    assert (done.code, done.stdout) == (0, "")
    assert done.stderr.strip()


def test_the_last_lines_of_a_run_say_what_it_did_and_where_it_is(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """They state counts, requests, the money of this run and of OUT, and where to look."""
    out = tmp_path / "out"
    done = here("run", articles(tmp_path / "in", 2), "-o", out, *to(service, store_path))
    lines = done.stderr.splitlines()
    assert lines[0].startswith("2 articles: 2 ok")
    assert re.match(r"2 articles: 2 ok.*; took \d+\.\d s\n", done.stderr)
    assert re.search(
        r"2 requests sent, 0 replies from the store; \$0\.\d+ this run, \$0\.\d+ for all records in", done.stderr
    )
    assert str(out / "report.html") in lines[-1]
    assert str(out / "records.jsonl") in lines[-1]


@pytest.mark.parametrize(
    ("content", "kind", "media_type"),
    [
        (text(1).encode(), None, "text/plain"),
        (("<!doctype html><html><body><p>" + text(1) + "</p></body></html>").encode(), None, "text/html"),
        (b"\xef\xbb\xbf\n<html><body><p>" + text(1).encode() + b"</p></body></html>", None, "text/html"),
        (("<p>" + text(1)).encode(), "html", "text/html"),
        (("# Tin\n\n" + text(1)).encode(), "md", "text/markdown"),
        (text(1).encode("utf-16"), None, "text/plain"),
    ],
    ids=["text", "a page", "a page with a mark", "given as a page", "given as Markdown", "UTF-16"],
)
def test_the_type_of_standard_input_is_detected_or_given(
    content: bytes, kind: str | None, media_type: str, service: Service, store_path: Path
) -> None:
    """``-`` takes text, or a page if the input looks like one; `--type` overrides this."""
    options = ("--type", kind) if kind else ()
    done = here("summarize", "-", *options, *to(service, store_path), stdin=content)
    assert done.code == 0, done.stderr
    assert done.record["article"]["media_type"] == media_type
    assert done.record["article"]["name"] == "stdin"
    assert "Nguyễn Văn Minh" in done.record["source"]["text"]


def test_a_pipe_gives_the_same_record_as_the_file_except_for_its_name(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """Both are paid for once and have the same summary and evidence."""
    (tmp_path / "a.txt").write_text(text(1), "utf-8")
    one = here("summarize", tmp_path / "a.txt", *to(service, store_path)).record
    two = here("summarize", "-", *to(service, store_path), stdin=text(1).encode()).record
    assert one.pop("article")["sha256"] == two.pop("article")["sha256"]
    assert one == two
    assert service.paid == 1


# inspect


def test_inspect_shows_what_is_read_of_a_file() -> None:
    """stdout has name, language, script, paragraphs with their offsets, tokens and steps; stderr is empty."""
    done = here("inspect", SAMPLES / "vi-cang-nuoc-sau.txt")
    assert (done.code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("vi-cang-nuoc-sau.txt  (text/plain, ")
    assert "language vi, script Latn; decoded as utf-8" in lines[1]
    assert re.search(r"characters,? .*\d+ paragraphs, about [\d,]+ tokens", lines[2])
    assert re.search(r"^ +1 +0–\d+ +Cảng nước sâu Hòn Chớ", done.stdout, re.MULTILINE)


def test_inspect_shows_what_is_left_out_of_a_page() -> None:
    """Passages of a page that are not article text are listed with the reason."""
    done = here("inspect", SAMPLES / "ru-zerno.html", "--json")
    facts = json.loads(done.stdout)
    assert facts["left_out"]
    assert all(len(item) == 2 and item[1] for item in facts["left_out"])
    shown = here("inspect", SAMPLES / "ru-zerno.html").stdout
    assert f"{len(facts['left_out'])} passages left out" in shown
    for _, reason in facts["left_out"]:
        assert reason in shown


@pytest.mark.parametrize("path", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
def test_inspect_as_json_can_be_checked(path: Path) -> None:
    """Replaying the steps over the extracted text gives the text, and paragraphs are ranges of it."""
    facts = json.loads(here("inspect", path, "--json").stdout)
    extracted = facts["text"] if facts["extracted"] is None else facts["extracted"]
    assert replay(extracted, [Step(*step) for step in facts["steps"]]) == facts["text"]
    assert facts["characters"] == len(facts["text"])
    assert facts["estimated_tokens"] > 0
    for begin, end in facts["paragraphs"]:
        assert facts["text"][begin:end].strip() == facts["text"][begin:end] != ""


def test_inspect_reads_standard_input_and_agrees_with_the_record(service: Service, store_path: Path) -> None:
    """The id, language and paragraphs are those of the record of the same bytes."""
    content = (SAMPLES / "zh-hant-bandaoti.html").read_bytes()
    facts = json.loads(here("inspect", "-", "--json", stdin=content).stdout)
    record = here("summarize", "-", *to(service, store_path), stdin=content).record
    assert facts["media_type"] == record["article"]["media_type"] == "text/html"
    assert facts["id"] == record["article"]["id"]
    assert facts["text"] == record["source"]["text"]
    assert facts["language"] == record["source"]["language"] == "zh-Hant"
    assert facts["paragraphs"] == record["source"]["paragraphs"]


# Usage.


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_each_command_has_help_on_stdout(command: tuple[str, ...]) -> None:
    """`--help` ends with exit 0 and prints a sentence and the options, without markup."""
    done = here(*command, "--help")
    assert (done.code, done.stderr) == (0, "")
    assert re.match(rf"Usage: .*dragoman {' '.join(command)} ", done.stdout)
    assert ESCAPE not in done.stdout
    assert re.search(r"^ {2}[A-Z].+\w", done.stdout, re.MULTILINE)


def test_help_names_each_command_and_the_exit_codes() -> None:
    """`dragoman --help` gives an overview of the tool."""
    done = here("--help")
    assert done.code == 0
    for command in COMMANDS:
        assert f"  {command[0]} " in done.stdout
    for code in ("0", "2", "3", "4", "5", "6", "7", "130/143"):
        assert re.search(rf"\b{code} ", done.stdout)


def test_the_version_is_printed() -> None:
    """`--version` prints on stdout."""
    assert here("--version").stdout == f"dragoman {VERSION}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("run", str(SAMPLE)),
        ("run", "-o", "out"),
        ("run", str(SAMPLE), "-o", "out", "--nonsense"),
        ("run", str(SAMPLE), "-o", "out", "--provider", "openai"),
        ("run", str(SAMPLE), "-o", "out", "--task", "poem"),
        ("run", str(SAMPLE), "-o", "out", "--limit", "0"),
        ("run", str(SAMPLE), "-o", "out", "--concurrency", "0", *REPLAY),
        ("run", str(SAMPLE), "-o", "out", "--concurrency", "-1", *REPLAY),
        ("run", str(SAMPLE), "-o", "out", "--concurrency", "1001", *REPLAY),
        ("run", str(SAMPLE), "-o", "out", "--timeout", "0", *REPLAY),
        ("run", str(SAMPLE), "-o", "out", "--timeout", "-5", *REPLAY),
        ("run", str(SAMPLE), "-o", "out", "--timeout", "nan", *REPLAY),
        ("run", str(SAMPLE), "-o", "out", "--timeout", "inf", *REPLAY),
        ("run", str(SAMPLE), "-o", "out", "--max-cost", "0", *REPLAY),
        ("run", str(SAMPLE), "-o", "out", "--max-cost", "-1", *REPLAY),
        ("run", str(SAMPLE), "-o", "out", "--max-cost", "much", *REPLAY),
        ("run", str(SAMPLE), "-o", "out", "--max-cost", "NaN", *REPLAY),
        ("run", str(SAMPLE), "-o", "out", "--prompt", "summary/v99", *REPLAY),
        ("run", str(SAMPLE), "-o", "out", "--prompt", "translation/v1", *REPLAY),
        ("run", str(SAMPLE), "-o", "out", "--prompts", "nowhere", *REPLAY),
        ("run", str(SAMPLE), "-o", "out", "--store", "~nobody-here/x", "--provider", "anthropic"),
        ("run", str(SAMPLE), "-o", "out", "--inference-profile", "moon", *REPLAY),
        ("run", str(SAMPLE), "-o", "out", "--provider", "replay"),
        ("run", str(SAMPLE), "-o", "out", "--provider", "replay", "--recordings", "nowhere"),
        ("run", str(SAMPLE), "-o", "out", *REPLAY, "--refresh"),
        ("run", str(SAMPLE), "-o", "out", *REPLAY, "--retry"),
        ("run", str(SAMPLE), "-o", "out", "--model=", *REPLAY),
        ("run", str(SAMPLE), "-o", "", *REPLAY),
        ("run", "", "-o", "out", *REPLAY),
        ("summarize", str(SAMPLE), *REPLAY, "--format", "html"),
        ("plan", str(SAMPLE), *REPLAY, "--exact"),
        ("check", "nowhere"),
        ("report", "nowhere"),
        ("store", "stats", "--store", "nowhere.sqlite"),
        ("store", "export", "dir", "--store", "nowhere.sqlite"),
        ("store", "prune", "--store", "nowhere.sqlite"),
        ("store", "repair", "--store", "nowhere.sqlite"),
        ("prompts", "show", "summary/v99"),
        ("prompts", "list", "--prompts", "nowhere"),
    ],
    ids=lambda arguments: " ".join(arguments[2:] if str(SAMPLE) in arguments else arguments).split(" --recordings")[0],
)
def test_wrong_arguments_are_exit_2_before_anything_happens(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line says what is wrong. There is nothing on stdout, no traceback and no file."""
    monkeypatch.chdir(tmp_path)
    done = here(*arguments)
    assert (done.code, done.stdout) == (2, ""), done.stderr[-500:]
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_setting_is_named_with_its_origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the place to fix: flag, environment or file."""
    monkeypatch.chdir(tmp_path)
    run = ("run", SAMPLE, "-o", tmp_path / "out", *REPLAY)
    assert "--concurrency" in here(*run, "--concurrency", "5000").stderr
    monkeypatch.setenv("DRAGOMAN_CONCURRENCY", "many")
    done = here(*run)
    assert done.code == 2
    assert "DRAGOMAN_CONCURRENCY" in done.stderr
    assert "'many'" in done.stderr
    monkeypatch.delenv("DRAGOMAN_CONCURRENCY")
    (tmp_path / "dragoman.toml").write_text("concurrency = 5000\n")
    assert "dragoman.toml" in here(*run).stderr
    (tmp_path / "dragoman.toml").write_text("concurency = 5\n")
    done = here(*run)
    assert done.code == 2
    assert "concurency" in done.stderr
    (tmp_path / "dragoman.toml").write_text("not toml")
    assert here(*run).code == 2


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("--model=",), "--model is empty: leave it out, or give a value"),
        (("--model", ""), "--model is empty: leave it out, or give a value"),
        (("--max-cost", ""), "--max-cost is empty: leave it out, or give a value"),
        (("--store=", "--retry"), "--store is empty: leave it out, or give a value"),
        (("--prompt", "summary/v1", "--prompt", ""), "--prompt is empty: leave it out, or give a value"),
        (("-o", ""), "-o is empty: leave it out, or give a value"),
        (("",), "the argument after s.sqlite is empty: leave it out, or give a value"),
        (("--", ""), "the argument after -- is empty: leave it out, or give a value"),
        (("--base-url=x=", "--", "--model="), None),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_an_empty_argument_is_no_default(
    given: tuple[str, ...], says: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: Service
) -> None:
    """`--model="$UNSET"` does not select the default model, and `run "$UNSET"` does not read the current folder."""
    folder = articles(tmp_path / "in", 1)
    monkeypatch.chdir(tmp_path)
    done = here("run", folder, "-o", "out", *to(service, Path("s.sqlite")), *given)
    assert (done.code, service.ledger) == (2, ())
    assert (done.stderr == f"dragoman: {says}\n") is (says is not None), done.stderr
    assert " is empty" in done.stderr or says is None


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("DRAGOMAN_max_cost", "0.01", "the environment variable DRAGOMAN_max_cost must be spelled DRAGOMAN_MAX_COST"),
        ("DRAGOMAN_MAX_COST", "", "DRAGOMAN_MAX_COST is empty: unset it, or give a value"),
    ],
)
def test_a_misspelt_cap_is_refused_before_anything_is_paid(
    variable: str, value: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: Service
) -> None:
    """Exit 2 with a line that names the correct variable; nothing is sent."""
    folder = articles(tmp_path / "in", 1)
    monkeypatch.setenv(variable, value)
    for command in (("run", folder, "-o", tmp_path / "out"), ("summarize", folder / "a00.txt")):
        done = here(*command, *to(service, tmp_path / "s.sqlite"))
        assert (done.code, done.stdout, done.stderr) == (2, "", f"dragoman: {says}\n")
    assert service.ledger == ()


def test_flags_override_the_environment_which_overrides_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project can set its recordings once, and paths in the file are relative to it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "played").mkdir()
    for path in RECORDINGS.iterdir():
        (tmp_path / "played" / path.name).write_bytes(path.read_bytes())
    (tmp_path / "dragoman.toml").write_text('provider = "replay"\nrecordings = "played"\ntasks = ["translation"]\n')
    done = here("run", SAMPLE, "-o", tmp_path / "out")
    assert done.code == 0, done.stderr
    assert set(records(tmp_path / "out")[0]["tasks"]) == {"translation"}
    monkeypatch.setenv("DRAGOMAN_TASKS", "summary,translation")
    here("run", SAMPLE, "-o", tmp_path / "out")
    assert set(records(tmp_path / "out")[0]["tasks"]) == {"summary", "translation"}
    here("run", SAMPLE, "-o", tmp_path / "out", "--task", "summary", "--fresh")
    assert set(records(tmp_path / "out")[0]["tasks"]) == {"summary"}


# Other commands about dragoman itself.


def test_the_schema_is_valid_and_rejects_anything_but_a_record() -> None:
    """`dragoman schema` prints a schema of draft 2020-12 that is strict about fields."""
    schema = json.loads(here("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    record = here("summarize", SAMPLE, *REPLAY).record
    validate(record)
    without_source = {name: value for name, value in record.items() if name != "source"}
    for wrong in ({**record, "more": 1}, {**record, "status": "fine"}, without_source):
        with pytest.raises(jsonschema.ValidationError):
            validate(wrong)


def test_prompts_are_listed_shown_and_verified() -> None:
    """The list has one line per prompt with digest and state; `show` prints the file unchanged, with the schema of the
    answer.
    """
    listed = here("prompts", "list")
    assert listed.code == 0
    names = [line.split()[0] for line in listed.stdout.splitlines()]
    assert names == ["reask/v1", "repair/v1", "summary/v1", "translation/v1"]
    assert "not released" not in listed.stdout
    shown = here("prompts", "show", "summary/v1")
    assert shown.stdout.startswith("+++\n")
    assert shown.stdout == here("prompts", "show", "summary").stdout
    schema = json.loads(here("prompts", "show", "summary", "--schema").stdout)
    assert "claims" in schema["properties"]
    verified = here("prompts", "verify")
    assert (verified.code, verified.stdout) == (0, "4 prompts; every released one is unchanged\n")


def test_an_edited_released_prompt_is_exit_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`prompts verify` names it and says what to do."""
    copy = tmp_path / "prompts"
    for path in (SAMPLES.parents[1] / "prompts").rglob("*"):
        if path.is_file():
            place = copy / path.relative_to(SAMPLES.parents[1] / "prompts")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
    edited = copy / "summary" / "v1.md"
    edited.write_text(edited.read_text("utf-8").replace("An analyst", "A reader"), "utf-8")
    monkeypatch.setattr("dragoman.tasks.prompts.released_folder", lambda: copy)
    done = here("prompts", "verify")
    assert (done.code, done.stdout) == (2, "")
    assert "summary/v1 was edited" in done.stderr
    assert "summary/v2.md" in done.stderr


def test_the_store_is_counted_verified_and_pruned(tmp_path: Path, service: Service, store_path: Path) -> None:
    """`stats` (also as JSON), `verify` and `prune` write data to stdout and messages to stderr, and remove nothing
    without `--yes`.
    """
    here("run", articles(tmp_path / "in", 2), "-o", tmp_path / "out", *to(service, store_path))
    stats = here("store", "stats", "--store", store_path)
    assert (stats.code, stats.stderr) == (0, "")
    assert "2 replies for 2 articles" in stats.stdout
    facts = json.loads(here("store", "stats", "--json", "--store", store_path).stdout)
    assert (facts["exchanges"], facts["articles"], facts["unknown_cost"]) == (2, 2, 0)
    assert facts["by_provider"]["custom"]["exchanges"] == 2
    verified = here("store", "verify", "--store", store_path)
    assert (verified.code, verified.stderr) == (0, "")
    assert "2 replies" in verified.stdout

    choices: list[tuple[str, ...]] = [("--all",), ("--before", "2999-01-01"), ("--article", "a00.txt")]
    for options in choices:
        asked = here("store", "prune", *options, "--store", store_path)
        assert (asked.code, asked.stdout) == (0, "")
        assert "nothing was removed" in asked.stderr
    wrong: list[tuple[str, ...]] = [("--article", "nobody"), ("--before", "yesterday"), ()]
    for options in wrong:
        assert here("store", "prune", *options, "--store", store_path).code == 2
    done = here("store", "prune", "--all", "--yes", "--store", store_path)
    assert done.code == 0
    assert done.stderr.endswith("removed\n")
    assert json.loads(here("store", "stats", "--json", "--store", store_path).stdout)["exchanges"] == 0
    assert here("store", "repair", "--store", store_path).code == 2  # nothing is wrong with it


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Make a method of every store report a full disk, until the test ends."""

    def fill(method: str) -> None:
        def refuse(store: Store, *_: object, **__: object) -> None:
            raise store_error(store.path, sqlite3.OperationalError("database or disk is full"))

        monkeypatch.setattr(Store, method, refuse)

    yield fill
    monkeypatch.undo()


@pytest.mark.parametrize("recording", [True, False], ids=["with --record", "without"])
def test_replies_saved_on_a_full_disk_are_imported_by_the_command_in_the_last_line_and_never_paid_for_again(
    tmp_path: Path,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    full: Callable[[str], None],
    *,
    recording: bool,
) -> None:
    """The last line says to make room, import and run again, in this order, and its command works."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store = tmp_path / "a place with spaces.sqlite"
    more = ("--record", tmp_path / "kept here") if recording else ()
    command = ("run", articles(tmp_path / "in", 5), "-o", tmp_path / "out", *to(service, store), *more)
    full("save")
    done = here(*command)
    assert done.code == 7
    (last,) = [line for line in done.stderr.splitlines() if line.startswith("dragoman: stopped:")]
    found = re.search("make room, then `dragoman (store import [^`]+)`, then run again", last)
    assert found, last
    assert f"({service.paid})" in last
    monkeypatch.undo()
    paid = service.paid
    back = here(*shlex.split(found[1]))
    assert (back.code, back.stderr.startswith(f"{paid} repl")) == (0, True), back.stderr
    assert here(*command).code == 0
    assert service.paid == 5


def test_the_next_run_recovers_replies_that_a_full_disk_left_elsewhere(
    tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch, store_path: Path, full: Callable[[str], None]
) -> None:
    """While the disk is full, nothing more is bought and the place is named again. Afterwards nothing is bought
    twice.
    """
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    command = ("run", articles(tmp_path / "in", 5), "-o", tmp_path / "out", *to(service, store_path))
    full("save")
    first = here(*command)
    facts, paid = run_facts(tmp_path / "out"), service.paid
    assert (first.code, facts["rescued"], facts["replies_received"]) == (7, paid, paid)
    again = here(*command)
    assert (again.code, service.paid) == (7, paid)
    assert f"dragoman store import {facts['rescued_to']}" in again.stderr
    assert run_facts(tmp_path / "out")["rescued_to"] == facts["rescued_to"]
    monkeypatch.undo()
    done = here(*command)
    assert (done.code, service.paid) == (0, 5), done.stderr
    assert "that an earlier run had saved outside the store" in done.stderr
    facts = run_facts(tmp_path / "out")
    assert (facts["taken_back"], facts["rescued_to"]) == (paid, None)
    assert "saved outside the store" not in here(*command).stderr


def test_a_saved_reply_that_has_become_unreadable_is_named_and_requested_again(
    tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch, store_path: Path, full: Callable[[str], None]
) -> None:
    """The others are recovered, and the run continues."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    command = ("run", articles(tmp_path / "in", 1), "-o", tmp_path / "out", *to(service, store_path))
    full("save")
    assert here(*command).code == 7
    (kept,) = Path(run_facts(tmp_path / "out")["rescued_to"]).iterdir()
    kept.write_bytes(kept.read_bytes()[:300])
    monkeypatch.undo()
    done = here(*command)
    assert (done.code, service.paid) == (0, 2), done.stderr
    assert f"recording {kept} cannot be used: it is cut off" in done.stderr


def test_a_full_disk_without_rescued_replies_asks_for_room_and_no_import(
    tmp_path: Path, service: Service, store_path: Path, full: Callable[[str], None]
) -> None:
    """Everything that was paid for is in the store, so the same command continues."""
    full("lease")
    done = here("run", articles(tmp_path / "in", 2), "-o", tmp_path / "out", *to(service, store_path))
    assert (done.code, service.paid) == (7, 0)
    assert "the disk is full; make room, then run again: what was paid for is kept" in done.stderr
    assert "store import" not in done.stderr


LOST: dict[str, tuple[Callable[[bytes], bytes], int, str]] = {
    "its first page": (
        lambda content: bytes(4096) + content[4096:],
        0,
        "2 replies saved, 0 lost; the damaged file is ",
    ),
}


@pytest.mark.parametrize(("damage", "code", "said"), LOST.values(), ids=LOST)
def test_store_repair_reports_losses_only_if_they_are_known(
    tmp_path: Path, service: Service, store_path: Path, damage: Callable[[bytes], bytes], code: int, said: str
) -> None:
    """It also says where the damaged file is."""
    here("run", articles(tmp_path / "in", 2), "-o", tmp_path / "out", *to(service, store_path))
    store_path.write_bytes(damage(store_path.read_bytes()))
    done = here("store", "repair", "--store", store_path)
    assert (done.code, done.stderr.startswith(said)) == (code, True), done.stderr
    assert Path(done.stderr.strip().rpartition(" ")[2]).exists()


def test_store_repair_reports_what_a_lost_reply_costs(tmp_path: Path, service: Service, store_path: Path) -> None:
    """The next run pays for it again, unless a backup is restored."""
    here("run", articles(tmp_path / "in", 2), "-o", tmp_path / "out", *to(service, store_path))
    with Store(store_path) as store:
        store.change([("UPDATE exchanges SET user = 'another' WHERE id = 2", ())])
    done = here("store", "repair", "--store", store_path)
    begins = (
        "1 reply saved, 1 lost; the next run requests and pays for lost replies again, unless you restore a backup; "
        "the damaged file is "
    )
    assert (done.code, done.stderr.startswith(begins)) == (0, True), done.stderr


def test_store_repair_changes_nothing_if_no_reply_can_be_read(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """Exit 7, because a run that follows in a script would buy everything again."""
    here("run", articles(tmp_path / "in", 2), "-o", tmp_path / "out", *to(service, store_path))
    damaged = store_path.read_bytes().replace(b"stop_reason", b"stop_raison")
    store_path.write_bytes(damaged)
    done = here("store", "repair", "--store", store_path)
    begins = f"dragoman: no reply of 2 in the store {store_path} can be read; nothing was changed; restore a backup, or"
    assert (done.code, done.stderr.startswith(begins)) == (7, True), done.stderr
    assert store_path.read_bytes() == damaged


# Pipes, encodings and terminals: processes of their own.


@pytest.mark.parametrize("module", [False, True], ids=["dragoman", "python -m dragoman"])
def test_a_command_ends_with_its_output_whole_and_its_exit_functions_called(tmp_path: Path, *, module: bool) -> None:
    """Exit functions of other libraries are called, for example to send the last traces."""
    (tmp_path / "sitecustomize.py").write_text(
        "import atexit, pathlib; atexit.register(pathlib.Path('ended').write_text, 'it did')"
    )
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    done = dragoman("schema", home=tmp_path, module=module, env={"PYTHONPATH": path})
    assert (done.code, done.stderr) == (0, "")
    assert json.loads(done.stdout) == record_schema()
    assert (tmp_path / "ended").read_text() == "it did"


def test_a_reader_that_leaves_early_ends_the_command_quietly(tmp_path: Path) -> None:
    """``dragoman schema | head -1`` prints no traceback and nothing on stderr."""
    process = start("prompts", "show", "summary/v1", home=tmp_path)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) in (0, 141)
    assert said == b""


def test_output_is_utf8_whatever_the_terminal_is_set_to(tmp_path: Path) -> None:
    """An ASCII locale must not lose a record that was paid for."""
    for setting in ({"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}):
        done = dragoman("summarize", SAMPLE, *REPLAY, home=tmp_path, env=setting)
        assert done.code == 0, done.stderr[-300:]
        assert "ñ" in done.record["source"]["text"]


PRINTING = {
    "version": ("--version",),
    "help": ("--help",),
    "help of a command": ("run", "--help"),
    "data": ("schema",),
    "a record": ("summarize", str(SAMPLE), *REPLAY),
}


def through_a_shell(arguments: tuple[str, ...], redirected: str, home: Path) -> subprocess.CompletedProcess[str]:
    command = shlex.join([sys.executable, "-m", "dragoman", *arguments])
    return subprocess.run(
        ["sh", "-c", f"{command} {redirected}"],
        env=environment(home), cwd=home, capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("arguments", PRINTING.values(), ids=PRINTING)
def test_a_closed_stdout_is_reported_as_closed(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """``dragoman … >&-`` ends with exit 7 and one line, whatever was to be printed. It is reported neither as a bug nor
    as a full disk.
    """
    done = through_a_shell(arguments, ">&-", tmp_path)
    said = "dragoman: stdout is closed. Redirect it, for example with > FILE\n"
    assert (done.returncode, done.stdout, done.stderr) == (7, "", said)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", PRINTING.values(), ids=PRINTING)
def test_a_full_stdout_is_reported_as_full(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """``dragoman … > /dev/full`` ends with exit 7 and one line."""
    done = through_a_shell(arguments, "> /dev/full", tmp_path)
    said = "dragoman: stdout cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (7, said)


@pytest.mark.parametrize("arguments", PRINTING.values(), ids=PRINTING)
def test_a_reader_may_leave_early_whatever_is_printed(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Exit 0 without a message, for help and the version as for data: the reader has what it wanted."""
    process = start(*arguments, home=tmp_path)
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, b"")


@pytest.mark.parametrize("redirected", ["2>&-", "2> /dev/full"])
def test_an_unwritable_stderr_changes_no_exit_code(redirected: str, tmp_path: Path) -> None:
    """Messages for people may get lost. A usage error is still not a bug, and the data is complete."""
    assert through_a_shell(("run", "--nonsense"), redirected, tmp_path).returncode == 2
    assert through_a_shell(("store", "stats"), redirected, tmp_path).returncode == 2
    done = through_a_shell(("schema",), redirected, tmp_path)
    assert (done.returncode, json.loads(done.stdout)) == (0, record_schema())


def test_a_run_needs_no_stdout(tmp_path: Path) -> None:
    """`run` prints nothing there."""
    done = through_a_shell(("run", str(SAMPLE), "-o", "out", *REPLAY), ">&-", tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(records(tmp_path / "out")) == 1


def test_a_closed_standard_input_is_reported_in_one_line(tmp_path: Path) -> None:
    """``dragoman summarize - <&-`` is exit 2 or an empty article, and never a traceback."""
    process = subprocess.run(
        ["sh", "-c", f'exec "{sys.executable}" -m dragoman summarize - {" ".join(REPLAY)} <&-'],
        env=environment(tmp_path),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert process.returncode in (0, 2)
    assert b"Traceback" not in process.stderr


def test_without_a_terminal_there_is_no_colour_and_no_bar(tmp_path: Path) -> None:
    """This applies to runs and to help, even if variables of other tools ask for colours."""
    env = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    for arguments in (("run", SAMPLES, "-o", tmp_path / "out", *REPLAY), ("run", "--nonsense")):
        done = dragoman(*arguments, home=tmp_path, env=env)
        assert ESCAPE not in done.stdout + done.stderr
        assert "\r" not in done.stdout + done.stderr


def on_a_terminal(arguments: tuple[Any, ...], home: Path, env: dict[str, str]) -> tuple[int, str, str]:
    """Run with stderr on a pseudo-terminal; return the exit code, stdout and the terminal's content."""
    pty = pytest.importorskip("pty", reason="pseudo-terminals are of POSIX")
    screen, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "dragoman", *map(str, arguments)],
        env=environment(home, {"TERM": "xterm-256color", "COLUMNS": "80", **env}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=terminal,
    )
    os.close(terminal)
    seen = b""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if select.select([screen], [], [], 0.1)[0]:
            try:
                piece = os.read(screen, 65536)
            except OSError:  # the other side was closed
                break
            if not piece:
                break
            seen += piece
    os.close(screen)
    stdout, _ = process.communicate(timeout=60)
    return process.returncode, stdout.decode(), seen.decode()


def test_a_terminal_gets_a_bar_that_is_gone_at_the_end_and_stdout_stays_empty(tmp_path: Path) -> None:
    """The bar counts articles on stderr; the last lines are the same as without it."""
    with Service(latency=0.3) as service:
        command = ("run", articles(tmp_path / "in", 3), "-o", tmp_path / "out", *to(service, tmp_path / "s"))
        code, stdout, seen = on_a_terminal((*command, "--concurrency", "1"), tmp_path, {})
    assert (code, stdout) == (0, "")
    assert ESCAPE in seen
    assert "/3" in seen
    assert "\x1b[2K" in seen
    assert "3 articles: 3 ok" in seen.replace("\r", "")


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "a dumb terminal"])
def test_colour_is_left_out_when_it_is_not_wanted(env: dict[str, str], tmp_path: Path) -> None:
    """With NO_COLOR no sequence sets a colour; a dumb terminal gets no sequence at all."""
    code, _, seen = on_a_terminal(("run", SAMPLES, "-o", tmp_path / "out", *REPLAY), tmp_path, env)
    assert code == 0
    assert not re.search(r"\x1b\[(3[0-7]|9[0-7]|38;|4[0-7]|48;)", seen)
    if "TERM" in env:
        assert ESCAPE not in seen
