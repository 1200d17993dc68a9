"""The users of an asker call its methods and never look at its class; every kind of asker has all methods."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dragoman.asking.ask import LiveAsker
from dragoman.asking.asker import Asker
from dragoman.asking.budget import Budget
from dragoman.asking.replay import ReplayAsker
from dragoman.core.exchange import Exchange
from dragoman.store.recordings import Recordings
from dragoman.store.sqlite.store import Store
from tests.support import paths
from tests.support.builders import (
    MODEL,
    Scripted,
    article_of,
    call_of,
    exchange_of,
    hasty,
    message,
    quick_limiter,
    summary_of,
)

SOURCES = paths.SOURCES
GOOD = message(summary_of())
CALL = call_of()


@pytest.fixture
def store(store_path: Path) -> Iterator[Store]:
    with Store(store_path) as opened:
        yield opened


def live(store: Store, *script: str, multiplier: str = "1") -> LiveAsker:
    provider = Scripted(list(script), price_multiplier=Decimal(multiplier))
    return LiveAsker(store, provider, MODEL, Budget(), hasty(), limiter=quick_limiter())


def class_checks(tree: ast.AST) -> Iterator[str]:
    """Names of askers whose class the code looks at: `isinstance`, `issubclass`, `type`, a class pattern."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("isinstance", "issubclass")
        ):
            yield from (name.id for name in ast.walk(node.args[1]) if isinstance(name, ast.Name))
        elif isinstance(node, ast.Compare):
            sides = (node.left, *node.comparators)
            if any(
                isinstance(side, ast.Call) and isinstance(side.func, ast.Name) and side.func.id == "type"
                for side in sides
            ):
                yield from (side.id for side in sides if isinstance(side, ast.Name))
        elif isinstance(node, ast.MatchClass) and isinstance(node.cls, ast.Name):
            yield node.cls.id


@pytest.mark.parametrize(
    "code",
    [
        "isinstance(a, LiveAsker)",
        "isinstance(a, LiveAsker | None)",
        "issubclass(type(a), (int, ReplayAsker))",
        "type(a) is StoredReplyAsker",
        "match a:\n    case LiveAsker():\n        pass",
    ],
)
def test_class_checks_are_found(code: str) -> None:
    """So the test below can fail."""
    assert any(name.endswith("Asker") for name in class_checks(ast.parse(code)))


def test_no_module_looks_at_the_class_of_an_asker() -> None:
    """The protocol has everything that users of an asker need, so another kind of asker needs no change elsewhere."""
    checks = {
        f"{path.relative_to(SOURCES)}: {name}"
        for path in SOURCES.rglob("*.py")
        for name in class_checks(ast.parse(path.read_text("utf-8")))
        if name.endswith("Asker")
    }
    assert checks == set()


def test_both_kinds_are_askers(store: Store, tmp_path: Path) -> None:
    """mypy checks it as well: each has every member, so a `Session` may hold either."""
    askers: list[Asker] = [live(store, GOOD), ReplayAsker(Recordings(tmp_path))]
    members = {name for name in vars(Asker) if not name.startswith("_")} | set(Asker.__annotations__)
    assert {"counters", "ask", "stored_reply", "buys", "finish"} <= members
    for asker in askers:
        assert all(hasattr(asker, name) for name in members)


def test_a_live_asker_reports_what_its_parts_know(store: Store) -> None:
    """Its provider's prices, its limiter's limits, and the replies of this server in the store."""
    asker = live(store, GOOD, multiplier="1.1")
    article = article_of()
    assert (asker.buys, asker.price_multiplier, asker.has_reply(CALL)) == (True, Decimal("1.1"), False)
    assert asker.worst_case(CALL) is not None
    assert (asker.earlier_asks(article.sha256), asker.recent_replies(10)) == ([], [])
    asker.ask(CALL, article)
    assert asker.has_reply(CALL)
    assert [ask.task for ask in asker.earlier_asks(article.sha256)] == ["summary"]
    assert len(asker.recent_replies(10)) == 1
    assert not asker.asked_elsewhere(article.sha256, "summary")
    assert asker.was_asked_about(article)
    assert not asker.was_asked_about(article_of("Một bài khác.", name="b.txt"))
    assert asker.limits() == asker.limiter.report()
    assert (asker.waiting_for, asker.rescued_to, asker.refreshed_after) == (None, None, None)


def test_the_store_is_searched_once_for_an_answer_of_the_server(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run asks this for every article until the server has answered; an answer in this run needs no search."""
    searches: list[object] = []
    real = Store.newest_answers

    def counted(*given: Any) -> list[Exchange]:
        searches.append(given)
        return real(*given)

    monkeypatch.setattr(Store, "newest_answers", counted)
    asker = live(store, GOOD)
    prompts = [CALL.prompt.sha256]
    assert [asker.has_answered(prompts) for _ in range(3)] == [False] * 3
    assert len(searches) == 1
    asker.ask(CALL, article_of())
    assert asker.has_answered(prompts)
    assert len(searches) == 1
    assert live(store).has_answered(prompts)


@pytest.mark.parametrize(("junk", "answered"), [(9, True), (10, False)])
def test_the_newest_ten_replies_of_a_server_are_examined_for_a_readable_one(
    junk: int, store: Store, *, answered: bool
) -> None:
    """Each look-up parses a whole reply, and a server that sent nothing but other pages has not answered."""
    for body in (GOOD, *["<html>"] * junk):
        exchange = exchange_of(CALL.request, body=body, prompt_sha256=CALL.prompt.sha256)
        store.settle(store.save(exchange), None, None)
    assert live(store).has_answered([CALL.prompt.sha256]) is answered


def test_an_asker_without_a_limiter_allows_a_thousand_requests_in_flight(store: Store) -> None:
    """As many as threads ask: the user's own thread pool is the limit."""
    assert LiveAsker(store, Scripted([GOOD]), MODEL, Budget(), hasty()).limiter.limit == 1000
