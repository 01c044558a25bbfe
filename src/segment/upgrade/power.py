"""What effect a list is large enough to show."""

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
    if not contacted or not control:
        return float("inf")
    quantiles = float(norm.ppf(1 - SIGNIFICANCE / 2) + norm.ppf(POWER))
    return quantiles * sqrt(rate * (1.0 - rate) * (1.0 / contacted + 1.0 / control))
