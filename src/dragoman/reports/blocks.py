"""Record → what the HTML report embeds of it, in three pieces that are read at different times.

The *row* is what the list of articles needs and is read first; *claims* are what search looks through; the
*body* is the rest, the source text above all, and is read when the article is opened. Nothing is in two of
them. `packed` makes text of any of them that holds no letter of an article as it stands: base64 of gzip, so
nothing in an article can end a script block or start a tag.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from decimal import Decimal
from typing import Any

from dragoman.pricing import plain
from dragoman.records import Record
from dragoman.source import Source

Piece = dict[str, Any]
"""Plain JSON values."""

_LEVEL = 6


def row(record: Record) -> Piece:
    """What the overview shows of an article without reading its claims."""
    counts = dict.fromkeys(("error", "warning", "note"), 0)
    for finding in record.findings:
        counts[finding.severity] += 1
    summary = record.summary
    return _said(
        {
            "id": record.article.id,
            "name": record.article.name,
            "sha256": record.article.sha256,
            "title": summary.title_en if summary else None,
            "language": record.source.language if record.source else None,
            "script": record.source.script if record.source else None,
            "status": record.status,
            "reason": record.reason.message if record.reason else None,
            "errors": counts["error"],
            "warnings": counts["warning"],
            "notes": counts["note"],
            "claims": len(summary.claims) if summary else 0,
            "published": summary.published if summary else None,
            "publisher": summary.publisher if summary else None,
            "cost_usd": record.cost_usd,
            "origins": sorted({exchange.origin for exchange in record.exchanges}),
            "translated": record.translation is not None,
        }
    )


def claims(record: Record) -> Piece:
    """What search looks through: claims, names, findings."""
    summary = record.summary
    return {
        "claims": [claim.model_dump(exclude_none=True) for claim in summary.claims] if summary else [],
        "entities": [entity.model_dump() for entity in summary.entities] if summary else [],
        "findings": [finding.model_dump(exclude_none=True) for finding in record.findings],
    }


def body(record: Record, source: Source | None) -> Piece:
    """What only the page of the article shows: its text, the running English, where it all comes from."""
    summary, facts = record.summary, record.source
    return _said(
        {
            "bytes": record.article.bytes,
            "media_type": record.article.media_type,
            "text": source.text if source else None,
            "paragraphs": [[p.start, p.end] for p in source.paragraphs] if source else [],
            "source": facts.model_dump(exclude={"paragraphs", "text", "steps"}) if facts else None,
            "steps": len(facts.steps) if facts else 0,
            "abstract": summary.abstract if summary else None,
            "key_points": list(summary.key_points) if summary else [],
            "author": summary.author if summary else None,
            "syndicated_from": summary.syndicated_from if summary else None,
            "boilerplate": list(summary.boilerplate) if summary else [],
            "translation": (
                [[entry.paragraph, entry.text_en] for entry in record.translation.paragraphs]
                if record.translation
                else None
            ),
            "tasks": {name: task.model_dump() for name, task in record.tasks.items()},
            "exchanges": [exchange.model_dump() for exchange in record.exchanges],
            "dragoman": record.dragoman,
        }
    )


class Money:
    """What the exchanges behind some records cost, each exchange once."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._usd = Decimal(0)
        self._unknown = 0
        self._origins: Counter[str] = Counter()

    def add(self, record: Record) -> None:
        for exchange in record.exchanges:
            if exchange.key not in self._keys:
                self._keys.add(exchange.key)
                self._origins[exchange.origin] += 1
                self._unknown += exchange.cost_usd is None
                self._usd += Decimal(exchange.cost_usd or 0)

    def facts(self) -> Piece:
        """USD as a plain decimal, replies without a known price, replies by origin."""
        return {
            "usd": plain(self._usd) or "0",
            "unknown": self._unknown,
            "origins": dict(sorted(self._origins.items())),
        }


def packed(value: object) -> str:
    """Base64 of gzip of JSON, one line; the same value gives the same text."""
    # A lone surrogate becomes one "?", so that offsets behind it still count right.
    content = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return base64.b64encode(gzip.compress(content, _LEVEL, mtime=0)).decode("ascii")


def unpacked(text: str) -> Any:
    """What `packed` was given."""
    return json.loads(gzip.decompress(base64.b64decode(text)))


def _said(piece: Piece) -> Piece:
    return {name: value for name, value in piece.items() if value is not None}
