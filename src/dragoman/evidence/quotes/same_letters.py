"""One letter that Unicode has at several code points, or as several sequences of them → one spelling.

Beyond canonical equivalence (NFC), print and keyboards use one letter in several codings: ş and ș in Romanian, Kangxi
radicals in Japanese PDF, presentation forms in Arabic, chillus in Malayalam, SARA AM in Thai. Each pair here was
reviewed for one thing: no two words of any language may become equal. So letters that only look alike (Cyrillic а and
Latin a, ى and ي in Arabic, ន្ត and ន្ដ in Khmer) stay different, and so do signs with a meaning of their own (²,
Ⅳ, ㎞).

Sources: the Unicode Standard, chapters 9, 12 and 16 ("do not use" sequences, Malayalam chillus, Thai and Lao SARA AM,
Myanmar and Khmer order), NFKC, and EquivalentUnifiedIdeograph.txt of Unicode 14 for the radicals.
"""

from __future__ import annotations

import re
import unicodedata

ZERO_WIDTH_JOINER = "\u200d"

# CJK Radicals Supplement, for most of which NFKC knows no letter.
_RADICALS = (
    "⺁⺂⺃⺄⺅⺆⺇⺈⺉⺊⺋⺌⺍⺎⺏⺐⺑⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺳⺴⺵⺶⺷⺸⺹⺺⺻"
    "⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳"
)
_IDEOGRAPHS = (
    "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿"
    "肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟"
)

COMPATIBLE = re.compile(
    "["
    "\u0132\u0133\u013f\u0140\u0149\u017f\u01c4-\u01cc\u01f1-\u01f3"  # Latin digraphs (ĳ, ŀ, ǆ), ŉ and the long s
    "\u03d0-\u03d2\u03d5\u03d6\u03f0-\u03f2\u03f5\u00b5"  # Greek symbol forms, and the micro sign
    "\u0587\ufb00-\ufb06\ufb13-\ufb17"  # Armenian and Latin ligatures
    "\ufb1d-\ufb4f\ufb50-\ufdfc\ufe70-\ufefc"  # presentation forms of Hebrew and Arabic
    "\u2f00-\u2fd5"  # Kangxi radicals
    "\ufe10-\ufe19\ufe30-\ufe48\ufe50-\ufe6b"  # vertical and small punctuation
    "\uff01-\uffee"  # full and half widths
    "]"
)
"""Characters whose compatibility form (NFKC) has the same letters."""

SAME = {
    # Comma below and cedilla: no language uses both. Azeri ə and the Đ of Vietnamese and Croatian are typed as letters
    # of other languages that look the same in that case.
    **dict(zip("șțȘȚǝƎÐƉ", "şţŞŢəƏĐĐ", strict=True)),
    "ς": "σ",  # the form at the end of a word
    # Apostrophes and modifier letters that are typed in their place: Uzbek oʻ, Ukrainian м'я, Armenian, Hebrew.
    **dict.fromkeys("ʹʻʼʽ׳՚", "'"),
    # Persian and Urdu letters, for which keyboards of Arabic have others. ه with hamza is also one code point.
    **dict(zip("یکہۀۂۃ", "يكهههة", strict=True)),
    "ൌ": "ൗ",  # the vowel sign au in old and in new spelling
    **dict(zip(_RADICALS, _IDEOGRAPHS, strict=True)),
    **dict(zip("⼾⿊", "戸黒", strict=True)),  # Japanese PDF has these two for the Japanese form
}
"""Characters → the character that stands for all codings of the letter."""

_CHILLUS = dict(zip("ണനരലളകമയഴ", "ൺൻർൽൾൿൔൕൖ", strict=True))
_JOINED = {f"{letter}\u0d4d{ZERO_WIDTH_JOINER}": chillu for letter, chillu in _CHILLUS.items()}
_JOINED |= {f"റ\u0d4d{ZERO_WIDTH_JOINER}": "ർ", f"ত\u09cd{ZERO_WIDTH_JOINER}": "ৎ"}
"""Letters without a vowel of Malayalam and Bengali, which were written with a joiner before they had code points."""

_VOWELS = """
अॆ=ऄ अा=आ उु=ऊ एॅ=ऍ एॆ=ऎ एे=ऐ अॉ=ऑ अॊ=ऒ अो=ओ अौ=औ अॅ=ॲ ाे=ो ेा=ो ाै=ौ ैा=ौ ाॅ=ॉ অা=আ
ਅਾ=ਆ ੲਿ=ਇ ੲੀ=ਈ ੳੁ=ਉ ੳੂ=ਊ ੲੇ=ਏ ਅੈ=ਐ ੳੋ=ਓ ਅੌ=ਔ
અા=આ અૅ=ઍ અે=એ અૈ=ઐ અૉ=ઑ અો=ઓ અૌ=ઔ ાે=ો ાૈ=ૌ ાૅ=ૉ
ಉಾ=ಊ ಒೌ=ಔ ഇൗ=ഈ ഉൗ=ഊ എെ=ഐ ഒാ=ഓ ഒൗ=ഔ අා=ආ අැ=ඇ අෑ=ඈ එෙ=ඓ එ්=ඒ ඔ්=ඕ
េី=ើ េា=ោ เเ=แ ເເ=ແ
"""
"""A vowel letter that is typed as another one with a vowel sign, and a vowel sign that is typed as two, = the one that
is meant."""

_SEQUENCES = {
    "i\u0307": "i",  # the small letter of İ
    "ൻ\u0d4d": "ന\u0d4d",  # ൻ്റ is ന്റ
    "ऱ\u094d": "र\u094d",  # the eyelash ra of Marathi and Nepali
    **dict(pair.split("=") for pair in _VOWELS.split()),
}
_SEQUENCE = re.compile("|".join(map(re.escape, sorted(_SEQUENCES, key=len, reverse=True))))
_JOINED_SEQUENCE = re.compile("|".join(_JOINED))

_CIRCLE_BEFORE = {"\u0e32": "\u0e4d", "\u0eb2": "\u0ecd"}
_SARA_AM = {"\u0e32": "\u0e33", "\u0eb2": "\u0eb3"}
"""The stroke of SARA AM → its circle, and the whole. Keyboards also type circle and stroke, around a tone mark."""
_TONES = "\u0e47-\u0e4c\u0ec8-\u0ecc"
_TONE_BEFORE_VOWEL = re.compile(f"([{_TONES}]+)([\u0e31-\u0e3a\u0e4d\u0eb1-\u0ebc\u0ecd]+)")
_TONE_AFTER_AM = re.compile(f"([\u0e33\u0eb3])([{_TONES}]+)")

_MYANMAR = {
    mark: rank
    for rank, mark in enumerate(
        "\u103b\u103c\u103d\u103e\u1031\u102d\u102e\u1032\u102f\u1030\u102c\u102b\u1036\u1037\u103a\u1038"
    )
}
"""The order of marks: medials, vowels, dots, asat, visarga. A virama stays last."""
_KHMER = {"\u17c9": 0, "\u17ca": 0, **dict.fromkeys(map(chr, range(0x17B6, 0x17C6)), 1)}
"""The order of marks: those that change the row of the consonant, vowels, other signs."""


def continues_letter(text: str, position: int) -> bool:
    """Whether ``text[position]``, which is no mark, is part of the letter before it: a joiner of Malayalam or Bengali,
    the stroke of SARA AM, or the second half of a Thai or Lao vowel."""
    character, before = text[position], text[position - 1 : position]
    if character == ZERO_WIDTH_JOINER:
        return before in ("\u0d4d", "\u09cd")
    if circle := _CIRCLE_BEFORE.get(character):
        return circle in text[max(0, position - 2) : position] and _is_mark(before)
    return character in "เເ" and before == character


def one_spelling(letter: str) -> str:
    """The spelling of a letter with its marks that stands for all its codings, composed (NFC), with joiners removed
    from it."""
    if ZERO_WIDTH_JOINER in letter:
        letter = _JOINED_SEQUENCE.sub(lambda match: _JOINED[match[0]], letter)
    letter = unicodedata.normalize("NFC", letter.replace("\u0326", "\u0327"))
    first = letter[:1]
    if "\u0e00" <= first <= "\u0eff":
        letter = _thai(letter)
    elif "\u1000" <= first <= "\u109f":
        letter = _sorted_marks(letter, _MYANMAR)
    elif "\u1780" <= first <= "\u17ff":
        letter = _sorted_marks(letter, _KHMER)
    return _SEQUENCE.sub(lambda match: _SEQUENCES[match[0]], letter)


def _thai(letter: str) -> str:
    """Vowels before tone marks, and SARA AM as one sign after both."""
    stroke = letter[-1]
    if circle := _CIRCLE_BEFORE.get(stroke):
        letter = letter[:-1].replace(circle, "", 1) + _SARA_AM[stroke] if circle in letter else letter
    return _TONE_AFTER_AM.sub(r"\2\1", _TONE_BEFORE_VOWEL.sub(r"\2\1", letter))


def _sorted_marks(letter: str, ranks: dict[str, int]) -> str:
    return letter[0] + "".join(sorted(letter[1:], key=lambda mark: ranks.get(mark, len(ranks))))


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) == "Mn"
