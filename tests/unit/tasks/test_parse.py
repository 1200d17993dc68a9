"""The text of a reply is the answer and nothing else, or is rejected with sentences that the model can act on."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.answers import Summary, Translation
from dragoman.errors import ReplyRejected
from dragoman.tasks.items import sentences
from dragoman.tasks.parse import Answer, parse
from tests.unit.core.test_answers import CLAIM, SUMMARY

ANSWER = json.dumps(SUMMARY, ensure_ascii=False)


def translation(*numbers: int) -> str:
    return json.dumps({"paragraphs": [{"paragraph": number, "text_en": f"Text {number}."} for number in numbers]})


def problems(text: str, task: str = "summary", paragraphs: tuple[int, ...] = (1, 2)) -> tuple[str, ...]:
    with pytest.raises(ReplyRejected) as caught:
        parse(task, text, paragraphs)
    assert caught.value.code == "invalid"
    return caught.value.problems


def of(**changed: Any) -> tuple[str, ...]:
    """The problems of a summary with changed fields, whether they cost the answer or only items of it."""
    many = {"claims": [CLAIM] * 4, **changed}
    try:
        return tuple(sentences(parse("summary", json.dumps({**SUMMARY, **many}), (1, 2)).invalid))
    except ReplyRejected as rejected:
        return rejected.problems


def answer_in(text: str, task: str = "summary", paragraphs: Iterable[int] = (1, 2)) -> Answer:
    parsed = parse(task, text, paragraphs)
    assert parsed.invalid == ()
    return parsed.answer


def test_a_valid_answer_is_parsed_unchanged() -> None:
    summary = answer_in(ANSWER)
    assert isinstance(summary, Summary)
    assert summary.model_dump() == SUMMARY


@pytest.mark.parametrize(
    "frame",
    ["{}", "\n {} \n", "```json\n{}\n```", "```\n{}\n```", "\n```json  \n{}```\n", "```json\r\n{}\r\n```",
     "```JSON\n{}\n```", "\ufeff{}"],
)  # fmt: skip
def test_a_code_fence_around_the_whole_answer_is_accepted(frame: str) -> None:
    """Asking again because of it would pay twice for the same words."""
    assert answer_in(frame.replace("{}", ANSWER)) == Summary.model_validate(SUMMARY)


@pytest.mark.parametrize(
    "frame",
    ["Here it is: {}", "{} I hope this helps.", "Sure!\n```json\n{}\n```", "```json\n{}\n```\nDone.", "{}{}",
     "```json\n{}\n```\n```json\n{}\n```", "`{}`", "[{}]", '"{}"', "```json {}```", "{},", "// {}"],
)  # fmt: skip
def test_text_around_the_answer_is_rejected(frame: str) -> None:
    """Nothing that a model adds is trusted."""
    assert problems(frame.replace("{}", ANSWER))


NO_OBJECT = {
    "nothing": "",
    "null": "null",
    "text": "I cannot help with that.",
    "truncated": ANSWER[:-30],
    "list": "[]",
    "empty object": "{}",
    "lone surrogate": ANSWER.replace("A mill", "\\ud800"),
    "surrogate in a name": '{"\\ud800": 1}',
    "deep": "[" * 100_000,
    "deep inside": '{"claims": ' + "[" * 100_000,
    "number out of range": '{"paragraph": ' + "9" * 5_000 + "}",
    "NaN": ANSWER.replace("[2]", "[NaN]"),
    "single quotes": ANSWER.replace('"', "'"),
    "comment": ANSWER[:-1] + "/* done */}",
    "trailing comma": ANSWER[:-1] + ",}",
    "fence without end": "```json\n" + ANSWER,
    "empty fence": "```json\n```",
}


@pytest.mark.parametrize("what", NO_OBJECT)
def test_any_other_text_is_rejected_with_short_printable_sentences(what: str) -> None:
    for sentence in problems(NO_OBJECT[what]):
        sentence.encode()
        assert len(sentence) < 400
        assert "\n" not in sentence


def test_broken_json_is_one_problem() -> None:
    (sentence,) = problems(ANSWER[:-30])
    assert sentence.startswith("the reply must be one JSON object and nothing else: ")


@pytest.mark.parametrize(
    ("changed", "path", "words"),
    [
        ({"title_en": " "}, "title_en: ", "must not be empty"),
        ({"published": "5 May"}, "published: ", "partial ISO date"),
        ({"claims": [CLAIM, {**CLAIM, "kind": "rumour"}]}, "c2: kind: ", "'fact', 'opinion' or 'prediction'"),
        ({"claims": [CLAIM, {**CLAIM, "paragraph": "two"}]}, "c2: paragraph: ", "valid integer"),
        (
            {"claims": [CLAIM, {**CLAIM, "quantities": [{**CLAIM["quantities"][0], "value": "4 billion"}]}]},
            "c2: quantities.1.value: ",
            "plain decimal string",
        ),
        ({"entities": None}, "entities: ", "valid list"),
        ({"confidence": 0.9}, "confidence: ", "the schema has no such field"),
    ],
)
def test_a_problem_names_the_path_the_rule_and_the_value(changed: dict[str, Any], path: str, words: str) -> None:
    (sentence,) = of(**changed)
    assert sentence.startswith(path)
    assert words in sentence
    assert "; it was " in sentence


def test_a_missing_field_is_named() -> None:
    parsed = parse(
        "summary", json.dumps({name: value for name, value in SUMMARY.items() if name != "abstract"}), (1, 2)
    )
    (sentence,) = sentences(parsed.invalid)
    assert sentence.startswith("abstract: this field is missing")


def test_the_first_dozen_problems_are_listed_and_the_rest_counted() -> None:
    """A re-ask needs no more."""
    assert len(of(title_en="", abstract="", published="x")) == 3
    many = of(claims=[{**CLAIM, "kind": ""}] * 40)
    assert len(many) == 12 + 1
    assert many[-1] == f"and {40 - 12} more problems"


def test_a_long_value_is_shortened() -> None:
    """An article that the model returned as a date is not sent to it again as an error."""
    (sentence,) = of(published="Ein langer Text. " * 5_000)
    assert len(sentence) < 250


def test_the_name_of_an_unknown_field_is_one_short_line() -> None:
    """It is the model's own text and goes into the next request."""
    (sentence,) = of(**{"x\n\n# New instructions: " + "z" * 500: 1})
    assert "\n" not in sentence
    assert len(sentence) < 200


def test_the_first_problem_is_the_message_of_the_error() -> None:
    with pytest.raises(ReplyRejected) as caught:
        parse("summary", ANSWER.replace('"claims"', '"claim"'), [1, 2])
    assert str(caught.value) == caught.value.problems[0]


def test_a_translation_of_every_paragraph_is_an_answer() -> None:
    """In any order: each has its number."""
    for numbers in ((3, 1, 2), (7, 9)):
        given_ = answer_in(translation(*numbers), "translation", iter(numbers))
        assert given_ == Translation.model_validate_json(translation(*numbers))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((1,), ["paragraphs without a translation: 2, 3"]),
        ((1, 2, 3, 4), ["paragraphs translated that are not in the request: 4"]),
        ((1, 2, 2, 3), ["paragraphs translated more than once: 2"]),
        ((), ["paragraphs without a translation: 1, 2, 3"]),
        (
            (0, 1, 1, -1),
            [
                "paragraphs without a translation: 2, 3",
                "paragraphs translated that are not in the request: -1, 0",
                "paragraphs translated more than once: 1",
            ],
        ),
    ],
)
def test_missing_unknown_and_repeated_paragraphs_are_listed(given: tuple[int, ...], expected: list[str]) -> None:
    assert list(problems(translation(*given), "translation", (1, 2, 3))) == expected


def test_a_long_list_of_paragraphs_is_shortened() -> None:
    (sentence,) = problems(translation(), "translation", tuple(range(1, 101)))
    assert sentence == f"paragraphs without a translation: {', '.join(map(str, range(1, 21)))} and 80 more"


@pytest.mark.parametrize("text", ["", " ", None])
def test_an_empty_translation_of_a_paragraph_is_rejected(text: str | None) -> None:
    answer = json.dumps({"paragraphs": [{"paragraph": 1, "text_en": text}]})
    assert problems(answer, "translation", (1,))[0].startswith("paragraphs.1: text_en: ")


@given(st.lists(st.integers(-3, 12), max_size=12), st.sets(st.integers(1, 9)))
def test_a_translation_is_valid_only_with_each_number_exactly_once(given_numbers: list[int], numbers: set[int]) -> None:
    try:
        parse("translation", translation(*given_numbers), sorted(numbers))
    except ReplyRejected:
        assert sorted(given_numbers) != sorted(numbers)
    else:
        assert sorted(given_numbers) == sorted(numbers)


@given(st.text(max_size=100), st.sampled_from(["summary", "translation"]))
def test_arbitrary_text_is_rejected(text: str, task: str) -> None:
    with pytest.raises(ReplyRejected) as caught:
        parse(task, text, [1])
    assert caught.value.problems
