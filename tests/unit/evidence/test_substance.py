"""An answer that says nothing about its article is recognised as a whole; short, odd and repetitive articles are not
taken for one."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.core.answers import Summary
from dragoman.core.source import Source, numbered
from dragoman.evidence.assess import assess
from dragoman.evidence.checks.empty import EQUAL, SummaryText, may_be_equal
from dragoman.evidence.empty_words import same_words
from dragoman.evidence.refusals import refusal
from dragoman.evidence.substance import MOST_PROBLEMS, Nothing, says_nothing
from dragoman.tasks.prompts import PromptLibrary
from tests.unit.core.test_answers import CLAIM, SUMMARY
from tests.unit.evidence.answers import PARAGRAPHS, SOURCE, claim, summary, translation

WORDING = {task: PromptLibrary().get(task).wording for task in ("summary", "translation")}

REFUSAL = "I'm sorry, but I can't help with summarizing this article."
SENTENCE = "The old mill on the Krebsbach has 14 workers again."
OTHER = "Revenue rose by 25% to 1.2 million euros."


def claims(*texts: str) -> list[dict[str, Any]]:
    return [claim(text_en=text) for text in texts]


FLUENT = " ".join(
    f"The {a} of the {b} looks back on a long history of {c} near the {a}."
    for a, b, c in zip(
        ("mill", "river", "town", "bridge", "market", "school", "church", "forest", "road", "valley") * 6,
        ("region", "county", "village", "state", "company", "family", "nation") * 9,
        ("milling", "trade", "faith", "war", "peace", "learning", "farming", "hunting", "crafts") * 7,
        strict=False,
    )
)

SAYS_NOTHING: dict[str, tuple[bool, dict[str, Any]]] = {
    "a refusal everywhere": (True, {"title_en": "Unable to process", "abstract": REFUSAL, "key_points": [REFUSAL]}),
    "a refusal in the abstract, and no claims": (True, {"abstract": REFUSAL, "key_points": []}),
    "a refusal in the language of the article": (
        True,
        {"abstract": "Leider kann ich diesen Artikel nicht zusammenfassen.", "key_points": []},
    ),
    "as an AI language model": (
        True,
        {"abstract": "As an AI language model, I am unable to read this.", "key_points": ["I cannot help with this."]},
    ),
    "a refusal in the abstract of a full answer": (
        False,
        {"abstract": REFUSAL, "key_points": [SENTENCE, OTHER], "claims": claims(SENTENCE, OTHER)},
    ),
    "N/A everywhere": (False, {"title_en": "N/A", "abstract": "N/A", "key_points": ["N/A"] * 3}),
    "the word of a type": (False, {"title_en": "string", "abstract": "string", "key_points": ["string"]}),
    "lorem ipsum": (False, {"abstract": "Lorem ipsum dolor sit amet, consectetur.", "key_points": [SENTENCE]}),
    "three dots": (False, {"abstract": "...", "key_points": [SENTENCE]}),
    "the description of the field": (False, {"abstract": "2 to 4 English sentences.", "key_points": [SENTENCE]}),
    "words of the prompt": (
        False,
        {
            "abstract": "Return the JSON object for the article above. Nothing from your own knowledge: no title, "
            "first name, country, date or conversion that the article does not give.",
            "key_points": [SENTENCE],
        },
    ),
    "words of the prompt with others in front": (
        False,
        {
            "abstract": "The instructions say this: 2 to 4 English sentences: what happened or is argued, who, when, "
            "where, and why it matters according to the article.",
            "key_points": [SENTENCE],
        },
    ),
    "a request for the article": (False, {"abstract": "Please provide the text of the article.", "key_points": []}),
    "no content": (False, {"abstract": "No content was provided.", "key_points": [SENTENCE]}),
    "the article itself": (False, {"abstract": " ".join(PARAGRAPHS), "key_points": [SENTENCE]}),
    "key points that all say nothing": (False, {"abstract": SENTENCE, "key_points": ["TBD", REFUSAL, "N/A"]}),
    "claims that all say nothing": (False, {"abstract": SENTENCE, "key_points": [], "claims": claims("N/A", "TBD")}),
    "no key point and no claim": (False, {"abstract": SENTENCE, "key_points": []}),
    "one sentence in the abstract": (False, {"abstract": f"{SENTENCE} " * 300, "key_points": [OTHER]}),
    "one sentence in all claims": (False, {"claims": claims(*[SENTENCE] * 25)}),
    "one sentence in all key points": (False, {"key_points": [SENTENCE] * 7, "claims": claims(OTHER)}),
    "a long abstract": (False, {"abstract": FLUENT[:1400]}),
    "long key points": (False, {"key_points": [FLUENT[at : at + 400] for at in range(0, 2800, 400)]}),
    "many claims": (False, {"claims": claims(*FLUENT.split(". ")[:40])}),
}


def answer(**changed: Any) -> Summary:
    values = {"abstract": SENTENCE, "key_points": [SENTENCE, OTHER], "claims": [], **changed}
    return Summary.model_validate({**SUMMARY, "entities": [], "boilerplate": [], **values})


def judged(given: Summary, source: Source = SOURCE) -> Nothing | None:
    return says_nothing(source, given, WORDING["summary"])


@pytest.mark.parametrize(("is_refusal", "changed"), SAYS_NOTHING.values(), ids=SAYS_NOTHING)
def test_an_answer_that_says_nothing_is_no_answer(is_refusal: bool, changed: dict[str, Any]) -> None:
    """It is a refusal if nothing in it says anything and something refuses; otherwise it is invalid, with a reason that
    the model can act on."""
    nothing = judged(answer(**changed))
    assert nothing is not None
    assert nothing.is_refusal is is_refusal
    assert 1 <= len(nothing.problems) <= MOST_PROBLEMS + 1
    assert all(len(problem) < 400 for problem in nothing.problems)


def source_of(*paragraphs: str, language: str = "de") -> Source:
    text, ranges, position = "\n".join(paragraphs), [], 0
    for paragraph in paragraphs:
        ranges.append((position, position + len(paragraph)))
        position += len(paragraph) + 1
    return Source(text, numbered(ranges), language, "Latn", "utf-8", "utf-8", text)


FLASH = source_of("Компания «Ладога» открыла завод в Выборге.", language="ru")
PLANT = "Ladoga opened a plant in Vyborg."
AI = source_of(
    "Immer öfter verweigern Chatbots die Antwort: „Es tut mir leid, dabei kann ich nicht helfen.“",
    "Als KI-Modell könne es den Text nicht zusammenfassen, antwortete das System 14 Testern.",
)
OBITUARY = source_of("Die Witwe sagte: „Es tut mir leid, ich kann darüber nicht sprechen.“ Er wurde 81 Jahre alt.")
POEM = source_of(*["Der Wind, der Wind, das himmlische Kind, er weht die ganze Nacht."] * 6)
CUT = source_of("Menü", "Teilen", "Abonnieren")

SAYS_SOMETHING: dict[str, tuple[Source, dict[str, Any]]] = {
    "a news flash of one line": (
        FLASH,
        {
            "title_en": PLANT,
            "abstract": PLANT,
            "key_points": [PLANT] * 3,
            "claims": [{**CLAIM, "text_en": PLANT, "paragraph": 1, "quote": FLASH.text, "quantities": []}],
        },
    ),
    "an article about refusals of machines": (
        AI,
        {
            "title_en": "“I'm sorry, I can't help with that”: chatbots refuse more often",
            "abstract": "Chatbots refuse to answer more and more often. “As an AI model, I cannot summarize this "
            "text,” a system told 14 testers.",
            "key_points": [
                "Chatbots say more often that they cannot help.",
                "A system told 14 testers that it could not summarize the text.",
                "Refused.“I'm sorry, but I can't help with that” is a frequent answer.",
            ],
            "claims": claims("As an AI model, it could not summarize the text, the system answered 14 testers."),
        },
    ),
    "an obituary": (
        OBITUARY,
        {
            "abstract": "The widow said: “I'm sorry, I can't talk about it.” He was 81.",
            "key_points": ["He died at 81.", "His widow was unable to speak about it."],
            "claims": [
                claim(text_en="I'm sorry, I can't talk about it.", quote="Es tut mir leid, ich kann darüber nicht")
            ],
        },
    ),
    "a poem with a refrain": (
        POEM,
        {
            "abstract": "The wind, the wind, the heavenly child, blows all through the night. " * 6,
            "key_points": ["The wind, the wind, the heavenly child, blows all night."] * 6,
        },
    ),
    "a list with parallel sentences": (
        SOURCE,
        {
            "claims": claims(
                *(f"The price of {grain} rose by {n}%." for n, grain in enumerate(("rye", "oats", "corn", "rye grass")))
            )
        },
    ),
    "a page that is no article": (CUT, {"abstract": "The page has only menus.", "key_points": [], "boilerplate": [1]}),
    "an abstract that quotes the article": (
        SOURCE,
        {"abstract": "The mill reopened, said Petra Lohmüller (“Die alte Mühle am Krebsbach hat wieder 14 Leute”)."},
    ),
    "the longest abstract that is requested": (SOURCE, {"abstract": FLUENT[:500]}),
}


@pytest.mark.parametrize(("source", "changed"), SAYS_SOMETHING.values(), ids=SAYS_SOMETHING)
def test_an_answer_about_an_odd_article_is_an_answer(source: Source, changed: dict[str, Any]) -> None:
    """What the article says itself, in quotation marks or in as many words, the answer may say too."""
    given = answer(**changed)
    assert judged(given, source) is None
    assert [found for found in assess(source, given).findings if found.check.startswith("empty.")] == []


SINGLE: dict[str, tuple[dict[str, Any], str, str]] = {
    "a title that refuses": ({"title_en": "I can't summarize this article"}, "empty.refusal", "title_en"),
    "a title that is a placeholder": ({"title_en": "N/A"}, "empty.placeholder", "title_en"),
    "a key point that refuses": ({"key_points": [SENTENCE, REFUSAL]}, "empty.refusal", "key_points.2"),
    "a key point that asks": ({"key_points": [SENTENCE, "Please provide the text."]}, "empty.request", "key_points.2"),
    "a claim that is a placeholder": ({"claims": claims(OTHER, "TBD")}, "empty.placeholder", "claims.c2.text_en"),
    "a claim that refuses": ({"claims": claims(OTHER, REFUSAL)}, "empty.refusal", "claims.c2.text_en"),
    "a claim that repeats itself": ({"claims": claims(f"{SENTENCE} " * 9)}, "empty.repeated", "claims.c1.text_en"),
    "a title as long as an article": ({"title_en": FLUENT[:950]}, "empty.length", "title_en"),
}


@pytest.mark.parametrize(("changed", "check", "field"), SINGLE.values(), ids=SINGLE)
def test_a_single_text_that_says_nothing_is_an_error(changed: dict[str, Any], check: str, field: str) -> None:
    """The rest of the answer stands, and a repair asks for this text alone."""
    given = answer(**changed)
    assert judged(given) is None
    found = [found for found in assess(SOURCE, given).findings if found.check.startswith("empty.")]
    assert [(f.check, f.severity, f.field) for f in found] == [(check, "error", field)]


def test_the_copies_of_a_sentence_among_others_are_errors() -> None:
    """From five in the same words on, each after the first; the answer as a whole says something."""
    given = answer(key_points=["A.", "B.", "C.", "D.", "E.", "F.", SENTENCE], claims=claims(*[SENTENCE] * 4))
    assert judged(given) is None
    found = [f.field for f in assess(SOURCE, given).findings if f.check == "empty.repeated"]
    assert found == [f"claims.c{number}.text_en" for number in (1, 2, 3, 4)]


@pytest.mark.parametrize("extra", [0, 1])
def test_the_longest_answer_depends_on_the_article(extra: int) -> None:
    """1,500 characters and five times the size of the article, in all texts but the title."""
    abstract, rest = FLUENT[:500], 1_500 + 5 * len(SOURCE.text) - 500 + extra
    points = [FLUENT[at : at + 500] for at in range(0, rest, 500)]
    points[-1] = points[-1][: rest - 500 * (len(points) - 1)]
    given = answer(abstract=abstract, key_points=points)
    assert len(abstract) + sum(map(len, points)) == 1_500 + 5 * 191 + extra
    assert (judged(given) is None) is (extra == 0)


@pytest.mark.parametrize(("letters", "needs_an_item"), [(60, True), (59, False)])
def test_a_line_without_a_mark_states_something_from_60_characters_on(letters: int, needs_an_item: bool) -> None:
    """A shorter one may be a word of a menu. East Asian letters count four times."""
    for line in ("x" * letters, "水" * (letters // 4) + "x" * (letters % 4)):
        given = answer(abstract=SENTENCE, key_points=[])
        assert (judged(given, source_of(line, language="zh")) is not None) is needs_an_item


def test_words_of_the_prompt_are_recognised_from_four_on() -> None:
    """Fewer may be a title."""
    assert judged(answer(abstract="Nothing from your own knowledge")) is not None
    assert judged(answer(abstract="your own knowledge")) is None


@pytest.mark.parametrize(("share", "is_copy"), [(0.35, False), (0.65, True), (0.9, True)])
def test_an_abstract_is_a_copy_from_half_of_it_on(share: float, is_copy: bool) -> None:
    """In the language of the article. Other words of that language are a finding, and a repair translates them."""
    text, other = (
        " ".join(PARAGRAPHS),
        "Das war die Nachricht von der Mühle, und mehr ist darüber heute nicht bekannt. ",
    )
    copied = int(len(text) * 0.5)
    own = int(copied * (1 - share) / share)
    abstract = text[:copied] + " " + (other * 5)[:own]
    assert (judged(answer(abstract=abstract)) is not None) is is_copy


@pytest.mark.parametrize(("rendered", "excused"), [("x" * 25, True), ("x" * 26, False), ("水" * 6, True)])
def test_a_short_text_may_be_rendered_by_a_placeholder(rendered: str, excused: bool) -> None:
    """Up to 25 characters in English: "no data" is "N/A", and nothing else is needed."""
    nothing = says_nothing(source_of(rendered, language="zh"), translation("N/A"), WORDING["translation"])
    assert (nothing is None) is excused


@pytest.mark.parametrize("words", [12, 13])
def test_a_long_headline_without_a_subject_is_news(words: int) -> None:
    """Up to twelve words may refuse: "Unable to process this content"."""
    title = "Unable to process this content" + " here" * (words - 5)
    assert len(title.split()) == words
    assert (refusal(title) is not None) is (words < 13)


@given(st.lists(st.sampled_from((SENTENCE, "2. " + SENTENCE, SENTENCE.upper(), OTHER, "Point.")), max_size=12))
def test_the_quick_check_for_equal_texts_misses_none(words: list[str]) -> None:
    """Whatever stands in front or in which case."""
    items = [SummaryText(f"key_points.{number}", text) for number, text in enumerate(words, start=1)]
    if any(count >= EQUAL for count in Counter(map(same_words, words)).values()):
        assert may_be_equal(items)


@pytest.mark.parametrize("length", [1_000, 1_300])
def test_the_longest_abstract_depends_on_the_article(length: int) -> None:
    """1,000 characters and twice the size of the article: 184 characters here."""
    assert len(SOURCE.text) == 191
    assert (judged(answer(abstract=FLUENT[: length + 382])) is None) is (length == 1_000)


# Translations


def test_a_translation_that_only_refuses_is_refused() -> None:
    """In every paragraph, whatever the words."""
    given = translation(REFUSAL, "I cannot translate this text.", "N/A")
    nothing = says_nothing(SOURCE, given, WORDING["translation"])
    assert nothing is not None
    assert nothing.is_refusal
    assert nothing.problems[0].startswith("paragraph 1: ")


def test_a_translation_of_placeholders_is_invalid() -> None:
    """No paragraph says anything, and none refuses."""
    nothing = says_nothing(SOURCE, translation("[translation]", "...", "Translated text"), WORDING["translation"])
    assert nothing is not None
    assert not nothing.is_refusal


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        (SOURCE, (SENTENCE, REFUSAL, "N/A")),
        (OBITUARY, ("I'm sorry, I can't help with this article.",)),
        (source_of("n. v.", "Beispiel", "—"), ("N/A", "Example", "-")),
        (source_of("Test"), ("Test",)),
    ],
    ids=["one paragraph is translated", "the article says so itself", "cells of a table", "one word"],
)
def test_a_translation_that_says_something_is_an_answer(source: Source, texts: tuple[str, ...]) -> None:
    """A single paragraph that says nothing is for the checks. Short ones may look like placeholders."""
    assert says_nothing(source, translation(*texts), WORDING["translation"]) is None


def test_only_the_first_problems_are_named() -> None:
    """An answer may have hundreds of them."""
    nothing = judged(answer(abstract="N/A", key_points=["N/A"] * 40))
    assert nothing is not None
    assert len(nothing.problems) == 12 + 1
    assert nothing.problems[-1] == "and 29 more texts that say nothing"


def test_the_answers_of_other_tests_say_something() -> None:
    """The common answer of the unit tests has no such finding."""
    assert judged(summary()) is None
