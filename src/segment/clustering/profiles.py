"""What the customers of a cluster have in common, in figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from segment.arrays import Floats, Integers

LEAST_TO_DESCRIBE = 10
"""Customers that a cluster must have for its figures to be told: fewer, and a figure may be one person's secret."""


Profile = dict[str, Any]
"""The figures of a cluster by name, as a stored model keeps them."""


def means_by_cluster(values: Floats, labels: Integers, n_clusters: int) -> Floats:
    """Return the mean of each column in each cluster."""
    # `values` (n_customers, n_columns).
    # `labels` (n_customers,): Every cluster has a customer.
    # Returns ndarray of shape (n_clusters, n_columns).
    sizes = np.bincount(labels, minlength=n_clusters)[:, None]
    sums = np.zeros((n_clusters, values.shape[1]))
    for place, column in enumerate(values.T):
        sums[:, place] = np.bincount(labels, weights=column, minlength=n_clusters)
    return np.asarray(sums / sizes, dtype=np.float64)


def medians_by_cluster(values: Floats, labels: Integers, n_clusters: int) -> Floats:
    """Return the median of each column in each cluster."""
    # `values` (n_customers, n_columns): NaN: missing.
    # `labels` (n_customers,).
    # Returns ndarray of shape (n_clusters, n_columns): NaN where a cluster knows no value.
    medians = np.full((n_clusters, values.shape[1]), np.nan)
    for cluster in range(n_clusters):
        members = values[labels == cluster]
        for place, column in enumerate(members.T):
            present = column[~np.isnan(column)]
            if len(present):
                medians[cluster, place] = np.median(present)
    return medians


def profile_cards(
    labels: Integers, names: Sequence[str], tiers: Sequence[str], values: Floats, columns: Sequence[str]
) -> list[Profile]:
    """Put the figures of each cluster on a card."""
    # `labels` (n_customers,): Clusters, from 0.
    # `values` (n_customers, n_columns).
    sizes = np.bincount(labels, minlength=len(names))
    medians = medians_by_cluster(values, labels, len(names))
    medians[sizes < LEAST_TO_DESCRIBE] = np.nan
    return [
        {
            "cluster": number,
            "name": name,
            "tier": tiers[number],
            "customers": int(sizes[number]),
            "share": float(sizes[number] / len(labels)),
            **{f"median_{column}": float(median) for column, median in zip(columns, medians[number], strict=True)},
        }
        for number, name in enumerate(names)
    ]
