"""The tiers of a branch or bank at a glance: the table, what is alarming about it, and who moved."""

from __future__ import annotations

import polars as pl

from segment.messages import Message
from segment.policy.decisions import Tiers
from segment.tiers.standing import STANDINGS, has_tier
from segment.tiers.tier_columns import BREAK_EVEN, TIERS, require

_ORDER = pl.Enum(TIERS)

BANK = "(bank)"

ALL = "all"
"""Customers of a tier whatever their standing."""

WITHHELD_BELOW = 10
"""Customers: a smaller group could point at a person."""

_PLACE = {tier: place for place, tier in enumerate(reversed(TIERS))}


def tier_table(tiers: pl.DataFrame, *, by_branch: bool = True) -> pl.DataFrame:
    """Count the customers of each tier and what they bring, with each standing apart.

    Parameters
    ----------
    tiers : polars.DataFrame
        Published tiers: `branch_id`, `tier`, `standing`, `contribution_12m`, `main_bank_elsewhere`.
    by_branch : bool
        One block per branch; False: one for the bank.

    Returns
    -------
    polars.DataFrame
        `branch_id` (if by branch), `tier`, `standing`, `customers`, `share`, `contribution_12m` (total),
        `mean_contribution_12m` (null where nobody is), `main_bank_elsewhere` (customers flagged). Every tier has a row
        of standing `all`, best first, with its share of the block's customers who have a tier; below it stand its
        customers of each standing, where there are several. Excluded customers, who have no tier, come last.

    Raises
    ------
    ModelError
        If a column is missing.

    Examples
    --------
    >>> published = pl.DataFrame({
    ...     "branch_id": ["b"] * 4, "tier": ["break_even", "break_even", "valuable", "break_even"],
    ...     "standing": ["active", "new", "active", "excluded"], "contribution_12m": [5.0, -8.0, 95.0, -900.0],
    ...     "main_bank_elsewhere": [True, False, False, False]})
    >>> table = tier_table(published, by_branch=False).filter(pl.col("customers") > 0)
    >>> for row in table.select("tier", "standing", "customers", "contribution_12m").rows():
    ...     print(row)
    ('valuable', 'all', 1, 95.0)
    ('break_even', 'all', 2, -3.0)
    ('break_even', 'active', 1, 5.0)
    ('break_even', 'new', 1, -8.0)
    (None, 'excluded', 1, -900.0)
    """
    require(tiers, ("branch_id", "tier", "standing", "contribution_12m", "main_bank_elsewhere"), "The tier table")
    blocks = ["branch_id"] if by_branch else []
    placed = tiers.filter(has_tier()).with_columns(pl.col("tier").cast(_ORDER))
    grid = pl.DataFrame({"tier": pl.Series(TIERS, dtype=_ORDER), "standing": pl.Series([ALL] * len(TIERS))})
    if by_branch:
        grid = tiers.select("branch_id").unique().join(grid, how="cross")
    every = placed.with_columns(standing=pl.lit(ALL))
    several = placed.filter(pl.col("standing").n_unique().over(*blocks, "tier") > 1)
    left_out = tiers.filter(~has_tier()).with_columns(tier=pl.lit(None, dtype=_ORDER))
    rows = [grid.join(_counted(every, blocks), on=[*blocks, "tier", "standing"], how="left", maintain_order="left")]
    rows += [_counted(part, blocks).select(rows[0].columns) for part in (several, left_out)]
    table = pl.concat(rows).with_columns(
        pl.col("customers", "main_bank_elsewhere", "contribution_12m").fill_null(0),
        pl.col("standing").cast(pl.Enum((ALL, *STANDINGS))),
    )
    of_all = pl.col("standing") == ALL
    total = pl.col("customers").filter(of_all).sum()
    total = total.over(blocks) if by_branch else total
    share = pl.when(of_all).then(pl.when(total > 0).then(pl.col("customers") / total).otherwise(0.0))
    table = table.with_columns(share=share).sort(*blocks, "tier", "standing", nulls_last=True)
    figures = ("customers", "share", "contribution_12m", "mean_contribution_12m", "main_bank_elsewhere")
    return table.select(*blocks, pl.col("tier", "standing").cast(pl.String), *figures)


def _counted(customers: pl.DataFrame, blocks: list[str]) -> pl.DataFrame:
    return customers.group_by(*blocks, "tier", "standing", maintain_order=True).agg(
        customers=pl.len().cast(pl.Int64),
        contribution_12m=pl.col("contribution_12m").sum(),
        mean_contribution_12m=pl.col("contribution_12m").mean(),
        main_bank_elsewhere=pl.col("main_bank_elsewhere").sum().cast(pl.Int64),
    )


def tier_shares(tiers: pl.DataFrame) -> dict[str, float]:
    """Give each tier's share of the customers who have one, best first."""
    table = tier_table(tiers, by_branch=False).filter(pl.col("standing") == ALL)
    return dict(table.select("tier", "share").iter_rows())


def standings_of_tiers(tiers: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Count the customers of each tier by standing; those who have no tier stand under `excluded`."""
    named = pl.when(has_tier()).then("tier").otherwise(pl.lit("excluded"))
    counted = tiers.group_by(named.alias("tier"), "standing", maintain_order=True).len().sort("tier", "standing")
    return {
        str(tier): dict(counted.filter(pl.col("tier") == tier).select("standing", "len").iter_rows())
        for tier in (*TIERS, "excluded")
    }


def tier_alarms(tiers: pl.DataFrame, policy: Tiers) -> list[Message]:
    """Say what is unusual about a bank's tiers."""
    # Source: The four-tier policy, "check at each refresh". Bands are re-calibrated by a named person, never to hit a
    # share.
    shares = tier_shares(tiers)
    ranges = {tier: getattr(policy.ranges, tier) for tier in TIERS}
    alarms = [
        Message("gates.alarm.share", {"tier": _named(tier), "share": shares[tier], "low": low, "high": high})
        for tier, (low, high) in ranges.items()
        if not low <= shares[tier] <= high
    ]
    largest = max(shares, key=lambda tier: shares[tier])
    if shares[largest] > shares[BREAK_EVEN]:
        figures = {"largest": _named(largest), "share": shares[largest], "expected": _named(BREAK_EVEN)}
        alarms.append(Message("gates.alarm.largest", figures))
    return alarms


def _named(tier: str) -> Message:
    return Message(f"gates.tier.{tier}")


def migration_matrix(tiers: pl.DataFrame, *, by_branch: bool = False) -> pl.DataFrame:
    """Count who moved from which tier to which."""
    # `tiers`: Published tiers: `branch_id`, `previous_tier` (null: not tiered before), `tier`, `contribution_12m`.
    required = ("branch_id", "previous_tier", "tier", "standing", "contribution_12m")
    require(tiers, required, "The migration matrix")
    blocks = ["branch_id"] if by_branch else []
    moved = (
        tiers.filter(has_tier())
        .with_columns(pl.col("previous_tier", "tier").cast(_ORDER))
        .group_by(*blocks, "previous_tier", "tier", maintain_order=True)
        .agg(customers=pl.len().cast(pl.Int64), contribution_12m=pl.col("contribution_12m").sum())
        .with_columns(share=pl.col("customers") / pl.col("customers").sum().over(*blocks, "previous_tier"))
        .sort(*blocks, "previous_tier", "tier", nulls_last=True)
    )
    names = pl.col("previous_tier", "tier").cast(pl.String)
    return moved.select(*blocks, names, "customers", "share", "contribution_12m")


def withhold_small(table: pl.DataFrame) -> pl.DataFrame:
    """Blank the figures of groups that are so small that they could point at a person."""
    figures = [name for name, kind in table.schema.items() if kind.is_numeric()]
    small = pl.col("customers").is_between(1, WITHHELD_BELOW - 1)
    return table.with_columns(pl.when(~small).then(pl.col(name)).alias(name) for name in figures)


def without_small_parts(table: pl.DataFrame) -> pl.DataFrame:
    """Take the standings out of a tier that hold a group so small: it would follow from the others."""
    small = (pl.col("standing") != ALL) & pl.col("tier").is_not_null() & (pl.col("customers") < WITHHELD_BELOW)
    told = ~small.any().over("branch_id", "tier")
    return table.filter((pl.col("standing") == ALL) | pl.col("tier").is_null() | told)


def migration_table(tiers: pl.DataFrame) -> pl.DataFrame:
    """Put the bank's matrix and those of its branches into one table."""
    bank = migration_matrix(tiers).select(pl.lit(BANK).alias("branch_id"), pl.all())
    return pl.concat([bank, migration_matrix(tiers, by_branch=True)], how="vertical_relaxed")


def migration_summary(tiers: pl.DataFrame) -> dict[str, float | None]:
    """Sum up who moved."""
    require(tiers, ("previous_tier", "tier", "standing", "contribution_12m"), "The figures of a migration")
    tiered_before = tiers.filter(pl.col("previous_tier").is_not_null() & has_tier())
    place = [pl.col(name).replace_strict(_PLACE, return_dtype=pl.Int64) for name in ("tier", "previous_tier")]
    step = tiered_before.select((place[0] - place[1]).alias("step")).to_series()
    rose, fell, everyone = int((step > 0).sum()), int((step < 0).sum()), max(tiered_before.height, 1)
    value = tiered_before["contribution_12m"]
    return {
        "customers": tiered_before.height,
        "kept": (tiered_before.height - rose - fell) / everyone,
        "rose": rose / everyone,
        "fell": fell / everyone,
        "rose_to_fell": rose / fell if fell else None,
        "value_rose": round(float(value.filter(step > 0).sum()), 2),
        "value_fell": round(float(value.filter(step < 0).sum()), 2),
        "returned": int(tiered_before["returned"].sum()) / everyone if "returned" in tiered_before.columns else 0.0,
    }
