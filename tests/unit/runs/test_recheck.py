"""Records are checked again from the stored replies that they depend on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dragoman.config import Settings
from dragoman.core.exchange import Exchange
from dragoman.core.record import ExchangeFacts
from dragoman.errors import ConfigError, RecordingMissing
from dragoman.output.read import read_records
from dragoman.runs.recheck import recheck, recheck_records
from dragoman.store.recordings import Recordings
from dragoman.tasks.prompts import Prompt, PromptLibrary
from tests.support.commands import RECORDINGS, REPLAY, SAMPLES, files, here

LIBRARY = Recordings(RECORDINGS)
PROMPTS = PromptLibrary()
SAMPLE = "ru-zerno.html"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The output of a run over one sample."""
    assert here("run", SAMPLES / SAMPLE, "-o", tmp_path / "out", *REPLAY).code == 0
    return tmp_path / "out"


def find_recorded(facts: ExchangeFacts) -> Exchange | None:
    return LIBRARY.find(facts.key)


def find_nothing(_: ExchangeFacts) -> None:
    return None


def test_a_record_comes_out_the_same_with_the_same_replies_and_checks(out: Path) -> None:
    """Its preparation steps are copied: their offsets count in a text that the folder does not have."""
    (record,) = read_records(out)
    (outcome,) = recheck_records(out, read_records(out), find_recorded, PROMPTS)
    assert outcome.record == record
    assert outcome.source is not None
    assert outcome.error is None


def test_a_record_whose_reply_is_not_found_stays_as_it_is_and_names_the_reply(out: Path) -> None:
    """The other records of the folder are still checked."""
    (record,) = read_records(out)
    (outcome,) = recheck_records(out, read_records(out), find_nothing, PROMPTS)
    assert outcome.record == record
    assert isinstance(outcome.error, RecordingMissing)
    assert f"the record of {SAMPLE} depends on was not found (key {record.exchanges[0].key[:15]}…)" in str(
        outcome.error
    )


def test_a_folder_of_which_no_reply_is_found_is_an_error_and_not_changed(out: Path, tmp_path: Path) -> None:
    """The recordings of another project are no help."""
    (tmp_path / "empty").mkdir()
    before = files(out)
    with pytest.raises(ConfigError, match="choose the store or the folder of recordings that has it"):
        recheck(out, Settings(recordings=tmp_path / "empty"))
    assert files(out) == before


def test_the_replies_are_found_where_the_run_had_them_or_where_the_settings_say(out: Path, tmp_path: Path) -> None:
    """`run.json` names the folder of recordings; a setting goes before it."""
    assert [outcome.error for outcome in recheck(out, Settings())] == [None]
    assert [outcome.error for outcome in recheck(out, Settings(recordings=RECORDINGS))] == [None]


class OtherPrompts(PromptLibrary):
    """A library in which each prompt was changed under its name."""

    def get(self, name: str) -> Prompt:
        prompt = super().get(name)
        return replace(prompt, system=prompt.system + " Be brief.")


def test_a_record_is_not_checked_with_another_prompt_of_the_same_name(out: Path) -> None:
    """The digest in the record decides; the message gives the start of it."""
    (record,) = read_records(out)
    digest = record.tasks["summary"].prompt_sha256
    with pytest.raises(ConfigError, match=rf"not the one that the records were made with \({digest[:12]}\)"):
        recheck_records(out, read_records(out), find_recorded, OtherPrompts())
