"""The model of a disk that the tests of power rely on: what it calls certain, and what it may lose."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from .histories import EXTREMES, diced
from .power import SECTOR, Disk
from .syscalls import Call, read

MANY_DICE = [diced(f"dice {number}") for number in range(60)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a disk with one file."""
    (tmp_path / "old").write_bytes(b"old")
    return tmp_path


class Program:
    """A series of calls, each complete before the next one begins."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.calls: list[Call] = []

    def __call__(self, name: str, *texts: bytes | str, others: tuple[str, ...] = (), result: int = 0) -> Call:
        """Add a call. A text that is not bytes is a path under the root. ``others`` are the first argument, and
        so on.
        """
        begun = (float(len(self.calls)), 0, 2 * len(self.calls))
        done = (begun[0] + 0.5, 0, begun[2] + 1)
        said = tuple(text if isinstance(text, bytes) else bytes(self._root / text) for text in texts)
        self.calls.append(Call((0, 1), name, said, others or ("",), result, begun, done))
        return self.calls[-1]

    def opens(self, path: str, descriptor: int = 3, flags: str = "O_RDWR|O_CREAT") -> None:
        self("openat", path, others=("AT_FDCWD", "", flags), result=descriptor)

    def writes(self, content: bytes, at: int = 0, descriptor: int = 3) -> Call:
        others = (str(descriptor), "", str(len(content)), str(at))
        return self("pwrite64", content, others=others, result=len(content))

    def syncs(self, descriptor: int = 3) -> Call:
        return self("fsync", others=(str(descriptor),))

    def syncs_folder(self, path: str = "") -> None:
        self.opens(path, 9, "O_RDONLY")
        self.syncs(9)

    def disks(self) -> list[dict[str, bytes]]:
        """All disks that are possible when the power fails after the last call."""
        disk = Disk(self._root)
        for _ in disk.play(self.calls):
            pass
        return [disk.after(power, seed) for seed, power in enumerate([*EXTREMES.values(), *MANY_DICE])]


@pytest.fixture
def program(root: Path) -> Program:
    return Program(root)


def contents(program: Program, path: str) -> set[bytes | None]:
    return {disk.get(path) for disk in program.disks()}


def test_unsynced_changes_may_survive_or_not(program: Program) -> None:
    """The name may survive without the content: an empty file is what most losses of power leave."""
    program.opens("new")
    program.writes(b"text")
    assert {None, b"", b"text"} <= contents(program, "new")


def test_content_and_name_are_certain_when_both_were_synced(program: Program) -> None:
    program.opens("new")
    program.writes(b"text")
    program.syncs()
    assert contents(program, "new") == {None, b"text"}
    program.syncs_folder()
    assert contents(program, "new") == {b"text"}


def test_a_file_in_a_new_folder_needs_the_name_of_the_folder(program: Program) -> None:
    program("mkdir", "folder")
    program.opens("folder/new")
    program.writes(b"text")
    program.syncs()
    program.syncs_folder("folder")
    assert contents(program, "folder/new") == {None, b"text"}
    program.syncs_folder()
    assert contents(program, "folder/new") == {b"text"}


def test_a_write_after_the_beginning_of_a_sync_is_not_covered_by_it(program: Program) -> None:
    """A write of another thread that ends after the sync began may have been too late for it."""
    program.opens("old")
    written = program.writes(b"new")
    sync = program.syncs()
    assert contents(program, "old") == {b"new"}
    program.calls[-2] = replace(written, done=(sync.begun[0] + 0.1, 0, 1))
    assert {b"old", b"new"} <= contents(program, "old")


def test_an_incomplete_sync_makes_nothing_certain(program: Program) -> None:
    program.opens("old")
    program.writes(b"new")
    program.calls.append(replace(program.syncs(), done=None))
    del program.calls[-2]
    assert {b"old", b"new"} <= contents(program, "old")


def test_a_write_can_be_torn_between_sectors_and_nothing_beside_it_is_touched(program: Program) -> None:
    """Some of its sectors are new, some old, some noise."""
    program.opens("large")
    program.writes(b"a" * 4 * SECTOR)
    program.syncs()
    program.syncs_folder()
    program.writes(b"b" * 2 * SECTOR, at=SECTOR)
    seen = contents(program, "large")
    new, old = b"b" * SECTOR, b"a" * SECTOR
    assert {old + new + new + old, old * 4, old + new + old + old, old + old + new + old} <= seen
    assert all(content is not None and content[:SECTOR] == content[-SECTOR:] == old for content in seen)
    assert any(content is not None and set(content) - set(b"ab") for content in seen)


def test_later_writes_may_survive_without_earlier_ones(program: Program) -> None:
    program.opens("old")
    program.writes(b"1", at=0)
    program.writes(b"2", at=1)
    assert {b"1ld", b"o2d", b"12d", b"old"} <= contents(program, "old")


def test_a_rename_survives_completely_or_not_at_all(program: Program) -> None:
    """A rename over an existing file leaves the old file or the new one."""
    program.opens("new")
    program.writes(b"new")
    program.syncs()
    program.syncs_folder()
    program("rename", "new", "old")
    assert {(disk.get("old"), disk.get("new")) for disk in program.disks()} == {(b"old", b"new"), (b"new", None)}
    program.syncs_folder()
    assert {(disk.get("old"), disk.get("new")) for disk in program.disks()} == {(b"new", None)}


def test_a_removed_file_may_come_back(program: Program) -> None:
    program("unlink", "old")
    assert contents(program, "old") == {None, b"old"}
    program.syncs_folder()
    assert contents(program, "old") == {None}


def test_a_link_is_a_second_name_of_one_file(program: Program) -> None:
    program("link", "old", "second")
    program("unlink", "old")
    program.syncs_folder()
    program.opens("second")
    program.writes(b"new")
    program.syncs()
    assert program.disks()[0] == {"second": b"new"}


def test_a_truncated_file_may_still_have_its_old_length(program: Program) -> None:
    program.opens("old")
    program("ftruncate", others=("3", "1"))
    assert contents(program, "old") == {b"old", b"o"}
    program.opens("old", flags="O_WRONLY|O_TRUNC")
    assert contents(program, "old") == {b"old", b"o", b""}


def test_writes_outside_the_disk_count_as_reported(program: Program, root: Path) -> None:
    """A program reports by writing to another folder, a screen or a socket."""
    program.opens("old")
    program.writes(b"kept")
    program("write", b"told", others=("1", "", "4"), result=4)
    assert [step.said for step in Disk(root).play(program.calls) if step.said] == [b"told"]


LOG = r"""
7 10.000100 openat(AT_FDCWD, "\x2f\x64", O_RDWR|O_CREAT, 0600) = 3 <0.000050>
7 10.000200 clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_THREAD}, 88) = 8 <0.000010>
7 10.000300 pwrite64(3, "\x61\x2c\x29\x20\x3d", 5, 4096 <unfinished ...>
8 10.000310 fdatasync(3) = 0 <0.000005>
7 10.000320 <... pwrite64 resumed>) = 5 <0.000020>
7 10.000330 write(9, ""..., 4) = -1 ENOSPC (No space left on device) (INJECTED) <0.000010>
7 10.000340 vfork( <unfinished ...>
9 10.000350 write(3, "\x78", 1) = 1 <0.000010>
9 10.000360 +++ exited with 0 +++
7 10.000370 <... vfork resumed>) = 9 <0.000030>
7 10.000380 fsync(3 <unfinished ...>
7 10.000390 +++ killed by SIGKILL +++
"""


def test_a_log_is_read_call_by_call(tmp_path: Path) -> None:
    """Interrupted calls, threads and children, failures, and calls whose process was killed before they returned."""
    log = tmp_path / "0.log"
    log.write_text(LOG.lstrip(), "ascii")
    calls = read([log])
    assert [call.name for call in calls] == ["openat", "clone3", "pwrite64", "fdatasync", "vfork", "write", "fsync"]
    by_name = {call.name: call for call in calls}
    written, sync = by_name["pwrite64"], by_name["fdatasync"]
    assert (written.texts, written.descriptor, written.others[-1]) == ((b"a,) =",), 3, "4096")
    assert written.begun < sync.begun
    assert sync.done is not None
    assert written.done is not None
    assert sync.done < written.done
    assert by_name["fsync"].done is None
    assert {by_name[name].process for name in ("openat", "pwrite64", "fdatasync", "fsync")} == {(0, 7)}
    assert by_name["write"].process == (0, 9)
