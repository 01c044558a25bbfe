"""The learners of one fit together: point learners that blend, and the learners of the two tails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, minimize
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads

from segment.arrays import Floats, Integers
from segment.statistics import weights_of
from segment.trees import one_thread_if_few, only_columns
from segment.value.folds import FEW_ROWS
from segment.value.learners import BY_NAME, CrossFitted, Learner, Task, cross_fit, tail_learners
from segment.value.scale import from_scale

NEGLIGIBLE = 0.02
ROWS_A_THREAD = 1_000


class Ensemble:
    """Weighted point learners and tail learners, all on the asinh scale."""

    def __init__(self, points: list[Any], weights: dict[str, float], tails: list[Any]) -> None:
        self.points = points
        self.weights = weights
        self.tails = tails

    def predict(self, X: Floats, start: Floats, columns: Integers, *, tails: bool) -> tuple[Floats, list[Floats]]:
        """Blend the point learners, and where asked give P10 and P90 before they are calibrated."""
        # Every tree of every learner is asked of some rows, then of the next, so that rows stay in the processor's
        # cache: a row of 241 columns is read by 600 trees, five columns each.
        fits = [*self.points, *(self.tails if tails else [])]
        answers = np.empty((len(fits), len(X)))
        with one_thread_if_few(len(X), FEW_ROWS):
            at_a_time = ROWS_A_THREAD * _openmp_effective_n_threads()
            for first in range(0, len(X), at_a_time):
                some = slice(first, first + at_a_time)
                features = only_columns(X[some], columns)
                for fit, answer in zip(fits, answers, strict=True):
                    answer[some] = fit.predict(features, start[some])
        level = np.zeros(len(X))
        for answer, weight in zip(answers, self.weights.values(), strict=False):
            level += weight * answer
        return level, list(answers[len(self.points) :])

    @property
    def longest(self) -> int:
        """Trees of the longest model."""
        return max(int(model.n_iter_) for fit in [*self.points, *self.tails] for model in fit.models)


def learn_ensemble(
    task: Task, learners: Sequence[Learner], scale: float, zero_inflated: bool = False
) -> tuple[Ensemble, Floats, list[Floats]]:
    """Train all learners, and weigh those that say the point."""
    # The tails start from the baseline where the blend mostly trusts it.
    fits = [cross_fit(learner, task) for learner in learners]
    held_out = np.column_stack([fit.predict_held_out(task) for fit in fits])
    mass = weights_of(task.weight, task.held_out)
    weights = blend_weights(held_out, task.target[task.held_out], scale, zero_inflated, mass)
    weighty = [number for number, weight in enumerate(weights) if weight > NEGLIGIBLE]
    shares = weights[weighty] / weights[weighty].sum()
    blend = {learners[number].name: float(share) for number, share in zip(weighty, shares, strict=True)}
    trust = sum(weight for name, weight in blend.items() if BY_NAME[name].from_baseline)
    tails: list[CrossFitted] = [cross_fit(learner, task) for learner in tail_learners(from_baseline=trust > 0.5)]
    ensemble = Ensemble([fits[number] for number in weighty], blend, tails)
    return ensemble, np.asarray(held_out[:, weighty] @ shares), [tail.predict_held_out(task) for tail in tails]


def blend_weights(
    z: Floats, target: Floats, scale: float, zero_inflated: bool = False, mass: Floats | None = None
) -> Floats:
    """Find the weights, at least 0 and adding up to 1, whose blend errs least in money and on the asinh scale."""
    # Absolute errors on both, each relative to that of equal weights: money alone listens to the few largest customers,
    # the asinh scale alone to the many small ones. Where most amounts are zero, absolute errors would reward whoever
    # says zero of everyone; squared errors on the asinh scale, which hardly bends there, do not.
    # `z` (n, learners): Out-of-fold predictions on the asinh scale.
    # `target` (n,): True values on the asinh scale.
    # `mass` (n,): What each row weighs.
    # Returns ndarray of shape (learners,).
    money = from_scale(target, scale)
    start = np.full(z.shape[1], 1.0 / z.shape[1])

    def errors(weights: Floats) -> Floats:
        blended = z @ weights
        if zero_inflated:
            return np.array([np.average(np.square(blended - target), weights=mass)])
        missed = (np.abs(from_scale(blended, scale) - money), np.abs(blended - target))
        return np.array([np.average(each, weights=mass) for each in missed])

    reference = errors(start)
    if not reference.all():
        return start

    def regret(weights: Floats) -> float:
        return float((errors(weights) / reference).sum())

    on_simplex = LinearConstraint(np.ones(len(start)), 1.0, 1.0)
    solution = minimize(regret, start, bounds=Bounds(0.0, 1.0), constraints=[on_simplex], method="SLSQP")
    weights = np.clip(solution.x, 0.0, None)
    return np.asarray(weights / weights.sum(), dtype=np.float64)
