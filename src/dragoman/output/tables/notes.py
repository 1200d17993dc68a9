"""What a person should know about tables that were written: what did not fit, and where it first happened."""

from __future__ import annotations


class Notes:
    """Sentences with counts, in the order in which each first came up."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, str]] = {}

    def add(self, what: str, where: str) -> None:
        """Count one more of ``what``; ``where`` is kept of the first."""
        count, first = self._seen.get(what, (0, where))
        self._seen[what] = (count + 1, first)

    @property
    def lines(self) -> list[str]:
        """``<what> (<first place>, and 3 more)``"""
        return [
            f"{what} ({first}{f', and {count - 1} more' if count > 1 else ''})"
            for what, (count, first) in self._seen.items()
        ]
