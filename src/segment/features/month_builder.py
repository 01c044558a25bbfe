"""A month's file, built group by group of customers, so that memory holds the figures of one group at a time."""

# A month is read whole, but narrow: numbers for ids, and what figures follow from. What only the whole bank tells comes
# first (which own transfers stay here, what a branch's minute costs) or last (where contributions are clipped). In
# between a group's customers need their own accounts and no other.

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
from segment.features.frames import Engine, on_engine
from segment.features.id_numbers import Codes
from segment.features.monthly import rows_of_customers, stored_rows, with_bank_figures
from segment.features.peers import ClipBounds, contribution
from segment.features.point_in_time import short_tables_as_of, windows
from segment.features.slots import LEAST_ROW_GROUP, SLOTS, range_of, row_group_size, slot_of
from segment.files import write_parquet
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
        tables = self._read(month, before)
        debts, groups = tables["debts"], self._cut(tables)
        del tables  # the groups hold them, and let them go before the file is written
        contributions, parts, height = [], [], 0
        with tempfile.TemporaryDirectory(prefix="segment-") as folder:
            for number, group in enumerate(groups):
                rows = self._made(group, month)
                # of all, before anybody is dropped: nobody else's figures depend on who is
                contributions.append(rows.select("peer_group", "contribution_clipped"))
                rows = (rows if keep is None else keep(rows)).sort("slot", "customer_id")
                height += len(rows)
                parts.append(self._laid(rows, Path(folder) / f"{number}.parquet"))
                del group, rows
            bounds = ClipBounds.of(pl.concat(contributions), self.policy.tiers)
            whole = pl.concat(parts).map_batches(bounds.clip, streamable=True)
            write_parquet(whole, file, row_group_size=row_group_size(height))
        ids = self.codes.numbers["account_id"].ids.gather(debts["account_id"])
        return height, debts.with_columns(ids.alias("account_id")).sort("account_id")

    def _read(self, month: dt.date, before: pl.DataFrame | None) -> dict[str, pl.DataFrame]:
        """What a month sees, with debts and what only the whole bank tells."""
        tables = {name: to_polars(rows) for name, rows in short_tables_as_of(self.short, month).items()}
        tables |= {name: self.long[name].rows(*days, made=self.codes.narrow) for name, days in windows(month).items()}
        tables["transactions"] = tables["transactions"].with_row_index("transaction_id")
        known = None if before is None else self.codes.narrow(before)
        tables["debts"] = debts_of_month(known, tables["accounts"], tables["balances"], self.policy, month)
        told = with_bank_figures(on_engine(tables, "polars"), self.policy, month)
        return tables | {name: to_polars(told[name]) for name in ("transactions", "branches")}

    def _cut(self, tables: Mapping[str, pl.DataFrame]) -> Iterator[Mapping[str, pl.DataFrame]]:
        """What each group's customers and their accounts have in the tables."""
        if not self.groups.any():
            yield tables
            return
        for group in range(int(self.groups.max()) + 1):
            own = self.groups == group
            holdings = tables["holdings"].filter(pl.Series(own[tables["holdings"]["customer_id"].to_numpy()]))
            held = np.zeros(len(self.codes.numbers["account_id"].ids), dtype=bool)
            held[holdings["account_id"].to_numpy()] = True
            cut = {}
            for name, rows in tables.items():
                for column, chosen in (("account_id", held), ("customer_id", own)):
                    if column in rows.columns:
                        rows = rows.filter(pl.Series(chosen[rows[column].to_numpy()]))
                cut[name] = rows
            yield cut

    def _made(self, tables: Mapping[str, pl.DataFrame], month: dt.date) -> pl.DataFrame:
        """The rows of a group as they are stored, but for the contribution, which is still to be clipped."""
        rows = to_polars(rows_of_customers(on_engine(tables, self.engine), self.policy, month))
        slot = self.slots.gather(rows["customer_id"])
        rows = stored_rows(rows, self.codes, self.short["branches"], self.policy)
        return rows.with_columns(contribution().alias("contribution_clipped"), slot)

    def _laid(self, rows: pl.DataFrame, path: Path) -> pl.LazyFrame:
        """Rows that wait for the others: on disk, where there are more groups than one."""
        if not self.groups.any():
            return rows.lazy()
        rows.write_parquet(path, compression="lz4", row_group_size=LEAST_ROW_GROUP)  # read by so many
        return pl.scan_parquet(path, glob=False)
