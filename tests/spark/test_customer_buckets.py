"""Buckets of customers: each holds what its customers' figures follow from, and each account is counted once."""

from __future__ import annotations

import polars as pl

from segment.features.slots import SLOTS, slot_of
from segment.spark.customer_buckets import BUCKETS, HOME, CustomerBuckets

# x and y hold a joint account, y and z another; w holds none, and nobody owns `loose`
HOLDERS = [("own-x", "x"), ("xy", "x"), ("xy", "y"), ("own-y", "y"), ("yz", "y"), ("yz", "z"), ("own-z", "z")]


def bank() -> dict[str, pl.DataFrame]:
    accounts = [*dict.fromkeys(account for account, _ in HOLDERS), "loose"]
    holdings = pl.DataFrame(HOLDERS, schema=["account_id", "customer_id"], orient="row")
    return {
        "branches": pl.DataFrame({"branch_id": ["b"]}),
        "customers": pl.DataFrame({"customer_id": ["w", "x", "y", "z"]}),
        "accounts": pl.DataFrame({"account_id": accounts}),
        "holdings": holdings.with_columns(share=pl.lit(0.5)),
        "contact_rules": pl.DataFrame({"customer_id": ["y"], "rule": ["opt_out"]}),
    }


def test_buckets_are_the_ranges_of_slots_that_one_machine_reads() -> None:
    ids = pl.Series([f"c{number}" for number in range(500)])
    tables = bank() | {"customers": pl.DataFrame({"customer_id": ids})}
    buckets = CustomerBuckets.of(tables, 7).customers["bucket"]
    for bucket, slot in zip(buckets, slot_of(ids), strict=True):
        assert bucket * SLOTS // 7 <= slot < (bucket + 1) * SLOTS // 7


def test_a_bucket_brings_the_accounts_of_co_owners() -> None:
    tables, count = bank(), SLOTS
    buckets = CustomerBuckets.of(tables, count)
    of = dict(buckets.customers.iter_rows())
    assert len(set(of.values())) == len(of), "the four must be apart for this test"
    found = dict(buckets.tables(tables))[of["x"]]
    assert set(found["accounts"]["account_id"]) >= {"own-x", "xy", "own-y", "yz"}
    assert "own-z" not in set(found["accounts"]["account_id"])
    assert found["customers"].filter(HOME)["customer_id"].to_list() == ["x"]
    assert set(found["customers"]["customer_id"]) == {"x", "y"}
    assert found["contact_rules"].is_empty()


def test_every_account_is_counted_in_one_bucket_that_reads_it() -> None:
    accounts = CustomerBuckets.of(bank(), 5).accounts
    assert sorted(accounts["account_id"]) == sorted({account for account, _ in HOLDERS} | {"loose"})
    assert accounts.select(pl.col(BUCKETS).list.contains(pl.col(HOME)).all()).item()
    counted = [name for _, tables in CustomerBuckets.of(bank(), 5).tables(bank())
               for name in tables["accounts"].filter(HOME)["account_id"]]  # fmt: skip
    assert sorted(counted) == sorted(accounts["account_id"])
