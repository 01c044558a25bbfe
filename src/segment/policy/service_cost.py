"""What it costs to serve a customer of each tier, beside the work that the ledger shows."""

from __future__ import annotations

from segment.policy.section import Money, Section


class ServiceCost(Section):
    """Cost of a year's service of each tier, in mean costs of a customer [K].

    They are assumptions about advisers' time, fast lanes and waivers, to be replaced by the bank's own; only the replay
    of a policy reads them. No tier or price follows from them.

    Attributes
    ----------
    high_value, valuable, break_even, loss_making : float
        Multiples of the bank's mean cost of an active, seasoned customer in twelve months.
    """

    high_value: Money = 3.0
    valuable: Money = 1.5
    break_even: Money = 1.0
    loss_making: Money = 0.7

    @property
    def multiples(self) -> dict[str, float]:
        """By tier, best first."""
        return {
            "high_value": self.high_value,
            "valuable": self.valuable,
            "break_even": self.break_even,
            "loss_making": self.loss_making,
        }
