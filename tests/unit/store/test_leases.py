"""Only one process sends a request at a time. The lease of a dead owner is free at once."""

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
"""A process that opens the store, takes the lease on its first line of input, and holds it until the second."""


@pytest.fixture
def store(store_path: Path) -> Iterator[Store]:
    with Store(store_path) as opened:
        yield opened


def planted(store: Store, owner: Owner, *, expires: float) -> None:
    """Insert a lease of another owner that expires in ``expires`` seconds."""
    store.change(
        [
            (
                "INSERT INTO leases (key, scope, owner, expires_at) VALUES (?, ?, ?, ?)",
                (KEY, CLAUDE.name, str(owner), time.time() + expires),
            )
        ]
    )


def output_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def signal_to(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def until(true: Callable[[], bool]) -> None:
    """Wait until ``true()`` holds, for at most ten seconds; the assertion after it then fails."""
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
    """The text in a row of the store identifies the owner."""
    owner = Owner(machine, pid, started, "token")
    assert Owner.parse(str(owner)) == owner


def test_this_process_counts_as_living(store: Store) -> None:
    """As another process reads it from a row."""
    assert Owner.parse(str(store.leases.owner)).may_live()


def test_a_key_is_leased_once(store: Store) -> None:
    """A second thread or a second store of this process does not get it. Another key or scope is free."""
    with Store(store.path) as other:
        assert store.lease(KEY, CLAUDE)
        assert not store.lease(KEY, CLAUDE)
        assert not other.lease(KEY, CLAUDE)
        assert other.lease("x1:other", CLAUDE)
        assert other.lease(KEY, Scope("http://localhost:8080"))


def test_a_released_key_is_free(store: Store) -> None:
    """Another process may then send the request."""
    assert store.lease(KEY, CLAUDE)
    store.release(KEY, CLAUDE)
    with Store(store.path) as other:
        assert other.lease(KEY, CLAUDE)


def test_releasing_frees_only_the_leases_of_this_store(store: Store) -> None:
    """Releasing a key that another owner holds does not change its lease."""
    planted(store, ELSEWHERE, expires=60)
    store.release(KEY, CLAUDE)
    assert not store.lease(KEY, CLAUDE)


def test_one_of_many_processes_gets_the_lease_until_it_ends(store: Store) -> None:
    """While that process lives, no other gets the lease. When it is killed, the key is free at once."""
    processes = in_processes(4, TAKE, store.path)
    try:
        assert [output_line(process) for process in processes] == ["ready"] * 4
        for process in processes:
            signal_to(process)
        answers = [output_line(process) for process in processes]
        assert sorted(answers) == ["False", "False", "False", "True"]
        assert not store.lease(KEY, CLAUDE)
        winner = processes[answers.index("True")]
        winner.kill()
        winner.wait()
        # Most of the half minute of its lease is left.
        assert store.rows("SELECT expires_at FROM leases")[0][0] > time.time() + 5
        assert store.lease(KEY, CLAUDE)
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def test_a_process_in_another_container_does_not_count_as_dead(store: Store) -> None:
    """Containers may share a host name and a store without seeing each other's processes, so only the expiry counts."""
    unshare = shutil.which("unshare")
    if not unshare or subprocess.run([unshare, "-p", "-f", "true"], check=False, capture_output=True).returncode:
        pytest.skip("a process in its own pid namespace cannot be started here")
    command = [unshare, "-p", "-f", "--kill-child", sys.executable, "-c", TAKE, "0", str(store.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert output_line(process) == "ready"
            signal_to(process)
            assert output_line(process) == "True"
            assert not store.lease(KEY, CLAUDE)
        finally:
            signal_to(process)
            process.wait()


HELD: dict[str, tuple[Owner, float, bool]] = {
    "another machine, not expired": (ELSEWHERE, 60, True),
    "another machine, expired": (ELSEWHERE, -1, False),
    "this machine before its last start, expired": (replace(HERE, machine="this/earlier-boot"), -1, False),
    "a living process of this machine": (HERE, 60, True),
    "a living process of this machine that lost its heartbeat": (HERE, -1, False),
    "a pid of no process": (replace(HERE, pid=2**22 + 1), 60, False),
    "a pid that another process has now": (replace(HERE, started="1"), 60, False),
}


@pytest.mark.parametrize(("owner", "expires", "held"), HELD.values(), ids=HELD)
def test_a_lease_counts_while_its_owner_may_be_alive(store: Store, owner: Owner, expires: float, *, held: bool) -> None:
    """A dead process here is noticed at once. For other machines and hung processes only the expiry counts."""
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


@pytest.mark.parametrize(
    "day", [0.0, 86_400.0, -86_400.0], ids=["the clock stands still", "a day forward", "a day back"]
)
@pytest.mark.parametrize(("age", "held"), [(0.0, True), (29.9, True), (30.1, False), (59.9, False), (1e6, False)])
def test_a_living_owner_here_holds_its_lease_for_half_a_minute_after_its_last_heartbeat(
    age: float, day: float, store_path: Path, *, held: bool
) -> None:
    """A hung process does not block others for ever. Only the monotonic clock counts, which cannot be set."""
    times = Times()
    with Store(store_path, times.clocks) as store, Store(store_path, times.clocks) as other:
        assert store.lease(KEY, CLAUDE)
        times.beat += age
        times.day += day
        assert other.lease(KEY, CLAUDE) is not held


def test_a_dead_owner_here_holds_no_lease_however_recent_its_heartbeat(store_path: Path) -> None:
    """The process itself is looked up, not only its heartbeat."""
    times = Times()
    with Store(store_path, times.clocks) as store, Store(store_path, times.clocks) as other:
        store.leases.owner = replace(HERE, pid=2**22 + 1)
        assert store.lease(KEY, CLAUDE)
        assert other.lease(KEY, CLAUDE)


@pytest.mark.parametrize(("seconds", "held"), [(29.9, True), (30.1, False)])
def test_a_silent_owner_elsewhere_is_waited_for_half_a_minute(seconds: float, store: Store, *, held: bool) -> None:
    """By its own clock the lease lasts an hour. The half minute begins when this process first sees the lease."""
    times = Times()
    with Store(store.path, times.clocks) as other:
        planted(other, ELSEWHERE, expires=0)
        other.change([("UPDATE leases SET expires_at = ?", (times.day + 3_600,))])
        assert not other.lease(KEY, CLAUDE)
        times.beat += seconds
        assert other.lease(KEY, CLAUDE) is not held


def test_a_lease_has_three_heartbeats_before_it_expires(store: Store) -> None:
    """So two heartbeats may be late on a busy disk or machine."""
    waits: list[float | None] = []

    class Counting(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            return True

    store.leases._renew_until(Counting())
    assert waits == [10.0]


def test_a_heartbeat_stores_the_time_of_both_clocks(store_path: Path) -> None:
    """Other machines read when the lease expires, this one when the heartbeat was."""
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
    """A request may take longer than a lease."""
    store.leases.owner = replace(store.leases.owner, lease_seconds=0.2)
    store.lease(KEY, CLAUDE)

    def expires() -> float:
        return float(store.rows("SELECT expires_at FROM leases")[0][0])

    first = expires()
    until(lambda: expires() > first)
    assert expires() > first


def test_a_heartbeat_does_not_renew_leases_of_other_owners(store: Store) -> None:
    """They expire when their owner is gone."""
    planted(store, ELSEWHERE, expires=60)
    before = store.rows("SELECT expires_at FROM leases WHERE key = ?", (KEY,))[0][0]
    store.leases.owner = replace(store.leases.owner, lease_seconds=0.2)
    store.lease("x1:own", CLAUDE)
    first = store.rows("SELECT expires_at FROM leases WHERE key = 'x1:own'")[0][0]
    until(lambda: store.rows("SELECT expires_at FROM leases WHERE key = 'x1:own'")[0][0] > first)
    assert store.rows("SELECT expires_at FROM leases WHERE key = ?", (KEY,))[0][0] == before


def test_closing_a_store_releases_its_leases(store: Store) -> None:
    """A run that has ended holds none."""
    other = Store(store.path)
    other.lease(KEY, CLAUDE)
    other.close()
    assert store.lease(KEY, CLAUDE)


def test_closing_a_store_releases_no_leases_of_another_store(store: Store) -> None:
    """Two runs in one process: when one ends, a third run must not pay for a request that the other is sending."""
    store.lease(KEY, CLAUDE)
    with Store(store.path) as other:
        other.lease("x1:other", CLAUDE)
    with Store(store.path) as third:
        assert not third.lease(KEY, CLAUDE)


def test_saving_a_reply_does_not_end_the_lease(store: Store) -> None:
    """The reply may be unreadable and requested again, so only the owner of the lease ends it."""
    exchange = exchange_of()
    store.lease(exchange.key, CLAUDE)
    store.save(exchange)
    assert not store.lease(exchange.key, CLAUDE)
    store.release(exchange.key, CLAUDE)
    assert store.rows("SELECT * FROM leases") == []
