"""The Python face: `summarize` and `translate` for one article, `run` for many into a folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dragoman import articles
from dragoman.__about__ import VERSION
from dragoman.articles import Article, Found, make_article
from dragoman.asking import LiveAsker
from dragoman.config import Settings
from dragoman.errors import ConfigError, DragomanError, RepliesRescued, StoreError
from dragoman.jobs import Counts, Pool, Stop, Watch, exit_code
from dragoman.leaving import left
from dragoman.limits import Budget
from dragoman.models import Model, table
from dragoman.pipeline import Outcome
from dragoman.pricing import enough, plain
from dragoman.records import Record
from dragoman.reports import out
from dragoman.reports.built import Total
from dragoman.session import Session, open_session
from dragoman.store_file import import_command
from dragoman.tokens import estimate

MOST_TROUBLES = 10


@dataclass(frozen=True)
class Run:
    """One invocation over many articles: its counts, money and outcome; ``facts`` is what `run.json` holds.

    ``troubles`` has a line for each of the first `MOST_TROUBLES` articles that have no whole answer; ``left`` has the
    names of the first `MOST_TROUBLES` that the budget or an interruption left: these are no trouble of their own.
    """

    counts: Counts
    troubles: tuple[str, ...]
    ended_by: DragomanError | None
    exit_code: int
    facts: dict[str, Any]
    left: tuple[str, ...] = ()


def summarize(path_or_text: str | Path, settings: Settings | None = None) -> Record:
    """The record of one article, task ``summary``; the source text is inline in ``record.source.text``.

    A `Path`, or a string that names a file, is read from disk; any other string is the article itself, but
    one that looks like a file's name (one line with an ending that is read) is taken for a mistyped path.
    Returns a record for everything that can happen to an article. Raises `ConfigError` (what would be exit
    2), `ProviderError` (4), `BudgetReached` (5), `RecordingMissing` (6) and `StoreError` (7).
    """
    return one(_article(path_or_text), (settings or Settings.load()).model_copy(update={"tasks": ("summary",)}))


def translate(path_or_text: str | Path, settings: Settings | None = None) -> Record:
    """The record of one article, task ``translation``; otherwise as `summarize`."""
    return one(_article(path_or_text), (settings or Settings.load()).model_copy(update={"tasks": ("translation",)}))


def one(place: Found | Article, settings: Settings, stop: Stop | None = None) -> Record:
    """One article with the tasks of ``settings``; raises what left it pending."""
    with open_session(settings, inline=True, stop=stop) as session:
        outcome = session.pipeline.process(place)
    if outcome.error is not None:
        raise outcome.error
    return outcome.record


def run(
    paths: str | Path | Iterable[str | Path],
    folder: str | Path,
    settings: Settings | None = None,
    *,
    limit: int | None = None,
    fresh: bool = False,
    strict: bool = False,
    stop: Stop | None = None,
    watch: Watch | None = None,
) -> Run:
    """Articles at ``paths`` (one place or several) into the output folder ``folder``.

    ``limit`` takes the first so many articles, ``fresh`` forgets what earlier runs left in the folder,
    ``strict`` lets error findings count as failures in the exit code. ``stop`` ends the run early: what is
    in flight is finished. ``watch`` is told of each article when it is finished.
    Raises `ConfigError` and `StoreError` before anything is sent; whatever happens later is in the Run.
    """
    settings = settings or Settings.load()
    target = Path(folder)
    given = [paths] if isinstance(paths, str | Path) else paths
    found = articles.find([Path(path) for path in given], leave_out=[target])[:limit]
    started = datetime.now(UTC)
    stop = stop or Stop()
    counts = Counts()
    troubles: list[str] = []
    pending: list[Found] = []
    missing = False
    with open_session(settings, stop=stop) as session, out.Out(target, fresh=fresh) as folder_out:
        pool = Pool(session.pipeline, found, session.workers, stop, watch.finished if watch is not None else None)
        if watch is not None:
            watch.begin(session, pool, len(found))
        trouble: DragomanError | None = None
        try:
            with closing(pool.outcomes()) as outcomes:
                for place, outcome in zip(found, outcomes, strict=True):
                    try:
                        folder_out.add(outcome, place.path)
                    except DragomanError as error:
                        # Replies are in the store; only the files are not. Stop paying for more.
                        trouble = trouble or error
                        stop.set()
                    counts.add(outcome.gist)
                    if outcome.gist.reason is not None and outcome.gist.reason.code in ("budget", "interrupted"):
                        pending.append(place)
                    troubles += _trouble(outcome, len(troubles))
                    missing = missing or outcome.gist.lacks_recording
        except Exception:
            # A bug: the records that are there stay usable.
            folder_out.finish()
            raise
        total = Total.of(())
        try:
            total = folder_out.finish()
        except StoreError as error:
            trouble = trouble or error
        ended_by = _with_way_back(session, trouble or pool.ended_by)
        code = exit_code(counts, ended_by, missing=missing, strict=strict, signal=stop.signal)
        facts = _facts(session, counts, ended_by, code, started, total)
        facts |= _left(session, pending) if pending else {}
        earlier = {} if fresh else out.read_run(target)
        for kept in ("store", "recordings"):
            # Where the replies of earlier runs are: `check` reads the whole folder again.
            facts[kept] = facts[kept] or earlier.get(kept)
        facts["inputs"] = folder_out.inputs
        facts["notes"] = folder_out.notes
        facts["built"] = folder_out.built
        try:
            out.write_run(target, facts)
        except StoreError as error:
            # What the run has to say must be said all the same.
            ended_by = ended_by or error
            code = exit_code(counts, ended_by, missing=missing, strict=strict, signal=stop.signal)
    names = tuple(place.name for place in pending[:MOST_TROUBLES])
    return Run(counts, tuple(troubles), ended_by, code, facts, names)


def _with_way_back(session: Session, ended_by: DragomanError | None) -> DragomanError | None:
    """What ended a run, and how the replies that the store did not take come back: they are to be there before the
    next run, or it pays for them again."""
    rescued = session.asker.tally.rescued
    if not rescued or not isinstance(ended_by, StoreError) or not isinstance(session.asker, LiveAsker):
        return ended_by
    before = ended_by.before if isinstance(ended_by, RepliesRescued) else ended_by
    folder = session.asker.rescue
    command = import_command(folder, session.asker.store.path)
    return RepliesRescued(before, f"Paid replies that the store did not take ({rescued}) are kept in {folder}", command)


def _trouble(outcome: Outcome, so_far: int) -> list[str]:
    """A line about a record without a whole answer; nothing when there are enough lines, or it needed no call."""
    gist = outcome.gist
    if so_far >= MOST_TROUBLES:
        return []
    if outcome.unanswered is not None:
        return [f"{gist.name}: {gist.status}: its repair got no answer: {outcome.unanswered}"]
    if gist.reason is None or gist.status == "skipped" or gist.reason.code in ("budget", "interrupted"):
        return []
    return [f"{gist.name}: {gist.status}: {gist.reason.message.removeprefix(gist.name).lstrip(': ')}"]


def _facts(
    session: Session,
    counts: Counts,
    ended_by: DragomanError | None,
    code: int,
    started: datetime,
    total: Total,
) -> dict[str, Any]:
    settings, tally = session.settings, session.asker.tally
    live = isinstance(session.asker, LiveAsker)
    return {
        "dragoman": VERSION,
        "started_at": started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "ended_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "exit_code": code,
        "ended_by": str(ended_by) if ended_by else None,
        "articles": sum(counts.statuses.values()),
        "statuses": dict(counts.statuses),
        "reasons": dict(counts.reasons),
        "findings": dict(counts.findings),
        "repairs": dict(counts.repairs),
        "provider": settings.provider,
        "endpoint": session.provider.endpoint if session.provider else None,
        "base_url": session.provider.base_url if session.provider else None,
        "model": session.model.id,
        "prompts": [wording.prompt.name for wording in session.wordings],
        "price_table": table().as_of,
        "stored_replies_used": tally.hits,
        "requests_sent": tally.attempts,
        "replies_received": tally.replies,
        "maybe_paid_without_answer": tally.maybe_paid,
        "tokens": dict(tally.tokens),
        "cache": _about_cache(session),
        "limits": session.asker.gate.facts() if isinstance(session.asker, LiveAsker) else None,
        **_money(session.budget, session.model if live else None, tally.maybe_paid),
        "out_cost_usd": total.cost_usd,
        "out_replies_of_unknown_cost": total.unknown,
        "max_cost_usd": plain(settings.max_cost),
        "left": counts.statuses["pending"],
        "left_cost_usd": None,
        "left_least_max_cost_usd": None,
        "rescued": tally.rescued,
        "rescued_to": str(session.asker.rescue) if isinstance(session.asker, LiveAsker) and tally.rescued else None,
        "lost": tally.lost,
        "store": str(session.store.path.absolute()) if session.store else None,
        "recordings": str(settings.recordings.absolute()) if settings.recordings else None,
    }


def _money(budget: Budget, model: Model | None, unanswered: int) -> dict[str, Any]:
    """What replies cost, and apart from it what may have been charged: for a price that is not known, and for attempts
    that brought no answer. None where no price is known."""
    priced = model is None or model.rates is not None
    return {
        "cost_usd": plain(budget.paid),
        "replies_of_unknown_cost": budget.unknown,
        "unknown_cost_usd_at_most": plain(budget.unpriced) if priced or not budget.unknown else None,
        "maybe_paid_usd_at_most": plain(budget.unanswered) if priced or not unanswered else None,
    }


def _left(session: Session, places: Sequence[Found]) -> dict[str, Any]:
    """What the articles would cost that the budget did not reach, and with which cap one of them could leave."""
    found = left(session, places)
    least = None if found.least_max_cost_usd is None else enough(found.least_max_cost_usd)
    return {"left_cost_usd": plain(found.cost_usd), "left_least_max_cost_usd": plain(least)}


def _about_cache(session: Session) -> str | None:
    """Why the prompt cache could not help, where it could not."""
    model, tally = session.model, session.asker.tally
    if tally.replies < 2 or tally.tokens["cache_read"] or tally.tokens["cache_write"] or model.cache_minimum is None:
        return None
    fixed = {w.prompt.name: estimate(w.prompt.system) for w in session.wordings}
    short = [f"{name} (about {tokens:,} tokens)" for name, tokens in fixed.items() if tokens < model.cache_minimum]
    if not short:
        return None
    return f"too short for {model.id} to cache ({model.cache_minimum:,} tokens at least): {', '.join(short)}"


def _article(path_or_text: str | Path) -> Found | Article:
    if isinstance(path_or_text, Path):
        return _found(path_or_text)
    if articles.exists(Path(path_or_text)) and Path(path_or_text).is_file():
        return _found(Path(path_or_text))
    if "\n" not in path_or_text and Path(path_or_text[-20:]).suffix.lower() in articles.MEDIA_TYPES:
        raise ConfigError(f"no such file: {articles.printable(path_or_text)}")
    return make_article("text", path_or_text.encode("utf-8", "surrogatepass"), "text/plain")


def _found(path: Path) -> Found:
    if not articles.exists(path):
        raise ConfigError(f"no such file: {articles.printable(str(path))}")
    if path.is_dir():
        raise ConfigError(f"{articles.printable(str(path))} is a folder; use `dragoman run` for folders")
    return Found(articles.printable(path.name), str(path))
