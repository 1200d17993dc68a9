"""Notes for readers of the tables: what a format could not hold, and where that first happened."""

from __future__ import annotations


class Notes:
    """Sentences with the first place and a count, in the order in which they first came up."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, str]] = {}

    def add(self, what: str, where: str) -> None:
        """Count one more case of ``what``; only the first ``where`` is kept."""
        count, first = self._seen.get(what, (0, where))
        self._seen[what] = (count + 1, first)

    @property
    def lines(self) -> list[str]:
        """The notes, each as ``<what> (<first place>, and 3 more)``."""
        return [
            f"{what} ({first}{f', and {count - 1} more' if count > 1 else ''})"
            for what, (count, first) in self._seen.items()
        ]
