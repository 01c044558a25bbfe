"""Rows of numbers that wait on disk: written in any order of customers, read in the order of their ids."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from segment.features.windows import Floats
from segment.files import make_file

ROWS_A_CHUNK = 20_000


class RowSpool:
    """One row of each customer who has one, in a file where each customer's place is known before."""

    def __init__(self, path: Path, customer_ids: pl.Series, columns: Sequence[str]) -> None:
        make_file(path)
        self._path, self._columns = path, tuple(columns)
        self._ids = customer_ids.unique().sort()
        self._places = {name: place for place, name in enumerate(self._ids)}
        self._held = np.zeros(len(self._ids), dtype=bool)

    def write(self, customer_ids: Sequence[str], values: Floats) -> None:
        """Lay down rows of shape (customers, columns); who is not among the customers has no place."""
        width = 8 * len(self._columns)
        file = os.open(self._path, os.O_WRONLY)
        try:
            for name, row in zip(customer_ids, np.ascontiguousarray(values, dtype=np.float64), strict=True):
                place = self._places.get(name)
                if place is not None:
                    self._held[place] = True
                    os.pwrite(file, row, place * width)
        finally:
            os.close(file)

    def chunks(self, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """Read the rows by customer, some thousand at a time, each with `customer_id`; all columns, or some."""
        wanted = {name: place for place, name in enumerate(self._columns) if columns is None or name in columns}
        for start in range(0, max(1, len(self._ids)), ROWS_A_CHUNK):
            places = start + np.flatnonzero(self._held[start : start + ROWS_A_CHUNK])
            values = self._read(start, int(places.max(initial=start - 1)) + 1)[places - start]
            frame = pl.DataFrame({name: values[:, place] for name, place in wanted.items()})
            yield frame.with_columns(self._ids.gather(places).alias("customer_id"))

    def _read(self, start: int, end: int) -> Floats:
        """Rows of consecutive places; behind the last one written the file ends."""
        width = len(self._columns)
        flat = np.fromfile(self._path, np.float64, (end - start) * width, offset=start * width * 8)
        return flat.reshape(end - start, width)
