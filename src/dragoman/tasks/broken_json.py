"""Says where a JSON text breaks, and why, in a sentence from which the model can find the place.

A cause is only named if it was tried: with the fault mended in the way that the sentence says, the text is JSON, or is
JSON for longer than the words that the sentence shows. The mended text is used for nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

AROUND = 40
"""Characters shown on each side of the place: some six words, enough to find it in an answer of 15,000 characters."""

MOST_MENDED = 200
"""Most faults of one kind that are tried: more than the quotation marks that an answer has in all its quotes."""

_CONTROLS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PYTHON_WORDS = {"None": "null", "True": "true", "False": "false", "undefined": "null"}
_OTHER_MARKS = {"=": ":", "：": ":", "，": ",", "、": ",", ";": ","}
_STRING_OR_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*"|(-?Infinity|NaN)', re.DOTALL)
_COMMENT = re.compile(r"//[^\n]*|#[^\n]*|/\*.*?\*/", re.DOTALL)
_OTHER_QUOTES = re.compile(r"'((?:[^'\\\n]|\\.)*)'|[“”„]([^“”\n]*)[“”]|`([^`\n]*)`")
_BARE_NAME = re.compile(r"[A-Za-z_]\w*(?=\s*:)")
_WORD = re.compile(r"[A-Za-z]+")
_HALF = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class _Mended:
    """A text with one fault mended, where the change ends, and what it was."""

    text: str
    end: int
    cause: str
    doubt: int = 0
    """Changes that another cause may need more than this one and still be the likelier of the two."""


def explain(text: str, error: ValueError) -> str:
    """Where ``text`` breaks and why. ``error`` is what the JSON parser raised for it."""
    if not text.strip():
        return "it is empty"
    if not isinstance(error, json.JSONDecodeError):
        constant = next((match for match in _STRING_OR_CONSTANT.finditer(text) if match[1]), None)
        return _at(text, constant.start(1), f"{constant[1]} is not JSON") if constant else one_line(str(error))
    if not text.lstrip().startswith(("{", "[")):
        return _without_object(text)
    return _at(text, error.pos, _cause(text, error.pos) or one_line(error.msg))


def half_character(text: str, value: Any) -> str | None:
    """Where ``text`` has the escape of half a character, if its ``value`` has one; else None."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        half = next(match for match in _HALF.finditer(text) if match[1])
        return _at(text, half.start(), f"{half[1]} is half a character; write the character itself")
    return None


def one_line(text: str) -> str:
    """A text on one line, with a mark for what cannot be printed."""
    return "".join(letter if letter.isprintable() else "�" for letter in " ".join(text.split()))


def _at(text: str, place: int, cause: str) -> str:
    before, after = text[max(0, place - AROUND) : place], text[place : place + AROUND]
    shown = f"after ⟦{one_line(before)}⟧" if before.strip() else "at its beginning"
    line, column = text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)
    rest = f", before ⟦{one_line(after)}⟧" if after.strip() else ", at its end"
    return f"it breaks {shown}{rest} (line {line}, column {column}): {cause}"


def _without_object(text: str) -> str:
    start = text.find("{")
    begins = f"it begins ⟦{one_line(text[:AROUND])}⟧"
    if start < 0:
        return f"it has no object; {begins}"
    fault = _fault(text, start)
    if fault is not None and fault <= start + AROUND:
        return f"it does not begin with {{; {begins}"
    return (
        f"there is text before the object, which must be left out: ⟦{one_line(text[max(0, start - AROUND) : start])}⟧"
    )


def _cause(text: str, place: int) -> str | None:
    """The cause that needs the fewest changes to make the text JSON; if none does, the one whose changes reach
    furthest."""
    whole: list[tuple[int, str]] = []
    partly: list[tuple[float, str]] = []
    for mend in _MENDS:
        mended = mend(text, place)
        if mended is None:
            continue
        cause, doubt, many = mended.cause, mended.doubt, 1
        fault = _fault(mended.text)
        while fault is not None and fault >= mended.end and many < MOST_MENDED:
            again = mend(mended.text, fault)
            if again is None:
                break
            mended, many = again, many + 1
            fault = _fault(mended.text)
        if fault is None:
            whole.append((many + doubt, f"{cause} ({many - 1} more like it)" if many > 1 else cause))
        elif fault - place > AROUND * many:
            partly.append((many / (fault - place), cause))
    return min(whole or partly, key=lambda found: found[0], default=(0, None))[1]


def _fault(text: str, start: int = 0) -> int | None:
    """Where the JSON value from ``start`` breaks, or None. Text behind the value is a fault only if it is the whole
    text."""
    try:
        if start:
            _DECODER.raw_decode(text, start)
        else:
            _DECODER.decode(text)
    except json.JSONDecodeError as error:
        return error.pos
    except (ValueError, RecursionError):
        return start
    return None


def _extra_text(text: str, place: int) -> _Mended | None:
    """Text after the object, or brackets that close it too early."""
    start = len(text) - len(text.lstrip())
    try:
        _, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    rest = text[end:].strip()
    if rest.startswith(",") and len(rest) > 1:
        closed = end - 1
        cause = f"the bracket {text[closed]} closes the object too early"
        return _Mended(text[:closed] + text[end:], closed, cause)
    if rest and not rest.strip("]} \t\r\n"):
        return _Mended(text[:end], end, f"the closing bracket {rest[0]} is one too many")
    return _Mended(text[:end], end, "there is text after the object, which must be left out")


def _comment(text: str, place: int) -> _Mended | None:
    match = _COMMENT.match(text, place)
    return match and _Mended(text[:place] + text[match.end() :], place, "comments are not allowed in JSON")


def _extra_comma(text: str, place: int) -> _Mended | None:
    before = text[:place].rstrip()
    if not before.endswith(",") or text[place : place + 1] not in ("]", "}", ","):
        return None
    cut = len(before) - 1
    following = "closing bracket" if text[place] in "]}" else "comma"
    return _Mended(
        text[:cut] + text[cut + 1 :], place, f"the comma before the {following} {text[place]} is one too many"
    )


def _other_quotes(text: str, place: int) -> _Mended | None:
    match = _OTHER_QUOTES.match(text, place)
    if match is None:
        return None
    inner = next(group for group in match.groups() if group is not None)
    string = json.dumps(inner.replace("\\'", "'"), ensure_ascii=False)
    cause = (
        f'names and strings stand in double quotation marks ("), not in {match[0][0]} (single or typographic quotes)'
    )
    return _Mended(text[:place] + string + text[match.end() :], place + len(string), cause)


def _bare_name(text: str, place: int) -> _Mended | None:
    match = _BARE_NAME.match(text, place)
    if match is None:
        return None
    end = match.end() + 2
    return _Mended(
        f'{text[:place]}"{match[0]}"{text[match.end() :]}', end, f"the name {match[0]} needs double quotation marks"
    )


def _python_word(text: str, place: int) -> _Mended | None:
    match = _WORD.match(text, place)
    if match is None or match[0] not in _PYTHON_WORDS:
        return None
    word = _PYTHON_WORDS[match[0]]
    return _Mended(
        text[:place] + word + text[match.end() :], place + len(word), f"{match[0]} is written {word} in JSON"
    )


def _control(text: str, place: int) -> _Mended | None:
    letter = text[place : place + 1]
    if letter not in _CONTROLS:
        return None  # between values the parser skips these characters, so it stops at one only inside a string
    name = "tab" if letter == "\t" else "line break (newline)"
    cause = f"the {name} inside a string must be written {_CONTROLS[letter]}"
    return _Mended(text[:place] + _CONTROLS[letter] + text[place + 1 :], place + 2, cause)


def _backslash(text: str, place: int) -> _Mended | None:
    # The parser names the place of the backslash, or of the character after it.
    for at in (place, place - 1):
        if at >= 0 and text[at : at + 1] == "\\":
            letter = one_line(text[at + 1 : at + 2]) or "a space"
            cause = f"the backslash before {letter} is no escape of JSON: leave it out, or write \\\\"
            return _Mended(f"{text[:at]}\\{text[at:]}", at + 2, cause)
    return None


def _open_string(text: str, place: int) -> _Mended | None:
    """A string whose closing quotation mark is missing: it goes on over the comma, to the next name."""
    quote = place if text[place : place + 1] in ("\n", "\r") else text.rfind('"', 0, place)
    before = text[:quote].rstrip()
    cut = len(before) - 1 if before.endswith(",") else len(before)
    if quote < 0 or (cut == len(before) and quote != place):
        return None
    cause = f'the closing quotation mark (") after ⟦{one_line(text[max(0, cut - 20) : cut])}⟧ is missing'
    return _Mended(f'{text[:cut]}"{text[cut:]}', place + 1, cause)


def _inner_quote(text: str, place: int) -> _Mended | None:
    """An ASCII quotation mark inside a string, which ends the string too early."""
    quote = text.rfind('"', 0, place)
    # One that is followed by a colon ends a name: what breaks behind the colon is the value.
    if quote < 0 or text[quote - 1 : quote] == "\\" or ":" in text[quote:place]:
        return None
    words = one_line(text[quote + 1 : quote + 21]).strip()
    cause = f'the quotation mark " before ⟦{words}⟧ stands inside a string and must be written \\"'
    return _Mended(f"{text[:quote]}\\{text[quote:]}", quote + 1, cause)


def _other_mark(text: str, place: int) -> _Mended | None:
    mark = _OTHER_MARKS.get(text[place : place + 1])
    if mark is None:
        return None
    return _Mended(text[:place] + mark + text[place + 1 :], place + 1, f"{text[place]} stands where {mark} must stand")


def _missing_comma(text: str, place: int) -> _Mended | None:
    # Between two quotation marks that touch, a comma is the less likely cause: a string may have "" inside.
    doubt = 2 if text[place - 1 : place + 1] == '""' else 0
    return _Mended(f"{text[:place]},{text[place:]}", place + 1, "a comma is missing here", doubt)


def _missing(mark: str, name: str) -> Callable[[str, int], _Mended | None]:
    def mend(text: str, place: int) -> _Mended | None:
        return _Mended(text[:place] + mark + text[place:], place + len(mark), f"{name} is missing here")

    return mend


def _open_bracket(text: str, place: int) -> _Mended | None:
    """A list whose bracket is missing before the name of the next field, where the parser stops at the colon; or an
    object whose bracket is missing before the next object."""
    match text[place : place + 1]:
        case ":":
            bracket, following = "]", max(text.rfind('"', 0, max(text.rfind('"', 0, place), 0)), 0)
        case "{":
            bracket, following = "}", place
        case _:
            return None
    before = text[:following].rstrip()
    if not before.endswith(","):
        return None
    cut = len(before) - 1
    cause = f"the closing bracket {bracket} before ⟦{one_line(text[following : following + 20])}⟧ is missing"
    return _Mended(f"{text[:cut]}{bracket}{text[cut:]}", place + 1, cause)


def _open_last_string(text: str, place: int) -> _Mended | None:
    """A last string without its closing quotation mark, before the brackets at the end."""
    cut = len(text.rstrip("]} \t\r\n"))
    if cut == len(text) or text[place : place + 1] != '"':
        return None
    cause = f'the closing quotation mark (") after ⟦{one_line(text[max(0, cut - 20) : cut])}⟧ is missing'
    return _Mended(f'{text[:cut]}"{text[cut:]}', len(text), cause)


def _extra_bracket(text: str, place: int) -> _Mended | None:
    if text[place : place + 1] not in ("]", "}"):
        return None
    return _Mended(text[:place] + text[place + 1 :], place, f"the bracket {text[place]} is one too many here")


def _cut_off(text: str, place: int) -> _Mended | None:
    """The text ends before its last string or brackets are closed."""
    missing, _ = _open_at_end(text)
    for whole in _ends(text) if missing else ():
        brackets, in_string = _open_at_end(whole)
        mended = whole + '"' * in_string + brackets
        if _fault(mended) is None:
            cause = f"the text ends before the object is complete (cut off): {missing[-20:]} is missing at its end"
            return _Mended(mended, len(mended), cause)
    return None


def _ends(text: str) -> Iterator[str]:
    """The text, and the text without an incomplete member at its end."""
    yield text
    yield text.rstrip().rstrip(",")
    yield text.rstrip() + " null"
    comma = max(text.rfind(","), 0)
    if not text.rstrip().endswith(("]", "}")):  # a member that is closed is not incomplete
        yield text[:comma]


def _open_at_end(text: str) -> tuple[str, bool]:
    """The brackets that close what is open at the end of a text, and whether it ends inside a string."""
    open_brackets: list[str] = []
    in_string = False
    for token in re.finditer(r'\\.|["\[\]{}]', text, re.DOTALL):
        if token[0] == '"':
            in_string = not in_string
        elif not in_string and token[0] in "[{":
            open_brackets.append("]" if token[0] == "[" else "}")
        elif not in_string and token[0] in "]}" and open_brackets:
            open_brackets.pop()
    return "".join(reversed(open_brackets)), in_string


_MENDS: tuple[Callable[[str, int], _Mended | None], ...] = (
    _extra_text,
    _comment,
    _extra_comma,
    _other_quotes,
    _bare_name,
    _python_word,
    _other_mark,
    _control,
    _backslash,
    _open_string,
    _inner_quote,
    _missing_comma,
    _missing(":", "a colon"),
    _missing("]", "the closing bracket ]"),
    _missing("}", "the closing bracket }"),
    _missing("null", "a value"),
    _extra_bracket,
    _open_bracket,
    _open_last_string,
    _cut_off,
)
"""The causes, the more certain ones first: each mends a fault at a place in a text."""
