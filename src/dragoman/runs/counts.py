"""Count the articles of a run by their result, and turn the counts into the exit code of the command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import get_args

from dragoman.core.assemble import is_unanswered, status_of
from dragoman.core.header import RecordHeader
from dragoman.core.record import Status
from dragoman.errors import DragomanError, ReasonCode

SKIPPED: frozenset[ReasonCode] = frozenset(code for code in get_args(ReasonCode) if status_of(code) == "skipped")
"""Reasons why an article needs no request: they are no failures."""


@dataclass
class Counts:
    """Articles by status and, for those without a whole answer, by reason; findings by severity; claims and texts that
    were sent back for correction, by result (``corrected``, ``still wrong``, ``without a usable correction``)."""

    statuses: Counter[Status] = field(default_factory=Counter)
    reasons: Counter[ReasonCode] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    repairs: Counter[str] = field(default_factory=Counter)
    translations_with_errors: int = 0
    """Articles whose translation has an error finding."""
    corrections_on_retry: int = 0
    """Articles of which a retry would request a correction again."""

    @classmethod
    def of(cls, headers: Iterable[RecordHeader]) -> Counts:
        """The counts of several records."""
        counts = cls()
        for header in headers:
            counts.add(header)
        return counts

    def add(self, header: RecordHeader) -> None:
        """Count one more record."""
        self.statuses[header.status] += 1
        if header.reason is not None:
            self.reasons[header.reason.code] += 1
        self.findings.update(dict(header.findings))
        self.repairs.update(dict(header.repairs))
        self.translations_with_errors += header.translation_errors > 0
        self.corrections_on_retry += header.correction_on_retry


def exit_code(
    counts: Counts, ended_by: DragomanError | None, *, missing: bool, strict: bool, signal: int | None
) -> int:
    """The exit code of a run. Where several apply, the first of 130/143, 7, 4, 5, 6, 3 counts.

    ``ended_by`` ended the run early. ``missing`` says whether a recording was missing. ``strict`` counts flagged
    articles as failures. ``signal`` is the number of the signal that stopped the run.
    """
    if signal is not None:
        return 128 + signal
    if ended_by is not None:
        return ended_by.exit_code
    if missing:
        return 6
    failures = [status for status in counts.statuses if is_unanswered(status) or (strict and status == "flagged")]
    return 3 if any(counts.statuses[status] for status in failures) else 0


def exit_code_of_one(header: RecordHeader, *, strict: bool, signal: int | None) -> int:
    """The exit code of a command that processes one article, from the header of its record."""
    code = exit_code(Counts.of([header]), None, missing=False, strict=strict, signal=signal)
    return exit_code_of_unread(header.reason.code) if code == 0 and header.reason is not None else code


def exit_code_of_unread(code: str) -> int:
    """The exit code of a command whose only file is not read, for the reason with this code.

    A file that needs no request is no failure, but a link that the user named was meant to be read.
    """
    return 0 if code in SKIPPED and code != "link_not_followed" else 3
