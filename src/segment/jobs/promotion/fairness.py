"""Whether a challenger treats groups worse than the champion does, on the same customers and outcomes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.audit import large_groups
from segment.jobs.audit.decisions import tier_decisions
from segment.jobs.audit.people import people_at
from segment.jobs.audit.words import ATTRIBUTES
from segment.jobs.evaluation import Judged
from segment.jobs.gates import Gate
from segment.model import with_forecast_tier
from segment.policy import Policy
from segment.policy.promotion import Promotion
from segment.warehouse import Workspace

Floats = NDArray[np.float64]
Draws = Sequence[NDArray[np.intp]]

FIGURES = {
    "impact_ratio": "least ratio of high-value rates",
    "harm_ratio": "largest ratio of loss-making rates",
    "calibration_gap": "largest bias of a group",
}


class Worse(NamedTuple):
    """One figure of one attribute.

    Attributes
    ----------
    champion, challenger : float
        The worst over the groups.
    worse : float
        How much worse the challenger's is.
    low, high : float
        Ends of its 95 % interval over resamples of customers.
    """

    champion: float
    challenger: float
    worse: float
    low: float
    high: float


@dataclass(frozen=True)
class Fairness:
    """What groups meet with either model.

    Attributes
    ----------
    attributes : tuple of str
        Those that the ledger gives.
    found : dict of (str, str) to Worse
        By attribute and figure; only attributes with two groups of enough customers.
    """

    attributes: tuple[str, ...] = ()
    found: Mapping[tuple[str, str], Worse] = field(default_factory=dict)


def fairness_of(pairs: Sequence[tuple[Judged, Judged]], draws: Draws, workspace: Workspace, policy: Policy) -> Fairness:
    """Compare the worst ratios and the worst bias between groups.

    Parameters
    ----------
    pairs : sequence of (Judged, Judged)
        Champion and challenger, on the same rows.
    draws : sequence of array of int
        Rows of resamples over all moments; all of them first.
    workspace : Workspace
        Holds the protected columns.
    policy : Policy
        Its `[audit]`.

    Returns
    -------
    Fairness
    """
    ids = pl.concat([one.frame["customer_id"] for one, _ in pairs])
    words = pl.concat([_attributes(one, workspace, policy) for one, _ in pairs], how="diagonal")
    sides = [_outcomes([pair[side] for pair in pairs]) for side in (0, 1)]
    found: dict[tuple[str, str], Worse] = {}
    for attribute in words.columns:
        first = words.select(attribute, customer_id=ids).unique("customer_id", keep="first", maintain_order=True)
        groups = large_groups(first[attribute], policy.audit.least_group)
        if len(groups) < 2:
            continue
        member = np.stack([(words[attribute] == group).fill_null(False).to_numpy() for group in groups], axis=1)
        worst = [_worst(draws, member.astype(np.float64), side) for side in sides]
        for name in FIGURES:
            found[attribute, name] = _worse(name, worst[0][name], worst[1][name])
    return Fairness(tuple(words.columns), {key: one for key, one in found.items() if np.isfinite(one.worse)})


def fairness_gate(fairness: Fairness, limits: Promotion) -> Gate:
    """Hold a challenger to the champion's fairness.

    Parameters
    ----------
    fairness : Fairness
        From `fairness_of`.
    limits : Promotion
        How much worse a figure may be.

    Returns
    -------
    Gate
        It fails where a figure is worse by more than that and the interval of the difference leaves no doubt that it
        is worse, and where attributes are known and yet no two groups are large enough.

    References
    ----------
    DOMAIN.md 4.4 (g).
    """
    if not fairness.attributes:
        return Gate("fairness", True, "not known: the ledger gives no attribute to compare groups by")
    if not fairness.found:
        named = ", ".join(ATTRIBUTES[name] for name in fairness.attributes)
        return Gate("fairness", False, f"cannot be judged: no two groups by {named} have enough customers")
    failed = {key: one for key, one in fairness.found.items() if one.worse > limits.fairness_worse and one.low > 0}
    key, most = max((failed or fairness.found).items(), key=lambda item: item[1].worse)
    rest = f"; {len(failed)} figures are worse" if len(failed) > 1 else ""
    return Gate(
        "fairness", not failed,
        f"by {ATTRIBUTES[key[0]]}, {FIGURES[key[1]]} {most.challenger:.3f}, the champion's {most.champion:.3f}; "
        f"worse by {most.worse:+.3f}, 95 % from {most.low:+.3f} to {most.high:+.3f}, at most "
        f"{limits.fairness_worse:g}{rest}",
        {"champion": most.champion, "challenger": most.challenger, "worse": most.worse, "low": most.low},
    )  # fmt: skip


def _attributes(judged: Judged, workspace: Workspace, policy: Policy) -> pl.DataFrame:
    as_of: dt.date = judged.frame["as_of"].to_list()[0]
    return people_at(judged.frame["customer_id"], as_of, workspace, policy.audit).attributes


def _outcomes(judged: Sequence[Judged]) -> dict[str, Floats]:
    tiers = pl.concat([tier_decisions(with_forecast_tier(one.model, one.frame)["tier"]) for one in judged])
    return {
        **{name: tiers[name].cast(pl.Float64).to_numpy() for name in tiers.columns},
        "predicted": np.concatenate([one.predicted[:, 0] for one in judged]),
        "actual": np.concatenate([one.actual for one in judged]),
    }


def _worst(draws: Draws, member: Floats, side: Mapping[str, Floats]) -> dict[str, Floats]:
    """The worst group's figures in each resample."""
    summed = np.hstack([member, *(member * values[:, None] for values in side.values())])
    # one resample at a time: all of their counts together would not fit
    drawn = np.stack([np.bincount(rows, minlength=len(member)) @ summed for rows in draws])
    of, *parts = (np.asarray(part, dtype=np.float64) for part in np.split(drawn, 1 + len(side), axis=1))
    sums = dict(zip(side, parts, strict=True))
    high, low = _over(sums["high_value"], of), _over(sums["loss_making"], of)
    actual = np.where(sums["actual"] > 0, sums["actual"], np.nan)
    gap = np.abs(_over(sums["predicted"], actual) - 1.0)
    return {
        "impact_ratio": _over(high.min(axis=1), high.max(axis=1)),
        "harm_ratio": _over(low.max(axis=1), low.min(axis=1)),
        "calibration_gap": gap.max(axis=1),
    }


def _worse(name: str, champion: Floats, challenger: Floats) -> Worse:
    change = champion - challenger if name == "impact_ratio" else challenger - champion
    known = change[1:][np.isfinite(change[1:])]
    low, high = np.quantile(known, [0.025, 0.975]) if len(known) else (np.nan, np.nan)
    return Worse(float(champion[0]), float(challenger[0]), float(change[0]), float(low), float(high))


def _over(above: Floats, below: Floats) -> Floats:
    known = np.isfinite(below) & (below != 0)
    ratio: Floats = np.divide(above, below, out=np.full(np.shape(below), np.nan), where=known)
    return ratio
