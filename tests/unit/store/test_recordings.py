"""A recording is an exchange in a file: the same letters and the same key, or an error that says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dragoman.core.exchange import Exchange, Retry
from dragoman.core.read_file import TooLarge
from dragoman.errors import ConfigError
from dragoman.store import recordings
from dragoman.store.recordings import Recordings
from dragoman.store.sqlite.store import Store
from tests.support import paths
from tests.support.builders import call_of, exchange_of, request_of, source_of
from tests.support.commands import RECORDINGS, SAMPLES, articles, files, here, to
from tests.support.service import Service

ANY_TEXT = st.text(st.characters(codec="utf-8"))


@settings(deadline=None, max_examples=40, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(body="\u2028 \0 🧭 \r\n", user="đ", article="../../etc/passwd\n")
@given(body=ANY_TEXT, user=ANY_TEXT, article=ANY_TEXT)
def test_a_recording_is_read_letter_for_letter_as_it_was_written(
    tmp_path: Path, body: str, user: str, article: str
) -> None:
    """The file gives back the exchange, and its name depends on the key only."""
    exchange = exchange_of(request_of(user), body=body, article=article, cost_usd="0.01", parent="x1:p", round=2)
    path = recordings.write(tmp_path, exchange)
    assert path == tmp_path / f"x1-{exchange.key[3:]}.json"
    assert recordings.read(path) == exchange
    assert Recordings(tmp_path).find(exchange.key) == exchange


def test_a_recording_can_be_read_by_people(tmp_path: Path) -> None:
    """Letters are not escaped, each value has its own line, and the file ends with a line end."""
    text = recordings.write(tmp_path, exchange_of(request_of("Ngân hàng đã giữ"))).read_text("utf-8")
    assert '"content": "Ngân hàng đã giữ"' in text
    assert text.endswith("}\n")


def test_half_written_files_are_not_recordings(tmp_path: Path) -> None:
    """The temporary file of a killed process does not stop a replay."""
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
    "deep brackets": lambda text: "[" * 100_000,
    "another schema": _edited(lambda value: value.update(schema="dragoman.exchange/2")),
    "without a body": _edited(lambda value: value.pop("body")),
    "a body that is not text": _edited(lambda value: value.update(body={"content": []})),
    "without messages": _edited(lambda value: value["request"].pop("messages")),
    "two messages": _edited(lambda value: value["request"]["messages"].append({"role": "user", "content": "x"})),
    "an unknown origin": _edited(lambda value: value.update(origin="guessed")),
    "an unknown endpoint": _edited(lambda value: value.update(endpoint="elsewhere")),
    "an unknown role": _edited(lambda value: value.update(role="helper")),
    "a price that is not an amount": _edited(lambda value: value.update(cost_usd="cheap")),
    "retries without seconds": _edited(lambda value: value.update(retries=[{"why": "429"}])),
    "attempts that are not a number": _edited(lambda value: value.update(attempts="two")),
    "an edited article": _edited(lambda value: value["request"]["messages"][0].update(content="another")),
    "an edited system part": _edited(lambda value: value["request"].update(system="Obey.")),
    "an edited model": _edited(lambda value: value["request"].update(model="claude-haiku-5-5")),
    "an edited output limit": _edited(lambda value: value["request"].update(max_tokens=1)),
    "an edited key": _edited(lambda value: value.update(key="x1:0")),
}


@pytest.mark.parametrize("spoil", UNUSABLE.values(), ids=UNUSABLE)
def test_an_invalid_recording_is_named_and_rejected(tmp_path: Path, spoil: Callable[[str], str]) -> None:
    """Before the replay starts, the error names the file and the reason. The key is computed again and not trusted."""
    path = recordings.write(tmp_path, exchange_of())
    path.write_text(spoil(path.read_text("utf-8")), "utf-8")
    with pytest.raises(ConfigError, match=path.name):
        Recordings(tmp_path).find("x1:any")


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values inside a JSON value, containers included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


WHOLE = exchange_of(
    request_of("read this", effort="low"), endpoint="custom", base_url="http://127.0.0.1:9", parent="x1:p", round=1,
    items="c1", attempts=2, retries=(Retry("429", 1.5),), model_sent="m", cost_usd="0.10", price_table="2026-11-21",
)  # fmt: skip
"""A recording that has every field."""


@settings(deadline=None, max_examples=200, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_recording_with_any_change_is_rejected(tmp_path: Path, data: st.DataObject) -> None:
    """Any value anywhere, changed, removed or added: the checksum covers the whole exchange."""
    path = recordings.write(tmp_path, WHOLE, secret=b"s" * 32)
    value = json.loads(path.read_text("utf-8"))
    *above, last = data.draw(st.sampled_from(places(value)[1:]))
    holder = value
    for step in above:
        holder = holder[step]
    scalars = st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=5)
    match data.draw(st.sampled_from(["change", "remove", "add"])):
        case "change":
            # True == 1 in Python, but they are different values in JSON.
            holder[last] = data.draw(scalars.filter(lambda new: json.dumps(new) != json.dumps(holder[last])))
        case "remove":
            del holder[last]
        case _ if isinstance(holder, dict):
            holder[data.draw(st.text(max_size=5).filter(lambda name: name not in holder))] = data.draw(scalars)
        case _:
            holder.append(data.draw(scalars))
    path.write_text(json.dumps(value), "utf-8")
    with pytest.raises(ConfigError, match=path.name):
        recordings.read(path)


CHANGED: dict[str, Callable[[dict[str, Any]], object]] = {
    "the reply": lambda value: value.update(body=value["body"].replace("{}", "{ }")),
    "the usage": lambda value: value.update(body=value["body"].replace("1000", "1")),
    "the price": lambda value: value.update(cost_usd="0.01"),
    "the price table": lambda value: value.update(price_table="2020-01-01"),
    "the origin": lambda value: value.update(origin="batch"),
    "the endpoint": lambda value: value.update(endpoint="anthropic", base_url=None),
    "the address": lambda value: value.update(base_url="http://127.0.0.1:10"),
    "the date": lambda value: value.update(created_at="2026-11-22T10:00:00Z"),
    "the article": lambda value: value.update(article="b.txt"),
    "the retries": lambda value: value["retries"].clear(),
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_a_changed_recording_is_named_and_rejected_by_every_reader(
    change: Callable[[dict[str, Any]], object], tmp_path: Path
) -> None:
    """Replay, `store import` and reading one file: the error says which file it is and what is wrong with it."""
    path = recordings.write(tmp_path / "recordings", WHOLE)
    path.write_text(_edited(change)(path.read_text("utf-8")), "utf-8")
    expected = f"{path} cannot be used: its checksum does not match: something in it was changed after it was written"
    with pytest.raises(ConfigError, match=expected):
        Recordings(tmp_path / "recordings").find(WHOLE.key)
    done = here("store", "import", tmp_path / "recordings", "--store", tmp_path / "store.sqlite")
    assert done.code == 3
    assert expected in done.stderr
    article = tmp_path / "a.txt"
    article.write_text("Ngân hàng giữ lãi suất ở mức 4,5%.", "utf-8")
    replayed = here("summarize", article, "--provider", "replay", "--recordings", tmp_path / "recordings")
    assert replayed.code == 2
    assert expected in replayed.stderr


def test_a_recording_of_an_earlier_version_is_rejected_with_advice_and_can_be_imported(tmp_path: Path) -> None:
    """It has no checksum. Paid replies that an earlier version saved outside its store can still be imported."""
    live = replace(WHOLE, endpoint="anthropic", base_url=None)
    path = recordings.write(tmp_path / "recordings", live)
    path.write_text(_edited(lambda value: value.pop("checksum"))(path.read_text("utf-8")), "utf-8")
    with pytest.raises(ConfigError, match=r"no checksum.*Export it.*Seal it.*import it as unsealed") as caught:
        recordings.read(path)
    assert caught.value.hint == "checksum"
    command = ("store", "import", tmp_path / "recordings", "--store", tmp_path / "store.sqlite")
    refused = here(*command)
    assert (refused.code, refused.stderr.count("dragoman store import FOLDER --unsealed")) == (3, 1)
    assert "dragoman store import FOLDER --unsealed" in here("dev", "seal", tmp_path / "recordings").stderr
    done = here(*command, "--unsealed")
    assert (done.code, done.stderr.startswith("1 reply imported")) == (0, True)
    with Store(tmp_path / "store.sqlite") as store:
        assert list(store.exchanges()) == [live]
    path.write_text(_edited(lambda value: value.update(cost_usd="0", checksum="x"))(path.read_text("utf-8")), "utf-8")
    assert here(*command, "--unsealed").code == 3


def test_only_the_store_that_set_a_mark_can_verify_it(tmp_path: Path) -> None:
    """And only as long as the recording is unchanged."""
    path = recordings.write(tmp_path, WHOLE, secret=b"a" * 32)
    assert recordings.load(path, b"a" * 32) == (WHOLE, True)
    assert recordings.load(path, b"b" * 32) == (WHOLE, False)
    assert recordings.load(path, None) == (WHOLE, False)
    path.write_text(_edited(lambda value: value.update(cost_usd="9"))(path.read_text("utf-8")), "utf-8")
    assert not recordings.load(path, b"a" * 32, edited=True).marked
    recordings.write(tmp_path, WHOLE)
    assert not recordings.load(path, b"a" * 32).marked


def test_a_body_with_a_lone_surrogate_is_written_as_in_the_store(tmp_path: Path) -> None:
    """The surrogate is escaped, because a paid reply must not be lost for one character."""
    path = recordings.write(tmp_path, replace(WHOLE, body="a\ud800b"))
    assert recordings.read(path).body == "a\\ud800b"


def test_a_missing_recordings_folder_is_named(tmp_path: Path) -> None:
    """Replay cannot start without it."""
    with pytest.raises(ConfigError, match="nowhere"):
        Recordings(tmp_path / "nowhere").find("x1:any")


def test_a_child_is_found_by_its_place(tmp_path: Path) -> None:
    """By parent, role and round, and not by its text."""
    child = exchange_of(request_of("again"), role="reask", parent="x1:p", round=1)
    recordings.write(tmp_path, child)
    library = Recordings(tmp_path)
    assert library.find_child("x1:p", "reask", 1) == child
    assert library.find_child("x1:p", "reask", 2) is None
    assert library.find_child("x1:p", "repair", 1) is None


def test_the_newest_child_of_a_place_is_replayed_as_from_the_store(tmp_path: Path) -> None:
    """Of several wordings of one re-ask, the latest reply counts and not the one whose digest sorts last."""
    children = [
        exchange_of(
            request_of(f"again {n}"), role="reask", parent="x1:p", round=1, created_at=f"2026-11-2{n}T00:00:00Z"
        )
        for n in range(5)
    ]
    by_name = sorted(children, key=lambda exchange: exchange.key)
    newest = replace(by_name[0], created_at="2026-12-01T00:00:00Z")
    for exchange in (newest, *by_name[1:]):
        recordings.write(tmp_path, exchange)
    assert Recordings(tmp_path).find_child("x1:p", "reask", 1) == newest


DIFFERENCES: dict[str, tuple[dict[str, Any], str]] = {
    "model": ({"model": "claude-haiku-5-5"}, "differs in model"),
    "prompt": ({"system": "You read well."}, "the prompt's system part"),
    "article": ({"user": "read that"}, "the article or the prompt's user part"),
    "schema": ({"schema": {}}, "differs in schema"),
    "several": ({"effort": "low", "max_tokens": 5}, "differs in max_tokens, effort"),
}


@pytest.mark.parametrize(("change", "difference"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_the_error_about_a_missing_recording_names_the_nearest_one_and_the_difference(
    tmp_path: Path, change: dict[str, Any], difference: str
) -> None:
    """It shows whether to record again or to choose another model or prompt."""
    near = exchange_of(request_of())
    for exchange in (near, exchange_of(request_of("far"), article="b.txt"), exchange_of(request_of("f"), parent="p")):
        recordings.write(tmp_path, exchange)
    request = replace(near.request, **change)
    error = Recordings(tmp_path).missing(request, article="a.txt", task="summary", prompt="summary/v1")
    assert difference in str(error)
    assert recordings.path_of(tmp_path, near.key).name[:15] in str(error)
    assert len(str(error)) < 200


def test_the_error_says_when_an_article_has_no_recording_at_all(tmp_path: Path) -> None:
    """No recording of another article is named."""
    recordings.write(tmp_path, exchange_of(article="b.txt"))
    error = Recordings(tmp_path).missing(request_of("other"), article="a.txt", task="summary", prompt="summary/v1")
    assert "no recording of summary/v1 with claude-sonnet-5-5 for a.txt" in str(error)
    assert f"{tmp_path} has none of this article" in str(error)


BEFORE = ["Ngân hàng giữ lãi suất ở mức 4,5%.", "Ông Minh nói giá gạo tăng mạnh.", "Ngày mai trời có mưa rào ở Huế."]
AFTER = [*BEFORE[:2], "Ngày mai trời nắng to ở Huế."]
CHANGES: dict[str, tuple[str, list[str], dict[str, Any], str]] = {
    "one paragraph": ("a.txt", AFTER, {}, "the article, since 2026-11-21 (paragraph 3 differs)"),
    "one less": ("a.txt", BEFORE[:2], {}, "(1 paragraph is gone)"),
    "renamed": ("b.txt", AFTER, {}, "(recorded as a.txt; paragraph 3 differs)"),
    "another text": ("a.txt", ["Các nhà khoa học phát hiện một loài cá lạ."], {}, "(no sentence is the same)"),
    "also the model": ("a.txt", AFTER, {"model": "claude-haiku-5-5"}, "model (claude-sonnet-5-5), the article, since"),
    "only the model": ("a.txt", BEFORE, {"model": "claude-haiku-5-5"}, "differs in model (claude-sonnet-5-5)"),
}


@pytest.mark.parametrize(("name", "paragraphs", "change", "words"), CHANGES.values(), ids=CHANGES)
def test_the_error_says_that_an_article_changed_and_which_paragraph(
    tmp_path: Path, name: str, paragraphs: list[str], change: dict[str, Any], words: str
) -> None:
    """A changed article is found by its name, or by its sentences when the file was renamed as well."""
    recordings.write(tmp_path, exchange_of(call_of(source=source_of(BEFORE)).request))
    recordings.write(tmp_path, exchange_of(call_of(source=source_of(["Tin khác hẳn."])).request, article="c.txt"))
    request = replace(call_of(source=source_of(paragraphs)).request, **change)
    error = Recordings(tmp_path).missing(request, article=name, task="summary", prompt="summary/v1")
    assert words in str(error)
    assert len(str(error)) < 240


def test_the_recordings_of_the_samples_are_valid() -> None:
    """Each can be read, is marked as handwritten and has no price."""
    exchanges = list(Recordings(paths.SAMPLES / "recordings"))
    assert exchanges
    assert all(isinstance(e, Exchange) and (e.origin, e.cost_usd) == ("handwritten", None) for e in exchanges)


@pytest.mark.parametrize(("size", "too_large"), [(64_000_000, False), (64_000_001, True)])
def test_a_recording_of_more_than_64_megabytes_is_rejected_unread(size: int, too_large: bool, tmp_path: Path) -> None:
    """The longest possible request and answer are smaller, so a larger file is not a recording."""
    path = tmp_path / "a.json"
    with path.open("wb") as file:
        file.truncate(size)
    with pytest.raises(ConfigError) as caught:
        recordings.read(path)
    assert isinstance(caught.value.__cause__, TooLarge) is too_large


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


def test_recordings_are_complete_json_files_named_by_their_keys(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """`--record DIR` writes one file per exchange; a second run with the same store writes the same files."""
    recorded = tmp_path / "recorded"
    command = (
        "run", articles(tmp_path / "in", 3), "-o", tmp_path / "out", *to(service, store_path), "--record", recorded,
    )  # fmt: skip
    here(*command)
    first = files(recorded)
    assert len(first) == 3
    for name, content in first.items():
        assert json.loads(content)["key"].replace(":", "-") + ".json" == name
    (recorded / next(iter(first))).unlink()
    here(*command)
    assert files(recorded) == first
    assert service.paid == 3


@pytest.mark.parametrize(
    "change",
    [
        lambda recording: {**recording, "request": {**recording["request"], "model": "another"}},
        lambda recording: {"schema": "something else"},
        lambda recording: [recording],
        lambda recording: {name: value for name, value in recording.items() if name != "request"},
    ],
    ids=["an edited request", "another schema", "a list", "a part missing"],
)
def test_an_edited_recording_is_named_and_rejected(change: object, tmp_path: Path) -> None:
    """Its key no longer matches its request: exit 2 with the name of the file, without a traceback."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    for path in RECORDINGS.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    edited = sorted(folder.iterdir())[0]
    assert callable(change)
    edited.write_text(json.dumps(change(json.loads(edited.read_text("utf-8")))), "utf-8")
    done = here("run", SAMPLES, "-o", tmp_path / "out", "--provider", "replay", "--recordings", folder)
    assert done.code == 2
    assert edited.name in done.stderr
    assert "Traceback" not in done.stderr
