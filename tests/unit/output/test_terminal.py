"""`dragoman show`: records in a terminal, in narrow windows and any script; no text of others steers the terminal."""

from __future__ import annotations

import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import unicodedata
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from wcwidth import iter_graphemes
from wcwidth import width as terminal_width

from dragoman.core.record import Record, Severity
from dragoman.output import markdown
from dragoman.output.decisions import Verdict
from dragoman.output.folder import read_records
from dragoman.output.terminal import cells as module
from dragoman.output.terminal import pages
from dragoman.output.terminal.cells import clean, clusters, cut, isolated, width, wrapped
from tests.support.commands import environment, here, start
from tests.support.folders import HOSTILE, decide, hostile, sample_folder, save_decisions, write_records

RLI, PDI = "\u2067", "\u2069"


@pytest.mark.parametrize(
    ("signs", "kind"),
    [(pages._SIGN, Severity), (markdown._SEVERITY, Severity), (pages._VERDICT, Verdict)],
    ids=["severities in the terminal", "severities on pages", "verdicts in the terminal"],
)
def test_every_severity_and_verdict_has_its_own_sign(signs: dict[str, str], kind: object) -> None:
    """The types hold a table to known names; they do not see that one is missing."""
    assert set(signs) == set(get_args(kind))
    assert len(set(signs.values())) == len(signs)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_folder(tmp_path_factory.mktemp("shown") / "out")


@pytest.fixture(autouse=True)
def no_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Test runners tell their workers how wide a terminal is; a pipe is as wide as its lines."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")


def flagged(out: Path) -> Record:
    return next(record for record in read_records(out) if record.status == "flagged")


def one_line(text: str) -> str:
    """Words as they follow one another, without line ends, indents, marks of quotes and isolates."""
    return " ".join(re.sub(f"[│{RLI}{PDI}]", "", text).split())


def test_a_folder_is_a_line_an_article_and_what_needs_a_person_is_first(out: Path) -> None:
    """The flagged one before those that are well; piped lines are whole."""
    lines = here("show", out).stdout.splitlines()
    records = list(read_records(out))
    assert len(lines) == len(records)
    assert lines[0].startswith("flagged ✗1 es  es-embalse.md  ")
    assert all(line.startswith("ok ") for line in lines[1:])
    for record in records:
        assert record.summary is not None
        assert [line for line in lines if record.article.name in line and record.summary.title_en in line], lines


def test_statuses_are_in_the_order_of_who_needs_a_person(tmp_path: Path, out: Path) -> None:
    """Failed, refused, cut off, not reached; then flagged with open errors; what is settled or well comes after."""
    sample = flagged(out)
    statuses = ("skipped", "ok", "flagged", "pending", "truncated", "refused", "failed")
    made = [
        sample.model_copy(
            update={
                "status": status,
                "article": sample.article.model_copy(update={"name": f"{status}.txt", "sha256": f"{n:064x}"}),
                "findings": sample.findings if status == "flagged" else [],
            }
        )
        for n, status in enumerate(statuses)
    ]
    settled = made[2].model_copy(update={"article": sample.article.model_copy(update={"name": "settled.txt"})})
    folder = write_records(tmp_path / "out", [settled, *made])
    error = next(n for n, finding in enumerate(sample.findings) if finding.severity == "error")
    save_decisions(folder, decide(settled, error, "rejected"))
    names = re.findall(r"\w+\.txt", here("show", folder).stdout)
    assert [name.removesuffix(".txt") for name in names] == [*reversed(statuses[2:]), "settled", "ok", "skipped"]
    assert "✗1 (0 open)" in here("show", folder).stdout


def test_flags_leaves_out_what_is_well(tmp_path: Path, out: Path) -> None:
    """Of a folder: articles with error or warning findings or no answer; of an article: the claims with such."""
    assert re.findall(r"[\w-]+\.(?:md|txt|html)", here("show", out, "--flags").stdout) == ["es-embalse.md"]
    shown = here("show", out, "es-embalse.md", "--flags").stdout
    assert re.findall(r"^(c\d+) ", shown, re.MULTILINE) == ["c9"]
    assert "✗ error quote.absent" in shown
    assert "· note" not in shown
    failed = flagged(out).model_copy(update={"status": "failed", "findings": []})
    assert "failed" in here("show", write_records(tmp_path / "out", [failed]), "--flags").stdout


@pytest.mark.usefixtures("narrow")
def test_an_article_is_shown_claim_by_claim(out: Path) -> None:
    """Statement, quote, where it stands and how it matched, figures, findings, names, translation."""
    for record in read_records(out):
        assert record.summary is not None
        shown = one_line(here("show", out, record.article.name).stdout)
        for claim in record.summary.claims:
            assert one_line(claim.text_en) in shown
            # Han text has no spaces at the ends of lines.
            assert one_line(claim.quote).replace(" ", "") in shown.replace(" ", "")
            if claim.evidence.start is not None:
                assert f"characters {claim.evidence.start}–{claim.evidence.end}" in shown
            else:
                assert "NOT in the source" in shown
        for finding in record.findings:
            assert finding.check in shown


@pytest.mark.usefixtures("narrow")
def test_no_line_is_longer_than_a_narrow_window(out: Path) -> None:
    """Forty cells, measured by another library, for every sample and the list."""
    wanted = [(), *((record.article.id,) for record in read_records(out))]
    for arguments in wanted:
        for line in here("show", out, *arguments).stdout.splitlines():
            assert cell_len(line) <= 40, line


@pytest.mark.usefixtures("narrow")
def test_right_to_left_words_are_isolated(out: Path) -> None:
    """Every line holds as many isolates as it closes, and no right-to-left letter stands outside of one."""
    (record,) = (record for record in read_records(out) if record.source and record.source.language == "ar")
    for line in here("show", out, record.article.id).stdout.splitlines():
        assert line.count(RLI) == line.count(PDI)
        outside = re.sub(f"{RLI}[^{PDI}]*{PDI}", "", line)
        assert not any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in outside)


def test_decisions_stand_where_they_belong(tmp_path: Path, out: Path) -> None:
    """Verdict, edited English and note under the claim or finding."""
    folder = tmp_path / "out"
    shutil.copytree(out, folder)
    record = flagged(folder)
    error = next(n for n, finding in enumerate(record.findings) if finding.severity == "error")
    save_decisions(
        folder,
        decide(record, "c1", "edited", text="Said better.", note="was too strong"),
        decide(record, "c2", text_en="Other English."),
        decide(record, error, "rejected"),
    )
    shown = here("show", folder, record.article.id).stdout
    (first, second, ninth) = (re.split(r"^c\d+ ", shown, flags=re.MULTILINE)[number] for number in (1, 2, 9))
    assert "✎ edited: Said better. (was too strong)" in one_line(first)
    assert "the English was another one then" in one_line(second)
    assert "✗ rejected" in ninth


@pytest.mark.parametrize("wanted", ["es-embalse.md", "es-embalse-md-b19ebfae63", "es-"])
def test_an_article_is_found_by_name_id_or_the_start_of_it(wanted: str, out: Path) -> None:
    """Whichever is at hand."""
    assert "es-embalse-md-b19ebfae63" in one_line(here("show", out, wanted).stdout)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [("zh", "2 articles begin with zh: zh-hans-"), ("nothing", "no article nothing"), ("", "an argument is empty")],
)
def test_what_is_not_one_article_is_said_so(wanted: str, said: str, out: Path) -> None:
    """Exit 2, nothing on stdout; the candidates are named."""
    done = here("show", out, wanted)
    assert (done.code, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    """Exit 2."""
    assert here("show", tmp_path).code == 2


def test_an_article_is_shown_without_its_source_when_that_is_gone(tmp_path: Path, out: Path) -> None:
    """A word about it on stderr; the record is still worth reading."""
    done = here("show", write_records(tmp_path / "out", read_records(out)), "es-embalse.md")
    assert done.code == 0
    assert "shown without its source" in done.stderr
    assert "quote.absent" in done.stdout


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case["label"])
@pytest.mark.usefixtures("narrow")
def test_no_text_of_others_steers_the_terminal(case: dict[str, str], tmp_path: Path, out: Path) -> None:
    """No control but line ends, no direction but our own isolates, in list, article and decisions."""
    sample = flagged(out)
    record = hostile(sample, case["text"]).model_copy(
        update={"article": sample.article.model_copy(update={"name": clean(case["text"])})}
    )
    folder = write_records(tmp_path / "out", [record])
    save_decisions(folder, decide(record, 0, "edited", text=case["text"] + "x", note=case["text"]))
    for command in (("show", folder), ("show", folder, record.article.id), ("decisions", "show", folder)):
        done = here(*command)
        assert done.code == 0
        for line in done.stdout.split("\n"):
            assert not any(unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs") for character in line)
            assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2068")
            assert not any("\U000e0000" <= character <= "\U000e007f" for character in line)
            assert line.count(RLI) == line.count(PDI)
            assert cell_len(line) <= 40


def test_what_could_steer_is_made_visible() -> None:
    """Shown by a sign, not dropped: a person sees that it is there."""
    assert clean("a\x1b[2Jb\x9bc\x7fd\u202ee\U000e0041") == "a␛[2Jb⟨9B⟩c␡d⟨202E⟩e⟨E0041⟩"
    assert clean("می\u200cخواهم क्\u200dष") == "می\u200cخواهم क्\u200dष"


def test_a_reader_that_leaves_ends_the_command_quietly(out: Path, tmp_path: Path) -> None:
    """`| head`: exit 0 and not a word."""
    process = start("show", out, "es-embalse.md", home=tmp_path)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 0


@pytest.mark.parametrize(
    ("more", "colour"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)], ids=str
)
def test_colour_is_for_terminals_that_want_it(more: dict[str, str], colour: bool, out: Path, tmp_path: Path) -> None:
    """Never in a pipe, and the window's own width counts; the signs are there either way."""
    shown = on_terminal("show", out, "es-embalse.md", "--flags", home=tmp_path, more=more)
    assert ("\x1b[" in shown) is colour
    plain = re.sub(r"\x1b\[\d+m", "", shown)
    assert "✗ error quote.absent" in plain
    assert max(cell_len(line) for line in plain.splitlines()) <= 33
    assert "\x1b" not in here("show", out, "es-embalse.md").stdout


def on_terminal(*arguments: object, home: Path, more: dict[str, str]) -> str:
    """What a command prints on a terminal of 33 columns."""
    ours, its = pty.openpty()
    ioctl(its, TIOCSWINSZ, struct.pack("HHHH", 50, 33, 0, 0))
    command = [sys.executable, "-m", "dragoman", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=its, env=environment(home, {"TERM": "xterm", **more}), cwd=home)
    os.close(its)
    said = b""
    while True:
        try:
            block = os.read(ours, 1 << 16)
        except OSError:  # how a terminal says that nobody writes any more
            break
        if not block:
            break
        said += block
    os.close(ours)
    assert process.wait(60) == 0
    return said.decode()


# --- lines and cells

WORDS = st.text(
    st.sampled_from("ab é界。，ไท้ำनिाक्षா한한မြာ်ေර්عرب٣\u0600(”…\u0301\u200b\u200c\u200d\u2068\x1b\ufe0f♀👩🏽❤👨🇻🇳"),
    max_size=80,
)
"""Letters, marks and signs of every kind that terminals count otherwise than Python does."""


@given(WORDS, st.integers(12, 30))
@settings(max_examples=200, deadline=None)
def test_wrapped_lines_fit_and_lose_no_letter(text: str, cells: int) -> None:
    """Whatever the text: no line is wider than it may be, and joined they are the text again."""
    lines = [re.sub(f"[{RLI}{PDI}]", "", line) for line in wrapped(text, cells)]
    assert all(terminal_width(line, control_codes="ignore") <= width(line) <= cells for line in lines)
    assert "".join(lines).replace(" ", "") == clean(text).replace(" ", "")


@given(WORDS, st.integers(12, 30))
@settings(max_examples=200, deadline=None)
def test_cut_text_fits(text: str, cells: int) -> None:
    """And ends with an ellipsis where something is missing."""
    text = clean(text)
    short = cut(text, cells)
    assert width(short) <= cells
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


@pytest.mark.parametrize(
    ("text", "cells", "lines"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("unbelievably", 5, ["unbel", "ievab", "ly"]),
        ("封測廠聿芯先進封。", 6, ["封測廠", "聿芯先", "進封。"]),
        ("封測廠聿芯先。", 6, ["封測廠", "聿芯", "先。"]),
        ("e\u0301e\u0301e\u0301", 2, ["e\u0301e\u0301", "e\u0301"]),
        ("", 5, [""]),
    ],
    ids=[
        "words",
        "a long word",
        "wide",
        "no full stop at the start of a line",
        "marks stay with their letters",
        "nothing",
    ],
)
def test_lines_are_parted_where_people_part_them(text: str, cells: int, lines: list[str]) -> None:
    """At spaces, between wide characters, else between letters."""
    assert list(wrapped(text, cells)) == lines


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("cafe\u0301", ["c", "a", "f", "e\u0301"]),
        ("น้ำแข็ง", ["น้ำ", "แ", "ข็", "ง"]),
        ("क्षत्रिय", ["क्ष", "त्रि", "य"]),
        ("العَرَبِيّة", ["ا", "ل", "عَ", "رَ", "بِ", "يّ", "ة"]),
        ("می\u200cخواهم", ["م", "ی\u200c", "خ", "و", "ا", "ه", "م"]),
        ("မြန်မာ", ["မြ", "န်", "မာ"]),
        ("👩🏽\u200d❤️\u200d👨🏻🇻🇳", ["👩🏽\u200d❤️\u200d👨🏻", "🇻🇳"]),
        ("한글", ["한", "글"]),
        ("界，", ["界", "，"]),
        ("กำำำำ", ["กำ", "ำำ", "ำ"]),
    ],
    ids=[
        "combining", "Thai", "Devanagari", "Arabic", "Persian", "Burmese", "joined emoji", "jamo", "wide", "no word",
    ],
)  # fmt: skip
def test_letters_are_not_parted_from_what_belongs_to_them(text: str, parts: list[str]) -> None:
    """And no part is wider than two cells, so that nothing leaves a window."""
    assert list(clusters(text)) == parts
    assert all(1 <= width(part) <= 2 for part in parts)
    assert [re.sub(f"[{RLI}{PDI}]", "", line) for line in wrapped(text, 2)] == cells_of_two(parts)


def cells_of_two(parts: list[str]) -> list[str]:
    """The parts in lines of two cells; punctuation that closes may not begin one."""
    lines = [""]
    for part in parts:
        if lines[-1] and width(lines[-1] + part) > 2:
            lines.append("")
        lines[-1] += part
    return lines


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("e\u0301", 1), ("界", 2), ("👨\u200d👩\u200d👧\u200d👦", 2), ("🇻🇳", 2), ("♀️", 2), ("น้ำ", 2), ("क्ष", 2),
        ("हिन्दी", 4), ("العَرَبِيّة", 7), ("မာ", 2), ("“…”│✗", 5),
    ],
)  # fmt: skip
def test_a_text_is_as_wide_as_a_terminal_shows_it(text: str, cells: int) -> None:
    """A mark has no cell of its own, a wide letter two, and what is joined no more than one sign."""
    assert width(text) == cells


SINGLE = [chr(code) for code in range(0x3000) if module._SINGLE.fullmatch(chr(code))]


@given(st.text(st.sampled_from(SINGLE), max_size=40))
def test_text_that_is_measured_without_the_library_is_measured_as_with_it(text: str) -> None:
    """The quick way and the real one agree: each character of such a text is a cluster of one cell."""
    assert list(iter_graphemes(text)) == list(clusters(text)) == list(text)
    assert terminal_width(text) == width(text) == len(text)


def test_every_character_of_the_quick_way_has_one_cell() -> None:
    assert len(SINGLE) > 800
    assert [character for character in SINGLE if terminal_width(character) != 1] == []


def test_isolates_are_put_around_words_and_not_around_what_follows() -> None:
    """A figure after Arabic words stays where it is; foreign text that begins so is one isolate a line."""
    assert isolated("# خمسة مصارف = 5") == f"# {RLI}خمسة مصارف{PDI} = 5"
    assert isolated("plain 5") == "plain 5"
    assert list(wrapped("عربي abc", 20, foreign=True)) == [f"{RLI}عربي abc{PDI}"]
