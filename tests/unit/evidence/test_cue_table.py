"""The table of cue words: each is found as a whole word where words have spaces, and inside words elsewhere."""

from __future__ import annotations

from dragoman.core.text import caseless
from dragoman.evidence.cue_words import may_have, pattern, rows


def test_a_cue_is_a_whole_word() -> None:
    """ "Said" is none inside "unsaid", in any case of its letters."""
    says = pattern("en-GB", "says")
    assert says is not None
    assert says.search("He SAID so")
    assert not says.search("left unsaid")


def test_a_script_without_spaces_has_cues_inside() -> None:
    """So has the kind ``weak`` in every language: it is parts of words."""
    says = pattern("zh-Hant", "says")
    assert says is not None
    assert says.search(
        "他" + next(word for language, kind, word in rows() if (language, kind) == ("zh", "says")) + "好"
    )
    language, _, part = next(row for row in rows() if row[1] == "weak" and row[0] not in ("zh", "ja", "ko", "th", "bn"))
    weak = pattern(language, "weak")
    assert weak is not None
    assert weak.search(f"aaa{part}aaa")


def test_a_language_without_cues_has_no_pattern() -> None:
    """And no text may have one."""
    assert pattern("xx", "says") is None
    assert not may_have(caseless("He said so"), "xx", "says")


def test_the_table_is_well_formed() -> None:
    """Each row has a language, a kind and a word, and no row stands twice."""
    assert all(all(row) for row in rows())
    assert len(rows()) == len(set(rows()))
