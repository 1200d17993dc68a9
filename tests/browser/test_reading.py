"""From a claim to its words and back: clicks, keys, characters of two UTF-16 units, right-to-left text."""

from __future__ import annotations

import re

import pytest

from dragoman.evidence.quotes.locate import locate
from dragoman.output.html import report
from tests.browser.conftest import OpenReport
from tests.support.report_builders import Made, claim_of, failed_record, finding_of, record_of

pytest.importorskip("playwright", reason="playwright is not installed: pip install -e '.[dev]'")

from playwright.sync_api import Page, expect

TEXTS = ["Ngân hàng giữ lãi suất ở mức 4,5%. Giá gạo tăng.", "Giá gạo tăng. Ông Minh nói vậy."]
TEXT = "\n".join(TEXTS)


def bank() -> Made:
    """An article with overlapping claims, words that occur twice, a figure, and an absent quote."""
    rate = {"quote": "4,5%", "value": "4.5", "unit": "%", "approximate": False}
    twice = claim_of(TEXT, "Giá gạo tăng.", "Rice is dearer.", 2)
    second = TEXT.rindex("Giá gạo tăng.")
    twice = twice.model_copy(
        update={"evidence": twice.evidence.model_copy(update={"others": [(second, second + len("Giá gạo tăng."))]})}
    )
    claims = [
        claim_of(TEXT, "Ngân hàng giữ lãi suất ở mức 4,5%.", "The bank keeps its rate.", 1, quantities=[rate]),
        twice,
        claim_of(TEXT, "lãi suất ở mức 4,5%. Giá gạo", "Rates and rice.", 3),
        claim_of(TEXT, "Ông Minh phủ nhận", "Mr Minh denies it.", 4),
    ]
    start = TEXT.index("Ông Minh nói")
    absent = finding_of(
        "quote.absent",
        field="claims.c4.quote",
        start=start,
        end=start + 12,
        paragraph=2,
        message="the quote is not there",
    )
    note = finding_of("coverage.sentence", "note", field="claims", start=start, end=start + 20, paragraph=2)
    return record_of(TEXTS, claims, [absent, note], translation=["The bank holds.", "Rice is dearer."])


def lit(page: Page) -> str:
    """The highlighted words, in order."""
    return "".join(page.locator("#source .lit:not(.ref)").all_text_contents())


def test_one_click_in_the_overview_shows_the_words_of_a_claim(open_report: OpenReport) -> None:
    """The line of a claim is a link to the article, with the words highlighted and in view."""
    page = open_report([bank()])
    page.click("#tab-claims")
    page.click("text=The bank keeps its rate.")
    expect(page.locator("#source .lit:not(.ref)").first).to_be_in_viewport()
    assert lit(page) == "Ngân hàng giữ lãi suất ở mức 4,5%."


def test_two_keys_in_the_overview_show_the_words_of_a_finding(open_report: OpenReport) -> None:
    """j goes to the first line and Enter opens it: the nearest words are marked, because the quote is absent."""
    page = open_report([bank()])
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#source .near").first).to_be_in_viewport()
    assert "".join(page.locator("#source .near").all_text_contents()) == "Ông Minh nói"
    expect(page.locator("#announcement")).to_have_text("c4: words highlighted in paragraph 2")


def test_a_click_on_words_shows_every_claim_on_them(open_report: OpenReport) -> None:
    """Where claims overlap, all are marked, and the highlighted words include the figure."""
    made = bank()
    page = open_report([made], f"#/a/{made[0].article.id}")
    page.locator("#source .words.amount").first.click()
    expect(page.locator(".claim.chosen")).to_have_count(2)
    assert page.locator(".claim.chosen").evaluate_all("all => all.map(one => one.id)") == ["c1", "c3"]
    assert lit(page) == "Ngân hàng giữ lãi suất ở mức 4,5%. Giá gạo"


def test_further_places_of_the_same_words_look_different(open_report: OpenReport) -> None:
    """`others` are not `parts`: only the place of the claim itself is highlighted."""
    made = bank()
    page = open_report([made], f"#/a/{made[0].article.id}/c2")
    assert lit(page) == "Giá gạo tăng."
    assert page.locator("#source .again").all_text_contents() == ["Giá gạo tăng."]
    page.locator("#source .again").click()
    expect(page.locator("#c2")).to_have_class("claim chosen")


def test_pieces_of_a_quote_are_highlighted_without_the_words_between(open_report: OpenReport) -> None:
    """An ellipsis leaves words out."""
    claim = claim_of("Một hai ba bốn", "Một hai ba bốn", "One … four.")
    parted = claim.evidence.model_copy(update={"parts": [(0, 3), (11, 14)]})
    made = record_of(["Một hai ba bốn"], [claim.model_copy(update={"evidence": parted})])
    page = open_report([made], f"#/a/{made[0].article.id}/c1")
    assert page.locator("#source .lit:not(.ref)").all_text_contents() == ["Một", "bốn"]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("😀😀 Giá gạo tăng 😀 rồi", "Giá gạo tăng"),
        ("𠮷野家は𠀋𠂤で値上げした。", "𠀋𠂤で値上げ"),
        ("👩‍👩‍👧 e\u0301te\u0301 👩‍👩‍👧 fin", "👩‍👩‍👧 fin"),
    ],
    ids=["emoji before", "rare characters inside", "joined emoji"],
)
def test_characters_of_two_utf_16_units_do_not_shift_the_words(text: str, quote: str, open_report: OpenReport) -> None:
    """Records count code points; the browser counts UTF-16 units."""
    made = record_of(["😀 one", text, "end"], language="ja", script="Jpan")
    source = made[1]
    assert source is not None
    span = locate(quote, source)
    assert span.start is not None
    claim = claim_of(source.text, quote)
    record = made[0]
    assert record.summary is not None
    summary = record.summary.model_copy(update={"claims": [claim]})
    page = open_report([(record.model_copy(update={"summary": summary}), source)], f"#/a/{record.article.id}/c1")
    assert lit(page) == quote


def test_keys_move_through_claims_to_their_words_and_back(open_report: OpenReport) -> None:
    """j and k go to the next and previous claim; Enter to the words; Esc to the claim, then to the overview."""
    made = bank()
    page = open_report([made, record_of(["two"], name="b.txt")], f"#/a/{made[0].article.id}/c1")
    page.keyboard.press("j")
    assert lit(page) == "Giá gạo tăng."
    page.keyboard.press("k")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#c2 .say")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#source .ref.lit")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#c2 .say")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#overview")).to_be_visible()


def test_coming_back_to_the_overview_the_same_line_has_the_focus(open_report: OpenReport) -> None:
    """The list does not start from the top again."""
    page = open_report([record_of([f"{n}"], name=f"{n}.txt") for n in range(40)])
    page.locator("a.line").nth(30).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#article")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("a.line").nth(30)).to_be_focused()
    expect(page.locator("a.line").nth(30)).to_be_in_viewport()


def test_single_letter_keys_can_be_turned_off(open_report: OpenReport) -> None:
    """For people whose speech input types letters; arrow keys still work."""
    page = open_report([record_of(["one"])])
    page.keyboard.press("?")
    page.uncheck("#single-keys")
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("#query")).not_to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("a.line")).to_be_focused()


def test_a_right_to_left_article_reads_from_the_right(open_report: OpenReport) -> None:
    """Text, figures and quotes have their own direction, and the page around them keeps its own."""
    text = "دولت ۴٫۵ میلیارد ریال پرداخت. «پایان»"
    amount = {"quote": "۴٫۵ میلیارد ریال", "value": "4500000000", "unit": "IRR", "approximate": False}
    made = record_of([text], [claim_of(text, text[:29], quantities=[amount])], language="fa", script="Arab")
    page = open_report([made], f"#/a/{made[0].article.id}/c1")
    source = page.locator("#source .source")
    assert source.get_attribute("lang") == "fa"
    assert source.evaluate("one => getComputedStyle(one).direction") == "rtl"
    first, last = (source.locator("span").nth(n).bounding_box() for n in (0, 2))
    assert first is not None
    assert last is not None
    assert first["x"] > last["x"]
    assert page.locator(".quantities li").inner_text() == "۴٫۵ میلیارد ریال = 4,500,000,000 IRR 4.5 billion"
    assert page.locator("#english-pane").evaluate("one => getComputedStyle(one).direction") == "ltr"


FONTS = (
    ("zh-Hans", "Hans", "CJK SC"), ("zh-Hant", "Hant", "CJK TC"), ("hi", "Deva", "Devanagari"),
    ("th", "Thai", "Thai"), ("ar", "Arab", "Arabic"), ("ur", "Arab", "Nastaliq"), ("ja", "Jpan", "CJK JP"),
    ("he", "Hebr", "Hebrew"), ("ko", "Kore", "CJK KR"), ("bn", "Beng", "Bengali"), ("ta", "Taml", "Tamil"),
)  # fmt: skip


def test_each_script_is_set_in_fonts_of_its_own(open_report: OpenReport) -> None:
    """The same Chinese character looks different in Taipei and in Beijing."""
    made = [record_of(["字"], name=language, language=language, script=script) for language, script, _ in FONTS]
    page = open_report(made)
    for (record, _), (language, _, font) in zip(made, FONTS, strict=True):
        page.evaluate(f"location.hash = '#/a/{record.article.id}'")
        expect(page.locator(f"#source .source:lang({language})")).to_have_css("font-family", re.compile(font))


def test_the_translation_is_beside_its_paragraph(open_report: OpenReport) -> None:
    """t shows and hides it."""
    made = bank()
    page = open_report([made], f"#/a/{made[0].article.id}")
    expect(page.locator("#p2 .english")).to_be_hidden()
    page.keyboard.press("t")
    expect(page.locator("#p2 .english")).to_have_text("Rice is dearer.")


def test_an_article_without_an_answer_says_why(open_report: OpenReport) -> None:
    """It comes first in the list, and its page opens."""
    page = open_report([record_of(["x"]), failed_record()])
    first = page.locator("a.line").first
    expect(first).to_contain_text("broken.bin is not text")
    first.click()
    expect(page.locator("#article")).to_contain_text("broken.bin is not text")


def test_a_name_is_highlighted_at_all_its_places(open_report: OpenReport) -> None:
    """A screen reader announces how many there are."""
    made = record_of(["Minh và Minh"], entities=[{"name_en": "Minh", "name_source": "Minh", "kind": "person"}])
    page = open_report([made], f"#/a/{made[0].article.id}")
    page.click(".names button")
    expect(page.locator("#announcement")).to_have_text("Minh: 2 places")
    assert page.evaluate("CSS.highlights.get('name').size") == 2


def test_an_index_leads_into_its_parts(open_report: OpenReport, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit there are several files; the index lists all articles, filters them and opens them."""
    monkeypatch.setattr(report, "MAX_ARTICLES", 3)
    page = open_report([record_of([f"đoạn {n}"], name=f"{n}.txt") for n in range(7)])
    page.fill("#query", "5.txt")
    expect(page.locator("a.line")).to_have_count(1)
    page.click("a.line")
    expect(page.locator("#source .source")).to_have_text("đoạn 5")
    assert "/report-2.html#" in page.url
    page.click("#home")
    expect(page.locator("a.line")).to_have_count(7)


def test_printing_keeps_quotes_and_leaves_controls_out(open_report: OpenReport) -> None:
    """Nobody can click on paper, so the words of each claim are printed below it."""
    made = bank()
    page = open_report([made], f"#/a/{made[0].article.id}")
    page.emulate_media(media="print")
    expect(page.locator("#c1 .quote")).to_be_visible()
    expect(page.locator("#save")).to_be_hidden()
    assert page.locator("body").evaluate("one => getComputedStyle(one).overflow") == "visible"


def test_a_figure_is_shown_with_its_bound_or_both_ends(open_report: OpenReport) -> None:
    """More than 120 is not about 120. What only the model calls approximate is marked so."""
    text = "Hơn 120 người, từ 3 đến 5 triệu đồng, 45 người."
    facts = [
        {"quote": "Hơn 120", "value": "120", "unit": "people", "approximate": True, "bound": "more_than", "low": "120"},
        {"quote": "3 đến 5 triệu đồng", "value": None, "unit": "VND", "approximate": False, "bound": "exact",
         "low": "3000000", "high": "5000000"},
        {"quote": "45 người", "value": "45", "unit": "people", "approximate": True},
    ]  # fmt: skip
    page = open_report([record_of([text], [claim_of(text, text, "They came.", 1, quantities=facts)])])
    page.click("#tab-claims")
    page.click("text=They came.")
    lines = page.locator(".quantities li")
    expect(lines.nth(0).locator("b")).to_have_text("more than 120 people")
    expect(lines.nth(1).locator("b")).to_have_text("3,000,000 to 5,000,000 VND")
    expect(lines.nth(2)).to_contain_text("45 people approximate")
    expect(lines.nth(0)).not_to_contain_text("approximate")
