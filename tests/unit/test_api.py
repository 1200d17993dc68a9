"""The Python API: `summarize`, `translate` and `run` return a record for every article and raise for anything else."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import dragoman
from dragoman import Record, Run, Settings, run, summarize, translate
from dragoman.errors import (
    BudgetReached,
    ConfigError,
    DragomanError,
    ProviderError,
    RecordingMissing,
    StoreError,
)
from tests.support.commands import RECORDINGS, SAMPLES, articles, records, text, without_waits
from tests.support.service import SERVER_ERROR, UNAUTHORIZED, Answer, MaxTokens, Refusal, Reset, Service

REPLAY = Settings(provider="replay", recordings=RECORDINGS)
SAMPLE = SAMPLES / "es-embalse.md"


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


def settings(service: Service, store: Path, **more: Any) -> Settings:
    return Settings(base_url=service.url, store=store, **more)


def test_the_package_exports_exactly_its_public_names() -> None:
    """``from dragoman import …`` offers exactly the names that the package documents."""
    assert set(dragoman.__all__) == {
        "DragomanError", "Record", "Run", "Settings", "__version__", "run", "summarize", "translate",
    }  # fmt: skip
    for name in dragoman.__all__:
        assert getattr(dragoman, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        dragoman.nonsense  # noqa: B018  # the access is the test


@pytest.mark.parametrize("given", [SAMPLE, str(SAMPLE)], ids=["a Path", "a string"])
def test_a_path_is_read_from_disk(given: Path | str) -> None:
    """A string path and a `Path` both give the record of the file, with the source inline."""
    record = summarize(given, REPLAY)
    assert isinstance(record, Record)
    assert record.status in ("ok", "flagged")
    assert record.article.name == "es-embalse.md"
    assert record.summary is not None
    assert record.source is not None
    assert record.source.text is not None
    assert record.translation is None


def test_a_translation_has_a_text_for_each_paragraph() -> None:
    """`translate` performs the translation task, whatever tasks the settings name."""
    record = translate(SAMPLE, REPLAY.model_copy(update={"tasks": ("summary",)}))
    assert record.translation is not None
    assert record.source is not None
    assert record.summary is None
    assert len(record.translation.paragraphs) == len(record.source.paragraphs)


@pytest.mark.parametrize(
    "given",
    [
        text(1),
        text(1).replace("\n", " "),
        text(1).replace("\n", " ") * 3,
        "亚马逊宣布再投资四十亿美元。" * 20,
        "Hôm qua chính quyền công bố số liệu mới.",
        text(1) + "\x00",
        "một dòng\x00hai dòng công bố số liệu",
        "/" + "bài báo về cảng biển " * 10,
    ],
    ids=[
        "an article", "one line", "one long line", "one line of Han", "one sentence", "with a NUL",
        "one line with a NUL", "like a path",
    ],
)  # fmt: skip
def test_any_other_string_is_the_article_itself(given: str, service: Service, store_path: Path) -> None:
    """Text of any length and shape is taken as an article and never causes an error of the file system."""
    record = summarize(given, settings(service, store_path))
    assert record.article.name == "text"
    assert record.source is not None
    assert record.status == "ok"
    assert service.paid == 1


def test_the_same_text_and_file_are_paid_for_once(tmp_path: Path, service: Service, store_path: Path) -> None:
    """Articles are compared by their bytes: text, string path and Path share one reply."""
    (tmp_path / "a.txt").write_text(text(1), "utf-8")
    for given in (text(1), tmp_path / "a.txt", str(tmp_path / "a.txt")):
        assert summarize(given, settings(service, store_path)).status == "ok"
    assert service.paid == 1


@pytest.mark.parametrize(
    ("behaviours", "status", "code"),
    [
        ((Refusal(),), "refused", "refused"),
        ((Answer("no"), Answer("no")), "failed", "invalid"),
        ((MaxTokens(), MaxTokens()), "truncated", "truncated"),
        ((SERVER_ERROR,) * 9, "failed", "provider_error"),
        ((Reset("mid-body"),) * 9, "failed", "provider_error"),
    ],
    ids=["refused", "invalid", "truncated", "500", "reset"],
)
def test_whatever_happens_to_an_article_is_a_record(
    behaviours: tuple[Any, ...],
    status: str,
    code: str,
    store_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A refusal, a bad answer or a service that fails for this article raises no exception."""
    without_waits(monkeypatch)
    with Service(script=behaviours) as service:
        record = summarize(text(1), settings(service, store_path))
    assert (record.status, record.reason and record.reason.code) == (status, code)


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [("", "skipped", "empty"), ("The port was opened on Monday. Ships arrived all day long.", "skipped", "english")],
)
def test_an_article_that_needs_no_request_gets_a_record_without_credentials(given: str, status: str, code: str) -> None:
    """An article that is skipped gets its record even if no credentials are set."""
    record = summarize(given, REPLAY)
    assert (record.status, record.reason and record.reason.code) == (status, code)


def test_only_what_would_end_a_command_raises(tmp_path: Path, store_path: Path) -> None:
    """Only errors with exit code 2, 4, 5, 6 or 7 are raised, each as a DragomanError of its branch with that
    exit code.
    """
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(b"no database" * 500)
    with Service(script=lambda *_: UNAUTHORIZED) as service:
        cases: list[tuple[type[DragomanError], int, Any, Settings]] = [
            (ConfigError, 2, tmp_path / "nowhere.txt", REPLAY),
            (ConfigError, 2, tmp_path, REPLAY),
            (ConfigError, 2, text(1), Settings(provider="replay")),
            (ConfigError, 2, text(1), REPLAY.model_copy(update={"prompts": ("summary/v99",)})),
            (ProviderError, 4, text(1), settings(service, store_path)),
            (ProviderError, 4, text(1), Settings(store=store_path)),
            (BudgetReached, 5, text(1), settings(service, store_path, max_cost=Decimal("0.0001"))),
            (RecordingMissing, 6, text(1), REPLAY),
            (StoreError, 7, text(1), settings(service, damaged)),
        ]
        for kind, code, given, chosen in cases:
            with pytest.raises(kind) as raised:
                summarize(given, chosen)
            assert raised.value.exit_code == code
            assert str(raised.value)
    assert damaged.read_bytes() == b"no database" * 500


def test_a_run_returns_its_counts_its_outcome_and_the_facts_of_run_json(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """`run` does what the command does, without printing. It accepts strings and Paths."""
    folder = articles(tmp_path / "in", 3)
    done = run([str(folder)], str(tmp_path / "out"), settings(service, store_path))
    assert isinstance(done, Run)
    assert (done.exit_code, done.ended_by, dict(done.counts.statuses)) == (0, None, {"ok": 3})
    assert done.facts.requests_sent == 3
    assert len(records(tmp_path / "out")) == 3
    again = run([folder / "a00.txt"], tmp_path / "out", settings(service, store_path), fresh=True, strict=True)
    assert again.facts.stored_replies_used == 1
    assert len(records(tmp_path / "out")) == 1
    limited = run([folder], tmp_path / "out", settings(service, store_path), limit=2)
    assert limited.facts.articles == 2


def test_a_run_raises_before_anything_is_sent_and_reports_the_rest(tmp_path: Path, store_path: Path) -> None:
    """A missing path raises before anything is sent; an unusable service is reported in the returned Run."""
    with Service(script=lambda *_: UNAUTHORIZED) as service:
        with pytest.raises(ConfigError):
            run([tmp_path / "nowhere"], tmp_path / "out", settings(service, store_path))
        assert service.ledger == ()
        done = run([articles(tmp_path / "in", 2)], tmp_path / "out", settings(service, store_path))
    assert done.exit_code == 4
    assert isinstance(done.ended_by, ProviderError)
    assert dict(done.counts.statuses) == {"pending": 2}


def test_settings_come_from_environment_and_file_when_none_are_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`summarize(path)` without settings loads the same settings as the command."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRAGOMAN_PROVIDER", "replay")
    (tmp_path / "dragoman.toml").write_text(f'recordings = "{RECORDINGS}"\n')
    assert summarize(SAMPLE).summary is not None
    assert translate(SAMPLE).translation is not None
    assert run([SAMPLE], tmp_path / "out").exit_code == 0


def test_a_file_a_pipe_and_the_python_api_give_the_same_bytes(tmp_path: Path) -> None:
    """The record that the function returns is the record that the command prints."""
    from tests.support.commands import REPLAY as OPTIONS
    from tests.support.commands import here

    printed = here("summarize", SAMPLE, *OPTIONS).stdout
    assert summarize(SAMPLE, REPLAY).to_json() + "\n" == printed


def test_settings_refuse_unknown_names() -> None:
    """A misspelled name is an error, and settings cannot be changed afterwards."""
    wrong: dict[str, Any] = {"concurency": 3}
    with pytest.raises(ValueError, match="concurency"):
        Settings(**wrong)
    with pytest.raises(ValueError, match="frozen"):
        REPLAY.model = "another"  # type: ignore[misc]  # frozen is the test
