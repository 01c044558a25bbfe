from __future__ import annotations

import polars as pl

from segment.audit.kinds import tier_decisions


def test_the_best_and_the_worst_tier_are_decisions() -> None:
    assert tier_decisions(pl.Series(["high_value", "loss_making"])).rows() == [(True, False), (False, True)]
