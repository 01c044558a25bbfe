"""From clusters to bands of value: the policy's rules, applied to what a cluster's customers have in common."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from segment.arrays import Floats, Integers
from segment.clustering.coordinates import border_coordinates
from segment.clustering.space import Space


def cluster_bands(
    distances: Floats, labels: Integers, n_clusters: int, sharpness: float, shrinkage_customers: float
) -> Integers:
    """Return the band of each cluster."""
    # A cluster lies beyond a border where the pooled distance of its customers does. Distances are folded to between -1
    # and 1 before they are pooled, so that one very rich customer does not speak for a cluster; the pooled distance is
    # shrunk towards the bank's, so that a handful of customers does not either.
    # `distances` (n_customers, n_borders): From `border_distances`.
    # `labels` (n_customers,): Clusters, from 0.
    # Returns ndarray of int of shape (n_clusters,): Number of borders, from the lowest, that the cluster lies beyond.
    folded = border_coordinates(distances, sharpness)
    sizes = np.bincount(labels, minlength=n_clusters).astype(float)
    sums = np.column_stack([np.bincount(labels, weights=column, minlength=n_clusters) for column in folded.T])
    pooled = (sums + shrinkage_customers * folded.mean(axis=0)) / np.maximum(sizes + shrinkage_customers, 1.0)[:, None]
    return np.asarray(np.cumprod(pooled > 0.0, axis=1).sum(axis=1), dtype=np.intp)


def agreement(own: Integers, clusters: Integers) -> float:
    """Return the share of customers whose cluster's band is their own."""
    # `own`, `clusters` (n_customers,): Bands.
    return float(np.mean(own == clusters))


def recalls(own: Integers, clusters: Integers, n_bands: int) -> Floats:
    """Return the share of each band's customers whose cluster's band is the same."""
    # `own`, `clusters` (n_customers,): Bands.
    # Returns ndarray of shape (n_bands,): NaN for a band without customers.
    sizes = np.bincount(own, minlength=n_bands).astype(float)
    right = np.bincount(own[own == clusters], minlength=n_bands).astype(float)
    return np.divide(right, sizes, out=np.full(n_bands, np.nan), where=sizes > 0)


class BandAgreement(NamedTuple):
    """What clusters say about bands, held against what customers' own values say."""

    bands: Integers  # (n_clusters,): band of each cluster
    agreement: float  # Share of customers whose own band it is
    recalls: Floats  # (n_bands,): the same share within each band; NaN for a band without customers


def evaluate_bands(
    space: Space, labels: Integers, n_clusters: int, sharpness: float, shrinkage_customers: float
) -> BandAgreement:
    """Give each cluster its band and compare with the customers' own."""
    # `labels` (n_customers,): Clusters, from 0.
    band_of_cluster = cluster_bands(space.distances, labels, n_clusters, sharpness, shrinkage_customers)
    assigned = band_of_cluster[labels]
    return BandAgreement(
        band_of_cluster, agreement(space.bands, assigned), recalls(space.bands, assigned, space.distances.shape[1] + 1)
    )
