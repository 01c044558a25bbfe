from __future__ import annotations

import datetime as dt

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from segment.contribution import LINE_NAMES, attribute, reconcile, remainder_of_month
from segment.contribution.lines import ACCOUNT_LINES, PERSON_LINES
from segment.contribution.remainder import unallocated_lines
from tests.contribution.random_bank import Bank, accounted, debts_of, random_bank
from tests.contribution.small_bank import COSTS, JUNE, collected, lazy, on_duckdb, on_polars, policy

OF = policy(costs=COSTS | {"overhead": COSTS["overhead"] | {"branch_minutes_month": 300.0}})


def with_a_leaver(bank: Bank) -> Bank:
    """The bank after its first customer left in May."""
    left = pl.when(pl.col("customer_id") == "c0").then(dt.date(2025, 5, 31)).alias("left_on")
    return bank | {"customers": bank["customers"].with_columns(left)}


@settings(max_examples=10)
@given(st.integers(0, 10**6).map(random_bank))
def test_accounts_lines_are_whole_with_the_customers_who_are_still_here(bank: Bank) -> None:
    bank = with_a_leaver(bank)
    of = {name: on_polars(frame) for name, frame in (bank | {"debts": debts_of(bank, OF)}).items()}
    accounts = accounted(bank, OF)["accounts"]
    here = of["holdings"].filter(nw.col("customer_id") != "c0")
    lines = [name for name in accounts.columns if name not in ("account_id", "overhead_cost")]
    held = attribute(on_polars(accounts), here, lines).collect("polars").to_native()
    left = collected(remainder_of_month(of, OF, JUNE), "branch_id")
    for line in lines:
        assert held[line].sum() + left[line].sum() == pytest.approx(accounts[line].sum(), abs=1e-8)


def test_rows_of_other_months_are_left_out() -> None:
    bank = random_bank(4)
    days = {"transactions": "booked_on", "balances": "month"}
    moved = {
        name: pl.concat([bank[name], bank[name].with_columns(pl.col(day).dt.offset_by("1mo"))])
        for name, day in days.items()
    }
    frames = [{name: on_polars(frame) for name, frame in (bank | more).items()} for more in ({}, moved)]
    one, other = (collected(remainder_of_month(tables, OF, JUNE), "branch_id") for tables in frames)
    assert_frame_equal(one, other, rel_tol=0, abs_tol=1e-9)


def test_the_remainder_is_the_same_on_duckdb() -> None:
    bank = with_a_leaver(random_bank(5))
    one, other = (
        collected(remainder_of_month({name: lazily(frame) for name, frame in bank.items()}, OF, JUNE), "branch_id")
        for lazily in (on_polars, on_duckdb)
    )
    assert_frame_equal(one, other, rel_tol=0, abs_tol=1e-9)


def test_unused_capacity_goes_into_the_reconciliation_by_its_name() -> None:
    bank = random_bank(6)
    remainder = remainder_of_month({name: on_polars(frame) for name, frame in bank.items()}, OF, JUNE)
    unused = collected(remainder, "branch_id")["unused_overhead"].sum()
    nobody = on_polars(pl.DataFrame([{"branch_id": "north", "month": JUNE} | dict.fromkeys(LINE_NAMES, 0.0)]))
    table = reconcile(nobody, remainder, lazy("ledger_totals"), OF).table
    assert unused > 0.0
    assert table["unused_capacity"].sum() == pytest.approx(unused, abs=0.011)


def test_shares_that_nobody_holds_stay_at_the_accounts_branch() -> None:
    def table(**columns):
        return nw.from_native(pl.LazyFrame(columns))

    accounts = table(account_id=["A"], **{name: [8.0] for name in ACCOUNT_LINES})
    persons = table(customer_id=["x"], **{name: [1.0] for name in PERSON_LINES})
    customers, homes = table(customer_id=["x"], branch_id=["north"]), table(account_id=["A"], branch_id=["south"])
    holdings = table(account_id=["A"], customer_id=["x"], share=[0.75])
    left = unallocated_lines(accounts, persons, homes, customers, holdings, customers)
    assert left.select("branch_id", "net_interest", "complaint_cost").collect().rows() == [("south", 2.0, 0.0)]
