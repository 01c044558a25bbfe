"""The control arm: drawn by a secret, the same for a household, and stable from list to list."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def households(customers: pl.DataFrame, holdings: pl.DataFrame) -> pl.DataFrame:
    """Group customers who share a household or own an account together.

    Parameters
    ----------
    customers : polars.DataFrame
        `customer_id`, `household_id` (nullable).
    holdings : polars.DataFrame
        `account_id`, `customer_id`, `share`; holders with a share are owners.

    Returns
    -------
    polars.DataFrame
        `customer_id`, `household` (the smallest id of its members).

    Examples
    --------
    >>> customers = pl.DataFrame({"customer_id": ["a", "b", "c"], "household_id": ["h", None, "h"]})
    >>> holdings = pl.DataFrame({"account_id": ["x"], "customer_id": ["b"], "share": [1.0]})
    >>> households(customers, holdings)["household"].to_list()
    ['a', 'b', 'a']
    """
    ids = customers["customer_id"].sort()
    tied = pl.concat(
        [
            customers.select("customer_id", tie=pl.lit("h") + pl.col("household_id")).drop_nulls("tie"),
            holdings.filter(pl.col("share") > 0).select("customer_id", tie=pl.lit("a") + pl.col("account_id")),
        ]
    ).filter(pl.col("customer_id").is_in(ids.implode()))
    person = ids.search_sorted(tied["customer_id"]).to_numpy()
    tie = tied["tie"].rank("dense").to_numpy() - 1
    nodes = len(ids) + (int(tie.max()) + 1 if len(tie) else 0)
    edges = coo_array((np.ones(len(person)), (person, tie + len(ids))), shape=(nodes, nodes))
    component = connected_components(edges, directed=False)[1][: len(ids)]
    grouped = pl.DataFrame({"customer_id": ids, "component": component})
    return grouped.select("customer_id", household=pl.col("customer_id").min().over("component"))


def draw_control(eligible: pl.DataFrame, share: float, salt: str, programme: str) -> pl.Series:
    """Draw the control arm by household within branch and tier.

    In each stratum the households are ordered by ``sha256(salt|programme|household)`` and the lowest
    ``ceil(share * n)`` are control. A stratum of one household is never all control.

    Parameters
    ----------
    eligible : polars.DataFrame
        `branch_id`, `tier`, `household`; one row per customer, after suppression.
    share : float
        Of the households.
    salt : str
        Secret; the same salt gives the same draw.
    programme : str
        Independent draws for different programmes.

    Returns
    -------
    polars.Series of bool
        True for control, in the order of `eligible`.
    """
    strata = eligible.group_by("household", maintain_order=True).agg(pl.col("branch_id", "tier").first())
    drawn = (
        strata.with_columns(order=pl.col("household").map_elements(lambda h: _draw(salt, programme, h), pl.String))
        .with_columns(rank=pl.col("order").rank("ordinal").over("branch_id", "tier"))
        .with_columns(size=pl.len().over("branch_id", "tier"))
        .with_columns(control=(pl.col("rank") <= (share * pl.col("size")).ceil()) & (pl.col("size") > 1))
    )
    return eligible.join(drawn.select("household", "control"), on="household", how="left", maintain_order="left")[
        "control"
    ].rename("control")


def _draw(salt: str, programme: str, household: str) -> str:
    return hashlib.sha256(f"{salt}|{programme}|{household}".encode()).hexdigest()
