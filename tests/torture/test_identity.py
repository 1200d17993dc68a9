"""Exactly what changed is requested again, and `plan` predicts it: its count is compared with the service's ledger."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import ROOT, articles, here, records, stored, text, to
from tests.support.service import Service
from tests.support.service.mechanical import user_text

from .test_kill import slip

MANY = 6


def planned(folder: Path, *options: object) -> dict[str, str]:
    """Return what `plan` predicts: article and reason for each request."""
    done = here("plan", folder, "--json", *options)
    assert done.code == 0, done.stderr
    predicted = {}
    for line in done.stdout.splitlines():
        plan = json.loads(line)
        for task in (plan["tasks"] or {}).values():
            if task["requests"]:
                predicted[plan["name"]] = task["why"]
    return predicted


def asked_about(service: Service, since: int) -> set[int]:
    """Return the numbers of the articles that requests were about."""
    bodies = [user_text(entry.body or {}) for entry in service.ledger[since:]]
    return {number for number in range(100) if any(f"bài số {number}\n" in body for body in bodies)}


def test_articles_with_the_same_text_are_paid_for_once_and_all_get_records(tmp_path: Path, store_path: Path) -> None:
    """Copies, other line ends, a byte order mark and another encoding have the same prepared text: one payment."""
    folder = tmp_path / "in"
    folder.mkdir()
    same = text(1)
    (folder / "a.txt").write_bytes(same.encode())
    (folder / "b.txt").write_bytes(same.encode())
    (folder / "c.txt").write_bytes(same.replace("\n", "\r\n").encode())
    (folder / "d.txt").write_bytes(b"\xef\xbb\xbf" + same.encode())
    (folder / "e.txt").write_bytes(same.encode("utf-16"))
    (folder / "f.txt").write_bytes(text(2).encode())
    out = tmp_path / "out"
    with Service(latency=0.1) as service:
        command = ("run", folder, "-o", out, *to(service, store_path))
        done = here(*command)
        assert done.code == 0, done.stderr
        assert service.paid == len(service.ledger) == 2
        written = records(out)
        assert [record["article"]["name"] for record in written] == [f"{letter}.txt" for letter in "abcdef"]
        assert [record["status"] for record in written] == ["ok"] * 6
        keys = [record["exchanges"][0]["key"] for record in written]
        assert len(set(keys[:5])) == 1
        assert keys[5] != keys[0]
        assert stored(store_path)["exchanges"] == 2
        assert here(*command).code == 0
        assert len(service.ledger) == 2


def test_a_copy_added_later_costs_nothing_and_plan_predicts_it(tmp_path: Path, store_path: Path) -> None:
    """The store has the answer for the text, whatever the file is called."""
    folder, out = articles(tmp_path / "in", 3), tmp_path / "out"
    with Service() as service:
        command = ("run", folder, "-o", out, *to(service, store_path))
        here(*command)
        shutil.copy(folder / "a01.txt", folder / "z.txt")
        assert planned(folder, *to(service, store_path)) == {}
        assert here(*command).code == 0
        assert service.paid == 3
    assert len(records(out)) == 4


@dataclass(frozen=True)
class Change:
    """A change: ``do`` is applied to the folder; then requests for ``numbers`` follow, for the reason ``why``."""

    label: str
    do: Callable[[Path, Path], tuple[object, ...]]
    numbers: frozenset[int]
    why: str
    back: bool = True
    """Whether undoing the change uses the earlier answers again."""


def edited(folder: Path, _: Path) -> tuple[object, ...]:
    path = folder / "a02.txt"
    path.write_text(path.read_text("utf-8") + "\nHôm nay có thêm một câu nữa ở cuối bài.\n", "utf-8")
    return ()


def added(folder: Path, _: Path) -> tuple[object, ...]:
    (folder / "new.txt").write_text(text(50), "utf-8")
    return ()


def touched(folder: Path, _: Path) -> tuple[object, ...]:
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    return ()


def renamed(folder: Path, _: Path) -> tuple[object, ...]:
    (folder / "a02.txt").rename(folder / "other-name.txt")
    return ()


def another_model(_: Path, __: Path) -> tuple[object, ...]:
    return ("--model", "haiku-5-5")


def another_prompt(_: Path, scratch: Path) -> tuple[object, ...]:
    folder = scratch / "prompts" / "summary"
    folder.mkdir(parents=True, exist_ok=True)
    released = max((ROOT / "prompts/summary").glob("v*.md")).read_text("utf-8")
    changed_prompt = re.sub(r"^version = \d+$", "version = 101", released, flags=re.MULTILINE)
    (folder / "v101.md").write_text(changed_prompt.rstrip() + "\nWrite plainly.\n", "utf-8")
    return ("--prompts", scratch / "prompts", "--prompt", "summary/v101")


EVERY = frozenset(range(MANY))
CHANGES = [
    Change("an article is edited", edited, frozenset({2}), "article changed", back=False),
    Change("an article is added", added, frozenset({50}), "new"),
    Change("line ends change", touched, frozenset(), ""),
    Change("an article is renamed", renamed, frozenset(), ""),
    Change("another model", another_model, EVERY, "model changed"),
    Change("another prompt", another_prompt, EVERY, "prompt changed"),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.label)
def test_only_changed_articles_are_requested_again_and_plan_predicts_them(
    change: Change, tmp_path: Path, store_path: Path
) -> None:
    """Articles and reasons of plan match the ledger after the run. Undoing the change costs nothing."""
    folder, out = articles(tmp_path / "in", MANY), tmp_path / "out"
    with Service() as service:
        command = ("run", folder, "-o", out, *to(service, store_path))
        assert set(planned(folder, *to(service, store_path)).values()) == {"new"}
        assert here(*command).code == 0
        assert service.paid == MANY
        before = len(service.ledger)
        options = change.do(folder, tmp_path)
        plan = planned(folder, *to(service, store_path), *options)
        assert set(plan.values()) <= {change.why}
        done = here(*command, *options)
        assert done.code == 0, done.stderr
        assert asked_about(service, before) == change.numbers
        assert len(service.ledger) - before == len(plan) == len(change.numbers)
        assert {record["status"] for record in records(out)} == {"ok"}
        assert planned(folder, *to(service, store_path), *options) == {}
        if change.back:
            after = len(service.ledger)
            assert here(*command).code == 0
            assert len(service.ledger) == after


def test_plan_counts_repairs_that_are_still_to_be_sent(tmp_path: Path, store_path: Path) -> None:
    """Answers that were only flagged are sent back once repairs are allowed: as many requests as plan predicted."""
    folder, out = articles(tmp_path / "in", MANY), tmp_path / "out"
    with Service(script=slip) as service:
        command = ("run", folder, "-o", out, *to(service, store_path))
        here(*command, "--repairs", "0")
        assert service.paid == MANY
        plan = planned(folder, *to(service, store_path))
        assert plan == {"a00.txt": "repair", "a04.txt": "repair"}
        assert here(*command).code == 0
        assert service.paid == MANY + 2
        assert planned(folder, *to(service, store_path)) == {}


def test_an_article_edited_during_its_request_is_recorded_as_it_was_read(tmp_path: Path, store_path: Path) -> None:
    """Record, source file and request come from one reading. The next run sends a request for the new text."""
    folder, out = articles(tmp_path / "in", 2), tmp_path / "out"
    place = folder / "a01.txt"

    def script(_: int, body: dict[str, Any]) -> None:
        if "bài số 1\n" in user_text(body):
            place.write_text(text(77), "utf-8")

    with Service(script=script) as service:
        command = ("run", folder, "-o", out, *to(service, store_path))
        assert here(*command).code == 0
        record = records(out)[1]
        assert "bài số 1\n" in (out / record["source"]["file"]).read_text("utf-8")
        assert here(*command).code == 0
        assert asked_about(service, 2) == {77}
        assert service.paid == 3
