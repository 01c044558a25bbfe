"""From labels to predictions: the most probable weights, a boosted learner where labels are many, and the gates."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from scipy.special import expit
from sklearn.model_selection import StratifiedKFold

from segment.arrays import Flags, Floats, Integers
from segment.main_bank.boosted import KINDS, BoostedLearner, CustomerSignals, Kind, platt_scaling, rescaled
from segment.main_bank.elkan_noto import elkan_noto
from segment.main_bank.label_gates import LabelGates, gates_hold, held_out_metrics
from segment.main_bank.map_logistic import fit_map
from segment.main_bank.scorecard import SIGNALS

FOLDS: Final = 5


class LabelledSignals(NamedTuple):
    """Rows with a label."""

    seen: CustomerSignals
    y: Floats  # y, weight: (n,)
    weight: Floats

    def at(self, rows: Integers) -> LabelledSignals:
        """Take some rows."""
        return LabelledSignals(self.seen.at(rows), self.y[rows], self.weight[rows])


class LabelLearningResult(NamedTuple):
    """What labels say, and whether it may stand."""

    weights: Floats  # (n_terms + 1,): of the expert's terms, intercept first, calibrated
    boosted: BoostedLearner | None  # Its predictions stand in place of these weights'
    platt_scaling: Floats  # (2,): shift and stretch of the boosted learner's log-odds
    gates: dict[str, float]  # What was measured on rows held out; empty for positive-only labels
    # Whether the learned answers may stand: every gate holds, or they meet the labels better than the expert's do
    stands: bool
    proven: bool  # Whether every gate holds


def learn(
    labels: LabelledSignals,
    prior: Floats,
    scorecard: Floats,
    prior_sd: float,
    label_error: float,
    freely: bool,
    gates: LabelGates,
) -> LabelLearningResult:
    """Learn from labels of both kinds."""
    # `prior` (n_terms + 1,): The expert's weights, intercept first.
    # `scorecard` (n,): What the expert says of the labelled.
    sides = np.sign(prior[1 : len(SIGNALS) + 1])
    expert, rivals = _held_out(labels, prior, prior_sd, label_error, KINDS if freely else (), sides)
    calibration = platt_scaling(expert, labels.y, labels.weight, label_error)
    weights = fit_map(labels.seen.terms, labels.y, labels.weight, prior, prior_sd, label_error)
    best, boosted, best_platt = rescaled(expert, calibration), None, np.array([0.0, 1.0])
    for kind, log_odds in zip(KINDS, rivals, strict=False):
        shape = platt_scaling(log_odds, labels.y, labels.weight, label_error)
        claimed = rescaled(log_odds, shape)
        if _clearly_better(claimed, best, labels, label_error):
            best, best_platt = claimed, shape
            boosted = BoostedLearner(kind)
    if boosted is not None:
        boosted.fit(labels.seen, labels.y, labels.weight, label_error, sides)
    metrics = held_out_metrics(labels.y, best, label_error)
    weights = np.concatenate([[calibration[0] + calibration[1] * weights[0]], calibration[1] * weights[1:]])
    proven = gates_hold(metrics, gates)
    better = bool(_losses(best, labels, label_error).mean() < _losses(scorecard, labels, label_error).mean())
    return LabelLearningResult(weights, boosted, best_platt, metrics, proven or better, proven)


def learn_from_positives(
    customers: CustomerSignals, positive: Flags, weight: Floats, prior: Floats, prior_sd: float
) -> tuple[Floats, float]:
    """Learn from labels that are all positive."""
    # `positive` (n,): The labelled.
    # `weight` (n,), `prior` (n_terms + 1,).
    positives = elkan_noto(customers.linear(), positive, weight)
    unlabelled = ~positive
    terms = np.concatenate([customers.terms, customers.terms[unlabelled]])
    y = np.concatenate([np.ones(len(positive)), np.zeros(int(unlabelled.sum()))])
    shares = np.concatenate([positives.positive * weight, ((1.0 - positives.positive) * weight)[unlabelled]])
    return fit_map(terms, y, shares, prior, prior_sd), positives.label_share


def _held_out(
    labels: LabelledSignals, prior: Floats, prior_sd: float, label_error: float, kinds: tuple[Kind, ...], sides: Floats
) -> tuple[Floats, list[Floats]]:
    """Log-odds of rows that were not learned from: of the expert's corrected weights, and of each boosted learner."""
    expert = np.empty(len(labels.y))
    rivals = [np.empty(len(labels.y)) for _ in kinds]
    for rest, out in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(labels.y, labels.y):
        train, test = labels.at(rest), labels.seen.at(out)
        coefficients = fit_map(train.seen.terms, train.y, train.weight, prior, prior_sd, label_error)
        expert[out] = test.terms @ coefficients[1:] + coefficients[0]
        learners: dict[str, BoostedLearner] = {}
        for kind, log_odds in zip(kinds, rivals, strict=True):
            learner = BoostedLearner(kind)
            if not learner.shares_trees_of(learners.get("expert_and_boosting")):
                learner.fit(train.seen, train.y, train.weight, label_error, sides)
            learners[kind] = learner
            log_odds[out] = learner.log_odds(test, expert[out])
    return expert, rivals


def _losses(true: Floats, labels: LabelledSignals, label_error: float) -> Floats:
    claimed = np.clip(label_error + (1.0 - 2.0 * label_error) * true, 1e-6, 1.0 - 1e-6)
    each = labels.y * np.log(claimed) + (1.0 - labels.y) * np.log1p(-claimed)
    return -each * labels.weight / labels.weight.mean()


def _clearly_better(better: Floats, than: Floats, labels: LabelledSignals, label_error: float) -> bool:
    """Whether a log loss is lower by more than its standard error: the simpler answer stands until then."""
    # Source: L. Breiman et al., Classification and Regression Trees, 1984, 3.4.3, the rule of one standard error.
    gain = _losses(than, labels, label_error) - _losses(better, labels, label_error)
    return bool(gain.mean() > gain.std() / np.sqrt(len(gain)))


def raw_probability(
    customers: CustomerSignals, intercept: float, coef: Floats, boosted: BoostedLearner | None, scaling: Floats
) -> Floats:
    """Probability before it is shrunk: the boosted learner's where there is one."""
    # `coef` (n_terms,).
    # `scaling` (2,): What `platt_scaling` found for it.
    # Returns array of shape (n,).
    log_odds = customers.terms @ coef + intercept
    if boosted is None:
        return np.asarray(expit(log_odds), dtype=np.float64)
    return rescaled(boosted.log_odds(customers, log_odds), scaling)
