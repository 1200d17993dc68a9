"""A text in the forms in which quotes are searched for. Each form is made once per text, when a quote first needs it.

The first form is the normal form. Further forms are compared only if a quote does not occur in it: simplified Chinese,
Persian typed with Arabic letters, and words that were broken at the end of a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

from dragoman.core.language_tags import primary
from dragoman.core.once import once
from dragoman.core.source import Source
from dragoman.evidence.quotes.normalise import Normalised, normal_form, normalise, simplified

Fold = Callable[[str], str]
"""What is done to the normal form of a quote before it is searched for in a form of the text."""

_PERSIAN = frozenset(("fa", "ur", "ps"))
_ARABIC_TYPED = str.maketrans("ىة", "يه")
"""Letters of Arabic that Persian text has for ی and ه. In Arabic they are letters of their own: على is not علي."""

_HYPHENS = "-‐\u00ad֊"
_BROKEN_WORD = re.compile(r"(?<=[^\W\d_])-[ \n](?=[^\W\d_])")
"""In a normal form: a word that may have been broken at the end of a line. The line may have been joined since."""


@dataclass(frozen=True)
class SearchedText:
    """A text, the ends of its paragraphs (which no quote may cross), and its language."""

    text: str
    breaks: tuple[int, ...] = ()
    language: str = ""

    @once
    def whole(self) -> Normalised:
        """The normal form of the text."""
        return normal_form(self.text, self.breaks) if self.breaks else normalise(self.text)

    def forms(self) -> Iterator[tuple[Fold, Normalised]]:
        """The normal form, then those others that differ from it, each with what is done to a quote."""
        yield _unchanged, self.whole
        whole = self.whole
        yield simplified, Normalised(simplified(whole.text), whole.starts, whole.ends)
        if primary(self.language) in _PERSIAN:
            yield _persian, Normalised(_persian(whole.text), whole.starts, whole.ends)
        if self._joined is not None:
            yield partial(_rejoined, ""), self._joined
        if self._hyphened is not None:
            yield partial(_rejoined, "-"), self._hyphened

    @once
    def _breaks_in_words(self) -> tuple[re.Match[str], ...]:
        if "- " not in self.whole.text and "-\n" not in self.whole.text:
            return ()
        return tuple(filter(self._is_break_in_word, _BROKEN_WORD.finditer(self.whole.text)))

    def _is_break_in_word(self, match: re.Match[str]) -> bool:
        """Whether a hyphen, and not a dash, ends a line there. A paragraph that ends in a hyphen was a line, if the
        next one follows without an empty line and without a capital."""
        hyphen, after = match.start(), match.end()
        gap = self.text[self.whole.ends[hyphen] : self.whole.starts[after]]
        if self.text[self.whole.starts[hyphen]] not in _HYPHENS or gap.count("\n") > 1:
            return False
        return match[0][1] == " " or not self.whole.text[after].isupper()

    @once
    def _joined(self) -> Normalised | None:
        """Broken words without their hyphens: Schul-/bau is Schulbau. A capital begins a word: Müller-/Meier is not."""
        return self._without(
            [(match.start(), match.end()) for match in self._breaks_in_words if not _is_capital(match)]
        )

    @once
    def _hyphened(self) -> Normalised | None:
        """Broken words with their hyphens: rot-/grün is rot-grün."""
        return self._without([(match.start() + 1, match.end()) for match in self._breaks_in_words])

    def _without(self, ranges: list[tuple[int, int]]) -> Normalised | None:
        """The normal form without some ranges of it; None if there are none."""
        if not ranges:
            return None
        whole, kept, position = self.whole, [], 0
        for start, end in ranges:
            kept.append(slice(position, start))
            position = end
        kept.append(slice(position, len(whole.text)))
        return Normalised(
            "".join([whole.text[piece] for piece in kept]),
            [start for piece in kept for start in whole.starts[piece]],
            [end for piece in kept for end in whole.ends[piece]],
        )


def searched(source: Source | str) -> SearchedText:
    """The forms of a source, kept while its quotes are located. A plain text is one paragraph."""
    return SearchedText(source) if isinstance(source, str) else _searched(source.text, source.ends, source.language)


@lru_cache(maxsize=4)
def _searched(text: str, breaks: tuple[int, ...], language: str) -> SearchedText:
    return SearchedText(text, breaks, language)


def _unchanged(text: str) -> str:
    return text


def _persian(text: str) -> str:
    return text.translate(_ARABIC_TYPED)


def _rejoined(hyphen: str, text: str) -> str:
    """The normal form of a quote, with its own broken words joined as those of the text are."""
    return _BROKEN_WORD.sub(lambda match: match[0] if not hyphen and _is_capital(match) else hyphen, text)


def _is_capital(match: re.Match[str]) -> bool:
    return match.string[match.end()].isupper()
