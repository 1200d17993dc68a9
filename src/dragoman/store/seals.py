"""The checksum over a whole recording, and the mark by which a store recognises the recordings that it made itself.

The checksum shows damage and edits: it covers everything in a recording, including the reply, its price and its origin.
Anyone can compute it, so it does not show who wrote the recording. The mark does: it is an HMAC under the secret of one
store (see `sqlite.file.identity`), and only that store can make or verify it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dragoman.core.text import canonical_json, sha256

CHECKSUM = "checksum"
MARK = "rescued_by"
_TAG = "sha256:"


class NoChecksum(ValueError):
    """The recording has no checksum: an earlier version wrote it, or a person."""

    def __init__(self) -> None:
        super().__init__(
            "it has no checksum, so nothing shows whether it was changed: an earlier version of Dragoman wrote it, or "
            "a person. Export it from the store again, or record it again. Seal it if it was written by hand; import "
            "it as unsealed if it is a paid reply that an earlier version saved outside the store"
        )


def sealed(value: Mapping[str, Any], secret: bytes | None = None) -> dict[str, Any]:
    """The recording with its checksum and, with a ``secret``, the mark of the store that has this secret."""
    bare = _without(value, CHECKSUM, MARK)
    marked = {**bare, MARK: _mark(bare, secret)} if secret else bare
    return {**marked, CHECKSUM: _checksum(marked)}


def check(value: Mapping[str, Any]) -> None:
    """Raises `NoChecksum`, or ValueError when anything in the recording was changed after it was sealed."""
    if CHECKSUM not in value:
        raise NoChecksum
    if value[CHECKSUM] != _checksum(_without(value, CHECKSUM)):
        raise ValueError(
            "its checksum does not match: something in it was changed after it was written. Replace it with an "
            "unchanged copy"
        )


def is_marked(value: Mapping[str, Any], secret: bytes | None) -> bool:
    """Whether the store with this ``secret`` made the recording, and nothing in it was changed afterwards."""
    import hmac

    mark = value.get(MARK)
    if not secret or not isinstance(mark, str):
        return False
    return hmac.compare_digest(mark.encode(), _mark(_without(value, CHECKSUM, MARK), secret).encode())


def _without(value: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: item for name, item in value.items() if name not in names}


def _checksum(value: Mapping[str, Any]) -> str:
    return _TAG + sha256(canonical_json(value))


def _mark(value: Mapping[str, Any], secret: bytes) -> str:
    import hmac

    return hmac.new(secret, canonical_json(value).encode(), "sha256").hexdigest()
