"""The log for pipelines: whole lines, in the order of their times."""

from __future__ import annotations

import json
import threading
from datetime import datetime

import pytest

from dragoman.cli.json_log import JsonLog, event_line


def test_an_event_has_its_name_a_time_in_utc_and_its_facts() -> None:
    """ISO 8601 with microseconds; texts are not escaped."""
    line = event_line("article", name="bài-01.txt", cost_usd=None)
    event = json.loads(line)
    assert list(event) == ["event", "at", "name", "cost_usd"]
    assert datetime.fromisoformat(event["at"]).utcoffset() is not None
    assert "bài-01.txt" in line


def test_lines_of_several_threads_stay_whole_and_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    """Eight threads write 50 events each."""
    log = JsonLog()

    def write(number: int) -> None:
        for count in range(50):
            log.line("article", thread=number, count=count)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert len(events) == 400
    assert [event["at"] for event in events] == sorted(event["at"] for event in events)
    for number in range(8):
        assert [event["count"] for event in events if event["thread"] == number] == list(range(50))


def test_an_outage_is_an_event_of_its_own_and_anything_else_of_the_limiter_is_a_refusal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The names of events and fields are part of the format."""
    log = JsonLog()
    log._on_limit({"seconds": 1.0, "outage": "opened", "why": "529"})
    log._on_limit({"seconds": 2.0, "pause": 1.0, "in_flight_at_most": 2})
    outage, refused = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (outage["event"], outage["state"], outage["why"]) == ("outage", "opened", "529")
    assert (refused["event"], refused["pause"], refused["in_flight_at_most"]) == ("refused", 1.0, 2)
