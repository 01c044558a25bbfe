"""What a challenger must show before it becomes champion."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from segment.policy.section import Money, Section, Share


class Promotion(Section):
    """Gates between a challenger and the champion.

    Attributes
    ----------
    cutoffs : int
        Dates, a horizon apart, on whose outcomes champion and challenger are compared where the history has them; one
        is enough, and what it cannot tell is said.
    total_gap : float
        How far the forecasts' sum may be from what came beyond its sampling error, over income and cost together.
    decile_gap : float
        The same for each tenth of the customers, by forecast.
    coverage : (float, float)
        Least and most share of the customers whose outcome lies between P10 and P90.
    most_guarded : float
        Most customers whose own odds may overrule their cluster.
    cluster_cost : float
        How much dearer, in `tiers.cost_of_error`, tiers by clusters may be than those by the own odds alone.
    most_churn : float
        Most customers that may change tier because the model does.
    branch_customers : int
        Branches of at least so many judged customers are looked at one by one.
    branch_worse : float
        How much larger the challenger's mean error may be in any of them.
    fairness_worse : float
        How far the challenger's worst ratio between groups, or its worst bias of a group, may be worse than the
        champion's.
    """

    retired: ClassVar[frozenset[str]] = frozenset({"cluster_agreement", "close_enough", "total", "deciles"})

    cutoffs: int = Field(default=2, ge=1)
    total_gap: Share = 0.02
    decile_gap: Share = 0.10
    coverage: tuple[Share, Share] = (0.75, 0.85)
    most_guarded: Share = 0.05
    cluster_cost: Money = 0.015
    most_churn: Share = 0.10
    branch_customers: int = Field(default=300, ge=30)
    branch_worse: Share = 0.10
    fairness_worse: Share = 0.05
