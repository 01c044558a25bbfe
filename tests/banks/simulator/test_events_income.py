from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from segment.banks.simulator.calendar import NEW_YEAR
from tests.banks.simulator.conftest import SimulatedBank


def test_salaries_come_on_business_days_and_never_in_the_new_year_week(bank: SimulatedBank) -> None:
    paid = bank.table("transactions").filter(pl.col("kind") == "salary")["booked_on"].unique()
    assert paid.dt.weekday().max() <= 5
    away = [abs((day - NEW_YEAR[day.year]).days) for day in paid if day >= NEW_YEAR[day.year]]
    assert min(away) >= 7


def test_a_payday_on_a_weekend_moves_to_the_friday_before(bank: SimulatedBank) -> None:
    paid = bank.table("transactions").filter(pl.col("kind") == "salary").group_by("booked_on").len()
    counts = dict(zip(paid["booked_on"], paid["len"], strict=True))
    # 15 June 2025 was a Sunday
    assert counts[date(2025, 6, 13)] > 5 * counts.get(date(2025, 6, 12), 1)


def test_most_salaries_come_once_a_month_and_hardly_vary(bank: SimulatedBank) -> None:
    salary = bank.booked().filter((pl.col("kind") == "salary") & (pl.col("booked_on").dt.month().is_in([9, 10, 11])))
    each = salary.filter(pl.col("booked_on").dt.year() == 2025).group_by("customer_id")
    each = each.agg(pl.len(), cv=pl.col("amount").std() / pl.col("amount").mean()).filter(pl.col("len") == 3)
    assert each.height > 350
    assert each["cv"].median() < 0.04


def test_the_thirteenth_salary_comes_before_new_year_and_to_most_but_not_all(bank: SimulatedBank) -> None:
    salary = bank.booked().filter(pl.col("kind") == "salary")
    twice = salary.group_by("customer_id", month=pl.col("booked_on").dt.truncate("1mo")).len()
    share = twice.group_by("month").agg((pl.col("len") > 1).mean()).sort("month")
    by_month = dict(zip(share["month"], share["len"], strict=True))
    assert 0.4 < by_month[date(2025, 1, 1)] < 0.8
    assert by_month[date(2025, 8, 1)] < 0.15


def test_many_whose_main_bank_is_here_receive_no_salary_or_pension(bank: SimulatedBank) -> None:
    december = bank.truth().filter((pl.col("month") == date(2025, 12, 1)) & pl.col("main_bank_here"))
    regular = bank.booked().filter(pl.col("kind").is_in(["salary", "pension"]))
    regular = regular.filter(pl.col("booked_on") >= date(2025, 7, 1))["customer_id"].unique()
    without = 1 - december["customer_id"].is_in(regular.to_list()).mean()
    assert 0.15 < without < 0.45


def test_red_packets_go_round_at_new_year(bank: SimulatedBank) -> None:
    gifts = bank.table("transactions").filter(
        pl.col("kind").is_in(["transfer_in", "transfer_out"]) & (pl.col("amount").abs() < 1_000)
    )
    daily = gifts.group_by("booked_on").len()
    new_year = daily.filter(pl.col("booked_on").is_between(date(2025, 1, 28), date(2025, 2, 4)))["len"].mean()
    usual = daily.filter(pl.col("booked_on").is_between(date(2025, 3, 1), date(2025, 3, 31)))["len"].mean()
    assert new_year > 2 * usual


def test_rents_are_round_and_come_every_month(bank: SimulatedBank) -> None:
    landlords = bank.truth("truth_customers").filter(pl.col("landlord"))["customer_id"]
    rents = bank.booked().filter(
        pl.col("customer_id").is_in(landlords.to_list())
        & (pl.col("kind") == "transfer_in")
        & (pl.col("booked_on").dt.day() <= 5)
        & (pl.col("amount") % 100 == 0)
        & (pl.col("amount") >= 600)
    )
    months = rents.group_by("customer_id").agg(pl.col("booked_on").dt.truncate("1mo").n_unique())
    assert np.median(months["booked_on"]) >= 20
