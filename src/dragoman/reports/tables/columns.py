"""What a table is: columns with a name, a type, a sentence, and where the value comes from. All writers use these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar

from dragoman.records import Record
from dragoman.reports.matching import Decided

Kind = Literal["text", "texts", "integer", "decimal", "flag", "date", "moment"]
"""``texts`` is a list of texts, ``date`` a whole day, ``moment`` a time in UTC, ``flag`` true or false."""

Value = str | tuple[str, ...] | int | Decimal | bool | date | datetime | None
Row = tuple[Value, ...]
"""Values in the order of the columns; None where there is none."""

Item = TypeVar("Item", contravariant=True)


@dataclass(frozen=True, slots=True)
class Column(Generic[Item]):
    """One column: the writers go by ``kind``, people by ``about``."""

    name: str
    kind: Kind
    about: str
    value: Callable[[Item], Value]


@dataclass(frozen=True, slots=True)
class Table(Generic[Item]):
    """One table; ``items`` gives what of a record is a row."""

    name: str
    about: str
    items: Callable[[Record, Decided], Iterable[Item]]
    columns: tuple[Column[Item], ...]

    def rows(self, record: Record, decided: Decided) -> Iterator[Row]:
        """The rows of one record, in its order."""
        for item in self.items(record, decided):
            yield tuple(column.value(item) for column in self.columns)


Add = Callable[[Table[Any], Row], None]
"""What a writer does with one row of one table."""


def whole_day(partial: str | None) -> date | None:
    """The day of a partial ISO date that names one: ``2024-11-05``, but not ``2024-11`` or ``--11-05``."""
    return date.fromisoformat(partial) if partial is not None and len(partial) == 10 else None


def amount(plain: str | None) -> Decimal | None:
    """The number in a plain decimal string."""
    return None if plain is None else Decimal(plain)
