"""A clock that jumps a day forwards or an hour back: nothing is paid twice, and no run waits for ever."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from glob import glob
from pathlib import Path

import pytest

from dragoman.store.owner import Clocks, Owner
from dragoman.store.protocol import Scope
from dragoman.store.sqlite.store import Store
from tests.support.commands import articles, ended, here, records, stored, to
from tests.support.service import Service

from .amount import only_all, some
from .odd import not_shown, wait_for, with_prelude

DAY, HOUR = 86_400.0, 3_600.0
JUMPS = {"a day forwards": DAY, "an hour back": -HOUR, "ten years forwards": 3650 * DAY}
KEY = "x1:key"
CLAUDE = Scope()

CLOCK = """
import sys, time
from pathlib import Path
place, real = Path({place!r}), time.time
def shifted():
    try:
        return real() + float(place.read_text() or 0)
    except OSError:
        return real()
time.time = shifted
"""
"""A prelude: the time of day is off by the number of seconds in a file."""


class Clock:
    """Clock whose time of day is off by ``off`` seconds; ``passes`` lets time go by for every process."""

    def __init__(self) -> None:
        self.off = self.passed = 0.0
        self.clocks = Clocks(self.day, lambda: time.monotonic() + self.passed)

    def day(self) -> float:
        return time.time() + self.off + self.passed

    def passes(self, seconds: float) -> None:
        self.passed += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(store_path: Path, clock: Clock) -> Iterator[Store]:
    with Store(store_path, clock.clocks) as opened:
        yield opened


@pytest.mark.parametrize("jump", some(list(JUMPS.values()), few=3), ids=some(list(JUMPS), few=3))
def test_a_living_owner_keeps_its_lease_when_the_clock_jumps(store: Store, clock: Clock, jump: float) -> None:
    """The clock is set between two heartbeats, and another store does not take over the request."""
    assert store.lease(KEY, CLAUDE)
    clock.off = jump
    with Store(store.path, clock.clocks) as other:
        assert not other.lease(KEY, CLAUDE)


@pytest.mark.parametrize("jump", some(list(JUMPS.values()), few=3), ids=some(list(JUMPS), few=3))
def test_a_dead_owner_blocks_no_other_process_when_the_clock_jumps(store: Store, clock: Clock, jump: float) -> None:
    """A process of this machine that has ended is recognised as ended, whatever the time of day."""
    gone = replace(store.leases.owner, pid=2**22 + 1, token="gone")
    with Store(store.path, clock.clocks) as earlier:
        earlier.leases.owner = gone
        assert earlier.lease(KEY, CLAUDE)
        clock.off = jump
        assert store.lease(KEY, CLAUDE)


def from_elsewhere(store: Store, clock: Clock, expires_at: float) -> None:
    """Turn a lease or a heartbeat into that of a process on another machine."""
    owner = replace(Owner.of_this_process(), machine="another-machine/boot", token="elsewhere")
    with Store(store.path, clock.clocks) as other:
        other.leases.owner = owner
        if not other.rows("SELECT * FROM leases"):
            assert other.lease(KEY, CLAUDE)
            other.leases.owner = Owner.of_this_process()  # otherwise closing it would release the lease
        other.change([("UPDATE leases SET owner = ?, expires_at = ?", (str(owner), expires_at))])


def test_the_lease_of_a_silent_remote_owner_ends_on_time_whatever_the_clock_says(store: Store, clock: Clock) -> None:
    """The local clock was set back by an hour. The lease seems to last an hour longer, and is free after its usual
    time.
    """
    from_elsewhere(store, clock, clock.day() + 30)
    clock.off = -HOUR
    assert not store.lease(KEY, CLAUDE)  # the owner may be alive
    clock.passes(31)
    assert store.lease(KEY, CLAUDE)


def test_a_remote_owner_that_sends_heartbeats_keeps_its_lease(store: Store, clock: Clock) -> None:
    """Its clock is an hour ahead of the local one. Its lease is not free as long as its heartbeats arrive."""
    for _ in range(6):
        from_elsewhere(store, clock, clock.day() + HOUR + 30)
        assert not store.lease(KEY, CLAUDE)
        clock.passes(10)


def run_with(prelude: str, tmp_path: Path, name: str, service: Service, store: Path) -> subprocess.Popen[bytes]:
    """Run over the folder ``in`` with a separate clock."""
    command = ("run", tmp_path / "in", "-o", tmp_path / name, *to(service, store), "--concurrency", "3")
    return with_prelude(prelude, *command, home=tmp_path)


@pytest.mark.parametrize("jump", some(list(JUMPS.values()), few=1), ids=some(list(JUMPS), few=1))
def test_two_runs_pay_once_even_if_the_clock_jumps_during_their_requests(
    jump: float, tmp_path: Path, store_path: Path
) -> None:
    """The clock of the machine jumps during both runs: one payment each, both complete with all records."""
    articles(tmp_path / "in", 6)
    off = tmp_path / "off"
    off.write_text("0")
    prelude = CLOCK.format(place=str(off))
    with Service(latency=0.8) as service:
        first = run_with(prelude, tmp_path, "one", service, store_path)
        wait_for(lambda: len(service.ledger) >= 2)
        # Renamed into place, so that a clock is never read half written.
        (tmp_path / "set").write_text(str(jump))
        (tmp_path / "set").rename(off)
        second = run_with(prelude, tmp_path, "two", service, store_path)
        assert [ended(first).code, ended(second).code] == [0, 0]
        assert set(service.generated.values()) == {1}
        assert stored(store_path)["exchanges"] == service.paid == 6
    for name in ("one", "two"):
        assert [record["status"] for record in records(tmp_path / name)] == ["ok"] * 6
    assert here("store", "verify", "--store", store_path).code == 0


@only_all
@pytest.mark.parametrize("jump", ["+1d", "-1h"])
def test_a_run_ends_well_under_a_clock_faked_for_the_whole_process(jump: str, tmp_path: Path, store_path: Path) -> None:
    """libfaketime sets the clock of SQLite and the SDK as well, in the middle of a run."""
    libraries = [*filter(None, [os.environ.get("LIBFAKETIME")]), *glob("/usr/lib/*/faketime/libfaketimeMT.so.1")]
    if not libraries:
        not_shown("libfaketime is not installed here (Debian: libfaketime), nor named by LIBFAKETIME")
    folder = articles(tmp_path / "in", 8)
    rate = tmp_path / "rate"
    rate.write_text("+0")
    env = {
        "LD_PRELOAD": libraries[0], "FAKETIME_TIMESTAMP_FILE": str(rate), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip
    with Service(latency=0.3) as service:
        command = ("run", folder, "-o", tmp_path / "out", *to(service, store_path), "--concurrency", "2")
        process = with_prelude("", *command, home=tmp_path, env=env)
        wait_for(lambda: len(service.ledger) >= 3)
        rate.write_text(jump)
        done = ended(process)
        assert done.code == 0, done.stderr
        assert service.paid == stored(store_path)["exchanges"] == 8
    assert [record["status"] for record in records(tmp_path / "out")] == ["ok"] * 8
