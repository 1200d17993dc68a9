"""Recordings written by hand: made from an answer, and carried along when a prompt or schema changes.

For development: samples and tests need replies before a model has given any. They are marked
``handwritten``, name no model as their author and carry no usage, so they are never taken for live ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from dragoman.core.answers import ANSWERS, api_schema
from dragoman.core.article import Article
from dragoman.core.exchange import Exchange, Origin, Role
from dragoman.core.source import Source
from dragoman.errors import ArticleError, ConfigError, RecordingMissing, ReplyRejected
from dragoman.reading import discover
from dragoman.reading.discover import ArticleFile
from dragoman.runs.session import prepare
from dragoman.store import recordings
from dragoman.tasks import prompts
from dragoman.tasks.answering import Asked, whole_text
from dragoman.tasks.parse import parse
from dragoman.tasks.repair import MOST_ROUNDS, carry_out
from dragoman.tasks.requests import Call, TaskSpec, parts


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
    """Answers each call over one article with what was written for the same task, role and round."""

    def __init__(self, written: Mapping[_Place, Exchange]) -> None:
        self._written = written
        self.used: list[Exchange] = []

    def ask(self, call: Call, article: Article) -> Asked:
        place = (article.name, call.task, call.role, call.round)
        if place not in self._written:
            raise RecordingMissing(f"nothing was written for {article.name}, {call.task}, {call.role} {call.round}")
        old = self._written[place]
        self.used.append(old)
        new = replace(
            old,
            request=call.request,
            parent=call.parent,
            items=call.items,
            prompt=call.prompt.name,
            prompt_sha256=call.prompt.sha256,
            article_sha256=article.sha256,
        )
        return Asked(new, bought=False)


def rekey(folder: Path, samples: Path, specs: Sequence[TaskSpec]) -> tuple[int, list[str]]:
    """Give every handwritten recording of ``folder`` the request that is asked today.

    ``samples`` holds the articles by the names in the recordings. Returns how many were rewritten, and what
    could not be, which stays as it is. Recordings of other origins are never touched. Raises `ConfigError` for one
    that was edited since it was sealed (see `seal`).
    """
    everything = {exchange.key: exchange for exchange in recordings.Recordings(folder)}
    old = [exchange for exchange in everything.values() if exchange.origin == "handwritten"]
    written: dict[_Place, Exchange] = {(e.article, e.task, e.role, e.round): e for e in old}
    changed = 0
    problems: list[str] = []
    for name, task in sorted({(exchange.article, exchange.task) for exchange in old}):
        spec = next((spec for spec in specs if spec.task == task), None)
        if spec is None:
            problems.append(f"{name}: the task {task} is not asked")
            continue
        rewriter = _Rewriter(written)
        try:
            article = discover.read(ArticleFile(name, str(samples / name)))
            outcome = carry_out(
                spec,
                prepare(article),
                lambda call, _: rewriter.ask(call, article),  # noqa: B023
                rounds=max((place[3] for place in written if place[:3] == (name, task, "repair")), default=0),
            ).outcome
        except ArticleError as error:
            problems.append(f"{name}: {error}")
            continue
        if outcome.reason is not None:
            problems.append(f"{name}, {task}: {outcome.reason.message}")
            continue
        unasked = [e for e in old if (e.article, e.task, e.role) == (name, task, "repair") and e not in rewriter.used]
        problems += [f"{name}, {task}: nothing asks for repair {exchange.round} any more" for exchange in unasked]
        changed += _put(folder, everything, rewriter.used, outcome.exchanges, problems)
    return changed, problems


def _put(
    folder: Path,
    everything: Mapping[str, Exchange],
    used: Sequence[Exchange],
    fresh: Sequence[Exchange],
    problems: list[str],
) -> int:
    """Write what changed and remove what it replaces; returns how many were written."""
    changed = [exchange for exchange in fresh if everything.get(exchange.key) != exchange]
    taken = [e for e in changed if e.key in everything and everything[e.key].origin != "handwritten"]
    if taken:
        problems.append(f"{taken[0].article}, {taken[0].task}: a recording of another origin has the key already")
        return 0
    for exchange in changed:
        recordings.write(folder, exchange)
    for exchange in used:
        if exchange.key not in {new.key for new in fresh}:
            recordings.path_of(folder, exchange.key).unlink()
    return len(changed)


EDITABLE: tuple[Origin, ...] = ("handwritten", "altered")
"""Origins of recordings that a person may edit; the others are what a service said, or nothing."""


def seal(folder: Path) -> tuple[int, list[str]]:
    """Give the recordings of ``folder`` that a person wrote or altered the checksum of what they hold now.

    Returns how many were written, and a sentence for each that was not: recordings of other origins are never sealed
    here, because their checksum is to show that nobody edited them.
    """
    written = 0
    problems: list[str] = []
    for path in recordings.paths(folder):
        try:
            exchange = recordings.load(path, edited=True).exchange
            if exchange.origin in EDITABLE:
                written += recordings.write_at(path, exchange)
            else:
                recordings.read(path)
        except ConfigError as error:
            problems.append(str(error))
    return written, problems


def write_by_hand(path: Path, texts: Sequence[str], spec: TaskSpec, folder: Path, *, on: str) -> list[Path]:
    """Recordings of ``texts`` as the replies to a task over the article at ``path``, dated ``on``: the answer, then
    a text for each time it is sent back (to be asked anew, or to be repaired).

    Raises `ConfigError` when the article needs more than one request: write those one by one.
    """
    article = discover.read(ArticleFile(path.name, str(path)))
    source = prepare(article)
    made: list[Exchange] = []

    def ask(call: Call, _: bool) -> Asked:
        if len(made) == len(texts) and call.role == "repair":
            raise RecordingMissing("no repair was written")
        if len(made) == len(texts):
            raise ConfigError(_not_enough(call, path.name, spec, source, made))
        made.append(
            Exchange(
                request=call.request,
                body=body_of(texts[len(made)]),
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
                items=call.items,
            )
        )
        return Asked(made[-1], bought=False)

    done = carry_out(spec, source, ask, rounds=MOST_ROUNDS)
    if done.unusable is not None:
        raise ConfigError(f"{path.name}: {done.unusable_because}")
    if len(made) < len(texts):
        raise ConfigError(f"{path.name}: nothing asks for the text number {len(made) + 1}")
    if done.outcome.answer is None and done.outcome.reason is not None:
        raise ConfigError(f"{path.name}: {done.outcome.reason.message}")
    return [recordings.write(folder, exchange) for exchange in made]


def _not_enough(call: Call, name: str, spec: TaskSpec, source: Source, made: Sequence[Exchange]) -> str:
    """Why ``call`` is asked after every text was used: the article has more parts, or the last text was rejected."""
    every = parts(spec, source)
    asked = sum(exchange.role in ("ask", "part") for exchange in made)
    if call.role == "part":
        return f"{name} needs more parts: it is asked about in {len(every)}, and there are texts for {asked}"
    try:
        parse(spec.task, whole_text(made[-1]), every[asked - 1].paragraphs)
    except ReplyRejected as rejected:
        return f"the answer for {name} is not accepted: {'; '.join(rejected.problems)}"
    raise AssertionError("an accepted answer is asked for again")


def write_schemas(folder: Path) -> list[Path]:
    """Write the schema of each task's newest prompt from the models in `schemas`. Returns what changed."""
    changed = []
    for task, model in ANSWERS.items():
        newest = max((folder / task).glob("v*.md"), key=lambda path: int(path.stem[1:]))
        path = newest.with_suffix(".schema.json")
        text = json.dumps(api_schema(model), ensure_ascii=False, indent=1) + "\n"
        if not path.exists() or prompts.text_of(path) != text:
            path.write_text(text, "utf-8")
            changed.append(path)
    return changed


def release(folder: Path) -> list[str]:
    """Pin the digests of prompts that are not pinned yet. Returns their names; pinned ones never change."""
    path = folder / "released.json"
    pinned: dict[str, str] = json.loads(prompts.text_of(path)) if path.exists() else {}
    new = {prompt.name: prompt.sha256 for prompt in prompts.PromptLibrary() if prompt.name not in pinned}
    path.write_text(json.dumps({**pinned, **new}, indent=1, sort_keys=True) + "\n", "utf-8")
    return sorted(new)
