"""The learners of one fit together: point learners that blend, and the learners of the two tails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segment.value.blend import NEGLIGIBLE, blend_weights
from segment.value.boosting import one_thread_if_small
from segment.value.learners import BY_NAME, CrossFitted, Learner, Task, cross_fit, tail_learners

Array = NDArray[np.float64]


class Ensemble:
    """Weighted point learners and tail learners, all on the asinh scale.

    Attributes
    ----------
    points : list of CrossFitted
        Those that count.
    weights : dict of str to float
        Weight of each, by the learner's name and in the order of `points`; they add up to 1.
    tails : list of CrossFitted
        Of P10 and P90.
    """

    def __init__(self, points: list[Any], weights: dict[str, float], tails: list[Any]) -> None:
        self.points = points
        self.weights = weights
        self.tails = tails

    def predict_level(self, X: Array, start: Array) -> Array:
        """Blend the point learners."""
        level = np.zeros(len(X))
        with one_thread_if_small(len(X)):
            for fit, weight in zip(self.points, self.weights.values(), strict=True):
                level += weight * fit.predict(X, start)
        return level

    def predict_tails(self, X: Array, start: Array) -> list[Array]:
        """P10 and P90 before they are calibrated."""
        with one_thread_if_small(len(X)):
            return [tail.predict(X, start) for tail in self.tails]

    @property
    def longest(self) -> int:
        """Trees of the longest model."""
        return max(int(model.n_iter_) for fit in [*self.points, *self.tails] for model in fit.models)


def learn_ensemble(
    task: Task, learners: Sequence[Learner], scale: float, mostly_nothing: bool = False
) -> tuple[Ensemble, Array, list[Array]]:
    """Train all learners, and weigh those that say the point.

    The tails start from the baseline where the blend mostly trusts it.

    Parameters
    ----------
    task : Task
        Rows, splits and sizes.
    learners : sequence of Learner
        That may blend.
    scale : float
        Of `money_scale`.
    mostly_nothing : bool, default False
        Whether most amounts are zero.

    Returns
    -------
    tuple of (Ensemble, ndarray, list of ndarray)
        And, for the rows held out, the level and the two tails.
    """
    fits = [cross_fit(learner, task) for learner in learners]
    held_out = np.column_stack([fit.predict_held_out(task) for fit in fits])
    weights = blend_weights(held_out, task.target[task.judged], scale, mostly_nothing)
    kept = [number for number, weight in enumerate(weights) if weight > NEGLIGIBLE]
    shares = weights[kept] / weights[kept].sum()
    named = {learners[number].name: float(share) for number, share in zip(kept, shares, strict=True)}
    trust = sum(weight for name, weight in named.items() if BY_NAME[name].from_baseline)
    tails: list[CrossFitted] = [cross_fit(learner, task) for learner in tail_learners(from_baseline=trust > 0.5)]
    ensemble = Ensemble([fits[number] for number in kept], named, tails)
    return ensemble, np.asarray(held_out[:, kept] @ shares), [tail.predict_held_out(task) for tail in tails]
