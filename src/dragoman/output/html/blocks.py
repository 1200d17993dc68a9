"""Turn a record into the data that the HTML report embeds, in three pieces that the page reads at different times.

The *row* has what the list of articles needs and is read first. The *claims* are what search looks through. The *body*
is the rest, mainly the source text, and is read when the article is opened. Nothing is in two pieces. All are JSON in
UTF-8. `compressed` encodes them as base64 of gzip, which contains no text of an article in plain form, so nothing in an
article can end a script block or start a tag.
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
"""zlib's own default: a balance of size and time."""
_GZIP = 31
"""The value of ``wbits`` that selects gzip. zlib writes no time into the header, so equal data gives equal bytes."""
_NULL = re.compile(rb',"[a-z_]+":null')
"""A member with the value null, except the first. Never matches in a string, where quotation marks are escaped."""
_ELSEWHERE = frozenset({"paragraphs", "text", "steps"})
"""Fields of a source that have their own member in the body."""


def row_json(record: RecordDict) -> bytes:
    """What the overview shows of an article before its claims are read."""
    article, source, summary, reason = record["article"], record["source"], record["summary"], record["reason"]
    severities = Counter(finding["severity"] for finding in record["findings"])
    return _without_nulls(
        {
            "id": article["id"],
            "name": article["name"],
            "sha256": article["sha256"],
            "title": (summary["title_en"] or article["name"]) if summary else None,
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


def claims_json(record: RecordDict) -> bytes:
    """What search looks through: claims, names and findings. The first member of each is never null (see `_NULL`)."""
    summary = record["summary"]
    piece = {
        "claims": summary["claims"] if summary else [],
        "entities": summary["entities"] if summary else [],
        "findings": record["findings"],
    }
    return _NULL.sub(b"", to_json_bytes(piece))


def body_json(record: RecordDict, text: str | None) -> bytes:
    """What only the page of the article shows: its source ``text``, summary, translation and provenance."""
    article, source, summary, translation = (record[name] for name in ("article", "source", "summary", "translation"))
    return _without_nulls(
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


class ExchangeCosts:
    """What the exchanges behind a number of records cost. Each exchange counts once."""

    def __init__(self) -> None:
        self._by_key: dict[str, tuple[str, str | None]] = {}
        """Key of each exchange to its origin and its price in US dollars."""

    def add(self, record: RecordDict) -> None:
        for exchange in record["exchanges"]:
            self._by_key.setdefault(exchange["key"], (exchange["origin"], exchange["cost_usd"]))

    def facts(self) -> dict[str, Any]:
        """US dollars as a plain decimal, the number of replies without a known price, and replies by origin."""
        known, unknown = bill(cost for _, cost in self._by_key.values())
        return {
            "usd": decimal_string(known) or "0",
            "unknown": unknown,
            "origins": dict(sorted(Counter(origin for origin, _ in self._by_key.values()).items())),
        }


def compressed(pieces: Iterable[bytes]) -> bytes:
    """All pieces together as base64 of gzip, in one line. Pieces are compressed one by one to save memory."""
    compressor = zlib.compressobj(_LEVEL, wbits=_GZIP)
    return base64.b64encode(b"".join([*map(compressor.compress, pieces), compressor.flush()]))


def to_json_bytes(value: object) -> bytes:
    """Plain Python values as JSON in UTF-8."""
    try:
        return to_json(value)  # three times as fast as the json module
    except PydanticSerializationError:
        # A lone surrogate becomes one "?", so that the offsets after it stay correct.
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _without_nulls(piece: dict[str, Any]) -> bytes:
    return to_json_bytes({name: value for name, value in piece.items() if value is not None})
