"""scikit-learn's boosted trees, which take less time to fit, to store and to load where they are many and small."""

# What took the time beside the trees themselves (scikit-learn 1.9): bins drawn anew for each ensemble, by one weighted
# percentile at a time where rows have weights; each leaf's quantile by way of the array API; and three arrays a tree
# and one a column in a stored model, each of them a file of its own.

from __future__ import annotations

from typing import Any, Final

import numpy as np
from sklearn._loss.loss import AbsoluteError, PinballLoss
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.ensemble._hist_gradient_boosting.binning import _BinMapper
from sklearn.ensemble._hist_gradient_boosting.common import X_BITSET_INNER_DTYPE
from sklearn.ensemble._hist_gradient_boosting.gradient_boosting import BaseHistGradientBoosting
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor

from segment.arrays import Floats

BITSET_WORDS: Final = 8
SAMPLED_FROM: Final = 200_000
"""Rows of which scikit-learn bins a sample."""
NEARER: Final = 0.5


def draw_bins(X: Floats, max_bins: int, weight: Floats | None = None) -> Any:
    """Draw the bins of columns, as scikit-learn does, once for several ensembles that learn from the same rows."""
    # `X` (n, columns): Each with a value.
    if weight is None or len(X) > SAMPLED_FROM:
        return _BinMapper(n_bins=max_bins + 1, random_state=0).fit(X, sample_weight=weight)
    X, weight = X[weight > 0], weight[weight > 0]
    mapper = _BinMapper(n_bins=max_bins + 1, random_state=0).fit(X)
    for column, values in enumerate(X.T):
        known = ~np.isnan(values)
        if len(np.unique(values[known])) > max_bins:
            borders = _weighted_borders(values[known], weight[known], max_bins)
            mapper.bin_thresholds_[column] = borders
            mapper.n_bins_non_missing_[column] = len(borders) + 1
    return mapper


def _weighted_borders(values: Floats, weight: Floats, max_bins: int) -> Floats:
    """Find all quantiles that bins of equal weight lie between with one sort."""
    # Source: Hyndman and Fan, Sample Quantiles in Statistical Packages, The American Statistician 50 (1996), type 2.
    order = np.argsort(values)
    ordered, reached = values[order], np.cumsum(weight[order])
    wanted = np.linspace(0, 100, num=max_bins + 1)[1:-1] / 100 * reached[-1]
    at = np.minimum(np.searchsorted(reached, wanted), len(values) - 1)
    after = np.minimum(at + 1, len(values) - 1)
    between = (ordered[at] + ordered[after]) / 2
    return np.unique(np.where(reached[at] - wanted > np.finfo(np.float64).eps, ordered[at], between))


class _Compact(BaseHistGradientBoosting):
    """How an ensemble bins its columns and is stored: the nodes of all trees in one array, and no bins."""

    bins: Any = None  # From `draw_bins`, of the same rows

    def _bin_data(self, X: Floats, sample_weight: Floats | None, is_training_data: bool) -> Any:
        if not is_training_data:
            return super()._bin_data(X, sample_weight, is_training_data)
        self._bin_mapper = draw_bins(X, self.max_bins, sample_weight) if self.bins is None else self.bins
        return self._bin_mapper.transform(X)

    def __getstate__(self) -> Any:
        state = dict(super().__getstate__())
        state.pop("bins", None)
        if "_predictors" not in state:
            return state
        trees = [tree for (tree,) in state.pop("_predictors")]
        bins = _BinMapper(n_bins=self._bin_mapper.n_bins)
        # a prediction asks them for nothing but the codes of categories, and no column holds any
        bins.is_categorical_, bins.bin_thresholds_ = self._bin_mapper.is_categorical_, []
        nodes, sizes = np.concatenate([tree.nodes for tree in trees]), np.array([len(tree.nodes) for tree in trees])
        return state | {"_bin_mapper": bins, "_nodes": nodes, "_tree_sizes": sizes}

    def __setstate__(self, state: Any) -> None:
        state = dict(state)
        if "_nodes" in state:
            none = np.empty((0, BITSET_WORDS), dtype=X_BITSET_INNER_DTYPE)
            trees = np.split(state.pop("_nodes"), np.cumsum(state.pop("_tree_sizes"))[:-1])
            state["_predictors"] = [[TreePredictor(nodes, none, none)] for nodes in trees]
        super().__setstate__(state)


class BoostedClassifier(_Compact, HistGradientBoostingClassifier):
    """Two classes."""


class BoostedRegressor(_Compact, HistGradientBoostingRegressor):
    """A mean, a median or another quantile."""

    def _get_loss(self, sample_weight: Floats | None) -> Any:
        if self.loss == "absolute_error":
            return _Median(sample_weight=sample_weight)
        if self.loss == "quantile":
            return _Quantile(sample_weight=sample_weight, quantile=self.quantile)
        return super()._get_loss(sample_weight)

    def __getstate__(self) -> Any:
        state = super().__getstate__()
        # a prediction asks the loss for its link alone
        return state | ({"_loss": super()._get_loss(None)} if "_loss" in state else {})


class _Median(AbsoluteError):
    def fit_intercept_only(self, y_true: Floats, sample_weight: Floats | None = None) -> np.float64:
        return np.median(y_true) if sample_weight is None else quantile_of(y_true, 0.5, sample_weight)


class _Quantile(PinballLoss):
    def fit_intercept_only(self, y_true: Floats, sample_weight: Floats | None = None) -> np.float64:
        return quantile_of(y_true, float(self.closs.quantile), sample_weight)


def quantile_of(values: Floats, quantile: float, weight: Floats | None = None) -> np.float64:
    """Find the quantile of a leaf as scikit-learn does: between two rows, or with weights the row that reaches it."""
    if weight is not None:
        order = np.argsort(values)
        reached = np.cumsum(weight[order])
        return np.float64(values[order[min(int(np.searchsorted(reached, quantile * reached[-1])), len(values) - 1)]])
    place = quantile * (len(values) - 1)
    lower = int(place)
    upper = min(lower + 1, len(values) - 1)
    ordered = np.partition(values, (lower, upper))
    gap, part = ordered[upper] - ordered[lower], place - lower
    # from the nearer end, as NumPy does
    return np.float64(ordered[upper] - gap * (1.0 - part) if part >= NEARER else ordered[lower] + gap * part)
