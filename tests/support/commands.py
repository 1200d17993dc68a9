"""Run commands in tests: in a separate process (`dragoman`), or in this one where the process does not matter (`here`).

Both start clean: no credentials, no settings, an empty home. `articles` writes small foreign-language articles.
"""

from __future__ import annotations

import functools
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import jsonschema
import pytest
from typer.main import get_command

from dragoman import cli
from dragoman.config import Settings
from dragoman.core.published_schemas import record_schema
from dragoman.core.run_report import run_schema
from dragoman.runs import session
from tests.support import paths
from tests.support.builders import QUICK, quick_waits
from tests.support.service import Answer, Behaviour, Service, answer
from tests.support.service.mechanical import user_text

ROOT = paths.ROOT
SAMPLES = ROOT / "samples" / "articles"
RECORDINGS = ROOT / "samples" / "recordings"
REPLAY = ("--provider", "replay", "--recordings", str(RECORDINGS))
CONSOLE_SCRIPT = Path(sys.executable).with_name("dragoman")

# Everything that is not loopback goes through this proxy, and nothing listens on port 9.
_NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Ended:
    """Result of a command: its exit code (negative if a signal killed it), stdout and stderr."""

    code: int
    stdout: str
    stderr: str

    @property
    def record(self) -> dict[str, Any]:
        """The only record on stdout. Fails when stdout contains anything else."""
        lines = self.stdout.split("\n")
        assert len(lines) == 2, self.stdout
        assert lines[1] == "", self.stdout
        record: dict[str, Any] = json.loads(lines[0])
        return record


def environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a clean environment for a separate process: from this machine, only what is needed to find Python."""
    kept = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "HTTP_PROXY": _NOWHERE,
        "HTTPS_PROXY": _NOWHERE,
        "NO_PROXY": "127.0.0.1",
        **(more or {}),
    }


def start(
    *arguments: object,
    home: Path,
    module: bool = False,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start the installed console script, or ``python -m dragoman``. The caller has to end it."""
    first = (sys.executable, "-m", "dragoman") if module or not CONSOLE_SCRIPT.exists() else (str(CONSOLE_SCRIPT),)
    return subprocess.Popen(
        [*first, *map(str, arguments)],
        env=environment(home, env),
        cwd=cwd or home,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def dragoman(
    *arguments: object,
    home: Path,
    module: bool = False,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: bytes | None = None,
) -> Ended:
    """Run a command in a separate process and wait for it."""
    piped = subprocess.DEVNULL if stdin is None else subprocess.PIPE
    process = start(*arguments, home=home, module=module, env=env, cwd=cwd, stdin=piped)
    return ended(process, stdin)


def ended(process: subprocess.Popen[bytes], stdin: bytes | None = None) -> Ended:
    """Return the result of a process that ends by itself. Fails after a minute."""
    try:
        stdout, stderr = process.communicate(stdin, timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Ended(process.returncode, stdout.decode(), stderr.decode())


def here(*arguments: object, stdin: bytes = b"") -> Ended:
    """Run a command in this process, through the same `main` as the console script."""
    stdout, stderr = io.StringIO(), io.StringIO()
    given = io.TextIOWrapper(io.BytesIO(stdin))
    argv = ["dragoman", *map(str, arguments)]
    code = 0
    with (
        patch.object(sys, "argv", argv),
        patch.object(sys, "stdin", given),
        redirect_stdout(stdout),
        redirect_stderr(stderr),
    ):
        try:
            cli.main()
        except SystemExit as exit_:
            code = exit_.code if isinstance(exit_.code, int) else int(exit_.code is not None)
    # Every test is also a test of the help page of its command.
    assert code in codes_on_page(argv[1:]), f"the help page of {argv[1:3]} does not name exit code {code}"
    return Ended(code, stdout.getvalue(), stderr.getvalue())


def codes_on_page(arguments: list[str]) -> set[int]:
    """The exit codes that the help page of a command names, and those of every command (1 is a bug, 130 is Ctrl-C)."""
    command = _root()
    for word in arguments:
        if word not in getattr(command, "commands", {}):
            break
        command = command.commands[word]
    return {0, 1, 2, 130} | {int(code) for codes in getattr(command, "exit_codes", {}) for code in codes.split("/")}


@functools.cache
def _root() -> Any:
    cli.load_commands()
    return get_command(cli.app)


SUBJECTS = ("cảng biển", "nhà máy điện", "vụ lúa hè thu", "tuyến đường sắt", "chợ nổi", "hồ thủy lợi", "xưởng đóng tàu")


def text(number: int) -> str:
    """Return a short Vietnamese article, different for each number. It says ``bài số N``, by which a service recognises
    it.
    """
    subject = SUBJECTS[number % len(SUBJECTS)]
    return (
        f"Tin về {subject}, bài số {number}\n\n"
        f"Hôm qua, chính quyền địa phương công bố số liệu mới về {subject}. Theo ông Nguyễn Văn Minh, "
        f"sản lượng đạt {number + 11} nghìn tấn, tăng so với cùng kỳ năm ngoái.\n\n"
        "Người dân trong vùng cho biết đời sống đã khá hơn trước. Tuy nhiên, đường sá vẫn còn nhiều khó khăn.\n"
    )


def articles(folder: Path, count: int) -> Path:
    """Create a folder with ``count`` articles ``a00.txt`` … and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"a{number:02}.txt").write_text(text(number), "utf-8")
    return folder


def records(out: Path) -> list[dict[str, Any]]:
    """Return the parsed records of an output folder, one per line."""
    lines = (out / "records.jsonl").read_text("utf-8").split("\n")
    assert lines[-1] == "", "the last line is incomplete"
    return [json.loads(line) for line in lines[:-1]]


def run_facts(out: Path) -> dict[str, Any]:
    """Return ``run.json`` of an output folder, validated against the schema that Dragoman ships."""
    facts: dict[str, Any] = json.loads((out / "run.json").read_text("utf-8"))
    _validator(run_schema).validate(facts)
    return facts


def stored(store: Path) -> dict[str, Any]:
    """Return the output of ``store stats --json``."""
    facts: dict[str, Any] = json.loads(here("store", "stats", "--json", "--store", store).stdout)
    return facts


def files(folder: Path) -> dict[str, bytes]:
    """Return all files under a folder by relative path, hidden ones included."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def about(number: int, *behaviours: Behaviour | None) -> Callable[[int, dict[str, Any]], Behaviour | None]:
    """Return a service script: these behaviours in turn for article ``number``, the ordinary answer for everything
    else.

    After the last behaviour, this article gets the ordinary answer too.
    """
    waiting = list(behaviours)

    def script(_: int, body: dict[str, Any]) -> Behaviour | None:
        mine = f"bài số {number}\n" in user_text(body)
        return waiting.pop(0) if mine and waiting else None

    return script


def changed(body: dict[str, Any], **fields: Any) -> Answer:
    """Return the ordinary summary for a request with some of its fields replaced. A repair is answered as usual."""
    made = json.loads(answer(body))
    return Answer(json.dumps(made if "texts" in made else {**made, **fields}, ensure_ascii=False))


def to(service: Service, store: Path) -> tuple[str, ...]:
    """Return the options that send a command to a service, with a separate store."""
    return ("--base-url", service.url, "--store", str(store))


def without_waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Make retries in this process wait for nothing, and outages pass in milliseconds. Returns the list that receives
    the waits the retries would have made.
    """
    waited: list[float] = []

    def quick(settings: Settings) -> session.Timing:
        timing = real(settings)
        return replace(
            timing,
            policy=replace(timing.policy, sleep=waited.append),
            waits=quick_waits(settings.patience),
            default_pause=timing.default_pause / QUICK,
        )

    real = session.timing_of
    monkeypatch.setattr(session, "timing_of", quick)
    return waited


def wait_for(so: Callable[[], bool]) -> None:
    """Wait until a condition holds. Fails after half a minute."""
    end = time.monotonic() + 30
    while not so():
        assert time.monotonic() < end, "the condition did not hold within half a minute"
        time.sleep(0.01)


def validate(record: Mapping[str, Any]) -> None:
    """Raise jsonschema's ValidationError unless a record fits the schema that Dragoman ships."""
    _validator(record_schema).validate(record)


@functools.cache
def _validator(schema_of: Callable[[], dict[str, Any]]) -> Any:
    jsonschema.Draft202012Validator.check_schema(schema_of())
    return jsonschema.Draft202012Validator(schema_of())
