"""How far the odds of tiers can be trusted: log loss, calibration, and what the early warning finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from segment.arrays import Floats, Integers
from segment.tiers.tier_columns import TIERS

BINS = 10
LEAST_CUSTOMERS = 30
WARNED_SHARE = 0.1

_LEAST_CHANCE = 1e-6


def odds_metrics(odds: ArrayLike, came: Sequence[str | None]) -> dict[str, float]:
    """Measure the odds of tiers against the tiers of what came."""
    # `odds` (n, 4): Best tier first.
    # Source: Naeini, Cooper and Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning, AAAI 2015.
    claimed, place = _known(odds, came)
    if not len(place):
        return {}
    shares = np.bincount(place, minlength=len(TIERS)) / len(place)
    metrics = {
        "odds_log_loss": float(-np.log(np.maximum(claimed[np.arange(len(place)), place], _LEAST_CHANCE)).mean()),
        "odds_log_loss_of_shares": float(-(shares[shares > 0] * np.log(shares[shares > 0])).sum()),
    }
    return metrics | {
        f"odds_ece_{tier}": expected_calibration_error(claimed[:, number], place == number)
        for number, tier in enumerate(TIERS)
    }


def expected_calibration_error(chance: ArrayLike, happened: ArrayLike, bins: int = BINS) -> float:
    """Mean distance between what was claimed and what came, over bins of as many customers each."""
    # `chance` (n,): Claimed probabilities.
    # `happened` (n,): What came.
    claimed, came = np.asarray(chance, dtype=np.float64), np.asarray(happened, dtype=np.float64)
    error = sum(abs(claimed[part].sum() - came[part].sum()) for part in _bins(claimed, bins))
    return float(error / max(len(claimed), 1))


def early_warning_metrics(warning: ArrayLike, fell: ArrayLike) -> dict[str, float]:
    """Measure how well the early warning finds those who fall to a lower tier."""
    # `warning` (n,): `chance_of_lower_tier`.
    # `fell` (n,): Who did.
    claimed, came = np.asarray(warning, dtype=np.float64), np.asarray(fell, dtype=bool)
    if not came.any() or came.all():
        return {}
    rank = pl.Series(claimed).rank("average").to_numpy()
    falls, stays = int(came.sum()), int((~came).sum())
    warned = np.argsort(-claimed, kind="stable")[: max(1, round(WARNED_SHARE * len(claimed)))]
    return {
        "warning_auc": float((rank[came].sum() - falls * (falls + 1) / 2) / (falls * stays)),
        "warning_precision_10": float(came[warned].mean()),
        "warning_recall_10": float(came[warned].sum() / falls),
        "warning_base_rate": float(came.mean()),
        "warning_ece": expected_calibration_error(claimed, came),
    }


def coverage_by_group(inside: ArrayLike, groups: Mapping[str, pl.Series]) -> dict[str, float]:
    """Share of outcomes between P10 and P90, group by group."""
    # `inside` (n,): Whether each outcome lay between the customer's P10 and P90.
    coverage: dict[str, float] = {}
    for name, group in groups.items():
        counted = pl.DataFrame({"group": group, "inside": np.asarray(inside, dtype=bool)}).drop_nulls()
        shares = counted.group_by("group", maintain_order=True).agg(pl.len(), pl.col("inside").mean()).sort("group")
        shares = shares.filter(pl.col("len") >= LEAST_CUSTOMERS)
        coverage |= {f"coverage_{name}_{row['group']}": float(row["inside"]) for row in shares.iter_rows(named=True)}
    return coverage


def branch_sizes(branch: pl.Series) -> pl.Series:
    """Call each customer's branch small, middle or large, by thirds of the branches."""
    size = pl.DataFrame({"branch": branch}).select(pl.len().over("branch")).to_series().to_numpy()
    thirds = np.quantile(size[branch.is_first_distinct().to_numpy()], [1 / 3, 2 / 3])
    return pl.Series(np.array(["small", "middle", "large"])[np.searchsorted(thirds, size, side="left")])


def _known(odds: ArrayLike, came: Sequence[str | None]) -> tuple[Floats, Integers]:
    """Odds and places of the tiers that came, where one did."""
    place = np.array([-1 if tier is None else TIERS.index(tier) for tier in came], dtype=np.intp)
    return np.asarray(odds, dtype=np.float64).reshape(-1, len(TIERS))[place >= 0], place[place >= 0]


def _bins(chance: Floats, bins: int) -> list[Integers]:
    """Rows in bins of about as many customers each; equal chances stay together."""
    order = np.argsort(chance, kind="stable")
    ordered = chance[order]
    wanted = np.linspace(0, len(chance), bins + 1).round().astype(int)[1:-1]
    inner = np.searchsorted(ordered, ordered[wanted[wanted < len(chance)]])
    starts = np.unique(np.concatenate([[0], inner, [len(chance)]]))
    return [order[low:high] for low, high in pairwise(starts) if high > low]
