"""An exception keeps the values it was raised with: code that knows more raises a new exception from it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator

import pytest

import dragoman.errors
from dragoman.errors import DragomanError, FailureKind, ProviderError
from tests.support import paths

SOURCES = paths.SOURCES

OURS = {
    name: value
    for name, value in vars(dragoman.errors).items()
    if isinstance(value, type) and issubclass(value, BaseException)
}
CHANGING = {"add_note", "with_traceback"}
"""Methods that change an exception."""
OWN = {"args", "__cause__", "__context__", "__suppress_context__", "__traceback__", "__notes__"}
"""Attributes that every exception has. Assigning to them changes an exception, whatever the variable is called."""

ALLOWED = {
    ("masking", "cleaned", "masked"),  # Builds copies without credentials, which were never raised.
    ("sdk", "filter", "record"),  # A log record, which also has ``args``.
}
"""Allowed exceptions to the rule: module, function and variable."""


def mentioned(annotation: ast.expr | None) -> set[str]:
    return {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)} if annotation is not None else set()


def is_exception(annotation: ast.expr | None) -> bool:
    return any(name in OURS or name.endswith(("Error", "Exception")) for name in mentioned(annotation))


def exception_names(function: ast.AST) -> set[str]:
    """Return the variables of a function that hold exceptions: caught ones, parameters, and aliases of these."""
    names: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
        elif isinstance(node, ast.arg) and is_exception(node.annotation):
            names.add(node.arg)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and is_exception(node.annotation):
            names.add(node.target.id)
    for _ in range(3):  # Aliases of aliases.
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in names:
                names.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return names


def targets(node: ast.AST) -> Iterator[ast.expr]:
    """Return what a statement assigns to or deletes, with tuples unpacked."""
    given: list[ast.expr] = []
    if isinstance(node, ast.Assign | ast.Delete):
        given = list(node.targets)
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        given = [node.target]
    while given:
        target = given.pop()
        if isinstance(target, ast.Tuple | ast.List):
            given.extend(target.elts)
        else:
            yield target


def changes(function: ast.FunctionDef) -> Iterator[str]:
    """Return the variables whose exception a function changes."""
    names = exception_names(function)
    for node in ast.walk(function):
        for target in targets(node):
            match target:
                case ast.Attribute(value=ast.Name(id=holder), attr=attribute) if holder != "self":
                    if holder in names or attribute in OWN:
                        yield holder
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr=method)) if method in CHANGING:
                yield ast.unparse(owner)
            case ast.Call(
                func=ast.Name(id="setattr" | "delattr") | ast.Attribute(attr="__setattr__"),
                args=[ast.Name(id=holder), *_],
            ) if holder in names:
                yield holder


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


CHANGES = {
    "a caught exception": "try:\n  pass\n except OSError as e:\n  e.strerror = 'x'",
    "a caught exception under another name": "try:\n  pass\n except OSError as e:\n  kept = e\n kept.errno += 1",
    "an exception that was passed in": "given.key = 'x'",
    "its arguments, whatever it is called": "told.args = ()",
    "its cause, in a tuple": "made.__cause__, made.x = None, 1",
    "a note": "anything.add_note('x')",
    "setattr": "setattr(given, 'key', 1)",
    "setattr of a frozen object": "object.__setattr__(given, 'key', 1)",
    "a variable that is declared to hold one": "last: ProviderError | None = f()\n last.key = 'x'",
}


@pytest.mark.parametrize("code", CHANGES.values(), ids=CHANGES)
def test_the_search_for_changed_exceptions_finds_them(code: str) -> None:
    """The test below relies on this search and can therefore fail."""
    (function,) = functions(ast.parse(f"def f(given: ProviderError):\n {code}"))
    assert list(changes(function))


def test_no_exception_is_changed_after_it_was_raised() -> None:
    """An exception may be raised in one thread and read in another, and its traceback shows what was known when it was
    raised.
    """
    found = {
        (path.stem, function.name, name)
        for path in SOURCES.rglob("*.py")
        for function in functions(ast.parse(path.read_text("utf-8")))
        for name in changes(function)
    }
    assert found == ALLOWED


EVERYTHING = ProviderError(
    FailureKind.RATE_LIMITED,
    "slow down",
    retry_after=7.5,
    maybe_paid=True,
    request_key="x1:key",
    status=429,
    sent=False,
    timed_out=True,
    unreadable=True,
    limits={"requests": 5},
    hint="quota",
    outage=True,
    remembered=True,
    attempts=3,
    maybe_paid_attempts=2,
    rejected_before=1,
)


def test_a_provider_error_made_from_another_has_all_its_values() -> None:
    """Each parameter is an attribute, so a parameter that is added later is copied too."""
    parameters = set(inspect.signature(ProviderError.__init__).parameters) - {"self", "message"}
    assert parameters == set(vars(EVERYTHING))
    plain = ProviderError(FailureKind.TRANSIENT, "reset")
    assert all(getattr(EVERYTHING, name) != getattr(plain, name) for name in parameters), (
        "the example omits a parameter"
    )
    copy = EVERYTHING.but()
    assert copy is not EVERYTHING
    assert (str(copy), vars(copy)) == ("slow down", vars(EVERYTHING))


def test_a_provider_error_made_from_another_differs_only_in_the_given_values() -> None:
    """The original error stays as it was."""
    changed = EVERYTHING.but(message="later", attempts=4)
    assert (str(changed), changed.attempts) == ("later", 4)
    assert {**vars(changed), "attempts": 3} == vars(EVERYTHING)
    assert (str(EVERYTHING), EVERYTHING.attempts) == ("slow down", 3)


@pytest.mark.parametrize("maybe_paid", [False, True])
def test_the_first_attempt_counts_as_perhaps_paid_if_its_error_says_so(maybe_paid: bool) -> None:
    error = ProviderError(FailureKind.TRANSIENT, "reset", maybe_paid=maybe_paid)
    assert (error.attempts, error.maybe_paid_attempts) == (1, int(maybe_paid))


def test_every_error_of_dragoman_except_a_bug_is_in_the_tree() -> None:
    """The tree in the docstring matches the class hierarchy. A bug is not in it and keeps its traceback."""
    tree = {name for name, kind in OURS.items() if issubclass(kind, DragomanError)}
    assert OURS.keys() - tree == {"BugAfterRescue"}
    drawn, _, _ = (dragoman.errors.__doc__ or "").partition("Messages say")
    assert all(name in drawn for name in tree)
