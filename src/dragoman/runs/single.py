"""One article without an output folder: what `dragoman summarize` and `dragoman translate` do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dragoman.config import Settings
from dragoman.core.article import Article
from dragoman.core.record import Record
from dragoman.errors import DragomanError, Hint
from dragoman.reading.discover import ArticleFile
from dragoman.runs.engines.threads import Stop
from dragoman.runs.session import open_session
from dragoman.tasks.answering import ON_RETRY


@dataclass(frozen=True)
class SingleResult:
    """The record of one article, and the error that left it pending, if one did."""

    record: Record
    ended_by: DragomanError | None
    maybe_paid: int
    """Requests that may have been charged without an answer."""
    maybe_paid_usd_at_most: str | None
    """The most that those requests can have cost; None where no price is known."""
    left_out: tuple[str, ...] = ()
    """Fields that requests were sent without, because the service rejects them."""
    only_on_retry: bool = False
    """Whether the article is asked again only with ``retry``: its reply is stored, but unusable."""
    correction_only_on_retry: bool = False
    """Whether a correction is requested again only with ``retry``: its reply is stored, but unusable."""
    hint: Hint | None = None
    """What may help an article that has no answer."""

    def answered(self) -> Record:
        """The record. Raises the error that left it pending."""
        if self.ended_by is not None:
            raise self.ended_by
        return self.record


def process_single(
    place: ArticleFile | Article,
    settings: Settings,
    stop: Stop | None = None,
    on_rescue: Callable[[Path, str], None] | None = None,
) -> SingleResult:
    """Carry out the tasks of ``settings`` for one article; its record contains the source text.

    ``stop`` ends the work early. ``on_rescue`` is called as `Watch.rescued` is. Raises `ConfigError` and `StoreError`
    before anything is sent.
    """
    with open_session(settings, inline=True, stop=stop) as session:
        if on_rescue is not None:
            session.asker.on_rescue(on_rescue)
        outcome = session.pipeline.process(place)
        ended_by = session.asker.finish(outcome.error)
        counters, most = session.asker.counters, session.maybe_paid_usd_at_most
        is_known = session.asker.has_answered([spec.prompt.sha256 for spec in session.specs])
    reason = outcome.record.reason
    # A rejection is remembered only once the service has answered anything.
    unusable = reason is not None and reason.code in ON_RETRY and (is_known or reason.code != "rejected")
    asks_again = settings.provider == "replay" or settings.refresh
    return SingleResult(
        outcome.record, ended_by, counters.maybe_paid, most, tuple(sorted(counters.left_out)),
        unusable and not asks_again, outcome.header.correction_on_retry and not asks_again, outcome.hint,
    )  # fmt: skip
