"""How far customers may have moved from those that the champion learned from before a person must look."""

from __future__ import annotations

from pydantic import Field

from segment.policy.section import Section, Share


class DriftLimits(Section):
    """Limits of drift.

    Attributes
    ----------
    look, significant : float
        Population stability index from which a figure is looked at, and from which it counts as moved [folklore].
    moved_share : float
        Most of the judged features that may have moved.
    missing_jump : float
        Most that a feature's missing rate may have risen by.
    zero_jump : float
        Most that the share of customers may have risen by for whom a judged feature is zero [K]. A feed that fails
        leaves zeros where money flowed, and nothing missing.
    confidence : float
        Chance that groups which did not move stay below the limits that small groups get.
    least_group : int
        Smaller groups of branches are not shown.
    not_judged : tuple of str
        Features, by name or pattern, that move by construction: they count months since the ledger begins, or look at
        less than a year of what the bank itself books by the quarter or the year. Their index is shown and never
        counts. A missing rate that jumps still does.
    """

    look: float = Field(default=0.10, gt=0)
    significant: float = Field(default=0.25, gt=0)
    moved_share: Share = 0.20
    missing_jump: Share = 0.05
    zero_jump: Share = 0.15
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    least_group: int = Field(default=30, ge=10)
    not_judged: tuple[str, ...] = (
        "months_observed",
        "tenure_months",
        "months_since_*",
        "*_previous_12m",
        "run_rate_*_[136]m",
    )
