"""Compare Dragoman's decoders with those of the WHATWG standard in Chromium: every byte, and every pair of bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from webencodings.labels import LABELS

from dragoman.reading import charsets

pytest.importorskip("playwright", reason="playwright is not installed: pip install -e '.[dev]'")

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAIRS = ("big5", "euc-jp", "euc-kr", "gb18030", "gbk", "shift_jis")
ELSEWHERE = {"utf-8", "utf-16le", "utf-16be", "iso-2022-jp", "replacement", "x-user-defined"}
"""Decoded by their own rules (`tests/unit/reading/test_charsets.py`); ISO-2022-JP is EUC-JP with other bytes."""
SINGLE = sorted(set(LABELS.values()) - ELSEWHERE - set(PAIRS))

DIFFERENT = {
    b"\xa2\x41": "／",
    b"\xa2\x42": "＼",
    # Chromium 156 gives a control character and half of a surrogate pair for these; Dragoman follows the standard.
    b"\x88\x62": "Ê̄",
    b"\x88\x64": "Ê̌",
    b"\x88\xa3": "ê̄",
    b"\x88\xa5": "ê̌",
}
"""Pairs of Big5 that Dragoman decodes differently from Chromium, and how."""

DECODE = """([label, from, width]) => {
    // One decoder per text, because after an error in EUC-JP a decoder keeps its state.
    const texts = [], decode = bytes => texts.push(new TextDecoder(label).decode(new Uint8Array(bytes)));
    for (let first = from; first < 256; first++) {
        if (width === 1) decode([first]);
        else for (let second = 0x20; second < 256; second++) decode([first, second]);
    }
    return texts.map(text => Array.from({length: text.length}, (_, i) => text.charCodeAt(i)));
}"""


def decoded(browser: Browser, label: str, start: int, width: int) -> list[str]:
    """How Chromium decodes each byte, or pair of bytes, from ``start`` on."""
    page = browser.new_page()
    units: list[list[int]] = page.evaluate(DECODE, [label, start, width])
    page.close()
    return [b"".join(unit.to_bytes(2, "little") for unit in text).decode("utf-16-le", "replace") for text in units]


@pytest.mark.parametrize("label", SINGLE)
def test_every_byte_is_read_as_browsers_read_it(label: str, browser: Browser) -> None:
    """Except invisible control characters, which Dragoman counts as damage."""
    codec = charsets.codec_of(label)
    assert codec is not None
    for byte, text in enumerate(decoded(browser, label, 0, 1)):
        decoded_text = charsets.decode(bytes([byte]), codec)
        assert decoded_text == ("\ufffd" if decoded_text == "\ufffd" and "\x80" <= text <= "\x9f" else text), hex(byte)


@pytest.mark.parametrize("label", PAIRS)
def test_every_pair_of_bytes_is_read_as_browsers_read_it(label: str, browser: Browser) -> None:
    """Damage is damage in both, though not always with the same number of marks."""
    codec = charsets.codec_of(label)
    assert codec is not None
    texts = iter(decoded(browser, label, 0x80, 2))
    compared = 0
    for first in range(0x80, 0x100):
        for second in range(0x20, 0x100):
            pair, text = bytes((first, second)), next(texts)
            decoded_text = charsets.decode(pair, codec)
            if label == "big5" and pair in DIFFERENT:
                assert decoded_text == DIFFERENT[pair], pair
            elif "\ufffd" in text:
                assert "\ufffd" in decoded_text, pair
            else:
                compared += 1
                assert decoded_text == text, pair
    assert compared > 6_000
