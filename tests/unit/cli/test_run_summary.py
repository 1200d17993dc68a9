"""The last lines of a run: what each says, and which are left out when there is nothing to say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dragoman.cli.run_summary import counts_line, duration, print_maybe_charged, print_only_on_retry, print_summary
from dragoman.core.run_report import LimitFacts, RunReport
from dragoman.errors import BudgetReached, DragomanError, FailureKind, ProviderError, RepliesRescued, StoreError
from dragoman.runs.counts import Counts
from dragoman.runs.run_result import Problem, Run

OUT = Path("out")
LIMITS = LimitFacts(
    concurrency_at_most=64, concurrency_at_the_end=4, refusals=12, waited_seconds=1.0, per_minute={}, history=[]
)


def ended(
    ended_by: DragomanError | None = None,
    code: int = 0,
    problems: tuple[Problem, ...] = (),
    names: tuple[str, ...] = (),
    **facts: Any,
) -> Run:
    """A run with these facts, without a failure unless one is given."""
    given = {"provider": "anthropic", "statuses": {"ok": 2}, "seconds": 2.1, "cost_usd": "0.02", "out_cost_usd": "0.05"}
    return Run(Counts(), problems, ended_by, code, RunReport(**{**given, **facts}), names)


def printed(done: Run, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines on stderr; stdout stays empty."""
    print_summary(done, OUT)
    out, err = capsys.readouterr()
    assert out == ""
    return err.splitlines()


def test_a_run_without_trouble_says_results_requests_cost_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    """Three lines and no more."""
    done = ended(requests_sent=2, stored_replies_used=1)
    assert printed(done, capsys) == [
        "2 articles: 2 ok; took 2.1 s",
        "2 requests sent, 1 reply from the store; $0.02 this run, $0.05 for all records in out",
        "open out/report.html; records are in out/records.jsonl",
    ]


@pytest.mark.parametrize(("articles", "line"), [(0, None), (1, "1 translation"), (2, "2 translations")])
def test_translations_with_errors_are_said_not_to_be_corrected(
    articles: int, line: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Summaries are corrected, so a reader may expect it of translations too."""
    lines = printed(replace(ended(), counts=Counts(translations_with_errors=articles)), capsys)
    said = [one for one in lines if "with errors" in one]
    what = "with errors: flagged, not corrected; --refresh requests everything again"
    assert said == ([f"{line} {what}"] if line else [])


def test_recordings_cost_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing was sent, so there is no cost."""
    assert printed(ended(provider="replay", stored_replies_used=17), capsys)[1] == (
        "17 replies from recordings; nothing was sent or spent"
    )


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({"replies_of_unknown_cost": 1}, "$0.02 and 1 reply of unknown price this run"),
        (
            {"replies_of_unknown_cost": 1, "model": "my-model"},
            "my-model is not in the table of models: --model-price-as names the model whose price it has",
        ),
        (
            {"model": "claude-haiku-5-5", "answered_by": {"claude-opus-5-5": 1}},
            "1 reply came from another model than claude-haiku-5-5: 1 from claude-opus-5-5",
        ),
        (
            {"model": "claude-haiku-5-5", "answered_by": {"a": 1, "b": 1_200, "": 2, "c": 1, "d": 5}},
            "1,209 replies came from another model than claude-haiku-5-5: 1,200 from b, 5 from d, 2 from a model "
            "without a name, 2 from others",
        ),
        (
            {"maybe_paid_without_answer": 2, "maybe_paid_usd_at_most": "0.3"},
            "2 requests may have been charged without an answer, $0.3 at most",
        ),
        (
            {"tokens": {"input": 1000, "cache_read": 3000, "cache_write": 0, "output": 1500}},
            "4,000 input tokens (75% from the prompt cache), 1,500 output tokens",
        ),
        ({"tokens": {"input": 0, "cache_read": 0, "cache_write": 0, "output": 9}}, "0 input tokens, 9 output tokens"),
        ({"retries": {"529": 2, "timed out": 1}}, "retries: 2 × 529, 1 × timed out"),
        (
            {"limits": LIMITS, "retries": {"429": 8, "503": 1, "529": 3, "500": 2}},
            "12 requests were rate-limited and retried",
        ),
        ({"limits": LIMITS, "retries": {"529": 4, "500": 20}}, "12 requests were rate-limited (4 of them retried)"),
        ({"limits": LIMITS}, "12 requests were rate-limited and not retried"),
        ({"limits": LIMITS.model_copy(update={"refusals": 1})}, "1 request was rate-limited and not retried"),
        (
            {"limits": LIMITS.model_copy(update={"refusals": 1}), "retries": {"429": 1}},
            "1 request was rate-limited and retried",
        ),
        ({"taken_back": 3}, "recovered 3 paid replies that an earlier run had saved outside the store"),
        ({"lost": 1}, "1 paid reply could not be saved anywhere and is lost"),
        ({"lost": 2}, "2 paid replies could not be saved anywhere and are lost"),
        ({"not_taken_back": ["a.json cannot be read"]}, "a.json cannot be read"),
        ({"out_cost_usd": None}, "could not write to out. Existing files are unchanged"),
        ({"reasons": {"refused": 1}}, "1 article without a usable answer: requested again only with --retry"),
        ({"repairs": {"still wrong": 1, "corrected": 1}}, "corrections: 1 fixed, 1 still wrong"),
    ],
    ids=lambda value: "" if isinstance(value, str) else ", ".join(value),
)
def test_each_fact_has_its_line_and_without_the_fact_there_is_none(
    facts: dict[str, Any], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The words of each line, and that a run without this fact does not print it."""
    assert line in "\n".join(printed(ended(**facts), capsys))
    assert line not in "\n".join(printed(ended(), capsys))


def test_saved_replies_are_named_with_the_command_that_imports_them(capsys: pytest.CaptureFixture[str]) -> None:
    """And the run is not said to continue without that import."""
    error = RepliesRescued(
        StoreError("the disk is full", "make room"), "1 paid reply is saved", "dragoman store import x"
    )
    done = ended(error, 7, rescued=1, rescued_to="/tmp/x", store="/data/s.sqlite")
    lines = printed(done, capsys)
    (line,) = [line for line in lines if line.startswith("1 paid reply that the store could not take")]
    assert "saved in /tmp/x. When the store works again, first run `dragoman store import /tmp/x" in line
    assert line.endswith("`, then the same command")
    assert lines[-2].startswith("dragoman: stopped: the disk is full")
    assert "continues from here" not in lines[-2]


def test_a_budget_that_was_reached_names_what_is_left_and_a_cap_that_helps(capsys: pytest.CaptureFixture[str]) -> None:
    """The names of the first articles, the estimated cost, and the cap, if the one that was given is too low."""
    facts: dict[str, Any] = {
        "left": 3,
        "left_cost_usd": "0.2",
        "left_least_max_cost_usd": "0.05",
        "max_cost_usd": "0.01",
    }
    lines = printed(ended(BudgetReached("nothing fits"), 5, names=("a.txt", "b.txt"), **facts), capsys)
    assert "3 articles left, about $0.2 as `dragoman plan` estimates: a.txt, b.txt, …" in lines
    assert (
        "the cheapest remaining request needs --max-cost 0.05, because its worst-case price must fit the cap" in lines
    )
    assert "dragoman: stopped: nothing fits. The same command continues from here" in lines
    enough = {**facts, "max_cost_usd": "1"}
    assert "cheapest" not in "\n".join(printed(ended(BudgetReached("-"), 5, **enough), capsys))


def test_an_interruption_says_that_the_same_command_continues(capsys: pytest.CaptureFixture[str]) -> None:
    """After the import of saved replies, if there are any."""
    assert "dragoman: interrupted; the same command continues where this run stopped" in printed(
        ended(code=130), capsys
    )
    facts: dict[str, Any] = {"rescued": 1, "rescued_to": "/tmp/x", "store": "/data/s.sqlite"}
    (line,) = [line for line in printed(ended(code=143, **facts), capsys) if line.startswith("dragoman: ")]
    assert line == "dragoman: interrupted; after that import, the same command continues where this run stopped"


def test_problems_of_articles_are_listed_and_counted_when_there_are_more(capsys: pytest.CaptureFixture[str]) -> None:
    """What ended the run is printed once, at the end, and not for each article."""
    gone = ProviderError(FailureKind.UNUSABLE, "no credentials")
    problems = (Problem("a.txt", "refused", "the model declined"), Problem("b.txt", "pending", "-", gone))
    lines = printed(ended(gone, 4, problems, reasons={"refused": 40, "provider_unusable": 2}), capsys)
    assert "  a.txt: refused: the model declined" in lines
    assert "  by reason: 40 refused, 2 provider_unusable" in lines
    assert not any("b.txt" in line for line in lines)
    assert sum("no credentials" in line for line in lines) == 1


def test_nothing_is_printed_about_no_articles_and_no_requests(capsys: pytest.CaptureFixture[str]) -> None:
    """`summarize` calls these functions by themselves."""
    print_only_on_retry(0, 0)
    print_maybe_charged(0, None)
    assert capsys.readouterr().err == ""
    print_maybe_charged(1, None)
    assert capsys.readouterr().err == "1 request may have been charged without an answer, at an unknown price\n"


def test_counts_are_in_the_singular_or_the_plural() -> None:
    """Also for no articles at all."""
    assert counts_line({"ok": 1}, {"error": 1, "note": 18}, {}) == "1 article: 1 ok; findings: 1 error, 18 notes"
    assert counts_line({}, {}, {}) == "0 articles: nothing"


DURATIONS = {0.0: "0.0 s", 2.14: "2.1 s", 59.9: "59.9 s", 59.96: "1 min 0 s", 200: "3 min 20 s", 3599.7: "1 h 0 min",
             7530: "2 h 5 min"}  # fmt: skip


@pytest.mark.parametrize(("seconds", "text"), DURATIONS.items(), ids=DURATIONS.values())
def test_the_duration_of_a_run_is_printed_in_words(seconds: float, text: str) -> None:
    """It is at the end of the first line; `run.json` has the seconds."""
    assert duration(seconds) == text


@pytest.mark.parametrize("facts", [{"model": "my-model"}, {"model": "claude-haiku-5-5", "replies_of_unknown_cost": 1}])
def test_the_price_is_not_advised_where_that_would_not_help(
    facts: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """All prices are known, or the model has one and something else is the reason."""
    assert "--model-price-as" not in "\n".join(printed(ended(**facts), capsys))
