"""The shared PKDD'99 tables as a ledger: nothing is lost, and the source's own balance is met."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from segment.banks.berka import ImportSummary
from segment.banks.berka.codes import MEANINGS
from segment.ledger.check import check_ledger
from segment.policy import load_policy
from tests.banks.berka.bank import SHARED, day, needs_shared

pytestmark = needs_shared
POLICY = Path(__file__).parents[3] / "models" / "berka.toml"
RealBank = tuple[Path, Mapping[str, pl.DataFrame], ImportSummary]


@pytest.fixture(scope="module")
def source() -> pl.DataFrame:
    columns = ["account_id", "date", "type", "operation", "amount", "balance", "k_symbol"]
    parts = sorted(SHARED.glob("trans*.parquet"))
    return pl.concat(
        pl.read_parquet(path).select(*columns, pl.col("trans_id").cast(pl.Int64)) for path in parts
    ).with_columns(pl.col("date").cast(pl.Date))


def test_every_posting_is_in_the_ledger_with_its_sign(real_bank: RealBank, source: pl.DataFrame) -> None:
    _, tables, _ = real_bank
    booked = tables["transactions"].filter(pl.col("account_id").str.starts_with("a"))
    signed = source.select(pl.when(pl.col("type") == "PRIJEM").then("amount").otherwise(-pl.col("amount")))
    assert len(booked) == len(source) == 83_016
    assert booked["amount"].sum() == pytest.approx(signed.to_series().sum(), abs=0.01)


def test_every_code_of_the_source_has_a_meaning(source: pl.DataFrame) -> None:
    assert set(source.select("operation", "k_symbol").unique().rows()) == set(MEANINGS)


def test_accounts_customers_and_loans_reconcile_with_what_was_left_out(real_bank: RealBank) -> None:
    _, tables, summary = real_bank
    products = dict(tables["accounts"].group_by("product").len().iter_rows())
    assert products["current"] + summary.accounts_without_postings == 4_500
    assert len(tables["customers"]) + summary.customers_without_postings == 5_369
    assert products["consumer_loan"] + summary.loans_without_postings == 682
    assert len(tables["branches"]) == 77


def test_the_sources_running_balance_is_met_within_its_rounding(real_bank: RealBank, source: pl.DataFrame) -> None:
    summary = real_bank[2]
    assert summary.largest_gap <= 1.0
    assert summary.repeated_postings == summary.zero_postings == 0
    # the rows without an id come from a copy in whole crowns
    assert summary.postings_without_id == source["trans_id"].null_count()


def test_closing_balances_are_the_sources_own(real_bank: RealBank, source: pl.DataFrame) -> None:
    closing = real_bank[1]["balances"].filter(pl.col("account_id").str.starts_with("a"))
    days = source.group_by("account_id", "date").agg(pl.col("balance"))
    last = (
        days.with_columns(
            ("a" + pl.col("account_id").cast(pl.String)).alias("account_id"),
            pl.col("date").dt.truncate("1mo").alias("month"),
        )
        .sort("date")
        .group_by("account_id", "month")
        .last()
    )
    both = closing.join(last, on=["account_id", "month"])
    assert len(both) > 15_000
    assert both.select(pl.col("balance").list.contains(pl.col("closing_balance")).all()).item()


def test_opening_postings_start_the_running_balance_at_zero(source: pl.DataFrame) -> None:
    first = source.filter(pl.col("date") == pl.col("date").min().over("account_id"))
    alone = first.filter(pl.len().over("account_id") == 1)
    assert alone.select((pl.col("amount") == pl.col("balance")).all()).item()


def test_months_end_where_the_postings_do(real_bank: RealBank) -> None:
    _, tables, summary = real_bank
    early, cut = summary.parts
    assert (early.last_on, early.cut_at_loan) == (day("1994-04-20"), False)
    assert (cut.accounts, cut.cut_at_loan) == (354, True)
    months = tables["balances"].join(tables["accounts"], on="account_id")
    assert months.select((pl.col("month").dt.month_end() <= pl.col("observed_until")).all()).item()
    assert not tables["customers"]["left_on"].is_not_null().any()


def test_own_loans_are_paid_on_the_day_that_instalments_fall_due(real_bank: RealBank) -> None:
    mirrored = real_bank[1]["transactions"].filter(pl.col("transaction_id").str.ends_with("-loan"))
    assert len(mirrored) == 163
    assert set(mirrored["booked_on"].dt.day()) == {12}


def test_the_ledger_passes_the_check_under_its_own_policy(real_bank: RealBank) -> None:
    out, tables, _ = real_bank
    policy = load_policy(POLICY)
    checked = check_ledger(out, tuple(policy.products), 0.0)
    assert {name: len(checked.tables[name]) for name in tables} == {name: len(rows) for name, rows in tables.items()}


def test_the_policys_current_rate_is_the_one_that_the_bank_credited(source: pl.DataFrame) -> None:
    credited = source.filter(pl.col("k_symbol") == "UROK", pl.col("date").dt.year() == 1993, pl.col("balance") > 1000)
    monthly = pl.col("amount") / (pl.col("balance") - pl.col("amount"))
    rate_annual = credited.select((monthly * 12).median()).item()
    side = load_policy(POLICY).products["current"].deposit
    assert side is not None
    assert side.rate_annual == pytest.approx(rate_annual, abs=0.001)
