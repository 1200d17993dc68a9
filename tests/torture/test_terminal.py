"""Hostile texts at a terminal: it receives no control character, OSC, C1 or bidi mark of an article, service or file.

The only sequences that the terminal receives are those of Dragoman's own colours and progress bar.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.commands import articles, here, records, text
from tests.support.service import Status
from tests.support.service.server import Asked

from .amount import ALL, only_all
from .planting import Saying
from .terminals import Seen, on_a_terminal

OSC = "\x1b]0;owned\x07\x1b]8;;http://127.0.0.1/\x1b\\link\x1b]8;;\x1b\\"
SAID = f"before{OSC}\x1b[2J\x1b[1;1H\x1b[8mhid\x9b31m\x90q\x9c\x08\x08\x7f\x00\r\u202egpj.exe\u2066\u200f\u2028end"
"""The hostile text: a window title, a link, a cleared screen, hidden text, C1, backspaces, bidi marks."""
IN_HEADERS = "".join(character for character in SAID if character > "\x7f" or character.isalnum())


class Hostile(Saying):
    """Service that puts `SAID` into every text it sends."""

    def said(self, asked: Asked) -> str:
        return SAID

    def said_in_headers(self, asked: Asked) -> str:
        # Clients accept no other control characters in headers.
        return IN_HEADERS.encode().decode("latin-1")


class HostileDoor(Hostile):
    """Service that rejects every credential."""

    def _scripted(self, asked: Asked) -> Status:
        return Status(403, "permission_error", SAID)


def hostile_articles(folder: Path) -> Path:
    """Create articles with hostile texts and names."""
    articles(folder, Hostile.KINDS)
    for number, name in enumerate(
        ("a\x1b]0;owned\x07.txt", "b\u202etxt.exe.md", "c\x9b31m\x7f\r\n.html", "d\u2066.pdf")
    ):
        (folder / name).write_text(f"{text(30 + number)}\n\nTin {SAID} mới.\n", "utf-8", newline="")
    return folder


def wrong(screens: dict[str, Seen]) -> list[str]:
    return [f"{name}: {seen.hostile[:3]!r}" for name, seen in screens.items() if seen.hostile]


def test_a_run_at_a_terminal_prints_no_control_character_of_a_service_or_an_article(tmp_path: Path) -> None:
    """None of errors, request ids, refusals, answers, article texts and names is printed raw, by commands that send
    requests or show results.
    """
    folder, out, store = hostile_articles(tmp_path / "in"), tmp_path / "out", tmp_path / "store.sqlite"
    screens: dict[str, Seen] = {}

    def give(*words: object) -> None:
        screens[" ".join(str(word) for word in words[:2])] = on_a_terminal(words, home=tmp_path)

    with Hostile() as service:
        given = ("--base-url", service.url, "--store", store, "--patience", "5")
        give("run", folder, "-o", out, *given)
        assert b"before" in screens[f"run {folder}"].screen, "no text of the service was printed"
        give("show", out)
        give("summarize", folder / "a01.txt", *given)
        give("inspect", folder / "b\u202etxt.exe.md")
        if ALL:
            give("summarize", folder / "a02.txt", *given)
            give("summarize", folder / "a03.txt", *given, "--format", "markdown")
            give("translate", folder / "a03.txt", *given)
            give("run", folder, "-o", tmp_path / "json", *given, "--log-format", "json", "--retry")
            give("plan", folder, *given)
            give("plan", folder, *given, "--json")
            give("inspect", folder / "b\u202etxt.exe.md", "--json")
            give("inspect", folder / "a\x1b]0;owned\x07.txt")
            give("inspect", folder / "none\x1b]0;owned\x07\u202e.txt")
            give("check", out, "--store", store)
            give("report", out)
            for record in records(out):
                give("show", out, record["article"]["id"])
            give("store", "stats", "--store", store)
            give("store", "prune", "--article", f"{SAID[:20]}x", "--store", store)
            give("doctor", *given, "--ping")
    assert not wrong(screens), "\n".join(wrong(screens))


def test_an_error_that_rejects_the_credential_prints_no_control_character_either(tmp_path: Path) -> None:
    """The final message of a run and that of a single article are searched."""
    folder = articles(tmp_path / "in", 2)
    with HostileDoor() as service:
        given = ("--base-url", service.url, "--store", tmp_path / "store.sqlite")
        screens = {"run": on_a_terminal(("run", folder, "-o", tmp_path / "out", *given), home=tmp_path)}
        if ALL:
            screens["summarize"] = on_a_terminal(("summarize", folder / "a00.txt", *given), home=tmp_path)
            screens["doctor"] = on_a_terminal(("doctor", *given, "--ping"), home=tmp_path)
    assert all(seen.code == 4 and b"before" in seen.screen for seen in screens.values() if seen.code != 0)
    assert not wrong(screens), "\n".join(wrong(screens))


@only_all
def test_files_that_others_wrote_print_no_control_character(tmp_path: Path) -> None:
    """These are recordings, an OUT folder, decisions, prompts and settings that others wrote."""
    folder, out = hostile_articles(tmp_path / "in"), tmp_path / "out"
    store = tmp_path / "store.sqlite"
    with Hostile() as service:
        given = ("--base-url", service.url, "--store", store)
        here("run", folder, "-o", out, *given)
        here("store", "export", tmp_path / "recordings", "--store", store)
    decision = {
        "article": records(out)[0]["article"]["sha256"], "kind": "claim", "words": SAID, "text_en": SAID, "start": None,
        "end": None, "verdict": "edited", "text": SAID, "note": SAID, "at": "2026-11-21T10:00:00.000Z",
    }  # fmt: skip
    decisions = {"schema": "dragoman.decisions/1", "decisions": [decision]}
    (out / "decisions.json").write_text(json.dumps(decisions), "utf-8")
    for path in (tmp_path / "recordings").iterdir():
        changed = json.loads(path.read_text("utf-8"))
        changed["article"], changed["created_at"] = SAID, SAID
        path.write_text(json.dumps(changed), "utf-8")
    prompts = tmp_path / "prompts/summary"
    prompts.mkdir(parents=True)
    (prompts / "v9.md").write_text(f"+++\ndate = 2026-11-21\nnote = {json.dumps(SAID)}\n+++\n{SAID}\n", "utf-8")
    settings = tmp_path / "elsewhere"
    settings.mkdir()
    (settings / "dragoman.toml").write_text(f"{json.dumps(SAID)} = 1\n", "utf-8")
    replay = ("--provider", "replay", "--recordings", tmp_path / "recordings")
    screens = {
        "replay": on_a_terminal(("run", folder, "-o", tmp_path / "replayed", *replay), home=tmp_path),
        "import": on_a_terminal(("store", "import", tmp_path / "recordings", "--store", tmp_path / "n"), home=tmp_path),
        "decisions": on_a_terminal(("decisions", "show", out), home=tmp_path),
        "decisions as JSON": on_a_terminal(("decisions", "show", out, "--json"), home=tmp_path),
        "show": on_a_terminal(("show", out), home=tmp_path),
        "prompts": on_a_terminal(("prompts", "list", "--prompts", tmp_path / "prompts"), home=tmp_path),
        "prompt": on_a_terminal(("prompts", "show", "summary/v9", "--prompts", tmp_path / "prompts"), home=tmp_path),
        "settings": on_a_terminal(("doctor",), home=tmp_path, cwd=settings),
        "environment": on_a_terminal(("doctor",), home=tmp_path, env={"DRAGOMAN_MODEL": SAID.replace("\0", "")}),
        "argument": on_a_terminal(("run", tmp_path / "none\x1b]0;x\x07\u202e", "-o", out), home=tmp_path),
        "folder": on_a_terminal(("show", tmp_path / "none\x1b]0;x\x07\u202e"), home=tmp_path),
        "store": on_a_terminal(("store", "stats", "--store", tmp_path / "none\x1b]0;x\x07\u202e"), home=tmp_path),
    }
    assert not wrong(screens), "\n".join(wrong(screens))


@pytest.mark.parametrize("text_", [SAID, "\x1b[6n", "\u202e", "a\x9bb", "\x1b]52;c;aGk=\x07"])
def test_the_search_detects_raw_control_characters(text_: str) -> None:
    """Colours and the progress bar do not count."""
    assert Seen(0, text_.encode()).hostile
    assert not Seen(0, b"\x1b[1;32mok\x1b[0m \r\x1b[2K\x1b[1A\x1b[?25l3/8\r\n").hostile
