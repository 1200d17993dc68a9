"""A service hangs when every failure since its last answer was a time-out, and five probes were."""

from __future__ import annotations

import pytest

from dragoman.asking.hangs import Hangs


def after(*late: bool) -> Hangs:
    """After failures that were late or not, in this order."""
    hangs = Hangs()
    for one in late:
        hangs.failed(late=one)
    return hangs


@pytest.mark.parametrize(("probes", "certain"), [(0, False), (4, False), (5, True), (6, True)])
def test_five_late_probes_leave_no_doubt(probes: int, certain: bool) -> None:
    """With the row before them ten requests, each of which may be charged."""
    assert after(*[True] * 10).certain(probes) is certain


@pytest.mark.parametrize("place", [0, 4, 9])
def test_one_failure_of_another_kind_says_that_it_does_not_hang(place: int) -> None:
    """Whenever it came: the service answered something, or could not be reached."""
    late = [True] * 10
    late[place] = False
    hangs = after(*late)
    assert not hangs.certain(100)
    assert not hangs.suspected


def test_an_answer_ends_the_row() -> None:
    """What failed before it does not count."""
    hangs = after(True, False)
    hangs.answered()
    assert hangs.suspected
    hangs.failed(late=True)
    assert hangs.certain(5)
