"""Everything is printed through one sink, so no text of an article, file, service or model can control the terminal."""

from __future__ import annotations

import ast
import json
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import paths
from tests.support.commands import REPLAY, SAMPLES, environment, records, text
from tests.support.service import Refusal, Service, Status
from tests.support.service.mechanical import user_text

SOURCES = paths.SOURCES

PLANTED = "a\x1b[2Jb\x1b]0;owned\x07c\x9b2Jd\x85e\x7f\x08f\u202eg\u2066h\u2028i\U000e0041j\x1b[31mk"
"""The planted text: commands to a terminal, and characters that hide or reorder text."""
RAW = (
    "\x1b[2J",
    "\x1b]",
    "\x07",
    "\x9b",
    "\x85",
    "\x7f",
    "\x08",
    "\u202e",
    "\u2066",
    "\u2028",
    "\U000e0041",
    "\x1b[31mk",
)
"""Sequences that must never be printed. The last one is a colour that Dragoman does not use."""

WAYS = ("pipe", "terminal")


@dataclass(frozen=True)
class Place:
    """A folder with planted texts, and a service that plants the rest."""

    home: Path
    service: Service

    @property
    def to(self) -> tuple[str, ...]:
        return ("--base-url", self.service.url, "--store", str(self.home / "store.sqlite"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home = tmp_path_factory.mktemp("planted")
    folder = home / "in"
    folder.mkdir()
    (folder / "bài\x1b[2J\u202e.txt").write_text(f"{text(1)}\n\n{PLANTED}\n\nmột\u200dhai", "utf-8")
    (folder / "error.txt").write_text(text(2), "utf-8")
    (folder / "refused.txt").write_text(text(3), "utf-8")
    page = f"<p>{text(4)}<nav>&#x202e;&#x1b;&#x9b;menu</nav>"
    (folder / "page.html").write_text(page, "utf-8")
    prompts = home / "prompts" / "summary"
    prompts.mkdir(parents=True)
    released = (SOURCES.parents[1] / "prompts" / "summary" / "v1.md").read_text("utf-8")
    note = "note = " + json.dumps("x\x1b[2J\u202ey\x9b")
    (prompts / "v101.md").write_text(
        re.sub(r"note = .*", lambda _: note, released).replace("version = 1\n", "version = 101\n") + PLANTED, "utf-8"
    )

    def behave(number: int, request: dict[str, Any]) -> Any:
        if "bài số 2\n" in user_text(request):
            return Status(400, "invalid_request_error", PLANTED)
        if "bài số 3\n" in user_text(request):
            return Refusal(category=PLANTED, explanation=PLANTED)
        return None

    with Service(script=behave) as service:
        here = Place(home, service)
        printed("run", "in", "-o", "out", *here.to, home=home, way="pipe")
        plant_in_records(home / "out")
        yield here


def plant_in_records(out: Path) -> None:
    """Put the planted text into every text of a model, and into the language."""
    changed = []
    for record in records(out):
        if record["summary"]:
            record["summary"]["title_en"] = record["summary"]["abstract"] = PLANTED
            for claim in record["summary"]["claims"]:
                claim["text_en"] = claim["speaker_en"] = PLANTED
        if record["source"]:
            record["source"]["language"] = "vi\x1b[31mk\u202e"
        changed.append(json.dumps(record, ensure_ascii=False))
    (out / "records.jsonl").write_text("\n".join(changed) + "\n", "utf-8")


def printed(*arguments: str, home: Path, way: str) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of a command, whose streams are both pipes or each a separate
    pseudo-terminal.
    """
    command = [sys.executable, "-m", "dragoman", *arguments]
    env = environment(home, {"TERM": "xterm-256color", "COLUMNS": "100"})
    if way == "pipe":
        done = subprocess.run(command, env=env, cwd=home, capture_output=True, stdin=subprocess.DEVNULL, timeout=120)
        return done.returncode, done.stdout.decode(), done.stderr.decode()
    pty = pytest.importorskip("pty", reason="pseudo-terminals are of POSIX")
    pairs = [pty.openpty(), pty.openpty()]
    process = subprocess.Popen(
        command, env=env, cwd=home, stdin=subprocess.DEVNULL, stdout=pairs[0][1], stderr=pairs[1][1]
    )
    for _, terminal in pairs:
        os.close(terminal)
    seen = {controller: b"" for controller, _ in pairs}
    left, end = set(seen), time.monotonic() + 120
    while left and time.monotonic() < end:
        for controller in select.select(list(left), [], [], 0.1)[0]:
            try:
                piece = os.read(controller, 65536)
            except OSError:  # The other side was closed.
                piece = b""
            seen[controller] += piece
            if not piece:
                left.discard(controller)
    for controller in seen:
        os.close(controller)
    code = process.wait(120)
    stdout, stderr = (seen[controller].decode().replace("\r\n", "\n") for controller, _ in pairs)
    return code, stdout, stderr


COMMANDS: dict[str, tuple[str, ...]] = {
    "inspect": ("inspect", "in/bài\x1b[2J\u202e.txt"),
    "inspect a page": ("inspect", "in/page.html"),
    "inspect as JSON": ("inspect", "in/bài\x1b[2J\u202e.txt", "--json"),
    "plan": ("plan", "in", "TO"),
    "plan as JSON": ("plan", "in", "TO", "--json"),
    "run": ("run", "in", "-o", "again", "TO", "--retry"),
    "run with a log of JSON": ("run", "in", "-o", "again2", "TO", "--retry", "--log-format", "json"),
    "run of what fails": ("run", "in/error.txt", "-o", "again3", "TO", "--retry"),
    "summarize": ("summarize", "in/bài\x1b[2J\u202e.txt", "TO"),
    "summarize as Markdown": ("summarize", "in/bài\x1b[2J\u202e.txt", "TO", "--format", "markdown"),
    "summarize what fails": ("summarize", "in/error.txt", "TO", "--retry"),
    "summarize what is refused": ("summarize", "in/refused.txt", "TO"),
    "translate": ("translate", "in/bài\x1b[2J\u202e.txt", "TO"),
    "show": ("show", "out"),
    "show an article": ("show", "out", "error.txt"),
    "show a planted article": ("show", "out", "page.html"),
    "show what is not there": ("show", "out", PLANTED),
    "decisions": ("decisions", "show", "out"),
    "report": ("report", "out"),
    "prompts": ("prompts", "list", "--prompts", "prompts"),
    "a prompt": ("prompts", "show", "summary/v101", "--prompts", "prompts"),
    "a prompt that is not there": ("prompts", "show", PLANTED),
    "schema": ("schema",),
    "doctor": ("doctor", "--base-url", f"http://127.0.0.1:1/{PLANTED}", "--model", PLANTED),
    "statistics": ("store", "stats", "--store", "store.sqlite"),
    "statistics as JSON": ("store", "stats", "--store", "store.sqlite", "--json"),
    "verify": ("store", "verify", "--store", "store.sqlite"),
    "verify what is not there": ("store", "verify", "--store", PLANTED),
    "export": ("store", "export", f"exported{PLANTED}", "--store", "store.sqlite"),
    "import": ("store", "import", "in", "--store", "other.sqlite"),
    "prune": ("store", "prune", "--article", PLANTED, "--store", "store.sqlite"),
    "a command that is not there": (PLANTED,),
    "an option that is not there": ("run", f"--{PLANTED}"),
    "a value that is none": ("run", "in", "-o", "x", "--provider", PLANTED),
    "a number that is none": ("run", "in", "-o", "x", "--limit", PLANTED),
    "a kind that is none": ("summarize", "-", "--type", PLANTED),
    "a file that is not there": ("summarize", PLANTED),
    "a folder that is not there": ("run", PLANTED, "-o", "x"),
    "bytes that are no text": ("summarize", os.fsdecode(b"\xff\x9b2J\x1b[2J")),
    "no recordings": ("run", "in", "-o", "x", "--provider", "replay", "--recordings", PLANTED),
}


SHOWN = {
    "summarize what fails", "summarize what is refused", "run of what fails", "show", "show a planted article",
    "doctor", "prompts", "a prompt", "export", "verify what is not there", "a kind that is none", "no recordings",
}  # fmt: skip
"""Commands whose output contains the planted text, made visible and not dropped."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_prints_a_sequence_that_could_control_a_terminal(name: str, way: str, place: Place) -> None:
    """Sequences are planted in names, texts, records, prompts, arguments, errors and refusals."""
    arguments = [part for word in COMMANDS[name] for part in (place.to if word == "TO" else (word,))]
    code, stdout, stderr = printed(*arguments, home=place.home, way=way)
    assert code in (0, 2, 3, 4, 7), stderr
    assert "Traceback" not in stderr
    assert stdout + stderr
    assert name not in SHOWN or "␛[2J" in stdout + stderr, stdout + stderr
    for raw in RAW:
        assert raw not in stdout, repr(stdout)
        assert raw not in stderr, repr(stderr)
    if way == "pipe":
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", stdout + stderr)


@pytest.mark.parametrize(
    "name",
    [
        "inspect as JSON",
        "plan as JSON",
        "summarize",
        "translate",
        "schema",
        "statistics as JSON",
        "run with a log of JSON",
    ],
)
def test_json_output_preserves_every_value(name: str, place: Place) -> None:
    """What is made visible for people is escaped in JSON, so no value is lost and nothing controls the terminal."""
    arguments = [part for word in COMMANDS[name] for part in (place.to if word == "TO" else (word,))]
    _, stdout, stderr = printed(*arguments, home=place.home, way="pipe")
    lines = (stderr if "log" in name else stdout).strip("\n").split("\n")
    values = [json.loads(line) for line in lines] if lines[0].endswith("}") else [json.loads("\n".join(lines))]
    assert values
    if name == "inspect as JSON":
        (read,) = values
        assert "\u202eg" in read["text"]
        assert "một\u200dhai" in read["text"]


def test_a_message_is_one_line_whatever_a_service_puts_into_it(tmp_path: Path) -> None:
    """An error text with line ends cannot add a line that looks like Dragoman's own."""
    (tmp_path / "a.txt").write_text(text(1), "utf-8")
    forged = "no\n7 articles: 7 ok\r\nopen out/report.html\x0bthe end"

    with Service(script=lambda *_: Status(400, "invalid_request_error", forged)) as service:
        arguments = ("summarize", "a.txt", "--base-url", service.url, "--store", "s.sqlite")
        _, _, stderr = printed(*arguments, home=tmp_path, way="pipe")
    assert "7 articles: 7 ok" in stderr
    assert all(line.startswith("dragoman: ") or "--retry" in line for line in stderr.strip().split("\n"))


def test_a_traceback_of_a_bug_is_made_harmless(tmp_path: Path) -> None:
    """The same applies to what Python itself prints: a traceback, a warning, and a thread that dies."""
    program = (
        "import sys, threading, warnings\n"
        "from unittest.mock import patch\n"
        "from dragoman import cli\n"
        "import dragoman.config\n"
        f"planted = {PLANTED!r}\n"
        "def bug(*_, **__):\n"
        "    warnings.warn(planted)\n"
        "    thread = threading.Thread(target=lambda: 1 / len(set()) if 0 else int(planted))\n"
        "    thread.start(); thread.join()\n"
        "    raise ZeroDivisionError(planted)\n"
        "sys.argv = ['dragoman', 'doctor']\n"
        "with patch.object(dragoman.config, 'resolve', bug):\n"
        "    cli.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(tmp_path), cwd=tmp_path, capture_output=True, timeout=60
    )
    stderr = done.stderr.decode()
    assert done.returncode == 1
    assert "ZeroDivisionError: a␛[2Jb" in stderr
    assert "UserWarning: a␛[2Jb" in stderr
    assert "this is a bug in Dragoman" in stderr
    for raw in RAW:
        assert raw not in stderr


def test_show_keeps_its_own_colours_and_isolates(tmp_path: Path) -> None:
    """The sink lets through what Dragoman draws itself: `show` is coloured on a terminal."""
    printed("run", str(SAMPLES), "-o", "out", *REPLAY, home=tmp_path, way="pipe")
    _, stdout, _ = printed("show", "out", "ar-", home=tmp_path, way="terminal")
    _, plain, _ = printed("show", "out", home=tmp_path, way="pipe")
    assert "\x1b[1m" in stdout or "\x1b[" in printed("show", "out", home=tmp_path, way="terminal")[1]
    assert "⟨2067⟩" not in stdout + plain
    assert "\x1b" not in plain


# No module prints without the sink.

PRINTERS = {
    "print": set(),
    "sys.stdout": {"cli/console.py", "cli/streams.py", "cli/show.py", "__main__.py"},
    "sys.stderr": {"cli/console.py", "cli/streams.py", "cli/progress_bar.py", "__main__.py"},
    "sys.__stdout__": set(),
    "sys.__stderr__": set(),
    "typer.echo": set(),
    "typer.secho": set(),
    "click.echo": set(),
    "traceback.print_exc": set(),
    "traceback.print_exception": set(),
    "warnings.warn": set(),
    "logging.getLogger": {"reading/formats/html.py", "asking/providers/sdk.py"},  # logs masks what other libraries log
    "os.write": {"cli/signals.py", "core/files.py"},
    "Console": {"cli/progress_bar.py"},
}
"""For each way to print: the modules that may use it. `screen` and `streams` are the sink; `reading` asks whether
stdout is a terminal; `__main__` flushes; `progress_bar` gives rich a stream of the sink; `signals` writes fixed words
of its own, because a signal may come while stderr is being written to; `files` writes files; `reading.formats.html`
silences a library's logger.
"""


def test_everything_is_printed_through_the_sink() -> None:
    """Code that needs to print uses `cli.screen`. A new name here needs a reason beside it."""
    using: dict[str, set[str]] = {name: set() for name in PRINTERS}
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""
            if name in using:
                using[name].add(path.relative_to(SOURCES).as_posix())
    assert {name: users - PRINTERS[name] for name, users in using.items() if users - PRINTERS[name]} == {}
