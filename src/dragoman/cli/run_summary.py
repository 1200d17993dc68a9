"""The last lines of a run, for people: what came of the articles, for how much, what is left, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from dragoman.api import Run
from dragoman.cli.advice import advised
from dragoman.cli.console import counted, only_on_retry, say
from dragoman.errors import RepliesRescued
from dragoman.runs.engines.threads import LEFT
from dragoman.store.sqlite.file import import_command
from dragoman.tasks.answering import ON_RETRY


def tell(done: Run, folder: Path) -> None:
    """Say how a run into ``folder`` ended."""
    facts = done.facts
    say(f"{counts_line(facts['statuses'], facts['findings'], facts['repairs'])}; took {lasting(facts['seconds'])}")
    _tell_money(facts, folder)
    _tell_tokens(facts)
    for note in facts["notes"]:
        say(note)
    _tell_troubles(done)
    if facts["provider"] != "replay" and facts["refreshed_after"] is None:
        tell_retry(sum(facts["reasons"].get(code, 0) for code in ON_RETRY))
    _tell_rescued(facts)
    if done.exit_code == 5 or (done.exit_code > 128 and facts["left"]):
        _tell_left(done)
    _tell_end(done)
    if facts["out_cost_usd"] is not None:
        say(f"open {folder / 'report.html'}; records are in {folder / 'records.jsonl'}")
    else:
        say(f"records and pages could not be written to {folder}: they are as before, or not there")


def counts_line(statuses: Mapping[Any, int], findings: Mapping[str, int], repairs: Mapping[str, int]) -> str:
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


def _tell_money(facts: dict[str, Any], folder: Path) -> None:
    """What was spent, and apart from it what may have been charged for nothing."""
    stored, known = counted(facts["stored_replies_used"], "reply"), facts["out_cost_usd"]
    if facts["provider"] == "replay":
        say(f"{stored} from recordings, nothing sent, nothing spent")
        return
    say(
        f"{counted(facts['requests_sent'], 'request')} sent, {stored} from the store; "
        f"{_money(facts['cost_usd'], facts['replies_of_unknown_cost'])} this run"
        + (f", {_money(known, facts['out_replies_of_unknown_cost'])} for all of {folder}" if known else "")
    )
    tell_unanswered(facts)


def tell_unanswered(facts: Mapping[str, Any]) -> None:
    """How many attempts may have been charged for nothing, and at most how much, if there were any."""
    if unanswered := facts["maybe_paid_without_answer"]:
        most = facts["maybe_paid_usd_at_most"]
        how_much = "at an unknown price" if most is None else f"${most} at most"
        say(f"{counted(unanswered, 'request')} may have been charged without an answer, {how_much}")


def _money(known: str, unknown: int) -> str:
    return f"${known}" + (f" and {counted(unknown, 'reply')} of unknown price" if unknown else "")


def _tell_tokens(facts: dict[str, Any]) -> None:
    if tokens := facts["tokens"]:
        read = sum(count for name, count in tokens.items() if name != "output")
        cached = f" ({tokens['cache_read'] / read:.0%} from the cache)" if read else ""
        say(f"{read:,} tokens read{cached}, {tokens['output']:,} written")
    if facts["cache"]:
        say(f"the fixed part of a prompt is {facts['cache']}")
    if retries := facts["retries"]:
        say("tried again: " + ", ".join(f"{count} × {why}" for why, count in retries.items()))
    if refusals := (facts["limits"] or {}).get("refusals"):
        say(f"the service refused {counted(refusals, 'request')} as too many; waited for it and for limits")


def _tell_troubles(done: Run) -> None:
    """The first articles without an answer, and when there are more, how many for which reason."""
    before = done.ended_by.original if isinstance(done.ended_by, RepliesRescued) else done.ended_by
    for line in done.troubles:
        # What ended the run is said once, at the end, and not for every article that was not reached.
        if before is None or not line.endswith(str(before)):
            say(f"  {line}")
    reasons = done.facts["reasons"]
    if sum(count for code, count in reasons.items() if code not in LEFT) > len(done.troubles):
        say("  by reason: " + ", ".join(f"{count} {code}" for code, count in reasons.items()))


def tell_retry(articles: int) -> None:
    """Say it where there are any."""
    if articles:
        say(only_on_retry(articles))


def _tell_rescued(facts: dict[str, Any]) -> None:
    """Where the replies are that the store did not take, and how they come back; or that they have."""
    for sentence in facts["not_taken_back"]:
        say(sentence)
    if facts["taken_back"]:
        say(f"{counted(facts['taken_back'], 'paid reply')} that an earlier run kept elsewhere, now in the store")
    if facts["rescued"]:
        command = import_command(Path(facts["rescued_to"]), Path(facts["store"]))
        say(
            f"{counted(facts['rescued'], 'reply')} that the store did not take, paid for, "
            f"kept in {facts['rescued_to']}: when it works again, first `{command}`, then the same command"
        )
    if facts["lost"]:
        say(f"{counted(facts['lost'], 'paid reply')} could be kept nowhere and are lost")


def _tell_left(done: Run) -> None:
    """Which articles the run did not reach, what they would cost, and what cap lets one of them leave."""
    facts = done.facts
    cost = f", about ${facts['left_cost_usd']} as `dragoman plan` estimates" if facts["left_cost_usd"] else ""
    names = ": " + ", ".join(done.left) if done.left else ""
    more = ", …" if names and facts["left"] > len(done.left) else ""
    say(f"{counted(facts['left'], 'article')} left{cost}{names}{more}")
    least, cap = facts["left_least_max_cost_usd"], facts["max_cost_usd"]
    if least is not None and cap is not None and Decimal(cap) < Decimal(least):
        say(f"with --max-cost {least} the cheapest of their requests is certain to leave: its worst case fits")


def _tell_end(done: Run) -> None:
    """What ended the run early, and how it goes on."""
    if done.exit_code > 128:
        after = "after that import " if done.facts["rescued"] else ""
        say(f"dragoman: interrupted; {after}the same command goes on where it stopped")
    elif done.ended_by is not None:
        is_said = isinstance(done.ended_by, RepliesRescued) or "raise --max-cost" in str(done.ended_by)
        more = "" if is_said else ". The same command goes on from here"
        say(f"dragoman: stopped: {advised(done.ended_by)}{more}")
