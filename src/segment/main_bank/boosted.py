"""A learner that owes nothing to the expert's weights."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from scipy.special import logit

from segment.arrays import Floats
from segment.boosted_trees import BoostedClassifier
from segment.main_bank.held_out_rows import halves_of
from segment.main_bank.inputs import MORE
from segment.main_bank.map_logistic import Scale, standardised
from segment.trees import one_thread_if_few, without_empty_columns

FEW_ROWS: Final = 5_000

SURE: Final = 0.003
"""No single customer is surer than this, nor less sure than one less it."""


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
    """Trees on signals; in models of before they answer alone, or a logistic regression does."""

    centre: Floats
    spread: Floats
    weights: Floats

    def __init__(self) -> None:
        self.kind = "boosting"
        self.label_error = 0.0
        self.trees: BoostedClassifier | None = None

    def fit(
        self, customers: CustomerSignals, y: Floats, weight: Floats, label_error: float, sides: Floats
    ) -> BoostedLearner:
        """Learn from labels."""
        # `y` (n,), `weight` (n,).
        # `sides` (len(SIGNALS): The side that each signal speaks for, 1, -1 or 0: trees keep to it.
        self.label_error = label_error
        monotonic = [*(int(side) for side in sides), *([0] * len(MORE))]
        self.trees = BoostedClassifier(
            max_iter=50,
            learning_rate=0.1,
            max_leaf_nodes=6,
            max_bins=63,  # signals are shares of few months or weeks
            l2_regularization=5.0,
            monotonic_cst=monotonic,
            early_stopping=False,
            random_state=0,
        )
        columns = _columns(customers)
        with one_thread_if_few(len(y), FEW_ROWS):
            self.trees.fit(without_empty_columns(columns, weight > 0), y, sample_weight=weight)
        return self

    def log_odds(self, customers: CustomerSignals, of_weights: Floats) -> Floats:
        """Log-odds of the truth behind the labels."""
        # `of_weights` (n,): Log-odds of the expert's corrected weights.
        # Returns array of shape (n,).
        if self.trees is None:
            columns = standardised(customers.linear(), Scale(self.centre, self.spread))
            return np.asarray(columns @ self.weights[1:] + self.weights[0], dtype=np.float64)
        claimed = self.trees.predict_proba(_columns(customers))[:, 1]
        true = np.clip((claimed - self.label_error) / (1.0 - 2.0 * self.label_error), SURE, 1.0 - SURE)
        boosted = np.asarray(logit(true), dtype=np.float64)
        return (boosted + of_weights) / 2.0 if self.kind == "expert_and_boosting" else boosted


class SubaggedLearner:
    """The mean of boosted learners that each saw half of the rows: one label more moves it by little."""

    # P. Buehlmann and B. Yu, Analyzing Bagging, Annals of Statistics 30, 2002: samples of half the rows smooth what a
    # tree decides by a border as well as bootstrap samples do. Each row is unseen by half of the learners.

    def __init__(self) -> None:
        self.learners: list[BoostedLearner | None] = []

    def fit(
        self, customers: CustomerSignals, y: Floats, weight: Floats, label_error: float, sides: Floats
    ) -> SubaggedLearner:
        """Learn from labels; a half with one kind alone teaches nothing."""
        # As `BoostedLearner.fit`.
        self.learners = [
            BoostedLearner().fit(customers.at(half), y[half], weight[half], label_error, sides)
            if len(np.unique(y[half])) == 2
            else None
            for half in halves_of(customers.signals).T
        ]
        return self

    def log_odds(self, customers: CustomerSignals, of_weights: Floats) -> Floats:
        """Log-odds of the truth behind the labels."""
        # `of_weights` (n,): Log-odds of the expert's corrected weights, which stand in for a half that taught nothing.
        # Returns array of shape (n,).
        each = [_log_odds(learner, customers, of_weights) for learner in self.learners]
        return np.asarray(np.mean(each, axis=0), dtype=np.float64)

    def out_of_bag(self, customers: CustomerSignals, of_weights: Floats) -> Floats:
        """Log-odds of the rows that were learned from, each by the learners that did not see it."""
        # `customers`, `of_weights` (n,): Of those rows. Returns array of shape (n,).
        each = [_log_odds(learner, customers, of_weights) for learner in self.learners]
        unseen = ~halves_of(customers.signals)
        return np.asarray((np.column_stack(each) * unseen).sum(axis=1) / unseen.sum(axis=1), dtype=np.float64)


def _log_odds(learner: BoostedLearner | None, customers: CustomerSignals, of_weights: Floats) -> Floats:
    return of_weights if learner is None else learner.log_odds(customers, of_weights)


def _columns(customers: CustomerSignals) -> Floats:
    return np.column_stack([customers.signals, customers.more])
