"""What the scorecard says of a customer: the probability, the state, the proof and the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.utils.validation import check_is_fitted

from segment.exceptions import ModelError
from segment.main_bank import evidence, reasons, scorecard
from segment.main_bank.inputs import signals_of
from segment.main_bank.scorecard import Floats, Reading


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
        return self._linked(self._signals(X))

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
        signals = self._signals(X)
        return evidence.states(
            signals,
            self._elsewhere(signals),
            self._linked(signals),
            self._trust(signals) >= 1.0,
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
            `.contributions`, `.codes`, `.sentences`.
        """
        check_is_fitted(self)
        signals = self._signals(X)
        contributions = self._terms(signals) * self.coef_
        return reasons.explain(signals, contributions, self._trust(signals), most=most, least=least, side=side)

    def _elsewhere(self, signals: Floats) -> Floats:
        raw = expit(self._terms(signals) @ self.coef_ + self.intercept_)
        return scorecard.shrink(raw, self._trust(signals), self.base_rate)

    def _trust(self, signals: Floats) -> Floats:
        return scorecard.trust(signals, self.least_known_signals, self.alive_from)

    def _terms(self, signals: Floats) -> Floats:
        return scorecard.terms(signals, Reading(self.alive_from, self.saving_up_to, self.forwarded_from))

    def _linked(self, signals: Floats) -> NDArray[np.bool_]:
        return np.asarray(evidence.links(signals, self.links or {}).any(axis=1), dtype=np.bool_)

    def _signals(self, X: Any) -> Floats:
        signals = signals_of(X) if self.scorecard_ else None
        if signals is None:
            raise ModelError.with_hint(
                "`X` and what the classifier was fitted on must have columns `signal_<name>`. Found none.",
                "give the snapshot, with its column names, to `fit` and here.",
            )
        return signals
