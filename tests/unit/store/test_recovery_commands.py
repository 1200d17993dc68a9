"""The commands that bring paid replies back can be pasted into a shell, in any folder."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from dragoman.store.recovery_commands import import_command, repair_command
from tests.support.commands import here

COMMANDS: dict[str, Callable[[Path], str]] = {
    "import": lambda store: import_command(Path("a folder/it's"), store),
    "repair": repair_command,
}


@pytest.mark.parametrize("make", COMMANDS.values(), ids=COMMANDS)
def test_a_command_names_whole_paths_quoted_for_a_shell(
    make: Callable[[Path], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spaces and quotes are part of a path, and a relative path means the folder of the run that failed."""
    monkeypatch.chdir(tmp_path)
    words = shlex.split(make(Path("my store.sqlite")))
    assert words[:2] == ["dragoman", "store"]
    assert words[-2:] == ["--store", str(tmp_path / "my store.sqlite")]
    assert words[3:-2] in ([], [str(tmp_path / "a folder/it's")])


@pytest.mark.parametrize("make", COMMANDS.values(), ids=COMMANDS)
def test_a_command_is_one_that_dragoman_has(make: Callable[[Path], str], tmp_path: Path) -> None:
    """Neither a folder of recordings nor a store is here, so nothing but that is wrong with it (exit 2)."""
    done = here(*shlex.split(make(tmp_path / "store.sqlite"))[1:])
    assert done.code == 2
    assert "No such" not in done.stderr
    assert ("no folder of recordings at" in done.stderr) or ("there is no store at" in done.stderr)
