"""``report.html``: the records of a folder as one file that a browser opens from disk, with nothing to fetch.

Template, style and scripts are ``assets/``, small and plain; the data is embedded once, compressed, in blocks
(`blocks`) that the page reads as it needs them. Texts of articles and of the model reach the page only as
text nodes, and the Content-Security-Policy inside allows the scripts and the style of this very file and
nothing else.

More than `MOST_ARTICLES`, or more than `MOST_CHARACTERS` of blocks, go into several files, ``report-1.html``
and so on, and ``report.html`` is the index of their articles. Memory stays flat: blocks wait in a temporary
file, and what is kept is one short row an article.
"""

from __future__ import annotations

import base64
import hashlib
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cache
from importlib import resources
from itertools import chain
from pathlib import Path
from shutil import copyfileobj
from typing import IO

from dragoman.__about__ import VERSION
from dragoman.core.files import replacing
from dragoman.core.record import RecordDict
from dragoman.output.decisions import Decision
from dragoman.output.html import blocks
from dragoman.output.html.blocks import Money

REPORT_SCHEMA = "dragoman.report/1"
SCRIPTS = (
    "dom.js", "language.js", "figures.js", "blocks.js", "decisions.js", "search.js", "charts.js", "lists.js",
    "overview.js", "source.js", "deciding.js", "findings.js", "claims.js", "article.js", "keys.js", "main.js",
)  # fmt: skip
"""In the order in which they are put together: a script uses what stands before it when it starts."""

# The report promises to open 2,000 articles of the samples' size at once, in a file of under 30 MB.
MOST_ARTICLES = 2000
MOST_CHARACTERS = 26_000_000
# Search reads every block of claims, an opened article one block of bodies.
CLAIMS_TOGETHER = 100
BODIES_TOGETHER = 8

_PART_NAME = re.compile(r"report-[0-9]+\.html")


class Pages(AbstractContextManager["Pages"]):
    """The files of a report; one is written when it is full, and then forgotten but for its rows."""

    def __init__(self, folder: Path, decisions: Sequence[Decision]) -> None:
        self._names: list[str] = []
        """Of the parts that were written; none while everything fits into one file."""
        self._folder = folder
        self._decisions = [decision.model_dump() for decision in decisions]
        self._part = _Part()
        self._rows: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed by __exit__
        """Of all parts, one a line: not in memory, for there may be very many."""
        self._count = 0
        self._money = Money()

    def __exit__(self, *_: object) -> None:
        self._part.close()
        self._rows.close()

    def add(self, record: RecordDict, text: str | None) -> None:
        """The next record, with the text of its source."""
        if self._part.full:
            self._write_part()
            self._part.close()
            self._part = _Part()
        self._part.add(record, text)
        self._money.add(record)

    def finish(self) -> Path:
        """Write what is left; returns the path of ``report.html``."""
        if not self._names:
            self._part.end()
            self._write("report.html", self._part.rows, len(self._part.rows), self._part.money, self._part.spool)
        else:
            self._write_part()
            self._rows.seek(0)
            self._write("report.html", map(bytes.rstrip, self._rows), self._count, self._money, None)
        for path in self._folder.glob("report-*.html"):
            if _PART_NAME.fullmatch(path.name) and path.name not in self._names:
                path.unlink()
        return self._folder / "report.html"

    def _write_part(self) -> None:
        self._part.end()
        name = f"report-{len(self._names) + 1}.html"
        self._names.append(name)
        self._rows.writelines(b'%b,"part":"%b"}\n' % (row[:-1], name.encode()) for row in self._part.rows)
        self._count += len(self._part.rows)
        self._write(name, self._part.rows, len(self._part.rows), self._part.money, self._part.spool)

    def _write(self, name: str, rows: Iterable[bytes], count: int, money: Money, spool: IO[bytes] | None) -> None:
        kind = "index" if self._names and spool is None else "part" if self._names else "whole"
        facts = {"schema": REPORT_SCHEMA, "dragoman": VERSION, "kind": kind}
        others = {
            "money": money.facts(),
            "claims_together": CLAIMS_TOGETHER,
            "bodies_together": BODIES_TOGETHER,
            "decisions": self._decisions,
        }
        overview = chain(
            [blocks.as_json(facts)[:-1], b',"rows":['], _with_commas(rows), [b"],", blocks.as_json(others)[1:]]
        )
        before, after = shell(count).split(b"@blocks@")
        with replacing(self._folder / name, new_folder=False) as page:
            page.write(before.replace(b"@overview@", blocks.squeezed(overview)))
            if spool is not None:
                spool.seek(0)
                copyfileobj(spool, page)
            page.write(after)


class _Part:
    """The articles of one file: their rows in memory, their blocks in a temporary file."""

    def __init__(self) -> None:
        self.rows: list[bytes] = []
        self.money = Money()
        self.spool: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close
        self._claims: list[bytes] = []
        self._bodies: list[bytes] = []

    @property
    def full(self) -> bool:
        return len(self.rows) >= MOST_ARTICLES or self.spool.tell() >= MOST_CHARACTERS

    def add(self, record: RecordDict, text: str | None) -> None:
        self.rows.append(blocks.row(record))
        self.money.add(record)
        self._claims.append(blocks.claims(record))
        self._bodies.append(blocks.body(record, text))
        if len(self._claims) == CLAIMS_TOGETHER:
            self._put(b"claims", self._claims, CLAIMS_TOGETHER)
        if len(self._bodies) == BODIES_TOGETHER:
            self._put(b"bodies", self._bodies, BODIES_TOGETHER)

    def end(self) -> None:
        """Put what waits into the temporary file: nothing is added any more."""
        self._put(b"claims", self._claims, CLAIMS_TOGETHER)
        self._put(b"bodies", self._bodies, BODIES_TOGETHER)

    def close(self) -> None:
        self.spool.close()

    def _put(self, kind: bytes, pieces: list[bytes], together: int) -> None:
        if pieces:
            number = (len(self.rows) - 1) // together
            block = blocks.squeezed([b"[", *_with_commas(pieces), b"]"])
            self.spool.write(b'<script type="application/gzip" id="%b-%d">%b</script>\n' % (kind, number, block))
            pieces.clear()


def _with_commas(pieces: Iterable[bytes]) -> Iterator[bytes]:
    comma = b""
    for piece in pieces:
        yield comma + piece
        comma = b","


def shell(articles: int) -> bytes:
    """The page without its data: ``@overview@`` and ``@blocks@`` stand where that goes."""
    style, script = _asset("report.css"), _script()
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_digest(script)}",
            f"style-src {_digest(style)}",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
    text = _asset("report.html")
    title = f"Dragoman report: {articles:,} article{'' if articles == 1 else 's'}"
    for name, value in (("policy", policy), ("title", title), ("style", style), ("script", script)):
        text = text.replace(f"@{name}@", value)
    return text.encode()


@cache
def _script() -> str:
    whole = "\n".join(f"// {name}\n{_asset(name)}" for name in SCRIPTS)
    # One scope for all of them, and none of it in the page's.
    return f'(() => {{\n"use strict";\n{whole}}})();'


@cache
def _asset(name: str) -> str:
    return resources.files("dragoman.output.html").joinpath("assets", name).read_text("utf-8")


def _digest(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode('ascii')}'"
