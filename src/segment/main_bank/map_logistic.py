"""Logistic regression pulled towards an expert's weights: it moves smoothly from the expert to the data."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from segment.arrays import Floats

PRIOR_SD: Final = 2.5
"""Weakly informative for standardised columns (A. Gelman et al., Annals of Applied Statistics 2008, take 2.5)."""


def fit_map(
    values: Floats, y: Floats, sample_weight: Floats, prior_mean: Floats, prior_sd: float, label_error: float = 0.0
) -> Floats:
    """Find the most probable weights under a Gaussian prior."""
    # Minimises `sum(w * log loss) + sum((weights - prior_mean)^2) / (2 prior_sd^2)`. The prior makes it strictly
    # convex, so there is one answer, also for terms that never vary and for classes that part without overlap.
    # `values` (n, m): Terms, without NaN.
    # `y` (n,): 0 or 1.
    # `sample_weight` (n,).
    # `prior_mean` (m + 1,): Intercept first.
    # Returns array of shape (m + 1,): Intercept first.
    # Source: C. M. Bishop, Pattern Recognition and Machine Learning, 4.5.1. For wrong labels: G. Patrini et al., Making
    # Deep Neural Networks Robust to Label Noise: A Loss Correction Approach, CVPR 2017, the forward correction.
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
        claimed = label_error + (1.0 - 2.0 * label_error) * p
        fit = -np.sum(sample_weight * (y * np.log(claimed) + (1.0 - y) * np.log1p(-claimed)))
        pull = (claimed - y) / (claimed * (1.0 - claimed)) * (1.0 - 2.0 * label_error) * p * (1.0 - p)
        return float(fit + 0.5 * precision * off @ off), design.T @ (sample_weight * pull) + precision * off

    if label_error > 0.0:
        # not convex any more, but the prior's side is the one to start from
        solution = minimize(
            noisy_loss, prior_mean, jac=True, method="L-BFGS-B", options={"maxiter": 1000, "gtol": 1e-7}
        )
    else:
        solution = minimize(loss, prior_mean, jac=True, hess=curvature, method="trust-exact", options={"gtol": 1e-8})
    return np.asarray(solution.x, dtype=np.float64)


class Scale(NamedTuple):
    """Centre and spread of each column."""

    centre: Floats  # centre, spread: (n_features,)
    spread: Floats

    @classmethod
    def of(cls, X: Floats, weight: Floats) -> Scale:
        """Take the weighted mean and standard deviation of what is known; spread 1 for columns that never vary."""
        # `X` (n, n_features): NaN where unknown.
        # `weight` (n,).
        counted = np.where(np.isnan(X), 0.0, weight[:, None])
        total = np.maximum(counted.sum(axis=0), np.finfo(np.float64).tiny)
        centre = (counted * np.nan_to_num(X, nan=0.0)).sum(axis=0) / total
        spread = np.sqrt((counted * np.nan_to_num(X - centre, nan=0.0) ** 2).sum(axis=0) / total)
        return cls(centre, np.where(spread > 1e-12, spread, 1.0))


def standardised(X: Floats, scale: Scale) -> Floats:
    """Bring columns to centre 0 and spread 1. NaN sits at the centre: it says nothing."""
    # `X` (n, n_features). Returns array of shape (n, n_features).
    return np.nan_to_num((X - scale.centre) / scale.spread, nan=0.0)


def fit_generic(X: Floats, y: Floats, weight: Floats) -> tuple[Scale, Floats]:
    """Fit a logistic regression on standardised columns."""
    # `X` (n, n_features).
    # `y` (n,): 0 or 1.
    # `weight` (n,).
    # Returns Scale, array of shape (n_features + 1,): The scale, and the weights with the intercept first.
    scale = Scale.of(X, weight)
    return scale, fit_map(standardised(X, scale), y, weight, np.zeros(X.shape[1] + 1), PRIOR_SD)
