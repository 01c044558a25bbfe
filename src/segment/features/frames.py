"""Frames of any engine, and how the ledger's tables come onto one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Literal, TypeAlias

import duckdb
import narwhals as nw
import polars as pl

from segment.contribution.lines import Frame
from segment.exceptions import UsageError

Engine = Literal["polars", "duckdb"]
SumWhere: TypeAlias = Callable[[nw.Expr, nw.Expr], nw.Expr]
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
    UsageError
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
    raise UsageError.with_hint(
        f"`engine` must be one of {', '.join(ENGINES)}. Got {engine!r} instead.", "leave it out for polars"
    )


def computed(frame: Frame, by: str | None = None) -> Frame:
    """Compute once what several sums of a month rest on; another engine than Polars plans it with each of them."""
    # `by`: By which most of them are made: they take half as long over rows that stand together.
    native = frame.to_native()
    if not isinstance(native, pl.LazyFrame):
        return frame
    rows = native.collect(engine="in-memory")
    return nw.from_native((rows if by is None else rows.sort(by, maintain_order=True)).lazy())


def one_of(column: str, values: Collection[str]) -> nw.Expr:
    """Whether a column holds one of some words; false for no words at all."""
    return nw.col(column).is_in(list(values)) if values else nw.lit(False)


def sum_where(condition: nw.Expr, value: nw.Expr) -> nw.Expr:
    """Sum a value over the rows of a group that meet a condition; zero where none does."""
    return nw.when(condition).then(value).otherwise(nw.lit(0.0)).sum()


def summing_in(frame: Frame) -> SumWhere:
    """How the rows of a frame are summed by `sum_where`: Polars takes half as long where it leaves out the others."""
    chosen: SumWhere = lambda condition, value: value.filter(condition).sum()  # noqa: E731
    return chosen if isinstance(frame.to_native(), pl.LazyFrame) else sum_where


def any_where(condition: nw.Expr) -> nw.Expr:
    """Return 1.0 where some row of a group meets a condition, else 0.0."""
    return nw.when(condition).then(nw.lit(1.0)).otherwise(nw.lit(0.0)).max()
