"""Files and replies made to mislead Dragoman, to fill its memory, or to make it wait for ever.

Commands may use `MEMORY` bytes of address space. A command that still runs after a minute is ended and counts as a
failure, as do a traceback and an exit code that hides the problem.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import shutil
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import SAMPLES, Ended, articles, dragoman, files, here, records, run_facts, stored, to
from tests.support.service import Answer, Behaviour, RawBody, Service
from tests.support.service.mechanical import user_text

from .amount import some
from .odd import with_prelude
from .weather import BillingService

MEMORY = 2_000_000_000
"""Bytes: several times what any command needs here, and less than what is served to it."""
SECONDS = 60
"""Seconds before a command counts as stuck. No command here takes two, even on a busy machine."""


def bounded(*words: object, home: Path, cwd: Path | None = None, **env: str) -> Ended:
    """Run a command with limited memory and time."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    if cwd is not None:
        os.makedirs(cwd, exist_ok=True)
    process = with_prelude(f"import os\nos.chdir({str(cwd or home)!r})\n", *words, home=home, env=env, preexec_fn=limit)
    try:
        stdout, stderr = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        pytest.fail(f"{words[0]} was still at it after {SECONDS} seconds")
    assert b"Traceback" not in stderr, stderr[-600:].decode()
    assert b"MemoryError" not in stderr
    return Ended(process.returncode, stdout.decode(), stderr.decode())


# Modified recordings.


def other_words(recording: dict[str, Any]) -> None:
    recording["body"] = recording["body"].replace("[mechanical]", "[invented]")


def other_usage(recording: dict[str, Any]) -> None:
    body = json.loads(recording["body"])
    body["usage"]["output_tokens"] += 1
    recording["body"] = json.dumps(body, ensure_ascii=False)


def other_price(recording: dict[str, Any]) -> None:
    recording["cost_usd"] = "0.000001"


def other_origin(recording: dict[str, Any]) -> None:
    recording["origin"] = "handwritten"


def other_endpoint(recording: dict[str, Any]) -> None:
    recording["endpoint"], recording["base_url"] = "anthropic", None


def other_model(recording: dict[str, Any]) -> None:
    recording["body"] = recording["body"].replace('"model":"claude-sonnet-5-5"', '"model":"claude-opus-5-5"')


def other_article(recording: dict[str, Any]) -> None:
    recording["article_sha256"] = "0" * 64


def other_date(recording: dict[str, Any]) -> None:
    recording["created_at"] = "2027-01-01T00:00:00Z"


CHANGES = [
    other_words, other_usage, other_price, other_origin, other_endpoint, other_model, other_article, other_date,
]  # fmt: skip


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a place with two articles and their recordings."""
    place = tmp_path_factory.mktemp("recorded")
    with Service() as service:
        command = ("run", articles(place / "in", 2), "-o", place / "out", *to(service, place / "store.sqlite"))
        done = dragoman(*command, "--record", place / "recordings", home=place)
    assert done.code == 0, done.stderr
    return place


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_recording_that_was_changed_is_named_and_not_used(
    change: Callable[[dict[str, Any]], None], recorded: Path, tmp_path: Path
) -> None:
    """`store import` imports the others and ends with 3; replay does not use it. Both name the file."""
    recordings = shutil.copytree(recorded / "recordings", tmp_path / "recordings")
    path = sorted(recordings.iterdir())[0]
    recording = json.loads(path.read_text("utf-8"))
    before = dict(recording)
    change(recording)
    assert recording != before
    path.write_text(json.dumps(recording, ensure_ascii=False, indent=1) + "\n", "utf-8")
    imported = here("store", "import", recordings, "--store", tmp_path / "second.sqlite")
    assert imported.code == 3, imported.stderr
    assert path.name in imported.stderr
    assert stored(tmp_path / "second.sqlite")["exchanges"] == 1
    replay = ("--provider", "replay", "--recordings", recordings)
    replayed = here("run", recorded / "in", "-o", tmp_path / "replayed", *replay)
    assert replayed.code != 0
    assert path.name in replayed.stderr


def test_a_foreign_folder_does_not_make_a_run_import_replies(tmp_path: Path, store_path: Path) -> None:
    """`rescued_to` in a foreign run.json names replies "of Claude" for these articles. The run does not import them."""
    folder, out, planted = articles(tmp_path / "in", 2), tmp_path / "out", tmp_path / "planted"
    with Service() as service:
        here("run", folder, "-o", out, *to(service, tmp_path / "theirs.sqlite"), "--record", planted)
        facts = run_facts(out) | {"rescued": 2, "rescued_to": str(planted), "store": None, "exit_code": 7}
        (out / "run.json").write_text(json.dumps(facts), "utf-8")
        before = len(service.ledger)
        command = ("run", folder, "-o", out, *to(service, store_path))
        done = here(*command)
        if done.code == 7:  # this store lacks the replies of OUT, and the run may report that first
            assert len(service.ledger) == before
            done = here(*command, "--buy-again")
        assert done.code == 0, done.stderr
        assert len(service.ledger) - before == 2, "the planted replies were accepted as bought ones"
        assert run_facts(out)["taken_back"] in (0, None)


@pytest.mark.parametrize("part", some(["articles", "sources", "tables"], few=1))
def test_a_link_in_a_foreign_folder_does_not_lead_a_run_to_another_folder(
    part: str, tmp_path: Path, store_path: Path
) -> None:
    """A part of OUT is a link to another folder. The files there are neither changed nor removed."""
    folder, out, other_out = articles(tmp_path / "in", 1), tmp_path / "out", tmp_path / "theirs"
    with Service() as service:
        here("run", articles(tmp_path / "more", 3), "-o", other_out, *to(service, store_path))
        here("run", folder, "-o", out, *to(service, store_path))
        shutil.rmtree(out / part)
        (out / part).symlink_to(other_out / part)
        before = files(other_out)
        done = here("run", folder, "-o", out, *to(service, store_path), "--fresh")
        assert files(other_out) == before
        assert done.code in (0, 2, 7), done.stderr


# Files that never end, never begin, or are too large.


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def fifo(path: Path) -> None:
    os.mkfifo(path)


def huge(path: Path) -> None:
    """Create a file of 5 GB that takes no room on the disk."""
    with path.open("wb") as handle:
        handle.truncate(5_000_000_000)


def deep(path: Path) -> None:
    path.write_text("[" * 1_000_000, "utf-8")


BAD_FILES = [endless, fifo, huge, deep]


def read_recordings(place: Path, make: Callable[[Path], None]) -> list[tuple[object, ...]]:
    (place / "recordings").mkdir()
    make(place / "recordings/x1-0000.json")
    replay = ("--provider", "replay", "--recordings", place / "recordings")
    return [
        ("store", "import", place / "recordings", "--store", place / "second.sqlite"),
        ("run", place / "in", "-o", place / "replayed", *replay),
    ]


def read_settings(place: Path, make: Callable[[Path], None]) -> list[tuple[object, ...]]:
    make(place / "dragoman.toml")
    return [("doctor",)]


def read_prompts(place: Path, make: Callable[[Path], None]) -> list[tuple[object, ...]]:
    (place / "prompts/summary").mkdir(parents=True)
    make(place / "prompts/summary/v9.md")
    return [("prompts", "list", "--prompts", place / "prompts")]


def of_out(name: str) -> Callable[[Path, Callable[[Path], None]], list[tuple[object, ...]]]:
    """Return a reader that puts a bad file into OUT and runs the commands that read it."""

    def read(place: Path, make: Callable[[Path], None]) -> list[tuple[object, ...]]:
        out = place / "out"
        path = next(out.glob(name), out / name)
        path.unlink(missing_ok=True)
        make(path)
        store = ("--store", place / "store.sqlite")
        return [("show", out), ("decisions", "show", out), ("report", out), ("check", out, *store)]

    return read


READERS = {
    "recordings": read_recordings,
    "decisions.json": of_out("decisions.json"),
    "dragoman.toml": read_settings,
    "prompts": read_prompts,
    "records.jsonl": of_out("records.jsonl"),
    "run.json": of_out("run.json"),
    "sources": of_out("sources/*.txt"),
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a place with articles, a store and OUT."""
    place = tmp_path_factory.mktemp("finished")
    with Service() as service:
        folder = articles(place / "in", 2)
        done = dragoman("run", folder, "-o", place / "out", *to(service, place / "store.sqlite"), home=place)
    assert done.code == 0, done.stderr
    return place


@pytest.mark.parametrize("make", some(BAD_FILES, few=1), ids=lambda make: make.__name__)
@pytest.mark.parametrize("reader", some(list(READERS.values()), few=2), ids=some(list(READERS), few=2))
def test_an_endless_blocking_or_huge_file_is_rejected_quickly(
    reader: Callable[[Path, Callable[[Path], None]], list[tuple[object, ...]]],
    make: Callable[[Path], None],
    finished: Path,
    tmp_path: Path,
) -> None:
    """An endless file, a FIFO, a file of 5 GB and one nested a million levels deep: one line, in seconds, with little
    memory.
    """
    place = tmp_path / "place"
    shutil.copytree(finished, place)
    for words in reader(place, make):
        done = bounded(*words, home=place)
        assert done.code in (0, 2, 3, 6, 7), (words, done.stderr)
        assert done.code == 0 or done.stderr.strip(), words


# Oversized replies.

ROOM = 400_000_000


def packed() -> Behaviour:
    """Return 0.4 MB that decompress to 400 MB."""
    body = gzip.compress(b'{"type": "message", "content": "' + bytes([32]) * ROOM + b'"}', 1)
    return RawBody(body, {"content-type": "application/json", "content-encoding": "gzip"})


def packed_error() -> Behaviour:
    return RawBody(gzip.compress(b"x" * ROOM, 1), {"content-type": "text/plain", "content-encoding": "gzip"}, 500)


def large() -> Behaviour:
    return RawBody(b'{"type": "message", "content": "' + b" " * 100_000_000 + b'"}')


@pytest.mark.parametrize("made", some([packed, large, packed_error], few=1), ids=lambda made: made.__name__)
def test_a_reply_that_would_fill_the_memory_is_abandoned(
    made: Callable[[], Behaviour], tmp_path: Path, store_path: Path
) -> None:
    """It is not read completely, not stored, and not requested more often than any other reply. The others are
    answered.
    """
    folder, out, behaviour = articles(tmp_path / "in", 3), tmp_path / "out", made()
    script = lambda _, body: behaviour if "bài số 1\n" in user_text(body) else None  # noqa: E731
    with Service(script=script) as service:
        done = bounded("run", folder, "-o", out, *to(service, store_path), "--patience", 5, home=tmp_path)
        assert done.code in (0, 3), done.stderr
        assert [record["status"] for record in records(out)] == ["ok", "failed", "ok"]
        assert len(service.ledger) <= 2 + 3
        kept = sum(path.stat().st_size for path in store_path.parent.glob(f"{store_path.name}*"))
        assert kept < 20_000_000
        service._script = lambda *_: None
        assert here("run", folder, "-o", out, *to(service, store_path), "--retry").code == 0


# A cap, and a service that counts unexpectedly many tokens.


def signs() -> str:
    """Return cuneiform text: four bytes per sign, and a service may count each byte as a token."""
    return "Tin mới về bảng chữ.\n\n" + "𒀀𒁀𒂀𒃀" * 20_000


def marks() -> str:
    """Return paragraphs of one letter: each gets a mark that is longer than the paragraph."""
    return "\n\n".join("añbcdéfghíj"[number % 11] for number in range(18_000))


def dearest(_: int, body: dict[str, Any]) -> Behaviour:
    """Count as many tokens as the request has bytes."""
    system = body.get("system") or ""
    system_text = system if isinstance(system, str) else "".join(block["text"] for block in system)
    count = len((system_text + user_text(body)).encode())
    usage = {
        "input_tokens": count, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
    }  # fmt: skip
    return Answer(usage=usage)


@pytest.mark.parametrize("cap", some(["0.5", "0.1", "1.5", "5"], few=1))
@pytest.mark.parametrize("made", some([signs, marks], few=1), ids=lambda made: made.__name__)
def test_no_script_and_no_number_of_paragraphs_exceeds_the_cap(
    made: Callable[[], str], cap: str, tmp_path: Path, store_path: Path
) -> None:
    """Even if a service counts one token per byte, its bill stays within `--max-cost`."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "b.txt").write_text(made(), "utf-8")
    with BillingService(script=dearest) as service:
        done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path), "--max-cost", cap)
        assert done.code in (0, 3, 5), done.stderr
        assert service.billed <= Decimal(cap), done.stderr


def test_the_samples_fit_a_small_cap(tmp_path: Path, store_path: Path) -> None:
    """The worst case is close enough to the real price that a cap is usable."""
    with BillingService() as service:
        done = here("run", SAMPLES, "-o", tmp_path / "out", *to(service, store_path), "--max-cost", "3")
        assert done.code in (0, 3), done.stderr
        assert service.paid >= 7
