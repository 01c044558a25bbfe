"""One fitted object that takes a snapshot and gives tiers, with everything behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from segment.arrays import Floats
from segment.clustering import TierClustering
from segment.departures import DepartureForecast, Landmarks
from segment.departures.departure_forecast import with_departures
from segment.exceptions import HistoryError
from segment.messages import Message
from segment.model.data_limits import data_limits, taught_by
from segment.model.forecasts import PREDICTION, Forecasts, with_prediction
from segment.model.main_bank_and_wallet import (
    MAIN_ELSEWHERE,
    Circumstances,
    FittedWallets,
    elsewhere_value,
    fit_wallets,
)
from segment.model.model_columns import as_frame, forecasts_alone, managers_in
from segment.model.scoring import (
    clustering_of,
    fit_clusters,
    fit_main_bank,
    placed,
    to_publish,
    with_clusters,
    with_future_value,
    with_main_bank,
)
from segment.model.tier_outlook import with_outlook
from segment.model.wallet_prior import UsualFigures
from segment.numeric_input import TableOutput
from segment.policy import Policy
from segment.tiers import assign_tiers
from segment.trees import on_one_blas_thread
from segment.value import FutureValueRegressor
from segment.value.calibration import CalibratedForecast

ROWS_A_PART: Final = 50_000
"""Customers whose features are held as numbers at a time when they are scored."""


class SegmentationModel(Forecasts, TableOutput, BaseEstimator):
    """Future value, main bank, wallet and clusters, composed into tiers.

    Parameters
    ----------
    policy : dict
        A policy's content; `from_policy` makes it. The model keeps it, so that its tiers can be explained.
    horizon_months : int, default 12
        Months ahead that the future value is learned for. A shorter one is scaled to a year.
    future_value : FutureValueRegressor, optional
        Cloned and fitted; the default starts from the last `horizon_months`.
    future_value_parameters : dict, optional
        Of the default `FutureValueRegressor`, as a model spec sets them.
    features : list of str, optional
        Columns that the future value may read; the default is every feature of the catalogue that names it as a user.
    clustering : TierClustering, optional
        Cloned and fitted; the default searches as the policy says.
    random_state : int, default 0
        The same seed gives the same model.

    Attributes
    ----------
    future_value_ : FutureValueRegressor
        Fitted on every row with an outcome.
    main_bank_ : MainBankClassifier
        Fitted on the newest date.
    wallets_ : dict of str to CredibleWallet or OneBankWallet
        Fitted on customers of the newest date whose main bank is here, drawn to the policy's prior where they are few.
    usual_ : dict of str to float
        The bank's usual income and card payment, the yardsticks of that prior.
    taught_ : dict of str to float
        Who taught main bank, wallets and clusters; `limits` says what follows.
    clustering_ : TierClustering
        Fitted on the newest date.
    departures_ : DepartureForecast or None
        Chances that customers leave or move their main bank; None without landmarks.
    odds_ : OddsCalibration
        Of the odds of tiers, from customers whom the future value's models had not seen.
    features_ : list of str
        Columns that the future value reads.
    as_of_ : str
        The newest date, ISO.
    """

    def __init__(
        self,
        policy: dict[str, Any] | None = None,
        *,
        horizon_months: int = 12,
        future_value: FutureValueRegressor | None = None,
        future_value_parameters: dict[str, Any] | None = None,
        features: list[str] | None = None,
        clustering: TierClustering | None = None,
        random_state: int = 0,
    ) -> None:
        self.policy = policy
        self.horizon_months = horizon_months
        self.future_value = future_value
        self.future_value_parameters = future_value_parameters
        self.features = features
        self.clustering = clustering
        self.random_state = random_state

    @classmethod
    def from_policy(cls, policy: Policy, **parameters: Any) -> Self:
        """Build a model that works by a policy.

        Parameters
        ----------
        policy : Policy
            Frozen figures.
        **parameters
            As of the class.

        Returns
        -------
        SegmentationModel
            Not fitted.
        """
        return cls(policy.model_dump(mode="json"), **parameters)

    @on_one_blas_thread
    def fit(
        self,
        X: Any,
        y: ArrayLike,
        main_bank_labels: ArrayLike | None = None,
        label_weight: ArrayLike | None = None,
        previous: TierClustering | None = None,
        landmarks: Landmarks | None = None,
    ) -> Self:
        """Learn from snapshots of several dates.

        Parameters
        ----------
        X : polars.DataFrame or pandas.DataFrame, n rows
            Snapshots, stacked. The newest date teaches wallet and clusters, and the main bank where no label does.
        y : array-like of shape (n,)
            Contribution of the next `horizon_months`; NaN where they have not passed.
        main_bank_labels : array-like of shape (n,), optional
            1: main bank elsewhere, 0: here, NaN: not known, as of each row's date (`segment.main_bank.labels_by_date`):
            an answer is learned with the signals of its time.
        label_weight : array-like of shape (n,), optional
            Weights of the labels.
        previous : TierClustering, optional
            The last model's clusters, which stay where none are clearly better; numbers and names are kept.
        landmarks : Landmarks, optional
            Customers as of past dates, with the departures that followed (`segment.departures.read_landmarks`). Without
            them, chances of a departure are null.

        Returns
        -------
        SegmentationModel
            Itself.

        Raises
        ------
        HistoryError
            Where no row has an outcome, or the newest date has too few customers.
        """
        frame, policy = as_frame(X), self.known_policy()
        target = np.asarray(y, dtype=np.float64)
        has_outcome = ~np.isnan(target)
        self.departures_ = None
        if landmarks is not None:
            self.departures_ = DepartureForecast(self.random_state, policy.departures.model_dump()).fit(landmarks)
        if not has_outcome.any():
            raise HistoryError.of("errors.no_outcomes", horizon_months=self.horizon_months, rows=frame.height)
        self.fit_future_value(frame.filter(pl.Series(has_outcome)), target[has_outcome])
        newest = (frame["as_of"] == frame["as_of"].max()).to_numpy()
        self.as_of_ = str(frame["as_of"].max())
        labels = np.full(frame.height, np.nan) if main_bank_labels is None else np.asarray(main_bank_labels, np.float64)
        weight = np.ones(frame.height) if label_weight is None else np.asarray(label_weight, dtype=np.float64)
        asked = newest | ~np.isnan(labels)
        self.main_bank_ = fit_main_bank(frame.filter(pl.Series(asked)), policy.main_bank, labels[asked], weight[asked])
        self._fit_now(frame.filter(pl.Series(newest)), policy, previous)
        self.taught_ |= {} if self.departures_ is None else self.departures_.taught()
        return self

    def predict(self, X: Any) -> NDArray[np.str_]:
        """Tier of each customer of one date.

        Parameters
        ----------
        X : polars.DataFrame or pandas.DataFrame
            A snapshot of one date, with every customer: branches' means are taken from it.

        Returns
        -------
        array of str, shape (n,)
        """
        return np.asarray(self._scored(X)["tier"].to_list(), dtype=np.str_)

    @on_one_blas_thread
    def score_customers(self, X: Any, managers: dict[str, int] | None = None) -> Any:
        """Everything that is published of each customer, but for what the publication adds.

        Parameters
        ----------
        X : polars.DataFrame or pandas.DataFrame
            A snapshot of one date, with every customer.
        managers : dict of str to int, optional
            Relationship managers per branch, for the policy's limit of customers to each; by default as the column
            `branch_managers` tells, where the snapshot has it.

        Returns
        -------
        polars.DataFrame or pandas.DataFrame
            As `X` is, unless `set_output` asked for one. Columns of CONTRACT.md section 3 (`previous_tier`,
            `model_version`, `run_id` are null) and further ones, in the order of the rows of `X`.
        """
        scored = self._scored(X, managers)
        given = "polars" if isinstance(X, pl.DataFrame) else "pandas"
        if (given if self._output() == "default" else self._output()) == "polars":
            return scored
        table = scored.to_pandas()
        return table if given == "polars" else table.set_axis(X.index)

    def score_parts(self, parts: Iterable[pl.DataFrame], managers: Mapping[str, int]) -> pl.DataFrame:
        """Score a snapshot that comes some thousand customers at a time; of each part only what tiers need is kept."""
        return self.settle_tiers(pl.concat(map(self.forecast_rows, parts)), managers)

    @on_one_blas_thread
    def forecast_rows(self, part: pl.DataFrame) -> pl.DataFrame:
        """Do what is done customer by customer: ask all models, and keep the columns that tiers need."""
        policy, forecast = self.known_policy(), self._forecast(part)
        predicted = with_departures(self._predicted(part, policy, forecast), getattr(self, "departures_", None))
        unread = forecasts_alone(policy)
        narrow = predicted.select(name for name in predicted.columns if name not in unread)
        return with_prediction(narrow, forecast.predicted)

    @on_one_blas_thread
    def settle_tiers(self, rows: pl.DataFrame, managers: Mapping[str, int]) -> pl.DataFrame:
        """Do what needs the whole bank, from the `forecast_rows` of all: borders, odds, clusters and tiers."""
        policy = self.known_policy()

        def below(amounts: Floats) -> Floats:
            parts = [slice(start, start + ROWS_A_PART) for start in range(0, max(1, rows.height), ROWS_A_PART)]
            return np.concatenate([self._below(self._predicted_in(rows[part]))(amounts[part]) for part in parts])

        frame = with_outlook(placed(rows.drop(PREDICTION), policy), below, self.odds_, policy)
        return to_publish(assign_tiers(with_clusters(frame, self.clustering_), policy, managers), policy)

    def _scored(self, X: Any, managers: dict[str, int] | None = None) -> pl.DataFrame:
        check_is_fitted(self, "clustering_")
        frame = as_frame(X)
        return self.score_parts(frame.iter_slices(ROWS_A_PART), managers or managers_in(frame))

    def limits(self) -> list[Message]:
        """Say what was learned from few data."""
        return data_limits(getattr(self, "taught_", {}), self.known_policy())

    def _fit_now(self, frame: pl.DataFrame, policy: Policy, previous: TierClustering | None) -> None:
        elsewhere = self.main_bank_.predict_proba(frame)[:, 1]
        states = self.main_bank_.states(frame)
        learned = fit_wallets(frame, elsewhere, states, policy, self.random_state)
        self.wallets_, self.usual_ = learned.wallets, learned.usual.to_dict() if learned.usual else {}
        self.categories_ = learned.circumstances.categories
        self.branch_income_ = learned.circumstances.branch_income
        main_here = int((elsewhere <= policy.wallet.main_here_up_to).sum())
        forecast = self._forecast(frame)
        between_borders = placed(self._predicted(frame, policy, forecast), policy)
        seen = with_outlook(between_borders, self._below(forecast), self.odds_, policy)
        clustering = clone(self.clustering or clustering_of(policy, self.random_state))
        self.clustering_ = fit_clusters(seen, clustering, previous, self.earlier_)
        main_elsewhere = int((states == MAIN_ELSEWHERE).sum())
        clustered = sum(card["customers"] for card in self.clustering_.profiles_)
        self.taught_ = taught_by(self.main_bank_, self.wallets_, main_here, main_elsewhere, clustered)
        del self.earlier_  # a row for each customer learned from has no place in a stored model

    def _predicted(self, frame: pl.DataFrame, policy: Policy, forecast: CalibratedForecast) -> pl.DataFrame:
        """Add future value, main bank and wallet."""
        predicted = with_main_bank(with_future_value(frame, self._a_year(forecast)), self.main_bank_)
        usual = getattr(self, "usual_", None)  # models of before there was a prior have none
        circumstances = Circumstances(self.categories_, self.branch_income_)
        learned = FittedWallets(circumstances, self.wallets_, UsualFigures(**usual) if usual else None)
        here = (predicted["main_bank_state"] == "main_here").to_numpy()
        elsewhere = elsewhere_value(frame, here, learned, policy.wallet)
        wallets = {
            "wallet_elsewhere_12m": elsewhere.quantiles[:, 0],
            "wallet_elsewhere_p80": elsewhere.quantiles[:, -1],
            "wallet_elsewhere_mean_12m": elsewhere.mean,
        }
        return predicted.with_columns(pl.Series(name, column) for name, column in wallets.items())
