"""The customers to cluster, seen from any sharpness of the borders and any weight of behaviour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segment.clustering.coordinates import (
    Floats,
    Integers,
    bands,
    border_coordinates,
    border_distances,
    rank_scale,
    weighted,
)


@dataclass(frozen=True)
class Space:
    """Where each customer stands.

    Attributes
    ----------
    distances : ndarray of shape (n_customers, n_borders)
        How far the value lies beyond each border; no columns where no borders are known.
    behaviour : ndarray of shape (n_customers, n_columns)
        Scaled to variance one.
    bands : ndarray of int of shape (n_customers,)
        The band between borders that the customer's own value lies in.
    """

    distances: Floats
    behaviour: Floats
    bands: Integers

    def __len__(self) -> int:
        return len(self.bands)

    @property
    def has_borders(self) -> bool:
        """Whether there are borders to agree with."""
        return self.distances.shape[1] > 0

    def take(self, rows: Integers) -> Space:
        """Return some of the customers.

        Parameters
        ----------
        rows : ndarray of int

        Returns
        -------
        Space
        """
        return Space(self.distances[rows], self.behaviour[rows], self.bands[rows])

    def coordinates(self, sharpness: float, weight: float) -> Floats:
        """Return the coordinates that are clustered.

        Parameters
        ----------
        sharpness : float
            Of the borders.
        weight : float
            Variance that all behaviour together adds.

        Returns
        -------
        ndarray of shape (n_customers, n_borders + n_columns)

        Examples
        --------
        >>> Space(np.zeros((1, 3)), np.ones((1, 1)), np.ones(1, dtype=int)).coordinates(5.0, 0.04)
        array([[0. , 0. , 0. , 0.2]])
        """
        return weighted(border_coordinates(self.distances, sharpness), self.behaviour, weight)


def space_with_borders(numbers: Floats, n_borders: int, medians: Floats, knots: Floats) -> Space:
    """Place customers whose value and borders are known; behaviour is scaled by ranks.

    Parameters
    ----------
    numbers : ndarray of shape (n_customers, 1 + n_borders + 1 + n_columns)
        Value, ascending borders, scale, behaviour.
    n_borders : int
    medians, knots : ndarray
        From `rank_knots` of the customers learned from.

    Returns
    -------
    Space

    Examples
    --------
    >>> numbers = np.array([[50.0, -10.0, 10.0, 100.0, 20.0]])
    >>> space_with_borders(numbers, 3, np.empty(0), np.empty((0, 257))).bands
    array([2])
    """
    value, borders, scale = numbers[:, 0], numbers[:, 1 : n_borders + 1], numbers[:, n_borders + 1]
    ranks = rank_scale(numbers[:, n_borders + 2 :], medians, knots)
    return Space(border_distances(value, borders, scale), ranks, bands(value, borders))


def space_without_borders(numbers: Floats, medians: Floats, means: Floats, spreads: Floats) -> Space:
    """Place customers of whom only behaviour is known; it is standardised, missing values at the median.

    Parameters
    ----------
    numbers : ndarray of shape (n_customers, n_columns)
        NaN: missing.
    medians, means, spreads : ndarray of shape (n_columns,)
        Of the customers learned from.

    Returns
    -------
    Space

    Examples
    --------
    >>> space_without_borders(np.array([[3.0]]), np.ones(1), np.ones(1), np.full(1, 2.0)).behaviour
    array([[1.]])
    """
    filled = np.where(np.isnan(numbers), medians, numbers)
    return Space(np.empty((len(filled), 0)), (filled - means) / spreads, np.zeros(len(filled), dtype=np.intp))
