"""What learned probabilities must reach on labels held out before they stand in place of the expert's."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from scipy.special import logit

from segment.arrays import Floats
from segment.main_bank.map_logistic import fit_map
from segment.metrics import expected_calibration_error, roc_auc

DRAWS: Final = 50


class LabelGates(NamedTuple):
    """Borders; `segment.policy.decisions.MainBankGates` documents them."""

    least_labels: int = 300
    roc_auc_from: float = 0.75
    calibration_error_up_to: float = 0.05
    slope: tuple[float, float] = (0.8, 1.25)


def held_out_metrics(y: Floats, probability: Floats, label_error: float) -> dict[str, float]:
    """Measure held-out probabilities against labels of which some are wrong."""
    # `y` (n,): 0 or 1.
    # `probability` (n,): Of the truth behind the labels, of rows that were not learned from.
    # Bins of thirty labels are off by some hundredths however true the probabilities are. The mean error of labels
    # drawn from these very probabilities is that part, and is taken off.
    claimed = label_error + (1.0 - 2.0 * label_error) * probability
    rng = np.random.default_rng(0)
    by_chance = np.mean([expected_calibration_error(rng.random(len(y)) < claimed, claimed) for _ in range(DRAWS)])
    log_odds = logit(np.clip(probability, 1e-6, 1.0 - 1e-6))[:, None]
    slope = fit_map(log_odds, y, np.ones(len(y)), np.array([0.0, 1.0]), 10.0, label_error)[1]
    return {
        "labels": float(len(y)),
        "roc_auc": roc_auc_behind(y, probability, label_error),
        "calibration_error": max(float(expected_calibration_error(y, claimed) - by_chance), 0.0),
        "slope": float(slope),
    }


def gates_hold(metrics: dict[str, float], gates: LabelGates) -> bool:
    """Whether learned answers are proven."""
    # Source: DOMAIN.md 2.4.
    calibrated = metrics["calibration_error"] <= gates.calibration_error_up_to
    calibrated &= gates.slope[0] <= metrics["slope"] <= gates.slope[1]
    return bool(metrics["labels"] >= gates.least_labels and metrics["roc_auc"] >= gates.roc_auc_from and calibrated)


def roc_auc_behind(y: Floats, probability: Floats, label_error: float) -> float:
    """Area under the ROC curve for the truth behind labels of which some are wrong."""
    # `y` (n,): Labels, 0 or 1, both of them.
    # `probability` (n,): Of the truth.
    # Source: A. Menon et al., Learning from Corrupted Binary Labels via Class-Probability Estimation, ICML 2015,
    # Corollary 3.
    share = float(np.clip((np.mean(y) - label_error) / (1.0 - 2.0 * label_error), 0.0, 1.0))
    wrong_ones = label_error * (1.0 - share) / float(np.mean(y))
    wrong_zeros = label_error * share / float(1.0 - np.mean(y))
    seen = roc_auc(y, probability) - 0.5
    return float(np.clip(0.5 + seen / max(1.0 - wrong_ones - wrong_zeros, 1e-6), 0.0, 1.0))
