"""Volume of a whole wallet, learned from customers who keep theirs here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.model_selection import KFold
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from segment.arrays import Floats, Integers
from segment.boosted_trees import BoostedRegressor
from segment.exceptions import ModelError
from segment.numeric_input import NumericInput, TableOutput, quantile_names
from segment.trees import on_one_blas_thread, one_thread_if_few, only_columns, usable_columns

Split = tuple[Integers, Integers]

FEW_ROWS = 20_000


class WalletRegressor(TableOutput, NumericInput, RegressorMixin, BaseEstimator):
    """Forecast quantiles of a volume that is never negative: the realistic wallet of customers who look alike.

    For each quantile, boosted trees with pinball loss learn log(1 + volume); a shift learned on customers that the
    trees had not seen makes the share below it what the quantile says.

    Parameters
    ----------
    quantiles : sequence of float, default (0.5, 0.8)
        Between 0 and 1, ascending. The first is what `predict` gives, a high one the realistic ceiling.
    max_iter : int, default 200
        Most trees per model.
    random_state : int, RandomState or None, default 0
        Seed of the splits and of the trees.

    Attributes
    ----------
    models_ : list of list of BoostedRegressor
        For each quantile, one model per split.
    shifts_ : ndarray of shape (quantiles,)
        What calibration adds, on the log scale.
    n_iter_ : int
        Trees of the longest model.
    n_features_in_ : int
        Columns of `X`.
    feature_names_in_ : ndarray of str
        Their names, where `X` was a frame.

    Notes
    -----
    Train on main-here customers, on features that do not depend on the relation (age band, occupation, district,
    expected income), weighted by `covariate_shift_weights`. No row of the training data is kept.

    References
    ----------
    Perlich, Rosset, Lawrence and Zadrozny, *High-quantile modeling for customer wallet estimation and other
    applications*, KDD 2007, 977-985: the wallet as a high conditional quantile.
    Romano, Patterson and Candes, *Conformalized Quantile Regression*, NeurIPS 2019 (the shift).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> income = rng.lognormal(10, 0.5, 400)
    >>> savings = income * rng.uniform(0.0, 2.0, 400)
    >>> model = WalletRegressor(max_iter=20).fit(income[:, None], savings)
    >>> model.predict_quantiles(income[:3, None]).shape
    (3, 2)
    """

    def __init__(
        self,
        quantiles: Sequence[float] = (0.5, 0.8),
        *,
        max_iter: int = 200,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.quantiles = quantiles
        self.max_iter = max_iter
        self.random_state = random_state

    @on_one_blas_thread
    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Learn from customers whose whole wallet is here.

        Parameters
        ----------
        X : frame or array of shape (n, features)
            Numeric; missing values are allowed.
        y : array-like of shape (n,)
            Volume, at least 0.
        sample_weight : array-like of shape (n,) or None
            How much each customer stands for; those with weight 0 are left out.

        Returns
        -------
        WalletRegressor
            Itself.

        Raises
        ------
        ValueError
            Where `quantiles` do not ascend between 0 and 1.
        ModelError
            Where a volume is negative, or fewer than two customers have a positive weight.
        """
        levels = self._checked_quantiles()
        X, y = self._numbers_to_fit(X, y)
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        counted = weight > 0
        volume = y[counted]
        _check_volumes(volume)
        with one_thread_if_few(len(volume), FEW_ROWS):
            self._learn(X[counted], np.log1p(volume), weight[counted], levels)
        return self

    def predict(self, X: Any) -> Floats:
        """Forecast the first quantile: the median, unless told otherwise.

        Parameters
        ----------
        X : frame or array of shape (n, features)
            Columns as in `fit`.

        Returns
        -------
        ndarray of shape (n,)
            Volume.
        """
        return self._quantiles(X)[:, 0]

    @on_one_blas_thread
    def predict_quantiles(self, X: Any) -> Any:
        """Forecast every quantile.

        Parameters
        ----------
        X : frame or array of shape (n, features)
            Columns as in `fit`.

        Returns
        -------
        ndarray of shape (n, quantiles), or a frame with columns such as `p50` where `set_output` asked for one
            Volumes, never decreasing within a row.
        """
        return self._table(self._quantiles(X), quantile_names(self.quantiles), X)

    def _quantiles(self, X: Any) -> Floats:
        check_is_fitted(self)
        features = only_columns(self._numbers(X), self._columns)
        with one_thread_if_few(len(features), FEW_ROWS):
            columns = [np.mean([model.predict(features) for model in models], axis=0) for models in self.models_]
        return np.sort(np.expm1(np.maximum(np.column_stack(columns) + self.shifts_, 0.0)), axis=1)

    def __sklearn_tags__(self) -> Any:
        """Negative volumes are not welcome."""
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = True
        return tags

    def _checked_quantiles(self) -> list[float]:
        levels = list(self.quantiles)
        bounds = zip([0.0, *levels], [*levels, 1.0], strict=True)
        if not levels or not all(low < high for low, high in bounds):
            raise ValueError(f"`quantiles` must ascend between 0 and 1. Got {self.quantiles} instead.")
        return levels

    def _learn(self, X: Floats, target: Floats, weight: Floats, levels: list[float]) -> None:
        seed = int(check_random_state(self.random_state).randint(2**31 - 1_000))
        splits = _splits(len(target), seed)
        self._columns = usable_columns(X, [train for train, _ in splits])
        features = only_columns(X, self._columns)
        self.models_, shifts = [], []
        for level in levels:
            models = [
                self._boosted(features, target, weight, split, level, seed + number)
                for number, split in enumerate(splits)
            ]
            self.models_.append(models)
            shifts.append(_shift(models, features, target, weight, splits, level))
        self.shifts_ = np.array(shifts)
        self.n_iter_ = max(model.n_iter_ for models in self.models_ for model in models)

    def _boosted(self, X: Floats, target: Floats, weight: Floats, split: Split, level: float, seed: int) -> Any:
        """Train on the split's first part and stop where its second part gets no better."""
        train, held_out = split
        model = BoostedRegressor(
            loss="quantile",
            quantile=level,
            learning_rate=0.05 if len(X) < FEW_ROWS else 0.1,
            max_iter=self.max_iter,
            max_leaf_nodes=15,
            min_samples_leaf=int(np.clip(len(X) // 50, 3, 50)),
            early_stopping=True,
            n_iter_no_change=15,
            random_state=seed,
        )
        return model.fit(
            X[train],
            target[train],
            sample_weight=weight[train],
            X_val=X[held_out],
            y_val=target[held_out],
            sample_weight_val=weight[held_out],
        )


def _check_volumes(y: Floats) -> None:
    negative = int((y < 0).sum())
    if negative:
        raise ModelError.with_hint(
            f"Volumes must be at least 0. Got {negative} of {len(y)} below.",
            "model deposits and debts apart, each as a positive volume.",
        )
    if len(y) < 2:
        raise ModelError.with_hint(
            f"At least two customers must have a positive weight. Got {len(y)}.", "check `sample_weight`."
        )


def _splits(rows: int, seed: int) -> list[Split]:
    """Hold every customer out once where data are few, a fifth once where they are many."""
    every = list(KFold(min(5, rows), shuffle=True, random_state=seed).split(np.zeros(rows)))
    return every if rows < FEW_ROWS else every[:1]


def _shift(
    models: Sequence[Any], X: Floats, target: Floats, weight: Floats, splits: Sequence[Split], level: float
) -> float:
    """Weighted quantile of what the models miss on customers whom they had not seen."""
    misses = np.concatenate(
        [target[held_out] - model.predict(X[held_out]) for model, (_, held_out) in zip(models, splits, strict=True)]
    )
    mass = np.concatenate([weight[held_out] for _, held_out in splits])
    order = np.argsort(misses, kind="stable")
    reached = np.cumsum(mass[order]) >= level * mass.sum()
    return float(misses[order][np.argmax(reached)])
