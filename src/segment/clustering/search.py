"""The search for clusters that are stable, that part well, and that agree with each customer's own figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, pairwise_distances_argmin, silhouette_score

from segment.clustering.coordinates import Floats, Integers
from segment.clustering.mapping import judge
from segment.clustering.space import Space

BREAK_EVEN_BAND = 1
SEARCH_ROWS = 5_000
_SEPARATION_ROWS = 1_000
_LEAST_PER_CLUSTER = 20
# A point of adjusted Rand or silhouette is worth a tenth of a point of agreement, and half of one of the worst band's
# recall: a cluster that blurs a tier is no use however stable it is.
_PRICE_OF_DISAGREEMENT = 10.0
_PRICE_OF_MISSED_BAND = 2.0


@dataclass(frozen=True)
class Trial:
    """One setting and how it did.

    Attributes
    ----------
    n_clusters, border_sharpness, behaviour_weight
        The setting.
    stability : float
        Mean adjusted Rand index between the clusters and those of bootstrap samples.
    separation : float
        Mean silhouette.
    agreement, break_even_recall, least_recall : float
        Against each customer's own band; NaN without borders.
    centers : ndarray of shape (n_clusters, n_coordinates)
    """

    n_clusters: int
    border_sharpness: float
    behaviour_weight: float
    stability: float
    separation: float
    agreement: float
    break_even_recall: float
    least_recall: float
    centers: Floats = field(repr=False)

    @property
    def score(self) -> float:
        """What the search maximises."""
        missed = 0.0
        if not np.isnan(self.agreement):
            missed = _PRICE_OF_DISAGREEMENT * (1 - self.agreement) + _PRICE_OF_MISSED_BAND * (1 - self.least_recall)
        return round(self.stability + self.separation - missed, 9)

    def report(self) -> dict[str, float]:
        """Return the setting and its figures without the centres, in plain types."""
        names = [name for name in self.__dataclass_fields__ if name != "centers"]
        return {name: getattr(self, name) for name in names} | {"score": self.score}


@dataclass(frozen=True)
class Grid:
    """The settings to try and how hard.

    Attributes
    ----------
    n_clusters : sequence of int
    border_sharpness, behaviour_weight : sequence of float
    n_bootstraps : int
    shrinkage_customers : float
    """

    n_clusters: Sequence[int]
    border_sharpness: Sequence[float]
    behaviour_weight: Sequence[float]
    n_bootstraps: int
    shrinkage_customers: float

    def __iter__(self) -> Iterator[tuple[int, float, float]]:
        return product(self.n_clusters, self.border_sharpness, self.behaviour_weight)


def few_enough(n_clusters: Sequence[int], n_customers: int) -> list[int]:
    """Return the numbers of clusters that leave twenty customers to each, or else the smallest.

    Parameters
    ----------
    n_clusters : sequence of int
    n_customers : int

    Returns
    -------
    list of int
        Ascending.

    Examples
    --------
    >>> few_enough([24, 8, 12], 250), few_enough([24, 8, 12], 50)
    ([8, 12], [8])
    """
    ascending = sorted(n_clusters)
    return [count for count in ascending if count * _LEAST_PER_CLUSTER <= n_customers] or ascending[:1]


def search(space: Space, grid: Grid, random: np.random.RandomState) -> list[Trial]:
    """Try every setting on the same customers and the same bootstrap samples.

    Parameters
    ----------
    space : Space
        At most some thousand customers.
    grid : Grid
    random : numpy.random.RandomState

    Returns
    -------
    list of Trial
        In the grid's order.

    References
    ----------
    Ben-Hur, Elisseeff and Guyon, A stability based method for discovering structure in clustered data, Pacific
    Symposium on Biocomputing 2002.

    Examples
    --------
    >>> points = np.repeat([[0.0], [5.0]], 10, axis=0)
    >>> space = Space(np.empty((20, 0)), points, np.zeros(20, dtype=int))
    >>> trials = search(space, Grid((2,), (1.0,), (1.0,), 2, 0.0), np.random.RandomState(0))
    >>> trials[0].stability, trials[0].separation
    (1.0, 1.0)
    """
    seed = int(random.randint(2**31 - 1))
    draws = [random.randint(0, len(space), len(space)) for _ in range(grid.n_bootstraps)]
    return [_try(space, grid, setting, draws, seed) for setting in grid]


def fit_centers(space: Space, coordinates: Floats, n_clusters: int, seed: int) -> Floats:
    """Cluster by k-means and return the centres.

    Where borders are known the start is no draw of luck: the clusters are shared out among the bands by the square root
    of their sizes, at least one to each, and each band is cut in slices of equal size along its main direction. So a
    thin break-even band always has a cluster to start from, and like samples give like clusters.

    Parameters
    ----------
    space : Space
    coordinates : ndarray of shape (n_customers, n_coordinates)
        Of the same customers.
    n_clusters : int
    seed : int
        Decides the start where no borders are known.

    Returns
    -------
    ndarray of shape (n_clusters, n_coordinates)
        Fewer where there are fewer different customers.

    Examples
    --------
    >>> points = np.repeat([[0.0], [5.0]], 10, axis=0)
    >>> space = Space(np.empty((20, 0)), points, np.zeros(20, dtype=int))
    >>> np.sort(fit_centers(space, points, 2, 0).ravel())
    array([0., 5.])
    """
    distinct = np.unique(coordinates, axis=0)
    if len(distinct) <= n_clusters:
        return distinct
    if space.has_borders:
        start = _start(space.bands, coordinates, n_clusters)
        return refine(coordinates, start)
    fitted = KMeans(n_clusters, n_init=4, random_state=seed).fit(coordinates)
    return np.asarray(fitted.cluster_centers_, dtype=np.float64)


def refine(coordinates: Floats, start: Floats) -> Floats:
    """Move centres to where the customers around them are.

    Parameters
    ----------
    coordinates : ndarray of shape (n_customers, n_coordinates)
    start : ndarray of shape (n_clusters, n_coordinates)

    Returns
    -------
    ndarray of shape (n_clusters, n_coordinates)

    Examples
    --------
    >>> refine(np.array([[0.0], [1.0], [9.0]]), np.array([[0.0], [9.0]])).ravel()
    array([0.5, 9. ])
    """
    fitted = KMeans(len(start), init=start, n_init=1, max_iter=100).fit(coordinates)
    return np.asarray(fitted.cluster_centers_, dtype=np.float64)


def _start(bands: Integers, coordinates: Floats, n_clusters: int) -> Floats:
    """Centres of slices of each band."""
    present, sizes = np.unique(bands, return_counts=True)
    shares = np.ones(len(present), dtype=int)
    while shares.sum() < n_clusters:
        shares[np.argmax(np.sqrt(sizes) / shares)] += 1
    centers = [_slices(coordinates[bands == band], share) for band, share in zip(present, shares, strict=True)]
    return np.unique(np.vstack(centers), axis=0)


def _slices(points: Floats, count: int) -> Floats:
    """Centres of slices of equal size along the main direction."""
    centred = points - points.mean(axis=0)
    direction = np.linalg.eigh(centred.T @ centred)[1][:, -1]
    direction = direction * np.sign(direction[np.argmax(np.abs(direction))])
    order = np.argsort((centred @ direction).round(9), kind="stable")
    return np.vstack([points[part].mean(axis=0) for part in np.array_split(order, min(count, len(points)))])


def _try(space: Space, grid: Grid, setting: tuple[int, float, float], draws: list[Integers], seed: int) -> Trial:
    """Cluster the customers and each bootstrap sample with one setting."""
    n_clusters, sharpness, weight = setting
    coordinates = space.coordinates(sharpness, weight)
    centers = fit_centers(space, coordinates, n_clusters, seed)
    labels = pairwise_distances_argmin(coordinates, centers)
    others = (fit_centers(space.take(rows), coordinates[rows], n_clusters, seed) for rows in draws)
    rand = [adjusted_rand_score(labels, pairwise_distances_argmin(coordinates, other)) for other in others]
    agreed, recalled = float("nan"), np.array([np.nan, np.nan])
    if space.has_borders:
        _, agreed, recalled = judge(space, labels, len(centers), sharpness, grid.shrinkage_customers)
    return Trial(
        n_clusters,
        sharpness,
        weight,
        float(np.mean(rand)),
        _separation(coordinates, labels),
        agreed,
        float(recalled[BREAK_EVEN_BAND]),
        float(np.nanmin(recalled)) if space.has_borders else float("nan"),
        centers,
    )


def _separation(coordinates: Floats, labels: Integers) -> float:
    """Mean silhouette of evenly spread customers; zero where they all share a cluster."""
    rows = np.linspace(0, len(labels) - 1, min(len(labels), _SEPARATION_ROWS)).astype(int)
    found = len(np.unique(labels[rows]))
    return float(silhouette_score(coordinates[rows], labels[rows])) if 1 < found < len(rows) else 0.0
