"""Many processes on one store: nothing is paid twice, no process meets a lock error, and all output is complete."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import articles, ended, environment, records, start, stored, text, to, validate
from tests.support.service import Service

from .amount import ALL, only_all, some
from .test_kill import NEEDED, slip

FILES = 200 if ALL else 24


@pytest.mark.parametrize("runs", some([2, 10], few=1))
def test_runs_at_once_over_overlapping_folders_pay_each_article_once(
    runs: int, tmp_path: Path, store_path: Path
) -> None:
    """Each run shares half of its articles with the next: one payment each, no lock error, complete records."""
    everything = [path.read_bytes() for path in sorted(articles(tmp_path / "all", 4 * (runs + 1)).iterdir())]
    folders = []
    for number in range(runs):
        folder = tmp_path / f"in{number}"
        folder.mkdir()
        for place, content in enumerate(everything[4 * number : 4 * number + 8]):
            (folder / f"b{place}.txt").write_bytes(content)
        folders.append(folder)
    with Service(script=slip, latency=0.2) as service:
        processes = [
            start("run", folder, "-o", tmp_path / f"out{number}", *to(service, store_path), home=tmp_path)
            for number, folder in enumerate(folders)
        ]
        done = [ended(process) for process in processes]
        assert [(one.code, one.stderr) for one in done if one.code] == []
        assert not [one.stderr for one in done if "lock" in one.stderr or "Traceback" in one.stderr]
        assert set(service.generated.values()) == {1}
        assert stored(store_path)["exchanges"] == service.paid == len(service.ledger)
    for number in range(runs):
        assert [record["status"] for record in records(tmp_path / f"out{number}")] == ["ok"] * 8


@only_all
def test_ten_runs_over_one_folder_write_the_same_records(tmp_path: Path, store_path: Path) -> None:
    """All need the same answers at the same time: one run sends each request, and the others wait for its answers."""
    folder = articles(tmp_path / "in", 16)
    with Service(script=slip, latency=0.1) as service:
        processes = [
            start("run", folder, "-o", tmp_path / f"out{number}", *to(service, store_path), home=tmp_path)
            for number in range(10)
        ]
        done = [ended(process) for process in processes]
        assert [(one.code, one.stderr) for one in done if one.code] == []
        assert service.paid == len(service.ledger) == NEEDED
    written = {(tmp_path / f"out{number}/records.jsonl").read_bytes() for number in range(10)}
    assert len(written) == 1


def test_xargs_pays_for_each_file_once_and_every_line_on_stdout_is_a_record(tmp_path: Path, store_path: Path) -> None:
    """`xargs -P 8 -n 1 dragoman summarize` into one pipe, on a store that does not exist yet, and then from the
    store.
    """
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(FILES):
        # Records larger than a page of a pipe, as records of real articles are.
        (folder / f"a{number}.txt").write_text("\n\n".join(text(number + step * 1000) for step in range(8)), "utf-8")
    with Service(latency=0.05) as service:
        command = shlex.join([sys.executable, "-m", "dragoman", "summarize", *map(str, to(service, store_path))])
        for _ in range(2 if ALL else 1):
            done = subprocess.run(
                ["sh", "-c", f"ls {shlex.quote(str(folder))}/* | xargs -P 8 -n 1 {command}"],
                env=environment(tmp_path),
                cwd=tmp_path,
                capture_output=True,
                check=False,
            )
            assert (done.returncode, done.stderr) == (0, b"")
            assert service.paid == len(service.ledger) == FILES
            assert set(service.generated.values()) == {1}
            lines = done.stdout.decode().splitlines()
            assert {json.loads(line)["article"]["name"] for line in lines} == {f"a{n}.txt" for n in range(FILES)}
            assert len(lines) == FILES
            assert min(map(len, lines)) > 8192
            validate(json.loads(lines[0]))
    assert stored(store_path)["exchanges"] == FILES
