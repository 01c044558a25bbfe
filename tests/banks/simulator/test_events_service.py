from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from tests.banks.simulator.conftest import SimulatedBank


def _work(bank: SimulatedBank) -> pl.DataFrame:
    """Counter work and meetings of 2025 by customer, with wealth and trait."""
    served = bank.table("service_events").filter(
        pl.col("channel").is_in(["counter", "adviser", "phone"]) & (pl.col("occurred_on") >= date(2025, 1, 1))
    )
    truth = bank.truth().filter(pl.col("month") == date(2025, 12, 1)).filter(pl.col("main_bank_here"))
    each = served.group_by("customer_id").len("work")
    return truth.join(each, on="customer_id", how="left").with_columns(pl.col("work").fill_null(0))


def test_a_few_customers_cause_most_of_the_work(bank: SimulatedBank) -> None:
    work = np.sort(_work(bank)["work"].to_numpy())[::-1]
    assert work[: len(work) // 10].sum() > 0.45 * work.sum()
    assert np.median(work) < 0.25 * work.mean()


def test_the_work_has_little_to_do_with_wealth(bank: SimulatedBank) -> None:
    work = _work(bank).filter(pl.col("wealth_total") < 300_000)
    ranks = work.select(pl.corr("work", "wealth_total", method="spearman")).item()
    assert abs(ranks) < 0.2


def test_meetings_have_minutes_and_sessions_have_none(bank: SimulatedBank) -> None:
    events = bank.table("service_events")
    assert events.filter(pl.col("channel") == "adviser")["minutes"].null_count() == 0
    assert events.filter(pl.col("channel") == "mobile")["minutes"].is_null().all()
    assert events["minutes"].min() > 0


def test_complaints_become_contact_rules_about_one_in_a_hundred_customers_a_year(bank: SimulatedBank) -> None:
    rules = bank.table("contact_rules").filter(pl.col("rule") == "complaint")
    assert 0.004 < rules.height / 2 / 2_000 < 0.06
    assert (rules["ends_on"].drop_nulls() >= rules.drop_nulls("ends_on")["starts_on"]).all()


def test_nobody_meets_an_adviser_more_than_twice_a_month_or_comes_on_more_days_than_there_are(
    bank: SimulatedBank,
) -> None:
    events = bank.table("service_events").with_columns(month=pl.col("occurred_on").dt.truncate("1mo"))
    each = events.group_by("customer_id", "month", "channel").len().group_by("channel").agg(pl.col("len").max())
    most = dict(zip(each["channel"], each["len"], strict=True))
    assert most["adviser"] <= 2
    assert most["counter"] <= 22
    yearly = events.filter(pl.col("channel") == "adviser").group_by("customer_id").len()["len"] / 2
    assert 5 < yearly.max() <= 24
