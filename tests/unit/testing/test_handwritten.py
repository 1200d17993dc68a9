"""Handwritten recordings: marked as such, updated when a prompt changes, and never in place of a live recording."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dragoman.core.exchange import Exchange, Origin, Reply
from dragoman.core.source import Source
from dragoman.errors import ConfigError
from dragoman.reading.discover import ArticleFile, read
from dragoman.runs.session import prepare
from dragoman.store.recordings import Recordings, write
from dragoman.tasks.prompts import Prompt
from dragoman.tasks.requests import TaskSpec, parts
from dragoman.tasks.translation import PART_CHARACTERS
from dragoman.testing.handwritten import body_of, rekey, release, seal, write_by_hand, write_schemas
from tests.support.builders import (
    LIBRARY,
    MODEL,
    exchange_of,
    message,
    source_of,
    spec_of,
    summary_of,
    translation_of,
)
from tests.support.commands import here

TEXT = (
    "Ngân hàng Nhà nước giữ nguyên lãi suất điều hành ở mức 4,5 phần trăm trong tháng này.\n\n"
    "Thống đốc cho biết giá gạo xuất khẩu đã tăng mạnh so với cùng kỳ năm ngoái.\n"
)
ON = "2026-11-21"
NEXT = replace(LIBRARY.get("summary"), version=2, system="Read otherwise.")
"""A later prompt, with another request key."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with samples and recordings."""
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "a.txt").write_text(TEXT, "utf-8")
    (tmp_path / "recordings").mkdir()
    return tmp_path


def source_at(folder: Path) -> Source:
    return prepare(read(ArticleFile("a.txt", str(folder / "samples" / "a.txt"))))


def written(folder: Path, spec: TaskSpec, text: str | None = None) -> Path:
    """The answer to one task over the sample, written by hand."""
    answer = text or summary_of(source_at(folder))
    return write_by_hand(folder / "samples" / "a.txt", [answer], spec, folder / "recordings", on=ON)[0]


def worded(prompt: Prompt) -> TaskSpec:
    return spec_of(prompt.task, prompt=prompt)


def recordings_in(folder: Path) -> dict[str, Exchange]:
    return {exchange.key: exchange for exchange in Recordings(folder / "recordings")}


def test_a_handwritten_reply_is_marked_as_such() -> None:
    """It names no model and no usage, so it has no price and is never mistaken for a live reply."""
    reply = Reply.read(body_of("đ"))
    assert (reply.text, reply.model, reply.usage, reply.stop_reason) == ("đ", "handwritten", None, "end_turn")


def test_a_written_answer_becomes_a_recording_of_the_current_request(folder: Path) -> None:
    """It has the key that a run would look up, the given date, and the origin ``handwritten``."""
    path = written(folder, spec_of())
    (exchange,) = recordings_in(folder).values()
    assert exchange.request == parts(spec_of(), source_at(folder))[0].call.request
    assert (exchange.origin, exchange.cost_usd, exchange.created_at) == ("handwritten", None, f"{ON}T00:00:00Z")
    assert path.name == f"x1-{exchange.key[3:]}.json"


WRONG = {
    "no JSON": ("Sure!", "the reply must be one JSON object and nothing else"),
    "not the schema": ("{}", "title_en: this field is missing"),
    "a translation": (translation_of((1, 2)), "title_en: this field is missing"),
    "an item that is not valid": (
        summary_of(entities=[{"name_en": "Minh", "name_source": "Minh", "kind": "boss"}]),
        "entities.1: kind: Input should be",
    ),
}


@pytest.mark.parametrize(("answer", "problem"), WRONG.values(), ids=WRONG)
def test_an_answer_that_is_not_accepted_is_not_written(folder: Path, answer: str, problem: str) -> None:
    """It is parsed like a model's answer; the error names its problems."""
    with pytest.raises(ConfigError, match=rf"the answer for a\.txt is not accepted: {problem}"):
        written(folder, spec_of(), answer)
    assert recordings_in(folder) == {}


def test_an_answer_in_several_parts_is_not_written_as_one(folder: Path) -> None:
    """An article that needs several parts is an error and is not cut."""
    long = "\n\n".join(f"{number} " + "chữ " * (PART_CHARACTERS // 6) for number in range(3))
    (folder / "samples" / "a.txt").write_text(long, "utf-8")
    with pytest.raises(ConfigError, match="more parts"):
        written(folder, spec_of("translation"), translation_of((1,)))
    assert recordings_in(folder) == {}


def test_an_up_to_date_recording_is_not_written_again(folder: Path) -> None:
    """Nothing has changed, so nothing is written."""
    path = written(folder, spec_of())
    before = path.stat().st_mtime_ns
    assert rekey(folder / "recordings", folder / "samples", [spec_of()]) == (0, [])
    assert path.stat().st_mtime_ns == before


def test_a_changed_prompt_updates_its_handwritten_recordings(folder: Path) -> None:
    """The new recording has the same answer and the current request and prompt; the old recording is removed."""
    written(folder, spec_of())
    (old,) = recordings_in(folder).values()
    assert rekey(folder / "recordings", folder / "samples", [worded(NEXT)]) == (1, [])
    (new,) = recordings_in(folder).values()
    assert new.key != old.key
    assert (new.body, new.created_at, new.origin) == (old.body, old.created_at, "handwritten")
    assert (new.prompt, new.prompt_sha256, new.request.system) == ("summary/v2", NEXT.sha256, "Read otherwise.")


def test_recordings_of_other_tasks_stay_unchanged(folder: Path) -> None:
    """They are reported."""
    written(folder, spec_of())
    before = recordings_in(folder)
    count, problems = rekey(folder / "recordings", folder / "samples", [spec_of("translation")])
    assert (count, recordings_in(folder)) == (0, before)
    assert ["a.txt" in problem for problem in problems] == [True]


def test_a_recording_without_its_article_stays_unchanged(folder: Path) -> None:
    """It cannot be updated, so it is reported and stays."""
    written(folder, spec_of())
    before = recordings_in(folder)
    (folder / "samples" / "a.txt").unlink()
    count, problems = rekey(folder / "recordings", folder / "samples", [worded(NEXT)])
    assert (count, recordings_in(folder), len(problems)) == (0, before, 1)


def test_a_reply_that_is_no_longer_accepted_stays_unchanged(folder: Path) -> None:
    """There is no recording of the second attempt: the old recording stays until a person writes new ones."""
    written(folder, spec_of())
    (old,) = recordings_in(folder).values()
    spoilt = replace(old, body=body_of("{}"))
    write(folder / "recordings", spoilt)
    count, problems = rekey(folder / "recordings", folder / "samples", [worded(NEXT)])
    assert (count, list(recordings_in(folder).values()), len(problems)) == (0, [spoilt], 1)


def test_the_parts_of_an_article_are_updated_together_or_not_at_all(folder: Path) -> None:
    """There is no recording of the second part: the first stays unchanged."""
    long = "\n\n".join(f"{number} " + "chữ " * (PART_CHARACTERS // 6) for number in range(3))
    (folder / "samples" / "a.txt").write_text(long, "utf-8")
    spec = spec_of("translation")
    first = parts(spec, source_at(folder))[0]
    made = exchange_of(
        first.call.request,
        body=body_of(translation_of(first.paragraphs)),
        task="translation",
        origin="handwritten",
        article="a.txt",
    )
    write(folder / "recordings", made)
    changed = worded(replace(LIBRARY.get("translation"), version=2, system="Translate otherwise."))
    count, problems = rekey(folder / "recordings", folder / "samples", [changed])
    assert (count, recordings_in(folder), len(problems)) == (0, {made.key: made}, 1)


def test_a_live_recording_is_never_replaced_by_a_handwritten_one(folder: Path) -> None:
    """The live recording has the key of the current request: it stays, and so does the handwritten one."""
    written(folder, spec_of())
    request = parts(worded(NEXT), source_at(folder))[0].call.request
    live = exchange_of(request, body=message("live"), article="a.txt")
    write(folder / "recordings", live)
    before = recordings_in(folder)
    count, problems = rekey(folder / "recordings", folder / "samples", [worded(NEXT)])
    assert (count, recordings_in(folder)) == (0, before)
    assert ["another origin" in problem for problem in problems] == [True]


def test_live_recordings_are_not_updated(folder: Path) -> None:
    """A live reply answers its own request and no other."""
    live = exchange_of(parts(spec_of(), source_at(folder))[0].call.request, article="a.txt")
    write(folder / "recordings", live)
    assert rekey(folder / "recordings", folder / "samples", [worded(NEXT)]) == (0, [])
    assert list(recordings_in(folder).values()) == [live]


def test_an_edited_recording_can_be_read_only_after_sealing(folder: Path) -> None:
    """After an edit it is refused, with the command that seals it; after sealing it has the edited content."""
    path = written(folder, spec_of())
    path.write_text(path.read_text("utf-8").replace("Rates stay", "Rates stand"), "utf-8")
    with pytest.raises(ConfigError, match="its checksum does not match"):
        recordings_in(folder)
    done = here("dev", "seal", folder / "recordings")
    assert (done.code, done.stderr) == (0, "1 recording sealed\n")
    (exchange,) = recordings_in(folder).values()
    assert "Rates stand" in exchange.body
    assert here("dev", "seal", folder / "recordings").stderr == "0 recordings sealed\n"


@pytest.mark.parametrize("origin", ["live", "batch"])
def test_a_reply_of_a_service_is_never_sealed_again(folder: Path, origin: Origin) -> None:
    """An edited live recording stays refused and is reported; with its true origin, `altered`, it can be sealed."""
    path = write(folder / "recordings", exchange_of(origin=origin))
    path.write_text(path.read_text("utf-8").replace("end_turn", "refusal"), "utf-8")
    before = path.read_bytes()
    done = here("dev", "seal", folder / "recordings")
    assert (done.code, path.read_bytes()) == (3, before)
    assert f"{path} cannot be used: its checksum does not match" in done.stderr
    path.write_text(path.read_text("utf-8").replace(f'"origin": "{origin}"', '"origin": "altered"'), "utf-8")
    assert here("dev", "seal", folder / "recordings").code == 0
    (exchange,) = recordings_in(folder).values()
    assert (exchange.origin, exchange.reply.stop_reason) == ("altered", "refusal")


def test_an_unchanged_live_recording_is_not_written_by_sealing(folder: Path) -> None:
    """Sealing a folder writes only recordings that need a new checksum."""
    path = write(folder / "recordings", exchange_of(), secret=b"s" * 32)
    before = path.read_bytes()
    assert seal(folder / "recordings") == (0, [])
    assert path.read_bytes() == before


def test_schemas_are_written_for_the_newest_prompt_and_only_when_they_changed(tmp_path: Path) -> None:
    """The released files match the classes in the code; an outdated file is written again."""
    for task in ("summary", "translation", "repair"):
        (tmp_path / task).mkdir()
        for version in (9, 10):
            (tmp_path / task / f"v{version}.md").write_text("", "utf-8")
    made = write_schemas(tmp_path)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in made) == [
        "repair/v10.schema.json",
        "summary/v10.schema.json",
        "translation/v10.schema.json",
    ]
    assert json.loads((tmp_path / "summary" / "v10.schema.json").read_text()) == LIBRARY.get("summary").schema
    assert write_schemas(tmp_path) == []


def test_a_released_digest_is_never_changed(tmp_path: Path) -> None:
    """Only prompts without a released digest get one."""
    (tmp_path / "released.json").write_text('{"summary/v1": "as it was"}')
    new = release(tmp_path)
    pinned = json.loads((tmp_path / "released.json").read_text())
    assert pinned["summary/v1"] == "as it was"
    assert new == sorted(pinned.keys() - {"summary/v1"})
    assert release(tmp_path) == []


def test_the_sample_has_the_properties_that_these_tests_assume(folder: Path) -> None:
    """Two paragraphs in Vietnamese, and the request of the default model."""
    source = source_at(folder)
    assert (len(source.paragraphs), source.language) == (2, "vi")
    assert source.text != source_of().text
    assert parts(spec_of(), source)[0].call.request.model == MODEL.id
