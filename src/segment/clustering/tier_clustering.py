"""Clusters of customers that fall where the policy's borders fall, and the tier of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self, get_args

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.metrics import pairwise_distances_argmin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from segment.arrays import Floats, Integers
from segment.clustering.candidate import Grid, choose, few_enough
from segment.clustering.continuity import Continuity
from segment.clustering.inputs_of_clusters import (
    as_floats,
    as_frame,
    columns_to_cluster,
    numeric_columns,
    require_known,
)
from segment.clustering.mapping import evaluate_bands
from segment.clustering.matching import most_valuable_first
from segment.clustering.names import cluster_names, traits
from segment.clustering.profiles import means_by_cluster, profile_cards
from segment.clustering.search_clusters import BREAK_EVEN_BAND, SEARCH_ROWS, refine, search
from segment.clustering.space import Space, learn_scaling, place
from segment.exceptions import ModelError
from segment.numeric_input import NumericInput
from segment.policy.decisions import Tier

BANDS: tuple[str, ...] = get_args(Tier)[::-1]
"""The tiers between ascending borders, worst first."""


class TierClustering(Continuity, NumericInput, ClusterMixin, BaseEstimator):
    """Cluster customers in policy-aware coordinates and give each cluster the tier of its pooled figures.

    A customer's value is seen from three borders of the customer's own, by `tanh(a asinh((value - border) / scale))`:
    clusters part where the borders fall, and heavy tails are folded away. Behaviour stands beside it as ranks of small
    weight. Number of clusters, sharpness `a` and weight of behaviour are the simplest of the grid that cannot be told
    from the best in stability (bootstrap adjusted Rand index), separation (silhouette), agreement with each customer's
    own band and least recall of a band, together. Without the columns of value
    and borders, standardised columns are clustered.

    Parameters
    ----------
    value : str
        Column of the value, in money.
    borders : sequence of str
        Columns of the borders, ascending: loss-making below the first, break-even up to the second, valuable up to the
        third, high-value from there on. The third may be missing for a customer who cannot reach it.
    scale : str
        Column of the money that counts as much, such as the mean cost.
    behaviour : sequence of str or None
        Columns of behaviour; None: all other numbers.
    n_clusters : int or sequence of int
        Numbers of clusters to try; those with less than 20 customers per cluster are left out while others remain.
    border_sharpness, behaviour_weight : float or sequence of float
        Values to try. The weight is the variance that all behaviour together adds; a border's is at most one.
    n_bootstraps : int
        Bootstrap samples that stability is measured on.
    sample : int
        Customers that clusters are learned from, at most; the grid is searched on 5,000 of them.
    shrinkage_customers : float
        Weight of the bank's pooled figures when a cluster is given its tier.
    random_state : int, RandomState or None

    Attributes
    ----------
    labels_ : ndarray of int of shape (n_customers,)
        Cluster numbers.
    cluster_numbers_, cluster_tier_, cluster_names_, cluster_traits_ : of length n_clusters
        Number, tier, name and notable behaviour of each cluster, most valuable first. Tiers are None without borders.
    cluster_ranks_ : ndarray of shape (n_clusters, n_behaviour)
        Mean behaviour of each cluster, in standard deviations of ranks.
    profiles_, search_ : list of dict
        Size, share and medians of each cluster; every setting with its figures.
    retired_names_, kept_share_ : list of str, float
        Against the last model: names that no cluster has any more; share of the customers fitted who kept their
        cluster's name, NaN where there was none to compare with.
    border_sharpness_, behaviour_weight_, stability_, separation_, agreement_, break_even_recall_ : float
        The setting chosen and its figures; agreement and recall before any guard, NaN without borders.

    References
    ----------
    The four-tier policy, clause "clusters".

    Examples
    --------
    >>> import polars as pl
    >>> value = np.concatenate([np.linspace(-900, -400, 50), np.linspace(-40, 40, 50), np.linspace(200, 900, 50)])
    >>> people = pl.DataFrame({
    ...     "blended_contribution_12m": value, "border_low": -100.0, "border_break_even": 100.0, "border_high": 5000.0,
    ...     "mean_cost": 400.0, "visits_12m": np.arange(150.0) % 7})
    >>> clusters = TierClustering(n_clusters=3).fit(people)
    >>> clusters.predict_tier(people)[[0, 75, 149]].tolist()
    ['loss_making', 'break_even', 'valuable']
    >>> clusters.agreement_
    1.0
    """

    def __init__(
        self,
        *,
        value: str = "blended_contribution_12m",
        borders: Sequence[str] = ("border_low", "border_break_even", "border_high"),
        scale: str = "mean_cost",
        behaviour: Sequence[str] | None = None,
        n_clusters: int | Sequence[int] = (6, 8, 12, 16, 20),
        border_sharpness: float | Sequence[float] = (5.0, 8.0, 12.0),
        behaviour_weight: float | Sequence[float] = (0.02, 0.05, 0.1),
        n_bootstraps: int = 5,
        sample: int = 20_000,
        shrinkage_customers: float = 2.0,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.value = value
        self.borders = borders
        self.scale = scale
        self.behaviour = behaviour
        self.n_clusters = n_clusters
        self.border_sharpness = border_sharpness
        self.behaviour_weight = behaviour_weight
        self.n_bootstraps = n_bootstraps
        self.sample = sample
        self.shrinkage_customers = shrinkage_customers
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None, previous: TierClustering | None = None) -> Self:
        """Search the grid and learn the clusters.

        Parameters
        ----------
        X : pandas or Polars frame, or array, of shape (n_customers, n_columns)
        y : ignored
        previous : TierClustering, optional
            The last model's: its clusters stay where no setting is clearly better, and names and numbers are kept.

        Returns
        -------
        TierClustering
            Itself.

        Raises
        ------
        ModelError
            If the value or the first two borders are missing for a customer.
        """
        numbers = self._read_to_fit(X)
        random = check_random_state(self.random_state)
        self.scaling_ = learn_scaling(numbers[:, self._n_money :])
        space = self._place(numbers)
        rows = random.permutation(len(space))[: self.sample]
        # threads would cost more than they bring on so few customers, and would add in an order of their own
        with threadpool_limits(limits=1):
            grid = self._grid(min(len(rows), SEARCH_ROWS))
            trials = search(space.take(rows[:SEARCH_ROWS]), grid, random, self._last(previous, grid))
            best = choose(trials)
            setting = best.border_sharpness, best.behaviour_weight
            centers = refine(space.take(rows).coordinates(*setting), best.centers)
        self.border_sharpness_, self.behaviour_weight_ = setting
        coordinates = space.coordinates(*setting)
        self.cluster_centers_ = most_valuable_first(centers, coordinates, space.worth)
        self.labels_ = np.asarray(pairwise_distances_argmin(coordinates, self.cluster_centers_), dtype=np.intp)
        self.cluster_numbers_ = np.arange(len(self.cluster_centers_), dtype=np.intp)
        self.numbers_given_ = len(self.cluster_centers_)
        self.search_ = [trial.report() for trial in trials]
        self.stability_, self.separation_ = best.stability, best.separation
        self._name_tiers(space)
        self._describe(space, numbers)
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
        nearest = self._nearest(X)
        return np.asarray(self.cluster_numbers_[nearest], dtype=np.intp)

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
            If clusters were learned without borders.
        """
        nearest = self._nearest(X)
        if not self.columns_:
            raise ModelError.with_hint(
                "Clusters have tiers where they were learned with value and borders. These were learned without.",
                f"fit on a frame with the columns {self.value}, {', '.join(self.borders)} and {self.scale}",
            )
        return np.asarray(np.array(self.cluster_tier_, dtype=np.str_)[nearest])

    def predict_name(self, X: Any) -> NDArray[np.str_]:
        """Return the name of each customer's cluster.

        Parameters
        ----------
        X : pandas or Polars frame, or array, of shape (n_customers, n_columns)

        Returns
        -------
        ndarray of str of shape (n_customers,)
        """
        nearest = self._nearest(X)
        return np.asarray(np.array(self.cluster_names_, dtype=np.str_)[nearest])

    def _read_to_fit(self, X: Any) -> Floats:
        """Choose the columns and return them as floats: value, borders and scale first where they are known."""
        needed = [self.value, *self.borders, self.scale]
        self.columns_ = columns_to_cluster(as_frame(X), needed, self.behaviour)
        self._n_money = len(needed) if self.columns_ else 0
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
            require_known(numbers, len(self.borders))
        return np.asarray(numbers, dtype=np.float64)

    def _place(self, numbers: Floats) -> Space:
        return place(numbers, len(self.borders) if self.columns_ else 0, self.scaling_)

    def _grid(self, n_rows: int) -> Grid:
        """Return the settings that make sense for so many customers."""
        clusters = few_enough(np.atleast_1d(self.n_clusters).tolist(), n_rows)
        if not self.columns_:
            return Grid(clusters, (1.0,), (float(self.n_features_in_),), self.n_bootstraps, self.shrinkage_customers)
        sharpness, weights = np.atleast_1d(self.border_sharpness), np.atleast_1d(self.behaviour_weight)
        return Grid(clusters, sharpness.tolist(), weights.tolist(), self.n_bootstraps, self.shrinkage_customers)

    def _nearest(self, X: Any) -> Integers:
        """Position of the centre nearest to each customer."""
        check_is_fitted(self)
        space = self._place(self._read(X, reset=False))
        coordinates = space.coordinates(self.border_sharpness_, self.behaviour_weight_)
        return np.asarray(pairwise_distances_argmin(coordinates, self.cluster_centers_), dtype=np.intp)

    def _name_tiers(self, space: Space) -> None:
        """Give each cluster a tier and compare with the customers' own."""
        n_clusters = len(self.cluster_numbers_)
        self.cluster_tier_ = [None] * n_clusters
        self.agreement_ = self.break_even_recall_ = float("nan")
        if self.columns_:
            verdict = evaluate_bands(space, self.labels_, n_clusters, self.border_sharpness_, self.shrinkage_customers)
            self.cluster_tier_ = [BANDS[band] for band in verdict.bands]
            self.agreement_, self.break_even_recall_ = verdict.agreement, float(verdict.recalls[BREAK_EVEN_BAND])

    def _describe(self, space: Space, numbers: Floats) -> None:
        """Put together where the clusters lie, their names and their cards."""
        view = space.coordinates(1.0, 1.0 if self.columns_ else float(self.n_features_in_))
        self.anchors_ = means_by_cluster(view, self.labels_, len(self.cluster_numbers_))
        columns = self.columns_ or list(getattr(self, "feature_names_in_", [f"x{i}" for i in range(numbers.shape[1])]))
        tiers = [tier or "cluster" for tier in self.cluster_tier_]
        self.behaviour_columns_ = columns[self._n_money :]
        self.cluster_ranks_ = means_by_cluster(space.behaviour, self.labels_, len(tiers))
        self.cluster_traits_ = traits(self.cluster_ranks_, self.behaviour_columns_)
        self.cluster_names_ = cluster_names(tiers, self.cluster_traits_)
        self.retired_names_: list[str] = []
        self.kept_share_ = float("nan")
        described = [place for place, name in enumerate(columns) if name == self.value or place >= self._n_money]
        named = [columns[place] for place in described]
        self.profiles_ = profile_cards(self.labels_, self.cluster_names_, tiers, numbers[:, described], named)
