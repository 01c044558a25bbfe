"""Customers and accounts over buckets: each holds all that the figures of its customers follow from."""

# A bucket is a range of the slots that files of customer months are sorted by. Beside its customers' own accounts it
# holds those of whoever owns one of these with them: whether a transfer stays within the bank is seen on all of them.

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from segment.features.slots import SLOTS, range_of, slot_of

BUCKETS, HOME = "__buckets", "__home"
"""Every bucket that reads a row, and the one that counts it."""
CUSTOMERS_A_BUCKET = 20_000
"""Of which a task builds the months: what it holds is a month of them at a time."""
_BUCKET = "bucket"


@dataclass(frozen=True)
class CustomerBuckets:
    """Which buckets read which customers and accounts."""

    count: int
    customers: pl.DataFrame  # `customer_id`, and the `bucket` that its figures are made in
    reached: pl.DataFrame  # `customer_id`, `bucket`: co-owners included
    accounts: pl.DataFrame  # `account_id`, BUCKETS, HOME

    @classmethod
    def of(cls, tables: Mapping[str, pl.DataFrame], count: int | None = None) -> CustomerBuckets:
        """Spread a checked ledger's customers; `count`: as many as there are customers for by default."""
        number = min(SLOTS, count or max(1, -(-len(tables["customers"]) // CUSTOMERS_A_BUCKET)))
        customers = tables["customers"].select("customer_id")
        customers = customers.with_columns(bucket=range_of(slot_of(customers["customer_id"]), number))
        held = tables["holdings"].filter(pl.col("share") > 0.0).select("account_id", "customer_id")
        own = held.join(customers, on="customer_id").select("account_id", _BUCKET).unique()
        partners = own.join(held, on="account_id").select("customer_id", _BUCKET)
        reached = pl.concat([customers, partners]).unique().sort("customer_id", _BUCKET)
        # who is reached brings the own accounts along
        seen = reached.join(held, on="customer_id").select("account_id", _BUCKET)
        home = own.group_by("account_id", maintain_order=True).agg(pl.col(_BUCKET).min().alias(HOME))
        accounts = tables["accounts"].select("account_id").join(home, on="account_id", how="left")
        nobodys = pl.Series([zlib.crc32(name.encode()) % number for name in accounts["account_id"]], dtype=pl.Int32)
        accounts = accounts.with_columns(pl.col(HOME).fill_null(nobodys))
        every = pl.concat([seen, accounts.select("account_id", pl.col(HOME).alias(_BUCKET))]).unique()
        lists = every.group_by("account_id", maintain_order=True).agg(pl.col(_BUCKET).sort().alias(BUCKETS))
        return cls(number, customers, reached, accounts.join(lists, on="account_id", how="left"))

    def tables(self, tables: Mapping[str, pl.DataFrame]) -> Iterator[tuple[int, dict[str, pl.DataFrame]]]:
        """The short tables of each bucket; HOME says which customers and accounts it counts."""
        own = self.customers.with_columns(pl.lit(True).alias(HOME))
        reached = self.reached.join(own, on=["customer_id", _BUCKET], how="left").with_columns(
            pl.col(HOME).fill_null(False)
        )
        accounts = self.accounts.explode(BUCKETS).rename({BUCKETS: _BUCKET})
        accounts = accounts.with_columns(pl.col(HOME) == pl.col(_BUCKET))
        parts = {
            "customers": tables["customers"].join(reached, on="customer_id", maintain_order="left"),
            "accounts": tables["accounts"].join(accounts, on="account_id", maintain_order="left"),
            "holdings": tables["holdings"].join(
                accounts.select("account_id", _BUCKET), on="account_id", maintain_order="left"
            ),
            "contact_rules": tables["contact_rules"].join(self.customers, on="customer_id", maintain_order="left"),
        }
        cut = {name: rows.partition_by(_BUCKET, as_dict=True, include_key=False) for name, rows in parts.items()}
        for bucket in range(self.count):
            empty = {name: rows.clear().drop(_BUCKET) for name, rows in parts.items()}
            of_bucket = {name: cut[name].get((bucket,), empty[name]) for name in parts}
            yield bucket, {"branches": tables["branches"], **of_bucket}
