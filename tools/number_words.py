"""Make the tables of number words, `src/dragoman/data/spelled`, from CLDR's rules for spelling numbers.

    npm pack cldr-rbnf@48.2.0 && tar xzf cldr-rbnf-48.2.0.tgz
    python tools/number_words.py package/rbnf

The rules (Unicode licence, see LICENSE-CLDR.txt beside the tables) spell many numbers in every cardinal rule set. A
table has only the words that are needed to read all of them back with the composition of
`evidence/figures/spelled.py`: each spelling that cannot be read yet is compared with the parts that can, and what is
left is a new word. Rows of ``tools/number_words.tsv`` are added: words that the rules do not know (other cases, older
spellings, languages without rules). The script prints the spellings that the finished table does not read back.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tools")]

from rbnf import Rules  # noqa: E402

from dragoman.evidence.figures.spelled import Form, Words, parse, spelling  # noqa: E402

LOCALES: dict[str, tuple[str, ...]] = {
    "gl": (), "af": ("af",), "am": ("am",), "ar": ("ar",), "az": ("az",), "bg": ("bg",), "ca": ("ca",), "cs": ("cs",),
    "da": ("da",), "de": ("de", "de-CH"), "el": ("el",), "en": ("en", "en-IN"), "es": ("es", "es-419"), "et": ("et",),
    "fa": ("fa", "fa-AF"), "fi": ("fi",), "fil": ("fil",), "fr": ("fr", "fr-BE", "fr-CH"), "gu": ("gu",),
    "he": ("he",), "hi": ("hi",), "hr": ("hr",), "hu": ("hu",), "hy": ("hy",), "id": ("id",), "it": ("it",),
    "ka": ("ka",), "kk": ("kk",), "km": ("km",), "ko": ("ko",), "lo": ("lo",), "lt": ("lt",), "lv": ("lv",),
    "mk": ("mk",), "ms": ("ms",), "my": ("my",), "ne": ("ne",), "nl": ("nl",), "no": ("no", "nn"), "pl": ("pl",),
    "pt": ("pt", "pt-PT"), "ro": ("ro",), "ru": ("ru",), "sk": ("sk",), "sl": ("sl",), "sq": ("sq",),
    "sr": ("sr", "sr-Latn"), "sv": ("sv",), "sw": ("sw",), "ta": ("ta",), "th": ("th",), "tr": ("tr",), "uk": ("uk",),
    "vi": ("vi",), "ja": ("ja",), "bn": (), "ur": (), "mr": (), "pa": (), "te": (), "kn": (), "ml": (), "mn": (),
    "si": (), "uz": (),
}  # fmt: skip
UNSPACED = ("km", "lo", "my", "th", "ko", "ja")
ASIAN_SCALES = ("en", "hi", "ne", "gu", "ta", "th", "lo", "km", "my", "ko", "ja")
"""Languages with scales that are no power of a thousand."""
REPEATED = ("th", "lo", "ta")
"""Languages that multiply a scale with itself: ล้านล้าน."""
COMPOUND = ("fi", "de", "nl", "hu", "et", "af", "sv", "da", "no")
"""Languages that write most ordinals in one word, which is no cardinal: no row is needed to know that."""
SPACED_HUNDREDS = ("af", "da", "no", "sv")
SINGLE = range(3, 21)
"""The ordinals that are rows in those of them that write "hundrede og tredje" in words. The words for 1st and 2nd are
also those for "the first" and "the other" things of a number."""
SCALE_FIRST = ("sw",)
FLAGS = {"unspaced": UNSPACED, "repeated": REPEATED, "commas": ("en", "sw", "pt", "it")}
FACTORS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20, 21, 22, 25, 30, 40, 51, 99, 100, 101, 120, 200, 345, 500, 999)
REMAINDERS = (0, 1, 2, 5, 11, 20, 21, 99, 100, 101, 110, 234, 500, 999)
POWERS = (3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15)


def numbers() -> list[int]:
    """The numbers that are spelled, small ones first."""
    scaled = {
        factor * 10**power + remainder * (10 ** (3 * step) if power > 3 * step else 0)
        for power in POWERS
        for factor in FACTORS
        for remainder in REMAINDERS
        for step in (0, 1, 2)
    }
    return [*range(1000), *sorted(number for number in scaled if 1000 <= number < 10**15)]


class Table:
    """The words found so far."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.forms: dict[str, list[Form]] = defaultdict(list)
        self.trie = Words({}, {flag for flag, languages in FLAGS.items() if language in languages})

    def add(self, word: str, form: Form) -> None:
        if not word or form in self.forms[word]:
            return
        self.forms[word].append(form)
        self.trie.add(word, form)

    def value(self, letters: str) -> int | None:
        """What the letters are as a whole, by the first reading; None if they are no number."""
        for end, state, _ in parse(letters, self.trie):
            if end == len(letters):
                return int(state.total())
        return None

    def is_number(self, letters: str) -> bool:
        return self.value(letters) is not None

    def learn(self, number: int, letters: str) -> None:
        if not letters or self.value(letters) == number:
            return
        if number < 100:
            self.add(letters, Form("u", Decimal(number)))
            return
        scale = next(
            10**p for p in (15, 12, 9, 8, 7, 6, 5, 4, 3, 2) if number >= 10**p and self.is_scale(10**p, number)
        )
        factor, rest = divmod(number, scale)
        if rest:
            self.learn_sum(number, factor * scale, rest, letters)
            return
        self.learn_product(number, factor, scale, letters)

    scales: frozenset[int] = frozenset()

    def is_scale(self, scale: int, number: int) -> bool:
        return scale in self.scales

    def learn_ordinal(self, number: int, letters: str) -> None:
        """Add an ordinal, unless it is a cardinal as well or ends in the ordinal of a smaller number."""
        if letters and not any(end == len(letters) for end, _, _ in parse(letters, self.trie)):
            self.add(letters, Form("o", Decimal(number)))

    def learn_sum(self, number: int, first: int, rest: int, letters: str) -> None:
        """``letters`` are the words of ``first`` and those of ``rest``: the longest end that is ``rest`` is cut off."""
        for cut in range(1, len(letters)):
            if self.value(letters[cut:]) == rest:
                before = letters[:cut]
                if self.value(before) == first:
                    return  # both are known, but not in a row: nothing that a word could mend
                for joint in range(1, min(6, cut)):
                    if self.value(before[:-joint]) == first:
                        self.add(before[-joint:], Form("j", Decimal(0)))
                        return
                self.learn(first, before)
                return

    def learn_product(self, number: int, factor: int, scale: int, letters: str) -> None:
        if self.language in SCALE_FIRST:
            for cut in range(len(letters) - 1, 0, -1):
                if self.value(letters[cut:]) == factor:
                    self.add(letters[:cut], Form("f", Decimal(scale)))
                    return
        shortest = 1 if self.language in UNSPACED else 2
        for cut in range(len(letters) - shortest, 0, -1):
            if self.value(letters[:cut]) == factor:
                self.add(letters[cut:], Form("s", Decimal(scale)))
                return
        for word, forms in [*self.forms.items()]:
            if factor > 1 and letters.endswith(word) and any(f.kind in "sb" and f.value == scale for f in forms):
                # The factor has a form of its own before this scale.
                before = letters.removesuffix(word)
                if before and not self.is_number(before):
                    self.learn(factor, before)
                    return
        if factor == 1:
            self.add(letters, Form("b", Decimal(scale)))
        elif scale == 100:
            self.add(letters, Form("u", Decimal(number)))
        else:
            self.add(letters, Form("c", Decimal(number), scale))


def is_cardinal(name: str) -> bool:
    return name.startswith(("%spellout-cardinal", "%spellout-numbering")) and not name.endswith(("-year", "-days"))


def spellings(rules: Rules, name: str) -> Iterable[tuple[int, str]]:
    for number in numbers():
        try:
            yield number, rules.spell(number, name)
        except LookupError:
            continue


def make(language: str, folder: Path) -> tuple[Table, list[str]]:
    table = Table(language)
    tables = [Rules(folder, locale) for locale in LOCALES[language]]
    scales = {100}
    for rules in tables:
        for name, rows in rules.sets.items():
            if is_cardinal(name) or name.startswith("%%"):
                powers = (3, 4, 5, 6, 7, 8, 9, 12, 15) if language in ASIAN_SCALES else (3, 6, 9, 12, 15)
                scales |= {rule.base for rule in rows if rule.base in {10**power for power in powers}}
    table.scales = frozenset(scales)
    for word, form in by_hand(language):
        table.add(spelling(word, language), form)
    said = [
        (number, spelling(words.replace(",", "").replace("،", ""), language))
        for rules in tables
        for name in rules.sets
        if is_cardinal(name)
        for number, words in spellings(rules, name)
    ]
    said = sorted(dict.fromkeys(said))
    for number, letters in said:
        table.learn(number, letters)
    for number, letters in ordinals(tables, language):
        if language not in COMPOUND or (language in SPACED_HUNDREDS and number in SINGLE):
            table.learn_ordinal(number, letters)
    missed = [
        f"{number} {letters} = {table.value(letters)}" for number, letters in said if table.value(letters) != number
    ]
    return table, [f"{len(missed)} of {len(said)}", *missed[:12]]


def ordinals(tables: Iterable[Rules], language: str) -> list[tuple[int, str]]:
    """The ordinals of every rule set, small ones first."""
    said = set()
    for rules in tables:
        for name in rules.sets:
            if name.startswith("%spellout-ordinal"):
                for number in (*range(1, 130), *range(200, 1001, 100), 1_000_000):
                    try:
                        said.add((number, spelling(rules.spell(number, name), language)))
                    except LookupError:
                        continue
    return sorted(said)


def by_hand(language: str) -> Iterable[tuple[str, Form]]:
    path = ROOT / "tools" / "number_words.tsv"
    for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
        if line and not line.startswith("#"):
            code, word, kind, value, *scale = line.split("\t")
            if code == language:
                yield word, Form(kind, Decimal(value or 0), int(scale[0]) if scale and scale[0] else 0)


def main() -> None:
    folder = Path(sys.argv[1])
    target = ROOT / "src/dragoman/data/spelled"
    for language in sys.argv[2:] or LOCALES:
        table, report = make(language, folder)
        rows = sorted(
            (form.kind, form.value, form.scale, word) for word, forms in table.forms.items() for form in forms
        )
        lines = ["# word, kind, value, scale. Made by tools/number_words.py from CLDR 48.2; see LICENSE-CLDR.txt."]
        lines += [flag for flag, languages in FLAGS.items() if language in languages]
        lines += [
            "\t".join([word, kind, str(value), *([str(scale)] if scale else [])]) for kind, value, scale, word in rows
        ]
        (target / f"{language}.tsv").write_text("\n".join(lines) + "\n", "utf-8")
        report_lines = "\n    ".join(report)
        sys.stdout.write(f"{language}: {len(rows)} rows; not read back: {report_lines}\n")


if __name__ == "__main__":
    main()
