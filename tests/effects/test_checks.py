"""A broken draw is seen, and many tests at once find no more than one should."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.stats import binom

from segment.effects.checks import LARGEST_IMBALANCE, LEAST_RATIO_P, balance, sample_ratio


def test_sizes_as_drawn_are_kept_and_others_are_seen() -> None:
    assert sample_ratio(9_020, 980, 0.10) > LEAST_RATIO_P
    assert sample_ratio(9_000, 800, 0.10) < LEAST_RATIO_P
    exact = 2 * binom.cdf(900, 9_800, 0.10)
    assert sample_ratio(8_900, 900, 0.10) == pytest.approx(exact, abs=0.01)


def test_without_anyone_or_any_draw_nothing_is_broken() -> None:
    assert sample_ratio(0, 0, 0.1) == sample_ratio(10, 0, 0.0) == 1.0


def test_a_difference_before_the_draw_is_seen_in_standard_deviations() -> None:
    rng = np.random.default_rng(1)
    frame = pl.DataFrame({"treated": [True, False] * 500, "same": rng.normal(size=1000), "flat": [1.0] * 1000})
    frame = frame.with_columns(other=pl.col("same") + pl.when("treated").then(0.5).otherwise(0.0))
    seen = dict(balance(frame, "treated", ["same", "flat", "other"]).select("column", "standardised_difference").rows())
    assert abs(seen["same"]) < LARGEST_IMBALANCE < seen["other"]
    assert seen["flat"] == 0.0


def test_an_empty_arm_has_no_balance() -> None:
    frame = pl.DataFrame({"treated": [True, True], "value": [1.0, 2.0]})
    assert balance(frame, "treated", ["value"])["standardised_difference"].to_list() == [None]


def test_sample_ratio_of_a_case_computed_by_hand() -> None:
    assert (round(sample_ratio(900, 100, 0.10), 2), sample_ratio(900, 200, 0.10) < LEAST_RATIO_P) == (1.0, True)
