"""Recognise what is not the article: a page that asks for scripts, consent, a login or a subscription, a security
check, an error page, a page of links. And recognise an article that such a page cuts short.

A page is certainly a wall when phrases that speak to its reader are nearly all that it has, or when its markup says so.
Articles about cookies, captchas or outages use the same words. They have sentences besides, report what somebody said,
have names and numbers, or are marked as articles.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from dragoman.core.once import once
from dragoman.core.source import Cut, Paragraph, Wall, WallKind
from dragoman.core.text import caseless
from dragoman.reading.formats.extracted import Page
from dragoman.reading.wall_phrases import COURTESY, CUT, Found, has_facts, phrases_in, phrases_of, reports

_GENERIC: frozenset[str] = frozenset({"missing", "forbidden", "age", "rate", "maintenance", "redirect"})
"""Kinds whose phrases a news item about an outage or a ban has too."""

# Weights are letters, of which a Chinese, Japanese or Korean one counts 2.5: about what it is worth in English.
_LONGEST_WALL = 2_500
"""Weight of the text of a page that may be a wall. Consent forms are the longest; an error page has a tenth of this."""
_SENTENCE = 25
"""Weight of a sentence that says something; a shorter one is a label, a button or an identifier."""
_OTHER_TEXT = 130
"""Weight of the sentences without a phrase that a wall may have: "Your request was stopped. Try again later."."""
_OTHER_TEXT_GENERIC = 100
"""The same for the phrases that news items have too."""
_TEASER = 40
"""Weight of a text from which on it is the beginning of an article: one short sentence."""
_NAMED = 0.55
"""Share of a title that a phrase must make up to be what the page is called: ``404 Not Found | The Daily``."""
_COVERED = 0.45
"""Share of the text that one phrase must make up to be all that the page says."""
_SHORT_ARTICLE = 1_500
"""Weight up to which a notice that stands anywhere cuts the article. In a longer one it stands near the end; at the
beginning it is a label that subscribers see too."""
_AT_THE_END = 6
"""Paragraphs at the end of a longer article in which a notice may stand, with buttons and offers after it."""
_LONGEST_NOTICE = 400
"""Weight of a paragraph that may be a notice; a longer one is part of an article about subscriptions."""
_NAVIGATION_LINKS = 5
"""Lines of links from which on a page without any sentence is a page of links."""
_LINES_BESIDE = 60
"""Lines beside an article that are looked at when the article has nearly no text."""

_SENTENCES = re.compile(r"(?:[^.!?。！？｡।؟۔…\n]|\.(?=\w))+[.!?。！？｡।؟۔…]*")
_TITLE_PARTS = re.compile(r"\s[|–—\-:·»]\s|[|·»:]\s?")
_HEAVY = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uff66-\uff9d]")

_IN_WORDS: dict[WallKind, str] = {
    "javascript": "asks the reader to enable JavaScript or cookies",
    "check": "is a security check of its visitor",
    "consent": "asks for consent to cookies and the use of data",
    "subscription": "says that the article is only for subscribers",
    "login": "asks the reader to log in",
    "app": "asks the reader to use an app",
    "missing": "says that there is no such page, or that the server failed",
    "forbidden": "says that access is denied",
    "region": "says that it is not available in the reader's country",
    "age": "asks for the reader's age",
    "rate": "says that there were too many requests",
    "maintenance": "says that the site is being maintained",
    "redirect": "sends the reader to another page",
    "navigation": "has only links to other pages",
}


def not_the_article(wall: Wall) -> str:
    """What a page is instead of the article, and what to do: the message of the reason ``wall``."""
    said = f' ("{wall.words[:80]}")' if wall.words else ""
    return (
        f"not the article: the page {_IN_WORDS[wall.kind]}{said}; save it again from a browser that shows the article"
    )


def find_wall(text: str, paragraphs: Sequence[Paragraph], language: str, page: Page) -> Wall | Cut | None:
    """What is not the article in a text with these paragraphs, whose page says ``page`` about itself: a `Wall` when
    there is no article, a `Cut` when the rest of it is missing, otherwise None."""
    return _Reading(text, tuple(paragraphs), language, page).wall_or_cut()


def wall_without_text(page: Page) -> Wall | None:
    """What a page without any text is: one that checks its visitors, that needs scripts or that leads elsewhere."""
    if page.is_challenge:
        return Wall("check", page.title)
    needs_scripts = phrases_of("javascript", page.without_scripts, "")
    if needs_scripts:
        return Wall("javascript", page.without_scripts[needs_scripts[0].start : needs_scripts[0].end])
    return Wall("redirect", page.title) if page.redirects else None


@dataclass(frozen=True)
class _Reading:
    """A text that may be a wall, with what its page says about itself."""

    text: str
    paragraphs: tuple[Paragraph, ...]
    language: str
    page: Page

    def wall_or_cut(self) -> Wall | Cut | None:
        # A longer text is measured as far as that shows that it is no wall.
        weight = _weight(self.text[: 2 * _LONGEST_WALL])
        wall = self._wall() if weight <= _LONGEST_WALL else None
        return wall or self._cut(is_short=weight <= _SHORT_ARTICLE)

    def _wall(self) -> Wall | None:
        page, is_article = self.page, self.page.is_marked_as_article
        named = self._named()
        if (
            named is not None
            and self._other <= _OTHER_TEXT_GENERIC
            and (not self._is_news or named.words in page.title)
        ):
            return named
        if page.is_challenge and self._other <= _OTHER_TEXT and not is_article:
            return Wall("check", page.title)
        if page.redirects and self._other <= _OTHER_TEXT and not is_article:
            return Wall("redirect", page.title)
        if (wall := self._by_phrases()) is not None:
            return wall
        if self._other <= _TEASER and (said := wall_without_text(page) or self._beside()) is not None:
            # The text itself says nothing, so what stands beside it is what the page says.
            return said
        is_links = page.is_empty and page.links >= _NAVIGATION_LINKS and not is_article
        return Wall("navigation", "") if is_links and not self._other and not self._phrases else None

    @once
    def _lines(self) -> list[tuple[int, str]]:
        """Each paragraph with its offset."""
        return [(paragraph.start, self.text[paragraph.start : paragraph.end]) for paragraph in self.paragraphs]

    @once
    def _by_line(self) -> list[tuple[str, list[Found]]]:
        return [(line, phrases_in(line, self.language)) for _, line in self._lines]

    @once
    def _phrases(self) -> list[tuple[str, Found]]:
        """Each phrase of the text with its paragraph."""
        return [(line, phrase) for line, phrases in self._by_line for phrase in phrases]

    @once
    def _other(self) -> float:
        """The weight of the sentences that say something without such a phrase; the title of the page is none."""
        title = caseless("".join(self.page.title.split()))
        return sum(
            _weight_without(line, phrases)
            for line, phrases in self._by_line
            if caseless("".join(line.split())) not in title
        )

    @once
    def _is_reported(self) -> bool:
        return reports(self.text, self.language)

    @once
    def _is_news(self) -> bool:
        return self._is_reported or has_facts(self.text, self.language)

    def _named(self) -> Wall | None:
        """The wall that the title of the page, or the first paragraph, is the name of."""
        first = "" if self.page.is_marked_as_article or not self._lines else self._lines[0][1]
        for title in filter(None, (self.page.title, first)):
            for part in _TITLE_PARTS.split(title):
                phrases = [p for p in phrases_in(part, self.language) if p.kind not in (CUT, COURTESY, "consent")]
                if phrases:
                    words = part[phrases[0].start : phrases[0].end]
                    if _weight(words) >= _NAMED * _weight(part.strip()):
                        return _wall_of(phrases[0].kind, words)
        return None

    def _by_phrases(self) -> Wall | None:
        """The wall that the phrases of the text make of it."""
        kinds = [phrase.kind for _, phrase in self._phrases if phrase.kind != COURTESY]
        if not kinds:
            return None
        # The kind with most phrases; of equals, the first.
        kind = max(dict.fromkeys(kinds), key=kinds.count)
        said = sum(_weight(line) for line, phrases in self._by_line if phrases)
        several = len(self._phrases) > 1
        is_article = self.page.is_marked_as_article
        if all(kind in _GENERIC for kind in kinds):
            covered = sum(_weight(line[phrase.start : phrase.end]) for line, phrase in self._phrases)
            is_all = several or covered >= _COVERED * (said + self._other)
            certain = is_all and self._other <= _OTHER_TEXT_GENERIC and not self._is_news and not is_article
        elif not several or is_article or kind in (CUT, "login", "app"):
            # One such phrase may be a line inside an article: below a video, above the comments.
            certain = self._other < _TEASER and (several or not self._is_reported)
        else:
            most = 3 * said + 2 * _OTHER_TEXT if kind == "consent" else max(_OTHER_TEXT, said)
            certain = self._other <= (min(most, _OTHER_TEXT) if self._is_reported else most)
        line, first = next((line, phrase) for line, phrase in self._phrases if phrase.kind == kind)
        return _wall_of(kind, line[first.start : first.end]) if certain else None

    def _beside(self) -> Wall | None:
        """The wall that the lines beside a text that says nothing make: two phrases that only walls have."""
        if self.page.is_marked_as_article:
            return None
        said = [
            (phrase.kind, line[phrase.start : phrase.end])
            for line in self.page.beside[:_LINES_BESIDE]
            for phrase in phrases_in(line, self.language)
            if phrase.kind not in _GENERIC and phrase.kind != COURTESY
        ]
        return _wall_of(*said[0]) if len(said) > 1 else None

    def _cut(self, *, is_short: bool) -> Cut | None:
        """The notice that the rest of the article is for subscribers only."""
        before = 0.0
        notices: list[tuple[int, str, Found]] = []
        for offset, line in self._lines if is_short else self._lines[-_AT_THE_END:]:
            weight = _weight(line)
            phrases = phrases_of(CUT, line, self.language) if weight <= _LONGEST_NOTICE else []
            if phrases and (before >= _TEASER or not is_short):
                notices += [(offset, line, phrase) for phrase in phrases]
            before += weight
        is_paid = self.page.is_marked_as_paid
        is_clear = len(notices) > 1 or is_paid or any(phrase.is_strong for *_, phrase in notices)
        if notices and is_clear and not any(reports(line, self.language) for _, line, _ in notices):
            offset, line, first = notices[0]
            start, end = _sentence_around(line, first)
            return Cut(line[start:end], offset + start, offset + end)
        return self._cut_beside(1 if is_paid else 2) if is_paid or is_short else None

    def _cut_beside(self, least: int) -> Cut | None:
        """The first of the notices beside the article, if there are ``least`` of them. A label ("Subscribers only") is
        none: it belongs to a link to another article as often as to this one."""
        notices = [
            (line, phrase)
            for line in self.page.beside
            for phrase in phrases_of(CUT, line, self.language)[:1]
            if phrase.is_strong and _weight(line) >= 1.3 * _weight(line[phrase.start : phrase.end])
        ]
        if len(notices) < least:
            return None
        start, end = _sentence_around(*notices[0])
        return Cut(notices[0][0][start:end])


def _wall_of(kind: str, words: str) -> Wall:
    return Wall("subscription" if kind == CUT else cast(WallKind, kind), words)


def _weight(text: str) -> float:
    return len(text) + 1.5 * len(_HEAVY.findall(text))


def _weight_without(line: str, phrases: list[Found]) -> float:
    """The weight of the sentences of a line that say something and have none of the phrases."""
    total = 0.0
    for match in _SENTENCES.finditer(line):
        weight = _weight(match[0].strip())
        if weight >= _SENTENCE and not any(p.start < match.end() and match.start() < p.end for p in phrases):
            total += weight
    return total


def _sentence_around(line: str, phrase: Found) -> tuple[int, int]:
    """The place of the sentence of a line that a phrase stands in."""
    for match in _SENTENCES.finditer(line):
        if match.start() <= phrase.start < match.end():
            return match.start() + len(match[0]) - len(match[0].lstrip()), max(match.end(), phrase.end)
    return phrase.start, phrase.end
