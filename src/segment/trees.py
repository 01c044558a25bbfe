"""Columns that scikit-learn's gradient boosting can bin: 1.9 fails on a column empty in the rows it learns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RARE = 1 / 5_000
"""Of large data it bins a sample of 200,000 rows, which may miss a column known in fewer rows than this."""


def usable_columns(X: Floats, parts: Sequence[NDArray[Any]] | None = None) -> NDArray[np.intp]:
    """Find the columns with values in every training part.

    Parameters
    ----------
    X : array of shape (n, features)
        NaN where unknown.
    parts : sequence of array, optional
        Rows of each part, as numbers or as a mask; all rows by default.

    Returns
    -------
    array of int
        Columns known in more than one row of 5,000 of each part.

    Examples
    --------
    >>> X = np.array([[1.0, 5.0], [2.0, np.nan], [3.0, np.nan]])
    >>> usable_columns(X, [np.array([0, 1]), np.array([1, 2])]).tolist()
    [0]
    """
    known = ~np.isnan(X)
    learned = [known] if parts is None else [known[part] for part in parts]
    return np.flatnonzero(np.all([part.mean(axis=0) > RARE for part in learned], axis=0))


def only_columns(X: Floats, columns: NDArray[np.intp]) -> Floats:
    """Take the columns that trees learn from; one of zeros where there is none.

    Parameters
    ----------
    X : array of shape (n, features)
        To learn from or to predict.
    columns : array of int
        From `usable_columns`.

    Returns
    -------
    array of shape (n, len(columns)) or (n, 1)

    Examples
    --------
    >>> X = np.array([[1.0, 5.0]])
    >>> only_columns(X, np.array([1])).tolist(), only_columns(X, np.array([], dtype=int)).tolist()
    ([[5.0]], [[0.0]])
    """
    if len(columns) == X.shape[1]:
        return X
    return X[:, columns] if len(columns) else np.zeros((len(X), 1))


def without_empty_columns(X: Floats, rows: NDArray[Any] | None = None) -> Floats:
    """Put zero where nothing can be learned: trees never ask for such a column, and the others keep their places.

    Parameters
    ----------
    X : array of shape (n, features)
        NaN where unknown.
    rows : array, optional
        Rows that are learned from, as numbers or as a mask; all by default.

    Returns
    -------
    array of shape (n, features)
        A copy, with zeros in columns that `usable_columns` would leave out.

    Examples
    --------
    >>> without_empty_columns(np.array([[1.0, 5.0], [np.nan, np.nan]]), np.array([1])).tolist()
    [[0.0, 0.0], [0.0, 0.0]]
    """
    filled = np.zeros_like(X)
    usable = usable_columns(X, None if rows is None else [rows])
    filled[:, usable] = X[:, usable]
    return filled
