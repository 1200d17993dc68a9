"""Foreign-language articles in, validated English records with located quotes out.

    articles → prepare → prompts ─→ Request ─→ stored? ────────────┐
                                      │ no                         │ yes
                                      ▼                            ▼
                     provider (anthropic | bedrock) ─→ Reply → store (raw, committed at once)
                                                                   │
                                   parse → locate quotes → checks → Record → out/

The public names::

    from dragoman import summarize, translate, run, Settings, Record

    settings = Settings.load()                      # flags > environment > dragoman.toml > defaults
    record = summarize("articles/a.txt", settings)  # a Record, whatever happens to the article
    print(record.status, record.summary.title_en)

`summarize` and `translate` raise only the errors that end a command with exit 2, 4, 5, 6 or 7 (`dragoman.errors`). The
packages are the stages of the flow; a package imports only those below it (`[tool.importlinter]` in pyproject.toml).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dragoman.__about__ import VERSION as __version__

if TYPE_CHECKING:
    from dragoman.api import run, summarize, translate
    from dragoman.config import Settings
    from dragoman.core.record import Record
    from dragoman.errors import DragomanError
    from dragoman.runs.run_result import Run

__all__ = ["DragomanError", "Record", "Run", "Settings", "__version__", "run", "summarize", "translate"]

_MODULES = {
    "DragomanError": "errors",
    "Record": "core.record",
    "Run": "api",
    "Settings": "config",
    "run": "api",
    "summarize": "api",
    "translate": "api",
}


def __getattr__(name: str) -> Any:
    # Imported on first use, so that `dragoman --help` and small modules do not load everything.
    if name not in _MODULES:
        raise AttributeError(f"module 'dragoman' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"dragoman.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    # The default would list private names such as `Any`, and lack the public names that were not used yet.
    return sorted(__all__)
