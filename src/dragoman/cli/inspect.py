"""`dragoman inspect`: what Dragoman reads in one article."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dragoman.cli import app, options
from dragoman.cli.article_input import ArticleArgument, MediaType, read_input
from dragoman.cli.help import Panel, Section, command, exit_codes

if TYPE_CHECKING:
    from dragoman.config import Settings
    from dragoman.core.article import Article
    from dragoman.core.source import Source
    from dragoman.reading.discover import ArticleFile


@command(
    app,
    "inspect",
    section=Section.ARTICLES,
    examples=[
        ("dragoman inspect article.html", "See which paragraphs are read, and what is left out and why."),
        ("dragoman inspect - --json < article.html", "The same as JSON, from standard input."),
    ],
    exit_codes=exit_codes(
        c0="the article was read, or is one that needs no request (empty, or not a kind of file that is read)",
        c3="the article cannot be read, or the page is not the article",
    ),
)
def inspect(
    ctx: typer.Context,
    file: ArticleArgument,
    media_type: MediaType = None,
    follow_links: options.FollowLink = False,
    as_json: Annotated[bool, options.flag("--json", panel=Panel.WHAT, help="Print JSON, with the whole text.")] = False,
) -> None:
    """Show what Dragoman reads in an article; sends nothing.

    Shows the language, the paragraphs with their offsets, the preparation steps, whether the page is the article at
    all, what is left out and why, and the number of tokens.
    """
    from dragoman.cli.console import emit, emit_json
    from dragoman.config import Settings
    from dragoman.errors import ArticleError
    from dragoman.runs.counts import exit_code_of_unread

    settings = Settings.load(options.settings(ctx))
    place = read_input(file, media_type, settings.max_file_bytes)
    try:
        text, is_wall = _inspection(place, settings, as_json=as_json)
    except ArticleError as error:
        from dragoman.cli.advice import advised
        from dragoman.cli.console import say

        say(f"dragoman: {advised(error)}")
        raise typer.Exit(exit_code_of_unread(error.code)) from None
    (emit_json if as_json else emit)(text)
    if is_wall:
        raise typer.Exit(exit_code_of_unread("wall"))


def _inspection(place: ArticleFile | Article, settings: Settings, *, as_json: bool) -> tuple[str, bool]:
    """What Dragoman reads in an article, as text or JSON, and whether it is a page that is not the article.

    Raises `ArticleError` when it cannot be read.
    """
    from dragoman.runs.session import read_and_prepare

    article, source = read_and_prepare(place, settings)
    if as_json:
        return json.dumps(_facts(article, source), ensure_ascii=False, indent=1), source.wall is not None
    return "\n".join(_lines(article, source)), source.wall is not None


def _facts(article: Article, source: Source) -> dict[str, Any]:
    from dragoman.tasks.requests import shown_tokens

    return {
        "id": article.id,
        "name": article.name,
        "sha256": article.sha256,
        "bytes": article.size,
        "media_type": article.media_type,
        **source.to_json(),
        "characters": len(source.text),
        "estimated_tokens": shown_tokens(source),
    }


def _lines(article: Article, source: Source) -> list[str]:
    from dragoman.cli.console import counted
    from dragoman.core.visible import printable
    from dragoman.reading.walls import not_the_article
    from dragoman.tasks.requests import shown_tokens

    lines = [
        f"{printable(article.name)}  ({article.media_type}, {article.size:,} bytes, id {article.id})",
        f"language {source.language}, script {source.script}; decoded as {source.encoding} ({source.encoding_from})",
        f"{len(source.text):,} characters, {counted(len(source.paragraphs), 'paragraph')}, about "
        f"{shown_tokens(source):,} tokens (paragraph numbers included)",
        *([f"wall: {not_the_article(source.wall)}"] if source.wall else []),
        *([f"cut: the page says that the article is not whole: {_short(source.cut.words)}"] if source.cut else []),
        *(f"note: {note}" for note in source.notes),
        "",
    ]
    for p in source.paragraphs:
        lines.append(f"{p.number:>4}  {p.start:>6}–{p.end:<6}  {source.text[p.start : p.end]}")
    explanation = " (offsets refer to the extracted text)" if source.steps else ""
    lines += ["", f"{counted(len(source.steps), 'preparation step')}{explanation}"]
    lines += [
        f"      {s.start:>6}–{s.end:<6}  {s.reason}: {_short(source.extracted[s.start : s.end])}" for s in source.steps
    ]
    lines.append(f"{counted(len(source.left_out), 'passage')} left out")
    lines += [f"      {item.reason}: {_short(item.text)}" for item in source.left_out]
    return lines


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return repr(one_line if len(one_line) <= 70 else one_line[:67] + "…")
