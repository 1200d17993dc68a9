"""Check that statements are attributed to a person whom the source knows. Only names and cue words are compared, so all
findings are warnings.

The name in “X said” and “according to X” of a claim must be known from ``speaker_en``, from the entities, or from a
source in Latin letters. A claim with a speaker needs words of saying in its paragraph. `checks.quotes` checks that
``speaker_source`` is in the source.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from operator import add

from dragoman.core.check_names import CheckName
from dragoman.core.field_paths import claim_path
from dragoman.core.once import once
from dragoman.core.record import CheckedClaim, CheckedSummary, Finding
from dragoman.core.source import Source
from dragoman.core.text import caseless
from dragoman.evidence.checks.finding import finding
from dragoman.evidence.cue_words import may_have, pattern
from dragoman.evidence.quotes.locate import occurs

_LEAST_SIMILAR = 0.75
"""Similarity from which two words are the same name: romanizations differ (Mohammed, Muhammad), and names take case
endings (Wiśniewskiej)."""

_MOST_COMPARED = 60
"""Known words that are compared closely with one: those that share the most pairs of letters with it."""

_BEGINNING = 5
"""Letters that identify a name by its beginning. A shorter word must match exactly."""

_WIDEST_ASIDE = 90
"""Characters between the commas of an aside about the speaker: “X, chairman of Y, said”."""

_PARTICLE = r"(?:al|el|de|del|della|di|da|dos|do|van|von|der|den|bin|ibn|ben|la|le|ter|zu|y|e)"
_NAME = rf"[^\W\d_a-z][\w.'’-]*(?:[ -](?:{_PARTICLE}[ -])*(?:(?:al|el)-)?[^\W\d_a-z][\w.'’-]*)+"
_RUN = re.compile(_NAME)
_ASIDE = re.compile(rf",[^,.]{{1,{_WIDEST_ASIDE}}},")
_UP_TO_NAME = re.compile("[a-z ,'’-]*")
_SAID_IN_QUOTES = re.compile('[“”„«»「」『』"：:]|[—–-] ')
_WORD = re.compile(r"[^\W\d_]+")
_CAPITAL = re.compile(r"\b[^\W\d_a-z][^\W\d_]*")
# Letters that Unicode does not decompose into a plain letter and a mark.
_PLAIN = str.maketrans({"đ": "d", "ł": "l", "ø": "o", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})


def check(source: Source, summary: CheckedSummary) -> list[Finding]:
    """``attribution.name`` for an unknown name, and ``attribution.speaker`` for a speaker where the source has no words
    of saying (warnings)."""
    known_names = _KnownNames(source, summary)
    latin = source.script == "Latn"
    findings: list[Finding] = []
    for claim in summary.claims:
        if latin or summary.entities or claim.speaker_en:
            findings += _unknown_names(claim, known_names)
        if latin and claim.speaker_en:
            findings += _unknown_speaker(claim, known_names)
        if claim.speaker_en:
            findings += _without_speech(source, claim)
    return findings


@dataclass(frozen=True)
class _KnownNames:
    """The words of all known names, collected only if a claim attributes a statement to a name."""

    source: Source
    summary: CheckedSummary

    @once
    def words(self) -> frozenset[str]:
        """The words of the entities and, for a source in Latin letters, its words that begin with a capital."""
        names = [name for entity in self.summary.entities for name in (entity.name_en, entity.name_source)]
        printed = _CAPITAL.findall(self.source.text) if self.source.script == "Latn" else []
        return _words(" ".join([*names, *printed]))

    @once
    def beginnings(self) -> frozenset[str]:
        """The first letters of the words that have more."""
        return frozenset(word[:_BEGINNING] for word in self.words if len(word) >= _BEGINNING)

    @once
    def by_pair(self) -> dict[str, list[str]]:
        """The words that contain each pair of letters."""
        index: dict[str, list[str]] = {}
        for word in sorted(self.words):
            for pair in _pairs(word):
                index.setdefault(pair, []).append(word)
        return index

    def has_near(self, word: str) -> bool:
        """Whether a known word is ``word`` in some spelling."""
        if word in self.words or len(word) < _BEGINNING:
            return word in self.words
        if word[:_BEGINNING] in self.beginnings:
            return True
        shared = Counter(known for pair in _pairs(word) for known in self.by_pair.get(pair, ()))
        candidates = [known for known, _ in shared.most_common(_MOST_COMPARED)]
        return bool(get_close_matches(word, candidates, n=1, cutoff=_LEAST_SIMILAR))


def _pairs(word: str) -> set[str]:
    return set(map(add, word, word[1:]))


def _unknown_names(claim: CheckedClaim, known_names: _KnownNames) -> Iterator[Finding]:
    """``attribution.name`` for each person to whom the English attributes a statement and whose name is unknown."""
    for name in _names_that_speak(claim.text_en):
        if _is_person(name) and not _is_known(name, known_names, claim.speaker_en or ""):
            message = (
                f"the claim attributes a statement to “{name}”, who is neither the speaker nor named in the source"
            )
            if claim.speaker_en:
                message += f"; speaker_en is “{claim.speaker_en}”"
            yield _warning("attribution.name", claim_path(claim.id, "text_en"), message, claim, name, claim.speaker_en)


def _unknown_speaker(claim: CheckedClaim, known_names: _KnownNames) -> Iterator[Finding]:
    """``attribution.name`` for a speaker whose English name is not in a source in Latin letters."""
    name = _RUN.match((claim.speaker_en or "").split(",")[0])
    if name and _is_person(name[0]) and not _is_known(name[0], known_names):
        message = f"the speaker “{name[0]}” is not in the source, although both are in Latin letters"
        yield _warning(
            "attribution.name", claim_path(claim.id, "speaker_en"), message, claim, name[0], claim.speaker_source
        )


def _without_speech(source: Source, claim: CheckedClaim) -> Iterator[Finding]:
    """``attribution.speaker`` if the paragraph has neither a verb of saying nor a quotation, and the speaker's name is
    neither in it nor before it."""
    saying = pattern(source.language, "says")
    number = source.paragraph_at(claim.evidence.start) if claim.evidence.start is not None else None
    if saying is None or number is None:
        return
    text = source.paragraph_text(number)
    if saying.search(text) or _SAID_IN_QUOTES.search(text):
        return
    text_so_far = source.text[: source.paragraphs[number - 1].end]
    if claim.speaker_source and occurs(claim.speaker_source, text_so_far):
        return
    message = (
        f"paragraph {number} names no speaker and has no verb of saying, but the claim gives the speaker "
        f"“{claim.speaker_en}”"
    )
    yield _warning(
        "attribution.speaker", claim_path(claim.id, "speaker_en"), message, claim, claim.speaker_en or "", None
    )


def _warning(
    check: CheckName, field: str, message: str, claim: CheckedClaim, got: str, expected: str | None
) -> Finding:
    evidence = claim.evidence
    place = evidence.span
    return finding(check, "warning", field, message, place=place, expected=expected, got=got)


def _names_that_speak(text: str) -> Iterator[str]:
    """The names of at least two words to which an English text attributes a statement."""
    says, according = pattern("en", "says"), pattern("en", "according")
    assert says is not None
    assert according is not None
    if not may_have(caseless(text), "en", "says", "according"):
        return
    for name in _RUN.finditer(text):
        rest = text[name.end() :]
        aside = _ASIDE.match(rest)
        rest = rest[aside.end() :] if aside else rest
        verb = says.match(rest.lstrip().removeprefix("also ").removeprefix("had ").removeprefix("has "))
        before = list(according.finditer(text, 0, name.start()))
        if verb or (before and _UP_TO_NAME.fullmatch(text, before[-1].end(), name.start())):
            yield name[0]


def _is_person(name: str) -> bool:
    """Whether a name may be a person's: at least two of its words are no title, and none belongs to an organization."""
    body, title = pattern("en", "body"), pattern("en", "title")
    assert body is not None
    assert title is not None
    words = [word for word in _WORD.findall(name) if len(word) > 1]
    own = [word for word in words if not title.fullmatch(word)]
    return not any(body.fullmatch(word) for word in words) and len(own) >= 2


def _is_known(name: str, known_names: _KnownNames, speaker: str = "") -> bool:
    """Whether at least half of the words of a name, without titles, are similar to known words or to those of the
    ``speaker``."""
    title = pattern("en", "title")
    assert title is not None
    words = [word for word in _words(name) if len(word) > 1 and not title.fullmatch(word)]
    own = _words(speaker)
    return 2 * sum(known_names.has_near(word) or _is_near(word, own) for word in words) >= len(words)


def _is_near(word: str, known_words: frozenset[str]) -> bool:
    if word in known_words or len(word) < _BEGINNING:
        return word in known_words
    has_same_beginning = any(word[:_BEGINNING] == known[:_BEGINNING] for known in known_words)
    return has_same_beginning or bool(get_close_matches(word, known_words, n=1, cutoff=_LEAST_SIMILAR))


def _words(text: str) -> frozenset[str]:
    """The words of a text in lower case, without accents."""
    if text.isascii():
        return frozenset(_WORD.findall(text.lower()))
    plain = unicodedata.normalize("NFD", text).lower().translate(_PLAIN)
    return frozenset(_WORD.findall("".join(c for c in plain if not unicodedata.combining(c))))
