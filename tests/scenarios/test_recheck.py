"""`dragoman check OUT` and `report OUT` read the stored replies again, for free, and write the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dragoman.store.sqlite.store import Store
from tests.support.commands import (
    RECORDINGS,
    REPLAY,
    SAMPLES,
    about,
    articles,
    changed,
    files,
    here,
    records,
    run_facts,
    stored,
    to,
)
from tests.support.service import Answer, MaxTokens, Refusal, Service, Status
from tests.support.service.mechanical import user_text

BOTH = ("--task", "summary", "--task", "translation")
REJECTED = Status(400, "invalid_request_error", "messages: something is off")


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


def test_a_replayed_run_checks_to_the_same_bytes(tmp_path: Path) -> None:
    """The recordings are found where the run read them, and no file changes, including the preparation steps."""
    out = tmp_path / "out"
    here("run", SAMPLES, "-o", out, *BOTH, *REPLAY)
    assert any(record["source"]["steps"] for record in records(out))
    before = files(out)
    done = here("check", out)
    assert (done.code, done.stdout) == (0, "")
    assert "7 articles" in done.stderr
    assert files(out) == before


def test_a_live_run_checks_to_the_same_bytes_without_a_request(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """All replies come from the store."""
    out = tmp_path / "out"
    here("run", SAMPLES, "-o", out, *BOTH, *to(service, store_path))
    before, sent = files(out), len(service.ledger)
    assert here("check", out).code == 0
    assert files(out) == before
    assert len(service.ledger) == sent


@pytest.mark.parametrize(
    ("behaviours", "status"),
    [
        ((MaxTokens(),), "ok"),
        ((Answer("no"),), "ok"),
        ((Answer("no"), Answer("no")), "failed"),
        ((Refusal(),), "refused"),
        ((MaxTokens(), MaxTokens()), "truncated"),
        ((REJECTED,), "failed"),
    ],
    ids=["cut off once", "invalid once", "invalid twice", "refused", "cut off twice", "rejected by the service"],
)
def test_every_outcome_checks_to_the_same_bytes(
    behaviours: tuple[Any, ...], status: str, tmp_path: Path, store_path: Path
) -> None:
    """This includes re-asks and failures: the same replies lead to the same decisions, with the same exit code."""
    out = tmp_path / "out"
    with Service(script=about(1, *behaviours)) as service:
        code = here("run", articles(tmp_path / "in", 2), "-o", out, *to(service, store_path)).code
    before = files(out)
    assert records(out)[1]["status"] == status
    assert here("check", out).code == code
    assert files(out) == before


def test_a_task_that_got_no_reply_stays_as_it_is(tmp_path: Path, store_path: Path) -> None:
    """`check` does not change a good summary beside a translation that was rejected."""

    def script(_: int, body: dict[str, Any]) -> Status | None:
        prompt = json.dumps(body["system"])
        return REJECTED if '\\"paragraphs\\"' in prompt and '\\"claims\\"' not in prompt else None

    out = tmp_path / "out"
    with Service(script=script) as service:
        assert here("run", articles(tmp_path / "in", 1), "-o", out, *BOTH, *to(service, store_path)).code == 3
    (record,) = records(out)
    assert record["tasks"]["summary"]["status"] == "ok"
    assert record["tasks"]["translation"]["reason"]["code"] == "rejected"
    before = files(out)
    assert here("check", out).code == 3
    assert files(out) == before


def test_records_without_a_reply_stay_as_they_are(tmp_path: Path, service: Service, store_path: Path) -> None:
    """Skipped, unreadable and pending records have no reply to be read again."""
    folder = articles(tmp_path / "in", 2)
    (folder / "0-empty.txt").write_bytes(b"")
    (folder / "0-gone.txt").symlink_to("nowhere")
    out = tmp_path / "out"
    here("run", folder, "-o", out, *to(service, store_path), "--max-cost", "0.19", "--concurrency", "1")
    assert [record["status"] for record in records(out)] == ["skipped", "failed", "ok", "pending"]
    before = files(out)
    assert here("check", out).code == 3
    assert files(out) == before


def test_an_edited_source_is_refused(tmp_path: Path, service: Service, store_path: Path) -> None:
    """The offsets would no longer fit: exit 2, the file is named and nothing is written. The next run writes the source
    again.
    """
    out = tmp_path / "out"
    command = ("run", articles(tmp_path / "in", 2), "-o", out, *to(service, store_path))
    here(*command)
    source = out / records(out)[0]["source"]["file"]
    whole = source.read_bytes()
    source.write_bytes(whole.replace(b"H", b"h"))
    before = files(out)
    for name in ("check", "report"):
        done = here(name, out)
        assert done.code == 2
        assert source.name in done.stderr
        assert files(out) == before
    assert here(*command).code == 0
    assert source.read_bytes() == whole
    assert here("check", out).code == 0
    source.unlink()
    assert here("check", out).code == 2


def test_a_missing_store_is_refused_and_the_option_is_named(tmp_path: Path, service: Service, store_path: Path) -> None:
    """Exit 7, with the number of replies and their cost; with `--store PATH` the command continues."""
    out = tmp_path / "out"
    here("run", articles(tmp_path / "in", 1), "-o", out, *to(service, store_path))
    before = files(out)
    moved = tmp_path / "moved.sqlite"
    here("store", "stats", "--store", store_path)
    store_path.rename(moved)
    done = here("check", out)
    assert done.code == 7
    assert (
        f"depend on 1 paid reply (${run_facts(out)['out_cost_usd']}) that should be in it; nothing was sent"
        in done.stderr
    )
    assert "--store" in done.stderr
    assert not store_path.exists()
    Store(tmp_path / "other.sqlite").close()
    another = here("check", out, "--store", tmp_path / "other.sqlite")
    assert another.code == 7
    why = f"the store {tmp_path / 'other.sqlite'}, which is empty (they were bought with {store_path}), does not have"
    assert why in another.stderr
    assert here("check", out, "--store", moved).code == 0
    assert files(out) == before


def test_a_pruned_reply_is_reported(tmp_path: Path, service: Service, store_path: Path) -> None:
    """Exit 3 names the article whose reply was pruned. Its record is kept, and the others are read again."""
    out = tmp_path / "out"
    here("run", articles(tmp_path / "in", 2), "-o", out, *to(service, store_path))
    here("store", "prune", "--article", "a01.txt", "--yes", "--store", store_path)
    before = files(out)
    done = here("check", out)
    assert done.code == 3
    assert "a01.txt" in done.stderr
    assert files(out) == before


def test_a_live_folder_can_be_checked_with_recordings(tmp_path: Path, service: Service, store_path: Path) -> None:
    """`--recordings DIR` instead of the store gives the same bytes."""
    out = tmp_path / "out"
    here("run", articles(tmp_path / "in", 2), "-o", out, *to(service, store_path), "--record", tmp_path / "recorded")
    before = files(out)
    store_path.unlink()
    assert here("check", out, "--recordings", tmp_path / "recorded").code == 0
    assert files(out) == before
    assert here("check", out, "--recordings", RECORDINGS).code == 2


def test_a_folder_is_checked_with_its_own_replies_and_not_with_another_servers(
    tmp_path: Path, store_path: Path
) -> None:
    """Two servers answered the same requests into one store, and each OUT keeps the answers of its own server."""
    folder = articles(tmp_path / "in", 1)
    one, two = tmp_path / "one", tmp_path / "two"
    with (
        Service(script=lambda _, body: changed(body, title_en="The first server")) as first,
        Service(script=lambda _, body: changed(body, title_en="The second server")) as second,
    ):
        here("run", folder, "-o", one, *to(first, store_path))
        here("run", folder, "-o", two, *to(second, store_path))
    assert stored(store_path)["exchanges"] == 2
    before = files(one)
    assert records(one)[0]["summary"]["title_en"] == "The first server"
    assert here("check", one).code == 0
    assert files(one) == before
    assert here("check", two).code == 0
    assert records(two)[0]["summary"]["title_en"] == "The second server"


def test_a_folder_of_two_kinds_of_run_is_checked_whole(tmp_path: Path, service: Service, store_path: Path) -> None:
    """OUT collects a live run and a replayed one: `check` says which option is missing, or reads both."""
    out = tmp_path / "out"
    here("run", articles(tmp_path / "in", 1), "-o", out, *to(service, store_path))
    here("run", SAMPLES / "es-embalse.md", "-o", out, *REPLAY)
    before = files(out)
    done = here("check", out)
    assert done.code in (0, 2)
    assert "Traceback" not in done.stderr
    assert files(out) == before
    if done.code:
        assert "--store" in done.stderr
        assert here("check", out, "--store", store_path, "--recordings", RECORDINGS).code == 0


def test_new_checks_are_applied_to_stored_replies(
    tmp_path: Path, service: Service, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This is the purpose of `check`: a new finding appears in records and pages without a request."""
    out = tmp_path / "out"
    here("run", articles(tmp_path / "in", 1), "-o", out, *to(service, store_path))
    assert records(out)[0]["status"] == "ok"
    (path,) = (out / "articles").iterdir()
    assert "Look at these" not in path.read_text("utf-8")

    from dragoman.core.record import Finding

    found = Finding(
        check="new", severity="error", field="abstract", paragraph=None, start=None, end=None,
        expected=None, got=None, message="a new check saw this",
    )  # fmt: skip
    with monkeypatch.context() as patched:
        patched.setattr("dragoman.evidence.assess.check_answer", lambda *_: [found])
        assert here("check", out).code == 0
        assert here("check", out, "--strict").code == 3
    (record,) = records(out)
    assert record["status"] == "flagged"
    assert "a new check saw this" in path.read_text("utf-8")
    assert service.paid == 1


def test_report_builds_pages_again_from_records(tmp_path: Path) -> None:
    """Deleted or changed pages are restored byte for byte. Records are not touched and no store is needed. The next run
    has nothing to build, because `run.json` knows the new files.
    """
    out = tmp_path / "out"
    here("run", SAMPLES, "-o", out, *BOTH, *REPLAY)
    before = files(out)
    written = out / "index.md"
    for path in (out / "articles").iterdir():
        path.unlink()
    (out / "index.md").write_text("scribble")
    done = here("report", out)
    assert (done.code, done.stdout) == (0, "")
    assert "7 articles" in done.stderr
    facts, earlier = run_facts(out), json.loads(before.pop("run.json"))
    assert {name: content for name, content in files(out).items() if name != "run.json"} == before
    assert facts["built"]["files"].pop("index.md")[1] == written.stat().st_mtime_ns
    del earlier["built"]["files"]["index.md"]
    assert facts == earlier


@pytest.mark.parametrize("command", ["check", "report"])
@pytest.mark.parametrize(
    "content", [None, "", "not json\n", '{"schema":"dragoman.record/0"}\n', "[]\n"],
    ids=["no folder", "empty", "not JSON", "another version", "a list"],
)  # fmt: skip
def test_a_folder_that_is_no_output_of_a_run_is_refused(command: str, content: str | None, tmp_path: Path) -> None:
    """Exit 2 names the folder, and nothing is written there. A folder without records is not an error."""
    out = tmp_path / "out"
    if content is not None:
        out.mkdir()
        (out / "records.jsonl").write_text(content)
    before = files(tmp_path)
    done = here(command, out)
    if content == "":
        assert done.code in (0, 2)
        return
    assert (done.code, done.stdout) == (2, "")
    assert ("records.jsonl" if content else f"there is no folder {out}") in done.stderr
    assert "Traceback" not in done.stderr
    assert files(tmp_path) == before


def test_check_reads_articles_only_from_out(tmp_path: Path, service: Service, store_path: Path) -> None:
    """The input folder may be gone."""
    folder = articles(tmp_path / "in", 2)
    out = tmp_path / "out"
    here("run", folder, "-o", out, *to(service, store_path))
    for path in folder.iterdir():
        path.unlink()
    before = files(out)
    assert here("check", out).code == 0
    assert files(out) == before
    assert all("bài số" in user_text(entry.body or {}) for entry in service.ledger)
