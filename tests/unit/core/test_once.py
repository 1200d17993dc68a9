"""What is computed once per object is computed under no lock that objects share."""

from __future__ import annotations

import ast
import threading

from dragoman.core.once import once
from tests.support import paths

SOURCES = paths.SOURCES

TABLES = {"evidence/figures/word_list.py", "evidence/figures/grammar.py", "tasks/prompts.py", "store/recordings.py"}
"""Modules that may use `functools.cached_property`: its lock lets one thread load a table that all need, and no article
or reply makes a table longer."""


class Slow:
    """An object whose property waits until it may go on."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.times = 0

    @once
    def answer(self) -> int:
        """Documented."""
        self.begun.set()
        assert self.go_on.wait(20)
        self.times += 1
        return self.times


def test_one_object_that_takes_long_keeps_no_other_from_its_answer() -> None:
    """While one thread computes for one object, another thread computes for another object."""
    slow, quick = Slow(), Slow()
    quick.go_on.set()
    thread = threading.Thread(target=lambda: slow.answer, daemon=True)
    thread.start()
    assert slow.begun.wait(20)
    assert quick.answer == 1
    slow.go_on.set()
    thread.join(20)
    assert slow.answer == 1


def test_it_is_computed_once() -> None:
    """The second look finds the first answer; on the class it is the property itself, with its docstring."""
    slow = Slow()
    slow.go_on.set()
    assert (slow.answer, slow.answer, slow.times) == (1, 1, 1)
    assert Slow.answer.__doc__ == "Documented."


def test_only_tables_are_cached_under_the_lock_of_the_library() -> None:
    """Whatever an article or a reply can make longer uses `once`."""
    using = {
        path.relative_to(SOURCES).as_posix()
        for path in SOURCES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and any(alias.name == "cached_property" for alias in node.names)
    }
    assert using == TABLES
