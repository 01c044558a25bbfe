"""Sizes of the boosted trees, and how one of them is grown."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from segment.value.folds import FEW_ROWS, Split

Array = NDArray[np.float64]

SMALL = FEW_ROWS


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
    def for_rows(cls, rows: int, **chosen: float | None) -> Boosting:
        """Choose slow learning for small data and a budget of trees that scores a million rows in seconds for large.

        Parameters
        ----------
        rows : int
            Of the training data.
        **chosen : float or None
            Fields of this class that someone chose; None leaves the choice here.
        """
        small = rows < SMALL
        sizes = {
            "max_iter": 300 if small else 120,
            "learning_rate": 0.05 if small else 0.1,
            "max_leaf_nodes": 15 if small else 31,
            "min_samples_leaf": int(np.clip(rows // 100, 3, 20)),
            "max_features": 0.5,
        }
        return cls(**(sizes | {name: value for name, value in chosen.items() if value is not None}))  # type: ignore[arg-type]

    def fit(self, loss: str, quantile: float | None, X: Array, target: Array, split: Split, seed: int) -> Any:
        """Train on the split's first part and stop where its second part gets no better."""
        train, held_out = split
        model = HistGradientBoostingRegressor(
            loss=loss,
            quantile=quantile,
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
