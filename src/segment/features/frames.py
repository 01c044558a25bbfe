"""Frames of any engine, and how the ledger's tables come onto one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal, TypeAlias

import duckdb
import narwhals as nw
import polars as pl

from segment.exceptions import SegmentError

# lazy, of whatever engine the caller brought
Frame: TypeAlias = nw.LazyFrame[Any]
Engine = Literal["polars", "duckdb"]
ENGINES: tuple[Engine, ...] = ("polars", "duckdb")


def on_engine(tables: Mapping[str, pl.DataFrame], engine: Engine) -> dict[str, Frame]:
    """Put tables on an engine.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        By the contract's names.
    engine : {"polars", "duckdb"}
        Where the sums are to be made.

    Returns
    -------
    dict of str to narwhals.LazyFrame

    Raises
    ------
    SegmentError
        Where the engine is unknown.

    Examples
    --------
    >>> tables = on_engine({"branches": pl.DataFrame({"branch_id": ["b1"]})}, "duckdb")
    >>> tables["branches"].collect("polars").rows()
    [('b1',)]
    """
    if engine == "polars":
        return {name: nw.from_native(table.lazy()) for name, table in tables.items()}
    if engine == "duckdb":
        connection = duckdb.connect()
        # relations keep their connection alive; all of them must share one to be joined
        return {name: nw.from_native(connection.from_arrow(table.to_arrow())) for name, table in tables.items()}
    raise SegmentError.with_hint(
        f"`engine` must be one of {', '.join(ENGINES)}. Got {engine!r} instead.", "leave it out for polars"
    )


def to_polars(frame: Frame) -> pl.DataFrame:
    """Compute a frame.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        Of any engine.

    Returns
    -------
    polars.DataFrame
        Numbers that an engine keeps as decimals or unsigned come as they are; callers cast.
    """
    native = frame.to_native()
    if isinstance(native, pl.LazyFrame):
        # the in-memory engine adds in one order, so that the same rows give the same bytes
        return native.collect(engine="in-memory")
    collected: pl.DataFrame = frame.collect("polars").to_native()
    return collected


def one_of(column: str, values: Collection[str]) -> nw.Expr:
    """Whether a column holds one of some words; false for no words at all.

    Parameters
    ----------
    column : str
        Name of the column.
    values : collection of str
        May be empty, which some engines would not take.

    Returns
    -------
    narwhals.Expr
    """
    return nw.col(column).is_in(list(values)) if values else nw.lit(False)


def sum_where(condition: nw.Expr, value: nw.Expr) -> nw.Expr:
    """Sum a value over the rows of a group that meet a condition; zero where none does.

    Parameters
    ----------
    condition, value : narwhals.Expr
        One per row.

    Returns
    -------
    narwhals.Expr
        An aggregation.
    """
    return nw.when(condition).then(value).otherwise(nw.lit(0.0)).sum()


def any_where(condition: nw.Expr) -> nw.Expr:
    """Return 1.0 where some row of a group meets a condition, else 0.0.

    Parameters
    ----------
    condition : narwhals.Expr
        One per row.

    Returns
    -------
    narwhals.Expr
        An aggregation.
    """
    return nw.when(condition).then(nw.lit(1.0)).otherwise(nw.lit(0.0)).max()
