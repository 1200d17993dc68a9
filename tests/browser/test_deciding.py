"""Accept, edit, reject: stored in the browser, saved to a file, and matched by words and not by position."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dragoman.output.decision_matching import FolderDecisions
from dragoman.output.decisions import Decision, DecisionsFile, read_decisions
from tests.browser.conftest import OpenReport, reload
from tests.support.report_builders import Made, claim_of, finding_of, record_of, write_report

pytest.importorskip("playwright", reason="playwright is not installed: pip install -e '.[dev]'")

from playwright.sync_api import Page, expect

TEXT = "Giá gạo tăng. Giá dầu giảm. Giá gạo tăng."


def article(*, first: str = "Rice is dearer.", turned: bool = False, finding: bool = True) -> Made:
    """Three claims, two of them with the same words at two places; ``turned`` reverses their order."""
    again = claim_of(TEXT, "Giá gạo tăng.", "Rice is dearer again.", 3)
    place = {"start": 28, "end": 41, "parts": [(28, 41)]}
    claims = [
        claim_of(TEXT, "Giá gạo tăng.", first, 1),
        claim_of(TEXT, "Giá dầu giảm.", "Oil is cheaper.", 2),
        again.model_copy(update={"evidence": again.evidence.model_copy(update=place)}),
    ]
    if turned:
        claims = [claim.model_copy(update={"id": f"c{n}"}) for n, claim in enumerate(reversed(claims), start=1)]
    about = next(claim.id for claim in claims if claim.text_en == "Oil is cheaper.")
    flaws = [finding_of(field=f"claims.{about}.text_en", got="cheaper", start=14, end=27)] if finding else []
    return record_of([TEXT], claims, flaws)


def decide(page: Page, claim: str, verdict: str) -> None:
    page.click(f"#{claim} > .claim-foot [data-verdict={verdict}]")


def saved(page: Page, folder: Path) -> list[dict[str, Any]]:
    """The decisions that the button saves into ``decisions.json``."""
    with page.expect_download() as download:
        page.click("#save")
    assert download.value.suggested_filename == "decisions.json"
    download.value.save_as(folder / "decisions.json")
    value = json.loads((folder / "decisions.json").read_text("utf-8"))
    DecisionsFile.model_validate(value)
    decisions: list[dict[str, Any]] = value["decisions"]
    return decisions


def test_decisions_survive_a_reload(open_report: OpenReport) -> None:
    """Pressing the same button again withdraws the decision."""
    made = article()
    page = open_report([made], f"#/a/{made[0].article.id}/c1")
    decide(page, "c1", "accepted")
    reload(page)
    expect(page.locator("#c1 > .claim-foot [data-verdict=accepted]")).to_have_attribute("aria-pressed", "true")
    decide(page, "c1", "accepted")
    reload(page)
    expect(page.locator("#c1 > .claim-foot [data-verdict=accepted]")).to_have_attribute("aria-pressed", "false")


def test_the_saved_file_is_read_by_dragoman(open_report: OpenReport, tmp_path: Path) -> None:
    """Claims and findings, verdicts, edits and notes: the browser and Python identify the same targets."""
    made = article()
    page = open_report([made], f"#/a/{made[0].article.id}/c1")
    page.keyboard.press("r")
    page.fill("#c1 .note-field", "not what it says")
    page.keyboard.press("Tab")
    page.click("#c2 .say")
    page.click("#f0 [data-verdict=accepted]")
    decide(page, "c3", "edited")
    page.keyboard.press("Control+a")
    page.keyboard.type("Rice is much dearer.")
    page.keyboard.press("Control+Enter")
    decisions = saved(page, tmp_path)
    assert {(d["kind"], d["verdict"], d["text"], d["note"], d["start"]) for d in decisions} == {
        ("claim", "rejected", None, "not what it says", 0),
        ("finding", "accepted", None, "", 14),
        ("claim", "edited", "Rice is much dearer.", "", 28),
    }
    every = FolderDecisions(read_decisions(tmp_path))
    decided = every.match(made[0])
    assert {claim: applied.decision.verdict for claim, applied in decided.claims.items()} == {
        "c1": "rejected",
        "c3": "edited",
    }
    assert list(decided.findings) == [0]
    assert every.left_over() == []


def test_decisions_follow_claims_that_change_position(open_report: OpenReport, tmp_path: Path) -> None:
    """A later run gives them other numbers. Words and span identify them, and the findings about them."""
    made = article()
    page = open_report([made], f"#/a/{made[0].article.id}/c1")
    decide(page, "c1", "accepted")
    decide(page, "c2", "rejected")
    page.click("#f0 [data-verdict=rejected]")
    saved(page, tmp_path)
    write_report(tmp_path / "out", [article(turned=True)])
    reload(page)
    pressed = page.locator("[data-verdict][aria-pressed=true]")
    assert pressed.evaluate_all("all => all.map(one => one.closest('li').id + one.dataset.verdict)") == [
        "f0rejected", "c2rejected", "c3accepted",
    ]  # fmt: skip


def test_a_decision_on_other_english_has_a_warning(open_report: OpenReport) -> None:
    """The person saw another sentence, so the claim does not count as decided."""
    made = article()
    page = open_report([made], f"#/a/{made[0].article.id}/c2")
    decide(page, "c1", "accepted")
    write_report(page_folder(page), [article(first="Rice is cheaper.")])
    reload(page)
    expect(page.locator("#c1")).to_contain_text("the English has changed since the decision")


def page_folder(page: Page) -> Path:
    return Path(page.url.removeprefix("file://").split("#")[0]).parent


def test_of_a_loaded_and_an_existing_decision_the_newer_one_stays(open_report: OpenReport, tmp_path: Path) -> None:
    """A file that is not a decisions file is refused with a sentence."""
    made = article()
    tied = {"article": made[0].article.sha256, "kind": "claim", "words": "Giá dầu giảm.", "start": 14, "end": 27}
    entry = {**tied, "text_en": "Oil is cheaper.", "verdict": "rejected", "text": None, "note": "from the file"}
    file = tmp_path / "decisions.json"
    page = open_report([made], f"#/a/{made[0].article.id}/c2")
    for at, expected in (("2000-01-01T00:00:00Z", "accepted"), ("2999-01-01T00:00:00Z", "rejected")):
        if expected == "accepted":
            decide(page, "c2", "accepted")
        entries = [{**entry, "at": at}, {"kind": "nonsense"}]
        file.write_text(json.dumps({"schema": "dragoman.decisions/1", "decisions": entries}))
        page.set_input_files("#file", file)
        expect(page.locator("#page-message")).to_contain_text("1 decision in the file")
        expect(page.locator(f"#c2 > .claim-foot [data-verdict={expected}]")).to_have_attribute("aria-pressed", "true")
    file.write_text('{"schema": "something else"}')
    page.set_input_files("#file", file)
    expect(page.locator("#page-message")).to_contain_text("not a decisions file")


def test_the_report_starts_with_the_decisions_of_the_folder(open_report: OpenReport) -> None:
    """As they were when it was built. A withdrawn decision stays withdrawn, although the report still has it."""
    made = article()
    decision = Decision(
        article=str(made[0].article.sha256), kind="claim", words="Giá dầu giảm.", text_en="Oil is cheaper.", start=14,
        end=27, verdict="accepted", text=None, note="seen", at="2026-11-21T10:00:00Z",
    )  # fmt: skip
    page = open_report([made], f"#/a/{made[0].article.id}/c2", decisions=[decision])
    assert page.locator("#c2 .note-field").input_value() == "seen"
    decide(page, "c2", "accepted")
    reload(page)
    expect(page.locator("#c2 > .claim-foot [aria-pressed=true]")).to_have_count(0)


def test_decided_findings_go_to_the_end_of_the_list(open_report: OpenReport) -> None:
    """Findings that nobody has decided need attention first."""
    made = article()
    page = open_report([made, record_of(["x"], [], [finding_of(field="abstract", message="other")], name="b.txt")])
    expect(page.locator("a.line").first).to_contain_text("Oil is cheaper.")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#c2 .say")).to_be_focused()
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    expect(page.locator("a.line").first).to_contain_text("other")
    expect(page.locator("a.line").nth(1)).to_contain_text("accepted")


def test_edits_show_the_new_english_and_the_old(open_report: OpenReport) -> None:
    """In the article and in the list. Leaving the field with Esc changes nothing."""
    made = article(finding=False)
    page = open_report([made], f"#/a/{made[0].article.id}/c2")
    page.keyboard.press("e")
    page.keyboard.type("!")
    page.keyboard.press("Escape")
    expect(page.locator("#c2 ins")).to_have_count(0)
    page.keyboard.press("e")
    page.keyboard.press("Control+a")
    page.keyboard.type("Oil is down.")
    page.click("#c2 .primary")
    expect(page.locator("#c2 ins")).to_have_text("Oil is down.")
    expect(page.locator("#c2 del")).to_have_text("Oil is cheaper.")
    page.keyboard.press("Escape")
    page.click("#tab-claims")
    expect(page.locator("#list")).to_contain_text("Oil is down.")


def test_an_unfinished_edit_is_not_lost(open_report: OpenReport) -> None:
    """Neither confirmed nor cancelled: it survives another article, a reload and a search."""
    made = article(finding=False)
    page = open_report([made], f"#/a/{made[0].article.id}/c2")
    page.keyboard.press("e")
    page.keyboard.press("Control+a")
    page.keyboard.type("Oil is down.")
    reload(page)
    expect(page.locator("#c2 ins")).to_have_text("Oil is down.")
    page.click("#c2 [data-verdict=edited]")
    page.keyboard.press("Control+a")
    page.keyboard.type("Something else.")
    page.keyboard.press("Escape")
    expect(page.locator("#c2 ins")).to_have_text("Oil is down.")


def test_a_second_key_changes_the_decision_on_the_same_claim(open_report: OpenReport) -> None:
    """`a` and then `r` on a claim with a finding: the claim is rejected and the finding stays open."""
    made = article()
    page = open_report([made], f"#/a/{made[0].article.id}/c2")
    identity = "#c2"
    expect(page.locator(f"{identity} .finding")).not_to_have_count(0)
    page.keyboard.press("a")
    page.keyboard.press("r")
    expect(page.locator(f"{identity} .claim-foot [data-verdict=rejected]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(f"{identity} .finding [aria-pressed=true]")).to_have_count(0)


def test_a_browser_that_stores_nothing_is_reported(open_report: OpenReport) -> None:
    """The page has the decision, and the file has to be saved."""
    made = article()
    page = open_report([made], f"#/a/{made[0].article.id}/c2")
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full') } }")
    page.keyboard.press("a")
    expect(page.locator("#decision-count")).to_contain_text("not stored by this browser")
    expect(page.locator("#c2 > .claim-foot [aria-pressed=true]")).to_have_count(1)


def test_esc_leaves_a_note_and_not_the_article(open_report: OpenReport) -> None:
    """The typed text is stored."""
    made = article()
    page = open_report([made], f"#/a/{made[0].article.id}/c2")
    page.keyboard.press("a")
    page.locator("#c2 .note-field").press_sequentially("seen")
    page.keyboard.press("Escape")
    expect(page.locator("#article")).to_be_visible()
    assert page.locator("#c2 .note-field").input_value() == "seen"
