"""What the scorecard says of a customer: the probability, the state, the proof and the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from segment.arrays import Flags, Floats
from segment.exceptions import ModelError
from segment.main_bank import evidence, scorecard
from segment.main_bank import term_reasons as reasons
from segment.main_bank.boosted import BoostedLearner, CustomerSignals, SubaggedLearner
from segment.main_bank.inputs import MORE, more_of, signals_of
from segment.main_bank.learning import raw_probability
from segment.main_bank.scorecard import SIGNALS, SignalReading
from segment.trees import on_one_blas_thread

AS_IT_IS: Final = (0.0, 1.0)
MONTHS, NO_SALARY_BELOW = 6.0, 2.0


class SignalPrediction:
    """The answers of a classifier that was fitted on signals; `MainBankClassifier` documents the parameters."""

    links: Mapping[str, float] | None
    elsewhere_from: float
    here_up_to: float
    here_salary_months_from: float
    here_inflow_share_from: float
    base_rate: float
    least_known_signals: float
    alive_from: float
    saving_up_to: float
    forwarded_from: float
    no_salary_below_months: float
    coef_: Floats
    intercept_: float
    scorecard_: bool
    free_: SubaggedLearner | BoostedLearner | None  # the second in models of before
    free_share_: float

    @property
    def called_from(self) -> float:
        """Probability from which, with a proven link, a customer's main bank is said to be elsewhere."""
        return getattr(self, "elsewhere_from_", self.elsewhere_from)  # older models have the policy's

    def states(self, X: Any) -> NDArray[np.str_]:
        """Answer in words: `main_here`, `main_elsewhere`, `split` or `unknown`."""
        # Returns array of str, shape (n,): `main_elsewhere` only where a link to another bank is proven; `unknown`
        # where less than `least_known_signals` are known, for sleeping accounts, and where nothing proves either side.
        check_is_fitted(self)
        customers = self._seen(X)
        return evidence.states(
            customers.signals,
            self._elsewhere(customers),
            self._linked(customers),
            self._trust(customers.signals) >= 1.0,
            elsewhere_from=self.called_from,
            here_up_to=self.here_up_to,
            here_salary_months_from=self.here_salary_months_from,
            here_inflow_share_from=self.here_inflow_share_from,
        )

    def explain(
        self, X: Any, *, most: int = 3, least: float = 0.2, side: reasons.Side | None = None
    ) -> reasons.Explanation:
        """Say why: what each term adds to the log-odds, and the most important reasons in plain words."""
        check_is_fitted(self)
        customers = self._seen(X)
        contributions = customers.terms * self.coef_
        explaining = contributions
        if self.free_ is not None:
            by_weights = contributions.sum(axis=1) + self.intercept_ > 0.0
            by_learner = self._raw_probability(customers) > 0.5
            against = (by_weights != by_learner)[:, None] & ((contributions > 0.0) != by_learner[:, None])
            explaining = np.where(against, 0.0, contributions)
        why = reasons.explain(
            customers.signals, explaining, self._trust(customers.signals), most=most, least=least, side=side
        )
        return replace(why, contributions=contributions)

    @on_one_blas_thread
    def _elsewhere(self, customers: CustomerSignals) -> Floats:
        raw = self._raw_probability(customers)
        return scorecard.shrink(raw, self._trust(customers.signals), getattr(self, "base_rate_", self.base_rate))

    def _raw_probability(self, customers: CustomerSignals) -> Floats:
        # older models have a boosted learner that answers alone, shifted and stretched
        scaling, share = getattr(self, "platt_", AS_IT_IS), getattr(self, "free_share_", 1.0)
        return raw_probability(customers, self._weights, self.free_, scaling, share)

    @property
    def _weights(self) -> Floats:
        return np.concatenate([[self.intercept_], self.coef_])

    def _trust(self, signals: Floats) -> Floats:
        return scorecard.trust(signals, self.least_known_signals, self.alive_from)

    def _terms(self, signals: Floats) -> Floats:
        no_salary = getattr(self, "no_salary_below_months", NO_SALARY_BELOW) / MONTHS  # older models have none
        return scorecard.terms(
            signals, SignalReading(self.alive_from, self.saving_up_to, self.forwarded_from, no_salary)
        )

    def _linked(self, customers: CustomerSignals) -> Flags:
        thresholds = self.links or {}
        both = (
            evidence.links(customers.signals, thresholds, SIGNALS),
            evidence.links(customers.more, thresholds, MORE),
        )
        return np.asarray(np.column_stack(both).any(axis=1), dtype=np.bool_)

    def _seen(self, X: Any) -> CustomerSignals:
        signals = signals_of(X) if self.scorecard_ else None
        if signals is None:
            raise ModelError.with_hint(
                "`X` and what the classifier was fitted on must have columns `signal_<name>`. Found none.",
                "give the snapshot, with its column names, to `fit` and here.",
            )
        return CustomerSignals(self._terms(signals), signals, more_of(X))
