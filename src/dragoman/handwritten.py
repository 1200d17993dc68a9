"""Recordings written by hand: made from an answer, and carried along when a prompt or schema changes.

For development: samples and tests need replies before a model has given any. They are marked
``handwritten``, name no model as their author and carry no usage, so they are never taken for live ones.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dragoman import articles, prompts, recordings
from dragoman.articles import Article, Found
from dragoman.errors import ArticleError, ConfigError, RecordingMissing
from dragoman.exchange import Exchange, Role
from dragoman.schemas import ANSWERS, api_schema
from dragoman.session import prepare
from dragoman.tasks import Call, Wording, answer


def body_of(text: str) -> str:
    """A Messages body around a text, that says who wrote it."""
    return json.dumps(
        {
            "id": "msg_handwritten",
            "type": "message",
            "role": "assistant",
            "model": "handwritten",
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn",
        },
        ensure_ascii=False,
    )


_Place = tuple[str, str, Role, int]
"""Article, task, role and round: what a handwritten reply is a reply to, whatever the wording."""


class _Rewriter:
    """Answers each call with what was written for the same article, task, role and round."""

    def __init__(self, written: dict[_Place, Exchange]) -> None:
        self._written = written
        self.used: set[_Place] = set()

    def ask(self, call: Call, article: Article) -> Exchange:
        place = (article.name, call.task, call.role, call.round)
        if place not in self._written:
            raise RecordingMissing(f"nothing was written for {place}")
        self.used.add(place)
        return replace(
            self._written[place],
            request=call.request,
            parent=call.parent,
            prompt=call.prompt.name,
            prompt_sha256=call.prompt.sha256,
            article_sha256=article.sha256,
        )


def rekey(folder: Path, samples: Path, wordings: Sequence[Wording]) -> tuple[int, list[str]]:
    """Give every handwritten recording of ``folder`` the request that is asked today.

    ``samples`` holds the articles by the names in the recordings. Returns how many were rewritten, and what
    could not be (they stay as they are). Recordings of other origins are never touched.
    """
    old = {e.key: e for e in recordings.Recordings(folder) if e.origin == "handwritten"}
    written = {(e.article, e.task, e.role, e.round): e for e in old.values()}
    rewriter = _Rewriter(written)
    fresh: dict[str, Exchange] = {}
    problems: list[str] = []
    for name in sorted({e.article for e in old.values()}):
        try:
            article = articles.read(Found(name, samples / name))
            source = prepare(article)
            for wording in wordings:
                if any(e.article == name and e.task == wording.task for e in old.values()):
                    outcome = answer(wording, source, lambda call, article=article: rewriter.ask(call, article))  # type: ignore[misc]
                    fresh |= {exchange.key: exchange for exchange in outcome.exchanges}
                    if outcome.reason is not None:
                        problems.append(f"{name}, {wording.task}: {outcome.reason.message}")
        except (ConfigError, RecordingMissing, ArticleError) as error:
            problems.append(f"{name}: {error}")
    changed = [exchange for key, exchange in fresh.items() if old.get(key) != exchange]
    for exchange in changed:
        recordings.write(folder, exchange)
    for key, exchange in old.items():
        place = (exchange.article, exchange.task, exchange.role, exchange.round)
        if key not in fresh and place in rewriter.used:
            recordings.path_of(folder, key).unlink()
    return len(changed), problems


def write_by_hand(path: Path, answer_text: str, wording: Wording, folder: Path, *, on: str) -> Path:
    """A recording of ``answer_text`` as the reply to a task over the article at ``path``; dated ``on``.

    Raises `ConfigError` when the article needs more than one request: write those one by one.
    """
    article = articles.read(Found(path.name, path))
    made: list[Exchange] = []

    def ask(call: Call) -> Exchange:
        if made:
            raise ConfigError(
                f"the answer for {path.name} is not accepted or needs more parts: {call.request.user[-900:]}"
            )
        made.append(
            Exchange(
                request=call.request,
                body=body_of(answer_text),
                task=call.task,
                role=call.role,
                origin="handwritten",
                endpoint="anthropic",
                structured="native",
                prompt=call.prompt.name,
                prompt_sha256=call.prompt.sha256,
                article=article.name,
                article_sha256=article.sha256,
                created_at=f"{on}T00:00:00Z",
                parent=call.parent,
                round=call.round,
            )
        )
        return made[0]

    outcome = answer(wording, prepare(article), ask)
    if outcome.reason is not None:
        raise ConfigError(f"{path.name}: {outcome.reason.message}")
    return recordings.write(folder, made[0])


def write_schemas(folder: Path) -> list[Path]:
    """Write the schema of each task's newest prompt from the models in `schemas`. Returns what changed."""
    changed = []
    for task, model in ANSWERS.items():
        newest = max((folder / task).glob("v*.md"), key=lambda path: int(path.stem[1:]))
        path = newest.with_suffix(".schema.json")
        text = json.dumps(api_schema(model), ensure_ascii=False, indent=1) + "\n"
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            changed.append(path)
    return changed


def release(folder: Path) -> list[str]:
    """Pin the digests of prompts that are not pinned yet. Returns their names; pinned ones never change."""
    path = folder / "released.json"
    pinned: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    new = {prompt.name: prompt.sha256 for prompt in prompts.PromptLibrary() if prompt.name not in pinned}
    path.write_text(json.dumps({**pinned, **new}, indent=1, sort_keys=True) + "\n", "utf-8")
    return sorted(new)
