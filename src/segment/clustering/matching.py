"""The order of clusters, and numbers that do not change when a model is fitted anew."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import pairwise_distances, pairwise_distances_argmin

from segment.arrays import Floats, Integers

_LEAST_SHARED = 1 / 3


def most_valuable_first(centers: Floats, coordinates: Floats, worth: Floats) -> Floats:
    """Return the centres in the order of what their customers are worth, without those that no customer is near."""
    # `centers` (n_clusters, n_coordinates), `coordinates` (n_customers, n_coordinates).
    # `worth` (n_customers,): Averaged over each cluster.
    # Returns ndarray of shape (n_found, n_coordinates).
    occupied, positions, sizes = np.unique(
        pairwise_distances_argmin(coordinates, centers), return_inverse=True, return_counts=True
    )
    return centers[occupied[np.argsort(-np.bincount(positions, weights=worth) / sizes, kind="stable")]]


def overlap_links(labels: Integers, previous_labels: Integers, n_clusters: int, n_previous: int) -> Integers:
    """Link each cluster to the earlier one that shares its customers, so that as many as possible stay together."""
    # `labels`, `previous_labels` (n_customers,): Clusters of the same customers, from 0.
    # Returns ndarray of int of shape (n_clusters,): Position of the earlier cluster, each at most once; -1 where the
    # two share less than a third of all the customers in either: such a cluster is a new one.
    # Source: Kuhn, The Hungarian method for the assignment problem, Naval Research Logistics 2 (1955).
    shared = np.bincount(labels * n_previous + previous_labels, minlength=n_clusters * n_previous)
    shared = shared.reshape(n_clusters, n_previous).astype(float)
    either = shared.sum(axis=1, keepdims=True) + shared.sum(axis=0, keepdims=True) - shared
    links = np.full(n_clusters, -1, dtype=np.intp)
    rows, columns = linear_sum_assignment(-shared)
    same = shared[rows, columns] >= _LEAST_SHARED * np.maximum(either[rows, columns], 1.0)
    links[rows[same]] = columns[same]
    return links


def nearest_links(anchors: Floats, previous_anchors: Floats) -> Integers:
    """Link each cluster to the earlier one that it is closest to, each at most once."""
    # `anchors` (n_clusters, n_coordinates): Where the clusters lie.
    # `previous_anchors` (n_previous, n_coordinates): Where the earlier ones lay, in the same coordinates.
    # Returns ndarray of int of shape (n_clusters,): Position of the earlier cluster; -1 where there are more clusters
    # than before.
    links = np.full(len(anchors), -1, dtype=np.intp)
    rows, columns = linear_sum_assignment(pairwise_distances(anchors, previous_anchors))
    links[rows] = columns
    return links


def continued_numbers(links: Integers, previous_numbers: Integers, first_free: int) -> Integers:
    """Give each cluster the number of the earlier one that it continues, and new ones numbers never used."""
    # `links` (n_clusters,): Positions of earlier clusters; -1: none.
    # `previous_numbers` (n_previous,). Returns ndarray of int of shape (n_clusters,).
    numbers = np.where(links >= 0, previous_numbers[links], -1)
    numbers[links < 0] = first_free + np.arange(int((links < 0).sum()))
    return np.asarray(numbers, dtype=np.intp)
