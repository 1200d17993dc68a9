"""The samples: the output of the demo, and what the samples promise about themselves."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from dragoman import Settings, run
from dragoman.core.models import table
from dragoman.core.published_schemas import record_schema
from dragoman.reading.discover import find, read
from dragoman.runs.session import prepare, specs_of
from dragoman.store.recordings import Recordings
from dragoman.testing.handwritten import rekey
from tests.support import paths

SAMPLES = paths.SAMPLES
RECORDINGS = SAMPLES / "recordings"
BOTH = Settings(provider="replay", recordings=RECORDINGS, tasks=("summary", "translation"))
LANGUAGES = {"vi", "hi", "es", "zh-Hans", "zh-Hant", "ar", "ru"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    done = run([SAMPLES / "articles"], folder, BOTH)
    assert done.exit_code == 0
    return folder


def test_the_demo_gives_the_expected_records_byte_for_byte(demo: Path) -> None:
    """The same exchanges give the same bytes. A difference is a change that a reader should see."""
    assert (demo / "records.jsonl").read_text("utf-8") == (SAMPLES / "expected" / "records.jsonl").read_text("utf-8")


def test_expected_records_fit_the_published_schema() -> None:
    """`dragoman schema` describes the records that Dragoman writes."""
    validator = jsonschema.Draft202012Validator(record_schema())
    for line in (SAMPLES / "expected" / "records.jsonl").read_text("utf-8").splitlines():
        validator.validate(json.loads(line))


def test_every_located_quote_can_be_checked_with_the_files_alone(demo: Path) -> None:
    """Offsets count code points of the source file, and exact quotes occur there letter for letter."""
    exact = 0
    for line in (demo / "records.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        text = (demo / record["source"]["file"]).read_bytes().decode()
        for claim in record["summary"]["claims"]:
            place = claim["evidence"]
            if place["match"] == "exact":
                exact += 1
                assert text[place["start"] : place["end"]] == claim["quote"]
    assert exact > 100


def test_one_of_two_deliberate_errors_is_corrected_and_the_other_is_flagged(demo: Path) -> None:
    """A repair corrects 90 billion for 90亿. Two repairs do not correct the misquote, which flags its article."""
    records = [json.loads(line) for line in (demo / "records.jsonl").read_text("utf-8").splitlines()]
    flagged = [record["article"]["name"] for record in records if record["status"] == "flagged"]
    errors = [
        finding["check"] for record in records for finding in record["findings"] if finding["severity"] == "error"
    ]
    assert flagged == ["es-embalse.md"]
    assert errors == ["quote.absent"]
    repairs = {
        (record["article"]["name"], finding["check"], finding["field"])
        for record in records
        for finding in record["findings"]
        if finding["check"].startswith("repair.")
    }
    assert repairs == {
        ("es-embalse.md", "repair.failed", "claims.c9"),
        ("zh-hans-dianchi.txt", "repair.done", "claims.c1"),
    }


def test_recordings_written_by_hand_never_pass_for_a_model() -> None:
    """Every recording here says that it is handwritten, names no model as its author, and has neither usage nor
    price.
    """
    recordings = list(Recordings(RECORDINGS))
    assert len(recordings) == 17
    for exchange in recordings:
        assert exchange.origin == "handwritten"
        assert exchange.reply.model == "handwritten"
        assert exchange.reply.usage is None
        assert exchange.cost_usd is None


def test_recordings_match_the_current_prompts_and_schemas() -> None:
    """No recording is orphaned: computing the keys again would change none."""
    before = {path.name: path.read_bytes() for path in RECORDINGS.glob("*.json")}
    changed, problems = rekey(RECORDINGS, SAMPLES / "articles", specs_of(BOTH, table().find(table().default)))
    assert (changed, problems) == (0, [])
    assert {path.name: path.read_bytes() for path in RECORDINGS.glob("*.json")} == before


def test_samples_are_in_the_languages_they_promise() -> None:
    """Detection finds the seven languages; the file names play no part."""
    detected_languages = {prepare(read(place)).language for place in find([SAMPLES / "articles"])}
    assert detected_languages == LANGUAGES


def test_samples_have_the_defects_of_real_pages() -> None:
    """A block printed twice, a declared legacy charset, navigation text that is left out, and native digits."""
    sources = {place.name: prepare(read(place)) for place in find([SAMPLES / "articles"])}
    assert any("repeats" in step.reason for source in sources.values() for step in source.steps)
    assert sources["ru-zerno.html"].encoding_from == "declared"
    assert sources["zh-hant-bandaoti.html"].left_out
    assert re.search("[\u0660-\u0669]", sources["ar-tahliya.html"].text)
    assert re.search("[\u0966-\u096f]", sources["hi-saur-pump.txt"].text)
