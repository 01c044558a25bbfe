"""How labels take a classifier of signals from the expert's scorecard to what they say, as far as there are any."""

# Nothing is switched on by a number of labels: what they say weighs n / (n + `expert_labels`), and the scorecard keeps
# the rest, so that one label more moves no customer by much.

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from segment.arrays import Floats
from segment.main_bank.boosted import CustomerSignals
from segment.main_bank.elkan_noto import PriorShare
from segment.main_bank.label_gates import LabelGates
from segment.main_bank.learning import LabelledSignals, LabelReader, learn, learn_from_positives
from segment.main_bank.prediction import SignalPrediction
from segment.main_bank.prior_shift import cut_by_expected_precision, prior_shift, share_shift
from segment.main_bank.scorecard import SIGNALS
from segment.trees import on_one_blas_thread


class LabelLearning(SignalPrediction):
    """The stages of a classifier of signals; `MainBankClassifier` documents parameters and attributes."""

    prior_sd: float
    expert_labels: float
    level_from_customers: int
    elsewhere_share: float | None
    flag_precision: float
    flag_beta: float
    survey_elsewhere: float
    label_error: float
    gates: Mapping[str, Any] | None

    @on_one_blas_thread
    def _fit_labels(self, customers: CustomerSignals, labels: Floats, weight: Floats, prior: Floats) -> None:
        self._use_scorecard(self._with_prior_shift(customers, prior))
        here, elsewhere = (float(weight[labels == kind].sum()) for kind in (0.0, 1.0))
        answered = min(elsewhere, self.survey_elsewhere * here)
        self._learn_from_positives(customers, labels, weight, elsewhere - answered)
        self._follow_share(customers)
        if answered > 0.0:
            weight = np.where(labels == 1.0, weight * answered / elsewhere, weight)
            each = 2.0 * here * answered / (here + answered)
            self._learn(customers, labels, weight, np.sign(prior[1 : len(SIGNALS) + 1]), each)
        self._set_cut(customers)

    def _use_scorecard(self, weights: Floats) -> None:
        self.stage_, self.learned_, self.expert_score_ = "scorecard", False, True
        self.n_labels_, self.labels_weight_, self.label_share_ = 0, 0.0, np.nan
        self.gates_: dict[str, float] = {}
        self.free_, self.free_share_, self.platt_ = None, 0.0, np.array([0.0, 1.0])
        self.intercept_, self.coef_ = float(weights[0]), weights[1:]

    def _own_weight(self, labels: float) -> float:
        return labels / (labels + self.expert_labels)

    def _learn_from_positives(
        self, customers: CustomerSignals, labels: Floats, weight: Floats, beyond_survey: float
    ) -> None:
        # a sleeping account without a label tells nothing, not even that it is no positive
        rows = np.flatnonzero(~np.isnan(labels) | (self._trust(customers.signals) >= 1.0))
        y, weight = labels[rows], weight[rows]
        labelled, others = float(weight[y == 1.0].sum()), float(weight[np.isnan(y)].sum())
        own = self._own_weight(min(beyond_survey, others))
        if own <= 0.0:
            return
        level = self.base_rate if self.elsewhere_share is None else self.elsewhere_share
        prior = PriorShare(min(labelled / (level * float(weight.sum())), 1.0), self.expert_labels)
        expert = self._weights
        learned, share = learn_from_positives(customers.at(rows), y, weight, expert, self.prior_sd, prior)
        self._move_to(expert + own * (learned - expert))
        self.stage_, self.learned_, self.n_labels_ = "positive_only", True, int((labels == 1.0).sum())
        self.label_share_ = share

    def _follow_share(self, customers: CustomerSignals) -> None:
        """Let the level follow the share that the bank states."""
        self.base_rate_ = self.base_rate if self.elsewhere_share is None else self.elsewhere_share
        if self.elsewhere_share is not None:
            known = self._trust(customers.signals) >= 1.0
            self.intercept_ += share_shift(customers.terms[known] @ self.coef_ + self.intercept_, self.elsewhere_share)

    def _learn(self, customers: CustomerSignals, labels: Floats, weight: Floats, sides: Floats, each: float) -> None:
        rows = np.flatnonzero(~np.isnan(labels))
        labelled = LabelledSignals(customers.at(rows), labels[rows], weight[rows])
        self.labels_weight_ = self._own_weight(each)
        reader = LabelReader(self.prior_sd, self.label_error, sides, self.labels_weight_)
        result = learn(labelled, self._weights, reader, LabelGates(**(self.gates or {})))
        self.stage_, self.learned_, self.n_labels_ = "labels", True, len(rows)
        self.gates_, self.expert_score_ = result.gates, not result.proven
        self.free_, self.free_share_ = result.boosted, result.boosted_share
        self._move_to(result.weights)

    def _set_cut(self, customers: CustomerSignals) -> None:
        """Cut by expected precision as far as labels, or the stated share, say what a probability is worth."""
        known = self._trust(customers.signals) >= 1.0
        self.elsewhere_from_ = self.elsewhere_from
        if known.any():
            level_known = self.labels_weight_ if self.elsewhere_share is None else 1.0
            chance, linked = self._elsewhere(customers)[known], self._linked(customers)[known]
            cut = cut_by_expected_precision(chance, linked, self.flag_precision, self.flag_beta)
            self.elsewhere_from_ += level_known * (cut - self.elsewhere_from)

    def _move_to(self, weights: Floats) -> None:
        self.intercept_, self.coef_ = float(weights[0]), weights[1:]

    def _with_prior_shift(self, customers: CustomerSignals, prior: Floats) -> Floats:
        log_odds = customers.terms[self._trust(customers.signals) >= 1.0] @ prior[1:] + prior[0]
        shift = 0.0
        if self.elsewhere_share is None:
            shift = prior_shift(log_odds, self.base_rate, 2.0 * self.prior_sd, self.level_from_customers)
        return np.concatenate([[prior[0] + shift], prior[1:]])
