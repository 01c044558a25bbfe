"""Peer groups of customers, and each month's contribution with its extremes cut back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from segment.contribution import line_names
from segment.policy.decisions import Tiers

WHOLE_BANK = "all"


def peer_groups(branches: pl.DataFrame) -> pl.DataFrame:
    """Group branches by type and region."""
    if not {"kind", "region"} <= set(branches.columns):
        return branches.select("branch_id", peer_group=pl.lit(WHOLE_BANK))
    named = pl.concat_str(pl.col("kind").cast(pl.String), pl.col("region").cast(pl.String), separator="|")
    return branches.select("branch_id", peer_group=named.fill_null(WHOLE_BANK))


def with_clipped_contribution(rows: pl.DataFrame, tiers: Tiers) -> pl.DataFrame:
    """Clip a month's contribution at the quantiles of its peers, or of the bank where they are too few."""
    rows = rows.with_columns(contribution_clipped=contribution())
    return ClipBounds.of(rows, tiers).clip(rows)


@dataclass(frozen=True)
class ClipBounds:
    """Where a month's contribution is clipped."""

    groups: Mapping[str, tuple[float, float]]  # of peer groups that are large enough
    bank: tuple[float, float]

    @classmethod
    def of(cls, rows: pl.DataFrame, tiers: Tiers) -> ClipBounds:
        """Find the quantiles of contributions that are not clipped yet, by peers and over the bank."""
        # Source: DOMAIN.md 1.7: winsorised per month and outlet group, for tiers only.
        levels = (tiers.winsor_quantile, 1.0 - tiers.winsor_quantile)
        ends = [pl.col("contribution_clipped").quantile(at, "linear").alias(str(end)) for end, at in enumerate(levels)]
        groups = rows.group_by("peer_group", maintain_order=True).agg(pl.len(), *ends)
        enough = groups.filter(pl.col("len") >= tiers.winsor_least_customers)
        own = {group: (low, high) for group, _, low, high in enough.iter_rows()}
        return cls(own, rows.select(ends).row(0))

    def clip(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Clip what stands in the place of it at the bounds of peers, or of the bank where they are too few."""
        low, high = (
            pl.col("peer_group").replace_strict(
                {group: ends[end] for group, ends in self.groups.items()},
                default=self.bank[end],
                return_dtype=pl.Float64,
            )
            for end in (0, 1)
        )
        return rows.with_columns(pl.col("contribution_clipped").clip(low, high))


def contribution() -> pl.Expr:
    """A month's contribution as tiers see it before it is clipped: commissions count when they are spread."""
    income = pl.sum_horizontal(name for name in line_names("income") if name != "commission_income")
    return income - pl.sum_horizontal(line_names("cost"))
