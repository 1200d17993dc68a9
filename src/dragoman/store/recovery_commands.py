"""The commands that bring paid replies back, complete with the store's path.

No other module below `cli` names an option of a command. These commands are also written into ``run.json`` (as part of
what ended the run) and handed to Python callers, where nobody adds the options: whoever finds a run that ended in the
night can paste them.
"""

from __future__ import annotations

from pathlib import Path
from shlex import quote


def import_command(folder: Path, store: Path) -> str:
    """The command that imports the replies saved in ``folder`` into the store at a path."""
    return f"dragoman store import {quote(str(folder.absolute()))} --store {quote(str(store.absolute()))}"


def repair_command(store: Path) -> str:
    """The command that salvages what is readable in the damaged store at a path."""
    return f"dragoman store repair --store {quote(str(store.absolute()))}"
