"""The overview: its order, the search, the filters and the charts."""

from __future__ import annotations

import pytest

from dragoman.output.html import report
from tests.browser.conftest import OpenReport
from tests.support.report_builders import Made, claim_of, failed_record, finding_of, record_of

pytest.importorskip("playwright", reason="playwright is not installed: pip install -e '.[dev]'")

from playwright.sync_api import Page, expect


def folder() -> list[Made]:
    """Three articles in three languages with everything that can be searched, and one that failed."""
    riyal = {"quote": "3,2 tỷ", "value": "3200000000", "unit": "SAR", "approximate": False}
    vi = "Ngân hàng giữ lãi suất. Giá 3,2 tỷ."
    es = "El embalse está al 18 %."
    ar = "وقّعت الشركة اتفاقا."
    absent = finding_of("quote.absent", field="claims.c1.quote", message="the quote is not in the source")
    return [
        record_of(
            [vi],
            [
                claim_of(vi, "Ngân hàng giữ lãi suất.", "The bank keeps its rate.", 1, event_date="2026-11-08"),
                claim_of(vi, "Giá 3,2 tỷ.", "It costs 3.2 billion.", 2, event_date="2024", quantities=[riyal]),
            ],
            name="vi-bank.txt",
            entities=[{"name_en": "Đà Nẵng", "name_source": "Đà Nẵng", "kind": "place"}],
        ),
        record_of(
            [es],
            [claim_of(es, "El pantano", "It is at 18%.", speaker_en="Amparo Cifuentes", event_date="--11-20")],
            [absent],
            name="es-water.md",
            language="es",
        ),
        record_of(
            [ar], [claim_of(ar, "وقّعت الشركة", "The company signed.", 1)],
            [finding_of("figure", "warning", message="a figure differs", field="claims.c1.text_en")],
            name="ar-deal.html", language="ar", script="Arab", published="2026-11-09",
        ),
        failed_record(),
    ]  # fmt: skip


def names(page: Page) -> list[str]:
    """The articles that the list shows, in order."""
    page.click("#tab-articles")
    return [
        name
        for line in page.locator("a.line").all_text_contents()
        for name in ("vi-bank", "es-water", "ar-deal", "broken")
        if name in line
    ]


def test_articles_that_need_attention_come_first(open_report: OpenReport) -> None:
    """Articles without an answer, then errors, then warnings, then the rest."""
    page = open_report(folder())
    expect(page.locator("#tab-needs")).to_have_attribute("aria-selected", "true")
    expected = ("broken", "not in the source", "figure differs", "vi-bank")
    expect(page.locator("a.line")).to_contain_text(expected, ignore_case=True)
    assert names(page)[:2] == ["broken", "es-water"]


FOUND: dict[str, list[str]] = {
    "title of vi-bank": ["vi-bank"],
    "KEEPS its": ["vi-bank"],
    "lai suat": ["vi-bank"],
    "da nang": ["vi-bank"],
    "وقعت": ["ar-deal"],
    "cifuentes": ["es-water"],
    "speaker:amparo": ["es-water"],
    "spanish": ["es-water"],
    "lang:ar": ["ar-deal"],
    "2026-11-08": ["vi-bank"],
    "date:2024": ["vi-bank"],
    "published:2026-11": ["ar-deal"],
    "severity:error": ["es-water"],
    "severity:warning": ["ar-deal"],
    "status:failed": ["broken"],
    "3,200,000,000": ["vi-bank"],
    "unit:sar": ["vi-bank"],
    '"keeps its rate"': ["vi-bank"],
    '"its keeps"': [],
    "water quote.absent": ["es-water"],
    "(.*": [],
    "": ["broken", "es-water", "ar-deal", "vi-bank"],
}
"""Queries, and the articles that they find."""


def test_words_are_found_in_every_part_of_an_article(open_report: OpenReport) -> None:
    """Titles, claims, quotes, names, speakers, languages, dates, severities, figures; without accents and case."""
    page = open_report(folder())
    found = {}
    for query in FOUND:
        page.fill("#query", query)
        found[query] = names(page)
    assert found == FOUND


def test_words_that_are_not_in_the_article_itself_select_its_claims(open_report: OpenReport) -> None:
    """`vi-bank billion`: the article has the name, and the other word selects among its claims."""
    page = open_report(folder())
    page.fill("#query", "vi-bank billion")
    page.click("#tab-claims")
    assert page.locator("a.line .statement").all_text_contents() == ["It costs 3.2 billion."]


def test_filters_combine(open_report: OpenReport) -> None:
    """Within a group any value matches; all groups must match."""
    page = open_report(folder())
    page.check("#language-es")
    page.check("#language-vi")
    assert names(page) == ["es-water", "vi-bank"]
    page.check("#finding-error")
    expect(page.locator("#finding-error")).to_be_focused()
    assert names(page) == ["es-water"]


def test_a_bar_of_the_timeline_selects_its_claims(open_report: OpenReport) -> None:
    """A chip removes the selection."""
    page = open_report(folder())
    labels = page.locator("#events button:enabled").evaluate_all("all => all.map(one => one.ariaLabel)")
    assert labels == ["2024: 1 claim", "November 2026: 1 claim", "no year: 1 claim"]
    page.click("#events button[aria-label='no year: 1 claim']")
    assert page.locator("a.line .statement").all_text_contents() == ["It is at 18%."]
    page.click(".chip")
    expect(page.locator("a.line")).to_have_count(4)


def test_a_cell_of_the_figures_selects_its_claims(open_report: OpenReport) -> None:
    """Units are rows and powers of ten are columns, so a figure that is a thousand times too large is easy to see."""
    page = open_report(folder())
    page.click("#sizes button[aria-label^='SAR, 1']")
    assert page.locator("a.line .statement").all_text_contents() == ["It costs 3.2 billion."]


def test_arrows_move_between_tabs(open_report: OpenReport) -> None:
    """As screen readers expect; only the selected tab can be reached with the Tab key."""
    page = open_report(folder())
    page.focus("#tab-needs")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-articles")).to_be_focused()
    expect(page.locator("#tab-articles")).to_have_attribute("aria-selected", "true")
    assert page.locator("[role=tab][tabindex='0']").count() == 1


def test_two_thousand_articles_are_listed_found_and_opened(open_report: OpenReport) -> None:
    """In one file; the list is shown in pieces."""
    made = []
    for n in range(report.MAX_ARTICLES):
        text = f"Đoạn {n}. Giá là {n} đồng."
        made.append(record_of([text], [claim_of(text, f"Giá là {n} đồng.", f"It costs {n} dong.")], name=f"{n}.txt"))
    page = open_report(made)
    assert page.locator("a.line").count() < 100
    page.click(".more")
    expect(page.locator("a.line").nth(60)).to_be_focused()
    page.fill("#query", "costs 1987")
    page.click("#tab-claims")
    page.click("text=It costs 1987 dong.")
    expect(page.locator("#source .lit").first).to_have_text("Giá là 1987 đồng.")
