"""Links that lead out of a given folder: every command skips them and reports it, and with ``--follow-links`` reads
them.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dragoman import Settings, summarize
from dragoman.tasks.prompts import released_folder
from tests.support.commands import articles, here, records, text, to, validate
from tests.support.service import Service

SECRET = text(77).replace("\n", " ") + " SECRET-4711"


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with one article and a link to a file outside."""
    (tmp_path / "secret.txt").write_text(SECRET, "utf-8")
    folder = articles(tmp_path / "in", 1)
    (folder / "notes.txt").symlink_to(tmp_path / "secret.txt")
    return folder


def everything(folder: Path) -> bytes:
    """Return the bytes of all files below a folder."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_run_skips_a_link_that_leads_out_and_reports_it(
    folder: Path, service: Service, store_path: Path, tmp_path: Path
) -> None:
    """The other article is answered, exit 0; no content of the linked file is sent or stored anywhere."""
    done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path))
    assert done.code == 0
    assert "notes.txt: skipped: is a link to" in done.stderr
    assert "--follow-links" in done.stderr
    skipped = next(record for record in records(tmp_path / "out") if record["article"]["name"] == "notes.txt")
    validate(skipped)
    assert (skipped["status"], skipped["reason"]["code"]) == ("skipped", "link_not_followed")
    assert "secret.txt" in skipped["reason"]["message"]
    assert service.paid == 1
    assert b"SECRET-4711" not in everything(tmp_path / "out") + store_path.read_bytes()


def test_a_run_with_follow_links_reads_the_linked_file(
    folder: Path, service: Service, store_path: Path, tmp_path: Path
) -> None:
    """The new record replaces the skipped one of the earlier run."""
    assert here("run", folder, "-o", tmp_path / "out", *to(service, store_path)).code == 0
    done = here("run", folder, "-o", tmp_path / "out", "--follow-links", *to(service, store_path))
    assert done.code == 0
    assert service.paid == 2
    assert {record["article"]["name"]: record["status"] for record in records(tmp_path / "out")} == {
        "a00.txt": "ok", "notes.txt": "ok",
    }  # fmt: skip


@pytest.mark.parametrize("command", ["summarize", "translate"])
def test_a_link_that_leads_out_is_exit_3_when_it_is_named_itself(
    command: str, folder: Path, service: Service, store_path: Path
) -> None:
    """A named link belongs to the folder it is in, because a shell expands ``in/*.txt`` into names."""
    done = here(command, folder / "notes.txt", *to(service, store_path))
    assert done.code == 3
    assert done.record["reason"]["code"] == "link_not_followed"
    assert "--follow-links" in done.stderr
    assert service.paid == 0
    assert here(command, folder / "notes.txt", "--follow-links", *to(service, store_path)).code == 0


def test_python_plan_and_inspect_do_not_follow_the_link_either(
    folder: Path, tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = summarize(folder / "notes.txt", Settings(store=store_path))
    assert (record.status, record.reason.code if record.reason else None) == ("skipped", "link_not_followed")
    done = here("plan", folder, "--store", store_path)
    assert "notes.txt  skipped: is a link to" in done.stdout
    assert "Use --follow-links" in done.stdout
    assert "summary: request" in here("plan", folder / "notes.txt", "--follow-links", "--store", store_path).stdout
    done = here("inspect", folder / "notes.txt")
    assert done.code == 3
    assert "Use --follow-links" in done.stderr
    assert "SECRET-4711" not in done.stdout + done.stderr
    assert "SECRET-4711" in here("inspect", "--follow-links", folder / "notes.txt").stdout


@pytest.mark.parametrize("place", ["DRAGOMAN_FOLLOW_LINKS", "dragoman.toml"])
def test_a_setting_follows_links_too_and_doctor_shows_it(
    place: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if place == "dragoman.toml":
        (tmp_path / place).write_text("follow_links = true\n")
    else:
        monkeypatch.setenv(place, "true")
    assert "SECRET-4711" in here("inspect", folder / "notes.txt").stdout
    assert f"follow_links = True ({place})" in here("doctor").stdout


@pytest.fixture
def own_prompts(tmp_path: Path) -> Path:
    """Return a folder with a prompt of the user and its schema."""
    folder = tmp_path / "prompts"
    (folder / "summary").mkdir(parents=True)
    spec = (released_folder() / "summary" / "v1.md").read_text("utf-8").replace("version = 1", "version = 7")
    (folder / "summary" / "v7.md").write_text(spec, "utf-8")
    shutil.copy(released_folder() / "summary" / "v1.schema.json", folder / "summary" / "v7.schema.json")
    return folder


@pytest.mark.parametrize("what", ["v7.md", "v7.schema.json", "the folder of the task"])
def test_a_prompt_behind_a_link_that_leads_out_is_rejected(
    what: str, own_prompts: Path, folder: Path, tmp_path: Path, store_path: Path
) -> None:
    """A schema is sent whatever it contains, and credentials of another program can be JSON too."""
    moved = own_prompts / "summary" if what.startswith("the folder") else own_prompts / "summary" / what
    moved.rename(tmp_path / "elsewhere")
    moved.symlink_to(tmp_path / "elsewhere")
    options = ("--prompts", own_prompts, "--prompt", "summary/v7", "--store", store_path)
    done = here("plan", folder, *options)
    assert done.code == 2
    assert "follow_links" in done.stderr
    assert "a link to" in done.stderr
    assert here("plan", folder, *options, "--follow-links").code == 0
    assert here("prompts", "list", "--prompts", own_prompts).code == 2
    assert here("prompts", "list", "--prompts", own_prompts, "--follow-links").code == 0


def test_a_prompt_behind_a_link_within_its_folder_is_used(
    own_prompts: Path, folder: Path, tmp_path: Path, store_path: Path
) -> None:
    schema = own_prompts / "summary" / "v7.schema.json"
    schema.rename(own_prompts / "shared.json")
    schema.symlink_to("../shared.json")
    (tmp_path / "way").symlink_to(own_prompts)
    done = here("plan", folder, "--prompts", tmp_path / "way", "--prompt", "summary/v7", "--store", store_path)
    assert done.code == 0


def test_a_pipe_among_the_prompts_is_reported_at_once(own_prompts: Path, folder: Path, store_path: Path) -> None:
    os.mkfifo(own_prompts / "summary" / "v8.md")
    done = here("plan", folder, "--prompts", own_prompts, "--store", store_path)
    assert done.code == 2
    assert "v8.md cannot be read: not a regular file (a named pipe)" in done.stderr


HOSTILE_SCHEMAS = {
    "nested": ("[" * 200_000, "nested too deeply"),
    "a long number": (json.dumps({"maximum": 1}).replace("1", "9" * 5000), "digits"),
    "a name twice": ('{"type": "object", "type": "string"}', "occurs twice"),
    "half a pair": (r'{"title": "\ud83d"}', "half of a surrogate pair"),
    "no object": ("[]", "is not a JSON Schema"),
}


@pytest.mark.parametrize(("schema", "says"), HOSTILE_SCHEMAS.values(), ids=HOSTILE_SCHEMAS)
def test_an_invalid_schema_is_an_error_that_names_the_file(
    schema: str, says: str, own_prompts: Path, folder: Path, store_path: Path
) -> None:
    (own_prompts / "summary" / "v7.schema.json").write_text(schema)
    done = here("plan", folder, "--prompts", own_prompts, "--store", store_path)
    assert done.code == 2
    assert "v7.schema.json" in done.stderr
    assert says in done.stderr
