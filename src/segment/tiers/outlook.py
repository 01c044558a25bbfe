"""What the predicted distribution of the next twelve months says about moving up."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr

from segment.policy.decisions import Tiers
from segment.tiers.columns import BREAK_EVEN, HIGH_VALUE, LOSS_MAKING, VALUABLE, require

_P90_OF_NORMAL = 1.2815515655446004
_QUANTILES = ("future_value_p10", "future_value_p50", "future_value_p90")


def chance_above(quantiles: NDArray[np.float64], threshold: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability that the future value exceeds a threshold.

    Half a normal distribution on each side of the median, each as wide as its outer quantile says.

    Parameters
    ----------
    quantiles : ndarray of shape (n_customers, 3)
        P10, P50 and P90 of the future value.
    threshold : ndarray of shape (n_customers,)
        In the same money.

    Returns
    -------
    ndarray of shape (n_customers,)
        Between 0 and 1; NaN where a quantile or the threshold is missing.

    References
    ----------
    Wallis, The two-piece normal, binormal, or double Gaussian distribution, Statistical Science 29 (2014), in the form
    that keeps the median: https://doi.org/10.1214/13-STS417

    Examples
    --------
    >>> chance_above(np.array([[0.0, 10.0, 30.0]]), np.array([30.0])).round(3)
    array([0.1])
    """
    low, middle, high = quantiles.T
    gap = middle - threshold
    spread = np.where(gap <= 0, high - middle, middle - low) / _P90_OF_NORMAL
    safe = np.where(spread > 0, spread, 1.0)
    certain = np.where(np.isnan(gap), np.nan, np.where(gap > 0, 1.0, 0.0))
    return np.asarray(np.where(spread > 0, ndtr(gap / safe), certain), dtype=np.float64)


def _chance(frame: pl.DataFrame, threshold: pl.Expr) -> pl.Series:
    """Probability that each customer's future value exceeds an expression."""
    numbers = frame.select(*_QUANTILES, threshold=threshold).cast(pl.Float64).to_numpy()
    return pl.Series(chance_above(numbers[:, :3], numbers[:, 3])).fill_nan(None)


def growth_probability(frame: pl.DataFrame, tiers: Tiers) -> pl.Series:
    """Return the probability that the next twelve months cover their cost well enough to be valuable.

    The cost is taken to stay, so that coverage above `growth_coverage` is a future value above
    `(growth_coverage - 1) cost`; the future value must also pass the customer's own border of break-even, so that cents
    decide here as little as they do there.

    Parameters
    ----------
    frame : polars.DataFrame
        With the quantiles of the future value, `cost_annual` and `border_break_even`.
    tiers : segment.policy.decisions.Tiers
        The policy's borders.

    Returns
    -------
    polars.Series
        One probability per customer.

    References
    ----------
    The four-tier policy, "exception to break-even".

    Examples
    --------
    >>> from segment.policy import load_policy
    >>> tiers = load_policy("models/retail.toml").tiers
    >>> people = pl.DataFrame({
    ...     "future_value_p10": [100.0], "future_value_p50": [200.0], "future_value_p90": [300.0],
    ...     "cost_annual": [400.0], "border_break_even": [100.0]})
    >>> growth_probability(people, tiers).round(2).to_list()
    [0.9]
    """
    require(frame, (*_QUANTILES, "cost_annual", "border_break_even"), "The outlook on growth")
    covered = (tiers.growth_coverage - 1.0) * pl.col("cost_annual")
    return _chance(frame, pl.max_horizontal(covered, "border_break_even"))


def growth_potential(frame: pl.DataFrame) -> pl.Series:
    """Return the probability that the next twelve months lie above the border of the tier above.

    Parameters
    ----------
    frame : polars.DataFrame
        With `tier`, the quantiles of the future value and the borders.

    Returns
    -------
    polars.Series
        Between 0 and 1; 0 for high-value customers, above whom there is no tier.

    Examples
    --------
    >>> people = pl.DataFrame({
    ...     "tier": ["break_even", "high_value"], "future_value_p10": [0.0, 0.0], "future_value_p50": [50.0, 50.0],
    ...     "future_value_p90": [90.0, 90.0], "border_low": [-50.0] * 2, "border_break_even": [50.0] * 2,
    ...     "border_high": [400.0] * 2})
    >>> growth_potential(people).to_list()
    [0.5, 0.0]
    """
    require(frame, ("tier", *_QUANTILES, "border_low", "border_break_even", "border_high"), "Growth potential")
    above = {LOSS_MAKING: "border_low", BREAK_EVEN: "border_break_even", VALUABLE: "border_high"}
    border = pl.coalesce(pl.when(pl.col("tier") == tier).then(pl.col(name)) for tier, name in above.items())
    chance = _chance(frame, border)
    return (
        pl.DataFrame({"tier": frame["tier"], "chance": chance})
        .select(pl.when(pl.col("tier") == HIGH_VALUE).then(0.0).otherwise(pl.col("chance").fill_null(0.0)))
        .to_series()
        .rename("growth_potential")
    )
