"""A declared charset that the bytes contradict loses to a guess, double UTF-8 is undone, and no letter is dropped."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.reading.decode import declared_charset, decode
from dragoman.reading.mistaken import undo_double_utf8
from tests.support import paths
from tests.support.corpus import ARTICLES

TEXTS = {
    **{
        case["label"]: case["text"] for case in json.loads((paths.CASES / "languages.json").read_text("utf-8"))["texts"]
    },
    **{name: "\n".join(article["paragraphs"]) for name, article in ARTICLES.items()},
}

# What the file is in, what it declares, and a text.
CONTRADICTED = [
    ("cp1250", "iso-8859-2", "pl-tramwaj"),
    ("cp1250", "iso-8859-1", "pl-tramwaj"),
    ("cp1250", "iso-8859-2", "Czech"),
    ("cp1251", "iso-8859-1", "ru-shkola"),
    ("cp1251", "koi8-r", "ru-shkola"),
    ("cp1251", "iso-8859-5", "uk-pekarnia"),
    ("koi8_r", "windows-1251", "ru-shkola"),
    ("cp1253", "iso-8859-1", "Greek"),
    ("cp1255", "iso-8859-1", "Hebrew"),
    ("cp1256", "iso-8859-1", "ar-maktaba"),
    ("cp874", "iso-8859-1", "Thai"),
    ("big5", "gb2312", "zh-hant-tushuguan"),
    ("gb18030", "big5", "zh-hans-ditie"),
    ("euc_jp", "shift_jis", "ja-onsen"),
    ("cp949", "shift_jis", "ko-sijang"),
    ("big5", "iso-8859-1", "zh-hant-tushuguan"),
]


@pytest.mark.parametrize(("charset", "declared", "label"), CONTRADICTED, ids=lambda value: value)
def test_a_declaration_that_the_bytes_contradict_loses_to_a_guess(charset: str, declared: str, label: str) -> None:
    text = TEXTS[label].encode(charset, "ignore").decode(charset)
    found = decode(text.encode(charset), declared)
    assert found.text == text
    assert found.encoding_from == "guess"
    assert found.notes == (f"the file declares {declared}, which its bytes contradict; {found.encoding} is a guess",)


@pytest.mark.parametrize(
    ("charset", "label"),
    [("cp1250", "pl-tramwaj"), ("cp1251", "ru-shkola"), ("koi8_u", "uk-pekarnia"), ("cp1252", "de-freibad"),
     ("iso8859_2", "Czech"), ("iso8859_15", "fr-moulin"), ("cp1254", "tr-hastane"), ("cp1258", "Vietnamese"),
     ("big5", "zh-hant-tushuguan"), ("gb18030", "zh-hans-ditie"), ("cp932", "ja-onsen"), ("euc_kr", "ko-sijang"),
     ("cp1256", "ar-maktaba"), ("cp1253", "Greek"), ("cp1255", "Hebrew"), ("cp874", "Thai")],
)  # fmt: skip
def test_a_true_declaration_is_believed(charset: str, label: str) -> None:
    text = TEXTS[label].encode(charset, "ignore").decode(charset)
    assert (decode(text.encode(charset), charset).text, decode(text.encode(charset), charset).encoding_from) == (
        text,
        "declared",
    )


@pytest.mark.parametrize(
    "declaration",
    [
        b'<!-- <meta charset="gb2312"> --><meta charset="big5">',
        b'<script>var a = \'<meta charset="gb2312">\';</script><meta charset="big5">',
        b'<style>/* <meta charset="gb2312"> */</style><meta charset="big5">',
        b'<SCRIPT type="text/x">"<meta charset=gb2312>"</SCRIPT\n><meta charset="big5">',
        b'<template><meta charset="gb2312"></template><meta charset="big5">',
    ],
)
def test_a_declaration_in_a_comment_script_or_style_is_not_believed(declaration: bytes) -> None:
    assert declared_charset(b"<html><head>" + declaration + b"</head>") == "big5"


@pytest.mark.parametrize("open_part", [b"<!-- ", b"<script>", b"<style>"])
def test_a_comment_or_script_that_does_not_end_hides_the_rest(open_part: bytes) -> None:
    assert declared_charset(b"<html>" + open_part + b'<meta charset="big5">') is None


def twice(text: str) -> str:
    """UTF-8 that was read as Windows-1252; bytes that it leaves out become C1 controls, as browsers read them."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


@pytest.mark.parametrize(
    "label",
    [
        "ru-shkola",
        "uk-pekarnia",
        "hi-nahar",
        "ar-maktaba",
        "zh-hans-ditie",
        "vi-cau",
        "pl-tramwaj",
        "de-freibad",
        "Greek",
    ],
)
def test_double_utf8_is_undone_and_told(label: str) -> None:
    found = decode(twice(TEXTS[label]).encode())
    assert found.text == TEXTS[label]
    assert found.notes[0].startswith("the text was encoded as UTF-8 twice; ")


@pytest.mark.parametrize(
    "text",
    [
        "Das Zeichen Ã¼ auf der Seite sei ein Fehler der Datenbank, sagte die Sprecherin; gemeint war ein ü.",
        "São Paulo, Â£5, Ãvila und Ãlvarez",
        *TEXTS.values(),
    ],
)
def test_a_right_text_is_not_changed(text: str) -> None:
    """An article may quote such letters, and a few Portuguese or Vietnamese words look like them."""
    assert undo_double_utf8(text) == (text, 0)


@given(st.sampled_from(sorted(TEXTS)), st.integers(0, 60))
def test_double_utf8_never_loses_a_letter(label: str, cut: int) -> None:
    """A title that was cut in the middle of a letter keeps the half that is left."""
    single, restored = undo_double_utf8(twice(TEXTS[label])[: len(twice(TEXTS[label])) - cut])
    assert not restored or TEXTS[label].startswith(single[:-3])


@pytest.mark.parametrize(
    ("page", "label"),
    [("cp1250", "pl-tramwaj"), ("cp1250", "Czech"), ("cp1254", "tr-hastane"), ("cp1252", "fr-moulin")],
)
def test_a_page_that_was_converted_as_iso_keeps_its_letters(page: str, label: str) -> None:
    """š, ž, ś, ź and quotation marks become C1 controls in such a file. In words they are letters again."""
    text = TEXTS[label].replace("œ", "oe") + " Šašek žije, œuvre." * 2
    iso = {"cp1250": "iso8859_2", "cp1254": "iso8859_9", "cp1252": "iso8859_1"}[page]
    broken = text.encode(page, "ignore").decode(iso)
    found = decode(broken.encode())
    assert not any("\x80" <= letter <= "\x9f" for letter in found.text)
    assert any(f"read as letters of {page}" in note for note in found.notes)
