"""Each file that a command opens may be a pipe, an endless device, 24 GB, a folder, or hostile JSON. The command
reports a clear error at once, and nothing is lost.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from dragoman import config
from dragoman.errors import ConfigError
from dragoman.output import decisions, run_file
from dragoman.output import records_file as lines
from dragoman.output.decisions import read_decisions
from dragoman.output.folder import OutputFolder
from dragoman.output.read import read_records
from dragoman.output.rebuild import rebuild
from dragoman.reading.discover import MAX_FILE_BYTES
from dragoman.store import maintenance, recordings
from dragoman.store.recordings import Recordings
from dragoman.store.seals import sealed
from dragoman.store.sqlite.store import Store
from dragoman.tasks import prompts
from dragoman.tasks.prompts import released_folder
from tests.support.builders import exchange_of, request_of
from tests.support.commands import REPLAY, SAMPLES, Ended, articles, files, here, to
from tests.support.folders import decide, sample_folder, save_decisions
from tests.support.service import Service

SAMPLE = SAMPLES / "vi-cang-nuoc-sau.txt"
HUNG_SECONDS = 120
"""Seconds after which a command that should end at once counts as hung. Only a failing test waits this long."""


@pytest.fixture(autouse=True)
def watched() -> Iterator[None]:
    """End a test that waits for ever on a pipe without a writer or a device without an end."""

    def hung(number: int, frame: FrameType | None) -> None:
        raise AssertionError("this should have ended at once")

    before = signal.signal(signal.SIGALRM, hung)
    signal.alarm(HUNG_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(24 << 30)


SHAPES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a named pipe": (os.mkfifo, "not a regular file (a named pipe)"),
    "an endless device": (lambda path: path.symlink_to("/dev/zero"), "not a regular file (a device)"),
    "the environment": (lambda path: path.symlink_to("/proc/self/environ"), "in /proc, where Dragoman reads nothing"),
    "24 GB": (sparse, "larger than"),
    "a folder": (Path.mkdir, "not a regular file (a folder)"),
}
shapes = pytest.mark.parametrize(("make", "says"), SHAPES.values(), ids=SHAPES)


def put(make: Callable[[Path], object], path: Path) -> Path:
    """Replace what is at a path by what ``make`` creates."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    make(path)
    return path


def settings_file(make: Callable[[Path], object], folder: Path) -> tuple[Ended, str]:
    put(make, folder / "dragoman.toml")
    return here("doctor"), "dragoman.toml"


def spec(make: Callable[[Path], object], folder: Path) -> tuple[Ended, str]:
    put(make, folder / "mine" / "summary" / "v7.md")
    return here("prompts", "list", "--follow-links", "--prompts", folder / "mine"), "v7.md"


def schema(make: Callable[[Path], object], folder: Path) -> tuple[Ended, str]:
    text = (released_folder() / "summary" / "v1.md").read_text("utf-8").replace("version = 1", "version = 7")
    put(lambda path: path.write_text(text, "utf-8"), folder / "mine" / "summary" / "v7.md")
    put(make, folder / "mine" / "summary" / "v7.schema.json")
    return here("prompts", "list", "--follow-links", "--prompts", folder / "mine"), "v7.schema.json"


def recording(make: Callable[[Path], object], folder: Path) -> tuple[Ended, str]:
    put(make, folder / "recordings" / "odd.json")
    return here("summarize", SAMPLE, "--provider", "replay", "--recordings", folder / "recordings"), "odd.json"


def decisions_file(make: Callable[[Path], object], folder: Path) -> tuple[Ended, str]:
    out = sample_folder(folder / "out")
    put(make, out / "decisions.json")
    return here("show", out), "decisions.json"


def records_file(make: Callable[[Path], object], folder: Path) -> tuple[Ended, str]:
    put(make, folder / "out" / "records.jsonl")
    return here("show", folder / "out"), "records.jsonl"


def facts_file(make: Callable[[Path], object], folder: Path) -> tuple[Ended, str]:
    out = sample_folder(folder / "out")
    put(make, out / "run.json")
    return here("run", SAMPLES, "-o", out, *REPLAY), "run.json"


def written_answer(make: Callable[[Path], object], folder: Path) -> tuple[Ended, str]:
    answer = put(make, folder / "answer")
    return here("dev", "handwrite", SAMPLE, answer, "--recordings", folder / "r", "--on", "2026-11-21"), "answer"


KINDS = (
    settings_file, spec, schema, recording, decisions_file, records_file, facts_file, written_answer,
)  # fmt: skip


@shapes
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_not_regular_is_exit_2_and_named(
    kind: Callable[[Callable[[Path], object], Path], tuple[Ended, str]],
    make: Callable[[Path], object],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """For settings, prompts, schemas, recordings, decisions, records and facts, one line says which file it is and what
    is wrong.
    """
    monkeypatch.chdir(tmp_path)
    done, name = kind(make, tmp_path)
    (line,) = done.stderr.splitlines()
    assert done.code == 2
    assert name in line
    # Records are read line by line: of 24 GB, only the largest possible record is read.
    assert says in line or (kind is records_file and "is longer than" in line)


@shapes
def test_import_names_what_is_not_a_regular_file_and_imports_the_rest(
    make: Callable[[Path], object], says: str, tmp_path: Path, store_path: Path
) -> None:
    recordings.write(tmp_path / "kept", exchange_of())
    put(make, tmp_path / "kept" / "odd.json")
    done = here("store", "import", tmp_path / "kept", "--store", store_path)
    assert done.code == 3
    assert "odd.json" in done.stderr
    assert says in done.stderr
    assert "1 reply imported" in done.stderr


@shapes
def test_a_source_that_is_not_a_regular_file_leaves_its_record_readable(
    make: Callable[[Path], object], says: str, tmp_path: Path
) -> None:
    out = sample_folder(tmp_path / "out")
    record = next(read_records(out))
    put(make, out / "sources" / f"{record.article.id}.txt")
    done = here("show", out, record.article.id)
    assert done.code == 0
    assert "shown without its source" in done.stderr
    assert says in done.stderr or "was changed" in done.stderr
    assert here("report", out).code in (0, 2)


@shapes
def test_doctor_ignores_aws_files_that_are_not_regular(
    make: Callable[[Path], object], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Doctor treats them as empty, as the SDK does: ``AWS_CONFIG_FILE=/dev/null`` is how users switch them off."""
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(put(make, tmp_path / name)))
    assert here("doctor", "--provider", "bedrock").code == 4


@pytest.mark.parametrize("name", ["sources", "articles", "tables"])
def test_no_command_writes_through_a_folder_of_out_that_is_a_link(name: str, tmp_path: Path, store_path: Path) -> None:
    """Otherwise whoever supplied the folder could choose where files are written and, worse, deleted. Every command
    that writes there rejects it before anything is sent.
    """
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine-0123456789.txt").write_text("mine")
    out = sample_folder(tmp_path / "out")
    if (out / name).exists():
        shutil.rmtree(out / name)
    (out / name).symlink_to(elsewhere)
    before = files(tmp_path)
    with Service() as service:
        for command in (
            ("run", articles(tmp_path / "in", 1), "-o", out, *to(service, store_path)),
            ("run", tmp_path / "in", "-o", out, "--fresh", *to(service, store_path)),
            ("report", out),
            ("check", out, "--recordings", REPLAY[-1]),
        ):
            done = here(*command)
            assert done.code == 2
            assert f"{name} is a link" in done.stderr
        assert service.ledger == ()
    assert {path: files(tmp_path)[path] for path in before} == before
    assert set(files(elsewhere)) == {"mine-0123456789.txt"}


def test_a_file_of_out_that_is_a_link_is_replaced_by_a_file(tmp_path: Path) -> None:
    """The target of the link is not touched, even if its content is already the same."""
    out = sample_folder(tmp_path / "out")
    rebuild(out)
    index = (out / "index.md").read_bytes()
    (tmp_path / "mine").write_bytes(index)
    (out / "index.md").unlink()
    (out / "index.md").symlink_to(tmp_path / "mine")
    rebuild(out)
    assert not (out / "index.md").is_symlink()
    assert (out / "index.md").read_bytes() == (tmp_path / "mine").read_bytes() == index


def test_decisions_may_be_stored_elsewhere_behind_a_link(tmp_path: Path) -> None:
    """A person may keep them under version control, and nothing in them is sent."""
    out = sample_folder(tmp_path / "out")
    save_decisions(out, decide(next(read_records(out)), "c1")).rename(tmp_path / "decisions.json")
    (out / "decisions.json").symlink_to(tmp_path / "decisions.json")
    assert len(read_decisions(out)) == 1


def test_a_duplicate_verdict_is_rejected(tmp_path: Path) -> None:
    """JSON readers differ on which of the two counts."""
    out = sample_folder(tmp_path / "out")
    path = save_decisions(out, decide(next(read_records(out)), "c1"))
    text = path.read_text("utf-8").replace('"verdict": "accepted"', '"verdict": "accepted", "verdict": "rejected"')
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="'verdict' occurs twice"):
        read_decisions(out)


HOSTILE = {
    "nested": "[" * 200_000,
    "a long number": '{"schema": ' + "9" * 5_000 + "}",
    "half a pair": r'{"schema": "\ud800"}',
    "no number": '{"schema": NaN}',
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("kind", [recording, decisions_file, schema, records_file])
def test_hostile_json_is_exit_2_and_named(
    kind: Callable[[Callable[[Path], object], Path], tuple[Ended, str]],
    content: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    done, name = kind(lambda path: path.write_text(content), tmp_path)
    (line,) = done.stderr.splitlines()
    assert (done.code, name in line) == (2, True)


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_hostile_facts_of_a_run_are_ignored(content: str, tmp_path: Path) -> None:
    """The next run writes them again."""
    out = sample_folder(tmp_path / "out")
    (out / "run.json").write_text(content)
    assert here("run", SAMPLES, "-o", out, *REPLAY).code == 0
    assert json.loads((out / "run.json").read_text("utf-8"))["exit_code"] == 0


def test_hostile_toml_is_exit_2_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for content in ("tasks = " + "[" * 200_000, "rpm = " + "9" * 5_000, "store = '\0'"):
        (tmp_path / "dragoman.toml").write_text(content)
        done = here("doctor")
        assert done.code == 2
        assert "dragoman.toml" in done.stderr


def read_settings(path: Path) -> object:
    return config.resolve(folder=path.parent)


def read_wording(path: Path) -> object:
    return prompts.load(path)


def read_recording(path: Path) -> object:
    return recordings.read(path)


def read_decisions_file(path: Path) -> object:
    return read_decisions(path.parent)


LIMITS: dict[str, tuple[str, int, Callable[[Path], object], Callable[[], bytes]]] = {
    "settings": ("dragoman.toml", config.MAX_SETTINGS_BYTES, read_settings, lambda: b"# "),
    "wording": (
        "summary/v1.md", prompts.MAX_PROMPT_BYTES, read_wording,
        lambda: (released_folder() / "summary" / "v1.md").read_bytes(),
    ),
    "recording": (
        "odd.json", recordings.MAX_RECORDING_BYTES, read_recording,
        lambda: json.dumps(sealed(exchange_of().to_json())).encode(),
    ),
    "decisions": (
        "decisions.json", decisions.MAX_DECISIONS_BYTES, read_decisions_file,
        lambda: b'{"schema": "dragoman.decisions/1", "decisions": []}',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "most", "read", "content"), LIMITS.values(), ids=LIMITS)
def test_a_file_of_the_largest_size_is_read_and_one_byte_more_is_not(
    tmp_path: Path, name: str, most: int, read: Callable[[Path], object], content: Callable[[], bytes]
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content().ljust(most))
    read(path)
    path.write_bytes(content().ljust(most + 1))
    with pytest.raises(ConfigError, match=f"larger than {most:,} bytes"):
        read(path)


def test_limits_are_what_their_reasons_say() -> None:
    """Each limit has its reason beside it. This test checks the arithmetic: each limit is less than twice what its
    reason needs.
    """
    step = len('{"start":1000000,"end":1000001,"replacement":"","reason":"control character removed"},')
    assert 1 <= lines.MAX_LINE_BYTES / (step * MAX_FILE_BYTES / 2) < 2
    entry = len('  "0123456789-0123456789-txt-0123456789": "",\n') + 150
    assert 1 <= run_file.MAX_RUN_BYTES / (2_000_000 * entry) < 2
    assert 1 <= recordings.MAX_RECORDING_BYTES / (2 * 3 * 10_000_000) < 2
    a_decision = len(json.dumps(decide(next(read_records(SAMPLES.parent / "expected")), "c1"), indent=1))
    assert 1 <= decisions.MAX_DECISIONS_BYTES / (40_000 * a_decision) < 2
    assert prompts.MAX_PROMPT_BYTES == 1_000_000 * 4
    assert config.MAX_SETTINGS_BYTES == 1_000 * 1_000


def test_recordings_are_held_in_memory_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder may have more recordings than fit into memory, so replay and import keep no exchange after its use."""
    alive: list[int] = []
    most = 0

    class Counted:
        def __init__(self) -> None:
            nonlocal most
            alive.append(1)
            most = max(most, len(alive))

        def __del__(self) -> None:
            alive.pop()

    real = recordings.read

    def counted(path: Path) -> object:
        exchange = real(path)
        object.__setattr__(exchange, "counted", Counted())
        return exchange

    for number in range(20):
        recordings.write(tmp_path / "kept", exchange_of(request_of(f"read {number}")))
    monkeypatch.setattr(recordings, "read", counted)
    library = Recordings(tmp_path / "kept")
    assert library.find(request_of("read 7").key) is not None
    assert sum(1 for _ in library) == 20
    with Store(tmp_path / "store.sqlite") as store:
        assert maintenance.import_recordings(store, tmp_path / "kept").taken == 20
    assert most <= 2


def test_a_recording_that_is_replaced_during_use_is_an_error(tmp_path: Path) -> None:
    path = recordings.write(tmp_path, exchange_of())
    library = Recordings(tmp_path)
    assert library.find(exchange_of().key) == exchange_of()
    path.write_text(json.dumps(sealed(exchange_of(request_of("another")).to_json())))
    with pytest.raises(ConfigError, match="was replaced by another one"):
        library.find(exchange_of().key)


def test_a_line_of_records_beyond_its_limit_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = sample_folder(tmp_path / "out")
    longest = max(len(line) for line in (out / "records.jsonl").read_bytes().splitlines(keepends=True))
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", longest)
    assert len(list(read_records(out))) == 7
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", longest - 1)
    with pytest.raises(ConfigError, match=rf"line \d+, is longer than {longest - 1:,} bytes"):
        list(read_records(out))
    with pytest.raises(ConfigError, match="is longer than"):
        OutputFolder(out)


@pytest.mark.parametrize(
    "facts",
    [
        {"inputs": []}, {"inputs": {"a": 1}}, {"notes": "text"}, {"notes": [1]}, {"store": 5}, {"recordings": ["x"]},
        {"rescued_to": {}}, {"base_url": 1}, {"built": []}, {"built": {"files": {"a": "b"}}}, {"refreshed_after": "x"},
        {"exit_code": []},
    ],
    ids=str,
)  # fmt: skip
def test_facts_of_the_wrong_type_do_not_stop_a_command(facts: dict[str, object], tmp_path: Path) -> None:
    """An OUT folder from another person may hold anything. Each command ends as if the fact were missing."""
    out = sample_folder(tmp_path / "out")
    for command in (("check", out, "--recordings", REPLAY[-1]), ("report", out), ("run", SAMPLES, "-o", out, *REPLAY)):
        (out / "run.json").write_text(json.dumps({"schema": "dragoman.run/1", "dragoman": "0", **facts}))
        assert here(*command).code == 0
    (out / "run.json").write_text(json.dumps({"schema": "dragoman.run/1", "dragoman": "0", **facts}))
    assert here("check", out).code in (0, 2)


@pytest.mark.parametrize("id_", ["../../notes", "/tmp/notes", "a/b", "..", "", "A", "a\nb", "a-"])
def test_a_record_whose_id_would_lead_out_of_the_folder_is_rejected(id_: str, tmp_path: Path) -> None:
    """File names are made of ids, so a record from another person must not choose where its page is written."""
    out = sample_folder(tmp_path / "out")
    (tmp_path / "notes.md").write_text("mine")
    first, *others = (out / "records.jsonl").read_text("utf-8").splitlines(keepends=True)
    record = json.loads(first)
    record["article"]["id"] = id_
    (out / "records.jsonl").write_text("".join([json.dumps(record) + "\n", *others]), "utf-8")
    for command in (("report", out), ("check", out, "--recordings", REPLAY[-1]), ("show", out)):
        done = here(*command)
        assert done.code == 2
        assert "line 1, is not a record" in done.stderr
    for records_digest in (None, hashlib.sha256((out / "records.jsonl").read_bytes()).hexdigest()):
        built: dict[str, object] = {"program": None, "records": records_digest, "decisions": None, "files": {}}
        (out / "run.json").write_text(json.dumps({"dragoman": "0", "built": built}))
        assert here("run", SAMPLES, "-o", out, *REPLAY).code == 2
    assert (tmp_path / "notes.md").read_text() == "mine"
