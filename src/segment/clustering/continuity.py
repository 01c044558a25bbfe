"""What a new model takes over from the last one: where clusters lie, their numbers, and their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from segment.arrays import Floats, Integers
from segment.clustering.candidate import Grid
from segment.clustering.matching import continued_numbers, nearest_links, overlap_links
from segment.clustering.names import continued_names
from segment.clustering.search_clusters import PreviousClusters
from segment.exceptions import ModelError


class Continuity:
    """The part of `TierClustering` that holds one model's clusters against another's."""

    odds: Sequence[str]
    behaviour_weight_: float
    columns_: list[str]
    behaviour_columns_: list[str]
    anchors_: Floats
    cluster_centers_: Floats
    cluster_contrasts_: Floats
    cluster_numbers_: Integers
    cluster_tier_: list[str | None]
    cluster_names_: list[str]
    cluster_traits_: list[list[str]]
    numbers_given_: int
    labels_: Integers
    profiles_: list[dict[str, Any]]

    def match_to(self, previous: Continuity, X: Any = None) -> Self:
        """Take over the numbers of an earlier model's clusters, and their names where these still hold."""
        # `X` (n_customers, n_columns): Customers to match by: clusters that share them are the same. None: clusters
        # that lie close are.
        check_is_fitted(self)
        n_shared = self.anchors_.shape[1] if self.columns_ == previous.columns_ else len(self.odds)
        if bool(self.columns_) != bool(previous.columns_) or n_shared > previous.anchors_.shape[1]:
            raise ModelError.of("errors.other_clusters")
        if X is None:
            links = nearest_links(self.anchors_[:, :n_shared], previous.anchors_[:, :n_shared])
        else:
            sizes = len(self.cluster_numbers_), len(previous.cluster_numbers_)
            links = overlap_links(self._nearest(X), previous._nearest(X), *sizes)
        self._renumber(continued_numbers(links, previous.cluster_numbers_, previous.numbers_given_))
        self.numbers_given_ = max(previous.numbers_given_, int(self.cluster_numbers_.max()) + 1)
        self._rename(previous, links)
        if X is not None:
            names, before = np.array(self.cluster_names_), np.array(previous.cluster_names_)
            self.kept_share_ = float(np.mean(names[self._nearest(X)] == before[previous._nearest(X)]))
        return self

    if TYPE_CHECKING:

        def _nearest(self, X: Any) -> Integers: ...

    def _renumber(self, numbers: Integers) -> None:
        positions = np.argsort(self.cluster_numbers_)[np.searchsorted(np.sort(self.cluster_numbers_), self.labels_)]
        self.cluster_numbers_ = numbers
        self.labels_ = numbers[positions]

    def _rename(self, previous: Continuity, links: Integers) -> None:
        """Keep the names that still hold, make new ones for the others, and write both on the cards."""
        last = _tier_words(previous.cluster_tier_), previous.cluster_names_, previous.cluster_traits_
        self.cluster_names_, self.cluster_traits_ = continued_names(
            _tier_words(self.cluster_tier_), self.cluster_contrasts_, self.behaviour_columns_, links, last
        )
        self.retired_names_ = [name for name in previous.cluster_names_ if name not in self.cluster_names_]
        self.profiles_ = [
            {**card, "cluster": int(number), "name": name}
            for card, number, name in zip(self.profiles_, self.cluster_numbers_, self.cluster_names_, strict=True)
        ]

    def _last(self, previous: Continuity | None, grid: Grid) -> PreviousClusters | None:
        """Where the last model's clusters lie, if they are in the same columns and of a setting to try."""
        if previous is None or not self.columns_ or previous.columns_ != self.columns_:
            return None
        last = PreviousClusters(previous.behaviour_weight_, previous.cluster_centers_)
        return last if grid.spans(len(last.centers), last.behaviour_weight) else None


def can_be_continued(previous: object) -> bool:
    """Tell whether an earlier model's clusters are of this kind: those of an earlier release lay between borders."""
    return hasattr(previous, "cluster_odds_")


def _tier_words(tiers: list[str | None]) -> list[str]:
    return [tier or "cluster" for tier in tiers]
