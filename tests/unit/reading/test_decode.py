"""Bytes are decoded by their declaration first, by a noted guess last, and never with a loss that is not noted."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.errors import ArticleError
from dragoman.reading.decode import Decoded, declared_charset, decode, plain_line_ends
from tests.support import paths

CASES = paths.CASES
LEGACY = paths.SHARED / "corpus" / "legacy"
TEXTS = {case["label"]: case["text"] for case in json.loads((CASES / "languages.json").read_text("utf-8"))["texts"]}

# A charset, and a text in a language that it was made for.
GUESSED = [
    ("gb18030", "Chinese, simplified"),
    ("big5", "Chinese, traditional"),
    ("cp932", "Japanese"),
    ("euc_jp", "Japanese"),
    ("iso2022_jp", "Japanese"),
    ("cp949", "Korean"),
    ("cp1251", "Russian"),
    ("koi8_r", "Russian"),
    ("cp1251", "Ukrainian"),
    ("cp1253", "Greek"),
    ("cp1255", "Hebrew"),
    ("cp1256", "Arabic"),
    ("cp874", "Thai"),
    ("cp1254", "Turkish"),
    ("cp1250", "Polish"),
    ("cp1250", "Czech"),
    ("cp1252", "Spanish"),
    ("cp1252", "Portuguese"),
    ("cp1252", "French"),
    ("cp1252", "German"),
    ("utf-16-le", "Hindi with English words"),
    ("utf-16-be", "Vietnamese"),
    ("utf-32-le", "Bengali"),
]


@pytest.mark.parametrize(("charset", "label"), GUESSED)
def test_a_sentence_in_an_old_charset_is_read_and_the_guess_is_noted(charset: str, label: str) -> None:
    """One sentence is enough, and the record does not pretend that the encoding was known."""
    content = TEXTS[label].encode(charset)
    found = decode(content)
    assert found.text == TEXTS[label]
    assert found.encoding_from == "guess"
    assert "guess" in found.notes[0]
    assert found.encoding in found.notes[0]


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides_and_is_not_part_of_the_text(mark: str) -> None:
    found = decode(TEXTS["Vietnamese"].encode(mark))
    assert (found.text, found.encoding_from, found.notes) == (TEXTS["Vietnamese"], "bom", ())


def test_utf8_needs_no_note() -> None:
    assert decode("Xin chào".encode()) == Decoded("Xin chào", "utf-8", "utf-8")


@pytest.mark.parametrize(
    ("declaration", "charset"),
    [
        ('<meta charset="gb2312">', "gb18030"),
        ("<meta http-equiv='Content-Type' content='text/html; charset=ISO-8859-1'>", "cp1252"),
        ("<META CHARSET=Shift_JIS>", "cp932"),
        ('<?xml version="1.0" encoding="euc-kr"?>', "cp949"),
        ('<meta charset="windows-1251">', "cp1251"),
    ],
)
def test_a_declared_charset_is_read_as_browsers_read_it(declaration: str, charset: str) -> None:
    """gb2312 is read as GB 18030, ISO-8859-1 as Windows-1252 and so on, because pages use the larger set under the name
    of the smaller one.
    """
    letters = {"gb18030": "镕", "cp1252": "€", "cp932": "①", "cp949": "똠", "cp1251": "ё"}[charset]
    content = f"{declaration}<p>{letters}</p>".encode(charset)
    found = decode(content, declared_charset(content))
    assert letters in found.text
    assert (found.encoding, found.encoding_from) == (charset, "declared")


@pytest.mark.parametrize("declared", ["no-such-charset", "rot13", "base64", "utf-16", "", None])
def test_an_impossible_declaration_is_ignored(declared: str | None) -> None:
    found = decode(TEXTS["Russian"].encode("cp1251"), declared)
    assert (found.text, found.encoding_from) == (TEXTS["Russian"], "guess")


def test_a_declaration_beyond_the_first_two_kilobytes_is_text() -> None:
    assert declared_charset(b" " * 3_000 + b'<meta charset="big5">') is None


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(64)),
        b"\x7fELF\x02\x01\x01" + bytes(40),
        b"%PDF-1.7\n%text may follow",
        b"PK\x03\x04" + b"word/document.xml",
        bytes(range(256)) * 4,
        b"\x00" * 50,
        b"\x01\x02\x03\x04\x05\x06",
    ],
    ids=["png", "elf", "pdf", "zip", "every byte", "only NULs", "only controls"],
)
def test_bytes_that_are_not_text_are_reported_as_binary(content: bytes) -> None:
    with pytest.raises(ArticleError) as caught:
        decode(content)
    assert caught.value.code == "binary"


def test_a_few_broken_bytes_in_utf8_are_counted_and_noted() -> None:
    found = decode(TEXTS["Thai"].encode() * 100 + b"\xff\xfe")
    assert found.encoding == "utf-8"
    assert found.text.count("\ufffd") == 2
    assert found.notes == ("2 damaged characters could not be read as utf-8 and became U+FFFD",)


def test_utf8_with_more_than_one_broken_character_in_a_thousand_is_rejected() -> None:
    """It is never read as another charset, because quotes would then come from a wrong text."""
    with pytest.raises(ArticleError) as caught:
        decode(TEXTS["Vietnamese"].encode() * 3 + b"\xff\xfe\xff")
    assert caught.value.code == "undecodable"


def test_replacement_characters_already_in_the_text_are_noted_and_not_counted_as_lost() -> None:
    found = decode("Xin ch\ufffdo".encode())
    assert found.text == "Xin ch\ufffdo"
    assert "it was damaged before" in found.notes[0]


def test_line_ends_become_line_feeds() -> None:
    assert decode(b"a\r\nb\rc\n\r\nd").text == "a\nb\nc\n\nd"


@settings(deadline=None)  # the first example imports the libraries
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300))
def test_every_utf8_text_is_read_unchanged(text: str) -> None:
    if not text.startswith("\ufeff"):
        assert decode(text.encode()).text == text


@settings(deadline=None)  # the first example imports the libraries
@given(st.binary(max_size=400), st.sampled_from([None, "gb2312", "utf-8", "utf-16", "x-user-defined"]))
def test_any_bytes_are_decoded_or_rejected(content: bytes, declared: str | None) -> None:
    try:
        text = decode(content, declared).text
    except ArticleError as refused:
        text = refused.code
    assert "\r" not in text
    assert text.encode().decode() == text


def test_stray_nul_bytes_do_not_suggest_utf16() -> None:
    for text in ("A quiet afternoon\x00 in the old town. \x00x", "Một\x00 buổi chiều yên tĩnh ở phố cổ."):
        assert decode(text.encode()).text == text


@pytest.mark.skipif(not LEGACY.is_dir(), reason="the shared corpus is not beside this checkout")
@pytest.mark.parametrize("is_declared", [True, False], ids=["declared", "guessed"])
def test_old_pages_of_the_corpus_are_read_letter_for_letter(is_declared: bool) -> None:
    for page in sorted(LEGACY.glob("*.xml")):
        content = page.read_bytes()
        truth = plain_line_ends(page.with_suffix(".utf8.txt").read_bytes().decode())
        assert decode(content, declared_charset(content) if is_declared else None).text == truth, page.name


@pytest.mark.parametrize(("letters", "read"), [(1_001, True), (999, False)])
def test_one_character_in_a_thousand_may_be_lost(letters: int, read: bool) -> None:
    """A text with more losses cannot be quoted reliably."""
    content = "ệ".encode() * (letters - 1) + b"\xff"
    if read:
        assert decode(content).text.count("\ufffd") == 1
    else:
        with pytest.raises(ArticleError, match="cannot be read as utf-8"):
            decode(content)


@pytest.mark.parametrize(("before", "charset"), [(2_000, "big5"), (2_048, None)])
def test_a_declaration_is_searched_for_in_the_first_two_kilobytes(before: int, charset: str | None) -> None:
    """Browsers search half of that, and some pages have more before it."""
    assert declared_charset(b" " * before + b'<meta charset="big5">') == charset
