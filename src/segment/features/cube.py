"""The cube: one bucket of customers, every month, every measure, dense in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.features.known import next_month
from segment.features.store import SLOTS, month_file
from segment.features.windows import Floats


@dataclass(frozen=True)
class Cube:
    """Measures of some customers over consecutive months.

    Attributes
    ----------
    customer_ids : array of str, shape (customers,)
        Ascending.
    months : tuple of datetime.date
        First days, ascending without gaps.
    measures : tuple of str
        Names along the last axis.
    values : array of float64, shape (customers, months, measures)
        NaN in months in which the customer was not here.
    """

    customer_ids: NDArray[np.object_]
    months: tuple[dt.date, ...]
    measures: tuple[str, ...]
    values: Floats

    def __getitem__(self, measure: str) -> Floats:
        """Values of one measure, of shape (customers, months)."""
        return self.values[:, :, self.measures.index(measure)]

    def with_measures(self, added: dict[str, Floats]) -> Cube:
        """Put further measures behind those there are.

        Parameters
        ----------
        added : dict of str to array of shape (customers, months)

        Returns
        -------
        Cube
        """
        values = np.concatenate([self.values, np.stack(list(added.values()), axis=2)], axis=2)
        return Cube(self.customer_ids, self.months, (*self.measures, *added), values)


def build_cube(folder: Path, bucket: int, buckets: int, months: Sequence[dt.date], measures: Sequence[str]) -> Cube:
    """Read one bucket of customers out of the customer months.

    Parameters
    ----------
    folder : Path
        The folder of customer months.
    bucket, buckets : int
        Which of how many, from 0. Customers are spread over buckets by a stable hash of their id.
    months : sequence of datetime.date
        Months to read, ascending.
    measures : sequence of str
        Columns to read.

    Returns
    -------
    Cube
        Months between the first and the last that were never built are NaN.
    """
    low, high = bucket * SLOTS // buckets, (bucket + 1) * SLOTS // buckets
    files = [month_file(folder, month) for month in months]
    rows = (
        pl.scan_parquet(files)
        .filter(pl.col("slot").is_between(low, high, closed="left"))
        .select("customer_id", "month", *measures)
        .collect(engine="in-memory")
    )
    return cube_of(rows, _without_gaps(months), measures)


def cube_of(rows: pl.DataFrame, months: Sequence[dt.date], measures: Sequence[str]) -> Cube:
    """Spread long rows out into a cube.

    Parameters
    ----------
    rows : polars.DataFrame
        `customer_id`, `month` and the measures; at most one row per customer and month.
    months : sequence of datetime.date
        The cube's months, ascending without gaps.
    measures : sequence of str
        The cube's measures.

    Returns
    -------
    Cube
    """
    customers = rows["customer_id"].unique().sort()
    values = np.full((len(customers), len(months), len(measures)), np.nan)
    position = pl.DataFrame({"customer_id": customers}).with_row_index("row")
    at = rows.select("customer_id").join(position, on="customer_id", how="left", maintain_order="left")
    first = months[0].year * 12 + months[0].month
    column = rows["month"].dt.year().cast(pl.Int32) * 12 + rows["month"].dt.month().cast(pl.Int32) - first
    filled = rows.select(pl.col(*measures).cast(pl.Float64).fill_null(np.nan)).to_numpy()
    values[at["row"].to_numpy(), column.to_numpy(), :] = filled
    return Cube(customers.to_numpy().astype(object), tuple(months), tuple(measures), values)


def _without_gaps(months: Sequence[dt.date]) -> tuple[dt.date, ...]:
    every, month = [], months[0]
    while month <= months[-1]:
        every.append(month)
        month = next_month(month)
    return tuple(every)
