"""What is learned of next year's value, and the boosted trees that learn it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, minimize
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from segment.value.folds import FEW_ROWS, Split
from segment.value.scale import from_scale

Array = NDArray[np.float64]

SMALL = FEW_ROWS


@dataclass(frozen=True)
class Learner:
    """One question to the data: which loss, and whether to learn the change from the baseline or the level.

    The level is asked too because a naive forecast can be poor (a young book, a changed tariff); the blend finds out.
    """

    name: str
    loss: str
    from_baseline: bool
    quantile: float | None = None


MEAN_CHANGE = Learner("mean_change", "squared_error", from_baseline=True)
MEDIAN_CHANGE = Learner("median_change", "absolute_error", from_baseline=True)
MEAN_LEVEL = Learner("mean_level", "squared_error", from_baseline=False)
WITH_BASELINE = (MEAN_CHANGE, MEDIAN_CHANGE, MEAN_LEVEL)
WITHOUT_BASELINE = (MEAN_LEVEL, Learner("median_level", "absolute_error", from_baseline=False))


def tail_learners(from_baseline: bool) -> tuple[Learner, Learner]:
    """Ask for the tenth and ninetieth percentile."""
    return (
        Learner("p10", "quantile", from_baseline, quantile=0.1),
        Learner("p90", "quantile", from_baseline, quantile=0.9),
    )


def one_thread_if_small(rows: int) -> AbstractContextManager[Any]:
    """Keep trees on few rows to one thread: they grow in less time than threads take to meet on a busy machine.

    Measured with four other processes on two cores: 100 trees on 1,920 rows took 0.6 s on one thread and
    32 to 75 s on two.

    Parameters
    ----------
    rows : int
        To train on or to predict.
    """
    return threadpool_limits(1, "openmp") if rows < SMALL else nullcontext()


@dataclass(frozen=True)
class Boosting:
    """Sizes of the boosted trees."""

    max_iter: int
    learning_rate: float
    max_leaf_nodes: int
    min_samples_leaf: int
    max_features: float

    @classmethod
    def for_rows(cls, rows: int, max_iter: int | None) -> Boosting:
        """Choose slow learning for small data and a budget of trees that scores a million rows in seconds for large.

        Parameters
        ----------
        rows : int
            Of the training data.
        max_iter : int or None
            Most trees per learner; None chooses.
        """
        small = rows < SMALL
        return cls(
            max_iter=max_iter or (300 if small else 120),
            learning_rate=0.05 if small else 0.1,
            max_leaf_nodes=15 if small else 31,
            min_samples_leaf=int(np.clip(rows // 100, 3, 20)),
            max_features=0.5,
        )

    def fit(self, learner: Learner, X: Array, target: Array, split: Split, seed: int) -> Any:
        """Train on the split's first part and stop where its second part gets no better."""
        train, held_out = split
        model = HistGradientBoostingRegressor(
            loss=learner.loss,
            quantile=learner.quantile,
            learning_rate=self.learning_rate,
            max_iter=self.max_iter,
            max_leaf_nodes=self.max_leaf_nodes,
            min_samples_leaf=self.min_samples_leaf,
            max_features=self.max_features,
            early_stopping=True,
            n_iter_no_change=15,
            random_state=seed,
        )
        return model.fit(X[train], target[train], X_val=X[held_out], y_val=target[held_out])


@dataclass(frozen=True)
class Task:
    """What every learner of one fit shares; never kept.

    Attributes
    ----------
    X : ndarray of shape (n, columns)
        Features, each with a value in every training part.
    start, target : ndarray of shape (n,)
        Baseline and true value on the asinh scale.
    splits : sequence of (ndarray, ndarray)
        Rows to train on, rows to hold out.
    boosting : Boosting
        Sizes of the trees.
    seed : int
        Of the trees.
    """

    X: Array
    start: Array
    target: Array
    splits: Sequence[Split]
    boosting: Boosting
    seed: int

    @cached_property
    def judged(self) -> NDArray[np.intp]:
        """Rows that some model has not seen."""
        return np.unique(np.concatenate([held_out for _, held_out in self.splits]))

    @cached_property
    def start_limits(self) -> tuple[float, float]:
        """Baselines that a leaf of customers lies beyond, at either end."""
        last = min(self.boosting.min_samples_leaf, len(self.start) // 2)
        ordered = np.sort(self.start)
        return float(ordered[last]), float(ordered[-last - 1])


class CrossFitted:
    """One learner's models, each trained without another part of the customers.

    Attributes
    ----------
    models : list of HistGradientBoostingRegressor
        One per split.
    start_limits : tuple of float
        Baselines between which the models learned the level; what a baseline exceeds them by is added, since
        trees say the same of all giants. Learning the change, both are 0.
    """

    def __init__(self, models: list[Any], start_limits: tuple[float, float]) -> None:
        self.models = models
        self.start_limits = start_limits

    def predict(self, X: Array, start: Array) -> Array:
        """Average the models, on the asinh scale."""
        total = np.zeros(len(X))
        for model in self.models:
            total += model.predict(X)
        return total / len(self.models) + beyond(start, self.start_limits)

    def predict_held_out(self, task: Task) -> Array:
        """Predict each judged row by the models that have not seen its customer."""
        total, count = np.zeros(len(task.X)), np.zeros(len(task.X))
        for model, (_, held_out) in zip(self.models, task.splits, strict=True):
            total[held_out] += model.predict(task.X[held_out])
            count[held_out] += 1
        return total[task.judged] / count[task.judged] + beyond(task.start[task.judged], self.start_limits)


def cross_fit(learner: Learner, task: Task) -> CrossFitted:
    """Train one model per split.

    Parameters
    ----------
    learner : Learner
        What to learn.
    task : Task
        From what, and how.

    Returns
    -------
    CrossFitted
    """
    limits = (0.0, 0.0) if learner.from_baseline else task.start_limits
    goal = task.target - beyond(task.start, limits)
    models = [
        task.boosting.fit(learner, task.X, goal, split, task.seed + number) for number, split in enumerate(task.splits)
    ]
    return CrossFitted(models, limits)


def beyond(start: Array, limits: tuple[float, float]) -> Array:
    """Distance from the nearer limit for what lies outside both, 0 between them.

    Examples
    --------
    >>> import numpy as np
    >>> beyond(np.array([-3.0, 0.5, 4.0]), (-1.0, 1.0)).tolist()
    [-2.0, 0.0, 3.0]
    """
    return start - np.clip(start, *limits)


def usable_columns(X: Array, splits: Sequence[Split]) -> NDArray[np.intp]:
    """Find the columns with a value in every training part: scikit-learn 1.9's binning fails on empty ones."""
    present = ~np.isnan(X)
    filled = np.all([present[train].any(axis=0) for train, _ in splits], axis=0)
    return np.flatnonzero(filled)


def blend_weights(z: Array, target: Array, scale: float) -> Array:
    """Find the weights, at least 0 and adding up to 1, whose blend errs least in money and on the asinh scale.

    Absolute errors on both, each relative to that of equal weights: money alone listens to the few largest
    customers, the asinh scale alone to the many small ones.

    Parameters
    ----------
    z : ndarray of shape (n, learners)
        Out-of-fold predictions on the asinh scale.
    target : ndarray of shape (n,)
        True values on the asinh scale.
    scale : float
        Of `money_scale`.

    Returns
    -------
    ndarray of shape (learners,)

    Examples
    --------
    >>> import numpy as np
    >>> truth = np.linspace(-1, 1, 50)
    >>> blend_weights(np.column_stack([truth, -truth]), truth, scale=1.0).round(3).tolist()
    [1.0, 0.0]
    """
    money = from_scale(target, scale)
    start = np.full(z.shape[1], 1.0 / z.shape[1])

    def errors(weights: Array) -> Array:
        blended = z @ weights
        in_money = np.abs(from_scale(blended, scale) - money).mean()
        return np.array([in_money, np.abs(blended - target).mean()])

    reference = errors(start)
    if not reference.all():
        return start

    def regret(weights: Array) -> float:
        return float((errors(weights) / reference).sum())

    on_simplex = LinearConstraint(np.ones(len(start)), 1.0, 1.0)
    found = minimize(regret, start, bounds=Bounds(0.0, 1.0), constraints=[on_simplex], method="SLSQP")
    weights = np.clip(found.x, 0.0, None)
    return np.asarray(weights / weights.sum(), dtype=np.float64)
