"""Nothing in an article can act, and everybody can use the page: hostile texts, axe-core, colours, narrow windows."""

from __future__ import annotations

from importlib import resources

import pytest

from tests.browser.conftest import OpenReport, reload
from tests.support.report_builders import (
    HOSTILE,
    RLO,
    Made,
    claim_of,
    failed_record,
    finding_of,
    hostile_record,
    record_of,
)

pytest.importorskip("playwright", reason="playwright is not installed: pip install -e '.[dev]'")

from playwright.sync_api import Page, expect


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_article_is_shown_letter_for_letter_and_does_nothing(words: str, open_report: OpenReport) -> None:
    """No text adds an element, a script, an address or width to the page."""
    made = hostile_record(words)
    page = open_report([made], f"#/a/{made[0].article.id}/c1")
    page.keyboard.press("t")
    assert page.locator("#source .source").evaluate(_TEXT) == words
    assert page.locator("#english-pane .statement").text_content() == words
    assert page.locator(".english").evaluate("one => one.firstChild.data") == words
    unwanted = page.locator(
        "img, iframe, object, embed, video, svg, b[onmouseover], a[href^=javascript], body script:not([type])"
    )
    assert unwanted.count() == 1  # the script of the report
    assert page.evaluate("document.title !== 'owned' && !window.owned")
    assert "report.html" in page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for pane in ("#english-pane", "#source"):
        assert page.locator(pane).evaluate("one => one.scrollWidth <= one.clientWidth + 1"), pane
    page.keyboard.press("Escape")
    for tab in ("needs", "articles", "claims"):
        page.click(f"#tab-{tab}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


# The text of the paragraph without the numbers after claims.
_TEXT = "one => [...one.children].filter(part => !part.matches('.ref, .joiner')).map(part => part.textContent).join('')"


def test_a_direction_override_affects_only_its_own_text(open_report: OpenReport) -> None:
    """Text after a name with such a character is where it would be without it."""

    def left_edge(name: str) -> float:
        made = record_of(["x"], publisher=name, published="2026-11-08")
        page = open_report([made])
        box = page.locator(".facts > span", has_text="8 November 2026").bounding_box()
        assert box is not None
        return box["x"]

    assert abs(left_edge(f"{RLO}ab") - left_edge("ab")) < 30


def test_a_title_of_a_hundred_thousand_letters_leaves_the_page_usable(open_report: OpenReport) -> None:
    """In the list and in the article, the claim after it can still be reached."""
    made = record_of(["x y"], [claim_of("x y", "x")], title_en="title " * 17_000)
    page = open_report([made])
    expect(page.locator("a.line")).to_be_in_viewport()
    box = page.locator("a.line").bounding_box()
    assert box is not None
    assert box["height"] < 400
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#article-title")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("#c1")).to_be_in_viewport()


@pytest.mark.parametrize(
    "address",
    ["#/a/nobody", "#/a/%E0%A4%A", "#/a/../../etc/passwd", "#javascript:alert(1)", "#/a/x/c1<script>"],
)
def test_an_unknown_address_opens_the_overview(address: str, open_report: OpenReport) -> None:
    """Such as a link from elsewhere, or from another run."""
    page = open_report([record_of(["x"])], address)
    expect(page.locator("#overview")).to_be_visible()


def everything() -> list[Made]:
    """An article that has one of everything that can be shown, and one that failed."""
    text = "Giá gạo tăng 5%. Ông Minh nói vậy."
    rise = {"quote": "5%", "value": "5", "unit": "%", "approximate": True}
    claims = [
        claim_of(text, "Giá gạo tăng 5%.", "Rice is 5% dearer.", 1, quantities=[rise], event_date="2026-11-08"),
        claim_of(text, "Bà Lan", "Mrs Lan denies it.", 2, speaker_en="Mrs Lan", modality="denied"),
    ]
    findings = [
        finding_of("quote.absent", field="claims.c2.quote", start=0, end=5, paragraph=1, expected="a", got="b"),
        finding_of("figure", "warning", field="abstract", message="a figure differs"),
        finding_of("coverage.sentence", "note", field="claims", start=17, end=34, paragraph=1),
    ]
    name = {"name_en": "Minh", "name_source": "Minh", "kind": "person"}
    made = record_of(
        [text, "Đọc thêm"], claims, findings, translation=["Rice.", "More."], boilerplate=[2], entities=[name]
    )
    return [made, failed_record()]


def violations(page: Page) -> list[str]:
    """Serious and critical violations that axe-core finds, each with its first element."""
    source = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    # Evaluated by the debugger, because the policy of the page allows no other script.
    page.evaluate(source)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]} {one['nodes'][0]['failureSummary'][:300]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 420])
def test_axe_finds_nothing_serious(colours: str, width: int, open_report: OpenReport) -> None:
    """In all tabs, in an article with highlighted words, a decision and an open edit, and in the help."""
    made = everything()
    page = open_report(made, color_scheme=colours, viewport={"width": width, "height": 900})
    for tab in ("needs", "articles", "claims"):
        page.click(f"#tab-{tab}")
        assert violations(page) == []
    page.click("text=Rice is 5% dearer.")
    page.keyboard.press("r")
    page.keyboard.press("t")
    assert violations(page) == []
    page.keyboard.press("j")
    page.keyboard.press("e")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert violations(page) == []


def test_everything_is_reached_with_the_tab_key(open_report: OpenReport) -> None:
    """From the top of the page to the list and into the source; nothing is skipped and nothing traps the focus."""
    made = everything()
    page = open_report(made)
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert {"query", "save", "load", "theme", "keys", "tab-needs", "line", "status-flagged"} <= seen
    page.goto(page.url + f"#/a/{made[0][0].article.id}")
    expect(page.locator("#source")).to_be_visible()
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert {"english-pane", "say", "verdict", "place", "source", "ref", "translation"} <= seen


def test_colours_follow_the_system_and_the_switch(open_report: OpenReport) -> None:
    """The choice survives a reload."""
    page = open_report([record_of(["x"])], color_scheme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    page.select_option("#theme", "light")
    light = page.evaluate(paper)
    assert light != dark
    reload(page)
    assert page.evaluate(paper) == light


def test_in_a_narrow_window_the_words_are_still_in_view(open_report: OpenReport) -> None:
    """English above, source below: a claim and its words are visible together."""
    texts = [f"Đoạn {n} nói về giá gạo." for n in range(60)]
    text = "\n".join(texts)
    made = record_of(texts, [claim_of(text, texts[n], f"Claim {n}.", n + 1) for n in range(0, 60, 3)])
    page = open_report([made], f"#/a/{made[0].article.id}/c31", viewport={"width": 390, "height": 760})
    expect(page.locator("#c31 .say")).to_be_in_viewport()
    expect(page.locator("#source .lit").first).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
