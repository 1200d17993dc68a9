"""The last lines of a run, for people: what came of the articles, for how much, what is left, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dragoman.cli.advice import advised
from dragoman.cli.console import counted, only_on_retry, say
from dragoman.runs.run_result import Run
from dragoman.store.sqlite.file import import_command

if TYPE_CHECKING:
    from dragoman.core.run_report import RunReport


def tell(done: Run, folder: Path) -> None:
    """Say how a run into ``folder`` ended."""
    facts = done.facts
    say(f"{counts_line(facts.statuses, facts.findings, facts.repairs)}; took {lasting(facts.seconds or 0)}")
    _tell_money(facts, folder)
    _tell_tokens(facts)
    for note in facts.notes:
        say(note)
    _tell_troubles(done)
    tell_retry(done.only_on_retry)
    _tell_rescued(facts)
    if done.has_remaining:
        _tell_left(done)
    _tell_end(done)
    if facts.out_cost_usd is not None:
        say(f"open {folder / 'report.html'}; records are in {folder / 'records.jsonl'}")
    else:
        say(f"records and pages could not be written to {folder}: they are as before, or not there")


def counts_line(statuses: Mapping[Any, int], findings: Mapping[Any, int], repairs: Mapping[Any, int]) -> str:
    """``3 articles: 2 ok, 1 failed; findings: 1 error; sent back: 1 corrected``."""
    counts = ", ".join(f"{count} {status}" for status, count in statuses.items()) or "nothing"
    flags = ", ".join(counted(count, severity) for severity, count in findings.items())
    back = ", ".join(f"{count} {what}" for what, count in repairs.items())
    return (
        f"{counted(sum(statuses.values()), 'article')}: {counts}"
        + (f"; findings: {flags}" if flags else "")
        + (f"; sent back: {back}" if back else "")
    )


def lasting(seconds: float) -> str:
    """``2.1 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60} min"


def _tell_money(facts: RunReport, folder: Path) -> None:
    """What was spent, and apart from it what may have been charged for nothing."""
    stored, known = counted(facts.stored_replies_used, "reply"), facts.out_cost_usd
    if facts.provider == "replay":
        say(f"{stored} from recordings, nothing sent, nothing spent")
        return
    say(
        f"{counted(facts.requests_sent, 'request')} sent, {stored} from the store; "
        f"{_money(facts.cost_usd, facts.replies_of_unknown_cost)} this run"
        + (f", {_money(known, facts.out_replies_of_unknown_cost)} for all of {folder}" if known else "")
    )
    tell_unanswered(facts.maybe_paid_without_answer, facts.maybe_paid_usd_at_most)


def tell_unanswered(requests: int, most: str | None) -> None:
    """How many attempts may have been charged for nothing, and at most how much, if there were any."""
    if requests:
        how_much = "at an unknown price" if most is None else f"${most} at most"
        say(f"{counted(requests, 'request')} may have been charged without an answer, {how_much}")


def _money(known: str | None, unknown: int | None) -> str:
    return f"${known}" + (f" and {counted(unknown, 'reply')} of unknown price" if unknown else "")


def _tell_tokens(facts: RunReport) -> None:
    if tokens := facts.tokens:
        read = facts.tokens_read
        cached = f" ({tokens['cache_read'] / read:.0%} from the cache)" if read else ""
        say(f"{read:,} tokens read{cached}, {tokens['output']:,} written")
    if facts.cache:
        say(f"the fixed part of a prompt is {facts.cache}")
    if retries := facts.retries:
        say("tried again: " + ", ".join(f"{count} × {why}" for why, count in retries.items()))
    if refusals := facts.limits.refusals if facts.limits is not None else 0:
        say(f"the service refused {counted(refusals, 'request')} as too many; waited for it and for limits")


def _tell_troubles(done: Run) -> None:
    """The first articles without an answer, and when there are more, how many for which reason."""
    # What ended the run is said once, at the end, and not for every article that was not reached.
    for problem in done.own_problems:
        say(f"  {problem.line}")
    if done.has_more_problems:
        say("  by reason: " + ", ".join(f"{count} {code}" for code, count in done.facts.reasons.items()))


def tell_retry(articles: int) -> None:
    """Say it where there are any."""
    if articles:
        say(only_on_retry(articles))


def _tell_rescued(facts: RunReport) -> None:
    """Where the replies are that the store did not take, and how they come back; or that they have."""
    for sentence in facts.not_taken_back:
        say(sentence)
    if facts.taken_back:
        say(f"{counted(facts.taken_back, 'paid reply')} that an earlier run kept elsewhere, now in the store")
    if facts.rescued and facts.rescued_to is not None and facts.store is not None:
        command = import_command(Path(facts.rescued_to), Path(facts.store))
        say(
            f"{counted(facts.rescued, 'reply')} that the store did not take, paid for, "
            f"kept in {facts.rescued_to}: when it works again, first `{command}`, then the same command"
        )
    if facts.lost:
        say(f"{counted(facts.lost, 'paid reply')} could be kept nowhere and are lost")


def _tell_left(done: Run) -> None:
    """Which articles the run did not reach, what they would cost, and what cap lets one of them leave."""
    facts = done.facts
    cost = f", about ${facts.left_cost_usd} as `dragoman plan` estimates" if facts.left_cost_usd else ""
    names = ": " + ", ".join(done.remaining) if done.remaining else ""
    more = ", …" if names and facts.left > len(done.remaining) else ""
    say(f"{counted(facts.left, 'article')} left{cost}{names}{more}")
    if (least := facts.needed_cap) is not None:
        say(f"with --max-cost {least} the cheapest of their requests is certain to leave: its worst case fits")


def _tell_end(done: Run) -> None:
    """What ended the run early, and how it goes on."""
    if done.interrupted:
        after = "after that import " if done.facts.rescued else ""
        say(f"dragoman: interrupted; {after}the same command goes on where it stopped")
    elif done.ended_by is not None:
        more = ". The same command goes on from here" if done.may_go_on else ""
        say(f"dragoman: stopped: {advised(done.ended_by)}{more}")
