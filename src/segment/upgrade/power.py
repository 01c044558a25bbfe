"""What effect a list or a trial is large enough to show."""

from __future__ import annotations

from math import sqrt

from scipy.stats import norm

SIGNIFICANCE, POWER = 0.05, 0.80


def detectable_difference(rate: float, contacted: int, control: int) -> float:
    """Return the smallest difference of two shares that such arms show in four of five campaigns (DOMAIN.md 3.3)."""
    return detectable_mean_difference(sqrt(rate * (1.0 - rate)), contacted, control)


def detectable_mean_difference(deviation: float, treated: int, control: int) -> float:
    """Return the smallest difference of two means that such arms show in four of five trials (DOMAIN.md 3.3)."""
    if not treated or not control:
        return float("inf")
    quantiles = float(norm.ppf(1 - SIGNIFICANCE / 2) + norm.ppf(POWER))
    return quantiles * deviation * sqrt(1.0 / treated + 1.0 / control)


def detectable_after(low: float, high: float, standard_error: float) -> float:
    """Return the smallest difference that an interval of this width shows in four of five trials."""
    return (high - low) / 2.0 + float(norm.ppf(POWER)) * standard_error
