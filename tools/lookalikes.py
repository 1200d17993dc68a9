"""Make ``src/dragoman/data/lookalikes.tsv``: the characters that a reader could mistake for a letter of a fence word.

It has three sources, all for the letters of `dragoman.tasks.fences.LETTERS`:

* the confusables of Unicode (UTS #39), as confusable-homoglyphs 3.3.1 ships them (MIT; install it separately with
  `pip install`, because only this script needs it);
* the names of characters: "LATIN LETTER SMALL CAPITAL B", "LATIN SMALL LETTER B WITH HOOK", "TAG LATIN SMALL LETTER B",
  "REGIONAL INDICATOR SYMBOL LETTER B", "NEGATIVE SQUARED LATIN CAPITAL LETTER B", "COMBINING LATIN SMALL LETTER D";
* digits that look like letters (5 like S).

The table leaves out what `dragoman.tasks.fences.folded` does by rule: case, compatibility forms (widths, mathematical
letters, ligatures, circles), accents. Run it as ``python tools/lookalikes.py > src/dragoman/data/lookalikes.tsv``.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from importlib.resources import files

from dragoman.tasks.fences import LETTERS, by_rule

_NAMED = re.compile(
    r"(?:NEGATIVE (?:CIRCLED|SQUARED) |TAG |COMBINING |MODIFIER LETTER |CROSSED )?"
    r"(?:LATIN )?(?:SMALL |CAPITAL |LETTER )*(?:SMALL CAPITAL )?(?:SYMBOL )?(?:LETTER )?([A-Z])"
    r"(?: WITH [A-Z -]+| ROTUNDA| INSULAR)?"
)
_REGIONAL = re.compile(r"REGIONAL INDICATOR SYMBOL LETTER ([A-Z])")
_DIGITS = {"2": "z", "5": "s", "6": "b", "9": "g"}


def named() -> Iterator[tuple[str, str]]:
    """Characters that are named after a letter."""
    for code in range(0x80, sys.maxunicode + 1):
        name = unicodedata.name(chr(code), "")
        if "LATIN" in name or name.startswith(("REGIONAL INDICATOR", "MODIFIER LETTER")):
            match = _REGIONAL.fullmatch(name) or _NAMED.fullmatch(name)
            if match and match[1].lower() in LETTERS:
                yield chr(code), match[1].lower()


def confusable() -> Iterator[tuple[str, str]]:
    """Characters that UTS #39 lists as confusable with a letter, small or capital."""
    table = json.loads(files("confusable_homoglyphs").joinpath("confusables.json").read_text("utf-8"))
    for letter in LETTERS:
        for form in (letter, letter.upper()):
            for entry in table.get(form, ()):
                if len(entry["c"]) == 1 and not entry["c"].isascii():
                    yield entry["c"], letter


def main() -> None:
    rows: dict[str, str] = dict(_DIGITS)
    for character, letter in (*named(), *confusable()):
        if not set(by_rule(character)) & set(LETTERS):
            rows.setdefault(character, letter)
    lines = ["# Characters that a reader could take for a letter of a fence word; made by tools/lookalikes.py"]
    lines += [
        f"{ord(character):04X}\t{letter}\t{unicodedata.name(character)}" for character, letter in sorted(rows.items())
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
