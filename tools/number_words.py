"""Make ``src/dragoman/data/spelled/XX.tsv``: the number words of a language, from the spell-out rules of CLDR.

CLDR ships, for some 80 languages, the rules by which ICU spells numbers (RBNF, described in UTS #35, part 3). This
script applies them forwards, to every number below 100 and to a few above each scale, in every set of rules (each
gender, case and style), and writes down what each piece of the spelling means:

    text    value   kind
    zwei    2       number          a whole number below 100
    hundert 100     scale           multiplies what stands before it
    mia     100     first           multiplies what stands after it (Swahili)
    ألفان    2000    fixed           a number above 99 that nothing multiplies
    og      0       joint           stands between two parts
    dritte  3       ordinal         no amount: it ends a number that is not one

``more.tsv`` beside the tables is written by hand, and has two more kinds: ``of`` (a joint that may stand before a scale,
Romanian "de") and ``open`` (a word for which print has two values; a number with it is not read).

Unpack the npm package cldr-rbnf (48.2.0, Unicode licence, `npm pack cldr-rbnf@48.2.0`) and run
``python tools/number_words.py package/rbnf src/dragoman/data/spelled``. A language is written if the package has its
rules. The licence of the data is ``LICENSE`` of that package; it is shipped beside the tables.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

LANGUAGES = (
    "af am ar az bg bn ca cs da de el en es et fa fi fil fr ga gl gu he hi hr hu hy id it ja ka kk km kn ko lo lt lv mk "
    "ml mn mr ms my ne nl no pa pl pt ro ru si sk sl sq sr sr-Latn sv sw ta te th tr uk ur uz vi zh zh-Hant"
).split()

_SHARED = {"sr": ("sr", "sr-Latn"), "pt": ("pt", "pt-PT"), "fr": ("fr", "fr-BE", "fr-CH"), "es": ("es", "es-419"),
           "de": ("de", "de-CH"), "fa": ("fa", "fa-AF"), "zh": ("zh", "zh-Hant", "yue")}  # fmt: skip
"""Languages of one table that have several files of rules."""

_LARGEST = 10**15
_TOKEN = re.compile(r"\[|\]|\$\((?P<plural>cardinal|ordinal),(?P<forms>(?:[a-z]+\{[^}]*\})+)\)\$|"
                    r"(?P<sign>[←→=])(?P<rules>[^←→=]*)(?P=sign)|(?P<three>→→→)")  # fmt: skip
_WHOLE = re.compile(r"\d+(?:/\d+)?>*")
"""The head of a rule for whole numbers: its base, a radix other than 10, and how far its divisor is lowered."""
_POWER = re.compile("10+")
_TESTED = (1, 2, 3, 5, 6, 10, 11, 20, 21, 100, 101, 200)
"""Counts that are spelled before each scale: they bring out its singular, dual, paucal and plural."""


class Piece(NamedTuple):
    """A part of a spelling and what it means. The values of ``kind`` are listed in the docstring of this module."""

    text: str
    value: int
    kind: str


class Step(NamedTuple):
    """A part of a rule: a literal, or a number that another set of rules spells (``sign`` is one of ← → =)."""

    sign: str
    text: str
    optional: bool
    forms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """How a number from ``base`` on is spelled; ``divisor`` splits it into quotient and remainder."""

    base: int
    divisor: int
    steps: tuple[Step, ...]


def read_rules(folder: Path, name: str) -> Mapping[str, list[Rule]]:
    """Return the sets of rules of one file by name. Rules for negative numbers and decimals are left out."""
    groups = json.loads((folder / f"{name}.json").read_text("utf-8"))["rbnf"]["rbnf"]
    sets = groups.get("SpelloutRules", {})
    return {
        name: [_rule(*rule) for rule in rules if _WHOLE.fullmatch(rule[0])]
        for name, rules in sets.items()
        if name.startswith("%")
    }


def _rule(head: str, body: str) -> Rule:
    lowered = head.count(">")
    base, _, radix = head.rstrip(">").partition("/")
    number, root = int(base), int(radix or 10)
    power = 0
    while root ** (power + 1) <= number:
        power += 1
    return Rule(number, root ** max(0, power - lowered), tuple(_steps(body.removesuffix(";").lstrip("'"))))


def _steps(body: str) -> Iterator[Step]:
    optional, position = False, 0
    for match in _TOKEN.finditer(body):
        if match.start() > position:
            yield Step("", body[position : match.start()], optional)
        position = match.end()
        if match[0] in "[]":
            optional = match[0] == "["
        elif match["plural"]:
            yield Step("", "", optional, tuple(form for form in re.findall(r"\{([^}]*)\}", match["forms"])))
        else:
            yield Step(match["sign"], match["rules"] or "", optional)
    if position < len(body):
        yield Step("", body[position:], optional)


class Speller:
    """Spells numbers by the rules of one language."""

    def __init__(self, sets: Mapping[str, list[Rule]]) -> None:
        self.sets = sets

    def texts(self, number: int, name: str) -> list[str]:
        """Return the spellings of a number, one for each plural form. Empty if the rules print digits."""
        return ["".join(piece.text for piece in pieces) for pieces in self.pieces(number, name, whole=False)]

    def pieces(self, number: int, name: str, *, whole: bool = True) -> list[list[Piece]]:
        """Return the spellings of a number in pieces. ``whole``: a number below 100 is one piece."""
        if whole and number < 100 and not name.startswith("%%"):
            kind = "ordinal" if "ordinal" in name else "number"
            return [[Piece(text, number, kind)] for text in self.texts(number, name)]
        rule = self._rule(number, name)
        if rule is None:
            return []
        quotient, remainder = divmod(number, rule.divisor)
        left = any(step.sign == "←" for step in rule.steps)
        results: list[list[Piece]] = [[]]
        for index, step in enumerate(rule.steps):
            if step.optional and not remainder:
                continue
            match step.sign:
                case "":
                    texts = step.forms or (step.text,)
                    kind = self._kind(rule, index, left, number, name)
                    value = rule.divisor if kind in ("scale", "first") else rule.base - rule.base % rule.divisor
                    additions = [[Piece(text, value, kind)] for text in texts]
                case "←":
                    additions = self._part(quotient, step.text or name, whole)
                case "→":
                    additions = self._part(remainder, step.text or name, whole)
                case _:
                    additions = self._part(number, step.text, whole)
            results = [before + addition for before in results for addition in additions][:16]
        return results

    def _part(self, number: int, name: str, whole: bool) -> list[list[Piece]]:
        name = name if name.startswith("%") else ""
        return self.pieces(number, name, whole=whole) if name else []

    def _rule(self, number: int, name: str) -> Rule | None:
        fitting = [rule for rule in self.sets.get(name, ()) if rule.base <= number]
        if not fitting:
            return None
        rule = fitting[-1]
        splits = {step.sign for step in rule.steps} >= {"←", "→"}
        if splits and rule.base % rule.divisor and number % rule.divisor == 0 and len(fitting) > 1:
            return fitting[-2]  # the rollback rule of RBNF
        return rule

    @staticmethod
    def _kind(rule: Rule, index: int, left: bool, number: int, name: str) -> str:
        """Return what a literal of a rule means."""
        ahead = [step.sign for step in rule.steps[:index]]
        behind = [step.sign for step in rule.steps[index + 1 :]]
        if rule.steps[index].optional or "=" in behind:
            return "joint"
        if rule.base < 100:
            return "ending" if number < 100 and rule.base == 0 else "number"
        if left:
            return "scale" if "←" in ahead else "first"
        if "→" in ahead:
            return "ending"
        return "fixed"


def joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Merge endings with the piece before them, and literals of one scale that stand side by side."""
    merged: list[Piece] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if last and piece.kind == "ending" and last.kind in ("scale", "fixed", "first"):
            merged[-1] = last._replace(text=last.text + piece.text)
        elif last and piece.kind == last.kind and piece.value == last.value and piece.kind in ("scale", "fixed", "first"):
            merged[-1] = last._replace(text=last.text + piece.text)
        else:
            merged.append(piece)
    return (piece for piece in merged if piece.kind != "ending")


def table(sets: Mapping[str, list[Rule]]) -> dict[tuple[str, int, str], None]:
    """Return the rows of a language in the order in which they are found."""
    speller = Speller(sets)
    found: dict[tuple[str, int, str], None] = {}
    scales = sorted({rule.divisor for rules in sets.values() for rule in rules if 100 <= rule.base <= _LARGEST})
    scales = [scale for scale in scales if scale >= 100]
    numbers = [*range(100), *range(100, 1000, 100), *range(101, 1000, 101)]
    for scale in scales:
        numbers += [count * scale + rest for count in _TESTED for rest in (0, 1, 2, 11, 100, 999) if rest < scale]
    names = [name for name in sets if not name.startswith("%%") and "year" not in name]
    for name in names:
        ordinal = "ordinal" in name
        for number in numbers:
            if number >= _LARGEST * 10:
                continue
            for pieces in speller.pieces(number, name):
                spelled = [*joined(pieces)]
                if any("#" in piece.text for piece in spelled):
                    continue
                for piece in spelled:
                    text = piece.text.strip(" \u00ad-\u200b")
                    if (text == "," or any(map(str.isalpha, text))) and not (ordinal and piece.kind == "joint"):
                        kind = "ordinal" if ordinal else piece.kind
                        found.setdefault((text, 0 if kind == "joint" else piece.value, kind))
    return _settled(found)


def _settled(found: Mapping[tuple[str, int, str], None]) -> dict[tuple[str, int, str], None]:
    """Return the rows without those that others make needless, and with the scales that only "a million" shows.

    Sets of ordinals use the words of cardinals too: these are no ordinals. A scale that is also spelled alone is a scale.
    """
    scales = {text: value for text, value, kind in found if kind == "scale"}
    for text, value, kind in found:
        word = text.split(" ")[-1]
        if kind == "fixed" and " " in text and _POWER.fullmatch(str(value)):
            scales.setdefault(word, value)
    cardinals = {text for text, _, kind in found if kind != "ordinal"}
    rows = {
        row: None
        for row in found
        if not (row[2] == "ordinal" and row[0] in cardinals) and not (row[2] == "fixed" and scales.get(row[0]) == row[1])
    }
    return rows | {(text, value, "scale"): None for text, value in scales.items()}


def main(folder: Path, target: Path) -> None:
    """Write one table for each language that the package has."""
    for language in LANGUAGES:
        names = [name for name in _SHARED.get(language, (language,)) if (folder / f"{name}.json").exists()]
        if "-" in language or not names:
            continue
        rows: dict[tuple[str, int, str], None] = {}
        for name in names:
            rows |= table(read_rules(folder, name))
        if not rows:
            continue
        lines = (f"{text}\t{value}\t{kind}\n" for text, value, kind in rows)
        (target / f"{language}.tsv").write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
