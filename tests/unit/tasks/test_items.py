"""One item that is not valid costs that item: the rest of the answer is kept, and corrections go to their place."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.answers import Claim, Summary
from dragoman.errors import ReplyRejected
from dragoman.tasks.items import InvalidItem, Place, contents, path_of, sentences, split, with_corrections
from dragoman.tasks.parse import Parsed, parse
from tests.unit.core.test_answers import CLAIM

GOOD: dict[str, Any] = {
    "title_en": "A mill",
    "abstract": "A mill works. It has 14 workers.",
    "key_points": ["One.", "Two.", "Three."],
    "published": "2026-11-05",
    "publisher": None,
    "author": "A. Miller",
    "syndicated_from": None,
    "entities": [
        {"name_en": name, "name_source": f"{name} (de)", "kind": "place"} for name in ("Mill", "River", "Town")
    ],
    "boilerplate": [2, 3],
    "claims": [{**copy.deepcopy(CLAIM), "text_en": f"The mill has {number} workers."} for number in (11, 12, 13, 14)],
}
WHOLE = Summary.model_validate(GOOD)
MISSING = object()


def changed(path: str, value: Any, name: str | None = None) -> dict[str, Any]:
    """`GOOD` with another value at a path whose entries are numbered from 1; ``MISSING`` removes the field."""
    answer = copy.deepcopy(GOOD)
    *above, last = (int(part) - 1 if part.isdigit() else part for part in path.split("."))
    target: Any = answer
    for part in above:
        target = target[part]
    if value is MISSING:
        del target[last]
    else:
        target[last] = value
    return answer


def read(answer: Any, *, last: bool = False) -> Parsed:
    return parse("summary", json.dumps(answer), (1, 2, 3), last=last)


def left_out(parsed: Parsed) -> list[str]:
    return [item.place.name for item in parsed.invalid]


BAD_VALUES: dict[str, tuple[str, Any, str]] = {
    "a day that does not exist": ("claims.2.event_date", "2024-02-30", "c2"),
    "a month that does not exist": ("claims.2.event_date", "2024-13", "c2"),
    "a date in words": ("claims.2.event_date", "5 May 2024", "c2"),
    "a date as a number": ("claims.2.event_date", 2024, "c2"),
    "a range of dates": ("claims.2.event_date", "2024/2025", "c2"),
    "a date and a time": ("claims.2.event_date", "2024-05-05T10:00:00Z", "c2"),
    "a decimal comma": ("claims.2.quantities.1.value", "6,5", "c2"),
    "a figure with separators": ("claims.2.quantities.1.value", "4 000 000", "c2"),
    "a figure as a JSON number": ("claims.2.quantities.1.value", 6.5, "c2"),
    "a figure with an exponent": ("claims.2.quantities.1.value", "4e9", "c2"),
    "a figure with its sign": ("claims.2.quantities.1.value", "6.5 %", "c2"),
    "a unit as a list": ("claims.2.quantities.1.unit", ["EUR"], "c2"),
    "null for true or false": ("claims.2.quantities.1.approximate", None, "c2"),
    "a word for true or false": ("claims.2.quantities.1.approximate", "about", "c2"),
    "a foreign field in a quantity": ("claims.2.quantities.1.sure", True, "c2"),
    "a quantity as a text": ("claims.2.quantities.1", "14 Leute", "c2"),
    "null for the quantities": ("claims.2.quantities", None, "c2"),
    "an object for the quantities": ("claims.2.quantities", {}, "c2"),
    "an unknown kind": ("claims.2.kind", "rumour", "c2"),
    "null for a kind": ("claims.2.kind", None, "c2"),
    "an unknown modality": ("claims.2.modality", "claimed", "c2"),
    "a paragraph in words": ("claims.2.paragraph", "two", "c2"),
    "a list of paragraphs": ("claims.2.paragraph", [1, 2], "c2"),
    "a fraction of a paragraph": ("claims.2.paragraph", 1.5, "c2"),
    "null for the English": ("claims.2.text_en", None, "c2"),
    "a blank quote": ("claims.2.quote", " ", "c2"),
    "a list of quotes": ("claims.2.quote", ["a", "b"], "c2"),
    "a speaker as an object": ("claims.2.speaker_en", {"name": "X"}, "c2"),
    "a field missing in a claim": ("claims.2.modality", MISSING, "c2"),
    "a foreign field in a claim": ("claims.2.confidence", 0.9, "c2"),
    "a claim as a text": ("claims.2", "The mill has 12 workers.", "c2"),
    "null for a claim": ("claims.2", None, "c2"),
    "a claim as a list": ("claims.2", [], "c2"),
    "an unknown kind of entity": ("entities.2.kind", "company", "entities.2"),
    "an entity without its name": ("entities.2.name_source", MISSING, "entities.2"),
    "a foreign field in an entity": ("entities.2.note", "x", "entities.2"),
    "an entity as a text": ("entities.2", "River", "entities.2"),
    "a blank key point": ("key_points.2", " ", "key_points.2"),
    "a key point as an object": ("key_points.2", {"text": "Two."}, "key_points.2"),
    "a paragraph of boilerplate in words": ("boilerplate.2", "three", "boilerplate.2"),
    "null for a paragraph of boilerplate": ("boilerplate.2", None, "boilerplate.2"),
    "a date of publication in words": ("published", "last week", "published"),
    "a date of publication as a number": ("published", 20261105, "published"),
    "an author as a list": ("author", ["A. Miller"], "author"),
    "no author": ("author", MISSING, "author"),
    "a blank title": ("title_en", " ", "title_en"),
    "no abstract": ("abstract", MISSING, "abstract"),
    "a foreign field": ("confidence", 0.9, "confidence"),
}


@pytest.mark.parametrize(("path", "value", "item"), BAD_VALUES.values(), ids=BAD_VALUES)
def test_a_bad_value_costs_its_item_and_nothing_else(path: str, value: Any, item: str) -> None:
    """Whatever is wrong with one field, everything beside it is the same as in the answer without it."""
    parsed = read(changed(path, value))
    assert left_out(parsed) == [item]
    field, number = parsed.invalid[0].place.field, parsed.invalid[0].place.number
    kept = parsed.answer.model_dump()
    for name, good in GOOD.items():
        if name != field:
            assert kept[name] == good
        elif number is not None:
            assert kept[name] == [entry for at, entry in enumerate(good, start=1) if at != number]
        else:
            assert kept[name] == ("" if name in ("title_en", "abstract") else None)
    assert parsed.invalid[0].problems


@pytest.mark.parametrize(("path", "value", "item"), BAD_VALUES.values(), ids=BAD_VALUES)
def test_an_invalid_item_says_what_is_wrong_in_short_lines(path: str, value: Any, item: str) -> None:
    """The sentences go into a finding and into the request for a correction."""
    for sentence in sentences(read(changed(path, value)).invalid):
        assert sentence.startswith(f"{item}: ")
        assert "\n" not in sentence
        assert len(sentence) < 300


@pytest.mark.parametrize("number", ["9" * 5_000, "1e999", "-1e999", "9" * 5_000 + ".5"], ids=lambda number: number[:6])
@pytest.mark.parametrize("old", ['"value": "14"', '"paragraph": 1', '"event_date": null', '"kind": "fact"'])
def test_a_number_beyond_all_numbers_costs_its_item(number: str, old: str) -> None:
    """Python converts no integer of more than 4,300 digits, and a float that is too large is infinite."""
    name = old.partition(":")[0]
    text = json.dumps({**GOOD, "claims": GOOD["claims"] * 10})
    (item,) = parse("summary", text.replace(old, f"{name}: {number}", 1), (1, 2, 3)).invalid
    assert item.place.name == "c1"
    json.dumps(item.content, allow_nan=False)


REPEATED: dict[str, tuple[str, str, list[str]]] = {
    "in a claim": (
        '"text_en": "The mill has 12', '"text_en": "Miller was arrested.", "text_en": "The mill has 12', ["c2"],
    ),
    "with the same value": ('"paragraph": 1, ', '"paragraph": 1, "paragraph": 1, ', ["c1"]),
    "three times": ('"paragraph": 1, ', '"paragraph": 1, ' * 3, ["c1"]),
    "in an escaped spelling": (
        '"text_en": "The mill has 12', '"text\\u005fen": "Miller was arrested.", "text_en": "The mill has 12', ["c2"],
    ),
    "in a quantity": ('"value": "14"', '"value": "15", "value": "14"', ["c1"]),
    "in an entity": ('"name_en": "River"', '"name_en": "Sea", "name_en": "River"', ["entities.2"]),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "items"), REPEATED.values(), ids=REPEATED)
def test_a_name_that_occurs_twice_costs_its_item(old: str, new: str, items: list[str]) -> None:
    """JSON parsers keep the last value: what stood first would be lost without a word."""
    text = json.dumps(GOOD)
    assert old in text
    parsed = parse("summary", text.replace(old, new, 1), (1, 2, 3))
    assert left_out(parsed) == items
    assert "more than once" in parsed.invalid[0].problems[0]
    assert all("(again)" not in problem for problem in parsed.invalid[0].problems)


@pytest.mark.parametrize("name", ["claims", "cl\\u0061ims", "title_en", "\\u0074itle_en", "boilerplate"])
@pytest.mark.parametrize("last", [False, True])
def test_a_name_that_occurs_twice_at_the_top_costs_the_answer(name: str, last: bool) -> None:
    """Nobody can say which of two lists of claims is meant."""
    plain = json.loads(f'"{name}"')
    text = json.dumps(GOOD)[:-1] + f', "{name}": {json.dumps(GOOD[plain])}}}'
    with pytest.raises(ReplyRejected) as caught:
        parse("summary", text, (1, 2, 3), last=last)
    assert caught.value.problems == (f"{plain}: this name occurs more than once in the same object",)


def test_the_same_name_in_two_objects_is_no_repetition() -> None:
    """Every claim has a text."""
    assert read(GOOD) == Parsed(WHOLE)


def test_names_that_occur_twice_are_found_in_translations_too() -> None:
    """There they cost the answer, as a paragraph without a translation does."""
    text = '{"paragraphs": [{"paragraph": 1, "text_en": "One.", "text_en": "Two."}]}'
    with pytest.raises(ReplyRejected) as caught:
        parse("translation", text, (1,))
    assert caught.value.problems[0] == "paragraphs.1: text_en: this name occurs more than once in the same object"


BROKEN: dict[str, tuple[Any, bool]] = {
    "claims as a text": (changed("claims", "none"), True),
    "no claims": (changed("claims", MISSING), True),
    "null for the claims": (changed("claims", None), True),
    "key points as a text": (changed("key_points", "One."), False),
    "no entities": (changed("entities", MISSING), False),
    "null for the boilerplate": (changed("boilerplate", None), False),
}
"""Answers without a list, and whether they are of no use even if they are not requested again."""


@pytest.mark.parametrize(("answer", "useless"), BROKEN.values(), ids=BROKEN)
def test_an_answer_without_a_list_is_broken_as_a_whole_unless_it_is_the_last(answer: Any, useless: bool) -> None:
    """No repair can write a whole list. The last answer is kept without it, if it has its claims."""
    with pytest.raises(ReplyRejected):
        read(answer)
    if useless:
        with pytest.raises(ReplyRejected):
            read(answer, last=True)
    else:
        parsed = read(answer, last=True)
        assert len(parsed.invalid) == 1
        assert parsed.answer.model_dump()["claims"] == GOOD["claims"]


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize(("bad", "whole"), [(1, False), (3, False), (5, True), (7, True), (8, True)])
def test_an_answer_of_which_more_than_half_is_invalid_is_broken_as_a_whole(bad: int, whole: bool, last: bool) -> None:
    """A repair writes the invalid items again. Past one half of the text, a new answer costs hardly more."""
    claims = [{**CLAIM, "kind": "rumour" if number < bad else "fact"} for number in range(8)]
    answer = {**GOOD, "claims": claims, "entities": [], "abstract": "The mill works. " * 5}
    share = bad * len(json.dumps(claims[0])) / len(json.dumps(answer))
    assert not 0.46 < share < 0.54  # far enough from one half that no detail of the form decides
    assert (share > 0.5) == whole
    if whole:
        with pytest.raises(ReplyRejected) as caught:
            read(answer, last=last)
        assert caught.value.problems[0].startswith("c1: kind: ")
    else:
        assert left_out(read(answer, last=last)) == [f"c{number}" for number in range(1, bad + 1)]


@st.composite
def damaged(draw: st.DrawFn) -> tuple[dict[str, Any], dict[Place, Any]]:
    """A summary with any set of its items damaged, and the good content of each damaged item."""
    answer = copy.deepcopy(GOOD)
    good: dict[Place, Any] = {}
    for number in sorted(draw(st.sets(st.integers(1, 4)))):
        good[Place("claims", number)] = Claim.model_validate(GOOD["claims"][number - 1])
        answer["claims"][number - 1] = draw(
            st.sampled_from([None, "x", {}, {**CLAIM, "kind": "?"}, {**CLAIM, "new": 1}])
        )
    for number in sorted(draw(st.sets(st.integers(1, 3)))):
        good[Place("key_points", number)] = GOOD["key_points"][number - 1]
        answer["key_points"][number - 1] = draw(st.sampled_from([None, "", 5]))
    for number in sorted(draw(st.sets(st.integers(1, 3)))):
        field = draw(st.sampled_from(["name_en", "name_source", "kind"]))
        good[Place("entities", number, field)] = GOOD["entities"][number - 1][field]
        answer["entities"][number - 1][field] = None
    for number in sorted(draw(st.sets(st.integers(1, 2)))):
        good[Place("boilerplate", number)] = str(GOOD["boilerplate"][number - 1])
        answer["boilerplate"][number - 1] = "x"
    for field in sorted(draw(st.sets(st.sampled_from(["title_en", "abstract", "published", "publisher", "author"])))):
        good[Place(field)] = GOOD[field] or "null"
        answer[field] = 5
    return answer, good


@given(damaged())
def test_corrections_put_every_item_back_where_it_was(case: tuple[dict[str, Any], dict[Place, Any]]) -> None:
    """Whatever was left out: with the good content of each damaged item, the answer is the one without damage."""
    answer, good = case
    summary, invalid = split(Summary, answer)
    correctable = {one.place for one in contents(summary, invalid)}
    assert set(good) <= correctable
    assert with_corrections(summary, invalid, good) == (WHOLE, ())


@given(damaged(), st.randoms())
def test_corrections_one_by_one_give_the_same_as_all_at_once(
    case: tuple[dict[str, Any], dict[Place, Any]], random: Any
) -> None:
    """An item keeps its name from round to round, whatever was corrected before it."""
    answer, good = case
    summary, invalid = split(Summary, answer)
    order = list(good.items())
    random.shuffle(order)
    for place, content in order:
        assert any(place in {part for part, _ in item.parts} for item in invalid)
        summary, invalid = with_corrections(summary, invalid, {place: content})
    assert (summary, invalid) == (WHOLE, ())


@given(damaged())
def test_what_is_kept_and_what_is_left_out_is_the_whole_answer(
    case: tuple[dict[str, Any], dict[Place, Any]],
) -> None:
    """Nothing of an answer disappears: each entry is valid, or an invalid item with the content that it had."""
    answer, _ = case
    summary, invalid = split(Summary, answer)
    for field in ("claims", "key_points", "entities", "boilerplate"):
        bad = [item for item in invalid if item.place.field == field]
        assert len(getattr(summary, field)) + len(bad) == len(answer[field])
        assert all(item.content == answer[field][(item.place.number or 0) - 1] for item in bad)


def test_items_after_one_that_is_left_out_keep_their_names_and_get_true_paths() -> None:
    """A claim has its name in the record. A key point has only its place in the list of the record."""
    answer = changed("claims.2", None)
    answer["key_points"][0] = ""
    summary, invalid = split(Summary, answer)
    paths = {one.place.name: path_of(one.place, summary, invalid) for one in contents(summary, invalid)}
    assert paths == {
        "title_en": "title_en",
        "abstract": "abstract",
        "key_points.1": "key_points",
        "key_points.2": "key_points.1",
        "key_points.3": "key_points.2",
        "c1": "claims.c1",
        "c2": "claims",
        "c3": "claims.c3",
        "c4": "claims.c4",
    }


@pytest.mark.parametrize("name", ["confidence", "source", "translation.1", "claims.c1.text_en", "x\n\ny", ""])
def test_the_name_of_a_foreign_field_is_no_path(name: str) -> None:
    """It is the model's own text: a finding about it must not pass for one about the source or about a claim."""
    summary, invalid = split(Summary, {**GOOD, name: 1})
    assert [path_of(item.place, summary, invalid) for item in invalid] == ["summary"]


NOT_CORRECTABLE = {
    "a foreign field": changed("confidence", 0.9),
    "an entity as a text": changed("entities.2", "River"),
    "an entity with a foreign field": changed("entities.2.note", "x"),
}


@pytest.mark.parametrize("answer", NOT_CORRECTABLE.values(), ids=NOT_CORRECTABLE)
def test_what_a_repair_has_no_place_for_is_left_out_and_not_sent(answer: Any) -> None:
    """A correction is a claim or a text."""
    _, invalid = split(Summary, answer)
    assert len(invalid) == 1
    assert list(invalid[0].parts) == []


def test_a_correction_that_is_not_valid_leaves_the_item_out() -> None:
    """A text can be put into any field; only a valid one counts."""
    summary, invalid = split(Summary, changed("published", "last week"))
    again, still = with_corrections(summary, invalid, {Place("published"): "yesterday"})
    assert again.published is None
    assert [item.content for item in still] == ["yesterday"]


@pytest.mark.parametrize("text", ["null", " None ", "NULL"])
def test_a_correction_says_null_in_words(text: str) -> None:
    """The form of a correction has no null."""
    summary, invalid = split(Summary, changed("published", "last week"))
    assert with_corrections(summary, invalid, {Place("published"): text}) == (
        WHOLE.model_copy(update={"published": None}),
        (),
    )


def test_a_field_that_is_missing_is_not_the_same_as_null() -> None:
    """A correction of another item does not make it valid."""
    summary, invalid = split(Summary, changed("author", MISSING))
    _, still = with_corrections(summary, invalid, {Place("title_en"): "Another"})
    assert still == invalid == (InvalidItem(Place("author"), None, still[0].problems, (), is_missing=True),)
