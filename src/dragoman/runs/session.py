"""Open what one invocation works with, from its settings: prompts, model, store, provider, pipeline."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
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
from dragoman.core.models import Model, arn_of, nearest_model, profile_prefix, table
from dragoman.core.prices import decimal_string
from dragoman.core.source import Source
from dragoman.errors import ConfigError, ProviderError, StoreError
from dragoman.reading import discover
from dragoman.reading.discover import ArticleFile
from dragoman.runs.article import Pipeline, Prepare
from dragoman.runs.finished import FinishedRecords
from dragoman.store.protocol import ReplyStore
from dragoman.store.recordings import Recordings
from dragoman.store.sqlite.store import Store
from dragoman.tasks.prompts import Prompt, PromptLibrary
from dragoman.tasks.requests import TaskSpec

REPLAY_WORKERS = 4
"""Articles in work at once in replay: recordings only keep one core busy, and threads wait for the disk in turn."""


@dataclass(frozen=True)
class Session:
    """What one invocation works with. ``store`` and ``provider`` are None in replay. Setting ``stop`` ends it early."""

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
        """Articles in work at once: as many as requests may be in flight; in replay, `REPLAY_WORKERS`."""
        return self.settings.concurrency or (CEILING if self.provider is not None else REPLAY_WORKERS)

    @property
    def has_prices(self) -> bool:
        """Whether the price of a reply is known: the model has one, or nothing is sent."""
        return self.provider is None or self.model.rates is not None

    @property
    def has_bounds(self) -> bool:
        """Whether a maximum is known for what the replies of unknown price cost."""
        return not self.budget.unknown or (self.has_prices and not self.budget.unbounded)

    @property
    def maybe_paid_usd_at_most(self) -> str | None:
        """The most that requests without an answer can have cost, in USD; None where no price is known."""
        return decimal_string(self.budget.unanswered) if self.has_prices or not self.asker.counters.maybe_paid else None

    @property
    def destination(self) -> str:
        """Where requests go, as shown to people: ``anthropic``, ``bedrock``, a custom address, or ``recordings``."""
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
    look_up: bool = False,
    http_client: Any = None,
) -> Iterator[Session]:
    """Open a session. Raises `ConfigError` or `StoreError` for everything that can be wrong before the first article.

    With ``inline``, records contain their source text. ``since`` is the row of the store after which an unfinished
    refresh began, if this session continues one. With ``look_up``, or with a cap on cost, the service is asked for the
    model behind a name that does not tell its price. ``http_client`` is for tests: the SDK uses it instead of the
    network.
    """
    stop = stop or threading.Event()
    model = model_of(settings)
    specs = specs_of(settings, model)
    budget = Budget(settings.max_cost)
    if settings.provider == "replay":
        if settings.recordings is None:
            raise ConfigError("the provider replay needs a folder of recordings (recordings)")
        if settings.recordings.is_file():
            raise ConfigError(f"{settings.recordings} is a file, not a folder of recordings")
        if not settings.recordings.is_dir():
            raise ConfigError(f"there is no folder of recordings at {settings.recordings}")
        if settings.refresh or settings.retry or settings.record:
            raise ConfigError(
                "refresh, retry and record need the provider anthropic or bedrock: replay sends no requests"
            )
        replay = ReplayAsker(Recordings(settings.recordings))
        pipeline = _pipeline(settings, specs, replay, prepare, inline=inline)
        yield Session(settings, model, specs, pipeline, replay, budget, None, None, stop)
        return
    provider = provider_of(settings, http_client=http_client)
    timing = timing_of(settings)
    with (
        RescueReporter() as reporter,
        closing(provider),
        _priced(settings, provider, model, look_up=look_up) as model,
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
        specs = tuple(replace(spec, model=model) for spec in specs)
        reporter.rescue = asker.rescue
        finished_records = None
        if not (settings.refresh or settings.retry or settings.record):
            finished_records = FinishedRecords(store, asker.scope, specs, settings.repairs, inline)
        pipeline = _pipeline(settings, specs, asker, prepare_with_cache(store), inline=inline)
        pipeline = replace(pipeline, finished_records=finished_records)
        yield Session(settings, model, specs, pipeline, asker, budget, store, provider, stop)


@contextmanager
def _priced(settings: Settings, provider: Provider, model: Model, *, look_up: bool) -> Iterator[Model]:
    """The model with its price, for which the service is asked if a cap needs it, or with ``look_up``. Raises
    `ConfigError` if there is a cap and no price."""
    capped = settings.max_cost is not None
    failure = ""
    if model.rates is None and (capped or look_up):
        try:
            model = provider.look_up(model)
        except ProviderError as error:
            failure = f" ({error})"
    if model.rates is None and capped:
        raise ConfigError(
            f"the model {model.id} has no price in the table of {table().as_of}, so a cap on cost (max_cost) cannot be "
            f"enforced{failure or nearest_model(model.id)}",
            hint="price",
        )
    yield model


@contextmanager
def _recording(folder: Path | None) -> Iterator[FolderLock | None]:
    """Open the folder that recordings are written to, if there is one. Removes the temporary files that killed commands
    left in it, unless another command is using the folder. Raises `StoreError` when it cannot be written."""
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
    """How long an invocation waits between attempts and in an outage, and its time of day. Tests that run whole
    commands in their own process replace `timing_of`."""

    policy: RetryPolicy
    waits: BreakerTiming
    default_pause: float = DEFAULT_PAUSE
    """Seconds without requests after the service has rate-limited one and named no time, see `asking.limiter`."""
    now: Callable[[], datetime] = utc_now


def timing_of(settings: Settings) -> Timing:
    """The timing that the settings ask for: both a request and an outage may take as long as ``patience`` says."""
    return Timing(
        RetryPolicy(attempts=settings.attempts, total_seconds=settings.patience),
        BreakerTiming(patience=settings.patience),
    )


def model_of(settings: Settings) -> Model:
    """The model that the settings name, or else the default model of the table; with the model that they say is behind
    it. Raises `ConfigError` if that one is not in the table."""
    model = table().find(settings.model or table().default)
    if settings.model_price_as is None:
        return model
    behind = table().find(settings.model_price_as)
    if not behind.known:
        raise ConfigError(
            f"the model whose price counts (model_price_as) must be one of the table of {table().as_of}, such as "
            f"{table().default}; {settings.model_price_as} is not in it{nearest_model(settings.model_price_as)}"
        )
    return model.with_behind(behind)


def specs_of(settings: Settings, model: Model) -> tuple[TaskSpec, ...]:
    """The prompt and model of each task. Raises `ConfigError` for an unknown prompt, or for one whose task is not
    asked."""
    library = PromptLibrary(*settings.prompt_folders, follow_links=settings.follow_links)
    chosen = {prompt.task: prompt for prompt in (_chosen(library, name, settings.tasks) for name in settings.prompts)}
    unused = sorted(chosen.keys() - set(settings.tasks))
    if unused:
        name = chosen[unused[0]].name
        tasks = list(dict.fromkeys(settings.tasks))
        requested = f"task is {tasks[0]}" if len(tasks) == 1 else f"tasks are {' and '.join(tasks)}"
        raise ConfigError(f"{name} cannot be used here; the requested {requested}")
    reask, repair = library.get("reask"), library.get("repair")
    return tuple(
        TaskSpec(chosen.get(task) or library.get(task), reask, repair, model) for task in dict.fromkeys(settings.tasks)
    )


def _chosen(library: PromptLibrary, name: str, tasks: Collection[str]) -> Prompt:
    """The prompt that the settings name. Raises `ConfigError`, which lists those of the requested tasks."""
    if not any(name in (prompt.name, prompt.task) for prompt in library):
        usable = ", ".join(prompt.name for prompt in library if prompt.task in tasks)
        raise ConfigError(f"there is no prompt {name!r}; the prompts for {' and '.join(tasks)} are {usable}")
    return library.get(name)


def provider_of(settings: Settings, *, http_client: Any = None, check_environment: bool = True) -> Provider:
    """The provider that the settings name. Its SDK is imported at its first request. Raises `ConfigError` for settings
    that no request could use and, with ``check_environment``, for such proxies, certificates and headers."""
    structured = None if settings.structured == "auto" else settings.structured
    if settings.provider == "bedrock":
        from dragoman.asking.providers.bedrock import BedrockProvider

        arn = arn_of(settings.model or "")
        return BedrockProvider(
            region=settings.region,
            profile=settings.profile,
            inference_profile=_inference_profile(settings),
            sent_as=settings.model.strip() if settings.model is not None and arn is not None else None,
            base_url=settings.base_url,
            timeout=settings.timeout,
            structured=structured,
            http_client=http_client,
            check_environment=check_environment,
        )
    from dragoman.asking.providers.anthropic import AnthropicProvider

    return AnthropicProvider(
        base_url=settings.base_url,
        timeout=settings.timeout,
        structured=structured,
        http_client=http_client,
        check_environment=check_environment,
    )


def _inference_profile(settings: Settings) -> str:
    """The inference profile that requests use: the one in the name of the model, or else the setting. A name that does
    not say which model it is keeps its own profile, which ``model_price_as`` may tell."""
    name = settings.model or table().default
    model, named = table().find(name), profile_prefix(name)
    if named is not None:
        return named
    if arn_of(name) is not None or not (model.known or name.strip().startswith("anthropic.")):
        return profile_prefix(settings.model_price_as or "") or ""
    return "" if settings.inference_profile == "none" else settings.inference_profile


def prepare(article: Article) -> Source:
    """Prepare an article without a cache. Imports what prepares articles only now, because it is slow to load."""
    from dragoman.reading.prepare import prepare as prepare_article

    return prepare_article(article)


def read_and_prepare(place: ArticleFile | Article, settings: Settings) -> tuple[Article, Source]:
    """Read and prepare an article as a run does, without a cache. Raises `ArticleError` when it cannot be read."""
    if isinstance(place, Article):
        article = place
    else:
        article = discover.read(place, max_bytes=settings.max_file_bytes, follow_links=settings.follow_links)
    discover.check_size(article.name, article.size, settings.max_file_bytes)
    return article, prepare(article)


def prepare_with_cache(store: Store) -> Prepare:
    """A function that prepares an article, or takes its source from the store's cache without loading what prepares."""

    def cached_or_prepared(article: Article) -> Source:
        from dragoman.reading.recipe import recipe

        source = store.caches.source(article.sha256, article.media_type, recipe())
        if source is None:
            source = prepare(article)
            store.caches.save_source(article.sha256, article.media_type, recipe(), source)
        return source

    return cached_or_prepared


def _pipeline(
    settings: Settings,
    specs: tuple[TaskSpec, ...],
    asker: Asker,
    prepare: Prepare,
    *,
    inline: bool,
) -> Pipeline:
    return Pipeline(
        prepare=prepare,
        asker=asker,
        specs=specs,
        max_article_tokens=settings.max_article_tokens,
        max_file_bytes=settings.max_file_bytes,
        follow_links=settings.follow_links,
        retry=settings.retry,
        repairs=settings.repairs,
        inline=inline,
    )
