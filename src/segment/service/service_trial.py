"""Who may be drawn into a trial of service, and as which tier those who were drawn are served."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.policy.trial import WAYS, Trial
from segment.store.stored_tables import ENROLMENTS

AS_IS = "as_is"
"""The arm of households that are served as their tier says."""

ENROLLED = ENROLMENTS.schema
"""Of everyone in a trial. `tier`: at enrolment. `arm`: the way, or `as_is`. `share`: of the households that was drawn.
`drawn`: with the household; who joins it later has its arm and is not measured. `cost_12m`: what a year of the other
tier's plan costs more than a year of the own tier's, by the budgets of that date."""


def may_be_drawn(tiers: pl.DataFrame, outside: pl.DataFrame, spared: pl.DataFrame, trial: Trial) -> pl.DataFrame:
    """Find the members of households that may be drawn, and which way each household would go."""
    # A household goes down where a member's tier is tried that way and nobody of it is protected, else up where a
    # member's tier is tried that way. So everyone who is compared had the same chance of each arm.
    ways = {tier: way for way in WAYS for tier in trial.steps[way]}
    there = tiers.filter(pl.col("standing") == "active").join(outside, on="customer_id", how="anti")
    there = there.with_columns(way=pl.col("tier").replace_strict(ways, default=None, return_dtype=pl.String))
    shielded = pl.col("household").is_in(spared["household"].implode())
    able = there.filter((pl.col("way") == "up") | ((pl.col("way") == "down") & ~shielded))
    # "down" comes before "up"
    taking_part = able.filter(pl.col("way") == pl.col("way").min().over("household")).sort("household", "customer_id")
    stratum = pl.concat_str("branch_id", "tier", separator="|").first().over("household")
    return taking_part.select("customer_id", "household", "branch_id", "tier", "way", stratum=stratum)


def with_served(
    tiers: pl.DataFrame, enrolled: pl.DataFrame, outside: pl.DataFrame, spared: pl.DataFrame, trial: Trial
) -> pl.DataFrame:
    """Add as which tier each customer is served, and until when where it is not their own."""
    # The arm is kept whatever becomes of a customer; what it does follows the tier that they have now: one step, where
    # that tier is tried that way. Who objects meanwhile is served as their tier says, and whoever needs protection
    # meanwhile is served no less.
    # Returns The tiers with `served_as` and `until` (null: served as their tier says).
    as_of: dt.date = tiers["as_of"].max()  # type: ignore[assignment]
    runs = (pl.col("enrolled_on") <= as_of) & (pl.col("until") > as_of)
    arms = enrolled.filter(runs & (pl.col("arm") != AS_IS)).join(outside, on="customer_id", how="anti")
    joined = tiers.join(arms.select("customer_id", "arm", "until"), on="customer_id", how="left", maintain_order="left")
    shielded = pl.col("household").is_in(spared["household"].implode())
    step = pl.coalesce(
        pl.when(pl.col("arm") == way).then(
            pl.col("tier").replace_strict(trial.steps[way], default=None, return_dtype=pl.String)
        )
        for way in WAYS
    )
    open_to = (pl.col("standing") != "excluded") & ~((pl.col("arm") == "down") & shielded)
    served = joined.with_columns(served_as=pl.coalesce(pl.when(open_to).then(step), "tier"))
    other = pl.col("served_as") != pl.col("tier")
    return served.with_columns(until=pl.when(other).then("until")).drop("arm")


def largest_drawn(asked: pl.DataFrame, share: float) -> pl.DataFrame:
    """Bound how many customers of each branch a draw can serve as another tier, before it is made."""
    # Returns `branch_id`, `tier`, `customers`: no draw of that share, in strata, takes more.
    homes = asked.group_by("stratum", maintain_order=True).agg(homes=pl.col("household").n_unique())
    most = homes.select("stratum", drawn=pl.min_horizontal((pl.col("homes") * share).floor() + 1, "homes"))
    members = asked.group_by("stratum", "household", "branch_id", "tier", maintain_order=True).len()
    largest = members.group_by("stratum", "branch_id", "tier", maintain_order=True).agg(size=pl.col("len").max())
    return (
        largest.join(most, on="stratum")
        .group_by("branch_id", "tier", maintain_order=True)
        .agg(customers=(pl.col("size") * pl.col("drawn")).sum().cast(pl.Int64))
        .sort("branch_id", "tier")
    )
