"""Two policies' tiers of the same customers and days, side by side."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from segment.features import target_name
from segment.policy import Policy
from segment.service.plan import cost_by_tier
from segment.tiers.tier_columns import TIERS

LEAST_GROUP = 10
"""Customers that a figure must be about; of smaller groups nothing is said."""

OUTCOME = target_name(12)
_RANK = {tier: place for place, tier in enumerate(TIERS)}


@dataclass(frozen=True)
class Migration:
    """Customers and days of one tier by the policy in force, and one by the changed policy."""

    before: str
    after: str
    customers: int
    share: float | None  # share, contribution_12m: Of `before`, and the last year's; None of too few customers
    contribution_12m: float | None


@dataclass(frozen=True)
class UnderServed:
    """Customers and days who had been put lower than what they went on to bring deserves."""

    judged: int
    too_low: int
    value_missed: float | None  # Contribution that came from those too low, a year, averaged over the days judged
    cost_of_error: float | None  # Mean of the policy's matrix; None where nobody is judged


@dataclass(frozen=True)
class Moves:
    """Shares of tiers that change from one day to the next, and change back on the day after."""

    changed: float | None
    changed_back: float | None


@dataclass(frozen=True)
class GroupEffect:
    """What a changed policy does to one group; of groups of few customers only how many there are."""

    grouped_by: str
    group: str
    customers: int | None = None
    raised: float | None = None
    lowered: float | None = None
    better_before: float | None = None
    better_after: float | None = None
    ratio_to_best: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return a row; of pooled groups their number alone."""
        return asdict(self) if self.customers is not None else {"grouped_by": self.grouped_by, "group": self.group}


def migrations(both: pl.DataFrame) -> list[Migration]:
    """Count who would have been in which tier, and the last year's contribution that moves with them."""
    counted = both.group_by("before", "after", maintain_order=True).agg(
        customers=pl.len(), contribution_12m=pl.col("contribution_12m").sum().round(2)
    )
    counted = counted.with_columns(share=pl.col("customers") / pl.col("customers").sum().over("before"))
    enough = pl.col("customers") >= LEAST_GROUP
    shown = counted.with_columns(pl.when(enough).then(name).alias(name) for name in ("contribution_12m", "share"))
    return [Migration(**row) for row in shown.sort(_rank("before"), _rank("after")).to_dicts()]


def service_cost(both: pl.DataFrame, side: str, policy: Policy) -> float | None:
    """Cost of a year's service by the plan's budgets, averaged over the days; none without a plan."""
    # What a customer of each tier costs is that of the tiers in force, where the whole is the bank's budget: so a side
    # costs more or less by whom it puts where, and never by what it calls them.
    # Returns float: Book currency a year, for the whole bank.
    if policy.service is None:
        return None
    days = both.rename({"before": "tier"} if side == "before" else {"before": "tier", side: "side"})
    total = 0.0
    for day in days.partition_by("as_of", maintain_order=True):
        each = cost_by_tier(day, policy.service)
        counted = day.group_by("tier" if side == "before" else "side", maintain_order=True).len()
        total += sum(each[tier] * number for tier, number in counted.iter_rows())
    return total / max(both["as_of"].n_unique(), 1)


def under_served(both: pl.DataFrame, side: str, policy: Policy) -> UnderServed:
    """What customers brought who had been put lower than what they went on to bring deserves."""
    judged = both.filter(pl.col("realised_tier").is_not_null())
    if judged.is_empty():
        return UnderServed(0, 0, None, None)
    low = judged.filter(_rank(side) > _rank("realised_tier"))
    matrix = policy.tiers.cost_of_error.matrix
    pairs = judged.group_by("realised_tier", side, maintain_order=True).len().rows()
    cost = sum(matrix[_RANK[real]][_RANK[put]] * count for real, put, count in pairs)
    missed = float(low[OUTCOME].clip(lower_bound=0.0).sum()) / judged["as_of"].n_unique()
    return UnderServed(judged.height, low.height, missed, cost / judged.height)


def effects_by_group(both: pl.DataFrame, columns: tuple[str, ...]) -> list[GroupEffect]:
    """Say who is raised and lowered, for the groups of each column."""
    return [effect for column in columns for effect in _of_column(both, column)]


def moves(both: pl.DataFrame, side: str) -> Moves:
    """How often tiers change from one day to the next, and change back on the day after."""
    ordered = both.sort("customer_id", "as_of")
    last, one_before = (pl.col(side).shift(lag).over("customer_id") for lag in (1, 2))
    seen = ordered.select(
        changed=pl.when(last.is_not_null()).then(pl.col(side) != last),
        changed_back=pl.when(one_before.is_not_null()).then((pl.col(side) == one_before) & (pl.col(side) != last)),
    )
    return Moves(**seen.select(pl.all().cast(pl.Float64).mean()).row(0, named=True))


def _of_column(both: pl.DataFrame, column: str) -> list[GroupEffect]:
    before, after = _rank("before"), _rank("after")
    shares = both.group_by(
        pl.col(column).cast(pl.String).fill_null("not known").alias("group"), maintain_order=True
    ).agg(
        customers=pl.col("customer_id").n_unique(),
        raised=(after < before).mean(),
        lowered=(after > before).mean(),
        better_before=(before <= _RANK["valuable"]).mean(),
        better_after=(after <= _RANK["valuable"]).mean(),
    )
    large = shares.filter(pl.col("customers") >= LEAST_GROUP).sort("group")
    best = pl.col("better_after").max()
    large = large.with_columns(ratio_to_best=pl.when(best > 0.0).then(pl.col("better_after") / best))
    effects = [GroupEffect(column, **row) for row in large.to_dicts()]
    if small := shares.height - large.height:
        effects.append(GroupEffect(column, f"{small} groups of fewer than {LEAST_GROUP} customers"))
    return effects


def _rank(column: str) -> pl.Expr:
    return pl.col(column).replace_strict(_RANK, return_dtype=pl.Int64)
