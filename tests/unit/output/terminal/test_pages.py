"""`dragoman show`: records in a terminal, in narrow windows and any script; no foreign text controls the terminal."""

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
from rich.cells import cell_len

from dragoman.core.field_paths import translation_path
from dragoman.core.record import Record, Severity
from dragoman.evidence.checks.finding import finding
from dragoman.output import markdown
from dragoman.output.decisions import Verdict
from dragoman.output.read import read_records
from dragoman.output.terminal import pages
from dragoman.output.terminal.cells import clean
from tests.support.commands import environment, here, start
from tests.support.folders import HOSTILE, decide, hostile, sample_folder, save_decisions, write_records

RLI, PDI = "\u2067", "\u2069"


@pytest.mark.parametrize(
    ("signs", "kind"),
    [(pages._SYMBOL, Severity), (markdown._SEVERITY, Severity), (pages._VERDICT, Verdict)],
    ids=["severities in the terminal", "severities on pages", "verdicts in the terminal"],
)
def test_every_severity_and_verdict_has_its_own_symbol(signs: dict[str, str], kind: object) -> None:
    """Types restrict a table to known names, but do not report a missing one."""
    assert set(signs) == set(get_args(kind))
    assert len(set(signs.values())) == len(signs)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_folder(tmp_path_factory.mktemp("shown") / "out")


@pytest.fixture(autouse=True)
def no_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Test runners set COLUMNS for their workers, but lines in a pipe are not wrapped."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")


def flagged(out: Path) -> Record:
    return next(record for record in read_records(out) if record.status == "flagged")


def one_line(text: str) -> str:
    """The words of a text on one line, without indents, marks of quotes and isolates."""
    return " ".join(re.sub(f"[│{RLI}{PDI}]", "", text).split())


def test_a_folder_has_one_line_per_article_with_the_flagged_ones_first(out: Path) -> None:
    """Lines in a pipe are not cut."""
    lines = here("show", out).stdout.splitlines()
    records = list(read_records(out))
    assert len(lines) == len(records)
    assert lines[0].startswith("flagged ✗1 es  es-embalse.md  ")
    assert all(line.startswith("ok ") for line in lines[1:])
    for record in records:
        assert record.summary is not None
        assert [line for line in lines if record.article.name in line and record.summary.title_en in line], lines


def test_articles_are_sorted_by_how_much_they_need_attention(tmp_path: Path, out: Path) -> None:
    """Failed, refused, truncated, pending, flagged with open errors; then flagged with all decided, ok and skipped."""
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


def test_flags_shows_only_problems(tmp_path: Path, out: Path) -> None:
    """Articles with error or warning findings or without an answer; in an article, claims with such findings. Of the
    notes, only the one that a repair did not help.
    """
    assert re.findall(r"[\w-]+\.(?:md|txt|html)", here("show", out, "--flags").stdout) == ["es-embalse.md"]
    shown = here("show", out, "es-embalse.md", "--flags").stdout
    assert re.findall(r"^(c\d+) ", shown, re.MULTILINE) == ["c9"]
    assert "✗ error quote.absent" in shown
    assert re.findall(r"· note (\S+):", shown) == ["repair.failed"]
    failed = flagged(out).model_copy(update={"status": "failed", "findings": []})
    assert "failed" in here("show", write_records(tmp_path / "out", [failed]), "--flags").stdout


def test_a_finding_on_a_translated_paragraph_is_shown_at_that_paragraph(tmp_path: Path, out: Path) -> None:
    """With the words of the source. ``--flags`` shows only such paragraphs. What has no paragraph in the translation
    stays with the article."""
    record = next(record for record in read_records(out) if record.translation is not None)
    assert record.translation is not None
    assert record.source is not None
    start_, end = record.source.paragraphs[1]
    on_two = finding("translation.place", "error", translation_path(2), "another", paragraph=2, place=(start_, end))
    on_none = finding("translation.place", "error", translation_path(10**6), "nowhere")
    changed = record.model_copy(update={"status": "flagged", "findings": [on_two, on_none]})
    folder = write_records(tmp_path / "out", [changed])
    shutil.copytree(out / "sources", folder / "sources")
    for options, shown_paragraphs in (((), len(record.translation.paragraphs)), (("--flags",), 1)):
        shown = here("show", folder, record.article.name, *options).stdout
        article, _, translation = shown.partition("\nTranslation\n")
        assert "translation.place: nowhere" in article
        assert "another" not in article.partition("About the article")[2]
        blocks = re.split(r"^(?=[ \d]\d )", translation, flags=re.MULTILINE)[1:]
        assert len(blocks) == shown_paragraphs
        (block,) = (block for block in blocks if block.startswith(" 2 "))
        english, error, source = block.splitlines()[:3]
        assert record.translation.paragraphs[1].text_en in english
        assert "✗ error translation.place, paragraph 2: another" in error
        assert "│" in source


@pytest.mark.usefixtures("narrow")
def test_an_article_is_shown_claim_by_claim(out: Path) -> None:
    """Statement, quote with its place and match, figures, findings, names and translation."""
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
        for found in record.findings:
            assert found.check in shown


@pytest.mark.usefixtures("narrow")
def test_no_line_is_longer_than_a_narrow_window(out: Path) -> None:
    """Forty cells, measured by another library, for every sample and for the list."""
    selections = [(), *((record.article.id,) for record in read_records(out))]
    for arguments in selections:
        for line in here("show", out, *arguments).stdout.splitlines():
            assert cell_len(line) <= 40, line


@pytest.mark.usefixtures("narrow")
def test_right_to_left_words_are_isolated(out: Path) -> None:
    """Every line closes as many isolates as it opens, and no right-to-left letter is outside of one."""
    (record,) = (record for record in read_records(out) if record.source and record.source.language == "ar")
    for line in here("show", out, record.article.id).stdout.splitlines():
        assert line.count(RLI) == line.count(PDI)
        outside = re.sub(f"{RLI}[^{PDI}]*{PDI}", "", line)
        assert not any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in outside)


def test_decisions_are_shown_under_their_claim_or_finding(tmp_path: Path, out: Path) -> None:
    """With verdict, edited English and note."""
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
    assert "the English has changed since" in one_line(second)
    assert "✗ rejected" in ninth


@pytest.mark.parametrize("argument", ["es-embalse.md", "es-embalse-md-b19ebfae63", "es-"])
def test_an_article_is_found_by_its_name_its_id_or_the_start_of_its_id(argument: str, out: Path) -> None:
    """Whichever the user has at hand."""
    assert "es-embalse-md-b19ebfae63" in one_line(here("show", out, argument).stdout)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("zh", "2 articles begin with zh: zh-hans-"),
        ("nothing", "no article nothing"),
        ("", "out is empty: leave it out"),
    ],
)
def test_an_argument_that_is_not_exactly_one_article_is_refused(argument: str, message: str, out: Path) -> None:
    """Exit 2, nothing on stdout, and the candidates are named."""
    done = here("show", out, argument)
    assert (done.code, done.stdout) == (2, "")
    assert message in done.stderr


def test_a_folder_without_records_is_refused(tmp_path: Path) -> None:
    """Exit 2."""
    assert here("show", tmp_path).code == 2


def test_an_article_is_shown_even_if_its_source_is_gone(tmp_path: Path, out: Path) -> None:
    """A line on stderr says so; the record is still worth reading."""
    done = here("show", write_records(tmp_path / "out", read_records(out)), "es-embalse.md")
    assert done.code == 0
    assert "shown without its source" in done.stderr
    assert "quote.absent" in done.stdout


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case["label"])
@pytest.mark.usefixtures("narrow")
def test_no_foreign_text_controls_the_terminal(case: dict[str, str], tmp_path: Path, out: Path) -> None:
    """No control characters except line ends, and no direction marks except Dragoman's own isolates, in any output."""
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


def test_a_closed_pipe_ends_the_command_quietly(out: Path, tmp_path: Path) -> None:
    """`| head`: exit 0 and no message."""
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
def test_colour_is_used_only_on_terminals_that_want_it(
    more: dict[str, str], colour: bool, out: Path, tmp_path: Path
) -> None:
    """Never in a pipe. Lines have the width of the window, and the symbols are there without colour too."""
    shown = on_terminal("show", out, "es-embalse.md", "--flags", home=tmp_path, more=more)
    assert ("\x1b[" in shown) is colour
    plain = re.sub(r"\x1b\[\d+m", "", shown)
    assert "✗ error quote.absent" in plain
    assert max(cell_len(line) for line in plain.splitlines()) <= 33
    assert "\x1b" not in here("show", out, "es-embalse.md").stdout


def on_terminal(*arguments: object, home: Path, more: dict[str, str]) -> str:
    """What a command prints on a terminal of 33 columns."""
    reader, terminal = pty.openpty()
    ioctl(terminal, TIOCSWINSZ, struct.pack("HHHH", 50, 33, 0, 0))
    command = [sys.executable, "-m", "dragoman", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=terminal, env=environment(home, {"TERM": "xterm", **more}), cwd=home)
    os.close(terminal)
    output = b""
    while True:
        try:
            block = os.read(reader, 1 << 16)
        except OSError:  # the terminal has no writer any more
            break
        if not block:
            break
        output += block
    os.close(reader)
    assert process.wait(60) == 0
    return output.decode()


@pytest.mark.parametrize(
    ("cells", "shown"),
    [(14, "ok vi  a-long-…"), (31, "ok vi  a-long-name.txt"), (32, "ok vi  a-long-name.txt  Title o…")],
)
def test_a_narrow_list_keeps_eight_cells_of_a_name_and_shows_no_shorter_title(cells: int, shown: str) -> None:
    """Less of a name could not be recognised, and less of a title says nothing."""
    line = pages.ArticleLine((0, False, 0), "ok", "a-long-name.txt", "vi", "", "Title of the article")
    assert list(pages.folder_lines([line], pages.Terminal(cells))) == [shown]
