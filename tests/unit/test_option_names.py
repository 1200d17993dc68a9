"""Commands and their options are named only in `cli` and, for errors in settings, in `config`.

Errors are also raised to users of the Python API, who have no options: the message says what to do, and `cli.advice`
adds the words of the command line for the hint of the error.
"""

from __future__ import annotations

import ast
import json
import re

import pytest

from dragoman.core.run_report import run_schema
from tests.support.paths import SOURCES

OPTION = re.compile(r"(?<![\w?-])(--[a-z]{2}[a-z-]*|-[a-zA-Z]\b)")
"""An option such as ``--store`` or ``-o``; not the flag of a pattern (``(?-i:…)``)."""
COMMAND = re.compile(r"`dragoman [a-z]|^dragoman [a-z]")
"""A command: in backticks, or as a whole string."""

MAY_NAME_COMMANDS = {
    # These commands are written into run.json, where nobody adds the options: a run that ended in the night says how
    # its paid replies come back.
    "store/recovery_commands.py": {"option", "command"},
    # The message about a missing extra has the command of pip that installs it.
    "output/tables/__init__.py": {"option"},
    # What to do about credentials also stands in run.json, and `doctor` has no option that must be given.
    "asking/providers/anthropic.py": {"command"},
    "asking/providers/bedrock.py": {"command"},
}
"""Modules that may name options or commands, and why."""

MODULES = {
    name: path
    for path in sorted(SOURCES.rglob("*.py"))
    if not (name := path.relative_to(SOURCES).as_posix()).startswith("cli/") and name != "config.py"
}


def named_in(code: str) -> set[str]:
    """Whether the strings of a module name an ``option`` or a ``command``, without its docstrings."""
    tree = ast.parse(code)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    in_f_strings = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    kinds = set()
    for node in ast.walk(tree):
        if id(node) in docstrings or id(node) in in_f_strings:
            continue
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
            text = "".join(str(part) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if OPTION.search(text):
            kinds.add("option")
        if COMMAND.search(text):
            kinds.add("command")
    return kinds


@pytest.mark.parametrize("name", MODULES)
def test_a_module_below_the_commands_names_neither_options_nor_commands(name: str) -> None:
    """A module that may, does: otherwise its exception is out of date."""
    assert named_in(MODULES[name].read_text("utf-8")) == MAY_NAME_COMMANDS.get(name, set())


def test_the_schema_of_run_json_names_settings_and_no_options() -> None:
    """Its descriptions are docstrings of fields, which the test above does not read."""
    assert OPTION.findall(json.dumps(run_schema())) == []


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        ('raise ConfigError("name another with --store")', {"option"}),
        ('raise ConfigError("name another with -o")', {"option"}),
        ('x = f"{path}; (--repairs 0)"', {"option"}),
        ('x = f"`dragoman show {folder}` lists them"', {"command"}),
        ('x = "use `dragoman run` for folders"', {"command"}),
        ('x = f"`dragoman store repair --store {path}`"', {"option", "command"}),
        ('"""Prints what --json says."""', set()),
        ('x = "another dragoman command is writing"', set()),
        ('x = "re-read it -- a dash, 2-o, e-mail, x--y"', set()),
    ],
)
def test_options_and_commands_are_seen_in_messages_and_nowhere_else(code: str, kinds: set[str]) -> None:
    """What the test above relies on."""
    assert named_in(code) == kinds
