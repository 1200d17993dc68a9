"""`dragoman plan`: what a run would ask, why, and for how much, without a call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import REPLAY, ROOT, SAMPLES, about, articles, here, records, run_facts, text, to
from tests.support.service import Answer, MaxTokens, Refusal, Reset, Service

BOTH = ("--task", "summary", "--task", "translation")


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


def planned(*arguments: object) -> list[dict[str, Any]]:
    """`plan --json`, one object an article."""
    done = here("plan", *arguments, "--json")
    assert done.code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def whys(*arguments: object) -> list[dict[str, str]]:
    return [{task: facts["why"] for task, facts in plan["tasks"].items()} for plan in planned(*arguments)]


def run(folder: Path, tmp_path: Path, *options: object) -> None:
    here("run", folder, "-o", tmp_path / "out", *options)


def own_prompts(folder: Path) -> Path:
    """A folder with a summary prompt of one's own, ``summary/v101``."""
    released = (ROOT / "prompts/summary/v1.md").read_text("utf-8")
    own = released.replace("version = 1\n", "version = 101\n").replace("An analyst who", "An editor who")
    (folder / "summary").mkdir(parents=True)
    (folder / "summary" / "v101.md").write_text(own, "utf-8")
    return folder


def test_everything_is_new_at_first_and_nothing_is_sent(tmp_path: Path, service: Service, store_path: Path) -> None:
    """A line a task with tokens and price on stdout, the total on stderr, no request."""
    folder = articles(tmp_path / "in", 3)
    done = here("plan", folder, *to(service, store_path), *BOTH)
    assert done.code == 0
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    for number, line in enumerate(lines):
        assert line.startswith(f"a{number:02}.txt  [vi]")
        assert line.count("request (new)") == 2
        assert line.count("$0.0") == 2
    assert "3 articles, 6 requests to claude-sonnet-5-5" in done.stderr
    assert "about $0." in done.stderr
    assert service.ledger == ()


def test_what_is_stored_costs_nothing(tmp_path: Path, service: Service, store_path: Path) -> None:
    """After a run the plan is empty, whatever the output folder."""
    folder = articles(tmp_path / "in", 2)
    run(folder, tmp_path, *to(service, store_path))
    assert whys(folder, *to(service, store_path)) == [{"summary": "stored"}] * 2
    done = here("plan", folder, *to(service, store_path))
    assert "0 requests" in done.stderr
    assert "$0.0000" in done.stderr
    assert service.paid == 2


def test_each_reason_is_told_apart(tmp_path: Path, service: Service, store_path: Path) -> None:
    """Task added, prompt changed, model changed, request changed, new bytes, refresh."""
    folder = articles(tmp_path / "in", 1)
    options = to(service, store_path)
    run(folder, tmp_path, *options)
    own = own_prompts(tmp_path / "own")
    assert whys(folder, *options, *BOTH) == [{"summary": "stored", "translation": "task added"}]
    assert whys(folder, *options, "--prompts", own, "--prompt", "summary/v101") == [{"summary": "prompt changed"}]
    assert whys(folder, *options, "--prompts", own) == [{"summary": "stored"}]
    assert whys(folder, *options, "--model", "haiku-5-5") == [{"summary": "model changed"}]
    assert whys(folder, *options, "--refresh") == [{"summary": "refresh"}]
    (folder / "a00.txt").write_text(text(1), "utf-8")
    assert whys(folder, *options) == [{"summary": "new"}]
    assert service.paid == 1


def test_what_another_server_answered_is_not_new_and_serves_only_there(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """Another name of the same machine is another server; what that one was never asked stays new there too."""
    folder = articles(tmp_path / "in", 1)
    run(folder, tmp_path, *to(service, store_path))
    elsewhere = ("--base-url", service.url.replace("127.0.0.1", "localhost"), "--store", store_path)
    for options in (elsewhere, ("--store", store_path)):
        assert whys(folder, *options, *BOTH) == [{"summary": "server changed", "translation": "new"}]
    (plan,) = planned(folder, *elsewhere)
    assert plan["tasks"]["summary"]["requests"] == 1
    assert "request (server changed)" in here("plan", folder, *elsewhere).stdout
    assert whys(folder, *to(service, store_path)) == [{"summary": "stored"}]
    articles(folder, 2)
    assert whys(folder, *elsewhere)[1] == {"summary": "new"}
    with Service() as another:
        run(folder, tmp_path, *to(another, store_path))
        assert whys(folder, *to(another, store_path), *BOTH)[0] == {"summary": "stored", "translation": "task added"}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--model", "haiku-5-5"), "model changed"),
        (("--refresh",), "refresh"),
        (("--task", "translation"), "task added"),
    ],
    ids=["model", "refresh", "task"],
)
def test_a_run_sends_what_was_planned(
    options: tuple[str, ...], why: str, tmp_path: Path, service: Service, store_path: Path
) -> None:
    """The plan's number of requests is the run's, and what is planned afterwards is nothing."""
    folder = articles(tmp_path / "in", 3)
    run(folder, tmp_path, *to(service, store_path))
    plans = planned(folder, *to(service, store_path), *options)
    wanted = sum(task["requests"] for plan in plans for task in plan["tasks"].values())
    assert {task["why"] for plan in plans for task in plan["tasks"].values()} == {why}
    before = len(service.ledger)
    run(folder, tmp_path, *to(service, store_path), *options)
    assert len(service.ledger) - before == wanted == 3


def test_an_own_prompt_is_asked_once_and_stored_under_its_name(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """`--prompts DIR --prompt summary/v101`: records name it; the released one stays stored beside it."""
    folder = articles(tmp_path / "in", 1)
    own = ("--prompts", str(own_prompts(tmp_path / "own")), "--prompt", "summary/v101")
    run(folder, tmp_path, *to(service, store_path))
    run(folder, tmp_path, *to(service, store_path), *own)
    assert service.paid == 2
    (record,) = records(tmp_path / "out")
    assert record["tasks"]["summary"]["prompt"] == "summary/v101"
    assert whys(folder, *to(service, store_path)) == whys(folder, *to(service, store_path), *own)
    assert here("check", tmp_path / "out").code == 2  # its prompt must be named
    assert here("check", tmp_path / "out", "--prompts", own[1]).code == 0


@pytest.mark.parametrize(
    ("behaviours", "why"),
    [
        ((Refusal(),), "refused before"),
        ((Answer("no"), Answer("no")), "failed before"),
        ((MaxTokens(), MaxTokens()), "failed before"),
    ],
    ids=["refused", "invalid twice", "cut off twice"],
)
def test_what_failed_before_is_asked_again_only_with_retry(
    behaviours: tuple[Any, ...], why: str, tmp_path: Path, store_path: Path
) -> None:
    """The plan says why, and counts a request only with `--retry`."""
    folder = articles(tmp_path / "in", 1)
    with Service(script=about(0, *behaviours)) as service:
        options = to(service, store_path)
        run(folder, tmp_path, *options)
        (plan,) = planned(folder, *options)
        assert plan["tasks"]["summary"] == {
            "why": why, "requests": 0, "requests_shared": 0, "prompt_tokens": 0, "prompt_tokens_are": "estimated",
            "prompt_tokens_from_cache": 0, "output_tokens_estimated": 0, "cost_usd": "0",
        }  # fmt: skip
        (plan,) = planned(folder, *options, "--retry")
        assert (plan["tasks"]["summary"]["why"], plan["tasks"]["summary"]["requests"]) == (why, 1)
        line = here("plan", folder, *options).stdout
        assert why in line
        assert "ask" not in line


def test_a_reply_that_has_to_go_back_is_planned_as_unusable(
    tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An invalid answer is stored and its re-ask was never answered: one request is left to send."""
    monkeypatch.setenv("DRAGOMAN_ATTEMPTS", "1")
    folder = articles(tmp_path / "in", 1)
    with Service(script=about(0, Answer("no"), Reset("before"))) as service:
        run(folder, tmp_path, *to(service, store_path))
        (plan,) = planned(folder, *to(service, store_path))
        assert (plan["tasks"]["summary"]["why"], plan["tasks"]["summary"]["requests"]) == ("reply unusable", 1)
        before = len(service.ledger)
        run(folder, tmp_path, *to(service, store_path))
        assert len(service.ledger) - before == 1


def test_what_needs_no_call_says_so(tmp_path: Path, service: Service, store_path: Path) -> None:
    """Empty, English, unsupported, unreadable: status and reason instead of a price."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "empty.txt").write_bytes(b"")
    (folder / "gone.txt").symlink_to("nowhere")
    (folder / "page.pdf").write_bytes(b"%PDF-1.7")
    done = here("plan", folder, *to(service, store_path))
    assert done.code == 0
    empty, gone, page = done.stdout.splitlines()
    assert "skipped: " in empty
    assert "failed: " in gone
    assert "skipped: " in page
    plans = planned(folder, *to(service, store_path))
    assert [plan["reason"]["code"] for plan in plans] == ["empty", "unreadable", "unsupported"]
    assert all(plan["tasks"] == {} for plan in plans)


def test_a_long_article_is_planned_in_the_parts_it_is_asked_in(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """A translation of several parts: as many requests as the run sends."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "long.txt").write_text("\n\n".join(text(number) for number in range(100)), "utf-8")
    options = (*to(service, store_path), "--task", "translation")
    (plan,) = planned(folder, *options)
    run(folder, tmp_path, *options)
    assert plan["tasks"]["translation"]["requests"] == len(service.ledger) > 2
    assert records(tmp_path / "out")[0]["status"] == "ok"


def test_exact_asks_the_free_counter_and_pays_nothing(tmp_path: Path, service: Service, store_path: Path) -> None:
    """`--exact`: one free call a request; the counted tokens are the service's."""
    folder = articles(tmp_path / "in", 2)
    plans = planned(folder, *to(service, store_path), "--exact")
    assert [entry.kind for entry in service.ledger] == ["count_tokens"] * 2
    assert service.paid == 0
    assert all(plan["tasks"]["summary"]["prompt_tokens_are"] == "counted" for plan in plans)
    done = here("plan", folder, *to(service, store_path), "--exact")
    assert "counted by the service" in done.stderr


def test_a_model_without_a_price_says_so(tmp_path: Path, service: Service, store_path: Path) -> None:
    """Unknown is never 0."""
    folder = articles(tmp_path / "in", 1)
    options = (*to(service, store_path), "--model", "my-local-model")
    done = here("plan", folder, *options)
    assert "price unknown" in done.stdout
    assert "price unknown" in done.stderr
    assert planned(folder, *options)[0]["tasks"]["summary"]["cost_usd"] is None


def test_replay_plans_what_is_recorded_and_what_is_not(tmp_path: Path) -> None:
    """Recordings cost nothing; what they lack is said, and nothing could be asked."""
    folder = articles(tmp_path / "in", 1)
    (folder / "es-embalse.md").write_bytes((SAMPLES / "es-embalse.md").read_bytes())
    assert whys(folder, *REPLAY) == [{"summary": "recording missing"}, {"summary": "stored"}]
    assert "0 requests to recordings" in here("plan", folder, *REPLAY).stderr


def test_the_estimate_is_of_the_size_of_the_bill(tmp_path: Path, service: Service, store_path: Path) -> None:
    """Planned for the samples is not an order of magnitude from what the run then costs."""
    plans = planned(SAMPLES, *to(service, store_path))
    expected = sum(float(plan["tasks"]["summary"]["cost_usd"]) for plan in plans)
    run(SAMPLES, tmp_path, *to(service, store_path))
    paid = sum(float(record["cost_usd"]) for record in records(tmp_path / "out"))
    assert paid / 4 < expected < paid * 4


def test_a_plan_learns_from_what_was_measured(tmp_path: Path, service: Service, store_path: Path) -> None:
    """After a run over some of the samples the rest is planned within a tenth of what the service then counts."""
    names = sorted(path.name for path in SAMPLES.iterdir())
    run(SAMPLES, tmp_path, *to(service, store_path), "--limit", "5")
    plans = {plan["name"]: plan["tasks"]["summary"] for plan in planned(SAMPLES, *to(service, store_path))}
    assert [plans[name]["why"] for name in names] == ["stored"] * 5 + ["new"] * 2
    assert {plans[name]["prompt_tokens_are"] for name in names[5:]} == {"learned"}
    usages = [record["exchanges"][0]["usage"] for record in records(tmp_path / "out") if record["exchanges"]]
    (fixed,) = {usage["cache_read_tokens"] + usage["cache_write_5m_tokens"] for usage in usages}
    assert [plans[name]["prompt_tokens_from_cache"] for name in names[5:]] == [0, fixed]
    run(SAMPLES, tmp_path, *to(service, store_path))
    for record in records(tmp_path / "out")[5:]:
        usage = record["exchanges"][0]["usage"]
        counted = sum(value for name, value in usage.items() if name != "output_tokens")
        assert abs(plans[record["article"]["name"]]["prompt_tokens"] - counted) <= 0.1 * counted


def test_plan_leaves_an_output_folder_inside_its_path_alone(
    tmp_path: Path, service: Service, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a run wrote below PATH is no article of a plan either, for the run would not read it."""
    folder = articles(tmp_path / "in", 2)
    monkeypatch.chdir(tmp_path)
    here("run", "in", "-o", "in/out", *to(service, store_path))
    assert [plan["name"] for plan in planned(folder, *to(service, store_path))] == ["a00.txt", "a01.txt"]


def test_a_request_that_articles_share_is_planned_once_as_it_is_sent(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """Articles with the same text: the first is asked, the others say so, and the plan's number is the run's."""
    folder = articles(tmp_path / "in", 2)
    (folder / "same.txt").write_text(text(0), "utf-8")
    (folder / "same-in-utf-16.txt").write_text(text(0), "utf-16")
    options = (*to(service, store_path), *BOTH)
    plans = {plan["name"]: plan["tasks"] for plan in planned(folder, *options)}
    for name in ("same.txt", "same-in-utf-16.txt"):
        for task in plans[name].values():
            assert (task["why"], task["requests"], task["requests_shared"], task["cost_usd"]) == ("shared", 0, 1, "0")
    done = here("plan", folder, *options)
    assert "4 articles, 4 requests" in done.stderr
    assert "4 requests not counted: identical to the request of another article" in done.stderr
    run(folder, tmp_path, *options)
    assert len(service.ledger) == 4


def test_a_plan_says_what_it_takes_for_granted_of_the_prompt_cache(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """The first request writes the fixed part, the others read it; a model that cannot cache so little reads none."""
    folder = articles(tmp_path / "in", 3)
    first, *others = (plan["tasks"]["summary"] for plan in planned(folder, *to(service, store_path)))
    assert first["prompt_tokens_from_cache"] == 0
    for task in others:
        assert 0 < task["prompt_tokens_from_cache"] < task["prompt_tokens"]
        assert Decimal(task["cost_usd"]) < Decimal(first["cost_usd"])
    assert "assumed to be read from the prompt cache" in here("plan", folder, *to(service, store_path)).stderr
    # Its shortest prefix is longer than the fixed part of a summary.
    short = here("plan", folder, *to(service, store_path), "--model", "haiku-4-5")
    assert "no input tokens are assumed to be read from the prompt cache" in short.stderr


def test_what_a_stopped_run_says_is_left_is_what_a_plan_says(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """One way of estimating: the money that the last lines name is the plan's, to the digit."""
    folder = articles(tmp_path / "in", 7)
    done = here(
        "run", folder, "-o", tmp_path / "out", *to(service, store_path), "--concurrency", "1", "--max-cost", "0.2"
    )
    assert done.code == 5
    left = run_facts(tmp_path / "out")["left_cost_usd"]
    costs = [Decimal(plan["tasks"]["summary"]["cost_usd"]) for plan in planned(folder, *to(service, store_path))]
    total = sum(costs, Decimal(0))
    assert Decimal(left) == total.quantize(Decimal("0.0001")) > 0
    assert f"about ${left} as `dragoman plan` estimates" in done.stderr
