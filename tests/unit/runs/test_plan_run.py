"""The plan of a run, mostly through `dragoman plan`: what the run would ask, why, and at what price."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dragoman.config import Settings
from dragoman.errors import ConfigError
from dragoman.runs.estimate import Estimate
from dragoman.runs.plan_article import ArticlePlan, TaskPlan
from dragoman.runs.plan_run import PlanTotals, open_plan
from tests.support.commands import (
    RECORDINGS,
    REPLAY,
    ROOT,
    SAMPLES,
    about,
    articles,
    here,
    records,
    run_facts,
    text,
    to,
)
from tests.support.service import Answer, MaxTokens, Refusal, Reset, Service

BOTH = ("--task", "summary", "--task", "translation")


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


def planned(*arguments: object) -> list[dict[str, Any]]:
    """The output of `plan --json`: one object per article."""
    done = here("plan", *arguments, "--json")
    assert done.code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def whys(*arguments: object) -> list[dict[str, str]]:
    return [{task: facts["why"] for task, facts in plan["tasks"].items()} for plan in planned(*arguments)]


def run(folder: Path, tmp_path: Path, *options: object) -> None:
    here("run", folder, "-o", tmp_path / "out", *options)


def own_prompts(folder: Path) -> Path:
    """A folder with the user's own summary prompt, ``summary/v101``."""
    released = (ROOT / "prompts/summary/v1.md").read_text("utf-8")
    own = released.replace("version = 1\n", "version = 101\n").replace("An analyst who", "An editor who")
    (folder / "summary").mkdir(parents=True)
    (folder / "summary" / "v101.md").write_text(own, "utf-8")
    return folder


def test_everything_is_new_at_first_and_nothing_is_sent(tmp_path: Path, service: Service, store_path: Path) -> None:
    """Stdout has one line per article, with tokens and price for each task; stderr has the total. Nothing is sent."""
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
    assert "$" not in done.stderr  # a price of nothing says nothing
    assert service.paid == 2


def test_each_reason_is_recognised(tmp_path: Path, service: Service, store_path: Path) -> None:
    """Task added, prompt changed, model changed, request changed, refresh, article changed, another article."""
    folder = articles(tmp_path / "in", 1)
    options = to(service, store_path)
    run(folder, tmp_path, *options)
    own = own_prompts(tmp_path / "own")
    assert whys(folder, *options, *BOTH) == [{"summary": "stored", "translation": "task added"}]
    assert whys(folder, *options, "--prompts", own, "--prompt", "summary/v101") == [{"summary": "prompt changed"}]
    assert whys(folder, *options, "--prompts", own) == [{"summary": "stored"}]
    assert whys(folder, *options, "--model", "haiku-5-5") == [{"summary": "model changed"}]
    assert whys(folder, *options, "--refresh") == [{"summary": "refresh"}]
    (folder / "a00.txt").write_text(text(0).replace("nghìn tấn", "tấn"), "utf-8")
    assert whys(folder, *options) == [{"summary": "article changed"}]
    assert planned(folder, *options)[0]["tasks"]["summary"]["changed"]["paragraphs"] == [2]
    assert re.search(
        r"\(article changed since \d{4}-\d\d-\d\d: paragraph 2 differs\)", here("plan", folder, *options).stdout
    )
    (folder / "a00.txt").write_text("Các nhà khoa học phát hiện một loài cá lạ ở biển Đông.\n", "utf-8")
    assert whys(folder, *options) == [{"summary": "new"}]
    assert service.paid == 1


def test_a_reply_of_another_server_is_reported_and_not_used(tmp_path: Path, service: Service, store_path: Path) -> None:
    """Another name of the same machine is another server. What no server was asked stays new on each of them."""
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
    """The run sends exactly as many requests as the plan has."""
    folder = articles(tmp_path / "in", 3)
    run(folder, tmp_path, *to(service, store_path))
    plans = planned(folder, *to(service, store_path), *options)
    wanted = sum(task["requests"] for plan in plans for task in plan["tasks"].values())
    assert {task["why"] for plan in plans for task in plan["tasks"].values()} == {why}
    before = len(service.ledger)
    run(folder, tmp_path, *to(service, store_path), *options)
    assert len(service.ledger) - before == wanted == 3


def test_the_users_own_prompt_is_asked_once_and_stored_under_its_name(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """Records name the prompt. The reply to the released prompt stays in the store beside it."""
    folder = articles(tmp_path / "in", 1)
    own = ("--prompts", str(own_prompts(tmp_path / "own")), "--prompt", "summary/v101")
    run(folder, tmp_path, *to(service, store_path))
    run(folder, tmp_path, *to(service, store_path), *own)
    assert service.paid == 2
    (record,) = records(tmp_path / "out")
    assert record["tasks"]["summary"]["prompt"] == "summary/v101"
    assert whys(folder, *to(service, store_path)) == whys(folder, *to(service, store_path), *own)
    assert here("check", tmp_path / "out").code == 2  # its prompt is not among the released ones
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
    """The plan gives the reason, and has a request only with `--retry`."""
    folder = articles(tmp_path / "in", 1)
    with Service(script=about(0, *behaviours)) as service:
        options = to(service, store_path)
        run(folder, tmp_path, *options)
        (plan,) = planned(folder, *options)
        assert plan["tasks"]["summary"] == {
            "why": why, "requests": 0, "requests_shared": 0, "prompt_tokens": 0, "prompt_tokens_are": "estimated",
            "prompt_tokens_from_cache": 0, "output_tokens_estimated": 0, "cost_usd": "0", "changed": None,
        }  # fmt: skip
        (plan,) = planned(folder, *options, "--retry")
        assert (plan["tasks"]["summary"]["why"], plan["tasks"]["summary"]["requests"]) == (why, 1)
        line = here("plan", folder, *options).stdout
        assert why in line
        assert "ask" not in line


def test_a_reply_that_must_be_sent_back_is_planned_as_unusable(
    tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store has an invalid answer, and the request to correct it got no reply: one request is still to be sent."""
    monkeypatch.setenv("DRAGOMAN_ATTEMPTS", "1")
    folder = articles(tmp_path / "in", 1)
    with Service(script=about(0, Answer("no"), Reset("before"))) as service:
        run(folder, tmp_path, *to(service, store_path))
        (plan,) = planned(folder, *to(service, store_path))
        assert (plan["tasks"]["summary"]["why"], plan["tasks"]["summary"]["requests"]) == ("reply unusable", 1)
        before = len(service.ledger)
        run(folder, tmp_path, *to(service, store_path))
        assert len(service.ledger) - before == 1


def test_an_article_that_needs_no_request_has_a_status_instead_of_a_price(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """For an empty, an unreadable and an unsupported file."""
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


def test_a_long_article_is_planned_in_the_same_parts_as_it_is_asked(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """A translation in several parts has as many requests as the run sends."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "long.txt").write_text("\n\n".join(text(number) for number in range(100)), "utf-8")
    options = (*to(service, store_path), "--task", "translation")
    (plan,) = planned(folder, *options)
    run(folder, tmp_path, *options)
    assert plan["tasks"]["translation"]["requests"] == len(service.ledger) > 2
    (record,) = records(tmp_path / "out")
    assert (
        record["tasks"]["translation"]["status"] == "ok"
    )  # flagged as a whole: the service only stands in for a model
    translated = [entry["paragraph"] for entry in record["translation"]["paragraphs"]]
    assert translated == list(range(1, len(record["source"]["paragraphs"]) + 1))


def test_exact_asks_the_free_counter_and_pays_nothing(tmp_path: Path, service: Service, store_path: Path) -> None:
    """With `--exact`, each planned request is counted by one free request, and the token counts are the service's."""
    folder = articles(tmp_path / "in", 2)
    plans = planned(folder, *to(service, store_path), "--exact")
    assert [entry.kind for entry in service.ledger] == ["count_tokens"] * 2
    assert service.paid == 0
    assert all(plan["tasks"]["summary"]["prompt_tokens_are"] == "counted" for plan in plans)
    done = here("plan", folder, *to(service, store_path), "--exact")
    assert "counted by the service" in done.stderr


def test_the_price_of_a_model_that_has_none_is_unknown(tmp_path: Path, service: Service, store_path: Path) -> None:
    """It is never 0."""
    folder = articles(tmp_path / "in", 1)
    options = (*to(service, store_path), "--model", "my-local-model")
    done = here("plan", folder, *options)
    assert "price unknown" in done.stdout
    assert "price unknown" in done.stderr
    assert planned(folder, *options)[0]["tasks"]["summary"]["cost_usd"] is None


def test_replay_plans_what_is_recorded_and_what_is_not(tmp_path: Path) -> None:
    """Recordings cost nothing. A missing recording is named, because replay could not ask."""
    folder = articles(tmp_path / "in", 1)
    (folder / "es-embalse.md").write_bytes((SAMPLES / "es-embalse.md").read_bytes())
    assert whys(folder, *REPLAY) == [{"summary": "recording missing"}, {"summary": "stored"}]
    assert "0 requests to recordings" in here("plan", folder, *REPLAY).stderr


def test_the_estimate_is_of_the_same_size_as_the_bill(tmp_path: Path, service: Service, store_path: Path) -> None:
    """For the samples, it is between a quarter and four times of what the run then costs."""
    plans = planned(SAMPLES, *to(service, store_path))
    expected = sum(float(plan["tasks"]["summary"]["cost_usd"]) for plan in plans)
    run(SAMPLES, tmp_path, *to(service, store_path))
    paid = sum(float(record["cost_usd"]) for record in records(tmp_path / "out"))
    assert paid / 4 < expected < paid * 4


def test_a_plan_is_calibrated_with_earlier_replies(tmp_path: Path, service: Service, store_path: Path) -> None:
    """After a run over some of the samples, the plan of the rest is within a tenth of what the service then counts."""
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


def test_the_output_of_a_run_inside_the_folder_is_not_planned(
    tmp_path: Path, service: Service, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run would not read it either."""
    folder = articles(tmp_path / "in", 2)
    monkeypatch.chdir(tmp_path)
    here("run", "in", "-o", "in/out", *to(service, store_path))
    assert [plan["name"] for plan in planned(folder, *to(service, store_path))] == ["a00.txt", "a01.txt"]


def test_a_request_that_articles_share_is_planned_once_as_it_is_sent(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """Of several articles with the same text, the first has the request and the others share it, as in the run."""
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


def test_a_plan_says_what_it_assumes_about_the_prompt_cache(tmp_path: Path, service: Service, store_path: Path) -> None:
    """The first request writes the fixed part and the others read it. A model that cannot cache so little reads
    nothing."""
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


def test_a_stopped_run_and_a_plan_give_the_same_price_for_the_remaining_articles(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """Both estimate in the same way, so the amounts agree to the last digit."""
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


# Totals


def plan_of(*estimates: Estimate, shared: int = 0, on_retry: bool = False) -> ArticlePlan:
    tasks = tuple(TaskPlan("summary", "new", estimate, shared, on_retry) for estimate in estimates)
    return ArticlePlan("a", "a.txt", None, None, "vi", tasks)


def test_totals_add_up_over_tasks_and_articles() -> None:
    """Articles that only a retry asks again count once, however many of their tasks it would ask."""
    totals = PlanTotals()
    learned = Estimate(2, 1000, 300, 50, "learned", Decimal("0.10"))
    counted = Estimate(1, 400, 0, 20, "counted", Decimal("0.03"))
    totals.add(plan_of(learned, counted, shared=1, on_retry=True))
    totals.add(plan_of(counted))
    assert (totals.requests, totals.shared, totals.on_retry) == (4, 2, 1)
    assert (totals.prompt_tokens, totals.cached_tokens, totals.cost_usd) == (1800, 300, Decimal("0.16"))
    assert dict(totals.bases) == {"learned": 2, "counted": 2}


def test_one_unknown_price_makes_the_total_unknown() -> None:
    """Also when known prices come after it."""
    totals = PlanTotals()
    for price in (Decimal("0.1"), None, Decimal("0.1")):
        totals.add(plan_of(Estimate(1, 100, 0, 10, "estimated", price)))
    assert (totals.requests, totals.cost_usd) == (3, None)


def test_a_plan_creates_no_store_and_has_no_cap(tmp_path: Path, store_path: Path) -> None:
    """A cap would keep a model without a price from being planned."""
    settings = Settings(store=store_path, max_cost=Decimal("0.01"), model="my-local-model")
    with open_plan(
        [articles(tmp_path / "in", 2)], settings, exact=False, folder=tmp_path / "out", buy_again=False
    ) as run:  # fmt: skip
        plans = list(run.plans())
        assert [plan.name for plan in plans] == [place.name for place in run.places] == ["a00.txt", "a01.txt"]
        assert (run.has_store, run.replies_elsewhere, run.totals.requests, run.totals.cost_usd) == (
            False,
            None,
            2,
            None,
        )
    assert not store_path.exists()
    assert not (tmp_path / "out").exists()


def test_replay_has_no_exact_counts(tmp_path: Path) -> None:
    """Counting needs a service."""
    settings = Settings(provider="replay", recordings=RECORDINGS)
    with (
        pytest.raises(ConfigError, match="exact token counts need the provider anthropic or bedrock"),
        open_plan([articles(tmp_path / "in", 1)], settings, exact=True, folder=None, buy_again=False),
    ):
        pytest.fail("nothing can be planned")
