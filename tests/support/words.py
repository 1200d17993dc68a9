"""Words that nobody outside the project would understand in the sense in which an earlier version used them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

PRIVATE_WORDS = re.compile(r"\b(anew|in vain|so many|told|ours|theirs|somebody|a line an)\b", re.IGNORECASE)
"""Plain English has a standard word for each of them."""


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and text of each string of a module that may reach a reader: all with a space in them that are no docstrings
    (a docstring is a string that is a statement by itself)."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
            and " " in node.value.strip()
        ):
            yield node.lineno, node.value


def private_words(tree: ast.AST) -> list[tuple[int, str]]:
    """Line and word of each private word in the texts of a module."""
    return [(line, word) for line, text in texts(tree) for word in PRIVATE_WORDS.findall(text)]
