"""What effect a list or a trial is large enough to show."""

from __future__ import annotations

from math import sqrt

from scipy.stats import norm

SIGNIFICANCE, POWER = 0.05, 0.80


def detectable_difference(rate: float, contacted: int, control: int) -> float:
    """Return the smallest difference of two shares that such arms show in four of five campaigns (DOMAIN.md 3.3).

    Parameters
    ----------
    rate : float
        Share expected among the contacted.
    contacted, control : int
        Households of each arm.

    Returns
    -------
    float
        As a share; infinite where an arm is empty.

    Examples
    --------
    >>> round(100 * detectable_difference(0.03, 4_500, 500), 2)
    2.25
    """
    return detectable_mean_difference(sqrt(rate * (1.0 - rate)), contacted, control)


def detectable_mean_difference(deviation: float, treated: int, control: int) -> float:
    """Return the smallest difference of two means that such arms show in four of five trials (DOMAIN.md 3.3).

    Parameters
    ----------
    deviation : float
        Standard deviation expected in either arm.
    treated, control : int
        Households of each arm.

    Returns
    -------
    float
        In the unit of the deviation; infinite where an arm is empty.

    Examples
    --------
    >>> round(detectable_mean_difference(100.0, 200, 800), 1)
    22.1
    """
    if not treated or not control:
        return float("inf")
    quantiles = float(norm.ppf(1 - SIGNIFICANCE / 2) + norm.ppf(POWER))
    return quantiles * deviation * sqrt(1.0 / treated + 1.0 / control)


def detectable_after(low: float, high: float, standard_error: float) -> float:
    """Return the smallest difference that an interval of this width shows in four of five trials.

    Parameters
    ----------
    low, high : float
        Bounds of the interval that was measured; with few households it is wider than the normal one.
    standard_error : float
        Of the difference.

    Returns
    -------
    float
        In the same unit.

    Examples
    --------
    >>> round(detectable_after(-1.96, 1.96, 1.0), 2)
    2.8
    """
    return (high - low) / 2.0 + float(norm.ppf(POWER)) * standard_error
