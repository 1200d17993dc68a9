"""The digest of the program changes with its files, so cached results of another version are not used."""

from __future__ import annotations

from pathlib import Path

from dragoman.core import program


def test_each_library_that_prepares_a_source_is_named_with_its_version() -> None:
    """Another extraction library gives another source text."""
    versions = program.library_versions().split(" ")
    assert [entry.rpartition("-")[0] for entry in versions] == list(program._LIBRARIES)
    assert not any(entry.endswith("-none") for entry in versions)
    assert program._version("a-library-that-does-not-exist") == "none"


def test_every_file_of_the_program_counts_and_compiled_ones_do_not(tmp_path: Path) -> None:
    """By name, size and time. Python writes `__pycache__` by itself."""
    (tmp_path / "data").mkdir()
    (tmp_path / "__pycache__").mkdir()
    for name in ("a.py", "data/table.tsv", "__pycache__/a.pyc"):
        (tmp_path / name).write_text("x", "utf-8")
    before = sorted(program._files(tmp_path))
    assert [Path(path).name for path, _, _ in before] == ["a.py", "table.tsv"]
    (tmp_path / "a.py").write_text("xy", "utf-8")
    assert sorted(program._files(tmp_path)) != before


def test_the_digest_covers_the_whole_package() -> None:
    """Not only the package that this module is in."""
    root = Path(program.__file__).parents[1]
    assert (root / "cli").is_dir()
    assert len(program.program_digest()) == 64
