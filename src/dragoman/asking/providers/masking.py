"""Remove this invocation's credentials from a text that a server, a proxy or a library wrote.

A service may repeat a credential in an error, a header or a reply: unchanged, in another case, in percent, JSON, HTML
or base64 encoding, or broken over lines. `Secrets.mask` finds all of these. This module does not know where credentials
come from.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from dragoman.core.once import once

MASK = "[credential removed]"
"""Replaces a credential; it needs no escaping in JSON, HTML or a header."""
WITHHELD = "[text removed: it repeats a credential]"
"""Replaces a whole text in which a credential was recognised but could not be located."""

SHORTEST = 8
"""Minimum characters of a value that is masked everywhere. Shorter ones occur by chance in articles and names."""
LONGEST_WORD = 16
"""Below this many characters, a value of only letters or only digits could be a word or a date in an article; the
longest English words in common use have 15."""
SHORTEST_WEAK = 3
"""Minimum characters of a short value that is masked in errors."""

# Invisible characters and escapes of line breaks. Services wrap long values, and when text is printed later, control
# characters are dropped, which would join the parts of a credential again.
_COLOUR = r"\x1b\[[0-9;]*[a-z]"
_ESCAPE = r"\\+(?:[nrt]|(?![ux][0-9a-f]{2}))"
_UNSEEN = r"[\s\x00-\x1f\x7f-\xa0\xad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]"
_GAPS = re.compile(f"{_COLOUR}|{_ESCAPE}|{_UNSEEN}", re.IGNORECASE)
_COLOURS, _ESCAPES, _UNSEENS = (re.compile(part, re.IGNORECASE) for part in (_COLOUR, _ESCAPE, _UNSEEN))
_CODED = re.compile(
    r"%([0-9a-f]{2})|\\+u([0-9a-f]{4})|\\+x([0-9a-f]{2})|&\#x0*([0-9a-f]{1,4});|&\#0*([0-9]{1,5});|&(amp|lt|gt|quot|apos);",
    re.IGNORECASE,
)
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")


@dataclass(frozen=True)
class Secrets:
    """Credential values. ``strong`` ones are masked everywhere.

    ``weak`` ones are short, or look like a word or a number. They may occur in articles by chance, so they are not
    masked in replies. In errors they are masked where they are used as a value (``key=…``, ``…@host``), or wherever
    they are not a plain word.
    """

    strong: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()

    @classmethod
    def of(cls, values: Iterable[str | None], *, names: Iterable[str | None] = ()) -> Secrets:
        """Sort credential ``values`` and user ``names``, which are often names of people or things."""
        strong: set[str] = set()
        weak: set[str] = set()
        for value in filter(None, values):
            (strong if _is_strong(value) else weak).add(value.strip())
        for name in filter(None, names):
            like_a_token = len(name) >= LONGEST_WORD and re.search(r"\d", name) and re.search(r"[^\W\d]", name)
            (strong if like_a_token else weak).add(name.strip())
        return cls(frozenset(strong), frozenset(weak - strong))

    @classmethod
    def of_login(cls, user: str | None, password: str | None) -> Secrets:
        """A user and a password: each alone, and both joined by a colon as in Basic authentication."""
        both = frozenset({f"{user or ''}:{password}"} if password and len(f"{user}{password}") >= SHORTEST else ())
        single = cls.of([password], names=[user])
        return cls(single.strong | both, single.weak)

    def __or__(self, more: Secrets) -> Secrets:
        if more.strong <= self.strong and more.weak <= self.weak:
            return self
        strong = self.strong | more.strong
        return Secrets(strong, (self.weak | more.weak) - strong)

    def mask(self, text: str) -> str:
        """Mask all credentials in an error, a header or another short text."""
        text = self.mask_reply(text)
        for pattern in self._weakly:
            text = pattern.sub(lambda match: f"{match['before']}{MASK}", text)
        return text

    def mask_reply(self, text: str) -> str:
        """Mask ``strong`` credentials in a reply; everything else stays unchanged."""
        if not self._forms or not self._occurs(text):
            return text
        for decoded in (False, True):
            text = self._without(text, decoded=decoded)
        return WITHHELD if self._occurs(text) else text

    def cleaned(self, error: BaseException) -> BaseException:
        """Return ``error`` if neither it nor its causes contain a credential, else a masked copy of the chain."""
        chain = list(_chain(error))
        if all(self.mask(shown) == shown for shown in map(_shown, chain)):
            return error
        copy: BaseException | None = None
        for original in reversed(chain):
            masked = self._masked_copy(original)
            masked.__cause__, masked.__suppress_context__ = copy, True
            copy = masked.with_traceback(original.__traceback__)
        assert copy is not None
        return copy

    def _masked_copy(self, error: BaseException) -> BaseException:
        text = self.mask(_shown(error).partition("\n")[0])
        substitute = ForeignError(f"{type(error).__name__}: {text}")
        try:
            copy = type(error)(text)
        except Exception:  # its constructor needs other arguments
            return substitute
        return copy if self.mask(_shown(copy)) == _shown(copy) else substitute

    @once
    def _forms(self) -> dict[str, bool]:
        """What to search for in a text without gaps, in lower case; the value says whether it is base64."""
        forms: dict[str, bool] = {}
        for secret in self.strong:
            for coded in _in_base64(secret.encode("utf-8", "surrogateescape")):
                forms[coded.lower()] = True
        for secret in self.strong:
            for spelt in (secret, quote(secret, safe="", errors="replace")):
                if len(squeezed := _squeezed(spelt)) >= SHORTEST - 2:
                    forms[squeezed] = False
                    # After a backslash, these first letters would be read as the escape of a line break.
                    if squeezed[0] in "nrt" and len(squeezed) >= SHORTEST:
                        forms[squeezed[1:]] = False
        return forms

    @once
    def _weakly(self) -> tuple[re.Pattern[str], ...]:
        patterns = []
        for value in sorted(self.weak, key=len, reverse=True):
            if len(value) < SHORTEST_WEAK:
                continue
            spelt = re.escape(value)
            as_value = rf"(?P<before>(?:[:=]\s*|\b(?:key|token|password)\s+)[\"']?){spelt}(?!\w)"
            behind = "(?=@)" if value.isalpha() else r"(?!\w)"
            alone = rf"(?P<before>(?<!\w)){spelt}{behind}"
            patterns += [re.compile(as_value, re.IGNORECASE), re.compile(alone, re.IGNORECASE)]
        return tuple(patterns)

    def _occurs(self, text: str) -> bool:
        readings = [text]
        if _CODED.search(text):
            readings.append(_CODED.sub(_decoded, text))
        return any(form in squeezed for squeezed in map(_squeezed, readings) for form in self._forms)

    def _without(self, text: str, *, decoded: bool) -> str:
        """``text`` with each form masked; ``decoded`` searches what escapes stand for instead of the escapes."""
        letters, starts, ends = [], [], []
        for start, end, letter in _letters(text, decoded=decoded):
            letters.append(letter)
            starts.append(start)
            ends.append(end)
        squeezed = "".join(letters)
        spans: list[tuple[int, int]] = []
        for form, is_base64 in self._forms.items():
            at = squeezed.find(form)
            while at >= 0:
                span = starts[at], ends[at + len(form) - 1]
                spans.append(_whole_base64(text, *span) if is_base64 else _whole_escape(text, *span))
                at = squeezed.find(form, at + len(form))
        pieces, done = [], 0
        for start, end in sorted(spans):
            if start >= done:
                pieces += [text[done:start], MASK]
            done = max(done, end)
        return "".join([*pieces, text[done:]])


class ForeignError(Exception):
    """Replaces a library's exception whose text contained a credential; shows its type and its masked text."""


def _is_strong(value: str) -> bool:
    value = value.strip()
    plain = value.isalpha() or value.isdigit()
    return len(value) >= SHORTEST and not (plain and len(value) < LONGEST_WORD)


def _squeezed(text: str) -> str:
    """``text`` without `_GAPS`, in lower case; done in steps, which takes a tenth of the time."""
    if "\x1b" in text:
        text = _COLOURS.sub("", text)
    if "\\" in text:
        text = _ESCAPES.sub("", text)
    return _UNSEENS.sub("", "".join(text.split())).lower()


def _decoded(match: re.Match[str]) -> str:
    percent, unicode, hexadecimal, entity_hex, entity, named = match.groups()
    if named:
        return _NAMED[named.lower()]
    number = int(entity) if entity else int(percent or unicode or hexadecimal or entity_hex, 16)
    return chr(number) if number < 0x10000 else match[0]


def _letters(text: str, *, decoded: bool) -> Iterator[tuple[int, int, str]]:
    """The start, the end and the lower-case form of each character that is no gap."""
    at = 0
    while at < len(text):
        if gap := _GAPS.match(text, at):
            at = gap.end()
            continue
        coded = _CODED.match(text, at) if decoded else None
        end = coded.end() if coded else at + 1
        letter = _decoded(coded) if coded else text[at]
        if not _GAPS.fullmatch(letter):
            for small in letter.lower():
                yield at, end, small
        at = end


def _whole_escape(text: str, start: int, end: int) -> tuple[int, int]:
    """Extend a span to the backslashes before it: left alone, they would make an escape that JSON does not know."""
    while start and text[start - 1] == "\\":
        start -= 1
    return start, end


def _whole_base64(text: str, start: int, end: int) -> tuple[int, int]:
    """Extend a span to the whole base64 text around it, but not to letters of an escape before it."""
    first = start
    while first and text[first - 1] in _BASE64:
        first -= 1
    if first and text[first - 1] == "\\":
        first = min(start, first + (5 if text[first] == "u" else 1))
    while end < len(text) and text[end] in _BASE64:
        end += 1
    return first, end


def _in_base64(secret: bytes) -> Iterator[str]:
    """The part that is the same in every base64 text containing ``secret``, for each of its three possible offsets."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + secret).rstrip(b"=").decode()
        first, last = -(-before * 8 // 6), (before + len(secret)) * 8 // 6
        part = whole[first:last]
        if len(part) >= SHORTEST:
            yield part
            yield part.translate(str.maketrans("+/", "-_"))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _shown(error: BaseException) -> str:
    """What a traceback, or a log that shows arguments, would print for an exception."""
    return f"{error}\n{error.args!r}"
