"""What a customer has in all, at every bank: a conditional quantile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

Floats = NDArray[np.float64]


class WalletRegressor(RegressorMixin, BaseEstimator):
    """Quantiles of a volume that is never negative, learned on the scale of its logarithm.

    Learn it from customers whose main bank is here, on features that do not depend on the relation; for others it then
    says what someone in their circumstances has in all.

    Parameters
    ----------
    quantiles : sequence of float, default (0.5, 0.8)
        Between 0 and 1, ascending. The first is what `predict` gives.
    max_iter : int, default 100
        Trees per quantile.
    random_state : int or None, default 0
        Seed.

    Attributes
    ----------
    models_ : list of HistGradientBoostingRegressor
        One per quantile.
    n_iter_ : int
        Trees per quantile.
    n_features_in_ : int
        Columns of `X`.

    References
    ----------
    Perlich, Rosset, Lawrence and Zadrozny, *High-quantile modeling for customer wallet estimation and other
    applications*, KDD 2007, doi 10.1145/1281192.1281297.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> income = rng.lognormal(8, 0.5, 400)[:, None]
    >>> wallet = income[:, 0] * rng.uniform(0.5, 3.0, 400)
    >>> half, most = WalletRegressor().fit(income, wallet).predict_quantiles(income).T
    >>> bool((half <= most).all())
    True
    """

    def __init__(
        self, quantiles: Sequence[float] = (0.5, 0.8), *, max_iter: int = 100, random_state: int | None = 0
    ) -> None:
        self.quantiles = quantiles
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Learn the quantiles.

        Parameters
        ----------
        X : frame or array of shape (n, features)
            Numeric; missing values are allowed.
        y : array-like of shape (n,)
            Volumes in book currency; negative ones count as zero.
        sample_weight : array-like of shape (n,), optional
            Such as `covariate_shift_weights`.

        Returns
        -------
        WalletRegressor
            Itself.
        """
        quantiles = list(self.quantiles)
        if not quantiles or quantiles != sorted(set(quantiles)) or not 0 < quantiles[0] <= quantiles[-1] < 1:
            raise ValueError(f"`quantiles` must ascend between 0 and 1. Got {self.quantiles} instead.")
        X, y = validate_data(self, X, y, ensure_all_finite="allow-nan", dtype=np.float64, y_numeric=True)
        weight = _check_sample_weight(sample_weight, X)
        scaled: Floats = np.log1p(np.maximum(np.asarray(y, dtype=np.float64), 0.0))
        leaf = max(1, min(40, len(scaled) // 20))
        self.models_ = [
            HistGradientBoostingRegressor(
                loss="quantile",
                quantile=quantile,
                max_iter=self.max_iter,
                max_leaf_nodes=15,
                min_samples_leaf=leaf,
                learning_rate=0.05,
                early_stopping=False,
                random_state=self.random_state,
            ).fit(X, scaled, weight)
            for quantile in quantiles
        ]
        self.n_iter_ = self.max_iter
        return self

    def predict(self, X: Any) -> Floats:
        """First quantile of the wallet.

        Parameters
        ----------
        X : frame or array of shape (n, features)

        Returns
        -------
        array of shape (n,)
            Book currency, not negative.
        """
        return self.predict_quantiles(X)[:, 0]

    def predict_quantiles(self, X: Any) -> Floats:
        """Every quantile of the wallet.

        Parameters
        ----------
        X : frame or array of shape (n, features)

        Returns
        -------
        array of shape (n, len(quantiles))
            Book currency, not negative, ascending in each row.
        """
        check_is_fitted(self)
        X = validate_data(self, X, ensure_all_finite="allow-nan", dtype=np.float64, reset=False)
        raw = np.column_stack([model.predict(X) for model in self.models_])
        ordered = np.maximum.accumulate(np.expm1(np.maximum(raw, 0.0)), axis=1)
        return np.asarray(ordered, dtype=np.float64)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.regressor_tags.poor_score = True  # a volume is never negative; the checks' targets are
        return tags
