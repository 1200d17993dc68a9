"""One article from its file to its record: read, prepare, ask, parse, locate quotes, check.

Whatever can happen to an article becomes a record with a status and a reason; only a bug raises.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dragoman.asking.asker import Asker
from dragoman.core import tracing
from dragoman.core.article import Article
from dragoman.core.header import StoredRecord
from dragoman.core.outcome import Outcome
from dragoman.core.record import Reason, Record
from dragoman.core.source import Source
from dragoman.core.tokens import MOST_PER_CHARACTER
from dragoman.errors import ArticleError, DragomanError, ReasonCode, RecordingMissing, StoreError
from dragoman.reading import discover
from dragoman.reading.discover import ArticleFile
from dragoman.reading.language import looks_english
from dragoman.reading.walls import not_the_article
from dragoman.runs.finished import FinishedRecords
from dragoman.runs.record_builder import record_of, unasked_record
from dragoman.tasks.answering import Ask, Asked, IsStored, pending, pending_reason
from dragoman.tasks.prompts import LONGEST_MARK
from dragoman.tasks.repair import MOST_ROUNDS, carry_out
from dragoman.tasks.requests import Call, TaskSpec, as_asked_before, shown_tokens
from dragoman.tasks.review import Review

Prepare = Callable[[Article], Source]


@dataclass(frozen=True)
class ReadArticle:
    """An article after everything that needs no request. ``record`` is its final record if nothing is to be asked."""

    article: Article | None
    source: Source | None
    record: Record | None = None
    error: DragomanError | None = None
    """What left the article pending, if something did."""
    unread: ArticleError | None = None
    """Why nothing is asked, if the article itself is the reason."""


@dataclass(frozen=True)
class Pipeline:
    """Everything needed to process one article; any number of threads may use it."""

    prepare: Prepare
    asker: Asker
    specs: Sequence[TaskSpec]
    """The tasks, in the order in which they are asked."""
    max_article_tokens: int
    """Longest article that is sent, in estimated tokens."""
    max_file_bytes: int = discover.MAX_FILE_BYTES
    follow_links: bool = False
    retry: bool = False
    """Ask again what the model refused and what failed before."""
    repairs: int = MOST_ROUNDS
    """How many times an answer may be sent back for correction."""
    inline: bool = False
    """Put the source text into the record, because there is no output folder to write it to."""
    finished_records: FinishedRecords | None = None
    """The cache of finished records, if it may be used."""

    def process(self, place: ArticleFile | Article) -> Outcome:
        """The record of an article, whatever happens to the article. Only a bug raises."""
        with tracing.article_span() as attributes:
            outcome = self._process(place)
            attributes.update(tracing.record_attributes(outcome.record) if tracing.is_active() else {})
        return outcome

    def _process(self, place: ArticleFile | Article) -> Outcome:
        read = self.read(place)
        if read.record is not None:
            return Outcome(read.record, read.source, read.error, unread=read.unread)
        assert read.article is not None
        assert read.source is not None
        if self.finished_records is not None and (cached := self.finished_records.find(read.article)) is not None:
            self.asker.counters.add(hits=len(cached.header.exchanges))
            return Outcome(cached, read.source)
        outcome = self.ask(read.article, read.source)
        if self.finished_records is not None and outcome.finished:
            self.finished_records.save(read.article, StoredRecord(outcome.header, outcome.line))
        return outcome

    def read(self, place: ArticleFile | Article) -> ReadArticle:
        """Read and prepare an article, and decide whether it is asked about: ``record`` is set if it is not."""
        article: Article | None = None
        try:
            article = place if isinstance(place, Article) else self._read_file(place)
            discover.check_size(article.name, article.size, self.max_file_bytes)
            source = self.prepare(article)
            self._check_worth_asking(source)
        except ArticleError as error:
            prepared = error.source if isinstance(error, _NotAsked) else None
            reason = Reason(code=error.code, message=str(error))
            record = unasked_record(article or place, reason, source=prepared, inline=self.inline)
            return ReadArticle(article, prepared, record, unread=error)
        except StoreError as error:
            record = unasked_record(article or place, pending_reason(error), inline=self.inline)
            return ReadArticle(article, None, record, error)
        return ReadArticle(article, source)

    def _read_file(self, place: ArticleFile) -> Article:
        return discover.read(place, max_bytes=self.max_file_bytes, follow_links=self.follow_links)

    def ask(self, article: Article, source: Source) -> Outcome:
        """Carry out the tasks of a prepared article. After an error that ends the run, no further task is asked."""

        def ask_call(call: Call, fresh: bool) -> Asked:
            return self.asker.ask(call, article, fresh=fresh)

        def is_stored(call: Call) -> bool:
            return self.asker.refreshed_after is None and self.asker.stored_reply(call) is not None

        reviews: list[Review] = []
        stopped_by: DragomanError | None = None
        for spec in self.specs:
            if stopped_by is None or isinstance(stopped_by, RecordingMissing):
                reviews.append(self._review(spec, article, source, ask_call, is_stored))
                stopped_by = reviews[-1].outcome.error or stopped_by
            else:
                reviews.append(Review(pending(spec, stopped_by)))
        finished = all(review.finished for review in reviews)
        unanswered = next((review.unanswered for review in reviews if review.unanswered), None)
        record = record_of(article, source, reviews, inline=self.inline)
        return Outcome(record, source, stopped_by, finished, unanswered)

    def _review(self, spec: TaskSpec, article: Article, source: Source, ask: Ask, is_stored: IsStored) -> Review:
        def was_asked_about() -> bool:
            return self.asker.was_asked_about(article)

        try:
            asked_source = as_asked_before(spec, source, self.asker.has_reply, was_asked_about)
        except StoreError as error:
            return Review(pending(spec, error))
        return carry_out(spec, asked_source, ask, retry=self.retry, rounds=self.repairs, is_stored=is_stored)

    def _check_worth_asking(self, source: Source) -> None:
        """Raise `_NotAsked` if the article is no article, in English or too long."""
        if source.wall is not None:
            raise _NotAsked("wall", not_the_article(source.wall), source)
        if looks_english(source.language, source.text):
            raise _NotAsked("english", "the article is already in English", source)
        most_characters = len(source.text) + len(source.paragraphs) * LONGEST_MARK
        if most_characters * MOST_PER_CHARACTER <= self.max_article_tokens:
            return  # certainly short enough: no need to estimate its tokens
        tokens = shown_tokens(source)
        if tokens > self.max_article_tokens:
            raise _NotAsked(
                "too_long",
                f"about {tokens:,} tokens with the numbers of its {len(source.paragraphs):,} paragraphs; the limit is "
                f"{self.max_article_tokens:,} (max_article_tokens)",
                source,
            )


class _NotAsked(ArticleError):
    """An article that was read but is not sent; its record keeps the source."""

    def __init__(self, code: ReasonCode, message: str, source: Source) -> None:
        super().__init__(code, message)
        self.source = source
