from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from segment.banks.simulator.balance_rows import _lowest
from segment.banks.simulator.events import Columns
from tests.banks.simulator.conftest import SimulatedBank


def _columns(account: list[int], day: list[int], amount: list[float]) -> Columns:
    none = np.zeros(len(account), dtype=np.int64)
    return np.array(account), np.array(day), np.array(amount), none, none, none


def test_a_closing_balance_is_the_one_before_and_the_months_transactions(bank: SimulatedBank) -> None:
    moved = bank.table("transactions").group_by("account_id", month=pl.col("booked_on").dt.truncate("1mo"))
    balances = bank.table("balances").sort("account_id", "month")
    before = pl.col("closing_balance").shift(1).over("account_id")
    joined = balances.with_columns(before=before).join(
        moved.agg(pl.col("amount").sum()), on=["account_id", "month"], how="left"
    )
    joined = joined.drop_nulls("before").with_columns(pl.col("amount").fill_null(0.0))
    assert (joined["closing_balance"] - joined["before"] - joined["amount"]).abs().max() < 0.005


def test_an_account_opened_here_starts_from_nothing(bank: SimulatedBank) -> None:
    new = bank.table("accounts").filter(pl.col("opened_on") >= bank.summary.first_month)
    moved = bank.table("transactions").group_by("account_id").agg(pl.col("amount").sum())
    last = bank.table("balances").sort("month").group_by("account_id", maintain_order=True).last()
    joined = new.join(moved, on="account_id").join(last, on="account_id")
    assert joined.height > 500
    assert (joined["closing_balance"] - joined["amount"]).abs().max() < 0.005


def test_an_average_balance_is_the_mean_of_the_ends_of_all_days(clean_bank: SimulatedBank) -> None:
    month = date(2025, 11, 1)
    balances = clean_bank.table("balances").sort("month")
    opening = balances.filter(pl.col("month") == date(2025, 10, 1)).select("account_id", start="closing_balance")
    days = pl.DataFrame({"day": pl.date_range(month, date(2025, 11, 30), eager=True)})
    daily = clean_bank.table("transactions").group_by("account_id", day="booked_on").agg(pl.col("amount").sum())
    grid = opening.join(days, how="cross").join(daily, on=["account_id", "day"], how="left").sort("account_id", "day")
    running = pl.col("start") + pl.col("amount").fill_null(0.0).cum_sum().over("account_id")
    mean = grid.with_columns(running=running).group_by("account_id").agg(pl.col("running").mean())
    joined = mean.join(balances.filter(pl.col("month") == month), on="account_id")
    assert joined.height > 500
    assert (joined["running"] - joined["average_balance"]).abs().max() < 0.006


def test_no_deposit_is_overdrawn_at_the_end_of_any_day(clean_bank: SimulatedBank) -> None:
    booked = clean_bank.booked().filter(pl.col("product").is_in(["current", "savings", "term_deposit", "wealth"]))
    first = clean_bank.summary.first_month
    moved = booked.group_by("account_id", "booked_on").agg(pl.col("amount").sum()).sort("account_id", "booked_on")
    end = clean_bank.table("balances").filter(pl.col("month") == first).select("account_id", "closing_balance")
    in_first = moved.filter(pl.col("booked_on").dt.truncate("1mo") == first)
    start = end.join(in_first.group_by("account_id").agg(pl.col("amount").sum()), on="account_id", how="left")
    start = start.select("account_id", start=pl.col("closing_balance") - pl.col("amount").fill_null(0.0))
    running = moved.join(start, on="account_id", how="left").with_columns(
        running=pl.col("start").fill_null(0.0) + pl.col("amount").cum_sum().over("account_id")
    )
    assert running["running"].min() > -0.01


def test_the_depth_and_first_day_of_a_shortage_are_found() -> None:
    columns = _columns([0, 0, 0, 1, 1], [10, 12, 11, 10, 10], [-60.0, -60.0, 30.0, -90.0, 80.0])
    account, depth, day = _lowest(np.array([50.0, 20.0]), columns, np.ones(5, dtype=np.bool_))
    assert account.tolist() == [0]
    assert depth.tolist() == [40.0]
    assert day.tolist() == [10]


def test_an_account_has_a_balance_in_each_month_in_which_it_is_open_and_in_no_other(bank: SimulatedBank) -> None:
    balances, accounts = bank.table("balances"), bank.table("accounts")
    joined = balances.join(accounts, on="account_id")
    assert joined.filter(pl.col("month").dt.month_end() < pl.col("opened_on")).height == 0
    assert joined.filter(pl.col("closed_on") < pl.col("month")).height == 0
    open_in_december = accounts.filter(pl.col("closed_on").is_null() | (pl.col("closed_on") >= date(2025, 12, 1)))
    assert balances.filter(pl.col("month") == date(2025, 12, 1)).height == open_in_december.height
