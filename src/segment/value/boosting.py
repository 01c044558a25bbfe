"""Sizes of the boosted trees, and how one of them is grown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from segment.arrays import Floats
from segment.value.folds import FEW_ROWS, Split


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
        """Choose slow learning for small data and a budget of trees that scores a million rows in seconds for large."""
        small = rows < FEW_ROWS
        sizes = {
            "max_iter": 300 if small else 120,
            "learning_rate": 0.05 if small else 0.1,
            "max_leaf_nodes": 15 if small else 31,
            "min_samples_leaf": int(np.clip(rows // 100, 3, 20)),
            "max_features": 0.5,
        }
        return cls(**(sizes | {name: value for name, value in chosen.items() if value is not None}))  # type: ignore[arg-type]

    def fit(self, loss: str, quantile: float | None, X: Floats, target: Floats, split: Split, seed: int) -> Any:
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
