"""What the odds say about moving up or down."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.exceptions import ModelError
from segment.policy import load_policy
from segment.tiers import TIERS
from segment.tiers.odds import ODDS
from segment.tiers.outlook import chance_of_lower_tier, growth_amount, growth_potential
from tests.tiers.people import POLICY, placed


def amount(**columns: float) -> float:
    return float(placed(**columns).select(growth_amount(POLICY.tiers)).item())


def each_tier(odds: list[float]) -> pl.DataFrame:
    return placed(4, tier=list(TIERS), **dict(zip(ODDS, odds, strict=True)))


def test_growth_asks_for_more_than_cents_even_where_cost_is_tiny() -> None:
    assert amount(cost_annual=4.0, border_break_even=50.0) == 50.0


def test_growth_asks_for_coverage_where_cost_is_high() -> None:
    assert amount(cost_annual=4000.0, border_break_even=200.0) == 1000.0


def test_moving_up_and_down_by_hand() -> None:
    frame = each_tier([0.1, 0.2, 0.3, 0.4])
    assert growth_potential(frame).to_list() == pytest.approx([0.0, 0.1, 0.3, 0.6])
    assert chance_of_lower_tier(frame).to_list() == pytest.approx([0.9, 0.7, 0.4, 0.0])


@given(st.lists(st.floats(0.01, 1.0), min_size=4, max_size=4))
def test_up_down_and_staying_are_everything(weights: list[float]) -> None:
    odds = (np.array(weights) / sum(weights)).tolist()
    frame = each_tier(odds)
    stays = pl.Series(odds)
    np.testing.assert_allclose(growth_potential(frame) + chance_of_lower_tier(frame) + stays, 1.0)


def test_an_outlook_without_odds_is_refused() -> None:
    with pytest.raises(ModelError, match="chance_high_value"):
        growth_potential(pl.DataFrame({"tier": ["valuable"]}))


def test_growth_amount_of_a_case_computed_by_hand() -> None:
    people = pl.DataFrame({"cost_annual": [400.0, 4000.0], "border_break_even": [150.0, 150.0]})
    assert people.select(growth_amount(load_policy("models/retail.toml").tiers)).to_series().to_list() == [
        150.0,
        1000.0,
    ]


def test_chance_of_lower_tier_of_a_case_computed_by_hand() -> None:
    odds = dict(zip(ODDS, ([0.1], [0.5], [0.3], [0.1]), strict=True))
    assert chance_of_lower_tier(pl.DataFrame({"tier": ["valuable"], **odds})).round(3).to_list() == [0.4]


def test_growth_potential_of_a_case_computed_by_hand() -> None:
    odds = dict(zip(ODDS, ([0.1], [0.5], [0.3], [0.1]), strict=True))
    assert growth_potential(pl.DataFrame({"tier": ["valuable"], **odds})).round(3).to_list() == [0.1]
