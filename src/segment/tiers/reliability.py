"""How far the odds of tiers can be trusted: log loss, calibration, and what the early warning finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from segment.arrays import Floats, Integers
from segment.metrics import expected_calibration_error, mean_of, roc_auc, top_mean
from segment.statistics import (
    FOR_STANDARD_ERRORS,
    STANDARD_ERROR,
    Counts,
    Resamples,
    divided,
    with_standard_errors,
)
from segment.tiers.tier_columns import TIERS

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
    lost = -np.log(np.maximum(claimed[np.arange(len(place)), place], _LEAST_CHANCE))

    def measured(counts: Counts) -> dict[str, Floats]:
        return {"odds_log_loss": mean_of(lost, counts=counts)} | {
            f"odds_ece_{tier}": expected_calibration_error(place == number, claimed[:, number], counts=counts)
            for number, tier in enumerate(TIERS)
        }

    figures = Resamples(len(place), FOR_STANDARD_ERRORS).affordable.figures(measured)
    by_shares = float(-(shares[shares > 0] * np.log(shares[shares > 0])).sum())
    return {**with_standard_errors(figures), "odds_log_loss_of_shares": by_shares}


def early_warning_metrics(warning: ArrayLike, fell: ArrayLike) -> dict[str, float]:
    """Measure how well the early warning finds those who fall to a lower tier."""
    # `warning` (n,): `chance_of_lower_tier`.
    # `fell` (n,): Who did.
    claimed, came = np.asarray(warning, dtype=np.float64), np.asarray(fell, dtype=bool)
    if not came.any() or came.all():
        return {}
    warned = max(1, round(WARNED_SHARE * len(claimed)))

    def measured(counts: Counts) -> dict[str, Floats]:
        precision, rate = top_mean(came, claimed, counts=counts, most=warned), mean_of(came, counts=counts)
        return {
            "warning_auc": roc_auc(came, claimed, counts=counts),
            "warning_precision_10": precision,
            "warning_recall_10": divided(precision * warned, rate * len(came)),
            "warning_base_rate": rate,
            "warning_ece": expected_calibration_error(came, claimed, counts=counts),
        }

    return with_standard_errors(Resamples(len(came), FOR_STANDARD_ERRORS).affordable.figures(measured))


def coverage_by_group(inside: ArrayLike, groups: Mapping[str, pl.Series]) -> dict[str, float]:
    """Share of outcomes between P10 and P90, group by group."""
    # `inside` (n,): Whether each outcome lay between the customer's P10 and P90.
    coverage: dict[str, float] = {}
    for name, group in groups.items():
        counted = pl.DataFrame({"group": group, "inside": np.asarray(inside, dtype=bool)}).drop_nulls()
        shares = counted.group_by("group", maintain_order=True).agg(pl.len(), pl.col("inside").mean()).sort("group")
        for part, size, share in shares.filter(pl.col("len") >= LEAST_CUSTOMERS).iter_rows():
            error = float(np.sqrt(share * (1.0 - share) / size))
            coverage |= {f"coverage_{name}_{part}": share, f"coverage_{name}_{part}{STANDARD_ERROR}": error}
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
