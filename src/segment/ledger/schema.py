"""What a table and a column of a ledger are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl

_SEED, _HALF = 3, 2**32
PLACE = "__place"
"""Column of where a row stands in the one order of a table."""

ColumnKind = Literal["text", "date", "month", "time", "number", "integer", "boolean"]

_DTYPES: dict[ColumnKind, pl.DataType] = {
    "text": pl.String(),
    "date": pl.Date(),
    "month": pl.Date(),
    "time": pl.Time(),
    "number": pl.Float64(),
    "integer": pl.Int64(),
    "boolean": pl.Boolean(),
}


@dataclass(frozen=True)
class Column:
    """One column of the contract.

    Parameters
    ----------
    name : str
        Its name, the same in files and databases.
    kind : {"text", "date", "month", "time", "number", "integer", "boolean"}
        What its cells hold. A month is a date that is a month's first day.
    meaning : str
        One line for the reference page.
    key : bool
        Whether it is part of what tells the table's rows apart.
    nullable : bool
        Whether a cell may be empty.
    optional : bool
        Whether a ledger may leave the column out.
    references : str, optional
        The table whose key its cells name.
    values : tuple of str
        The words it may hold; empty where any text may stand.
    as_enum : bool
        Whether its words become a `polars.Enum`, which keeps long tables small.

    Examples
    --------
    >>> Column("amount", "number", "money moved").dtype
    Float64
    """

    name: str
    kind: ColumnKind
    meaning: str
    key: bool = False
    nullable: bool = False
    optional: bool = False
    references: str | None = None
    values: tuple[str, ...] = ()
    as_enum: bool = False

    @property
    def is_id(self) -> bool:
        """Whether its cells say which one of something is meant, so that a digit more or less means another."""
        return self.kind == "text" and (self.name.endswith("_id") or self.name == "counterparty_bank")

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of the checked column."""
        return pl.Enum(self.values) if self.as_enum else _DTYPES[self.kind]


@dataclass(frozen=True)
class Table:
    """One table of the contract.

    Parameters
    ----------
    name : str
        Its name, the same in files and databases.
    meaning : str
        One line for the reference page.
    columns : tuple of Column
        In the order of the contract.
    optional : bool
        Whether a ledger may leave the table out.
    dated_by : str, optional
        The column that says from which day a row is known; None where rows have no such day.

    Examples
    --------
    >>> Table("branches", "the outlets", (Column("branch_id", "text", "the outlet", key=True),)).key
    ('branch_id',)
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    optional: bool = False
    dated_by: str | None = None

    @cached_property
    def key(self) -> tuple[str, ...]:
        """The names of the columns that tell rows apart; empty where rows may repeat."""
        return tuple(column.name for column in self.columns if column.key)

    @cached_property
    def schema(self) -> pl.Schema:
        """The names and Polars types of the checked table."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    def in_order(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The contract's columns, sorted by date and key, however the ledger was written."""
        names = self.schema.names()
        order = [name for name in (self.dated_by, *self.key, *(() if self.key else names)) if name]
        order = list(dict.fromkeys(order))
        return rows.select(names) if _is_in_order(rows, order) else rows.select(names).sort(order)

    def in_one_order(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The contract's columns of checked rows, in an order that follows from their keys and nothing else."""
        return self.placed(rows).sort(PLACE).drop(PLACE)

    def placed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The contract's columns of checked rows, and where each stands in the one order."""
        # by hashes, those of one parent together: sorting by day and key, which are text, takes three to seven times as
        # long, and sums by parent are made of rows that lie apart
        parent = next(column.name for column in self.columns if column.references)
        high, low = rows[parent].hash(_SEED) // _HALF * _HALF, rows.select(self.key).hash_rows(_SEED) // _HALF
        return rows.select(*self.schema.names(), (high + low).alias(PLACE))

    def visible_on(self, as_of: dt.date) -> pl.Expr:
        """Whether a row is dated on or before a day; one whose date cannot be read is, so that a rule names it."""
        return (pl.col(str(self.dated_by)) <= as_of).fill_null(True)


def _is_in_order(rows: pl.DataFrame, order: list[str]) -> bool:
    """Whether rows are sorted: to see it costs a tenth of sorting them."""
    in_order = pl.lit(True)
    for name in reversed(order):  # rows without a value come first
        now, before = pl.col(name), pl.col(name).shift()
        in_order = (now > before).fill_null(before.is_null() & now.is_not_null()) | (now.eq_missing(before) & in_order)
    return bool(rows.select(in_order.slice(1).all()).item())
