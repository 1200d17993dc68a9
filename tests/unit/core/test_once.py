"""A property that is computed once per object holds no lock that objects share."""

from __future__ import annotations

import ast
import threading

from dragoman.core.once import once
from tests.support import paths

SOURCES = paths.SOURCES

TABLES = {"evidence/figures/word_list.py", "evidence/figures/grammar.py", "tasks/prompts.py", "store/recordings.py"}
"""Modules that may use `functools.cached_property`: under its lock one thread loads a table that all threads need, and
the size of a table does not depend on an article or a reply."""


class Slow:
    """An object whose property waits until the test lets it continue."""

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


def test_a_slow_object_does_not_block_another() -> None:
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
    """The second access returns the same value. On the class it is the property itself, with its docstring."""
    slow = Slow()
    slow.go_on.set()
    assert (slow.answer, slow.answer, slow.times) == (1, 1, 1)
    assert Slow.answer.__doc__ == "Documented."


def test_only_tables_use_the_cached_property_of_the_library() -> None:
    """Everything whose cost grows with an article or a reply uses `once`."""
    using = {
        path.relative_to(SOURCES).as_posix()
        for path in SOURCES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and any(alias.name == "cached_property" for alias in node.names)
    }
    assert using == TABLES
