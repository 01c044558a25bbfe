"""The costs of serving a customer wrongly: the policy's own, and what no costs may say."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from segment.policy import load_policy
from segment.policy.cost_of_error import CostOfError


@pytest.mark.parametrize("path", ["models/retail.toml", "models/berka.toml"])
def test_the_policies_hold_the_published_matrix_and_decide_by_clusters(path: str) -> None:
    tiers = load_policy(path).tiers
    assert tiers.decide_by == "clusters"
    assert tiers.cost_of_error.matrix == ((0, 2, 5, 12), (1, 0, 2, 6), (3, 1, 0, 2), (5, 3, 1, 0))


def test_the_right_tier_costs_nothing() -> None:
    with pytest.raises(ValidationError, match="right tier must cost nothing"):
        CostOfError(valuable=(1.0, 0.5, 2.0, 6.0))


def test_costs_that_would_punish_better_odds_are_refused() -> None:
    # calling a high-value customer valuable is dearer than calling them break-even: better odds would lower the tier
    with pytest.raises(ValidationError, match="speak for the worse"):
        CostOfError(high_value=(0.0, 9.0, 5.0, 12.0))


@pytest.mark.parametrize("row", [(0.0, 2.0, 5.0), (0.0, -2.0, 5.0, 12.0)])
def test_a_row_is_four_costs_that_are_not_negative(row: tuple[float, ...]) -> None:
    with pytest.raises(ValidationError):
        CostOfError(high_value=row)
