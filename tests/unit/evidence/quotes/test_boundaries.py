"""A quote in normal form is whole if it cuts off no part of a number or a word, and no negation."""

from __future__ import annotations

import pytest

from dragoman.evidence.quotes.boundaries import is_whole


@pytest.mark.parametrize(
    ("left", "core", "right"),
    [
        pytest.param("Es sind ", "25 %", " mehr.", id="between words"),
        pytest.param("公司", "不会关闭", "工厂", id="in a script without spaces"),
        pytest.param("و", "كتاب", "هم", id="Arabic particles"),
        pytest.param("แม่", "น้ำ", "โขง", id="between Thai words"),
        pytest.param("រដ្ឋមន្ត្រីបានប្រកាសថា", "គម្រោងនេះ", "នឹងចាប់ផ្តើម", id="between Khmer words"),
        pytest.param("ຫົວໜ້າກ່າວວ່າ", "ໂຄງການ", "ຈະເລີ່ມ", id="between Lao words"),
        pytest.param("မတ်", "လ", "တွင်", id="between Myanmar words"),
        pytest.param("서울 ", "시장", "이 말했다", id="Korean particles"),
        pytest.param("唯一", "一家", "公司", id="a Han digit that ends a word"),
        pytest.param("特别", "重要", "", id="a negation character that ends another word"),
    ],
)
def test_a_whole_quote_is_recognised(left: str, core: str, right: str) -> None:
    assert is_whole(left, core, right)


@pytest.mark.parametrize(
    ("left", "core", "right"),
    [
        pytest.param("2", "5 %", "", id="part of a number"),
        pytest.param("1,", "250 Euro", "", id="after a separator"),
        pytest.param("12 ", "345 Euro", "", id="a group of digits"),
        pytest.param("il", "legal", "", id="part of a word"),
        pytest.param("", "legal", "ity", id="the beginning of a word"),
        pytest.param("-", "5 Grad", "", id="without its minus sign"),
        pytest.param("不", "可能", "", id="without its negation"),
        pytest.param("三", "十万人", "", id="part of a Han number"),
        pytest.param("二〇", "二四年", "", id="part of a Han year"),
        pytest.param("", "40", "亿元", id="without its scale"),
        pytest.param("", "e", "\u0301", id="without its mark"),
        pytest.param("แ", "ม่น้ำ", "", id="Thai without the vowel before its consonant"),
        pytest.param("", "ตล", "าด", id="Thai without the vowel after its consonant"),
        pytest.param("ເ", "ມືອງ", "", id="Lao without the vowel before its consonant"),
        pytest.param("ស្", "ត្រី", "", id="Khmer from the middle of a stack"),
        pytest.param("", "សន្", "តិ", id="Khmer up to the middle of a stack"),
        pytest.param("သတ္", "တိ", "", id="Myanmar from the middle of a stack"),
        pytest.param("x", "", "y", id="nothing"),
    ],
)
def test_a_cut_quote_is_not_whole(left: str, core: str, right: str) -> None:
    assert not is_whole(left, core, right)
