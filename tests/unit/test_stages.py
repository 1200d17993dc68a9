"""The stages of `benchmarks/speed` are functions that Dragoman has."""

from __future__ import annotations

import pytest
from benchmarks.speed.stages import STAGES, defined


@pytest.mark.parametrize(("module", "name"), [stage[1:] for stage in STAGES], ids=[".".join(s[1:]) for s in STAGES])
def test_the_function_of_each_stage_is_defined_where_the_list_says(module: str, name: str) -> None:
    """Otherwise its CPU time would silently count as another stage."""
    _, function = defined(module, name)
    assert function


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("dragoman.nowhere", "parts"),
        ("dragoman.tasks.requests", "not_a_function"),
        ("dragoman.core.request", "Request.not_a_method"),
        ("dragoman.core.request", "NotAClass.key"),
        ("dragoman.tasks.answering", "parts"),
        ("dragoman.core.exchange", "Request.key"),
    ],
    ids=["no module", "no function", "no method", "no class", "an imported function", "an imported class"],
)
def test_a_stage_that_names_no_function_of_its_module_is_an_error(module: str, name: str) -> None:
    with pytest.raises(LookupError, match="correct STAGES"):
        defined(module, name)
