"""The process of a command: how it collects garbage, which is measured by ``benchmarks/quick_paths.py``."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from dragoman import __main__ as process


@pytest.fixture
def collector() -> Iterator[None]:
    """Put the collector of this process back afterwards."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.mark.parametrize("ends", [None, SystemExit(3)], ids=["returns", "exits"])
def test_a_command_collects_seldom_and_leaves_its_memory_to_the_end_of_the_process(
    ends: SystemExit | None, collector: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Young objects are looked through after 50,000 new ones, and at the end nothing is looked through again."""
    default = gc.get_threshold()
    seen = []

    def command() -> None:
        seen.append((gc.get_threshold(), gc.get_freeze_count()))
        if ends is not None:
            raise ends

    monkeypatch.setattr(process, "command", command)
    if ends is None:
        process.main()
    else:
        with pytest.raises(SystemExit):
            process.main()
    assert seen == [((50_000, *default[1:]), 0)]
    assert gc.get_freeze_count() > 0
