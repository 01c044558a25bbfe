"""From labels to predictions: the most probable weights, a boosted learner beside them, and the gates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit

from segment.arrays import Flags, Floats, Integers
from segment.main_bank.boosted import BoostedLearner, CustomerSignals, SubaggedLearner
from segment.main_bank.elkan_noto import PriorShare, elkan_noto
from segment.main_bank.held_out_rows import FOLDS, folds_of
from segment.main_bank.label_gates import LabelGates, gates_hold, held_out_metrics
from segment.main_bank.map_logistic import fit_map

BOOSTED_SD: Final = 0.25
"""Standard deviation of the prior of the boosted learner's share, which is 0 before labels speak for one."""


class LabelledSignals(NamedTuple):
    """Rows with a label."""

    seen: CustomerSignals
    y: Floats  # y, weight: (n,)
    weight: Floats

    def at(self, rows: Integers | Flags) -> LabelledSignals:
        """Take some rows."""
        return LabelledSignals(self.seen.at(rows), self.y[rows], self.weight[rows])


class LabelLearningResult(NamedTuple):
    """What labels say."""

    weights: Floats  # (n_terms + 1,): of the expert's terms, intercept first
    boosted: SubaggedLearner
    boosted_share: float  # Of the log-odds; the weights' are the rest
    gates: dict[str, float]  # What was measured on rows held out
    proven: bool  # Whether every gate holds


class LabelReader(NamedTuple):
    """How labels are read."""

    prior_sd: float
    label_error: float
    sides: Floats  # (len(SIGNALS),): the side that each signal speaks for, 1, -1 or 0: trees keep to it
    own_weight: float  # Of what the labels say; the expert keeps the rest

    def weights(self, labels: LabelledSignals, expert: Floats) -> Floats:
        """Move the expert's weights, intercept first, as far as the labels weigh."""
        learned = fit_map(labels.seen.terms, labels.y, labels.weight, expert, self.prior_sd, self.label_error)
        return expert + self.own_weight * (learned - expert)

    def boosted(self, labels: LabelledSignals) -> SubaggedLearner:
        """Learn without the expert's weights."""
        return SubaggedLearner().fit(labels.seen, labels.y, labels.weight, self.label_error, self.sides)

    def losses(self, true: Floats, labels: LabelledSignals) -> Floats:
        """Log loss of each label, of which some are wrong."""
        claimed = self.label_error + (1.0 - 2.0 * self.label_error) * true
        claimed = np.clip(claimed, 1e-6, 1.0 - 1e-6)
        return -(labels.y * np.log(claimed) + (1.0 - labels.y) * np.log1p(-claimed)) * labels.weight


def learn(labels: LabelledSignals, expert: Floats, reader: LabelReader, gates: LabelGates) -> LabelLearningResult:
    """Learn from labels of both kinds."""
    # `expert` (n_terms + 1,): Weights without these labels, intercept first.
    boosted, by_weights = reader.boosted(labels), _held_out(labels, expert, reader)
    by_trees = boosted.out_of_bag(labels.seen, by_weights)
    share = reader.own_weight * _boosted_share(by_weights, by_trees, labels, reader)
    probability = np.asarray(expit(mixed(by_weights, by_trees, share)), dtype=np.float64)
    metrics = held_out_metrics(labels.y, probability, reader.label_error)
    weights = reader.weights(labels, expert)
    return LabelLearningResult(weights, boosted, share, metrics, gates_hold(metrics, gates))


def learn_from_positives(
    customers: CustomerSignals, y: Floats, weight: Floats, expert: Floats, prior_sd: float, label_share: PriorShare
) -> tuple[Floats, float]:
    """Learn from labels of customers of other banks, where those without one may be such customers too."""
    # `y` (n,): 1 elsewhere, 0 here, NaN unknown; `weight` (n,); `expert` (n_terms + 1,).
    positive = y == 1.0
    positives = elkan_noto(customers.linear(), positive, weight, label_share)
    chance = np.where(y == 0.0, 0.0, positives.positive)
    unlabelled = ~positive
    terms = np.concatenate([customers.terms, customers.terms[unlabelled]])
    outcome = np.concatenate([np.ones(len(positive)), np.zeros(int(unlabelled.sum()))])
    shares = np.concatenate([chance * weight, ((1.0 - chance) * weight)[unlabelled]])
    return fit_map(terms, outcome, shares, expert, prior_sd), positives.label_share


def mixed(by_weights: Floats, by_trees: Floats, share: float) -> Floats:
    """Mix log-odds of the weights with a boosted learner's."""
    return (1.0 - share) * by_weights + share * by_trees


def _held_out(labels: LabelledSignals, expert: Floats, reader: LabelReader) -> Floats:
    """Log-odds by weights that were learned from other rows."""
    by_weights = np.empty(len(labels.y))
    folds = folds_of(labels.seen.signals)
    for fold in range(FOLDS):
        out = folds == fold
        weights = reader.weights(labels.at(~out), expert)
        by_weights[out] = labels.seen.terms[out] @ weights[1:] + weights[0]
    return by_weights


def _boosted_share(by_weights: Floats, by_trees: Floats, labels: LabelledSignals, reader: LabelReader) -> float:
    """Most probable share of the boosted learner, by labels held out and a prior at 0."""
    # L. Breiman, Stacked Regressions, Machine Learning 24, 1996: shares that are not negative.

    def loss(share: float) -> float:
        true = np.asarray(expit(mixed(by_weights, by_trees, share)), dtype=np.float64)
        return float(reader.losses(true, labels).sum() + 0.5 * (share / BOOSTED_SD) ** 2)

    return float(minimize_scalar(loss, bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-6}).x)


def raw_probability(
    customers: CustomerSignals,
    weights: Floats,
    boosted: SubaggedLearner | BoostedLearner | None,
    scaling: Sequence[float],
    share: float,
) -> Floats:
    """Probability before it is shrunk."""
    # `weights` (n_terms + 1,): Intercept first.
    # `scaling` (2,), `share`: Of models of before, whose boosted learner answers alone, shifted and stretched.
    log_odds = customers.terms @ weights[1:] + weights[0]
    if boosted is not None:
        by_trees = scaling[0] + scaling[1] * boosted.log_odds(customers, log_odds)
        log_odds = mixed(log_odds, by_trees, share)
    return np.asarray(expit(log_odds), dtype=np.float64)
