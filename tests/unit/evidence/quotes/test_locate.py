"""A quote is located in any equivalent form, and an altered quote is never located."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from dragoman.core.source import Source, numbered
from dragoman.evidence.quotes import locate as locate_module
from dragoman.evidence.quotes.locate import ABSENT, Span, locate, occurs
from dragoman.evidence.quotes.markup import unmarked
from dragoman.evidence.quotes.normalise import normalise
from dragoman.evidence.quotes.searched import searched
from tests.support import paths

DATA: dict[str, Any] = json.loads((paths.CASES / "quotes.json").read_text("utf-8"))
CASES: list[dict[str, Any]] = DATA["cases"]
WORDS: list[str] = DATA["words"]

# Characters in which forms differ: marks before and after letters, digits and separators of several scripts, invisible
# characters, spaces of many widths, jamo, half-width kana, superscripts, astral letters.
AWKWARD = (
    "aeà e\u0301\u0323ệđß1 2,3.5%25²½…“”'\"‘«»–—- \n\u00a0\u202f\u3000\u00ad\u200b\u200c\u2060\ufe0f"
    "不可能40亿三十，。、（ １．５ａｶﾞ한\u1112\u1161\u11ab글불가능لا إلهٌ ـ٣٫٥غيرक़ज़\u095bक्षि२๑ไม่កᄀ𝔄🎻\U000e0100"
)
texts = st.text(st.sampled_from(AWKWARD), max_size=40)

words = st.lists(st.sampled_from(WORDS), min_size=3, max_size=12)


def source_of(*paragraphs: str) -> Source:
    """A source with one line per paragraph."""
    text = "\n".join(paragraphs)
    ranges, position = [], 0
    for paragraph in paragraphs:
        ranges.append((position, position + len(paragraph)))
        position += len(paragraph) + 1
    return Source(text, numbered(ranges), "und", "Zyyy", "utf-8", "utf-8", text)


def formed(text: str, form: str | None) -> str:
    match form:
        case "NFC" | "NFD":
            return unicodedata.normalize(form, text)
        case None:
            return text
        case _:
            raise AssertionError(form)


def bare(text: str) -> str:
    """The normal form without white space at its ends, which two spellings of one quote share."""
    return normalise(text).text.strip()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}-{case['language']}-{case['label']}")
def test_a_quote_is_located_as_its_case_states(case: dict[str, Any]) -> None:
    """Each case of quotes.json states the kind of match, the exact letters of the source, and the other places."""
    given_text = case["text"] if isinstance(case["text"], list) else [case["text"]]
    source = source_of(*(formed(text, case.get("text_form")) for text in given_text))
    quote = formed(case["quote"], case.get("quote_form"))
    span = locate(quote, source, case.get("paragraph"))
    assert span.match == case["match"]
    if span.match == "absent":
        assert span == ABSENT
        return
    assert [source.text[start:end] for start, end in span.parts] == [
        formed(part, case.get("text_form")) for part in case["parts"]
    ]
    assert (span.start, span.end) == (span.parts[0][0], span.parts[-1][1])
    if "at" in case:
        assert source.paragraph_at(span.start) == case["at"]
        assert len(span.others) == case["others"]


@given(texts, texts, texts, st.sampled_from(["NFC", "NFD", "NFKD", None]), st.booleans())
@example("Das Ende…", "", "", None, False)
@example("", "\u1103\u1162\u1110\u1169", "\u11bc", None, True)
@example("", "0,", "\u093c", "NFC", True)
@example("", "0.", "\u093c", "NFC", True)
def test_located_text_has_the_normal_form_of_its_quote(
    before: str, quote: str, after: str, form: str | None, inside: bool
) -> None:
    """The law of evidence: a span covers the letters of the quote, in some form, but for mark-up and a last sign."""
    text = before + quote + after if inside else before + after
    asked = quote if form is None else unicodedata.normalize(form, quote)  # type: ignore[arg-type]  # one of four names
    span = locate(asked, text)
    slices = [text[start:end] for start, end in span.parts]
    if span.match == "exact":
        assert slices == [asked.strip()]
    elif len(slices) == 1:
        forms = {bare(asked), *(bare(form.text) for form in unmarked(asked.strip()))}
        if "…" in asked or ".." in asked:
            assert bare(slices[0]).strip(".") in {form.strip(".") for form in forms}
        else:
            assert bare(slices[0]) in forms


@given(words, words, words, st.sampled_from(["NFC", "NFD"]))
def test_pieces_of_a_gap_have_the_normal_form_of_the_quote(
    first: list[str], between: list[str], last: list[str], form: str
) -> None:
    """With an ellipsis, each part is one piece of the quote, in order and without overlap."""
    pieces = [unicodedata.normalize(form, " ".join(part)) for part in (first, last)]  # type: ignore[arg-type]
    source = source_of(" ".join([*first, *between, *last]))
    span = locate(" … ".join(pieces), source)
    assert span.match == "normalized"
    assert [bare(source.text[start:end]) for start, end in span.parts] == [bare(piece) for piece in pieces]
    assert span.parts[0][1] <= span.parts[1][0]
    assert (span.start, span.end) == (span.parts[0][0], span.parts[1][1])


@given(words, words, words)
def test_whole_words_of_the_source_are_always_located(before: list[str], quoted: list[str], after: list[str]) -> None:
    quote = " ".join(quoted)
    source = source_of(" ".join(before), " ".join([*before, *quoted, *after]))
    span = locate(quote, source, 2)
    assert span.match == "exact"
    assert source.text[span.start : span.end] == quote
    assert source.paragraph_at(span.start) == 2


@given(words, words, words, st.sampled_from(["NFC", "NFD"]), st.sampled_from(["NFC", "NFD"]))
def test_the_unicode_form_of_either_side_does_not_matter(
    before: list[str], quoted: list[str], after: list[str], one: str, other: str
) -> None:
    source = source_of(unicodedata.normalize(one, " ".join([*before, *quoted, *after])))  # type: ignore[arg-type]
    quote = unicodedata.normalize(other, " ".join(quoted))  # type: ignore[arg-type]
    span = locate(quote, source)
    assert span.match != "absent"
    assert unicodedata.normalize("NFC", source.text[span.start : span.end]) == unicodedata.normalize("NFC", quote)


@given(words, st.data())
def test_a_quote_with_one_letter_changed_is_absent(quoted: list[str], data: st.DataObject) -> None:
    """Another letter or digit in any place makes another quote, however similar."""
    text = " ".join(quoted)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("x7ж船७ع"))
    changed = text[:place] + other + text[place + 1 :]
    assume(bare(changed) != bare(text))
    assert locate(changed, source_of(text)) == ABSENT


DIGITS = ["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "๐๑๒๓๔๕๖๗๘๙"]


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.sampled_from(DIGITS), st.sampled_from(DIGITS))
def test_a_figure_is_located_only_as_itself(one: int, other: int, here: str, there: str) -> None:
    """Equal figures are located in the digits of any script; parts of figures and other figures are not."""
    text = "".join(here[int(digit)] for digit in str(one))
    quote = "".join(there[int(digit)] for digit in str(other))
    assert (locate(quote, source_of(f"x {text} y")).match != "absent") == (one == other)


@given(st.integers(0, 999), st.integers(0, 999), st.sampled_from([" ", "\n", "\u00a0", "\u3000"]), st.booleans())
def test_digits_with_a_space_between_them_are_never_joined(one: int, other: int, space: str, han: bool) -> None:
    """This also holds beside Han words, where other spaces have no meaning."""
    left, right = ("第", "组") if han else ("x ", " y")
    apart, joined = f"{left}{one}{space}{other}{right}", f"{left}{one}{other}{right}"
    assert locate(joined, source_of(apart)) == ABSENT
    assert locate(apart, source_of(joined)) == ABSENT


@pytest.mark.parametrize("sign", ["²", "³", "½", "①", "⁵", "₂", "Ⅳ", "㎞"])
def test_signs_with_a_meaning_of_their_own_are_not_folded(sign: str) -> None:
    """10² is not 102: compatibility forms are never compared."""
    folded = unicodedata.normalize("NFKC", sign)
    assert folded != sign
    assert locate(f"es sind 10{folded} da", source_of(f"es sind 10{sign} da")) == ABSENT
    assert locate(f"es sind 10{sign} da", source_of(f"es sind 10{folded} da")) == ABSENT
    assert locate(f"es sind 10{sign} da", source_of(f"Ja, es sind 10{sign} da.")).match == "exact"


@pytest.mark.parametrize("separator", [".", ",", "٫", "٬", "'", "’", "．", "，", "\u00a0", "\u202f"])
@pytest.mark.parametrize("cut", ["front", "back"])
def test_a_separator_between_digits_belongs_to_the_number(separator: str, cut: str) -> None:
    number = f"12{separator}345"
    part = f"345{separator}000 x" if cut == "front" else f"x 12{separator}345"
    text = f"x {number}{separator}000 x"
    assert locate(part, source_of(text)) == ABSENT
    assert locate(f"{number}{separator}000", source_of(text)).match == "exact"


@given(texts, texts, texts)
def test_a_quote_occurs_if_it_is_located(before: str, quote: str, after: str) -> None:
    """The law between `occurs`, which is quick, and `locate`."""
    for text in (before + quote + after, before + after):
        assert occurs(quote, text) is (locate(quote, text) != ABSENT)
        assert occurs(quote, source_of(text)) is (locate(quote, source_of(text)) != ABSENT)


@given(st.text(max_size=60), st.text(max_size=200))
def test_any_quote_in_any_text_gives_a_span_inside_it(quote: str, text: str) -> None:
    """No text raises an error, and no offset is outside the text."""
    span = locate(quote, text)
    if span.match == "absent":
        assert span == Span("absent", -1, -1, (), ())
        return
    assert 0 <= span.start < span.end <= len(text)
    assert all(0 <= start < end <= len(text) for start, end in (*span.parts, *span.others))
    assert (span.start, span.end) not in span.others


@pytest.mark.parametrize("quote", ["", " ", "\n\t", "\u3000", "\u200b\u00ad", "\u200d\u2060", "ـ", "\u064b\u0651"])
def test_a_quote_of_nothing_is_absent(quote: str) -> None:
    """White space, invisible characters and optional marks are no evidence."""
    assert locate(quote, source_of("Ein \u200b\u00adSatz, عادَ الـقاربُ \u200d\u2060 \u3000 da.\n\tEnde")) == ABSENT


@pytest.mark.parametrize("mark", ["\u0301", "\u0301\u0323", "\u093f", "\u3099"])
def test_a_mark_without_its_letter_is_absent(mark: str) -> None:
    """A mark alone begins inside a letter."""
    assert locate(mark, source_of(f"ca{mark} thuyền")) == ABSENT


def test_a_hundred_thousand_marks_are_read_and_compared() -> None:
    """A text that is made to be slow to normalise is still compared correctly."""
    marks = "\u0301\u0323" * 50_000
    source = source_of(f"vorher e{marks} nachher")
    assert locate(f"e{marks}", source).match == "exact"
    assert locate("vorher e nachher", source) == ABSENT
    assert locate(f"“e{marks}”", source_of(f"„e{marks}“")).match == "normalized"


def test_a_gap_is_looked_for_inside_its_paragraph_only() -> None:
    """Pieces that occur often, but never in one paragraph, are absent."""
    assert locate("Rad … Turm", source_of(*["Das Rad steht.", "Der Turm steht."] * 500)) == ABSENT


def test_a_long_quote_of_many_pieces_keeps_their_order() -> None:
    source = source_of("eins zwei drei vier fünf sechs sieben acht neun zehn")
    span = locate("eins … drei … fünf … sieben … neun", source)
    assert [source.text[start:end] for start, end in span.parts] == ["eins", "drei", "fünf", "sieben", "neun"]


def test_offsets_count_code_points_behind_astral_characters() -> None:
    source = source_of("𝔄🎻🇩🇪 Der Turm steht.", "🎻 „Der Turm“")
    exact = locate("Turm steht", source)
    other = locate('"Der Turm"', source)
    assert source.text[exact.start : exact.end] == "Turm steht"
    assert source.text[other.start : other.end] == "„Der Turm“"
    assert exact.start == 9


def test_a_plain_text_is_searched_like_a_source_of_one_paragraph() -> None:
    """The figures of a claim are searched for in its quote, which is a plain text."""
    assert locate("zwei Zeilen", "Das sind\nzwei Zeilen.") == Span("exact", 9, 20, ((9, 20),))
    assert locate("sind zwei", "Das sind\nzwei Zeilen.") == Span("normalized", 4, 13, ((4, 13),))


def test_a_quote_lists_at_most_twenty_other_places_of_a_thousand_examined() -> None:
    """A quote that occurs everywhere is no evidence, so it must cost neither space nor time."""
    often = " ".join(["Rad"] * 1500)
    assert len(locate("Rad", often).others) == 20
    assert len(locate_module._exact("Rad", searched(often))) == 1000


def test_a_quote_may_have_eight_ellipses() -> None:
    """A quote of more pieces is a collage and not evidence."""
    words = ["eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn"]
    source = source_of(" und ".join(words))
    assert locate(" … ".join(words[:9]), source).match == "normalized"
    assert locate(" … ".join(words), source) == ABSENT


@pytest.mark.parametrize(("cuts", "match"), [(900, "exact"), (1_100, "absent")])
def test_a_quote_that_is_a_thousand_times_only_part_of_a_word_is_absent(cuts: int, match: str) -> None:
    """Each place must be examined, and such a quote is no evidence."""
    assert locate("é", "né " * cuts + "é").match == match
