"""What is learned of next year's value, and the boosted trees that learn it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from segment.arrays import Floats, Integers
from segment.boosted_trees import draw_bins
from segment.exceptions import ModelError
from segment.statistics import weights_of
from segment.value.boosting import Boosting
from segment.value.folds import Split

NO_TREES = "nothing"


@dataclass(frozen=True)
class Learner:
    """One question to the data: which loss, and whether to learn the change from the baseline or the level."""

    # The level is asked too because a naive forecast can be poor (a young book, a changed tariff), and asked in money
    # because a value may add up from what the columns hold (balance times margin); the blend finds out. With a loss of
    # `NO_TREES` no tree is grown: the baseline itself is an opinion, and the best one where rows are too few.
    name: str
    loss: str
    from_baseline: bool
    quantile: float | None = None
    in_money: bool = False


MEAN_CHANGE = Learner("mean_change", "squared_error", from_baseline=True)
MEDIAN_CHANGE = Learner("median_change", "absolute_error", from_baseline=True)
MEAN_LEVEL = Learner("mean_level", "squared_error", from_baseline=False)
MEDIAN_LEVEL = Learner("median_level", "absolute_error", from_baseline=False)
NO_CHANGE = Learner("no_change", NO_TREES, from_baseline=True)
MONEY_LEVEL = Learner("money_level", "squared_error", from_baseline=False, in_money=True)
WITH_BASELINE = (MEAN_CHANGE, MEDIAN_CHANGE, MEAN_LEVEL, NO_CHANGE)
WITHOUT_BASELINE = (MEAN_LEVEL, MEDIAN_LEVEL)
MEDIANS = (MEDIAN_CHANGE, MEDIAN_LEVEL)
BY_NAME = {learner.name: learner for learner in (*WITH_BASELINE, MEDIAN_LEVEL, MONEY_LEVEL)}


def point_learners(names: Sequence[str] | None, has_baseline: bool, zero_inflated: bool = False) -> tuple[Learner, ...]:
    """Look up the learners that blend."""
    if names is None:
        suited = WITH_BASELINE if has_baseline else WITHOUT_BASELINE
        return tuple(learner for learner in suited if not (zero_inflated and learner in MEDIANS))
    able = [name for name, learner in BY_NAME.items() if has_baseline or not learner.from_baseline]
    if not names or any(name not in able for name in names):
        raise ModelError.with_hint(
            f"`learners` must be some of {able} {'with' if has_baseline else 'without'} a baseline. Got {list(names)}.",
            "name at least one of these, or pass None.",
        )
    return tuple(BY_NAME[name] for name in dict.fromkeys(names))


def tail_learners(from_baseline: bool) -> tuple[Learner, Learner]:
    """Ask for the tenth and ninetieth percentile."""
    return (
        Learner("p10", "quantile", from_baseline, quantile=0.1),
        Learner("p90", "quantile", from_baseline, quantile=0.9),
    )


@dataclass(frozen=True)
class Task:
    """What every learner of one fit shares; never kept."""

    X: Floats  # (n, columns): features, each with a value in every training part
    start: Floats  # start, target: (n,): baseline and true value on the asinh scale.
    target: Floats
    splits: Sequence[Split]  # Rows to train on, rows to hold out
    boosting: Boosting  # Sizes of the trees
    seed: int  # Of the trees
    weight: Floats | None = None  # (n,): of the rows; None: all the same

    @cached_property
    def held_out(self) -> Integers:
        """Rows that some model has not seen."""
        return np.unique(np.concatenate([held_out for _, held_out in self.splits]))

    @cached_property
    def bins(self) -> list[Any]:
        """Bins of the columns by split, the same for every learner."""
        return [
            draw_bins(self.X[train], self.boosting.max_bins, weights_of(self.weight, train)) for train, _ in self.splits
        ]

    @cached_property
    def start_limits(self) -> tuple[float, float]:
        """Baselines that a leaf of customers lies beyond, at either end."""
        last = min(self.boosting.min_samples_leaf, len(self.start) // 2)
        ordered = np.sort(self.start)
        return float(ordered[last]), float(ordered[-last - 1])


class CrossFitted:
    """One learner's models, each trained without another part of the customers."""

    # `in_money`: Whether the models say money, in multiples of the scale, instead of its asinh.

    def __init__(self, models: list[Any], start_limits: tuple[float, float], in_money: bool = False) -> None:
        self.models = models
        self.start_limits = start_limits
        self.in_money = in_money

    def predict(self, X: Floats, start: Floats) -> Floats:
        """Average the models, on the asinh scale."""
        total = np.zeros(len(X))
        for model in self.models:
            total += self._level(model, X)
        return total / max(len(self.models), 1) + excess_over_limit(start, self.start_limits)

    def predict_held_out(self, task: Task) -> Floats:
        """Predict each held-out row by the models that have not seen its customer."""
        total, count = np.zeros(len(task.X)), np.zeros(len(task.X))
        for model, (_, held_out) in zip(self.models, task.splits, strict=bool(self.models)):
            total[held_out] += self._level(model, task.X[held_out])
            count[held_out] += 1
        prediction = total[task.held_out] / np.maximum(count[task.held_out], 1)
        return prediction + excess_over_limit(task.start[task.held_out], self.start_limits)

    def _level(self, model: Any, X: Floats) -> Floats:
        prediction = model.predict(X)
        return np.asarray(np.arcsinh(prediction) if self.in_money else prediction, dtype=np.float64)


def cross_fit(learner: Learner, task: Task) -> CrossFitted:
    """Train one model per split."""
    limits = (0.0, 0.0) if learner.from_baseline else task.start_limits
    if learner.loss == NO_TREES:
        return CrossFitted([], limits)
    goal = task.target - excess_over_limit(task.start, limits)
    goal = np.sinh(goal) if learner.in_money else goal
    models = [
        task.boosting.fit(
            learner.loss, learner.quantile, task.X, goal, split, task.seed + number, task.bins[number], task.weight
        )
        for number, split in enumerate(task.splits)
    ]
    return CrossFitted(models, limits, learner.in_money)


def excess_over_limit(start: Floats, limits: tuple[float, float]) -> Floats:
    """Distance from the nearer limit for what lies outside both, 0 between them."""
    return start - np.clip(start, *limits)
