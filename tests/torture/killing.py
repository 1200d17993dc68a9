"""Kill commands at counted steps, and check the state after each kill and after running the same command again.

A command first runs undisturbed, under `strace` where every step is tried. That run shows which steps there are, what
the command costs, and what it leaves. Every later run starts from the same files, is killed at one of the steps, and is
judged by the ledger of the service, by the store and by the files.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dragoman.store import recordings
from tests.support.commands import Ended, dragoman, files, here, records, start
from tests.support.service import Behaviour, Service

from .odd import traced, with_prelude
from .test_kill import rows, slip

CONCURRENCY = 4

# Calls that change a file, its name or its folder, or send a request.
_STEPS = (
    "write,pwrite64,writev,ftruncate,?rename,?renameat,?renameat2,?link,?linkat,?unlink,?unlinkat,?mkdir,?mkdirat,"
    "fsync,fdatasync,sendto"
)
_STEP = re.compile(rb"(\d+) +(\w+)\(")
_LEFT_BEHIND = re.compile(r"\.part$|\.repair|\.first-page|(^|/)\.dragoman-|\.tmp$|-journal$")
"""Names of files that a killed command may leave, and that the same command must remove by the time it completes."""


@dataclass(frozen=True)
class Step:
    """The ``number``-th call of ``name`` in one thread, which gets a signal before the call is done.

    ``strace`` counts the calls of each thread separately, so the first thread that reaches the number is hit.
    """

    name: str
    number: int
    signal: str = "KILL"

    def __str__(self) -> str:
        return f"{self.signal} at {self.name} {self.number}"


@dataclass(frozen=True)
class Request:
    """The arrival of a command's ``number``-th request at the service. ``signals`` are sent one after another."""

    number: int
    signals: tuple[signal.Signals, ...] = (signal.SIGKILL,)

    def __str__(self) -> str:
        return f"{' '.join(one.name for one in self.signals)} at request {self.number}"


@dataclass(frozen=True)
class Moment:
    """A moment after ``share`` of the time that the undisturbed command took."""

    share: float

    def __str__(self) -> str:
        return f"KILL after {self.share:.0%} of the time"


@dataclass(frozen=True)
class Cut:
    """Ctrl-C when a request arrives, and a kill at a step of what the command still writes afterwards."""

    request: int
    step: Step

    def __str__(self) -> str:
        return f"SIGINT at request {self.request}, then {self.step}"


Point = Step | Request | Moment | Cut


@dataclass
class Place:
    """A command's files and the service that it uses. All paths are the same before every kill."""

    root: Path
    service: Service
    on_request: Callable[[int], None] | None = None
    first: int = 0
    """Number of requests that the service had received when the command began."""
    options: tuple[object, ...] = ("--concurrency", CONCURRENCY)
    url: str | None = None
    """Address at which the command reaches the service, if not the service's own."""

    @property
    def articles(self) -> Path:
        return self.root / "in"

    @property
    def out(self) -> Path:
        return self.root / "out"

    @property
    def store(self) -> Path:
        return self.root / "store.sqlite"

    @property
    def recordings(self) -> Path:
        return self.root / "recordings"

    @property
    def run(self) -> tuple[object, ...]:
        """The arguments of the run in this place."""
        where = ("--base-url", self.url or self.service.url, "--store", self.store)
        return ("run", self.articles, "-o", self.out, *where, *self.options)

    def script(self, number: int, body: dict[str, Any]) -> Behaviour | None:
        """Script of the service: one article in four needs a repair, and a kill may wait for a request."""
        if self.on_request is not None:
            self.on_request(number - self.first)
        return slip(number, body)


@dataclass(frozen=True)
class Work:
    """A command and what is done before it. ``writes_out`` says whether it creates the files of OUT."""

    label: str
    before: Callable[[Place], None]
    words: Callable[[Place], Sequence[object]]
    writes_out: bool = False
    telling: tuple[Step, ...] = ()
    """Steps for the sample."""


@dataclass(frozen=True)
class Facts:
    """Results of an undisturbed command: exit codes of the first and a second time, its requests and those of the
    following run, keys in the store, stdout, seconds, and its steps in order.
    """

    codes: frozenset[int]
    bought: int
    later: int
    keys: frozenset[str]
    recorded: frozenset[str]
    seconds: float
    steps: tuple[Step, ...]


class Killer:
    """Sets up a place, runs the command there undisturbed once, and then kills it at each point it is given."""

    def __init__(self, work: Work, root: Path, *, count_steps: bool) -> None:
        self.work = work
        self._snapshot = root / "before"
        # Answers take long enough for several requests to be in flight and for a signal to arrive between them.
        self.place = Place(root / "place", Service(script=self._script, latency=0.03))
        self.place.service.start()
        self.place.root.mkdir(parents=True)
        work.before(self.place)
        shutil.copytree(self.place.root, self._snapshot)
        self.facts = self._undisturbed(root / "steps.log" if count_steps else None)

    def _script(self, number: int, body: dict[str, Any]) -> Behaviour | None:
        return self.place.script(number, body)

    def close(self) -> None:
        self.place.service.close()

    @property
    def _words(self) -> Sequence[object]:
        return self.work.words(self.place)

    def _undisturbed(self, log: Path | None) -> Facts:
        paid, began = self.place.service.paid, time.monotonic()
        if log is None:
            done = here(*self._words)
        else:
            before = traced("--seccomp-bpf", "-e", f"trace={_STEPS}", log=log)
            process = with_prelude("", *self._words, home=self.place.root, before=before)
            stdout, stderr = process.communicate(timeout=120)
            done = Ended(process.returncode, stdout.decode(), stderr.decode())
        seconds = time.monotonic() - began
        assert done.code in (0, 3), done.stderr
        bought = self.place.service.paid - paid
        keys, recorded = self._keys(), frozenset(files(self.place.recordings))
        again = here(*self._words)
        later = self._later()
        return Facts(
            codes=frozenset((done.code, again.code)),
            bought=bought,
            later=later,
            keys=keys,
            recorded=recorded,
            seconds=seconds,
            steps=tuple(_steps(log)) if log is not None else (),
        )

    def _keys(self) -> frozenset[str]:
        """Return the keys of all replies in the store, read by `store export`."""
        folder = self.place.root.with_name("exported")
        shutil.rmtree(folder, ignore_errors=True)
        done = here("store", "export", folder, "--store", self.place.store)
        assert done.code == 0, done.stderr
        return frozenset(path.name for path in folder.iterdir())

    def _later(self) -> int:
        """Return the number of requests of a following run over all articles."""
        paid = self.place.service.paid
        done = here(*self.place.run)
        assert done.code == 0, done.stderr
        return self.place.service.paid - paid

    # The kill and the checks after it.

    def restore(self) -> None:
        """Restore the state before the command."""
        shutil.rmtree(self.place.root)
        shutil.copytree(self._snapshot, self.place.root)
        self.place.first = len(self.place.service.ledger)

    def problems(self, point: Point) -> list[str]:
        """Return what is wrong after a kill at ``point`` and after running the same command again."""
        place, service = self.place, self.place.service
        while True:
            self.restore()
            paid = service.paid
            kept = rows(place.store) if self.facts.bought else 0
            killed = self.killed(point)
            if killed.code != 0 or not isinstance(point, Step) or point.number == 1:
                break
            # Threads share the work differently than when the steps were counted, so none may reach this number.
            point = replace(point, number=point.number // 2)
        answered = service.paid - paid
        unkept = answered - (rows(place.store) - kept) if self.facts.bought else 0
        wrong = []
        if isinstance(point, Step) and killed.code == 0:
            wrong.append("the command was not interrupted: the steps are no longer where they were looked for")
        if not 0 <= unkept <= CONCURRENCY:
            wrong.append(f"{answered} replies were answered, {unkept} of them are not in the store")
        if "Traceback" in killed.stderr:
            wrong.append(f"the interrupted command printed a traceback: {killed.stderr[-300:]}")

        done = dragoman(*self._words, home=place.root)
        if done.code not in self.facts.codes or "Traceback" in done.stderr:
            wrong.append(f"the same command ended with {done.code}: {done.stderr[-300:]}")
            return wrong
        if self.facts.bought + unkept != service.paid - paid:
            wrong.append(
                f"paid {service.paid - paid} in all, {self.facts.bought} without the kill; {unkept} were not kept"
            )
        return wrong + self._after(done)

    def killed(self, point: Point) -> Ended:
        """Run the command and interrupt it at ``point``. It ends normally if it never reaches that point."""
        process = self._started(point)
        stdout, stderr = process.communicate(timeout=120)
        self.place.on_request = None
        time.sleep(0.05)  # requests that the command had sent must arrive
        return Ended(process.returncode, stdout.decode(), stderr.decode())

    def _started(self, point: Point) -> subprocess.Popen[bytes]:
        place = self.place
        match point:
            case Step():
                return self._traced(point)
            case Cut(number, step):
                return self._signalled(number, (signal.SIGINT,), lambda: self._traced(step))
            case Request(number, signals):
                return self._signalled(number, signals, lambda: start(*self._words, home=place.root))
            case Moment(share):
                process = start(*self._words, home=place.root)
                threading.Timer(share * self.facts.seconds, process.kill).start()
                return process

    def _traced(self, step: Step) -> subprocess.Popen[bytes]:
        # The second Ctrl-C follows soon after the first.
        when = f"{step.number}+2" if step.signal == "INT" else f"{step.number}"
        inject = f"inject={step.name}:signal={step.signal}:when={when}"
        before = traced("-e", f"trace={step.name}", "-e", inject)
        return with_prelude("", *self._words, home=self.place.root, before=before)

    def _signalled(
        self, number: int, signals: Sequence[signal.Signals], begin: Callable[[], subprocess.Popen[bytes]]
    ) -> subprocess.Popen[bytes]:
        """Start a command that gets signals when its ``number``-th request arrives."""
        started: list[subprocess.Popen[bytes]] = []
        ready = threading.Event()

        def arrived(asked: int) -> None:
            if asked == number:
                ready.wait(10)
                threading.Thread(target=_send, args=(started[0], signals), daemon=True).start()

        self.place.on_request = arrived
        started.append(begin())
        ready.set()
        return started[0]

    def _after(self, done: Ended) -> list[str]:
        """Return what is wrong with the files once the command is complete."""
        place, wrong = self.place, []
        if here("store", "verify", "--store", place.store).code:
            wrong.append("the store is not sound")
        if (keys := self._keys()) != self.facts.keys:
            more, less = len(keys - self.facts.keys), len(self.facts.keys - keys)
            wrong.append(f"replies in the store: {more} more and {less} less than without the kill")
        if left := [name for name in files(place.root) if _LEFT_BEHIND.search(name)]:
            wrong.append(f"left behind: {left}")
        if (recorded := frozenset(files(place.recordings))) != self.facts.recorded:
            wrong.append(f"{len(recorded)} recordings, {len(self.facts.recorded)} without the kill")
        for path in recordings.paths(place.recordings) if place.recordings.exists() else ():
            recordings.read(path)
        if self.work.writes_out:
            wrong += differences(place)
        before = files(place.out)
        later = self._later()
        if later != self.facts.later:
            wrong.append(f"the run after it asked {later}, {self.facts.later} without the kill")
        if self.work.writes_out and _whole(files(place.out)) != _whole(before):
            wrong.append("the run after it changed OUT")
        return wrong


def differences(place: Place) -> list[str]:
    """Return how OUT differs from that of an undisturbed run with the same articles and store into a new folder."""
    paid, wrong = place.service.paid, []
    expected = place.root.with_name("expected")
    shutil.rmtree(expected, ignore_errors=True)
    words = list(place.run)
    words[words.index(place.out)] = expected
    done = here(*words)
    if done.code or place.service.paid != paid:
        wrong.append(f"another run over the same articles ended with {done.code}, paid {place.service.paid - paid}")
    made, right = _whole(files(place.out)), _whole(files(expected))
    names = [record["article"]["name"] for record in records(place.out)]
    statuses = Counter(record["status"] for record in records(place.out))
    wanted = [record["article"]["name"] for record in records(expected)]
    if names != wanted:
        wrong.append(f"articles in OUT: {names}, without the kill {wanted}")
    if set(statuses) != {"ok"}:
        wrong.append(f"statuses in OUT: {dict(statuses)}")
    if made != right:
        more, less = sorted(made.keys() - right.keys()), sorted(right.keys() - made.keys())
        changed = sorted(name for name in made.keys() & right.keys() if made[name] != right[name])
        wrong.append(f"files of OUT: more {more}, less {less}, other {changed}")
    facts = json.loads((place.out / "run.json").read_text("utf-8"))
    if facts.get("exit_code") != 0 or not facts.get("ended_at"):
        wrong.append("run.json does not say that the run has ended")
    return wrong


def _whole(found: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of OUT that must not depend on how often the run was interrupted."""
    return {name: content for name, content in found.items() if name != "run.json"}


def _send(process: subprocess.Popen[bytes], signals: Sequence[signal.Signals]) -> None:
    # Under `strace` the command is a child process.
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
    for one in signals:
        if process.poll() is None:
            os.kill(int(children[0]) if children else process.pid, one)
        time.sleep(0.04)  # longer than a handler, shorter than two answers


def _steps(log: Path) -> list[Step]:
    """Return the steps in a log, each with its number among those of its kind and thread."""
    counts: Counter[tuple[bytes, bytes]] = Counter()
    steps = []
    for line in log.read_bytes().splitlines():
        if found := _STEP.match(line):
            counts[found[1], found[2]] += 1
            steps.append(Step(found[2].decode(), counts[found[1], found[2]]))
    return steps


@dataclass
class Killers:
    """One `Killer` for each work, created on first use. All are closed together."""

    root: Path
    count_steps: bool
    made: dict[str, Killer] = field(default_factory=dict)

    def of(self, work: Work) -> Killer:
        if work.label not in self.made:
            folder = self.root / work.label.replace(" ", "-")
            self.made[work.label] = Killer(work, folder, count_steps=self.count_steps)
        return self.made[work.label]

    def close(self) -> None:
        for killer in self.made.values():
            killer.close()
