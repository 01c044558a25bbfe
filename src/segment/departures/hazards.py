"""Chances that something ends within some months, from hazards by month."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from segment.arrays import Floats, Integers
from segment.boosted_trees import BoostedClassifier
from segment.numeric_input import NumericInput
from segment.trees import one_thread_if_few, without_empty_columns

MOST_MONTHS = 12
"""Months ahead that hazards are known for."""

BANDS: tuple[tuple[int, int], ...] = ((1, 1), (2, 2), (3, 3), (4, 6), (7, 12))
"""Months ahead that share a hazard, first and last."""

LEAST_HAZARD, MOST_HAZARD = 1e-5, 0.9
FEW_ROWS = 20_000
MIN_CLASS = 2


class DepartureHazards(NumericInput, BaseEstimator):
    """Discrete-time hazards of one kind of departure, drawn to a prior where departures are few.

    Parameters
    ----------
    learning_rate : float, default 0.1
        Of the boosted trees.
    max_iter : int, default 60
        Trees.
    max_leaf_nodes : int, default 8
        Leaves of a tree.
    min_samples_leaf : int, default 60
        Rows of a leaf.
    n_folds : int, default 2
        Groups of customers that are held out in turn to calibrate.
    prior_departures : float, default 40
        Departures at which what was learned counts as much as the prior. There is no border at which one gives way to
        the other.
    prior_hazard : float, default 0.008
        Hazard a month where `fit` and `predict` are given none.
    random_state : int, default 0
        The same seed gives the same hazards.

    Attributes
    ----------
    trees_ : BoostedClassifier or None
        None where no two departures were known.
    departures_ : float
        Departures learned from, each customer once.
    own_weight_ : float
        How much what was learned counts beside the prior, 0 to 1.
    level_ : float
        Departures seen for each that the prior expected, drawn to 1.
    calibration_ : ndarray of shape (2,)
        Shift and stretch of the learned log-odds, from customers held out.

    Notes
    -----
    A row is a customer as of a date. Each month ahead that the customer is seen through is one trial of the hazard,
    ended by the departure (D. R. Cox, Regression models and life tables, J. R. Stat. Soc. B 34, 1972, section 6; P. D.
    Allison, Discrete-time methods for the analysis of event histories, Sociological Methodology 13, 1982). Months of a
    band share a hazard, so its trials are one row with a weight. The chance to be gone within a horizon is one less
    the product of what is left each month, so that it never falls with the horizon.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(500, 1))
    >>> months = np.where(X[:, 0] > 1.0, 2, -12)
    >>> hazards = DepartureHazards(max_iter=20).fit(X, months)
    >>> within = hazards.predict_within(np.array([[2.0], [-1.0]]), months=(3, 12))
    >>> bool(within[0, 0] > 0.5 > within[1, 1])
    True
    """

    def __init__(
        self,
        *,
        learning_rate: float = 0.1,
        max_iter: int = 60,
        max_leaf_nodes: int = 8,
        min_samples_leaf: int = 60,
        n_folds: int = 2,
        prior_departures: float = 40.0,
        prior_hazard: float = 0.008,
        random_state: int = 0,
    ) -> None:
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.max_leaf_nodes = max_leaf_nodes
        self.min_samples_leaf = min_samples_leaf
        self.n_folds = n_folds
        self.prior_departures = prior_departures
        self.prior_hazard = prior_hazard
        self.random_state = random_state

    def fit(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        prior: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Learn from customers as of several dates.

        Parameters
        ----------
        X : array-like of shape (n, features)
            What was known on the date; NaN where unknown.
        y : array-like of shape (n,)
            Months until the departure, 1 or more; where none was seen, less the months that the customer was seen
            through, 0 for none.
        sample_weight : array-like of shape (n,), optional
            What each row stands for.
        prior : array-like of shape (n, 12), optional
            Hazards expected before anything is learned.
        groups : array-like of shape (n,), optional
            Whose row it is; a customer's rows are held out together.

        Returns
        -------
        DepartureHazards
            Itself.
        """
        features, outcome = self._numbers_to_fit(X, y)
        rows = len(features)
        weight = _check_sample_weight(sample_weight, features, dtype=np.float64, ensure_non_negative=True)
        whose = np.arange(rows) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
        trials = _trials(np.rint(outcome), weight)
        expected = self._prior(rows, prior)
        self.departures_ = float(len(np.unique(whose[outcome >= 1.0])))
        self.level_ = self._level(trials, expected)
        self.own_weight_ = self.departures_ / (self.departures_ + self.prior_departures)
        self.calibration_ = np.array([0.0, 1.0])
        columns = without_empty_columns(features)
        enough = self.departures_ >= MIN_CLASS and len(np.unique(trials.ended)) == MIN_CLASS
        self.trees_ = self._grown(columns, trials) if enough else None
        if self.trees_ is not None:
            self.calibration_ = self._calibrated(columns, trials, whose)
        return self

    def fit_prior(self, n_features: int) -> Self:
        """Learn nothing: where nobody was seen, the prior speaks alone."""
        self.n_features_in_ = n_features
        self.departures_, self.level_, self.own_weight_, self.trees_ = 0.0, 1.0, 0.0, None
        self.calibration_ = np.array([0.0, 1.0])
        return self

    def predict_hazards(self, X: Any, prior: ArrayLike | None = None) -> Floats:
        """Chance of each of the next twelve months that the customer departs in it, if still here."""
        # Returns array of shape (n, 12).
        check_is_fitted(self, "level_")
        features = self._numbers(X)
        expected = np.clip(self._prior(len(features), prior) * self.level_, LEAST_HAZARD, MOST_HAZARD)
        if self.trees_ is None:
            return expected
        learned = _by_band(self.trees_, features)
        shifted = self.calibration_[0] + self.calibration_[1] * learned
        by_month = np.repeat(shifted, [last - first + 1 for first, last in BANDS], axis=1)
        mixed = self.own_weight_ * by_month + (1.0 - self.own_weight_) * logit(expected)
        return np.clip(expit(mixed), LEAST_HAZARD, MOST_HAZARD)

    def predict_within(self, X: Any, months: tuple[int, ...] = (3, 6, 12), prior: ArrayLike | None = None) -> Floats:
        """Chance to depart within some months.

        Parameters
        ----------
        X : array-like of shape (n, features)
            As in `fit`.
        months : tuple of int, default (3, 6, 12)
            Horizons, 12 at most.
        prior : array-like of shape (n, 12), optional
            As in `fit`.

        Returns
        -------
        ndarray of shape (n, len(months))
            Never less for a longer horizon.
        """
        gone = 1.0 - np.cumprod(1.0 - self.predict_hazards(X, prior), axis=1)
        return np.asarray(gone[:, np.asarray(months) - 1], dtype=np.float64)

    def predict(self, X: Any) -> Floats:
        """Chance to depart within twelve months."""
        return self.predict_within(X, (MOST_MONTHS,))[:, 0]

    def _prior(self, rows: int, prior: ArrayLike | None) -> Floats:
        if prior is None:
            return np.full((rows, MOST_MONTHS), self.prior_hazard)
        return np.asarray(prior, dtype=np.float64)

    def _level(self, trials: _Trials, expected: Floats) -> float:
        by_band = np.column_stack([expected[:, first - 1 : last].mean(axis=1) for first, last in BANDS])
        seen = float(trials.weight[trials.ended].sum())
        awaited = float(trials.weight @ by_band[trials.row, trials.band])
        # a row stands for months that overlap those of the customer's other rows: only the ratio has a meaning
        part = self.departures_ / max(seen, 1.0) if seen else 1.0
        own = self.prior_departures
        return (seen * part + own) / (awaited * part + own) if seen else own / (own + awaited / MOST_MONTHS)

    def _grown(self, columns: Floats, trials: _Trials) -> BoostedClassifier:
        trees = BoostedClassifier(
            learning_rate=self.learning_rate,
            max_iter=self.max_iter,
            max_leaf_nodes=self.max_leaf_nodes,
            min_samples_leaf=self.min_samples_leaf,
            l2_regularization=5.0,
            max_bins=63,
            early_stopping=False,
            random_state=self.random_state,
        )
        inputs = np.column_stack([columns[trials.row], trials.band])
        with one_thread_if_few(len(inputs), FEW_ROWS):
            trees.fit(inputs, trials.ended, sample_weight=trials.weight)
        return trees

    def _calibrated(self, columns: Floats, trials: _Trials, whose: Integers) -> Floats:
        """Shift and stretch learned log-odds to what customers say who were held out."""
        fold = np.random.default_rng(self.random_state).permutation(whose.max() + 1)[whose] % self.n_folds
        log_odds = np.full(len(trials.row), np.nan)
        for number in range(self.n_folds):
            held_out = fold[trials.row] == number
            teaching = trials.at(~held_out)
            if len(np.unique(teaching.ended)) < MIN_CLASS:
                continue
            trees = self._grown(columns, teaching)
            asked = trials.at(held_out)
            inputs = np.column_stack([columns[asked.row], asked.band])
            log_odds[held_out] = logit(np.clip(trees.predict_proba(inputs)[:, 1], LEAST_HAZARD, MOST_HAZARD))
        usable = ~np.isnan(log_odds)
        if len(np.unique(trials.ended[usable])) < MIN_CLASS:
            return np.array([0.0, 1.0])
        platt = LogisticRegression(C=10.0).fit(
            log_odds[usable].reshape(-1, 1), trials.ended[usable], sample_weight=trials.weight[usable]
        )
        return np.array([float(platt.intercept_[0]), max(float(platt.coef_[0, 0]), 0.0)])


class _Trials:
    """Months of a band that a row is seen through, and the one that a departure ends."""

    def __init__(self, row: Integers, band: Integers, ended: Any, weight: Floats) -> None:
        self.row, self.band, self.ended, self.weight = row, band, ended, weight

    def at(self, chosen: Any) -> _Trials:
        return _Trials(self.row[chosen], self.band[chosen], self.ended[chosen], self.weight[chosen])


def _trials(outcome: Floats, weight: Floats) -> _Trials:
    """Spread rows out into trials, those of one band and answer together."""
    rows, bands, ended, weights = [], [], [], []
    for number, (first, last) in enumerate(BANDS):
        seen = np.abs(outcome)
        stayed = np.clip(np.where(outcome > 0.0, seen - 1.0, seen) - (first - 1), 0.0, last - first + 1.0)
        went = (outcome >= first) & (outcome <= last)
        for chosen, months, answer in ((stayed > 0.0, stayed, False), (went, np.ones(len(outcome)), True)):
            at = np.flatnonzero(chosen)
            rows.append(at)
            bands.append(np.full(len(at), number))
            ended.append(np.full(len(at), answer))
            weights.append(weight[at] * months[at])
    return _Trials(np.concatenate(rows), np.concatenate(bands), np.concatenate(ended), np.concatenate(weights))


def _by_band(trees: BoostedClassifier, features: Floats) -> Floats:
    """Learned log-odds of each band's hazard."""
    chances = [
        trees.predict_proba(np.column_stack([features, np.full(len(features), number)]))[:, 1]
        for number in range(len(BANDS))
    ]
    return np.asarray(logit(np.clip(np.column_stack(chances), LEAST_HAZARD, MOST_HAZARD)), dtype=np.float64)
