"""`run.json` as a typed model: what every kind of run leaves fits the published schema, and nothing else does."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from dragoman.core.run_report import RunReport, run_schema
from dragoman.output.folder import OutputFolder
from dragoman.output.run_file import read_run
from tests.support.commands import REPLAY, SAMPLES, articles, ended, here, run_facts, start, to, wait_for, without_waits
from tests.support.service import SERVER_ERROR, Service

BOTH = ("--task", "summary", "--task", "translation")


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


def fits(facts: dict[str, Any]) -> None:
    """Raises jsonschema's ValidationError unless facts fit the schema that is published."""
    published = json.loads(here("schema", "--run").stdout)
    jsonschema.Draft202012Validator.check_schema(published)
    jsonschema.Draft202012Validator(published).validate(facts)


def read_again(folder: Path) -> None:
    """The model reads run.json, loses nothing of it and writes the same bytes."""
    text = (folder / "run.json").read_text("utf-8")
    fits(json.loads(text))
    assert read_run(folder).to_text() == text
    assert RunReport.model_validate(json.loads(text)).is_written


def test_the_published_schema_describes_every_fact() -> None:
    """Draft 2020-12, a sentence for each fact; only the version and the name of the schema are always there."""
    schema = json.loads(here("schema", "--run").stdout)
    assert schema == run_schema()
    assert schema["$id"] == "dragoman.run/1"
    assert schema["required"] == ["schema", "dragoman"]
    facts = {name: fact for name, fact in schema["properties"].items() if name != "schema"}
    assert len(facts) > 45
    assert [name for name, fact in facts.items() if not fact.get("description")] == []


def test_run_json_of_the_samples_fits_the_schema(tmp_path: Path) -> None:
    """From recordings: new, again, with --fresh, checked again, and with the reports built again."""
    out = tmp_path / "out"
    run = ("run", SAMPLES, "-o", out, *REPLAY, *BOTH)
    for command in (run, run, ("check", out), ("report", out), (*run, "--fresh")):
        assert here(*command).code == 0
        read_again(out)
        facts = run_facts(out)
        assert (facts["articles"], facts["exit_code"], facts["statuses"]) == (7, 0, {"ok": 6, "flagged": 1})


def test_run_json_of_a_live_run_and_of_one_that_is_planned_fits_the_schema(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """`plan` reads run.json and leaves it as it is."""
    out, options = tmp_path / "out", to(service, store_path)
    folder = articles(tmp_path / "in", 3)
    assert here("run", folder, "-o", out, *options, *BOTH).code == 0
    read_again(out)
    assert run_facts(out)["limits"]["history"]
    before = (out / "run.json").read_bytes()
    assert here("plan", folder, "-o", out, *options, *BOTH).code == 0
    assert (out / "run.json").read_bytes() == before


def test_run_json_of_a_run_that_reached_its_budget_fits_the_schema(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """Also where the cap is too low for a single request."""
    folder = articles(tmp_path / "in", 6)
    for cap in ("0.2", "0.0001"):
        done = here("run", folder, "-o", tmp_path / cap, *to(service, store_path), "--refresh", "--max-cost", cap)
        assert done.code == 5, done.stderr
        read_again(tmp_path / cap)
        facts = run_facts(tmp_path / cap)
        assert facts["reasons"]["budget"] == facts["left"] > 0
        assert facts["left_cost_usd"] is not None


def test_run_json_of_an_interrupted_run_fits_the_schema(tmp_path: Path, store_path: Path) -> None:
    """While requests are in flight it says that the run has not ended; after SIGINT, what ended it."""
    out, folder = tmp_path / "out", articles(tmp_path / "in", 12)
    with Service(latency=0.4) as service:
        process = start("run", folder, "-o", out, *to(service, store_path), "--concurrency", "3", home=tmp_path)
        wait_for(lambda: len(service.ledger) >= 5)
        read_again(out)
        assert (run_facts(out)["exit_code"], run_facts(out)["built"]) == (None, None)
        process.send_signal(signal.SIGINT)
        assert ended(process).code == 130
    read_again(out)
    facts = run_facts(out)
    assert (facts["exit_code"], facts["ended_by"]) == (130, "interrupted by SIGINT")
    assert facts["reasons"] == {"interrupted": facts["left"]}


def test_run_json_of_an_outage_fits_the_schema(
    tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its steps are in the history of limits."""
    without_waits(monkeypatch)
    with Service(script=lambda *_: SERVER_ERROR) as service:
        done = here("run", articles(tmp_path / "in", 3), "-o", tmp_path / "out", *to(service, store_path))
    assert done.code == 4, done.stderr
    read_again(tmp_path / "out")
    steps = {event.get("outage") for event in run_facts(tmp_path / "out")["limits"]["history"]}
    assert {"opened", "probe", "given up"} <= steps


# What the model refuses, and what it still reads.


@pytest.mark.parametrize(
    "facts",
    [{"more": 1}, {"seconds": "3"}, {"exit_code": True}, {"statuses": {"fine": 1}}, {"provider": "other"},
     {"cost_usd": "1e-3"}, {"limits": {"refusals": 1}}, {"inputs": {"a": 1}}],
    ids=str,
)  # fmt: skip
def test_the_model_and_the_schema_refuse_what_no_run_writes(facts: dict[str, Any]) -> None:
    """Unknown facts, and values of another type: nothing is converted."""
    with pytest.raises(ValidationError):
        RunReport(**facts)
    with pytest.raises(ValidationError):
        RunReport().noting(**facts)
    with pytest.raises(jsonschema.ValidationError):
        fits({"schema": "dragoman.run/1", "dragoman": "0.1.0", **facts})


def test_facts_are_written_in_the_order_in_which_they_were_noted() -> None:
    """A fact that is noted again keeps its place; one that was never noted is not written."""
    report = RunReport(dragoman="0.1.0", lost=1).noting(articles=2).noting_all(RunReport(lost=3, left=0))
    assert list(report.to_json().items()) == [("dragoman", "0.1.0"), ("lost", 3), ("articles", 2), ("left", 0)]
    assert report.to_text().startswith('{\n "schema": "dragoman.run/1",\n "dragoman": "0.1.0",\n "lost": 3,')


def test_a_report_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        RunReport().articles = 3  # type: ignore[misc]


def test_a_file_of_another_version_is_read_without_what_does_not_fit() -> None:
    """Facts that this version does not know, or knows as another type, count as not noted; the others hold."""
    report = RunReport.read(
        {"schema": "dragoman.run/0", "dragoman": "0.0.9", "store": "/s", "store_rows": "7", "gone": [], "limits": {}}
    )
    assert report.to_json() == {"dragoman": "0.0.9", "store": "/s"}
    assert report.is_written


@pytest.mark.parametrize("value", [None, 5, "text", [], {}, {"schema": "another"}, {"store": "/s"}], ids=str)
def test_a_value_without_a_version_is_of_no_run(value: object) -> None:
    assert not RunReport.read(value).is_written


def test_a_run_goes_on_in_a_folder_of_an_earlier_version(tmp_path: Path, service: Service, store_path: Path) -> None:
    """Its run.json has facts that this version does not know, and lacks others: the store is found all the same."""
    out, folder = tmp_path / "out", articles(tmp_path / "in", 2)
    command = ("run", folder, "-o", out, *to(service, store_path))
    assert here(*command).code == 0
    facts = json.loads((out / "run.json").read_text("utf-8"))
    older = {name: fact for name, fact in facts.items() if name not in ("store_id", "limits", "ask_last", "notes")}
    (out / "run.json").write_text(json.dumps({**older, "tokens": 12, "speed": 1.5}), "utf-8")
    assert here("check", out).code == 0
    done = here(*command)
    assert (done.code, service.paid) == (0, 2)
    read_again(out)


def test_a_fact_of_another_type_is_a_bug_before_it_is_written(tmp_path: Path) -> None:
    """The folder keeps what it had."""
    wrong: dict[str, Any] = {"rescued_to": 5}
    with OutputFolder(tmp_path / "out") as folder:
        before = (tmp_path / "out/run.json").read_bytes()
        with pytest.raises(ValidationError):
            folder.note(RunReport(**wrong))
        assert (tmp_path / "out/run.json").read_bytes() == before


@pytest.mark.parametrize(("cap", "needed"), [("0.1", "0.2"), ("0.2", None), ("0.30", None), (None, None)])
def test_a_cap_is_named_only_where_a_higher_one_is_needed(cap: str | None, needed: str | None) -> None:
    assert RunReport(max_cost_usd=cap, left_least_max_cost_usd="0.2").needed_cap == needed
    assert RunReport(max_cost_usd=cap).needed_cap is None
