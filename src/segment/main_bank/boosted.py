"""Learners that owe nothing, or half, to the expert's weights, for banks with many labels."""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

import numpy as np
from scipy.special import expit, logit

from segment.arrays import Floats
from segment.boosted_trees import BoostedClassifier
from segment.main_bank.inputs import MORE
from segment.main_bank.map_logistic import Scale, fit_map, standardised
from segment.trees import without_empty_columns

Kind = Literal["expert_and_boosting", "boosting", "logistic"]
KINDS: Final[tuple[Kind, ...]] = ("expert_and_boosting", "boosting", "logistic")
"""Those nearest the expert first: each must be clearly better than what came before it."""


SURE: Final = 0.003
"""No single customer is surer than this, nor less sure than one less it."""

PRIOR_SD: Final = 1.0
"""Of standardised columns: weak beside the 200 labels of each kind that a boosted learner asks for."""


class CustomerSignals(NamedTuple):
    """What a boosted learner sees of customers."""

    terms: Floats  # (n, len(TERMS))
    signals: Floats  # (n, len(SIGNALS))
    more: Floats  # (n, len(MORE))

    def at(self, rows: Any) -> CustomerSignals:
        """Take some rows."""
        return CustomerSignals(self.terms[rows], self.signals[rows], self.more[rows])

    def linear(self) -> Floats:
        """Columns for a linear learner: what is not known is 0, and said so."""
        unknown = np.isnan(self.signals).astype(np.float64)
        return np.column_stack([self.terms, np.nan_to_num(self.signals), unknown, np.nan_to_num(self.more)])


class BoostedLearner:
    """One boosted learner."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.label_error = 0.0
        self.centre, self.spread, self.weights = np.zeros(0), np.ones(0), np.zeros(0)
        self.trees: BoostedClassifier | None = None

    def fit(
        self, customers: CustomerSignals, y: Floats, weight: Floats, label_error: float, sides: Floats
    ) -> BoostedLearner:
        """Learn from labels."""
        # `y` (n,), `weight` (n,).
        # `sides` (len(SIGNALS): The side that each signal speaks for, 1, -1 or 0: trees keep to it.
        self.label_error = label_error
        if self.kind == "logistic":
            columns = customers.linear()
            scale = Scale.of(columns, weight)
            self.centre, self.spread = scale
            none = np.zeros(columns.shape[1] + 1)
            self.weights = fit_map(standardised(columns, scale), y, weight, none, PRIOR_SD, label_error)
            return self
        monotonic = [*(int(side) for side in sides), *([0] * len(MORE))]
        self.trees = BoostedClassifier(
            max_iter=100,
            learning_rate=0.05,
            max_leaf_nodes=6,
            max_bins=63,  # signals are shares of few months or weeks
            l2_regularization=5.0,
            monotonic_cst=monotonic,
            early_stopping=False,
            random_state=0,
        )
        columns = _columns(customers)
        self.trees.fit(without_empty_columns(columns, weight > 0), y, sample_weight=weight)
        return self

    def shares_trees_of(self, other: BoostedLearner | None) -> bool:
        """Take the trees of a fitted learner where this one would grow the same; returns whether it did."""
        if other is None or other.trees is None or self.kind == "logistic":
            return False
        self.trees, self.label_error = other.trees, other.label_error
        return True

    def log_odds(self, customers: CustomerSignals, of_expert: Floats) -> Floats:
        """Log-odds of the truth behind the labels."""
        # `of_expert` (n,): Log-odds of the expert's corrected weights.
        # Returns array of shape (n,).
        if self.trees is None:
            columns = standardised(customers.linear(), Scale(self.centre, self.spread))
            return np.asarray(columns @ self.weights[1:] + self.weights[0], dtype=np.float64)
        claimed = self.trees.predict_proba(_columns(customers))[:, 1]
        true = np.clip((claimed - self.label_error) / (1.0 - 2.0 * self.label_error), SURE, 1.0 - SURE)
        boosted = np.asarray(logit(true), dtype=np.float64)
        return boosted if self.kind == "boosting" else (boosted + of_expert) / 2.0


def _columns(customers: CustomerSignals) -> Floats:
    return np.column_stack([customers.signals, customers.more])


def platt_scaling(log_odds: Floats, y: Floats, weight: Floats, label_error: float) -> Floats:
    """Shift and stretch log-odds to what the labels say."""
    # `log_odds` (n,): Of rows that the learner did not see.
    # `y`, `weight` (n,).
    # Returns array of shape (2,): Shift and stretch, with a prior of 0 and 1.
    # Source: J. Platt, Probabilistic Outputs for Support Vector Machines, 1999. DOMAIN.md 2.4 allows isotonic
    # regression from 1,000 labels on; two figures are as good here and keep the order of customers.
    return fit_map(log_odds[:, None], y, weight, np.array([0.0, 1.0]), 0.5, label_error)


def rescaled(log_odds: Floats, by: Floats) -> Floats:
    """Apply what `platt_scaling` found, as probabilities."""
    return np.asarray(expit(by[0] + by[1] * log_odds), dtype=np.float64)
