"""The customers to cluster: where each stands by the odds of the tiers, and by behaviour at any weight beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segment.arrays import Floats, Integers
from segment.clustering.coordinates import rank_knots, rank_scale, weighted
from segment.policy.cost_of_error import Matrix, expected_costs


@dataclass(frozen=True)
class Space:
    """Where each customer stands."""

    odds: Floats  # (n_customers, n_tiers): best tier first; no columns where no odds are known
    costs: Floats  # (n_customers, n_tiers): expected cost of giving each tier, by the customer's own odds
    behaviour: Floats  # (n_customers, n_columns): scaled to variance one

    def __len__(self) -> int:
        return len(self.behaviour)

    @property
    def has_odds(self) -> bool:
        """Whether clusters can have tiers."""
        return self.odds.shape[1] > 0

    @property
    def own_tiers(self) -> Integers:
        """Place of the tier of least expected cost by each customer's own odds."""
        return np.asarray(self.costs.argmin(axis=1), dtype=np.intp)

    @property
    def worth(self) -> Floats:
        """What clusters are ordered by: the tier to expect, or without odds the sum of standard scores."""
        if not self.has_odds:
            return np.asarray(self.behaviour.sum(axis=1), dtype=np.float64)
        return np.asarray(-self.odds @ np.arange(self.odds.shape[1]), dtype=np.float64)

    def take(self, rows: Integers | slice) -> Space:
        """Return some of the customers."""
        return Space(self.odds[rows], self.costs[rows], self.behaviour[rows])

    def coordinates(self, weight: float) -> Floats:
        """Return the coordinates that are clustered."""
        # Between square roots of odds the Euclidean distance is Hellinger's: it tells .01 from .05 as it tells .4 from
        # .5, where plain odds would not.
        # Source: E. Hellinger, Journal fuer die reine und angewandte Mathematik 136 (1909).
        # Returns ndarray of shape (n_customers, n_tiers + n_columns).
        return weighted(np.sqrt(np.clip(self.odds, 0.0, 1.0)), self.behaviour, weight)


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


def place(numbers: Floats, n_odds: int, scaling: dict[str, Floats], matrix: Matrix) -> Space:
    """Place customers where they are clustered."""
    # `numbers` (n_customers, n_columns): Odds, then behaviour; behaviour alone where no odds are known.
    # `matrix`: Cost of serving a customer of the row's tier as one of the column's.
    if n_odds == 0:
        filled = np.where(np.isnan(numbers), scaling["medians"], numbers)
        none = np.empty((len(filled), 0))
        return Space(none, none, (filled - scaling["means"]) / scaling["spreads"])
    odds = numbers[:, :n_odds]
    ranks = rank_scale(numbers[:, n_odds:], scaling["medians"], scaling["knots"])
    return Space(odds, expected_costs(odds, matrix), ranks)
