"""Where a quick check stands before a real one, both say the same; `benchmarks/quick_paths.py` says what it saves.

More pairs are held where their own tests are: ends of quotes (`test_quotes`), cue words (`test_text`), addresses
in replies (`test_injection`), cells of the terminal (`test_terminal`).
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dragoman.core import visible
from dragoman.core.text import caseless
from dragoman.evidence import cue_words
from dragoman.output import markdown, records_file
from dragoman.output.tables import sanitize as cells
from tests.support import paths
from tests.support.report_builders import record_of

CASES = paths.CASES
HOSTILE = json.dumps(json.loads((CASES / "hostile_texts.json").read_text("utf-8")), ensure_ascii=False)
PIECES = (
    *"ab é界ไع٣-=+@;:,.*_#[]()<>&|`~!\\\"'/1.",
    *"\t\n\r\x1b\x7f\x9b\u00ad\u061c\u115f\u1160\u200b\u200d\u200f\u202e\u2028\u2066\u3164\ufe0f\ufeff\uffa0\U000e0041\U000e0101",
    "  ", "://", "www.", "1. ", "- ", "# ", "\ufe0f\ufe0f",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join)


@given(TEXTS)
@example("\u3164")
@example("a\ufe0f\ufe0f")
def test_a_text_that_is_plain_at_first_sight_has_nothing_to_show(text: str) -> None:
    """What is left as it is would be left by the pattern, too."""
    if visible.is_certainly_clean(text):
        shown = visible._pattern(text).sub(lambda found: found[0] if found[0] in "\n\t" else "!", text)
        assert shown == text


@given(TEXTS)
@example("\u3164")
@example("a\ufe0f\ufe0f")
@example("=1")
@example("a;=1")
def test_a_cell_that_is_harmless_at_first_sight_is_not_changed_with_care(text: str) -> None:
    """Fillers and runs of selectors, which Python calls printable, are shown in tables as everywhere else."""
    assert cells.sanitize(text) == cells.disarm(visible.make_visible(text, keep="\t\r\n"))
    assert "\u3164" not in cells.sanitize(text)


@given(TEXTS)
def test_markdown_that_is_plain_at_first_sight_is_not_escaped_with_care(text: str) -> None:
    assert markdown.escape(text) == markdown._escape_all(text)


def test_every_hostile_text_is_the_same_both_ways() -> None:
    for text in (HOSTILE, *HOSTILE.split('"')):
        assert markdown.escape(text) == markdown._escape_all(text)
        assert cells.sanitize(text) == cells.disarm(visible.make_visible(text, keep="\t\r\n"))


CUES = sorted({(language, kind) for language, kind, _ in cue_words.rows()})


@given(st.sampled_from(CUES), st.data())
def test_a_text_without_a_root_of_a_cue_has_no_cue(cue: tuple[str, str], data: st.DataObject) -> None:
    """Words of the lists in any letters, cut and joined anyhow: what a pattern finds was not ruled out."""
    language, kind = cue
    words = [word for row_language, row_kind, word in cue_words.rows() if (row_language, row_kind) == cue]
    letters = st.sampled_from(words).flatmap(lambda word: st.sampled_from([word, word.upper(), word.title(), word[1:]]))
    text = "".join(data.draw(st.lists(letters | st.sampled_from([" ", ".", "ı", "İ", "ſ", "x"]), max_size=8)))
    pattern = cue_words.pattern(language, kind)
    assert pattern is not None
    if pattern.search(text):
        assert cue_words.may_have(caseless(text), language, kind)


def test_the_id_that_is_read_at_the_front_of_a_line_is_the_id_of_its_record(tmp_path: Path) -> None:
    """For lines as a run writes them; any other line is read whole."""
    line = record_of(["a text"])[0].to_line()
    assert records_file._id_of(line) == records_file.parse_record(tmp_path, 1, line).article.id
    other = json.dumps(json.loads(line), indent=1).encode()
    assert records_file._id_of(other) is None
    assert records_file.parse_record(tmp_path, 1, other) == records_file.parse_record(tmp_path, 1, line)


@pytest.mark.parametrize("trusted", [True, False])
def test_a_known_file_is_read_as_one_that_is_not_known(tmp_path: Path, *, trusted: bool) -> None:
    """Its places are the same, by the digest of the file or by reading every record."""
    path = tmp_path / "records.jsonl"
    content = record_of(["a text"])[0].to_line() + b"\n"
    path.write_bytes(content)
    known = hashlib.sha256(content).hexdigest() if trusted else None
    quick, real = records_file.RecordLines.read(path, known), records_file.RecordLines.read(path)
    assert quick.trusted is trusted
    assert quick.places == real.places
    quick.close()
    real.close()
