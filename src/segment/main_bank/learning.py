"""From labels to answers: the most probable weights, a free learner where labels are many, and the gates."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.model_selection import StratifiedKFold

from segment.main_bank.elkan_noto import elkan_noto
from segment.main_bank.free import KINDS, FreeLearner, Kind, Seen, platt, stretched
from segment.main_bank.gates import Gates, holds, measured
from segment.main_bank.map_logistic import fit_map
from segment.main_bank.scorecard import SIGNALS, Floats

FOLDS: Final = 5


class Labelled(NamedTuple):
    """Rows with a label.

    Attributes
    ----------
    seen : Seen
    y, weight : array of shape (n,)
    """

    seen: Seen
    y: Floats
    weight: Floats

    def at(self, rows: NDArray[np.intp]) -> Labelled:
        """Take some rows."""
        return Labelled(self.seen.at(rows), self.y[rows], self.weight[rows])


class Learned(NamedTuple):
    """What labels taught.

    Attributes
    ----------
    weights : array of shape (n_terms + 1,)
        Of the expert's terms, intercept first, calibrated.
    free : FreeLearner or None
        The learner whose answers stand in place of these weights'.
    platt : array of shape (2,)
        Shift and stretch of the free learner's log-odds.
    gates : dict of str to float
        What was measured on rows held out; empty for positive-only labels.
    stands : bool
        Whether the learned answers may stand: every gate holds, or they meet the labels better than the expert's do.
    proven : bool
        Whether every gate holds.
    """

    weights: Floats
    free: FreeLearner | None
    platt: Floats
    gates: dict[str, float]
    stands: bool
    proven: bool


def learn(
    labels: Labelled, prior: Floats, scorecard: Floats, prior_sd: float, label_error: float, freely: bool, gates: Gates
) -> Learned:
    """Learn from labels of both kinds.

    Parameters
    ----------
    labels : Labelled
    prior : array of shape (n_terms + 1,)
        The expert's weights, intercept first.
    scorecard : array of shape (n,)
        What the expert says of the labelled.
    prior_sd : float
    label_error : float
        Share of labels that are wrong.
    freely : bool
        Whether free learners may compete, by log loss in cross-validation.
    gates : Gates

    Returns
    -------
    Learned
    """
    sides = np.sign(prior[1 : len(SIGNALS) + 1])
    expert, rivals = _held_out(labels, prior, prior_sd, label_error, KINDS if freely else (), sides)
    calibration = platt(expert, labels.y, labels.weight, label_error)
    weights = fit_map(labels.seen.terms, labels.y, labels.weight, prior, prior_sd, label_error)
    best, free, best_platt = stretched(expert, calibration), None, np.array([0.0, 1.0])
    for kind, log_odds in zip(KINDS, rivals, strict=False):
        shape = platt(log_odds, labels.y, labels.weight, label_error)
        said = stretched(log_odds, shape)
        if _clearly_better(said, best, labels, label_error):
            best, best_platt = said, shape
            free = FreeLearner(kind)
    if free is not None:
        free.fit(labels.seen, labels.y, labels.weight, label_error, sides)
    found = measured(labels.y, best, label_error)
    weights = np.concatenate([[calibration[0] + calibration[1] * weights[0]], calibration[1] * weights[1:]])
    proven = holds(found, gates)
    better = bool(_losses(best, labels, label_error).mean() < _losses(scorecard, labels, label_error).mean())
    return Learned(weights, free, best_platt, found, proven or better, proven)


def learn_from_positives(
    seen: Seen, positive: NDArray[np.bool_], weight: Floats, prior: Floats, prior_sd: float
) -> tuple[Floats, float]:
    """Learn from labels that are all positive.

    Parameters
    ----------
    seen : Seen
        Labelled and unlabelled rows.
    positive : array of bool, shape (n,)
        The labelled.
    weight : array of shape (n,)
    prior : array of shape (n_terms + 1,)
    prior_sd : float

    Returns
    -------
    tuple of array and float
        Weights, intercept first, and the share of the positives that are labelled.
    """
    found = elkan_noto(seen.linear(), positive, weight)
    unlabelled = ~positive
    terms = np.concatenate([seen.terms, seen.terms[unlabelled]])
    y = np.concatenate([np.ones(len(positive)), np.zeros(int(unlabelled.sum()))])
    shares = np.concatenate([found.positive * weight, ((1.0 - found.positive) * weight)[unlabelled]])
    return fit_map(terms, y, shares, prior, prior_sd), found.label_share


def _held_out(
    labels: Labelled, prior: Floats, prior_sd: float, label_error: float, kinds: tuple[Kind, ...], sides: Floats
) -> tuple[Floats, list[Floats]]:
    """Log-odds of rows that were not learned from: of the expert's corrected weights, and of each free learner."""
    expert = np.empty(len(labels.y))
    rivals = [np.empty(len(labels.y)) for _ in kinds]
    for rest, out in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(labels.y, labels.y):
        known, asked = labels.at(rest), labels.seen.at(out)
        found = fit_map(known.seen.terms, known.y, known.weight, prior, prior_sd, label_error)
        expert[out] = asked.terms @ found[1:] + found[0]
        learners: dict[str, FreeLearner] = {}
        for kind, log_odds in zip(kinds, rivals, strict=True):
            learner = FreeLearner(kind)
            if not learner.shares_trees_of(learners.get("expert_and_boosting")):
                learner.fit(known.seen, known.y, known.weight, label_error, sides)
            learners[kind] = learner
            log_odds[out] = learner.log_odds(asked, expert[out])
    return expert, rivals


def _losses(true: Floats, labels: Labelled, label_error: float) -> Floats:
    said = np.clip(label_error + (1.0 - 2.0 * label_error) * true, 1e-6, 1.0 - 1e-6)
    each = labels.y * np.log(said) + (1.0 - labels.y) * np.log1p(-said)
    return -each * labels.weight / labels.weight.mean()


def _clearly_better(one: Floats, other: Floats, labels: Labelled, label_error: float) -> bool:
    """Whether a log loss is lower by more than its standard error: the simpler answer stands until then.

    References
    ----------
    L. Breiman et al., Classification and Regression Trees, 1984, 3.4.3, the rule of one standard error.
    """
    gain = _losses(other, labels, label_error) - _losses(one, labels, label_error)
    return bool(gain.mean() > gain.std() / np.sqrt(len(gain)))


def answers(seen: Seen, intercept: float, coef: Floats, free: FreeLearner | None, by: Floats) -> Floats:
    """Probability before it is shrunk: the free learner's where there is one.

    Parameters
    ----------
    seen : Seen
    intercept : float
    coef : array of shape (n_terms,)
    free : FreeLearner or None
    by : array of shape (2,)
        What `platt` found for it.

    Returns
    -------
    array of shape (n,)
    """
    log_odds = seen.terms @ coef + intercept
    if free is None:
        return np.asarray(expit(log_odds), dtype=np.float64)
    return stretched(free.log_odds(seen, log_odds), by)
