"""The README is correct: its blocks run, in order, in a copy of the checkout, and it names every command."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from dragoman.core.assemble import status_of
from dragoman.errors import ReasonCode
from dragoman.tasks.answering import ON_RETRY
from tests.conftest import ROOT
from tests.support.commands import REPLAY, SAMPLES, here, run_facts
from tests.support.words import PRIVATE_WORDS

README = (ROOT / "README.md").read_text("utf-8")
PAGES = sorted((ROOT / "docs").glob("*.md"))
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_RUN = {"needs-key", "needs-long"}
"""Marks of blocks that are not run here, because they need a key or are the suite itself."""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the files that git tracks here, as a new user has them."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    target = tmp_path_factory.mktemp("checkout")
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def blocks() -> list[tuple[str, str, str]]:
    return [(kind, mark.strip(), text) for kind, mark, text in BLOCK.findall(README)]


def test_the_blocks_of_the_readme_run_in_order(checkout: Path, tmp_path: Path) -> None:
    """Every sh and python block ends with exit 0 in a fresh copy with a fresh home. Marked blocks are left out."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHON": sys.executable,
        **{name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "REQUESTS_"))},
    }
    ran = 0
    for kind, mark, text in blocks():
        if kind not in ("sh", "python") or mark in NOT_RUN:
            continue
        # The port that the README names may be in use on this machine.
        text = text.replace("8931", str(free_port()))
        script = text if kind == "sh" else f". .venv/bin/activate\npython - <<'END'\n{text}END\n"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=checkout, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        ran += 1
        if "make demo" in text:
            for line in demo_output():
                assert re.search(without_time(line), done.stderr), line
        if "del record[" in text:
            assert done.stdout == shown_record()
    assert ran >= 6


def without_time(line: str) -> str:
    """Return a pattern that matches a printed line with any times."""
    return re.sub(r"took\\ [^;]+$", r"took [\\d.]+ s", re.escape(line))


def free_port() -> int:
    """Return a port of this machine on which nothing listens at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def demo_output() -> list[str]:
    """Return the lines with which, according to the README, the demo ends."""
    match_ = re.search(r"ends like this:\n\n```\n(.*?)```", README, re.DOTALL)
    assert match_ is not None
    return match_[1].splitlines()


def shown_record() -> str:
    """Return the record that the README shows, as its command prints it."""
    (shown,) = [text for kind, _, text in blocks() if kind == "json"]
    return shown


def test_only_blocks_that_cannot_run_here_are_marked() -> None:
    """Blocks are left out only if they need a key or are the suite itself."""
    marked = [text for _, mark, text in blocks() if mark in NOT_RUN]
    assert all("make test" in text or "API_KEY" in text for text in marked)
    assert {mark for _, mark, _ in blocks() if mark} <= NOT_RUN


def test_every_command_has_a_line_in_the_readme_and_a_help_text() -> None:
    """Otherwise users could not discover a command."""
    from typer.main import get_command

    from dragoman.cli import app, load_commands

    load_commands()

    commands = get_command(app).commands  # type: ignore[attr-defined]
    for name, command in commands.items():
        if not command.hidden:
            assert f"`dragoman {name}" in README, name
            assert command.help, name


def test_the_page_on_traces_names_every_attribute_of_a_span() -> None:
    """The documentation lists everything that a trace contains, so that users can see that no article text is in it."""
    page = (ROOT / "docs" / "logs-and-traces.md").read_text("utf-8")
    made = re.findall(r'"(dragoman\.[a-z_.]+)":', (ROOT / "src/dragoman/core/tracing.py").read_text("utf-8"))
    assert made
    for name in made:
        assert f"`{name}`" in page, name


def test_the_page_on_settings_names_every_setting_and_no_other() -> None:
    """The table of settings is complete, so that users find each name that a file or a variable may have."""
    from dragoman import Settings

    page = (ROOT / "docs" / "running.md").read_text("utf-8")
    table = page[page.index("| setting | default |") : page.index("## Options that are easily confused")]
    rows = re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(Settings.model_fields)


def test_the_amounts_on_the_page_on_money_are_in_run_json(tmp_path: Path) -> None:
    """Each field that the page explains exists in `run.json` under the same name."""
    money = (ROOT / "docs" / "money.md").read_text("utf-8")
    named = [name for row in re.findall(r"^\| (`.+?) \|", money, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)]
    named += re.findall(r"`(left_\w+)`", money)
    here("run", SAMPLES / "vi-cang-nuoc-sau.txt", "-o", tmp_path / "out", *REPLAY)
    assert len(named) >= 9
    assert set(named) - set(run_facts(tmp_path / "out")) == set()


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_links_lead_to_existing_files_and_headings(page: Path) -> None:
    """Every relative link of README and of the pages in docs leads to a file and, where it names one, to a heading."""
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", page.read_text("utf-8")):
        linked = page.parent / target if target else page
        assert linked.exists(), target
        if anchor:
            assert anchor in headings(linked), f"{target}#{anchor}"


def headings(page: Path) -> set[str]:
    """The anchors of a page: its headings in lower case, with hyphens for spaces and without punctuation."""
    match_ = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in match_}


def test_the_index_of_the_pages_lists_each_of_them() -> None:
    """Every page in docs has a row in docs/README.md."""
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    for page in PAGES:
        assert page.name == "README.md" or f"| [{page.name}]({page.name}) |" in index, page.name


def test_every_dependency_has_its_reason() -> None:
    """CONTRIBUTING says why each direct dependency is there."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = {re.split(r"[<>=]", entry)[0] for entry in project["dependencies"]}
    table = set(re.findall(r"^\| ([\w-]+) \|", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE))
    assert names <= table
    assert len(names) <= 17


@pytest.mark.parametrize(
    "page",
    [
        *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "samples/README.md")),
        *PAGES,
    ],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_pages_are_free_of_private_words(page: Path) -> None:
    """A reader who does not know the project understands the pages at first reading."""
    prose = re.sub(r"`[^`\n]+`", "", page.read_text("utf-8"))  # Code and test names are not prose.
    assert PRIVATE_WORDS.findall(prose) == []


def test_the_table_of_outcomes_has_every_reason_with_its_status_and_says_which_need_a_retry() -> None:
    """One row for each status, and for each thing that the next run does about it."""
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (.*) \| (send.*) \|$", README, re.MULTILINE)
    documented: dict[str, tuple[str, str]] = {}
    for statuses, reasons, next_run in rows:
        for code in re.findall(r"`(\w+)`", reasons):
            documented[code] = (statuses.strip("`"), next_run)
    assert {code: status for code, (status, _) in documented.items()} == {
        code: status_of(code) for code in get_args(ReasonCode)
    }
    assert {code for code, (_, next_run) in documented.items() if "only with `--retry`" in next_run} == ON_RETRY
