"""Compare ways to cluster customers onto tiers, on banks that the simulator makes; print the tables of ADR 0004.

Three tables, over several seeds:

- methods: agreement with customers' own tiers, break-even recall, adjusted Rand index between the clusters and those
  of bootstrap samples, and seconds to fit over those of k-means in the same coordinates. Plain coordinates are
  standardised asinh of value and multiple of the branch, log coverage, and behaviour; policy-aware ones are those of
  `TierClustering`. A cluster has the tier in which its pooled figures lie, as `segment.clustering.mapping` pools them.
- the whole procedure: `TierClustering` fitted anew, search and all, on bootstrap samples.
- retrains: the share of unchanged customers who keep their cluster's name. Unchanged are the same snapshot's rows seen
  by both models; and, over a quarter, customers whose figures hardly moved (`_unmoved`).

Run from the repository's root:

    OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive .venv/bin/python -m benchmarks.clustering [CUSTOMERS [SEED ...]]
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from sklearn import cluster
from sklearn.metrics import adjusted_rand_score, pairwise_distances_argmin
from sklearn.mixture import GaussianMixture

from segment.banks.simulator import simulate_bank
from segment.clustering import TierClustering
from segment.clustering.mapping import evaluate_bands
from segment.clustering.space import Space, learn_scaling, place
from segment.features import target_name
from segment.jobs.build.extract import extract
from segment.jobs.build.snapshots import build_snapshots, stacked, training_dates
from segment.model import SegmentationModel
from segment.model.model_columns import BEHAVIOUR
from segment.model.scoring import BORDERS, CLUSTERED
from segment.model_folder import find_model_file
from segment.policy import load_policy
from segment.warehouse.stored_snapshots import SnapshotSource
from segment.workspace import Workspace

NOW, BEFORE = dt.date(2025, 12, 31), dt.date(2025, 9, 30)
K, SHARPNESS, WEIGHT, SHRINKAGE = 8, 8.0, 0.02, 2.0
BOOTSTRAPS = 5
ROWS_OF_SLOW_METHODS = 2_000
Fit = Callable[[np.ndarray, int], np.ndarray]


def main(customers: int, seeds: list[int]) -> None:
    """Print the tables."""
    banks = {seed: placed_bank(customers, seed) for seed in seeds}
    methods_table([frames[NOW] for frames in banks.values()])
    procedure_table([frames[NOW] for frames in banks.values()])
    retrain_table(list(banks.values()))


def placed_bank(customers: int, seed: int) -> dict[dt.date, pl.DataFrame]:
    """Simulate a bank and place its customers at two moments, each by a model trained at that moment."""
    policy = load_policy(find_model_file("retail.toml"))
    with tempfile.TemporaryDirectory() as folder:
        simulate_bank(Path(folder) / "bank", customers=customers, months=36, seed=seed)
        workspace = Workspace(Path(folder) / "workspace")
        extract(str(Path(folder) / "bank" / "ledger"), NOW, workspace, policy, n_jobs=1)
        return {moment: _placed(workspace, policy, moment) for moment in (BEFORE, NOW)}


def _placed(workspace: Workspace, policy: object, moment: dt.date) -> pl.DataFrame:
    moments = [*training_dates(workspace.customer_months, moment, 12), moment]
    snapshots = build_snapshots(SnapshotSource.read(workspace), policy, moments, n_jobs=1)  # type: ignore[arg-type]
    frame = stacked({day: snapshots[day] for day in moments}, 12)
    model = SegmentationModel.from_policy(policy)  # type: ignore[arg-type]
    model.fit(frame, frame[target_name(12)].to_numpy())
    found = model._placed(snapshots[moment], policy, model._forecast(snapshots[moment]))  # type: ignore[arg-type]  # what the model clusters, as it does
    return found.filter(~pl.col("standing").is_in(["new", "excluded"]))


def policy_aware(frame: pl.DataFrame) -> tuple[np.ndarray, Space]:
    """Coordinates of `TierClustering` at one setting, and the borders to judge by."""
    numbers = frame.select(CLUSTERED).cast(pl.Float64).fill_null(float("nan")).to_numpy()
    space = place(numbers, len(BORDERS), learn_scaling(numbers[:, len(BORDERS) + 2 :]))
    return space.coordinates(SHARPNESS, WEIGHT), space


def plain(frame: pl.DataFrame) -> np.ndarray:
    """Standardised value, multiple of the branch, coverage and behaviour, as k-means is usually given them."""
    value, mean_cost = pl.col("blended_contribution_12m"), pl.col("mean_cost")
    chosen = frame.select(
        (value / mean_cost).arcsinh(),
        (value / pl.col("branch_reference")).arcsinh().alias("multiple"),
        (1 + value / pl.col("cost_annual").clip(lower_bound=1.0)).clip(lower_bound=0.01).log().alias("coverage"),
        *(pl.col(name).cast(pl.Float64) for name in BEHAVIOUR),
    )
    numbers = chosen.fill_null(float("nan")).to_numpy()
    numbers = np.where(np.isnan(numbers), np.nanmedian(numbers, axis=0), numbers)
    return np.asarray((numbers - numbers.mean(axis=0)) / np.maximum(numbers.std(axis=0), 1e-9))


def _centres(labels: np.ndarray, points: np.ndarray) -> np.ndarray:
    return np.vstack([points[labels == one].mean(axis=0) for one in np.unique(labels[labels >= 0])])


def _by_labels(make: Callable[[int], object], rows: int | None = None) -> Fit:
    """A method without a rule for new customers: they join the nearest mean of what it found."""

    def fit(points: np.ndarray, seed: int) -> np.ndarray:
        chosen = points if rows is None else points[np.random.RandomState(seed).permutation(len(points))[:rows]]
        labels = make(seed).fit_predict(chosen)  # type: ignore[attr-defined]
        return _centres(labels, chosen) if (labels >= 0).any() else chosen.mean(axis=0, keepdims=True)

    return fit


def _mixture(points: np.ndarray, seed: int) -> np.ndarray:
    return np.asarray(GaussianMixture(K, covariance_type="diag", reg_covar=1e-4, random_state=seed).fit(points).means_)


def _quantile_grid(points: np.ndarray, seed: int) -> np.ndarray:
    """No learning at all: equal slices along the first coordinates' sum."""
    order = np.argsort(points[:, :3].sum(axis=1), kind="stable")
    return np.vstack([points[part].mean(axis=0) for part in np.array_split(order, K)])


METHODS: dict[str, Fit] = {
    "KMeans": lambda points, seed: cluster.KMeans(K, n_init=4, random_state=seed).fit(points).cluster_centers_,
    "MiniBatchKMeans": lambda points, seed: (
        cluster.MiniBatchKMeans(K, n_init=4, random_state=seed).fit(points).cluster_centers_
    ),
    "BisectingKMeans": lambda points, seed: cluster.BisectingKMeans(K, random_state=seed).fit(points).cluster_centers_,
    "Gaussian mixture, diagonal": _mixture,
    "Ward, on 2,000": _by_labels(lambda seed: cluster.AgglomerativeClustering(K), ROWS_OF_SLOW_METHODS),
    "BIRCH": _by_labels(lambda seed: cluster.Birch(threshold=0.3, n_clusters=K)),
    "HDBSCAN": _by_labels(lambda seed: cluster.HDBSCAN(min_cluster_size=40, copy=True)),
    "spectral, on 2,000": _by_labels(
        lambda seed: cluster.SpectralClustering(K, affinity="nearest_neighbors", random_state=seed),
        ROWS_OF_SLOW_METHODS,
    ),
    "quantile grid": _quantile_grid,
}


def measure(fit: Fit, points: np.ndarray, space: Space) -> list[float]:
    """Agreement, break-even recall, adjusted Rand index and seconds of one method on one bank."""
    began = time.perf_counter()
    centers = fit(points, 0)
    seconds = time.perf_counter() - began
    labels = pairwise_distances_argmin(points, centers)
    verdict = evaluate_bands(space, labels, len(centers), SHARPNESS, SHRINKAGE)
    random = np.random.RandomState(1)
    others = [fit(points[random.randint(0, len(points), len(points))], seed) for seed in range(BOOTSTRAPS)]
    rand = [adjusted_rand_score(labels, pairwise_distances_argmin(points, other)) for other in others]
    return [verdict.agreement, float(verdict.recalls[1]), float(np.mean(rand)), seconds]


def methods_table(frames: list[pl.DataFrame]) -> None:
    """Print every method in both kinds of coordinates: mean over banks, and the worst bank."""
    print(f"\n{K} clusters; mean over {len(frames)} banks of about {frames[0].height} customers (worst bank)")
    print("| coordinates | method | agreement | break-even recall | bootstrap ARI | fit time over KMeans |")
    print("|---|---|---|---|---|---|")
    for kind in ("plain", "policy-aware"):
        base = None
        for name, fit in METHODS.items():
            found = []
            for frame in frames:
                aware, space = policy_aware(frame)
                found.append(measure(fit, plain(frame) if kind == "plain" else aware, space))
            figures = np.array(found)
            base = figures[:, 3].mean() if base is None else base
            told = [f"{column.mean():.3f} ({column.min():.3f})" for column in figures[:, :3].T]
            print(f"| {kind} | {name} | {' | '.join(told)} | {figures[:, 3].mean() / base:.1f} |", flush=True)


def _clustering(seed: int) -> TierClustering:
    return TierClustering(borders=BORDERS, behaviour=BEHAVIOUR, random_state=seed)


def procedure_table(frames: list[pl.DataFrame]) -> None:
    """Print TierClustering with its defaults, at two sizes of bank."""
    print("\nTierClustering with its defaults; the whole search anew on each of three bootstrap samples")
    print("| customers | clusters | agreement | break-even recall | stability reported | whole procedure's ARI |")
    print("|---|---|---|---|---|---|")
    for size in (300, 500, frames[0].height):
        found = []
        for frame in frames:
            people = frame.sample(min(size, frame.height), seed=1, shuffle=True)
            model = _clustering(0).fit(people)
            others = [_clustering(seed).fit(_resampled(people, seed)).predict(people) for seed in (1, 2, 3)]
            rand = np.mean([adjusted_rand_score(model.labels_, other) for other in others])
            found.append(
                (len(model.cluster_names_), model.agreement_, model.break_even_recall_, model.stability_, rand)
            )
        columns = np.array(found).T
        told = " | ".join(f"{column.mean():.3f} ({column.min():.3f})" for column in columns[1:])
        print(f"| {size} | {columns[0].min():.0f}-{columns[0].max():.0f} | {told} |", flush=True)


def _resampled(frame: pl.DataFrame, seed: int) -> pl.DataFrame:
    return frame.sample(frame.height, with_replacement=True, seed=seed)


def retrain_table(banks: list[dict[dt.date, pl.DataFrame]]) -> None:
    """Print how many unchanged customers keep their cluster's name."""
    print("\nShare of unchanged customers who keep their cluster's name: mean over banks (worst bank)")
    print("| retrained on | kept |\n|---|---|")
    kept: dict[str, list[float]] = {}
    for frames in banks:
        now, before = frames[NOW], frames[BEFORE]
        first = _clustering(0).fit(now)
        for seed in (1, 2):
            again = _clustering(seed).fit(_resampled(now, seed), previous=first)
            kept.setdefault("another bootstrap sample", []).append(_same(first, again, now, now))
        again = _clustering(9).fit(now, previous=first)
        kept.setdefault("another seed", []).append(_same(first, again, now, now))
        past = _clustering(0).fit(before)
        later = _clustering(1).fit(now, previous=past)
        kept.setdefault("a quarter later, the same snapshot by both", []).append(_same(past, later, now, now))
        then, since = _unmoved(before, now)
        kept.setdefault("a quarter later, customers who hardly moved", []).append(_same(past, later, then, since))
        fresh = _clustering(1).fit(now).match_to(past)
        kept.setdefault("a quarter later, without starting from the last", []).append(_same(past, fresh, now, now))
    for name, shares in kept.items():
        print(f"| {name} | {np.mean(shares):.3f} ({min(shares):.3f}) |")


def _same(first: TierClustering, second: TierClustering, then: pl.DataFrame, now: pl.DataFrame) -> float:
    return float(np.mean(first.predict_name(then) == second.predict_name(now)))


def _unmoved(before: pl.DataFrame, now: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Customers of both moments whose place among the borders and whose behaviour hardly changed."""
    both = sorted(set(before["customer_id"]) & set(now["customer_id"]))
    frames = [frame.filter(pl.col("customer_id").is_in(both)).sort("customer_id") for frame in (before, now)]
    spaces = [policy_aware(frame)[1] for frame in frames]
    moved = np.abs(spaces[0].behaviour - spaces[1].behaviour).max(axis=1)
    value = np.abs(np.tanh(spaces[0].distances) - np.tanh(spaces[1].distances)).max(axis=1)
    still = pl.Series((moved < 0.25) & (value < 0.1))
    return frames[0].filter(still), frames[1].filter(still)


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of methods that are compared, such as a graph in several parts
        given = [int(argument) for argument in sys.argv[1:]] or [3_000, 11, 12, 13]
        main(given[0], given[1:] or [11, 12, 13])
