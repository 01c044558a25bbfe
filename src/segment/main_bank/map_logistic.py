"""Logistic regression pulled towards an expert's weights: it moves smoothly from the expert to the data."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from segment.main_bank.scorecard import Floats


def fit_map(values: Floats, y: Floats, sample_weight: Floats, prior_mean: Floats, prior_sd: float) -> Floats:
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

    Returns
    -------
    array of shape (m + 1,)
        Intercept first.

    References
    ----------
    C. M. Bishop, Pattern Recognition and Machine Learning, 4.5.1.

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

    found = minimize(loss, prior_mean, jac=True, hess=curvature, method="trust-exact", options={"gtol": 1e-8})
    return np.asarray(found.x, dtype=np.float64)
