"""Files become articles in a stable order, and special files are never opened."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

import pytest

from dragoman.core.article import article_id
from dragoman.core.text import sha256
from dragoman.core.visible import printable
from dragoman.errors import ArticleError, ConfigError
from dragoman.reading.discover import MAX_FILE_BYTES, ArticleFile, find, read
from dragoman.reading.formats import MEDIA_TYPES

DIGEST = sha256("Bài")


def make(folder: Path, *names: str) -> None:
    """Create files that contain their own name."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, "utf-8")


def names(*paths: Path, leave_out: tuple[Path, ...] = ()) -> list[str]:
    return [file.name for file in find(paths, leave_out=leave_out)]


def refusal(file: ArticleFile, *, max_bytes: int = MAX_FILE_BYTES, follow_links: bool = False) -> ArticleError:
    with pytest.raises(ArticleError) as caught:
        read(file, max_bytes=max_bytes, follow_links=follow_links)
    return caught.value


def test_a_folder_is_read_by_relative_path(tmp_path: Path) -> None:
    make(tmp_path, "b.txt", "a/y.txt", "a/x.txt", "c/1/z.txt", "B.txt", "10.txt", "9.txt", "ä.txt")
    expected = ["10.txt", "9.txt", "B.txt", "a/x.txt", "a/y.txt", "b.txt", "c/1/z.txt", "ä.txt"]
    assert names(tmp_path) == expected
    assert names(tmp_path) == expected


def test_arguments_keep_their_order(tmp_path: Path) -> None:
    make(tmp_path, "b.txt", "a.txt", "folder/z.txt")
    assert names(tmp_path / "b.txt", tmp_path / "folder", tmp_path / "a.txt") == ["b.txt", "z.txt", "a.txt"]


def test_a_path_that_is_given_twice_is_one_article(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "b.txt")
    assert names(tmp_path / "b.txt", tmp_path, tmp_path / "b.txt") == ["b.txt", "a.txt"]


def test_files_of_the_same_name_in_two_folders_are_two_articles(tmp_path: Path) -> None:
    """The same name in two folders gives two articles, whatever their bytes, so neither record replaces the other."""
    make(tmp_path, "monday/news.txt", "tuesday/news.txt")
    files = find([tmp_path / "monday", tmp_path / "tuesday"])
    assert len({article_id(place.name, DIGEST) for place in files}) == 2


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", ".b.txt", ".git/c.txt", "d/.e.txt", "d/.f/g.txt", "d/h.txt")
    assert names(tmp_path) == ["a.txt", "d/h.txt"]


def test_a_hidden_file_that_is_asked_for_is_read(tmp_path: Path) -> None:
    make(tmp_path, ".b.txt", ".c/d.txt")
    assert names(tmp_path / ".b.txt", tmp_path / ".c") == [".b.txt", "d.txt"]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    """A loop of links ends, and nothing outside the folder is read."""
    make(tmp_path, "in/a.txt", "outside/b.txt")
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "out").symlink_to(tmp_path / "outside")
    assert names(tmp_path / "in") == ["a.txt"]


def test_a_link_to_a_file_of_the_folder_is_an_article(tmp_path: Path) -> None:
    """This holds for any spelling of the link and for links to links. The folder itself may be reached through links,
    too.
    """
    make(tmp_path, "in/deep/a.txt")
    (tmp_path / "in" / "one.txt").symlink_to("deep/a.txt")
    (tmp_path / "in" / "two.txt").symlink_to("one.txt")
    (tmp_path / "in" / "deep" / "three.txt").symlink_to(tmp_path / "way" / "one.txt")
    (tmp_path / "way").symlink_to("in")
    for folder in (tmp_path / "in", tmp_path / "way"):
        files = find([folder])
        assert [place.name for place in files] == ["deep/a.txt", "deep/three.txt", "one.txt", "two.txt"]
        assert {read(place).content for place in files} == {b"in/deep/a.txt"}


ELSEWHERE = {
    "outside": ("outside.txt", "lies outside the folder"),
    "outside, a sibling whose name begins alike": ("in-too/b.txt", "lies outside the folder"),
    "outside, through another link": ("in/c-link.txt", "lies outside the folder"),
    "outside, through a link to a folder": ("in/linked/b.txt", "lies outside the folder"),
    "hidden": ("in/.env", "is hidden"),
    "in a hidden folder": ("in/.git/config", "is hidden"),
    "of the kernel": ("/proc/self/environ", "nothing in /proc is read"),
}


@pytest.mark.parametrize(("target", "says"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_link_that_leads_elsewhere_is_not_read(tmp_path: Path, target: str, says: str) -> None:
    """Such a link could name any file of the user who processes someone else's folder. The message names the link, its
    target and the setting that follows it; there is no hint at it where it would not help.
    """
    make(tmp_path, "in/a.txt", "outside.txt", "in-too/b.txt", "in/.env", "in/.git/config")
    (tmp_path / "in" / "linked").symlink_to(tmp_path / "in-too")
    (tmp_path / "in" / "c-link.txt").symlink_to("../outside.txt")
    link = tmp_path / "in" / "notes.txt"
    link.symlink_to(tmp_path / target)
    for file in (*find([tmp_path / "in"]), *find([link])):
        if file.name == "notes.txt":
            error = refusal(file)
            assert error.code == "link_not_followed"
            assert str(error).startswith("notes.txt is a link to ")
            assert says in str(error)
            assert "the setting follow_links" in str(error)
            assert error.hint == (None if target.startswith("/proc") else "links")


@pytest.mark.parametrize("target", ["outside.txt", "in/.env"])
def test_a_link_that_leads_elsewhere_is_read_when_links_are_followed(tmp_path: Path, target: str) -> None:
    make(tmp_path, "outside.txt", "in/.env")
    (tmp_path / "in" / "notes.txt").symlink_to(tmp_path / target)
    (file,) = find([tmp_path / "in"], follow_links=True)
    assert read(file, follow_links=True).content == target.encode()


def test_links_to_folders_are_followed_when_links_are(tmp_path: Path) -> None:
    """Each folder is read once, however many links lead to it. Files of the given folder keep their names, and a circle
    of links ends.
    """
    make(tmp_path, "in/z/a.txt", "outside/b.txt", "outside/deep/c.txt", "outside/.hidden/d.txt")
    links = {
        "in/0-again": "in/z", "in/loop": "in", "in/out": "outside", "in/out-again": "outside", "in/z/up": ".",
        "outside/back": "in", "outside/deep/loop": "outside", "in/itself": "in/itself", "in/kernel": "/proc/self",
    }  # fmt: skip
    for link, target in links.items():
        (tmp_path / link).symlink_to(tmp_path / target)
    files = find([tmp_path / "in"], follow_links=True)
    assert [place.name for place in files] == ["itself", "out/b.txt", "out/deep/c.txt", "z/a.txt"]
    assert [read(place, follow_links=True).content for place in files[1:]] == [
        b"outside/b.txt", b"outside/deep/c.txt", b"in/z/a.txt",
    ]  # fmt: skip


def test_a_link_into_the_output_folder_is_not_an_input(tmp_path: Path) -> None:
    """Files in the output folder are results, under whatever name a link reaches them."""
    make(tmp_path, "in/a.txt", "in/out/sources/b.txt")
    (tmp_path / "in" / "b.txt").symlink_to("out/sources/b.txt")
    assert names(tmp_path / "in", leave_out=(tmp_path / "in" / "out",)) == ["a.txt"]


def test_a_pipe_named_run_json_does_not_stop_the_search(tmp_path: Path) -> None:
    """The search looks for `run.json` in every folder to find out whether the folder is the output of a run."""
    make(tmp_path, "deep/a.txt")
    os.mkfifo(tmp_path / "deep" / "run.json")
    assert names(tmp_path) == ["deep/a.txt", "deep/run.json"]


@pytest.mark.parametrize("target", ["nowhere.txt", "link.txt"])
def test_a_link_to_nothing_is_one_unreadable_article(tmp_path: Path, target: str) -> None:
    """A broken link, or a link to itself, becomes one unreadable article, and the rest of the folder is read."""
    make(tmp_path, "a.txt")
    (tmp_path / "link.txt").symlink_to(target)
    files = find([tmp_path])
    assert [place.name for place in files] == ["a.txt", "link.txt"]
    assert refusal(files[1]).code == "unreadable"


def test_a_pipe_is_never_opened(tmp_path: Path) -> None:
    """Opening a pipe would wait forever for a writer."""
    os.mkfifo(tmp_path / "pipe.txt")
    (file,) = find([tmp_path])
    error = refusal(file)
    assert error.code == "unreadable"
    assert "pipe.txt is not a regular file" in str(error)


@pytest.mark.parametrize("follow_links", [False, True])
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/tty", "/dev/full"])
def test_a_device_is_never_opened(tmp_path: Path, device: str, follow_links: bool) -> None:
    (tmp_path / "zero.txt").symlink_to(device)
    (file,) = find([tmp_path])
    assert refusal(file, follow_links=follow_links).code == ("unreadable" if follow_links else "link_not_followed")


@pytest.mark.parametrize("place", ["/proc/self/environ", "/proc/meminfo", "/sys/kernel/uevent_seqnum"])
def test_files_that_the_kernel_generates_are_never_read(tmp_path: Path, place: str) -> None:
    """A link to such a file is not read even if links are followed, because the file may contain the key. Named
    directly, the file is not read either.
    """
    if not Path(place).exists():
        pytest.skip(f"{place} does not exist")
    (tmp_path / "notes.txt").symlink_to(place)
    (linked,) = find([tmp_path])
    assert refusal(linked, follow_links=True).code == "unreadable"
    assert "where Dragoman reads nothing" in str(refusal(linked, follow_links=True))
    assert refusal(ArticleFile("environ", place)).code == "unreadable"


def test_a_file_of_24_gb_is_refused_by_its_size(tmp_path: Path) -> None:
    """The sparse file is refused without reading a byte, because it would fill the memory."""
    with (tmp_path / "a.txt").open("wb") as sparse:
        sparse.truncate(24 << 30)
    (file,) = find([tmp_path])
    error = refusal(file)
    assert error.code == "too_large"
    assert f"{24 << 30:,} bytes" in str(error)


@pytest.mark.parametrize("name", ["nowhere", "a.txt/b.txt", "x" * 5_000, "x" * 300, "a\0b", "line\nbreak"])
def test_a_missing_path_is_reported_before_anything_is_read(tmp_path: Path, name: str) -> None:
    make(tmp_path, "a.txt")
    with pytest.raises(ConfigError, match="no such file or folder: ") as caught:
        find([tmp_path / "a.txt", tmp_path / name])
    assert "\n" not in str(caught.value)
    assert "\0" not in str(caught.value)


def test_an_empty_folder_is_an_error_that_names_the_readable_file_types(tmp_path: Path) -> None:
    make(tmp_path, ".hidden.txt")
    with pytest.raises(ConfigError, match=r"no article found in .*\.html, \.markdown, \.md"):
        find([tmp_path])
    with pytest.raises(ConfigError, match="no article found in the arguments"):
        find([])


@pytest.mark.parametrize("spelling", ["out", "out/", "../in/out", "./out"])
def test_an_output_folder_inside_the_input_is_left_out(tmp_path: Path, spelling: str) -> None:
    make(tmp_path, "in/a.txt", "in/out/index.md", "in/out/articles/a.md", "in/output/b.txt")
    assert names(tmp_path / "in", leave_out=(tmp_path / "in" / spelling,)) == ["a.txt", "output/b.txt"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("out", "is the output folder itself"),
        ("out/articles", "lies inside the output folder"),
        ("out/index.md", "lies inside the output folder"),
    ],
)
def test_files_in_the_output_folder_are_not_inputs(tmp_path: Path, given: str, says: str) -> None:
    """They are left out even if they are named; otherwise a second run would read the reports of the first."""
    make(tmp_path, "out/index.md", "out/articles/a.md")
    with pytest.raises(ConfigError, match=f"{says}.*; choose another output folder") as caught:
        find([tmp_path / given], leave_out=[tmp_path / "out"])
    assert caught.value.hint == "output"


def test_an_output_folder_behind_a_link_is_left_out(tmp_path: Path) -> None:
    make(tmp_path, "in/a.txt", "in/out/b.md")
    (tmp_path / "link").symlink_to(tmp_path / "in" / "out")
    assert names(tmp_path / "in", leave_out=(tmp_path / "link",)) == ["a.txt"]


@pytest.mark.parametrize("ending", [*MEDIA_TYPES, ".TXT", ".Html"])
def test_the_ending_decides_the_media_type(tmp_path: Path, ending: str) -> None:
    make(tmp_path, f"a{ending}")
    (file,) = find([tmp_path])
    article = read(file)
    assert article.media_type == MEDIA_TYPES[ending.lower()]
    assert article.content == f"a{ending}".encode()
    assert (article.sha256, article.size) == (sha256(article.content), len(article.content))


@pytest.mark.parametrize("name", ["a.pdf", "a", "a.txt.gz", "txt", "a."])
def test_another_ending_is_an_article_that_is_skipped(tmp_path: Path, name: str) -> None:
    make(tmp_path, name)
    (file,) = find([tmp_path])
    error = refusal(file)
    assert error.code == "unsupported"
    assert ".html" in str(error)


def test_a_file_over_the_limit_is_not_cut(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 11)
    (file,) = find([tmp_path])
    error = refusal(file, max_bytes=10)
    assert error.code == "too_large"
    assert "11" in str(error)
    assert "max_file_bytes" in str(error)
    assert read(file, max_bytes=11).size == 11


def test_a_deleted_file_is_one_unreadable_article(tmp_path: Path) -> None:
    make(tmp_path, "a.txt")
    (file,) = find([tmp_path])
    (tmp_path / "a.txt").unlink()
    assert refusal(file).code == "unreadable"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_cannot_be_listed_is_not_skipped(tmp_path: Path) -> None:
    make(tmp_path, "a.txt", "locked/b.txt")
    (tmp_path / "locked").chmod(0)
    try:
        files = find([tmp_path])
        assert [place.name for place in files] == ["a.txt", "locked"]
        assert refusal(files[1]).code == "unreadable"
    finally:
        (tmp_path / "locked").chmod(0o700)


NAMES = [
    b"line\nbreak.txt", b"return\rhere.txt", "\u202etxt.exe.txt".encode(), "two\u2028lines.txt".encode(),
    "two\u2029paragraphs.txt".encode(), "next\u0085line.txt".encode(), b"\xff\xfeold.txt", b"caf\xe9.txt",
    b"\x1b[31mred.txt", "zero\u200bwidth.txt".encode(), b"tab\there.txt", b"bell\x07.txt", b"\x7f.txt",
]  # fmt: skip


@pytest.mark.parametrize("raw", NAMES, ids=repr)
def test_an_odd_file_name_is_read_and_printed_on_one_line(tmp_path: Path, raw: bytes) -> None:
    """The name can be stored and printed, does not reorder the text around it, and still leads to its file."""
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + raw)).write_bytes(b"content")
    (file,) = find([tmp_path])
    file.name.encode()
    assert len(file.name.splitlines()) == 1
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in file.name)
    article = read(file)
    assert article.content == b"content"
    assert article.name == file.name
    assert re.fullmatch(r"[a-z0-9-]+", article.id)


@pytest.mark.parametrize("name", ["Bài 1.txt", "新闻.html", "a (1).md", "économie/日経.txt", "🎻.txt", "O'Neill.txt"])
def test_a_readable_name_stays_as_it_is(name: str) -> None:
    assert printable(name) == name


@pytest.mark.parametrize(("size", "read_whole"), [(10_000_000, True), (10_000_001, False)])
def test_a_file_of_more_than_ten_megabytes_is_too_large(size: int, read_whole: bool, tmp_path: Path) -> None:
    """Without a setting: it is a failed article and never cut."""
    path = tmp_path / "a.txt"
    with path.open("wb") as file:
        file.truncate(size)
    if read_whole:
        assert read(ArticleFile("a.txt", str(path))).size == size
    else:
        assert refusal(ArticleFile("a.txt", str(path))).code == "too_large"
