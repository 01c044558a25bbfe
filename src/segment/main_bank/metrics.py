"""How good the probabilities are."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score


def expected_calibration_error(y: ArrayLike, probability: ArrayLike, bins: int = 10) -> float:
    """Mean gap between what was said and what came, over bins of equally many customers.

    Customers with the same probability are taken at their mean outcome, so the order of rows changes nothing.

    Parameters
    ----------
    y : array-like of shape (n,)
        0 or 1.
    probability : array-like of shape (n,)
    bins : int
        Bins of equal count; the first ones hold one more where n is no multiple.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        If there is no row, or the lengths differ.

    References
    ----------
    M. P. Naeini, G. Cooper, M. Hauskrecht, Obtaining Well Calibrated Probabilities Using Bayesian Binning, AAAI 2015.

    Examples
    --------
    >>> expected_calibration_error([0, 1, 1, 1], [0.2, 0.4, 0.8, 0.9], bins=2)
    0.175
    """
    outcome, said = np.asarray(y, dtype=np.float64), np.asarray(probability, dtype=np.float64)
    if len(outcome) != len(said) or len(said) == 0:
        raise ValueError(
            f"`y` and `probability` must have the same length above 0. Got {len(outcome)} and {len(said)} instead."
        )
    _, group, size = np.unique(said, return_inverse=True, return_counts=True)
    outcome = (np.bincount(group, weights=outcome) / size)[group]
    order = np.argsort(said, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [abs(float(said[part].mean() - outcome[part].mean())) * len(part) for part in parts]
    return float(round(sum(gaps) / len(said), 12))


def main_bank_metrics(y: ArrayLike, probability: ArrayLike) -> dict[str, float]:
    """Ranking and calibration against labels.

    Parameters
    ----------
    y : array-like of shape (n,)
        1: the main bank is elsewhere. Both classes must occur.
    probability : array-like of shape (n,)

    Returns
    -------
    dict
        `roc_auc`, `average_precision`, `brier`, `expected_calibration_error`.

    Examples
    --------
    >>> main_bank_metrics([0, 0, 1, 1], [0.0, 0.0, 1.0, 1.0])["roc_auc"]
    1.0
    """
    return {
        "roc_auc": float(roc_auc_score(y, probability)),
        "average_precision": float(average_precision_score(y, probability)),
        "brier": float(brier_score_loss(y, probability)),
        "expected_calibration_error": expected_calibration_error(y, probability),
    }
