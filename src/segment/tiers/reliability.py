"""How far the odds of tiers can be trusted: log loss, calibration, and what the early warning finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from segment.tiers.columns import TIERS

Floats = NDArray[np.float64]

BINS = 10
LEAST_CUSTOMERS = 30
WARNED_SHARE = 0.1

_LEAST_CHANCE = 1e-6


def odds_figures(odds: ArrayLike, came: Sequence[str | None]) -> dict[str, float]:
    """Measure the odds of tiers against the tiers of what came.

    Parameters
    ----------
    odds : array-like of shape (n, 4)
        Best tier first.
    came : sequence of str or None
        Of `realised_tiers`; None is left out.

    Returns
    -------
    dict of str to float
        `odds_log_loss` (nats), `odds_log_loss_of_shares` (of giving everyone the shares that came) and
        `odds_ece_<tier>` (expected calibration error in ten equally large bins). Empty where nothing came.

    References
    ----------
    Naeini, Cooper and Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning, AAAI 2015.

    Examples
    --------
    >>> figures = odds_figures([[0.0, 0.5, 0.5, 0.0]] * 2, ["valuable", "break_even"])
    >>> round(figures["odds_log_loss"], 3), figures["odds_ece_valuable"]
    (0.693, 0.0)
    """
    said, place = _known(odds, came)
    if not len(place):
        return {}
    shares = np.bincount(place, minlength=len(TIERS)) / len(place)
    found = {
        "odds_log_loss": float(-np.log(np.maximum(said[np.arange(len(place)), place], _LEAST_CHANCE)).mean()),
        "odds_log_loss_of_shares": float(-(shares[shares > 0] * np.log(shares[shares > 0])).sum()),
    }
    return found | {
        f"odds_ece_{tier}": expected_calibration_error(said[:, number], place == number)
        for number, tier in enumerate(TIERS)
    }


def expected_calibration_error(chance: ArrayLike, happened: ArrayLike, bins: int = BINS) -> float:
    """Mean distance between what was claimed and what came, over bins of as many customers each.

    Parameters
    ----------
    chance : array-like of shape (n,)
        Claimed probabilities.
    happened : array-like of bool, shape (n,)
        What came.
    bins : int
        Customers of equal chance stay in one bin.

    Returns
    -------
    float

    Examples
    --------
    >>> expected_calibration_error([0.2] * 5, [True, False, False, False, False])
    0.0
    """
    claimed, came = np.asarray(chance, dtype=np.float64), np.asarray(happened, dtype=np.float64)
    error = sum(abs(claimed[part].sum() - came[part].sum()) for part in _bins(claimed, bins))
    return float(error / max(len(claimed), 1))


def reliability_table(odds: ArrayLike, came: Sequence[str | None], bins: int = BINS) -> pl.DataFrame:
    """Compare claimed and realised shares, bin by bin.

    Parameters
    ----------
    odds, came
        As in `odds_figures`.
    bins : int
        Of as many customers each.

    Returns
    -------
    polars.DataFrame
        `tier`, `bin`, `customers`, `claimed`, `came`.
    """
    said, place = _known(odds, came)
    rows = [
        (tier, number, len(part), float(said[part, column].mean()), float((place[part] == column).mean()))
        for column, tier in enumerate(TIERS)
        for number, part in enumerate(_bins(said[:, column], bins))
    ]
    return pl.DataFrame(rows, schema=["tier", "bin", "customers", "claimed", "came"], orient="row")


def early_warning_figures(warning: ArrayLike, fell: ArrayLike) -> dict[str, float]:
    """Measure how well the early warning finds those who fall to a lower tier.

    Parameters
    ----------
    warning : array-like of shape (n,)
        `chance_of_lower_tier`.
    fell : array-like of bool, shape (n,)
        Who did.

    Returns
    -------
    dict of str to float
        `warning_auc`, `warning_precision_10` (of the tenth that was warned of most), `warning_recall_10`,
        `warning_base_rate` and `warning_ece`. Empty where nobody fell, or everybody did.

    Examples
    --------
    >>> figures = early_warning_figures([0.9] + [0.1] * 9, [True] + [False] * 9)
    >>> figures["warning_auc"], figures["warning_precision_10"], figures["warning_base_rate"]
    (1.0, 1.0, 0.1)
    """
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
    """Share of outcomes between P10 and P90, group by group.

    Parameters
    ----------
    inside : array-like of bool, shape (n,)
        Whether each outcome lay between the customer's P10 and P90.
    groups : mapping of str to polars.Series
        By name: each customer's group (`tier` as of the snapshot, `branch_size`).

    Returns
    -------
    dict of str to float
        `coverage_<name>_<group>`; groups of fewer than 30 customers are left out.

    Examples
    --------
    >>> coverage_by_group([True] * 24 + [False] * 6, {"tier": pl.Series(["valuable"] * 30)})
    {'coverage_tier_valuable': 0.8}
    """
    found: dict[str, float] = {}
    for name, group in groups.items():
        counted = pl.DataFrame({"group": group, "inside": np.asarray(inside, dtype=bool)}).drop_nulls()
        shares = counted.group_by("group").agg(pl.len(), pl.col("inside").mean()).sort("group")
        shares = shares.filter(pl.col("len") >= LEAST_CUSTOMERS)
        found |= {f"coverage_{name}_{row['group']}": float(row["inside"]) for row in shares.iter_rows(named=True)}
    return found


def branch_sizes(branch: pl.Series) -> pl.Series:
    """Call each customer's branch small, middle or large, by thirds of the branches.

    Parameters
    ----------
    branch : polars.Series
        Each customer's branch.

    Returns
    -------
    polars.Series

    Examples
    --------
    >>> branch_sizes(pl.Series(["a", "b", "b", "c", "c", "c"])).to_list()
    ['small', 'middle', 'middle', 'large', 'large', 'large']
    """
    size = pl.DataFrame({"branch": branch}).select(pl.len().over("branch")).to_series().to_numpy()
    thirds = np.quantile(size[branch.is_first_distinct().to_numpy()], [1 / 3, 2 / 3])
    return pl.Series(np.array(["small", "middle", "large"])[np.searchsorted(thirds, size, side="left")])


def _known(odds: ArrayLike, came: Sequence[str | None]) -> tuple[Floats, NDArray[np.intp]]:
    """Odds and places of the tiers that came, where one did."""
    place = np.array([-1 if tier is None else TIERS.index(tier) for tier in came], dtype=np.intp)
    return np.asarray(odds, dtype=np.float64).reshape(-1, len(TIERS))[place >= 0], place[place >= 0]


def _bins(chance: Floats, bins: int) -> list[NDArray[np.intp]]:
    """Rows in bins of about as many customers each; equal chances stay together."""
    order = np.argsort(chance, kind="stable")
    ordered = chance[order]
    wanted = np.linspace(0, len(chance), bins + 1).round().astype(int)[1:-1]
    inner = np.searchsorted(ordered, ordered[wanted[wanted < len(chance)]])
    starts = np.unique(np.concatenate([[0], inner, [len(chance)]]))
    return [order[low:high] for low, high in pairwise(starts) if high > low]
