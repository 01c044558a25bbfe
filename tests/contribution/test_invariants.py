"""What must hold of any bank: DOMAIN.md 1.6."""

from __future__ import annotations

import datetime as dt

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from segment.contribution import LINE_NAMES, cost, full_contribution
from segment.contribution.lines import income
from segment.policy import Policy
from tests.contribution.random_bank import Bank, accounted, random_bank
from tests.contribution.small_bank import (
    COSTS,
    FEES,
    FTP,
    PRODUCTS,
    account_row,
    direct_contribution,
    on_duckdb,
    on_polars,
    policy,
)

banks = st.integers(0, 10**6).map(random_bank)
few = settings(max_examples=10)

CAPACITY = {"branch_minutes_month": 300.0}
OF = policy(costs=COSTS | {"overhead": COSTS["overhead"] | CAPACITY})
ONE_CURVE = policy(ftp=FTP | {"curves": FTP["curves"][:1], "max_curve_age_days": 3650})


def scaled(factor: float) -> Policy:
    """The policy with every amount of money in another unit; rates, shares and minutes stay."""
    unit = {
        part: {name: money * factor for name, money in COSTS[part].items()} for part in ("transaction", "service_event")
    }
    unit["service_event"]["adviser_minutes_if_unknown"] = COSTS["service_event"]["adviser_minutes_if_unknown"]
    events = {name: COSTS["overhead"][name] * factor for name in ("per_account_month", "per_manual_event")}
    costs = {"complaint": COSTS["complaint"] * factor, "overhead": COSTS["overhead"] | CAPACITY | events} | unit
    fees = FEES | {"interchange": FEES["interchange"] | {"debit_cap": FEES["interchange"]["debit_cap"] * factor}}
    products = {
        name: product | {"fixed_cost_month": product["fixed_cost_month"] * factor} for name, product in PRODUCTS.items()
    }
    return policy(costs=costs, fees=fees, products=products)


def all_lines(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with a zero in the lines that it lacks."""
    return frame.select(pl.col(name) if name in frame.columns else pl.lit(0.0).alias(name) for name in LINE_NAMES)


def total(frame: pl.DataFrame) -> np.ndarray:
    """Sum of each line."""
    return frame.select(LINE_NAMES).sum().to_numpy()[0]


@few
@given(banks, st.integers(0, 1000))
def test_the_order_of_rows_changes_nothing(bank: Bank, seed: int) -> None:
    shuffled = {name: frame.sample(fraction=1.0, shuffle=True, seed=seed) for name, frame in bank.items()}
    for key, frame in accounted(bank, OF).items():
        assert_frame_equal(frame, accounted(shuffled, OF)[key], check_exact=False, rel_tol=0, abs_tol=1e-9)


@few
@given(banks)
def test_renaming_customers_only_renames_their_figures(bank: Bank) -> None:
    ids = bank["customers"]["customer_id"].to_list()
    renamed = dict(zip(ids, ids[::-1], strict=True))
    swapped = {
        name: frame.with_columns(pl.col("customer_id").replace_strict(renamed))
        if "customer_id" in frame.columns
        else frame
        for name, frame in bank.items()
    }
    before = accounted(bank, OF)["customers"].with_columns(pl.col("customer_id").replace_strict(renamed))
    after = accounted(swapped, OF)["customers"]
    assert_frame_equal(before.sort("customer_id"), after, rel_tol=0, abs_tol=1e-9)


@few
@given(banks, st.integers(0, 10))
def test_splitting_an_account_in_halves_raises_only_its_fixed_costs(bank: Bank, position: int) -> None:
    name = f"a{position}"
    half = {"account_id": pl.lit("half")}
    this = pl.col("account_id") == name
    halved = pl.when(this).then(pl.col("average_balance") / 2).otherwise("average_balance").alias("average_balance")
    split = bank | {
        "balances": pl.concat(
            [bank["balances"].with_columns(halved), bank["balances"].filter(this).with_columns(halved, **half)]
        ),
        "accounts": pl.concat([bank["accounts"], bank["accounts"].filter(this).with_columns(**half)]),
        "holdings": pl.concat([bank["holdings"], bank["holdings"].filter(this).with_columns(**half)]),
    }
    before, after = (accounted(each, OF)["accounts"] for each in (bank, split))
    for line in ("net_interest", "trail_fee_income", "expected_loss", "capital_cost", "transaction_cost", "fee_income"):
        assert after[line].sum() == pytest.approx(before[line].sum(), abs=1e-9)
    fixed = before.filter(this).select(pl.col("account_cost").sum()).item()
    assert after["account_cost"].sum() == pytest.approx(before["account_cost"].sum() + fixed)
    assert after["overhead_cost"].sum() == pytest.approx(before["overhead_cost"].sum() + (1.0 if fixed else 0.0))


@few
@given(banks, st.sampled_from([0.01, 0.5, 7.3, 100.0]))
def test_another_unit_of_currency_scales_every_figure(bank: Bank, factor: float) -> None:
    other = bank | {
        "balances": bank["balances"].with_columns(pl.col("average_balance") * factor),
        "transactions": bank["transactions"].with_columns(pl.col("amount") * factor),
        "branches": bank["branches"].with_columns(pl.col("monthly_overhead") * factor),
    }
    expected = accounted(bank, OF)["customers"].with_columns(pl.col(LINE_NAMES) * factor)
    assert_frame_equal(accounted(other, scaled(factor))["customers"], expected, rel_tol=1e-9, abs_tol=1e-9)


@few
@given(banks)
def test_customers_and_what_nobody_holds_are_the_whole_bank(bank: Bank) -> None:
    found = accounted(bank, OF)
    whole = total(all_lines(found["accounts"])) + total(all_lines(found["persons"]))
    assert total(found["customers"]) + total(found["unheld"]) == pytest.approx(whole, abs=1e-8)


@few
@given(banks)
def test_direct_less_account_cost_and_overhead_is_full(bank: Bank) -> None:
    frame = on_polars(accounted(bank, OF)["customers"])
    fixed = nw.col("account_cost") + nw.col("overhead_cost")
    row = frame.select(
        fixed=direct_contribution() - fixed - full_contribution(), whole=income() - cost() - full_contribution()
    ).collect("polars")
    assert row.to_numpy() == pytest.approx(0.0, abs=1e-8)


@settings(max_examples=4)
@given(banks)
def test_twelve_months_of_postings_add_up_to_the_year(bank: Bank) -> None:
    months = [dt.date(2025, number, 1) for number in range(1, 13)]
    accounts = bank["accounts"].with_columns(opened_on=pl.lit(dt.date(2019, 1, 1)))
    without_balances = bank | {"balances": bank["balances"].head(0), "accounts": accounts}
    every = [without_balances | {"transactions": bank["transactions"].gather_every(12, number)} for number in range(12)]
    by_month = [accounted(part, ONE_CURVE, month)["accounts"] for part, month in zip(every, months, strict=True)]
    whole = accounted(without_balances, ONE_CURVE)["accounts"]
    for line in ("fee_income", "interchange_income", "commission_income", "transaction_cost"):
        assert sum(frame[line].sum() for frame in by_month) == pytest.approx(whole[line].sum(), abs=1e-8)


@pytest.mark.parametrize(("product", "year"), [("term_deposit", 300.0), ("current", 290.0 * 365 / 360)])
def test_twelve_months_of_a_standing_balance_earn_the_year_s_margin(product: str, year: float) -> None:
    # one curve of 1, 2 and 3 %. Term: 10,000 * (2 - (-1)) % = 300, a twelfth a month.
    # Current: 10,000 * (0.5 * 1 + 0.5 * 3 - (-1) - 0.1) % = 290, by actual days of 360
    balance = {"average_balance": 10_000.0, "interest_rate_annual": -0.01}
    months = [dt.date(2025, number, 1) for number in range(1, 13)]
    earned = [account_row({"product": product}, balance, of=ONE_CURVE, month=month)["net_interest"] for month in months]
    assert sum(earned) == pytest.approx(year)


@pytest.mark.slow
@few
@given(banks)
def test_duckdb_accounts_for_the_same_amounts_as_polars(bank: Bank) -> None:
    on_other_engine = accounted(bank, OF, lazily=on_duckdb)
    for key, frame in accounted(bank, OF).items():
        assert_frame_equal(frame, on_other_engine[key], rel_tol=0, abs_tol=1e-9)


def test_the_random_banks_use_every_line() -> None:
    sums = [total(accounted(random_bank(seed), OF)["customers"]) for seed in range(20)]
    silent = np.abs(sums).sum(axis=0) == 0.0
    # what is given back was booked in a month before: tests of debts have years of them
    assert [name for name, none in zip(LINE_NAMES, silent, strict=True) if none] == ["recoveries"]
