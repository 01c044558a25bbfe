"""The tiers of a branch or bank at a glance: the table, what is alarming about it, and who moved."""

from __future__ import annotations

import polars as pl

from segment.policy.decisions import Tiers
from segment.tiers.columns import BREAK_EVEN, TIERS, require

_ORDER = pl.Enum(TIERS)


def tier_table(tiers: pl.DataFrame, *, by_branch: bool = True) -> pl.DataFrame:
    """Count the customers of each tier and what they bring.

    Parameters
    ----------
    tiers : polars.DataFrame
        Published tiers: `branch_id`, `tier`, `contribution_12m`, `main_bank_elsewhere`.
    by_branch : bool
        One block per branch; False: one for the bank.

    Returns
    -------
    polars.DataFrame
        `branch_id` (if by branch), `tier`, `customers`, `share` (of the block's customers), `contribution_12m` (total),
        `mean_contribution_12m` (null where nobody is), `main_bank_elsewhere` (customers flagged). Every tier has a row,
        best first.

    Raises
    ------
    ModelError
        If a column is missing.

    Examples
    --------
    >>> published = pl.DataFrame({
    ...     "branch_id": ["b", "b"], "tier": ["break_even", "valuable"], "contribution_12m": [5.0, 95.0],
    ...     "main_bank_elsewhere": [True, False]})
    >>> tier_table(published, by_branch=False).select("tier", "customers", "share").rows()
    [('high_value', 0, 0.0), ('valuable', 1, 0.5), ('break_even', 1, 0.5), ('loss_making', 0, 0.0)]
    """
    require(tiers, ("branch_id", "tier", "contribution_12m", "main_bank_elsewhere"), "The tier table")
    blocks = ["branch_id"] if by_branch else []
    counted = (
        tiers.with_columns(pl.col("tier").cast(_ORDER))
        .group_by(*blocks, "tier")
        .agg(
            customers=pl.len().cast(pl.Int64),
            contribution_12m=pl.col("contribution_12m").sum(),
            mean_contribution_12m=pl.col("contribution_12m").mean(),
            main_bank_elsewhere=pl.col("main_bank_elsewhere").sum().cast(pl.Int64),
        )
    )
    grid = pl.DataFrame({"tier": pl.Series(TIERS, dtype=_ORDER)})
    if by_branch:
        grid = tiers.select("branch_id").unique().join(grid, how="cross")
    table = grid.join(counted, on=[*blocks, "tier"], how="left").sort(*blocks, "tier")
    table = table.with_columns(pl.col("customers", "main_bank_elsewhere", "contribution_12m").fill_null(0))
    total = pl.col("customers").sum().over(blocks) if by_branch else pl.col("customers").sum()
    share = pl.when(total > 0).then(pl.col("customers") / total).otherwise(0.0)
    return table.select(*blocks, pl.col("tier").cast(pl.String), "customers", share.alias("share"), *table.columns[-3:])


def tier_alarms(tiers: pl.DataFrame, policy: Tiers) -> list[str]:
    """Say what is unusual about a bank's tiers.

    Parameters
    ----------
    tiers : polars.DataFrame
        Published tiers, as `tier_table` reads them. Customers with the sub-state `excluded` do not count.
    policy : segment.policy.decisions.Tiers
        The ranges that raise no alarm.

    Returns
    -------
    list of str
        One sentence per alarm; empty where all is as the policy expects.

    References
    ----------
    The four-tier policy, "check at each refresh". Bands are re-calibrated by a named person, never to hit a share.

    Examples
    --------
    >>> from segment.policy import load_policy
    >>> published = pl.DataFrame({
    ...     "branch_id": ["b"], "tier": ["break_even"], "contribution_12m": [5.0], "main_bank_elsewhere": [True]})
    >>> tier_alarms(published, load_policy("models/retail.toml").tiers)[0]
    "high_value holds 0.0% of the customers, outside the policy's 1.0% to 16.0%."
    """
    if "sub_state" in tiers.columns:
        tiers = tiers.filter(pl.col("sub_state").is_null() | (pl.col("sub_state") != "excluded"))
    table = tier_table(tiers, by_branch=False)
    shares = dict(zip(table["tier"].to_list(), table["share"].to_list(), strict=True))
    ranges = {tier: getattr(policy.ranges, tier) for tier in TIERS}
    alarms = [
        f"{tier} holds {shares[tier]:.1%} of the customers, outside the policy's {low:.1%} to {high:.1%}."
        for tier, (low, high) in ranges.items()
        if not low <= shares[tier] <= high
    ]
    largest = max(shares, key=lambda tier: shares[tier])
    if shares[largest] > shares[BREAK_EVEN]:
        alarms.append(f"{largest} is the largest tier with {shares[largest]:.1%}; the policy expects {BREAK_EVEN}.")
    return alarms


def migration_matrix(tiers: pl.DataFrame, *, by_branch: bool = False) -> pl.DataFrame:
    """Count who moved from which tier to which.

    Parameters
    ----------
    tiers : polars.DataFrame
        Published tiers: `branch_id`, `previous_tier` (null: not tiered before), `tier`, `contribution_12m`.
    by_branch : bool
        One matrix per branch; False: one for the bank.

    Returns
    -------
    polars.DataFrame
        `branch_id` (if by branch), `previous_tier`, `tier`, `customers`, `share` (of the previous tier's customers),
        `contribution_12m` (what moved with them). Only moves that happened, best previous tier first, null last.

    Raises
    ------
    ModelError
        If a column is missing.

    Examples
    --------
    >>> published = pl.DataFrame({
    ...     "branch_id": ["b", "b"], "previous_tier": ["break_even", "break_even"],
    ...     "tier": ["break_even", "valuable"], "contribution_12m": [5.0, 95.0]})
    >>> migration_matrix(published).rows()
    [('break_even', 'valuable', 1, 0.5, 95.0), ('break_even', 'break_even', 1, 0.5, 5.0)]
    """
    require(tiers, ("branch_id", "previous_tier", "tier", "contribution_12m"), "The migration matrix")
    blocks = ["branch_id"] if by_branch else []
    moved = (
        tiers.with_columns(pl.col("previous_tier", "tier").cast(_ORDER))
        .group_by(*blocks, "previous_tier", "tier")
        .agg(customers=pl.len().cast(pl.Int64), contribution_12m=pl.col("contribution_12m").sum())
        .with_columns(share=pl.col("customers") / pl.col("customers").sum().over(*blocks, "previous_tier"))
        .sort(*blocks, "previous_tier", "tier", nulls_last=True)
    )
    names = pl.col("previous_tier", "tier").cast(pl.String)
    return moved.select(*blocks, names, "customers", "share", "contribution_12m")
