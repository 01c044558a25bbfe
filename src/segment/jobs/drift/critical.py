"""How much chance alone moves an index or a missing rate where customers are few."""

from __future__ import annotations

from math import sqrt

from scipy.stats import chi2, norm


def critical_index(then: int, now: int, bins: int, confidence: float = 0.95, tests: int = 1) -> float:
    """Index that two samples of one distribution stay below.

    Parameters
    ----------
    then, now : int
        Customers of each sample.
    bins : int
        Of the index, the one for missing figures included.
    confidence : float
        Chance that all tests stay below, where nothing moved.
    tests : int
        Made at once; each gets its part of the chance of a false alarm.

    Returns
    -------
    float
        0 with fewer than two bins, infinite where a sample is empty.

    References
    ----------
    DOMAIN.md 4.2: `(1/N + 1/M) * chi2(B - 1)`; Yurdakul, Statistical Properties of the Population Stability Index.

    Examples
    --------
    >>> round(critical_index(100, 100, 11), 3)
    0.366
    >>> critical_index(100, 100, 11, tests=20) > critical_index(100, 100, 11)
    True
    """
    if bins < 2:
        return 0.0
    if not then or not now:
        return float("inf")
    return float((1 / then + 1 / now) * chi2.ppf(1 - (1 - confidence) / tests, bins - 1))


def critical_rise(rates: tuple[float, float], then: int, now: int, confidence: float = 0.95, tests: int = 1) -> float:
    """Rise of a rate that two samples of one population stay below.

    Parameters
    ----------
    rates : (float, float)
        Of each sample.
    then, now : int
        Customers of each sample.
    confidence : float
        Chance that all tests stay below, where nothing moved.
    tests : int
        Made at once.

    Returns
    -------
    float
        Infinite where a sample is empty.

    References
    ----------
    One-sided test of two proportions with a pooled rate; half a customer is added, so that a rate of 0 varies too.

    Examples
    --------
    >>> round(critical_rise((0.0, 0.1), 100, 100), 3)
    0.052
    >>> critical_rise((0.0, 0.1), 10_000, 10_000, tests=1_000) < 0.02
    True
    """
    if not then or not now:
        return float("inf")
    pooled = (rates[0] * then + rates[1] * now + 0.5) / (then + now + 1)
    spread = sqrt(pooled * (1 - pooled) * (1 / then + 1 / now))
    return float(norm.ppf(1 - (1 - confidence) / tests) * spread)
