"""What a session takes from the settings: how many articles at once, how long to wait, where requests go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dragoman.asking.purchase import utc_now
from dragoman.config import Settings
from dragoman.runs.session import open_session, timing_of
from tests.support import paths

RECORDINGS = paths.SAMPLES / "recordings"


@dataclass(frozen=True)
class Kind:
    settings: dict[str, Any]
    workers: int
    where: str
    buys: bool


KINDS = {
    "replay": Kind({"provider": "replay", "recordings": RECORDINGS}, 4, "recordings", False),
    "replay with a number": Kind(
        {"provider": "replay", "recordings": RECORDINGS, "concurrency": 9}, 9, "recordings", False
    ),
    "the service": Kind({}, 64, "anthropic", True),
    "a custom server": Kind({"base_url": "http://127.0.0.1:9", "concurrency": 3}, 3, "http://127.0.0.1:9", True),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_as_many_articles_are_in_work_as_requests_may_be_in_flight(
    kind: Kind, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In replay there are four threads, which wait for the disk in turn: recordings keep only one core busy."""
    monkeypatch.delenv("ANTHROPIC_BASE_URL", raising=False)
    with open_session(Settings(store=store_path, **kind.settings)) as session:
        assert (session.workers, session.destination, session.asker.buys) == (kind.workers, kind.where, kind.buys)


def test_a_run_and_its_requests_wait_as_long_as_the_settings_say() -> None:
    """A pause for which the service names no time lasts one second."""
    timing = timing_of(Settings(attempts=3, patience=77.0))
    assert (timing.policy.attempts, timing.policy.total_seconds, timing.policy.sleep) == (3, 77.0, None)
    assert (timing.waits.patience, timing.default_pause, timing.now) == (77.0, 1.0, utc_now)
