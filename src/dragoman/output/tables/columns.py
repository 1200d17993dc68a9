"""The types that describe a table: its columns, and how its rows are made from a record. All writers use them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any, Literal

from dragoman.core.record import RecordDict
from dragoman.output.decision_matching import RecordDecisions

Kind = Literal["text", "texts", "integer", "decimal", "flag", "date", "moment"]
"""``texts`` is a list of texts, ``date`` a full date, ``moment`` a time in UTC, and ``flag`` true or false."""

Value = str | tuple[str, ...] | int | Decimal | bool | date | datetime | None
Row = tuple[Value, ...]
"""Values in the order of the columns; None for an empty cell."""

Item = Mapping[str, Any]
"""Values by column name from which a row is made. Names that are not columns are ignored."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, the kind of its values, and a sentence that explains it."""

    name: str
    kind: Kind
    about: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table; ``items`` makes an `Item` for each row from a record and its decisions."""

    name: str
    about: str
    items: Callable[[RecordDict, RecordDecisions], Iterable[Item]]
    columns: tuple[Column, ...]

    def rows(self, record: RecordDict, decisions: RecordDecisions) -> list[Row]:
        """The rows of one record, in the order in which the record has them."""
        return list(map(itemgetter(*[column.name for column in self.columns]), self.items(record, decisions)))


AddRows = Callable[[Table, Iterable[Row]], None]
"""Adds rows to one table."""


def full_date(partial: str | None) -> date | None:
    """The date in a partial ISO date that has year, month and day; None for ``2024-11`` or ``--11-05``."""
    return date.fromisoformat(partial) if partial is not None and len(partial) == 10 else None


def to_decimal(plain: str | None) -> Decimal | None:
    """A decimal string as a number."""
    return None if plain is None else Decimal(plain)
