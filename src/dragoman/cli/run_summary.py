"""The last lines of a run, for people: results, cost, articles that are left, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dragoman.cli.advice import advice, advised
from dragoman.cli.console import corrections_only_on_retry, counted, only_on_retry, say
from dragoman.core.models import table
from dragoman.errors import THROTTLED
from dragoman.runs.run_result import Run
from dragoman.store.recovery_commands import import_command

if TYPE_CHECKING:
    from dragoman.core.run_report import RunReport

_CORRECTIONS = {"corrected": "fixed"}
"""States of items that were sent back, by their names in records, in the words of the summary."""


def print_summary(done: Run, folder: Path) -> None:
    """Print how a run into ``folder`` ended."""
    facts = done.facts
    say(f"{counts_line(facts.statuses, facts.findings, facts.repairs)}; took {duration(facts.seconds or 0)}")
    _print_money(facts, folder)
    _print_tokens(facts)
    for note in facts.notes:
        say(note)
    _print_problems(done)
    print_only_on_retry(done.only_on_retry, done.corrections_only_on_retry)
    if wrong := done.counts.translations_with_errors:
        say(f"{counted(wrong, 'translation')} with errors: flagged, not corrected; --refresh requests everything again")
    _print_rejected(done.rejected_without_any_answer)
    _print_rescued(facts)
    if done.has_remaining:
        _print_remaining(done)
    _print_ending(done)
    if facts.out_cost_usd is not None:
        say(f"open {folder / 'report.html'}; records are in {folder / 'records.jsonl'}")
    else:
        say(f"could not write to {folder}. Existing files are unchanged")


def counts_line(statuses: Mapping[Any, int], findings: Mapping[Any, int], repairs: Mapping[Any, int]) -> str:
    """``3 articles: 2 ok, 1 failed; findings: 1 error; corrections: 1 fixed``."""
    counts = ", ".join(f"{count} {status}" for status, count in statuses.items()) or "nothing"
    flags = ", ".join(counted(count, severity) for severity, count in findings.items())
    corrections = ", ".join(f"{count} {_CORRECTIONS.get(state, state)}" for state, count in sorted(repairs.items()))
    return (
        f"{counted(sum(statuses.values()), 'article')}: {counts}"
        + (f"; findings: {flags}" if flags else "")
        + (f"; corrections: {corrections}" if corrections else "")
    )


def duration(seconds: float) -> str:
    """``2.1 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60} min"


def _print_money(facts: RunReport, folder: Path) -> None:
    """What was spent and, as a separate line, what may have been charged without an answer."""
    stored, total = counted(facts.stored_replies_used, "reply"), facts.out_cost_usd
    if facts.provider == "replay":
        say(f"{stored} from recordings; nothing was sent or spent")
        return
    say(
        f"{counted(facts.requests_sent, 'request')} sent, {stored} from the store; "
        f"{_money(facts.cost_usd, facts.replies_of_unknown_cost)} this run"
        + (f", {_money(total, facts.out_replies_of_unknown_cost)} for all records in {folder}" if total else "")
    )
    if facts.replies_of_unknown_cost and facts.model is not None and not table().find(facts.model).known:
        say(f"{facts.model} is not in the table of models: --model-price-as names the model whose price it has")
    _print_other_models(facts)
    if facts.lookup_failure is not None:
        say(f"{facts.lookup_failure}. Prices are those of the models that answered, and the schema is in the prompt")
    print_maybe_charged(facts.maybe_paid_without_answer, facts.maybe_paid_usd_at_most)
    print_left_out(facts.left_out)


def _print_other_models(facts: RunReport) -> None:
    """The models that answered although another was asked, if any did; the most frequent by name."""
    if not facts.answered_by:
        return
    by_frequency = sorted(facts.answered_by.items(), key=lambda item: (-item[1], item[0]))
    named = ", ".join(f"{replies:,} from {model or 'a model without a name'}" for model, replies in by_frequency[:3])
    others = sum(replies for _, replies in by_frequency[3:])
    say(
        f"{counted(sum(facts.answered_by.values()), 'reply')} came from another model than {facts.model}: {named}"
        + (f", {others:,} from others" if others else "")
        + ". The price is that of the model that answered, where it is known"
    )


def print_maybe_charged(requests: int, most: str | None) -> None:
    """Print how many requests may have been charged without an answer, if any, and at most how much in USD (None where
    no price is known)."""
    if requests:
        price = "at an unknown price" if most is None else f"${most} at most"
        say(f"{counted(requests, 'request')} may have been charged without an answer, {price}")


def print_left_out(fields: Sequence[str]) -> None:
    """Print which fields requests were sent without, because the service rejects them, if there are any."""
    if fields:
        them = "it" if len(fields) == 1 else "them"
        say(f"the service does not accept {', '.join(fields)}: requests were sent without {them}")


def _money(usd: str | None, unpriced: int | None) -> str:
    if unpriced and usd is not None and not Decimal(usd):
        return f"{counted(unpriced, 'reply')} of unknown price"
    return f"${usd}" + (f" and {counted(unpriced, 'reply')} of unknown price" if unpriced else "")


def _print_tokens(facts: RunReport) -> None:
    if tokens := facts.tokens:
        total = facts.tokens_read
        cached = f" ({tokens['cache_read'] / total:.0%} from the prompt cache)" if total else ""
        say(f"{total:,} input tokens{cached}, {tokens['output']:,} output tokens")
    if facts.cache:
        say(f"the fixed part of a prompt is {facts.cache}")
    if retries := facts.retries:
        say("retries: " + ", ".join(f"{count} × {why}" for why, count in retries.items()))
    if limited := facts.limits.refusals if facts.limits is not None else 0:
        say(f"{counted(limited, 'request')} {'was' if limited == 1 else 'were'} {_limited(limited, facts.retries)}")


def _limited(requests: int, retries: Mapping[str, int]) -> str:
    """What happened to requests that the service answered with 429, 503 or 529: not all are sent again."""
    retried = min(requests, sum(retries.get(str(status), 0) for status in THROTTLED))
    if retried == requests:
        return "rate-limited and retried"
    return f"rate-limited ({retried:,} of them retried)" if retried else "rate-limited and not retried"


def _print_problems(done: Run) -> None:
    """The first articles without an answer and what may help; if there are more, how many there are by reason."""
    # What ended the run is printed once, at the end, and not for every article that was not reached.
    for problem in done.own_problems:
        say(f"  {problem.line}")
    ending = done.ended_by.hint if done.ended_by is not None else None
    for text in advice(problem.hint for problem in done.own_problems if problem.hint != ending):
        say(f"  {text}")
    if done.has_more_problems:
        say("  by reason: " + ", ".join(f"{count} {code}" for code, count in done.facts.reasons.items()))


def print_only_on_retry(articles: int, corrections: int) -> None:
    """Print how many articles, and corrections of how many, only --retry would request again, if any."""
    if articles:
        say(only_on_retry(articles))
    if corrections:
        say(corrections_only_on_retry(corrections))


def _print_rejected(articles: int) -> None:
    """Print how many articles a service rejected that has not answered any, and what may be at fault."""
    if articles:
        say(
            f"{counted(articles, 'article')} rejected by a service that has answered none: the next run sends "
            f"{'it' if articles == 1 else 'them'} again. First check --model, --base-url and the other settings with "
            "`dragoman doctor`"
        )


def _print_rescued(facts: RunReport) -> None:
    """Where the replies are that the store could not take and which command imports them, and which were recovered."""
    for problem in facts.not_taken_back:
        say(problem)
    if facts.taken_back:
        say(f"recovered {counted(facts.taken_back, 'paid reply')} that an earlier run had saved outside the store")
    if facts.rescued and facts.rescued_to is not None and facts.store is not None:
        command = import_command(Path(facts.rescued_to), Path(facts.store))
        say(
            f"{counted(facts.rescued, 'paid reply')} that the store could not take: saved in {facts.rescued_to}. When "
            f"the store works again, first run `{command}`, then the same command"
        )
    if facts.lost:
        verb = "is" if facts.lost == 1 else "are"
        say(f"{counted(facts.lost, 'paid reply')} could not be saved anywhere and {verb} lost")


def _print_remaining(done: Run) -> None:
    """The articles that the run did not reach, their estimated cost, and a cap with which one of them can be sent."""
    facts = done.facts
    cost = f", about ${facts.left_cost_usd} as `dragoman plan` estimates" if facts.left_cost_usd else ""
    names = ": " + ", ".join(done.remaining) if done.remaining else ""
    more = ", …" if names and facts.left > len(done.remaining) else ""
    say(f"{counted(facts.left, 'article')} left{cost}{names}{more}")
    if (cap := facts.needed_cap) is not None:
        say(f"the cheapest remaining request needs --max-cost {cap}, because its worst-case price must fit the cap")


def _print_ending(done: Run) -> None:
    """What ended the run early, and how to continue it."""
    if done.interrupted:
        first = "after that import, " if done.facts.rescued else ""
        say(f"dragoman: interrupted; {first}the same command continues where this run stopped")
    elif done.ended_by is not None:
        more = ". The same command continues from here" if done.may_go_on else ""
        say(f"dragoman: stopped: {advised(done.ended_by)}{more}")
