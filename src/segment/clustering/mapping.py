"""From clusters to tiers: the tier that is least costly for the odds of a cluster's customers together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from segment.arrays import Flags, Floats, Integers
from segment.clustering.space import Space
from segment.policy.cost_of_error import Matrix, excess_costs, expected_costs


def pooled_odds(odds: Floats, labels: Integers, n_clusters: int, shrinkage_customers: float) -> Floats:
    """Pool the odds of each cluster's customers, shrunk towards the bank's: a handful does not speak for a cluster."""
    # `odds` (n_customers, n_tiers), `labels` (n_customers,): Clusters, from 0.
    # Returns ndarray of shape (n_clusters, n_tiers): Each row adds up to 1.
    sizes = np.bincount(labels, minlength=n_clusters).astype(float)
    sums = np.column_stack([np.bincount(labels, weights=column, minlength=n_clusters) for column in odds.T])
    weighed = sums + shrinkage_customers * odds.mean(axis=0)
    # without shrinkage an empty cluster knows nothing, and takes the bank's odds
    empty = (sizes + shrinkage_customers == 0.0)[:, None]
    pooled = np.where(empty, odds.mean(axis=0), weighed / np.where(empty, 1.0, sizes[:, None] + shrinkage_customers))
    return np.asarray(pooled / pooled.sum(axis=1, keepdims=True), dtype=np.float64)


def tiers_of_clusters(pooled: Floats, matrix: Matrix) -> Integers:
    """Give each cluster the tier of least expected cost, of equal ones the better: its place, best tier first."""
    return np.asarray(expected_costs(pooled, matrix).argmin(axis=1), dtype=np.intp)


def guarded(costs: Floats, cluster_tiers: Integers, margin: float) -> tuple[Integers, Flags]:
    """Give each customer the cluster's tier, but where it is dearer than the cheapest one by more than the margin."""
    # `costs` (n_customers, n_tiers): By the customers' own odds; `cluster_tiers` (n_customers,): Places of tiers.
    # Returns places of tiers, and who is guarded.
    overruled: Flags = excess_costs(costs, cluster_tiers) > margin
    return np.asarray(np.where(overruled, costs.argmin(axis=1), cluster_tiers), dtype=np.intp), overruled


class Decided(NamedTuple):
    """What tiers by clusters cost where what came is known, or else is expected."""

    cost: float  # Mean of a customer
    guarded: float  # Share of the customers whose own odds overruled the cluster


def cost_of_clusters(space: Space, cluster_tiers: Integers, margin: float, came: Integers, matrix: Matrix) -> Decided:
    """Tell what serving customers by their clusters' tiers costs."""
    # `cluster_tiers` (n_customers,): Tier of each customer's cluster.
    # `came` (n_customers,): Place of the tier that really came; -1 where it is not known: the own odds say what to
    # expect.
    given, overruled = guarded(space.costs, cluster_tiers, margin)
    realised = np.asarray(matrix, dtype=np.float64)[np.maximum(came, 0), given]
    expected = np.take_along_axis(space.costs, given[:, None], axis=1)[:, 0]
    return Decided(float(np.where(came >= 0, realised, expected).mean()), float(overruled.mean()))
