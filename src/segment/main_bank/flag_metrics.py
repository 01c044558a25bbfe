"""How good the probabilities are."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logit

from segment.arrays import Floats
from segment.main_bank.map_logistic import fit_map
from segment.metrics import average_precision, expected_calibration_error, mean_of, roc_auc, top_mean
from segment.statistics import FOR_STANDARD_ERRORS, Counts, Resamples, divided, known_quantiles


def main_bank_metrics(y: ArrayLike, probability: ArrayLike, capacity: int | None = None) -> dict[str, float]:
    """Ranking and calibration against labels.

    Parameters
    ----------
    y : array-like of shape (n,)
        1: the main bank is elsewhere. Both classes must occur.
    probability : array-like of shape (n,)
    capacity : int, optional
        Customers that can be contacted; a tenth of all by default.

    Returns
    -------
    dict
        `roc_auc`, `average_precision`, `brier`, `expected_calibration_error`, `calibration_slope` and
        `calibration_intercept` of the log-odds (1 and 0 where they are true), `precision_at_capacity` among the
        `capacity` most probable, and `lift_at_capacity`, that over the share of all.

    References
    ----------
    DOMAIN.md 2.4. D. R. Cox, Two further applications of a model for binary regression, Biometrika 1958, for slope and
    intercept.

    Examples
    --------
    >>> found = main_bank_metrics([0, 0, 1, 1], [0.0, 0.0, 1.0, 1.0], capacity=1)
    >>> found["roc_auc"], found["precision_at_capacity"], found["lift_at_capacity"]
    (1.0, 1.0, 2.0)
    """
    return {name: float(figure[0]) for name, figure in _measured(y, probability, capacity, None).items()}


def main_bank_intervals(
    y: ArrayLike,
    probability: ArrayLike,
    capacity: int | None = None,
    *,
    level: float = 0.95,
    samples: int = FOR_STANDARD_ERRORS,
    random_state: int = 0,
) -> dict[str, tuple[float, float]]:
    """Bootstrap intervals of `main_bank_metrics`.

    Parameters
    ----------
    y, probability : array-like of shape (n,)
    capacity : int, optional
    level : float
        Coverage.
    samples : int
        Customers are drawn again so many times; draws with one class alone are left out.
    random_state : int

    Returns
    -------
    dict of str to tuple of float
        Percentile interval of each metric.

    Examples
    --------
    >>> y, p = np.tile([0, 1, 0, 1], 50), np.tile([0.1, 0.9, 0.4, 0.6], 50)
    >>> low, high = main_bank_intervals(y, p, samples=50)["brier"]
    >>> low < main_bank_metrics(y, p)["brier"] < high
    True
    """
    drawn = Resamples(np.size(y), samples, random_state)
    figures = drawn.figures(lambda counts: _measured(y, probability, capacity, counts))
    tail = (1.0 - level) / 2.0
    both = np.isfinite(figures["roc_auc"])
    return {name: known_quantiles(each[1:][both[1:]], (tail, 1.0 - tail)) for name, each in figures.items()}


def _measured(y: ArrayLike, probability: ArrayLike, capacity: int | None, counts: Counts) -> dict[str, Floats]:
    outcome, claimed = np.asarray(y, dtype=np.float64), np.asarray(probability, dtype=np.float64)
    most = max(len(claimed) // 10, 1) if capacity is None else min(capacity, len(claimed))
    log_odds = logit(np.clip(claimed, 1e-6, 1.0 - 1e-6))[:, None]
    # a prior this wide only keeps classes that part without overlap from running away
    prior, weights = np.array([0.0, 1.0]), np.ones((1, len(outcome))) if counts is None else counts
    intercept, slope = np.array([fit_map(log_odds, outcome, weight, prior, 10.0) for weight in weights]).T
    precision = top_mean(outcome, claimed, counts=counts, most=most)
    return {
        "roc_auc": roc_auc(outcome, claimed, counts=counts),
        "average_precision": average_precision(outcome, claimed, counts=counts),
        "brier": mean_of(np.square(outcome - claimed), counts=counts),
        "expected_calibration_error": expected_calibration_error(outcome, claimed, counts=counts),
        "calibration_slope": slope,
        "calibration_intercept": intercept,
        "precision_at_capacity": precision,
        "lift_at_capacity": divided(precision, mean_of(outcome, counts=counts)),
    }
