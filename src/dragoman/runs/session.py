"""Settings → the things that do the work: prompts, model, store, provider, pipeline. Opened and closed once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from dragoman.asking.ask import LiveAsker
from dragoman.asking.asker import Asker
from dragoman.asking.breaker import Breaker, BreakerTiming
from dragoman.asking.budget import Budget
from dragoman.asking.concurrency import CEILING
from dragoman.asking.limiter import DEFAULT_PAUSE, RateLimiter
from dragoman.asking.providers import Provider
from dragoman.asking.purchase import utc_now
from dragoman.asking.replay import ReplayAsker
from dragoman.asking.rescue import RescueReporter
from dragoman.asking.retries import RetryPolicy
from dragoman.config import Settings
from dragoman.core.article import Article
from dragoman.core.file_lock import FolderLock
from dragoman.core.files import make_folder
from dragoman.core.models import Model, profile_prefix, table
from dragoman.core.prices import decimal_string
from dragoman.core.source import Source
from dragoman.errors import ConfigError, StoreError
from dragoman.reading import discover
from dragoman.reading.discover import ArticleFile
from dragoman.runs.article import Pipeline, Prepare
from dragoman.runs.finished import FinishedRecords
from dragoman.store.protocol import ReplyStore
from dragoman.store.recordings import Recordings
from dragoman.store.sqlite.store import Store
from dragoman.tasks.prompts import PromptLibrary
from dragoman.tasks.requests import TaskSpec

REPLAYING = 4
"""Articles in work at once where nothing is asked."""


@dataclass(frozen=True)
class Session:
    """What one invocation works with. ``store`` and ``provider`` are None in replay."""

    settings: Settings
    model: Model
    specs: tuple[TaskSpec, ...]
    pipeline: Pipeline
    asker: Asker
    budget: Budget
    store: ReplyStore | None
    provider: Provider | None
    stop: threading.Event

    @property
    def workers(self) -> int:
        """Articles in work at once: as many as requests may be in flight; recordings only keep a core busy."""
        return self.settings.concurrency or (CEILING if self.provider is not None else REPLAYING)

    @property
    def maybe_paid_usd_at_most(self) -> str | None:
        """The most that requests without an answer can have cost; None where no price is known."""
        priced = self.provider is None or self.model.rates is not None
        return decimal_string(self.budget.unanswered) if priced or not self.asker.counters.maybe_paid else None

    @property
    def where(self) -> str:
        """Where requests go, for people: ``anthropic``, ``bedrock``, a custom address, ``recordings``."""
        if self.provider is None:
            return "recordings"
        return self.provider.base_url or self.provider.endpoint


@contextmanager
def open_session(
    settings: Settings,
    *,
    inline: bool = False,
    stop: threading.Event | None = None,
    since: int | None = None,
    http_client: Any = None,
) -> Iterator[Session]:
    """Everything that can be wrong before the first article is said here, as `ConfigError` or `StoreError`.

    ``since`` is the row of the store after which a refreshing was begun that goes on.
    ``http_client`` is for tests: an SDK on a mock transport.
    """
    stop = stop or threading.Event()
    model = table().find(settings.model or table().default)
    specs = specs_of(settings, model)
    budget = Budget(settings.max_cost)
    if settings.max_cost is not None and model.rates is None and settings.provider != "replay":
        raise ConfigError(f"the model {model.id} has no price in the table of {table().as_of}: no --max-cost with it")
    if settings.provider == "replay":
        if settings.recordings is None:
            raise ConfigError("--provider replay needs --recordings DIR")
        if not settings.recordings.is_dir():
            raise ConfigError(f"no folder of recordings at {settings.recordings}")
        if settings.refresh or settings.retry or settings.record:
            raise ConfigError("replay never asks: --refresh, --retry and --record need --provider anthropic or bedrock")
        replay = ReplayAsker(Recordings(settings.recordings))
        pipeline = _pipeline(settings, specs, replay, prepare, inline=inline)
        yield Session(settings, model, specs, pipeline, replay, budget, None, None, stop)
        return
    provider = provider_of(settings, http_client=http_client)
    timing = timing_of(settings)
    with (
        RescueReporter() as reporter,
        closing(provider),
        Store(settings.store_path) as store,
        _recording(settings.record) as recording,
    ):
        asker = LiveAsker(
            store,
            provider,
            model,
            budget,
            timing.policy,
            refresh=settings.refresh,
            since=since,
            record=settings.record,
            recording=recording,
            stop=stop,
            limiter=RateLimiter(
                settings.concurrency,
                settings.per_minute,
                stop,
                breaker=Breaker(timing.waits),
                default_pause=timing.default_pause,
            ),
            now=timing.now,
        )
        reporter.rescue = asker.rescue
        finished_records = None
        if not (settings.refresh or settings.retry or settings.record):
            finished_records = FinishedRecords(store, asker.scope, specs, settings.repairs, inline)
        pipeline = _pipeline(settings, specs, asker, remembering(store), inline=inline)
        pipeline = replace(pipeline, finished_records=finished_records)
        yield Session(settings, model, specs, pipeline, asker, budget, store, provider, stop)


@contextmanager
def _recording(folder: Path | None) -> Iterator[FolderLock | None]:
    """The folder that gets recordings, if there is one, open; temporary files of killed commands in it are removed
    where no other command is at work there. Raises `StoreError` when it cannot be made."""
    if folder is None:
        yield None
        return
    try:
        make_folder(folder)
        held = FolderLock(folder, shared=True)
    except OSError as error:
        raise StoreError(f"the folder of recordings {folder} cannot be written: {error.strerror or error}") from error
    with held:
        held.clear([folder])
        held.share()
        yield held


@dataclass(frozen=True)
class Timing:
    """All that an invocation waits for by itself, and its time of day. Where whole commands are tested in this
    process, `timing_of` is the one place to give them another."""

    policy: RetryPolicy
    waits: BreakerTiming
    default_pause: float = DEFAULT_PAUSE
    """Seconds, see `limiter`."""
    now: Callable[[], datetime] = utc_now


def timing_of(settings: Settings) -> Timing:
    """How long a request, and a run, is patient: both as long as the settings say."""
    return Timing(
        RetryPolicy(attempts=settings.attempts, total_seconds=settings.patience),
        BreakerTiming(patience=settings.patience),
    )


def specs_of(settings: Settings, model: Model) -> tuple[TaskSpec, ...]:
    """What each task is asked with. Raises `ConfigError` for an unknown prompt or one of no asked task."""
    library = PromptLibrary(*settings.prompt_folders, follow_links=settings.follow_links)
    chosen = {prompt.task: prompt for prompt in map(library.get, settings.prompts)}
    unused = sorted(chosen.keys() - set(settings.tasks))
    if unused:
        raise ConfigError(f"prompt {chosen[unused[0]].name} is not of an asked task ({', '.join(settings.tasks)})")
    reask, repair = library.get("reask"), library.get("repair")
    return tuple(
        TaskSpec(chosen.get(task) or library.get(task), reask, repair, model) for task in dict.fromkeys(settings.tasks)
    )


def provider_of(settings: Settings, *, http_client: Any = None) -> Provider:
    """The provider that settings name; no SDK is imported before its first request."""
    structured = None if settings.structured == "auto" else settings.structured
    if settings.provider == "bedrock":
        from dragoman.asking.providers.bedrock import BedrockProvider

        given = profile_prefix(settings.model or "")
        chosen = "" if settings.inference_profile == "none" else settings.inference_profile
        return BedrockProvider(
            region=settings.region,
            profile=settings.profile,
            inference_profile=given or chosen,
            base_url=settings.base_url,
            timeout=settings.timeout,
            structured=structured,
            http_client=http_client,
        )
    from dragoman.asking.providers.anthropic import AnthropicProvider

    return AnthropicProvider(
        base_url=settings.base_url,
        timeout=settings.timeout,
        structured=structured,
        http_client=http_client,
    )


def prepare(article: Article) -> Source:
    """Prepare without a memo."""
    from dragoman.reading.prepare import prepare as slowly

    return slowly(article)


def read_and_prepare(place: ArticleFile | Article, settings: Settings) -> tuple[Article, Source]:
    """An article as a run would read it, without a memo. Raises `ArticleError` when it cannot be read."""
    if isinstance(place, Article):
        article = place
    else:
        article = discover.read(place, max_bytes=settings.max_file_bytes, follow_links=settings.follow_links)
    discover.check_size(article.name, article.size, settings.max_file_bytes)
    return article, prepare(article)


def remembering(store: ReplyStore) -> Prepare:
    """Prepare with the store's memo, so that slow libraries are not even imported for what is known."""

    def known_or_prepared(article: Article) -> Source:
        from dragoman.reading.recipe import recipe

        source = store.caches.source(article.sha256, article.media_type, recipe())
        if source is None:
            source = prepare(article)
            store.caches.save_source(article.sha256, article.media_type, recipe(), source)
        return source

    return known_or_prepared


def _pipeline(
    settings: Settings,
    specs: tuple[TaskSpec, ...],
    asker: Asker,
    by: Prepare,
    *,
    inline: bool,
) -> Pipeline:
    return Pipeline(
        prepare=by,
        asker=asker,
        specs=specs,
        max_article_tokens=settings.max_article_tokens,
        max_file_bytes=settings.max_file_bytes,
        follow_links=settings.follow_links,
        retry=settings.retry,
        repairs=settings.repairs,
        inline=inline,
    )
