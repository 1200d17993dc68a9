"""What a table is: columns with a name, a type and a sentence, and where its rows come from. All writers use these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any, Literal

from dragoman.core.record import Plain
from dragoman.output.decision_matching import RecordDecisions

Kind = Literal["text", "texts", "integer", "decimal", "flag", "date", "moment"]
"""``texts`` is a list of texts, ``date`` a whole day, ``moment`` a time in UTC, ``flag`` true or false."""

Value = str | tuple[str, ...] | int | Decimal | bool | date | datetime | None
Row = tuple[Value, ...]
"""Values in the order of the columns; None where there is none."""

Item = Mapping[str, Any]
"""What becomes a row: values by column name, and whatever else came along."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the writers go by ``kind``, people by ``about``."""

    name: str
    kind: Kind
    about: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table; ``items`` gives what of a record is a row."""

    name: str
    about: str
    items: Callable[[Plain, RecordDecisions], Iterable[Item]]
    columns: tuple[Column, ...]

    def rows(self, record: Plain, decided: RecordDecisions) -> list[Row]:
        """The rows of one record, in its order."""
        return list(map(itemgetter(*[column.name for column in self.columns]), self.items(record, decided)))


Add = Callable[[Table, Iterable[Row]], None]
"""What a writer does with some rows of one table."""


def whole_day(partial: str | None) -> date | None:
    """The day of a partial ISO date that names one: ``2024-11-05``, but not ``2024-11`` or ``--11-05``."""
    return date.fromisoformat(partial) if partial is not None and len(partial) == 10 else None


def amount(plain: str | None) -> Decimal | None:
    """The number in a plain decimal string."""
    return None if plain is None else Decimal(plain)
