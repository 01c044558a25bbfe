"""Clusters of customers whose prospects and behaviour are alike, and the tier of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self, get_args

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from segment.arrays import Floats, Integers
from segment.clustering.candidate import Grid, choose, few_enough
from segment.clustering.continuity import Continuity, can_be_continued
from segment.clustering.descriptions import Descriptions
from segment.clustering.inputs_of_clusters import (
    EarlierOutcomes,
    as_floats,
    as_frame,
    columns_to_cluster,
    numeric_columns,
    require_known,
)
from segment.clustering.matching import most_valuable_first
from segment.clustering.search_clusters import SEARCH_ROWS, Judged, nearest, refine, search
from segment.clustering.space import Space, learn_scaling, place
from segment.exceptions import ModelError
from segment.numeric_input import NumericInput
from segment.policy.cost_of_error import CostOfError, Matrix
from segment.policy.decisions import Tier

_TIERS: tuple[str, ...] = get_args(Tier)
_ODDS = tuple(f"chance_{tier}" for tier in _TIERS)


class TierClustering(Descriptions, Continuity, NumericInput, ClusterMixin, BaseEstimator):
    """Cluster customers by the odds of their tiers and by behaviour, and give each cluster a tier.

    A customer stands where the square roots of the odds of the four tiers are (Hellinger's distance); behaviour stands
    beside them as ranks of small weight. A cluster takes the tier of least expected cost for the pooled odds of its
    customers. Number of clusters, weight of behaviour and margin of the guard are searched: of the settings that cannot
    be told from the best in what their tiers really cost on earlier dates, and in stability (bootstrap adjusted Rand
    index), the one with most behaviour and fewest clusters is taken. Without odds, standardised columns are clustered.

    Parameters
    ----------
    odds : sequence of str
        Columns of the odds of the tiers, best first; a row adds up to 1.
    cost_of_error : sequence of sequence of float or None
        Cost of serving a customer of the row's tier as one of the column's; None: the policy's default.
    value : str
        Column of money a year whose median stands on the cards; need not be there.
    behaviour : sequence of str or None
        Columns of behaviour; None: all other numbers.
    n_clusters : int or sequence of int
        Numbers of clusters to try; those with less than 20 customers per cluster are left out while others remain.
    behaviour_weight, guard_margin : float or sequence of float
        Values to try. The weight is the variance that all behaviour together adds. The margin, in the unit of
        `cost_of_error`, is how much dearer the cluster's tier may be for a customer's own odds than the cheapest.
    most_guarded : float
        Settings in which more of the customers of earlier dates are overruled by their own odds are left out while
        others remain.
    n_bootstraps : int
        Bootstrap samples that stability is measured on.
    sample : int
        Customers that clusters are learned from, at most; the grid is searched on 5,000 of them.
    shrinkage_customers : float
        Weight of the bank's pooled odds when a cluster is given its tier.
    random_state : int, RandomState or None

    Attributes
    ----------
    labels_ : ndarray of int of shape (n_customers,)
        Cluster numbers.
    cluster_numbers_, cluster_tier_, cluster_names_, cluster_traits_ : of length n_clusters
        Number, tier, name and notable behaviour of each cluster, most valuable first. Tiers are None without odds.
    cluster_odds_ : ndarray of shape (n_clusters, n_tiers)
        Pooled odds of each cluster.
    cluster_ranks_, cluster_contrasts_ : ndarray of shape (n_clusters, n_behaviour)
        Mean behaviour of each cluster, in standard deviations of ranks: against the bank, and against the clusters of
        the same tier, which names tell.
    profiles_, search_ : list of dict
        Size, share and medians of each cluster; every setting with its figures.
    retired_names_, kept_share_ : list of str, float
        Against the last model: names that no cluster has any more; share of the customers fitted who kept their
        cluster's name, NaN where there was none to compare with.
    behaviour_weight_, guard_margin_, stability_, separation_ : float
        The setting chosen and its figures.
    cost_, guarded_ : float
        Mean cost of the tiers on the earlier dates, and share of the customers whose own odds overruled the cluster
        there; NaN without odds.

    References
    ----------
    The four-tier policy, clause "clusters".

    Examples
    --------
    >>> import polars as pl
    >>> sure = {"chance_high_value": 0.9, "chance_valuable": 0.1, "chance_break_even": 0.0, "chance_loss_making": 0.0}
    >>> odds = np.array(list(sure.values()))
    >>> rows = np.vstack([odds, odds[[1, 0, 2, 3]], odds[[2, 3, 0, 1]], odds[[3, 2, 1, 0]]])
    >>> people = pl.DataFrame(np.repeat(rows, 30, axis=0), schema=list(sure)).with_columns(
    ...     visits_12m=pl.int_range(120) % 7)
    >>> clusters = TierClustering(n_clusters=4, behaviour_weight=0.01, guard_margin=0.25).fit(people)
    >>> clusters.predict_tier(people)[[0, 30, 60, 90]].tolist()
    ['high_value', 'valuable', 'break_even', 'loss_making']
    """

    def __init__(
        self,
        *,
        odds: Sequence[str] = _ODDS,
        cost_of_error: Matrix | None = None,
        value: str = "blended_contribution_12m",
        behaviour: Sequence[str] | None = None,
        n_clusters: int | Sequence[int] = (8, 12, 16),
        behaviour_weight: float | Sequence[float] = (0.2, 0.4),
        guard_margin: float | Sequence[float] = (0.1, 0.15, 0.2, 0.25),
        most_guarded: float = 0.04,
        n_bootstraps: int = 5,
        sample: int = 20_000,
        shrinkage_customers: float = 2.0,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.odds = odds
        self.cost_of_error = cost_of_error
        self.value = value
        self.behaviour = behaviour
        self.n_clusters = n_clusters
        self.behaviour_weight = behaviour_weight
        self.guard_margin = guard_margin
        self.most_guarded = most_guarded
        self.n_bootstraps = n_bootstraps
        self.sample = sample
        self.shrinkage_customers = shrinkage_customers
        self.random_state = random_state

    def fit(
        self, X: Any, y: Any = None, previous: TierClustering | None = None, earlier: EarlierOutcomes | None = None
    ) -> Self:
        """Search the grid and learn the clusters.

        Parameters
        ----------
        X : pandas or Polars frame, or array, of shape (n_customers, n_columns)
        y : ignored
        previous : TierClustering, optional
            The last model's: its clusters stay where no setting is clearly better, and names and numbers are kept.
        earlier : EarlierOutcomes, optional
            By whom settings are judged; without them by what the odds of `X` let expect.

        Returns
        -------
        TierClustering
            Itself.

        Raises
        ------
        ModelError
            If odds are missing for a customer.
        """
        numbers = self._read_to_fit(X)
        random = check_random_state(self.random_state)
        self.scaling_ = learn_scaling(numbers[:, self._n_odds :])
        space = self._place(numbers)
        if previous is not None and not can_be_continued(previous):
            previous = None
        rows = random.permutation(len(space))[: self.sample]
        matrix = self._matrix()
        # threads would cost more than they bring on so few customers, and would add in an order of their own
        with threadpool_limits(limits=1):
            grid = self._grid(min(len(rows), SEARCH_ROWS))
            seen = space.take(rows[:SEARCH_ROWS])
            judged = self._judged(seen, earlier, random)
            trials = search(seen, judged, grid, matrix, random, self._last(previous, grid))
            best = choose(trials, self.most_guarded)
            learned = space.take(rows).coordinates(best.behaviour_weight)
            centers = best.centers if best.continued else refine(learned, best.centers)
        self.behaviour_weight_, self.guard_margin_ = best.behaviour_weight, best.guard_margin
        coordinates = space.coordinates(self.behaviour_weight_)
        self.cluster_centers_ = most_valuable_first(centers, coordinates, space.worth)
        self.labels_ = nearest(coordinates, self.cluster_centers_)
        self.cluster_numbers_ = np.arange(len(self.cluster_centers_), dtype=np.intp)
        self.numbers_given_ = len(self.cluster_centers_)
        self.search_ = [trial.report() for trial in trials]
        self.stability_, self.separation_ = best.stability, best.separation
        self.cost_, self.guarded_ = best.cost, best.guarded
        self._give_tiers(space, matrix)
        self._describe(space, numbers, X)
        return self if previous is None else self.match_to(previous, X)

    def predict(self, X: Any) -> Integers:
        """Return the number of each customer's cluster.

        Parameters
        ----------
        X : pandas or Polars frame, or array, of shape (n_customers, n_columns)

        Returns
        -------
        ndarray of int of shape (n_customers,)
        """
        closest = self._nearest(X)
        return np.asarray(self.cluster_numbers_[closest], dtype=np.intp)

    def predict_tier(self, X: Any) -> NDArray[np.str_]:
        """Return the tier of each customer's cluster, before any guard.

        Parameters
        ----------
        X : pandas or Polars frame of shape (n_customers, n_columns)

        Returns
        -------
        ndarray of str of shape (n_customers,)

        Raises
        ------
        ModelError
            If clusters were learned without odds.
        """
        closest = self._nearest(X)
        if not self.columns_:
            raise ModelError.of("errors.clusters_without_odds", odds=self.odds)
        return np.asarray(np.array(self.cluster_tier_, dtype=np.str_)[closest])

    def predict_name(self, X: Any) -> NDArray[np.str_]:
        """Return the name of each customer's cluster.

        Parameters
        ----------
        X : pandas or Polars frame, or array, of shape (n_customers, n_columns)

        Returns
        -------
        ndarray of str of shape (n_customers,)
        """
        closest = self._nearest(X)
        return np.asarray(np.array(self.cluster_names_, dtype=np.str_)[closest])

    def _read_to_fit(self, X: Any) -> Floats:
        """Choose the columns and return them as floats: odds first where they are known."""
        self.columns_ = columns_to_cluster(as_frame(X), self.odds, self.value, self.behaviour)
        self._n_odds = len(self.odds) if self.columns_ else 0
        return self._read(X, reset=True)

    def _read(self, X: Any, *, reset: bool) -> Floats:
        """Return the columns as floats, checked as scikit-learn checks them."""
        frame = as_frame(X)
        if frame is not None:
            X = as_floats(frame, self.columns_ or numeric_columns(frame))
        numbers = validate_data(
            self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan", ensure_min_samples=2 if reset else 1
        )
        if self.columns_:
            require_known(numbers, len(self.odds))
        return np.asarray(numbers, dtype=np.float64)

    def _place(self, numbers: Floats) -> Space:
        return place(numbers, len(self.odds) if self.columns_ else 0, self.scaling_, self._matrix())

    def _matrix(self) -> Matrix:
        return CostOfError().matrix if self.cost_of_error is None else self.cost_of_error

    def _judged(self, seen: Space, earlier: EarlierOutcomes | None, random: np.random.RandomState) -> Judged:
        """Choose by whom settings are judged."""
        if earlier is None or not self.columns_ or not len(earlier.tiers):
            return Judged(seen, np.full(len(seen), -1, dtype=np.intp))
        came = np.array([-1 if tier is None else _TIERS.index(tier) for tier in earlier.tiers], dtype=np.intp)
        rows = random.permutation(len(came))[: self.sample]
        return Judged(self._place(self._read(earlier.customers, reset=False)).take(rows), came[rows])

    def _grid(self, n_rows: int) -> Grid:
        """Return the settings that make sense for so many customers."""
        clusters = few_enough(np.atleast_1d(self.n_clusters).tolist(), n_rows)
        weights, margins = np.atleast_1d(self.behaviour_weight).tolist(), np.atleast_1d(self.guard_margin).tolist()
        if not self.columns_:
            weights, margins = [float(self.n_features_in_)], [0.0]
        return Grid(clusters, weights, margins, self.n_bootstraps, self.shrinkage_customers)

    def _nearest(self, X: Any) -> Integers:
        """Position of the centre nearest to each customer."""
        check_is_fitted(self)
        return nearest(
            self._place(self._read(X, reset=False)).coordinates(self.behaviour_weight_), self.cluster_centers_
        )
