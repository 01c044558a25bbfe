from __future__ import annotations

import datetime as dt

import narwhals as nw
import numpy as np
import polars as pl
import pytest

from segment.banks.simulator.accounts import CARD, CURRENT, MORTGAGE, SAVINGS, WEALTH
from segment.banks.simulator.books import _margin
from segment.contribution import (
    ACCOUNT_LINES,
    ReconciliationReport,
    account_lines,
    attribute,
    debts_of_month,
    person_lines,
    reconcile,
    remainder_of_month,
)
from segment.contribution.lines import to_polars
from segment.dates import month_end
from segment.policy import Policy, load_policy
from tests.banks.simulator.conftest import LAST_DAY, LAST_MONTH, SimulatedBank
from tests.conftest import RETAIL


def test_a_margin_is_the_distance_from_the_treasurys_price() -> None:
    # a current account at .2 %, savings at .5 %, an overdraft, a mortgage at 4 %, a card paid in full, a fund
    product = np.array([CURRENT, SAVINGS, CURRENT, MORTGAGE, CARD, WEALTH])
    average = np.array([1_000.0, 1_000.0, -1_000.0, -120_000.0, -1_000.0, 1_000.0])
    rate = np.array([0.002, 0.005, 0.002, 0.04, 0.0, np.nan])
    expected = [15.025, 12.775, 103.5, 2_040.0, -19.0, 0.0]
    np.testing.assert_allclose(_margin(product, average, rate), expected)


def _debts(bank: SimulatedBank, policy: Policy) -> pl.DataFrame:
    """What the software holds of every debt at the end."""
    balances, accounts, debts = bank.table("balances"), bank.table("accounts"), None
    for month in balances["month"].unique().sort():
        opened = accounts.filter(pl.col("opened_on") <= month_end(month))
        debts = debts_of_month(debts, opened, balances.filter(pl.col("month") == month), policy, month)
    assert debts is not None
    return debts


@pytest.fixture(scope="module")
def report(bank: SimulatedBank) -> ReconciliationReport:
    """The software's accounting of the last month, held against the simulated bank's books."""
    policy = load_policy(RETAIL)
    names = ("accounts", "balances", "transactions", "service_events", "contact_rules", "holdings", "ledger_totals")
    tables = {name: bank.table(name) for name in (*names, "customers", "branches")}
    days = pl.lit(LAST_MONTH), pl.lit(LAST_DAY)
    for name, day in (("balances", "month"), ("transactions", "booked_on"), ("service_events", "occurred_on")):
        tables[name] = tables[name].filter(pl.col(day).is_between(*days))
    frames = {name: nw.from_native(table.lazy()) for name, table in tables.items()}
    frames["debts"] = nw.from_native(_debts(bank, policy).lazy())
    booked = [frames[name] for name in ("accounts", "balances", "transactions", "branches")]
    of_accounts = account_lines(*booked, policy, LAST_MONTH, frames["debts"])
    owned = attribute(of_accounts, frames["holdings"], ACCOUNT_LINES)
    served = person_lines(frames["service_events"], frames["contact_rules"], policy, LAST_MONTH)
    lines = pl.concat([to_polars(owned), to_polars(served)], how="diagonal").fill_null(0.0)
    present = tables["customers"].filter(pl.col("left_on").is_null() | (pl.col("left_on") >= LAST_MONTH))
    customers = present.select("customer_id", "branch_id", month=pl.lit(LAST_MONTH)).join(
        lines.group_by("customer_id").sum(), on="customer_id", how="inner"
    )
    remainder = remainder_of_month(frames, policy, LAST_MONTH)
    return reconcile(nw.from_native(customers.lazy()), remainder, frames["ledger_totals"], policy)


def test_customers_add_up_to_the_banks_own_books_within_the_policys_tolerance(report: ReconciliationReport) -> None:
    booked = report.table.filter(pl.col("ledger_total").is_not_null())
    assert booked["line"].n_unique() == 4
    assert report.failures.height == 0


def test_losses_on_debts_are_the_same_by_two_ways_to_the_cent(report: ReconciliationReport) -> None:
    losses = report.table.filter(pl.col("line") == "expected_loss")
    assert (losses["ledger_total"].abs() > 0).any()
    assert losses["unallocated"].abs().max() < 0.015


def test_the_books_are_no_copy_of_the_customers_sums(report: ReconciliationReport) -> None:
    # people who hold no account here pay fees and cause work, and no customer's row holds them
    cost = report.table.filter(pl.col("line") == "cost_to_serve")
    assert (cost["unallocated"] > 0).all()
    assert 0.002 < cost["unallocated"].sum() / cost["ledger_total"].sum() < 0.01


def test_every_branch_has_its_books_in_every_month(bank: SimulatedBank) -> None:
    totals = bank.table("ledger_totals")
    branches, lines = bank.table("branches").height, totals["line"].n_unique()
    assert totals.select("line", "branch_id", "month").is_duplicated().sum() == 0
    assert totals.height == 24 * branches * lines
    assert totals["month"].min() == dt.date(2024, 1, 1)
