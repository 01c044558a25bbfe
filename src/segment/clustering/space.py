"""The customers to cluster, seen from any sharpness of the borders and any weight of behaviour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segment.arrays import Floats, Integers
from segment.clustering.coordinates import bands, border_coordinates, border_distances, rank_knots, rank_scale, weighted


@dataclass(frozen=True)
class Space:
    """Where each customer stands."""

    # (n_customers, n_borders): how far the value lies beyond each border; no columns where no borders are known
    distances: Floats
    behaviour: Floats  # (n_customers, n_columns): scaled to variance one
    bands: Integers  # (n_customers,): the band between borders that the customer's own value lies in

    def __len__(self) -> int:
        return len(self.bands)

    @property
    def has_borders(self) -> bool:
        """Whether there are borders to agree with."""
        return self.distances.shape[1] > 0

    @property
    def worth(self) -> Floats:
        """What clusters are ordered by: how far beyond the lowest border, or without one the sum of standard scores."""
        return self.distances[:, 0] if self.has_borders else np.asarray(self.behaviour.sum(axis=1), dtype=np.float64)

    def take(self, rows: Integers | slice) -> Space:
        """Return some of the customers."""
        return Space(self.distances[rows], self.behaviour[rows], self.bands[rows])

    def coordinates(self, sharpness: float, weight: float) -> Floats:
        """Return the coordinates that are clustered."""
        # Returns ndarray of shape (n_customers, n_borders + n_columns).
        return weighted(border_coordinates(self.distances, sharpness), self.behaviour, weight)


def learn_scaling(behaviour: Floats) -> dict[str, Floats]:
    """Learn how behaviour is scaled."""
    # `behaviour` (n_customers, n_columns): NaN: missing.
    medians, knots = rank_knots(behaviour)
    filled = np.where(np.isnan(behaviour), medians, behaviour)
    spreads = filled.std(axis=0)
    return {
        "medians": medians,
        "knots": knots,
        "means": filled.mean(axis=0),
        "spreads": np.where(spreads > 0, spreads, 1.0),
    }


def place(numbers: Floats, n_borders: int, scaling: dict[str, Floats]) -> Space:
    """Place customers where they are clustered."""
    # `numbers` (n_customers, n_columns): Value, ascending borders, scale, then behaviour; behaviour alone where no
    # borders are known.
    if n_borders == 0:
        filled = np.where(np.isnan(numbers), scaling["medians"], numbers)
        plain = (filled - scaling["means"]) / scaling["spreads"]
        return Space(np.empty((len(plain), 0)), plain, np.zeros(len(plain), dtype=np.intp))
    value, borders, scale = numbers[:, 0], numbers[:, 1 : n_borders + 1], numbers[:, n_borders + 1]
    ranks = rank_scale(numbers[:, n_borders + 2 :], scaling["medians"], scaling["knots"])
    return Space(border_distances(value, borders, scale), ranks, bands(value, borders))
