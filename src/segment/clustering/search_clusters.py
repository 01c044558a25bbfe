"""The search for clusters whose tiers cost least when they are wrong, and that are the same on another sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, pairwise_distances_argmin, silhouette_score

from segment.arrays import Floats, Integers
from segment.clustering.candidate import Candidate, Grid
from segment.clustering.mapping import Decided, cost_of_clusters, pooled_odds, tiers_of_clusters
from segment.clustering.space import Space
from segment.policy.cost_of_error import Matrix

SEARCH_ROWS = 5_000
_SEPARATION_ROWS = 1_000


class PreviousClusters(NamedTuple):
    """Where the last model's clusters lie."""

    behaviour_weight: float  # Its setting
    centers: Floats  # (n_clusters, n_coordinates)


@dataclass(frozen=True)
class Judged:
    """The customers of earlier dates by whom settings are judged."""

    space: Space
    came: Integers  # Place of the tier that really came, best first; -1 where it is not known


def search(
    space: Space,
    judged: Judged,
    grid: Grid,
    matrix: Matrix,
    random: np.random.RandomState,
    last: PreviousClusters | None = None,
) -> list[Candidate]:
    """Try every setting on the same customers and the same bootstrap samples, and where the last clusters are now."""
    # Source: Ben-Hur, Elisseeff and Guyon, A stability based method for discovering structure in clustered data,
    # Pacific Symposium on Biocomputing 2002.
    seed = int(random.randint(2**31 - 1))
    draws = [random.randint(0, len(space), len(space)) for _ in range(grid.n_bootstraps)]
    tried = [
        candidate
        for n_clusters, weight in grid
        for candidate in _try(space, judged, grid, matrix, (n_clusters, weight), draws, seed, None)
    ]
    if last is not None:
        setting = len(last.centers), last.behaviour_weight
        tried += _try(space, judged, grid, matrix, setting, draws, seed, last.centers)
    return tried


def fit_centers(space: Space, coordinates: Floats, n_clusters: int, seed: int) -> Floats:
    """Cluster by k-means and return the centres."""
    # Where odds are known the start is no draw of luck: the clusters are shared out among the tiers of least expected
    # cost by the square root of their sizes, at least one to each, and each tier is cut in slices of equal size along
    # its main direction. So a thin tier always has a cluster to start from, and like samples give like clusters.
    # `coordinates` (n_customers, n_coordinates): Of the same customers.
    # Returns ndarray of shape (n_clusters, n_coordinates): Fewer where there are fewer different customers.
    distinct = np.unique(coordinates, axis=0)
    if len(distinct) <= n_clusters:
        return distinct
    if space.has_odds:
        return refine(coordinates, _start(space.own_tiers, coordinates, n_clusters))
    fitted = KMeans(n_clusters, n_init=4, random_state=seed).fit(coordinates)
    return np.asarray(fitted.cluster_centers_, dtype=np.float64)


def refine(coordinates: Floats, start: Floats) -> Floats:
    """Move centres to where the customers around them are."""
    # `coordinates` (n_customers, n_coordinates), `start` (n_clusters, n_coordinates). Returns ndarray of shape
    # (n_clusters, n_coordinates).
    fitted = KMeans(len(start), init=start, n_init=1, max_iter=100).fit(coordinates)
    return np.asarray(fitted.cluster_centers_, dtype=np.float64)


def nearest(coordinates: Floats, centers: Floats) -> Integers:
    """Position of the centre nearest to each customer."""
    return np.asarray(pairwise_distances_argmin(coordinates, centers), dtype=np.intp)


def _start(tiers: Integers, coordinates: Floats, n_clusters: int) -> Floats:
    """Centres of slices of each tier."""
    present, sizes = np.unique(tiers, return_counts=True)
    shares = np.ones(len(present), dtype=int)
    while shares.sum() < n_clusters:
        shares[np.argmax(np.sqrt(sizes) / shares)] += 1
    centers = [_slices(coordinates[tiers == tier], share) for tier, share in zip(present, shares, strict=True)]
    return np.unique(np.vstack(centers), axis=0)


def _slices(points: Floats, count: int) -> Floats:
    """Centres of slices of equal size along the main direction."""
    centred = points - points.mean(axis=0)
    direction = np.linalg.eigh(centred.T @ centred)[1][:, -1]
    direction = direction * np.sign(direction[np.argmax(np.abs(direction))])
    order = np.argsort((centred @ direction).round(9), kind="stable")
    return np.vstack([points[part].mean(axis=0) for part in np.array_split(order, min(count, len(points)))])


def _try(
    space: Space,
    judged: Judged,
    grid: Grid,
    matrix: Matrix,
    setting: tuple[int, float],
    draws: list[Integers],
    seed: int,
    start: Floats | None,
) -> list[Candidate]:
    """Cluster the customers and each bootstrap sample with one setting; a candidate for each margin of the guard."""
    n_clusters, weight = setting
    coordinates, to_judge = space.coordinates(weight), judged.space.coordinates(weight)

    def centers_of(rows: Integers | slice) -> Floats:
        if start is not None:
            return refine(coordinates[rows], start)
        return fit_centers(space.take(rows), coordinates[rows], n_clusters, seed)

    def decided(labels: Integers, centers: Floats) -> list[Decided]:
        if not space.has_odds:
            return [Decided(float("nan"), float("nan"))] * len(grid.guard_margin)
        pooled = pooled_odds(space.odds, labels, len(centers), grid.shrinkage_customers)
        tiers = tiers_of_clusters(pooled, matrix)[nearest(to_judge, centers)]
        return [cost_of_clusters(judged.space, tiers, margin, judged.came, matrix) for margin in grid.guard_margin]

    # clusters that are continued stay where they lay: customers who did not change stay in theirs
    centers = centers_of(slice(None)) if start is None else start
    labels = nearest(coordinates, centers)
    rand, costs = [], []
    for rows in draws:
        its_centers = centers_of(rows)
        resampled = nearest(coordinates, its_centers)
        rand.append(adjusted_rand_score(labels, resampled))
        costs.append([one.cost for one in decided(resampled, its_centers)])
    separation = _separation(coordinates, labels)
    return [
        Candidate(
            n_clusters=n_clusters,
            behaviour_weight=weight,
            guard_margin=margin,
            stability=float(np.mean(rand)),
            separation=separation,
            cost=one.cost,
            guarded=one.guarded,
            costs=np.array(costs)[:, place],
            rand=np.array(rand),
            centers=centers,
            continued=start is not None,
        )
        for place, (margin, one) in enumerate(zip(grid.guard_margin, decided(labels, centers), strict=True))
    ]


def _separation(coordinates: Floats, labels: Integers) -> float:
    """Mean silhouette of evenly spread customers; zero where they all share a cluster."""
    rows = np.linspace(0, len(labels) - 1, min(len(labels), _SEPARATION_ROWS)).astype(int)
    clusters = len(np.unique(labels[rows]))
    return float(silhouette_score(coordinates[rows], labels[rows])) if 1 < clusters < len(rows) else 0.0
