"""One run: the articles at some paths into an output folder. What `dragoman run` and `dragoman.run` do."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from dragoman.config import Settings
from dragoman.core.outcome import Outcome
from dragoman.core.run_report import PLACES, RunReport
from dragoman.errors import DragomanError, Interrupted, StoreError
from dragoman.output.folder import OutputFolder
from dragoman.output.run_file import read_run
from dragoman.reading import discover
from dragoman.reading.discover import ArticleFile
from dragoman.runs.counts import Counts, exit_code
from dragoman.runs.engines.threads import Pool, Stop, Watch
from dragoman.runs.missing_replies import check_store
from dragoman.runs.resume import import_rescued, not_imported, refresh_start
from dragoman.runs.run_json import report_at_end, report_at_start
from dragoman.runs.run_result import MOST_NAMED, REMAINING, Problem, Run, problem_of
from dragoman.runs.session import Session, open_session


def run_into(
    paths: Iterable[str | Path],
    folder: Path,
    settings: Settings,
    *,
    limit: int | None,
    fresh: bool,
    strict: bool,
    buy_again: bool,
    stop: Stop,
    watch: Watch | None,
) -> Run:
    """Process the articles at ``paths`` into ``folder``; the parameters are those of `dragoman.run`.

    Raises `ConfigError` and `StoreError` before anything is sent; whatever happens later is in the returned `Run`.
    """
    places = discover.find(
        [Path(path) for path in paths], leave_out=[folder], follow_links=settings.follow_links
    )[:limit]  # fmt: skip
    started, clock_start = datetime.now(UTC), time.monotonic()
    results = _Results()
    earlier = read_run(folder)  # also with ``fresh``, because it says where paid replies are
    since = refresh_start(earlier, settings)
    with open_session(settings, stop=stop, since=since) as session, OutputFolder(folder, fresh=fresh) as output:
        # Replies belong to the store: whether the folder starts over makes no difference to them. Those that an earlier
        # run saved elsewhere are imported first, because they may be all that the store lacks.
        imported = import_rescued(session.store, earlier, buy_again=buy_again)
        other_stores = check_store(session, folder, earlier, places, fresh=fresh, buy_again=buy_again)
        output.begin(report_at_start(session, started).noting_all(other_stores))
        ask_last = [] if fresh else earlier.ask_last
        has_answered = _has_answered(session)
        session.asker.on_rescue(_on_rescue(output, watch))
        pool = Pool(
            session.pipeline,
            places,
            session.workers,
            stop,
            on_outcome=watch.finished if watch is not None else None,
            has_asked=lambda: bool(session.asker.counters.in_flight or session.asker.counters.attempts),
            has_answered=has_answered,
            last=ask_last,
        )
        if watch is not None:
            watch.begin(session, pool, len(places))
        try:
            _write_outcomes(pool, places, output, results, stop)
        except Exception:
            # A bug: the records written so far stay usable.
            output.finish()
            raise
        total = None
        try:
            total = output.finish()
        except StoreError as error:
            results.write_error = results.write_error or error
        ended_by = session.asker.finish(results.write_error or pool.ended_by)
        if stop.signal is not None and isinstance(ended_by, Interrupted | None):
            ended_by = Interrupted(f"interrupted by {signal.Signals(stop.signal).name}")
        code = results.exit_code(ended_by, strict=strict, stop=stop)
        report = report_at_end(session, started, results.counts, ended_by, code, total, results.remaining)
        report = report.noting_all(other_stores)
        if not fresh:
            # Where the replies of earlier runs are: `dragoman check` reads the replies of the whole folder.
            report = report.noting(**{name: getattr(earlier, name) for name in PLACES if not report.has_noted(name)})
        report = report.noting(
            seconds=round(time.monotonic() - clock_start, 1),  # the time of day may be changed during a run
            ask_last=_ask_last(ask_last, pool.rejected, has_answered),
            taken_back=imported.taken,
            not_taken_back=[*map(str, imported.unreadable), *not_imported(imported, earlier)],
        ).noting_all(output.facts())
        try:
            output.end(report)
        except StoreError as error:
            # The caller gets the result even if it cannot be written.
            ended_by = ended_by or error
            code = results.exit_code(ended_by, strict=strict, stop=stop)
    names = tuple(place.name for place in results.remaining[:MOST_NAMED])
    return Run(results.counts, tuple(results.problems), ended_by, code, report, names)


def _write_outcomes(
    pool: Pool, places: Sequence[ArticleFile], output: OutputFolder, results: _Results, stop: Stop
) -> None:
    with closing(pool.outcomes()) as outcomes:
        for place, outcome in zip(places, outcomes, strict=True):
            try:
                output.add(outcome, place.path)
            except DragomanError as error:
                # The replies are in the store; only the files could not be written. Pay for nothing more.
                results.write_error = results.write_error or error
                stop.set()
            results.add(place, outcome)


def _on_rescue(output: OutputFolder, watch: Watch | None) -> Callable[[Path, str], None]:
    """A callback for the first paid reply that the store did not accept. It notes the folder of that reply in
    `run.json` at once, because the run may be killed, or fail while it ends."""

    def on_rescue(folder: Path, command: str) -> None:
        if watch is not None:
            watch.rescued(folder, command)
        with suppress(StoreError):
            output.note(RunReport(rescued_to=str(folder)))

    return on_rescue


@dataclass
class _Results:
    """The results of the articles of one run so far."""

    counts: Counts = field(default_factory=Counts)
    problems: list[Problem] = field(default_factory=list)
    remaining: list[ArticleFile] = field(default_factory=list)
    """Articles that the run did not reach because of the budget or an interruption."""
    missing: bool = False
    """Whether a recording was missing."""
    write_error: DragomanError | None = None
    """The first error in writing the output folder."""

    def add(self, place: ArticleFile, outcome: Outcome) -> None:
        header = outcome.header
        self.counts.add(header)
        self.missing = self.missing or header.lacks_recording
        if header.reason is not None and header.reason.code in REMAINING:
            self.remaining.append(place)
        if len(self.problems) < MOST_NAMED and (problem := problem_of(outcome)) is not None:
            self.problems.append(problem)

    def exit_code(self, ended_by: DragomanError | None, *, strict: bool, stop: Stop) -> int:
        return exit_code(self.counts, ended_by, missing=self.missing, strict=strict, signal=stop.signal)


def _has_answered(session: Session) -> Callable[[], bool]:
    """A function that says whether the service is known to answer requests like those of this run."""
    prompts = [spec.prompt.sha256 for spec in session.specs]
    return lambda: session.asker.has_answered(prompts)


def _ask_last(earlier: Sequence[str], rejected: Sequence[str], has_answered: Callable[[], bool]) -> list[str]:
    """Names of the articles that the next run asks last, because a service that was not known to answer any request
    rejected theirs. The most recently rejected come last."""
    names = [name for name in earlier if name not in set(rejected)] + list(rejected)
    return [] if not names or has_answered() else names
