"""Commands load slow libraries only when they need them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import REPLAY, SAMPLES, environment, here, text, to
from tests.support.service import Service

SLOW = (
    "anthropic", "boto3", "botocore", "httpx", "httpx2", "trafilatura", "lxml", "gcld3", "opencc", "rich",
    "markdown_it", "charset_normalizer", "webencodings", "jsonschema", "babel", "duckdb", "xlsxwriter", "wcwidth",
)  # fmt: skip
PRINT_MODULES = (
    "import atexit, sys\n"
    "atexit.register(lambda: sys.stderr.write('\\nMODULES ' + ' '.join(sys.modules) + '\\n'))\n"
    "from dragoman.cli import main\n"
    "main()\n"
)


def loaded(*arguments: object, home: Path) -> tuple[int, set[str]]:
    """Return the exit code, and the top-level modules and Dragoman's modules in ``sys.modules`` at the end of a
    command.
    """
    done = subprocess.run(
        [sys.executable, "-c", PRINT_MODULES, *map(str, arguments)],
        env=environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    modules = done.stderr.rpartition("MODULES ")[2].split()
    assert "dragoman" in modules, done.stderr
    return done.returncode, {name if name.startswith("dragoman.") else name.partition(".")[0] for name in modules}


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("--version",), ("run", "--help"), ("prompts", "list"), ("schema",), ("doctor",)],
    ids=" ".join,
)
def test_commands_that_send_no_request_load_no_slow_library(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Help, prompts, schema and doctor load no SDK, extraction or language library."""
    code, modules = loaded(*arguments, home=tmp_path)
    assert code in (0, 4)
    assert modules.isdisjoint(SLOW)
    if arguments in (("--help",), ("--version",)):
        assert "pydantic" not in modules


def test_a_stored_answer_loads_no_slow_library(tmp_path: Path) -> None:
    """`summarize` of a stored answer needs neither an SDK nor a library that prepares articles."""
    (tmp_path / "a.txt").write_text(text(1), "utf-8")
    with Service() as service:
        command = ("summarize", tmp_path / "a.txt", *to(service, tmp_path / "store.sqlite"))
        assert here(*command).code == 0
        code, modules = loaded(*command, home=tmp_path)
        assert code == 0
        assert modules.isdisjoint(SLOW)
        assert "dragoman.store.sqlite.store" in modules
        assert "dragoman.core.run_report" not in modules  # summarize writes no run.json
        code, modules = loaded(*command, "--provider", "bedrock", "--region", "us-east-1", home=tmp_path)
        assert code == 0
        assert modules.isdisjoint(SLOW)
        assert service.paid == 1


def test_replay_loads_no_sdk(tmp_path: Path) -> None:
    """Replay loads what prepares an article, and nothing that could reach a network."""
    code, modules = loaded("summarize", SAMPLES / "vi-cang-nuoc-sau.txt", *REPLAY, home=tmp_path)
    assert code == 0
    assert modules.isdisjoint({"anthropic", "boto3", "botocore", "httpx", "httpx2"})


def test_a_list_of_latin_names_and_titles_needs_no_table_of_widths(tmp_path: Path) -> None:
    """`show` loads wcwidth only at the first character that could be wide, joined or a mark."""
    assert here("run", SAMPLES, "-o", tmp_path / "out", *REPLAY).code == 0
    code, modules = loaded("show", tmp_path / "out", home=tmp_path)
    assert code == 0
    assert "wcwidth" not in modules
    code, modules = loaded("show", tmp_path / "out", "hi-saur-pump.txt", home=tmp_path)
    assert code == 0
    assert "wcwidth" in modules


def test_plain_text_needs_no_library_for_html(tmp_path: Path) -> None:
    """Extraction is loaded for HTML only."""
    _, modules = loaded("inspect", SAMPLES / "vi-cang-nuoc-sau.txt", home=tmp_path)
    assert modules.isdisjoint({"trafilatura", "lxml", "anthropic", "boto3"})


def test_importing_the_package_loads_almost_nothing(tmp_path: Path) -> None:
    """``import dragoman`` loads none of its own modules but the version."""
    done = subprocess.run(
        [sys.executable, "-c", "import dragoman, sys; print(*[m for m in sys.modules if m.startswith('dragoman')])"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert set(done.stdout.split()) == {"dragoman", "dragoman.__about__"}


def test_the_direct_provider_loads_no_aws_library_and_bedrock_only_what_it_needs(tmp_path: Path) -> None:
    """A request to the direct API does not import boto3."""
    (tmp_path / "a.txt").write_text(text(1), "utf-8")
    with Service() as service:
        code, modules = loaded("summarize", tmp_path / "a.txt", *to(service, tmp_path / "store.sqlite"), home=tmp_path)
        assert code == 0
    assert "anthropic" in modules
    assert modules.isdisjoint({"boto3", "botocore"})


def test_dir_shows_the_public_names_without_loading_them(tmp_path: Path) -> None:
    """In a fresh interpreter, `dir` lists the public names and loads no module."""
    code = (
        "import dragoman, sys\n"
        "before = set(sys.modules)\n"
        "print(*dir(dragoman))\n"
        "assert set(sys.modules) == before, set(sys.modules) - before\n"
        "assert dir(dragoman) == sorted(dragoman.__all__)\n"
        "assert all(hasattr(dragoman, name) for name in dir(dragoman))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(tmp_path), cwd=tmp_path, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [
        "DragomanError", "Record", "Run", "Settings", "__version__", "run", "summarize", "translate",
    ]  # fmt: skip
