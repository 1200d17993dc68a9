"""A folder of articles through every stage against the loopback service: what is requested, stored, shown, and sent
again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import shared
from tests.support.commands import (
    RECORDINGS,
    REPLAY,
    SAMPLES,
    articles,
    changed,
    dragoman,
    ended,
    files,
    here,
    records,
    run_facts,
    start,
    stored,
    text,
    to,
    validate,
    without_waits,
)
from tests.support.service import UNAUTHORIZED, Behaviour, RawBody, Refusal, Service, user_digest

BOTH = ("--task", "summary", "--task", "translation")
AWS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "not-a-secret", "AWS_REGION": "eu-central-1"}


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


def located(record: dict[str, Any], out: Path) -> list[str]:
    """Return the quotes of a record that stand in its source at the recorded offsets."""
    source = (out / record["source"]["file"]).read_bytes().decode()
    quotes = []
    for claim in record["summary"]["claims"]:
        evidence = claim["evidence"]
        if evidence["match"] == "exact" and source[evidence["start"] : evidence["end"]] == claim["quote"]:
            quotes.append(claim["quote"])
    return quotes


def one_payment_each(service: Service) -> bool:
    return bool(service.generated) and set(service.generated.values()) == {1}


@pytest.mark.parametrize("provider", ["anthropic", "bedrock"])
def test_real_articles_become_records_with_every_quote_located(
    provider: str, tmp_path: Path, service: Service, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five real articles give five valid records with each quote at its offsets. A second run sends nothing."""
    seeds = shared("seeds")
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ANTHROPIC_BASE_URL" if provider == "anthropic" else "ANTHROPIC_BEDROCK_BASE_URL", service.url)
    command = ("run", seeds, "-o", tmp_path / "out", "--provider", provider, "--store", store_path)

    done = here(*command)
    assert (done.code, done.stdout) == (0, ""), done.stderr
    assert service.paid == 5
    assert one_payment_each(service)
    assert {entry.kind for entry in service.ledger} == {"messages" if provider == "anthropic" else "bedrock"}
    written = records(tmp_path / "out")
    assert [record["article"]["name"] for record in written] == sorted(path.name for path in seeds.iterdir())
    for record in written:
        validate(record)
        assert record["status"] == "ok", record["findings"]
        assert len(located(record, tmp_path / "out")) == len(record["summary"]["claims"]) >= 8
        assert record["exchanges"][0]["endpoint"] == "custom"
        assert record["exchanges"][0]["model_answered"] == "claude-sonnet-5-5"
    before = files(tmp_path / "out")

    again = here(*command)
    assert again.code == 0
    assert len(service.ledger) == 5
    after = files(tmp_path / "out")
    assert {name: content for name, content in after.items() if name != "run.json"} == {
        name: content for name, content in before.items() if name != "run.json"
    }
    assert run_facts(tmp_path / "out")["requests_sent"] == 0


def test_each_sample_is_paid_for_once_per_task(tmp_path: Path, service: Service, store_path: Path) -> None:
    """Text, Markdown and HTML in six languages, two tasks each: each is paid for once and then served from the
    store.
    """
    command = ("run", SAMPLES, "-o", tmp_path / "out", *to(service, store_path), *BOTH)
    done = here(*command)
    assert done.code == 0, done.stderr
    assert service.paid == 14
    assert one_payment_each(service)
    for record in records(tmp_path / "out"):
        assert record["tasks"]["summary"]["status"] == record["tasks"]["translation"]["status"] == "ok"
        assert len(located(record, tmp_path / "out")) == len(record["summary"]["claims"])
        numbers = [entry["paragraph"] for entry in record["translation"]["paragraphs"]]
        assert numbers == list(range(1, len(record["source"]["paragraphs"]) + 1))
    assert here(*command).code == 0
    assert len(service.ledger) == 14


def test_a_pruned_article_is_requested_again_for_each_task(tmp_path: Path, service: Service, store_path: Path) -> None:
    """After `store prune --article ID --yes`, the next run sends one request per task of that article and no other."""
    command = ("run", SAMPLES, "-o", tmp_path / "out", *to(service, store_path), *BOTH)
    here(*command)
    pruned = records(tmp_path / "out")[3]["article"]
    first = {entry.user_sha256 for entry in service.ledger}

    asked = here("store", "prune", "--article", pruned["id"], "--store", store_path)
    assert asked.code == 0
    assert "2 replies for 1 article," in asked.stderr
    assert "--yes" in asked.stderr
    assert stored(store_path)["exchanges"] == 14

    assert here("store", "prune", "--article", pruned["id"], "--yes", "--store", store_path).code == 0
    assert stored(store_path)["exchanges"] == 12
    assert here(*command).code == 0
    again = service.ledger[14:]
    assert len(again) == 2
    assert {entry.user_sha256 for entry in again} <= first
    assert sorted(service.generated.values()) == [1] * 12 + [2] * 2
    assert stored(store_path)["exchanges"] == 14


def test_replay_uses_no_store_and_the_same_recordings_give_the_same_bytes(tmp_path: Path, store_path: Path) -> None:
    """Two replays write the same files byte for byte and create no store."""
    for name in ("one", "two"):
        done = here("run", SAMPLES, "-o", tmp_path / name, *BOTH, *REPLAY, "--store", store_path)
        assert done.code == 0, done.stderr
        assert "nothing was sent or spent" in done.stderr
    one, two = files(tmp_path / "one"), files(tmp_path / "two")
    del one["run.json"], two["run.json"]
    assert one == two
    assert not store_path.exists()


def test_replay_is_never_served_from_the_store(tmp_path: Path, service: Service, store_path: Path) -> None:
    """The store holds a service's answers; a replay of the same articles reads only recordings."""
    here("run", SAMPLES, "-o", tmp_path / "live", *to(service, store_path))
    paid = service.paid
    done = here("run", SAMPLES, "-o", tmp_path / "replay", *REPLAY, "--store", store_path)
    assert done.code == 0
    assert service.paid == paid
    for record in records(tmp_path / "replay"):
        assert {exchange["origin"] for exchange in record["exchanges"]} == {"handwritten"}
    assert run_facts(tmp_path / "replay")["store"] is None


def test_answers_of_one_server_are_not_used_for_another(tmp_path: Path, service: Service, store_path: Path) -> None:
    """Two endpoints share one store; a request to the second address is sent again."""
    folder = articles(tmp_path / "in", 2)
    here("run", folder, "-o", tmp_path / "a", *to(service, store_path))
    with Service() as other_service:
        done = here("run", folder, "-o", tmp_path / "b", *to(other_service, store_path))
        assert done.code == 0
        assert other_service.paid == 2
    assert service.paid == 2
    assert stored(store_path)["exchanges"] == 4


def test_a_custom_server_is_never_served_as_claude(tmp_path: Path, service: Service, store_path: Path) -> None:
    """The same request to the real service, with a key, is not answered from what the loopback service replied."""
    folder = articles(tmp_path / "in", 1)
    here("run", folder, "-o", tmp_path / "a", *to(service, store_path))
    plan = here("plan", folder, "--json", "--store", store_path)
    assert json.loads(plan.stdout)["tasks"]["summary"]["why"] == "server changed"
    # Without credentials the real service cannot be asked. If the stored answer were used, the code would be 0.
    done = here("run", folder, "-o", tmp_path / "b", "--store", store_path)
    assert done.code == 4
    assert "ANTHROPIC_API_KEY" in done.stderr


def test_both_providers_share_the_stored_answers_of_one_address(
    tmp_path: Path, service: Service, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Direct and Bedrock ids of a model give the same key, so the same server is not asked twice."""
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)
    folder = articles(tmp_path / "in", 2)
    here("run", folder, "-o", tmp_path / "a", *to(service, store_path))
    done = here("run", folder, "-o", tmp_path / "b", *to(service, store_path), "--provider", "bedrock")
    assert done.code == 0, done.stderr
    assert service.paid == 2


@pytest.mark.parametrize("provider", ["anthropic", "bedrock"])
def test_a_trailing_slash_does_not_make_an_address_another_server(
    provider: str, tmp_path: Path, service: Service, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``http://host`` and ``http://host/`` are the same server, so nothing is paid twice."""
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)
    folder = articles(tmp_path / "in", 1)
    for ending in ("", "/"):
        done = here(
            "run", folder, "-o", tmp_path / "out", "--provider", provider, "--store", store_path,
            "--base-url", service.url + ending,
        )  # fmt: skip
        assert done.code == 0, done.stderr
    assert service.paid == 1


def test_a_recorded_run_replays_to_the_same_records(tmp_path: Path, service: Service, store_path: Path) -> None:
    """A run with `--record DIR`, and then a replay of DIR, give the same records byte for byte."""
    folder = articles(tmp_path / "in", 3)
    live = here("run", folder, "-o", tmp_path / "live", *to(service, store_path), "--record", tmp_path / "recorded")
    assert live.code == 0
    assert len(list((tmp_path / "recorded").glob("*.json"))) == 3
    done = here("run", folder, "-o", tmp_path / "again", "--provider", "replay", "--recordings", tmp_path / "recorded")
    assert done.code == 0, done.stderr
    assert (tmp_path / "again/records.jsonl").read_bytes() == (tmp_path / "live/records.jsonl").read_bytes()
    assert service.paid == 3


def test_exported_recordings_replay_what_the_store_holds(tmp_path: Path, service: Service, store_path: Path) -> None:
    """`store export` of one article creates a folder from which that article can be replayed."""
    folder = articles(tmp_path / "in", 2)
    here("run", folder, "-o", tmp_path / "live", *to(service, store_path))
    record = records(tmp_path / "live")[0]
    done = here("store", "export", tmp_path / "out", "--article", record["article"]["id"], "--store", store_path)
    assert done.code == 0
    assert len(list((tmp_path / "out").iterdir())) == 1
    replay = ("--provider", "replay", "--recordings", tmp_path / "out")
    assert here("summarize", folder / "a00.txt", *replay).code == 0
    assert here("summarize", folder / "a01.txt", *replay).code == 6


@pytest.mark.parametrize("command", ["run", "summarize"])
def test_a_missing_recording_is_exit_6_and_the_closest_one_is_named(command: str, tmp_path: Path) -> None:
    """The message names the closest recording and says what differs from it."""
    sample = SAMPLES / "es-embalse.md"
    out = ("-o", tmp_path / "out") if command == "run" else ()
    done = here(command, sample, *out, *REPLAY, "--model", "haiku-5-5")
    assert done.code == 6
    assert "es-embalse.md" in done.stderr
    assert "the nearest recording, x1-" in done.stderr
    assert "differs in model" in done.stderr
    assert done.stdout == ""


def test_two_processes_on_one_store_pay_each_article_once(
    tmp_path: Path, store_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The second process waits for the answer of the first instead of buying it again."""
    home = tmp_path_factory.mktemp("people")
    folder = articles(tmp_path / "in", 4)
    with Service(latency=0.3) as service:
        runs = [
            start("run", folder, "-o", tmp_path / name, *to(service, store_path), home=home) for name in ("one", "two")
        ]
        codes = [ended(process).code for process in runs]
        assert codes == [0, 0]
        assert service.paid == 4
        assert one_payment_each(service)
    assert (tmp_path / "one/records.jsonl").read_bytes() == (tmp_path / "two/records.jsonl").read_bytes()


@pytest.mark.parametrize("module", [False, True], ids=["dragoman", "python -m dragoman"])
def test_the_installed_command_prints_one_record_and_nothing_else(
    module: bool, tmp_path: Path, service: Service, store_path: Path
) -> None:
    """Run as a separate process: one JSON line that fits the schema on stdout, an empty stderr, exit 0; then from the
    store.
    """
    (tmp_path / "a.txt").write_text(text(1), "utf-8")
    for _ in range(2):
        done = dragoman("summarize", tmp_path / "a.txt", *to(service, store_path), home=tmp_path, module=module)
        assert (done.code, done.stderr) == (0, "")
        validate(done.record)
        assert done.record["source"]["text"] == text(1)
        assert done.record["source"]["file"] is None
    assert service.paid == 1


def test_a_request_contains_the_fenced_article_and_nothing_about_the_machine(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """A request contains the prompt and the article's text, and no path, user, host or file name."""
    (tmp_path / "secret-name.txt").write_text(text(1), "utf-8")
    here("summarize", tmp_path / "secret-name.txt", *to(service, store_path))
    (entry,) = service.ledger
    assert entry.body is not None
    sent = json.dumps(entry.body, ensure_ascii=False) + json.dumps(dict(entry.headers))
    assert "bài số 1" in sent
    assert "secret-name" not in sent
    assert str(tmp_path) not in sent
    assert user_digest(entry.body) == entry.user_sha256
    assert list(entry.body["messages"][0]) == ["role", "content"]


def test_a_key_is_neither_stored_nor_recorded_nor_printed(
    tmp_path: Path, service: Service, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The credential is sent to the service and appears nowhere else."""
    key = "sk-ant-canary-0001"
    monkeypatch.setenv("ANTHROPIC_API_KEY", key)
    folder = articles(tmp_path / "in", 1)
    done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path), "--record", tmp_path / "recorded")
    assert done.code == 0
    assert any(key in value for value in service.ledger[0].headers.values())
    assert key not in done.stdout + done.stderr
    left = {name: content for name, content in files(tmp_path).items() if key.encode() in content}
    assert left == {}


def test_an_exhausted_budget_is_exit_5_and_the_next_run_continues(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """No request is sent that might exceed the cap. Paid answers are stored; the remaining articles are pending and
    sent later.
    """
    folder = articles(tmp_path / "in", 6)
    command = ("run", folder, "-o", tmp_path / "out", *to(service, store_path), "--concurrency", "1")
    # One answer costs about 1 cent; the worst case of one request is about 18 cents.
    done = here(*command, "--max-cost", "0.2")
    assert done.code == 5
    assert "of $0.2 is left" in done.stderr
    assert "The same command continues from here" in done.stderr
    first = service.paid
    assert 0 < first < 6
    statuses = [record["status"] for record in records(tmp_path / "out")]
    assert statuses == ["ok"] * first + ["pending"] * (6 - first)
    assert float(run_facts(tmp_path / "out")["cost_usd"]) <= 0.2
    assert {record["reason"]["code"] for record in records(tmp_path / "out")[first:]} == {"budget"}

    done = here(*command)
    assert done.code == 0
    assert service.paid == 6
    assert one_payment_each(service)
    assert [record["status"] for record in records(tmp_path / "out")] == ["ok"] * 6


def test_a_run_stopped_by_the_budget_reports_every_remaining_article(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """The report includes the article on which the run stopped, the remaining cost, and a cap that allows at least one
    request.
    """
    folder = articles(tmp_path / "in", 12)
    command = ("run", folder, "-o", tmp_path / "out", *to(service, store_path))
    done = here(*command, "--max-cost", "0.0001")
    assert done.code == 5
    assert service.ledger == ()
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("12 articles left")]
    assert line.endswith(": " + ", ".join(f"a{number:02}.txt" for number in range(10)) + ", …")
    facts = run_facts(tmp_path / "out")
    assert f"about ${facts['left_cost_usd']}" in line
    least = facts["left_least_max_cost_usd"]
    assert f"the cheapest remaining request needs --max-cost {least}, because" in done.stderr

    # That cap allows one request. A cap below even the service's own count allows none.
    assert here(*command, "--max-cost", str(Decimal(least) * Decimal("0.8"))).code == 5
    assert service.ledger == ()
    here(*command, "--max-cost", least, "--concurrency", "1")
    assert len(service.ledger) > 0


def test_a_model_without_a_price_cannot_run_under_a_budget(tmp_path: Path, service: Service, store_path: Path) -> None:
    """A budget for a model without a price is a wrong setting: exit 2, nothing is sent."""
    folder = articles(tmp_path / "in", 1)
    command = ("run", folder, "-o", tmp_path / "out", *to(service, store_path), "--model", "my-local-model")
    done = here(*command, "--max-cost", "1")
    assert done.code == 2
    assert "my-local-model has no price" in done.stderr
    assert service.ledger == ()
    done = here(*command)
    assert done.code == 0
    assert "1 reply of unknown price" in done.stderr
    (record,) = records(tmp_path / "out")
    assert record["cost_usd"] is None


def test_refresh_sends_everything_again_and_retry_only_failed_articles(tmp_path: Path, store_path: Path) -> None:
    """`--refresh` pays again for stored answers; `--retry` leaves good answers alone."""
    folder = articles(tmp_path / "in", 2)
    with Service() as service:
        command = ("run", folder, "-o", tmp_path / "out", *to(service, store_path))
        here(*command)
        assert here(*command, "--retry").code == 0
        assert service.paid == 2
        assert here(*command, "--refresh").code == 0
        assert service.paid == 4
        assert here(*command).code == 0
        assert service.paid == 4


def test_a_stopped_refresh_continues_and_a_completed_one_starts_over(tmp_path: Path, store_path: Path) -> None:
    """Answers bought since the refresh began are not bought again, however often it is stopped."""
    folder = articles(tmp_path / "in", 6)
    stops = {"at": 0}

    def script(number: int, _: dict[str, Any]) -> Behaviour | None:
        return UNAUTHORIZED if number == stops["at"] else None

    with Service(script=script) as service:
        command = ("run", folder, "-o", tmp_path / "out", *to(service, store_path), "--concurrency", "1")
        assert here(*command).code == 0
        for _ in range(2):
            stops["at"] = len(service.ledger) + 3
            done = here(*command, "--refresh")
            assert (done.code, "The same command continues from here" in done.stderr) == (4, True), done.stderr
        assert here(*command, "--refresh").code == 0
        assert set(service.generated.values()) == {2}
        assert here(*command, "--refresh").code == 0
        assert set(service.generated.values()) == {3}
        assert here(*command).code == 0
        assert set(service.generated.values()) == {3}


WORSE: dict[str, Behaviour] = {"a refusal": Refusal(), "an unreadable reply": RawBody(b"<html>")}


@pytest.mark.parametrize("worse", WORSE.values(), ids=WORSE)
def test_a_refresh_without_an_answer_does_not_replace_the_stored_answer(
    tmp_path: Path, store_path: Path, worse: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run reports what happened. The next run without --refresh uses the answer that was paid for before."""
    without_waits(monkeypatch)
    script: list[Behaviour | None] = [None, *[worse] * 9]
    with Service(script=script) as service:
        command = ("run", articles(tmp_path / "in", 1), "-o", tmp_path / "out", *to(service, store_path))
        assert here(*command).code == 0
        before = (tmp_path / "out/records.jsonl").read_bytes()
        assert here(*command, "--refresh").code == 3
        sent = len(service.ledger)
        assert here(*command).code == 0
        assert len(service.ledger) == sent
        assert (tmp_path / "out/records.jsonl").read_bytes() == before
        assert here("check", tmp_path / "out").code == 0


def test_run_json_says_while_a_run_is_in_progress(tmp_path: Path, store_path: Path) -> None:
    """A killed run does not leave the success of the previous run in `run.json`."""
    folder, out = articles(tmp_path / "in", 1), tmp_path / "out"
    with Service() as service:
        command = ("run", folder, "-o", out, *to(service, store_path))
        here(*command)
        assert run_facts(out)["exit_code"] == 0
        articles(folder, 2)

    def script(*_: Any) -> Behaviour | None:
        seen.append(run_facts(out))
        return None

    seen: list[dict[str, Any]] = []
    with Service(script=script) as service:
        here("run", folder, "-o", out, *to(service, store_path))
    (during,) = {(facts["exit_code"], facts["ended_at"], facts["store"]) for facts in seen}
    assert during == (None, None, str(store_path))


def test_an_absent_quote_is_flagged_shown_and_counts_only_when_strict(tmp_path: Path, store_path: Path) -> None:
    """An invented quote that its repair keeps is an error of its claim: exit 0, with `--strict` 3, and listed first on
    the page.
    """
    made_up = {
        "text_en": "The moon is made of cheese.", "paragraph": 1, "quote": "mặt trăng làm bằng phô mai",
        "kind": "fact", "modality": "asserted", "speaker_en": None, "speaker_source": None, "event_date": None,
        "quantities": [],
    }  # fmt: skip
    folder = articles(tmp_path / "in", 1)
    with Service(script=lambda _, body: changed(body, claims=[made_up])) as service:
        command = ("run", folder, "-o", tmp_path / "out", *to(service, store_path))
        done = here(*command)
        assert done.code == 0
        assert "1 flagged" in done.stderr
        assert here(*command, "--strict").code == 3
        (record,) = records(tmp_path / "out")
        assert record["status"] == "flagged"
        (claim,) = record["summary"]["claims"]
        assert claim["evidence"]["match"] == "absent"
        assert claim["evidence"]["start"] is None
        assert any(
            finding["severity"] == "error" and str(finding["field"]).startswith("claims.c1")
            for finding in record["findings"]
        )
        page = (tmp_path / f"out/articles/{record['article']['id']}.md").read_text("utf-8")
        assert page.index("Needs attention") < page.index("## Claims")
        assert "**not in the source**" in page
        one = here("summarize", folder / "a00.txt", *to(service, store_path), "--strict")
        assert one.code == 3
        assert one.record["status"] == "flagged"
        # One answer and one repair, which came back unchanged. The same request is not sent twice.
        assert service.paid == 2


def test_recordings_of_the_samples_are_all_played(tmp_path: Path) -> None:
    """The samples contain no unused recording: together the two tasks play each of them."""
    here("run", SAMPLES, "-o", tmp_path / "out", *BOTH, *REPLAY)
    played = {exchange["key"] for record in records(tmp_path / "out") for exchange in record["exchanges"]}
    assert {f"{key.replace(':', '-')}.json" for key in played} == {path.name for path in RECORDINGS.iterdir()}
