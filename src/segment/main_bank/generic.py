"""Columns that no expert has weighted: standardised, with a weak prior around 0."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from segment.main_bank.map_logistic import fit_map
from segment.main_bank.scorecard import Floats

PRIOR_SD: Final = 2.5
"""Weakly informative for standardised columns (A. Gelman et al., Annals of Applied Statistics 2008, take 2.5)."""


class Scale(NamedTuple):
    """Centre and spread of each column.

    Attributes
    ----------
    centre, spread : array of shape (n_features,)
    """

    centre: Floats
    spread: Floats

    @classmethod
    def of(cls, X: Floats, weight: Floats) -> Scale:
        """Take the weighted mean and standard deviation of what is known; spread 1 for columns that never vary.

        Parameters
        ----------
        X : array of shape (n, n_features)
            NaN where unknown.
        weight : array of shape (n,)

        Returns
        -------
        Scale

        Examples
        --------
        >>> import numpy as np
        >>> Scale.of(np.array([[1.0], [3.0], [np.nan]]), np.ones(3))
        Scale(centre=array([2.]), spread=array([1.]))
        """
        known = np.where(np.isnan(X), 0.0, weight[:, None])
        total = np.maximum(known.sum(axis=0), np.finfo(np.float64).tiny)
        centre = (known * np.nan_to_num(X, nan=0.0)).sum(axis=0) / total
        spread = np.sqrt((known * np.nan_to_num(X - centre, nan=0.0) ** 2).sum(axis=0) / total)
        return cls(centre, np.where(spread > 1e-12, spread, 1.0))


def standardised(X: Floats, scale: Scale) -> Floats:
    """Bring columns to centre 0 and spread 1. NaN sits at the centre: it says nothing.

    Parameters
    ----------
    X : array of shape (n, n_features)
    scale : Scale

    Returns
    -------
    array of shape (n, n_features)

    Examples
    --------
    >>> import numpy as np
    >>> standardised(np.array([[4.0, np.nan]]), Scale(np.array([2.0, 5.0]), np.array([1.0, 1.0]))).tolist()
    [[2.0, 0.0]]
    """
    return np.nan_to_num((X - scale.centre) / scale.spread, nan=0.0)


def fit_generic(X: Floats, y: Floats, weight: Floats) -> tuple[Scale, Floats]:
    """Fit a logistic regression on standardised columns.

    Parameters
    ----------
    X : array of shape (n, n_features)
    y : array of shape (n,)
        0 or 1.
    weight : array of shape (n,)

    Returns
    -------
    Scale, array of shape (n_features + 1,)
        The scale, and the weights with the intercept first.
    """
    scale = Scale.of(X, weight)
    return scale, fit_map(standardised(X, scale), y, weight, np.zeros(X.shape[1] + 1), PRIOR_SD)
