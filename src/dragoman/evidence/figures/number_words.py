"""Compose a run of numerals and number words into one value: 48億6,000万, hai mươi lăm nghìn, साढ़े तीन लाख.

A run is read for as long as its tokens make one number; the next number begins with what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dragoman.evidence.figures.compose import NUMERALS, SCALE_FIRST, Number, Sum, Token
from dragoman.evidence.figures.folding import LETTER, gap_end
from dragoman.evidence.figures.grammar import DASHES, Grammar
from dragoman.evidence.figures.hits import AfterHits, NumberWord
from dragoman.evidence.figures.lexicon import Entry
from dragoman.evidence.figures.numerals import parse_numeral, trimmed
from dragoman.evidence.figures.spelled_numbers import read_spelled
from dragoman.evidence.figures.word_lists import Hit

_LONGEST = 24
"""Tokens in a run. "Nine hundred and ninety-nine billion …" down to the last unit has 23. A longer run is no number,
and reading all of it again from each of its tokens would take quadratic time."""

# Further digits may follow these without a space: 48億6,000万.
_GLUING = frozenset("千万萬亿億兆천만억조")
_ARABIC_AND = "و"
_DASHES = frozenset(DASHES)
_JOINING = {*DASHES, _ARABIC_AND, " ", "\u2009"}
_ZERO = Decimal(0)
_ONLY_COMPOSED = frozenset(("half", "ahead", "some", "many", "inside", "point"))
_SMALL = 12
"""Numbers that a single word up to it states only with a unit, because such words have other meanings: elf, sei, noi."""
_FEW_WORDS = 2
"""In scripts without spaces, a number of so few words needs a unit: 사천 is also a name, สาม begins other words."""


def read_number(
    text: str, at: int, grammar: Grammar, word: Hit[NumberWord] = None
) -> tuple[Number | None, AfterHits | None]:
    """Return the number that the run at ``at`` begins with, or None if its tokens make none.

    Also returns the hits of the words after the number and its gap, if they were looked up. ``word`` is the hit of the
    number word at ``at``, if the caller knows it.
    """
    if not text[at : at + 1].isdecimal():
        tokens, after_hits = _run(text, _first_tokens(text, at, grammar, word), grammar)
        return _spelled(text, at, tokens, grammar) or _composed(text, tokens, after_hits, grammar)
    value, end = _digits(text, at, grammar)
    if value is None:
        return None, None
    begin = gap_end(text, end)
    after_hits = grammar.after_words.at(text, begin)
    if after_hits.number is None or _begins_unit(after_hits):
        if not _linked_tokens(text, end, begin, after_hits.link, grammar):
            return Number(value, end, value, True), after_hits
    elif after_hits.number[1][0] == "scale":
        stop = begin + after_hits.number[0]
        gap = gap_end(text, stop)
        after_scale = grammar.after_words.at(text, gap)
        if not (
            after_scale.number
            or (grammar.spelled is not None and (text[gap : gap + 1].isdecimal() or grammar.spelled.begins(text, gap)))
            or _linked_tokens(text, stop, gap, after_scale.link, grammar)
            or _further_digits(text, stop, gap, grammar)
        ):
            return Number(trimmed(value * after_hits.number[1][1]), stop, value), after_scale
    tokens, after_hits_or_none = _run(text, [Token("digits", value, at, end)], grammar)
    return _spelled(text, at, tokens, grammar) or _composed(text, tokens, after_hits_or_none, grammar)


def _spelled(
    text: str, at: int, tokens: Sequence[Token], grammar: Grammar
) -> tuple[Number | None, AfterHits | None] | None:
    """Return the number by the tables of spelled numbers; None if there are none, or if the run has words that only
    `compose` knows: halves, "several", "more than"."""
    if grammar.spelled is None:
        return None
    if tokens and tokens[0].kind == "many" and (longer := read_spelled(text, at, grammar)):
        # tuhansia is "thousands", but tuhansia miljoonia is neither
        return (Number(None, longer.end, is_silent=True), None) if longer.end > tokens[0].end else None
    if any(token.kind in _ONLY_COMPOSED for token in tokens):
        return None
    if grammar.language in SCALE_FIRST and any(token.kind == "digits" for token in tokens):
        return None
    spelled = read_spelled(text, at, grammar)
    if spelled is None or (not grammar.spelled.is_spaced and spelled.end == at + 1):
        return None  # one syllable: 이 일 is "this work"
    if spelled.words == 1 and text[at].isdecimal():
        return None  # digits alone
    if spelled.value is None or spelled.is_ordinal:
        value = spelled.value if spelled.is_ordinal and spelled.words > 1 else None
        return Number(value, spelled.end, is_silent=True), None
    if spelled.words == 1 and len(tokens) == 1 and tokens[0].end == spelled.end:
        # the table of the language says whether the word needs a unit
        return (_dual(text, spelled.value, tokens[0], grammar), None) if _is_dual(spelled.value, tokens[0]) else None
    is_short = not grammar.spelled.is_spaced and spelled.words <= _FEW_WORDS
    needs_unit = is_short or (spelled.words == 1 and spelled.value <= _SMALL)
    return Number(spelled.value, spelled.end, spelled.mantissa, needs_unit=needs_unit), None


def _is_dual(value: Decimal | None, word: Token) -> bool:
    """Whether a word is either a scale or two of it: مليارا is two billion in مليارا دولار and one in بلغ مليارا."""
    return word.kind == "scale" and value == 2 * word.value


def _dual(text: str, value: Decimal | None, word: Token, grammar: Grammar) -> Number | None:
    """Read such a word: the dual loses its last letter before what is counted, the scale alone never stands before it.
    Before any other word it may be both, and nothing is read."""
    begin = gap_end(text, word.end)
    if grammar.after_words.at(text, begin).unit is not None:
        return Number(value, word.end)
    goes_on = text[begin : begin + 1] in LETTER and text[begin : begin + 1] != _ARABIC_AND
    return Number(None, word.end, is_silent=True) if goes_on else None


def _composed(
    text: str, tokens: Sequence[Token], after_hits: AfterHits | None, grammar: Grammar
) -> tuple[Number | None, AfterHits | None]:
    number = _compose(text, tokens, grammar)
    return number, after_hits if number is not None and number.end == tokens[-1].end else None


def _begins_unit(after_hits: AfterHits) -> bool:
    """Whether the scale after digits is only the beginning of a unit: 18경기 (games), 3兆瓦 (megawatts)."""
    number, unit = after_hits.number, after_hits.unit
    return number is not None and number[1][0] == "scale" and unit is not None and unit[0] > number[0]


def stands_alone(text: str, end: int, grammar: Grammar) -> bool:
    """Whether clearly neither more of a number nor a unit follows the word that ends at ``end``."""
    begin = end + 1 if text[end : end + 1] == " " else end
    if text[begin : begin + 1] in _JOINING:
        return False
    if grammar.spelled is not None and grammar.spelled.begins(text, begin):
        return False
    return grammar.after_words.at(text, begin) is grammar.after_words.nothing


def _compose(text: str, tokens: Sequence[Token], grammar: Grammar) -> Number | None:
    """Return the number that the tokens of a run begin with, or None if they make none."""
    if not tokens:
        return None
    kind, value, _, end = tokens[0]
    if kind == "many":
        return Number(None, end)
    if len(tokens) == 1:
        if kind == "digits":
            return Number(value, end, value, True)
        return Number(value, end, value, False, kind != "number") if kind in NUMERALS else None
    if len(tokens) == 2 and kind == "digits" and tokens[1].kind == "scale":
        return Number(trimmed(value * tokens[1].value), tokens[1].end, value)
    if grammar.language in ("zh", "ja") and (number := _positional(tokens)):
        return number
    return Sum(text, tokens, grammar.language).number()


def read_tokens(text: str, at: int, grammar: Grammar) -> list[Token]:
    """Return the tokens of the run that begins at ``at``."""
    return read_run(text, at, grammar)[0]


def read_run(
    text: str, at: int, grammar: Grammar, word: Hit[NumberWord] = None
) -> tuple[list[Token], AfterHits | None]:
    """Return the tokens of the run at ``at``, and the hits of the words after it, if they were looked up.

    ``word`` is the hit of the number word at ``at``, if the caller knows it.
    """
    return _run(text, _first_tokens(text, at, grammar, word), grammar)


def _run(text: str, first_tokens: Sequence[Token], grammar: Grammar) -> tuple[list[Token], AfterHits | None]:
    tokens = [*first_tokens]
    while tokens and tokens[-1].kind != "many" and len(tokens) < _LONGEST:
        end = tokens[-1].end
        begin = gap_end(text, end)
        after_hits = grammar.after_words.at(text, begin)
        if after_hits.number:
            tokens.append(_token(begin, after_hits.number))
        elif tokens[-1].kind == "ahead" and (numeral := _numeral(text, begin, grammar)):
            tokens.append(numeral)
        elif (more := _linked_tokens(text, end, begin, after_hits.link, grammar)) or (
            len(tokens) > 1 and tokens[-1].kind != "digits" and (more := _further_digits(text, end, begin, grammar))
        ):
            tokens += more
        else:
            return tokens, after_hits
    return tokens, None


def _first_tokens(text: str, at: int, grammar: Grammar, word: Hit[NumberWord] = None) -> list[Token]:
    if word is None and not text[at : at + 1].isdecimal():
        word = grammar.start_words.at(text, at).number
    if word is None:
        numeral = _numeral(text, at, grammar)
        return [numeral] if numeral else []
    first = _token(at, word)
    if grammar.language in SCALE_FIRST and first.kind == "scale":
        numeral = _numeral(text, gap_end(text, first.end), grammar)
        return [first, numeral] if numeral and (numeral.start > first.end or not grammar.is_spaced) else [first]
    return [first]


def _numeral(text: str, at: int, grammar: Grammar) -> Token | None:
    value, end = _digits(text, at, grammar)
    return None if value is None else Token("digits", value, at, end)


def _digits(text: str, at: int, grammar: Grammar) -> tuple[Decimal | None, int]:
    """Return the value of the numeral printed at ``at``, or None, and its end."""
    numeral = grammar.number.match(text, at)
    return (parse_numeral(numeral[0], grammar.decimal), numeral.end()) if numeral else (None, at)


def _linked_tokens(text: str, end: int, begin: int, link: Hit[Entry], grammar: Grammar) -> list[Token]:
    """Return the next number word and the link before it: an "and" at ``begin``, or a dash at ``end``."""
    if begin == end:
        word = grammar.after_words.at(text, end + 1).number if text[end : end + 1] in _DASHES else None
        return [_token(end + 1, word)] if word else []
    if text[begin : begin + 1] == _ARABIC_AND and grammar.language == "ar":  # written together with the next word
        word_start = gap_end(text, begin + 1)
        link_tokens = [Token("link", _ZERO, begin, begin + 1)] if word_start > begin + 1 else []
    elif link:
        word_start = gap_end(text, begin + link[0])
        link_tokens = [Token("link", _ZERO, begin, begin + link[0])]
    else:
        return []
    word = grammar.after_words.at(text, word_start).number
    return [*link_tokens, _token(word_start, word)] if word else []


def _token(at: int, word: tuple[int, NumberWord]) -> Token:
    length, (kind, value) = word
    return Token(kind, value, at, at + length)


def _further_digits(text: str, at: int, begin: int, grammar: Grammar) -> list[Token]:
    """Return further digits: before a smaller scale, directly after a Han or Hangul scale, or after an Arabic "and"."""
    numeral = _numeral(text, begin, grammar)
    if numeral is not None:
        glued = begin == at and text[at - 1] in _GLUING
        scaled = glued or grammar.scales.at(text, gap_end(text, numeral.end)) is not None
        return [numeral] if scaled else []
    if grammar.language in ("ar", "fa") and begin > at and text[begin : begin + 1] == _ARABIC_AND:
        numeral = _numeral(text, gap_end(text, begin + 1), grammar)
        if numeral and numeral.end - numeral.start == 3:
            return [Token("link", _ZERO, begin, begin + 1), numeral]
    return []


def _positional(tokens: Sequence[Token]) -> Number | None:
    """Read a row of Han digits by position: 二〇二四, 三点五. Two digits alone are a range instead: 三四百."""
    digits = 0
    while digits < len(tokens) and tokens[digits].kind == "han" and tokens[digits].value < 10:
        digits += 1
    if digits < len(tokens) or not (digits >= 3 or any(token.value == 0 for token in tokens)):
        return None
    return Number(Decimal("".join(str(token.value) for token in tokens)), tokens[-1].end)
