"""What each group of lines brings a year if it goes on as it did."""

from __future__ import annotations

import datetime as dt

import numpy as np

from segment.contribution import LINE_NAMES, line_names
from segment.dates import next_month
from segment.features.cube import Cube
from segment.features.recipes import History, histories
from segment.features.run_rates import GROUPS, WINDOWS, RunRate, run_rate_features

MONTHS = tuple(next_month(dt.date(2025, 1, 1), later) for later in range(14))


def history(values: np.ndarray, measures: tuple[str, ...], end: int) -> History:
    cube = Cube(np.array(["x"], dtype=object), MONTHS[: values.shape[0]], measures, values[None])
    return histories(cube, [end])[0]


def test_every_line_stands_in_one_group_of_run_rates() -> None:
    assert sorted(line for lines, _ in GROUPS.values() for line in lines) == sorted(LINE_NAMES)


def test_a_run_rate_takes_the_days_observed_for_a_year() -> None:
    known = history(np.array([[np.nan], [28.0], [62.0]]), ("net_interest",), end=3)
    # February and March 2025 have 59 days
    np.testing.assert_allclose(RunRate(("net_interest",), 12)(known), [90.0 / 59.0 * 365.0])
    np.testing.assert_allclose(RunRate(("net_interest",), 1)(known), [730.0])


def test_a_run_rate_sees_no_month_after_its_moment_and_none_of_a_customer_who_is_not_here() -> None:
    series = np.array([[31.0], [56.0], [9e9]])
    np.testing.assert_allclose(RunRate(("net_interest",), 1)(history(series, ("net_interest",), end=2)), [730.0])
    absent = history(np.array([[31.0], [np.nan]]), ("net_interest",), end=2)
    assert np.isnan(RunRate(("net_interest",), 1)(absent)).all()


def test_the_run_rates_of_a_year_add_up_to_income_less_cost() -> None:
    amounts = np.random.default_rng(0).uniform(1.0, 9.0, (12, len(LINE_NAMES)))
    known = history(amounts, LINE_NAMES, end=12)
    signs = np.array([-1.0 if line in line_names("cost") else 1.0 for line in LINE_NAMES])
    of_a_year = [
        feature.recipe(known)[0] for feature in run_rate_features() if feature.window_months == 12 and feature.recipe
    ]
    np.testing.assert_allclose(sum(of_a_year), (amounts @ signs).sum())
    assert len(run_rate_features()) == len(GROUPS) * len(WINDOWS)


def test_run_rates_are_named_by_group_and_months() -> None:
    assert [feature.name for feature in run_rate_features()][:2] == ["run_rate_interest_1m", "run_rate_interest_3m"]
