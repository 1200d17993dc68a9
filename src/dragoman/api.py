"""The Python face: `summarize` and `translate` for one article, `run` for many into a folder."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dragoman.config import Settings
from dragoman.core.article import Article, make_article
from dragoman.core.files import exists
from dragoman.core.outcome import Outcome
from dragoman.core.record import Record, Status
from dragoman.core.visible import printable
from dragoman.errors import BudgetReached, ConfigError, DragomanError, Interrupted, RepliesRescued, StoreError
from dragoman.reading import discover, formats
from dragoman.reading.discover import ArticleFile
from dragoman.runs.engines.threads import LEFT, Counts, Pool, Stop, Watch, exit_code
from dragoman.runs.session import Session, open_session
from dragoman.tasks.answering import ON_RETRY

if TYPE_CHECKING:
    from dragoman.core.run_report import RunReport
    from dragoman.output.folder import OutputFolder

MOST_TROUBLES = 10


@dataclass(frozen=True)
class Problem:
    """An article without a whole answer: its name, the status of its record, what happened to it, and the ``error``
    that left it pending, if one did."""

    name: str
    status: Status
    what: str
    error: DragomanError | None = None

    @property
    def line(self) -> str:
        return f"{self.name}: {self.status}: {self.what}"


@dataclass(frozen=True)
class Run:
    """One invocation over many articles: its counts, money and outcome; ``facts`` is what `run.json` holds.

    ``problems`` are of the first `MOST_TROUBLES` articles that have no whole answer; ``left`` has the names of the
    first `MOST_TROUBLES` that the budget or an interruption left: these have no problem of their own.
    """

    counts: Counts
    problems: tuple[Problem, ...]
    ended_by: DragomanError | None
    exit_code: int
    facts: RunReport
    left: tuple[str, ...] = ()

    @property
    def troubles(self) -> tuple[str, ...]:
        """The problems as lines."""
        return tuple(problem.line for problem in self.problems)

    @property
    def own_problems(self) -> tuple[Problem, ...]:
        """The problems of single articles, without those that only repeat what ended the run."""
        cause = self.ended_by.original if isinstance(self.ended_by, RepliesRescued) else self.ended_by
        return tuple(problem for problem in self.problems if cause is None or not _are_same(problem.error, cause))

    @property
    def has_more_problems(self) -> bool:
        """Whether more articles than those in ``problems`` have no whole answer."""
        return sum(many for code, many in self.facts.reasons.items() if code not in LEFT) > len(self.problems)

    @property
    def interrupted(self) -> bool:
        """Whether a signal ended it."""
        return self.exit_code > 128

    @property
    def left_articles(self) -> bool:
        """Whether the budget or a signal kept it from reaching every article."""
        return isinstance(self.ended_by, BudgetReached) or (self.interrupted and self.facts.left > 0)

    @property
    def may_go_on(self) -> bool:
        """Whether the same command, without anything else, goes on from here."""
        too_low = isinstance(self.ended_by, BudgetReached) and self.ended_by.cap_too_low
        return not too_low and not isinstance(self.ended_by, RepliesRescued)

    @property
    def only_on_retry(self) -> int:
        """Articles that the next run asks again only with ``retry``: their replies are kept, and of no use."""
        if self.facts.provider == "replay" or self.facts.refreshed_after is not None:
            return 0
        return sum(self.facts.reasons.get(code, 0) for code in ON_RETRY)


@dataclass(frozen=True)
class One:
    """One invocation over one article: its record, and ``ended_by`` what left it pending.

    ``maybe_paid`` is the number of requests that may have been charged without an answer, and
    ``maybe_paid_usd_at_most`` the most that they can have cost, None where no price is known.
    """

    record: Record
    ended_by: DragomanError | None
    maybe_paid: int
    maybe_paid_usd_at_most: str | None
    only_on_retry: bool = False
    """Whether the same is asked again only with ``retry``: the reply is kept, and of no use."""

    def answered(self) -> Record:
        """The record; raises what left it pending."""
        if self.ended_by is not None:
            raise self.ended_by
        return self.record


def summarize(path_or_text: str | Path, settings: Settings | None = None) -> Record:
    """The record of one article, task ``summary``; the source text is inline in ``record.source.text``.

    A `Path`, or a string that names a file, is read from disk; any other string is the article itself, but
    one that looks like a file's name (one line with an ending that is read) is taken for a mistyped path.
    Returns a record for everything that can happen to an article. Raises `ConfigError` (what would be exit
    2), `ProviderError` (4), `BudgetReached` (5), `RecordingMissing` (6) and `StoreError` (7).
    """
    chosen = (settings or Settings.load()).model_copy(update={"tasks": ("summary",)})
    return one(_article(path_or_text), chosen).answered()


def translate(path_or_text: str | Path, settings: Settings | None = None) -> Record:
    """The record of one article, task ``translation``; otherwise as `summarize`."""
    chosen = (settings or Settings.load()).model_copy(update={"tasks": ("translation",)})
    return one(_article(path_or_text), chosen).answered()


def one(
    place: ArticleFile | Article,
    settings: Settings,
    stop: Stop | None = None,
    rescued: Callable[[Path, str], None] | None = None,
) -> One:
    """One article with the tasks of ``settings``. Raises `ConfigError` and `StoreError` before anything is sent.

    ``rescued`` is called as `Watch.rescued` is.
    """
    with open_session(settings, inline=True, stop=stop) as session:
        if rescued is not None:
            session.asker.on_rescue(rescued)
        outcome = session.pipeline.process(place)
        ended_by = session.asker.finish(outcome.error)
        maybe_paid, most = session.asker.counters.maybe_paid, session.maybe_paid_usd_at_most
    reason = outcome.record.reason
    unusable = reason is not None and reason.code in ON_RETRY
    asks_again = settings.provider == "replay" or settings.refresh
    return One(outcome.record, ended_by, maybe_paid, most, unusable and not asks_again)


def run(
    paths: str | Path | Iterable[str | Path],
    folder: str | Path,
    settings: Settings | None = None,
    *,
    limit: int | None = None,
    fresh: bool = False,
    strict: bool = False,
    buy_again: bool = False,
    stop: Stop | None = None,
    watch: Watch | None = None,
) -> Run:
    """Articles at ``paths`` (one place or several) into the output folder ``folder``.

    ``limit`` takes the first so many articles, ``fresh`` forgets what earlier runs left in the folder,
    ``strict`` lets error findings count as failures in the exit code. ``buy_again`` pays again for replies that the
    folder rests on and the store does not have (without it: `RepliesElsewhere`). ``stop`` ends the run early: what is
    in flight is finished. ``watch`` is told of each article when it is finished.
    Raises `ConfigError` and `StoreError` before anything is sent; whatever happens later is in the Run.
    """
    # What a run into a folder needs and `summarize` does not: it is not to wait for it.
    from dragoman.core.run_report import PLACES
    from dragoman.output import folder as out
    from dragoman.output.run_file import read_run
    from dragoman.runs.resume import left_alone, take_back, unfinished_refresh
    from dragoman.runs.run_json import begun, facts_of
    from dragoman.runs.waiting import check_store

    settings = settings or Settings.load()
    target = Path(folder)
    given = [paths] if isinstance(paths, str | Path) else paths
    found = discover.find([Path(path) for path in given], leave_out=[target], follow_links=settings.follow_links)[
        :limit
    ]
    started, clock = datetime.now(UTC), time.monotonic()
    stop = stop or Stop()
    course = _Course()
    earlier = read_run(target)  # its money counts with ``fresh`` too
    since = unfinished_refresh(earlier, settings)
    with open_session(settings, stop=stop, since=since) as session, out.OutputFolder(target, fresh=fresh) as folder_out:
        # Paid replies are the store's: they do not depend on whether the folder starts over. Those that are at hand
        # elsewhere come first: they may be all that the store lacks.
        taken_back = take_back(session.store, earlier, anyway=buy_again)
        others = check_store(session, target, earlier, found, fresh=fresh, anyway=buy_again)
        folder_out.begin(begun(session, started).noting_all(others))
        ask_last = [] if fresh else earlier.ask_last
        proven = _proven(session)
        session.asker.on_rescue(_notice(folder_out, watch))
        pool = Pool(
            session.pipeline,
            found,
            session.workers,
            stop,
            told=watch.finished if watch is not None else None,
            asks=lambda: bool(session.asker.counters.in_flight or session.asker.counters.attempts),
            proven=proven,
            last=ask_last,
        )
        if watch is not None:
            watch.begin(session, pool, len(found))
        try:
            with closing(pool.outcomes()) as outcomes:
                for place, outcome in zip(found, outcomes, strict=True):
                    try:
                        folder_out.add(outcome, place.path)
                    except DragomanError as error:
                        # Replies are in the store; only the files are not. Stop paying for more.
                        course.trouble = course.trouble or error
                        stop.set()
                    course.add(place, outcome)
        except Exception:
            # A bug: the records that are there stay usable.
            folder_out.finish()
            raise
        total = None
        try:
            total = folder_out.finish()
        except StoreError as error:
            course.trouble = course.trouble or error
        ended_by = session.asker.finish(course.trouble or pool.ended_by)
        if stop.signal is not None and isinstance(ended_by, Interrupted | None):
            ended_by = Interrupted(f"interrupted by {signal.Signals(stop.signal).name}")
        code = course.exit_code(ended_by, strict=strict, stop=stop)
        facts = facts_of(session, started, course.counts, ended_by, code, total, course.pending).noting_all(others)
        if not fresh:
            # Where the replies of earlier runs are: `check` reads the whole folder again.
            facts = facts.noting(**{name: getattr(earlier, name) for name in PLACES if not facts.has_noted(name)})
        facts = facts.noting(
            seconds=round(time.monotonic() - clock, 1),  # the other clock can be set
            ask_last=_ask_last(ask_last, pool.rejected, proven),
            taken_back=taken_back.taken,
            not_taken_back=[*taken_back.unreadable, *left_alone(taken_back, earlier)],
        ).noting_all(folder_out.facts())
        try:
            folder_out.end(facts)
        except StoreError as error:
            # What the run has to say must be said all the same.
            ended_by = ended_by or error
            code = course.exit_code(ended_by, strict=strict, stop=stop)
    names = tuple(place.name for place in course.pending[:MOST_TROUBLES])
    return Run(course.counts, tuple(course.problems), ended_by, code, facts, names)


def _notice(folder_out: OutputFolder, watch: Watch | None) -> Callable[[Path, str], None]:
    """Tells of the first paid reply that the store did not take, and notes its folder in `run.json`, at once: the run
    may be killed, or its ending may fail."""

    from dragoman.core.run_report import RunReport

    def told(folder: Path, command: str) -> None:
        if watch is not None:
            watch.rescued(folder, command)
        with suppress(StoreError):
            folder_out.note(RunReport(rescued_to=str(folder)))

    return told


@dataclass
class _Course:
    """What came of the articles of one run, as far as it is; ``trouble`` is that of writing them out."""

    counts: Counts = field(default_factory=Counts)
    problems: list[Problem] = field(default_factory=list)
    pending: list[ArticleFile] = field(default_factory=list)
    """Those that the budget or an interruption left."""
    missing: bool = False
    trouble: DragomanError | None = None

    def add(self, place: ArticleFile, outcome: Outcome) -> None:
        header = outcome.header
        self.counts.add(header)
        self.missing = self.missing or header.lacks_recording
        if header.reason is not None and header.reason.code in LEFT:
            self.pending.append(place)
        if len(self.problems) < MOST_TROUBLES and (problem := _problem(outcome)) is not None:
            self.problems.append(problem)

    def exit_code(self, ended_by: DragomanError | None, *, strict: bool, stop: Stop) -> int:
        return exit_code(self.counts, ended_by, missing=self.missing, strict=strict, signal=stop.signal)


def _proven(session: Session) -> Callable[[], bool]:
    """Whether the service is known to answer requests as this run makes them."""
    prompts = [spec.prompt.sha256 for spec in session.specs]
    return lambda: session.asker.has_answered(prompts)


def _ask_last(earlier: Sequence[str], rejected: Sequence[str], proven: Callable[[], bool]) -> list[str]:
    """Names of the articles that the next run asks last: their requests were rejected by a service that was not known
    to answer any. Those that were rejected most recently come last of all."""
    names = [name for name in earlier if name not in set(rejected)] + list(rejected)
    return [] if not names or proven() else names


def _problem(outcome: Outcome) -> Problem | None:
    """Of a record without a whole answer, or of a link that was not followed; None when it has an answer, needed no
    call, or was left."""
    header = outcome.header
    if outcome.unanswered is not None:
        return Problem(header.name, header.status, f"its repair got no answer: {outcome.unanswered}")
    if header.reason is None or header.reason.code in LEFT:
        return None
    if header.status == "skipped" and header.reason.code != "link_not_followed":
        return None
    what = outcome.unread.what if outcome.unread is not None else header.reason.message
    return Problem(header.name, header.status, what, outcome.error)


def _are_same(one: DragomanError | None, other: DragomanError) -> bool:
    """Whether two errors say the same of the same: every request that waits gets one of its own when a service is given
    up."""
    return type(one) is type(other) and one is not None and one.args == other.args


def _article(path_or_text: str | Path) -> ArticleFile | Article:
    if isinstance(path_or_text, Path):
        return discover.named(path_or_text)
    if exists(Path(path_or_text)) and Path(path_or_text).is_file():
        return discover.named(Path(path_or_text))
    if "\n" not in path_or_text and Path(path_or_text[-20:]).suffix.lower() in formats.MEDIA_TYPES:
        raise ConfigError(f"no such file: {printable(path_or_text)}")
    return make_article("text", path_or_text.encode("utf-8", "surrogatepass"), "text/plain")
