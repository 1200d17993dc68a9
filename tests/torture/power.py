"""A disk as it could be after a loss of power, rebuilt from the system calls of the programs that wrote to it.

Only synced data is certain: the content of a file after a sync of the file, its name after a sync of its folder. (POSIX
promises no more, though many file systems do more.) Any part of the later changes may be on the disk: a change without
the one before it, half the sectors of a write, or noise where a write was in progress.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from .syscalls import Call, Moment

SECTOR = 512
"""Bytes that are written together. SQLite assumes no more; today's disks write 4,096 at once."""


@dataclass(frozen=True, slots=True)
class Written:
    """Bytes written into a file."""

    begun: Moment
    done: Moment | None
    at: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Resized:
    """A file truncated, or extended by zeros."""

    begun: Moment
    done: Moment | None
    size: int


@dataclass(frozen=True, slots=True)
class Named:
    """Names in one folder that are assigned or removed, all at once or not at all."""

    begun: Moment
    done: Moment | None
    names: tuple[tuple[bytes, File | Folder | None], ...]


Change = Written | Resized | Named
Fate = Literal["kept", "lost", "torn"]
Power = Callable[[Change], Fate]
"""Decides the fate of a change that was not synced."""


@dataclass(slots=True, eq=False)
class File:
    """A file, whatever its names: its certain content, the changes since then, and the content that programs see."""

    certain: bytearray = field(default_factory=bytearray)
    later: list[Change] = field(default_factory=list)
    seen: bytearray = field(default_factory=bytearray)

    def change(self, change: Change) -> None:
        self.later.append(change)
        _apply(self.seen, change)

    def sync(self, begun: Moment) -> None:
        """Complete a sync that began at ``begun``: changes completed before that are now certain."""
        covered, self.later = _divided(self.later, begun)
        for change in covered:
            _apply(self.certain, change)

    def after(self, power: Power, dice: random.Random) -> bytes:
        """Return its content once the power is back."""
        content = bytearray(self.certain)
        for change in self.later:
            fate = power(change)
            if fate == "torn" and isinstance(change, Written):
                _tear(content, change, dice)
            elif fate != "lost":
                _apply(content, change)
        return bytes(content)


@dataclass(slots=True, eq=False)
class Folder:
    """A folder: its certain names, the changes since then, and the names that programs see."""

    certain: dict[bytes, File | Folder] = field(default_factory=dict)
    later: list[Change] = field(default_factory=list)
    seen: dict[bytes, File | Folder] = field(default_factory=dict)

    def change(self, change: Named) -> None:
        self.later.append(change)
        _name(self.seen, change)

    def sync(self, begun: Moment) -> None:
        """Complete a sync, as `File.sync` does."""
        covered, self.later = _divided(self.later, begun)
        for change in covered:
            _name(self.certain, change)

    def after(self, power: Power) -> dict[bytes, File | Folder]:
        """Return its names once the power is back."""
        names = dict(self.certain)
        for change in self.later:
            if power(change) != "lost":
                _name(names, change)
        return names


def _divided(changes: list[Change], begun: Moment) -> tuple[list[Change], list[Change]]:
    covered: list[Change] = []
    others: list[Change] = []
    for change in changes:
        (covered if change.done is not None and change.done < begun else others).append(change)
    return covered, others


def _name(names: dict[bytes, File | Folder], change: Change) -> None:
    assert isinstance(change, Named)
    for name, node in change.names:
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


def _apply(content: bytearray, change: Change) -> None:
    if isinstance(change, Resized):
        del content[change.size :]
        content.extend(bytes(change.size - len(content)))
    elif isinstance(change, Written):
        content.extend(bytes(max(0, change.at - len(content))))
        content[change.at : change.at + len(change.content)] = change.content


def _tear(content: bytearray, change: Written, dice: random.Random) -> None:
    """Return for each sector the new bytes, the old ones, or noise."""
    before = bytes(content)
    _apply(content, change)
    end = change.at + len(change.content)
    for start in range(change.at, end, SECTOR):
        stop = min(end, start + SECTOR)
        lot = dice.random()
        if lot < 0.4:
            content[start:stop] = before[start:stop].ljust(stop - start, b"\0")
        elif lot < 0.5:
            content[start:stop] = dice.randbytes(stop - start)


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to the disk, or beside it: ``said`` is what went to anywhere else, a screen, a socket,
    another folder."""

    call: Call
    said: bytes = b""


class Disk:
    """The folder ``root`` and everything under it. All files that exist when this is created are certain."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._top = _loaded(root)
        self._open: dict[tuple[tuple[int, int], int], _Open] = {}
        self._made: dict[Moment, File | Folder] = {}

    def play(self, calls: Iterable[Call]) -> Iterator[Step]:
        """Apply calls and yield each step after it was taken. The power may fail between any two steps."""
        moments = [(call.begun, False, call) for call in calls]
        moments += [(call.done, True, call) for _, _, call in moments if call.done is not None]
        for _, over, call in sorted(moments, key=lambda moment: moment[:2]):
            if over:
                if self._end(call):
                    yield Step(call)
            else:
                yield from self._begin(call)

    def after(self, power: Power, seed: int) -> dict[str, bytes]:
        """Return all files by path under the root once the power is back; ``seed`` is for torn writes."""
        dice = random.Random(seed)
        return dict(_files(self._top, "", lambda folder: folder.after(power), lambda file: file.after(power, dice)))

    @property
    def seen(self) -> dict[str, bytes]:
        """Return all files as programs see them. If this model is right, these are the real files."""
        return dict(_files(self._top, "", lambda folder: folder.seen, lambda file: bytes(file.seen)))

    def _begin(self, call: Call) -> Iterator[Step]:
        match call.name:
            case "open" | "openat" | "creat":
                if self._opening(call):
                    yield Step(call)
            case "close":
                if self._open.pop((call.process, call.descriptor), None):
                    yield Step(call)
            case "lseek":
                if opened := self._open.get((call.process, call.descriptor)):
                    opened.position = call.result
                    yield Step(call)
            case "write" | "writev" | "pwrite64" | "pwritev" | "sendto" | "sendmsg":
                yield self._write(call)
            case "ftruncate":
                if (file := self._file(call)) is not None:
                    file.change(Resized(call.begun, call.done, int(call.others[1])))
                    yield Step(call)
            case "dup" | "dup2" | "dup3" | "fsync" | "fdatasync" | "clone" | "clone3" | "fork" | "vfork":
                pass
            case "sendfile" | "copy_file_range" | "fallocate":
                assert not {(call.process, int(part)) for part in call.others[:3] if part.isdigit()} & set(self._open)
            case _:
                if self._rename(call):
                    yield Step(call)

    def _end(self, call: Call) -> bool:
        """Apply the effect of a completed call: a sync or a descriptor. Returns whether the call concerned this
        disk.
        """
        opened = self._open.get((call.process, call.descriptor)) if call.others[0].isdigit() else None
        if call.name in ("fsync", "fdatasync") and opened is not None:
            opened.node.sync(call.begun)
            return True
        if call.name in ("dup", "dup2", "dup3") and opened is not None:
            self._open[call.process, call.result] = opened
            return True
        if call.begun in self._made:
            appends = "O_APPEND" in "|".join(call.others)
            self._open[call.process, call.result] = _Open(self._made.pop(call.begun), appends)
            return True
        return False

    def _opening(self, call: Call) -> bool:
        """Apply an open, which may create or empty a file. Returns whether the call concerned this disk."""
        folder, name = self._place(call.texts[0])
        if folder is None:
            return False
        flags = "|".join(call.others)
        if "O_TMPFILE" in flags:
            self._made[call.begun] = File()
            return True
        made = name not in folder.seen and name != b""
        if made:
            assert call.name == "creat" or "O_CREAT" in flags, call
            folder.change(Named(call.begun, call.done, ((name, File()),)))
        node = folder.seen[name] if name else folder
        self._made[call.begun] = node
        if "O_TRUNC" in flags and isinstance(node, File):
            node.change(Resized(call.begun, call.done, 0))
        return True

    def _write(self, call: Call) -> Step:
        content = b"".join(call.texts)[: call.result] if call.done else b"".join(call.texts)
        opened = self._open.get((call.process, call.descriptor))
        if opened is None:
            return Step(call, content)
        assert isinstance(opened.node, File), (call.name, call.others, call.begun, call.texts[0][:80])
        if call.name.startswith("p"):
            at = int(call.others[-1])
        else:
            at = len(opened.node.seen) if opened.appends else opened.position
            opened.position = at + len(content)
        opened.node.change(Written(call.begun, call.done, at, content))
        return Step(call)

    def _rename(self, call: Call) -> bool:
        """Apply a call that gives or removes a name. Returns whether it concerned this disk."""
        places = [self._place(text) for text in call.texts]
        if not any(folder for folder, _ in places):
            return False
        (folder, name), (into, as_) = places[0], places[-1]
        assert folder is not None, call
        assert into is not None, call
        when = call.begun, call.done
        if call.name.startswith("mkdir"):
            folder.change(Named(*when, ((name, Folder()),)))
        elif call.name in ("unlink", "unlinkat", "rmdir"):
            folder.change(Named(*when, ((name, None),)))
        elif call.name.startswith("link"):
            into.change(Named(*when, ((as_, folder.seen[name]),)))
        elif call.name.startswith("rename"):
            node = folder.seen[name]
            if folder is into:
                folder.change(Named(*when, ((name, None), (as_, node))))
            else:
                into.change(Named(*when, ((as_, node),)))
                folder.change(Named(*when, ((name, None),)))
        else:
            raise NotImplementedError(f"this model does not know {call.name}")
        return True

    def _file(self, call: Call) -> File | None:
        opened = self._open.get((call.process, call.descriptor))
        return opened.node if opened is not None and isinstance(opened.node, File) else None

    def _place(self, path: bytes) -> tuple[Folder | None, bytes]:
        """Return the folder of a path and its name there. The root itself has no name. Returns None for paths outside
        the root.
        """
        try:
            parts = Path(path.decode()).relative_to(self.root).parts
        except ValueError:
            return None, b""
        folder: File | Folder | None = self._top
        for part in parts[:-1]:
            folder = folder.seen.get(part.encode()) if isinstance(folder, Folder) else None
        return (folder if isinstance(folder, Folder) else None), parts[-1].encode() if parts else b""


@dataclass(slots=True)
class _Open:
    """What a descriptor refers to."""

    node: File | Folder
    appends: bool
    position: int = 0


def _loaded(place: Path) -> Folder:
    nodes: dict[bytes, File | Folder] = {}
    for path in place.iterdir():
        content = b"" if path.is_dir() else path.read_bytes()
        node = _loaded(path) if path.is_dir() else File(bytearray(content), [], bytearray(content))
        nodes[path.name.encode()] = node
    return Folder(nodes, [], dict(nodes))


def _files(
    folder: Folder,
    prefix: str,
    names: Callable[[Folder], dict[bytes, File | Folder]],
    content: Callable[[File], bytes],
) -> Iterator[tuple[str, bytes]]:
    for name, node in sorted(names(folder).items()):
        path = prefix + name.decode()
        if isinstance(node, Folder):
            yield from _files(node, f"{path}/", names, content)
        else:
            yield path, content(node)
