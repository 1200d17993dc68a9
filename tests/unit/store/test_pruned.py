"""The ids of pruned rows, which salvaging must not bring back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.store.sqlite.pruned import Pruned


@given(st.lists(st.sets(st.integers(1, 60), max_size=20), max_size=4), st.integers(0, 70))
def test_pruned_ids_are_read_again_as_they_were_written(prunes: list[set[int]], newest: int) -> None:
    """After any number of prunes in any order."""
    pruned = Pruned()
    for ids in prunes:
        pruned = Pruned.read(str(pruned.with_ids(ids)))
    every = set().union(*prunes)
    assert {number for number in range(1, 80) if number in pruned} == every
    assert pruned.count(newest) == sum(number <= newest for number in every)


@pytest.mark.parametrize("text", ["", "3-17", "3-17|3-97", "a|a", "3|3", "3-17|3-17|3-17"])
def test_a_damaged_list_of_pruned_ids_is_refused(text: str) -> None:
    """A changed digit must not hide replies that still exist."""
    with pytest.raises(ValueError):  # noqa: PT011
        Pruned.read(text)


@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)))
def test_a_union_has_the_ids_of_both(first: set[int], second: set[int]) -> None:
    """Pages of a damaged file may each have one version of the list."""
    assert Pruned().with_ids(first).union(Pruned().with_ids(second)) == Pruned().with_ids(first | second)


def test_neighbouring_ids_are_one_range() -> None:
    """A store from which thousands of rows were pruned keeps a short line."""
    assert str(Pruned().with_ids([3, 5, 4, 9])) == "3-5,9-9|3-5,9-9"
