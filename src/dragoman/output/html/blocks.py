"""Record → what the HTML report embeds of it, in three pieces that are read at different times.

The *row* is what the list of articles needs and is read first; *claims* are what search looks through; the
*body* is the rest, the source text above all, and is read when the article is opened. Nothing is in two of
them. All are JSON in UTF-8. `squeezed` makes text of it that holds no letter of an article as it stands:
base64 of gzip, so nothing in an article can end a script block or start a tag.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from dragoman.core.prices import bill, decimal_string
from dragoman.core.record import RecordDict

_LEVEL = 6
_GZIP = 31
"""zlib's number for it, without a time in its head."""
_NULL = re.compile(rb',"[a-z_]+":null')
"""A null member that is not the first; in a string the quotation marks would be escaped."""
_ELSEWHERE = frozenset({"paragraphs", "text", "steps"})
"""What a body says of its source in another place."""


def row(record: RecordDict) -> bytes:
    """What the overview shows of an article without reading its claims."""
    article, source, summary, reason = record["article"], record["source"], record["summary"], record["reason"]
    severities = Counter(finding["severity"] for finding in record["findings"])
    return _said(
        {
            "id": article["id"],
            "name": article["name"],
            "sha256": article["sha256"],
            "title": summary["title_en"] if summary else None,
            "language": source["language"] if source else None,
            "script": source["script"] if source else None,
            "status": record["status"],
            "reason": reason["message"] if reason else None,
            "errors": severities["error"],
            "warnings": severities["warning"],
            "notes": severities["note"],
            "claims": len(summary["claims"]) if summary else 0,
            "published": summary["published"] if summary else None,
            "publisher": summary["publisher"] if summary else None,
            "cost_usd": record["cost_usd"],
            "origins": sorted({exchange["origin"] for exchange in record["exchanges"]}),
            "translated": record["translation"] is not None,
        }
    )


def claims(record: RecordDict) -> bytes:
    """What search looks through: claims, names, findings. None of them begins with what may be null."""
    summary = record["summary"]
    piece = {
        "claims": summary["claims"] if summary else [],
        "entities": summary["entities"] if summary else [],
        "findings": record["findings"],
    }
    return _NULL.sub(b"", as_json(piece))


def body(record: RecordDict, text: str | None) -> bytes:
    """What only the page of the article shows: its ``text``, the running English, where it all comes from."""
    article, source, summary, translation = (record[name] for name in ("article", "source", "summary", "translation"))
    return _said(
        {
            "bytes": article["bytes"],
            "media_type": article["media_type"],
            "text": text,
            "paragraphs": source["paragraphs"] if text is not None else [],
            "source": {name: source[name] for name in source if name not in _ELSEWHERE} if source else None,
            "steps": len(source["steps"]) if source else 0,
            "abstract": summary["abstract"] if summary else None,
            "key_points": summary["key_points"] if summary else [],
            "author": summary["author"] if summary else None,
            "syndicated_from": summary["syndicated_from"] if summary else None,
            "boilerplate": summary["boilerplate"] if summary else [],
            "translation": (
                [[entry["paragraph"], entry["text_en"]] for entry in translation["paragraphs"]] if translation else None
            ),
            "tasks": record["tasks"],
            "exchanges": record["exchanges"],
            "dragoman": record["dragoman"],
        }
    )


class Money:
    """What the exchanges behind some records cost, each exchange once."""

    def __init__(self) -> None:
        self._paid: dict[str, tuple[str, str | None]] = {}
        """Key of an exchange to its origin and price."""

    def add(self, record: RecordDict) -> None:
        for exchange in record["exchanges"]:
            self._paid.setdefault(exchange["key"], (exchange["origin"], exchange["cost_usd"]))

    def facts(self) -> dict[str, Any]:
        """USD as a plain decimal, replies without a known price, replies by origin."""
        known, unknown = bill(cost for _, cost in self._paid.values())
        return {
            "usd": decimal_string(known) or "0",
            "unknown": unknown,
            "origins": dict(sorted(Counter(origin for origin, _ in self._paid.values()).items())),
        }


def squeezed(pieces: Iterable[bytes]) -> bytes:
    """Base64 of gzip of all pieces together, one line. They are not put together first: a large report has many."""
    packing = zlib.compressobj(_LEVEL, wbits=_GZIP)
    return base64.b64encode(b"".join([*map(packing.compress, pieces), packing.flush()]))


def as_json(value: object) -> bytes:
    """Plain values as JSON in UTF-8."""
    try:
        return to_json(value)  # three times as fast as the standard library's
    except PydanticSerializationError:
        # A lone surrogate becomes one "?", so that offsets behind it still count right.
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _said(piece: dict[str, Any]) -> bytes:
    return as_json({name: value for name, value in piece.items() if value is not None})
