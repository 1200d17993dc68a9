"""The system calls of programs, one by one and in order, as `strace` recorded them."""

from __future__ import annotations

import itertools
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .odd import traced

# The question mark makes a call optional, because not every system has each of them.
_CALLS = (
    "?open,?openat,?creat,close,?dup,?dup2,?dup3,lseek,write,pwrite64,writev,?pwritev,?pwritev2,ftruncate,?truncate,"
    "?fallocate,?copy_file_range,?sendfile,?sendfile64,?rename,?renameat,?renameat2,?link,?linkat,?symlink,?symlinkat,"
    "?unlink,?unlinkat,?mkdir,?mkdirat,?rmdir,fsync,fdatasync,sendto,sendmsg,?clone,?clone3,?fork,?vfork"
)
_LINE = re.compile(r"(?P<thread>\d+)\s+(?P<at>\d+\.\d+) (?P<what>.*)", re.DOTALL)
_RESULT = r"\)\s+= (?P<result>-?\d+|0x[0-9a-f]+|\?).*?(<(?P<took>\d+\.\d+)>)?"
_WHOLE = re.compile(r"(?P<name>\w+)\((?P<given>.*)" + _RESULT, re.DOTALL)
_BEGUN = re.compile(r"(?P<name>\w+)\((?P<given>.*) <unfinished \.\.\.>", re.DOTALL)
_RESUMED = re.compile(r"<\.\.\. (?P<name>\w+) resumed>(?P<given>.*)" + _RESULT, re.DOTALL)
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')

_MAKERS = ("clone", "clone3", "fork", "vfork")

Moment = tuple[float, int, int]
"""Seconds, log and line: a moment in the history of several processes that were traced at once."""


@dataclass(frozen=True, slots=True)
class Call:
    """One system call that succeeded, or whose process ended before the call returned.

    ``texts`` are its quoted arguments, as bytes; ``others`` are the remaining ones, with an empty text in place of the
    quoted.
    """

    process: tuple[int, int]
    """The log, and the thread with which the process began."""
    name: str
    texts: tuple[bytes, ...]
    others: tuple[str, ...]
    result: int
    begun: Moment
    done: Moment | None

    @property
    def descriptor(self) -> int:
        """The file descriptor in the first argument."""
        return int(self.others[0])


def recorder(log: Path) -> tuple[str, ...]:
    """Return the words to put before a command so that `read` gets its calls. Skips the test where tracing is not
    possible.
    """
    fast = ("--seccomp-bpf",) if _takes("--seccomp-bpf") else ()
    return (*traced(*fast, "-ttt", "-T", "-xx", "-s", "100000000", "-e", f"trace={_CALLS}", log=log),)


def _takes(option: str) -> bool:
    """Return whether this `strace` supports an option."""
    try:
        return not subprocess.run(["strace", option, "-f", "-qq", "true"], check=False, capture_output=True).returncode
    except OSError:
        return False


def read(logs: Iterable[Path]) -> list[Call]:
    """Return the calls in the logs of several processes, in the order in which they began. Failed calls are left
    out.
    """
    calls = (call for number, log in enumerate(logs) for call in _of_one(number, log))
    return sorted(calls, key=lambda call: call.begun)


def _of_one(number: int, log: Path) -> list[Call]:
    """Return all calls of one log. Calls of a thread belong to the process that created it."""
    calls = list(_by_thread(number, log))
    makers = {
        call.result: call.process[1] for call in calls if call.name in _MAKERS and "CLONE_FILES" in "".join(call.others)
    }

    def process(thread: int) -> tuple[int, int]:
        return process(makers[thread]) if thread in makers else (number, thread)

    return [replace(call, process=process(call.process[1])) for call in calls]


def _by_thread(number: int, log: Path) -> Iterator[Call]:
    """Return the lines of calls by thread. A call interrupted by others has two lines, for its beginning and its
    end.
    """
    halves: dict[int, tuple[re.Match[str], Moment]] = {}
    lines = [_line(line) for line in log.read_text("ascii").splitlines()]
    # The clock may be set during the run; within one log the lines are in order.
    times = list(itertools.accumulate((float(line["at"]) for line in lines), max))
    for place, line in enumerate(lines):
        thread, now = int(line["thread"]), (times[place], number, place)
        if line["what"].startswith(("+++", "---")):
            continue
        if half := _BEGUN.fullmatch(line["what"]):
            halves[thread] = half, now
        elif rest := _RESUMED.fullmatch(line["what"]):
            half, since = halves.pop(thread)
            given = half["given"] + rest["given"]
            yield from _made((number, thread), half["name"], given, rest["result"], since, now)
        else:
            whole = _WHOLE.fullmatch(line["what"])
            assert whole, line[0][:200]
            following = times[place + 1] if place + 1 < len(lines) else now[0]
            # The duration of a call is rounded; a later line of the same log began after it.
            over = min(now[0] + float(whole["took"] or 0), following), number, place
            yield from _made((number, thread), whole["name"], whole["given"], whole["result"], now, over)
    for thread, (half, since) in halves.items():
        yield from _made((number, thread), half["name"], half["given"], "?", since, None)


def _line(line: str) -> re.Match[str]:
    found = _LINE.fullmatch(line)
    assert found, line[:200]
    return found


def _made(
    process: tuple[int, int], name: str, given: str, result: str, begun: Moment, over: Moment | None
) -> Iterator[Call]:
    if result.startswith("-"):
        return
    texts = tuple(bytes.fromhex(text.replace("\\x", "")) for text in _TEXT.findall(given))
    others = tuple(part.strip() for part in _TEXT.sub("", given).split(","))
    done = None if result == "?" else over
    yield Call(process, name, texts, others, 0 if result == "?" else int(result, 0), begun, done)
