"""Quick check: does a quote clearly begin and end between words and numbers, judging by the text as printed?

Most quotes do, and then nothing needs to be normalised. In all other cases `boundaries` decides. The law between the
two: whatever this check accepts, `boundaries` accepts too (a property test).
"""

from __future__ import annotations

import re
from functools import cache

# Letters and signs that are their own normal form in any surroundings and are no combining marks (tested one by one).
SPACED = (
    "!-%'-_a-~"  # ASCII but the space, the grave accent, and the ampersand, which may begin a reference
    # Latin but the letters that have another coding (`same_letters`)
    "\u00c0-\u00cf\u00d1-\u0131\u0134-\u013e\u0141-\u0148\u014a-\u017e\u0180-\u0188\u018a-\u018d\u018f-\u01c3"
    "\u01cd-\u01dc\u01de-\u01f0\u01f4-\u0217\u021c-\u02af"
    "\u0391-\u03a1\u03a3-\u03c1\u03c3-\u03ce\u0400-\u0481\u048a-\u052f"  # Greek, Cyrillic
    "\u05d0-\u05ea\u0620-\u063f\u0641-\u064a\u060c\u061b\u061f"  # Hebrew, Arabic
    "\u0904-\u0928\u092a-\u0930\u0932\u0933\u0935-\u0939\u0964\uac00-\ud7a3"  # Devanagari, Hangul
)
UNSPACED = "\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff、。"

_LETTERS = SPACED.replace("!-%'-_a-~", "A-Za-z").replace("\u060c\u061b\u061f", "").replace("\u0964", "")
# Also the vowel signs of scripts that put spaces between words: characters that may precede a space.
_WORDS = f"{_LETTERS}\u0901-\u0963\u0981-\u09e3\u0b82-\u0bd7"
_WIDE = "，。！？：；、「」『』《》【】“”‘’…—–"
_HAN_NUMERALS = "〇零一二三四五六七八九十百千万萬亿億兆两兩"
_HAN_SCALES = "十百千万萬亿億兆"
_HAN_NEGATIONS = "没沒无無不未勿别別非"
# Characters that may follow a quote and are no combining marks.
_BEHIND = (
    SPACED.replace("'-_", "')-_") + UNSPACED + _WIDE + "„）\u00a1-\u00ac\u00ae-\u00bf\u2030-\u203a\u20a0-\u20bf\u2116"
)
# A reading in brackets, which is damage after a Han character (see `normalise`).
_READ = "a-zü\u00e0-\u01dc"
_READING = f"[{_READ}]{{1,7}}[)）]"
_NOT_READING = "".join(f"(?<![(（][{_READ}]{{{length}}})" for length in range(1, 8))

_FREE_START = (
    "|".join((
        f"\\A[{_LETTERS}{UNSPACED}0-9]",
        # Signs that are part of no word and no number. Brackets, semicolons and number signs may be part of damage.
        "[!\"$%'*-/:<-@\\[-_{-~“”«»„‘’「」『』《》【】…—–]",
        # A letter of an alphabet after a space, a sign or a letter of a script without spaces.
        f"(?<=[ \\n!\"$%'*-/:<-@\\[-_{{-~{_WIDE}{UNSPACED}])[{_LETTERS}]",
        f"(?<=[(（])[A-Z]|(?<=[^\u3400-\u9fff]\\()[{_LETTERS}]",
        # A digit after a word and a space, after a sign that is in no number, or after a letter that is no numeral.
        *(f"(?<=[{_WORDS}.,:!?\"”»…—–।،؟。！？-]{space})[0-9]" for space in (" ", "\\n", "\\n\\n")),
        f"(?<=[\\[(（「『“”\"«《【！？；$€£¥])[0-9]|(?<=[{UNSPACED}])(?<![{_HAN_SCALES}])(?!\\d{{5}};)[0-9]",
        # A letter of a script without spaces after a sign, or after a letter that does not negate it or count it.
        f"(?<=[{_WIDE}])[{UNSPACED}]|(?<=[{UNSPACED}])(?<![{_HAN_NEGATIONS}])(?![{_HAN_NUMERALS}])[{UNSPACED}]",
        *(f"(?<=[。！？]{space})[{UNSPACED}]" for space in ("\\n", "\\n\\n")),
        *(
            f"(?<=[A-Za-z{UNSPACED}]{space})(?<![{_HAN_NEGATIONS}]{space})(?![{_HAN_NUMERALS}])[{UNSPACED}]"
            for space in ("\\n", "\\n\\n")
        ),
    ))
)  # fmt: skip
_FREE_END = (
    "(?:"
    + "|".join((
        f"(?![{_READ}][)）])[{_LETTERS}](?=[\\s!\"%'()*-/:<-@\\[\\]_|~…“”«»{_WIDE}（）{UNSPACED}]|\\Z)",
        f"[{_READ}]{_NOT_READING}(?=[)）])",
        "[]!\"%*,./:<-@_|~。！？…”»」』》】、，：—–।،؛؟-]",
        f"[0-9](?=\\s+[{_LETTERS}]|[.,;:!?](?:\\s*\\Z|\\s+[{_LETTERS}])|[，,：:.][{_LETTERS}{UNSPACED}]|\\Z)",
        f"[0-9](?=[]%)\"”»（）「」。！？；、…—–-]|(?![{_HAN_SCALES}])[{UNSPACED}])",
        f"(?![{_HAN_NUMERALS}])[{UNSPACED}]",
    ))
    + f")(?=\\s*(?:[{_BEHIND}]|\\Z)|[(（](?:(?!{_READING})|{_READING}[{_BEHIND}]))"
)  # fmt: skip


def has_clean_ends(text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` clearly cuts off nothing. False only means that `boundaries` must decide."""
    return bool(_pattern(_FREE_START).match(text, start) and _pattern(_FREE_END).match(text, end - 1))


@cache
def _pattern(source: str) -> re.Pattern[str]:
    """Compiled for the first quote: that takes 25 ms, which a command that locates no quote need not spend."""
    return re.compile(source)
