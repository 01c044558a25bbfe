"""How labels take a classifier of signals from the expert's scorecard to what they say, as far as there are any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from segment.arrays import Flags, Floats
from segment.main_bank.boosted import CustomerSignals
from segment.main_bank.label_gates import LabelGates
from segment.main_bank.learning import LabelledSignals, learn, learn_from_positives, raw_probability
from segment.main_bank.prediction import SignalPrediction
from segment.main_bank.prior_shift import cut_by_expected_precision, prior_shift, share_shift


class LabelLearning(SignalPrediction):
    """The stages of a classifier of signals; `MainBankClassifier` documents parameters and attributes."""

    prior_sd: float
    learn_from_labels: int
    learn_freely_from_labels: int
    level_from_customers: int
    elsewhere_share: float | None
    flag_precision: float
    label_error: float
    gates: Mapping[str, Any] | None

    def _fit_labels(self, customers: CustomerSignals, labels: Floats, weight: Floats, prior: Floats) -> None:
        self._use_scorecard(self._with_prior_shift(customers, prior))
        kinds = np.bincount(labels[~np.isnan(labels)].astype(int), minlength=2)
        if kinds.min() >= self.learn_from_labels:
            self._learn(customers, labels, weight, prior)
        elif kinds[0] == 0 and kinds[1] >= self.learn_from_labels:
            self._learn_from_positives(customers, labels == 1.0, weight, prior)
        self._set_level(customers)

    def _set_level(self, customers: CustomerSignals) -> None:
        """Let the level follow the stated share where no labels of both kinds set it, and cut where it is known."""
        by_labels = self.stage_ in ("map", "free")
        self.base_rate_, self.elsewhere_from_ = self.base_rate, self.elsewhere_from
        known = self._trust(customers.signals) >= 1.0
        if not by_labels and self.elsewhere_share is not None:
            self.base_rate_ = self.elsewhere_share
            log_odds = customers.terms[known] @ self.coef_ + self.intercept_
            self.intercept_ += share_shift(log_odds, self.elsewhere_share)
        if known.any() and (by_labels or self.elsewhere_share is not None):
            chance, linked = self._elsewhere(customers)[known], self._linked(customers)[known]
            self.elsewhere_from_ = cut_by_expected_precision(chance, linked, self.flag_precision)

    def _use_scorecard(self, weights: Floats) -> None:
        self.stage_, self.learned_, self.expert_score_ = "scorecard", False, True
        self.n_labels_, self.label_share_ = 0, np.nan
        self.gates_: dict[str, float] = {}
        self.free_, self.platt_ = None, np.array([0.0, 1.0])
        self.intercept_, self.coef_ = float(weights[0]), weights[1:]

    def _learn(self, customers: CustomerSignals, labels: Floats, weight: Floats, prior: Floats) -> None:
        rows = np.flatnonzero(~np.isnan(labels))
        labelled = LabelledSignals(customers.at(rows), labels[rows], weight[rows])
        compete = bool(np.bincount(labelled.y.astype(int)).min() >= self.learn_freely_from_labels)
        gates = LabelGates(**(self.gates or {}))
        expert = raw_probability(labelled.seen, self.intercept_, self.coef_, None, self.platt_)
        result = learn(labelled, prior, expert, self.prior_sd, self.label_error, compete, gates)
        self.gates_ = result.gates
        if not result.stands:
            return
        self.stage_ = "map" if result.boosted is None else "free"
        self.learned_, self.expert_score_, self.n_labels_ = True, not result.proven, len(rows)
        self.free_, self.platt_ = result.boosted, result.platt_scaling
        self.intercept_, self.coef_ = float(result.weights[0]), result.weights[1:]

    def _learn_from_positives(self, customers: CustomerSignals, positive: Flags, weight: Floats, prior: Floats) -> None:
        # a sleeping account without a label tells nothing, not even that it is no positive
        rows = np.flatnonzero(positive | (self._trust(customers.signals) >= 1.0))
        if int((~positive[rows]).sum()) < self.learn_from_labels:
            return
        weights, share = learn_from_positives(customers.at(rows), positive[rows], weight[rows], prior, self.prior_sd)
        self.stage_, self.learned_, self.n_labels_ = "positive_only", True, int(positive.sum())
        self.label_share_, self.intercept_, self.coef_ = share, float(weights[0]), weights[1:]

    def _with_prior_shift(self, customers: CustomerSignals, prior: Floats) -> Floats:
        log_odds = customers.terms[self._trust(customers.signals) >= 1.0] @ prior[1:] + prior[0]
        shift = 0.0
        if self.elsewhere_share is None:
            shift = prior_shift(log_odds, self.base_rate, 2.0 * self.prior_sd, self.level_from_customers)
        return np.concatenate([[prior[0] + shift], prior[1:]])
