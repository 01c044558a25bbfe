"""How good the probabilities are."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logit
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from segment.main_bank.map_logistic import fit_map
from segment.statistics import known_quantiles


def expected_calibration_error(y: ArrayLike, probability: ArrayLike, bins: int = 10) -> float:
    """Mean gap between what was said and what came, over bins of equally many customers."""
    # Customers with the same probability are taken at their mean outcome, so the order of rows changes nothing.
    # `y` (n,): 0 or 1.
    # `probability` (n,).
    # Source: M. P. Naeini, G. Cooper, M. Hauskrecht, Obtaining Well Calibrated Probabilities Using Bayesian Binning,
    # AAAI 2015.
    outcome, claimed = np.asarray(y, dtype=np.float64), np.asarray(probability, dtype=np.float64)
    if len(outcome) != len(claimed) or len(claimed) == 0:
        raise ValueError(
            f"`y` and `probability` must have the same length above 0. Got {len(outcome)} and {len(claimed)} instead."
        )
    _, group, size = np.unique(claimed, return_inverse=True, return_counts=True)
    outcome = (np.bincount(group, weights=outcome) / size)[group]
    order = np.argsort(claimed, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [abs(float(claimed[part].mean() - outcome[part].mean())) * len(part) for part in parts]
    return float(round(sum(gaps) / len(claimed), 12))


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
    outcome, claimed = np.asarray(y, dtype=np.float64), np.asarray(probability, dtype=np.float64)
    most = max(len(claimed) // 10, 1) if capacity is None else min(capacity, len(claimed))
    chosen = np.argsort(-claimed, kind="stable")[:most]
    log_odds = logit(np.clip(claimed, 1e-6, 1.0 - 1e-6))[:, None]
    # a prior this wide only keeps classes that part without overlap from running away
    intercept, slope = fit_map(log_odds, outcome, np.ones(len(outcome)), np.array([0.0, 1.0]), 10.0)
    precision = float(outcome[chosen].mean())
    return {
        "roc_auc": float(roc_auc_score(outcome, claimed)),
        "average_precision": float(average_precision_score(outcome, claimed)),
        "brier": float(brier_score_loss(outcome, claimed)),
        "expected_calibration_error": expected_calibration_error(outcome, claimed),
        "calibration_slope": float(slope),
        "calibration_intercept": float(intercept),
        "precision_at_capacity": precision,
        "lift_at_capacity": precision / float(outcome.mean()),
    }


def main_bank_intervals(
    y: ArrayLike,
    probability: ArrayLike,
    capacity: int | None = None,
    *,
    level: float = 0.95,
    samples: int = 200,
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
    outcome, claimed = np.asarray(y, dtype=np.float64), np.asarray(probability, dtype=np.float64)
    rng = np.random.default_rng(random_state)
    drawn = [rng.integers(0, len(outcome), len(outcome)) for _ in range(samples)]
    resampled = [
        main_bank_metrics(outcome[rows], claimed[rows], capacity) for rows in drawn if 0 < outcome[rows].mean() < 1
    ]
    tail = (1.0 - level) / 2.0
    return {name: known_quantiles([each[name] for each in resampled], (tail, 1.0 - tail)) for name in resampled[0]}
