"""Published tiers held to those that `plain` recomputed."""

from __future__ import annotations

import polars as pl
from polars.testing import assert_series_equal

from tests.tiers.plain import Row

FIGURES = {
    "blended_contribution_12m": "B",
    "border_low": "low",
    "border_break_even": "up",
    "border_high": "high",
    "border_high_reachable": "reach",
    "branch_reference": "reference",
    "mean_cost": "M",
}
WORDS = {
    "standing": "standing",
    "own_tier": "own_tier",
    "proposed_tier": "proposed",
    "stable_tier": "stable",
    "tier": "stable",
    "candidate_tier": "candidate",
    "candidate_refreshes": "count",
}


def assert_as_the_page_says(published: pl.DataFrame, expected: list[Row], tolerance: float = 1e-9) -> None:
    rows = {row["customer_id"]: row for row in expected}
    assert set(rows) == set(published["customer_id"])
    in_order = [rows[name] for name in published["customer_id"]]
    for column, name in FIGURES.items():
        values = pl.Series(column, [row[name] for row in in_order], dtype=pl.Float64)
        assert_series_equal(published[column], values, rel_tol=tolerance, abs_tol=tolerance)
    for column, name in WORDS.items():
        assert published[column].to_list() == [row[name] for row in in_order], column
