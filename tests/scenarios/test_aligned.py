"""The checks hardly object to human translations; the share of pairs with an error is pinned."""

from __future__ import annotations

from types import ModuleType

import pytest

from tests.support.benchmarks import load


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    bench = load("aligned")
    if not bench.PLACE.is_dir():
        pytest.skip("../shared/corpus/aligned is not here")
    return bench


def test_human_translations_have_an_error_in_no_more_pairs_than_pinned(bench: ModuleType) -> None:
    """Translators round, convert and err now and then, so the share is not zero."""
    results = bench.measure()
    assert len(results) >= 3_000
    assert bench.share(results) <= bench.FLOOR <= 0.7


def test_an_error_that_is_put_into_a_translation_is_counted(bench: ModuleType) -> None:
    """Otherwise the share would be low because nothing is checked."""
    right = bench.Pair("made-up", "de", "Der Hafen meldet 260 Schiffe.", "The harbour reports 260 ships.")
    wrong = bench.Pair("made-up", "de", "Der Hafen meldet 260 Schiffe.", "The harbour reports 260 million ships.")
    assert [bool(bench.errors(pair)) for pair in (right, wrong)] == [False, True]
