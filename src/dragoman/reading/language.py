"""Identify the language and script of a text.

Scripts are counted first, because a library that is given mixed Chinese (pinyin glosses, a stray kana, English product
names) answers Japanese. The count decides Chinese, Japanese, Korean and every script that only one language uses;
letters of their own decide the languages of the Arabic script. Only then is gcld3 asked, about a sample from several
places of the text without words in other scripts. A short or doubtful text is ``und``.

Of a long text, a short sample is looked at first. If a few words from all over the text leave no doubt, the rest is not
read.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from functools import lru_cache
from typing import Any

from dragoman.reading import neighbours

# First code point of each range and the script of its letters; "" ends a range. Blocks after Unicode 17.
_RANGES: tuple[tuple[int, str], ...] = (
    (0x0, ""), (0x41, "Latn"), (0x5B, ""), (0x61, "Latn"), (0x7B, ""), (0xAA, "Latn"), (0xAB, ""),
    (0xBA, "Latn"), (0xBB, ""), (0xC0, "Latn"), (0xD7, ""), (0xD8, "Latn"), (0xF7, ""), (0xF8, "Latn"),
    (0x2B0, ""), (0x370, "Grek"), (0x400, "Cyrl"), (0x530, "Armn"), (0x590, "Hebr"), (0x600, "Arab"),
    (0x660, ""), (0x66E, "Arab"), (0x6F0, ""), (0x6FA, "Arab"), (0x700, "Syrc"), (0x750, "Arab"),
    (0x780, "Thaa"), (0x7C0, "Nkoo"), (0x800, ""), (0x870, "Arab"), (0x900, "Deva"), (0x964, ""),
    (0x970, "Deva"), (0x980, "Beng"), (0xA00, "Guru"), (0xA80, "Gujr"), (0xB00, "Orya"), (0xB80, "Taml"),
    (0xC00, "Telu"), (0xC80, "Knda"), (0xD00, "Mlym"), (0xD80, "Sinh"), (0xE00, "Thai"), (0xE80, "Laoo"),
    (0xF00, "Tibt"), (0x1000, "Mymr"), (0x10A0, "Geor"), (0x1100, "Hang"), (0x1200, "Ethi"), (0x13A0, "Cher"),
    (0x1400, "Cans"), (0x1680, ""), (0x1780, "Khmr"), (0x1800, "Mong"), (0x18B0, ""), (0x1C50, "Olck"),
    (0x1C80, "Cyrl"), (0x1C90, "Geor"), (0x1CC0, ""), (0x1E00, "Latn"), (0x1F00, "Grek"), (0x2000, ""),
    (0x2C60, "Latn"), (0x2C80, ""), (0x2D00, "Geor"), (0x2D30, "Tfng"), (0x2D80, "Ethi"), (0x2DE0, "Cyrl"),
    (0x2E00, ""), (0x3005, "Hani"), (0x3006, ""), (0x3007, "Hani"), (0x3008, ""), (0x3041, "Hira"),
    (0x3099, ""), (0x309D, "Hira"), (0x30A0, ""), (0x30A1, "Kana"), (0x30FB, ""), (0x30FD, "Kana"),
    (0x3100, "Bopo"), (0x3130, "Hang"), (0x3190, ""), (0x31A0, "Bopo"), (0x31C0, ""), (0x31F0, "Kana"),
    (0x3200, ""), (0x3400, "Hani"), (0x4DC0, ""), (0x4E00, "Hani"), (0xA000, "Yiii"), (0xA4D0, ""),
    (0xA640, "Cyrl"), (0xA6A0, ""), (0xA720, "Latn"), (0xA800, ""), (0xA8E0, "Deva"), (0xA900, ""),
    (0xA960, "Hang"), (0xA980, ""), (0xA9E0, "Mymr"), (0xAA00, ""), (0xAA60, "Mymr"), (0xAA80, ""),
    (0xAB00, "Ethi"), (0xAB30, "Latn"), (0xAB65, "Grek"), (0xAB66, "Latn"), (0xAB70, "Cher"),
    (0xABC0, ""), (0xAC00, "Hang"), (0xD800, ""),
    (0xF900, "Hani"), (0xFB00, "Latn"), (0xFB13, "Armn"), (0xFB1D, "Hebr"), (0xFB50, "Arab"), (0xFE00, ""),
    (0xFE70, "Arab"), (0xFEFF, ""), (0xFF21, "Latn"), (0xFF3B, ""), (0xFF41, "Latn"), (0xFF5B, ""),
    (0xFF66, "Kana"), (0xFF9E, ""), (0xFFA0, "Hang"), (0xFFDD, ""), (0x20000, "Hani"), (0x33480, ""),
)  # fmt: skip
_STARTS = tuple(start for start, _ in _RANGES)

# Scripts that hardly any other written language uses.
_ONE_LANGUAGE = {
    "Grek": "el", "Armn": "hy", "Thaa": "dv", "Guru": "pa", "Gujr": "gu", "Orya": "or", "Taml": "ta",
    "Telu": "te", "Knda": "kn", "Mlym": "ml", "Sinh": "si", "Thai": "th", "Laoo": "lo", "Tibt": "bo",
    "Mymr": "my", "Geor": "ka", "Ethi": "am", "Cher": "chr", "Khmr": "km", "Mong": "mn", "Olck": "sat",
    "Yiii": "ii", "Cans": "iu", "Tfng": "zgh", "Nkoo": "nqo", "Syrc": "syr", "Jpan": "ja", "Kore": "ko",
}  # fmt: skip

# Codes of gcld3 that are not the current BCP-47 tag.
_RENAMED = {"iw": "he", "jw": "jv", "in": "id", "ji": "yi", "sh": "sr-Latn", "mo": "ro"}

# The languages of gcld3 that are written in a script. Any other answer is an error.
_OF_SCRIPT = {
    "Cyrl": {"ru", "uk", "bg", "be", "mk", "sr", "kk", "ky", "tg", "mn", "tt"},
    "Arab": {"ar", "fa", "ur", "ps", "sd", "ku", "ug"},
    "Deva": {"hi", "mr", "ne"},
    "Hebr": {"he", "yi"},
    "Beng": {"bn"},
}
# Languages that are not written in Latin letters. For romanised text gcld3 has separate tags.
_NOT_LATIN = frozenset(
    ("am", "ar", "be", "bg", "bn", "el", "fa", "gu", "he", "hi", "hy", "ja", "ka", "kk", "km", "kn", "ko", "ky",
     "lo", "mk", "ml", "mn", "mr", "my", "ne", "pa", "ps", "ru", "sd", "si", "sr", "ta", "te", "tg", "th", "uk",
     "und", "ur", "yi", "zh")
)  # fmt: skip
_COMMON = {"Cyrl": "ru", "Arab": "ar", "Deva": "hi", "Hebr": "he", "Beng": "bn"}

# Articles in other scripts have many Latin words, hardly the other way round, and a Chinese character says as much as
# about five letters. With these weights, many Latin names do not make an article Latin.
_WEIGHT = {"Latn": 1, "Hani": 5, "Hira": 4, "Kana": 4, "Hang": 3}
_OTHER_WEIGHT = 2

# Least share of kana in Japanese, of Han and kana together. Japanese prose has 40 % kana or more, its tersest headlines
# about 15 %; the most mixed Chinese seen has 0.1 %.
_KANA_SHARE = 0.08

_SAMPLE = 2_000
"""Characters given to gcld3, from up to five places. More do not change its answer on news."""

_GLANCE, _PLACES = 240, 8
"""Characters of the first short sample (the glance) of a long text, and the number of places they come from."""

_CERTAIN = 0.99
"""The probability of gcld3 from which a glance is enough. It rarely gives that much for closely related languages:
5,000 glances at texts in 25 languages and their nearest relatives, and 545 at articles, were all right (2026-11)."""

_ALONE = 0.8
"""Weighted share of the letters that the main script must have, for a glance to be enough."""

# Common characters that differ between simplified and traditional Chinese.
_SIMPLIFIED = (
    "这个们国来时为会说对发过现进还动学开关门问间长业产机电车东两从将实应经员场报见让记认该话语论请诉证识"
    "调读谁变规视觉边达运连远选钱银铁错队阳难预领题风飞马亿书买卖乐习乡战岁师带帮广庆张强归录总资贸质费设"
    "计议访务团协单华县轻较转护择导层标树样桥检欢没济热爱环约级组织给结统继续维网罗职联节获药虽补装观须顾"
    "类验齐"
)
_TRADITIONAL = (
    "這個們國來時為會說對發過現進還動學開關門問間長業產機電車東兩從將實應經員場報見讓記認該話語論請訴證識"
    "調讀誰變規視覺邊達運連遠選錢銀鐵錯隊陽難預領題風飛馬億書買賣樂習鄉戰歲師帶幫廣慶張強歸錄總資貿質費設"
    "計議訪務團協單華縣輕較轉護擇導層標樹樣橋檢歡沒濟熱愛環約級組織給結統繼續維網羅職聯節獲藥雖補裝觀須顧"
    "類驗齊"
)
_MIN_TELLING = 8
"""This many characters of one writing, and ten times as many as of the other, decide without opencc."""

_MIN_LETTERS = 20
"""A text with fewer letters of a script that several languages share is ``und``: names and loan words mislead."""

_MIN_DIFFERENT = 6
"""A real sentence has at least this many different letters."""

_PIECE = 300
"""Characters of each piece that `looks_english` checks."""

# Each pattern begins with something that is quick to find.
_GLOSS = re.compile(r"[(（](?<=[\u3400-\u9fff].)[a-zü\u00e0-\u01dc]{1,7}[)）]")
_NOT_PROSE = re.compile(r"https?://\S{1,500}|www\.\S{1,500}|#[\w.]{1,100}|@[\w.]{1,100}")
_WORD = re.compile(r"[^\W\d_]+")
_ODD_CASE = re.compile(r"[a-zß-öø-ÿ][A-ZÀ-ÖØ-Þ]|[^\W\d_][«»¿¡°±²³¹ºª¬©®¦§¶·¸¨¯´×÷¤¢£¥]")
_FOREIGN = re.compile(r"[A-Za-z\u00c0-\u024f]+")


def identify(text: str) -> tuple[str, str]:
    """BCP-47 language and ISO 15924 script of ``text``: ``("vi", "Latn")``, ``("zh-Hant", "Hant")``.

    Japanese is ``Jpan``, Korean ``Kore``. ``("und", script)`` when the language is not clear, ``("und",
    "Zyyy")`` when there are no letters, ``("zh", "Hani")`` when nothing distinguishes simplified from traditional.
    """
    if len(text) > 4 * _GLANCE:
        language, script, certain = _identify_by(_spread(text, _GLANCE, _PLACES), text)
        if certain:
            return language, script
    language, script, _ = _identify_by(text, text)
    return language, script


def _identify_by(sample: str, text: str) -> tuple[str, str, bool]:
    """Language and script by a sample of ``text``, and whether they are certain without the rest of it."""
    letters = Counter(_GLOSS.sub("", _NOT_PROSE.sub(" ", sample)))
    scripts = count_scripts(letters)
    if not scripts:
        return "und", "Zyyy", False
    script, alone = _main_script(scripts)
    if script == "Hani":
        writing = _clearly_written_chinese(letters)
        language, script = writing or _chinese(letters)
        certain = writing is not None
    elif script in _ONE_LANGUAGE:
        language, certain = _ONE_LANGUAGE[script], True
    else:
        by_letters, certain = _by_letters(script, letters, scripts[script], text)
        language, sure = (by_letters, True) if by_letters else _by_gcld3(script, sample, scripts[script])
        if any(language in group for group in neighbours.GROUPS):
            # Too few words of a glance tell relatives apart.
            language, sure = neighbours.nearest(language, neighbours.words_of(_sample(sample, script))), False
        certain = certain and sure
    return language, script, certain and alone


def count_scripts(letters: Counter[str]) -> Counter[str]:
    """Letters per script, from a count of characters. Digits, punctuation and symbols are in no script."""
    scripts: Counter[str] = Counter()
    for letter, times in letters.items():
        script = script_of(letter)
        if script:
            scripts[script] += times
    return scripts


@lru_cache(maxsize=65_536)
def script_of(letter: str) -> str:
    """ISO 15924 code of the script of one letter; "" for any other character."""
    return _RANGES[bisect_right(_STARTS, ord(letter)) - 1][1]


def looks_english(language: str, text: str) -> bool:
    """Whether the whole of ``text`` is English, so that nothing needs translating.

    True only when the text was identified as ``en``, at most 5 % of its letters are of another script, and
    no more than one in ten pieces from all over it is identified as another language. A mixed text is not English.
    """
    if language != "en":
        return False
    scripts = count_scripts(Counter(text))
    if scripts["Latn"] < 0.95 * scripts.total():
        return False
    pieces = _pieces(text)
    foreign = sum(1 for piece in pieces if _ask_gcld3(piece)[0] != "en")
    return bool(pieces) and foreign * 10 <= len(pieces)


def how_likely(text: str, languages: tuple[str, ...]) -> float:
    """0 to 1: how well ``text`` reads as one of ``languages`` (without script), by the first 2,000 characters.

    Case inside words counts against it: a wrong code page gives ``mIsTaKeS``.
    """
    identified, _ = identify(text)
    if identified == "und" or identified.split("-")[0] not in languages:
        return 0.0
    sample = text[:_SAMPLE]
    odd = len(_ODD_CASE.findall(sample)) / (1 + len(_WORD.findall(sample)))
    return max(0.0, _ask_gcld3(_sample(sample, "Latn"))[2] - odd)


def _main_script(scripts: Counter[str]) -> tuple[str, bool]:
    """The script of a text (``Jpan`` for Japanese, ``Kore`` for Korean), and whether nearly all letters are in it."""
    weighted = {script: count * _WEIGHT.get(script, _OTHER_WEIGHT) for script, count in scripts.items()}
    total = sum(weighted.values())
    kana = weighted.pop("Hira", 0) + weighted.pop("Kana", 0)
    weighted.pop("Bopo", None)
    han = weighted.pop("Hani", 0)
    if han or kana:
        weighted["Jpan" if kana > _KANA_SHARE * (han + kana) else "Hani"] = han + kana
    if not weighted:
        return "Hani", False  # bopomofo alone
    # A tie goes to the script that is first in the alphabet: the answer must not depend on the order of letters.
    script = min(weighted, key=lambda script: (-weighted[script], script))
    doubtful = 0 < kana < 2 * _KANA_SHARE * (han + kana)
    return "Kore" if script == "Hang" else script, weighted[script] >= _ALONE * total and not doubtful


def _clearly_written_chinese(letters: Counter[str]) -> tuple[str, str] | None:
    """Traditional or simplified, if common characters that only one of them has leave no doubt; otherwise None."""
    traditional, simplified = (
        sum(times for letter, times in letters.items() if letter in telling) for telling in (_TRADITIONAL, _SIMPLIFIED)
    )
    fewer, more = sorted((traditional, simplified))
    if more < _MIN_TELLING or more < 10 * fewer:
        return None
    return ("zh-Hant", "Hant") if traditional > simplified else ("zh-Hans", "Hans")


def _chinese(letters: Counter[str]) -> tuple[str, str]:
    """Traditional or simplified by opencc: which conversion changes more characters."""
    # Each different character is converted by itself, so phrases do not affect the count and lengths stay equal.
    han = [letter for letter in letters if script_of(letter) == "Hani"]
    joined = "\n".join(han)
    changed = [0, 0]
    for way, name in enumerate(("t2s", "s2t")):
        converted = _converter(name).convert(joined).split("\n") if han else []
        changed[way] = sum(letters[old] for old, new in zip(han, converted, strict=True) if old != new)
    traditional, simplified = changed
    if traditional == simplified:
        return "zh", "Hani"
    return ("zh-Hant", "Hant") if traditional > simplified else ("zh-Hans", "Hans")


# Letters that distinguish a language of a shared script, with their least share of the letters in running text (names
# and quotations have fewer). Order matters: the first that fits wins.
_TELLING: dict[str, tuple[tuple[str, str, float], ...]] = {
    "Arab": (
        ("sd", "ڪڳڱٻڄٺٿڦڏڙ", 0.02),
        ("ps", "ټډړږښځڅېۍ", 0.02),
        ("ug", "ۇۆۈۋې", 0.05),
        ("ckb", "ۆڵڕێە", 0.05),
        ("ur", "ٹڈڑںےہھ", 0.03),
        ("fa", "پچژگیک", 0.02),
        ("ar", "ةىيكأإ", 0.03),
    ),
    "Cyrl": (
        ("mk", "ѓќѕ", 0.003),
        ("sr", "ђћџљњј", 0.01),
        ("uk", "іїєґ", 0.03),
        ("be", "ў", 0.005),
        ("ba", "ҙҫҡ", 0.02),
        ("tt", "әҗһ", 0.02),
        ("uz-Cyrl", "ўқғҳ", 0.02),
    ),
    "Beng": (("as", "ৰৱ", 0.005),),
    "Latn": (("yo", "ṣ", 0.005), ("tk", "ýň", 0.03)),
}
# Letters that none of these languages has.
_UNLESS = {
    "uk": "ўқғәө", "be": "ұқғ", "sr": "ѓќѕ", "ps": "ۆۈۇۋ", "ug": "ڵڕێڤ", "tt": "қғіҡҙҫў", "uz-Cyrl": "ӣӯҷіәө",
    "yo": "đơưăāṭ", "tk": "ěřůďťľĺáíóéğı",
}  # fmt: skip


def _by_letters(script: str, letters: Counter[str], total: int, text: str) -> tuple[str | None, bool]:
    """The language that has letters of its own here, or None, and whether their number is far from every threshold."""
    certain = True
    for language, telling, share in _TELLING.get(script, ()):
        if any(letter in text for letter in _UNLESS.get(language, "")):
            continue
        count = sum(letters[letter] for letter in telling)
        if count >= max(2, share * total):
            return language, certain and count >= 2 * share * total
        certain = certain and 3 * count < share * total
    return None, certain


def _by_gcld3(script: str, text: str, total: int) -> tuple[str, bool]:
    """The language by gcld3, ``und`` where its answer cannot be trusted, and whether a glance is enough for it."""
    sample = _sample(text, script)
    language, sure, probability = _ask_gcld3(sample)
    allowed = _OF_SCRIPT.get(script)
    if allowed is not None and language not in allowed:
        return _COMMON[script] if script in ("Hebr", "Beng") else "und", False
    if allowed is None and (script != "Latn" or language in _NOT_LATIN):
        return "und", False
    if total < _MIN_LETTERS or len({letter for letter in set(sample.lower()) if script_of(letter)}) < _MIN_DIFFERENT:
        return "und", False
    if not neighbours.is_plausible(language, neighbours.words_of(sample)):
        return "und", False
    if language in ("id", "ms"):
        return language, False  # its probability is divided between the two
    # gcld3 calls a result reliable from a probability of 0.7; in a long text 0.5 is enough.
    if not sure and not (total >= 10 * _MIN_LETTERS and probability > 0.5):
        return "und", False
    return language, probability >= _CERTAIN


def _spread(text: str, size: int, places: int) -> str:
    """``size`` characters of a longer text, from ``places`` places at equal distances, one line for each."""
    piece = size // places
    step = (len(text) - piece) // (places - 1)
    return "\n".join(text[start : start + piece] for start in range(0, places * step, step))


def _sample(text: str, script: str) -> str:
    """Up to `_SAMPLE` characters from five places, without addresses and, unless Latin, Latin words."""
    if len(text) > 2 * _SAMPLE:
        text = _spread(text, _SAMPLE, 5)
    text = _NOT_PROSE.sub(" ", text)
    if script != "Latn":
        text = _FOREIGN.sub(" ", text)
    # gcld3 knows only composed letters. The sample is short, so this is cheap for any text.
    return " ".join(unicodedata.normalize("NFC", text).split())


def _pieces(text: str) -> list[str]:
    """Up to 40 pieces of running text from all over ``text``, each long enough to be identified."""
    pieces: list[str] = []
    lines = [line for line in text.split("\n") if len(line) >= 3 * _MIN_LETTERS] or [text]
    for line in lines[:: max(1, len(lines) // 40)]:
        step = max(_PIECE, len(line) // 40)
        pieces += (line[start : start + _PIECE] for start in range(0, len(line), step))
    pieces = [piece for piece in pieces if len(piece) >= 3 * _MIN_LETTERS] or pieces[:1]
    return pieces[:: max(1, len(pieces) // 40)]


def _ask_gcld3(sample: str) -> tuple[str, bool, float]:
    """The language by gcld3 (as BCP-47), whether gcld3 calls it reliable, and its probability."""
    answer = _detector().FindLanguage(text=unicodedata.normalize("NFC", _NOT_PROSE.sub(" ", sample)))
    return _RENAMED.get(answer.language, answer.language), bool(answer.is_reliable), float(answer.probability)


@lru_cache(maxsize=1)
def _detector() -> Any:
    import gcld3

    return gcld3.NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=8_000)


@lru_cache(maxsize=2)
def _converter(name: str) -> Any:
    import opencc

    return opencc.OpenCC(name)
