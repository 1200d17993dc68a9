"""How many cases are tried, and with which random seeds.

``TORTURE=all`` tries every case, any other value the sample. ``TORTURE_SEED=N`` changes the random seeds. Each random
case has its seed in its name, so that it can be repeated.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

import pytest

T = TypeVar("T")

ALL = os.environ.get("TORTURE") == "all"
only_all = pytest.mark.skipif(not ALL, reason="only in `make torture`")
SEED = int(os.environ.get("TORTURE_SEED", "1"))


def seeds(every: int, few: int) -> list[int]:
    """Return the seeds of that many random cases: all of them, or the first few."""
    return [SEED * 1000 + number for number in range(every if ALL else few)]


def some(cases: Sequence[T], few: int) -> list[T]:
    """Return all cases, or the first few. The most telling cases come first."""
    return list(cases if ALL else cases[:few])


def spread(count: int, most: int, few: int) -> list[int]:
    """Return evenly spaced numbers from 1 to ``count``: at most ``most`` of them, or a few."""
    wanted = min(count, most if ALL else few)
    return sorted({1 + round(step * (count - 1) / max(1, wanted - 1)) for step in range(wanted)})
