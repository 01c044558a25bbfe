from __future__ import annotations

import polars as pl
import pytest

from tests.banks.simulator.conftest import SimulatedBank


def _events(bank: SimulatedBank, event: str) -> pl.DataFrame:
    return bank.truth("truth_events").filter(pl.col("event") == event).select("customer_id", "month")


def _booked(bank: SimulatedBank, event: str, kind: str, months: int = 0) -> pl.DataFrame:
    """What was booked on the current accounts of those to whom an event came, some months later."""
    rows = bank.booked().filter((pl.col("kind") == kind) & (pl.col("product") == "current"))
    rows = rows.with_columns(month=pl.col("booked_on").dt.truncate("1mo").dt.offset_by(f"-{months}mo"))
    return _events(bank, event).join(rows, on=["customer_id", "month"])


def test_a_wedding_makes_one_household_and_brings_cash(bank: SimulatedBank) -> None:
    wed = _events(bank, "marriage")
    parted = _events(bank, "divorce")["customer_id"].to_list()
    homes = bank.table("customers").select("customer_id", "household_id")
    kept = wed.filter(~pl.col("customer_id").is_in(parted)).join(homes, on="customer_id")
    assert wed.height > 15
    assert (kept.group_by("household_id").agg(pl.len())["len"] >= 2).all()
    gifts = _booked(bank, "marriage", "cash_deposit").filter(pl.col("channel") == "counter")
    assert gifts["customer_id"].n_unique() == wed["customer_id"].n_unique()


def test_a_divorce_makes_two_households_and_closes_the_joint_account(bank: SimulatedBank) -> None:
    parted = _events(bank, "divorce")
    homes = bank.table("customers").select("customer_id", "household_id", "branch_id")
    pairs = parted.join(homes, on="customer_id")
    assert parted.height >= 6
    assert parted.height % 2 == 0
    assert pairs.group_by("month", "household_id").len()["len"].max() == 1
    co_owned = bank.table("holdings").filter(pl.col("role") == "co_owner").join(parted, on="customer_id")
    closed = co_owned.join(bank.table("accounts").select("account_id", "closed_on"), on="account_id")
    assert closed["closed_on"].null_count() == 0


def test_a_child_brings_a_grant_to_those_who_are_paid_here(bank: SimulatedBank) -> None:
    paid = bank.truth().filter(pl.col("income_here")).select("customer_id", "month")
    births = _events(bank, "child").join(paid, on=["customer_id", "month"])
    grants = _booked(bank, "child", "benefit").join(births, on=["customer_id", "month"])
    assert births.height > 20
    assert grants["customer_id"].n_unique() > 0.85 * births["customer_id"].n_unique()


def test_who_moves_away_keeps_the_outlet_and_is_seen_there_less_often(bank: SimulatedBank) -> None:
    moved = _events(bank, "migration").sort("month").unique("customer_id", keep="first", maintain_order=True)
    where = bank.table("customers").join(bank.table("branches"), on="branch_id", suffix="_of_branch")
    away = moved.join(where, on="customer_id")
    assert away.height > 15
    assert (away["region"] != away["region_of_branch"]).mean() > 0.9


def test_families_pay_for_their_students_from_accounts_here(bank: SimulatedBank) -> None:
    people = bank.table("customers").select("customer_id", "household_id", "occupation")
    sent = bank.booked().filter((pl.col("kind") == "transfer_in") & (pl.col("booked_on").dt.day() <= 6))
    sent = sent.filter(pl.col("counterparty_bank").is_null() & (pl.col("amount") >= 200))
    students = people.filter(pl.col("occupation") == "student").join(sent, on="customer_id")
    parents = people.filter(pl.col("occupation") != "student").select("customer_id", "household_id")
    out = bank.booked().filter(pl.col("kind") == "transfer_out").join(parents, on="customer_id")
    keys = ["household_id", "booked_on", "amount"]
    paired = students.join(out.select("household_id", "booked_on", amount=-pl.col("amount")), on=keys)
    assert paired["customer_id"].n_unique() > 8


@pytest.mark.parametrize("size", [2, 3])
def test_households_of_several_sizes_bank_here(bank: SimulatedBank, size: int) -> None:
    sizes = bank.table("customers").group_by("household_id").len()
    assert (sizes["len"] == size).sum() > 10
