"""Mark-up is taken off a quote sign by sign, and never a word or a digit."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.evidence.quotes.locate import locate
from dragoman.evidence.quotes.markup import LONGEST, unmarked, without_markup

SIGNS = [*'*_`“”"«»[].', "**", "~~", "<b>", "</b>", "](u)", "# ", "> ", "- ", "[3] ", "\\n", '\\"', "&amp;"]
WORDS = ["Mühle", "1,2", "Euro", "5", "公司", "не", " "]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("**2,5** млрд", "2,5 млрд"),
        ("<i>5</i>&nbsp;%", "5\u00a0%"),
        ("[5 %](https://a.example/x \"t\")", "5 %"),
        ("5*3*2", "5*3*2"),
        ("snake_case_name", "snake_case_name"),
        ("10<sup>2</sup>", "10<sup>2</sup>"),
        ("a < b > c", "a < b > c"),
        ("\\ud83d", "\\ud83d"),
        ("\\u0434а", "да"),
        ("nothing", "nothing"),
    ],
)  # fmt: skip
def test_emphasis_tags_links_and_escapes_are_taken_off(text: str, plain: str) -> None:
    """Signs between digits, in names and around raised figures are no mark-up."""
    assert without_markup(text) == plain


@given(st.lists(st.sampled_from([*SIGNS, *WORDS]), max_size=12).map("".join))
def test_no_word_and_no_digit_is_ever_taken_off_or_added(quote: str) -> None:
    """Apart from paragraph numbers, the address of a link and the letters of an escape, which are no words."""

    def words(text: str) -> str:
        text = re.sub(r"^\W*(?:\[3\]\s*)+|\[3\]\W*$|\(u\)|</?b>|\\n|amp;", "", text)
        return "".join(re.findall(r"[^\W_]", text))

    for form in unmarked(quote):
        assert words(form.text).replace("3", "") == words(quote).replace("3", "")


@given(st.lists(st.sampled_from([*SIGNS, *WORDS]), max_size=12).map("".join))
def test_taking_mark_up_off_comes_to_an_end(quote: str) -> None:
    """Each form is different from the one before, and there are few."""
    forms = [form.text for form in unmarked(quote)]
    assert len(forms) <= 16
    assert all(forms)


def test_a_quote_of_many_sentences_is_not_searched_for_mark_up() -> None:
    """The patterns take quadratic time; a quote has at most two sentences."""
    assert list(unmarked("**" + "a" * (LONGEST - 4) + "**"))
    assert not list(unmarked("**" + "a" * LONGEST + "**"))
    assert without_markup("*a* " + "a" * LONGEST).startswith("*a*")
    assert LONGEST >= 2 * 1_500


def test_a_list_number_is_taken_off_only_at_the_start_of_a_paragraph() -> None:
    """Elsewhere it is a word of the source that differs: 1. and 2."""
    assert locate("1. Tor für Wien", "Tor für Wien fiel spät.").match == "normalized"
    assert locate("1. Tor für Wien", "Das 2. Tor für Wien fiel spät.").match == "absent"


@pytest.mark.parametrize("end", ["?", "!", "…", " ...", "？", "؟"])
def test_a_full_stop_does_not_replace_another_end(end: str) -> None:
    """A question that is quoted with a full stop would be a statement."""
    assert locate("Er kommt.", f"Er kommt{end} Sie geht.").match == "absent"
    assert locate("Er kommt.", "Er kommt, sie geht.").match == "normalized"


def test_four_layers_of_mark_up_are_taken_off_and_no_more() -> None:
    """A bullet, quotation marks, emphasis and a full stop are as much as a model puts around a quote."""
    source = "Die Mühle steht leer, sagt sie."
    assert locate("“«„‹Die Mühle steht leer›“»”", source).match == "normalized"
    assert locate("‘“«„‹Die Mühle steht leer›“»”’", source).match == "absent"
