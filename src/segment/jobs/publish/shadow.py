"""The challenger scores what the champion publishes, and the two are compared; nobody acts on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from segment.exceptions import SegmentError
from segment.jobs.publish.scoring_engine import Score, score_here
from segment.messages import Message
from segment.sentences import Sentences
from segment.tiers.table import withhold_small
from segment.tracking.models import CHALLENGER, RegisteredVersion
from segment.tracking.registry import Tracking
from segment.warehouse.stored_snapshots import CustomerSnapshot

SHADOW_FILE = "shadow.json"


@dataclass(frozen=True)
class ScoreComparison:
    """What two models say of the same customers; groups of few customers have no figures."""

    customers: int
    changed: float  # Share of the customers whose tier differs
    rank_correlation: float  # Of the future values
    flagged_first: int  # flagged_first, flagged_second, flagged_both: Customers with their main bank elsewhere.
    flagged_second: int
    flagged_both: int
    tiers: pl.DataFrame  # `tier`, `tier_second`, `customers`
    branches: pl.DataFrame  # `branch_id`, `customers`, `changed`, and what both foresee of it

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {**vars(self), "tiers": self.tiers.to_dicts(), "branches": self.branches.to_dicts()}


@dataclass(frozen=True)
class Shadow:
    """What the challenger says of the champion's customers, or why it says nothing."""

    champion: str
    challenger: str = ""
    comparison: ScoreComparison | None = None
    not_compared: Message | str = ""  # A fault says why itself

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        if self.comparison is None:
            code = {"finding": self.not_compared.to_dict()} if isinstance(self.not_compared, Message) else {}
            return {"not_compared": Sentences().figure(self.not_compared), **code}
        return {"champion": self.champion, "challenger": self.challenger, **self.comparison.to_dict()}


def shadow_of(
    champion: RegisteredVersion,
    scored: pl.DataFrame,
    snapshot: CustomerSnapshot,
    tracking: Tracking,
    score: Score = score_here,
) -> Shadow:
    """Score a snapshot by the challenger and compare it with what the champion said."""
    try:
        challenger, version = tracking.load_other_than(champion, CHALLENGER)
        if challenger is None or version is None:
            return Shadow(champion.version, not_compared=Message("run.no_challenger"))
        comparison = compare_scores(scored, score(challenger, snapshot))
    except (SegmentError, OSError) as fault:
        return Shadow(champion.version, not_compared=str(fault).splitlines()[0])
    return Shadow(champion.version, version.version, comparison)


def compare_scores(first: pl.DataFrame, second: pl.DataFrame) -> ScoreComparison:
    """Compare what two models say of the same customers."""
    columns = ("tier", "future_value_12m", "main_bank_elsewhere")
    both = first.select("customer_id", "branch_id", *columns).join(
        second.select("customer_id", *columns), on="customer_id", suffix="_second"
    )
    differs = pl.col("tier") != pl.col("tier_second")
    flags = [pl.col("main_bank_elsewhere"), pl.col("main_bank_elsewhere_second")]
    bank = both.select(
        customers=pl.len(),
        changed=differs.mean(),
        rank_correlation=pl.corr("future_value_12m", "future_value_12m_second", method="spearman"),
        flagged_first=flags[0].sum(),
        flagged_second=flags[1].sum(),
        flagged_both=(flags[0] & flags[1]).sum(),
    ).row(0, named=True)
    tiers = (
        both.group_by("tier", "tier_second", maintain_order=True).agg(customers=pl.len()).sort("tier", "tier_second")
    )
    branches = both.group_by("branch_id", maintain_order=True).agg(
        customers=pl.len(),
        changed=differs.mean(),
        future_value_first=pl.col("future_value_12m").sum().round(2),
        future_value_second=pl.col("future_value_12m_second").sum().round(2),
    )
    return ScoreComparison(
        **bank,
        tiers=withhold_small(tiers),
        branches=withhold_small(branches.sort("branch_id")),
    )
