"""What the report embeds of a record: each text once, in compressed blocks with nothing of it in plain form."""

from __future__ import annotations

from dragoman.output.html.blocks import compressed, to_json_bytes
from tests.support.report_builders import (
    unpacked,
)


def test_a_lone_surrogate_keeps_offsets_right() -> None:
    """It cannot be written as UTF-8; one letter takes its place."""
    assert unpacked(compressed([to_json_bytes({"text": "a\ud800b"})]).decode()) == {"text": "a?b"}
