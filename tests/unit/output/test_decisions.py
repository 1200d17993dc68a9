"""The decisions file is validated strictly, and `dragoman decisions` prints what it holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dragoman.core.record import Record
from dragoman.errors import ConfigError
from dragoman.output.decisions import read_decisions
from tests.support.commands import here
from tests.support.folders import decide, save_decisions, write_records


def test_a_decision_about_an_edited_article_is_left_over_and_not_dropped(tmp_path: Path, flagged: Record) -> None:
    """The bytes of the article have changed: the command prints the words, the verdict, the note and the reason."""
    out = write_records(tmp_path / "out", [flagged])
    save_decisions(out, decide(flagged, "c1", "rejected", article="0" * 64, note="seen twice"))
    done = here("decisions", "show", out)
    assert done.code == 0
    assert "Left over: 1" in done.stdout
    assert "seen twice" in done.stdout
    assert "was edited" in " ".join(done.stdout.split())
    assert "1 decision; 1 no longer applies to anything" in done.stderr


def test_decisions_are_printed_with_words_verdict_and_note(tmp_path: Path, flagged: Record) -> None:
    """People get them article by article, programs get one JSON object per decision."""
    out = write_records(tmp_path / "out", [flagged])
    error = next(n for n, finding in enumerate(flagged.findings) if finding.severity == "error")
    save_decisions(out, decide(flagged, "c2", "edited", note="too strong"), decide(flagged, error, "rejected"))
    shown = " ".join(here("decisions", "show", out).stdout.split())
    for part in (flagged.article.name, "✎ edited: Edited English. (too strong)", "✗ rejected", "quote.absent"):
        assert part in shown
    lines = [json.loads(line) for line in here("decisions", "show", out, "--json").stdout.splitlines()]
    assert [(line["about"], line["verdict"], line["state"]) for line in lines] == [
        ("c2", "edited", "applies"),
        (flagged.findings[error].field, "rejected", "applies"),
    ]


def test_without_a_file_there_are_no_decisions(tmp_path: Path, flagged: Record) -> None:
    """Nothing on stdout, one line on stderr, and exit 0."""
    done = here("decisions", "show", write_records(tmp_path / "out", [flagged]))
    assert (done.code, done.stdout) == (0, "")
    assert "no decisions" in done.stderr


def test_a_byte_order_mark_is_accepted(tmp_path: Path, flagged: Record) -> None:
    """Some editors write one."""
    path = save_decisions(tmp_path, decide(flagged, "c1"))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read_decisions(tmp_path)) == 1


BAD: dict[str, tuple[Any, str]] = {
    "another verdict": ({"verdict": "maybe"}, "decisions, entry 1, verdict"),
    "edited without English": ({"verdict": "edited", "text": " "}, "no English"),
    "no digest": ({"article": "es-embalse.md"}, "decisions, entry 1, article"),
    "half a span": ({"start": None, "end": 5}, "start and end"),
    "a span backwards": ({"start": 9, "end": 5}, "end is before start"),
    "no moment": ({"at": "yesterday"}, "offset from UTC"),
    "a moment of no zone": ({"at": "2026-11-21T10:00:00"}, "offset from UTC"),
    "no words": ({"words": ""}, "decisions, entry 1, words"),
    "an unknown field": ({"notes": "x"}, "decisions, entry 1, notes"),
}


@pytest.mark.parametrize("label", BAD)
def test_a_bad_entry_is_refused_with_its_place(label: str, tmp_path: Path, flagged: Record) -> None:
    """Exit 2 with the file, the entry, the field and what to do, without a traceback."""
    change, message = BAD[label]
    out = write_records(tmp_path / "out", [flagged])
    path = save_decisions(out, decide(flagged, "c1", **change))
    done = here("decisions", "show", out)
    assert (done.code, done.stdout) == (2, "")
    for part in (str(path), message, "Save it again"):
        assert part in done.stderr
    assert "Traceback" not in done.stderr
    assert here("show", out).code == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"schema":"dragoman.decisions/2","decisions":[]}', b"\xff\xfe", b"[" * 100_000, b"null"],
    ids=["empty", "cut off", "a list", "another version", "not UTF-8", "deep", "null"],
)
def test_a_file_that_holds_no_decisions_is_refused(content: bytes, tmp_path: Path) -> None:
    """Whatever its bytes are, the result is a `ConfigError` that names the file."""
    (tmp_path / "decisions.json").write_bytes(content)
    with pytest.raises(ConfigError, match=r"decisions\.json"):
        read_decisions(tmp_path)
