"""Record what commands do to a disk and what they report meanwhile, and find what a loss of power at any step leaves.

A command runs under `strace`, which records every change to the disk and everything that the command reports to others.
From this record the disk is rebuilt as it could be after a cut (`power`), and read as the next command would read it.
"""

from __future__ import annotations

import copy
import hashlib
import random
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dragoman.errors import DragomanError
from dragoman.store import maintenance, recordings
from dragoman.store.sqlite.store import Store

from .amount import ALL, SEED
from .odd import with_prelude
from .power import Change, Disk, Named, Power
from .syscalls import Call, read, recorder

CUTS = 40
"""Cuts that the sample tries, besides those where a key was reported."""
DICE = 3 if ALL else 2
"""Disks with a random part of the later changes, for each cut."""
STORE = "data/dragoman/store.sqlite"
"""Path of the store on the disk. Neither of its folders exists at first."""

MENDED = "mended"
"""Pseudo-key that is reported when a damaged store has been repaired."""


def only(*kinds: type[Change]) -> Power:
    """Return a fate that keeps later changes of these kinds and loses all others."""
    return lambda change: "kept" if isinstance(change, kinds) else "lost"


EXTREMES: dict[str, Power] = {
    "nothing later": only(),
    "everything": lambda _: "kept",
    "names alone": only(Named),
    "contents alone": lambda change: "lost" if isinstance(change, Named) else "kept",
}


def diced(seed: str) -> Power:
    """Return a fate that decides each later change at random. The probability of keeping changes is random too."""
    dice = random.Random(seed)
    kept, torn = dice.random(), dice.random() / 2
    return lambda _: "kept" if dice.random() < kept else "torn" if dice.random() < torn else "lost"


@dataclass(frozen=True)
class History:
    """Recorded system calls of commands, with what they reported as stored.

    ``signs`` are bytes that leave the commands, each with the key of a reply that they report as stored; ``kept`` holds
    the keys that were reported before. ``right`` is the body of every reply by its key. Files in the folder ``apart``
    do not count. A ``damaged`` store may be rejected, as it was before, until the key `MENDED` is reported.
    """

    before: Disk
    calls: Sequence[Call]
    signs: Sequence[tuple[bytes, str]]
    right: dict[str, str]
    kept: frozenset[str] = frozenset()
    apart: str | None = None
    damaged: bool = False

    def cuts(self) -> Iterator[tuple[int, Disk, frozenset[str]]]:
        """Yield after each step: its number, the disk, and the keys reported so far."""
        disk, reported = copy.deepcopy(self.before), self.kept
        yield 0, disk, reported
        for number, step in enumerate(disk.play(self.calls), start=1):
            if step.said:
                reported |= {key for sign, key in self.signs if sign in step.said}
            yield number, disk, reported

    @property
    def reported(self) -> frozenset[str]:
        """All keys that were reported by the end."""
        return [reported for _, _, reported in self.cuts()][-1]

    def chosen(self, seed: int) -> set[int]:
        """Return the cuts to try: those after which a new key is reported, and some others."""
        numbers, telling, before = [], set(), self.kept
        for number, _, reported in self.cuts():
            numbers.append(number)
            if reported != before:
                telling.add(number)
            before = reported
        return set(numbers) if ALL else telling | set(random.Random(seed).sample(numbers, min(CUTS, len(numbers))))

    def disks(self, seed: int = SEED) -> Iterator[tuple[str, dict[str, bytes], frozenset[str]]]:
        """Yield the disks that are possible after a loss of power: their label, their files, and the keys reported
        before.
        """
        tried = self.chosen(seed)
        for number, disk, reported in self.cuts():
            if number in tried:
                dice = {name: diced(name) for name in (f"dice {seed}-{number}-{n}" for n in range(DICE))}
                for label, power in {**EXTREMES, **dice}.items():
                    files = disk.after(power, seed + number)
                    counted = {path: files[path] for path in files if not path.startswith(self.apart or "//")}
                    yield f"cut {number}, {label}", counted, reported

    def losses(self, scratch: Path) -> Iterator[str]:
        """Yield each disk on which a reported reply is missing, changed or damaged."""
        reading = Reading(scratch)
        for label, disk, reported in self.disks():
            replies, wrong = reading(disk)
            if wrong and self.damaged and MENDED not in reported:
                continue
            lost = sorted(key for key in reported - {MENDED} if replies.get(key) != self.right[key])
            if lost or wrong:
                yield f"{label}: {len(lost)} of {len(reported)} reported keys are lost {lost[:1]} {wrong[:1]}"


class Reading:
    """Reads disks as the next command would; identical disks are read only once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[bytes, tuple[dict[str, str], list[str]]] = {}

    def __call__(self, disk: dict[str, bytes]) -> tuple[dict[str, str], list[str]]:
        """Return the replies of the store and the recordings by key, and what is wrong with them."""
        parts = [part for path in sorted(disk) for part in (path.encode(), disk[path])]
        digest = b"".join(hashlib.sha256(part).digest() for part in parts)
        if digest not in self._known:
            write(disk, self._folder)
            try:
                self._known[digest] = read_replies(self._folder)
            finally:
                shutil.rmtree(self._folder)
        return self._known[digest]


def write(disk: dict[str, bytes], folder: Path) -> None:
    """Write the files of a disk into a folder. The shared index of a store's log is left out, because it lives in
    memory.
    """
    folder.mkdir(parents=True)
    for path, content in disk.items():
        if not path.endswith("-shm"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)


def read_replies(folder: Path) -> tuple[dict[str, str], list[str]]:
    """Return the replies by key of a disk's store and recordings, and what is wrong with them."""
    replies = {}
    try:
        for path in folder.rglob("x1-*.json"):
            exchange = recordings.read(path)
            replies[exchange.key] = exchange.body
        if not (folder / STORE).exists():
            return replies, []
        with Store(folder / STORE) as store:
            store.rows("PRAGMA synchronous = OFF")  # nothing that is read here is stored
            replies.update({exchange.key: exchange.body for exchange in store.exchanges()})
            return replies, maintenance.verify(store)
    except DragomanError as error:
        return replies, [str(error)]


# Recording the system calls.


def new_disk(place: Path) -> Disk:
    """Create an empty disk ``disk`` that has only the folder of temporary files."""
    (place / "disk/tmp").mkdir(parents=True)
    return Disk(place / "disk")


def recording(place: Path, *command: object, prelude: str = "", inject: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """Start a command under `strace`, with another log at ``place``. Skips the test where that is not possible."""
    log = place / f"{len(logs(place))}.log"
    before = (*recorder(log), *inject)
    log.touch()
    return with_prelude(prelude, *command, home=place, before=before, env={"TMPDIR": str(place / "disk/tmp")})


def logs(place: Path) -> list[Path]:
    """Return the logs recorded at a place, in the order in which the commands were started."""
    return sorted(place.glob("*.log"), key=lambda log: int(log.stem))


def forget(place: Path) -> None:
    """Remove the logs and start over with the present disk."""
    for log in logs(place):
        log.unlink()


def ended(process: subprocess.Popen[bytes], *codes: int) -> str:
    """Wait until a command ends with an expected exit code (0 by default) and return its stderr."""
    _, stderr = process.communicate(timeout=120)
    assert process.returncode in (codes or (0,)), stderr.decode()
    return stderr.decode()


def calls_at(place: Path, before: Disk) -> list[Call]:
    """Return the calls recorded at a place. Fails when the modelled disk does not end up like the real one."""
    disk = copy.deepcopy(before)
    # Nearly all other calls are about other files.
    calls = list(dict.fromkeys(step.call for step in disk.play(read(logs(place)))))
    # Shared memory is not written by system calls, and it is not needed after a loss of power.
    seen = {path: content for path, content in disk.seen.items() if not path.endswith("-shm")}
    disk_files = {path for path in (place / "disk").rglob("*") if path.is_file() and not path.name.endswith("-shm")}
    assert seen.keys() == {path.relative_to(place / "disk").as_posix() for path in disk_files}
    for path, content in seen.items():
        assert content == (place / "disk" / path).read_bytes(), path
    return calls
