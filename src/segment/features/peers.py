"""Peer groups of customers, and each month's contribution with its extremes cut back."""

from __future__ import annotations

import polars as pl

from segment.contribution import line_names

LEAST_PEERS = 200
"""Customers below which a group's own quantiles say too little."""

WHOLE_BANK = "all"


def peer_groups(branches: pl.DataFrame) -> pl.DataFrame:
    """Group branches by type and region.

    Parameters
    ----------
    branches : polars.DataFrame
        The ledger's table.

    Returns
    -------
    polars.DataFrame
        `branch_id` and `peer_group`: "type|region", or "all" where either is missing.

    Examples
    --------
    >>> peer_groups(pl.DataFrame({"branch_id": ["a", "b"], "kind": ["city", None], "region": ["east", "east"]})).rows()
    [('a', 'city|east'), ('b', 'all')]
    """
    if not {"kind", "region"} <= set(branches.columns):
        return branches.select("branch_id", peer_group=pl.lit(WHOLE_BANK))
    named = pl.concat_str(pl.col("kind").cast(pl.String), pl.col("region").cast(pl.String), separator="|")
    return branches.select("branch_id", peer_group=named.fill_null(WHOLE_BANK))


def with_clipped_contribution(rows: pl.DataFrame, quantile: float) -> pl.DataFrame:
    """Clip a month's contribution at the quantiles of its peers.

    Parameters
    ----------
    rows : polars.DataFrame
        Every customer's row of one month, with the lines and `peer_group`.
    quantile : float
        The lower one; the upper is one less it. Between two customers it is linear.

    Returns
    -------
    polars.DataFrame
        With `contribution_clipped`: the month's contribution without commissions, at least and at most the quantiles
        of the group, or of the whole bank for a group of fewer than `LEAST_PEERS` customers.

    References
    ----------
    DOMAIN.md 1.7: winsorised per month and outlet group, for tiers only.

    Examples
    --------
    >>> rows = pl.DataFrame({"peer_group": ["all"] * 3} | {name: [0.0] * 3 for name in line_names()})
    >>> rows = rows.with_columns(net_interest=pl.Series([0.0, 1.0, 100.0]))
    >>> with_clipped_contribution(rows, 0.25)["contribution_clipped"].to_list()
    [0.5, 1.0, 50.5]
    """
    income = pl.sum_horizontal(name for name in line_names("income") if name != "commission_income")
    frame = rows.with_columns(contribution=income - pl.sum_horizontal(line_names("cost")))
    value = pl.col("contribution")
    low, high = value.quantile(quantile, "linear"), value.quantile(1.0 - quantile, "linear")
    enough = pl.len().over("peer_group") >= LEAST_PEERS
    clipped = value.clip(
        pl.when(enough).then(low.over("peer_group")).otherwise(low),
        pl.when(enough).then(high.over("peer_group")).otherwise(high),
    )
    return frame.with_columns(contribution_clipped=clipped).drop("contribution")
