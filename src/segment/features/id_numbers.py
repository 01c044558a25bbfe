"""Numbers in place of ids: what a month of a bank takes in memory, and what joins and sums by them cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

PARENTS = {"customer_id": "customers", "account_id": "accounts"}
"""Columns that become numbers, and the tables that list what they name."""

UNSEEN = ("transaction_id", "event_id", "occurred_at", "role")
"""Columns that no figure of a month follows from."""

_SEEDS = range(8)


@dataclass(frozen=True)
class Numbers:
    """The number of each id: its place in the order of their hashes."""

    ids: pl.Series  # by number
    hashes: NDArray[np.uint64]  # by number, so ascending
    seed: int

    @classmethod
    def of(cls, ids: pl.Series) -> Numbers:
        """Number ids that are all different."""
        seed = next(seed for seed in _SEEDS if ids.hash(seed).n_unique() == len(ids))
        hashes = ids.hash(seed)
        order = hashes.arg_sort()
        return cls(ids.gather(order), hashes.gather(order).to_numpy(), seed)

    def find(self, ids: pl.Series) -> pl.Series:
        """The number of each id; null for one that has none."""
        # a cast to an Enum makes a table of all its words each time, which takes a second for three million
        hashes = ids.hash(self.seed).to_numpy()
        order = np.argsort(hashes)
        places = np.empty(len(ids), dtype=np.uint32)
        places[order] = np.searchsorted(self.hashes, hashes[order])
        places[places == len(self.hashes)] = 0
        found = self.hashes[places] == hashes if len(self.hashes) else np.zeros(len(ids), dtype=bool)
        numbers = pl.Series(ids.name, places)
        return (
            numbers
            if found.all()
            else numbers.zip_with(pl.Series(found), pl.repeat(None, 1, dtype=pl.UInt32, eager=True))
        )


@dataclass(frozen=True)
class Codes:
    """Numbers of a ledger's customers and accounts."""

    numbers: Mapping[str, Numbers]  # by column

    @classmethod
    def of(cls, tables: Mapping[str, pl.DataFrame]) -> Codes:
        """Number what a ledger's tables list."""
        return cls({column: Numbers.of(tables[parent][column]) for column, parent in PARENTS.items()})

    def narrow(self, rows: pl.DataFrame) -> pl.DataFrame:
        """A table's rows with numbers, but for those that name nobody and columns that no figure follows from."""
        columns = [name for name in self.numbers if name in rows.columns]
        named = rows.drop(UNSEEN, strict=False).with_columns(self.numbers[name].find(rows[name]) for name in columns)
        if "counterparty_bank" in named.columns:  # which bank it is decides nothing
            elsewhere = pl.col("counterparty_bank").is_not_null()
            named = named.with_columns(counterparty_bank=pl.when(elsewhere).then(elsewhere))
        strays = any(named[name].null_count() for name in columns)
        return named.drop_nulls(columns) if strays else named

    def tables(self, tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """Every table with numbers, of bookings too."""
        narrow = {name: self.narrow(rows) for name, rows in tables.items()}
        return narrow | {"transactions": narrow["transactions"].with_row_index("transaction_id")}
