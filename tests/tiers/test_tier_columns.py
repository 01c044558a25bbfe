from __future__ import annotations

import polars as pl
import pytest

from segment.exceptions import ModelError
from segment.tiers.tier_columns import TIERS, require
from tests.tiers.people import placed


def test_the_tiers_are_the_policys_best_first():
    assert TIERS == ("high_value", "valuable", "break_even", "loss_making")


def test_every_missing_column_is_listed_at_once():
    with pytest.raises(ModelError, match=r"A step needs 2 column\(s\) that the frame lacks: x, y\.\nHint: "):
        require(placed(), ["branch_id", "x", "y"], "A step")


def test_require_of_a_case_computed_by_hand() -> None:
    require(pl.DataFrame({"branch_id": ["b1"]}), ["branch_id"], "A reference")
