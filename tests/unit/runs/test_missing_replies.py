"""If the store that an output folder depends on is gone, its replies are not bought again without asking."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dragoman.output.run_file import read_run
from dragoman.store import maintenance
from dragoman.store.recordings import Recordings
from dragoman.store.sqlite.store import Store
from tests.support.commands import RECORDINGS, SAMPLES, Ended, articles, files, here, records, run_facts, text, to
from tests.support.service import Service

MANY = 4


@dataclass(frozen=True)
class Place:
    """A folder of articles, the output of a complete run over them, and the store of that run."""

    folder: Path
    out: Path
    store: Path
    service: Service

    def run(self, *more: object, store: Path | None = None, folder: Path | None = None) -> Ended:
        where = to(self.service, store or self.store)
        return here("run", folder or self.folder, "-o", self.out, *where, *more)

    def plan(self, *more: object) -> Ended:
        return here("plan", self.folder, *to(self.service, self.store), *more)

    @property
    def moved(self) -> Path:
        return self.store.with_name("moved.sqlite")


@pytest.fixture
def place(tmp_path: Path, store_path: Path) -> Iterator[Place]:
    with Service() as service:
        made = Place(articles(tmp_path / "in", MANY), tmp_path / "out", store_path, service)
        assert made.run().code == 0
        assert service.paid == MANY
        yield made


def gone(place: Place) -> None:
    place.store.rename(place.moved)


def another(place: Place) -> None:
    """The store of another project is in its place."""
    gone(place)
    assert here("summarize", SAMPLES / "ru-zerno.html", *to(place.service, place.store)).code == 0


def without_note(place: Place) -> None:
    """`run.json` was written by a version that did not note the id of the store."""
    facts = run_facts(place.out)
    kept = {name: fact for name, fact in facts.items() if name not in ("store_id", "store_rows", "other_stores")}
    (place.out / "run.json").write_text(json.dumps(kept), "utf-8")
    gone(place)


def older(place: Place) -> None:
    """A backup was restored that is older than the replies: the same store without them."""
    gone(place)
    with Store(place.moved) as store:
        what = maintenance.prunable(store)
        maintenance.prune(store, what)
        store.change([("UPDATE sqlite_sequence SET seq = 0 WHERE name = 'exchanges'", ())])
    shutil.copyfile(place.moved, place.store)


def without_run_json(place: Place) -> None:
    (place.out / "run.json").unlink()
    gone(place)


GONE: dict[str, tuple[Callable[[Place], None], str]] = {
    "gone": (gone, "which is empty"),
    "another": (another, "which is another store"),
    "gone, not noted": (without_note, "which is empty"),
    "gone, nothing noted": (without_run_json, "which is empty"),
    "an older copy": (older, "which is an older copy of the store that had them"),
}


@pytest.mark.parametrize(("lose", "why"), GONE.values(), ids=GONE)
def test_a_store_without_the_replies_that_out_rests_on_ends_the_run_before_anything_is_sent(
    place: Place, lose: Callable[[Place], None], why: str
) -> None:
    """Exit 7 with the number of replies, their price and the choices, each time until the user takes one."""
    cost = run_facts(place.out)["out_cost_usd"]
    lose(place)
    before, sent = files(place.out), len(place.service.ledger)
    for more in ((), (), ("--fresh",), ("--retry",)):
        done = place.run(*more)
        assert (done.code, done.stdout, len(place.service.ledger)) == (7, "", sent)
        assert f"the records in {place.out} depend on {MANY} paid replies (${cost}) that the store" in done.stderr
        assert why in done.stderr
        for choice in ("--store PATH", "restore a backup", "`dragoman store import DIR`", "--buy-again"):
            assert choice in done.stderr
        assert files(place.out) == before
    bought = place.run("--buy-again")
    assert (bought.code, len(place.service.ledger)) == (0, sent + MANY), bought.stderr
    assert (place.run().code, len(place.service.ledger)) == (0, sent + MANY)


def copied(place: Place) -> None:
    gone(place)
    shutil.copyfile(place.moved, place.store)


def pruned(place: Place) -> None:
    assert here("store", "prune", "--all", "--yes", "--store", place.store).code == 0


def imported(place: Place) -> None:
    gone(place)
    assert here("store", "export", place.store.with_name("kept"), "--store", place.moved).code == 0
    assert here("store", "import", place.store.with_name("kept"), "--store", place.store).code == 0


def edited(place: Place) -> None:
    gone(place)
    for path in place.folder.iterdir():
        path.write_text(path.read_text("utf-8") + "\nThêm một câu nữa ở đây.\n", "utf-8")


def emptied(place: Place) -> None:
    """The articles were replaced by another one."""
    gone(place)
    shutil.rmtree(place.folder)
    place.folder.mkdir()
    (place.folder / "new.txt").write_text(text(90), "utf-8")


def noted_by_nobody(place: Place) -> None:
    without_note(place)
    place.moved.rename(place.store)


FINE: dict[str, tuple[Callable[[Place], None], tuple[str, ...], int]] = {
    "nothing happened": (lambda place: None, (), 0),
    "a copy": (copied, (), 0),
    "the replies were imported": (imported, (), 0),
    "not noted, but there": (noted_by_nobody, (), 0),
    "pruned on purpose": (pruned, (), MANY),
    "every article was edited": (edited, (), MANY),
    "other articles": (emptied, (), 1),
    "another model": (gone, ("--model", "haiku-5-5"), MANY),
    "another task": (gone, ("--task", "translation"), MANY),
    "a refresh": (gone, ("--refresh",), MANY),
}


@pytest.mark.parametrize(("change", "more", "bought"), FINE.values(), ids=FINE)
def test_what_would_not_pay_for_the_same_again_is_not_stopped(
    place: Place, change: Callable[[Place], None], more: tuple[str, ...], bought: int
) -> None:
    """The store has the replies, its owner has pruned it, or the run asks for something else."""
    change(place)
    sent = len(place.service.ledger)
    done = place.run(*more)
    assert (done.code, len(place.service.ledger) - sent) == (0, bought), done.stderr


def test_a_reply_of_a_local_server_is_not_missing_when_another_service_is_asked(place: Place) -> None:
    """The reply of one server never serves another, so nothing is bought twice."""
    gone(place)
    with Service() as other:
        done = here("run", place.folder, "-o", place.out, *to(other, place.store))
        assert (done.code, other.paid) == (0, MANY), done.stderr


def test_a_folder_that_rests_on_recordings_needs_no_store(tmp_path: Path, store_path: Path) -> None:
    """Handwritten replies were never paid for, so a live run over the same articles may follow."""
    out, article = tmp_path / "out", tmp_path / "in"
    article.mkdir()
    shutil.copy(SAMPLES / "ru-zerno.html", article)
    assert here("run", article, "-o", out, "--provider", "replay", "--recordings", RECORDINGS).code == 0
    with Service() as service:
        assert here("run", article, "-o", out, *to(service, store_path)).code == 0
        assert service.paid >= 1


def test_only_what_this_run_covers_counts_and_the_rest_is_remembered(place: Place, tmp_path: Path) -> None:
    """Other articles may go into the same output folder with a new store. The first articles still need theirs."""
    gone(place)
    second = tmp_path / "second"
    second.mkdir()
    (second / "new.txt").write_text(text(90), "utf-8")
    sent = len(place.service.ledger)
    assert place.run(folder=second).code == 0
    assert len(place.service.ledger) == sent + 1
    assert len(records(place.out)) == MANY + 1
    again = place.run()
    assert (again.code, len(place.service.ledger)) == (7, sent + 1)
    assert f"{MANY} paid replies" in again.stderr
    # With the store that has them, and with both folders' replies in one store, all is well.
    assert place.run(store=place.moved).code == 0
    assert len(place.service.ledger) == sent + 1


def test_a_replay_between_two_runs_does_not_forget_the_store(place: Place, tmp_path: Path) -> None:
    """It uses no store, so `run.json` keeps what it noted before."""
    assert here("store", "export", tmp_path / "kept", "--store", place.store).code == 0
    noted = {name: run_facts(place.out)[name] for name in ("store", "store_id", "store_rows")}
    replayed = here("run", place.folder, "-o", place.out, "--provider", "replay", "--recordings", tmp_path / "kept")
    assert replayed.code == 0, replayed.stderr
    assert {name: run_facts(place.out)[name] for name in noted} == noted
    gone(place)
    assert place.run().code == 7


def test_with_the_same_store_nothing_is_looked_up(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The id and the highest row id are enough, so a large folder is not read."""

    def refuse(*_: object, **__: object) -> set[str]:
        raise AssertionError("a look-up was made")

    monkeypatch.setattr(Store, "answered", refuse)
    assert place.run().code == 0


def test_each_record_is_looked_up_once_and_then_never_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store of another id that has everything is noted."""
    imported(place)
    asked: list[int] = []
    real = Store.answered

    def counted(store: Store, keys: Collection[str], *, custom: bool) -> set[str]:
        asked.append(len(keys))
        return real(store, keys, custom=custom)

    monkeypatch.setattr(Store, "answered", counted)
    assert place.run().code == 0
    assert len(asked) == MANY
    assert place.run().code == 0
    assert len(asked) == MANY


def test_a_plan_ends_with_the_error_that_the_run_would_have(place: Place) -> None:
    """With `-o`, exit 7 and the choices after the plan. Without it, a line says that there is no store."""
    assert place.plan("-o", place.out).code == 0
    gone(place)
    done = place.plan("-o", place.out)
    assert (done.code, len(done.stdout.splitlines())) == (7, MANY)
    assert f"depend on {MANY} paid replies (" in done.stderr
    assert f"that the store {place.store}, which is empty, does not have; nothing was sent" in done.stderr
    assert "--buy-again" in done.stderr
    assert place.plan("-o", place.out, "--buy-again").code == 0
    plain = place.plan()
    assert plain.code == 0
    assert f"there is no store at {place.store}, so everything counts as new" in plain.stderr
    assert not place.store.exists()


def test_a_record_of_a_replay_of_live_recordings_is_looked_up_too(place: Place, tmp_path: Path) -> None:
    """Its replies were paid for, and a run with a new store would pay for them again."""
    assert here("store", "export", tmp_path / "kept", "--store", place.store).code == 0
    assert len(list(Recordings(tmp_path / "kept"))) == MANY
    shutil.rmtree(place.out)
    replayed = here("run", place.folder, "-o", place.out, "--provider", "replay", "--recordings", tmp_path / "kept")
    assert replayed.code == 0, replayed.stderr
    assert read_run(place.out).store_id is None
    gone(place)
    assert place.run().code == 7
    place.store.unlink()
    place.moved.rename(place.store)
    sent = len(place.service.ledger)
    assert (place.run().code, len(place.service.ledger)) == (0, sent)
