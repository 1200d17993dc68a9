"""The Python interface: `summarize` and `translate` for one article, `run` for many articles into a folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dragoman.config import Settings
from dragoman.core.article import Article, make_article
from dragoman.core.files import exists
from dragoman.core.record import Record
from dragoman.core.visible import printable
from dragoman.errors import ConfigError
from dragoman.reading import discover, formats
from dragoman.reading.discover import ArticleFile
from dragoman.runs.engines.threads import Stop, Watch
from dragoman.runs.run_result import Run
from dragoman.runs.single import process_single

__all__ = ["Run", "run", "summarize", "translate"]


def summarize(path_or_text: str | Path, settings: Settings | None = None) -> Record:
    """The record of one article, task ``summary``; the source text is in ``record.source.text``.

    A `Path`, or a string that names an existing file, is read from disk. Any other string is the article itself, except
    that one line with the ending of a format that is read (``.txt``, ``.html``) is taken for a mistyped path.
    ``settings`` are loaded from the environment and ``dragoman.toml`` if none are given.

    Returns a record for everything that can happen to an article. Raises `ConfigError` (exit 2 of the command),
    `ProviderError` (4), `BudgetReached` (5), `RecordingMissing` (6) and `StoreError` (7).
    """
    return _single_record(path_or_text, settings, "summary")


def translate(path_or_text: str | Path, settings: Settings | None = None) -> Record:
    """The record of one article, task ``translation``; otherwise like `summarize`."""
    return _single_record(path_or_text, settings, "translation")


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
    """Process the articles at ``paths`` (one path or several) into the output folder ``folder``.

    ``limit`` is the largest number of articles to process: the first ones. ``fresh`` discards what earlier runs left in
    the folder. ``strict`` counts flagged articles as failures in the exit code. ``buy_again`` pays again for replies
    that the records of the folder depend on and that the store does not have; without it, such a run raises
    `RepliesElsewhere`. When ``stop`` is set, the run ends early and finishes what is in flight. ``watch`` is called
    with each article when it is finished.

    Raises `ConfigError` and `StoreError` before anything is sent; whatever happens later is in the returned `Run`.
    """
    # Imported here because `summarize` needs none of it and should not wait for it.
    from dragoman.runs.run import run_into

    return run_into(
        [paths] if isinstance(paths, str | Path) else paths,
        Path(folder),
        settings or Settings.load(),
        limit=limit,
        fresh=fresh,
        strict=strict,
        buy_again=buy_again,
        stop=stop or Stop(),
        watch=watch,
    )


def _single_record(path_or_text: str | Path, settings: Settings | None, task: str) -> Record:
    chosen = (settings or Settings.load()).model_copy(update={"tasks": (task,)})
    return process_single(_article(path_or_text), chosen).answered()


def _article(path_or_text: str | Path) -> ArticleFile | Article:
    if isinstance(path_or_text, Path):
        return discover.named(path_or_text)
    if exists(Path(path_or_text)) and Path(path_or_text).is_file():
        return discover.named(Path(path_or_text))
    if "\n" not in path_or_text and Path(path_or_text[-20:]).suffix.lower() in formats.MEDIA_TYPES:
        raise ConfigError(f"no such file: {printable(path_or_text)}")
    return make_article("text", path_or_text.encode("utf-8", "surrogatepass"), "text/plain")
