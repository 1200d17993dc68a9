"""Write ``report.html``: the records of a folder as one file that a browser opens from disk, without any network.

Template, style sheet and scripts are in ``assets/``. The data is embedded once, in compressed blocks (`blocks`) that
the page reads when it needs them. Texts of articles and of the model get into the page only as text nodes, and the
Content-Security-Policy of the page allows only the scripts and the style sheet of this file.

A report with more than `MAX_ARTICLES` articles, or with more than `MAX_BLOCK_CHARACTERS` characters of blocks, is split
into several files, ``report-1.html`` and so on, and ``report.html`` becomes the index of their articles. Memory use
stays low: blocks wait in a temporary file, and only one short row per article stays in memory.
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
from dragoman.output.html.blocks import ExchangeCosts

REPORT_SCHEMA = "dragoman.report/1"
SCRIPTS = (
    "dom.js", "language.js", "figures.js", "blocks.js", "decisions.js", "search.js", "charts.js", "lists.js",
    "overview.js", "source.js", "deciding.js", "findings.js", "claims.js", "article.js", "keys.js", "main.js",
)  # fmt: skip
"""In the order in which they are joined: what a script uses while it loads must come before it."""

# The report promises to show 2,000 articles of the samples' size in one file of under 30 MB.
MAX_ARTICLES = 2000
MAX_BLOCK_CHARACTERS = 26_000_000
# Search reads every block of claims, so they are large. Opening an article reads one block of bodies: they are small.
CLAIMS_PER_BLOCK = 100
BODIES_PER_BLOCK = 8

_PART_NAME = re.compile(r"report-[0-9]+\.html")


class ReportWriter(AbstractContextManager["ReportWriter"]):
    """Writes the files of a report. When a file is full it is written, and only its rows are kept."""

    def __init__(self, folder: Path, decisions: Sequence[Decision]) -> None:
        self._names: list[str] = []
        """Names of the parts that were written; empty while everything fits into one file."""
        self._folder = folder
        self._decisions = [decision.model_dump() for decision in decisions]
        self._part = _Part()
        self._rows: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed by __exit__
        """Rows of all parts, one per line; not in memory, because there may be very many."""
        self._count = 0
        self._costs = ExchangeCosts()

    def __exit__(self, *_: object) -> None:
        self._part.close()
        self._rows.close()

    def add(self, record: RecordDict, text: str | None) -> None:
        """Add the next record with its source text; without the text, if that is gone."""
        if self._part.is_full:
            self._write_part()
            self._part.close()
            self._part = _Part()
        self._part.add(record, text)
        self._costs.add(record)

    def finish(self) -> Path:
        """Write the remaining articles, remove parts of an earlier report, and return the path of ``report.html``."""
        if not self._names:
            self._part.end()
            self._write("report.html", self._part.rows, len(self._part.rows), self._part.costs, self._part.spool)
        else:
            self._write_part()
            self._rows.seek(0)
            self._write("report.html", map(bytes.rstrip, self._rows), self._count, self._costs, None)
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
        self._write(name, self._part.rows, len(self._part.rows), self._part.costs, self._part.spool)

    def _write(
        self, name: str, rows: Iterable[bytes], count: int, costs: ExchangeCosts, spool: IO[bytes] | None
    ) -> None:
        kind = "index" if self._names and spool is None else "part" if self._names else "whole"
        head = {"schema": REPORT_SCHEMA, "dragoman": VERSION, "kind": kind}
        tail = {
            "money": costs.facts(),
            "claims_together": CLAIMS_PER_BLOCK,
            "bodies_together": BODIES_PER_BLOCK,
            "decisions": self._decisions,
        }
        overview = chain(
            [blocks.to_json_bytes(head)[:-1], b',"rows":['], _with_commas(rows), [b"],", blocks.to_json_bytes(tail)[1:]]
        )
        before, after = page_template(count).split(b"@blocks@")
        with replacing(self._folder / name, new_folder=False) as page:
            page.write(before.replace(b"@overview@", blocks.compressed(overview)))
            if spool is not None:
                spool.seek(0)
                copyfileobj(spool, page)
            page.write(after)


class _Part:
    """The articles of one file. Their rows are in memory, their blocks in a temporary file."""

    def __init__(self) -> None:
        self.rows: list[bytes] = []
        self.costs = ExchangeCosts()
        self.spool: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close
        self._claims: list[bytes] = []
        self._bodies: list[bytes] = []

    @property
    def is_full(self) -> bool:
        return len(self.rows) >= MAX_ARTICLES or self.spool.tell() >= MAX_BLOCK_CHARACTERS

    def add(self, record: RecordDict, text: str | None) -> None:
        self.rows.append(blocks.row_json(record))
        self.costs.add(record)
        self._claims.append(blocks.claims_json(record))
        self._bodies.append(blocks.body_json(record, text))
        if len(self._claims) == CLAIMS_PER_BLOCK:
            self._write_block(b"claims", self._claims, CLAIMS_PER_BLOCK)
        if len(self._bodies) == BODIES_PER_BLOCK:
            self._write_block(b"bodies", self._bodies, BODIES_PER_BLOCK)

    def end(self) -> None:
        """Write the last, incomplete blocks to the temporary file; nothing can be added after that."""
        self._write_block(b"claims", self._claims, CLAIMS_PER_BLOCK)
        self._write_block(b"bodies", self._bodies, BODIES_PER_BLOCK)

    def close(self) -> None:
        self.spool.close()

    def _write_block(self, kind: bytes, pieces: list[bytes], per_block: int) -> None:
        if pieces:
            number = (len(self.rows) - 1) // per_block
            block = blocks.compressed([b"[", *_with_commas(pieces), b"]"])
            self.spool.write(b'<script type="application/gzip" id="%b-%d">%b</script>\n' % (kind, number, block))
            pieces.clear()


def _with_commas(pieces: Iterable[bytes]) -> Iterator[bytes]:
    comma = b""
    for piece in pieces:
        yield comma + piece
        comma = b","


def page_template(articles: int) -> bytes:
    """The page without its data, which goes in the places of ``@overview@`` and ``@blocks@``."""
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
    joined = "\n".join(f"// {name}\n{_asset(name)}" for name in SCRIPTS)
    # All scripts share one scope, and nothing of it is visible in the global scope.
    return f'(() => {{\n"use strict";\n{joined}}})();'


@cache
def _asset(name: str) -> str:
    return resources.files("dragoman.output.html").joinpath("assets", name).read_text("utf-8")


def _digest(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode('ascii')}'"
