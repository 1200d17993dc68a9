"""Handwritten recordings: made from an answer that a person wrote, and updated when a prompt or schema changes.

Samples and tests need replies before a model has given any. These recordings have the origin ``handwritten``, name no
model as their author and carry no usage, so they are never mistaken for live replies.
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
from dragoman.tasks.answering import Asked, read_answer
from dragoman.tasks.items import sentences
from dragoman.tasks.repair import MOST_ROUNDS, carry_out
from dragoman.tasks.requests import Call, TaskSpec, as_asked_before, parts


def body_of(text: str) -> str:
    """A Messages body with ``text`` as its only content and ``handwritten`` as its model."""
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
"""Article, task, role and round: identifies what a handwritten reply answers, whatever the prompt says."""


class _Rewriter:
    """Answers each call about one article with the recording that was written for the same task, role and round."""

    def __init__(self, written: Mapping[_Place, Exchange]) -> None:
        self._written = written
        self.used: list[Exchange] = []

    def has_reply(self, call: Call, article: str) -> bool:
        return (article, call.task, call.role, call.round) in self._written

    def ask(self, call: Call, article: Article) -> Asked:
        place = (article.name, call.task, call.role, call.round)
        if place not in self._written:
            raise RecordingMissing(
                f"no recording was written for {article.name}, {call.task}, {call.role} {call.round}"
            )
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
    """Update the request in every handwritten recording of ``folder`` to the current prompts and preparation.

    ``samples`` is the folder with the articles, under the names in the recordings. Returns how many recordings were
    written, and a sentence for each that could not be updated, which stays unchanged. Recordings of other origins are
    never changed. Raises `ConfigError` for a recording that was edited since it was sealed (see `seal`).
    """
    by_key = {exchange.key: exchange for exchange in recordings.Recordings(folder)}
    old = [exchange for exchange in by_key.values() if exchange.origin == "handwritten"]
    written: dict[_Place, Exchange] = {(e.article, e.task, e.role, e.round): e for e in old}
    changed = 0
    problems: list[str] = []
    for name, task in sorted({(exchange.article, exchange.task) for exchange in old}):
        spec = next((spec for spec in specs if spec.task == task), None)
        if spec is None:
            problems.append(f"{name}: no prompt is given for the task {task}")
            continue
        rewriter = _Rewriter(written)
        try:
            article = discover.read(ArticleFile(name, str(samples / name)))
            source = as_asked_before(spec, prepare(article), lambda call: call.request.key in by_key, lambda: True)
            outcome = carry_out(
                spec,
                source,
                lambda call, _: rewriter.ask(call, article),  # noqa: B023
                rounds=max((place[3] for place in written if place[:3] == (name, task, "repair")), default=0),
                is_stored=lambda call: rewriter.has_reply(call, article.name),  # noqa: B023
            ).outcome
        except ArticleError as error:
            problems.append(f"{name}: {error}")
            continue
        if outcome.reason is not None:
            problems.append(f"{name}, {task}: {outcome.reason.message}")
            continue
        unasked = [e for e in old if (e.article, e.task, e.role) == (name, task, "repair") and e not in rewriter.used]
        problems += [f"{name}, {task}: {problem}" for problem in sentences(outcome.invalid)]
        problems += [f"{name}, {task}: repair {exchange.round} is no longer requested" for exchange in unasked]
        changed += _put(folder, by_key, rewriter.used, outcome.exchanges, problems)
    return changed, problems


def _put(
    folder: Path,
    by_key: Mapping[str, Exchange],
    used: Sequence[Exchange],
    fresh: Sequence[Exchange],
    problems: list[str],
) -> int:
    """Write changed recordings and remove those that they replace; returns how many were written."""
    changed = [exchange for exchange in fresh if by_key.get(exchange.key) != exchange]
    occupied = [e for e in changed if e.key in by_key and by_key[e.key].origin != "handwritten"]
    if occupied:
        problems.append(
            f"{occupied[0].article}, {occupied[0].task}: a recording of another origin already has this key"
        )
        return 0
    for exchange in changed:
        recordings.write(folder, exchange)
    for exchange in used:
        if exchange.key not in {new.key for new in fresh}:
            recordings.path_of(folder, exchange.key).unlink()
    return len(changed)


EDITABLE: tuple[Origin, ...] = ("handwritten", "altered")
"""Origins of recordings that a person may edit. All others hold replies of a service."""


def seal(folder: Path) -> tuple[int, list[ConfigError]]:
    """Renew the checksums of the recordings in ``folder`` that a person wrote or edited.

    Returns how many were written, and an error for each recording that is damaged or was edited and has another
    origin: these are never sealed, because their checksum shows that nobody edited them.
    """
    written = 0
    problems: list[ConfigError] = []
    for path in recordings.paths(folder):
        try:
            exchange = recordings.load(path, edited=True).exchange
            if exchange.origin in EDITABLE:
                written += recordings.write_at(path, exchange)
            else:
                recordings.read(path)
        except ConfigError as error:
            problems.append(error)
    return written, problems


def write_by_hand(path: Path, texts: Sequence[str], spec: TaskSpec, folder: Path, *, on: str) -> list[Path]:
    """Write recordings of ``texts`` as the replies to one task about the article at ``path``, dated ``on``.

    The first text is the answer (one per part for a long article); each further text is the reply to the next request,
    a second attempt after an invalid answer or a repair. Returns the paths. Raises `ConfigError` when an answer is not
    accepted, or when the number of texts is not the number of requests.
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
        raise ConfigError(f"{path.name}: text number {len(made) + 1} does not answer any request")
    if done.outcome.answer is None and done.outcome.reason is not None:
        raise ConfigError(f"{path.name}: {done.outcome.reason.message}")
    if done.outcome.invalid:
        raise ConfigError(f"the answer for {path.name} is not accepted: {'; '.join(sentences(done.outcome.invalid))}")
    return [recordings.write(folder, exchange) for exchange in made]


def _not_enough(call: Call, name: str, spec: TaskSpec, source: Source, made: Sequence[Exchange]) -> str:
    """Why ``call`` is requested after the last text: the article has more parts, or the last text was rejected."""
    all_parts = parts(spec, source)
    written = sum(exchange.role in ("ask", "part") for exchange in made)
    if call.role == "part":
        return f"{name} needs more parts: it is requested in {len(all_parts)} parts, and there are texts for {written}"
    try:
        read_answer(spec, source, all_parts[written - 1], made[-1])
    except ReplyRejected as rejected:
        return f"the answer for {name} is not accepted: {'; '.join(rejected.problems)}"
    raise AssertionError("an accepted answer is requested again")


def write_schemas(folder: Path) -> list[Path]:
    """Write the schema file of each task's newest prompt from the classes in `core.answers`. Returns changed files."""
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
    """Write the digests of new prompts to ``released.json``. Returns their names; released digests never change."""
    path = folder / "released.json"
    pinned: dict[str, str] = json.loads(prompts.text_of(path)) if path.exists() else {}
    new = {prompt.name: prompt.sha256 for prompt in prompts.PromptLibrary() if prompt.name not in pinned}
    path.write_text(json.dumps({**pinned, **new}, indent=1, sort_keys=True) + "\n", "utf-8")
    return sorted(new)
