from __future__ import annotations

from datetime import date

import polars as pl

from tests.banks.simulator.conftest import SimulatedBank


def _daily(bank: SimulatedBank, kind: str, first: date, last: date, channel: str | None = None) -> float:
    rows = bank.table("transactions").filter((pl.col("kind") == kind) & pl.col("booked_on").is_between(first, last))
    if channel is not None:
        rows = rows.filter(pl.col("channel") == channel)
    return rows.height / ((last - first).days + 1)


def test_cash_machines_are_used_twice_as_often_in_the_weeks_before_new_year(bank: SimulatedBank) -> None:
    for new_year in (date(2024, 2, 10), date(2025, 1, 29)):
        before = _daily(bank, "cash_withdrawal", date.fromordinal(new_year.toordinal() - 21), new_year, "atm")
        usual = _daily(bank, "cash_withdrawal", date(new_year.year, 4, 1), date(new_year.year, 6, 30), "atm")
        assert 1.6 < before / usual < 2.8


def test_card_payments_dip_in_the_new_year_week_and_peak_at_singles_day(bank: SimulatedBank) -> None:
    usual = _daily(bank, "card_payment", date(2025, 3, 1), date(2025, 5, 31))
    assert _daily(bank, "card_payment", date(2025, 1, 29), date(2025, 2, 4)) < 0.8 * usual
    assert _daily(bank, "card_payment", date(2025, 11, 1), date(2025, 11, 12)) > 1.25 * usual


def test_card_payments_are_bounded_in_a_month(bank: SimulatedBank) -> None:
    paid = bank.booked().filter((pl.col("kind") == "card_payment") & (pl.col("product") != "credit_card"))
    each = paid.group_by("account_id", pl.col("booked_on").dt.truncate("1mo")).len()["len"]
    assert 4 < each.mean() < 20
    assert each.max() <= 60


def test_main_here_customers_spend_far_more_here_than_others_and_neither_all_nor_nothing(bank: SimulatedBank) -> None:
    truth = bank.truth().filter(pl.col("month") == date(2025, 12, 1)).select("customer_id", "state")
    paid = bank.booked().filter((pl.col("kind") == "card_payment") & (pl.col("booked_on") >= date(2025, 7, 1)))
    each = paid.group_by("customer_id").agg(-pl.col("amount").sum())
    means = truth.join(each, on="customer_id", how="left").fill_null(0.0).group_by("state").agg(pl.col("amount").mean())
    by_state = dict(zip(means["state"], means["amount"], strict=True))
    assert by_state["main_here"] > by_state["split"] > by_state["elsewhere"] > by_state["dormant"]
    assert by_state["elsewhere"] > 0.15 * by_state["main_here"]


def test_a_quarter_to_a_third_of_main_here_customers_have_ties_to_another_bank(bank: SimulatedBank) -> None:
    customers = bank.truth("truth_customers")
    truth = bank.truth().filter((pl.col("month") == date(2025, 12, 1)) & pl.col("main_bank_here"))
    tied = customers.select("customer_id", tied=pl.any_horizontal("other_card", "fund_app", "other_savings"))
    assert 0.22 < truth.join(tied, on="customer_id")["tied"].mean() < 0.34


def test_credit_card_fees_are_mostly_refunded(bank: SimulatedBank) -> None:
    rows = bank.booked().filter(pl.col("product") == "credit_card")
    fees = rows.filter((pl.col("kind") == "fee") & (pl.col("amount") == -100.0)).height
    assert 0.7 < rows.filter(pl.col("kind") == "fee_refund").height / fees < 0.9
