"""The tier of what really came: by hand, by each customer's own borders, and whatever a model forecasts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.exceptions import ModelError
from segment.tiers import TIERS, realised_tiers
from tests.tiers.people import POLICY, people


def came(count: int = 1, **columns: Any) -> pl.DataFrame:
    """Customers with the contribution and the cost of the next twelve months."""
    return people(count, **{"contribution_next_12m": 60.0, "cost_next_12m": 100.0} | columns)


def tiers_of(frame: pl.DataFrame, months: int = 12) -> list[str | None]:
    return realised_tiers(frame, POLICY, months).to_list()


def test_each_border_by_hand() -> None:
    # mean cost 100: epsilon 25; own cost 100: low -25, up 25; reference 60: high 240
    value = [-25.01, -25.0, 25.0, 25.01, 239.99, 240.0]
    expected = ["loss_making", "break_even", "break_even", "valuable", "valuable", "high_value"]
    assert tiers_of(came(6, contribution_next_12m=value)) == expected


def test_the_cost_that_came_draws_the_borders() -> None:
    # 25% of 400 is 100, within the cap of one mean cost
    assert tiers_of(came(2, contribution_next_12m=90.0, cost_next_12m=[100.0, 400.0])) == ["valuable", "break_even"]


def test_high_value_takes_coverage_too() -> None:
    assert tiers_of(came(2, contribution_next_12m=300.0, cost_next_12m=[1500.0, 1501.0])) == ["high_value", "valuable"]


def test_the_reference_is_what_was_known_on_the_day() -> None:
    # four times the mean of the last twelve months, 60: what the others bring afterwards moves no border
    rich = came(2, contribution_next_12m=[250.0, 1e6])
    assert tiers_of(rich)[0] == "high_value"


@given(st.floats(-1e6, 1e6))
def test_no_forecast_moves_it(forecast: float) -> None:
    frame = came(3, contribution_next_12m=[-30.0, 30.0, 300.0])
    other = frame.with_columns(future_value_12m=pl.lit(forecast), future_value_p10=pl.lit(forecast))
    assert tiers_of(other) == tiers_of(frame)


def test_a_shorter_horizon_is_taken_to_a_year() -> None:
    frame = people(1, contribution_next_3m=60.0, cost_next_3m=25.0)
    assert tiers_of(frame, 3) == ["high_value"]


def test_who_is_excluded_or_has_no_outcome_has_no_tier() -> None:
    frame = came(4, is_staff=[True, False, False, False], contribution_next_12m=[60.0, None, float("nan"), 60.0])
    assert tiers_of(frame) == [None, None, None, "valuable"]


def test_a_new_customer_is_judged_like_everyone_else() -> None:
    frame = came(2, months_observed=[1, 24], tenure_months=[1.0, 24.0], contribution_next_12m=-80.0)
    assert tiers_of(frame) == ["loss_making", "loss_making"]


def test_moments_stacked_are_the_same_as_one_by_one() -> None:
    first = came(2, contribution_winsorised_12m=20.0, contribution_next_12m=[70.0, 100.0], as_of=dt.date(2024, 1, 31))
    second = came(2, contribution_winsorised_12m=60.0, contribution_next_12m=[70.0, 100.0], as_of=dt.date(2024, 2, 29))
    assert tiers_of(pl.concat([first, second])) == tiers_of(first) + tiers_of(second)
    assert tiers_of(first) == ["valuable", "high_value"]
    assert tiers_of(second) == ["valuable", "valuable"]


@given(st.lists(st.floats(-1e5, 1e5), min_size=2, max_size=8))
def test_more_never_means_a_lower_tier(values: list[float]) -> None:
    ranks = [TIERS.index(str(tier)) for tier in tiers_of(came(len(values), contribution_next_12m=sorted(values)))]
    assert ranks == sorted(ranks, reverse=True)


def test_outcomes_must_be_there() -> None:
    with pytest.raises(ModelError, match="2 column"):
        realised_tiers(people(1), POLICY)
