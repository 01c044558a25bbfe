"""Whether a customer's main bank is elsewhere, as a scikit-learn classifier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from segment.arrays import Floats
from segment.exceptions import ModelError
from segment.main_bank.boosted import CustomerSignals
from segment.main_bank.inputs import labels_of, more_of, signals_of
from segment.main_bank.map_logistic import Scale, fit_generic, standardised
from segment.main_bank.scorecard import COLUMNS, TERMS
from segment.main_bank.training_labels import LabelLearning
from segment.numeric_input import NumericInput
from segment.policy.decisions import MainBank

_FROM_POLICY: Final = (
    "elsewhere_from", "here_up_to", "here_salary_months_from", "here_inflow_share_from", "base_rate",
    "least_known_signals", "prior_sd", "expert_labels", "label_error", "alive_from", "saving_up_to", "forwarded_from",
    "level_from_customers", "elsewhere_share", "flag_precision", "flag_beta", "survey_elsewhere",
)  # fmt: skip


class MainBankClassifier(LabelLearning, NumericInput, ClassifierMixin, BaseEstimator):
    """Probability that a customer's main bank is elsewhere: an expert's scorecard that labels correct.

    Given a frame with columns `signal_<name>`, the answer is the scorecard's. Labels of both kinds move it towards
    what they say, the more there are of them (`expert_labels`): the most probable weights under a Gaussian prior around
    the scorecard's, mixed with boosted trees as far as labels held out speak for these. With labels of customers
    elsewhere alone, the others are weighed by how probably they are elsewhere too (Elkan and Noto). Given columns that
    no expert has weighted (any array), it is a logistic regression on standardised columns with a weak prior around 0.

    Parameters
    ----------
    weights : mapping of str to float, optional
        Log-odds per term, and `intercept`. Needed for signals; see `from_policy`.
    links : mapping of str to float, optional
        Smallest value of a signal that proves a bank elsewhere.
    elsewhere_from, here_up_to, here_salary_months_from, here_inflow_share_from : float
        Borders of the four states.
    base_rate : float
        Answer where nothing is known.
    least_known_signals : float
        Share of the signals below which the answer is pulled to the base rate and the state is `unknown`.
    prior_sd : float
        Standard deviation of the prior around each weight.
    expert_labels : float
        What n labels of each kind (the harmonic mean) say weighs n / (n + `expert_labels`), the scorecard the rest.
    alive_from, saving_up_to, forwarded_from, flag_beta, survey_elsewhere, no_salary_below_months : float
        As in the policy; see `segment.main_bank.scorecard.SignalReading`.
    level_from_customers : int
        Customers whom the expert's level weighs as much as beside this bank's; the shift is at most two `prior_sd`.
    elsewhere_share : float, optional
        Share of the customers who use their account that bank mainly elsewhere, where the bank knows it: the
        probabilities come to it on average, as far as labels of both kinds do not say otherwise.
    flag_precision : float
        Share of those called `main_elsewhere` that is to be so; it sets `elsewhere_from_` as far as labels or
        `elsewhere_share` give the level.
    label_error : float
        Share of labels that are wrong: what is learned is the truth behind them.
    gates : mapping, optional
        `least_labels`, `roc_auc_from`, `calibration_error_up_to` and `slope`; see `segment.main_bank.label_gates`.

    Attributes
    ----------
    classes_ : array of shape (2,)
        0 (here) and 1 (elsewhere) for signals.
    coef_, intercept_ : array of shape (n_terms,), float
        Weights in use; they explain also what trees add.
    elsewhere_from_ : float
        Probability from which, with a link, the state is `main_elsewhere`.
    learned_, n_labels_ : bool, int
        Whether labels moved the weights, and how many.
    labels_weight_ : float
        Weight of what labels of both kinds say; the scorecard keeps the rest.
    stage_ : {"scorecard", "positive_only", "labels"}
        What moved the scorecard last.
    expert_score_ : bool
        Whether no gate was asked, or one does not hold: no proven probabilities.
    gates_ : dict of str to float
        What was measured on labels held out; empty where nothing could be.
    free_, free_share_ : SubaggedLearner or None, float
        Boosted trees and their share of the log-odds.
    label_share_ : float
        Of positive-only labels, the share of the positives that have one; NaN elsewhere.

    References
    ----------
    DOMAIN.md 2.2 to 2.4. Where the terms part from it is written at `segment.main_bank.scorecard.terms`.

    Examples
    --------
    >>> import polars as pl
    >>> from segment.main_bank import MainBankClassifier
    >>> weights = {"intercept": -0.6, "salary_months": -2.2, "own_in_share": 1.6, "no_salary": 1.2}
    >>> customers = pl.DataFrame({"signal_salary_months": [1.0, 0.0], "signal_own_in_share": [0.0, 0.9]})
    >>> model = MainBankClassifier(weights, {"own_in_share": 0.2}, least_known_signals=0.1).fit(customers)
    >>> model.predict_proba(customers)[:, 1].round(2)
    array([0.06, 0.88])
    >>> model.states(customers).tolist()
    ['main_here', 'main_elsewhere']
    """

    def __init__(
        self,
        weights: Mapping[str, float] | None = None,
        links: Mapping[str, float] | None = None,
        *,
        elsewhere_from: float = 0.60,
        here_up_to: float = 0.25,
        here_salary_months_from: float = 0.67,
        here_inflow_share_from: float = 0.60,
        base_rate: float = 0.35,
        least_known_signals: float = 0.50,
        prior_sd: float = 0.5,
        expert_labels: float = 50.0,
        alive_from: float = 0.25,
        saving_up_to: float = 0.30,
        forwarded_from: float = 0.60,
        flag_beta: float = 0.4,
        survey_elsewhere: float = 3.0,
        no_salary_below_months: float = 2.0,
        level_from_customers: int = 200,
        elsewhere_share: float | None = None,
        flag_precision: float = 0.85,
        label_error: float = 0.0,
        gates: Mapping[str, Any] | None = None,
    ) -> None:
        self.weights = weights
        self.links = links
        self.elsewhere_from = elsewhere_from
        self.here_up_to = here_up_to
        self.here_salary_months_from = here_salary_months_from
        self.here_inflow_share_from = here_inflow_share_from
        self.base_rate = base_rate
        self.least_known_signals = least_known_signals
        self.prior_sd = prior_sd
        self.expert_labels = expert_labels
        self.alive_from = alive_from
        self.saving_up_to = saving_up_to
        self.forwarded_from = forwarded_from
        self.level_from_customers = level_from_customers
        self.elsewhere_share = elsewhere_share
        self.flag_precision = flag_precision
        self.flag_beta = flag_beta
        self.survey_elsewhere = survey_elsewhere
        self.no_salary_below_months = no_salary_below_months
        self.label_error = label_error
        self.gates = gates

    @classmethod
    def from_policy(cls, policy: MainBank) -> Self:
        """Build the classifier with a policy's figures.

        Parameters
        ----------
        policy : segment.policy.decisions.MainBank
            `policy.main_bank`.

        Returns
        -------
        MainBankClassifier
            Not fitted.

        Examples
        --------
        >>> from segment.policy import load_policy
        >>> MainBankClassifier.from_policy(load_policy("models/retail.toml").main_bank).base_rate
        0.35
        """
        figures = {name: getattr(policy, name) for name in _FROM_POLICY}
        figures["no_salary_below_months"] = policy.signals.no_salary_below_months
        return cls(policy.weights.model_dump(), policy.links.model_dump(), gates=policy.gates.model_dump(), **figures)

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Take the scorecard, and learn from labels as far as there are any.

        Parameters
        ----------
        X : pandas or Polars DataFrame, or array of shape (n, n_features)
            With columns `signal_<name>` (others are left alone; a missing one is unknown), or any numbers.
        y : array-like of shape (n,), optional
            1: main bank elsewhere, 0: here; NaN, null and -1: not labelled. Needed for columns that are no signals.
        sample_weight : array-like of shape (n,), optional

        Returns
        -------
        MainBankClassifier
            Itself.

        Raises
        ------
        ModelError
            If signals come without weights, or hold values outside [0, 1], or labels are not 0, 1 or missing.
        ValueError
            If columns that are no signals come without labels of two kinds.
        """
        signals = signals_of(X)
        if signals is None:
            return self._fit_generic(X, y, sample_weight)
        return self._fit_scorecard(CustomerSignals(self._terms(signals), signals, more_of(X)), y, sample_weight)

    def _fit_scorecard(self, customers: CustomerSignals, y: Any, sample_weight: Any) -> Self:
        if self.weights is None:
            raise ModelError.with_hint(
                "signals need the scorecard's `weights`. Got None instead.",
                "build the classifier with `MainBankClassifier.from_policy(policy.main_bank)`.",
            )
        prior = np.array([self.weights.get(name, 0.0) for name in ("intercept", *TERMS)], dtype=np.float64)
        count = len(customers.signals)
        labels = np.full(count, np.nan) if y is None else labels_of(y)
        if len(labels) != count:
            raise ValueError(f"`y` must have one entry per row of `X`. Got {len(labels)} for {count} instead.")
        self.scorecard_, self.classes_ = True, np.array([0, 1])
        self.feature_names_in_, self.n_features_in_ = np.array(COLUMNS, dtype=object), len(COLUMNS)
        weight = np.asarray(_check_sample_weight(sample_weight, customers.signals, dtype=np.float64))
        self._fit_labels(customers, labels, weight, prior)
        return self

    def _fit_generic(self, X: Any, y: Any, sample_weight: Any) -> Self:
        if y is None:
            raise ValueError(
                "This MainBankClassifier estimator requires y to be passed, but the target y is None: "
                "only columns `signal_<name>` have a scorecard that needs no labels."
            )
        X, y = validate_data(self, X, y, ensure_all_finite="allow-nan", dtype=np.float64)
        check_classification_targets(y)
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        if kind != "binary":
            raise ValueError(f"Only binary classification is supported. The type of the target is {kind}.")
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("`y` must hold two classes. Got one class instead.")
        weight = np.asarray(_check_sample_weight(sample_weight, X, dtype=np.float64))
        self.scorecard_, self.learned_, self.n_labels_ = False, True, len(labels)
        scale, weights = fit_generic(X, labels.astype(np.float64), weight)
        self.centre_, self.spread_ = scale
        self.intercept_, self.coef_ = float(weights[0]), weights[1:]
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Probability of each class.

        Parameters
        ----------
        X : pandas or Polars DataFrame, or array
            As given to `fit`.

        Returns
        -------
        array of shape (n, 2)
            Column 1: the main bank is elsewhere.
        """
        check_is_fitted(self)
        if self.scorecard_:
            elsewhere = self._elsewhere(self._seen(X))
        else:
            elsewhere = expit(
                standardised(self._numbers(X), Scale(self.centre_, self.spread_)) @ self.coef_ + self.intercept_
            )
        return np.column_stack([1.0 - elsewhere, elsewhere])

    def predict(self, X: Any) -> NDArray[Any]:
        """More probable class; `states` gives the answer that also asks for proof.

        Parameters
        ----------
        X : pandas or Polars DataFrame, or array

        Returns
        -------
        array of shape (n,)
        """
        check_is_fitted(self)
        return np.asarray(self.classes_[np.argmax(self.predict_proba(X), axis=1)])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.target_tags.required = False
        return tags
