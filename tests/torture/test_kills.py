"""Kills throughout every command that writes: nothing committed is lost, and the same command completes.

After each kill the same command is run again. Then the ledger of the service shows at most the cost of the undisturbed
command plus the requests in flight, the store is sound, OUT is byte for byte that of an undisturbed run, and nothing
else is left.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
from collections.abc import Iterator

import pytest

from tests.support.commands import articles, dragoman, here, records, text, to

from .amount import ALL, SEED, only_all, some
from .killing import Cut, Killers, Moment, Place, Point, Request, Step, Work, differences

MANY = 8
"""Number of articles, two of which need a repair."""


def nothing(place: Place) -> None:
    """Prepare articles and nothing else."""
    articles(place.articles, MANY)


def complete(place: Place) -> None:
    """Prepare a completed run."""
    nothing(place)
    done = here(*place.run)
    assert done.code == 0, done.stderr


def edited(place: Place) -> None:
    """Prepare a completed run and one that its budget stopped. Then edit an answered and a pending article, and add
    one.
    """
    articles(place.articles, MANY - 3)
    assert here(*place.run).code == 0
    nothing(place)
    assert here(*place.run, "--max-cost", "0.001").code == 5
    for name in ("a01.txt", f"a{MANY - 2:02}.txt"):
        path = place.articles / name
        path.write_text(path.read_text("utf-8") + "\nMột câu mới được thêm vào bài này.\n", "utf-8")
    articles(place.articles / "b", 1).joinpath("a00.txt").write_text(text(MANY), "utf-8")


def without_pages(place: Place) -> None:
    """Prepare a completed run whose pages and tables were removed."""
    complete(place)
    for name in ("articles", "tables"):
        shutil.rmtree(place.out / name)
    for name in ("index.md", "report.html"):
        (place.out / name).unlink()


def checked_long_ago(place: Place) -> None:
    """Prepare the same with records without findings, as an earlier version may have written them."""
    without_pages(place)
    old = [{**record, "findings": []} for record in records(place.out)]
    assert old != records(place.out)
    lines = "".join(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n" for record in old)
    (place.out / "records.jsonl").write_text(lines, "utf-8")


def bought_elsewhere(place: Place) -> None:
    """Prepare all replies as recordings, without a store."""
    complete(place)
    assert here("store", "export", place.recordings, "--store", place.store).code == 0
    place.store.unlink()
    for name in ("-wal", "-shm"):
        place.store.with_name(place.store.name + name).unlink(missing_ok=True)
    shutil.rmtree(place.out)


def damaged(place: Place) -> None:
    """Prepare a store with damage inside one reply and in its first page."""
    complete(place)
    content = bytearray(place.store.read_bytes())
    at = content.index(b"[mechanical] This summary was made")
    content[at : at + 40] = b"\xff" * 40
    content[:100] = bytes(100)
    place.store.write_bytes(content)
    assert here("store", "verify", "--store", place.store).code == 7


def run(place: Place) -> tuple[object, ...]:
    return place.run


def recorded_run(place: Place) -> tuple[object, ...]:
    return (*place.run, "--record", place.recordings)


WORKS = [
    Work(
        "run", nothing, recorded_run, True,
        (Step("rename", 12),),
    ),
    Work("run over edited articles", edited, run, True, (Step("rename", 8),)),
    Work(
        "check", checked_long_ago, lambda place: ("check", place.out, "--store", place.store), True,
        (Step("rename", 9),),
    ),
    Work("report", without_pages, lambda place: ("report", place.out), True, (Step("rename", 5),)),
    Work(
        "summarize", nothing,
        lambda place: ("summarize", place.articles / "a00.txt", *to(place.service, place.store)),
    ),
    Work(
        "store import", bought_elsewhere,
        lambda place: ("store", "import", place.recordings, "--store", place.store), telling=(Step("pwrite64", 25),),
    ),
    Work(
        "store repair", damaged, lambda place: ("store", "repair", "--store", place.store),
        telling=(Step("rename", 1),),
    ),
    Work(
        "store prune", complete,
        lambda place: ("store", "prune", "--article", "a00.txt", "--yes", "--store", place.store),
    ),
]  # fmt: skip

KILLS = {
    "run": 100,
    "run over edited articles": 50,
    "check": 30,
    "report": 30,
    "summarize": 25,
    "store import": 25,
    "store repair": 25,
    "store prune": 15,
}
"""300 kills. If none of 299 loses anything, less than 1 % do, with 95 % confidence (rule of three)."""

MOMENTS = 30
"""Kills at random times, which also fall between two steps."""


@pytest.fixture(scope="module")
def killers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killers]:
    made = Killers(tmp_path_factory.mktemp("kills"), count_steps=ALL)
    yield made
    made.close()


def cases() -> Iterator[tuple[Work, int]]:
    """Return each work with the numbers of its kills."""
    for work in WORKS:
        for number in range(KILLS[work.label] if ALL else len(work.telling)):
            yield work, number


def point_of(killers: Killers, work: Work, number: int) -> Step:
    """Return the ``number``-th of a work's steps to try: evenly over its life, or those of the sample."""
    if not ALL:
        return work.telling[number]
    steps = killers.of(work).facts.steps
    wanted = KILLS[work.label]
    assert len(steps) > wanted / 2, f"only {len(steps)} steps were seen"
    return steps[round(number * (len(steps) - 1) / (wanted - 1))]


def test_there_are_at_least_300_kills_at_counted_steps() -> None:
    """They cover every command that writes."""
    assert sum(KILLS.values()) >= 300
    assert KILLS.keys() == {work.label for work in WORKS}


@pytest.mark.parametrize(("work", "number"), [pytest.param(*case, id=f"{case[0].label}-{case[1]}") for case in cases()])
def test_a_command_killed_at_any_step_ends_complete_when_it_is_run_again(
    work: Work, number: int, killers: Killers
) -> None:
    """No committed reply is lost or bought again, and the command leaves what an undisturbed command leaves."""
    point = point_of(killers, work, number)
    assert not (wrong := killers.of(work).problems(point)), f"{point}: " + "; ".join(wrong)


def interruptions() -> list[Point]:
    """Return SIGTERM and two Ctrl-C while a run sends requests and while it writes OUT, and a kill while a run stopped
    by one Ctrl-C writes its results.
    """
    twice, once = (signal.SIGINT, signal.SIGINT), (signal.SIGTERM,)
    asking: list[Point] = [Request(number, twice) for number in (4, 1, 7, MANY)]
    asking += [Request(number, once) for number in (2, 5, 9)]
    writing: list[Point] = [Step("rename", number, "INT") for number in (6, 12, 15, 18, 20)]
    writing += [Step("rename", number, "TERM") for number in (3, 10, 16, 21)]
    cut: list[Point] = [Cut(3, Step("rename", number)) for number in (16, 6, 8, 10, 12, 14, 15, 17, 18, 19, 20, 21, 22)]
    return [cut[0], *asking, *writing, *cut[1:]]


@pytest.mark.parametrize("point", some(interruptions(), few=1), ids=str)
@pytest.mark.parametrize("work", [pytest.param(work, id=work.label) for work in some(WORKS[:2], few=1)])
def test_an_interrupted_run_ends_complete_when_it_is_run_again(work: Work, point: Point, killers: Killers) -> None:
    """After SIGTERM, two Ctrl-C, or Ctrl-C and a kill, at most the requests in flight are bought again and nothing
    stays pending.
    """
    assert not (wrong := killers.of(work).problems(point)), f"{point}: " + "; ".join(wrong)


@pytest.mark.parametrize("number", some([22, 20, 19, 18, 17, 16, 12], few=1))
def test_an_article_edited_after_a_kill_has_one_record(number: int, killers: Killers) -> None:
    """A run is killed while it writes OUT, an article is edited, and the same command removes the old record."""
    killer = killers.of(WORKS[0])
    place = killer.place
    killer.restore()
    assert killer.killed(Step("rename", number)).code != 0
    path = place.articles / "a01.txt"
    path.write_text(path.read_text("utf-8") + "\nMột câu mới được thêm vào bài này.\n", "utf-8")
    done = dragoman(*place.run, home=place.root)
    assert done.code == 0, done.stderr
    assert not (wrong := differences(place)), "; ".join(wrong)


def requests() -> list[Point]:
    return [Request(number) for number in (3, 1, 2, 4, 5, 6, 7, 8, 9, 10)]


@pytest.mark.parametrize("point", some(requests(), few=1), ids=str)
def test_a_run_killed_when_a_request_arrives_ends_complete_when_it_is_run_again(point: Point, killers: Killers) -> None:
    """The service has received the request, and its sender is dead."""
    assert not (wrong := killers.of(WORKS[0]).problems(point)), f"{point}: " + "; ".join(wrong)


def moments() -> list[Moment]:
    chance = random.Random(SEED)
    return [Moment(chance.random()) for _ in range(MOMENTS)]


@only_all
@pytest.mark.parametrize("moment", moments(), ids=str)
@pytest.mark.parametrize("work", [pytest.param(work, id=work.label) for work in WORKS[:4:2]])
def test_a_command_killed_at_any_moment_ends_complete_when_it_is_run_again(
    work: Work, moment: Moment, killers: Killers
) -> None:
    """Random moments, which vary with the load of the machine, cover steps that the counted kills may miss."""
    assert not (wrong := killers.of(work).problems(moment)), f"{moment}: " + "; ".join(wrong)
