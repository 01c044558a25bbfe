"""The tier of what really came: what tiers are judged by, and what their odds are about."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from segment.arrays import Floats
from segment.features import cost_target_name, target_name
from segment.policy import Policy
from segment.tiers.blended import with_blended
from segment.tiers.borders import with_borders, with_own_tier
from segment.tiers.branch_reference import learn_references
from segment.tiers.tier_columns import require

MONTHS_A_YEAR = 12.0

BY_FACTS = ("border_low", "border_break_even", "border_high_reachable")
"""The three borders of `with_borders_by_facts`, ascending."""

_ROW = "row_of_the_snapshot"


def with_borders_by_facts(snapshot: pl.DataFrame, policy: Policy, cost: pl.Expr | None = None) -> pl.DataFrame:
    """Draw each customer's borders from facts alone: no forecast moves them."""
    # The branch's reference and the mean cost are those of the last twelve months' own contribution (`own_weight` 1),
    # so that two models are judged by the same borders, and odds of a tier are about the same event whoever forecasts.
    # `cost`: Cost of the year that the borders are for; by default that of the last twelve months, annualised.
    by_facts = policy.tiers.model_copy(update={"own_weight": 1.0})
    frame = with_blended(snapshot.with_columns(future_value_12m=pl.lit(0.0)), by_facts)
    references = learn_references(frame, by_facts)
    # who was never observed is taken to cost the least that a customer costs
    of_the_year = (pl.col("cost_annual") if cost is None else cost).cast(pl.Float64).fill_nan(None).fill_null(0.0)
    return with_borders(frame.with_columns(future_value_p10=pl.lit(1.0), cost_annual=of_the_year), references, policy)


def realised_tiers(frame: pl.DataFrame, policy: Policy, horizon_months: int = 12) -> pl.Series:
    """Give the tier of what really came in the months after a snapshot.

    The value is the contribution that came (a year's worth of it, where the horizon is shorter), not winsorised and not
    blended; the cost in the borders is the cost that came; the branch's reference and the mean cost are those known on
    the snapshot's day, by facts alone (`with_borders_by_facts`). New and provisional customers are judged by what they
    brought like everyone else: twelve months on, they are neither. Who left is judged by what was brought until then.

    Parameters
    ----------
    frame : polars.DataFrame
        Snapshots of one or several dates (`as_of`), each with every customer, with the outcomes
        `contribution_next_<h>m` and `cost_next_<h>m`.
    policy : segment.policy.Policy
        Frozen figures.
    horizon_months : int, default 12
        Months of the outcomes.

    Returns
    -------
    polars.Series
        `realised_tier`, in the order of the rows; null for excluded customers, who have no tier, and where an outcome
        is missing or NaN.

    Raises
    ------
    ModelError
        If a column is missing.

    References
    ----------
    The metrics for value, "tier accuracy": the tier predicted against the tier of the realised next twelve months.

    Examples
    --------
    >>> from segment.policy import load_policy
    >>> snapshot = pl.DataFrame({
    ...     "branch_id": ["b"] * 3, "peer_group": ["all"] * 3, "months_observed": [24] * 3,
    ...     "months_since_activity": [0] * 3, "contribution_winsorised_12m": [100.0] * 3, "cost_12m": [100.0] * 3,
    ...     "contribution_next_12m": [-50.0, 26.0, 400.0], "cost_next_12m": [100.0, 100.0, 100.0]})
    >>> realised_tiers(snapshot, load_policy("models/retail.toml")).to_list()
    ['loss_making', 'valuable', 'high_value']
    """
    outcomes = (target_name(horizon_months), cost_target_name(horizon_months))
    require(frame, outcomes, "The tier of what came")
    to_a_year = MONTHS_A_YEAR / horizon_months
    return _by_date(frame, lambda frame: _of_one_date(frame, policy, outcomes, to_a_year))["realised_tier"]


def borders_by_facts(frame: pl.DataFrame, policy: Policy) -> Floats:
    """Take the borders of `with_borders_by_facts` as numbers."""
    # Returns ndarray of shape (n, 3): Ascending, book currency a year.
    placed = _by_date(frame, lambda frame: with_borders_by_facts(frame, policy).select(_ROW, *BY_FACTS))
    return placed.select(BY_FACTS).to_numpy()


def _by_date(frame: pl.DataFrame, of_one: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    """Apply a function that keeps `_ROW` to the rows of each date, and bring the rows back into their order."""
    numbered = frame.with_row_index(_ROW)
    by_date = numbered.partition_by("as_of", maintain_order=True) if "as_of" in frame.columns else [numbered]
    return pl.concat([of_one(part) for part in by_date]).sort(_ROW)


def _of_one_date(frame: pl.DataFrame, policy: Policy, outcomes: tuple[str, str], to_a_year: float) -> pl.DataFrame:
    """Tier the customers of one date by their outcomes."""
    value, cost = (pl.col(name).cast(pl.Float64).fill_nan(None) * to_a_year for name in outcomes)
    placed = with_borders_by_facts(frame, policy, cost).with_columns(blended_contribution_12m=value)
    has_tier = (pl.col("standing") != "excluded") & value.is_not_null() & cost.is_not_null()
    return with_own_tier(placed).select(_ROW, realised_tier=pl.when(has_tier).then("own_tier"))
