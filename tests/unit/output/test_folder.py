"""An output folder collects the records of its runs; its files are whole, and unchanged files are not rewritten."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dragoman.core.run_report import RunReport
from dragoman.output.folder import OutputFolder
from tests.support.commands import REPLAY, SAMPLES, articles, files, here, records, run_facts, text, to
from tests.support.service import UNAUTHORIZED, Behaviour, Service


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


BOTH = ("--task", "summary", "--task", "translation")


def names(out: Path) -> list[str]:
    return [record["article"]["name"] for record in records(out)]


TABLES = [f"tables/{name}.csv" for name in ("articles", "claims", "entities", "quantities", "findings")]


def test_a_folder_has_exactly_the_documented_files(tmp_path: Path) -> None:
    """Records, one source and one page per article, index, report, tables and run.json; no temporary file stays."""
    out = tmp_path / "out"
    here("run", SAMPLES, "-o", out, *REPLAY)
    ids = [record["article"]["id"] for record in records(out)]
    assert len(ids) == 7
    assert set(files(out)) == {
        "records.jsonl", "index.md", "report.html", "run.json", *TABLES,
        *(f"sources/{id_}.txt" for id_ in ids), *(f"articles/{id_}.md" for id_ in ids),
    }  # fmt: skip


@pytest.mark.parametrize("fresh", [False, True], ids=["", "--fresh"])
def test_paths_of_earlier_records_stay_until_new_ones_replace_them(
    fresh: bool, tmp_path: Path, service: Service, store_path: Path
) -> None:
    """A run that is killed before that leaves records whose files the next run still knows."""
    out = tmp_path / "out"
    assert here("run", articles(tmp_path / "in", 2), "-o", out, *to(service, store_path)).code == 0
    before = run_facts(out)
    with OutputFolder(out, fresh=fresh) as begun:
        begun.begin(RunReport(exit_code=None))
    assert run_facts(out) == {**before, "exit_code": None, "built": None}


def test_unreadable_decisions_are_reported_before_anything_is_paid(
    tmp_path: Path, service: Service, store_path: Path
) -> None:
    """Also in a folder without a run, and with --fresh."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out/decisions.json").write_text('{"my": "own"}')
    for options in ((), ("--fresh",)):
        done = here("run", articles(tmp_path / "in", 1), "-o", tmp_path / "out", *to(service, store_path), *options)
        assert (done.code, service.ledger) == (2, ())
        assert "decisions.json" in done.stderr
    assert files(tmp_path / "out") == {"decisions.json": b'{"my": "own"}'}


def test_source_text_is_written_letter_for_letter(tmp_path: Path) -> None:
    """With its line ends, so that the offsets of the record are correct in the file."""
    out = tmp_path / "out"
    here("run", SAMPLES, "-o", out, *REPLAY)
    for record in records(out):
        source = (out / record["source"]["file"]).read_bytes().decode()
        assert len(source) == record["source"]["characters"]
        for start, end in record["source"]["paragraphs"]:
            assert source[start:end].strip() == source[start:end] != ""


def test_a_later_run_adds_its_articles_to_the_earlier_ones(tmp_path: Path, service: Service, store_path: Path) -> None:
    """Two runs over different folders: the earlier records come first and do not change."""
    out = tmp_path / "out"
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "one/a.txt").write_text(text(1), "utf-8")
    (tmp_path / "two/b.txt").write_text(text(2), "utf-8")
    here("run", tmp_path / "one", "-o", out, *to(service, store_path))
    first = (out / "records.jsonl").read_bytes()
    here("run", tmp_path / "two", "-o", out, *to(service, store_path))
    assert names(out) == ["a.txt", "b.txt"]
    assert (out / "records.jsonl").read_bytes().startswith(first)
    index = (out / "index.md").read_text("utf-8")
    assert "a.txt" in index
    assert "b.txt" in index
    assert run_facts(out)["articles"] == 1


def test_a_later_run_replaces_records_at_their_position(tmp_path: Path, service: Service, store_path: Path) -> None:
    """The same articles with another task: each record occurs once, where it was."""
    out = tmp_path / "out"
    folder = articles(tmp_path / "in", 3)
    here("run", folder, "-o", out, *to(service, store_path))
    here("run", folder / "a01.txt", "-o", out, *to(service, store_path), *BOTH)
    assert names(out) == ["a00.txt", "a01.txt", "a02.txt"]
    assert [record["translation"] is not None for record in records(out)] == [False, True, False]


def test_fresh_forgets_what_earlier_runs_left(tmp_path: Path, service: Service, store_path: Path) -> None:
    """`--fresh` keeps only this run's records, sources and pages; files that Dragoman did not write stay."""
    out = tmp_path / "out"
    folder = articles(tmp_path / "in", 3)
    here("run", folder, "-o", out, *to(service, store_path))
    (out / "notes.txt").write_text("mine")
    (out / "articles" / "notes.md").write_text("mine too")
    here("run", folder / "a01.txt", "-o", out, *to(service, store_path), "--fresh")
    (record,) = records(out)
    id_ = record["article"]["id"]
    assert set(files(out)) == {
        "records.jsonl", "index.md", "report.html", "run.json", "notes.txt", "articles/notes.md", *TABLES,
        f"sources/{id_}.txt", f"articles/{id_}.md",
    }  # fmt: skip
    assert service.paid == 3


def test_files_that_did_not_change_are_not_written_again(tmp_path: Path, service: Service, store_path: Path) -> None:
    """A second run changes the time stamp of run.json only."""
    out = tmp_path / "out"
    folder = articles(tmp_path / "in", 2)
    command = ("run", folder, "-o", out, *to(service, store_path))
    here(*command)
    for name in files(out):
        os.utime(out / name, (1, 1))
    here(*command)
    written = {name for name in files(out) if (out / name).stat().st_mtime != 1}
    assert written == {"run.json"}


@pytest.mark.parametrize("options", [("--refresh",), ("--model", "haiku-5-5")], ids=["refresh", "another model"])
def test_a_run_without_answers_keeps_the_earlier_ones(
    options: tuple[str, ...], tmp_path: Path, store_path: Path
) -> None:
    """Exit 4 loses nothing: earlier answers stay in records, pages and index."""
    out = tmp_path / "out"
    folder = articles(tmp_path / "in", 3)
    refused = {"now": False}

    def script(_: int, __: dict[str, object]) -> Behaviour | None:
        return UNAUTHORIZED if refused["now"] else None

    with Service(script=script) as service:
        here("run", folder, "-o", out, *to(service, store_path))
        before = files(out)
        refused["now"] = True
        done = here("run", folder, "-o", out, *to(service, store_path), *options)
        assert done.code == 4
        assert "3 pending" in done.stderr
    after = files(out)
    del before["run.json"], after["run.json"]
    assert after == before
    assert run_facts(out)["statuses"] == {"pending": 3}


def test_a_new_article_without_an_answer_is_pending_beside_the_answered_ones(tmp_path: Path, store_path: Path) -> None:
    """Its record is replaced when it has an answer."""
    out = tmp_path / "out"
    folder = articles(tmp_path / "in", 1)
    with Service(script=[None, UNAUTHORIZED]) as service:
        command = ("run", folder, "-o", out, *to(service, store_path), "--concurrency", "1")
        here(*command)
        articles(folder, 4)
        assert here(*command).code == 4
        assert [record["status"] for record in records(out)] == ["ok", "pending", "pending", "pending"]
        assert here(*command).code == 0
        assert [record["status"] for record in records(out)] == ["ok"] * 4
        pages = {path.stem for path in (out / "articles").iterdir()}
        assert pages == {record["article"]["id"] for record in records(out)}


def test_run_json_holds_the_facts_of_the_latest_run(tmp_path: Path, service: Service, store_path: Path) -> None:
    """Counts, money, model, prompts and exit code; the total of OUT includes all its runs."""
    out = tmp_path / "out"
    folder = articles(tmp_path / "in", 3)
    here("run", folder / "a00.txt", "-o", out, *to(service, store_path))
    first = run_facts(out)
    here("run", folder, "-o", out, *to(service, store_path), "--max-cost", "5")
    facts = run_facts(out)
    assert facts["schema"] == "dragoman.run/1"
    assert facts["articles"] == 3
    assert facts["statuses"] == {"ok": 3}
    assert (facts["requests_sent"], facts["stored_replies_used"], facts["replies_received"]) == (2, 1, 2)
    assert (facts["exit_code"], facts["ended_by"], facts["provider"]) == (0, None, "anthropic")
    assert (facts["endpoint"], facts["base_url"], facts["max_cost_usd"]) == ("custom", service.url, "5")
    assert facts["prompts"] == ["summary/v1"]
    assert facts["started_at"] <= facts["ended_at"]
    assert float(facts["out_cost_usd"]) == pytest.approx(float(first["cost_usd"]) + float(facts["cost_usd"]))
    total = sum(float(record["cost_usd"]) for record in records(out))
    assert float(facts["out_cost_usd"]) == pytest.approx(total)


def test_records_do_not_depend_on_the_run(tmp_path: Path, service: Service, store_path: Path) -> None:
    """The same exchanges give the same bytes with any concurrency, order or output folder."""
    folder = articles(tmp_path / "in", 6)
    here("run", folder, "-o", tmp_path / "one", *to(service, store_path), "--concurrency", "1")
    here("run", folder, "-o", tmp_path / "deep/er/two", *to(service, store_path), "--concurrency", "6")
    one, two = files(tmp_path / "one"), files(tmp_path / "deep/er/two")
    del one["run.json"], two["run.json"]
    assert one == two


def test_the_index_begins_with_articles_that_need_attention(tmp_path: Path, service: Service, store_path: Path) -> None:
    """Failed before ok, skipped last; every link leads to an existing page."""
    folder = articles(tmp_path / "in", 2)
    (folder / "a-picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    (folder / "empty.txt").write_bytes(b"")
    out = tmp_path / "out"
    here("run", folder, "-o", out, *to(service, store_path))
    index = (out / "index.md").read_text("utf-8")
    places = [index.index(heading) for heading in ("## failed (1)", "## ok (2)", "## skipped (1)")]
    assert places == sorted(places)
    for record in records(out):
        page = f"articles/{record['article']['id']}.md"
        assert f"]({page})" in index
        assert (out / page).exists()


def test_limit_takes_only_the_first_articles(tmp_path: Path, service: Service, store_path: Path) -> None:
    """`--limit 2` of five articles: two records, two payments."""
    out = tmp_path / "out"
    done = here("run", articles(tmp_path / "in", 5), "-o", out, *to(service, store_path), "--limit", "2")
    assert done.code == 0
    assert names(out) == ["a00.txt", "a01.txt"]
    assert service.paid == 2


@pytest.mark.parametrize("name", ["records.jsonl", "index.md", "run.json"])
def test_finished_files_have_the_permissions_of_the_umask(name: str, tmp_path: Path) -> None:
    """Temporary files are private, finished files are not."""
    out = tmp_path / "out"
    here("run", SAMPLES, "-o", out, *REPLAY)
    mask = os.umask(0)
    os.umask(mask)
    assert (out / name).stat().st_mode & 0o777 == 0o666 & ~mask & 0o644 | 0o600 & ~mask


def test_an_edited_file_replaces_its_earlier_record(tmp_path: Path, service: Service, store_path: Path) -> None:
    """One file, one record: the answer about the old text does not stay beside the new one."""
    folder, out = articles(tmp_path / "in", 2), tmp_path / "out"
    here("run", folder, "-o", out, *to(service, store_path))
    edited = folder / "a00.txt"
    edited.write_text(edited.read_text("utf-8") + "\nMột câu mới được thêm vào hôm nay.\n", "utf-8")
    here("run", folder, "-o", out, *to(service, store_path))
    out_records = records(out)
    assert [record["article"]["name"] for record in out_records] == ["a00.txt", "a01.txt"]
    assert "Một câu mới" in (out / out_records[0]["source"]["file"]).read_text("utf-8")
    assert len(list((out / "articles").iterdir())) == 2


def test_a_task_that_is_not_requested_again_stays(tmp_path: Path, service: Service, store_path: Path) -> None:
    """A later run for the summary alone keeps the translation and its price."""
    folder, out = articles(tmp_path / "in", 1), tmp_path / "out"
    both = ("--task", "summary", "--task", "translation")
    here("run", folder, "-o", out, *to(service, store_path), *both)
    (before,) = records(out)
    page = next((out / "articles").iterdir()).read_text("utf-8")
    here("run", folder, "-o", out, *to(service, store_path), "--task", "summary")
    assert records(out) == [before]
    assert next((out / "articles").iterdir()).read_text("utf-8") == page


def test_a_task_that_is_requested_later_is_added(tmp_path: Path, service: Service, store_path: Path) -> None:
    """Earlier summaries and new translations become one record each, and new articles are added."""
    folder, out = articles(tmp_path / "in", 3), tmp_path / "out"
    here("run", folder, "-o", out, *to(service, store_path), "--task", "summary")
    (folder / "a01b.txt").write_text(text(91), "utf-8")
    (folder / "z.txt").write_text(text(92), "utf-8")
    done = here("run", folder, "-o", out, *to(service, store_path), "--task", "translation")
    assert done.code == 0, done.stderr
    by_name = {record["article"]["name"]: record for record in records(out)}
    assert sorted(by_name) == ["a00.txt", "a01.txt", "a01b.txt", "a02.txt", "z.txt"]
    assert [name for name, record in by_name.items() if record["summary"]] == ["a00.txt", "a01.txt", "a02.txt"]
    assert all(record["translation"] for record in by_name.values())
    assert "## Translation" in (out / f"articles/{by_name['a00.txt']['article']['id']}.md").read_text("utf-8")
    assert here("check", out, "--store", store_path).code == 0
    again = here("run", folder, "-o", out, *to(service, store_path), *BOTH)
    assert again.code == 0
    assert all(record["summary"] and record["translation"] for record in records(out))
