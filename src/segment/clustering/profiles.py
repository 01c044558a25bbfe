"""What the customers of a cluster have in common, in figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from segment.clustering.coordinates import Floats, Integers

LEAST_TO_DESCRIBE = 10
"""Customers that a cluster must have for its figures to be told: fewer, and a figure may be one person's secret."""


def means_by_cluster(values: Floats, labels: Integers, n_clusters: int) -> Floats:
    """Return the mean of each column in each cluster.

    Parameters
    ----------
    values : ndarray of shape (n_customers, n_columns)
    labels : ndarray of int of shape (n_customers,)
        Every cluster has a customer.
    n_clusters : int

    Returns
    -------
    ndarray of shape (n_clusters, n_columns)

    Examples
    --------
    >>> means_by_cluster(np.array([[1.0], [3.0], [5.0]]), np.array([0, 0, 1]), 2).ravel()
    array([2., 5.])
    """
    sizes = np.bincount(labels, minlength=n_clusters)[:, None]
    sums = np.zeros((n_clusters, values.shape[1]))
    for place, column in enumerate(values.T):
        sums[:, place] = np.bincount(labels, weights=column, minlength=n_clusters)
    return np.asarray(sums / sizes, dtype=np.float64)


def medians_by_cluster(values: Floats, labels: Integers, n_clusters: int) -> Floats:
    """Return the median of each column in each cluster.

    Parameters
    ----------
    values : ndarray of shape (n_customers, n_columns)
        NaN: missing.
    labels : ndarray of int of shape (n_customers,)
    n_clusters : int

    Returns
    -------
    ndarray of shape (n_clusters, n_columns)
        NaN where a cluster knows no value.

    Examples
    --------
    >>> medians_by_cluster(np.array([[1.0], [3.0], [np.nan]]), np.array([0, 0, 1]), 2).ravel()
    array([ 2., nan])
    """
    medians = np.full((n_clusters, values.shape[1]), np.nan)
    for cluster in range(n_clusters):
        members = values[labels == cluster]
        for place, column in enumerate(members.T):
            known = column[~np.isnan(column)]
            if len(known):
                medians[cluster, place] = np.median(known)
    return medians


def profile_cards(
    labels: Integers, names: Sequence[str], tiers: Sequence[str], values: Floats, columns: Sequence[str]
) -> list[dict[str, Any]]:
    """Put the figures of each cluster on a card.

    Parameters
    ----------
    labels : ndarray of int of shape (n_customers,)
        Clusters, from 0.
    names, tiers : sequence of str of length n_clusters
    values : ndarray of shape (n_customers, n_columns)
    columns : sequence of str of length n_columns

    Returns
    -------
    list of dict
        `cluster`, `name`, `tier`, `customers`, `share`, and `median_<column>` for each column: NaN for a cluster of
        less than ten customers.

    Examples
    --------
    >>> profile_cards(np.zeros(12, dtype=int), ["typical"], ["valuable"], np.arange(12.0)[:, None], ["visits"])
    [{'cluster': 0, 'name': 'typical', 'tier': 'valuable', 'customers': 12, 'share': 1.0, 'median_visits': 5.5}]
    """
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
