"""Whom a contact moves who would not have moved without it: a T-learner, and how well it ranks."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray

from segment.arrays import Flags, Floats
from segment.trees import without_empty_columns

LEAST_PEOPLE = 1000
"""Of each arm; with fewer, a model of the difference mostly ranks noise [K]."""

LEAST_MOVED = 100
"""Of each arm who moved, ten for each of about ten splits [K]."""

FOLDS = 5


def enough_for_uplift(moved: Flags, treated: Flags) -> bool:
    """Tell whether both arms are large enough for a model of the difference."""
    # `moved`, `treated` (people,): Who moved, and who was drawn into the treated arm.
    return all(arm.sum() >= LEAST_PEOPLE and moved[arm].sum() >= LEAST_MOVED for arm in (treated, ~treated))


class UpliftModel:
    """A classifier for each arm; the uplift is the difference of their odds (T-learner, Kunzel et al. 2019)."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, X: Floats, moved: Flags, treated: Flags) -> Self:
        """Learn the odds of each arm."""
        # `X` (people, features): Known before the draw; NaN where unknown.
        # `moved`, `treated` (people,): As of `enough_for_uplift`.
        from sklearn.ensemble import HistGradientBoostingClassifier

        self.treated_, self.control_ = (
            HistGradientBoostingClassifier(
                max_iter=60, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=100, random_state=self.seed
            ).fit(without_empty_columns(X[arm]), moved[arm])
            for arm in (treated, ~treated)
        )
        return self

    def predict(self, X: Floats) -> Floats:
        """Return the expected uplift of each person."""
        # `X` (people, features): As in `fit`.
        # Returns ndarray of float, shape (people,): Difference of two odds.
        return np.asarray(self.treated_.predict_proba(X)[:, 1] - self.control_.predict_proba(X)[:, 1])

    def out_of_fold(
        self,
        X: Floats,
        moved: Flags,
        treated: Flags,
        group: NDArray[np.generic],
    ) -> Floats:
        """Return the uplift that models foresee for people of whose household they have learned nothing."""
        # `group` (people,): Household of each.
        # Returns ndarray of float, shape (people,).
        from sklearn.model_selection import GroupKFold

        score = np.zeros(len(moved))
        for learn, rest in GroupKFold(FOLDS).split(X, groups=group):
            score[rest] = UpliftModel(self.seed).fit(X[learn], moved[learn], treated[learn]).predict(X[rest])
        return score


def qini_curve(moved: Flags, treated: Flags, score: Floats) -> tuple[Floats, Floats]:
    """Return how many moves contacting the best-ranked would have brought (Radcliffe 2007)."""
    # `moved`, `treated` (people,): As of `enough_for_uplift`.
    # `score` (people,): The largest comes first; of equals, the draw's order must not matter, so they enter together.
    # Returns share, brought : ndarray of float: Share of all people, from 0 to 1, and moves brought among them per
    # treated person of the whole.
    order = np.argsort(-score, kind="stable")
    last_of_equals = np.flatnonzero(np.append(np.diff(score[order]) != 0.0, True))
    arm, did = treated[order].astype(float), moved[order].astype(float)
    asked, others = np.cumsum(arm)[last_of_equals], np.cumsum(1.0 - arm)[last_of_equals]
    gained = np.cumsum(did * arm)[last_of_equals]
    alone = np.cumsum(did * (1.0 - arm))[last_of_equals]
    brought = gained - np.divide(alone * asked, others, out=np.zeros_like(alone), where=others > 0)
    share = (last_of_equals + 1.0) / len(order)
    return np.append(0.0, share), np.append(0.0, brought / treated.sum())


def qini(moved: Flags, treated: Flags, score: Floats) -> float:
    """Return the Qini coefficient: how far the curve is above that of a random order, on average."""
    share, brought = qini_curve(moved, treated, score)
    return float(np.trapezoid(brought - share * brought[-1], share))
