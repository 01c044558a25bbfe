"""How long a tier is kept before it changes, and who may set it by hand."""

from __future__ import annotations

from pydantic import Field

from segment.policy.section import Section, Share


class Stability(Section):
    """Hysteresis of the tiers, and what a person may override.

    Attributes
    ----------
    hysteresis : bool
        False publishes what the model proposes.
    rise_at_once_from : float
        Chance that the next twelve months reach the higher tier from which a rise is not made to wait.
    rise_refreshes : int
        Refreshes in a row that must propose a higher tier otherwise.
    high_jump_refreshes : int
        Refreshes in a row that must propose high-value to a customer two or more tiers below it, whatever the chances:
        one large inflow makes nobody high-value.
    fall_refreshes : int
        Refreshes in a row that must propose a lower tier; the fall is one tier at a time.
    fall_margin : float
        How far below its tier's border the blended contribution must lie for a refresh to count, as a share of the
        border's amount.
    notice_days : int
        Days for which a customer who left high-value keeps its service, and a relationship manager looks at it.
    return_months : int
        A tier that is taken up again within so many months counts as a flip back.
    most_returns : float
        Most customers who may flip back in a month before a person must look.
    override_roles : tuple of str
        Who may set a tier by hand.
    override_months : int
        Longest that an override may last.
    """

    hysteresis: bool = True
    rise_at_once_from: Share = 0.60
    rise_refreshes: int = Field(default=2, ge=1)
    high_jump_refreshes: int = Field(default=2, ge=1)
    fall_refreshes: int = Field(default=3, ge=1)
    fall_margin: Share = 0.10
    notice_days: int = Field(default=90, ge=0)
    return_months: int = Field(default=6, ge=2)
    most_returns: Share = 0.02
    override_roles: tuple[str, ...] = ("branch_manager", "relationship_manager", "segment_owner")
    override_months: int = Field(default=6, ge=1, le=12)
