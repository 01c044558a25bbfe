"""The yardstick of each branch: the mean blended contribution of its customers, shrunk towards its peers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from segment.policy.decisions import Tiers
from segment.tiers.standing import yardstick
from segment.tiers.tier_columns import require

_VALUE = "blended_contribution_12m"


@dataclass(frozen=True)
class BranchReferences:
    """What a bank's active, seasoned customers bring and cost on a date."""

    # Facts of a snapshot, not parameters of a model: they are computed anew from the customers of each `as_of`, so that
    # a branch's yardstick moves with the branch. Only plain types, so that they can be written beside a model.
    mean_cost: float  # Of twelve months, over the bank
    shrinkage_customers: float  # Customers that the peers' mean weighs as much as; may be without limit
    branches: dict[str, float]
    pooled: tuple[str, ...]  # Branches with too few customers, whose reference is their peers'
    peers: dict[str, float]  # For branches that were not seen
    bank: float  # For peer groups that were not seen


def shrinkage(branches: pl.DataFrame, default: float) -> float:
    """Estimate how many customers the peers' mean should weigh as much as: within over between variance."""
    # Source: Buhlmann and Straub, Glaubwuerdigkeit fuer Schadensaetze, 1970: unbiased dates of unbalanced groups,
    # nested in peer groups. Where branches differ by no more than chance it is without limit: a branch's own mean then
    # fades away as the variance between falls, and does not come back below zero.
    spread = branches.with_columns(
        total=pl.col("customers").sum().over("peer_group"),
        peer_mean=(pl.col("customers") * pl.col("mean")).sum().over("peer_group")
        / pl.col("customers").sum().over("peer_group"),
    )
    counts = spread["customers"].to_numpy().astype(float)
    degrees_between = spread.height - spread["peer_group"].n_unique()
    degrees_within = counts.sum() - spread.height
    if degrees_between < 2 or degrees_within < 1:
        return default
    within = float(spread["squares"].sum()) / degrees_within
    deviations = (spread["mean"] - spread["peer_mean"]).to_numpy()
    typical = (counts.sum() - float(np.sum(counts**2 / spread["total"].to_numpy()))) / degrees_between
    between = (float(np.sum(counts * deviations**2)) / degrees_between - within) / typical
    if within <= 0.0:
        return default
    return within / between if between > 0.0 else float("inf")


def learn_references(frame: pl.DataFrame, tiers: Tiers) -> BranchReferences:
    """Compute the references of a snapshot.

    `ref_b = max((n m_b + k m_peer) / (n + k), floor x mean cost of the peer group)` over active, seasoned customers;
    below the policy's number of customers the peers' mean stands alone.

    Parameters
    ----------
    frame : polars.DataFrame
        With `branch_id`, `peer_group`, and the columns that `with_blended` adds.
    tiers : segment.policy.decisions.Tiers
        The policy's borders.

    Returns
    -------
    BranchReferences

    References
    ----------
    The four-tier policy, clause "outlet average".

    Examples
    --------
    >>> from segment.policy import load_policy
    >>> tiers = load_policy("models/retail.toml").tiers
    >>> snapshot = pl.DataFrame({
    ...     "branch_id": ["north", "south"], "peer_group": ["all", "all"], "standing": ["active", "active"],
    ...     "blended_contribution_12m": [100.0, 300.0], "cost_annual": [40.0, 60.0]})
    >>> references = learn_references(snapshot, tiers)
    >>> references.mean_cost, references.bank, references.pooled
    (50.0, 200.0, ('north', 'south'))
    """
    require(frame, ("branch_id", "peer_group", "standing", _VALUE, "cost_annual"), "A branch's reference")
    counted = yardstick(frame)
    floor = tiers.reference_floor_of_mean_cost
    peers = counted.group_by("peer_group", maintain_order=True).agg(
        peer_mean=pl.col(_VALUE).mean(), floor=floor * pl.col("cost_annual").mean()
    )
    branches = (
        counted.group_by("branch_id", "peer_group", maintain_order=True)
        .agg(
            customers=pl.len(),
            mean=pl.col(_VALUE).mean(),
            squares=((pl.col(_VALUE) - pl.col(_VALUE).mean()) ** 2).sum(),
        )
        .sort("branch_id", "peer_group")
    )
    weight = shrinkage(branches, tiers.shrinkage_customers)
    enough = pl.col("customers") >= tiers.pooled_below_customers
    own = pl.col("customers") / (pl.col("customers") + weight)
    shrunk = own * pl.col("mean") + (1.0 - own) * pl.col("peer_mean")
    branches = branches.join(peers, on="peer_group", how="left", maintain_order="left").with_columns(
        reference=pl.max_horizontal(pl.when(enough).then(shrunk).otherwise(pl.col("peer_mean")), "floor"),
        pooled=~enough,
    )
    peers = peers.with_columns(reference=pl.max_horizontal("peer_mean", "floor"))
    mean_cost, mean_value = _mean(counted["cost_annual"]), _mean(counted[_VALUE])
    return BranchReferences(
        mean_cost=mean_cost,
        shrinkage_customers=weight,
        branches=dict(zip(branches["branch_id"].to_list(), branches["reference"].to_list(), strict=True)),
        pooled=tuple(branches.filter("pooled")["branch_id"].to_list()),
        peers=dict(zip(peers["peer_group"].to_list(), peers["reference"].to_list(), strict=True)),
        bank=max(mean_value, floor * mean_cost),
    )


def _mean(column: pl.Series) -> float:
    """Mean of a column, zero where there are no rows."""
    return float(np.mean(column.to_numpy())) if len(column) else 0.0


def with_references(frame: pl.DataFrame, references: BranchReferences) -> pl.DataFrame:
    """Add `mean_cost`, `branch_reference` and `branch_pooled` to each customer."""
    branch = pl.col("branch_id").replace_strict(references.branches, default=None, return_dtype=pl.Float64)
    peer = pl.col("peer_group").replace_strict(references.peers, default=None, return_dtype=pl.Float64)
    return frame.with_columns(
        mean_cost=pl.lit(references.mean_cost),
        branch_reference=branch.fill_null(peer).fill_null(references.bank),
        branch_pooled=pl.col("branch_id").is_in(list(references.pooled)) | branch.is_null(),
    )
