"""Cases of `tier_state` computed by hand."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.tiers.stability.tier_state import state_before


def test_state_before_of_a_case_computed_by_hand() -> None:
    published = pl.DataFrame(
        {
            "as_of": [dt.date(2024, 5, 31)],
            "customer_id": ["a"],
            "branch_id": ["b"],
            "tier": ["valuable"],
            "standing": ["active"],
        }
    )
    assert state_before(published, dt.date(2024, 6, 30)).select("was_stable_tier", "was_candidate_refreshes").row(
        0
    ) == ("valuable", 0)
