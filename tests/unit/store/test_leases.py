"""Who asks for a key asks alone: one living owner, a dead one's lease taken at once, and nothing held for ever."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.store.owner import Clocks, Owner
from dragoman.store.protocol import Scope
from dragoman.store.sqlite.store import Store
from tests.support.builders import exchange_of, in_processes

CLAUDE = Scope()
KEY = "x1:key"
HERE = Owner.of_this_process()
ELSEWHERE = Owner("another-machine/boot", 1, "1", "token")

TAKE = """
import sys
from pathlib import Path
from dragoman.store.protocol import Scope
from dragoman.store.sqlite.store import Store
store = Store(Path(sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
print(store.lease("x1:key", Scope()), flush=True)
sys.stdin.readline()
"""
"""A process that opens the store, takes the lease when told, and holds it until told again."""


@pytest.fixture
def store(store_path: Path) -> Iterator[Store]:
    with Store(store_path) as opened:
        yield opened


def planted(store: Store, owner: Owner, *, expires: float) -> None:
    """A lease of another owner that expires so many seconds from now."""
    store.change(
        [
            (
                "INSERT INTO leases (key, scope, owner, expires_at) VALUES (?, ?, ?, ?)",
                (KEY, CLAUDE.name, str(owner), time.time() + expires),
            )
        ]
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def until(true: Callable[[], bool]) -> None:
    """Waits for something that will happen; gives up, so that the assertion after it fails, when it does not."""
    for _ in range(1000):
        if true():
            return
        time.sleep(0.01)


@settings(deadline=None, database=None)
@given(
    machine=st.from_regex(r"[!-~]+", fullmatch=True),
    pid=st.integers(1, 2**31),
    started=st.from_regex(r"\d+|-", fullmatch=True),
)
def test_an_owner_is_read_as_it_was_written(machine: str, pid: int, started: str) -> None:
    """What a row of the store says of its owner is enough to know the owner again."""
    owner = Owner(machine, pid, started, "token")
    assert Owner.parse(str(owner)) == owner


def test_this_process_lives(store: Store) -> None:
    """Also as another process reads it from a row."""
    assert Owner.parse(str(store.leases.owner)).may_live()


def test_a_key_is_leased_once(store: Store) -> None:
    """A second thread, or a second store of this process, does not get it; another key or scope is free."""
    with Store(store.path) as other:
        assert store.lease(KEY, CLAUDE)
        assert not store.lease(KEY, CLAUDE)
        assert not other.lease(KEY, CLAUDE)
        assert other.lease("x1:other", CLAUDE)
        assert other.lease(KEY, Scope("http://localhost:8080"))


def test_a_released_key_is_free(store: Store) -> None:
    """Given back without a reply, somebody else may ask."""
    assert store.lease(KEY, CLAUDE)
    store.release(KEY, CLAUDE)
    with Store(store.path) as other:
        assert other.lease(KEY, CLAUDE)


def test_a_release_frees_only_ones_own(store: Store) -> None:
    """Giving back what one does not hold leaves the holder's lease alone."""
    planted(store, ELSEWHERE, expires=60)
    store.release(KEY, CLAUDE)
    assert not store.lease(KEY, CLAUDE)


def test_of_many_processes_one_gets_the_lease_until_it_ends(store: Store) -> None:
    """One wins; while it lives nobody else does; when it dies, without a word, the key is free at once."""
    processes = in_processes(4, TAKE, store.path)
    try:
        assert [said(process) for process in processes] == ["ready"] * 4
        for process in processes:
            tell(process)
        got = [said(process) for process in processes]
        assert sorted(got) == ["False", "False", "False", "True"]
        assert not store.lease(KEY, CLAUDE)
        winner = processes[got.index("True")]
        winner.kill()
        winner.wait()
        # Its lease has most of its half minute to go.
        assert store.rows("SELECT expires_at FROM leases")[0][0] > time.time() + 5
        assert store.lease(KEY, CLAUDE)
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def test_a_process_of_another_container_is_not_taken_for_dead(store: Store) -> None:
    """Containers may share host name and store, and do not see each other's processes: only expiry tells."""
    unshare = shutil.which("unshare")
    if not unshare or subprocess.run([unshare, "-p", "-f", "true"], check=False, capture_output=True).returncode:
        pytest.skip("a process of its own pid space cannot be started here")
    command = [unshare, "-p", "-f", "--kill-child", sys.executable, "-c", TAKE, "0", str(store.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert said(process) == "ready"
            tell(process)
            assert said(process) == "True"
            assert not store.lease(KEY, CLAUDE)
        finally:
            tell(process)
            process.wait()


HELD: dict[str, tuple[Owner, float, bool]] = {
    "another machine, not expired": (ELSEWHERE, 60, True),
    "another machine, expired": (ELSEWHERE, -1, False),
    "this machine before it was started again, expired": (replace(HERE, machine="this/earlier-boot"), -1, False),
    "a living process of this machine": (HERE, 60, True),
    "a living process of this machine that lost its heartbeat": (HERE, -1, False),
    "a pid that no process has": (replace(HERE, pid=2**22 + 1), 60, False),
    "a pid that another process has by now": (replace(HERE, started="1"), 60, False),
}


@pytest.mark.parametrize(("owner", "expires", "held"), HELD.values(), ids=HELD)
def test_a_lease_counts_while_its_owner_can_live(store: Store, owner: Owner, expires: float, *, held: bool) -> None:
    """Dead owners of this machine are seen at once; of others, and of the hung, only the expiry tells."""
    planted(store, owner, expires=expires)
    assert store.lease(KEY, CLAUDE) is not held


@dataclass
class Times:
    """Two clocks that stand still until they are moved."""

    day: float = 1_800_000_000.0
    beat: float = 5_000.0

    @property
    def clocks(self) -> Clocks:
        return Clocks(lambda: self.day, lambda: self.beat)


@pytest.mark.parametrize("day", [0.0, 86_400.0, -86_400.0], ids=["the day's clock stands", "a day on", "a day back"])
@pytest.mark.parametrize(("age", "held"), [(0.0, True), (29.9, True), (30.1, False), (59.9, False), (1e6, False)])
def test_a_living_owner_here_holds_its_lease_for_half_a_minute_after_its_last_heartbeat(
    age: float, day: float, store_path: Path, *, held: bool
) -> None:
    """A process that hangs keeps nobody waiting for ever. Only the clock that nobody can set counts."""
    times = Times()
    with Store(store_path, times.clocks) as store, Store(store_path, times.clocks) as other:
        assert store.lease(KEY, CLAUDE)
        times.beat += age
        times.day += day
        assert other.lease(KEY, CLAUDE) is not held


def test_a_dead_owner_here_holds_nothing_however_fresh_its_heartbeat(store_path: Path) -> None:
    """Its process is looked for, not only its last word."""
    times = Times()
    with Store(store_path, times.clocks) as store, Store(store_path, times.clocks) as other:
        store.leases.owner = replace(HERE, pid=2**22 + 1)
        assert store.lease(KEY, CLAUDE)
        assert other.lease(KEY, CLAUDE)


@pytest.mark.parametrize(("seconds", "held"), [(29.9, True), (30.1, False)])
def test_a_silent_owner_elsewhere_is_waited_for_half_a_minute(seconds: float, store: Store, *, held: bool) -> None:
    """Its clock says that it has an hour to go; counted from where this process saw its lease first."""
    times = Times()
    with Store(store.path, times.clocks) as other:
        planted(other, ELSEWHERE, expires=0)
        other.change([("UPDATE leases SET expires_at = ?", (times.day + 3_600,))])
        assert not other.lease(KEY, CLAUDE)
        times.beat += seconds
        assert other.lease(KEY, CLAUDE) is not held


def test_a_heart_beats_three_times_in_the_life_of_a_lease(store: Store) -> None:
    """Two heartbeats may be missed, on a busy disk or machine."""
    waits: list[float | None] = []

    class Counting(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            return True

    store.leases._renew_until(Counting())
    assert waits == [10.0]


def test_a_heartbeat_dates_the_lease_by_both_clocks(store_path: Path) -> None:
    """Until when for other machines, and when for this one."""
    times = Times()

    class Twice(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            times.day += 10
            times.beat += 10
            beats.append(times.beat)
            return len(beats) > 1

    beats: list[float] = []
    with Store(store_path, times.clocks) as store:
        store.lease(KEY, CLAUDE)
        store.leases._renew_until(Twice())
        (row,) = store.rows("SELECT expires_at, beat FROM leases")
    assert tuple(row) == (1_800_000_010.0 + 30, 5_010.0)


def test_a_heartbeat_keeps_a_lease_alive(store: Store) -> None:
    """A request may take longer than a lease lasts."""
    store.leases.owner = replace(store.leases.owner, lease_seconds=0.2)
    store.lease(KEY, CLAUDE)

    def expires() -> float:
        return float(store.rows("SELECT expires_at FROM leases")[0][0])

    first = expires()
    until(lambda: expires() > first)
    assert expires() > first


def test_a_heartbeat_leaves_the_leases_of_others_alone(store: Store) -> None:
    """Another owner's lease expires when that owner is gone."""
    planted(store, ELSEWHERE, expires=60)
    before = store.rows("SELECT expires_at FROM leases WHERE key = ?", (KEY,))[0][0]
    store.leases.owner = replace(store.leases.owner, lease_seconds=0.2)
    store.lease("x1:mine", CLAUDE)
    first = store.rows("SELECT expires_at FROM leases WHERE key = 'x1:mine'")[0][0]
    until(lambda: store.rows("SELECT expires_at FROM leases WHERE key = 'x1:mine'")[0][0] > first)
    assert store.rows("SELECT expires_at FROM leases WHERE key = ?", (KEY,))[0][0] == before


def test_a_closed_store_gives_its_leases_back(store: Store) -> None:
    """An ended run holds nothing."""
    other = Store(store.path)
    other.lease(KEY, CLAUDE)
    other.close()
    assert store.lease(KEY, CLAUDE)


def test_a_closed_store_gives_back_no_other_stores_leases(store: Store) -> None:
    """Two runs in one process: the end of one must not let a third pay for what the other is asking."""
    store.lease(KEY, CLAUDE)
    with Store(store.path) as other:
        other.lease("x1:other", CLAUDE)
    with Store(store.path) as third:
        assert not third.lease(KEY, CLAUDE)


def test_a_reply_that_is_saved_does_not_end_the_lease(store: Store) -> None:
    """It may be unreadable and asked for again: only its asker says when it is done."""
    exchange = exchange_of()
    store.lease(exchange.key, CLAUDE)
    store.save(exchange)
    assert not store.lease(exchange.key, CLAUDE)
    store.release(exchange.key, CLAUDE)
    assert store.rows("SELECT * FROM leases") == []
