"""The cube: one bucket of customers, every month, every measure, dense in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.dates import months_since, months_through
from segment.features.customer_sample import CustomerSample
from segment.features.slots import SLOTS
from segment.features.store import month_file
from segment.features.windows import Floats


@dataclass(frozen=True)
class Cube:
    """Measures of some customers over consecutive months."""

    customer_ids: NDArray[np.object_]  # ascending
    months: tuple[dt.date, ...]  # first days, ascending without gaps
    measures: tuple[str, ...]
    values: Floats  # (customers, months, measures); NaN in months in which the customer was not here

    def __getitem__(self, measure: str) -> Floats:
        """Values of one measure, of shape (customers, months)."""
        return self.values[:, :, self.measures.index(measure)]

    def with_measures(self, added: dict[str, Floats]) -> Cube:
        """Put further measures of shape (customers, months) behind those there are."""
        values = np.concatenate([self.values, np.stack(list(added.values()), axis=2)], axis=2)
        return Cube(self.customer_ids, self.months, (*self.measures, *added), values)


def build_cube(
    folder: Path,
    bucket: int,
    buckets: int,
    months: Sequence[dt.date],
    measures: Sequence[str],
    sample: CustomerSample | None = None,
) -> Cube:
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
    sample : CustomerSample, optional
        Customers that are spread over the buckets; all of them by default.

    Returns
    -------
    Cube
        Months between the first and the last that were never built are NaN.
    """
    slots = SLOTS if sample is None else sample.slots
    low, high = bucket * slots // buckets, (bucket + 1) * slots // buckets
    wanted = pl.lit(True) if sample is None else pl.col("customer_id").is_in(sample.customer_ids.implode())
    files = [month_file(folder, month) for month in months]
    rows = (
        pl.scan_parquet(files, glob=False)
        .filter(pl.col("slot").is_between(low, high, closed="left"), wanted)
        .select("customer_id", "month", *measures)
        .collect(engine="in-memory")
    )
    return cube_of(rows, tuple(months_through(months[0], months[-1])), measures)


def cube_of(rows: pl.DataFrame, months: Sequence[dt.date], measures: Sequence[str]) -> Cube:
    """Spread long rows out into a cube."""
    customers = rows["customer_id"].unique().sort()
    values = np.full((len(customers), len(months), len(measures)), np.nan)
    position = pl.DataFrame({"customer_id": customers}).with_row_index("row")
    at = rows.select("customer_id").join(position, on="customer_id", how="left", maintain_order="left")
    column = rows.select(months_since(months[0], pl.col("month"))).to_series()
    filled = rows.select(pl.col(*measures).cast(pl.Float64).fill_null(np.nan)).to_numpy()
    values[at["row"].to_numpy(), column.to_numpy(), :] = filled
    return Cube(customers.to_numpy().astype(object), tuple(months), tuple(measures), values)
