"""Language and script are detected from the text, and only English counts as English."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.reading import language
from dragoman.reading.language import identify, looks_english, script_of
from tests.support import paths

CASES: list[dict[str, Any]] = json.loads((paths.CASES / "languages.json").read_text("utf-8"))["texts"]
SHARED = paths.SHARED
BY_LABEL = {case["label"]: case for case in CASES}
ENGLISH = BY_LABEL["English"]["text"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_a_sentence_is_enough(case: dict[str, Any]) -> None:
    assert identify(case["text"]) == (case["language"], case["script"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_decomposed_letters_are_the_same_language(case: dict[str, Any]) -> None:
    assert identify(unicodedata.normalize("NFD", case["text"])) == (case["language"], case["script"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_only_english_looks_english(case: dict[str, Any]) -> None:
    language, _ = identify(case["text"])
    assert looks_english(language, case["text"]) is (case["label"] == "English")


@pytest.mark.parametrize("label", ["Vietnamese", "German", "Swahili", "Indonesian", "Chinese, traditional", "Russian"])
@pytest.mark.parametrize("english", [1, 2, 3, 4])
def test_a_mixed_article_is_not_english(label: str, english: int) -> None:
    """With up to four English paragraphs for each foreign one there is still something to translate."""
    text = "\n".join(([ENGLISH] * english + [BY_LABEL[label]["text"]]) * 3)
    assert not looks_english(identify(text)[0], text)
    assert not looks_english("en", text)


def test_an_english_article_with_foreign_names_is_english() -> None:
    text = "\n".join(
        [ENGLISH] * 6
        + ["Nguyễn Văn An of the Hội An office told reporters that the plan (規劃) was still being discussed there."]
    )
    assert looks_english(identify(text)[0], text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_a_sample_of_a_long_text_gives_the_same_language_as_the_whole(case: dict[str, Any]) -> None:
    """Wherever the sample is taken: in the middle of words, in names, or in text without a language."""
    long = "\n".join([case["text"]] * 40)
    for text in (long, long[7:], " ".join(long.split("\n"))):
        assert identify(text) == language._identify_by(text, text)[:2]


def test_letters_that_identify_a_language_count_anywhere_in_the_text() -> None:
    """By its other letters the text would be Ukrainian; one ў makes it Belarusian, even outside of the sample."""
    text = "Горад адкрыў новы мост праз раку, і людзі цяпер ходзяць на працу кожную раніцу без аўтобуса.\n" * 40
    bare = text.replace("ў", "у")
    once = f"{bare}{text[:100]}{bare}"
    assert identify(text) == ("be", "Cyrl")
    assert identify(once) == language._identify_by(once, once)[:2] == ("be", "Cyrl")


def test_characters_that_distinguish_the_two_chinese_scripts_occur_in_one_only() -> None:
    """They are pairs of a simplified and a traditional character, neither of which belongs to both scripts."""
    import opencc

    simplified, traditional = language._SIMPLIFIED, language._TRADITIONAL
    assert opencc.OpenCC("t2s").convert(traditional) == simplified
    assert opencc.OpenCC("t2s").convert(simplified) == simplified
    assert len({*simplified, *traditional}) == 2 * len(simplified)
    for simple, full in zip(simplified, traditional, strict=True):
        assert opencc.OpenCC("s2t").convert(simple) != simple
        assert opencc.OpenCC("s2t").convert(full) == full


def test_addresses_and_mentions_do_not_make_a_language() -> None:
    text = BY_LABEL["Thai"]["text"] + " https://example.org/some/english/words/about/this @someone #news " * 3
    assert identify(text)[0] == "th"


@settings(deadline=None)  # the first example imports the libraries
@given(st.text(max_size=400))
def test_any_text_has_an_answer(text: str) -> None:
    language, script = identify(text)
    assert language
    assert len(script) == 4
    looks_english(language, text)


def test_scripts_are_those_that_unicode_names() -> None:
    """Every letter of the table whose Unicode name begins with a script's name is in that script."""
    names = {"LATIN": "Latn", "CYRILLIC": "Cyrl", "DEVANAGARI": "Deva", "THAI": "Thai", "HANGUL": "Hang",
             "HIRAGANA": "Hira", "ARABIC": "Arab", "HEBREW": "Hebr", "GREEK": "Grek", "CJK": "Hani",
             "BENGALI": "Beng", "TAMIL": "Taml", "KHMER": "Khmr", "ETHIOPIC": "Ethi"}  # fmt: skip
    wrong = []
    for point in range(0x30000):
        letter = chr(point)
        if unicodedata.category(letter) in ("Lu", "Ll", "Lo"):
            script = names.get(unicodedata.name(letter, "").split(" ")[0].split("-")[0])
            if script and script_of(letter) not in (script, ""):
                wrong.append(f"{point:04x}")
    assert wrong == []


@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="the seed articles are not beside this checkout")
def test_the_seed_articles_are_identified() -> None:
    languages = [identify(path.read_text("utf-8")) for path in sorted((SHARED / "seeds").glob("*.txt"))]
    assert languages == [("vi", "Latn"), ("vi", "Latn"), ("hi", "Deva"), ("zh-Hans", "Hans"), ("zh-Hant", "Hant")]


@pytest.mark.skipif(not (SHARED / "corpus").is_dir(), reason="the shared corpus is not beside this checkout")
def test_single_sentences_of_23_languages_are_identified() -> None:
    """At most two of 110 are wrong per language, as in 2026-11. A sentence is harder than an article."""
    lines = (SHARED / "corpus" / "aligned" / "ntrex_numeral_rich.jsonl").read_text("utf-8").split("\n")
    rows = [json.loads(line) for line in lines if line]
    for code in rows[0]["translations"]:
        texts = [row["translations"][code] for row in rows if row["translations"].get(code)]
        right = sum(1 for text in texts if identify(text)[0] == code)
        assert right >= len(texts) - 2, code


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Die neue Brücke ist gesperrt", "de"), ("Cây cầu mới đã mở cửa hôm nay", "vi"), ("Hôm nay trời rất đẹp", "und")],
)
def test_fewer_than_20_letters_of_a_shared_script_are_undetermined(text: str, expected: str) -> None:
    """Names and loan words mislead even when the library is certain. These texts have 24, 22 and 16 letters."""
    assert identify(text)[0] == expected


@pytest.mark.parametrize(("text", "certain"), [("這國來時會說對發", True), ("這國來時會說對", False)])
def test_eight_characters_of_one_chinese_script_decide_it_without_opencc(text: str, certain: bool) -> None:
    """Fewer may be a name or a quotation."""
    assert (language._clearly_written_chinese(Counter(text)) == ("zh-Hant", "Hant")) is certain


@pytest.mark.parametrize(("kana", "expected"), [(9, "ja"), (7, "zh-Hant")])
def test_a_text_with_more_than_8_percent_kana_is_japanese(kana: int, expected: str) -> None:
    """Counted with the weights of the scripts; Chinese has product names in kana."""
    weight = language._WEIGHT["Hani"] / language._WEIGHT["Kana"]
    text = "這國來時會說對發過現" * 10 + "カ" * round(kana / (100 - kana) * 100 * weight)
    assert identify(text)[0] == expected
