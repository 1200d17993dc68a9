"""Unusual and damaged files: each becomes a record with a clear reason, the other files are processed, and nothing is
written outside OUT.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dragoman.reading.prepare import prepare as prepare_article
from tests.support.commands import Ended, articles, files, here, records, text, to, validate
from tests.support.service import Service

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
ENGLISH = (
    b"The port authority said on Monday that cargo volumes rose sharply last year.\n\n"
    b"Officials added that the road to the harbour remains the main obstacle, and that work on it will start soon.\n"
)
ROOT_USER = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


@dataclass(frozen=True)
class Bad:
    """One file that needs no request, by name and bytes, with its expected result."""

    label: str
    name: str
    content: bytes
    status: str
    code: str
    exit: int
    says: str = ""


BAD = (
    Bad("empty", "bad.txt", b"", "skipped", "empty", 0, "no text"),
    Bad("white space", "bad.txt", b" \n\t \r\n", "skipped", "empty", 0),
    Bad("a byte order mark", "bad.txt", b"\xef\xbb\xbf", "skipped", "empty", 0),
    Bad("a byte order mark of UTF-16", "bad.txt", b"\xff\xfe", "skipped", "empty", 0),
    Bad("a page without text", "bad.html", b"<html><body></body></html>", "skipped", "empty", 0),
    Bad("a picture", "bad.txt", PNG, "failed", "binary", 3, "bad.txt"),
    Bad("a program", "bad.html", b"\x7fELF\x02\x01\x01" + bytes(2000), "failed", "binary", 3),
    Bad("only zeros", "bad.md", bytes(5000), "failed", "binary", 3),
    Bad("English", "bad.txt", ENGLISH, "skipped", "english", 0, "English"),
    Bad("a PDF", "bad.pdf", b"%PDF-1.7\n", "skipped", "unsupported", 0, ".txt"),
    Bad("no ending", "bad", text(9).encode(), "skipped", "unsupported", 0, "bad"),
    Bad("20 MB", "bad.txt", b"a" * 20_000_000, "failed", "too_large", 3, "20,000,000"),
)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.label)
def test_a_file_that_needs_no_request_gets_a_record(
    bad: Bad, tmp_path: Path, service: Service, store_path: Path
) -> None:
    """Status, reason and exit code are as expected, the other files are answered, and it costs nothing."""
    folder = articles(tmp_path / "in", 2)
    (folder / bad.name).write_bytes(bad.content)
    done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path))
    assert (done.code, done.stdout) == (bad.exit, ""), done.stderr
    assert "Traceback" not in done.stderr
    assert service.paid == 2
    by_name = {record["article"]["name"]: record for record in records(tmp_path / "out")}
    assert by_name["a00.txt"]["status"] == by_name["a01.txt"]["status"] == "ok"
    record = by_name[bad.name]
    validate(record)
    assert (record["status"], record["reason"]["code"]) == (bad.status, bad.code)
    assert bad.says in record["reason"]["message"]
    assert record["summary"] is None
    assert record["exchanges"] == []
    page = (tmp_path / "out/articles" / f"{record['article']['id']}.md").read_text("utf-8")
    assert bad.code in page


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.label)
def test_summarize_reports_the_same_for_a_single_file(
    bad: Bad, tmp_path: Path, service: Service, store_path: Path
) -> None:
    """`summarize` prints the record and a line on stderr with the same exit code, and sends nothing."""
    (tmp_path / bad.name).write_bytes(bad.content)
    done = here("summarize", tmp_path / bad.name, *to(service, store_path))
    assert done.code == bad.exit, done.stderr
    assert (done.record["status"], done.record["reason"]["code"]) == (bad.status, bad.code)
    assert done.stderr == f"dragoman: {bad.status}: {done.record['reason']['message']}\n"
    assert service.ledger == ()


@pytest.mark.parametrize(
    "bad", [bad for bad in BAD if not bad.name.endswith(("pdf", "bad"))], ids=lambda bad: bad.label
)
def test_standard_input_follows_the_same_rules(bad: Bad, service: Service, store_path: Path) -> None:
    """The same bytes through a pipe give the same reason, including the size limit."""
    kind = bad.name.rsplit(".", 1)[1]
    done = here("summarize", "-", "--type", kind, *to(service, store_path), stdin=bad.content)
    assert done.code == bad.exit, done.stderr
    assert (done.record["status"], done.record["reason"]["code"]) == (bad.status, bad.code)
    assert service.ledger == ()


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.label)
def test_inspect_says_why_a_file_is_not_read(bad: Bad, tmp_path: Path) -> None:
    """`inspect` ends as a run over this file would, with the reason on stderr."""
    (tmp_path / bad.name).write_bytes(bad.content)
    done = here("inspect", tmp_path / bad.name)
    assert done.code == bad.exit
    assert "Traceback" not in done.stderr
    if bad.code != "english":  # it can be read, so it is shown
        assert done.stdout == ""
        assert done.stderr.startswith(f"dragoman: {bad.name}")
        assert bad.says in done.stderr


def dangling(place: Path) -> None:
    place.symlink_to("nowhere")


def looped(place: Path) -> None:
    place.symlink_to(place.name)


def fifo(place: Path) -> None:
    os.mkfifo(place)


def forbidden(place: Path) -> None:
    place.write_text(text(9), "utf-8")
    place.chmod(0)


@pytest.mark.parametrize(
    "make",
    [
        dangling,
        looped,
        fifo,
        pytest.param(forbidden, marks=pytest.mark.skipif(ROOT_USER, reason="root may read anything")),
    ],
)
def test_an_unreadable_file_is_a_failed_record_and_never_blocks(
    make: Callable[[Path], None], tmp_path: Path, service: Service, store_path: Path
) -> None:
    """Broken links, links to themselves, pipes and forbidden files are ``unreadable`` with exit 3, and the other files
    are processed.
    """
    folder = articles(tmp_path / "in", 1)
    make(folder / "odd.txt")
    done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path))
    assert done.code == 3
    good, odd = records(tmp_path / "out")
    assert good["status"] == "ok"
    assert (odd["status"], odd["reason"]["code"]) == ("failed", "unreadable")
    assert "odd.txt" in odd["reason"]["message"]
    assert odd["article"]["sha256"] is None
    validate(odd)


def test_a_link_to_a_device_is_a_skipped_record_and_a_failed_one_if_links_are_followed(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """The link leads out of the folder, and the device is not read with ``--follow-links`` either."""
    folder = articles(tmp_path / "in", 1)
    (folder / "odd.txt").symlink_to("/dev/zero")
    command = ("run", folder, "-o", tmp_path / "out", *to(service, store_path))
    for more, code, status, reason in (
        ((), 0, "skipped", "link_not_followed"),
        (("--follow-links",), 3, "failed", "unreadable"),
    ):
        assert here(*command, *more).code == code
        odd = records(tmp_path / "out")[1]
        assert (odd["status"], odd["reason"]["code"]) == (status, reason)


def test_a_file_that_becomes_readable_leaves_no_failed_record_behind(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """After the file is fixed, the same command has one answered record for it."""
    folder = articles(tmp_path / "in", 1)
    (folder / "odd.txt").symlink_to("late.txt.part")
    command = ("run", folder, "-o", tmp_path / "out", *to(service, store_path))
    assert here(*command).code == 3
    (folder / "late.txt.part").write_text(text(5), "utf-8")
    done = here(*command)
    assert done.code == 0
    by_name = [(record["article"]["name"], record["status"]) for record in records(tmp_path / "out")]
    assert sorted(by_name) == [("a00.txt", "ok"), ("late.txt.part", "skipped"), ("odd.txt", "ok")]
    index = (tmp_path / "out/index.md").read_text("utf-8")
    assert "## failed" not in index
    pages = {path.stem for path in (tmp_path / "out/articles").iterdir()}
    assert pages == {record["article"]["id"] for record in records(tmp_path / "out")}


def test_an_article_over_the_token_limit_fails_and_the_limit_is_named(
    tmp_path: Path, service: Service, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An article over ``max_article_tokens`` is never cut silently, and nothing is sent for it."""
    monkeypatch.setenv("DRAGOMAN_MAX_ARTICLE_TOKENS", "400")
    folder = articles(tmp_path / "in", 1)
    (folder / "long.txt").write_text("\n\n".join(text(n) for n in range(20)), "utf-8")
    done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path))
    assert done.code == 3
    short, long = records(tmp_path / "out")
    assert short["status"] == "ok"
    assert (long["status"], long["reason"]["code"]) == ("failed", "too_long")
    assert "max_article_tokens" in long["reason"]["message"]
    assert service.paid == 1


def test_two_files_of_the_same_bytes_are_two_records_and_one_payment(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """This holds even if their names give the same slug: no record replaces another."""
    folder = tmp_path / "in"
    names = ["a.txt", "A.txt", "sub/a.txt", "sub-a.txt", "sub_a.txt", "b.md", "b.txt"]
    names += ["新闻.txt", "经济.txt", "ß.txt", "e\u0301.txt", "\u00e9.txt"]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text(3), "utf-8")
    done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path), "--concurrency", "4")
    assert done.code == 0
    found = records(tmp_path / "out")
    assert sorted(record["article"]["name"] for record in found) == sorted(names)
    assert len({record["article"]["id"] for record in found}) == len(names)
    assert len({record["article"]["id"].lower() for record in found}) == len(names)
    for record in found:
        source = (tmp_path / "out" / record["source"]["file"]).read_bytes().decode()
        assert source == text(3) or record["article"]["media_type"] == "text/markdown"
    # Markdown is another kind of text: its preparation may differ, and with it the request.
    assert service.paid in (1, 2)
    assert set(service.generated.values()) == {1}


def test_files_of_the_same_name_in_two_folders_are_two_records(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """With ``run one two``, equal names and bytes in two given folders are still two articles."""
    for name in ("one", "two"):
        articles(tmp_path / name, 2)
    done = here("run", tmp_path / "one", tmp_path / "two", "-o", tmp_path / "out", *to(service, store_path))
    assert done.code == 0
    assert "4 articles" in done.stderr
    assert len(records(tmp_path / "out")) == 4
    assert service.paid == 2


def test_a_file_is_not_forgotten_because_another_folder_has_one_of_its_name(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """With ``run one two``, the unreadable ``one/a.txt`` keeps its record beside the answered ``two/a.txt``, run after
    run.
    """
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "one/a.txt").symlink_to("nowhere")
    (tmp_path / "two/a.txt").write_text(text(1), "utf-8")
    for _ in range(2):
        done = here("run", tmp_path / "one", tmp_path / "two", "-o", tmp_path / "out", *to(service, store_path))
        assert done.code == 3
        assert [record["status"] for record in records(tmp_path / "out")] == ["failed", "ok"]


def test_a_file_that_is_given_twice_is_one_article(tmp_path: Path, service: Service, store_path: Path) -> None:
    """A file that is named itself and also found in its folder counts once, and counts and records agree."""
    folder = articles(tmp_path / "in", 2)
    done = here(
        "run", folder / "a00.txt", folder, folder / "a00.txt", "-o", tmp_path / "out", *to(service, store_path)
    )  # fmt: skip
    assert done.code == 0
    assert len(records(tmp_path / "out")) == sum(
        int(word) for word in done.stderr.split(" articles")[0].split() if word.isdigit()
    )
    assert service.paid == 2


HOSTILE_NAMES = {
    "newline": "line\nbreak.txt",
    "escape": "\x1b[31mred\x1b[0m.txt",
    "right to left": "\u202etxt.exe.txt",
    "isolate": "\u2066a\u2069.txt",
    "undecodable": os.fsdecode(b"\xff\xfe.txt"),
    "leading dash": "-rf.txt",
    "option": "--help.txt",
    "formula": "=cmd|calc.txt",
    "device": "CON.txt",
    "dots": "a...txt",
    "emoji": "🐉🐲.txt",
    "255 bytes": "n" * 251 + ".txt",
    "markup": "<script>alert(1)</script>".replace("/", "_") + ".txt",
    "spaces": "  two  spaces .txt",
    "backslash": "a\\..\\..\\b.txt",
    "percent": "%2e%2e%2f.txt",
    "line separator": "a\u2028b.txt",
}


@pytest.mark.parametrize("name", HOSTILE_NAMES.values(), ids=HOSTILE_NAMES)
def test_no_file_name_breaks_a_run_a_page_or_the_screen(name: str, tmp_path: Path, service: Service) -> None:
    """Such a file is answered like any other, its name is printed without control characters, and every output file
    stays inside OUT.
    """
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / name).write_text(text(4), "utf-8")
    before = set(files(tmp_path))
    done = here("run", folder, "-o", tmp_path / "out", *to(service, tmp_path / "s.sqlite"))
    assert done.code == 0, done.stderr
    (record,) = records(tmp_path / "out")
    validate(record)
    assert record["status"] == "ok"
    shown = record["article"]["name"]
    assert shown.isprintable()
    shown.encode()
    assert set(record["article"]["id"]) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert len(record["article"]["id"]) < 100
    new = {path for path in set(files(tmp_path)) - before if not path.startswith("s.sqlite")}
    assert all(path.startswith("out/") for path in new)
    there = {"articles", "sources", "tables", "records.jsonl", "index.md", "report.html", "run.json"}
    assert {path.split("/")[1] for path in new} == there

    for command in (
        ("summarize", folder / name, *to(service, tmp_path / "s.sqlite")),
        ("inspect", folder / name),
        ("plan", folder, *to(service, tmp_path / "s.sqlite")),
    ):
        printed = here(*command)
        assert printed.code == 0, printed.stderr
        assert screen_safe(printed)
    assert service.paid == 1


def screen_safe(printed: Ended) -> bool:
    both = printed.stdout + printed.stderr
    return not any((ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 or c in "\u202e\u2066\u2028" for c in both)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("run", "nowhere", "-o", "out"), "no such file or folder: nowhere"),
        (("run", "in", "nowhere", "-o", "out"), "no such file or folder: nowhere"),
        (("run", "void", "-o", "out"), "no article found in void"),
        (("run", "hidden", "-o", "out"), "no article found in hidden"),
        (("summarize", "nowhere"), "no such file: nowhere"),
        (("summarize", "in"), "dragoman run"),
        (("summarize", "n" * 300), "nnnn"),
        (("run", "n" * 300, "-o", "out"), "nnnn"),
        (("summarize", "in/a00.txt/b"), "in/a00.txt/b"),
        (("translate", "nowhere"), "no such file: nowhere"),
        (("inspect", "nowhere"), "no such file: nowhere"),
        (("plan", "nowhere"), "no such file or folder: nowhere"),
        (("summarize", "esc\x1b[2Jape"), "esc\\u001b[2Jape"),
        (("summarize", "-", "--type", "pdf"), "--type pdf"),
    ],
    ids=lambda value: None if isinstance(value, str) else " ".join(value)[:30].replace("\x1b", "ESC"),
)
def test_a_missing_path_is_exit_2_and_one_line(
    command: tuple[str, ...], says: str, tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is sent, nothing is written and no output folder appears."""
    articles(tmp_path / "in", 1)
    (tmp_path / "void").mkdir()
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden/.a.txt").write_text(text(1), "utf-8")
    monkeypatch.chdir(tmp_path)
    options = to(service, tmp_path / "s.sqlite") if command[0] != "inspect" else ()
    if command[0] == "plan":
        options = ("--store", str(tmp_path / "s.sqlite"))
    done = here(*command, *options)
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.startswith("dragoman: ")
    assert done.stderr.count("\n") == 1
    assert says in done.stderr
    assert service.ledger == ()
    assert not (tmp_path / "out").exists()


def test_folders_are_walked_in_order_without_links_to_folders(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """Subfolders are read; hidden folders and links to folders (loops) are not. Records are in the order of relative
    paths.
    """
    folder = articles(tmp_path / "in", 1)
    articles(folder / "b", 2)
    articles(folder / "b" / ".hidden", 1)
    (folder / "b" / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "z.txt").write_text(text(6), "utf-8")
    done = here("run", folder, "-o", tmp_path / "out", *to(service, store_path))
    assert done.code == 0
    names = [record["article"]["name"] for record in records(tmp_path / "out")]
    assert names == sorted(names, key=lambda name: name.split("/"))
    assert set(names) == {"a00.txt", "b/a00.txt", "b/a01.txt", "z.txt"}


@pytest.mark.parametrize(
    "paths",
    [("in",), ("in/out",), ("in/out/sources",), ("in/a00.txt", "in/out"), (".",), ("in/../in",), ("link",)],
    ids=["the folder above", "OUT itself", "inside OUT", "a glob that takes OUT in", "dot", "dots", "a link to it"],
)
def test_a_run_never_reads_its_own_output(
    paths: tuple[str, ...],
    tmp_path: Path,
    service: Service,
    store_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An OUT inside PATH, or named together with it, is not read, so nobody pays for summaries of summaries."""
    articles(tmp_path / "in", 2)
    (tmp_path / "link").symlink_to("in")
    monkeypatch.chdir(tmp_path)
    assert here("run", "in", "-o", "in/out", *to(service, store_path)).code == 0
    done = here("run", *paths, "-o", "in/out", *to(service, store_path))
    assert done.code in (0, 2)
    assert service.paid == 2
    names = {record["article"]["name"].rsplit("/", 1)[-1] for record in records(tmp_path / "in/out")}
    assert names <= {"a00.txt", "a01.txt"} | ({"store.sqlite"} if paths == (".",) else set())


@pytest.mark.parametrize(
    ("paths", "out"), [(("articles",), "."), (("articles/a00.txt",), "."), (("in/more", "in/a00.txt"), "in")]
)
def test_a_message_explains_why_articles_inside_out_are_not_read(
    paths: tuple[str, ...],
    out: str,
    tmp_path: Path,
    service: Service,
    store_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They exist and have a readable type, so the message says that they are inside the output folder."""
    for folder in ("articles", "in", "in/more"):
        articles(tmp_path / folder, 1)
    monkeypatch.chdir(tmp_path)
    done = here("run", *paths, "-o", out, *to(service, store_path))
    named = ", ".join(paths)
    said = (
        f"dragoman: {named} lies inside the output folder, which is not read; choose another output folder. "
        "Use -o to name another folder\n"
    )
    assert (done.code, done.stderr, service.ledger) == (2, said, ())


def test_out_may_be_the_folder_of_the_articles(
    tmp_path: Path, service: Service, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``run . -o .`` is either refused with a message or reads only the articles; it never reads its own output."""
    folder = articles(tmp_path / "in", 2)
    monkeypatch.chdir(folder)
    codes = [here("run", ".", "-o", ".", *to(service, store_path)).code for _ in range(2)]
    assert codes in ([0, 0], [2, 2])
    assert service.paid in (0, 2)


@pytest.mark.parametrize(
    ("label", "content"),
    [
        ("combining marks", ("à" + "\u0301" * 200_000).encode()),
        ("one line", ("một hai ba bốn năm " * 20_000).encode()),
        ("brackets", b"[" * 50_000),
        ("tags", b"<div>" * 50_000),
        ("white space", b"a" + b" \n" * 300_000 + b"b"),
    ],
)
@pytest.mark.parametrize("kind", ["txt", "md", "html"])
def test_no_text_makes_preparation_fail_with_anything_but_a_reason(label: str, content: bytes, kind: str) -> None:
    """Extreme texts of every kind are either prepared or refused by name, through the same function as all others."""
    done = here("inspect", "-", "--type", kind, "--json", stdin=content)
    assert done.code in (0, 3), done.stderr[-300:]
    assert "Traceback" not in done.stderr


def test_each_file_is_prepared_once(
    tmp_path: Path, service: Service, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The prepared text is cached in the store, so a second run neither decodes nor detects anything."""
    seen: list[str] = []

    def counting(article: object) -> object:
        seen.append(article.name)  # type: ignore[attr-defined]  # an Article
        return prepare_article(article)  # type: ignore[arg-type]  # an Article

    monkeypatch.setattr("dragoman.runs.session.prepare", counting)
    folder = articles(tmp_path / "in", 3)
    command = ("run", folder, "-o", tmp_path / "out", *to(service, store_path))
    here(*command)
    here(*command)
    assert sorted(seen) == ["a00.txt", "a01.txt", "a02.txt"]
