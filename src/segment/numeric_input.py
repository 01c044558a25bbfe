"""Estimators whose columns are numbers, some of them missing: how they read what they are given, and give tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Self

import numpy as np
import polars as pl
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


OUTPUTS: Final = ("default", "pandas", "polars")


class TableOutput(BaseEstimator):
    """Gives tables of several columns as an array, or as the frame that is asked for."""

    def set_output(self, *, transform: str | None = None) -> Self:
        """Choose what tables come as, `default`, `pandas` or `polars`; None leaves it as it is."""
        # The name and the argument are those of scikit-learn's transformers.
        if transform not in (None, *OUTPUTS):
            raise ValueError(f"`transform` must be one of {', '.join(OUTPUTS)}. Got {transform} instead.")
        if transform is not None:
            self._sklearn_output_config = {"transform": transform}  # where scikit-learn's `clone` looks for it
        return self

    def _output(self) -> str:
        return getattr(self, "_sklearn_output_config", {}).get("transform", "default")

    def _table(self, values: Floats, names: Sequence[str], X: Any) -> Any:
        """Give a table the form that was asked for; pandas keeps the index of `X`."""
        if self._output() == "default":
            return values
        if self._output() == "polars":
            return pl.DataFrame(values, schema=list(names))
        import pandas as pd

        return pd.DataFrame(values, columns=list(names), index=X.index if isinstance(X, pd.DataFrame) else None)


def quantile_names(quantiles: Sequence[float]) -> list[str]:
    """Name columns of quantiles.

    Examples
    --------
    >>> quantile_names((0.1, 0.5, 0.975))
    ['p10', 'p50', 'p97.5']
    """
    return [f"p{100 * quantile:g}" for quantile in quantiles]
