"""Next twelve months' contribution, with a mean that adds up and quantiles that cover what they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from segment.arrays import Floats, Integers
from segment.numeric_input import NumericInput, TableOutput, quantile_names
from segment.statistics import weights_of
from segment.trees import on_one_blas_thread, one_thread_if_few, only_columns, usable_columns
from segment.value import folds
from segment.value.boosting import Boosting
from segment.value.calibration import QUANTILES, BlendedPrediction, CalibratedForecast, calibrate
from segment.value.ensemble import learn_ensemble
from segment.value.learners import Task, point_learners
from segment.value.out_of_fold import held_out_metrics
from segment.value.scale import from_scale, is_zero_inflated, money_scale, to_scale
from segment.value.value_columns import amounts_by_row, find_column, typical

SIZES = ("max_iter", "learning_rate", "max_leaf_nodes", "min_samples_leaf", "max_features")


class FutureValueRegressor(TableOutput, NumericInput, RegressorMixin, BaseEstimator):
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
    max_iter, learning_rate, max_leaf_nodes, min_samples_leaf, max_features : float or None, default None
        As of scikit-learn's HistGradientBoostingRegressor; `None` chooses by the number of rows.
    learners : sequence of str or None, default None
        Which learners blend: some of `mean_change`, `median_change`, `no_change` (from the baseline), `mean_level`,
        `median_level` (without) and `money_level` (without, in money instead of its asinh). None: those that suit.
    coverage_by : str, int or None, default None
        Column with a number for each stratum, such as today's tier, within which P10 to P90 shall cover as well as
        overall. It is a feature like the others. Strata of few customers are not told apart.
    random_state : int, RandomState or None, default 0
        Seed of the splits and of the trees.

    Attributes
    ----------
    weights_ : dict of str to float
        Weight of each learner in the blend.
    out_of_fold_metrics_ : dict of str to float
        Figures of `segment.metrics` on customers whom the models had not seen.
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
        learning_rate: float | None = None,
        max_leaf_nodes: int | None = None,
        min_samples_leaf: int | None = None,
        max_features: float | None = None,
        learners: Sequence[str] | None = None,
        coverage_by: str | int | None = None,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.baseline = baseline
        self.max_iter = max_iter
        self.learning_rate = learning_rate
        self.max_leaf_nodes = max_leaf_nodes
        self.min_samples_leaf = min_samples_leaf
        self.max_features = max_features
        self.learners = learners
        self.coverage_by = coverage_by
        self.random_state = random_state

    def fit(
        self, X: Any, y: ArrayLike, groups: ArrayLike | None = None, sample_weight: ArrayLike | None = None
    ) -> Self:
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
        sample_weight : array-like of shape (n,) or None
            How many rows each stands for, in trees, blend and calibration. Only ratios count; rows of weight 0 are
            left out. None: all the same.

        Returns
        -------
        FutureValueRegressor
            Itself.

        Raises
        ------
        ModelError
            Where a parameter names no column of `X` or no learner, or `groups` does not fit, or fewer than two rows
            weigh something.
        """
        self._fit(X, y, groups, sample_weight)
        return self

    def fit_predict_below(
        self,
        X: Any,
        y: ArrayLike,
        amounts: ArrayLike,
        groups: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Floats:
        """Learn, and return `predict_below` for rows whose customer some model had not seen.

        Chances that are calibrated further must be learned on such rows; this spares a second fit.

        Parameters
        ----------
        X, y, groups, sample_weight
            As in `fit`.
        amounts : array-like of shape (n, k) or (k,)
            As in `predict_below`.

        Returns
        -------
        ndarray of shape (n, k)
            NaN in rows that no model left out.
        """
        rows, predicted = self._fit(X, y, groups, sample_weight)
        by_row = amounts_by_row(amounts, len(np.asarray(y)))
        chances = np.full(by_row.shape, np.nan)
        chances[rows] = self._calibration.below(predicted, by_row[rows])
        return chances

    def predict(self, X: Any) -> Floats:
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
        return self._forecast(X, tails=False).mean

    def predict_quantiles(self, X: Any) -> Any:
        """Forecast P10, P50 and P90.

        Parameters
        ----------
        X : frame or array of shape (n, features)
            Columns as in `fit`.

        Returns
        -------
        ndarray of shape (n, 3), or a frame with `p10`, `p50` and `p90` where `set_output` asked for one
            In book currency, never decreasing within a row.
        """
        return self._table(self.predict_all(X).quantiles, quantile_names(QUANTILES), X)

    def predict_below(self, X: Any, amounts: ArrayLike) -> Floats:
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
        return self.predict_all(X).below(amounts)

    def predict_all(self, X: Any) -> CalibratedForecast:
        """Forecast everything in one pass: `mean`, `quantiles` and `below(amounts)`, as the three methods give them.

        Parameters
        ----------
        X : frame or array of shape (n, features)
            Columns as in `fit`.

        Returns
        -------
        CalibratedForecast
            Holds no row of `X`.
        """
        return self._forecast(X, tails=True)

    def calibrated(self, predicted: BlendedPrediction) -> CalibratedForecast:
        """Forecast from what the learners said of customers."""
        return CalibratedForecast(self._calibration, predicted)

    @on_one_blas_thread
    def _fit(
        self, X: Any, y: ArrayLike, groups: ArrayLike | None, sample_weight: ArrayLike | None
    ) -> tuple[Integers, BlendedPrediction]:
        """Learn; return the rows that some model had not seen, and what was said of them."""
        X, y = self._numbers_to_fit(X, y)
        rows = folds.training_rows(X, y, groups, sample_weight)
        names = [str(name) for name in getattr(self, "feature_names_in_", [])]
        self._baseline_column = find_column("baseline", self.baseline, self.n_features_in_, names)
        self._stratum_column = find_column("coverage_by", self.coverage_by, self.n_features_in_, names)
        with one_thread_if_few(len(rows.y), folds.FEW_ROWS):
            held_out, predicted = self._learn(rows)
        return rows.place[held_out], predicted

    def _learn(self, rows: folds.TrainingRows) -> tuple[Integers, BlendedPrediction]:
        """Train, blend and calibrate."""
        X, y, weight = rows.X, rows.y, rows.weight
        seed = int(check_random_state(self.random_state).randint(2**31 - 1_000))
        plan = folds.plan_folds(len(y), int(rows.customers.max()) + 1)
        splits = folds.splits_by_group(rows.customers, plan, seed)
        self.scale_, zero_inflated = money_scale(y, weight), is_zero_inflated(y, weight)
        self._columns = usable_columns(X, [train for train, _ in splits])
        self._baseline_fill = typical(X, self._baseline_column)
        start, target = self._start(X), to_scale(y, self.scale_)
        sizes = Boosting.for_rows(len(y), **{name: getattr(self, name) for name in SIZES})
        task = Task(only_columns(X, self._columns), start, target, splits, sizes, seed, weight)
        learners = point_learners(self.learners, self._baseline_column is not None, zero_inflated)
        self._ensemble, level, tails = learn_ensemble(task, learners, self.scale_, zero_inflated)
        self.weights_, self.n_iter_ = self._ensemble.weights, self._ensemble.longest
        actual, mass = y[task.held_out], weights_of(weight, task.held_out)
        predicted = BlendedPrediction(level, tails, self._stratum(X)[task.held_out], mass)
        self._calibration = calibrate(predicted, actual, self.scale_)
        baseline = None if self._baseline_column is None else from_scale(start[task.held_out], self.scale_)
        mean, bands = self._calibration.mean(level), self._calibration.quantiles(predicted)
        self.out_of_fold_metrics_ = held_out_metrics(actual, mean, bands, baseline, mass)
        return task.held_out, predicted

    def _start(self, X: Floats) -> Floats:
        """Naive forecast on the asinh scale; zero without a baseline."""
        if self._baseline_column is None:
            return np.zeros(len(X))
        return to_scale(np.nan_to_num(X[:, self._baseline_column], nan=self._baseline_fill), self.scale_)

    def _stratum(self, X: Floats) -> Floats:
        return np.full(len(X), np.nan) if self._stratum_column is None else X[:, self._stratum_column]

    @on_one_blas_thread
    def _forecast(self, X: Any, *, tails: bool) -> CalibratedForecast:
        check_is_fitted(self)
        X = self._numbers(X)
        level, beyond = self._ensemble.predict(X, self._start(X), self._columns, tails=tails)
        return self.calibrated(BlendedPrediction(level, beyond, self._stratum(X)))
