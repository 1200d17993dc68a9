"""The checksum of a recording shows every change; its mark shows which store made it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.store.seals import CHECKSUM, MARK, NoChecksum, check, is_marked, sealed

SECRET = b"the secret of one store"
VALUES = st.dictionaries(st.text(max_size=8), st.text(max_size=8) | st.integers() | st.none(), max_size=5)


@given(VALUES)
def test_a_sealed_recording_passes_the_check(value: dict[str, Any]) -> None:
    """With a mark and without one; the checksum covers the mark too."""
    value = {name: item for name, item in value.items() if name not in (CHECKSUM, MARK)}
    check(sealed(value))
    check(sealed(value, SECRET))
    assert {name: item for name, item in sealed(value, SECRET).items() if name not in (CHECKSUM, MARK)} == value


@given(VALUES, st.text(min_size=1, max_size=8), st.integers())
def test_any_change_is_noticed(value: dict[str, Any], name: str, changed: int) -> None:
    """A value that is changed, added or removed."""
    seal = sealed({**value, name: "original"}, SECRET)
    with pytest.raises(ValueError, match="does not match"):
        check({**seal, name if name != CHECKSUM else "other": changed})
    if name not in (CHECKSUM, MARK):
        with pytest.raises(ValueError, match="does not match"):
            check({key: item for key, item in seal.items() if key != name})


def test_a_recording_without_a_checksum_says_what_to_do() -> None:
    """Earlier versions wrote none, and neither do people."""
    with pytest.raises(NoChecksum, match="import it as unsealed if it is a paid reply"):
        check({"key": "x1:0"})


def test_sealing_again_gives_the_same_seal() -> None:
    """The old checksum and mark are replaced, and not covered by the new ones."""
    once = sealed({"a": 1}, SECRET)
    assert sealed(once, SECRET) == once
    assert sealed(once) == sealed({"a": 1})


@pytest.mark.parametrize(
    ("value", "secret", "marked"),
    [
        (sealed({"a": 1}, SECRET), SECRET, True),
        (sealed({"a": 1}, SECRET), b"another store", False),
        (sealed({"a": 1}, SECRET), None, False),
        (sealed({"a": 1}, SECRET), b"", False),
        (sealed({"a": 1}), SECRET, False),
        ({**sealed({"a": 1}, SECRET), "a": 2}, SECRET, False),
        ({**sealed({"a": 1}, SECRET), MARK: 3}, SECRET, False),
        ({**sealed({"a": 1}, SECRET), MARK: "é"}, SECRET, False),
    ],
    ids=["own", "another store's", "no secret", "empty secret", "no mark", "changed", "not a text", "not ASCII"],
)
def test_only_the_store_with_the_secret_recognises_its_mark(
    value: dict[str, Any], secret: bytes | None, marked: bool
) -> None:
    """And only as long as the recording is unchanged."""
    assert is_marked(value, secret) is marked
