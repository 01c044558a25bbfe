"""Start the forecast from run rates: a few weights learn how far each group of lines goes on as it last did."""

# Trees add up poorly: to them, five lines at four windows are twenty steps each. A linear forecast with weights learned
# by absolute errors says most of what the last months say about the next ones; the trees then learn what is left.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import Bounds, minimize
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.utils.validation import check_is_fitted

from segment.arrays import Floats
from segment.numeric_input import NumericInput
from segment.trees import on_one_blas_thread
from segment.value.calibration import BlendedPrediction, CalibratedForecast
from segment.value.folds import training_rows
from segment.value.regressor import FutureValueRegressor
from segment.value.scale import money_scale

ROWS_OF_PRIOR = 2.0
"""Rows that weigh as much as the belief that the naive forecast holds: with a few hundred, the data decide."""

SMOOTH = 0.05
"""Errors below this part of the typical amount count by their square, so that the loss has a slope everywhere."""


class RunRateRegressor(NumericInput, RegressorMixin, BaseEstimator):
    """Learn by which weights run rates and balances forecast best, and let a `FutureValueRegressor` start there.

    Parameters
    ----------
    forecast : FutureValueRegressor, optional
        Cloned and fitted; its `baseline` is replaced by the learned start. Default: one with its defaults.
    baseline : int, default 0
        Column that holds the naive forecast, which stands where there is little to learn from.
    rates : sequence of int
        Columns that each forecast a part of the value, such as a line's income at the pace of the last month. Their
        weights are at least 0.
    levels : sequence of int
        Columns whose weights may have either sign, such as balances, which run off or grow.

    Attributes
    ----------
    forecast_ : FutureValueRegressor
        Fitted on the columns of `X` and the start.
    start_weights_ : ndarray of shape (1 + rates + levels,)
        Of the baseline, the rates and the levels.
    n_features_in_ : int
        Columns of `X`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> last_month = rng.lognormal(3, 1, 400)
    >>> last_year = last_month * rng.lognormal(0, 0.5, 400)
    >>> X = np.column_stack([last_year, last_month])
    >>> model = RunRateRegressor(FutureValueRegressor(max_iter=20), rates=(1,)).fit(X, last_month * 0.9)
    >>> model.start_weights_.round(1).tolist()
    [0.0, 0.9]
    """

    def __init__(
        self,
        forecast: FutureValueRegressor | None = None,
        *,
        baseline: int = 0,
        rates: Sequence[int] = (),
        levels: Sequence[int] = (),
    ) -> None:
        self.forecast = forecast
        self.baseline = baseline
        self.rates = rates
        self.levels = levels

    def fit(
        self, X: Any, y: ArrayLike, groups: ArrayLike | None = None, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Learn the start, then the change from it.

        Parameters
        ----------
        X : array of shape (n, features)
            Numeric; missing values are allowed. A missing rate, level or baseline counts as 0 in the start.
        y : array-like of shape (n,)
            Value of the months after each row, in book currency.
        groups : array-like of shape (n,) or None
            Customer of each row; rows of one customer are never on both sides of a split.
        sample_weight : array-like of shape (n,) or None
            How many rows each stands for; see `FutureValueRegressor.fit`.

        Returns
        -------
        RunRateRegressor
            Itself.
        """
        columns, target = self._learn_start(X, y, sample_weight)
        self.forecast_ = self._forecast().fit(columns, target, groups=groups, sample_weight=sample_weight)
        return self

    def fit_predict_below(
        self,
        X: Any,
        y: ArrayLike,
        amounts: ArrayLike,
        groups: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Floats:
        """Fit, and tell the chances of rows not seen; see `FutureValueRegressor.fit_predict_below`."""
        columns, target = self._learn_start(X, y, sample_weight)
        self.forecast_ = self._forecast()
        return self.forecast_.fit_predict_below(columns, target, amounts, groups=groups, sample_weight=sample_weight)

    def predict(self, X: Any) -> Floats:
        """Forecast the mean; see `FutureValueRegressor.predict`."""
        started = self._started(X)
        return self.forecast_.predict(started)

    def predict_quantiles(self, X: Any) -> Any:
        """Forecast P10, P50 and P90; see `FutureValueRegressor.predict_quantiles`."""
        started = self._started(X)
        return self.forecast_.predict_quantiles(started)

    def predict_below(self, X: Any, amounts: ArrayLike) -> Floats:
        """Chance of at most given amounts; see `FutureValueRegressor.predict_below`."""
        started = self._started(X)
        return self.forecast_.predict_below(started, amounts)

    def predict_all(self, X: Any) -> CalibratedForecast:
        """Forecast everything in one pass; see `FutureValueRegressor.predict_all`."""
        return self.forecast_.predict_all(self._started(X))

    def calibrated(self, predicted: BlendedPrediction) -> CalibratedForecast:
        """Forecast from what the learners said of customers."""
        return self.forecast_.calibrated(predicted)

    @property
    def weights_(self) -> dict[str, float]:
        """Weight of each learner in the blend."""
        return self.forecast_.weights_

    @property
    def out_of_fold_metrics_(self) -> dict[str, float]:
        """Figures on customers whom the models had not seen; skill is against the learned start."""
        return self.forecast_.out_of_fold_metrics_

    @on_one_blas_thread
    def _learn_start(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None) -> tuple[Floats, Floats]:
        """Learn the weights of the start; return the columns with it, and the target."""
        columns, target = self._numbers_to_fit(X, y)
        # the sums of another order of rows differ in their last digit, and trees may split by it
        rows = training_rows(columns, target, None, sample_weight)
        self.start_weights_ = start_weights(self._parts(columns)[rows.place], rows.y, 1 + len(self.rates), rows.weight)
        return self._with_start(columns), target

    def _forecast(self) -> FutureValueRegressor:
        forecast = FutureValueRegressor() if self.forecast is None else clone(self.forecast)
        return forecast.set_params(baseline=self.n_features_in_)

    def _started(self, X: Any) -> Floats:
        check_is_fitted(self, "forecast_")
        return self._with_start(self._numbers(X))

    def _with_start(self, X: Floats) -> Floats:
        return np.column_stack([X, self._parts(X) @ self.start_weights_])

    def _parts(self, X: Floats) -> Floats:
        return np.nan_to_num(X[:, [self.baseline, *self.rates, *self.levels]])


def start_weights(parts: Floats, y: Floats, rates: int, mass: Floats | None = None) -> Floats:
    """Find the weights by which the columns' sum errs least, in money and relative to a customer's size."""
    # `parts` (n, columns): First the naive forecast, then other rates, then levels; no value missing.
    # `y` (n,): True values.
    # `mass` (n,): What each row weighs, 1 on average; None: all the same.
    # Returns ndarray of shape (columns,).
    # Absolute errors, smooth near zero, each counted twice: in money, relative to the naive forecast's mean error, and
    # over the customer's own size. A ridge towards the naive forecast weighs `ROWS_OF_PRIOR` rows. The loss is convex.
    baseline, scale = parts[:, 0], money_scale(y, mass)
    sizes = np.average(np.abs(parts), axis=0, weights=mass)
    sizes = np.where(sizes > 0.0, sizes, 1.0)
    # in units of the typical amount, so that a balance's weight and a rate's are searched on one scale
    columns = parts / sizes * scale
    heed = _error_weight(baseline, y, scale, mass)
    ridge = np.where(np.arange(len(sizes)) < rates, scale / sizes, 1.0)
    prior = np.zeros(len(sizes))
    prior[0] = sizes[0] / scale

    def loss(weights: Floats) -> tuple[float, Floats]:
        missed = columns @ weights - y
        size = np.sqrt(missed**2 + (SMOOTH * scale) ** 2)
        apart = (weights - prior) * ridge
        slope = (heed * missed / size) @ columns + 2.0 * ROWS_OF_PRIOR / len(y) * apart * ridge
        return float(heed @ size + ROWS_OF_PRIOR / len(y) * (apart @ apart)), slope

    low = np.where(np.arange(len(sizes)) < rates, 0.0, -np.inf)
    solution = minimize(loss, prior, jac=True, method="L-BFGS-B", bounds=Bounds(low, np.inf), options={"maxiter": 2000})
    return np.asarray(solution.x / sizes * scale, dtype=np.float64)


def _error_weight(baseline: Floats, y: Floats, scale: float, mass: Floats | None) -> Floats:
    """Weight of each customer's error: equal parts of money and of the customer's size, each relative to the naive."""
    missed, relative = np.abs(baseline - y), 1.0 / (scale + np.abs(baseline))
    in_money, in_size = (np.average(each, weights=mass) for each in (missed, relative * missed))
    heed = np.full(len(y), 1.0 / scale) if not in_money > 0.0 else 1.0 / in_money + relative / in_size
    return np.asarray(heed / len(y) if mass is None else heed * mass / len(y), dtype=np.float64)
