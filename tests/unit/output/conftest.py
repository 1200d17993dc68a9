"""Records of the samples, for the tests of decisions."""

from __future__ import annotations

import pytest

from dragoman.core.record import Record
from dragoman.output.read import read_records
from tests.support.folders import sample_folder


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    return list(read_records(sample_folder(tmp_path_factory.mktemp("decided") / "out")))


@pytest.fixture
def flagged(samples: list[Record]) -> Record:
    """The sample with an absent quote."""
    return next(record for record in samples if record.status == "flagged")
