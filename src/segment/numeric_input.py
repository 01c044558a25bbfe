"""Estimators whose columns are numbers, some of them missing: how they read what they are given."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from segment.arrays import Floats


class NumericInput(BaseEstimator):
    """Checks input as scikit-learn does, and welcomes missing values."""

    def _numbers_to_fit(self, X: Any, y: ArrayLike) -> tuple[Floats, Floats]:
        X, y = validate_data(
            self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", y_numeric=True, ensure_min_samples=2
        )
        return np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)

    def _numbers(self, X: Any) -> Floats:
        """Columns as in `fit`."""
        numbers = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        return np.asarray(numbers, dtype=np.float64)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
