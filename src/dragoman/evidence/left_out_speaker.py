"""Find who says what a quote states, where the quote leaves that out although it is an accusation.

"The minister lied, said the opposition" is no evidence that the minister lied. An attribution beside the quote, in its
sentence, counts if its verb accuses or claims (kind ``accuse`` of ``data/cues.tsv``), or if it says that opponents or
critics speak (``foe``, with a verb of saying). A spokesman who announces something leaves no doubt about it.
"""

from __future__ import annotations

import re

from dragoman.evidence.cue_words import pattern

REACH = 120
"""Characters of the sentence on each side of a quote in which its speaker is named."""

NEAR = 12
"""Characters between a quote and the verb behind it: quotation marks, a dash, an adverb."""

SUBJECT = 30
"""Characters of a speaker that stands between the verb and the quote: claims the opposition in parliament, …"""

_SUBJECT_FIRST = frozenset(("vi", "sw", "zh", "th"))
"""Languages in which the speaker stands before the verb behind a quote too."""

_LATE = frozenset(("ja", "ko", "tr", "hi", "ur", "bn", "ne", "ta", "fa"))
"""Languages in which the verb ends the sentence, and its subject may be before the quote."""

_SENTENCE_END = re.compile(r"[.!?](?=[\s»”\"“’)]|\Z)|[。！？؟।॥۔\n]")
_JOINT = " \t\u00a0\u202f\"“”„«»‘’‚‹›「」『』',，、،:：–—-…"
"""Signs between a quote and words beside it."""


def left_out_speaker(text: str, floor: int, start: int, end: int, ceiling: int, code: str) -> tuple[int, int] | None:
    """The words beside ``text[start:end]``, in its sentence, that say who accuses or claims; None if there are none.
    ``floor`` and ``ceiling`` are the ends of its paragraph."""
    accusing = pattern(code, "accuse")
    if accusing is None or accusing.search(text, start, end):
        return None
    first = max(floor, start - REACH)
    first = max([first, *(mark.end() for mark in _SENTENCE_END.finditer(text, first, start))])
    last = min(ceiling, end + REACH)
    ends_sentence = text[end - 1 : end] in set(".!?。！？؟।॥۔")
    mark = _SENTENCE_END.search(text, end, last)
    last = end if ends_sentence else mark.start() if mark else last
    if _speaks_before(text[first:start], code):
        return first, start
    if _speaks_behind(text[first:start], text[end:last], code):
        return end, last
    return None


def _speaks_before(words: str, code: str) -> bool:
    """Whether words in front of a quote introduce it: the opposition claims that …; as claims the opposition, …"""
    bare = words.rstrip(_JOINT)
    that = pattern(code, "that")
    for match in that.finditer(bare) if that else ():
        if match.end() == len(bare):
            bare = bare[: match.start()].rstrip(_JOINT)
            break
    is_introduced = bare != words.rstrip(" \t\u00a0\u202f")
    for match in _verbs(bare, code, opposed=_has(bare, "foe", code)):
        after = bare[match.end() :]
        if not after or (is_introduced and len(after) <= SUBJECT and "," not in after and _has(after, "foe", code)):
            return True
    return False


def _speaks_behind(before: str, words: str, code: str) -> bool:
    """Whether words behind a quote begin with a verb and its speaker: …, claims the opposition."""
    words = words.lstrip(_JOINT)
    is_late = code in _LATE
    other = pattern(code, "and")
    if other and not is_late and other.match(words):
        return False  # another clause
    opposed = _has(words, "foe", code) or (is_late and _has(before, "foe", code))
    reach = REACH if is_late else NEAR + SUBJECT * (code in _SUBJECT_FIRST)
    return any(match.start() <= reach for match in _verbs(words, code, opposed=opposed))


def _verbs(words: str, code: str, *, opposed: bool) -> list[re.Match[str]]:
    """Verbs that accuse; if the speaker is an opponent, also verbs that only say."""
    kinds = ("accuse", "says", "speech") if opposed else ("accuse",)
    return [match for kind in kinds if (cue := pattern(code, kind)) for match in cue.finditer(words)]


def _has(words: str, kind: str, code: str) -> bool:
    cue = pattern(code, kind)
    return cue is not None and cue.search(words) is not None
