from __future__ import annotations

from datetime import date

import polars as pl

from tests.banks.simulator.conftest import SimulatedBank


def _settled(bank: SimulatedBank, **flags: bool) -> list[str]:
    """Customers who never switched and whose traits have the given values."""
    customers = bank.truth("truth_customers").filter(pl.all_horizontal(pl.col(k) == v for k, v in flags.items()))
    truth = bank.truth()
    moved = truth.filter(pl.col("switched_on").is_not_null() | (pl.col("switch_progress") < 1.0))["customer_id"]
    return customers.filter(~pl.col("customer_id").is_in(moved.unique().to_list()))["customer_id"].to_list()


def test_pay_that_is_moved_on_leaves_within_three_days(bank: SimulatedBank) -> None:
    rows = bank.booked().filter(pl.col("customer_id").is_in(_settled(bank, sweeps=True)))
    salary = rows.filter((pl.col("kind") == "salary") & (pl.col("booked_on") < date(2025, 12, 25)))
    out = rows.filter(pl.col("kind") == "own_transfer_out").select("customer_id", out_on="booked_on", out="amount")
    pairs = salary.join(out, on="customer_id").with_columns(
        lag=(pl.col("out_on") - pl.col("booked_on")).dt.total_days()
    )
    near = pairs.filter(pl.col("lag").is_between(0, 3)).group_by("customer_id", "booked_on").agg(pl.col("out").sum())
    paid = salary.group_by("customer_id", "booked_on").agg(pl.col("amount").sum())
    swept = paid.join(near, on=["customer_id", "booked_on"], how="left").with_columns(
        part=-pl.col("out") / pl.col("amount")
    )
    assert swept.height > 200
    assert swept["part"].is_not_null().mean() > 0.97
    assert 0.6 < swept["part"].drop_nulls().clip(0, 1).mean() < 0.9


def test_most_customers_of_other_banks_feed_their_account_here_from_there(bank: SimulatedBank) -> None:
    elsewhere = bank.truth().filter((pl.col("month") == date(2025, 12, 1)) & pl.col("main_bank_elsewhere"))
    fed = bank.booked().filter((pl.col("kind") == "own_transfer_in") & pl.col("counterparty_bank").is_not_null())
    fed = fed.filter(pl.col("booked_on") >= date(2025, 7, 1))["customer_id"].unique()
    assert 0.5 < elsewhere["customer_id"].is_in(fed.to_list()).mean() < 0.8


def test_a_fifth_of_them_show_no_link_at_all(bank: SimulatedBank) -> None:
    unlinked = set(_settled(bank, linked=False))
    elsewhere = bank.truth().filter((pl.col("month") == date(2025, 12, 1)) & pl.col("main_bank_elsewhere"))
    assert 0.1 < elsewhere["customer_id"].is_in(unlinked).mean() < 0.25
    quiet = list(unlinked - set(_settled(bank, same_name_relative=True)))
    own = bank.booked().filter(
        pl.col("customer_id").is_in(quiet)
        & pl.col("kind").is_in(["own_transfer_in", "own_transfer_out"])
        & pl.col("counterparty_bank").is_not_null()
    )
    assert own.height == 0


def test_deposits_pulled_in_at_a_quarters_end_leave_again(bank: SimulatedBank) -> None:
    own = bank.booked().filter(pl.col("counterparty_bank").is_not_null() & (pl.col("product") == "current"))
    large_in = own.filter((pl.col("kind") == "own_transfer_in") & (pl.col("amount") >= 10_000))
    last_days = pl.col("booked_on") > pl.col("booked_on").dt.month_end().dt.offset_by("-4d")
    at_end = large_in.filter(last_days & (pl.col("booked_on").dt.month() % 3 == 0)).height
    other = large_in.filter(last_days & (pl.col("booked_on").dt.month() % 3 != 0)).height
    assert at_end > 3 * other / 2


def test_moves_between_own_accounts_here_name_no_bank_and_balance_out(bank: SimulatedBank) -> None:
    rows = bank.booked().filter(pl.col("product").is_in(["savings", "term_deposit"]))
    own = rows.filter(pl.col("kind").is_in(["own_transfer_in", "own_transfer_out"]))
    assert own["counterparty_bank"].null_count() == own.height
    other_side = bank.booked().filter((pl.col("product") == "current") & pl.col("counterparty_bank").is_null())
    keys = ["customer_id", "booked_on"]
    sides = own.select(*keys, -pl.col("amount")).join(other_side, on=[*keys, "amount"], how="anti")
    assert sides.height < 0.01 * own.height
