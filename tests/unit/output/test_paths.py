"""Paths inside an output folder."""

from __future__ import annotations

from pathlib import Path

from dragoman.output.paths import article_path, records_path, source_path, written_folders


def test_every_file_is_in_a_folder_that_is_cleared_of_temporary_files() -> None:
    """What a killed command leaves beside a file is removed by the next one."""
    out = Path("out")
    for path in (records_path(out), source_path(out, "id"), article_path(out, "id"), out / "tables/claims.csv"):
        assert path.parent in written_folders(out)
