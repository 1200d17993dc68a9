"""Spell numbers by CLDR's rules (RBNF), as LDML Part 3, section "Rule-Based Number Formatting", defines them.

Only what the rules for whole numbers use: substitutions (``→→``, ``←←``, ``=%set=``, ``→%set→``), optional parts in
brackets, radix and ``>`` in descriptors, and plural forms (``$(cardinal,one{…}other{…})$``).
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from pathlib import Path

_SUBSTITUTION = re.compile(r"(→→→|→[%#0][^→]*→|→→|←[%#0][^←]*←|←←|=[%#0][^=]*=)")
_PLURAL = re.compile(r"\$\((cardinal|ordinal),((?:[a-z]+\{[^}]*\})+)\)\$")
_FORM = re.compile(r"([a-z]+)\{([^}]*)\}")
_DESCRIPTOR = re.compile(r"([\d,]+)(?:/([\d,]+))?(>*)$")
LARGEST = 10**15


class Rule:
    """One rule of a set: from which number on it holds, and its text."""

    def __init__(self, base: int, radix: int, decrements: int, text: str) -> None:
        self.base = base
        exponent = 0
        while base and radix ** (exponent + 1) <= base:
            exponent += 1
        self.divisor = radix ** max(0, exponent - decrements)
        text = text.removesuffix(";")
        self.text = text.removeprefix("'")
        self.substitutions = len(_SUBSTITUTION.findall(self.text))


class Rules:
    """The rules of a locale."""

    def __init__(self, folder: Path, locale: str) -> None:
        data = json.loads((folder / f"{locale}.json").read_text("utf-8"))["rbnf"]["rbnf"]
        self.locale = locale
        self.sets: dict[str, list[Rule]] = {}
        for name, rows in data.get("SpelloutRules", {}).items():
            if not name.startswith("%"):
                continue
            rules = []
            for descriptor, text in rows:
                match = _DESCRIPTOR.match(descriptor.replace(" ", ""))
                if match is None:
                    continue
                base = int(match[1].replace(",", ""))
                radix = int(match[2].replace(",", "")) if match[2] else 10
                rules.append(Rule(base, radix, len(match[3]), text))
            self.sets[name] = sorted(rules, key=lambda rule: rule.base)

    @cached_property
    def _plural(self):  # type: ignore[no-untyped-def]
        from babel import Locale, UnknownLocaleError

        try:
            return Locale.parse(self.locale, sep="-").plural_form
        except (UnknownLocaleError, ValueError):
            return lambda number: "other"

    def spell(self, number: int, name: str, depth: int = 0) -> str:
        """``number`` in the words of a rule set. Raises LookupError where the rules fall back to digits."""
        rules = self.sets.get(name)
        if rules is None or depth > 60:
            raise LookupError(name)
        index = len(rules) - 1
        while index > 0 and rules[index].base > number:
            index -= 1
        rule = rules[index]
        if rule.base > number:
            raise LookupError(name)
        if rule.substitutions >= 2 and index and number % rule.divisor == 0 and rule.base % rule.divisor != 0:
            rule, index = rules[index - 1], index - 1
        return self._apply(rule, rules, index, number, name, depth)

    def _apply(self, rule: Rule, rules: list[Rule], index: int, number: int, name: str, depth: int) -> str:
        quotient, remainder = divmod(number, rule.divisor) if rule.base else (0, number)
        text = rule.text
        if "[" in text:
            before, _, rest = text.partition("[")
            inside, _, after = rest.partition("]")
            has_remainder = remainder != 0 and rule.base != 0
            if "|" in inside:
                first, _, second = inside.partition("|")
                inside_text = first if has_remainder else second
            else:
                inside_text = inside if has_remainder else ""
            text = before + inside_text + after
        text = _PLURAL.sub(lambda match: self._form(match[2], quotient), text)
        pieces = []
        for piece in _SUBSTITUTION.split(text):
            if not piece or piece[0] not in "→←=":
                pieces.append(piece)
                continue
            value = remainder if piece[0] == "→" else quotient if piece[0] == "←" else number
            inner = piece.strip("→←=")
            if inner.startswith(("#", "0")):
                raise LookupError("digits")
            if piece == "→→→":
                previous = rules[index - 1]
                pieces.append(self._apply(previous, rules, index - 1, value, name, depth + 1))
                continue
            pieces.append(self.spell(value, inner or name, depth + 1))
        return "".join(pieces)

    def _form(self, forms: str, number: int) -> str:
        by_name = dict(_FORM.findall(forms))
        return by_name.get(self._plural(number), by_name.get("other", ""))
