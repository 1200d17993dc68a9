"""The normal form makes spellings of one quote equal and maps each of its characters back to the text."""

from __future__ import annotations

import re
import sys
from itertools import pairwise

import pytest
from hypothesis import given

from dragoman.evidence.quotes import normalise as normalise_module
from dragoman.evidence.quotes import quick_boundaries
from dragoman.evidence.quotes.boundaries import UNSPACED_SCRIPT
from dragoman.evidence.quotes.normalise import LONGEST_CLUSTER, cuts_cluster, normal_form, normalise, simplified
from tests.unit.evidence.quotes.test_locate import texts


@given(texts)
def test_the_map_back_covers_the_text_in_order(text: str) -> None:
    """Every character of the normal form stands for a range of the text, and no range runs backwards."""
    whole = normalise(text)
    assert len(whole.text) == len(whole.starts) == len(whole.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(whole.starts, whole.ends, strict=True))
    assert all(left <= right for left, right in pairwise(whole.starts))
    assert all(left <= right for left, right in pairwise(whole.ends))


def test_letters_of_plain_runs_are_their_own_normal_form() -> None:
    """Runs of these letters are copied unread: none is a mark or a space, and those of spaced scripts take spaces."""
    plain = re.compile(f"[{quick_boundaries.SPACED}{quick_boundaries.UNSPACED}]")
    spaced = re.compile(f"[{quick_boundaries.SPACED}]")
    for letter in filter(plain.match, map(chr, range(sys.maxunicode + 1))):
        assert normalise_module._normal_form(letter) == letter
        assert not letter.isspace()
        assert not normalise_module._continues_cluster(letter, 0)
        assert not (spaced.match(letter) and UNSPACED_SCRIPT.match(letter))


@pytest.mark.parametrize(
    ("spelling", "normal"),
    [
        pytest.param("“a” «b» 「c」", '"a" "b" "c"', id="quotation marks"),
        pytest.param("1–2 — 3", "1-2 - 3", id="dashes"),
        pytest.param("e\u0301", "é", id="decomposed letters"),
        pytest.param("ＡＢ１２", "AB12", id="full widths"),
        pytest.param("٣٫٥ ٢٠", "3.5 20", id="Arabic digits and decimal sign"),
        pytest.param("الـقاربُ", "القارب", id="tatweel and Arabic vowel signs"),
        pytest.param("so\u00adft a\u200bb", "soft ab", id="invisible characters"),
        pytest.param("a \n\u00a0 b", "a b", id="white space"),
        pytest.param("工 厂", "工厂", id="white space between letters of an unspaced script"),
        pytest.param("第 1 2 组", "第1 2组", id="white space between digits"),
        pytest.param("規(guī)模", "規模", id="a reading in brackets"),
        pytest.param("谷歌20250;将", f"谷歌{chr(20250)}将", id="a reference without its beginning"),
        pytest.param("A&amp;B", "A&B", id="an undecoded reference"),
        pytest.param("10² ½", "10² ½", id="no compatibility folding"),
    ],
)
def test_spellings_have_one_normal_form(spelling: str, normal: str) -> None:
    assert normalise(spelling).text == normal


SAME_LETTERS = [
    ("Romanian ş and ș", "Preşedintele Ţării", "Președintele Țării"),
    ("Latvian with a combining comma", "pil\u0326s g\u0327imene", "pi\u013cs \u0123imene"),
    ("Kangxi radicals", "⼗⼆⽉⼆⼗⽇ ⽔⼤⼭", "十二月二十日水大山"),
    ("radicals of the supplement", "⻑野⺠⻘⻄⻩⻤⻝", "長野民青西黄鬼食"),
    ("Japanese forms of radicals", "⼾⿊", "戸黒"),
    ("compatibility ideographs", "\uf9d1\ufa19", "六神"),
    ("vertical punctuation", "︽文︾，﹙１﹚", "《文》,(1)"),
    ("Malayalam chillus", "ഉടന്‍ അവര്‍ കേരളത്തില്‍ ആള്‍ കണ്‍", "ഉടൻ അവർ കേരളത്തിൽ ആൾ കൺ"),
    ("Malayalam nta", "എൻ്റെ", "എന്റെ"),
    ("Malayalam au", "കൌമാരം", "കൗമാരം"),
    ("Thai SARA AM in two", "ท\u0e4d\u0e32", "ทำ"),
    ("Thai SARA AM around a tone", "น\u0e4d\u0e49\u0e32", "น้ำ"),
    ("Thai SARA AM behind a tone", "น\u0e49\u0e4d\u0e32", "น้ำ"),
    ("Thai tone behind SARA AM", "น\u0e33\u0e49", "น้ำ"),
    ("Thai tone before a vowel", "ท\u0e48\u0e35", "ที่"),
    ("Thai SARA AE as two SARA E", "เเละ", "และ"),
    ("Lao SARA AM", "ນ\u0ecd\u0ec9\u0eb2", "ນ້ຳ"),
    ("Arabic presentation forms", "ﺍﻟﻌﺮﺑﻴﺔ ﻻ ﷲ", "العربية لا الله"),
    ("tatweel", "الـعـــربية", "العربية"),
    ("Persian on an Arabic keyboard", "ايران كتاب", "ایران کتاب"),
    ("Persian heh with hamza", "خانهٔ", "خانۀ"),
    ("Urdu heh", "ہے", "هے"),
    ("Hebrew presentation forms", "\ufb2aלום ﬠם", "\u05e9\u05c1לום עם"),
    ("Bengali letters with a dot", "\u09af\u09bc\u09a1\u09bc\u09a2\u09bc", "\u09df\u09dc\u09dd"),
    ("Bengali khanda ta", "হঠাত্‍", "হঠাৎ"),
    ("Gurmukhi letter with a dot", "\u0a33", "\u0a32\u0a3c"),
    ("Devanagari vowel of two signs", "अाप काे", "आप को"),
    ("Gujarati vowel of two signs", "અામ કાેણ", "આમ કોણ"),
    ("Nepali eyelash ra", "गर्‍यो", "गऱ्यो"),
    ("Sinhala long e", "එ්", "ඒ"),
    ("Myanmar marks in another order", "န\u103a\u1037 မ\u102f\u102d", "န\u1037\u103a မ\u102d\u102f"),
    ("Khmer vowel of two signs", "ក\u17c1\u17b8", "ក\u17be"),
    ("Uzbek apostrophes", "oʻzbek gʻalaba maʼno", "o‘zbek g'alaba ma`no"),
    ("Ukrainian apostrophes", "п’ять", "пʼять"),
    ("Turkish capital i in two", "I\u0307stanbul", "İstanbul"),
    ("Turkish small letter of a dotted capital", "i\u0307stanbul", "istanbul"),
    ("Azeri schwa", "mǝn Ǝli", "mən Əli"),
    ("Greek oxia", "ο\u1f71", "οά"),
    ("Greek final sigma", "λόγος", "λόγοσ"),
    ("micro sign", "5 µm", "5 μm"),
    ("Vietnamese with the eth of Iceland", "Ðà Nẵng", "Đà Nẵng"),
    ("Croatian digraphs", "ǆep ǈubav ǋegoš", "džep Ljubav Njegoš"),
    ("Catalan l with a dot", "coŀlegi", "col·legi"),
    ("Dutch ij", "ĳs", "ijs"),
    ("Armenian ligature", "և ﬓ", "եւ մն"),
    ("long s", "Wachſtube", "Wachstube"),
    ("soft hyphens", "Donau\u00addampf", "Donaudampf"),
]


@pytest.mark.parametrize(("one", "other"), [pair[1:] for pair in SAME_LETTERS], ids=[pair[0] for pair in SAME_LETTERS])
def test_codings_of_one_letter_have_one_normal_form(one: str, other: str) -> None:
    assert normalise(one).text == normalise(other).text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("على", "علي", id="on and Ali in Arabic"),
        pytest.param("مدرسة", "مدرسه", id="school and his teacher in Arabic"),
        pytest.param("അവൻ", "അവന്", id="he and to him in Malayalam"),
        pytest.param("сор", "cop", id="Cyrillic and Latin"),
        pytest.param("Ѕ", "S", id="Macedonian dze and Latin S"),
        pytest.param("kır", "kir", id="Turkish i with and without a dot"),
        pytest.param("ð", "đ", id="eth and d with a stroke"),
        pytest.param("осел", "осёл", id="Russian e and yo"),
        pytest.param("ស្ត", "ស្ដ", id="Khmer ta and da below"),
        pytest.param("ഹെന്റി", "ഹെനറി", id="Malayalam nta and nara"),
        pytest.param("ষ", "স", id="Bengali sibilants"),
        pytest.param("ہ", "ھ", id="Urdu letters h"),
        pytest.param("カ", "力", id="katakana ka and the Han letter for power"),
        pytest.param("10²", "102", id="a power"),
        pytest.param("Ⅳ", "IV", id="a Roman numeral sign"),
        pytest.param("㎞", "km", id="a unit sign"),
        pytest.param("1º", "1°", id="an ordinal and a degree"),
    ],
)
def test_letters_that_only_look_alike_stay_different(one: str, other: str) -> None:
    """No two words may become equal: each of these pairs tells words apart."""
    assert normalise(one).text != normalise(other).text


def test_a_paragraph_end_stays_a_line_break() -> None:
    """Other line breaks become spaces; only the ends of paragraphs must not be crossed."""
    assert normal_form("a\nb\nc", (3,)).text == "a b\nc"


def test_traditional_characters_are_simplified_one_for_one() -> None:
    assert simplified("這個機場, abc") == "这个机场, abc"
    assert simplified("abc") == "abc"


def test_a_range_that_separates_a_letter_from_its_mark_is_recognised() -> None:
    text = "xe\u0301y"
    assert cuts_cluster(text, 0, 2)
    assert cuts_cluster(text, 2, 4)
    assert not cuts_cluster(text, 1, 3)


def test_a_letter_is_composed_with_a_limited_number_of_marks() -> None:
    """The marks after the limit form clusters of their own, so a hostile run of marks costs linear time."""
    marks = "\u0323" * 40
    ends = sorted(set(normalise("e" + marks).ends))
    assert ends[0] == LONGEST_CLUSTER + 1 == 17
