from __future__ import annotations

import pytest

from segment.exceptions import ModelError
from segment.tiers.columns import TIERS, require
from tests.tiers.people import placed


def test_the_tiers_are_the_policys_best_first():
    assert TIERS == ("high_value", "valuable", "break_even", "loss_making")


def test_every_missing_column_is_listed_at_once():
    with pytest.raises(ModelError, match=r"A step needs 2 column\(s\) that the frame lacks: x, y\.\nHint: "):
        require(placed(), ["branch_id", "x", "y"], "A step")
