"""The quick check of the ends of a quote never accepts what the full check of `boundaries` refuses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dragoman.evidence.quotes import locate
from dragoman.evidence.quotes.boundaries import is_whole
from dragoman.evidence.quotes.normalise import cuts_cluster, normalise
from dragoman.evidence.quotes.quick_boundaries import has_clean_ends

# Letters, figures and signs of many scripts, damage that the normal form mends, and characters that it changes.
_PIECES = (
    *("0", "1", "23", "456", "7,8", "9.0", "5:", "6/", "12345;", "-4", "½", "²", " ", "\n", "\n\n", "\u00a0", "\u3000"),
    *".,:;!?()[]%$&#'\"`-/_，。！？：；、（）「」“”‘’《》…—·一二百万亿〇不没無规模本社カナガー゛ﾞ\u3099",
    *("(guī)", "（wǔ）", "(abc)", "Ab", "cd", "É", "ñ", "đ", "бо", "ї", "אב", "ול", "بال", "كتاب", "ُ", "ـ", "हि"),
    *("०१", "가는", "ไทย", "தமி", "&amp;", "&#39;", "&#x301;", "&eacute;", "\u0301", "\u200b", "\ufe0f", "Ａ１", "ﬁ"),
)  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), min_size=2, max_size=14))
def test_ends_that_the_quick_check_accepts_are_whole(pieces: list[str]) -> None:
    """The law between the quick check and `boundaries`: `has_clean_ends` is true only where the full check agrees."""
    text = "".join(pieces)
    for start in range(len(text)):
        for end in range(start + 1, min(start + 9, len(text)) + 1):
            quote = text[start:end]
            if quote == quote.strip() and has_clean_ends(text, start, end):
                assert not cuts_cluster(text, start, end)
                left, _, right = locate._around(text, start, end)
                assert is_whole(left, normalise(quote).text, right)
