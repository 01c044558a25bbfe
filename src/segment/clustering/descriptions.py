"""What is said of clusters once they are learned: tiers, names and cards."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np

from segment.arrays import Floats, Integers
from segment.clustering.inputs_of_clusters import as_frame
from segment.clustering.mapping import pooled_odds, tiers_of_clusters
from segment.clustering.names import cluster_names, contrasts, traits
from segment.clustering.profiles import Profile, means_by_cluster, profile_cards
from segment.clustering.space import Space
from segment.policy.cost_of_error import Matrix
from segment.policy.decisions import Tier

TIERS: tuple[str, ...] = get_args(Tier)


class Descriptions:
    """The part of `TierClustering` that describes clusters."""

    value: str
    shrinkage_customers: float
    n_features_in_: int
    columns_: list[str]
    _n_odds: int
    labels_: Integers
    cluster_numbers_: Integers
    cluster_tier_: list[str | None]
    cluster_odds_: Floats
    anchors_: Floats
    behaviour_columns_: list[str]
    cluster_ranks_: Floats
    cluster_contrasts_: Floats
    cluster_traits_: list[list[str]]
    cluster_names_: list[str]
    retired_names_: list[str]
    kept_share_: float
    profiles_: list[Profile]

    def _give_tiers(self, space: Space, matrix: Matrix) -> None:
        """Give each cluster its tier."""
        n_clusters = len(self.cluster_numbers_)
        self.cluster_tier_ = [None] * n_clusters
        self.cluster_odds_ = np.empty((n_clusters, 0))
        if self.columns_:
            self.cluster_odds_ = pooled_odds(space.odds, self.labels_, n_clusters, self.shrinkage_customers)
            self.cluster_tier_ = [TIERS[number] for number in tiers_of_clusters(self.cluster_odds_, matrix)]

    def _describe(self, space: Space, numbers: Floats, X: Any) -> None:
        """Put together where the clusters lie, their names and their cards."""
        view = space.coordinates(1.0 if self.columns_ else float(self.n_features_in_))
        self.anchors_ = means_by_cluster(view, self.labels_, len(self.cluster_numbers_))
        columns = self.columns_ or list(getattr(self, "feature_names_in_", [f"x{i}" for i in range(numbers.shape[1])]))
        tiers = [tier or "cluster" for tier in self.cluster_tier_]
        self.behaviour_columns_ = columns[self._n_odds :]
        self.cluster_ranks_ = means_by_cluster(space.behaviour, self.labels_, len(tiers))
        sizes = np.bincount(self.labels_, minlength=len(tiers))
        self.cluster_contrasts_ = contrasts(self.cluster_ranks_, tiers, sizes)
        self.cluster_traits_ = traits(self.cluster_contrasts_, self.behaviour_columns_)
        self.cluster_names_ = cluster_names(tiers, self.cluster_traits_)
        self.retired_names_ = []
        self.kept_share_ = float("nan")
        shown, named = numbers[:, self._n_odds :], self.behaviour_columns_
        frame = as_frame(X)
        if frame is not None and self.columns_ and self.value in frame.columns:
            shown = np.column_stack([frame[self.value].to_numpy().astype(np.float64), shown])
            named = [self.value, *named]
        self.profiles_ = profile_cards(self.labels_, self.cluster_names_, tiers, shown, named)
