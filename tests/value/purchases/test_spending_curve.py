"""The curve of whole cohorts, and the total."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from segment.value.purchases.spending_curve import MONTHS, season_effects, spending_curve
from segment.value.purchases.spending_level import LevelWindow, learn_level

OPENED = dt.date(2023, 1, 1)


def steady(days: int, *, december: float = 1.0) -> pl.DataFrame:
    """Fifty customers a month join, and each spends 10 a week ever after; in December so many times as much."""
    rows = []
    for customer in range(50 * (days // 30)):
        joined = (customer // 50) * 30
        for day in range(joined + customer % 7, days, 7):
            date = OPENED + dt.timedelta(day)
            rows.append((customer, date, 10.0 * (december if date.month == 12 else 1.0)))
    return pl.DataFrame(rows, schema=["customer_id", "date", "amount"], orient="row").sort("customer_id", "date")


def test_customers_who_spend_steadily_go_on_to() -> None:
    log = steady(360)
    cut_off = OPENED + dt.timedelta(359)
    expected = spending_curve(log, cut_off, 70, np.zeros(MONTHS))
    assert expected.total == pytest.approx(log["customer_id"].n_unique() * 10 * 10, rel=0.05)
    assert expected.season == pytest.approx(1.0)


def test_a_log_of_less_than_a_year_knows_no_season() -> None:
    assert season_effects(steady(360, december=3.0), OPENED + dt.timedelta(359)).tolist() == [0.0] * MONTHS


def test_a_month_that_stands_out_each_year_is_expected_again() -> None:
    log, cut_off = steady(1_050, december=3.0), dt.date(2025, 11, 15)
    season = season_effects(log, cut_off)
    assert np.argmax(season) == 11
    assert season[11] > 0.5
    assert spending_curve(log, cut_off, 60, season).total > 1.3 * spending_curve(log, cut_off, 60, 0 * season).total


def test_nothing_after_the_cut_off_changes_the_curve() -> None:
    log, cut_off = steady(600), OPENED + dt.timedelta(419)
    past = log.filter(pl.col("date") <= cut_off)
    season = season_effects(past, cut_off)
    assert season_effects(log, cut_off).tolist() == season.tolist()
    assert spending_curve(log, cut_off, 90, season) == spending_curve(past, cut_off, 90, season)


def window(said: tuple[float, float], actual: float, at: int) -> LevelWindow:
    return LevelWindow(OPENED + dt.timedelta(at), 100, np.array(said), actual, 0.02)


def test_the_opinion_that_did_better_weighs_more() -> None:
    level = learn_level([window((100.0, 140.0), 101.0, 0), window((100.0, 135.0), 98.0, 100)])
    assert level.weights[0] > 0.8
    assert level.weights.sum() == pytest.approx(1.0)


def test_without_a_window_opinions_weigh_the_same() -> None:
    level = learn_level([])
    assert level.weights.tolist() == [0.5, 0.5]
    total = level.total(np.array([90.0, 90.0]), 0.0)
    assert total.expected == pytest.approx(90.0)
    assert total.low < 80.0
    assert total.high > 100.0


def test_what_all_opinions_missed_is_made_up_for_in_part() -> None:
    level = learn_level([window((100.0, 100.0), 120.0, at) for at in (0, 100, 200)])
    assert 0 < level.bias < np.log(1.2)
