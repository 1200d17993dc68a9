"""A headless Chromium that opens reports from disk. Every page is held to what all promise: no errors, no network."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.report_builders import Made, write_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def reload(page: Page) -> None:
    """Load the page again, to its end."""
    page.reload()
    page.wait_for_selector("html[data-read=all]", state="attached")


OpenReport = Callable[..., "Page"]
"""``open_report(made, place="", **of the browser's context)``: the report of these records, read through."""


PATIENCE = 60_000
"""Milliseconds that anything may take to show: a busy machine is no failure of the page."""

NO_CHROMIUM = "no Chromium is installed: apt-get install chromium"


def chromium() -> str | None:
    """Where the Chromium of this machine is."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launched(executable: str) -> Iterator[Browser]:
    """That Chromium, headless, with no business of its own."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)

    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium, or another one of this machine; none is downloaded."""
    found = chromium()
    if found is None:
        pytest.skip(NO_CHROMIUM)
    # Ends with the module: its event loop must not stay around other tests.
    with launched(found) as running:
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test leaves pictures of its pages, and says where."""
    report = yield
    if report.when == "call" and report.failed:
        for number, page in enumerate(getattr(item, "pages", ())):
            picture = item.funcargs["tmp_path"] / f"failed-{number}.png"  # type: ignore[attr-defined]  # a function
            page.screenshot(path=picture)
            report.sections.append(("picture", str(picture)))
    return report


@pytest.fixture
def open_report(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[OpenReport]:
    """Opens reports; at the end nothing may have gone wrong in any of them, and nothing been asked for."""
    contexts: list[Any] = []
    trouble: list[str] = []
    request.node.pages = []

    def open_(made: Sequence[Made] | Path, place: str = "", *, decisions: Sequence[Any] = (), **context: Any) -> Page:
        path = made if isinstance(made, Path) else write_report(tmp_path / "out", made, decisions=decisions)
        if not contexts or context:
            settings = {"viewport": {"width": 1400, "height": 900}, "reduced_motion": "reduce", **context}
            contexts.append(browser.new_context(**settings))
            # Without it, saving is a download, which a test can look at.
            contexts[-1].add_init_script("delete window.showSaveFilePicker")
        page: Page = contexts[-1].new_page()
        request.node.pages.append(page)
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on(
            "console", lambda message: trouble.append(f"console: {message.text}") if message.type == "error" else None
        )
        page.on("request", lambda sent: None if sent.url.startswith(("file:", "blob:")) else trouble.append(sent.url))
        page.set_default_timeout(PATIENCE)
        page.goto(path.as_uri() + place)
        page.wait_for_selector("html[data-read=all]", state="attached")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert trouble == []
