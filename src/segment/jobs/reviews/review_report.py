"""How reviews went: counts, how often proposals were overturned, and what is alarming about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from segment.jobs.reviews.review_evidence import STATES, list_reviews
from segment.law.overturns import ALL, overturns
from segment.messages import Message
from segment.policy import Policy
from segment.sentences import Sentences
from segment.workspace import Workspace


@dataclass(frozen=True)
class ReviewReport:
    """Counts of all reviews."""

    counts: pl.DataFrame  # `action`, then reviews by state, `handed_over` and `refunded`
    overturned: pl.DataFrame  # `segment.law.overturns`: for all and for each reviewer
    alarms: tuple[Message, ...]

    @property
    def overturn_rate(self) -> float | None:
        """Share of the decided proposals that reviewers did not approve; None where nothing is decided."""
        rate: float | None = self.overturned["overturn_rate"][0]
        return rate

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "overturn_rate": self.overturn_rate,
            "alarms": Sentences().each(self.alarms),
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
    counts = reviews.group_by("action", maintain_order=True).agg(
        *states,
        handed_over=pl.col("handed_over_on").is_not_null().sum().cast(pl.Int64),
        refunded=pl.col("refunded_on").is_not_null().sum().cast(pl.Int64),
    )
    enough = policy.law.enough_decisions
    table = overturns(reviews, enough)
    alarms = tuple(
        Message(
            f"results.{'all_never_overturn' if row['reviewer'] == ALL else 'never_overturns'}", row | {"enough": enough}
        )
        for row in table.filter("alarm").iter_rows(named=True)
    )
    return ReviewReport(counts.sort("action"), table, alarms)
