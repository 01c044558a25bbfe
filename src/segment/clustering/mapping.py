"""From clusters to bands of value: the policy's rules, applied to what a cluster's customers have in common."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from segment.clustering.coordinates import Floats, Integers, border_coordinates
from segment.clustering.space import Space


def cluster_bands(
    distances: Floats, labels: Integers, n_clusters: int, sharpness: float, shrinkage_customers: float
) -> Integers:
    """Return the band of each cluster.

    A cluster lies beyond a border where the pooled distance of its customers does. Distances are folded to between -1
    and 1 before they are pooled, so that one very rich customer does not speak for a cluster; the pooled distance is
    shrunk towards the bank's, so that a handful of customers does not either.

    Parameters
    ----------
    distances : ndarray of shape (n_customers, n_borders)
        From `border_distances`.
    labels : ndarray of int of shape (n_customers,)
        Clusters, from 0.
    n_clusters : int
    sharpness : float
        Of the folding.
    shrinkage_customers : float
        Customers that the bank's pooled distance weighs as much as.

    Returns
    -------
    ndarray of int of shape (n_clusters,)
        Number of borders, from the lowest, that the cluster lies beyond.

    Examples
    --------
    >>> distances = np.array([[-2.0, -3.0, -9.0], [2.0, -1.0, -5.0], [3.0, -1.0, -np.inf]])
    >>> cluster_bands(distances, np.array([0, 1, 1]), 2, 5.0, 0.0)
    array([0, 1])
    """
    folded = border_coordinates(distances, sharpness)
    sizes = np.bincount(labels, minlength=n_clusters).astype(float)
    sums = np.column_stack([np.bincount(labels, weights=column, minlength=n_clusters) for column in folded.T])
    pooled = (sums + shrinkage_customers * folded.mean(axis=0)) / np.maximum(sizes + shrinkage_customers, 1.0)[:, None]
    return np.asarray(np.cumprod(pooled > 0.0, axis=1).sum(axis=1), dtype=np.intp)


def agreement(own: Integers, clusters: Integers) -> float:
    """Return the share of customers whose cluster's band is their own.

    Parameters
    ----------
    own, clusters : ndarray of int of shape (n_customers,)
        Bands.

    Returns
    -------
    float

    Examples
    --------
    >>> agreement(np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2]))
    0.75
    """
    return float(np.mean(own == clusters))


def recalls(own: Integers, clusters: Integers, n_bands: int) -> Floats:
    """Return the share of each band's customers whose cluster's band is the same.

    Parameters
    ----------
    own, clusters : ndarray of int of shape (n_customers,)
        Bands.
    n_bands : int

    Returns
    -------
    ndarray of shape (n_bands,)
        NaN for a band without customers.

    Examples
    --------
    >>> recalls(np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2]), 4)
    array([1. , 0.5, 1. , nan])
    """
    sizes = np.bincount(own, minlength=n_bands).astype(float)
    right = np.bincount(own[own == clusters], minlength=n_bands).astype(float)
    return np.divide(right, sizes, out=np.full(n_bands, np.nan), where=sizes > 0)


class Verdict(NamedTuple):
    """What clusters say about bands, held against what customers' own values say.

    Attributes
    ----------
    bands : ndarray of int of shape (n_clusters,)
        Band of each cluster.
    agreement : float
        Share of customers whose own band it is.
    recalls : ndarray of shape (n_bands,)
        The same share within each band; NaN for a band without customers.
    """

    bands: Integers
    agreement: float
    recalls: Floats


def judge(space: Space, labels: Integers, n_clusters: int, sharpness: float, shrinkage_customers: float) -> Verdict:
    """Give each cluster its band and compare with the customers' own.

    Parameters
    ----------
    space : Space
        With borders.
    labels : ndarray of int of shape (n_customers,)
        Clusters, from 0.
    n_clusters : int
    sharpness, shrinkage_customers : float
        As `cluster_bands` reads them.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> distances = np.array([[-2.0, -3.0, -9.0], [2.0, -1.0, -5.0], [3.0, 0.5, -np.inf]])
    >>> space = Space(distances, np.empty((3, 0)), np.array([0, 1, 2]))
    >>> judge(space, np.array([0, 1, 1]), 2, 5.0, 0.0).recalls
    array([ 1.,  1.,  0., nan])
    """
    found = cluster_bands(space.distances, labels, n_clusters, sharpness, shrinkage_customers)
    assigned = found[labels]
    return Verdict(
        found, agreement(space.bands, assigned), recalls(space.bands, assigned, space.distances.shape[1] + 1)
    )
