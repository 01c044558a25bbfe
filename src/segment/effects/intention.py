"""The effect of being assigned, whoever was reached: a difference of means with an interval that knows households."""

# Everyone counts in the arm that they were drawn into, so that an adviser's choice whom to call cannot look like an
# effect (DOMAIN.md 3.3). Households are drawn as one, so they vary as one.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from segment.arrays import Flags, Floats
from segment.metrics import total_ratio
from segment.statistics import Resamples, holm, interval, winsorised

LEAST_HOUSEHOLDS = 2
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Effect:
    """A difference between two arms."""

    estimate: float  # Treated less control, in the outcome's unit
    low: float  # low, high: Bounds of the interval.
    high: float
    standard_error: float  # Robust for households
    p_value: float  # Of no difference, two-sided
    treated: int  # treated, control: People of each arm.
    control: int
    # treated_mean, control_mean: Of the outcome, winsorised where that was asked for, before the earlier values are
    # used.
    treated_mean: float
    control_mean: float
    # Share of the estimate's variance that is left after the earlier values are used; 1 without them
    variance_kept: float

    def reported(self, *, valid: bool) -> ReportedEffect:
        """Take what a report holds; `valid`: Whether the draw holds."""
        values = (self.estimate, self.low, self.high, self.p_value)
        return ReportedEffect(*(finite(value) if valid else None for value in values))


@dataclass(frozen=True)
class ReportedEffect:
    """An effect as reports hold it; null where the draw does not hold, or a figure is not finite."""

    effect: float | None
    low: float | None
    high: float | None
    p: float | None
    p_holm: float | None = None  # Raised for all tests of the report

    def columns(self, name: str) -> dict[str, float | None]:
        """Return it as columns of a report, but for the raised p-value."""
        return {f"{name}_{key}": value for key, value in vars(self).items() if key != "p_holm"}


def raised(effects: Sequence[ReportedEffect]) -> list[ReportedEffect]:
    """Raise the p-values of effects that are read together."""
    p_values = holm([float("nan") if each.p is None else each.p for each in effects])
    return [replace(each, p_holm=finite(round(p, 12))) for each, p in zip(effects, p_values, strict=True)]


def finite(value: float) -> float | None:
    """Return a number as JSON knows it; null where it is none or infinite."""
    return float(value) if np.isfinite(value) else None


def effect(
    outcome: Floats,
    treated: Flags,
    *,
    group: NDArray[np.generic],
    before: Floats | None = None,
    winsorise: float | None = None,
    stratum: NDArray[np.generic] | None = None,
) -> Effect:
    """Estimate what assignment to the treated arm changed."""
    # `outcome` (people,): Such as 1 for a move and 0 for none, or a contribution.
    # `treated` (people,): The arm that they were drawn into.
    # `group` (people,): Household of each; all of a household are in one arm.
    # `before` (people,): The same thing before the draw. What it foretells is taken out (CUPED: Deng, Xu, Kohavi,
    # Walker 2013); the effect that is estimated stays the same, its interval becomes narrower.
    # `stratum` (people,): Such as a programme: arms are compared within each, and the differences are pooled by the
    # treated people. Each must have people in both arms.
    values = np.asarray(outcome, dtype=float)
    if winsorise is not None:
        values = winsorised(values, winsorise)
    weight = _pooling_weight(treated, stratum)
    means = _arm_means(values, treated, weight)
    values = _within(values, stratum)
    plain = estimate, variance, freedom = _difference(values, treated, group, weight)
    if before is not None:
        unexplained = _without(values, _within(np.asarray(before, dtype=float), stratum), treated)
        estimate, variance, freedom = _difference(unexplained, treated, group, weight)
    return _effect(treated, (estimate, variance, freedom), means, variance / plain[1] if plain[1] > 0.0 else 1.0)


def _effect(
    treated: Flags, found: tuple[float, float, float], means: tuple[float, float], variance_kept: float
) -> Effect:
    """What was found, with the interval and p-value that follow."""
    estimate, variance, freedom = found
    error = float(np.sqrt(variance))
    reach = float(student.ppf(0.5 + CONFIDENCE / 2.0, freedom)) * error
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
        variance_kept=variance_kept,
    )


def share_effect(
    moved: Floats, treated: Flags, *, group: NDArray[np.generic], stratum: NDArray[np.generic] | None = None
) -> Effect:
    """Estimate what assignment changed in a share, with an interval that also holds where an arm has few moves or none.

    One household that moved and one that did not are added to each arm before the interval is made (Agresti and Caffo
    2000); the shares and their difference are those that were seen.

    `moved` (people,): 1 for a move, 0 for none; `stratum` as of `effect`.
    """
    seen = effect(moved, treated, group=group, stratum=stratum)
    if np.isnan(seen.estimate):
        return seen
    homes = np.unique(group, return_inverse=True)[1]
    added = np.array([1.0, 0.0, 1.0, 0.0]) - (moved.mean() if stratum is not None else 0.0)
    arms = np.append(treated, [True, True, False, False])
    found = _difference(
        np.append(_within(moved, stratum), added),
        arms,
        np.append(homes, homes.max() + 1 + np.arange(4)),
        np.append(_pooling_weight(treated, stratum), np.ones(4)),
    )
    made = _effect(arms, found, (seen.treated_mean, seen.control_mean), 1.0)
    return replace(seen, low=made.low, high=made.high, standard_error=made.standard_error, p_value=made.p_value)


def bootstrap_interval(
    outcome: Floats,
    treated: Flags,
    *,
    group: NDArray[np.generic],
    stratum: NDArray[np.generic] | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """Return an interval that trusts no normal approximation: households of each arm are drawn again and again."""
    # Returns tuple of float: Percentiles of the difference; NaN where an arm is empty.
    if treated.all() or not treated.any():
        return float("nan"), float("nan")
    rng, within = np.random.default_rng(seed), _within(np.asarray(outcome, dtype=float), stratum)
    weight = _pooling_weight(treated, stratum)
    contact, control = (
        _resampled_means(*_by_household(within[arm], group[arm], weight[arm]), draws, rng)
        for arm in (treated, ~treated)
    )
    return interval(contact - control, CONFIDENCE)[1:]


def _resampled_means(sums: Floats, sizes: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Mean of the people of some households, as they are and drawn again."""
    homes = Resamples(len(sums), draws, rng)
    return homes.figures(lambda counts: {"mean": total_ratio(sizes, sums, counts=counts)})["mean"]


def _pooling_weight(treated: Flags, stratum: NDArray[np.generic] | None) -> Floats:
    """Weigh the control people so that each stratum counts for as much in their arm as in the treated one."""
    weight = np.ones(len(treated))
    if stratum is not None:
        at = np.unique(stratum, return_inverse=True)[1]
        asked, control = (np.bincount(at[arm], minlength=at.max(initial=0) + 1) for arm in (treated, ~treated))
        weight[~treated] = (asked / control / (asked.sum() / control.sum()))[at[~treated]]
    return weight


def _within(values: Floats, stratum: NDArray[np.generic] | None) -> Floats:
    """Take each stratum's mean away: it is in both arms alike, and what strata differ by is no error of an effect."""
    if stratum is None:
        return values
    at = np.unique(stratum, return_inverse=True)[1]
    return values - (np.bincount(at, weights=values) / np.bincount(at))[at]


def _difference(
    values: Floats, treated: Flags, group: NDArray[np.generic], weight: Floats
) -> tuple[float, float, float]:
    """Difference of the arms' means, its variance, and Welch's degrees of freedom, with households as the unit."""
    means, variances, freedoms = [], [], []
    for arm in (treated, ~treated):
        sums, sizes = _by_household(values[arm], group[arm], weight[arm])
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


def _by_household(values: Floats, group: NDArray[np.generic], weight: Floats) -> tuple[Floats, Floats]:
    if not len(values):
        return np.zeros(0), np.zeros(0)
    at = np.unique(group, return_inverse=True)[1]
    return np.bincount(at, weights=values * weight).astype(float), np.bincount(at, weights=weight).astype(float)


def _without(values: Floats, before: Floats, treated: Flags) -> Floats:
    """The outcome less what the earlier value foretells, by the slope within the arms."""
    centred = before - np.where(treated, *_arm_means(before, treated, np.ones(len(before))))
    spread = float(centred @ centred)
    slope = float(centred @ values) / spread if spread > 0.0 else 0.0
    return values - slope * (before - before.mean())


def _arm_means(values: Floats, treated: Flags, weight: Floats) -> tuple[float, float]:
    arms = (np.average(values[arm], weights=weight[arm]) if arm.any() else np.nan for arm in (treated, ~treated))
    return tuple(float(mean) for mean in arms)  # type: ignore[return-value]


def _p_value(estimate: float, error: float, freedom: float) -> float:
    if not error > 0.0:
        return float("nan") if np.isnan(error) else float(estimate == 0.0)
    return float(2.0 * student.sf(abs(estimate) / error, freedom))
