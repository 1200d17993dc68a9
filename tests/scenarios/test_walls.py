"""What was saved is not the article: nothing is sent, and the record, the plan, `inspect` and the exit code say so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import here, records, text, to, validate
from tests.support.service import Service

WALL = (
    "<!doctype html><html lang=vi><head><title>Tin tức</title></head><body>"
    "<p>Vui lòng bật JavaScript và cookie để tiếp tục.</p><p>Xác minh bạn là con người.</p></body></html>"
)
NOTICE = "Đăng nhập để đọc tiếp. Nội dung chỉ dành cho thành viên."
CUT = f"{text(0)}\n\n{NOTICE}\n"
ENGLISH_WALL = "<html lang=en><title>Just a moment...</title><p>Enable JavaScript and cookies to continue</p></html>"
EMPTY_WALL = '<html lang=vi><div id="root"></div><noscript>Vui lòng bật JavaScript để tiếp tục.</noscript></html>'


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.html", WALL, id="a page"),
        pytest.param("a.txt", "Không tìm thấy trang\nTrang bạn tìm kiếm không tồn tại.\n", id="a text"),
        pytest.param("a.md", "# Không tìm thấy trang\n\nTrang bạn tìm kiếm không tồn tại.\n", id="Markdown"),
        pytest.param("a.html", ENGLISH_WALL, id="an English page, which is not skipped as English"),
        pytest.param("a.html", EMPTY_WALL, id="a page without text"),
    ],
)
def test_a_wall_is_a_failed_article_that_is_never_sent(
    name: str, content: str, tmp_path: Path, service: Service, store_path: Path
) -> None:
    """The other articles of the folder are answered. The reason has its own code and says what to do."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / name).write_text(content, "utf-8")
    (folder / "b.txt").write_text(text(0), "utf-8")
    planned = here("plan", folder, *to(service, store_path))
    assert "failed: not the article" in planned.stdout
    done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path))
    assert done.code == 3
    assert service.paid == 1
    wall, article = records(tmp_path / "out")
    validate(wall)
    assert (wall["status"], wall["reason"]["code"], wall["exchanges"], wall["cost_usd"]) == ("failed", "wall", [], None)
    assert article["status"] == "ok"
    assert "save it again from a browser" in wall["reason"]["message"]
    assert "not the article: the page" in done.stderr
    assert here("summarize", folder / name, *to(service, store_path)).code == 3
    assert service.paid == 1


def test_inspect_shows_a_wall_with_its_paragraphs(tmp_path: Path) -> None:
    """It sends nothing, so it shows what was read, with what it is. The exit code is that of any file that is not the
    article, whether the page has text or not."""
    (tmp_path / "empty.html").write_text(EMPTY_WALL, "utf-8")
    assert here("inspect", tmp_path / "empty.html").code == 3
    (tmp_path / "a.html").write_text(WALL, "utf-8")
    done = here("inspect", tmp_path / "a.html")
    assert done.code == here("inspect", tmp_path / "a.html", "--json").code == 3
    assert "wall: not the article: the page asks the reader to enable JavaScript or cookies" in done.stdout
    assert "Xác minh bạn là con người." in done.stdout
    assert json.loads(here("inspect", tmp_path / "a.html", "--json").stdout)["wall"] == ["javascript", "bật JavaScript"]
    (tmp_path / "b.txt").write_text(CUT, "utf-8")
    assert (
        "cut: the page says that the article is not whole: 'Đăng nhập để đọc tiếp.'"
        in here("inspect", tmp_path / "b.txt").stdout
    )
    assert here("inspect", tmp_path / "b.txt").code == 0


def test_a_cut_article_is_answered_with_a_warning_that_a_later_check_keeps(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """The warning has the place of the notice. `check` has no page to look at, and finds it all the same."""
    (tmp_path / "a.txt").write_text(CUT, "utf-8")
    out = tmp_path / "out"
    done = here("run", tmp_path / "a.txt", "-o", out, *to(service, store_path))
    assert done.code == 0
    (record,) = records(out)
    (finding,) = [finding for finding in record["findings"] if finding["check"] == "source.cut"]
    assert (finding["severity"], finding["field"], finding["expected"]) == (
        "warning",
        "source",
        "Đăng nhập để đọc tiếp.",
    )
    source = (out / record["source"]["file"]).read_bytes().decode()
    assert source[finding["start"] : finding["end"]] == "Đăng nhập để đọc tiếp."
    assert source.split("\n").index(NOTICE) > 0
    before = (out / "records.jsonl").read_bytes()
    assert here("check", out, "--store", store_path).code == 0
    assert (out / "records.jsonl").read_bytes() == before
    assert here("run", tmp_path / "a.txt", "-o", out, *to(service, store_path)).code == 0
    assert (out / "records.jsonl").read_bytes() == before
    assert service.paid == 1
