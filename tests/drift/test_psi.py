from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.drift.psi import FLOOR, feature_indices, population_stability_index


def test_an_index_computed_by_hand() -> None:
    """Half of the customers in each bin then, a quarter and three quarters now."""
    by_hand = (0.25 - 0.5) * math.log(0.25 / 0.5) + (0.75 - 0.5) * math.log(0.75 / 0.5)
    assert population_stability_index([0] * 50 + [1] * 50, [0] * 25 + [1] * 75) == pytest.approx(by_hand)


def test_missing_figures_have_a_bin_of_their_own() -> None:
    then, now = np.arange(100.0), np.append(np.arange(50.0), [np.nan] * 50)
    assert population_stability_index(then, now) > 0.25
    assert population_stability_index([np.nan] * 5, [np.nan] * 9) == 0.0


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=20, max_size=60), st.lists(st.floats(-1e6, 1e6), min_size=20, max_size=60)
)
def test_it_is_never_negative_and_bounded_by_its_floor(then: list[float], now: list[float]) -> None:
    found = population_stability_index(then, now)
    assert 0.0 <= found < 11 * -math.log(FLOOR)


def test_features_are_told_from_the_most_moved_on() -> None:
    learned = pl.DataFrame({"still": range(100), "moved": range(100)})
    now = pl.DataFrame({"still": range(100), "moved": range(80, 180)})
    found = feature_indices(learned, now, ["still", "moved", "absent"])
    assert list(found) == ["moved", "still"]
    assert found["still"] == 0.0
