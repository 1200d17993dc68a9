"""Measure what the checks of a translation detect, and what they report wrongly in good ones.

    python benchmarks/evidence/translations.py            the table
    python benchmarks/evidence/translations.py --missed   also every damage that was missed, and every false alarm

The good translations are those of the samples and of the project's corpus, 21 articles in 16 languages. Each is damaged
by program in each of the ways below, at every paragraph where it can be. A damage is detected if the damaged paragraphs
have a new error or warning. ``translation_floors.json`` pins the shares; `tests/scenarios/test_translation_floors.py`
fails below them. Exit 1 if a floor is not met.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.corpus import ARTICLES

from dragoman.core.answers import TranslatedParagraph, Translation
from dragoman.core.record import Finding
from dragoman.core.source import Source
from dragoman.evidence.checks import check_answer
from dragoman.evidence.sentences import split_text
from dragoman.reading.discover import find, read
from dragoman.reading.prepare import prepare, prepare_text

REFUSALS = (
    "I'm sorry, but I can't translate this paragraph.",
    "I cannot assist with that request.",
    "As an AI language model, I am unable to translate this content.",
    "Please provide the paragraph that you would like me to translate.",
)
PLACEHOLDERS = (".", "…", "N/A", "[Translation not available]")

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Article:
    """A source with a good translation of each of its paragraphs."""

    name: str
    source: Source
    english: tuple[str, ...]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        return tuple(self.source.paragraph_text(number) for number in range(1, len(self.english) + 1))


@dataclass(frozen=True, slots=True)
class Damaged:
    """A translation that was damaged, and the indices of the paragraphs that are now wrong."""

    english: tuple[str, ...]
    wrong: frozenset[int]


@dataclass(slots=True)
class Tally:
    """How many damages of one kind there were, and how many had a warning or an error."""

    cases: int = 0
    detected: int = 0
    errors: int = 0
    missed: list[str] = field(default_factory=list)


Damage = Callable[[Article, int], Iterator[Damaged]]


def articles() -> Iterator[Article]:
    """The samples, and the articles of the corpus."""
    folder = ROOT / "samples"
    sources = {file.name: prepare(read(file)) for file in find([folder / "articles"])}
    for line in (folder / "expected" / "records.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        english = tuple(entry["text_en"] for entry in record["translation"]["paragraphs"])
        yield Article(record["article"]["name"], sources[record["article"]["name"]], english)
    for name, article in ARTICLES.items():
        source = replace(prepare_text("\n".join(article["paragraphs"])), language=article["language"])
        yield Article(name, source, tuple(article["english"]))


def refusal(article: Article, at: int) -> Iterator[Damaged]:
    """A refusal in place of the English."""
    yield _replaced(article, at, REFUSALS[at % len(REFUSALS)])


def placeholder(article: Article, at: int) -> Iterator[Damaged]:
    """A full stop, an ellipsis or a placeholder in place of the English."""
    yield _replaced(article, at, PLACEHOLDERS[at % len(PLACEHOLDERS)])


def exchanged(article: Article, at: int) -> Iterator[Damaged]:
    """The English of two neighbours exchanged."""
    english = list(article.english)
    if at + 1 < len(english):
        english[at], english[at + 1] = english[at + 1], english[at]
        yield Damaged(tuple(english), frozenset((at, at + 1)))


def exchanged_far(article: Article, at: int) -> Iterator[Damaged]:
    """The English of two paragraphs exchanged that are two or more apart."""
    english = list(article.english)
    for other in range(at + 2, len(english), 6):
        yield Damaged(
            tuple(english[other if i == at else at if i == other else i] for i in range(len(english))),
            frozenset((at, other)),
        )


def shifted(article: Article, at: int) -> Iterator[Damaged]:
    """From a paragraph on, the English of the one before; or of the one after."""
    english = article.english
    if 0 < at < len(english) - 1 and at % 2:
        yield Damaged((*english[:at], *english[at - 1 : -1]), frozenset(range(at, len(english))))
        yield Damaged((*english[:at], *english[at + 1 :], english[-1]), frozenset(range(at, len(english) - 1)))


def merged(article: Article, at: int) -> Iterator[Damaged]:
    """Two neighbours in one, and a mark for the second; or the second once more; or all others moved up."""
    english = article.english
    if at + 1 == len(english):
        return
    both, before, after = f"{english[at]} {english[at + 1]}", english[:at], english[at + 2 :]
    for mark in ("…", english[at + 1]):
        yield Damaged((*before, both, mark, *after), frozenset((at, at + 1)))
    if len(after) > 1:
        yield Damaged((*before, both, *after, after[-1]), frozenset(range(at, len(english))))


def repeated(article: Article, at: int) -> Iterator[Damaged]:
    """One sentence eighty times; or the whole English three times."""
    yield _replaced(article, at, " ".join([_sentences(article.english[at])[0]] * 80))
    yield _replaced(article, at, " ".join([article.english[at]] * 3))


def same(article: Article, at: int) -> Iterator[Damaged]:
    """The English of the paragraph before, once more."""
    if at:
        yield _replaced(article, at, article.english[at - 1])


def half_untranslated(article: Article, at: int) -> Iterator[Damaged]:
    """The English of the first sentence, and the rest as it is in the source."""
    english, source = _sentences(article.english[at]), _sentences(article.paragraphs[at])
    if len(english) == len(source) > 1:
        yield _replaced(article, at, " ".join([english[0], *source[1:]]))


def untranslated(article: Article, at: int) -> Iterator[Damaged]:
    """The source in place of its English."""
    yield _replaced(article, at, article.paragraphs[at])


def sentence_left_out(article: Article, at: int) -> Iterator[Damaged]:
    """One of two or more sentences left out."""
    english = _sentences(article.english[at])
    for out in range(len(english)) if len(english) > 1 else ():
        yield _replaced(article, at, " ".join(text for number, text in enumerate(english) if number != out))


def sentence_added(article: Article, at: int) -> Iterator[Damaged]:
    """A sentence that no paragraph has."""
    yield _replaced(article, at, article.english[at] + " The measure has drawn criticism from residents and experts.")


def half_left_out(article: Article, at: int) -> Iterator[Damaged]:
    """The second half of the words left out, in a paragraph of 100 characters and more."""
    words = article.english[at].split()
    if len(article.english[at]) >= 100:
        yield _replaced(article, at, " ".join(words[: len(words) // 2]) + ".")


def too_long(article: Article, at: int) -> Iterator[Damaged]:
    """Thousands of fluent characters."""
    others = " ".join(_FIGURE.sub("many", text) for text in FILLER)
    yield _replaced(article, at, f"{article.english[at]} {others}")


def scaled(article: Article, at: int) -> Iterator[Damaged]:
    """A figure a hundred times too large."""
    for figure in _figures(article.english[at]):
        if not re.fullmatch(r"(?:1[89]|20)\d\d", figure[0]):
            yield _with_figure(article, at, figure, figure[0].replace(".", "").replace(",", "") + "00")


def digit_changed(article: Article, at: int) -> Iterator[Damaged]:
    """Another first digit in a figure."""
    for figure in _figures(article.english[at]):
        yield _with_figure(article, at, figure, str(int(figure[0][0]) % 9 + 1) + figure[0][1:])


def figures_gone(article: Article, at: int) -> Iterator[Damaged]:
    """No figures, in a paragraph that has some."""
    if _figures(article.english[at]):
        yield _replaced(article, at, _FIGURE.sub("many", article.english[at]))


DAMAGES: Mapping[str, Damage] = {
    function.__name__.replace("_", " "): function
    for function in (
        refusal, placeholder, exchanged, exchanged_far, shifted, merged, repeated, same, half_untranslated,
        untranslated, sentence_left_out, sentence_added, half_left_out, too_long, scaled, digit_changed, figures_gone,
    )
}  # fmt: skip


def measure() -> tuple[dict[str, Tally], list[str]]:
    """The tally of each kind of damage, and the errors and warnings on the good translations."""
    tallies: dict[str, Tally] = {name: Tally() for name in DAMAGES}
    alarms = []
    for article in articles():
        good = _findings(article, article.english)
        alarms += [f"{article.name}: {each.severity} {each.check} {each.field}: {each.message}" for each in good]
        known = {(each.check, each.field) for each in good}
        for name, damage in DAMAGES.items():
            for at in range(len(article.english)):
                for damaged in damage(article, at):
                    if damaged.english != article.english:
                        _count(tallies[name], article, at, damaged, known)
    return tallies, alarms


def _count(tally: Tally, article: Article, at: int, damaged: Damaged, known: set[tuple[str, str | None]]) -> None:
    fields = {f"translation.{number + 1}" for number in damaged.wrong}
    new = [
        each
        for each in _findings(article, damaged.english)
        if each.field in fields and (each.check, each.field) not in known
    ]
    tally.cases += 1
    tally.detected += bool(new)
    tally.errors += any(each.severity == "error" for each in new)
    if not new:
        tally.missed.append(f"{article.name} {at + 1}: {damaged.english[at]}")


def _findings(article: Article, english: Sequence[str]) -> list[Finding]:
    """The errors and warnings about a translation."""
    entries = [TranslatedParagraph(paragraph=number, text_en=text) for number, text in enumerate(english, start=1)]
    findings = check_answer(article.source, None, Translation(paragraphs=entries))
    return [each for each in findings if each.severity != "note"]


def _replaced(article: Article, at: int, text: str) -> Damaged:
    return Damaged((*article.english[:at], text, *article.english[at + 1 :]), frozenset((at,)))


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_text(text, ())]


def _figures(text: str) -> list[re.Match[str]]:
    """The figures of two or more digits that stand by themselves."""
    return [match for match in _FIGURE.finditer(text) if len(match[0]) > 1]


def _with_figure(article: Article, at: int, figure: re.Match[str], other: str) -> Damaged:
    text = article.english[at]
    return _replaced(article, at, text[: figure.start()] + other + text[figure.end() :])


FILLER = tuple(text for article in ARTICLES.values() for text in article["english"])


def shares(tallies: Mapping[str, Tally]) -> dict[str, tuple[int, int]]:
    """Of each kind of damage, the per cent that was detected and that has an error, rounded down."""
    return {
        name: (100 * tally.detected // tally.cases, 100 * tally.errors // tally.cases)
        for name, tally in tallies.items()
    }


def short_of(tallies: Mapping[str, Tally], alarms: Sequence[str], floors: Mapping[str, object]) -> list[str]:
    """The floors that are not met, one sentence each."""
    pinned = floors["shares"]
    assert isinstance(pinned, dict)
    short = [
        f"{name}: {detected} % detected and {errors} % errors, the floors are {pinned[name][0]} and {pinned[name][1]}"
        for name, (detected, errors) in shares(tallies).items()
        if detected < pinned[name][0] or errors < pinned[name][1]
    ]
    most = floors["most_alarms_on_good_translations"]
    assert isinstance(most, int)
    if len(alarms) > most:
        short.append(f"good translations have {len(alarms)} errors and warnings, at most {most}")
    return short


def main() -> None:
    tallies, alarms = measure()
    floors = json.loads((HERE / "translation_floors.json").read_text("utf-8"))
    print(f"{'damage':<20}{'cases':>7}{'detected':>10}{'errors':>8}")
    for name, (detected, errors) in shares(tallies).items():
        print(f"{name:<20}{tallies[name].cases:>7}{detected:>9}%{errors:>7}%")
    print(f"\nerrors and warnings on the good translations: {len(alarms)}")
    if "--missed" in sys.argv[1:]:
        print("\n".join(alarms))
        for name, tally in tallies.items():
            print("\n".join(f"{name}: {line}" for line in tally.missed))
    short = short_of(tallies, alarms, floors)
    print("\n" + ("\n".join(f"BELOW ITS FLOOR  {line}" for line in short) or "all floors are met"))
    sys.exit(bool(short))


if __name__ == "__main__":
    main()
