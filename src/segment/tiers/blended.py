"""The value that tiers are decided on: what a customer brought, blended with what the customer is expected to bring."""

from __future__ import annotations

import polars as pl

from segment.policy.decisions import Tiers
from segment.tiers.standing import with_standing, yardstick
from segment.tiers.tier_columns import require

_READ = ("peer_group", "months_observed", "contribution_winsorised_12m", "cost_12m", "future_value_12m")


def _to_a_year() -> pl.Expr:
    """Factor that takes the months observed to twelve."""
    return 12.0 / pl.col("months_observed").fill_null(0).cast(pl.Float64).clip(1.0, 12.0)


def with_blended(frame: pl.DataFrame, tiers: Tiers) -> pl.DataFrame:
    """Add `standing`, `cost_annual` and `blended_contribution_12m`, the B of the policy.

    - Active, dormant and excluded customers: `B = w C + (1 - w) V`, with C the winsorised contribution of the last
      twelve months (annualised where the ledger is shorter) and V the mean predicted for the next twelve.
    - Provisional customers: `max(0, z C + (1 - z) P)` with `z = m / (m + seasoning months)`, m months observed, C
      annualised, and P the mean B of the active, seasoned customers of the peer group. The floor at zero is the
      policy's "never below break-even".
    - New customers: zero. Too little is known to place them on either side, and the policy gives them break-even.

    Parameters
    ----------
    frame : polars.DataFrame
        The scored snapshot: `peer_group`, `months_observed`, `months_since_activity`, `contribution_winsorised_12m`,
        `cost_12m`, `future_value_12m`; optional columns as in `with_standing`.
    tiers : segment.policy.decisions.Tiers
        The policy's borders.

    Returns
    -------
    polars.DataFrame
        The frame with three more columns.

    References
    ----------
    The four-tier policy, clauses "blended" and "new".

    Examples
    --------
    >>> from segment.policy import load_policy
    >>> tiers = load_policy("models/retail.toml").tiers
    >>> snapshot = pl.DataFrame({
    ...     "peer_group": ["all", "all"], "months_observed": [24, 6], "months_since_activity": [0, 0],
    ...     "contribution_winsorised_12m": [100.0, 30.0], "cost_12m": [50.0, 20.0], "future_value_12m": [200.0, 0.0]})
    >>> with_blended(snapshot, tiers)["blended_contribution_12m"].to_list()
    [150.0, 105.0]
    """
    require(frame, _READ, "The blended contribution")
    frame = with_standing(frame, tiers)
    own = pl.col("contribution_winsorised_12m") * _to_a_year()
    frame = frame.with_columns(
        cost_annual=pl.col("cost_12m") * _to_a_year(),
        blended_contribution_12m=tiers.own_weight * own + (1.0 - tiers.own_weight) * pl.col("future_value_12m"),
    )
    seasoned = yardstick(frame)
    bank_mean = seasoned["blended_contribution_12m"].mean() or 0.0
    # a mean summed in the order that threads finish in would differ in its last digit from run to run
    peers = seasoned.group_by("peer_group", maintain_order=True).agg(
        peer_mean_blended=pl.col("blended_contribution_12m").mean()
    )
    frame = frame.join(peers, on="peer_group", how="left", maintain_order="left")
    months = pl.col("months_observed").fill_null(0).cast(pl.Float64)
    credibility = months / (months + tiers.seasoning_months)
    prior = pl.col("peer_mean_blended").fill_null(bank_mean)
    value = (
        pl.when(pl.col("standing") == "new")
        .then(0.0)
        .when(pl.col("standing") == "provisional")
        .then((credibility * own + (1.0 - credibility) * prior).clip(lower_bound=0.0))
        .otherwise(pl.col("blended_contribution_12m"))
    )
    return frame.with_columns(blended_contribution_12m=value).drop("peer_mean_blended")
