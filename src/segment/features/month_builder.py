"""A month's file, built group by group of customers, so that memory holds the figures of one group at a time."""

# A month is read whole, but narrow: numbers for ids and what figures follow from, some 50 bytes a booking with all that
# belongs to it. What only the whole bank tells comes first (which own transfers stay here, what a branch's minute
# costs) or last (where contributions are clipped). In between a group's customers need their own accounts and no other.

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.contribution import debts_of_month
from segment.contribution.lines import to_polars
from segment.features.codes import PARENTS, Codes
from segment.features.frames import Engine, on_engine
from segment.features.monthly import rows_of_customers, stored_rows, with_bank_figures
from segment.features.peers import ClipBounds, contribution
from segment.features.point_in_time import short_tables_as_of, windows
from segment.features.slots import SLOTS, range_of, row_group_size, slot_of
from segment.files import write_whole
from segment.ledger.increments.long_table import LongTable
from segment.policy import Policy

CUSTOMERS_A_GROUP = 100_000
"""Of whom the figures of a month are made at a time."""

Keep = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True)
class MonthBuilder:
    """A ledger whose months are built."""

    codes: Codes
    short: Mapping[str, pl.DataFrame]  # with numbers
    long: Mapping[str, LongTable]
    slots: pl.Series  # of each customer, by number
    groups: NDArray[np.int32]  # of each customer, by number; each a range of slots
    policy: Policy
    engine: Engine

    @classmethod
    def of(
        cls, short: Mapping[str, pl.DataFrame], long: Mapping[str, LongTable], policy: Policy, engine: Engine
    ) -> MonthBuilder:
        """Number a ledger's customers and accounts, and spread the customers over groups."""
        codes = Codes.of(short)
        slots = slot_of(codes.numbers["customer_id"].ids)
        count = min(SLOTS, max(1, -(-len(slots) // CUSTOMERS_A_GROUP)))
        seen = {name: codes.narrow(rows) for name, rows in short.items()}
        return cls(codes, seen, long, slots, range_of(slots, count).to_numpy(), policy, engine)

    def build(
        self, month: dt.date, before: pl.DataFrame | None, keep: Keep | None, file: Path
    ) -> tuple[int, pl.DataFrame]:
        """Write a month; return how many rows are kept, and all debts at its end, by those of the month before."""
        codes, accounts = self.codes, self.codes.numbers["account_id"]
        short = {name: to_polars(rows) for name, rows in short_tables_as_of(self.short, month).items()}
        long = {name: self.long[name].rows(*window, made=codes.narrow) for name, window in windows(month).items()}
        long["transactions"] = long["transactions"].with_row_index("transaction_id")
        known = None if before is None else codes.narrow(before)
        debts = debts_of_month(known, short["accounts"], long["balances"], self.policy, month)
        tables = short | long | {"debts": debts}
        told = with_bank_figures(on_engine(tables, "polars"), self.policy, month)
        tables |= {name: to_polars(told[name]) for name in ("transactions", "branches")}
        del short, long, told
        rows = self._write(tables, self.short["branches"], month, keep, file)
        named = debts.with_columns(accounts.ids.gather(debts["account_id"]).alias("account_id"))
        return rows, named.sort("account_id")

    def _write(
        self, tables: dict[str, pl.DataFrame], branches: pl.DataFrame, month: dt.date, keep: Keep | None, file: Path
    ) -> int:
        with tempfile.TemporaryDirectory(prefix="segment-") as folder:
            contributions, parts, height = [], [], 0
            for number, group in enumerate(self._cut(tables)):
                rows = to_polars(rows_of_customers(on_engine(group, self.engine), self.policy, month))
                slot = self.slots.gather(rows["customer_id"])
                rows = stored_rows(rows, self.codes, branches, self.policy).with_columns(
                    slot, contribution=contribution()
                )
                # of all, before anybody is dropped: nobody else's figures depend on who is
                contributions.append(rows.select("peer_group", "contribution"))
                rows = (rows if keep is None else keep(rows)).sort("slot", "customer_id")
                height += len(rows)
                parts.append(self._laid(rows, Path(folder) / f"{number}.parquet"))
                del group, rows
            bounds = ClipBounds.of(pl.concat(contributions), self.policy.tiers)
            whole = bounds.with_clipped(pl.concat(parts))
            size = row_group_size(height)
            write_whole(
                file,
                lambda beside: whole.sink_parquet(beside, compression="zstd", statistics=True, row_group_size=size),
            )
        return height

    def _laid(self, rows: pl.DataFrame, path: Path) -> pl.LazyFrame:
        """Rows that wait for the others: on disk, where there are more groups than one."""
        if not self.groups.any():
            return rows.lazy()
        rows.write_parquet(path, compression="lz4")
        return pl.scan_parquet(path, glob=False)

    def _cut(self, tables: Mapping[str, pl.DataFrame]) -> Iterator[dict[str, pl.DataFrame]]:
        """What each group's customers and their accounts have in the tables."""
        if not self.groups.any():
            yield dict(tables)
            return
        for group in range(int(self.groups.max()) + 1):
            own = self.groups == group
            holdings = tables["holdings"].filter(pl.Series(own[tables["holdings"]["customer_id"].to_numpy()]))
            held = np.zeros(len(self.codes.numbers["account_id"].ids), dtype=bool)
            held[holdings["account_id"].to_numpy()] = True
            chosen = {"customer_id": own, "account_id": held}
            cut = {"holdings": holdings}
            for name in tables.keys() - {"holdings"}:
                column = next((column for column in PARENTS if column in tables[name].columns), None)
                cut[name] = tables[name]
                if column is not None:
                    cut[name] = cut[name].filter(pl.Series(chosen[column][cut[name][column].to_numpy()]))
            yield cut
