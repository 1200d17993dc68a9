"""Every charset label of the WHATWG Encoding standard is read as the standard, and so every browser, reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webencodings.labels import LABELS

from dragoman.reading import charsets
from dragoman.reading.decode import declared_charset, decode

# Name in the standard: bytes, their text, and the codec that the record names.
SAYS = {
    "big5": (b"\xb3\xec\xa1E\xab\xf4\xb5n", "喬‧拜登", "big5hkscs"),
    "euc-jp": (b"\xc6\xfc\xcb\xdc\xad\xa1", "日本①", "euc_jp"),
    "euc-kr": (b"\xb6\xd9\x8cc", "뛰똠", "cp949"),
    "gb18030": (b"\xe9F", "镕", "gb18030"),
    "gbk": (b"\x80 12 \xe9F \x810\x818", "€ 12 镕 \x88", "gb18030"),
    "ibm866": (b"\x8c\xa8\xe0", "Мир", "cp866"),
    "iso-2022-jp": (b"\x1b$BF|K\\-!\x1b(I1\x1b(B", "日本①ｱ", "iso2022_jp_ext"),
    "iso-8859-2": (b"\xb3\xf3d\xbc", "łódź", "iso8859-2"),
    "iso-8859-3": (b"\xa6u", "Ĥu", "iso8859-3"),
    "iso-8859-4": (b"\xb6\xba", "ļē", "iso8859-4"),
    "iso-8859-5": (b"\xbc\xd8\xe0", "Мир", "iso8859-5"),
    "iso-8859-6": (b"\xe3\xc7\xd1", "كار", "iso8859-6"),
    "iso-8859-7": (b"5 \xa4 \xe3\xe7", "5 € γη", "iso8859-7"),
    "iso-8859-8": (b"\xf9\xec\xe5\xed", "שלום", "iso8859-8"),
    "iso-8859-8-i": (b"\xf9\xec\xe5\xed", "שלום", "iso8859-8"),
    "iso-8859-10": (b"\xaa\xb8", "Šļ", "iso8859-10"),
    "iso-8859-13": (b"\xd0\xe8", "Šč", "iso8859-13"),
    "iso-8859-14": (b"\xd0\xfe", "Ŵŷ", "iso8859-14"),
    "iso-8859-15": (b"45 millions \xa4", "45 millions €", "iso8859-15"),
    "iso-8859-16": (b"\xaa\xba\xfe", "Șșț", "iso8859-16"),
    "koi8-r": (b"\xed\xc9\xd2", "Мир", "koi8-r"),
    "koi8-u": (b"\xd0\xd2\xc1\xae\xa4\xf6\xc1", "праўєЖа", "koi8-u"),
    "macintosh": (b"5 \xdb caf\x8e", "5 € café", "mac-roman"),
    "shift_jis": (b"\x93\xfa\x96{\x87@", "日本①", "cp932"),
    "windows-874": (b"\xe4\xb7\xc2 \x80", "ไทย €", "cp874"),
    "windows-1250": (b"\xb3\xf3d\x9f", "łódź", "cp1250"),
    "windows-1251": (b"\xcc\xe8\xf0", "Мир", "cp1251"),
    "windows-1252": (b"5 \x80", "5 €", "cp1252"),
    "windows-1253": (b"\xe3\xe7", "γη", "cp1253"),
    "windows-1254": (b"\xfe\xf0", "şğ", "cp1254"),
    "windows-1255": (b"\xf9\xec\xe5\xca\xed", "שלו\u05baם", "cp1255"),
    "windows-1256": (b"\xdf\xc7\xd1 \x81", "كار پ", "cp1256"),
    "windows-1257": (b"\xd0\xe8", "Šč", "cp1257"),
    "windows-1258": (b"\xf0\xec", "đ\u0301", "cp1258"),
    "x-mac-cyrillic": (b"\x8c\xe8\xf0 \xb6 \xff", "Мир ґ €", "mac-cyrillic"),
    # If a page can be read up to such a declaration, browsers use another charset.
    "x-user-defined": (b"5 \x80", "5 €", "cp1252"),
    "utf-8": ("5 €".encode(), "5 €", "utf-8"),
    "utf-16be": ("5 €".encode(), "5 €", "utf-8"),
    "utf-16le": ("5 €".encode(), "5 €", "utf-8"),
}
READ_HERE = {
    "iso-2022-kr": (b"\x1b$)C\x0eGQ1[\x0f", "한글", "iso2022_kr"),
    "csiso2022kr": (b"\x1b$)C\x0eGQ1[\x0f", "한글", "iso2022_kr"),
    "hz-gb-2312": (b"~{VPND~}", "中文", "hz"),
}
"""Labels that browsers do not decode for safety, and that are decoded here."""


@pytest.mark.parametrize("label", [label for label, name in LABELS.items() if name != "replacement"])
def test_every_label_of_the_standard_names_the_encoding_of_the_standard(label: str) -> None:
    """The charset of a page with a label that browsers know is never guessed."""
    content, text, codec = SAYS[LABELS[label]]
    for page in (b'<meta charset="%s">' % label.encode(), b'<?xml version="1.0" encoding="%s"?>' % label.encode()):
        start = page.decode()
        found = decode(page + content, declared_charset(page))
        assert found.text == start + text
        assert (found.encoding, found.notes) == (codec, ())
        assert found.encoding_from == ("utf-8" if codec == "utf-8" else "declared")


@pytest.mark.parametrize("label", READ_HERE)
def test_charsets_that_browsers_refuse_because_of_scripts_are_read(label: str) -> None:
    """Korean and Chinese mail of the nineties is text, and Dragoman runs no scripts that could be hidden in it."""
    content, text, codec = READ_HERE[label]
    found = decode(content, label)
    assert (found.text, found.encoding, found.encoding_from, found.notes) == (text, codec, "declared", ())


def test_a_replaced_label_without_a_codec_states_nothing() -> None:
    replaced = {label for label, name in LABELS.items() if name == "replacement"}
    unread = {label for label in replaced if charsets.codec_of(label) is None}
    assert unread == replaced - set(READ_HERE) == {"iso-2022-cn", "iso-2022-cn-ext", "replacement"}


def test_a_label_is_known_in_any_case_and_between_spaces() -> None:
    assert charsets.codec_of(" ISO885915\n") == "iso8859-15"
    assert charsets.codec_of("HZ-GB-2312 ") == "hz"


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("latin-1", "cp1252"),
        ("cp949", "cp949"),
        ("mac_greek", "mac-greek"),
        ("rot13", None),
        ("base64", None),
        ("", None),
    ],
)
def test_a_label_that_only_python_knows_is_read_by_python(label: str, codec: str | None) -> None:
    """By the standard if it is another name of one of its encodings. A codec that is not a charset is not used."""
    assert charsets.codec_of(label) == codec


@pytest.mark.parametrize(
    ("label", "content", "text", "lost"),
    [
        ("big5", b"\x87\xdf\xa3\xe1", "鿋€", 0),
        ("big5", b"\x87\xe0", "\ufffd\ufffd", 2),
        ("euc-jp", b"\xfe\xa1.", "\ufffd\ufffd.", 2),
        ("euc-jp", b"\xf9\xa1\xad", "纊\ufffd", 1),
        ("shift_jis", b"\xa0\xfd", "\ufffd\ufffd", 2),
        ("windows-1252", b"\x81", "\ufffd", 1),
    ],
)
def test_bytes_without_a_character_are_damage(label: str, content: bytes, text: str, lost: int) -> None:
    """They become neither private-use characters nor invisible controls."""
    codec = charsets.codec_of(label)
    assert codec is not None
    assert charsets.decode(content, codec) == text
    assert text.count("\ufffd") == lost


@pytest.mark.parametrize(
    ("codec", "content", "text"),
    [
        ("euc_jp", b"\xad\xa1", "①"),
        ("big5hkscs", b"\xa1E", "‧"),
    ],
)
def test_a_guessed_charset_is_read_as_a_declared_one(codec: str, content: bytes, text: str) -> None:
    """The same bytes give the same text, whether the charset is guessed or declared."""
    sentences = {
        "euc_jp": "きょうの新聞によると、政府は予算案を決めた。",
        "big5hkscs": "昨天在報紙上說，政府已經決定了預算。",
    }
    page = sentences[codec].encode(codec) * 3 + content
    found = decode(page)
    assert (found.encoding, found.encoding_from) == (codec, "guess")
    assert found.text == sentences[codec] * 3 + text


@given(st.binary(max_size=60), st.sampled_from(sorted({codec for _, _, codec in SAYS.values()})))
def test_any_bytes_have_a_text_in_every_charset(content: bytes, codec: str) -> None:
    """Damage raises no error and does not change the ASCII before it."""
    assert charsets.decode(b"word " + content, codec).startswith("word ")
