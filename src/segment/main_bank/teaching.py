"""How labels take a classifier of signals from the expert's scorecard to what they say, as far as there are any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segment.main_bank.answers import SignalAnswers
from segment.main_bank.free import Seen
from segment.main_bank.gates import Gates
from segment.main_bank.learning import Labelled, answers, learn, learn_from_positives
from segment.main_bank.level import level_shift
from segment.main_bank.scorecard import Floats


class TaughtByLabels(SignalAnswers):
    """The stages of a classifier of signals; `MainBankClassifier` documents parameters and attributes."""

    prior_sd: float
    learn_from_labels: int
    learn_freely_from_labels: int
    level_from_customers: int
    label_error: float
    gates: Mapping[str, Any] | None

    def _teach(self, seen: Seen, labels: Floats, weight: Floats, prior: Floats) -> None:
        self._as_expert(self._at_this_banks_level(seen, prior))
        kinds = np.bincount(labels[~np.isnan(labels)].astype(int), minlength=2)
        if kinds.min() >= self.learn_from_labels:
            self._learn(seen, labels, weight, prior)
        elif kinds[0] == 0 and kinds[1] >= self.learn_from_labels:
            self._learn_from_positives(seen, labels == 1.0, weight, prior)

    def _as_expert(self, weights: Floats) -> None:
        self.stage_, self.learned_, self.expert_score_ = "scorecard", False, True
        self.n_labels_, self.label_share_ = 0, np.nan
        self.gates_: dict[str, float] = {}
        self.free_, self.platt_ = None, np.array([0.0, 1.0])
        self.intercept_, self.coef_ = float(weights[0]), weights[1:]

    def _learn(self, seen: Seen, labels: Floats, weight: Floats, prior: Floats) -> None:
        rows = np.flatnonzero(~np.isnan(labels))
        known = Labelled(seen.at(rows), labels[rows], weight[rows])
        freely = bool(np.bincount(known.y.astype(int)).min() >= self.learn_freely_from_labels)
        gates = Gates(**(self.gates or {}))
        expert = answers(known.seen, self.intercept_, self.coef_, None, self.platt_)
        found = learn(known, prior, expert, self.prior_sd, self.label_error, freely, gates)
        self.gates_ = found.gates
        if not found.stands:
            return
        self.stage_ = "map" if found.free is None else "free"
        self.learned_, self.expert_score_, self.n_labels_ = True, not found.proven, len(rows)
        self.free_, self.platt_ = found.free, found.platt
        self.intercept_, self.coef_ = float(found.weights[0]), found.weights[1:]

    def _learn_from_positives(self, seen: Seen, positive: NDArray[np.bool_], weight: Floats, prior: Floats) -> None:
        # a sleeping account without a label tells nothing, not even that it is no positive
        rows = np.flatnonzero(positive | (self._trust(seen.signals) >= 1.0))
        if int((~positive[rows]).sum()) < self.learn_from_labels:
            return
        weights, share = learn_from_positives(seen.at(rows), positive[rows], weight[rows], prior, self.prior_sd)
        self.stage_, self.learned_, self.n_labels_ = "positive_only", True, int(positive.sum())
        self.label_share_, self.intercept_, self.coef_ = share, float(weights[0]), weights[1:]

    def _at_this_banks_level(self, seen: Seen, prior: Floats) -> Floats:
        log_odds = seen.terms[self._trust(seen.signals) >= 1.0] @ prior[1:] + prior[0]
        shift = level_shift(log_odds, self.base_rate, 2.0 * self.prior_sd, self.level_from_customers)
        return np.concatenate([[prior[0] + shift], prior[1:]])
