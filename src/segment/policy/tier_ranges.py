"""Shares of customers per tier that raise no alarm."""

from __future__ import annotations

from segment.policy.section import Section, Share

ShareRange = tuple[Share, Share]


class TierRanges(Section):
    """Shares of customers per tier that raise no alarm."""

    high_value: ShareRange
    valuable: ShareRange
    break_even: ShareRange
    loss_making: ShareRange
