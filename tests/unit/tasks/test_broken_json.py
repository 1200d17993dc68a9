"""A re-ask for broken JSON shows where the answer breaks and names only causes that were tried."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.errors import ReplyRejected
from dragoman.tasks.broken_json import AROUND, MOST_MENDED
from dragoman.tasks.parse import parse
from tests.unit.core.test_answers import CLAIM, SUMMARY

SAID = {**CLAIM, "text_en": "The manager said that they are investing.", "quote": '经理说:"我们今年投资25亿卢布。"'}
ANSWER: dict[str, Any] = {
    **SUMMARY,
    "key_points": ["One plant.", "Two, or three, plants.", "End."],
    "claims": [CLAIM, SAID],
}
FLAT = json.dumps(ANSWER, ensure_ascii=False)
PRETTY = json.dumps(ANSWER, ensure_ascii=False, indent=2)
START = "the reply must be one JSON object and nothing else: "


def told(text: str) -> str:
    """What the model is told about a text, in one sentence."""
    with pytest.raises(ReplyRejected) as caught:
        parse("summary", text, (1, 2))
    (sentence,) = caught.value.problems
    assert caught.value.code == "invalid"
    assert "\n" not in sentence
    assert len(sentence) < 400
    assert sentence.startswith(START)
    return sentence.removeprefix(START)


def but(old: str, new: str, text: str = FLAT) -> str:
    assert old in text
    return text.replace(old, new, 1)


CAUSES: dict[str, tuple[str, str, str]] = {
    # what: (text, words of the cause, words of the answer that are shown around the place)
    "quotation marks in a quote": (FLAT.replace('\\"', '"'), 'mark " before ⟦我们今年投资', "经理说:"),
    "quotation marks in a quote, indented": (PRETTY.replace('\\"', '"'), 'must be written \\" (1 more', "经理说:"),
    "a quoted word": (but("A mill works", 'A "mill" works'), 'mark " before ⟦mill"', '"abstract": "A "'),
    "a quoted word at the beginning": (
        but('"A mill works', '""A mill" works'),
        'mark " before ⟦A mill"',
        '"abstract": "',
    ),
    "a quoted word at the end": (but("14 workers.", '14 "workers"'), 'mark " before ⟦workers"', "It has 14"),
    "a quoted word before a comma": (but("Two, or", 'Two", or'), 'mark " before ⟦, or three', "Two"),
    "an empty quotation": (but("Two, or", 'Two "", or'), 'must be written \\"', "Two"),
    "a comma before the end": (FLAT[:-1] + ",}", "comma before the closing bracket }", "approximate"),
    "a comma at the end of a list": (but('"End."]', '"End.",]'), "comma before the closing bracket ]", "End."),
    "a comma at the end of a list, indented": (
        but('"End."\n', '"End.",\n', PRETTY),
        "comma before the closing",
        "End.",
    ),
    "two commas": (but("null, ", "null,, "), "comma before the comma", "publisher"),
    "no comma between texts": (but('plant.", "Two', 'plant." "Two'), "a comma is missing here", "One plant."),
    "no comma between fields": (but('",\n  "abstract', '"\n  "abstract', PRETTY), "a comma is missing here", "A mill"),
    "no comma between objects": (but("}, {", "} {"), "a comma is missing here", "text_en"),
    "no comma behind a number": (but('1, "quote"', '1 "quote"'), "a comma is missing here", "paragraph"),
    "no colon": (but('"title_en": ', '"title_en" '), "a colon is missing here", "title_en"),
    "an equals sign": (but('"title_en": ', '"title_en" = '), "= stands where : must stand", "title_en"),
    "a full-width colon": (but('"title_en": ', '"title_en"：'), "： stands where : must stand", "title_en"),
    "a full-width comma": (but('"A mill", ', '"A mill"，'), "， stands where , must stand", "A mill"),
    "a semicolon": (but('"A mill", ', '"A mill"; '), "; stands where , must stand", "A mill"),
    "no value": (but("[2]", ""), "a value is missing here", "boilerplate"),
    "a list that is not closed": (but('"End."]', '"End."'), "closing bracket ] before", "End."),
    "a list that is not closed at the end": (FLAT[:-2] + "}", "closing bracket ] is missing", "approximate"),
    "an object that is not closed": (but("}]}, {", "}], {"), "closing bracket } before", "text_en"),
    "a bracket too many": (FLAT + "}", "closing bracket } is one too many", "approximate"),
    "a bracket too many inside": (but('"End."]', '"End."]]'), "bracket ] is one too many", "End."),
    "an object closed too early": (
        but('null, "entities"', 'null}, "entities"'),
        "bracket } closes the object too early",
        "entities",
    ),
    "a line break in a text": (but("works. It", "works.\nIt"), "line break (newline) inside a string", "A mill works."),
    "two line breaks in a text": (but("works. It", "works.\n\nIt"), "written \\n (1 more", "A mill works."),
    "a line break of Windows": (
        but("works. It", "works.\r\nIt"),
        "line break (newline) inside a string",
        "A mill works.",
    ),
    "a line break in a text, indented": (
        but("works. It", "works.\nIt", PRETTY),
        "line break (newline)",
        "A mill works.",
    ),
    "a tab in a text": (but("works. It", "works.\tIt"), "tab inside a string must be written \\t", "A mill works."),
    "a comment in a line": (
        but('"claims": [', '"claims": [ // all of them', PRETTY),
        "comments are not allowed",
        "all of them",
    ),
    "a comment between stars": (FLAT[:-1] + "/* done */}", "comments are not allowed", "done"),
    "a comment with a hash": (but("{\n", "{\n# mine\n", PRETTY), "comments are not allowed", "# mine"),
    "single quotes": (but('"title_en"', "'title_en'"), "double quotation marks", "'title_en'"),
    "single quotes throughout": (re.sub(r'(?<!\\)"', "'", FLAT), "double quotation marks", "'title_en'"),
    "typographic quotes": (but('"A mill"', "“A mill”"), "double quotation marks", "A mill"),
    "backticks": (but('"A mill"', "`A mill`"), "double quotation marks", "A mill"),
    "a name without marks": (but('"title_en"', "title_en"), "name title_en needs double quotation marks", "title_en"),
    "None": (but("null", "None"), "None is written null", "None"),
    "True": (but("false", "False"), "False is written false", "False"),
    "undefined": (but("null", "undefined"), "undefined is written null", "undefined"),
    "NaN": (but("[2]", "[NaN]"), "NaN is not JSON", "boilerplate"),
    "NaN behind the word in a text": (
        but("[2]", "[NaN]", but("A mill works", 'NaN \\" NaN')),
        "NaN is not JSON",
        "boilerplate",
    ),
    "Infinity": (but('"14"', "-Infinity"), "-Infinity is not JSON", "value"),
    "a backslash before an apostrophe": (
        but("A mill works", "A mill\\'s works"),
        "backslash before ' is no escape",
        "A mill",
    ),
    "a backslash of Markdown": (
        but("A mill works", "A \\_mill\\_ works"),
        "backslash before _ is no escape",
        "abstract",
    ),
    "a short escape": (but("A mill works", "A \\u12 mill works"), "backslash before u is no escape", "abstract"),
    "a string that is not closed": (but('"A mill", "abs', '"A mill, "abs'), "closing quotation mark", "A mill"),
    "a string that is not closed, indented": (
        but('"A mill",\n', '"A mill,\n', PRETTY),
        "closing quotation mark",
        "A mill",
    ),
    "a last string that is not closed": (but("false}]}]}", '"no}]}]}'), "closing quotation mark", "approximate"),
    "half a character": (but("A mill works", "A \\ud83d mill works"), "\\ud83d is half a character", "abstract"),
    "the other half": (but("A mill works", "A \\\\ \\udca9 mill works"), "\\udca9 is half a character", "abstract"),
    "text before": ("Here it is:\n" + FLAT, "text before the object", "Here it is:"),
    "a fence that is not closed": ("```json\n" + FLAT, "text before the object", "```json"),
    "text after": (FLAT + "\nI hope this helps.", "text after the object", "I hope this helps."),
    "two objects": (FLAT + FLAT, "text after the object", "title_en"),
    "a comma after": (FLAT + ",", "text after the object", "approximate"),
    "tags": (f"<answer>{FLAT}</answer>", "text before the object", "<answer>"),
    "cut off in a string": (FLAT[:40], "cut off", "abstract"),
    "cut off behind a comma": (FLAT[: FLAT.index(' "claims"')], "cut off", "boilerplate"),
    "cut off behind a colon": (FLAT[: FLAT.index('"claims"') + 9], "cut off", "claims"),
    "cut off behind a value": (FLAT[:-2], "is missing", "approximate"),
    "no object": ("I cannot help with that.", "it has no object", "I cannot help"),
    "nothing": ("", "it is empty", ""),
    "too deep": ("[" * 100_000, "nested too deeply", ""),
}


@pytest.mark.parametrize(("text", "cause", "shown"), CAUSES.values(), ids=CAUSES)
def test_a_fault_is_told_with_its_cause_and_the_words_around_it(text: str, cause: str, shown: str) -> None:
    """With the words, the model finds the place; with the cause, it does not make the same fault again."""
    sentence = told(text)
    assert cause in sentence
    assert shown in sentence


def test_the_line_and_the_column_of_the_place_are_told() -> None:
    """Counted from 1, as editors do."""
    assert "(line 3, column 17)" in told(but("A mill works", '"mill" works', PRETTY))


UNKNOWN = {
    "an unquoted text": but('"A mill"', "A mill"),
    "brackets of another kind": but("[2]", "(2)"),
    "a program": but("[2]", "[x for x in (2,)]"),
    "many faults of many kinds": but("[2]", "(2)", but('"A mill"', "A mill", FLAT[:-1])),
}


@pytest.mark.parametrize("text", UNKNOWN.values(), ids=UNKNOWN)
def test_a_cause_that_cannot_be_verified_is_not_named(text: str) -> None:
    """Then the place and the parser's own words are told."""
    sentence = told(text)
    assert sentence.startswith("it breaks after ⟦")
    assert re.search(r"\): (Expecting value|Expecting ',' delimiter)$", sentence)


def test_a_first_fault_is_explained_when_another_one_follows() -> None:
    """The cause is verified by the text between the two, which must be longer than the words that are shown."""
    assert 'before ⟦mill"' in told(but("A mill works", 'A "mill" works', but("[2]", "(2)")))
    far = '{"a": "x "y" ' + "z" * 2 * AROUND + '", "b": (2)}'
    assert "stands inside a string" in told(far)
    assert "stands inside a string" not in told(far.replace("z" * AROUND, "", 1))


def test_as_many_quotation_marks_are_tried_as_an_answer_may_have() -> None:
    """With one more, the cause is named and not the number."""
    marks = but("A mill works", 'A "mill" works ' * (MOST_MENDED // 2))
    assert f"({MOST_MENDED - 1} more like it)" in told(marks)
    assert "more like it" not in told(but("It has", 'It "has" "it"', marks))
    assert 'before ⟦mill"' in told(but("It has", 'It "has" "it"', marks))


def test_the_words_shown_are_forty_characters_on_each_side() -> None:
    """Enough to find the place, and little enough that an article in a broken answer is not sent twice."""
    before, after = re.findall("⟦(.*?)⟧", told(but("A mill works", "a" * 500 + '"mill" ' + "b" * 500)))[:2]
    assert (before, after) == ("a" * 39 + '"', 'mill" ' + "b" * 34)


@settings(deadline=None, max_examples=150)
@given(st.integers(0, len(FLAT) - 1), st.text(st.sampled_from("\"\\,:{}[]\n'x/ 1é"), max_size=3), st.integers(0, 3))
def test_no_damage_breaks_the_explanation(place: int, put: str, cut: int) -> None:
    """Any damage gives an answer, or a rejection with sentences on one line. Nothing is mended silently: a text that is
    no JSON is never an answer."""
    text = FLAT[:place] + put + FLAT[place + cut :]
    try:
        json.loads(text)
        is_json = True
    except ValueError:
        is_json = False
    problems: tuple[str, ...] = ()
    try:
        parse("summary", text, (1, 2))
    except ReplyRejected as rejected:
        problems = rejected.problems
    assert problems or is_json
    assert all("\n" not in sentence and len(sentence) < 400 for sentence in problems)


@pytest.mark.parametrize("end", [",}", ", }", ",\n}", ",]"])
def test_an_object_that_is_closed_is_not_said_to_be_cut_off(end: str) -> None:
    """A bracket is missing and a comma is one too many: the model would otherwise write less the next time."""
    assert "cut off" not in told(FLAT[:-2] + end)
