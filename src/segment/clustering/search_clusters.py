"""The search for clusters that are stable, that part well, and that agree with each customer's own figures."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, pairwise_distances_argmin, silhouette_score

from segment.arrays import Floats, Integers
from segment.clustering.candidate import Candidate, Grid, score
from segment.clustering.mapping import evaluate_bands
from segment.clustering.space import Space

BREAK_EVEN_BAND = 1
SEARCH_ROWS = 5_000
_SEPARATION_ROWS = 1_000


class PreviousClusters(NamedTuple):
    """Where the last model's clusters lie."""

    border_sharpness: float  # border_sharpness, behaviour_weight: Its setting.
    behaviour_weight: float
    centers: Floats  # (n_clusters, n_coordinates)


def search(
    space: Space, grid: Grid, random: np.random.RandomState, last: PreviousClusters | None = None
) -> list[Candidate]:
    """Try every setting on the same customers and the same bootstrap samples, and where the last clusters are now."""
    # Source: Ben-Hur, Elisseeff and Guyon, A stability based method for discovering structure in clustered data,
    # Pacific Symposium on Biocomputing 2002.
    seed = int(random.randint(2**31 - 1))
    draws = [random.randint(0, len(space), len(space)) for _ in range(grid.n_bootstraps)]
    tried = [_try(space, grid, setting, draws, seed, None) for setting in grid]
    if last is not None:
        setting = len(last.centers), last.border_sharpness, last.behaviour_weight
        tried.append(_try(space, grid, setting, draws, seed, last.centers))
    return tried


def fit_centers(space: Space, coordinates: Floats, n_clusters: int, seed: int) -> Floats:
    """Cluster by k-means and return the centres."""
    # Where borders are known the start is no draw of luck: the clusters are shared out among the bands by the square
    # root of their sizes, at least one to each, and each band is cut in slices of equal size along its main direction.
    # So a thin break-even band always has a cluster to start from, and like samples give like clusters.
    # `coordinates` (n_customers, n_coordinates): Of the same customers.
    # Returns ndarray of shape (n_clusters, n_coordinates): Fewer where there are fewer different customers.
    distinct = np.unique(coordinates, axis=0)
    if len(distinct) <= n_clusters:
        return distinct
    if space.has_borders:
        start = _start(space.bands, coordinates, n_clusters)
        return refine(coordinates, start)
    fitted = KMeans(n_clusters, n_init=4, random_state=seed).fit(coordinates)
    return np.asarray(fitted.cluster_centers_, dtype=np.float64)


def refine(coordinates: Floats, start: Floats) -> Floats:
    """Move centres to where the customers around them are."""
    # `coordinates` (n_customers, n_coordinates), `start` (n_clusters, n_coordinates). Returns ndarray of shape
    # (n_clusters, n_coordinates).
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


def _try(
    space: Space,
    grid: Grid,
    setting: tuple[int, float, float],
    draws: list[Integers],
    seed: int,
    start: Floats | None,
) -> Candidate:
    """Cluster the customers and each bootstrap sample with one setting."""
    n_clusters, sharpness, weight = setting
    coordinates = space.coordinates(sharpness, weight)

    def centers_of(rows: Integers | slice) -> Floats:
        if start is not None:
            return refine(coordinates[rows], start)
        return fit_centers(space.take(rows), coordinates[rows], n_clusters, seed)

    def evaluated(centers: Floats) -> tuple[Integers, float, Floats, float]:
        labels = np.asarray(pairwise_distances_argmin(coordinates, centers), dtype=np.intp)
        agreed, recalled = float("nan"), np.array([np.nan, np.nan])
        if space.has_borders:
            _, agreed, recalled = evaluate_bands(space, labels, len(centers), sharpness, grid.shrinkage_customers)
        return labels, agreed, recalled, _separation(coordinates, labels)

    centers = centers_of(slice(None))
    labels, agreed, recalled, separation = evaluated(centers)
    rand, scores = [], []
    for rows in draws:
        resampled, its_agreed, its_recalled, its_separation = evaluated(centers_of(rows))
        rand.append(adjusted_rand_score(labels, resampled))
        scores.append(score(rand[-1], its_separation, its_agreed, _least(its_recalled)))
    return Candidate(
        n_clusters=n_clusters,
        border_sharpness=sharpness,
        behaviour_weight=weight,
        stability=float(np.mean(rand)),
        separation=separation,
        agreement=agreed,
        break_even_recall=float(recalled[BREAK_EVEN_BAND]),
        least_recall=_least(recalled),
        scores=np.array(scores),
        centers=centers,
        continued=start is not None,
    )


def _least(recalled: Floats) -> float:
    present = recalled[~np.isnan(recalled)]
    return float(present.min()) if len(present) else float("nan")


def _separation(coordinates: Floats, labels: Integers) -> float:
    """Mean silhouette of evenly spread customers; zero where they all share a cluster."""
    rows = np.linspace(0, len(labels) - 1, min(len(labels), _SEPARATION_ROWS)).astype(int)
    clusters = len(np.unique(labels[rows]))
    return float(silhouette_score(coordinates[rows], labels[rows])) if 1 < clusters < len(rows) else 0.0
