"""The effect of being assigned, whoever was reached: a difference of means with an interval that knows households.

Everyone counts in the arm that they were drawn into, so that an adviser's choice whom to call cannot look like an
effect (DOMAIN.md 3.3). Households are drawn as one, so they vary as one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

Floats = NDArray[np.float64]

LEAST_HOUSEHOLDS = 2
CHUNK = 64


@dataclass(frozen=True)
class Effect:
    """A difference between two arms.

    Attributes
    ----------
    estimate : float
        Treated less control, in the outcome's unit.
    low, high : float
        Bounds of the interval.
    standard_error : float
        Robust for households.
    p_value : float
        Of no difference, two-sided.
    treated, control : int
        People of each arm.
    treated_mean, control_mean : float
        Of the outcome, winsorised where that was asked for, before the earlier values are used.
    variance_kept : float
        Share of the estimate's variance that is left after the earlier values are used; 1 without them.
    """

    estimate: float
    low: float
    high: float
    standard_error: float
    p_value: float
    treated: int
    control: int
    treated_mean: float
    control_mean: float
    variance_kept: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0.0 or self.high < 0.0


def effect(
    outcome: Floats,
    treated: NDArray[np.bool_],
    *,
    group: NDArray[np.generic],
    before: Floats | None = None,
    winsorise: float | None = None,
    confidence: float = 0.95,
) -> Effect:
    """Estimate what assignment to the treated arm changed.

    Parameters
    ----------
    outcome : ndarray of float, shape (people,)
        Such as 1 for a move and 0 for none, or a contribution.
    treated : ndarray of bool, shape (people,)
        The arm that they were drawn into.
    group : ndarray, shape (people,)
        Household of each; all of a household are in one arm.
    before : ndarray of float, shape (people,), optional
        The same thing before the draw. What it foretells is taken out (CUPED: Deng, Xu, Kohavi, Walker 2013); the
        effect that is estimated stays the same, its interval becomes narrower.
    winsorise : float, optional
        Quantile of both arms together at which the outcome is cut above, such as 0.995, and below at one less that. The
        effect is then that on the cut outcome; so the quantile belongs into the policy, before the campaign.
    confidence : float
        Of the interval.

    Returns
    -------
    Effect
        NaN for the interval where an arm has fewer than two households.

    Examples
    --------
    >>> made = effect(np.array([3.0, 5.0, 1.0, 1.5]), np.array([True, True, False, False]), group=np.arange(4))
    >>> made.estimate, round(made.standard_error, 3)
    (2.75, 1.031)
    """
    values = np.asarray(outcome, dtype=float)
    if winsorise is not None:
        values = np.clip(values, *np.quantile(values, [1.0 - winsorise, winsorise]))
    means = _arm_means(values, treated)
    plain = _difference(values, treated, group)
    used = plain
    if before is not None:
        used = _difference(_without(values, np.asarray(before, dtype=float), treated), treated, group)
    estimate, variance, freedom = used
    error = float(np.sqrt(variance))
    reach = float(student.ppf(0.5 + confidence / 2.0, freedom)) * error
    return Effect(
        estimate=estimate,
        low=estimate - reach,
        high=estimate + reach,
        standard_error=error,
        p_value=_p_value(estimate, error, freedom),
        treated=int(treated.sum()),
        control=int((~treated).sum()),
        treated_mean=means[0],
        control_mean=means[1],
        variance_kept=variance / plain[1] if plain[1] > 0.0 else 1.0,
    )


def share_effect(moved: Floats, treated: NDArray[np.bool_], *, group: NDArray[np.generic]) -> Effect:
    """Estimate what assignment changed in a share, with an interval that also holds where an arm has few moves or none.

    One household that moved and one that did not are added to each arm before the interval is made (Agresti and Caffo
    2000); the shares and their difference are those that were seen.

    Parameters
    ----------
    moved : ndarray of float, shape (people,)
        1 for a move, 0 for none.
    treated, group
        As of `effect`.

    Returns
    -------
    Effect

    Examples
    --------
    >>> arm = np.repeat([True, False], [180, 20])
    >>> made = share_effect(np.repeat([1.0, 0.0], [10, 190]), arm, group=np.arange(200))
    >>> round(made.estimate, 3), made.control_mean, made.is_clear
    (0.056, 0.0, False)
    """
    seen = effect(moved, treated, group=group)
    if np.isnan(seen.estimate):
        return seen
    homes = np.unique(group, return_inverse=True)[1]
    added = homes.max() + 1 + np.arange(4)
    made = effect(
        np.append(moved, [1.0, 0.0, 1.0, 0.0]),
        np.append(treated, [True, True, False, False]),
        group=np.append(homes, added),
    )
    return replace(seen, low=made.low, high=made.high, standard_error=made.standard_error, p_value=made.p_value)


def bootstrap_interval(
    outcome: Floats,
    treated: NDArray[np.bool_],
    *,
    group: NDArray[np.generic],
    draws: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Return an interval that trusts no normal approximation: households of each arm are drawn again and again.

    Parameters
    ----------
    outcome, treated, group
        As of `effect`.
    draws : int
        How often.
    confidence : float
        Of the interval.
    seed : int
        Same seed, same interval.

    Returns
    -------
    tuple of float
        Percentiles of the difference; NaN where an arm is empty.
    """
    rng = np.random.default_rng(seed)
    differences = np.zeros(draws)
    for arm, sign in ((treated, 1.0), (~treated, -1.0)):
        sums, sizes = _by_household(np.asarray(outcome, dtype=float)[arm], group[arm])
        if not len(sums):
            return float("nan"), float("nan")
        for start in range(0, draws, CHUNK):
            many = min(CHUNK, draws - start)
            drawn = rng.integers(0, len(sums), size=(many, len(sums)))
            differences[start : start + many] += sign * sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(differences, [0.5 - confidence / 2.0, 0.5 + confidence / 2.0])
    return float(low), float(high)


def _difference(values: Floats, treated: NDArray[np.bool_], group: NDArray[np.generic]) -> tuple[float, float, float]:
    """Difference of the arms' means, its variance, and Welch's degrees of freedom, with households as the unit."""
    means, variances, freedoms = [], [], []
    for arm in (treated, ~treated):
        sums, sizes = _by_household(values[arm], group[arm])
        if len(sums) < LEAST_HOUSEHOLDS:
            return float("nan"), float("nan"), float("nan")
        mean = sums.sum() / sizes.sum()
        spread = float(((sums - mean * sizes) ** 2).sum()) * len(sums) / (len(sums) - 1)
        means.append(float(mean))
        variances.append(spread / float(sizes.sum()) ** 2)
        freedoms.append(len(sums) - 1)
    total = sum(variances)
    shares = sum(variance**2 / freedom for variance, freedom in zip(variances, freedoms, strict=True))
    return means[0] - means[1], total, total**2 / shares if shares > 0.0 else float(sum(freedoms))


def _by_household(values: Floats, group: NDArray[np.generic]) -> tuple[Floats, Floats]:
    if not len(values):
        return np.zeros(0), np.zeros(0)
    at = np.unique(group, return_inverse=True)[1]
    return np.bincount(at, weights=values).astype(float), np.bincount(at).astype(float)


def _without(values: Floats, before: Floats, treated: NDArray[np.bool_]) -> Floats:
    """The outcome less what the earlier value foretells, by the slope within the arms."""
    centred = before - np.where(treated, *_arm_means(before, treated))
    spread = float(centred @ centred)
    slope = float(centred @ values) / spread if spread > 0.0 else 0.0
    return values - slope * (before - before.mean())


def _arm_means(values: Floats, treated: NDArray[np.bool_]) -> tuple[float, float]:
    return tuple(float(values[arm].mean()) if arm.any() else float("nan") for arm in (treated, ~treated))  # type: ignore[return-value]


def _p_value(estimate: float, error: float, freedom: float) -> float:
    if not error > 0.0:
        return float("nan") if np.isnan(error) else float(estimate == 0.0)
    return float(2.0 * student.sf(abs(estimate) / error, freedom))
