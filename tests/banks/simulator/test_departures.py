from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from tests.banks.simulator.conftest import SimulatedBank


@pytest.fixture(scope="module")
def departures(bank: SimulatedBank) -> pl.DataFrame:
    """Departures that customers decided on, and the month in which signs began, if any did."""
    events = bank.truth("truth_events")
    own = ["new_employer", "home_purchase", "migration", "employer_left_bank"]
    pushed = events.filter(pl.col("event").is_in(own)).select("customer_id", "month", pushed=True).unique()
    gone = events.filter(pl.col("event").is_in(["left", "to_elsewhere"]) & (pl.col("month") >= date(2024, 7, 1)))
    gone = gone.join(pushed, on=["customer_id", "month"], how="anti")
    signs = events.filter(pl.col("event") == "signs_begin").select("customer_id", began="month").sort("began")
    months = (pl.col("month") - pl.col("began")).dt.total_days() / 30.44
    joined = gone.join(signs, on="customer_id", how="left").with_columns(months=months)
    joined = joined.sort("customer_id", "month", "began").group_by("customer_id", "month", "event", maintain_order=True)
    return joined.last().with_columns(months=pl.when(pl.col("months").is_between(0, 6)).then("months"))


def test_three_in_five_departures_that_customers_decide_on_show_signs_two_to_five_months_before(
    departures: pl.DataFrame,
) -> None:
    assert departures.height > 80
    assert abs(departures["months"].is_not_null().mean() - 0.60) < 0.12
    assert departures["months"].drop_nulls().round().is_between(2, 5).all()


def _activity(bank: SimulatedBank, departures: pl.DataFrame, before: int) -> float:
    """Card payments of those who departed, in one of the months before it, by head."""
    paid = bank.booked().filter(pl.col("kind") == "card_payment")
    month = pl.col("booked_on").dt.truncate("1mo")
    rows = departures.join(paid, on="customer_id").filter(month == pl.col("month").dt.offset_by(f"-{before}mo"))
    return rows.height / departures.height


def test_who_shows_signs_pays_less_here_before_going_and_who_shows_none_as_ever(
    bank: SimulatedBank, departures: pl.DataFrame
) -> None:
    shown, hidden = (departures.filter(pl.col("months").is_not_null() == signs) for signs in (True, False))
    assert _activity(bank, shown, 1) < 0.7 * _activity(bank, shown, 7)
    assert _activity(bank, hidden, 1) > 0.75 * _activity(bank, hidden, 7)


def test_those_who_are_about_to_go_complain_more_often(bank: SimulatedBank) -> None:
    signs = bank.truth("truth_events").filter(pl.col("event") == "signs_begin")
    complaints = bank.table("contact_rules").filter(pl.col("rule") == "complaint")
    near = signs.join(complaints, on="customer_id").filter(
        (pl.col("starts_on") - pl.col("month")).dt.total_days().is_between(0, 150)
    )
    assert 0.08 < near["customer_id"].n_unique() / signs["customer_id"].n_unique() < 0.5


def test_the_people_of_an_employer_that_leaves_begin_to_be_paid_elsewhere(bank: SimulatedBank) -> None:
    people = bank.truth("truth_customers").select("customer_id", "employer")
    hit = bank.truth("truth_events").filter(pl.col("event") == "employer_left_bank").join(people, on="customer_id")
    # one halfway through, one three months before the end; most of their people at once, the others a month later
    assert hit["month"].dt.truncate("1q").unique().sort().to_list() == [date(2025, 1, 1), date(2025, 10, 1)]
    salary = bank.booked().filter(pl.col("kind") == "salary").with_columns(paid=pl.col("booked_on").dt.truncate("1mo"))
    rows = hit.select("customer_id", "month").unique().join(salary, on="customer_id")
    late = rows.filter(pl.col("paid").dt.offset_by("-1mo") == pl.col("month"))
    early = rows.filter(pl.col("paid").dt.offset_by("1mo") == pl.col("month"))
    assert late["customer_id"].n_unique() < 0.2 * early["customer_id"].n_unique()
