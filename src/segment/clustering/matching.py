"""The order of clusters, and numbers that do not change when a model is fitted anew."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import pairwise_distances, pairwise_distances_argmin

from segment.clustering.coordinates import Floats, Integers


def most_valuable_first(centers: Floats, coordinates: Floats, worth: Floats) -> Floats:
    """Return the centres in the order of what their customers are worth, without those that no customer is near.

    Parameters
    ----------
    centers : ndarray of shape (n_clusters, n_coordinates)
    coordinates : ndarray of shape (n_customers, n_coordinates)
    worth : ndarray of shape (n_customers,)
        Averaged over each cluster.

    Returns
    -------
    ndarray of shape (n_found, n_coordinates)

    Examples
    --------
    >>> most_valuable_first(np.array([[0.0], [5.0], [99.0]]), np.array([[0.0], [5.0]]), np.array([1.0, 2.0])).ravel()
    array([5., 0.])
    """
    found, positions, sizes = np.unique(
        pairwise_distances_argmin(coordinates, centers), return_inverse=True, return_counts=True
    )
    return centers[found[np.argsort(-np.bincount(positions, weights=worth) / sizes, kind="stable")]]


def matched_numbers(anchors: Floats, previous_anchors: Floats, previous_numbers: Integers) -> Integers:
    """Give each cluster the number of the earlier cluster that it is closest to, each number at most once.

    Parameters
    ----------
    anchors : ndarray of shape (n_clusters, n_coordinates)
        Where the clusters lie.
    previous_anchors : ndarray of shape (n_previous, n_coordinates)
        Where the earlier ones lay, in the same coordinates.
    previous_numbers : ndarray of int of shape (n_previous,)

    Returns
    -------
    ndarray of int of shape (n_clusters,)
        Clusters beyond the earlier ones get numbers never used there.

    References
    ----------
    Kuhn, The Hungarian method for the assignment problem, Naval Research Logistics 2 (1955).

    Examples
    --------
    >>> matched_numbers(np.array([[0.1], [9.0], [5.1]]), np.array([[5.0], [0.0]]), np.array([0, 1]))
    array([1, 2, 0])
    """
    numbers = np.full(len(anchors), -1, dtype=np.intp)
    rows, columns = linear_sum_assignment(pairwise_distances(anchors, previous_anchors))
    numbers[rows] = previous_numbers[columns]
    unmatched = np.flatnonzero(numbers < 0)
    numbers[unmatched] = int(previous_numbers.max()) + 1 + np.arange(len(unmatched))
    return numbers
