"""A recording is an exchange as a file: the same letters, the same key, and a clear word when it is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dragoman import recordings
from dragoman.errors import ConfigError
from dragoman.exchange import Exchange
from dragoman.recordings import Recordings
from tests.building import exchange_of, request_of

ANY_TEXT = st.text(st.characters(codec="utf-8"))


@settings(deadline=None, max_examples=40, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(body="\u2028 \0 🧭 \r\n", user="đ", article="../../etc/passwd\n")
@given(body=ANY_TEXT, user=ANY_TEXT, article=ANY_TEXT)
def test_what_is_written_is_read_again_letter_for_letter(tmp_path: Path, body: str, user: str, article: str) -> None:
    """Recording and exchange are the same thing; nothing but the key has a say in the file's name."""
    exchange = exchange_of(request_of(user), body=body, article=article, cost_usd="0.01", parent="x1:p", round=2)
    path = recordings.write(tmp_path, exchange)
    assert path == tmp_path / f"x1-{exchange.key[3:]}.json"
    assert recordings.read(path) == exchange
    assert Recordings(tmp_path).find(exchange.key) == exchange


def test_a_recording_can_be_read_by_people(tmp_path: Path) -> None:
    """Letters stand as letters, one value a line, and the file ends with a line end."""
    text = recordings.write(tmp_path, exchange_of(request_of("Ngân hàng đã giữ"))).read_text("utf-8")
    assert '"content": "Ngân hàng đã giữ"' in text
    assert text.endswith("}\n")


def test_half_written_files_are_no_recordings(tmp_path: Path) -> None:
    """What a killed writer leaves behind does not stop a replay."""
    exchange = exchange_of()
    recordings.write(tmp_path, exchange)
    (tmp_path / ".dragoman-x.part").write_text('{"schema":')
    assert list(Recordings(tmp_path)) == [exchange]


def _edited(change: Callable[[dict[str, Any]], object]) -> Callable[[str], str]:
    def edit(text: str) -> str:
        value = json.loads(text)
        change(value)
        return json.dumps(value)

    return edit


UNUSABLE: dict[str, Callable[[str], str]] = {
    "not JSON": lambda text: text[:-20],
    "empty": lambda text: "",
    "a list": lambda text: "[]",
    "a number": lambda text: "1",
    "brackets without end": lambda text: "[" * 100_000,
    "another schema": _edited(lambda value: value.update(schema="dragoman.exchange/2")),
    "without a body": _edited(lambda value: value.pop("body")),
    "a body that is no text": _edited(lambda value: value.update(body={"content": []})),
    "without messages": _edited(lambda value: value["request"].pop("messages")),
    "two messages": _edited(lambda value: value["request"]["messages"].append({"role": "user", "content": "x"})),
    "an origin that there is not": _edited(lambda value: value.update(origin="guessed")),
    "an endpoint that there is not": _edited(lambda value: value.update(endpoint="elsewhere")),
    "a role that there is not": _edited(lambda value: value.update(role="helper")),
    "a price that is no amount": _edited(lambda value: value.update(cost_usd="cheap")),
    "retries that say no seconds": _edited(lambda value: value.update(retries=[{"why": "429"}])),
    "attempts that are no number": _edited(lambda value: value.update(attempts="two")),
    "an edited article": _edited(lambda value: value["request"]["messages"][0].update(content="another")),
    "an edited system part": _edited(lambda value: value["request"].update(system="Obey.")),
    "an edited model": _edited(lambda value: value["request"].update(model="claude-haiku-5-5")),
    "an edited output limit": _edited(lambda value: value["request"].update(max_tokens=1)),
    "an edited key": _edited(lambda value: value.update(key="x1:0")),
}


@pytest.mark.parametrize("spoil", UNUSABLE.values(), ids=UNUSABLE)
def test_a_recording_that_is_none_is_named_and_refused(tmp_path: Path, spoil: Callable[[str], str]) -> None:
    """Before anything is replayed: which file, and why. The key is derived again, not believed."""
    path = recordings.write(tmp_path, exchange_of())
    path.write_text(spoil(path.read_text("utf-8")), "utf-8")
    with pytest.raises(ConfigError, match=path.name):
        Recordings(tmp_path).find("x1:any")


def test_without_a_folder_there_is_no_replay(tmp_path: Path) -> None:
    """The place is named."""
    with pytest.raises(ConfigError, match="nowhere"):
        Recordings(tmp_path / "nowhere").find("x1:any")


def test_a_child_is_found_by_its_place(tmp_path: Path) -> None:
    """By parent, role and round, whatever its wording."""
    child = exchange_of(request_of("again"), role="reask", parent="x1:p", round=1)
    recordings.write(tmp_path, child)
    library = Recordings(tmp_path)
    assert library.find_child("x1:p", "reask", 1) == child
    assert library.find_child("x1:p", "reask", 2) is None
    assert library.find_child("x1:p", "repair", 1) is None


def test_the_newest_child_of_a_place_is_played_as_the_store_would(tmp_path: Path) -> None:
    """Two wordings of one re-ask: the later reply counts, not the one whose digest sorts last."""
    made = [
        exchange_of(
            request_of(f"again {n}"), role="reask", parent="x1:p", round=1, created_at=f"2026-11-2{n}T00:00:00Z"
        )
        for n in range(5)
    ]
    by_name = sorted(made, key=lambda exchange: exchange.key)
    newest = replace(by_name[0], created_at="2026-12-01T00:00:00Z")
    for exchange in (newest, *by_name[1:]):
        recordings.write(tmp_path, exchange)
    assert Recordings(tmp_path).find_child("x1:p", "reask", 1) == newest


DIFFERENCES: dict[str, tuple[dict[str, Any], str]] = {
    "model": ({"model": "claude-haiku-5-5"}, "it differs in model"),
    "prompt": ({"system": "You read well."}, "the prompt's system part"),
    "article": ({"user": "read that"}, "the article or the prompt's user part"),
    "schema": ({"schema": {}}, "it differs in schema"),
    "several": ({"effort": "low", "max_tokens": 5}, "it differs in max_tokens, effort"),
}


@pytest.mark.parametrize(("change", "told"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_what_is_missing_names_the_nearest_recording_and_what_differs(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    """So that a person sees at once whether to record again or to pass another model or prompt."""
    near = exchange_of(request_of())
    for exchange in (near, exchange_of(request_of("far"), article="b.txt"), exchange_of(request_of("f"), parent="p")):
        recordings.write(tmp_path, exchange)
    wanted = replace(near.request, **change)
    error = Recordings(tmp_path).missing(wanted, article="a.txt", task="summary", prompt="summary/v1")
    assert told in str(error)
    assert recordings.path_of(tmp_path, near.key).name in str(error)
    assert wanted.key[:15] in str(error)


def test_what_is_missing_altogether_says_so(tmp_path: Path) -> None:
    """No recording of the article: none is offered as near."""
    recordings.write(tmp_path, exchange_of(article="b.txt"))
    error = Recordings(tmp_path).missing(request_of("other"), article="a.txt", task="summary", prompt="summary/v1")
    assert "no recording of this article" in str(error)


def test_the_samples_are_sound() -> None:
    """Every recording that ships is read, is marked as handwritten and has no price."""
    exchanges = list(Recordings(Path(__file__).parents[1] / "samples" / "recordings"))
    assert exchanges
    assert all(isinstance(e, Exchange) and (e.origin, e.cost_usd) == ("handwritten", None) for e in exchanges)
