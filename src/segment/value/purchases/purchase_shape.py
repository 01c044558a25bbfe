"""Who of the customers will spend more and who less than the classic models say; the total is left to others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls
from sklearn.isotonic import IsotonicRegression

from segment.arrays import Floats
from segment.boosted_trees import BoostedRegressor, draw_bins
from segment.trees import without_empty_columns
from segment.value.purchases.purchase_snapshot import Snapshot

SHAPES = ("bg_nbd", "pareto_nbd", "corrected", "learned")
HALF_TRUSTED = 600.0
"""Customers with spending in an outcome at which a correction counts half."""
USUAL_CUSTOMERS = 500.0
PARTS, PAYING_A_PART = 20, 40
BEND_TRUSTED = 0.5
"""How far the bend is believed, beside the trust: its parts are few, and the windows it was seen in are shorter."""
MOST_ROWS, MOST_BINS = 300_000, 255


@dataclass(frozen=True)
class Outcome:
    """A snapshot, and what its customers spent in so many days after it."""

    snapshot: Snapshot
    days: int
    spent: Floats

    def offset(self) -> Floats:
        """Geometric mean of what the classic models expect, at the total that came."""
        offset = np.sqrt(np.prod(self.snapshot.classic(self.days), axis=0))
        return offset * (self.spent.sum() / offset.sum())


def trust(outcomes: Sequence[Outcome]) -> float:
    """How far a correction is believed: by the customers who spent, each counted once."""
    paying = max((float((outcome.spent > 0).sum()) for outcome in outcomes), default=0.0)
    return paying / (paying + HALF_TRUSTED)


@dataclass(frozen=True)
class LearnedShape:
    """Boosted trees: a correction of the classic models, and spending itself."""

    correction: BoostedRegressor
    spending: BoostedRegressor
    trust: float

    @classmethod
    def learn(cls, outcomes: Sequence[Outcome], seed: int) -> LearnedShape:
        """Learn from snapshots whose outcomes are known."""
        X = without_empty_columns(np.vstack([outcome.snapshot.features for outcome in outcomes]))
        offset = np.concatenate([outcome.offset() for outcome in outcomes])
        spent = np.concatenate([outcome.spent for outcome in outcomes])
        level = np.concatenate([np.full(len(outcome.spent), outcome.spent.mean()) for outcome in outcomes])
        drawn = np.random.default_rng(seed).permutation(len(X))[:MOST_ROWS] if len(X) > MOST_ROWS else slice(None)
        X, offset, spent, level = X[drawn], offset[drawn], spent[drawn], level[drawn]
        grow = _grower(X, seed)
        return cls(grow(spent / offset, np.sqrt(offset)), grow(spent / level, None), trust(outcomes))

    def shapes(self, snapshot: Snapshot, days: int) -> Floats:
        """Spending relative to the mean, a column for each of `SHAPES`."""
        bg_nbd, pareto_nbd = snapshot.classic(days)
        factor = self.correction.predict(snapshot.features) ** self.trust
        columns = [bg_nbd, pareto_nbd, np.sqrt(bg_nbd * pareto_nbd) * factor, self.spending.predict(snapshot.features)]
        return np.column_stack([column / column.mean() for column in columns])


def _grower(X: Floats, seed: int) -> Callable[[Floats, Floats | None], BoostedRegressor]:
    bins = draw_bins(X, MOST_BINS)

    def grow(target: Floats, weight: Floats | None) -> BoostedRegressor:
        model = BoostedRegressor(
            loss="poisson",
            learning_rate=0.05,
            max_iter=100,
            max_leaf_nodes=6,
            l2_regularization=5.0,
            min_samples_leaf=int(np.clip(len(X) / 100, 40, 400)),
            early_stopping=False,
            random_state=seed,
        )
        model.bins = bins
        return model.fit(X, target, sample_weight=weight)

    return grow


@dataclass(frozen=True)
class Stack:
    """Weights of the shapes, and how the blend is bent so that each part of the customers spends what it should."""

    weights: Floats
    trust: float
    said: Floats
    bend: Floats

    def blend(self, shapes: Floats) -> Floats:
        """Spending relative to the mean."""
        blended = shapes @ self.weights
        bent = blended * np.exp(BEND_TRUSTED * self.trust * np.interp(np.log(blended), self.said, self.bend))
        return bent / bent.mean()


def learn_stack(shapes: Sequence[Floats], spent: Sequence[Floats], trust: float) -> Stack:
    """Weigh the shapes where each was told beforehand, at earlier cut-offs; then bend the blend."""
    # `shapes`: By window, of shape (n, len(SHAPES)), mean 1; `spent`: what came, (n,).
    usual = np.array([0.0, 0.0, 1.0 - 0.5 * trust, 0.5 * trust])
    if not shapes:
        return Stack(usual, 0.0, np.zeros(1), np.zeros(1))
    told, came = np.vstack(shapes), np.concatenate([each / each.mean() for each in spent])
    size = 1.0 / np.sqrt(told.mean(axis=1))  # spending varies with its mean
    pull = np.sqrt(USUAL_CUSTOMERS * np.mean((told * size[:, None]) ** 2))
    design = np.vstack([told * size[:, None], pull * np.eye(len(usual))])
    weights, _ = nnls(design, np.concatenate([came * size, pull * usual]))
    weights = weights / weights.sum() if weights.sum() > 0 else usual
    return Stack(weights, trust, *_bend(told @ weights, came))


def _bend(said: Floats, came: Floats) -> tuple[Floats, Floats]:
    """Logarithms of what was said, and of what came over it, for parts of the customers; what came never falls."""
    parts = int(np.clip((came > 0).sum() / PAYING_A_PART, 1, PARTS))
    order = np.argsort(said, kind="stable")
    bins = np.array_split(order, parts)
    told, got = (np.array([column[rows].mean() for rows in bins]) for column in (said, came))
    rising = IsotonicRegression(y_min=1e-3 * got.mean()).fit_transform(told, got)
    return np.log(told), np.log(rising / told)
