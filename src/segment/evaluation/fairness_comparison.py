"""Whether a challenger treats groups worse than the champion does, on the same customers and outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.audit.groups import large_groups
from segment.audit.kinds import tier_decisions
from segment.evaluation.holdout import Holdout
from segment.model.quality import with_forecast_tier
from segment.statistics import Counts, Resamples, divided, interval

Floats = NDArray[np.float64]

FAIRNESS_METRICS = ("impact_ratio", "harm_ratio", "calibration_gap")


class FairnessDifference(NamedTuple):
    """One metric of one attribute."""

    champion: float  # champion, challenger: The worst over the groups.
    challenger: float
    worse: float  # How much worse the challenger's is
    low: float  # low, high: Ends of its 95 % interval over resamples of customers.
    high: float


@dataclass(frozen=True)
class Fairness:
    """What groups meet with either model."""

    attributes: tuple[str, ...] = ()  # Those that the ledger gives
    # By attribute and metric; only attributes with two groups of enough customers
    differences: Mapping[tuple[str, str], FairnessDifference] = field(default_factory=dict)


def compare_fairness(
    pairs: Sequence[tuple[Holdout, Holdout]], attributes: Sequence[pl.DataFrame], drawn: Resamples, least_group: int
) -> Fairness:
    """Compare the worst ratios and the worst bias between groups."""
    # `attributes`: A frame per pair, a column of words per attribute, rows in the order of its customers.
    ids = pl.concat([champion.frame["customer_id"] for champion, _ in pairs])
    words = pl.concat(attributes, how="diagonal")
    sides = [_outcomes([pair[side] for pair in pairs]) for side in (0, 1)]
    differences: dict[tuple[str, str], FairnessDifference] = {}
    for attribute in words.columns:
        first = words.select(attribute, customer_id=ids).unique("customer_id", keep="first", maintain_order=True)
        groups = large_groups(first[attribute], least_group)
        if len(groups) < 2:
            continue
        member = np.stack([(words[attribute] == group).fill_null(False).to_numpy() for group in groups], axis=1)
        worst = [_worst(drawn, member.astype(np.float64), side) for side in sides]
        for name in FAIRNESS_METRICS:
            differences[attribute, name] = _difference(name, worst[0][name], worst[1][name])
    return Fairness(tuple(words.columns), {key: row for key, row in differences.items() if np.isfinite(row.worse)})


def _outcomes(holdouts: Sequence[Holdout]) -> dict[str, Floats]:
    tiers = pl.concat([tier_decisions(with_forecast_tier(each.model, each.frame)["tier"]) for each in holdouts])
    return {
        **{name: tiers[name].cast(pl.Float64).to_numpy() for name in tiers.columns},
        "predicted": np.concatenate([each.predicted[:, 0] for each in holdouts]),
        "actual": np.concatenate([each.actual for each in holdouts]),
    }


def _worst(drawn: Resamples, member: Floats, side: Mapping[str, Floats]) -> dict[str, Floats]:
    """The worst group's metrics in each resample."""
    each = np.hstack([member, *(member * values[:, None] for values in side.values())])

    def summed(counts: Counts) -> dict[str, Floats]:
        return {"sums": each.sum(axis=0, keepdims=True) if counts is None else counts @ each}

    of, *parts = np.split(drawn.figures(summed)["sums"], 1 + len(side), axis=1)
    sums = dict(zip(side, parts, strict=True))
    high, low = divided(sums["high_value"], of), divided(sums["loss_making"], of)
    actual = np.where(sums["actual"] > 0, sums["actual"], np.nan)
    gap = np.abs(divided(sums["predicted"], actual) - 1.0)
    return {
        "impact_ratio": divided(high.min(axis=1), high.max(axis=1)),
        "harm_ratio": divided(low.max(axis=1), low.min(axis=1)),
        "calibration_gap": gap.max(axis=1),
    }


def _difference(name: str, champion: Floats, challenger: Floats) -> FairnessDifference:
    change = champion - challenger if name == "impact_ratio" else challenger - champion
    return FairnessDifference(float(champion[0]), float(challenger[0]), *interval(change))
