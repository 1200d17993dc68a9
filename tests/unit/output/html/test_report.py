"""The report as a file: what it contains, and what cannot get into it. `tests/browser` opens it in a browser."""

from __future__ import annotations

import base64
import gc
import hashlib
import re
import tracemalloc
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from dragoman.output.html import report
from dragoman.output.html.blocks import body_json, claims_json, compressed, row_json
from dragoman.output.read import read_records
from tests.support.folders import sample_folder
from tests.support.report_builders import (
    HOSTILE,
    Made,
    failed_record,
    hostile_record,
    record_of,
    unpacked,
    write_report,
)

_NOTHING_FETCHED = ("src", "href", "srcset", "action", "data", "poster", "background", "style")


_MARKUP_MADE = (
    "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser",
    "createContextualFragment", "fetch(", "XMLHttpRequest", "WebSocket", "http:", "https:", "</",
)  # fmt: skip


class _Read(HTMLParser):
    """The elements of a page, and the text of its scripts, styles and data blocks by id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[tuple[str, dict[str, str | None], str]] = []
        self._open: tuple[str, dict[str, str | None]] | None = None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = (tag, dict(attrs)) if tag in ("script", "style") else None

    def handle_data(self, data: str) -> None:
        if self._open:
            self.inside.append((*self._open, data))
            self._open = None

    @property
    def blocks(self) -> dict[str, Any]:
        """Data by the id of its block."""
        return {str(a["id"]): unpacked(text) for tag, a, text in self.inside if a.get("type") == "application/gzip"}

    @property
    def policy(self) -> str:
        return next(str(a["content"]) for tag, a in self.elements if a.get("http-equiv") == "Content-Security-Policy")


def read(path: Path) -> _Read:
    return _Read(path.read_text("utf-8"))


def test_the_policy_allows_this_script_and_this_style_and_nothing_else(tmp_path: Path) -> None:
    """By the digests of both; no address, no inline handler, no markup made by scripts."""
    page = read(write_report(tmp_path, [record_of(["x"])]))
    rules = dict(rule.strip().split(" ", 1) for rule in page.policy.split(";"))
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        (text,) = [text for name, attributes, text in page.inside if name == tag and "type" not in attributes]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules.pop(directive) == f"'sha256-{digest}'"
    assert rules == {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }


def test_nothing_is_fetched_and_nothing_leads_away(tmp_path: Path) -> None:
    """No element has an address outside the file, and no attribute has a handler."""
    page = read(write_report(tmp_path, [record_of(["x"])]))
    for tag, attributes in page.elements:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name not in _NOTHING_FETCHED or (name == "href" and str(value).startswith("#")), (tag, name, value)
    assert not {tag for tag, _ in page.elements} & {
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "audio",
        "video",
    }


def test_the_scripts_put_text_into_the_page_as_text_only() -> None:
    """None of them makes markup, code or addresses from a string."""
    for name in report.SCRIPTS:
        script = resources.files("dragoman.output.html").joinpath("assets", name).read_text("utf-8")
        for way in _MARKUP_MADE:
            assert way not in script, (name, way)


def test_every_asset_is_used() -> None:
    """The package has no file that the page does not contain."""
    there = {
        path.name for path in resources.files("dragoman.output.html").joinpath("assets").iterdir() if path.is_file()
    }
    assert there == {*report.SCRIPTS, "report.html", "report.css"}


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_no_text_of_an_article_is_in_the_file_in_plain_form(words: str, tmp_path: Path) -> None:
    """The page has the same elements for any article, and every text can be read back unchanged."""
    harmless = read(write_report(tmp_path / "harmless", [hostile_record("x")]))
    path = write_report(tmp_path / "hostile", [hostile_record(words)])
    page = read(path)
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in harmless.elements]
    assert page.policy == harmless.policy
    assert page.blocks["bodies-0"][0]["text"] == words
    assert page.blocks["claims-0"][0]["claims"][0]["text_en"] == words
    assert page.blocks["overview-block"]["rows"][0]["title"] == words
    assert all(
        re.fullmatch("[A-Za-z0-9+/=]+", text) for _, a, text in page.inside if a.get("type") == "application/gzip"
    )


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    """The file does not depend on the time, the machine or the folder."""
    made = [record_of(["một"], name="a.txt"), failed_record(), hostile_record(HOSTILE["astral"])]
    first, second = (write_report(tmp_path / name, made).read_bytes() for name in ("one", "two"))
    assert first == second


def test_data_is_embedded_once(tmp_path: Path) -> None:
    """Claims are in the blocks for search, texts in the blocks of articles, and no sentence is in both."""
    made = [record_of(["một hai ba"], name="a.txt", title_en="UNIQUE-TITLE", abstract="UNIQUE-ABSTRACT")]
    blocks = read(write_report(tmp_path, made)).blocks
    for unique in ("UNIQUE-TITLE", "UNIQUE-ABSTRACT", "một hai ba"):
        assert sum(unique in str(block) for block in blocks.values()) == 1


def _many(number: int) -> list[Made]:
    return [record_of([f"đoạn {n}"], name=f"{n}.txt") for n in range(number)]


def test_a_large_report_is_split_into_parts_with_an_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index has one row per article that names its part, and no texts."""
    monkeypatch.setattr(report, "MAX_ARTICLES", 10)
    monkeypatch.setattr(report, "CLAIMS_PER_BLOCK", 4)
    path = write_report(tmp_path, _many(25))
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "report-1.html",
        "report-2.html",
        "report-3.html",
        "report.html",
    ]
    index = read(path).blocks
    assert list(index) == ["overview-block"]
    assert index["overview-block"]["kind"] == "index"
    parts = [row["part"] for row in index["overview-block"]["rows"]]
    assert parts == ["report-1.html"] * 10 + ["report-2.html"] * 10 + ["report-3.html"] * 5
    last = read(tmp_path / "report-3.html").blocks
    assert last["overview-block"]["kind"] == "part"
    assert [row["name"] for row in last["overview-block"]["rows"]] == [f"{n}.txt" for n in range(20, 25)]
    assert [len(last[f"claims-{n}"]) for n in (0, 1)] == [4, 1]


def test_a_part_ends_when_it_gets_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only the number of articles counts."""
    monkeypatch.setattr(report, "MAX_BLOCK_CHARACTERS", 1000)
    monkeypatch.setattr(report, "BODIES_PER_BLOCK", 2)
    write_report(tmp_path, _many(12))
    assert (tmp_path / "report-2.html").exists()


def test_parts_that_are_no_longer_needed_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else is removed: a person may keep other reports here."""
    (tmp_path / "report-mine.html").write_text("mine")
    monkeypatch.setattr(report, "MAX_ARTICLES", 10)
    write_report(tmp_path, _many(25))
    write_report(tmp_path, _many(5))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["report-mine.html", "report.html"]


def test_a_report_without_articles_can_be_opened(tmp_path: Path) -> None:
    """An empty folder is no exception."""
    assert read(write_report(tmp_path, [])).blocks["overview-block"]["rows"] == []


def test_memory_does_not_grow_with_the_texts(tmp_path: Path) -> None:
    """Only one row per article stays in memory, not its text."""

    def peak(number: int) -> int:
        text = "chữ " * 50_000
        gc.collect()
        tracemalloc.start()
        write_report(tmp_path, (record_of([text], name=f"{n}.txt") for n in range(number)))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(48) < 1.5 * peak(16)


def test_two_thousand_articles_are_one_file_and_one_more_are_two(tmp_path: Path) -> None:
    """The promise of the documentation."""
    write_report(tmp_path / "fits", _many(2000))
    assert [file.name for file in (tmp_path / "fits").iterdir()] == ["report.html"]
    write_report(tmp_path / "split", _many(2001))
    assert (tmp_path / "split/report-2.html").exists()


def test_two_thousand_articles_of_the_size_of_the_samples_stay_below_30_megabytes(tmp_path: Path) -> None:
    """The blocks of so many fit into one file, with little room to spare; rows, scripts and styles come on top."""
    records = [record.to_dict() for record in read_records(sample_folder(tmp_path / "out"))]
    texts = [(tmp_path / "out" / record["source"]["file"]).read_bytes().decode() for record in records]
    claims = compressed(map(claims_json, records))
    bodies = compressed(body_json(record, text) for record, text in zip(records, texts, strict=True))
    blocks = 2000 / len(records) * (len(claims) + len(bodies))
    rows = 2000 / len(records) * len(compressed(map(row_json, records)))
    assert 0.5 * report.MAX_BLOCK_CHARACTERS < blocks < report.MAX_BLOCK_CHARACTERS
    assert report.MAX_BLOCK_CHARACTERS + rows + len(report.page_template(2000)) < 30_000_000 < 2 * blocks


def test_claims_and_bodies_come_in_blocks_of_their_own_size(tmp_path: Path) -> None:
    """A hundred articles for a search, which reads all of them; eight for the one that is opened."""
    blocks = read(write_report(tmp_path, _many(101))).blocks
    assert [len(blocks[f"claims-{n}"]) for n in (0, 1)] == [100, 1]
    assert [len(blocks[f"bodies-{n}"]) for n in (0, 12)] == [8, 5]
