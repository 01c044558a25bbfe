"""Learners that owe nothing, or half, to the expert's weights, for banks with many labels."""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

import numpy as np
from scipy.special import expit, logit
from sklearn.ensemble import HistGradientBoostingClassifier

from segment.main_bank.generic import Scale, standardised
from segment.main_bank.inputs import MORE
from segment.main_bank.map_logistic import fit_map
from segment.main_bank.scorecard import Floats
from segment.trees import without_empty_columns

Kind = Literal["expert_and_boosting", "boosting", "logistic"]
KINDS: Final[tuple[Kind, ...]] = ("expert_and_boosting", "boosting", "logistic")
"""Those nearest the expert first: each must be clearly better than what came before it."""


SURE: Final = 0.003
"""No single customer is surer than this, nor less sure than one less it."""

PRIOR_SD: Final = 1.0
"""Of standardised columns: weak beside the 200 labels of each kind that a free learner asks for."""


class Seen(NamedTuple):
    """What a free learner sees of customers.

    Attributes
    ----------
    terms : array of shape (n, len(TERMS))
    signals : array of shape (n, len(SIGNALS))
    more : array of shape (n, len(MORE))
    """

    terms: Floats
    signals: Floats
    more: Floats

    def at(self, rows: Any) -> Seen:
        """Take some rows."""
        return Seen(self.terms[rows], self.signals[rows], self.more[rows])

    def linear(self) -> Floats:
        """Columns for a linear learner: what is not known is 0, and said so."""
        unknown = np.isnan(self.signals).astype(np.float64)
        return np.column_stack([self.terms, np.nan_to_num(self.signals), unknown, np.nan_to_num(self.more)])


class FreeLearner:
    """One free learner.

    Parameters
    ----------
    kind : {"expert_and_boosting", "boosting", "logistic"}
        The first is the mean log-odds of the expert's corrected weights and of boosting.

    Attributes
    ----------
    weights : array
        Of the linear learner, intercept first.
    trees : HistGradientBoostingClassifier or None
        None for the linear learner.
    """

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.label_error = 0.0
        self.centre, self.spread, self.weights = np.zeros(0), np.ones(0), np.zeros(0)
        self.trees: HistGradientBoostingClassifier | None = None

    def fit(self, seen: Seen, y: Floats, weight: Floats, label_error: float, sides: Floats) -> FreeLearner:
        """Learn from labels.

        Parameters
        ----------
        seen : Seen
        y : array of shape (n,)
        weight : array of shape (n,)
        label_error : float
            Share of labels that are wrong.
        sides : array of shape (len(SIGNALS),)
            The side that each signal speaks for, 1, -1 or 0: trees keep to it.

        Returns
        -------
        FreeLearner
        """
        self.label_error = label_error
        if self.kind == "logistic":
            columns = seen.linear()
            scale = Scale.of(columns, weight)
            self.centre, self.spread = scale
            none = np.zeros(columns.shape[1] + 1)
            self.weights = fit_map(standardised(columns, scale), y, weight, none, PRIOR_SD, label_error)
            return self
        monotonic = [*(int(side) for side in sides), *([0] * len(MORE))]
        self.trees = HistGradientBoostingClassifier(
            max_iter=100,
            learning_rate=0.05,
            max_leaf_nodes=6,
            max_bins=63,  # signals are shares of few months or weeks
            l2_regularization=5.0,
            monotonic_cst=monotonic,
            early_stopping=False,
            random_state=0,
        )
        columns = _columns(seen)
        self.trees.fit(without_empty_columns(columns, weight > 0), y, sample_weight=weight)
        return self

    def shares_trees_of(self, other: FreeLearner | None) -> bool:
        """Take the trees of a fitted learner where this one would grow the same; returns whether it did."""
        if other is None or other.trees is None or self.kind == "logistic":
            return False
        self.trees, self.label_error = other.trees, other.label_error
        return True

    def log_odds(self, seen: Seen, of_expert: Floats) -> Floats:
        """Log-odds of the truth behind the labels.

        Parameters
        ----------
        seen : Seen
        of_expert : array of shape (n,)
            Log-odds of the expert's corrected weights.

        Returns
        -------
        array of shape (n,)
        """
        if self.trees is None:
            columns = standardised(seen.linear(), Scale(self.centre, self.spread))
            return np.asarray(columns @ self.weights[1:] + self.weights[0], dtype=np.float64)
        said = self.trees.predict_proba(_columns(seen))[:, 1]
        true = np.clip((said - self.label_error) / (1.0 - 2.0 * self.label_error), SURE, 1.0 - SURE)
        boosted = np.asarray(logit(true), dtype=np.float64)
        return boosted if self.kind == "boosting" else (boosted + of_expert) / 2.0


def _columns(seen: Seen) -> Floats:
    return np.column_stack([seen.signals, seen.more])


def platt(log_odds: Floats, y: Floats, weight: Floats, label_error: float) -> Floats:
    """Shift and stretch log-odds to what the labels say.

    Parameters
    ----------
    log_odds : array of shape (n,)
        Of rows that the learner did not see.
    y, weight : array of shape (n,)
    label_error : float

    Returns
    -------
    array of shape (2,)
        Shift and stretch, with a prior of 0 and 1.

    References
    ----------
    J. Platt, Probabilistic Outputs for Support Vector Machines, 1999. DOMAIN.md 2.4 allows isotonic regression from
    1,000 labels on; two figures are as good here and keep the order of customers.

    Examples
    --------
    >>> said = np.repeat([-2.0, 2.0], 500)
    >>> truth = np.tile(np.arange(10) < 3, 100).astype(float)
    >>> platt(said, np.where(said > 0, 1 - truth, truth), np.ones(1000), 0.0).round(1).tolist()[1]
    0.4
    """
    return fit_map(log_odds[:, None], y, weight, np.array([0.0, 1.0]), 0.5, label_error)


def stretched(log_odds: Floats, by: Floats) -> Floats:
    """Apply what `platt` found, as probabilities."""
    return np.asarray(expit(by[0] + by[1] * log_odds), dtype=np.float64)
