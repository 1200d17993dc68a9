"""A quick check and the full check that it replaces agree. `benchmarks/quick_paths.py` measures what each saves.

More pairs are compared in the tests of their modules: ends of quotes, cue words, addresses in replies, and terminal
cells.
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
def test_a_text_that_passes_the_quick_check_has_nothing_to_escape(text: str) -> None:
    """The full pattern would leave every text unchanged that the quick check leaves unchanged."""
    if visible.is_certainly_clean(text):
        shown = visible._pattern(text).sub(lambda found: found[0] if found[0] in "\n\t" else "!", text)
        assert shown == text


@given(TEXTS)
@example("\u3164")
@example("a\ufe0f\ufe0f")
@example("=1")
@example("a;=1")
def test_a_cell_that_passes_the_quick_check_is_not_changed_by_the_full_one(text: str) -> None:
    """Fillers and runs of selectors, which Python calls printable, are escaped in tables as everywhere else."""
    assert cells.sanitize(text) == cells.disarm(visible.make_visible(text, keep="\t\r\n"))
    assert "\u3164" not in cells.sanitize(text)


@given(TEXTS)
def test_markdown_that_passes_the_quick_check_is_not_escaped_by_the_full_one(text: str) -> None:
    assert markdown.escape(text) == markdown._escape_all(text)


def test_both_checks_agree_on_every_hostile_text() -> None:
    for text in (HOSTILE, *HOSTILE.split('"')):
        assert markdown.escape(text) == markdown._escape_all(text)
        assert cells.sanitize(text) == cells.disarm(visible.make_visible(text, keep="\t\r\n"))


CUES = sorted({(language, kind) for language, kind, _ in cue_words.rows()})


@given(st.sampled_from(CUES), st.data())
def test_a_text_without_the_root_of_a_cue_word_has_no_cue_word(cue: tuple[str, str], data: st.DataObject) -> None:
    """The quick check never rules out a match of the pattern, for listed words in any case, cut and joined at
    random.
    """
    language, kind = cue
    words = [word for row_language, row_kind, word in cue_words.rows() if (row_language, row_kind) == cue]
    letters = st.sampled_from(words).flatmap(lambda word: st.sampled_from([word, word.upper(), word.title(), word[1:]]))
    text = "".join(data.draw(st.lists(letters | st.sampled_from([" ", ".", "ı", "İ", "ſ", "x"]), max_size=8)))
    pattern = cue_words.pattern(language, kind)
    assert pattern is not None
    if pattern.search(text):
        assert cue_words.may_have(caseless(text), language, kind)


def test_the_id_read_from_the_start_of_a_line_is_the_id_of_its_record(tmp_path: Path) -> None:
    """This holds for lines that a run wrote; any other line is parsed completely."""
    line = record_of(["a text"])[0].to_line()
    assert records_file._id_of(line) == records_file.parse_record(tmp_path, 1, line).article.id
    other = json.dumps(json.loads(line), indent=1).encode()
    assert records_file._id_of(other) is None
    assert records_file.parse_record(tmp_path, 1, other) == records_file.parse_record(tmp_path, 1, line)


@pytest.mark.parametrize("trusted", [True, False])
def test_a_known_records_file_is_read_like_an_unknown_one(tmp_path: Path, *, trusted: bool) -> None:
    """The line offsets are the same, whether found by the digest of the file or by reading every record."""
    path = tmp_path / "records.jsonl"
    content = record_of(["a text"])[0].to_line() + b"\n"
    path.write_bytes(content)
    known = hashlib.sha256(content).hexdigest() if trusted else None
    quick, real = records_file.RecordLines.read(path, known), records_file.RecordLines.read(path)
    assert quick.trusted is trusted
    assert quick.places == real.places
    quick.close()
    real.close()
