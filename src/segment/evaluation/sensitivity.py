"""What other assumptions would make of the tiers: cost, funds transfer pricing, and the weight of the past."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from segment.model import SegmentationModel
from segment.model.scoring import FUTURE, placed, with_future_value
from segment.policy import Policy
from segment.tiers import TIERS
from segment.tiers.borders import with_own_tier
from segment.tiers.standing import has_tier

_PART_OF_A_YEAR = pl.col("months_observed").clip(1, 12) / 12.0
COST_SHIFT, FTP_SHIFT, WEIGHT_SHIFT = 0.20, 0.005, 0.2


@dataclass(frozen=True)
class SensitivityScenario:
    """Another assumption and the tiers it gives."""

    name: str  # What is assumed
    changed_share: float  # Share of the customers whose own tier differs
    shares: dict[str, float]  # Of the customers, by tier


def sensitivity(model: SegmentationModel, snapshot: pl.DataFrame, policy: Policy) -> list[SensitivityScenario]:
    """Place the customers again under other assumptions; clusters and guards are left out of it."""
    # Cost moves the past year and the next alike. A change of the transfer rate moves the income of deposits up by as
    # much as it moves that of loans down. The forecast is moved by the same amount, not made again: a model that has
    # never seen such costs has nothing to say about them.
    frame = with_future_value(snapshot, model.predict_future_value(snapshot))
    as_is = _own_tiers(frame, policy)
    balances = pl.col("deposits_12m").fill_null(0.0) - pl.col("debt_12m").fill_null(0.0)
    cost = pl.col("cost_12m").fill_null(0.0) / _PART_OF_A_YEAR
    tiers_by_name = [("as the policy says", as_is)]
    for sign, word in ((1.0, "+"), (-1.0, "−")):
        dearer = _shifted(frame, -sign * COST_SHIFT * cost).with_columns(
            (pl.col("cost_12m") * (1.0 + sign * COST_SHIFT)).alias("cost_12m")
        )
        moved = _shifted(frame, sign * FTP_SHIFT * balances)
        tiers_by_name += [
            (f"cost to serve {word}20 %", _own_tiers(dearer, policy)),
            (f"transfer rate {word}50 basis points", _own_tiers(moved, policy)),
        ]
    for weight in (policy.tiers.own_weight - WEIGHT_SHIFT, policy.tiers.own_weight + WEIGHT_SHIFT):
        weighed = policy.tiers.model_copy(update={"own_weight": float(np.clip(weight, 0.0, 1.0))})
        own = _own_tiers(frame, policy.model_copy(update={"tiers": weighed}))
        tiers_by_name.append((f"weight of the past {weighed.own_weight:g}", own))
    return [_scenario(name, tiers, as_is) for name, tiers in tiers_by_name]


def _shifted(frame: pl.DataFrame, annual: pl.Expr) -> pl.DataFrame:
    """Move what tiers are made of by an amount a year."""
    return frame.with_columns(
        (pl.col("contribution_winsorised_12m") + annual * _PART_OF_A_YEAR).alias("contribution_winsorised_12m"),
        *((pl.col(name) + annual).alias(name) for name in FUTURE),
    )


def _own_tiers(frame: pl.DataFrame, policy: Policy) -> pl.Series:
    return with_own_tier(placed(frame, policy)).filter(has_tier())["own_tier"]


def _scenario(name: str, tiers: pl.Series, as_is: pl.Series) -> SensitivityScenario:
    shares = {str(tier): float((tiers == tier).sum()) / max(len(tiers), 1) for tier in TIERS}
    return SensitivityScenario(name, float((tiers != as_is).sum()) / max(len(tiers), 1), shares)
