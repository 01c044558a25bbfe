"""How large an index chance alone makes where customers are few."""

from __future__ import annotations

from scipy.stats import chi2


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
