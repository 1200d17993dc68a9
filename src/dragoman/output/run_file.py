"""Read and write ``run.json``, the facts of the latest run into an output folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dragoman.core import read_file
from dragoman.core.files import write_whole
from dragoman.core.visible import printable
from dragoman.errors import ConfigError

if TYPE_CHECKING:
    from dragoman.core.run_report import RunReport

MAX_RUN_BYTES = 500_000_000
"""Size limit of ``run.json``: it names the file of every article, so two million paths of 150 characters."""


def read_run(folder: Path) -> RunReport:
    """Read the facts as `RunReport.read` does. The report is empty if the file does not exist or is not JSON.

    Raises `ConfigError` if the file is not a regular file or is too large: no run leaves such a file.
    """
    from dragoman.core.run_report import RunReport

    path = folder / "run.json"
    try:
        return RunReport.read(read_file.json_value(read_file.read_whole(path, MAX_RUN_BYTES)))
    except read_file.NotRead as error:
        raise ConfigError(
            f"{printable(str(path))} cannot be read: {error.strerror}; move it away, and run again"
        ) from error
    except (OSError, ValueError):
        return RunReport()


def write_run(folder: Path, report: RunReport) -> None:
    """Replace ``run.json`` by the facts of ``report``."""
    write_whole(folder / "run.json", report.to_text(), new_folder=False)
