"""Stores and OUT folders that disappear, during a run and between two: it is reported, and nothing is silently bought
again.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.commands import articles, dragoman, ended, here, records, run_facts, start, stored, to
from tests.support.service import Service

from .amount import some
from .odd import wait_for

MANY = 10


def remove(path: Path) -> None:
    """Remove a folder, or a store with its log files."""
    if path.is_dir():
        shutil.rmtree(path)
    for beside in path.parent.glob(f"{path.name}*"):
        beside.unlink()


def replace_by_empty(path: Path) -> None:
    """Replace it by an empty folder, or by the store of another run."""
    folder = path.is_dir()
    remove(path)
    if folder:
        path.mkdir()
    else:
        assert here("store", "import", articles(path.parent / "none", 1), "--store", path).code in (0, 3)


def rename(path: Path) -> None:
    for beside in list(path.parent.glob(f"{path.name}*")):
        beside.rename(beside.with_name(f"moved-{beside.name}"))


@pytest.mark.parametrize("change", some([remove, rename, replace_by_empty], few=1), ids=lambda change: change.__name__)
@pytest.mark.parametrize("what", ["out", "store.sqlite"])
def test_a_disappearance_during_a_run_is_reported_at_its_end(
    what: str, change: Callable[[Path], None], tmp_path: Path
) -> None:
    """Exit 7, a message that names it, no traceback. No reply is silently lost, and the same command continues."""
    folder, out, store = articles(tmp_path / "in", MANY), tmp_path / "out", tmp_path / "store.sqlite"
    env = {"TMPDIR": str(tmp_path / "tmp")}
    (tmp_path / "tmp").mkdir()
    with Service(latency=0.25) as service:
        command = ("run", folder, "-o", out, *to(service, store), "--concurrency", "3")
        process = start(*command, home=tmp_path, env=env)
        wait_for(lambda: len(service.ledger) >= 4)
        change(tmp_path / what)
        done = ended(process)
        assert done.code == 7, done.stderr
        assert "Traceback" not in done.stderr
        assert str(tmp_path / what) in done.stderr
        for name in set(re.findall(r"`dragoman store import (\S+) --store ", done.stderr)):
            assert here("store", "import", name, "--store", store).code == 0
        lost = service.paid - (stored(store)["exchanges"] if store.exists() else 0)
        # Replies that only the removed store had are lost with it; later ones are not.
        assert lost == 0 if what == "out" else lost <= 4 + 3
        again = dragoman(*command, *(("--buy-again",) if lost else ()), home=tmp_path, env=env)
        assert again.code == 0, again.stderr
        assert service.paid == MANY + lost  # the run bought nothing after it had noticed
    assert [record["status"] for record in records(out)] == ["ok"] * MANY
    assert here("store", "verify", "--store", store).code == 0


def test_a_missing_store_does_not_count_as_empty(tmp_path: Path, store_path: Path) -> None:
    """OUT is based on it: exit 7, nothing is sent, and the choices are named. `--buy-again` buys; a backup can be
    used.
    """
    folder, out = articles(tmp_path / "in", 3), tmp_path / "out"
    with Service() as service:
        command = ("run", folder, "-o", out, *to(service, store_path))
        assert here(*command).code == 0
        shutil.copytree(out, tmp_path / "before")
        backup = store_path.with_name("backup")
        shutil.copy(store_path, backup)
        remove(store_path)
        done = here(*command)
        assert done.code == 7, done.stderr
        assert len(service.ledger) == 3
        assert "--store" in done.stderr
        assert "--buy-again" in done.stderr
        assert (out / "records.jsonl").read_bytes() == (tmp_path / "before/records.jsonl").read_bytes()
        shutil.copy(backup, store_path)
        assert here(*command).code == 0
        assert len(service.ledger) == 3
        remove(store_path)
        assert here(*command, "--buy-again").code == 0
        assert len(service.ledger) == 6
        assert run_facts(out)["exit_code"] == 0
