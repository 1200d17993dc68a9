"""Read numbers that are spelled out: hundred and five, zweihundertfünfzig, hai mươi lăm nghìn, elfu kumi.

The words of a language are in ``data/spelled``, which `tools/number_words.py` makes of CLDR's rules for spelling numbers
and of lists by hand. Words are compared without the signs between them, so that hyphens, spaces and soft hyphens mean
nothing. One way of adding and multiplying serves all languages: within a group the tens take units and the hundreds take
all below; a scale multiplies the group before it (in Swahili the one after it), and what follows is smaller.

A number is read as a whole or not at all: it ends where a word ends, and if another number word follows that does not
continue it, nothing is read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from dragoman.core.data_tables import has_table, table_rows
from dragoman.evidence.figures.folding import word_key

LONGEST = 40
"""Words of a number. A quadrillion with all its digits has fewer in every language."""

SEPARATORS = frozenset("-\u00ad\u200c\u200d\u200b \u2009")
"""Signs that may stand between the words of a number, and inside them at a line end. At most two in a row."""

UNIT, INITIAL, SCALE, BARE, FIRST, WHOLE, AND, ORDINAL = "u", "i", "s", "b", "f", "c", "j", "o"
"""Kinds of words: a number below 1,000; one that only begins a number or follows "and" (năm is also "year"); a scale; a
scale that may stand alone (mille); a scale before what it multiplies; a number with its scale in one word (ألفان); and;
an ordinal, which ends a number."""
PART = "p"
"""A part of the scale after it: a quarter of a million. Alone it is a fraction, which is read elsewhere."""
LAST = "e"
"""A number with its scale in it that nothing follows: مليارا before what is counted is two billion, with "and" one."""
INSIDE = "x"
"""A word that is a number only inside the words of the table (mươi). Alone it shows that a number was not understood."""
DIGITS = "d"
SCALES = (SCALE, BARE, WHOLE)
"""Kinds of words after which digits may follow."""


class Form(NamedTuple):
    """A number word: kind, value, and for `WHOLE` the scale in it."""

    kind: str
    value: Decimal
    scale: int = 0


class State(NamedTuple):
    """What was read so far. ``parts`` are (value, scale) of finished groups, the largest first."""

    parts: tuple[tuple[Decimal, int], ...] = ()
    group: Decimal | None = None
    room: int = 0
    """What may still be added to the group: anything below."""
    pending: tuple[int, ...] = ()
    """Scales that multiply the group after them."""
    is_joined: bool = False
    """After "and": a number must follow."""
    last: str = ""
    """The kind of the last word, `DIGITS` after a numeral."""
    has_digits: bool = False
    is_glued: bool = False
    """Whether the last numeral follows a scale without a space."""

    def limit(self) -> int | None:
        """What follows must be smaller than the scale of the last part."""
        return self.parts[-1][1] if self.parts else None

    def total(self) -> Decimal:
        return sum((value for value, _ in self.parts), Decimal(0)) + (self.group or 0)


def room_of(value: Decimal | int) -> int:
    """What a word leaves room for: below 100 after hundreds, below 10 after tens but ten itself."""
    if value and value % 100 == 0:
        return 100
    return 10 if value > 10 and value % 10 == 0 else 0


def step(state: State, form: Form, *, repeats: bool = False) -> State | None:
    """The state after one more word, or None if the word does not continue the number. ``repeats``: see `Words`."""
    if state.last in (ORDINAL, LAST) or form.kind == INSIDE:
        return None
    match form.kind:
        case "u":
            return _unit(state, form.value)
        case "i":
            return None if state.last not in ("", AND) else _unit(state, form.value)
        case "p":
            if state.group is not None or state.parts or state.pending:
                return None
            return state._replace(group=form.value, is_joined=True, last=PART)
        case "o":
            after = _unit(state, form.value)
            return None if after is None else after._replace(last=ORDINAL, room=0)
        case "s" | "b":
            return _scale(state, int(form.value), bare=form.kind == BARE, repeats=repeats)
        case "f":
            return _scale_first(state, int(form.value))
        case "c" | "e":
            return _whole(state, form)
        case _:
            has_number = state.group is not None or state.parts
            is_possible = (has_number and not state.is_joined and state.last != DIGITS) or state.last in SCALES
            return state._replace(is_joined=True, last=AND) if is_possible else None


def _unit(state: State, value: Decimal) -> State | None:
    if state.group is None:
        if value == 0 and (state.parts or state.pending):
            return None
        if state.pending and state.pending[-1] == 100 and value < 10:
            hundreds = state.pending[:-1]
            return state._replace(group=value * 100, room=100, pending=hundreds, is_joined=False, last=UNIT)
        limit = state.limit()
        if limit is not None and not state.pending and value >= limit:
            return None
        return state._replace(group=value, room=room_of(value), is_joined=False, last=UNIT)
    if 0 < value < state.room:
        room = min(state.room, room_of(value))
        return state._replace(group=state.group + value, room=room, is_joined=False, last=UNIT)
    return None


def digits(state: State, value: Decimal, *, is_glued: bool = False) -> State | None:
    """The state after a numeral in digits: at the beginning, after a scale, or after a scale and "and". ``is_glued``:
    without a space after a scale (1만2000)."""
    if state.group is not None or state.pending:
        return None
    limit = state.limit()
    if limit is not None and (value >= limit or value != value.to_integral_value()):
        return None
    return state._replace(group=value, room=0, is_joined=False, last=DIGITS, has_digits=True, is_glued=is_glued)


def _scale(state: State, scale: int, *, bare: bool, repeats: bool) -> State | None:
    if state.pending or state.group == 0:
        return None
    if scale == 100:
        if state.group is None:
            return _unit(state, Decimal(100)) if bare else None
        if state.last != DIGITS and not 0 < state.group < 100:
            return None
        if state.limit() is not None and state.group * 100 >= (state.limit() or 0):
            return None
        return state._replace(group=state.group * 100, room=100, pending=(), is_joined=False, last=SCALE)
    higher = tuple(part for part in state.parts if part[1] > scale)
    lower = [value for value, own in state.parts if own <= scale]
    if (not repeats and any(own == scale for _, own in state.parts)) or (lower and state.last == AND):
        return None
    factor = sum(lower, Decimal(0)) + (state.group or 0)
    if not factor:
        if not bare or (state.is_joined and not state.parts):
            return None
        factor = Decimal(1)
    value = factor * scale
    if higher and value >= higher[-1][1]:
        return None
    return state._replace(parts=(*higher, (value, scale)), group=None, room=0, is_joined=False, last=SCALE)


def _scale_first(state: State, scale: int) -> State | None:
    if state.group is None:
        if state.pending and scale >= state.pending[-1]:
            return None
        limit = state.limit()
        if limit is not None and not state.pending and scale >= limit:
            return None
        return state._replace(pending=(*state.pending, scale), is_joined=False, last=FIRST)
    closed = close(state)
    if closed is None or scale >= (closed.limit() or 0):
        return None
    return closed._replace(pending=(scale,), is_joined=False, last=FIRST)


def close(state: State) -> State | None:
    """Multiply the scales that stand before a group with it."""
    if not state.pending:
        return state
    if state.group is None:
        return None
    value = state.group
    for scale in state.pending:
        value *= scale
    parts = (*state.parts, (value, min(state.pending)))
    return state._replace(parts=parts, group=None, room=0, pending=())


def _whole(state: State, form: Form) -> State | None:
    limit = state.limit()
    if state.group is not None or state.pending or (limit is not None and form.value >= limit):
        return None
    return state._replace(parts=(*state.parts, (form.value, form.scale)), is_joined=False, last=form.kind)


_BEGINNING = 4
"""Letters of a word by which places are found where a number may begin."""
_LONGEST_WORD = 60
"""Letters and separators of a word of the table. The longest have some forty."""
_FIRST_KINDS = (UNIT, INITIAL, BARE, FIRST, WHOLE, LAST)


class _Branch(dict[str, "_Branch"]):
    """A node of the trie: the branches by letter, and the words that end here."""

    forms: tuple[Form, ...] = ()


class Words:
    """The number words of a language in a trie by letter."""

    def __init__(self, forms: Mapping[str, Sequence[Form]], flags: Collection[str] = ()) -> None:
        self.trie = _Branch()
        self.is_spaced = "unspaced" not in flags
        self.has_commas = "commas" in flags
        """Whether a comma may follow a scale: two thousand, two hundred."""
        self.repeats = "repeated" in flags
        """Whether a scale may multiply itself: ล้านล้าน is 10^12."""
        self.beginnings = sorted(
            {
                word[:_BEGINNING]
                for word, meanings in forms.items()
                if any(each.kind in _FIRST_KINDS for each in meanings)
            }
        )
        """The first letters of the words that a number may begin with."""
        for word, meanings in forms.items():
            for form in meanings:
                self.add(word, form)

    def add(self, word: str, form: Form) -> None:
        """Add a word in the spelling of `spelling`."""
        branch = self.trie
        for letter in word:
            branch = branch.setdefault(letter, _Branch())
        branch.forms = (*branch.forms, form)

    def at(self, text: str, start: int) -> Sequence[tuple[int, Form]]:
        """Each word that begins at ``start``, the longest first, with the offset behind it."""
        found: list[tuple[int, Form]] = []
        branch, position, skipped = self.trie, start, 0
        for letter in text[start : start + _LONGEST_WORD]:
            following = branch.get(letter)
            position += 1
            if following is not None:
                branch, skipped = following, 0
                if branch.forms:
                    found += [(position, form) for form in branch.forms]
            elif letter in SEPARATORS and skipped < 2 and position > start + 1:
                skipped += 1
            else:
                break
        found.reverse()
        return found

    def begins(self, text: str, start: int) -> bool:
        """Quick check: false only if no word of the table begins at ``start``."""
        branch = self.trie.get(text[start : start + 1])
        if branch is None:
            return False
        second = text[start + 1 : start + 2]
        return bool(branch.forms) or second in branch or second in SEPARATORS


def is_composed_of(letters: str, words: Collection[str]) -> bool:
    """Whether letters are two or more of ``words`` in a row."""
    reached = {0}
    for end in range(1, len(letters) + 1):
        if any(start in reached and letters[start:end] in words and end - start < len(letters) for start in range(end)):
            reached.add(end)
    return len(letters) in reached


def separator_end(text: str, at: int) -> int:
    """The offset behind at most two separators."""
    end = at
    while end < at + 2 and text[end : end + 1] in SEPARATORS and end < len(text):
        end += 1
    return end


def rows(language: str) -> tuple[dict[str, list[Form]], set[str]] | None:
    """The number words of a primary subtag by spelling, and the flags of their table; None without a table."""
    name = f"spelled/{language}.tsv"
    if not has_table(name):
        return None
    forms: dict[str, list[Form]] = {}
    flags = set()
    for row in table_rows(name):
        if len(row) == 1:
            flags.add(row[0])
            continue
        word, kind, value, *scale = row
        form = Form(kind, Decimal(value), int(scale[0]) if scale else 0)
        forms.setdefault(spelling(word, language), []).append(form)
    return forms, flags


@lru_cache(maxsize=64)
def words(language: str) -> Words | None:
    """The table of number words of a primary subtag, or None without one."""
    read = rows(language)
    return Words(*read) if read else None


def spelling(word: str, language: str) -> str:
    """A word as tables and texts are compared: folded, without separators."""
    return "".join(letter for letter in word_key(word, language) if letter not in SEPARATORS)


def parse(text: str, table: Words, start: int = 0, most: int = LONGEST) -> Iterator[tuple[int, State, int]]:
    """Every number that the words from ``start`` on make, as (end, state, words), those with the longest words first."""
    stack: list[tuple[int, State, int]] = [(start, State(), 0)]
    seen: set[tuple[int, State]] = set()
    while stack:
        at, state, count = stack.pop()
        if count and not state.is_joined and (closed := close(state)) is not None:
            yield at, closed, count
        if count >= most:
            continue
        begin = separator_end(text, at) if count else at
        following = []
        for end, form in table.at(text, begin):
            after = step(state, form, repeats=table.repeats)
            if after is not None and (end, after) not in seen:
                seen.add((end, after))
                following.append((end, after, count + 1))
        stack += reversed(following)
