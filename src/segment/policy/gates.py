"""What must hold before tiers are published."""

from __future__ import annotations

from pydantic import Field, model_validator

from segment.exceptions import ValueFault
from segment.policy.section import Section, Share

ShareRange = tuple[Share, Share]


class TierShares(Section):
    """Shares of customers per tier outside which nothing is published.

    They are wider than those of `tiers.ranges`, which only raise an alarm: bands are never bent to hit a share, but a
    bank with half of its customers at high value has a fault in its ledger.

    Attributes
    ----------
    high_value, valuable, break_even, loss_making : (float, float)
        Least and most of the customers that the policy does not exclude.
    """

    high_value: ShareRange = (0.0, 0.30)
    valuable: ShareRange = (0.02, 0.75)
    break_even: ShareRange = (0.05, 0.90)
    loss_making: ShareRange = (0.0, 0.70)

    @model_validator(mode="after")
    def _in_order(self) -> TierShares:
        for name in type(self).model_fields:
            low, high = getattr(self, name)
            if low > high:
                raise ValueFault.of("errors.policy.share_range", name=name)
        return self


class Gates(Section):
    """Limits that a publication is held to [K].

    Attributes
    ----------
    most_quarantined_share : float
        Of the ledger's rows that broke a rule, all tables together.
    tier_shares : table
        Shares of customers per tier.
    least_diagonal : float
        Share of the customers that keep their tier from one month to the next; over several months, its power.
    confidence : float
        Chance that a small bank which keeps to the shares is not stopped by luck.
    require_approved_policy : bool
        True publishes only by a policy that a person approved after a replay.
    """

    most_quarantined_share: Share = 0.01
    tier_shares: TierShares = TierShares()
    least_diagonal: Share = 0.85
    confidence: float = Field(default=0.99, gt=0.5, lt=1)
    require_approved_policy: bool = False
