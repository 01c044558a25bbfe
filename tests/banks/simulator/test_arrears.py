from __future__ import annotations

import polars as pl
import pytest

from segment.banks.simulator import simulate_bank
from tests.banks.simulator.conftest import SimulatedBank

DEBTS = ["mortgage", "consumer_loan", "credit_card"]
LIMITS = {"mortgage": 720, "consumer_loan": 360, "credit_card": 180}


@pytest.fixture(scope="module")
def debts(old_bank: SimulatedBank) -> pl.DataFrame:
    """Balances of debts in order, with the month before and after."""
    accounts = old_bank.table("accounts").select("account_id", "product")
    rows = old_bank.table("balances").join(accounts, on="account_id").filter(pl.col("product").is_in(DEBTS))
    late = pl.col("days_past_due")
    return rows.sort("account_id", "month").with_columns(
        before=late.shift(1).over("account_id"), after=late.shift(-1).over("account_id")
    )


@pytest.fixture(scope="module")
def old_bank(tmp_path_factory: pytest.TempPathFactory) -> SimulatedBank:
    """A bank that has run for three years, in which defaults have come to their end."""
    out = tmp_path_factory.mktemp("old")
    return SimulatedBank(out, simulate_bank(out, 3_000, 36, 8))


def test_no_debt_stays_past_due_longer_than_until_its_write_off(debts: pl.DataFrame) -> None:
    limit = pl.col("product").replace_strict(LIMITS, return_dtype=pl.Int64)
    assert debts.filter(pl.col("days_past_due") > limit + 31).height == 0
    assert debts.filter(pl.col("days_past_due") >= limit).height > 5


def test_a_debt_that_is_written_off_is_gone_and_still_past_due_in_that_month(
    old_bank: SimulatedBank, debts: pl.DataFrame
) -> None:
    events = old_bank.truth("truth_events").filter(pl.col("event") == "written_off")
    limit = pl.col("product").replace_strict(LIMITS, return_dtype=pl.Int64)
    off = debts.filter(pl.col("days_past_due") >= limit)
    assert off.height == events.height
    assert (off["closing_balance"].abs() < 0.005).all()
    assert (off["average_balance"] < 0).all()
    assert (off["after"].fill_null(0) == 0).all()
    other = old_bank.table("transactions").filter((pl.col("kind") == "other") & (pl.col("amount") > 0))
    assert set(off["account_id"]) <= set(other["account_id"])


def test_most_arrears_are_caught_up_with_and_some_become_defaults(debts: pl.DataFrame) -> None:
    began = debts.filter((pl.col("days_past_due") > 0) & (pl.col("before") == 0)).height
    defaults = debts.filter((pl.col("days_past_due") >= 90) & (pl.col("before") < 90))["account_id"].n_unique()
    assert began > 100
    assert 0.05 < defaults / began < 0.3


def test_some_defaults_are_cured(debts: pl.DataFrame) -> None:
    ended = debts.filter((pl.col("days_past_due") >= 90) & (pl.col("after") == 0))
    cured = ended.filter(pl.col("closing_balance") < -0.005).height
    assert 0.1 < cured / ended.height < 0.8


def test_the_share_of_debt_in_default_is_that_of_a_chinese_bank(debts: pl.DataFrame) -> None:
    # DOMAIN.md 6.7: 1.52 % in all, mortgages .7, cards 2.3
    last = debts.filter(pl.col("month") == debts["month"].max())
    owed = -pl.col("closing_balance").clip(upper_bound=0.0)
    share = last.select(owed.filter(pl.col("days_past_due") >= 90).sum() / owed.sum()).item()
    assert 0.002 < share < 0.03


def test_what_is_paid_after_a_write_off_reaches_the_debts_account_and_leaves_it_the_same_day(
    old_bank: SimulatedBank, debts: pl.DataFrame
) -> None:
    limit = pl.col("product").replace_strict(LIMITS, return_dtype=pl.Int64)
    off = debts.filter(pl.col("days_past_due") >= limit).select("account_id", lost="month")
    rows = old_bank.table("transactions").join(off, on="account_id")
    later = rows.filter(pl.col("booked_on").dt.truncate("1mo") > pl.col("lost"))
    paid = later.filter(pl.col("kind") == "loan_payment")
    assert paid.height > 10
    assert (paid["amount"] > 0).all()
    back = later.filter(pl.col("kind") == "other").select("account_id", "booked_on", amount=-pl.col("amount"))
    assert paid.join(back, on=["account_id", "booked_on", "amount"], how="anti").height == 0


def test_nobody_pays_a_card_that_is_blocked_or_written_off(old_bank: SimulatedBank, debts: pl.DataFrame) -> None:
    cards = debts.filter((pl.col("product") == "credit_card") & (pl.col("before") >= 60))
    spent = old_bank.table("transactions").filter(pl.col("kind") == "card_payment")
    spent = spent.with_columns(month=pl.col("booked_on").dt.truncate("1mo"))
    assert cards.height > 20
    assert cards.filter(pl.col("days_past_due") > 0).join(spent, on=["account_id", "month"]).height == 0
