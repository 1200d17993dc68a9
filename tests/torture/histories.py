"""What commands did to a disk and told meanwhile, recorded, and what a loss of power at any step makes of it.

A command runs under `strace`, which writes down all it does to the disk and all it tells others. Out of this the
disk is rebuilt as it could be after a cut (`power`), and read as the next command would read it.
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
"""Cuts that the sample tries, besides those where something was told."""
DICE = 3 if ALL else 2
"""Disks with some of the later changes, for each cut."""
STORE = "data/dragoman/store.sqlite"
"""Where the store is on the disk: neither of its folders is there at first."""

MENDED = "mended"
"""What is told as if it were a key when a damaged store is whole again."""


def only(*kinds: type[Change]) -> Power:
    """All later changes of some kinds, and none of the others."""
    return lambda change: "kept" if isinstance(change, kinds) else "lost"


EXTREMES: dict[str, Power] = {
    "nothing later": only(),
    "everything": lambda _: "kept",
    "names alone": only(Named),
    "contents alone": lambda change: "lost" if isinstance(change, Named) else "kept",
}


def diced(seed: str) -> Power:
    """Each later change by lot; how likely it is to be there is thrown too."""
    dice = random.Random(seed)
    kept, torn = dice.random(), dice.random() / 2
    return lambda _: "kept" if dice.random() < kept else "torn" if dice.random() < torn else "lost"


@dataclass(frozen=True)
class History:
    """``signs`` are bytes that leave the commands, each with the key of a reply that they tell to be kept; ``kept``
    was told before. ``right`` is the body of every reply by its key. ``apart`` is a folder whose files do not count.
    A ``damaged`` store may be refused, as it was before, until the key `MENDED` is told."""

    before: Disk
    calls: Sequence[Call]
    signs: Sequence[tuple[bytes, str]]
    right: dict[str, str]
    kept: frozenset[str] = frozenset()
    apart: str | None = None
    damaged: bool = False

    def cuts(self) -> Iterator[tuple[int, Disk, frozenset[str]]]:
        """After each step: its number, the disk, the keys that were told so far."""
        disk, told = copy.deepcopy(self.before), self.kept
        yield 0, disk, told
        for number, step in enumerate(disk.play(self.calls), start=1):
            if step.said:
                told |= {key for sign, key in self.signs if sign in step.said}
            yield number, disk, told

    @property
    def told(self) -> frozenset[str]:
        """All that was told in the end."""
        return [told for _, _, told in self.cuts()][-1]

    def chosen(self, seed: int) -> set[int]:
        """The cuts that are tried: where something more is told than before, and others."""
        numbers, telling, before = [], set(), self.kept
        for number, _, told in self.cuts():
            numbers.append(number)
            if told != before:
                telling.add(number)
            before = told
        return set(numbers) if ALL else telling | set(random.Random(seed).sample(numbers, min(CUTS, len(numbers))))

    def disks(self, seed: int = SEED) -> Iterator[tuple[str, dict[str, bytes], frozenset[str]]]:
        """Disks as they could be when the power is back: what to call them, their files, what was told before."""
        tried = self.chosen(seed)
        for number, disk, told in self.cuts():
            if number in tried:
                dice = {name: diced(name) for name in (f"dice {seed}-{number}-{n}" for n in range(DICE))}
                for label, power in {**EXTREMES, **dice}.items():
                    files = disk.after(power, seed + number)
                    counted = {path: files[path] for path in files if not path.startswith(self.apart or "//")}
                    yield f"cut {number}, {label}", counted, told

    def losses(self, scratch: Path) -> Iterator[str]:
        """Each disk on which something that was told is not there, is not the same, or is not sound."""
        reading = Reading(scratch)
        for label, disk, told in self.disks():
            replies, wrong = reading(disk)
            if wrong and self.damaged and MENDED not in told:
                continue
            lost = sorted(key for key in told - {MENDED} if replies.get(key) != self.right[key])
            if lost or wrong:
                yield f"{label}: {len(lost)} of {len(told)} told are lost {lost[:1]} {wrong[:1]}"


class Reading:
    """Reads disks as the next command would; the same disk only once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[bytes, tuple[dict[str, str], list[str]]] = {}

    def __call__(self, disk: dict[str, bytes]) -> tuple[dict[str, str], list[str]]:
        """The replies by key, of the store and of recordings, and what is wrong."""
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
    """Put the files of a disk into a folder. What processes share of a store's log is in memory, and gone."""
    folder.mkdir(parents=True)
    for path, content in disk.items():
        if not path.endswith("-shm"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)


def read_replies(folder: Path) -> tuple[dict[str, str], list[str]]:
    """The replies by key of a disk's store and recordings, and what is wrong with them."""
    replies = {}
    try:
        for path in folder.rglob("x1-*.json"):
            exchange = recordings.read(path)
            replies[exchange.key] = exchange.body
        if not (folder / STORE).exists():
            return replies, []
        with Store(folder / STORE) as store:
            store.rows("PRAGMA synchronous = OFF")  # what is read here is thrown away
            replies.update({exchange.key: exchange.body for exchange in store.exchanges()})
            return replies, maintenance.verify(store)
    except DragomanError as error:
        return replies, [str(error)]


# Recording.


def new_disk(place: Path) -> Disk:
    """An empty disk ``disk``, but for the folder of temporary files."""
    (place / "disk/tmp").mkdir(parents=True)
    return Disk(place / "disk")


def recording(place: Path, *command: object, prelude: str = "", inject: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """Start a command under `strace`: one more log at ``place``. Skips where that is not possible."""
    log = place / f"{len(logs(place))}.log"
    before = (*recorder(log), *inject)
    log.touch()
    return with_prelude(prelude, *command, home=place, before=before, env={"TMPDIR": str(place / "disk/tmp")})


def logs(place: Path) -> list[Path]:
    """The logs of what was recorded at a place, in the order in which the commands were started."""
    return sorted(place.glob("*.log"), key=lambda log: int(log.stem))


def forget(place: Path) -> None:
    """Begin anew with the disk as it is."""
    for log in logs(place):
        log.unlink()


def ended(process: subprocess.Popen[bytes], *codes: int) -> str:
    """Wait for a command to end as it should, with 0 where nothing else is said; returns its stderr."""
    _, said = process.communicate(timeout=120)
    assert process.returncode in (codes or (0,)), said.decode()
    return said.decode()


def calls_at(place: Path, before: Disk) -> list[Call]:
    """What was recorded at a place. Fails when the model of the disk does not end as the disk did."""
    disk = copy.deepcopy(before)
    # The rest, nearly all, is about other files.
    calls = list(dict.fromkeys(step.call for step in disk.play(read(logs(place)))))
    # What is in shared memory is not written by calls, and nobody needs it after a loss of power.
    seen = {path: content for path, content in disk.seen.items() if not path.endswith("-shm")}
    there = {path for path in (place / "disk").rglob("*") if path.is_file() and not path.name.endswith("-shm")}
    assert seen.keys() == {path.relative_to(place / "disk").as_posix() for path in there}
    for path, content in seen.items():
        assert content == (place / "disk" / path).read_bytes(), path
    return calls
