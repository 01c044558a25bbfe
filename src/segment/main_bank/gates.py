"""What learned probabilities must reach on labels held out before they stand in place of the expert's."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from scipy.special import logit
from sklearn.metrics import roc_auc_score

from segment.main_bank.map_logistic import fit_map
from segment.main_bank.metrics import expected_calibration_error
from segment.main_bank.scorecard import Floats

DRAWS: Final = 50


class Gates(NamedTuple):
    """Borders; `segment.policy.decisions.MainBankGates` documents them.

    Attributes
    ----------
    least_labels : int
    roc_auc_from, calibration_error_up_to : float
    slope : tuple of float
    """

    least_labels: int = 300
    roc_auc_from: float = 0.75
    calibration_error_up_to: float = 0.05
    slope: tuple[float, float] = (0.8, 1.25)


def measured(y: Floats, probability: Floats, label_error: float) -> dict[str, float]:
    """Measure held-out probabilities against labels of which some are wrong.

    Parameters
    ----------
    y : array of shape (n,)
        0 or 1.
    probability : array of shape (n,)
        Of the truth behind the labels, of rows that were not learned from.
    label_error : float

    Returns
    -------
    dict of str to float
        `labels`, `roc_auc`, `calibration_error`, `slope`.

    Notes
    -----
    Bins of thirty labels are off by some hundredths however true the probabilities are. The mean error of labels drawn
    from these very probabilities is that part, and is taken off.
    """
    said = label_error + (1.0 - 2.0 * label_error) * probability
    rng = np.random.default_rng(0)
    by_chance = np.mean([expected_calibration_error(rng.random(len(y)) < said, said) for _ in range(DRAWS)])
    log_odds = logit(np.clip(probability, 1e-6, 1.0 - 1e-6))[:, None]
    slope = fit_map(log_odds, y, np.ones(len(y)), np.array([0.0, 1.0]), 10.0, label_error)[1]
    return {
        "labels": float(len(y)),
        "roc_auc": roc_auc_behind(y, probability, label_error),
        "calibration_error": max(float(expected_calibration_error(y, said) - by_chance), 0.0),
        "slope": float(slope),
    }


def holds(found: dict[str, float], gates: Gates) -> bool:
    """Whether learned answers are proven.

    Parameters
    ----------
    found : dict of str to float
        What `measured` returns.
    gates : Gates

    Returns
    -------
    bool

    References
    ----------
    DOMAIN.md 2.4.

    Examples
    --------
    >>> good = {"labels": 400.0, "roc_auc": 0.9, "calibration_error": 0.02, "slope": 1.0}
    >>> holds(good, Gates()), holds(good | {"labels": 200.0}, Gates()), holds(good | {"slope": 2.0}, Gates())
    (True, False, False)
    """
    calibrated = found["calibration_error"] <= gates.calibration_error_up_to
    calibrated &= gates.slope[0] <= found["slope"] <= gates.slope[1]
    return bool(found["labels"] >= gates.least_labels and found["roc_auc"] >= gates.roc_auc_from and calibrated)


def roc_auc_behind(y: Floats, probability: Floats, label_error: float) -> float:
    """Area under the ROC curve for the truth behind labels of which some are wrong.

    Parameters
    ----------
    y : array of shape (n,)
        Labels, 0 or 1, both of them.
    probability : array of shape (n,)
        Of the truth.
    label_error : float
        Share of labels that are wrong, whatever the truth.

    Returns
    -------
    float
        Wrong labels pull the area to one half by the share of each kind that they make up; that is taken back.

    References
    ----------
    A. Menon et al., Learning from Corrupted Binary Labels via Class-Probability Estimation, ICML 2015, Corollary 3.

    Examples
    --------
    >>> roc_auc_behind(np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.1, 0.2, 0.8, 0.9]), 0.0)
    0.75
    """
    share = float(np.clip((np.mean(y) - label_error) / (1.0 - 2.0 * label_error), 0.0, 1.0))
    wrong_ones = label_error * (1.0 - share) / float(np.mean(y))
    wrong_zeros = label_error * share / float(1.0 - np.mean(y))
    seen = float(roc_auc_score(y, probability)) - 0.5
    return float(np.clip(0.5 + seen / max(1.0 - wrong_ones - wrong_zeros, 1e-6), 0.0, 1.0))
