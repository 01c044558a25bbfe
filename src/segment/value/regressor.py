"""Next twelve months' contribution, with a mean that adds up and quantiles that cover what they say."""

from __future__ import annotations

from numbers import Integral
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from segment.exceptions import ModelError
from segment.value import folds
from segment.value.calibration import calibrate
from segment.value.held_out import held_out_figures
from segment.value.learners import (
    WITH_BASELINE,
    WITHOUT_BASELINE,
    Boosting,
    Task,
    blend_weights,
    cross_fit,
    one_thread_if_small,
    tail_learners,
    usable_columns,
)
from segment.value.scale import from_scale, money_scale, to_scale

Array = NDArray[np.float64]

NEGLIGIBLE = 0.02


class FutureValueRegressor(RegressorMixin, BaseEstimator):
    """Forecast a heavy-tailed value that may be negative, starting from a naive forecast.

    Boosted trees learn the change from the baseline on an asinh scale, by squared and by absolute error, and the
    level as a third opinion; weights learned out of fold blend them. Each model sees all customers but a
    held-out part, which stops it, weighs it, and calibrates mean and quantiles. Small data get many such parts
    and the average of their models, large data one part.

    Parameters
    ----------
    baseline : str, int or None, default None
        Column that holds the naive forecast, by name, or by position for arrays. Missing values in it are taken as
        its median. None: learn the level alone.
    max_iter : int or None, default None
        Most trees per model; None chooses by the number of rows.
    random_state : int, RandomState or None, default 0
        Seed of the splits and of the trees.

    Attributes
    ----------
    weights_ : dict of str to float
        Weight of each learner in the blend.
    out_of_fold_metrics_ : dict of str to float
        Figures of `segment.value.metrics` on customers whom the models had not seen.
    scale_ : float
        Amount, in book currency, at which the asinh scale bends.
    n_iter_ : int
        Trees of the longest model.
    n_features_in_ : int
        Columns of `X`.
    feature_names_in_ : ndarray of str
        Their names, where `X` was a frame.

    Notes
    -----
    The result does not depend on the order of the rows. No row of the training data is kept. MAPIE's conformal
    intervals were left out: calibrating each end by level of the prediction, with customers kept together, takes the
    thirty lines of `quantile_shift`, and MAPIE has no such groups for quantile regression.

    References
    ----------
    Ke et al., *LightGBM*, NeurIPS 2017 (the trees); Romano, Patterson and Candes, NeurIPS 2019 (the intervals);
    Barber et al., *Predictive inference with the jackknife+*, Ann. Stat. 49 (2021) (calibrating by folds).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> last_year = rng.lognormal(3, 1, 300)
    >>> next_year = last_year * rng.uniform(0.6, 1.0, 300)
    >>> model = FutureValueRegressor(baseline=0, max_iter=20).fit(last_year[:, None], next_year)
    >>> model.predict_quantiles(last_year[:5, None]).shape
    (5, 3)
    """

    def __init__(
        self,
        baseline: str | int | None = None,
        *,
        max_iter: int | None = None,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.baseline = baseline
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: Any, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Learn from snapshots whose next twelve months have passed.

        Parameters
        ----------
        X : frame or array of shape (n, features)
            Numeric; missing values are allowed.
        y : array-like of shape (n,)
            Contribution of the twelve months after each snapshot, in book currency.
        groups : array-like of shape (n,) or None
            Customer of each row; rows of one customer are never on both sides of a split. None: every row
            is a customer of its own.

        Returns
        -------
        FutureValueRegressor
            Itself.

        Raises
        ------
        ModelError
            Where the baseline is no column of `X`, or `groups` does not fit.
        """
        X, y = validate_data(
            self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", y_numeric=True, ensure_min_samples=2
        )
        y = np.asarray(y, dtype=np.float64)
        numbers = folds.group_numbers(groups, len(y))
        order = folds.canonical_order(X, y, numbers)
        numbers = np.arange(len(y)) if numbers is None else numbers[order]
        self._baseline_column = self._find_baseline()
        with one_thread_if_small(len(y)):
            self._learn(X[order], y[order], numbers)
        return self

    def predict(self, X: Any) -> Array:
        """Forecast the mean.

        Parameters
        ----------
        X : frame or array of shape (n, features)
            Columns as in `fit`.

        Returns
        -------
        ndarray of shape (n,)
            In book currency.
        """
        X = self._validated(X)
        return self._calibration.mean(self._blended(X))

    def predict_quantiles(self, X: Any) -> Array:
        """Forecast P10, P50 and P90.

        Parameters
        ----------
        X : frame or array of shape (n, features)
            Columns as in `fit`.

        Returns
        -------
        ndarray of shape (n, 3)
            In book currency, never decreasing within a row.
        """
        X = self._validated(X)
        return self._calibration.quantiles(self._blended(X), self._tails_of(X))

    def predict_below(self, X: Any, amounts: ArrayLike) -> Array:
        """Chance that the value is at or below given amounts.

        Agrees with `predict_quantiles`: the chance of being below P10 is 0.1.

        Parameters
        ----------
        X : frame or array of shape (n, features)
            Columns as in `fit`.
        amounts : array-like of shape (n, k) or (k,)
            In book currency, of the horizon of `y`; one row for each customer, or the same for all.

        Returns
        -------
        ndarray of shape (n, k)
            Between 0 and 1, never decreasing with the amount.

        Raises
        ------
        ModelError
            Where `amounts` has no column, or rows for others than the customers of `X`.
        """
        X = self._validated(X)
        asked = np.asarray(amounts, dtype=np.float64)
        asked = np.broadcast_to(asked, (len(X), len(asked))) if asked.ndim == 1 else asked
        if asked.ndim != 2 or len(asked) != len(X):
            raise ModelError.with_hint(
                f"`amounts` must hold a row for each of the {len(X)} rows of X. Got shape {asked.shape}.",
                "pass an array of shape (rows, amounts), or of shape (amounts,) for the same to all.",
            )
        return self._calibration.below(self._blended(X), self._tails_of(X), asked)

    def __sklearn_tags__(self) -> Any:
        """Missing values are welcome."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _learn(self, X: Array, y: Array, customers: NDArray[np.int64]) -> None:
        """Train, blend and calibrate on rows in canonical order."""
        seed = int(check_random_state(self.random_state).randint(2**31 - 1_000))
        plan = folds.plan_folds(len(y), int(customers.max()) + 1)
        splits = folds.splits_by_group(customers, plan, seed)
        self.scale_ = money_scale(y)
        self._columns = usable_columns(X, splits)
        self._baseline_fill = self._typical_baseline(X)
        start, target = self._start(X), to_scale(y, self.scale_)
        task = Task(self._features(X), start, target, splits, Boosting.for_rows(len(y), self.max_iter), seed)
        level = self._learn_blend(task)
        tails = self._learn_tails(task)
        self._calibration = calibrate(level, tails, y[task.judged], self.scale_)
        self.n_iter_ = max(model.n_iter_ for fit in [*self._points, *self._tails] for model in fit.models)
        naive = None if self._baseline_column is None else from_scale(start[task.judged], self.scale_)
        mean, bands = self._calibration.mean(level), self._calibration.quantiles(level, tails)
        self.out_of_fold_metrics_ = held_out_figures(y[task.judged], mean, bands, naive)

    def _learn_blend(self, task: Task) -> Array:
        """Train the point learners and weigh them; return the blend of the rows held out."""
        learners = WITHOUT_BASELINE if self._baseline_column is None else WITH_BASELINE
        fits = [cross_fit(learner, task) for learner in learners]
        held_out = np.column_stack([fit.predict_held_out(task) for fit in fits])
        weights = blend_weights(held_out, task.target[task.judged], self.scale_)
        kept = [number for number, weight in enumerate(weights) if weight > NEGLIGIBLE]
        shares = weights[kept] / weights[kept].sum()
        self._points = [fits[number] for number in kept]
        self.weights_ = {learners[number].name: float(share) for number, share in zip(kept, shares, strict=True)}
        return np.asarray(held_out[:, kept] @ shares, dtype=np.float64)

    def _learn_tails(self, task: Task) -> list[Array]:
        """Train the learners of P10 and P90, from the baseline where the blend mostly trusts it."""
        trust = sum(self.weights_.get(learner.name, 0.0) for learner in WITH_BASELINE if learner.from_baseline)
        self._tails = [cross_fit(learner, task) for learner in tail_learners(from_baseline=trust > 0.5)]
        return [tail.predict_held_out(task) for tail in self._tails]

    def _find_baseline(self) -> int | None:
        if self.baseline is None:
            return None
        if isinstance(self.baseline, Integral) and 0 <= self.baseline < self.n_features_in_:
            return int(self.baseline)
        names = list(getattr(self, "feature_names_in_", []))
        if self.baseline in names:
            return names.index(self.baseline)
        raise ModelError.with_hint(
            f"`baseline` must be a column of X. Got {self.baseline!r} for {self.n_features_in_} columns"
            f"{'' if names else ' without names'}.",
            "pass a frame with that column, a column's position, or None.",
        )

    def _typical_baseline(self, X: Array) -> float:
        if self._baseline_column is None:
            return 0.0
        known = X[:, self._baseline_column]
        known = known[~np.isnan(known)]
        return float(np.median(known)) if len(known) else 0.0

    def _start(self, X: Array) -> Array:
        """Naive forecast on the asinh scale; zero without a baseline."""
        if self._baseline_column is None:
            return np.zeros(len(X))
        return to_scale(np.nan_to_num(X[:, self._baseline_column], nan=self._baseline_fill), self.scale_)

    def _features(self, X: Array) -> Array:
        """Columns that can be learned from; one of zeros where there is none."""
        if len(self._columns) == X.shape[1]:
            return X
        return X[:, self._columns] if len(self._columns) else np.zeros((len(X), 1))

    def _validated(self, X: Any) -> Array:
        check_is_fitted(self)
        return np.asarray(
            validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False), dtype=np.float64
        )

    def _tails_of(self, X: Array) -> list[Array]:
        features, start = self._features(X), self._start(X)
        with one_thread_if_small(len(X)):
            return [tail.predict(features, start) for tail in self._tails]

    def _blended(self, X: Array) -> Array:
        features, start = self._features(X), self._start(X)
        z = np.zeros(len(X))
        with one_thread_if_small(len(X)):
            for fit, weight in zip(self._points, self.weights_.values(), strict=True):
                z += weight * fit.predict(features, start)
        return z
