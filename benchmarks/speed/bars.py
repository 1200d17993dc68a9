"""What is measured: each function is one part and returns the lines and bars of its report."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.speed import articles
from benchmarks.speed.loopback import Loopback, Served
from benchmarks.speed.machine import QUIET, Finished, cores, environment, run

MODEL = "claude-haiku-5-5"
CONCURRENCY = 100


@dataclass(frozen=True)
class Sizes:
    """The amount of work that is measured. The bars are stated for the defaults."""

    rounds: int = 3
    job: int = 4_000
    latency: float = 0.5
    small: int = 1_000
    large: int = 20_000
    stored: int = 100_000
    limited: int = 200
    single: int = 7
    parallel: int = 200


QUICK = Sizes(rounds=1, job=1_000, small=500, large=2_000, stored=20_000, limited=100, single=3, parallel=40)


@dataclass(frozen=True)
class Bar:
    """One promise: ``figure`` is the measured value, ``target`` the promised one."""

    name: str
    figure: str
    target: str
    met: bool


@dataclass
class Report:
    """Lines in the order in which they were measured, and the bars."""

    lines: list[str] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)

    def say(self, line: str) -> None:
        """Add a line and print it now, because a whole measurement takes a while."""
        self.lines.append(line)
        print(line, flush=True)

    def bar(self, name: str, figure: str, target: str, met: bool) -> None:
        self.bars.append(Bar(name, figure, target, met))
        self.say(f"  {'met ' if met else 'MISSED'} {name}: {figure} (bar: {target})")


def job(sizes: Sizes, report: Report) -> None:
    """Seconds compared with the ideal, CPU compared with the bare SDK on threads, and where the CPU time goes."""
    count, ideal = sizes.job, sizes.job * sizes.latency / CONCURRENCY
    report.say(f"job: {count:,} articles, {sizes.latency} s latency, concurrency {CONCURRENCY}, ideal {ideal:.1f} s")
    dragoman: list[tuple[Finished, dict[str, Any]]] = []
    bare: list[tuple[Finished, dict[str, Any]]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = articles.write(Path(name) / "articles", count)
        for number in range(sizes.rounds):
            with Loopback(latency=sizes.latency) as service:
                bare.append(_timed(_bare(service.url, folder, Path(name) / "bare.jsonl")))
            _report_round(report, "bare SDK", bare[-1], service.served, count)
            with Loopback(latency=sizes.latency) as service:
                dragoman.append(_timed(_driver(service.url, folder, Path(name) / f"round{number}")))
            _report_round(report, "dragoman", dragoman[-1], service.served, count)
        with Loopback(latency=sizes.latency) as service:
            staged = _timed([*_driver(service.url, folder, Path(name) / "staged"), "--stages"])
    seconds = _median(measured["job"] for _, measured in dragoman)
    report.bar("job against the ideal", f"{ideal / seconds:.2f} ({seconds:.1f} s)", "≥ 0.90", ideal / seconds >= 0.9)
    cpu, bare_cpu = _median(finished.cpu for finished, _ in dragoman), _median(finished.cpu for finished, _ in bare)
    per_article = f"{cpu / count * 1000:.2f} ms per article, bare SDK {bare_cpu / count * 1000:.2f} ms"
    report.bar("CPU against the bare SDK", f"{cpu / bare_cpu:.2f} ({per_article})", "≤ 2.0", cpu / bare_cpu <= 2.0)
    _stages(report, staged, count)


def memory(sizes: Sizes, report: Report) -> None:
    """Peak memory with many articles, compared with few."""
    report.say(f"memory: {sizes.large:,} articles compared with {sizes.small:,}, no latency")
    peaks: dict[int, list[float]] = {sizes.small: [], sizes.large: []}
    with tempfile.TemporaryDirectory() as name:
        for count in peaks:
            articles.write(Path(name) / str(count), count)
        for number in range(sizes.rounds):
            for count, megabytes in peaks.items():
                with Loopback() as service:
                    out = Path(name) / f"{count}-{number}"
                    finished, _ = _timed(_driver(service.url, Path(name) / str(count), out))
                megabytes.append(finished.peak_mb)
                report.say(f"  {count:,}: {finished.peak_mb:.0f} MB, {finished.wall:.1f} s, {finished.cpu:.1f} s CPU")
    more = _median(peaks[sizes.large]) - _median(peaks[sizes.small])
    report.bar("memory", f"{more:+.0f} MB", "≤ 60 MB more", more <= 60)


def again(sizes: Sizes, report: Report) -> None:
    """A finished run repeated: seconds of the whole process, requests sent, and files written again."""
    report.say(f"again: a finished run of {sizes.small:,} articles")
    walls: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder, out = articles.write(Path(name) / "articles", sizes.small), Path(name) / "out"
        with Loopback() as service:
            run(_run(service.url, folder, out), core=cores()[1])
            before = _written(out)
            # The same service stays up, so that it would count a request of a later run.
            for _ in range(max(3, sizes.rounds)):
                finished = run(_run(service.url, folder, out), core=cores()[1])
                walls.append(finished.wall)
                report.say(f"  {finished.wall:.2f} s, {finished.cpu:.2f} s CPU{_disturbed(finished)}")
        changed = sorted(path for path, moment in _written(out).items() if before.get(path) != moment)
    wall = _median(walls)
    sent = service.served.requests - sizes.small
    report.bar("a finished run again", f"{wall:.2f} s, {sent} requests", "< 1 s, 0", wall < 1 and sent == 0)
    report.say(f"  files written again: {len(changed)} ({', '.join(changed[:5])})")


def lookups(sizes: Sizes, report: Report) -> None:
    """Seconds for looking up every reply of a large store in random order."""
    report.say(f"lookups: {sizes.stored:,} stored replies of {articles.BYTES} byte articles")
    with tempfile.TemporaryDirectory() as name:
        folder, store = articles.write(Path(name) / "articles", 200), Path(name) / "big"
        with Loopback() as service:
            run(_driver(service.url, folder, store), core=cores()[1])
            command = [sys.executable, "-m", "benchmarks.speed.many", f"{store}.sqlite", service.url]
            run([*command, "--grow", str(sizes.stored)], core=cores()[1])
        measured = [json.loads(run(command, core=cores()[1]).out) for _ in range(sizes.rounds)]
        size = Path(f"{store}.sqlite").stat().st_size / 1e6
    seconds = _median(round_["seconds"] for round_ in measured)
    report.say(f"  {measured[0]['replies']:,} replies, {size:,.0f} MB")
    report.bar("looking all of them up", f"{seconds:.1f} s", "< 20 s", seconds < 20)


def limit(sizes: Sizes, report: Report) -> None:
    """`dragoman run` with a concurrency of 100 on a service that allows 600 requests per minute."""
    count = sizes.limited
    # The service takes ten at once, then ten per second.
    ideal = max(0, count - 10) / 10
    report.say(f"limit: {count} articles, 600 requests per minute, concurrency {CONCURRENCY}; ideal {ideal:.0f} s")
    walls: list[float] = []
    throttled: list[float] = []
    answered: list[int] = []
    with tempfile.TemporaryDirectory() as name:
        folder = articles.write(Path(name) / "articles", count)
        for number in range(sizes.rounds):
            with Loopback(latency=sizes.latency, limit_rpm=600) as service:
                finished = run(_run(service.url, folder, Path(name) / f"out{number}"), core=cores()[1])
            served = service.served
            walls.append(finished.wall)
            answered.append(served.different)
            throttled.append(served.answered.get("429", 0) / max(1, served.requests))
            report.say(
                f"  {finished.wall:.1f} s, {finished.cpu:.1f} s CPU, {served.different} answered, "
                f"{served.requests} requests, {served.answered.get('429', 0)} rate-limited{_disturbed(finished)}"
            )
    allowed = ideal + 3
    # Seconds of the whole process, with its imports. A run that gave up early does not count as fast.
    figure = f"{_median(walls):.1f} s"
    is_complete = min(answered) == count
    report.bar("under the limit", figure, f"≤ {allowed:.0f} s", is_complete and _median(walls) <= allowed)
    report.bar("answers", f"{min(answered)}", f"{count}", min(answered) == count)
    report.bar("rate-limited", f"{_median(throttled):.2f} of the requests", "≤ 0.10", _median(throttled) <= 0.1)


def single(sizes: Sizes, report: Report) -> None:
    """`dragoman summarize`, one file at a time: live and stored, compared with a script that makes the one call."""
    report.say(f"single: one file at a time, {sizes.single} rounds")
    rounds: dict[str, list[Finished]] = {"bare SDK": [], "live": [], "stored": []}
    with tempfile.TemporaryDirectory() as name, Loopback() as service:
        folder = articles.write(Path(name) / "articles", sizes.single + 1)
        files = sorted(folder.iterdir())
        for number, file in enumerate(files):
            live = _summarize(service.url, Path(name) / "store.sqlite", file)
            for kind, command in (("bare SDK", _bare(service.url, file, Path("-"))), ("live", live), ("stored", live)):
                finished = run(command, core=cores()[1])
                if number:  # the first round writes byte code and creates the store
                    rounds[kind].append(finished)
    cpu = {kind: _median(finished.cpu for finished in processes) for kind, processes in rounds.items()}
    for kind, processes in rounds.items():
        most = max(finished.others for finished in processes)
        report.say(
            f"  {kind}: {cpu[kind]:.2f} s CPU, {_median(r.wall for r in processes):.2f} s; others at most {most:.0%}"
        )
    bare = cpu["bare SDK"]
    report.bar("live, CPU against the one call", f"{cpu['live'] / bare:.2f}", "≤ 1.5", cpu["live"] <= 1.5 * bare)
    report.bar(
        "stored, CPU against the one call", f"{cpu['stored'] / bare:.2f}", "≤ 0.45", cpu["stored"] <= 0.45 * bare
    )


def parallel(sizes: Sizes, report: Report) -> None:
    """Many `dragoman summarize` at once through xargs, on one new store and one pipe; one article in ten is a copy."""
    count = sizes.parallel
    report.say(f"parallel: {count} files by xargs -P 8 on one store, stdout one pipe, both cores")
    with tempfile.TemporaryDirectory() as name, Loopback(latency=0.2) as service:
        folder = articles.write(Path(name) / "articles", count)
        files = sorted(folder.iterdir())
        for copy, original in zip(files[9::10], files[8::10], strict=False):
            copy.write_bytes(original.read_bytes())
        different = len({file.read_bytes() for file in files})
        command = [*_summarize(service.url, Path(name) / "store.sqlite", Path("X"))]
        command.remove("X")
        start = time.perf_counter()
        ended = subprocess.run(
            ["xargs", "-P", "8", "-n", "1", *command], input="\n".join(map(str, files)), text=True,
            capture_output=True, env=environment(), check=False,
        )  # fmt: skip
        wall = time.perf_counter() - start
    lines = ended.stdout.splitlines()
    names = {json.loads(line)["article"]["name"] for line in lines if _is_json(line)}
    served = service.served
    report.say(f"  {wall:.1f} s; exit {ended.returncode}; stderr {ended.stderr.strip()[:200]!r}")
    is_quiet = ended.returncode == 0 and not ended.stderr.strip()
    report.bar("no process failed or printed an error", f"exit {ended.returncode}", "0", is_quiet)
    report.bar(
        "requests paid for", f"{served.paid} for {different} different texts", "once each", served.paid == different
    )
    figure = f"{len(names)} complete records in {len(lines)} lines"
    report.bar("complete records on stdout", figure, f"{count}", len(names) == len(lines) == count)


PARTS = {
    "job": job,
    "memory": memory,
    "again": again,
    "lookups": lookups,
    "limit": limit,
    "single": single,
    "parallel": parallel,
}


def _prompt_file() -> Path:
    """Write the prompt that Dragoman sends to a custom address, so that the control sends the same."""
    from dragoman.asking.providers import messages_api
    from dragoman.config import Settings
    from dragoman.core.models import table
    from dragoman.core.request import JsonSchema, Request
    from dragoman.tasks.prompts import PromptLibrary

    prompt, model = PromptLibrary(*Settings().prompt_folders).get("summary"), table().find(MODEL)
    request = Request(MODEL, prompt.system, "", prompt.schema or JsonSchema(), prompt.max_output_tokens)
    system = messages_api.body(request, model, "prompted", MODEL)["system"]
    path = Path(tempfile.gettempdir()) / "dragoman-speed-prompt.json"
    path.write_text(json.dumps({"model": MODEL, "system": system[0]["text"]}), "utf-8")
    return path


def _bare(url: str, place: Path, out: Path) -> list[str]:
    command = [sys.executable, "-m", "benchmarks.speed.bare", str(place), str(out)]
    return [*command, "--prompt", str(_prompt_file()), "--url", url, "--threads", str(CONCURRENCY)]


def _driver(url: str, folder: Path, out: Path) -> list[str]:
    command = [sys.executable, "-m", "benchmarks.speed.driver", str(folder), str(out), "--store", f"{out}.sqlite"]
    return [*command, "--url", url, "--model", MODEL, "--concurrency", str(CONCURRENCY)]


def _run(url: str, folder: Path, out: Path) -> list[str]:
    command = [sys.executable, "-m", "dragoman", "run", str(folder), "-o", str(out), "--store", f"{out}.sqlite"]
    return [*command, "--base-url", url, "--model", MODEL, "--concurrency", str(CONCURRENCY)]


def _summarize(url: str, store: Path, file: Path) -> list[str]:
    command = [sys.executable, "-m", "dragoman", "summarize", str(file)]
    return [*command, "--store", str(store), "--base-url", url, "--model", MODEL]


def _timed(command: Sequence[str]) -> tuple[Finished, dict[str, Any]]:
    finished = run(command, core=cores()[1])
    measured: dict[str, Any] = json.loads(finished.out.splitlines()[-1])
    return finished, measured


def _report_round(report: Report, who: str, timed: tuple[Finished, dict[str, Any]], served: Served, count: int) -> None:
    finished, measured = timed
    report.say(
        f"  {who}: job {measured['job']:.2f} s, whole {finished.wall:.2f} s, CPU {finished.cpu:.2f} s "
        f"(job {measured['job_cpu'] / count * 1000:.2f} ms per article), {finished.peak_mb:.0f} MB, "
        f"{served.paid} paid for {served.different}, {served.most_at_once} at once{_disturbed(finished)}"
    )


def _stages(report: Report, timed: tuple[Finished, dict[str, Any]], count: int) -> None:
    """Where the CPU time of one more round went; the timers themselves count as "all else"."""
    finished, measured = timed
    stages: dict[str, float] = dict(sorted(measured["stages"].items(), key=lambda item: -item[1]))
    stages["all else: main thread, waiting, timers"] = measured["job_cpu"] - sum(stages.values())
    stages["start: interpreter and imports"] = finished.cpu - measured["job_cpu"]
    report.say(f"  where the CPU time goes, ms per article ({finished.cpu / count * 1000:.2f} with timers):")
    for stage, seconds in stages.items():
        report.say(f"    {seconds / count * 1000:6.2f}  {stage}")


def _written(out: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(out)): (path.stat().st_mtime_ns, path.stat().st_ino)
        for path in out.rglob("*")
        if path.is_file()
    }


def _disturbed(finished: Finished) -> str:
    return f" — disturbed, other processes took {finished.others:.0%} of the core" if finished.others > QUIET else ""


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)
