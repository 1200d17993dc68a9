"""The cases of `../shared/cases`: figures that are told from wrong ones, and quotes that are located."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.support.benchmarks import PLACE, load

BENCH: ModuleType = load("shared_cases")
HAS_CASES = BENCH.SHARED.is_dir()

KNOWN = {
    "another figure than the only one of the quote is an error only if one could be a misreading of the other": (
        "F1-H3 F6-H1 F6-H2"
    ),
}
"""The cases that are known to fail, by reason."""
REASONS = {name: reason for reason, names in KNOWN.items() for name in names.split()}


NAMES = [name for name, _ in BENCH.tasks()] if HAS_CASES else []


def params() -> Iterator[Any]:
    for name in NAMES:
        reason = REASONS.get(name)
        yield pytest.param(name, marks=[pytest.mark.xfail(reason=reason, strict=True)] if reason else [])


@pytest.fixture(scope="module")
def tasks() -> Any:
    return dict(BENCH.tasks())


@pytest.mark.parametrize("name", [*params()])
def test_a_case_is_right(name: str, tasks: Any) -> None:
    """No error about a right claim, an error about a wrong one, and a quote at its place."""
    result = tasks[name]()
    assert (result.name, result.faults) == (name, ()), result.line


def test_a_known_failure_is_a_case() -> None:
    if not HAS_CASES:
        pytest.skip("the shared cases are not beside this checkout")
    assert set(REASONS) <= set(NAMES)


@pytest.mark.parametrize("is_present", [True, False], ids=["present", "absent"])
def test_the_command_reports_faults_by_its_exit_code(is_present: bool, tmp_path: Path, monkeypatch: Any) -> None:
    """1 if a case fails or if there are no cases, 0 if all are right."""
    folder = tmp_path / "cases"
    monkeypatch.setattr(BENCH, "SHARED", folder)
    if is_present:
        folder.mkdir()
        for name in (*BENCH.FIGURE_FILES, BENCH.QUOTES):
            (folder / name).write_text("", "utf-8")
    assert BENCH.main([]) == (0 if is_present else 1)
    if is_present:
        quote = '{"kind": "Q", "language": "de", "source": "Ein Satz.", "quote": "Kein Satz.", "note": "absent"}\n'
        (folder / BENCH.QUOTES).write_text(quote, "utf-8")
        assert BENCH.main(["--failed"]) == 1


def test_the_command_runs_by_itself() -> None:
    """It needs no test runner, only the package."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, str(PLACE / "shared_cases.py"), "--failed"],
        capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert ("cases, " in done.stdout) == HAS_CASES
