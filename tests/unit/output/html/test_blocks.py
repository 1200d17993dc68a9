"""What the report embeds of a record: each text once, in compressed blocks with nothing of it in plain form."""

from __future__ import annotations

import base64
import json
import zlib

from dragoman.output.html.blocks import ExchangeCosts, body_json, claims_json, compressed, row_json, to_json_bytes
from tests.support.report_builders import claim_of, finding_of, record_of, unpacked


def test_a_lone_surrogate_does_not_shift_offsets() -> None:
    """It cannot be written as UTF-8, so one other character takes its place."""
    assert unpacked(compressed([to_json_bytes({"text": "a\ud800b"})]).decode()) == {"text": "a?b"}


def test_the_same_data_gives_the_same_bytes_in_any_pieces() -> None:
    """Gzip without a time, at the level that zlib itself prefers."""
    whole, pieces = compressed([b"abc" * 1000]), compressed([b"abc"] * 1000)
    assert whole == pieces
    packed = base64.b64decode(whole)
    assert packed[4:8] == bytes(4)
    assert packed[10:-8] == zlib.compress(b"abc" * 1000, wbits=-15)


def test_nothing_that_is_null_is_embedded_and_no_word_of_a_text_is_lost() -> None:
    """A quote may contain what looks like a null member; it stays."""
    quote = 'He said,"x":null and left.'
    record, source = record_of([quote], [claim_of(quote, quote)], [finding_of(got=quote)])
    assert source is not None
    pieces = [json.loads(piece) for piece in (row_json(record.to_dict()), claims_json(record.to_dict()))]
    assert all(value is not None for piece in pieces for value in piece.values())
    assert "speaker_en" not in pieces[1]["claims"][0]
    assert pieces[1]["claims"][0]["quote"] == quote
    assert json.loads(body_json(record.to_dict(), quote))["text"] == quote


def test_each_exchange_is_paid_once() -> None:
    """Two articles with the same bytes share their exchanges."""
    exchange = {"key": "x1:a", "origin": "live", "cost_usd": "0.5"}
    costs = ExchangeCosts()
    costs.add({"exchanges": [exchange, {"key": "x1:b", "origin": "handwritten", "cost_usd": None}]})
    costs.add({"exchanges": [exchange]})
    assert costs.facts() == {"usd": "0.5", "unknown": 1, "origins": {"handwritten": 1, "live": 1}}
