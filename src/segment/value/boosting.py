"""Sizes of the boosted trees, and how one of them is grown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from segment.arrays import Floats
from segment.boosted_trees import BoostedRegressor
from segment.statistics import weights_of
from segment.value.folds import FEW_ROWS, Split

MOST_BINS = 255
VERY_FEW_ROWS = 500


@dataclass(frozen=True)
class Boosting:
    """Sizes of the boosted trees."""

    max_iter: int
    learning_rate: float
    max_leaf_nodes: int
    min_samples_leaf: int
    max_features: float
    max_bins: int

    @classmethod
    def for_rows(cls, rows: int, **chosen: float | None) -> Boosting:
        """Choose slow learning for small data, few short trees for tiny, quick scoring for large."""
        # From half of `FEW_ROWS` on the sizes move to those of large data bit by bit, so that none jumps there.
        tiny, large = rows < VERY_FEW_ROWS, float(np.clip(2.0 * rows / FEW_ROWS - 1.0, 0.0, 1.0))
        sizes = {
            "max_iter": round(300 - 180 * large),
            "learning_rate": 0.1 if tiny else 0.05 + 0.05 * large,
            "max_leaf_nodes": 8 if tiny else round(15 + 16 * large),
            "min_samples_leaf": int(np.clip(rows // 100, 3, 20)),
            "max_features": 0.5,
            "max_bins": int(np.clip(rows // (8 if tiny else 4), 2, MOST_BINS)),
        }
        return cls(**(sizes | {name: value for name, value in chosen.items() if value is not None}))  # type: ignore[arg-type]

    def fit(
        self,
        loss: str,
        quantile: float | None,
        X: Floats,
        target: Floats,
        split: Split,
        seed: int,
        bins: Any,
        weight: Floats | None = None,
    ) -> Any:
        """Train on the split's first part and stop where its second part gets no better."""
        # `bins`: From `draw_bins`, of the rows of the first part.
        train, held_out = split
        model = BoostedRegressor(
            loss=loss,
            quantile=quantile,
            learning_rate=self.learning_rate,
            max_iter=self.max_iter,
            max_leaf_nodes=self.max_leaf_nodes,
            min_samples_leaf=self.min_samples_leaf,
            max_features=self.max_features,
            max_bins=self.max_bins,
            early_stopping=True,
            n_iter_no_change=15,
            random_state=seed,
        )
        model.bins = bins
        return model.fit(
            X[train],
            target[train],
            sample_weight=weights_of(weight, train),
            X_val=X[held_out],
            y_val=target[held_out],
            sample_weight_val=weights_of(weight, held_out),
        )
