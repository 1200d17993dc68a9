"""The charset that a page declares → the Python codec that reads it as browsers do, and the text it gives.

Labels follow the WHATWG Encoding standard (package webencodings): ``iso885915`` is ISO-8859-15, ``latin1`` is
windows-1252. The standard's decoders are Python's codecs, except for the characters listed here, on which they differ.
The list was made by decoding every sequence of one and two bytes with the standard's decoders in Chromium 156 and with
Python 3.11 (`tests/browser/test_charsets.py` compares them again).

Three differences remain. Bytes that a Windows code page leaves undefined are damage here (U+FFFD), while the standard
turns them into invisible C1 controls. Big5 A241 and A242 are read as the full-width slash and backslash, and EUC-JP
8FA2B7 as ``~``, because other bytes give the same characters and nothing distinguishes them after decoding.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from functools import cache

_CODECS = {
    # webencodings gives Python's gbk, which has no four-byte sequences; the standard reads GBK as GB 18030.
    "gbk": "gb18030",
    # Python's iso2022_jp has no half-width katakana (ESC ( I); the standard's decoder has them.
    "iso-2022-jp": "iso2022_jp_ext",
    # A page whose declaration can be read as ASCII is not UTF-16 (HTML standard, "prescan a byte stream").
    "utf-16le": "utf-8",
    "utf-16be": "utf-8",
    "x-user-defined": "cp1252",  # by the same rule
}

# The standard replaces pages in these charsets as a whole, because their scripts could be smuggled past filters.
# Dragoman runs no scripts. ISO-2022-CN has no codec in Python.
_REPLACED_BY_BROWSERS = {"iso-2022-kr": "iso2022_kr", "csiso2022kr": "iso2022_kr", "hz-gb-2312": "hz"}

# Characters that Python decodes differently: (those of Python, those of the standard).
_DIFFERENT = {
    "koi8-u": ("╝╬", "ўЎ"),
    "big5hkscs": ("•､‾∼♁☉¥¢£", "‧﹑¯～⊕⊙￥￠￡"),
    "euc_jp": ("〜‖−¢£¬", "～∥－￠￡￢"),
    "iso2022_jp_ext": ("〜‖−¢£¬", "～∥－￠￡￢"),
    "gb18030": (
        "\ue5e5\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796\ue7c7"
        "\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864",
        "\u3000︐︒︑︓︔︕︖︗︘︙ḿ龴龵龶龷龸龹龺龻",
    ),
    "cp932": ("\uf8f0\uf8f1\uf8f2\uf8f3", "\ufffd\ufffd\ufffd\ufffd"),  # these bytes encode no character
}

# Big5 that Python's codec does not have: the two bytes of the first character, then it and those that follow it.
_BIG5 = """
    877a㡵𡵓𣚞𦀡㻬𥣞㫵竼龗𤅡𨤍𣇪𠪊𣉞䌊蒄龖鐯䤰蘓墖靊鈘秐稲晠権袝瑌篅枂稬
    87bc剏遆㓦珄𥶹瓆鿇垳䤯呌䄱𣚎堘穲𧭥讏䚮𦺈䆁𥶙箮𢒼鿈𢓁𢓉𢓌鿉蔄𣖻䂴鿊䓡 87dc𪷿拁灮鿋 8e69箸 8e6f簆 8e7e糎 8eab緒
    8eb4縝 8ecd者 8ed0耨 8f57菁 8f69蒨 8f6e萏 8fcb覦覩 8ffe起 906d都 907a銹 90dc靜 90f1響 91bf鼖 9244蔃 92af兙兛兝兞
    92c8鍮 92d1瑹 9447浧 94ca禛 95d9邗 9644靝 96ed瀞 96fc嬨 9b76爁 9b78矗 9b7b纇 9bc6駖 9bde釔 9bec惞 9bf6澶 9c42輶
    9c53侻 9c62營 9c68鄄 9c6b鷰 9c77菏 9cbc尐秣 9cd0婧 9d57輋 9d5a筑 9dc4拐 9ea9恢 9eef痹 9efd汊 9f60鬮 9f66鼗
    9fcb僭 9fd8弌 a063蠏 a077拎 a0d5瑨 a0df煢 a0e4牐 a3c0␀␁␂␃␄␅␆␇␈␉␊␋␌␍␎␏␐␑␒␓␔␕␖␗␘␙␚␛␜␝␞␟ a3e0␡€ c6cf廴 c6d3无
    c6d5癶 c6d7隶 c6de〃仝 fa5f倩 fa66偽 fabd包 fac5卄 fad5卿 fb48嘅 fbb8婷 fbf3幵 fbf9廐 fc4f彘 fc6c悤 fcb9撐
    fce2晴 fcf1杞 fdb7沜渝 fdbb港 fdf1煮 fe52猪 fe6f瑜 feaa瓩 fedd砉
"""


def codec_of(label: str) -> str | None:
    """The name of the Python codec for a declared ``label``; None where neither the standard nor Python knows it."""
    import webencodings

    encoding = webencodings.lookup(label)
    if encoding is None:
        return _python_codec(label)
    if encoding.name == "replacement":
        return _REPLACED_BY_BROWSERS.get(label.strip().lower())
    codec: str = encoding.codec_info.name
    return _CODECS.get(encoding.name, codec)


def _python_codec(label: str) -> str | None:
    """The codec of a label that the standard does not list (``latin-1``, ``cp949``).

    If the label is another name for an encoding of the standard, that encoding is read as the standard reads it.
    """
    import webencodings

    try:
        codec = codecs.lookup(label.strip()).name
        "".encode(codec)  # lookup() also knows transforms such as rot13 and base64
    except (LookupError, ValueError):
        return None
    return codec_of(codec) if webencodings.lookup(codec) else codec


def decode(content: bytes, codec: str) -> str:
    """The text of ``content`` in a codec of Python, read as the standard reads it. Damage becomes U+FFFD."""
    text = content.decode(codec, _replacing(codec) if codec in _MISSING else "replace")
    return text.translate(_translation(codec)) if codec in _DIFFERENT else text


def reads_more(codec: str) -> bool:
    """Whether `decode` can read bytes that Python's codec refuses."""
    return codec in _MISSING


@cache
def _translation(codec: str) -> dict[int, int]:
    return str.maketrans(*_DIFFERENT[codec])


@cache
def _replacing(codec: str) -> str:
    """The name of an error handler that reads the characters `_MISSING` from a codec and replaces damage."""
    name = f"dragoman-{codec}"
    missing = _MISSING[codec]

    def handle(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        text, length = missing(error) or ("\ufffd", error.end - error.start)
        return text, error.start + length

    codecs.register_error(name, handle)
    return name


def _one_byte(byte: int, text: str) -> Callable[[UnicodeDecodeError], tuple[str, int] | None]:
    return lambda error: (text, 1) if error.object[error.start] == byte else None


def _from_euc_jp(error: UnicodeDecodeError) -> tuple[str, int] | None:
    return _from_jis(error.object[error.start : error.start + 2])


def _from_iso_2022_jp(error: UnicodeDecodeError) -> tuple[str, int] | None:
    pair = error.object[error.start : error.end]
    return _from_jis(bytes(byte | 0x80 for byte in pair)) if pair.isascii() else None


def _from_jis(pair: bytes) -> tuple[str, int] | None:
    """A character of the rows of NEC and IBM (①, ㈱), which code page 932 has and Python's EUC-JP lacks."""
    if len(pair) != 2 or not (0xA1 <= pair[0] <= 0xFE and 0xA1 <= pair[1] <= 0xFE):
        return None
    row, cell = pair[0] - 0xA1, pair[1] - 0xA1
    lead = row // 2 + (0x81 if row < 62 else 0xC1)
    trail = cell + 0x9F if row % 2 else cell + (0x40 if cell < 63 else 0x41)
    try:
        return bytes((lead, trail)).decode("cp932"), 2
    except UnicodeDecodeError:
        return None


def _from_big5(error: UnicodeDecodeError) -> tuple[str, int] | None:
    text = _big5().get(error.object[error.start : error.start + 2])
    return (text, 2) if text else None


@cache
def _big5() -> dict[bytes, str]:
    characters = {}
    for run in _BIG5.split():
        lead, trail = bytes.fromhex(run[:4])
        for text in run[4:]:
            characters[bytes((lead, trail))] = text
            trail = 0xA1 if trail == 0x7E else trail + 1
    return characters


_MISSING: dict[str, Callable[[UnicodeDecodeError], tuple[str, int] | None]] = {
    "cp1255": _one_byte(0xCA, "\u05ba"),
    "gb18030": _one_byte(0x80, "€"),
    "big5hkscs": _from_big5,
    "euc_jp": _from_euc_jp,
    "iso2022_jp_ext": _from_iso_2022_jp,
}
"""For each codec, a function that is called at an error: the text that the standard reads there and the number of its
bytes, or None for damage."""
