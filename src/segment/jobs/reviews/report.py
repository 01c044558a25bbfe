"""How reviews went: counts, how often proposals were overturned, and what is alarming about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from segment.jobs.reviews.evidence import STATES, list_reviews
from segment.law import overturns
from segment.law.overturns import ALL
from segment.policy import Policy
from segment.warehouse import Workspace


@dataclass(frozen=True)
class ReviewReport:
    """Counts of all reviews.

    Attributes
    ----------
    counts : polars.DataFrame
        `action`, then reviews by state, `handed_over` and `refunded`.
    overturned : polars.DataFrame
        `segment.law.overturns`: for all and for each reviewer.
    alarms : tuple of str
        A sentence each.
    """

    counts: pl.DataFrame
    overturned: pl.DataFrame
    alarms: tuple[str, ...]

    @property
    def overturn_rate(self) -> float | None:
        """Share of the decided proposals that reviewers did not approve; None where nothing is decided."""
        rate: float | None = self.overturned["overturn_rate"][0]
        return rate

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "overturn_rate": self.overturn_rate,
            "alarms": list(self.alarms),
            "counts": self.counts.to_dicts(),
            "by_reviewer": self.overturned.to_dicts(),
        }


def review_report(workspace: Workspace, policy: Policy) -> ReviewReport:
    """Count reviews and how often they overturn what was proposed.

    Parameters
    ----------
    workspace : Workspace
        Keeps the reviews.
    policy : Policy
        Says from how many decisions on no overturned one is an alarm.

    Returns
    -------
    ReviewReport

    References
    ----------
    DOMAIN.md 5 on GDPR art. 22 and SCHUFA C-634/21: log the overturn rate; 0 % overturns = alarm.
    """
    reviews = list_reviews(workspace)
    states = [(pl.col("state") == name).sum().cast(pl.Int64).alias(name) for name in STATES]
    counts = reviews.group_by("action").agg(
        *states,
        handed_over=pl.col("handed_over_on").is_not_null().sum().cast(pl.Int64),
        refunded=pl.col("refunded_on").is_not_null().sum().cast(pl.Int64),
    )
    enough = policy.law.enough_decisions
    table = overturns(reviews, enough)
    alarms = tuple(
        f"{'Reviewers' if row['reviewer'] == ALL else row['reviewer']} overturned none of {row['decided']} "
        "proposals; "
        f"from {enough} decisions on that is no review."
        for row in table.filter("alarm").iter_rows(named=True)
    )
    return ReviewReport(counts.sort("action"), table, alarms)
