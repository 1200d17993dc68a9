"""Numbers in words in Uzbek and Galician, for which CLDR has no rules of spelling: rows of their tables read them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.evidence.figures import find

UZBEK_ONES = ["", "bir", "ikki", "uch", "to'rt", "besh", "olti", "yetti", "sakkiz", "to'qqiz"]
UZBEK_TENS = ["", "o'n", "yigirma", "o'ttiz", "qirq", "ellik", "oltmish", "yetmish", "sakson", "to'qson"]
GALICIAN_ONES = [
    "", "un", "dous", "tres", "catro", "cinco", "seis", "sete", "oito", "nove", "dez", "once", "doce", "trece",
    "catorce", "quince", "dezaseis", "dezasete", "dezaoito", "dezanove",
]  # fmt: skip
GALICIAN_TENS = ["", "", "vinte", "trinta", "corenta", "cincuenta", "sesenta", "setenta", "oitenta", "noventa"]
GALICIAN_HUNDREDS = [
    "", "cento", "douscentos", "trescentos", "catrocentos", "cincocentos", "seiscentos", "setecentos", "oitocentos",
    "novecentos",
]  # fmt: skip


def uzbek(number: int) -> str:
    """Spell a number below a billion."""
    if number >= 10**6:
        return f"{uzbek(number // 10**6)} million {uzbek(number % 10**6)}".strip()
    if number >= 1000:
        return f"{uzbek(number // 1000)} ming {uzbek(number % 1000)}".strip()
    hundreds = [UZBEK_ONES[number // 100], "yuz"] if number >= 100 else []
    words = [*hundreds, UZBEK_TENS[number % 100 // 10], UZBEK_ONES[number % 10]]
    return " ".join(word for word in words if word)


def galician(number: int) -> str:
    """Spell a number below a million."""
    if number >= 1000:
        thousands = "" if number < 2000 else galician(number // 1000)
        return f"{thousands} mil {galician(number % 1000)}".strip()
    if number == 100:
        return "cen"
    if number >= 100:
        return f"{GALICIAN_HUNDREDS[number // 100]} {galician(number % 100)}".strip()
    if number < 20:
        return GALICIAN_ONES[number]
    return GALICIAN_TENS[number // 10] + (f" e {GALICIAN_ONES[number % 10]}" if number % 10 else "")


@settings(deadline=None)
@given(st.integers(2, 10**9 - 1))
def test_a_number_in_uzbek_is_read_whole(number: int) -> None:
    (found,) = find(f"{uzbek(number)} kishi", "uz")
    assert found.value == Decimal(number)


@settings(deadline=None)
@given(st.integers(2, 10**6 - 1))
def test_a_number_in_galician_is_read_whole(number: int) -> None:
    (found,) = find(f"{galician(number)} persoas", "gl")
    assert found.value == Decimal(number)


@pytest.mark.parametrize("printed", ["so'm", "so‘m", "so’m", "soʻm", "soʼm", "so`m", "сўм"])
def test_the_signs_of_an_uzbek_letter_are_one(printed: str) -> None:
    """And the offsets are those of the text as given."""
    text = f"Bilet 500 {printed} turadi."
    (found,) = find(text, "uz")
    assert (found.value, found.unit, text[found.start : found.end]) == (Decimal(500), "UZS", f"500 {printed}")
