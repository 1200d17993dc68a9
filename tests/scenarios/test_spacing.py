"""What no reply depends on changes no request: spacing, line ends and byte order marks around the paragraphs."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.commands import REPLAY, SAMPLES, here, records, text, to
from tests.support.service import Service

TEXT = text(0)
PARAGRAPHS = [paragraph for paragraph in TEXT.split("\n") if paragraph]
PAGE = (
    "<!doctype html><html lang=vi><head><title>{title}</title>{head}</head>"
    "<body>{nav}<article>{body}</article>{end}</body></html>"
)


def page(*, between: str = "\n", attributes: str = "", head: str = "", nav: str = "", end: str = "") -> bytes:
    body = f"<h1>{PARAGRAPHS[0]}</h1>" + between.join(f"<p{attributes}>{line}</p>" for line in PARAGRAPHS[1:])
    return PAGE.format(title=PARAGRAPHS[0], head=head, nav=nav, body=body, end=end).encode()


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


TEXTS: dict[str, bytes] = {
    "no final newline": TEXT.rstrip("\n").encode(),
    "three final newlines": (TEXT.rstrip("\n") + "\n\n\n").encode(),
    "one more blank line": TEXT.replace("\n\n", "\n\n\n").encode(),
    "no blank lines": TEXT.replace("\n\n", "\n").encode(),
    "blank lines at the start": ("\n\n" + TEXT).encode(),
    "spaces at line ends": TEXT.replace("\n", "   \n").encode(),
    "tabs at line ends": TEXT.replace("\n", "\t\n").encode(),
    "indented lines": "".join(f"    {line}\n" for line in TEXT.splitlines()).encode(),
    "CRLF": TEXT.replace("\n", "\r\n").encode(),
    "CR": TEXT.replace("\n", "\r").encode(),
    "U+2028": TEXT.replace("\n", "\u2028").encode(),
    "U+2029": TEXT.replace("\n\n", "\u2029").encode(),
    "U+0085": TEXT.replace("\n", "\x85").encode(),
    "a byte order mark": ("\ufeff" + TEXT).encode(),
    "UTF-16": TEXT.encode("utf-16"),
    "a second byte order mark": ("\ufeff\ufeff" + TEXT).encode(),
    "a byte order mark inside": TEXT.replace("\n\n", "\n\n\ufeff", 1).encode(),
    "lines with no-break spaces": TEXT.replace("\n\n", "\n\u00a0\u00a0\n").encode(),
    "lines with ideographic spaces": TEXT.replace("\n\n", "\n\u3000\n").encode(),
    "lines with zero-width spaces": TEXT.replace("\n\n", "\n\u200b\n").encode(),
    "lines with direction marks": TEXT.replace("\n\n", "\n\u200e\u200f\n").encode(),
    "a form feed at the end": (TEXT + "\f").encode(),
    "form feeds between": TEXT.replace("\n\n", "\n\f\n").encode(),
    "a NUL at the end": (TEXT + "\x00").encode(),
}  # fmt: skip
PAGES: dict[str, bytes] = {
    "no white space": page(between=""),
    "much white space": page(between="\n\n\t \n"),
    "attributes": page(attributes=' class="text" data-id=7'),
    "a script": page(head="<script>var visits = 17;</script>"),
    "a style and a meta": page(head="<style>p{color:red}</style><meta name=generator content='CMS 9'>"),
    "navigation": page(nav="<nav><a href=/>Trang chủ</a> <a href=/the-thao>Thể thao</a></nav>"),
    "an advertisement": page(end="<div class=advert><a href=/mua>Mua ngay hôm nay</a></div>"),
    "a comment": page(between="<!-- 2026-11-21 10:00:01 -->"),
    "CRLF": page(between="\r\n"),
}
MARKDOWN = "\n\n".join([f"# {PARAGRAPHS[0]}", *PARAGRAPHS[1:]]) + "\n"
MARKDOWNS: dict[str, bytes] = {
    "an underlined title": MARKDOWN.replace(f"# {PARAGRAPHS[0]}", f"{PARAGRAPHS[0]}\n======").encode(),
    "no final newline": MARKDOWN.rstrip("\n").encode(),
    "more blank lines": MARKDOWN.replace("\n\n", "\n\n\n\n").encode(),
    "front matter": f"---\ntags: [a]\n---\n{MARKDOWN}".encode(),
    "emphasis": MARKDOWN.replace("Nguyễn Văn Minh", "**Nguyễn Văn Minh**").encode(),
}
CASES = [
    *(pytest.param("a.txt", TEXT.encode(), content, id=f"text, {name}") for name, content in TEXTS.items()),
    *(pytest.param("a.html", page(), content, id=f"page, {name}") for name, content in PAGES.items()),
    *(pytest.param("a.md", MARKDOWN.encode(), content, id=f"Markdown, {name}") for name, content in MARKDOWNS.items()),
]


@pytest.mark.parametrize(("name", "first", "second"), CASES)
def test_what_is_outside_the_paragraphs_is_never_paid_for_again(
    name: str, first: bytes, second: bytes, tmp_path: Path, service: Service, store_path: Path
) -> None:
    """OUT then has one record, of the bytes as they are now, which rests on the exchanges of the first run."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / name).write_bytes(first)
    options = ("-o", tmp_path / "out", *to(service, store_path))
    here("run", folder, *options)
    (before,) = records(tmp_path / "out")
    (folder / name).write_bytes(second)
    assert "stored" in here("plan", folder, *to(service, store_path)).stdout
    assert here("run", folder, *options).code == 0
    (after,) = records(tmp_path / "out")
    assert service.paid == 1
    assert after["article"]["sha256"] != before["article"]["sha256"]
    assert [exchange["key"] for exchange in after["exchanges"]] == [exchange["key"] for exchange in before["exchanges"]]
    assert after["summary"]["abstract"] == before["summary"]["abstract"]
    source = (tmp_path / "out" / after["source"]["file"]).read_bytes().decode()
    for claim in after["summary"]["claims"]:
        assert source[claim["evidence"]["start"] : claim["evidence"]["end"]] == claim["quote"]
    assert len(list((tmp_path / "out" / "sources").iterdir())) == 1


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda path: path.rename(path.with_name("other.txt")), id="renamed"),
        pytest.param(lambda path: path.rename(path.parent / "new" / path.name), id="moved"),
    ],
)
def test_a_renamed_or_moved_file_is_never_paid_for_again(
    change: Callable[[Path], object], tmp_path: Path, service: Service, store_path: Path
) -> None:
    """Also when its spacing changed on the way."""
    folder = tmp_path / "in"
    (folder / "new").mkdir(parents=True)
    (folder / "a.txt").write_text(TEXT, "utf-8")
    here("run", folder, "-o", tmp_path / "out", *to(service, store_path))
    (folder / "a.txt").write_text(TEXT.rstrip("\n"), "utf-8")
    change(folder / "a.txt")
    assert here("run", folder, "-o", tmp_path / "out", *to(service, store_path)).code == 0
    assert service.paid == 1


def test_a_text_and_a_page_with_the_same_paragraphs_are_one_request(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """The request depends on the paragraphs alone, not on the format that they come from."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(TEXT, "utf-8")
    (folder / "b.html").write_bytes(page())
    (folder / "c.md").write_text(MARKDOWN, "utf-8")
    assert here("run", folder, "-o", tmp_path / "out", *to(service, store_path)).code == 0
    assert service.paid == 1


@pytest.mark.parametrize("spacing", [str.rstrip, lambda text: text.replace("\n", "\n\n"), lambda text: text + "\n\n"])
def test_recordings_of_an_earlier_version_serve_a_text_with_the_usual_spacing(
    spacing: Callable[[str], str], tmp_path: Path
) -> None:
    """Earlier versions computed the fence word from the whole text. The samples were recorded then."""
    for name in ("vi-cang-nuoc-sau.txt", "hi-saur-pump.txt"):
        (tmp_path / name).write_text(spacing((SAMPLES / name).read_text("utf-8")), "utf-8")
        done = here("summarize", tmp_path / name, *REPLAY)
        assert done.code == 0, done.stderr
    shutil.copy(SAMPLES / "zh-hans-dianchi.txt", tmp_path)
    assert here("summarize", tmp_path / "zh-hans-dianchi.txt", *REPLAY).code == 0
