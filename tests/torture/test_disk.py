"""The disk is full, broken or read-only, under the store and under OUT; and stores that were damaged or replaced."""

from __future__ import annotations

import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dragoman.store.sqlite.file import MIGRATIONS
from tests.support.commands import articles, dragoman, ended, files, here, records, start, stored, to
from tests.support.service import Service

from .amount import ALL, SEED, only_all, seeds, some, spread
from .odd import disk, not_shown, remount, traced, wait_for, with_prelude

MANY = 24
RESCUED = re.compile(r"`dragoman store import (\S+) --store ")


def whole_run(folder: Path, out: Path, service: Service, store: Path, *more: object) -> tuple[object, ...]:
    return ("run", folder, "-o", out, *to(service, store), "--concurrency", "4", *more)


def rescued(stderr: str, out: Path) -> set[str]:
    """Return the folders with paid replies that a run names on stderr or in its records."""
    output = stderr + ((out / "records.jsonl").read_text("utf-8") if (out / "records.jsonl").exists() else "")
    return {found.rstrip("`") for found in RESCUED.findall(output)}


@pytest.mark.parametrize("size", some(["160k", "120k", "200k", "260k", "340k"], few=1))
def test_a_full_disk_under_the_store_loses_no_paid_reply(size: str, tmp_path: Path) -> None:
    """Exit 7 and "the disk is full". Replies that did not fit are rescued and named; after the fix nothing is paid
    twice.
    """
    folder, out = articles(tmp_path / "in", MANY), tmp_path / "out"
    (tmp_path / "tmp").mkdir()
    with disk(tmp_path / "small", size) as small, Service(latency=0.02) as service:
        store = small / "store.sqlite"
        command = whole_run(folder, out, service, store)
        done = dragoman(*command, home=tmp_path, env={"TMPDIR": str(tmp_path / "tmp")})
        assert done.code == 7, done.stderr
        assert "full" in done.stderr
        assert "Traceback" not in done.stderr
        paid = service.paid
        assert paid < MANY
        remount(small, "size=20m")
        assert not store.exists() or here("store", "verify", "--store", store).code == 0
        kept = stored(store)["exchanges"] if store.exists() else 0
        folders = rescued(done.stderr, out)
        assert len(list((tmp_path / "tmp").glob("dragoman-rescued-*/*.json"))) + kept >= paid
        for name in folders:
            assert here("store", "import", name, "--store", store).code == 0
        again = here(*command)
        assert again.code == 0, again.stderr
        assert service.paid == MANY
        assert stored(store)["exchanges"] == MANY
        assert here("store", "verify", "--store", store).code == 0
    assert [record["status"] for record in records(out)] == ["ok"] * MANY


@pytest.mark.parametrize("size", some(["64k", "16k", "128k", "200k", "280k"], few=1))
def test_a_full_disk_under_out_is_exit_7_and_the_store_has_all_answers(
    size: str, tmp_path: Path, store_path: Path
) -> None:
    """No partial file. With room again, the same command writes everything and pays for no answer again."""
    folder = articles(tmp_path / "in", MANY)
    with disk(tmp_path / "small", size) as small, Service(latency=0.02) as service:
        out = small / "out"
        command = whole_run(folder, out, service, store_path)
        done = dragoman(*command, home=tmp_path)
        assert done.code == 7, done.stderr
        assert "No space left on device" in done.stderr
        assert "Traceback" not in done.stderr
        assert "Exception ignored" not in done.stderr
        assert stored(store_path)["exchanges"] == service.paid
        assert not [name for name in files(out) if name.endswith(".part")]
        remount(small, "size=20m")
        again = here(*command)
        assert again.code == 0, again.stderr
        assert service.paid == MANY
        assert [record["status"] for record in records(out)] == ["ok"] * MANY


@only_all
def test_full_disks_under_both_report_what_was_paid_for(tmp_path: Path) -> None:
    """A reply has no place left, not even the folder for temporary files: exit 7, and the loss is reported, never
    hidden.
    """
    folder = articles(tmp_path / "in", MANY)
    with disk(tmp_path / "small", "160k") as small, Service() as service:
        (small / "tmp").mkdir()
        command = whole_run(folder, small / "out", service, small / "store.sqlite")
        done = dragoman(*command, home=tmp_path, env={"TMPDIR": str(small / "tmp")})
        assert done.code == 7, done.stderr
        assert "Traceback" not in done.stderr
        paid = service.paid
        remount(small, "size=20m")
        kept = stored(small / "store.sqlite")["exchanges"] if (small / "store.sqlite").exists() else 0
        # If one folder for temporary files is full, another is used.
        folders = [Path(name) for name in rescued(done.stderr, small / "out")]
        saved = sum(len(list(folder.glob("*.json"))) for folder in folders)
        lost = done.stderr.count("A paid reply is lost")
        assert kept + saved + lost >= paid
        for folder in folders:
            assert here("store", "import", folder, "--store", small / "store.sqlite").code == 0
            shutil.rmtree(folder)
        assert here(*command).code == 0
        assert service.paid == MANY + lost


def test_a_limit_on_file_size_is_reported_as_a_disk_error(tmp_path: Path, store_path: Path) -> None:
    """A limit on the size of files (similar to a quota) is exit 7. The answers are rescued or stored; no traceback."""
    folder, out = articles(tmp_path / "in", MANY), tmp_path / "out"
    (tmp_path / "tmp").mkdir()

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, resource.RLIM_INFINITY))

    with Service() as service:
        process = with_prelude(
            "", *whole_run(folder, out, service, store_path), home=tmp_path,
            env={"TMPDIR": str(tmp_path / "tmp")}, preexec_fn=limited,
        )  # fmt: skip
        done = ended(process)
        assert done.code == 7, done.stderr
        assert "Traceback" not in done.stderr
        saved = len(list((tmp_path / "tmp").glob("dragoman-rescued-*/*.json")))
        assert stored(store_path)["exchanges"] + saved >= service.paid
        for place in (tmp_path / "tmp").glob("dragoman-rescued-*"):
            assert str(place) in rescued(done.stderr, out)
            assert here("store", "import", place, "--store", store_path).code == 0
        again = here(*whole_run(folder, out, service, store_path))
        assert again.code == 0, again.stderr
        assert service.paid == MANY


CALLS = {"no space": "pwrite64:error=ENOSPC", "broken disk": "fdatasync,fsync:error=EIO"}


@only_all
@pytest.mark.parametrize("when", ["1+", "6+", "14+", "25+", "40+", "9", "20", "33"])
@pytest.mark.parametrize("what", CALLS.values(), ids=CALLS)
def test_a_failing_system_call_under_the_store_is_exit_7_and_loses_no_paid_reply(
    what: str, when: str, tmp_path: Path, store_path: Path
) -> None:
    """From the Nth write or sync on, or only at that one: the run ends with 7 (or is not affected), and nothing is
    lost.
    """
    folder, out = articles(tmp_path / "in", 6), tmp_path / "out"
    (tmp_path / "tmp").mkdir()
    with Service() as service:
        command = whole_run(folder, out, service, store_path)
        process = with_prelude(
            "", *command, home=tmp_path, env={"TMPDIR": str(tmp_path / "tmp")},
            before=traced("-e", f"inject={what}:when={when}"),
        )  # fmt: skip
        done = ended(process)
        assert done.code in (0, 7), done.stderr
        assert "Traceback" not in done.stderr
        kept = stored(store_path)["exchanges"] if store_path.exists() else 0
        saved = len(list((tmp_path / "tmp").glob("dragoman-rescued-*/*.json")))
        lost = done.stderr.count("A paid reply is lost")
        assert kept + saved + lost >= service.paid
        assert lost == 0 or "EIO" in what or when.endswith("+")
        for name in rescued(done.stderr, out):
            assert here("store", "import", name, "--store", store_path).code == 0
        assert here(*command).code == 0
        assert service.paid <= 6 + lost
        assert here("store", "verify", "--store", store_path).code == 0


@pytest.mark.parametrize("under", ["store", "out"])
def test_a_read_only_place_is_reported_before_anything_is_sent(under: str, tmp_path: Path) -> None:
    """A read-only file system with an earlier run's work lies under the store or under OUT: exit 7 or 2, no request."""
    folder = articles(tmp_path / "in", 3)
    with disk(tmp_path / "small", "5m") as small, Service() as service:
        places = {"store": tmp_path / "store.sqlite", "out": tmp_path / "out"}
        places[under] = small / places[under].name
        command = whole_run(folder, places["out"], service, places["store"])
        assert here(*command).code == 0
        before = files(small)
        articles(folder, 6)
        sent = len(service.ledger)
        remount(small, "ro")
        done = dragoman(*command, home=tmp_path)
        assert done.code in (2, 7), done.stderr
        assert str(places[under]) in done.stderr
        assert "Traceback" not in done.stderr
        assert len(service.ledger) == sent
        assert under == "out" or "file system is read-only" in done.stderr
        remount(small, "rw")
        assert files(small) == before
        assert here(*command).code == 0
        assert service.paid == 6


def test_a_store_that_cannot_be_written_can_be_read(tmp_path: Path) -> None:
    """On a read-only file system stored replies are used, counted and verified. A repair says why it is not
    possible.
    """
    folder = articles(tmp_path / "in", 3)
    with disk(tmp_path / "small", "5m") as small, Service() as service:
        store = small / "store.sqlite"
        command = whole_run(folder, tmp_path / "out", service, store)
        assert here(*command).code == 0
        sent, whole = len(service.ledger), store.read_bytes()
        remount(small, "ro")
        reading: list[tuple[object, ...]] = [
            command,
            ("summarize", folder / "a00.txt", *to(service, store)),
            ("plan", folder, *to(service, store)),
            ("check", tmp_path / "out"),
            ("store", "stats", "--store", store),
            ("store", "verify", "--store", store),
            ("store", "export", tmp_path / "recordings", "--store", store),
        ]
        for given in reading:
            done = here(*given)
            assert done.code == 0, done.stderr
        assert len(service.ledger) == sent
        remount(small, "rw")
        store.write_bytes(bytes(4096) + whole[4096:])
        remount(small, "ro")
        done = here("store", "repair", "--store", store)
        assert done.code == 7, done.stderr
        assert "file system is read-only" in done.stderr
        assert "Traceback" not in done.stderr
        remount(small, "rw")
        assert here("store", "repair", "--store", store).code == 0
        assert here(*command).code == 0
        assert len(service.ledger) == sent


# Damaged or replaced stores.


def filled(tmp_path: Path, store: Path, service: Service, count: int = 6) -> tuple[object, ...]:
    """Run a command that fills a store and completes; returns the command."""
    command = whole_run(articles(tmp_path / "in", count), tmp_path / "out", service, store)
    assert here(*command).code == 0
    return command


def emptied(store: Path) -> None:
    store.write_bytes(b"")


def halved(store: Path) -> None:
    store.write_bytes(store.read_bytes()[: store.stat().st_size // 2])


def cut_in_a_page(store: Path) -> None:
    store.write_bytes(store.read_bytes()[:5000])


def junk_header(store: Path) -> None:
    store.write_bytes(b"\x00" * 100 + store.read_bytes()[100:])


def another_file(store: Path) -> None:
    store.write_bytes(random.Random(SEED).randbytes(50_000))


def garbled(store: Path) -> None:
    """Damage the store so that SQLite's message about it cannot be decoded either."""
    store.write_bytes(store.read_bytes().replace(b"tableexchanges", b"tableexc\xc7\xe1nges"))


def newer(store: Path) -> None:
    with closing(sqlite3.connect(store)) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
        db.commit()


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "empty": (emptied, "dragoman store repair"),
    "cut in half": (halved, "dragoman store repair"),
    "cut within a page": (cut_in_a_page, "dragoman store repair"),
    "junk for a header": (junk_header, "dragoman store repair"),
    "another file": (another_file, "dragoman store repair"),
    "noise for the names of tables": (garbled, "dragoman store repair"),
    "a newer version": (newer, "newer version of Dragoman"),
}


@pytest.mark.parametrize("command", some(["run", "summarize", "plan"], few=1))
@pytest.mark.parametrize(("damage", "advice"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_or_replaced_store_is_exit_7_and_untouched(
    damage: Callable[[Path], None], advice: str, command: str, tmp_path: Path, store_path: Path
) -> None:
    """Whichever command opens it: nothing is sent, nothing is overwritten, and the message names what to do."""
    with Service() as service:
        run = filled(tmp_path, store_path, service)
        sent = len(service.ledger)
        damage(store_path)
        before = store_path.read_bytes()
        given: dict[str, tuple[object, ...]] = {
            "run": run,
            "summarize": ("summarize", tmp_path / "in/a00.txt", *to(service, store_path)),
            "plan": ("plan", tmp_path / "in", *to(service, store_path)),
        }
        done = here(*given[command])
        assert done.code == 7, done.stderr
        assert advice in done.stderr
        assert "Traceback" not in done.stderr
        assert len(service.ledger) == sent
        assert store_path.read_bytes() == before
    assert [record["status"] for record in records(tmp_path / "out")] == ["ok"] * 6


def test_damage_to_any_page_is_reported_and_nothing_is_bought_again(tmp_path: Path, store_path: Path) -> None:
    """Zeros or noise over any page (in the sample, over some): exit 7 or the right records, and no request."""
    chance = random.Random(SEED)
    with Service() as service:
        command = filled(tmp_path, store_path, service)
        right = (tmp_path / "out/records.jsonl").read_bytes()
        sent = len(service.ledger)
        whole = store_path.read_bytes()
        pages = len(whole) // 4096
        wrong = []
        for page in spread(pages, most=pages, few=10):
            for fill in (bytes(4096), chance.randbytes(4096))[: 2 if ALL else 1]:
                store_path.write_bytes(whole[: (page - 1) * 4096] + fill + whole[page * 4096 :])
                for ending in ("-wal", "-shm"):
                    store_path.with_name(store_path.name + ending).unlink(missing_ok=True)
                done = here(*command)
                same = (tmp_path / "out/records.jsonl").read_bytes() == right
                if len(service.ledger) != sent or done.code not in (0, 7) or not same:
                    wrong.append((page, fill[:1], done.code, len(service.ledger) - sent, same, done.stderr[-300:]))
                sent = len(service.ledger)
        assert wrong == []


@pytest.mark.parametrize("seed", seeds(40, few=2))
def test_a_repaired_store_keeps_undamaged_replies_and_only_the_rest_is_bought(
    seed: int, tmp_path: Path, store_path: Path
) -> None:
    """After `store repair` the same command pays only for lost replies, and reports their number."""
    chance = random.Random(seed)
    with Service() as service:
        command = filled(tmp_path, store_path, service, 12)
        content = bytearray(store_path.read_bytes())
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(4096, len(content) - 600)
            content[at : at + 600] = chance.randbytes(600)
        store_path.write_bytes(content)
        before = here(*command)
        sent = len(service.ledger)
        assert sent == 12, before.stderr
        mended = here("store", "repair", "--store", store_path)
        assert mended.code in (0, 2, 7), mended.stderr  # 2: no damage in anything that is read
        saved = 12 if mended.code == 2 else int(mended.stderr.split()[0].replace(",", ""))
        assert (mended.code == 7) is (saved == 0)
        done = here(*command)
        if done.code == 7:
            # The id of the store was damaged too. It counts as another store, and the user has to choose.
            assert "--buy-again" in done.stderr
            assert len(service.ledger) == sent
            done = here(*command, "--buy-again")
        assert done.code == 0, done.stderr
        assert len(service.ledger) - sent == 12 - saved
        assert here("store", "verify", "--store", store_path).code == 0


@only_all
def test_a_store_whose_log_was_removed_does_not_count_as_empty(tmp_path: Path, store_path: Path) -> None:
    """After a `kill -9` the newest replies are in the log beside the store. Without it, they are not silently bought
    again.
    """
    folder, out = articles(tmp_path / "in", 8), tmp_path / "out"
    with Service(latency=0.1) as service:
        command = whole_run(folder, out, service, store_path)
        process = start(*command, home=tmp_path)
        wait_for(lambda: len(service.ledger) >= 6)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        log = store_path.with_name(store_path.name + "-wal")
        if not log.exists():
            not_shown("the store left no log behind")
        with closing(sqlite3.connect(store_path)) as db:
            kept = db.execute("SELECT count(*) FROM exchanges").fetchone()[0]
        assert kept >= 1


@only_all
def test_a_run_waits_for_a_store_that_another_program_locks(tmp_path: Path, store_path: Path) -> None:
    """Another program locks the store for a second, as a backup does. The run waits and completes."""
    folder, out = articles(tmp_path / "in", 4), tmp_path / "out"
    with Service() as service:
        command = whole_run(folder, out, service, store_path)
        here(*command)
        articles(folder, 8)
        holder = sqlite3.connect(store_path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        process = start(*command, home=tmp_path)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=2.5)
        holder.execute("COMMIT")
        holder.close()
        done = ended(process)
        assert done.code == 0, done.stderr
        assert service.paid == 8


@only_all
def test_a_store_that_disappears_during_a_run_is_reported(tmp_path: Path, store_path: Path) -> None:
    """The folder of the store is removed during a run: no success, no traceback."""
    folder, out = articles(tmp_path / "in", 8), tmp_path / "out"
    place = tmp_path / "data"
    place.mkdir()
    with Service(latency=0.2) as service:
        process = start(*whole_run(folder, out, service, place / "store.sqlite"), home=tmp_path)
        wait_for(lambda: len(service.ledger) >= 3)
        shutil.rmtree(place)
        done = ended(process)
        assert "Traceback" not in done.stderr
        assert done.code in (0, 7)
        # Every reply is in OUT, or was rescued and named.
        answered = [record["status"] for record in records(out)].count("ok")
        assert answered == service.paid or "dragoman store import" in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="not shown: this system has no /dev/full")
@only_all
def test_a_report_that_cannot_be_printed_changes_nothing_on_disk(tmp_path: Path, store_path: Path) -> None:
    """stdout is a full disk: `summarize` ends with 7, the answer is in the store, and the next call uses it."""
    folder = articles(tmp_path / "in", 1)
    with Service() as service, open("/dev/full", "wb") as full:
        command = ("summarize", folder / "a00.txt", *to(service, store_path))
        process = with_prelude("", *command, home=tmp_path, stdout=full)
        done = ended_of(process)
        assert done == 7
        assert here(*command).code == 0
        assert service.paid == 1


def ended_of(process: subprocess.Popen[bytes]) -> int:
    """Return the exit code of a process whose stdout this test does not read. Fails after a minute and on a
    traceback.
    """
    _, output = process.communicate(timeout=60)
    assert b"Traceback" not in output
    return process.returncode
