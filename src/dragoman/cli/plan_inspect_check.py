"""What inspect, plan and check print: put together here so that the commands stay one screen each."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from dragoman.cli.console import counted, emit, emit_json, only_on_retry, say
from dragoman.config import Settings
from dragoman.core.article import Article
from dragoman.core.exchange import Exchange
from dragoman.core.outcome import Outcome
from dragoman.core.prices import decimal_string
from dragoman.core.record import ExchangeFacts
from dragoman.core.source import Source
from dragoman.core.visible import printable
from dragoman.errors import ConfigError, RepliesElsewhere
from dragoman.output import folder as out
from dragoman.reading import discover
from dragoman.reading.discover import ArticleFile
from dragoman.runs.plan import ASKED, Plan, planner_of
from dragoman.runs.recheck import check_again
from dragoman.runs.session import open_session, prepare
from dragoman.runs.waiting import check_has_any, check_store
from dragoman.store.recordings import Recordings
from dragoman.store.sqlite.store import Store
from dragoman.tasks.prompts import PromptLibrary
from dragoman.tasks.requests import Call, shown_tokens


def inspection(place: ArticleFile | Article, settings: Settings, *, as_json: bool) -> str:
    """What was read of an article. Raises `ArticleError` when it cannot be read."""
    article = place if isinstance(place, Article) else _read(place, settings)
    discover.check_size(article.name, article.size, settings.max_file_bytes)
    source = prepare(article)
    if as_json:
        return json.dumps(_facts(article, source), ensure_ascii=False, indent=1)
    return "\n".join(_lines(article, source))


def _read(place: ArticleFile, settings: Settings) -> Article:
    return discover.read(place, max_bytes=settings.max_file_bytes, follow_links=settings.follow_links)


def _facts(article: Article, source: Source) -> dict[str, Any]:
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
    lines = [
        f"{printable(article.name)}  ({article.media_type}, {article.size:,} bytes, id {article.id})",
        f"language {source.language}, script {source.script}; read as {source.encoding} ({source.encoding_from})",
        f"{len(source.text):,} characters, {len(source.paragraphs)} paragraphs, about {shown_tokens(source):,} tokens "
        "(paragraph numbers included)",
        *(f"note: {note}" for note in source.notes),
        "",
    ]
    for p in source.paragraphs:
        lines.append(f"{p.number:>4}  {p.start:>6}–{p.end:<6}  {source.text[p.start : p.end]}")
    lines += ["", f"{counted(len(source.steps), 'preparation step')} (offsets count in the extracted text)"]
    lines += [
        f"      {s.start:>6}–{s.end:<6}  {s.reason}: {_short(source.extracted[s.start : s.end])}" for s in source.steps
    ]
    lines.append(f"{counted(len(source.left_out), 'passage')} left out")
    lines += [f"      {item.reason}: {_short(item.text)}" for item in source.left_out]
    return lines


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return repr(one_line if len(one_line) <= 70 else one_line[:67] + "…")


def plan(
    paths: list[Path], settings: Settings, *, exact: bool, as_json: bool, folder: Path | None, buy_again: bool
) -> None:
    """Print the plan of a run, into ``folder`` where one is given: a line per article on stdout, totals on stderr.

    Raises `RepliesElsewhere`, at the end, when that run would not begin without ``buy_again``.
    """
    leave_out = [folder] if folder is not None else []
    found = discover.find(paths, leave_out=leave_out, follow_links=settings.follow_links)
    elsewhere: RepliesElsewhere | None = None
    with ExitStack() as stack:
        changed: dict[str, Any] = {"max_cost": None}
        if not settings.store_path.exists():
            # Planning makes no store: there is nothing in it anyway.
            changed["store"] = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "store.sqlite"
            if settings.provider != "replay":
                say(f"there is no store at {settings.store_path}: everything counts as new")
        session = stack.enter_context(open_session(settings.model_copy(update=changed)))
        if folder is not None:
            try:
                check_store(
                    session, folder, out.read_run(folder), found, anyway=buy_again, path=settings.store_path
                )  # fmt: skip
            except RepliesElsewhere as error:
                elsewhere = error
        count = None
        if exact:
            if session.provider is None:
                raise ConfigError("--exact asks the service: it needs --provider anthropic or bedrock")
            provider, model = session.provider, session.model

            def count(call: Call) -> int:
                return provider.count_tokens(call.request, model)

        planner = planner_of(session, count)
        totals = _Totals()
        for place in found:
            planned = planner.plan(place)
            if as_json:
                emit_json(json.dumps(_plan_facts(planned), ensure_ascii=False))
            else:
                emit(_plan_line(planned))
            totals.add(planned)
        of = f"{session.model.id} on {session.where}" if session.provider else session.where
    say(f"{counted(len(found), 'article')}, {totals.line(of)}")
    for line in totals.notes():
        say(line)
    if elsewhere is not None:
        raise elsewhere


@dataclass
class _Totals:
    """What the requests of a plan come to."""

    requests: int = 0
    shared: int = 0
    on_retry: int = 0
    """Articles of which something is asked again only on --retry."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    cost_usd: Decimal | None = Decimal(0)
    bases: Counter[str] = field(default_factory=Counter)

    def add(self, planned: Plan) -> None:
        self.on_retry += any(task.on_retry for task in planned.tasks)
        for task in planned.tasks:
            estimated = task.estimate
            self.requests += estimated.requests
            self.shared += task.shared
            self.prompt_tokens += estimated.prompt_tokens
            self.cached_tokens += estimated.cached_tokens
            self.bases[estimated.basis] += estimated.requests
            known = self.cost_usd is not None and estimated.cost_usd is not None
            self.cost_usd = (self.cost_usd or 0) + (estimated.cost_usd or Decimal(0)) if known else None

    def line(self, of: str) -> str:
        price = "price unknown" if self.cost_usd is None else f"about ${self.cost_usd:.4f}"
        return f"{counted(self.requests, 'request')} to {of}, {price}; tokens {_bases(self.bases)}"

    def notes(self) -> list[str]:
        """What is left to --retry, and what the line takes for granted: requests asked once, and the prompt cache."""
        told = []
        if self.on_retry:
            told.append(only_on_retry(self.on_retry))
        if self.shared:
            same = counted(self.shared, "more request")
            told.append(f"{same} would be the same as another article's: asked once, counted once")
        if self.cached_tokens:
            share = self.cached_tokens / self.prompt_tokens
            told.append(f"{share:.0%} of the tokens in are taken to be read from the prompt cache, if it serves")
        elif self.requests:
            told.append("no token is taken to be read from the prompt cache")
        return told


def _bases(bases: Mapping[str, int]) -> str:
    """How the tokens of the requests are known, for people."""
    told = {
        "counted": "counted by the service",
        "learned": "estimated from what was measured for this model",
        "estimated": "estimated from the script, nothing measured yet",
    }
    return "; ".join(told[basis] for basis in told if bases.get(basis)) or "none"


def _plan_line(planned: Plan) -> str:
    name = printable(planned.name)
    if planned.status is not None:
        assert planned.reason is not None
        return f"{name}  {planned.status}: {planned.reason.message}"
    parts = []
    for task in planned.tasks:
        estimated = task.estimate
        if task.why in ASKED or estimated.requests:
            cost = "price unknown" if estimated.cost_usd is None else f"${estimated.cost_usd:.4f}"
            how = "" if estimated.basis == "counted" else "about "
            tokens = f"{how}{estimated.prompt_tokens:,} tokens in, about {estimated.output_tokens:,} out"
            parts.append(f"{task.task}: ask ({task.why}), {tokens}, {cost}")
        else:
            parts.append(f"{task.task}: {task.why}")
    return f"{name}  [{planned.language}]  {'; '.join(parts)}"


def _plan_facts(planned: Plan) -> dict[str, Any]:
    return {
        "id": planned.article_id,
        "name": planned.name,
        "status": planned.status,
        "reason": planned.reason.model_dump() if planned.reason else None,
        "language": planned.language,
        "tasks": {
            task.task: {
                "why": task.why,
                "requests": task.estimate.requests,
                "requests_shared": task.shared,
                "prompt_tokens": task.estimate.prompt_tokens,
                "prompt_tokens_are": task.estimate.basis,
                "prompt_tokens_from_cache": task.estimate.cached_tokens,
                "output_tokens_estimated": task.estimate.output_tokens,
                "cost_usd": decimal_string(task.estimate.cost_usd),
            }
            for task in planned.tasks
        },
    }


def again(folder: Path, flags: dict[str, Any]) -> list[Outcome]:
    """Check a folder again with the replies it rests on, from where its last run had them or as flags say."""
    with out.changing(folder):
        return _again(folder, flags)


def _again(folder: Path, flags: dict[str, Any]) -> list[Outcome]:
    records = list(out.read_records(folder))
    settings = Settings.load(flags)
    run = out.read_run(folder)
    replayed = settings.recordings or (Path(run["recordings"]) if run.get("recordings") else None)
    library = Recordings(replayed) if replayed is not None and replayed.is_dir() else None
    path = settings.store or (Path(run["store"]) if run.get("store") else settings.store_path)
    live = any(e.origin in ("live", "batch") for record in records for e in record.exchanges)
    with ExitStack() as stack:
        store = stack.enter_context(Store(path)) if live and path.exists() else None
        if live and library is None:
            check_has_any(store, path, folder, run, records)

        def find(facts: ExchangeFacts) -> Exchange | None:
            found = library.find(facts.key) if library else None
            if store is None or (found is not None and found.created_at == facts.created_at):
                return found
            base_url = run.get("base_url") if facts.endpoint == "custom" else None
            return store.same(facts.key, facts.endpoint, facts.created_at, base_url) or found

        outcomes = check_again(
            folder, find, PromptLibrary(*settings.prompt_folders, follow_links=settings.follow_links)
        )
    lost = [outcome.error for outcome in outcomes if outcome.error]
    if lost and len(lost) == sum(bool(record.exchanges) for record in records):
        raise ConfigError(str(lost[0]))
    out.replace_records(folder, outcomes)
    return outcomes
