"""Askers that never send anything: recordings, and the stored replies of one record."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from dragoman.asking.replay import ReplayAsker, StoredReplyAsker
from dragoman.errors import RecordingMissing, StoreError
from dragoman.store.recordings import Recordings
from dragoman.store.recordings import write as write_recording
from tests.support.builders import article_of, call_of, exchange_of, message, source_of, summary_of

CALL = call_of()
ARTICLE = article_of()
GOOD = message(summary_of())


def replay(folder: Path) -> ReplayAsker:
    return ReplayAsker(Recordings(folder))


def test_replay_buys_nothing_and_has_nothing_to_report(tmp_path: Path) -> None:
    """It has no price, no limits, no earlier requests and nothing rescued. It never calls back, and it returns an error
    unchanged.
    """
    asker = replay(tmp_path)
    asker.on_limit(lambda _: pytest.fail("called"))
    asker.on_rescue(lambda *_: pytest.fail("called"))
    assert (asker.buys, asker.price_multiplier, asker.refreshed_after) == (False, Decimal(1), None)
    assert (asker.waiting_for, asker.rescued_to) == (None, None)
    reported: list[object] = [asker.worst_case(CALL), asker.limits()]  # type: ignore[func-returns-value]
    assert reported == [None, None]
    assert (asker.earlier_asks("0" * 64), asker.recent_replies(10)) == ([], [])
    assert not asker.asked_elsewhere("0" * 64, "summary")
    error = StoreError("the disk is full")
    assert asker.finish(error) is error
    assert asker.finish(None) is None


def test_replay_knows_which_requests_are_recorded(tmp_path: Path) -> None:
    write_recording(tmp_path, exchange_of(CALL.request, body=GOOD))
    asker = replay(tmp_path)
    assert asker.has_reply(CALL)
    assert not asker.has_reply(call_of(source=source_of(["Bài khác."])))
    assert asker.has_answered([])


def test_replay_knows_only_what_is_recorded(tmp_path: Path) -> None:
    """Any other request is an error that names the nearest recording, also with ``fresh``. A re-ask is found by its
    place.
    """
    write_recording(tmp_path, exchange_of(CALL.request, article=ARTICLE.name))
    reask = replace(CALL, role="reask", round=1, parent=CALL.request.key)
    write_recording(
        tmp_path, exchange_of(replace(CALL.request, user="as it was"), role="reask", round=1, parent=CALL.request.key)
    )
    asker = ReplayAsker(Recordings(tmp_path))
    assert asker.ask(CALL, ARTICLE, fresh=True).exchange.request == CALL.request
    assert asker.ask(replace(reask, request=call_of(source=source_of(["ba"])).request), ARTICLE).exchange.round == 1
    with pytest.raises(RecordingMissing, match="differs in the article"):
        asker.ask(call_of(source=source_of(["một hai ba"])), ARTICLE)


def test_the_exchanges_behind_a_record_are_returned_in_order() -> None:
    """They are returned whatever the wording is now. Exchanges that are no longer needed are passed over, and an absent
    one is reported missing.
    """
    made = [
        exchange_of(task=task, role=role, round=number)
        for task, role, number in (("summary", "ask", 0), ("summary", "reask", 1), ("translation", "ask", 0))
    ]
    reask = replace(CALL, role="reask", round=1)
    translation = replace(CALL, task="translation")
    asker = StoredReplyAsker(made)
    assert asker.ask(CALL, ARTICLE).exchange is made[0]
    assert asker.ask(translation, ARTICLE).exchange is made[2]
    with pytest.raises(RecordingMissing):
        asker.ask(reask, ARTICLE)
