"""A headless Chromium that opens reports from disk. Every test fails if a page has an error or uses the network."""

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
    """Load the page again and wait until everything is read."""
    page.reload()
    page.wait_for_selector("html[data-read=all]", state="attached")


OpenReport = Callable[..., "Page"]
"""``open_report(made, place="", **context)`` writes the report of these records and opens it, with all claims read."""


PATIENCE = 60_000
"""Milliseconds to wait for anything, so that a busy machine is not taken for an error of the page."""

NO_CHROMIUM = "no Chromium is installed: apt-get install chromium"


def chromium() -> str | None:
    """Path of the Chromium that is installed here, if any."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launched(executable: str) -> Iterator[Browser]:
    """A headless Chromium without background requests of its own."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)

    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine; none is downloaded."""
    found = chromium()
    if found is None:
        pytest.skip(NO_CHROMIUM)
    # Ends with the module, because its event loop would disturb other tests.
    with launched(found) as running:
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test leaves screenshots of its pages and says where they are."""
    report = yield
    if report.when == "call" and report.failed:
        for number, page in enumerate(getattr(item, "pages", ())):
            picture = item.funcargs["tmp_path"] / f"failed-{number}.png"  # type: ignore[attr-defined]  # a function
            page.screenshot(path=picture)
            report.sections.append(("picture", str(picture)))
    return report


@pytest.fixture
def open_report(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[OpenReport]:
    """Opens reports; at the end, no page may have had an error or made a request."""
    contexts: list[Any] = []
    problems: list[str] = []
    request.node.pages = []

    def open_(made: Sequence[Made] | Path, place: str = "", *, decisions: Sequence[Any] = (), **context: Any) -> Page:
        path = made if isinstance(made, Path) else write_report(tmp_path / "out", made, decisions=decisions)
        if not contexts or context:
            settings = {"viewport": {"width": 1400, "height": 900}, "reduced_motion": "reduce", **context}
            contexts.append(browser.new_context(**settings))
            # Without this function, saving is a download, which a test can read.
            contexts[-1].add_init_script("delete window.showSaveFilePicker")
        page: Page = contexts[-1].new_page()
        request.node.pages.append(page)
        page.on("pageerror", lambda error: problems.append(f"error: {error}"))
        page.on(
            "console", lambda message: problems.append(f"console: {message.text}") if message.type == "error" else None
        )
        page.on("request", lambda sent: None if sent.url.startswith(("file:", "blob:")) else problems.append(sent.url))
        page.set_default_timeout(PATIENCE)
        page.goto(path.as_uri() + place)
        page.wait_for_selector("html[data-read=all]", state="attached")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert problems == []
