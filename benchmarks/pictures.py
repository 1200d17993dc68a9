"""Make the pictures of the report in the README from the samples, in a real browser.

    python benchmarks/pictures.py [FOLDER]

Writes ``report-overview.png`` and ``report-article.png`` into ``docs``, or into FOLDER. Run it again when the report or
the samples change.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from browsing import ROOT, browser, opened, samples
from tests.support.report_builders import write_report

ARTICLE = "ar-tahliya.html"
SIZE = {"viewport": {"width": 1280, "height": 800}, "device_scale_factor": 1.5, "color_scheme": "light"}


def main() -> None:
    pictures = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs"
    pictures.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, browser() as running:
        pairs = samples(Path(name))
        report = write_report(Path(name), pairs)
        article = next(record.article.id for record, _ in pairs if record.article.name == ARTICLE)
        for picture, place in (("report-overview.png", ""), ("report-article.png", f"#/a/{article}/c3")):
            page = opened(running, report, place, **SIZE)
            # Fonts are drawn in the second frame after they are loaded.
            page.evaluate("document.fonts.ready")
            page.screenshot(path=pictures / picture)
            print(f"{pictures / picture}: {(pictures / picture).stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
