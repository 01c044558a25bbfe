"""What the scorecard says of a customer: the probability, the state, the proof and the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from segment.exceptions import ModelError
from segment.main_bank import evidence, reasons, scorecard
from segment.main_bank.free import FreeLearner, Seen
from segment.main_bank.inputs import MORE, more_of, signals_of
from segment.main_bank.learning import answers
from segment.main_bank.scorecard import SIGNALS, Floats, Reading


class SignalAnswers:
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
    coef_: Floats
    intercept_: float
    scorecard_: bool
    free_: FreeLearner | None
    platt_: Floats

    def has_link(self, X: Any) -> NDArray[np.bool_]:
        """Whether anything proves a bank elsewhere.

        Parameters
        ----------
        X : pandas or Polars DataFrame with signals

        Returns
        -------
        array of bool, shape (n,)
        """
        check_is_fitted(self)
        return self._linked(self._seen(X))

    def states(self, X: Any) -> NDArray[np.str_]:
        """Answer in words: `main_here`, `main_elsewhere`, `split` or `unknown`.

        Parameters
        ----------
        X : pandas or Polars DataFrame with signals

        Returns
        -------
        array of str, shape (n,)
            `main_elsewhere` only where a link to another bank is proven; `unknown` where less than
            `least_known_signals` are known, for sleeping accounts, and where nothing proves either side.
        """
        check_is_fitted(self)
        seen = self._seen(X)
        return evidence.states(
            seen.signals,
            self._elsewhere(seen),
            self._linked(seen),
            self._trust(seen.signals) >= 1.0,
            elsewhere_from=self.elsewhere_from,
            here_up_to=self.here_up_to,
            here_salary_months_from=self.here_salary_months_from,
            here_inflow_share_from=self.here_inflow_share_from,
        )

    def explain(
        self, X: Any, *, most: int = 3, least: float = 0.2, side: reasons.Side | None = None
    ) -> reasons.Explanation:
        """Say why: what each term adds to the log-odds, and the most important reasons in plain words.

        Parameters
        ----------
        X : pandas or Polars DataFrame with signals
        most : int
            Reasons a customer, at most.
        least : float
            Smallest absolute contribution that counts as a reason.
        side : {"elsewhere", "here"} or None
            Only reasons for this side; None gives both.

        Returns
        -------
        Explanation
            `.contributions`, `.codes`, `.sentences`. Where a free learner answers, the contributions are those of the
            weights; of a customer whom the two see on different sides only what speaks for the learner's is said.
        """
        check_is_fitted(self)
        seen = self._seen(X)
        contributions = seen.terms * self.coef_
        spoken = contributions
        if self.free_ is not None:
            by_weights = contributions.sum(axis=1) + self.intercept_ > 0.0
            by_learner = answers(seen, self.intercept_, self.coef_, self.free_, self.platt_) > 0.5
            against = (by_weights != by_learner)[:, None] & ((contributions > 0.0) != by_learner[:, None])
            spoken = np.where(against, 0.0, contributions)
        why = reasons.explain(seen.signals, spoken, self._trust(seen.signals), most=most, least=least, side=side)
        return replace(why, contributions=contributions)

    def _elsewhere(self, seen: Seen) -> Floats:
        raw = answers(seen, self.intercept_, self.coef_, self.free_, self.platt_)
        return scorecard.shrink(raw, self._trust(seen.signals), self.base_rate)

    def _trust(self, signals: Floats) -> Floats:
        return scorecard.trust(signals, self.least_known_signals, self.alive_from)

    def _terms(self, signals: Floats) -> Floats:
        return scorecard.terms(signals, Reading(self.alive_from, self.saving_up_to, self.forwarded_from))

    def _linked(self, seen: Seen) -> NDArray[np.bool_]:
        asked = self.links or {}
        both = (evidence.links(seen.signals, asked, SIGNALS), evidence.links(seen.more, asked, MORE))
        return np.asarray(np.column_stack(both).any(axis=1), dtype=np.bool_)

    def _seen(self, X: Any) -> Seen:
        signals = signals_of(X) if self.scorecard_ else None
        if signals is None:
            raise ModelError.with_hint(
                "`X` and what the classifier was fitted on must have columns `signal_<name>`. Found none.",
                "give the snapshot, with its column names, to `fit` and here.",
            )
        return Seen(self._terms(signals), signals, more_of(X))
