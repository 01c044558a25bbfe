"""From wallets to what lies at other banks."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from segment.arrays import Floats
from segment.trees import usable_columns

LARGEST_WEIGHT = 10.0
TO_HOLD_OUT = 10


def covariate_shift_weights(elsewhere: ArrayLike, largest: float = LARGEST_WEIGHT) -> Floats:
    """Weigh customers of this bank so that together they look like those whose main bank is elsewhere.

    Parameters
    ----------
    elsewhere : array-like of shape (n,)
        Probability that the main bank is elsewhere.
    largest : float
        Weights are cut here, so that no single customer rules.

    Returns
    -------
    array of shape (n,)
        `p / (1 - p)`, scaled to a mean of one.

    References
    ----------
    Shimodaira, *Improving predictive inference under covariate shift*, J. Stat. Plan. Inference 90 (2000).

    Examples
    --------
    >>> covariate_shift_weights([0.5, 0.5, 0.75]).round(2)
    array([0.6, 0.6, 1.8])
    """
    p = np.clip(np.asarray(elsewhere, dtype=np.float64), 1e-6, 1.0 - 1e-6)
    odds = p / (1.0 - p)
    return np.asarray(np.minimum(odds / odds.mean(), largest), dtype=np.float64)


def circumstance_weights(X: ArrayLike, elsewhere: ArrayLike, largest: float = LARGEST_WEIGHT) -> Floats:
    """Weigh customers by how much their circumstances are those of customers whose main bank is elsewhere."""
    # `X` (n, features): Circumstances; missing values are allowed.
    # `elsewhere` (n,): Probability that the main bank is elsewhere, by all that is known.
    # Returns array of shape (n,): `covariate_shift_weights` of the mean probability among look-alikes.
    # The weights must know the circumstances alone. The probability itself also sees how little is done and held here:
    # odds of it pick those main-here customers who hold least, and pull the wallet down.
    X, p = np.asarray(X, dtype=np.float64), np.asarray(elsewhere, dtype=np.float64)
    if len(X) == 0:
        return np.ones(0)
    varying = [place for place in usable_columns(X) if np.unique(X[~np.isnan(X[:, place]), place]).size > 1]
    if not varying:
        return np.ones(len(X))
    smooth = HistGradientBoostingRegressor(
        max_iter=50, learning_rate=0.1, max_leaf_nodes=8, min_samples_leaf=50, random_state=0
    )
    with threadpool_limits(1, "openmp"):
        mean = smooth.fit(X[:, varying], p).predict(X[:, varying])
    return covariate_shift_weights(np.clip(mean, 0.01, 0.99), largest)


def own_weight(weight: ArrayLike, prior_customers: float) -> float:
    """How far a bank's own customers count beside a prior that weighs as much as so many of them."""
    # `weight` (n,): How much each customer who teaches stands for. Counted are as many as tell so much at equal
    # weights, beyond those without whom nothing can be held out: so the weight begins at nothing.
    # Source: Kish, Survey Sampling (1965), the effective sample size; Buhlmann, ASTIN Bulletin 4 (1967).
    w = np.asarray(weight, dtype=np.float64)
    count = float(w.sum() ** 2 / (w**2).sum()) if w.any() else 0.0
    beyond = max(count - TO_HOLD_OUT, 0.0)
    return beyond / (beyond + prior_customers) if beyond else 0.0


def wallet_elsewhere(wallet: ArrayLike, own: ArrayLike, proven: ArrayLike) -> Floats:
    """Volume at other banks: the wallet less what is here, and never less than what links prove.

    Parameters
    ----------
    wallet : array-like of shape (n,)
        Estimate of what the customer has in all.
    own : array-like of shape (n,)
        What is held here.
    proven : array-like of shape (n,)
        Least that the customer has in all: what is here and what links show at other banks.

    Returns
    -------
    array of shape (n,)
        In the volume's unit, not negative.

    Examples
    --------
    >>> wallet_elsewhere([100.0, 100.0, 100.0], [30.0, 150.0, 30.0], [30.0, 150.0, 400.0])
    array([ 70.,   0., 370.])
    """
    whole = np.maximum(np.asarray(wallet, dtype=np.float64), np.asarray(proven, dtype=np.float64))
    return np.asarray(np.maximum(whole - np.asarray(own, dtype=np.float64), 0.0), dtype=np.float64)
