"""Logistic regression pulled towards an expert's weights: it moves smoothly from the expert to the data."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from segment.main_bank.scorecard import Floats


def fit_map(
    values: Floats, y: Floats, sample_weight: Floats, prior_mean: Floats, prior_sd: float, label_error: float = 0.0
) -> Floats:
    """Find the most probable weights under a Gaussian prior.

    Minimises `sum(w * log loss) + sum((weights - prior_mean)^2) / (2 prior_sd^2)`. The prior makes it strictly
    convex, so there is one answer, also for terms that never vary and for classes that part without overlap.

    Parameters
    ----------
    values : array of shape (n, m)
        Terms, without NaN.
    y : array of shape (n,)
        0 or 1.
    sample_weight : array of shape (n,)
    prior_mean : array of shape (m + 1,)
        Intercept first.
    prior_sd : float
        The same for every weight and the intercept.
    label_error : float
        Share of labels that are wrong, below one half: a label is 1 with probability `e + (1 - 2 e) p`. The weights
        are then those of the truth behind the labels.

    Returns
    -------
    array of shape (m + 1,)
        Intercept first.

    References
    ----------
    C. M. Bishop, Pattern Recognition and Machine Learning, 4.5.1. For wrong labels: G. Patrini et al., Making Deep
    Neural Networks Robust to Label Noise: A Loss Correction Approach, CVPR 2017, the forward correction.

    Examples
    --------
    >>> import numpy as np
    >>> nothing = np.empty((0, 1))
    >>> fit_map(nothing, np.empty(0), np.empty(0), np.array([-0.6, 1.8]), prior_sd=0.5)
    array([-0.6,  1.8])
    """
    design = np.column_stack([np.ones(len(values)), values])
    precision = 1.0 / prior_sd**2

    def loss(weights: Floats) -> tuple[float, Floats]:
        logit = design @ weights
        off = weights - prior_mean
        fit = np.sum(sample_weight * (np.logaddexp(0.0, logit) - y * logit))
        slope = design.T @ (sample_weight * (expit(logit) - y)) + precision * off
        return float(fit + 0.5 * precision * off @ off), slope

    def curvature(weights: Floats) -> Floats:
        p = expit(design @ weights)
        weighted = design * (sample_weight * p * (1.0 - p))[:, None]
        return np.asarray(design.T @ weighted + precision * np.eye(design.shape[1]), dtype=np.float64)

    def noisy_loss(weights: Floats) -> tuple[float, Floats]:
        p, off = expit(design @ weights), weights - prior_mean
        said = label_error + (1.0 - 2.0 * label_error) * p
        fit = -np.sum(sample_weight * (y * np.log(said) + (1.0 - y) * np.log1p(-said)))
        pull = (said - y) / (said * (1.0 - said)) * (1.0 - 2.0 * label_error) * p * (1.0 - p)
        return float(fit + 0.5 * precision * off @ off), design.T @ (sample_weight * pull) + precision * off

    if label_error > 0.0:
        # not convex any more, but the prior's side is the one to start from
        found = minimize(noisy_loss, prior_mean, jac=True, method="L-BFGS-B", options={"maxiter": 1000, "gtol": 1e-7})
    else:
        found = minimize(loss, prior_mean, jac=True, hess=curvature, method="trust-exact", options={"gtol": 1e-8})
    return np.asarray(found.x, dtype=np.float64)
